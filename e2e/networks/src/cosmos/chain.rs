//! One chain: a process for each of its validators.

use std::fmt;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::Rpc;
use endpoints::{Limits, Pool};
use reqwest::Url;
use scenarios::Role;
use serde::Serialize;
use tendermint_client::testing::Secret;

use super::genesis;
use super::home::{Ports, Template, set_pauses};
use super::keys::{ConsensusKey, account};
use super::settings::{CosmosSettings, Curve, STAKE, TOKEN};
use crate::group::Group;
use crate::node::{Node, clean, run};
use crate::ports::{Held, hold};
use scenarios::cosmos::served::served;

/// How long a chain may take to its first blocks.
const UP_WITHIN: Duration = Duration::from_secs(120);
/// Without a block for this time a chain is given up.
const STANDS_STILL_AFTER: Duration = Duration::from_secs(120);
/// From here on a block carries signatures of the one before it.
const UP_AT: u64 = 3;

/// A chain with its files written and its ports held, but nothing running.
///
/// Several chains are prepared before the first is started: none then looks for ports that another was promised.
#[derive(Debug)]
pub struct PreparedCosmos<'a> {
    settings: CosmosSettings,
    simd: &'a Path,
    folder: PathBuf,
    held: Vec<Held<3>>,
    accounts: Vec<Account>,
}

/// A running chain. Dropping it stops its processes.
#[derive(Debug)]
pub struct CosmosChain {
    settings: CosmosSettings,
    site: CosmosSite,
    rpcs: Vec<Rpc>,
    group: Group,
    simd: PathBuf,
    folder: PathBuf,
    /// How often its processes were started.
    starts: usize,
}

/// How the processes of a chain are started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How long a proposer waits for late votes: blocks come a little slower than this.
    pub commit_pause: Duration,
    /// How long a validator rests between two things that it tells another.
    pub gossip_pause: Duration,
    /// States and blocks that are kept; everything older is pruned. None: nothing is.
    pub keeps: Option<u64>,
}

/// What others need to know of a running chain.
#[derive(Clone, Debug, Serialize)]
pub struct CosmosSite {
    /// Its name in configurations and in what is printed.
    pub name: String,
    /// Its chain id.
    pub chain_id: String,
    /// What its validators sign with.
    pub consensus_keys: Curve,
    /// CometBFT's JSON-RPC of each validator; the websocket is at `/websocket` of the same.
    pub rpc_urls: Vec<String>,
    /// gRPC of the application, of each validator.
    pub grpc_urls: Vec<String>,
    /// The coins that every account has.
    pub denoms: [&'static str; 2],
    /// Funded accounts, one for each role.
    pub accounts: Vec<Account>,
}

/// An account that is rich from genesis on.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// Who acts with it.
    pub role: String,
    /// Its address.
    pub address: String,
    /// A file with its private key: 64 hexadecimal digits, as the relayer's configuration refers to it.
    pub key_file: PathBuf,
}

/// How far the validators of a chain are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heights {
    /// Of the one that is furthest behind.
    pub lowest: u64,
    /// Of the one that is furthest ahead.
    pub highest: u64,
}

impl fmt::Display for Heights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the validators are at heights {} to {}",
            self.lowest, self.highest
        )
    }
}

impl<'a> PreparedCosmos<'a> {
    /// Writes all files of a chain into `<parent>/<name>`; what an earlier run left there is stopped and removed.
    ///
    /// # Errors
    /// A file can't be written, or simd fails or writes something else than it used to.
    pub fn new(settings: CosmosSettings, simd: &'a Path, parent: &Path) -> Result<Self> {
        let folder = clean(&std::path::absolute(parent)?.join(settings.name))?;
        let template = folder.join("template");
        let init = [
            "init",
            settings.name,
            "--chain-id",
            settings.chain_id,
            "--default-denom",
            STAKE,
            "--home",
        ];
        let mut init: Vec<String> = init.map(Into::into).to_vec();
        init.push(template.to_string_lossy().into_owned());
        run(&folder, "init", simd, &init)?;
        let mut template = Template::read(&template)?;
        genesis::complete(&mut template.genesis, &settings)?;
        let held = settings
            .stakes
            .iter()
            .map(|_| hold())
            .collect::<Result<Vec<_>>>()?;
        let ports: Vec<Ports> = held.iter().map(|held| Ports::from(held.numbers())).collect();
        for index in 0..settings.stakes.len() {
            template.write(&settings, index, &ports, &home(&folder, index))?;
        }
        let accounts = accounts(&settings, &folder)?;
        Ok(Self {
            settings,
            simd,
            folder,
            held,
            accounts,
        })
    }

    /// Starts a process for each validator.
    ///
    /// # Errors
    /// A process can't be started.
    pub fn start(self) -> Result<CosmosChain> {
        let Self {
            settings,
            simd,
            folder,
            held,
            accounts,
        } = self;
        let ports: Vec<Ports> = held.into_iter().map(|held| held.release().into()).collect();
        let site = site(&settings, accounts, &ports);
        let mut chain = CosmosChain {
            group: Group::new(settings.name, Vec::new()),
            rpcs: rpcs(&site)?,
            settings,
            site,
            simd: simd.to_owned(),
            folder,
            starts: 0,
        };
        chain.start_nodes(&[])?;
        Ok(chain)
    }
}

impl CosmosChain {
    /// What others need to know of it.
    pub fn site(&self) -> &CosmosSite {
        &self.site
    }

    /// The same as scenarios see it.
    pub fn seen(&self) -> scenarios::cosmos::CosmosSite {
        scenarios::cosmos::CosmosSite {
            name: self.site.name.clone(),
            chain_id: self.site.chain_id.clone(),
            rpc_urls: self.site.rpc_urls.clone(),
            keys: self.settings.keys(),
        }
    }

    /// What its validators sign with.
    pub fn secrets(&self) -> Vec<Secret> {
        let validators = 0..self.settings.stakes.len();
        validators
            .map(|validator| ConsensusKey::secret(&self.settings, validator))
            .collect()
    }

    /// How it is configured.
    pub fn settings(&self) -> &CosmosSettings {
        &self.settings
    }

    /// The node of its first validator.
    ///
    /// # Errors
    /// It has no validators.
    pub fn rpc(&self) -> Result<&Rpc> {
        self.rpcs.first().context("a chain without validators")
    }

    /// Starts a process for each validator, with `flags` beside its configuration.
    fn start_nodes(&mut self, flags: &[String]) -> Result<()> {
        self.starts += 1;
        let nodes = (0..self.settings.stakes.len()).map(|index| {
            let home = home(&self.folder, index).to_string_lossy().into_owned();
            let args = ["start".to_owned(), "--home".to_owned(), home];
            let log = format!("validator-{index}-{}", self.starts);
            Node::start(&self.folder, &log, &self.simd, &[&args, flags].concat())
        });
        self.group = Group::new(self.settings.name, nodes.collect::<Result<_>>()?);
        Ok(())
    }

    /// Stops its processes; nobody answers for it any more until [`Self::start_again`].
    pub fn stop(&mut self) {
        self.group = Group::new(self.settings.name, Vec::new());
    }

    /// Starts its processes again after [`Self::stop`], and waits until there is a new block.
    ///
    /// # Errors
    /// A file can't be changed, a process can't be started or ends, or there is no new block for long.
    pub async fn start_again(&mut self, manner: Manner) -> Result<Heights> {
        for index in 0..self.settings.stakes.len() {
            set_pauses(
                &home(&self.folder, index),
                manner.commit_pause,
                manner.gossip_pause,
            )?;
        }
        self.start_nodes(&manner.flags())?;
        let heights = self.wait_until_at(UP_AT, UP_WITHIN).await?;
        self.wait_until_at(heights.highest + 1, UP_WITHIN).await
    }

    /// Lets `count` blocks pass.
    ///
    /// # Errors
    /// A process ended, or it takes longer than `limit`.
    pub async fn pass_blocks(&mut self, count: u64, limit: Duration) -> Result<Heights> {
        let now = heights(&self.rpcs).await?;
        self.wait_until_at(now.highest + count, limit).await
    }

    /// The first block that the node of its first validator has.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn earliest(&self) -> Result<u64> {
        Ok(served(self.rpc()?.status().await.map(Ok))?.earliest)
    }

    /// Waits until every validator has blocks of the right chain.
    ///
    /// # Errors
    /// A process ended, or it takes too long; the error carries the ends of the logs.
    pub async fn wait_until_up(&mut self) -> Result<()> {
        self.wait_until_at(UP_AT, UP_WITHIN).await?;
        for rpc in &self.rpcs {
            let served = served(rpc.status().await.map(Ok))?.chain_id;
            ensure!(
                served == self.settings.chain_id,
                "{} serves chain id {served}, not {}",
                self.settings.name,
                self.settings.chain_id
            );
        }
        Ok(())
    }

    /// Waits until every validator is at `height` or above.
    ///
    /// # Errors
    /// A process ended, or it takes longer than `limit`; the error carries the ends of the logs.
    pub async fn wait_until_at(&mut self, height: u64, limit: Duration) -> Result<Heights> {
        let goal = format!("all validators are at height {height}");
        let rpcs = &self.rpcs;
        let look = async || heights(rpcs).await;
        self.group
            .wait(limit, &goal, look, |seen| seen.lowest >= height)
            .await
    }

    /// Checks that all its processes run and that it makes blocks.
    ///
    /// # Errors
    /// A process ended, or there was no block for long; the error carries the ends of the logs.
    pub async fn check_moves(&mut self) -> Result<()> {
        let head = heights(&self.rpcs).await.ok().map(|heights| heights.highest);
        self.group
            .check_moves(head, STANDS_STILL_AFTER, "blocks of half a second")
    }
}

impl Manner {
    fn flags(&self) -> Vec<String> {
        let Some(keeps) = self.keeps else {
            return Vec::new();
        };
        let keeps = keeps.to_string();
        let flags = [
            ["--pruning", "custom"],
            ["--pruning-interval", "10"],
            ["--pruning-keep-recent", &keeps],
            ["--min-retain-blocks", &keeps],
        ];
        flags.concat().into_iter().map(str::to_owned).collect()
    }
}

async fn heights(rpcs: &[Rpc]) -> Result<Heights> {
    let mut seen = Vec::new();
    for rpc in rpcs {
        seen.push(served(rpc.status().await.map(Ok))?.latest);
    }
    let (lowest, highest) = (seen.iter().min(), seen.iter().max());
    lowest
        .zip(highest)
        .map(|(lowest, highest)| Heights {
            lowest: *lowest,
            highest: *highest,
        })
        .context("a chain without validators")
}

/// What asks each validator.
fn rpcs(site: &CosmosSite) -> Result<Vec<Rpc>> {
    let urls = site.rpc_urls.iter().map(|url| url.parse::<Url>());
    let urls = urls.collect::<Result<Vec<_>, _>>()?;
    let pool = Pool::new(&urls, Limits::default()).map_err(|error| anyhow!(error))?;
    Ok(pool.endpoints().iter().cloned().map(Rpc).collect())
}

fn site(settings: &CosmosSettings, accounts: Vec<Account>, ports: &[Ports]) -> CosmosSite {
    let urls = |port: fn(&Ports) -> u16| -> Vec<String> {
        let url = |ports| format!("http://127.0.0.1:{}", port(ports));
        ports.iter().map(url).collect()
    };
    CosmosSite {
        name: settings.name.to_owned(),
        chain_id: settings.chain_id.to_owned(),
        consensus_keys: settings.curve,
        rpc_urls: urls(|ports| ports.rpc),
        grpc_urls: urls(|ports| ports.grpc),
        denoms: [STAKE, TOKEN],
        accounts,
    }
}

/// Writes the keys of all roles into `<folder>/keys`, readable by nobody else.
fn accounts(settings: &CosmosSettings, folder: &Path) -> Result<Vec<Account>> {
    let keys = folder.join("keys");
    std::fs::create_dir(&keys).with_context(|| format!("failed to create {}", keys.display()))?;
    let account = |(role, key): (&Role, B256)| {
        let role = format!("{role:?}").to_lowercase();
        let key_file = keys.join(&role);
        std::fs::write(&key_file, format!("{key:x}\n"))
            .and_then(|()| std::fs::set_permissions(&key_file, Permissions::from_mode(0o600)))
            .with_context(|| format!("failed to write {}", key_file.display()))?;
        Ok(Account {
            role,
            address: account(&key)?.to_string(),
            key_file,
        })
    };
    Role::ALL.iter().zip(settings.keys()).map(account).collect()
}

fn home(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("home-{index}"))
}
