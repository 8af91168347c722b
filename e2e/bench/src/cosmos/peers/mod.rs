//! The relayers that are measured beside ours: configured as their own pages say, set up by their own commands.

mod hermes;
mod rly;

use super::ground::{Ground, TOKEN};
use super::purse::hand_over;
use super::runner::Runner;
use super::store;
use anyhow::{Context, Result, anyhow, ensure};
use cosmrs::bank::MsgSend;
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Any, Coin};
use networks::run;
use scenarios::Role;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A phrase that everybody knows, and the account that every wallet makes of it: worth nothing outside of these chains.
const PHRASE: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ADDRESS: &str = "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4";
/// How much of each coin it gets.
const FUNDS: u64 = 1_000_000_000;
/// How often it is looked whether it has them.
const FUNDED_EVERY: Duration = Duration::from_millis(100);
/// How long that may take into a block.
const FUNDED_WITHIN: Duration = Duration::from_secs(60);
/// The coin in which a peer states what it pays.
pub(super) const STAKE: &str = "stake";

/// A peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Hermes, of Informal Systems, in Rust.
    Hermes,
    /// The Go relayer.
    Rly,
}

impl Peer {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Hermes, Self::Rly];

    /// What it is installed as.
    pub(super) fn tool(self) -> &'static str {
        match self {
            Self::Hermes => "hermes",
            Self::Rly => "rly",
        }
    }

    /// Gives it an account and lets it open a channel.
    ///
    /// # Errors
    /// A command of it fails; the error carries its own words.
    pub(super) async fn open(self, ground: &Ground, program: PathBuf) -> Result<Runner> {
        for side in 0..2 {
            fund(ground, side).await?;
        }
        let before = store::next_channel(ground.rpcs()?[0]).await?;
        let shell = Shell {
            folder: ground.folder(self.tool())?,
            program,
        };
        let args = match self {
            Self::Hermes => hermes::set_up(ground, &shell)?,
            Self::Rly => rly::set_up(ground, &shell)?,
        };
        let lane = store::opened(ground.rpcs()?[0], before).await?;
        if self == Self::Hermes {
            hermes::confine(ground, &shell, &lane)?;
        }
        Ok(Runner {
            name: self.tool().to_owned(),
            lane,
            folder: shell.folder,
            program: shell.program,
            args,
        })
    }
}

/// The program of a peer and where its files lie.
struct Shell {
    folder: PathBuf,
    program: PathBuf,
}

impl Shell {
    /// Runs a command of it to its end.
    fn run(&self, name: &str, args: &[&str]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let printed = tokio::task::block_in_place(|| run(&self.folder, name, &self.program, &args))?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
        Ok(path)
    }
}

/// Checks that a peer made the account of the phrase that everybody makes of it.
fn check_account(said: &str) -> Result<()> {
    ensure!(said.contains(ADDRESS), "the account should be {ADDRESS}: {said}");
    Ok(())
}

/// Text of a path.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The port of an url.
fn port(url: &str) -> Result<&str> {
    let port = url.rsplit(':').next();
    port.with_context(|| format!("{url} has no port"))
}

/// The account of the peers gets what it may pay with.
async fn fund(ground: &Ground, side: usize) -> Result<()> {
    let before = ground.balance(side, ADDRESS, STAKE).await?;
    let mut purse = ground.purse(side, Role::Attacker).await?;
    let account = |text: &str| -> Result<AccountId> {
        text.parse()
            .map_err(|error| anyhow!("{text} is no address: {error}"))
    };
    let coin =
        |denom: &str| Coin::new(FUNDS.into(), denom).map_err(|error| anyhow!("no coin {denom}: {error}"));
    let send = MsgSend {
        from_address: account(&purse.address)?,
        to_address: account(ADDRESS)?,
        amount: vec![coin(STAKE)?, coin(TOKEN)?],
    };
    let send: Any = send
        .to_any()
        .map_err(|error| anyhow!("failed to write a message: {error}"))?;
    let rpc = ground.rpcs()?[side];
    let signed = purse.sign(vec![send])?;
    hand_over(rpc, &[signed]).await?;
    let until = Instant::now() + FUNDED_WITHIN;
    while ground.balance(side, ADDRESS, STAKE).await? == before {
        ensure!(
            Instant::now() < until,
            "{ADDRESS} did not get {STAKE} within {} s",
            FUNDED_WITHIN.as_secs()
        );
        tokio::time::sleep(FUNDED_EVERY).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use networks::{CosmosSite, Curve};

    /// A chain whose node answers at `port`.
    pub(super) fn site(chain_id: &str, port: u16) -> CosmosSite {
        CosmosSite {
            name: "chain".into(),
            chain_id: chain_id.into(),
            consensus_keys: Curve::Ed25519,
            rpc_urls: vec![format!("http://127.0.0.1:{port}")],
            grpc_urls: vec![format!("http://127.0.0.1:{}", port + 1)],
            denoms: [STAKE, TOKEN],
            accounts: Vec::new(),
        }
    }

    #[test]
    fn another_account_than_that_of_the_phrase_is_refused() {
        check_account(&format!("SUCCESS Restored key 'relayer' ({ADDRESS})\n")).unwrap();
        let error = check_account("cosmos1other").unwrap_err().to_string();
        assert!(
            error.contains(ADDRESS) && error.contains("cosmos1other"),
            "{error}"
        );
    }

    #[test]
    fn the_port_of_an_url_is_what_stands_behind_its_last_colon() {
        assert_eq!(port("http://127.0.0.1:26657").unwrap(), "26657");
    }
}
