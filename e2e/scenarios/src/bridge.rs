//! A bridge between two sites: built, served by a relayer, watched. Everything goes through the relayer's command line.

use crate::{
    composed::Ground,
    draft::{Draft, ask},
    end::End,
    job::Say,
    program::{Daemon, Program},
    site::Site,
    tracker::Side,
};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, bail, ensure};
use chain::{Answer, Ask, BlockNumber, ChainName, TrustedState};
use chain_evm::{Evm, FeePolicy, Limits, Settings};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use wire::ClientId;

/// How often something is looked at while waiting for it.
const WATCH_INTERVAL: Duration = Duration::from_millis(100);
/// How long the relayer may take to be ready after a start, and to stop.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A deployed bridge.
pub struct Bridge {
    /// The two ends, North first.
    pub ends: [End; 2],
    /// Seconds of chain time in an epoch: the grain of finality.
    pub epoch_secs: u64,
    program: Program,
    config: PathBuf,
    log: PathBuf,
    api: String,
    daemon: Option<Daemon>,
}

impl Bridge {
    /// Deploys contracts on both sites, creates and pairs the clients, and starts the relayer. Everything that is
    /// written lies in `folder`.
    ///
    /// # Errors
    /// Any step fails; the error carries the command's own words.
    pub async fn build(program: Program, sites: [Site; 2], folder: &Path, say: Say<'_>) -> Result<Self> {
        let draft = Draft {
            program,
            folder: folder.to_owned(),
            sites,
            attestors: Default::default(),
        };
        say("contracts on both chains: timelock, router, transfer; a token and a courier to play with");
        let config = draft.write_deployer_config()?;
        let (north, south) = tokio::try_join!(draft.deploy(&config, 0), draft.deploy(&config, 1))?;
        let mut ends = [north, south];
        say("a light client of each chain on the other, started from its finalized state");
        let config = draft.write_pair_config(&ends)?;
        let (north, south) =
            tokio::try_join!(draft.create_client(&config, 0), draft.create_client(&config, 1))?;
        [ends[0].client, ends[1].client] = [north, south];
        say("both ends are verified, and paired once they are final");
        draft.pair(&config, &ends).await?;
        let (config, port) = draft.write_relayer_config(&[&ends])?;
        let times = reader(&ends[0])?.network().await?.times();
        let mut bridge = Self {
            ends,
            epoch_secs: times.seconds_per_slot * times.slots_per_epoch,
            program: draft.program,
            config,
            log: folder.join("relayer.log"),
            api: format!("http://127.0.0.1:{port}"),
            daemon: None,
        };
        bridge.start_relayer().await?;
        Ok(bridge)
    }

    /// What paths of composed clients need beside the bridge; what they write lies in `folder`.
    pub fn ground(&self, folder: PathBuf) -> Ground {
        Ground {
            program: self.program.clone(),
            folder,
            ends: self.ends.clone(),
        }
    }

    /// The relayer's configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The relayer's program.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Where the relayer logs.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Where the relayer serves HTTP.
    pub fn api_url(&self) -> &str {
        &self.api
    }

    /// The relayer's process id.
    ///
    /// # Errors
    /// It does not run.
    pub fn relayer_pid(&self) -> Result<u32> {
        self.daemon.as_ref().context("the relayer does not run")?.pid()
    }

    /// Starts the relayer and waits until it says that it is ready.
    ///
    /// # Errors
    /// It runs already, does not start, or is not ready in time.
    pub async fn start_relayer(&mut self) -> Result<()> {
        self.launch_relayer()?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Ok(answer) = reqwest::get(format!("{}/health", self.api)).await
                && answer.status().is_success()
            {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "the relayer is not ready within {} s",
                START_LIMIT.as_secs()
            );
            self.check_relayer_runs()?;
            tokio::time::sleep(WATCH_INTERVAL).await;
        }
    }

    /// Starts the relayer and waits for nothing.
    ///
    /// # Errors
    /// It runs already or does not start.
    pub fn launch_relayer(&mut self) -> Result<()> {
        ensure!(self.daemon.is_none(), "the relayer runs already");
        self.daemon = Some(self.program.start(&self.config, &self.log)?);
        Ok(())
    }

    /// Kills the relayer as a power cut would.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill_relayer(&mut self) -> Result<()> {
        self.daemon
            .take()
            .context("the relayer does not run")?
            .kill()
            .await
    }

    /// Stops the relayer as an operator would.
    ///
    /// # Errors
    /// It does not run, or does not stop cleanly.
    pub async fn stop_relayer(&mut self) -> Result<()> {
        self.daemon
            .take()
            .context("the relayer does not run")?
            .stop(START_LIMIT)
            .await
    }

    /// Checks that the relayer has not ended by itself.
    ///
    /// # Errors
    /// It has, or was never started; the error carries the end of its log.
    pub fn check_relayer_runs(&mut self) -> Result<()> {
        self.daemon
            .as_mut()
            .context("the relayer does not run")?
            .check_runs()
    }

    /// What a command of the relayer prints, as an operator would type it, without its configuration.
    ///
    /// # Errors
    /// It fails; the error carries its own words.
    pub async fn ask_relayer(&self, arguments: &[&str]) -> Result<Value> {
        ask(&self.program, &self.config, arguments).await
    }

    /// Everything that happened to one packet that was sent at `from`, as the relayer tells it.
    ///
    /// # Errors
    /// The relayer does not know it.
    pub async fn trace(&self, from: Side, sequence: u64) -> Result<Value> {
        self.about("trace", from, sequence).await
    }

    /// Where one packet that was sent at `from` is, as the relayer tells it.
    ///
    /// # Errors
    /// The relayer does not know it.
    pub async fn show(&self, from: Side, sequence: u64) -> Result<Value> {
        self.about("show", from, sequence).await
    }

    async fn about(&self, verb: &str, from: Side, sequence: u64) -> Result<Value> {
        let (end, sequence) = (from.of(&self.ends).name(), sequence.to_string());
        self.ask_relayer(&["packet", verb, "--end", &end, "--sequence", &sequence])
            .await
    }

    /// An honest reader of one chain, without a key.
    ///
    /// # Errors
    /// A URL is none.
    pub fn reader(&self, side: Side) -> Result<Evm> {
        reader(side.of(&self.ends))
    }

    /// The newest period whose committee each end's client knows.
    ///
    /// # Errors
    /// A node does not answer.
    pub async fn newest_periods(&self) -> Result<[u64; 2]> {
        Ok([
            self.newest_period(Side::North).await?,
            self.newest_period(Side::South).await?,
        ])
    }

    async fn newest_period(&self, side: Side) -> Result<u64> {
        let trusted = trusted(&self.reader(side)?, &side.of(&self.ends).client).await?;
        let newest = trusted.committees().map(|held| held.period.0).max();
        newest.context("the client knows no committee")
    }
}

/// What a client trusts.
///
/// # Errors
/// There is no such client, or the node does not answer.
pub async fn trusted(reader: &Evm, client: &str) -> Result<ethereum::Trusted> {
    match reader
        .answer(Ask::Client {
            end: ClientId::new(client)?.into(),
        })
        .await?
    {
        Answer::Client(view) => match view.trusted {
            TrustedState::Ethereum(trusted) => Ok(*trusted),
            TrustedState::Attestors(_) | TrustedState::Tendermint(_) | TrustedState::Policy(_) => {
                bail!("{client} is no beacon client")
            }
        },
        other => bail!("asked for a client, was answered {other:?}"),
    }
}

/// An honest reader of the chain of one end, without a key.
pub(crate) fn reader(end: &End) -> Result<Evm> {
    Evm::new(settings(end, None)?).map_err(anyhow::Error::msg)
}

/// The chain of one end for the adapter, and who pays for what is sent.
pub(crate) fn settings(end: &End, signer: Option<PrivateKeySigner>) -> Result<Settings> {
    Ok(Settings {
        name: ChainName(end.site.name.clone()),
        chain_id: end.site.chain_id,
        rpc: vec![end.site.rpc_url.parse()?],
        beacon: vec![end.site.beacon_url.parse()?],
        attestors: Vec::new(),
        router: end.router,
        first_block: BlockNumber(end.since),
        signer,
        fee: FeePolicy::default(),
        gas_max: chain_evm::TRANSACTION_GAS_MAX,
        limits: Limits::default(),
    })
}
