//! An ordered channel between two running chains of ibc-go: the interchain accounts of simd, unmodified, whose packets the
//! relayer has to carry one after the other. One that comes too late closes the channel; what was behind it comes back once the
//! other end is closed, too, and long before its own time.
//!
//! The verdict is the chains': what the account paid, what is left of commitments, and which ends are closed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Rpc, Wallet};
use scenarios::cosmos::bank::balance;
use scenarios::cosmos::sent::{deliver, rules, wallet};
use scenarios::cosmos::served::{height, served, stored};
use scenarios::cosmos::{TOKEN, hashed_account};
use scenarios::{Daemon, Program, Role};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::chain::CosmosChain;
use super::ica::{MsgRegisterInterchainAccount, MsgSendTx, sends};
use super::section::chain_section;
use crate::ports::free_port;

/// How long a command may take.
const COMMAND_WITHIN: Duration = Duration::from_secs(180);
/// How long packets may take to their end.
const ENDED_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(300);
const PATIENCE_BLOCKS: u64 = 60;
/// How long a packet lives that has to arrive, and one that must not (seconds).
const LONG_SECS: u64 = 20 * 60 * 60;
const SHORT_SECS: u64 = 8;
/// What the account on the other chain owns at first.
const PURSE: u64 = 1_000;

/// Two chains, an account of the first one on the second, and the relayer between them.
struct Ordered<'a> {
    program: Program,
    config: PathBuf,
    log: PathBuf,
    chains: [&'a CosmosChain; 2],
    users: [Wallet; 2],
    owner: String,
    /// The connection of the first chain.
    connection: String,
    /// The ends, as chain/port/channel.
    ends: [String; 2],
    /// The account on the second chain, and who gets what it pays.
    account: String,
    payee: String,
    daemon: Option<Daemon>,
}

/// Does all that; what is written lies in `folder`. Says in a line each what was found.
///
/// # Errors
/// A step is refused, a packet does not end as it has to, or a chain has something else than it should.
pub async fn ordered(program: Program, chains: [&CosmosChain; 2], folder: &Path) -> Result<Vec<String>> {
    let mut ordered = Ordered::open(program, chains, folder).await?;
    let mut found = vec![format!(
        "an ordered channel of interchain accounts is open: {} and {}",
        ordered.ends[0], ordered.ends[1]
    )];
    ordered.start()?;
    found.push(ordered.in_order().await?);
    found.push(ordered.closed().await?);
    let daemon = ordered.daemon.take().context("the relayer does not run")?;
    daemon.stop(ENDED_WITHIN).await?;
    Ok(found)
}

impl<'a> Ordered<'a> {
    /// Begins a channel by registering an account, and has the relayer go on with it.
    async fn open(program: Program, chains: [&'a CosmosChain; 2], folder: &Path) -> Result<Self> {
        let users = [user(chains[0])?, user(chains[1])?];
        let owner = users[0].addresses().next().context("no account")?.to_owned();
        let mut ordered = Self {
            program,
            config: folder.join("ordered.toml"),
            log: folder.join("ordered.log"),
            chains,
            users,
            owner,
            connection: String::new(),
            ends: Default::default(),
            account: String::new(),
            payee: hashed_account(b"payee of an interchain account")?.to_string(),
            daemon: None,
        };
        ordered.write_config("")?;
        let [east, west] = chains.map(|chain| chain.site().name.clone());
        let below = ["channel", "create", "--a", &east, "--b", &west, "--port", "mock"];
        let below = ordered
            .ask(&[&below[..], &["--order", "ordered"]].concat())
            .await?;
        ordered.connection = text(&below["a"]["connection"])?;
        ordered.register().await?;
        let [a, b] = ["a", "b"].map(|side| text(&below[side]["client"]));
        let (a, b) = (format!("{east}/{}", a?), format!("{west}/{}", b?));
        let port = format!("icacontroller-{}", ordered.owner);
        let words = [
            "channel", "create", "--a", &a, "--b", &b, "--port", &port, "--b-port", "icahost",
        ];
        let open = ordered
            .ask(&[&words[..], &["--order", "ordered"]].concat())
            .await?;
        ordered.ends = [text(&open["a"]["end"])?, text(&open["b"]["end"])?];
        let version = text(&open["version"])?;
        let version: Value = serde_json::from_str(&version).context("the version is no JSON")?;
        ordered.account = text(&version["address"])?;
        let words = ["path", "import", "--channel", &ordered.ends[0].clone(), "--write"];
        let imported = ordered.ask(&words).await?;
        ensure!(
            imported["written"] == true,
            "the path is not written: {imported:#}"
        );
        ordered.fund().await?;
        Ok(ordered)
    }

    async fn register(&self) -> Result<()> {
        let build = |owner: &str| {
            Ok(vec![MsgRegisterInterchainAccount::ordered(
                owner,
                &self.connection,
            )])
        };
        deliver(self.chains[0].rpc()?, &self.users[0], build)
            .await
            .map(drop)
    }

    /// Gives the account something to pay with.
    async fn fund(&self) -> Result<()> {
        let build = |from: &str| sends(from, &self.account, &[PURSE]);
        deliver(self.chains[1].rpc()?, &self.users[1], build)
            .await
            .map(drop)
    }

    /// Packets are executed in the order in which they were sent: the host takes them in no other.
    async fn in_order(&mut self) -> Result<String> {
        let amounts: Vec<u64> = (1..=9).collect();
        for some in amounts.chunks(3) {
            self.send(some, LONG_SECS).await?;
        }
        self.wait_until("acked", 9).await?;
        self.check_paid(amounts.iter().sum()).await?;
        self.check_settled(9).await?;
        Ok("nine packets, three in each transaction, were executed one after the other and acknowledged in that order".into())
    }

    /// One that is too late closes the channel, and the one behind it comes back over the closed end.
    async fn closed(&mut self) -> Result<String> {
        let daemon = self.daemon.take().context("the relayer does not run")?;
        daemon.kill().await?;
        self.send(&[100], SHORT_SECS).await?;
        self.send(&[200], LONG_SECS).await?;
        self.wait_past(SHORT_SECS).await?;
        self.start()?;
        self.wait_until("timed-out", 1).await?;
        self.check_state(0, 4).await?;
        self.check_state(1, 3).await?;
        let waiting = self.packets().await?;
        let behind = waiting.iter().find(|packet| packet["is_final"] != true);
        ensure!(behind.is_some(), "the one behind it ended with it: {waiting:?}");
        let end = self.ends[0].clone();
        let closed = self.ask(&["channel", "close", "--channel", &end]).await?;
        ensure!(closed["state"] == "CLOSED", "{closed}");
        self.check_state(1, 4).await?;
        self.wait_until("timed-out", 2).await?;
        self.check_settled(11).await?;
        self.check_paid(45).await?;
        Ok(format!(
            "one that was too late closed {}, and the one behind it came back when {} was closed, {} h before its time",
            self.ends[0],
            self.ends[1],
            LONG_SECS / 3_600
        ))
    }

    /// One transaction with a packet for each of `amounts`, which has the account pay that.
    async fn send(&self, amounts: &[u64], secs: u64) -> Result<()> {
        let build = |owner: &str| {
            let packet = |amount: &u64| {
                let paid = sends(&self.account, &self.payee, &[*amount])?;
                Ok(MsgSendTx::of(owner, &self.connection, &paid, secs))
            };
            amounts.iter().map(packet).collect::<Result<Vec<Any>>>()
        };
        deliver(self.chains[0].rpc()?, &self.users[0], build)
            .await
            .map(drop)
    }

    /// Waits until the clock of the second chain is so much further.
    async fn wait_past(&self, secs: u64) -> Result<()> {
        let rpc = self.chains[1].rpc()?;
        let time = async || -> Result<i64> {
            let status = served(rpc.status().await.map(Ok))?;
            Ok(status.latest_time.unix_timestamp())
        };
        let until = time().await? + i64::try_from(secs)? + 2;
        while time().await? < until {
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Waits until so many packets stand so, by the relayer's own account.
    async fn wait_until(&mut self, stage: &str, count: usize) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.daemon
                .as_mut()
                .context("the relayer does not run")?
                .check_runs()?;
            let packets = self.packets().await.unwrap_or_default();
            if packets.iter().filter(|packet| packet["stage"] == stage).count() == count {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < ENDED_WITHIN,
                "{count} packets should be {stage} within {} s: {packets:#?}",
                ENDED_WITHIN.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    async fn packets(&self) -> Result<Vec<Value>> {
        let listed = self.ask(&["packet", "list", "--all", "--limit", "1000"]).await?;
        listed.as_array().cloned().context("`packet list` is no list")
    }

    async fn check_paid(&self, amount: u64) -> Result<()> {
        let rpc = self.chains[1].rpc()?;
        let (has, left) = (
            balance(rpc, &self.payee, TOKEN).await?,
            balance(rpc, &self.account, TOKEN).await?,
        );
        ensure!(
            (has, left) == (amount, PURSE - amount),
            "{amount} should be paid of {PURSE}: the payee has {has}, the account {left}"
        );
        Ok(())
    }

    /// None of so many packets has a commitment any more.
    async fn check_settled(&self, count: u64) -> Result<()> {
        let (port, channel) = self.end(0)?;
        for sequence in 1..=count {
            let key = format!("commitments/ports/{port}/channels/{channel}/sequences/{sequence}");
            let found = self.stored(0, &key).await?;
            ensure!(found.is_empty(), "packet {sequence} still has a commitment");
        }
        Ok(())
    }

    /// An end is in this state, which is its first field.
    async fn check_state(&self, side: usize, state: u8) -> Result<()> {
        let (port, channel) = self.end(side)?;
        let found = self
            .stored(side, &format!("channelEnds/ports/{port}/channels/{channel}"))
            .await?;
        ensure!(
            found.starts_with(&[8, state]),
            "{} should be in state {state}: {found:?}",
            self.ends[side]
        );
        Ok(())
    }

    /// Port and channel of an end.
    fn end(&self, side: usize) -> Result<(&str, &str)> {
        let (_, end) = self.ends[side].split_once('/').context("no end")?;
        end.split_once('/').context("no end")
    }

    async fn stored(&self, side: usize, key: &str) -> Result<Vec<u8>> {
        let rpc: &Rpc = self.chains[side].rpc()?;
        // The state of the newest block may still be computed.
        let at = height(rpc).await?.saturating_sub(1);
        Ok(stored(rpc, key.as_bytes(), at).await?.value)
    }

    fn start(&mut self) -> Result<()> {
        self.daemon = Some(self.program.start(&self.config, &self.log)?);
        Ok(())
    }

    fn write_config(&self, path: &str) -> Result<()> {
        let chains: String = self.chains.map(chain_section).concat();
        let text = format!(
            "store_dir = \"ordered\"\n\n[api]\nlisten = \"127.0.0.1:{}\"\n\n[limits]\nrecv_margin_secs = 5\n\
             client_every_secs = 5\n{chains}\n{path}",
            free_port()?
        );
        std::fs::write(&self.config, text)
            .with_context(|| format!("failed to write {}", self.config.display()))
    }

    async fn ask(&self, words: &[&str]) -> Result<Value> {
        let config = self.config.to_string_lossy();
        let all = [words, &["--config", &config, "--json"]].concat();
        self.program.ask(&all, COMMAND_WITHIN).await
    }
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.with_context(|| format!("{value} is no text"))
}

/// The account of the user.
fn user(chain: &CosmosChain) -> Result<Wallet> {
    let key = chain.seen().key(Role::User)?;
    wallet(rules(chain.settings().chain_id, PATIENCE_BLOCKS)?, &[key])
}
