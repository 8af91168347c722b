//! Tokens between two running chains of ibc-go, carried by the relayer as a process of its own: there and home again, one
//! that comes too late each way, the relayer killed meanwhile, and clients that are refreshed while nobody sends and while
//! the validators change.
//!
//! The verdict is the chains': what accounts and escrows hold, and that no commitment is left.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Rpc, Wallet};
use scenarios::{Program, Role};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::bank::balance;
use super::chain::CosmosChain;
use super::path::{CosmosPath, RECV_MARGIN_SECS};
use super::sent::{deliver, rules, wallet};
use super::served::{height, served, stored};
use super::settings::{BALANCE, TOKEN};
use super::transfer::{Way, commitment_key, escrow, voucher};

/// Blocks after which a user's transaction is given up: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 60;
/// How long a packet lives that has to arrive, by the clock of its chain: the test must never be the reason for a timeout.
const LONG_SECS: u64 = 20 * 60 * 60;
/// How long one lives that must not arrive: the relayer sends none with so little left. A busy machine takes a while until it is
/// sent at all.
const SHORT_SECS: u64 = RECV_MARGIN_SECS - 10;
/// How long packets may take to their end.
const SETTLED_WITHIN: Duration = Duration::from_secs(180);
/// How long a client may stay as it is while nobody sends: more than a quarter of its trust period.
const REFRESHED_WITHIN: Duration = Duration::from_secs(150);
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// How a packet has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Acked,
    TimedOut,
}

/// A packet that was sent.
#[derive(Clone, Debug)]
struct Sent {
    from: usize,
    sequence: u64,
    meant: Meant,
}

/// A chain with its user.
struct Side {
    rpc: Rpc,
    wallet: Wallet,
    user: String,
    /// What the user owned of this chain's token at first.
    owned: u64,
    /// How much of it is on the other chain.
    away: u64,
}

/// Two chains, the relayer between them, and what was sent.
pub struct Carry {
    path: CosmosPath,
    sides: [Side; 2],
    sent: Vec<Sent>,
}

impl Carry {
    /// Pairs the chains and starts the relayer, whose files lie in `folder`.
    ///
    /// # Errors
    /// A node does not answer, or a command of the relayer fails.
    pub async fn build(program: Program, chains: [&CosmosChain; 2], folder: &Path) -> Result<Self> {
        let [east, west] = chains;
        let path = CosmosPath::build(program, [east.site(), west.site()], folder).await?;
        Ok(Self {
            path,
            sides: [Side::new(east).await?, Side::new(west).await?],
            sent: Vec::new(),
        })
    }

    /// The ends of the path.
    pub fn ends(&self) -> String {
        self.path.ends.join(" and ")
    }

    /// Sends both ways, kills the relayer in between, sends on, starts it again, and sends some of it home. Says in a line each
    /// what was found.
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    pub async fn there_and_home(&mut self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for (from, amounts, late) in [(0, [100, 20, 3], 5_000), (1, [200, 40, 6], 6_000)] {
            self.send(from, &amounts).await?;
            self.send_late(from, late).await?;
        }
        let known = self.wait_until_known().await?;
        self.path.kill().await?;
        found.push(format!(
            "the relayer is killed when it knows {known} of {} packets",
            self.sent.len()
        ));
        self.send(0, &[7]).await?;
        self.send(1, &[8]).await?;
        self.path.start().await?;
        let took = self.settle().await?;
        found.push(format!(
            "{}, {} s after it was started again",
            self.told(),
            took.as_secs()
        ));
        self.send_home(0, 11).await?;
        self.send_home(1, 9).await?;
        self.settle().await?;
        found.push(format!("vouchers of both are home again: {}", self.told()));
        self.path.check_money().await?;
        Ok(found)
    }

    /// The heights that both clients trust; taken before nobody sends for a while.
    ///
    /// # Errors
    /// A command of the relayer fails.
    pub async fn heights(&self) -> Result<[u64; 2]> {
        Ok([
            self.path.trusted_height(0).await?,
            self.path.trusted_height(1).await?,
        ])
    }

    /// Waits until both clients trust more than `before`, though nobody sends; then sends once more each way and stops.
    ///
    /// # Errors
    /// A client is not refreshed in time, a packet does not end as it has to, or the relayer does not stop.
    pub async fn go_on_after(&mut self, before: [u64; 2]) -> Result<Vec<String>> {
        let begun = Instant::now();
        let after = loop {
            self.path.check_runs()?;
            let after = self.heights().await?;
            if after.iter().zip(&before).all(|(after, before)| after > before) {
                break after;
            }
            ensure!(
                begun.elapsed() < REFRESHED_WITHIN,
                "clients at {before:?} are at {after:?} after {} s without packets",
                REFRESHED_WITHIN.as_secs()
            );
            sleep(LOOK_EVERY).await;
        };
        self.send(0, &[1]).await?;
        self.send(1, &[2]).await?;
        self.settle().await?;
        self.path.check().await?;
        self.path.stop().await?;
        Ok(vec![format!(
            "clients went from {before:?} to {after:?} without a packet, and carry on: {}",
            self.told()
        )])
    }

    fn told(&self) -> String {
        let count = |meant| self.sent.iter().filter(|sent| sent.meant == meant).count();
        format!(
            "{} packets acknowledged, {} timed out and paid back, every balance is right",
            count(Meant::Acked),
            count(Meant::TimedOut)
        )
    }

    /// Sends tokens of the chain `from` to the other one, which have to arrive.
    async fn send(&mut self, from: usize, amounts: &[u64]) -> Result<()> {
        let amounts: Vec<(String, u64)> = amounts.iter().map(|amount| (TOKEN.to_owned(), *amount)).collect();
        self.sides[from].away += amounts.iter().map(|(_, amount)| amount).sum::<u64>();
        self.transfer(from, &amounts, LONG_SECS, Meant::Acked).await
    }

    /// Sends tokens that nobody will receive in time.
    async fn send_late(&mut self, from: usize, amount: u64) -> Result<()> {
        let amount = (TOKEN.to_owned(), amount);
        self.transfer(from, &[amount], SHORT_SECS, Meant::TimedOut).await
    }

    /// Sends tokens of the other chain home from the chain `from`.
    async fn send_home(&mut self, from: usize, amount: u64) -> Result<()> {
        let denom = voucher(self.path.client(from), TOKEN);
        self.sides[1 - from].away -= amount;
        self.transfer(from, &[(denom, amount)], LONG_SECS, Meant::Acked)
            .await
    }

    /// One transaction of the user on the chain `from`, with a transfer to the other user for each of `coins`.
    async fn transfer(
        &mut self,
        from: usize,
        coins: &[(String, u64)],
        secs: u64,
        meant: Meant,
    ) -> Result<()> {
        let (side, other) = (&self.sides[from], &self.sides[1 - from]);
        let status = served(side.rpc.status().await.map(Ok))?;
        let now = u64::try_from(status.latest_time.unix_timestamp()).context("a block before 1970")?;
        let build = |sender: &str| -> Result<Vec<Any>> {
            let way = Way {
                client: self.path.client(from),
                sender,
                receiver: &other.user,
                timeout: now + secs,
            };
            Ok(coins
                .iter()
                .map(|(denom, amount)| way.message(denom, *amount))
                .collect())
        };
        let landed = deliver(&side.rpc, &side.wallet, build).await?;
        let events = landed.events.iter().filter(|event| event.kind == "send_packet");
        let sequences = events.filter_map(|event| event.attribute("packet_sequence")?.parse().ok());
        let sequences: Vec<u64> = sequences.collect();
        ensure!(
            sequences.len() == coins.len(),
            "{} transfers sent the packets {sequences:?}",
            coins.len()
        );
        self.sent.extend(sequences.into_iter().map(|sequence| Sent {
            from,
            sequence,
            meant,
        }));
        Ok(())
    }

    /// Waits until the relayer knows a packet; returns how many it knows.
    async fn wait_until_known(&mut self) -> Result<usize> {
        let begun = Instant::now();
        loop {
            self.path.check_runs()?;
            let known = self.path.packets().await?.len();
            if known > 0 {
                return Ok(known);
            }
            ensure!(
                begun.elapsed() < SETTLED_WITHIN,
                "the relayer knows no packet after {} s",
                SETTLED_WITHIN.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until all packets have ended as they had to, by the relayer's own account; then asks the chains.
    async fn settle(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        loop {
            self.path.check_runs()?;
            let listed = self.path.packets().await?;
            let open = self.open(&listed)?;
            if open.is_empty() {
                break;
            }
            ensure!(
                begun.elapsed() < SETTLED_WITHIN,
                "after {} s these have not ended:\n  {}",
                SETTLED_WITHIN.as_secs(),
                open.join("\n  ")
            );
            sleep(LOOK_EVERY).await;
        }
        self.check_settled().await?;
        self.check_books().await?;
        Ok(begun.elapsed())
    }

    /// Those of the packets that have not ended, as the relayer tells of them.
    fn open(&self, listed: &[Value]) -> Result<Vec<String>> {
        let mut open = Vec::new();
        for sent in &self.sent {
            let name = format!("{}/{}", self.path.ends[sent.from], sent.sequence);
            let Some(view) = listed.iter().find(|view| view["packet"] == name.as_str()) else {
                open.push(format!("{name}: the relayer does not know it"));
                continue;
            };
            if view["is_final"] != true {
                open.push(view.to_string());
                continue;
            }
            let meant = match sent.meant {
                Meant::Acked => "acked",
                Meant::TimedOut => "timed-out",
            };
            ensure!(view["stage"] == meant, "{name} should be {meant}: {view}");
        }
        Ok(open)
    }

    /// No packet has a commitment any more.
    async fn check_settled(&self) -> Result<()> {
        for sent in &self.sent {
            let rpc = &self.sides[sent.from].rpc;
            let key = commitment_key(self.path.client(sent.from), sent.sequence);
            // The state of the newest block may still be computed.
            let at = height(rpc).await?.saturating_sub(1);
            let found = stored(rpc, &key, at).await?;
            ensure!(
                found.value.is_empty(),
                "{sent:?} has a commitment after block {at}, though the relayer says it is settled"
            );
        }
        Ok(())
    }

    /// Each user owns what he should, and the escrows hold what the vouchers stand for.
    async fn check_books(&self) -> Result<()> {
        for (own, side) in self.sides.iter().enumerate() {
            let (client, across) = (self.path.client(own), &self.sides[1 - own]);
            let held = balance(&side.rpc, &escrow(client)?, TOKEN).await?;
            let owned = balance(&side.rpc, &side.user, TOKEN).await?;
            let vouched = voucher(self.path.client(1 - own), TOKEN);
            let vouchers = balance(&across.rpc, &across.user, &vouched).await?;
            let away = side.away;
            ensure!(
                (owned, held, vouchers) == (side.owned - away, away, away),
                "of {} tokens of {} {away} are away, but the user owns {owned}, the escrow holds {held}, and across are {vouchers}",
                side.owned,
                self.path.ends[own],
            );
        }
        Ok(())
    }
}

impl Side {
    async fn new(chain: &CosmosChain) -> Result<Self> {
        let settings = chain.settings();
        let keys = Role::ALL.iter().zip(settings.keys());
        let key = keys.filter(|(role, _)| **role == Role::User).map(|(_, key)| key);
        let key: Vec<_> = key.collect();
        let wallet = wallet(rules(settings, PATIENCE_BLOCKS)?, &key)?;
        let user = wallet.addresses().next().context("a wallet without accounts")?;
        let user = user.to_owned();
        let rpc = chain.rpc()?.clone();
        let owned = balance(&rpc, &user, TOKEN).await?;
        ensure!(owned <= BALANCE, "{user} owns more than genesis gave");
        Ok(Self {
            rpc,
            wallet,
            user,
            owned,
            away: 0,
        })
    }
}
