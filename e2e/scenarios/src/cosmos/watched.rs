//! What the relayer between two chains tells of its packets and of money, by its command line and its HTTP interface, and how long
//! that may take.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::relayed::{LOOK_EVERY, Relayed};
use super::sent_packets::{Meant, Sent};

/// How long the relayer may take to find out that a client was deceived.
const FOUND_WITHIN: Duration = Duration::from_secs(120);

impl Relayed {
    /// Waits until the relayer knows a packet; returns how many it knows.
    ///
    /// # Errors
    /// It knows none after the time `within`, or does not run.
    pub(crate) async fn wait_until_known(&mut self, within: Duration) -> Result<usize> {
        let begun = Instant::now();
        loop {
            self.check_runs()?;
            let known = self.packets().await?.len();
            if known > 0 {
                return Ok(known);
            }
            ensure!(
                begun.elapsed() < within,
                "the relayer knows no packet after {} s",
                within.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// All packets that the relayer knows.
    ///
    /// # Errors
    /// The command fails.
    pub(crate) async fn packets(&self) -> Result<Vec<Value>> {
        let mut packets = Vec::new();
        // No list is longer than a thousand.
        for end in &self.ends {
            let words = [
                "packet",
                "list",
                "--all",
                "--limit",
                "1000",
                "--end",
                end.as_str(),
            ];
            let listed = self.ask(&words).await?;
            let sent = listed.as_array().cloned();
            packets.extend(sent.with_context(|| format!("`packet list` is no list: {listed}"))?);
        }
        Ok(packets)
    }

    /// Waits until all of `sent` have ended as they had to, by the relayer's own account; returns how long that took.
    ///
    /// # Errors
    /// One has not after the time `within`, or ended otherwise; or the relayer does not run.
    pub(crate) async fn wait_until_ended(&mut self, sent: &[Sent], within: Duration) -> Result<Duration> {
        let begun = Instant::now();
        loop {
            self.check_runs()?;
            let listed = self.packets().await?;
            let open = self.open(sent, &listed)?;
            if open.is_empty() {
                return Ok(begun.elapsed());
            }
            ensure!(
                begun.elapsed() < within,
                "after {} s these have not ended:\n  {}",
                within.as_secs(),
                open.join("\n  ")
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the acknowledgements of all of `sent` are in a block of the chain that sent them, which is where whoever sent them has
    /// his answer; that this is proven, too, the relayer finds out when nothing else is to be done. Returns how long that took, and how
    /// many of `all` were not back then.
    ///
    /// # Errors
    /// One is not after the time `within`, or the relayer does not run.
    pub(crate) async fn wait_until_back(
        &mut self,
        sent: &[Sent],
        all: &[Sent],
        within: Duration,
    ) -> Result<(Duration, usize)> {
        let begun = Instant::now();
        loop {
            self.check_runs()?;
            let listed = self.packets().await?;
            let back = self.back(&listed);
            if sent.iter().all(|one| back.contains(&self.name_of(one))) {
                let others = all.iter().filter(|one| !back.contains(&self.name_of(one)));
                return Ok((begun.elapsed(), others.count()));
            }
            ensure!(
                begun.elapsed() < within,
                "after {} s packets are not back that were sent while others lay there",
                within.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// The names of those that are back.
    fn back(&self, listed: &[Value]) -> BTreeSet<String> {
        let is_back = |view: &&Value| {
            view["is_final"] == true || (view["leg"] == "acknowledge" && view["stage"] == "included")
        };
        let back = listed.iter().filter(is_back);
        back.filter_map(|view| view["packet"].as_str().map(str::to_owned))
            .collect()
    }

    fn name_of(&self, sent: &Sent) -> String {
        format!("{}/{}", self.ends[sent.from], sent.sequence)
    }

    /// Those of the packets that have not ended, as the relayer tells of them.
    fn open(&self, sent: &[Sent], listed: &[Value]) -> Result<Vec<String>> {
        let mut open = Vec::new();
        for one in sent {
            let name = self.name_of(one);
            let Some(view) = listed.iter().find(|view| view["packet"] == name.as_str()) else {
                open.push(format!("{name}: the relayer does not know it"));
                continue;
            };
            if view["is_final"] != true {
                open.push(view.to_string());
                continue;
            }
            let meant = match one.meant {
                Meant::Acked | Meant::Refused => "acked",
                Meant::TimedOut => "timed-out",
            };
            ensure!(view["stage"] == meant, "{name} should be {meant}: {view}");
        }
        Ok(open)
    }

    /// Waits until the relayer has found out what the client at one of the ends was made to believe, and the client is frozen. Says in a
    /// line what was found.
    ///
    /// - `what`: what that is, and a number in it that the relayer has to name.
    /// - `is_frozen`: what the chain says of that.
    ///
    /// # Errors
    /// One of them is not so in time, or the relayer does not name what the client believes.
    pub(crate) async fn wait_until_found_out(
        &mut self,
        side: usize,
        (what, number): (&str, u64),
        is_frozen: impl AsyncFn() -> Result<bool>,
    ) -> Result<String> {
        let (begun, client) = (Instant::now(), self.client(side).to_owned());
        loop {
            self.check_runs()?;
            let [stopped, doubted] = self.told_of(side).await.unwrap_or_default();
            let is_told = stopped.as_ref().is_some_and(|why| why.contains("misbehaviour"));
            let is_frozen = is_frozen().await?;
            if is_told && is_frozen {
                let doubted = doubted.context("the relayer does not say what the client believed")?;
                ensure!(
                    doubted.contains(&number.to_string()),
                    "the relayer does not name {number}: {doubted}"
                );
                return Ok(format!(
                    "{client} was made to believe {what}; the relayer found it out and it is frozen after {} s: \
                     {doubted}",
                    begun.elapsed().as_secs()
                ));
            }
            ensure!(
                begun.elapsed() < FOUND_WITHIN,
                "{} s after {client} was deceived: frozen {is_frozen}, stopped {stopped:?}, doubted {doubted:?}",
                FOUND_WITHIN.as_secs(),
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// Checks that what the relayer holds and pays on the chain at one of the ends is told in `unit`.
    ///
    /// # Errors
    /// It is not, or the relayer does not answer.
    pub(crate) async fn check_money(&self, side: usize, unit: &str) -> Result<()> {
        let name = &self.chains[side].name;
        let status: Value = self.get("v1/status").await?.json().await?;
        let chains = status["chains"].as_array().context("a status without chains")?;
        let chain = chains.iter().find(|chain| chain["chain"] == name.as_str());
        let chain = chain.with_context(|| format!("no chain {name} in {status}"))?;
        ensure!(chain["balance"]["unit"] == unit, "the balance is told as {chain}");
        let metrics = self.get("metrics").await?.text().await?;
        let spent = format!("weighbridge_spent_total{{chain=\"{name}\",unit=\"{unit}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&spent));
        let amount = line.and_then(|text| text.parse::<f64>().ok());
        ensure!(
            amount.is_some_and(|amount| amount > 0.0),
            "no {spent}in\n{metrics}"
        );
        Ok(())
    }
}
