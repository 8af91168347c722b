//! The relayer between two running chains of which at least one is a Cosmos chain, through its command line and its HTTP interface:
//! what an operator has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::entry::Entry;
use super::pace::Pace;
use crate::draft::free_port;
use crate::program::{Daemon, Program};

/// How long the relayer may take to be ready after a start, and to stop.
const START_WITHIN: Duration = Duration::from_secs(60);
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A relayer with one path.
#[derive(Debug)]
pub(crate) struct Relayed {
    program: Program,
    pub(super) chains: [Entry; 2],
    pace: Pace,
    config: PathBuf,
    log: PathBuf,
    /// Where its HTTP interface listens.
    port: u16,
    /// Both ends, as chain/client or as chain/port/channel.
    pub(crate) ends: [String; 2],
    /// The clients of both ends, as chain/client.
    clients: [String; 2],
    daemon: Option<Daemon>,
}

impl Relayed {
    /// Makes a client of each chain on the other, pairs them, and starts the relayer. Everything that is written lies in
    /// `folder`.
    ///
    /// # Errors
    /// Any step fails; the error carries the command's own words.
    pub(crate) async fn build(
        program: Program,
        chains: [Entry; 2],
        pace: Pace,
        folder: &Path,
    ) -> Result<Self> {
        let mut path = Self::new(program, chains, pace, folder)?;
        path.write_config("")?;
        path.ends = [path.create_client(0).await?, path.create_client(1).await?];
        path.clients = path.ends.clone();
        let [a, b] = path.ends.clone();
        path.ask(&["path", "create", "--a", &a, "--b", &b]).await?;
        path.write_config(&format!("\n[[paths]]\na = \"{a}\"\nb = \"{b}\"\n"))?;
        path.check().await?;
        path.start().await?;
        Ok(path)
    }

    /// Opens a channel of transfers between the chains, with new clients under it, and takes it over as whoever replaces
    /// another relayer does: by `path import` alone. The relayer is not started. Everything that is written lies in `folder`.
    ///
    /// # Errors
    /// Any step fails; the error carries the command's own words.
    pub(crate) async fn over_channel(
        program: Program,
        chains: [Entry; 2],
        pace: Pace,
        folder: &Path,
    ) -> Result<Self> {
        let mut path = Self::new(program, chains, pace, folder)?;
        path.write_config("")?;
        let opened = path.open_channel().await?;
        let ends = ["a", "b"].map(|side| opened[side]["end"].as_str().unwrap_or_default());
        let imported = path.ask(&["path", "import", "--channel", ends[0]]).await?;
        for (side, name) in ["a", "b"].into_iter().enumerate() {
            let read = &imported[name];
            ensure!(
                read["end"] == ends[side],
                "{} was opened, and {read} is imported",
                ends[side]
            );
            let client = read["client"].as_str().context("an end without a client")?;
            path.clients[side] = format!("{}/{client}", path.chains[side].name);
        }
        path.ends = ends.map(str::to_owned);
        let section = imported["section"].as_str();
        path.write_config(section.context("`path import` writes no section")?)?;
        path.check().await?;
        Ok(path)
    }

    fn new(program: Program, chains: [Entry; 2], pace: Pace, folder: &Path) -> Result<Self> {
        Ok(Self {
            program,
            chains,
            pace,
            config: folder.join("relayer.toml"),
            log: folder.join("relayer.log"),
            port: free_port()?,
            ends: Default::default(),
            clients: Default::default(),
            daemon: None,
        })
    }

    /// What packets name of one of the ends: its client, or its channel.
    pub(crate) fn client(&self, side: usize) -> &str {
        let end = self.ends[side].as_str();
        end.rsplit_once('/').map_or(end, |(_, last)| last)
    }

    async fn open_channel(&self) -> Result<Value> {
        let [a, b] = self.chains.each_ref();
        let words = ["channel", "create", "--a", &a.name, "--b", &b.name];
        let terms = a.terms.iter().map(String::as_str);
        let words: Vec<&str> = words.into_iter().chain(terms).collect();
        self.ask(&words).await
    }

    async fn create_client(&self, side: usize) -> Result<String> {
        let (host, tracked) = (&self.chains[side], &self.chains[1 - side]);
        let words = [
            "client",
            "create",
            "--host",
            &host.name,
            "--tracked",
            &tracked.name,
        ];
        let terms = host.terms.iter().map(String::as_str);
        let words: Vec<&str> = words.into_iter().chain(terms).collect();
        let made = self.ask(&words).await?;
        let end = made["end"].as_str().map(str::to_owned);
        end.with_context(|| format!("`client create` does not say what it made: {made}"))
    }

    /// Checks by `path status` and `client status` that both ends are what they should be and that both clients work.
    ///
    /// # Errors
    /// A rule is broken, a client is not active, or a command fails.
    pub(crate) async fn check(&self) -> Result<()> {
        let path = self.ask(&["path", "status"]).await?;
        ensure!(
            path["ok"] == true,
            "`path status` finds something wrong: {path:#}"
        );
        for side in 0..2 {
            self.trusted_height(side).await?;
        }
        Ok(())
    }

    /// The height that the client at one of the ends trusts.
    ///
    /// # Errors
    /// It is no active client of its kind with a counterparty, or the command fails.
    pub(crate) async fn trusted_height(&self, side: usize) -> Result<u64> {
        let end = &self.clients[side];
        let client = self.client_status(side).await?;
        // Under a channel it has none of its own.
        let is_paired = self.ends != self.clients || client["counterparty"].is_string();
        let is_well = client["status"] == "active" && client["kind"] == self.chains[side].kind && is_paired;
        ensure!(is_well, "`client status` of {end} says {client:#}");
        client["height"]
            .as_u64()
            .with_context(|| format!("the client of {end} has no height"))
    }

    /// What both clients trust.
    ///
    /// # Errors
    /// As [`Self::trusted_height`].
    pub(crate) async fn trusted_heights(&self) -> Result<[u64; 2]> {
        Ok([self.trusted_height(0).await?, self.trusted_height(1).await?])
    }

    /// The newest period whose committee the client at one of the ends knows.
    ///
    /// # Errors
    /// It follows no beacon chain, or the command fails.
    pub(crate) async fn newest_period(&self, side: usize) -> Result<u64> {
        let client = self.client_status(side).await?;
        let periods = client["committee_periods"].as_array().into_iter().flatten();
        let newest = periods.filter_map(Value::as_u64).max();
        newest.with_context(|| format!("{} knows no committee: {client:#}", self.clients[side]))
    }

    /// Updates the client at one of the ends by hand, as an operator does while the relayer does not run.
    ///
    /// # Errors
    /// The command fails.
    pub(crate) async fn update_client(&self, side: usize) -> Result<()> {
        let tracked = &self.chains[1 - side].name;
        let words = [
            "client",
            "update",
            "--client",
            &self.clients[side],
            "--tracked",
            tracked,
        ];
        self.ask(&words).await.map(drop)
    }

    async fn client_status(&self, side: usize) -> Result<Value> {
        self.ask(&["client", "status", "--client", &self.clients[side]])
            .await
    }

    /// Waits until both clients trust more than `before`; returns what they trust.
    ///
    /// # Errors
    /// One does not after the time `within`, or the relayer does not run.
    pub(crate) async fn wait_until_refreshed(
        &mut self,
        before: [u64; 2],
        within: Duration,
    ) -> Result<[u64; 2]> {
        let begun = Instant::now();
        loop {
            self.check_runs()?;
            let after = self.trusted_heights().await?;
            if after.iter().zip(&before).all(|(after, before)| after > before) {
                return Ok(after);
            }
            ensure!(
                begun.elapsed() < within,
                "clients at {before:?} are at {after:?} after {} s without packets",
                within.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// Starts the relayer and waits until it is ready.
    ///
    /// # Errors
    /// It runs already, ends, or is not ready in time.
    pub(crate) async fn start(&mut self) -> Result<()> {
        self.start_unready()?;
        let begun = Instant::now();
        loop {
            let health = self.get("health").await;
            let said = match health {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            ensure!(
                begun.elapsed() < START_WITHIN,
                "the relayer is not ready within {} s: {said}",
                START_WITHIN.as_secs()
            );
            self.check_runs()?;
            sleep(LOOK_EVERY).await;
        }
    }

    /// Starts the relayer, which may never be ready: something is wrong with a client.
    ///
    /// # Errors
    /// It runs already or does not start.
    pub(crate) fn start_unready(&mut self) -> Result<()> {
        ensure!(self.daemon.is_none(), "the relayer runs already");
        self.daemon = Some(self.program.start(&self.config, &self.log)?);
        Ok(())
    }

    /// What the relayer tells of one of the ends: why it is stopped, and what its client believes that is not so.
    ///
    /// # Errors
    /// It does not run, or does not know that end.
    pub(crate) async fn told_of(&mut self, side: usize) -> Result<[Option<String>; 2]> {
        let end = self.end(side).await?;
        Ok(["stopped", "doubted"].map(|field| end[field].as_str().map(str::to_owned)))
    }

    /// How one of the ends stands.
    async fn end(&mut self, side: usize) -> Result<Value> {
        self.check_runs()?;
        let status: Value = self.get("v1/status").await?.json().await?;
        let paths = status["paths"].as_array().context("a status without paths")?;
        let mut ends = paths.iter().flat_map(|path| [&path["a"], &path["b"]]);
        let end = ends.find(|end| end["end"] == self.ends[side].as_str());
        end.cloned()
            .with_context(|| format!("no end {} in {status}", self.ends[side]))
    }

    /// Kills the relayer as a power cut would.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let daemon = self.daemon.take().context("the relayer does not run")?;
        daemon.kill().await
    }

    /// Asks it to stop.
    ///
    /// # Errors
    /// It does not run or does not stop.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let daemon = self.daemon.take().context("the relayer does not run")?;
        daemon.stop(START_WITHIN).await
    }

    /// The same, where it may have been stopped before.
    ///
    /// # Errors
    /// It does not stop.
    pub(crate) async fn stop_if_running(&mut self) -> Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.stop(START_WITHIN).await,
            None => Ok(()),
        }
    }

    /// How many finalized blocks of both ends are not read yet.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) async fn unread_blocks(&mut self) -> Result<u64> {
        let mut sum = 0;
        for side in 0..2 {
            sum += self.end(side).await?["unread_blocks"]
                .as_u64()
                .unwrap_or_default();
        }
        Ok(sum)
    }

    /// What it wrote to its log since it was started last.
    ///
    /// # Errors
    /// The log can't be read.
    pub(crate) fn log(&self) -> Result<String> {
        std::fs::read_to_string(&self.log).with_context(|| format!("failed to read {}", self.log.display()))
    }

    /// Stops the relayer if it runs, and throws away all that it wrote down.
    ///
    /// # Errors
    /// It does not stop, or its store can't be removed.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        self.stop_if_running().await?;
        let store = self.config.with_file_name("store");
        std::fs::remove_dir_all(&store).with_context(|| format!("failed to remove {}", store.display()))
    }

    /// Checks that the relayer has not ended by itself.
    ///
    /// # Errors
    /// It has; the error carries the end of its log.
    pub(crate) fn check_runs(&mut self) -> Result<()> {
        let daemon = self.daemon.as_mut().context("the relayer does not run")?;
        daemon.check_runs()
    }

    pub(super) async fn get(&self, what: &str) -> Result<reqwest::Response> {
        Ok(reqwest::get(format!("http://127.0.0.1:{}/{what}", self.port)).await?)
    }

    pub(super) async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let config = self.config.to_string_lossy();
        let all = [arguments, &["--config", &config, "--json"]].concat();
        self.program.ask(&all, self.pace.command_within).await
    }

    /// - `path`: the section of the path, once there is one.
    fn write_config(&self, path: &str) -> Result<()> {
        let chains: String = self.chains.iter().map(|chain| chain.table.as_str()).collect();
        let (margin, lost_after) = (self.pace.recv_margin_secs, self.pace.lost_after_secs);
        let port = self.port;
        let text = format!(
            "[api]\nlisten = \"127.0.0.1:{port}\"\n\n[limits]\n\
             recv_margin_secs = {margin}\nclient_every_secs = 5\nlost_after_secs = {lost_after}\n{chains}\n{path}"
        );
        std::fs::write(&self.config, text)
            .with_context(|| format!("failed to write {}", self.config.display()))
    }
}
