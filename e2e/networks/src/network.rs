//! One network: three processes that make a chain together.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use scenarios::Site;

use crate::genesis;
use crate::group::Group;
use crate::health::{Probe, Progress};
use crate::node::{Node, clean, run};
use crate::ports::{Held, hold};
use crate::programs::Programs;
use crate::settings::{SECONDS_PER_SLOT, Settings, VALIDATORS};

/// From the start of the programs to slot 0: enough for the beacon node to have read the genesis state.
const GENESIS_DELAY: Duration = Duration::from_secs(30);
/// How long a network may take to make its first block, genesis delay included.
const UP_WITHIN: Duration = Duration::from_secs(120);
/// Without a block for this time a network is given up: a machine too busy for its slots falls ever further behind, for
/// each try to make a block has more empty slots to work through than the one before.
const STANDS_STILL_AFTER: Duration = Duration::from_secs(240);
/// Who gets the tips: nobody has its key.
const FEE_RECIPIENT: &str = "0x00000000000000000000000000000000000fee5a";

/// A network with its files written and its ports held, but nothing running.
///
/// Several networks are prepared before the first is started: none then looks for ports that another was promised.
#[derive(Debug)]
pub struct Prepared<'a> {
    settings: Settings,
    programs: &'a Programs,
    folder: PathBuf,
    held: Held<7>,
}

/// The ports of one network.
#[derive(Clone, Copy, Debug)]
struct Ports {
    /// geth: JSON-RPC.
    rpc: u16,
    /// geth: engine API, with a shared secret.
    engine: u16,
    /// Beacon node: REST.
    rest: u16,
    /// Beacon node: gRPC for the validator.
    grpc: u16,
    /// Beacon node: peers, of which there are none.
    peers: [u16; 3],
}

impl From<[u16; 7]> for Ports {
    fn from([rpc, engine, rest, grpc, peers @ ..]: [u16; 7]) -> Self {
        Self {
            rpc,
            engine,
            rest,
            grpc,
            peers,
        }
    }
}

/// A running network. Dropping it stops its processes, the validator first.
#[derive(Debug)]
pub struct Network {
    settings: Settings,
    probe: Probe,
    site: Site,
    group: Group,
}

impl<'a> Prepared<'a> {
    /// Writes all files of a network into `<parent>/<name>`; what an earlier run left there is stopped and removed.
    ///
    /// # Errors
    /// A file can't be written, or a program fails; the error carries the end of its log.
    pub fn new(settings: Settings, programs: &'a Programs, parent: &Path) -> Result<Self> {
        let folder = clean(&std::path::absolute(parent)?.join(settings.name))?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .context("the clock stands before 1970")?;
        genesis::write(&settings, programs, &folder, (now + GENESIS_DELAY).as_secs())?;
        write_geth_files(&folder)?;
        let init = ["init", "--state.scheme=hash", "--datadir"]
            .map(Into::into)
            .to_vec();
        let init = [
            init,
            vec![text(&folder.join("geth")), text(&folder.join("genesis.json"))],
        ]
        .concat();
        run(&folder, "geth-init", &programs.geth, &init)?;
        Ok(Self {
            settings,
            programs,
            folder,
            held: hold()?,
        })
    }

    /// Starts its three programs.
    ///
    /// # Errors
    /// A program can't be started or ends at once; the error carries the end of its log.
    pub fn start(self) -> Result<Network> {
        let Self {
            settings,
            programs,
            folder,
            held,
        } = self;
        let ports = Ports::from(held.release());
        let geth = Node::start(
            &folder,
            "geth",
            &programs.geth,
            &geth_args(&settings, &folder, ports),
        )?;
        let beacon = Node::start(
            &folder,
            "beacon",
            &programs.beacon,
            &beacon_args(&settings, &folder, ports),
        )?;
        let validator = Node::start(
            &folder,
            "validator",
            &programs.validator,
            &validator_args(&folder, ports),
        )?;
        let site = Site {
            name: settings.name.to_owned(),
            chain_id: settings.chain_id,
            rpc_url: format!("http://127.0.0.1:{}", ports.rpc),
            beacon_url: format!("http://127.0.0.1:{}", ports.rest),
            keys: settings.keys(),
        };
        let probe = Probe::new(&site.rpc_url, &site.beacon_url)?;
        let group = Group::new(settings.name, vec![validator, beacon, geth]);
        Ok(Network {
            settings,
            probe,
            site: site.checked()?,
            group,
        })
    }
}

impl Network {
    /// What scenarios see of it.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Waits until both endpoints answer, a block beyond genesis is there and the chain id is right.
    ///
    /// # Errors
    /// A process ended, or it takes too long; the error carries the ends of the logs.
    pub async fn wait_until_up(&mut self) -> Result<()> {
        let look = async || self.probe.progress().await;
        self.group
            .wait(UP_WITHIN, "the first block is there", look, |progress| {
                progress.block > 0
            })
            .await?;
        let served = self.probe.chain_id().await?;
        let wanted = self.settings.chain_id;
        ensure!(
            served == wanted,
            "{} serves chain id {served}, not {wanted}",
            self.settings.name
        );
        Ok(())
    }

    /// Waits until a slot at or above `slot` is finalized, as a light client sees it.
    ///
    /// # Errors
    /// A process ended, or finality does not come within `limit`; the error carries the ends of the logs.
    pub async fn wait_until_finalized(&mut self, slot: u64, limit: Duration) -> Result<Progress> {
        let goal = format!("slot {slot} is finalized");
        let look = async || self.probe.progress().await;
        self.group
            .wait(limit, &goal, look, |progress| progress.finalized_slot >= slot)
            .await
    }

    /// Checks that all its processes run and that it makes blocks.
    ///
    /// # Errors
    /// A process ended, or there was no block for long; the error carries the ends of the logs.
    pub async fn check_moves(&mut self) -> Result<()> {
        let head = self.probe.progress().await.ok();
        let head = head.map(|progress| progress.head_slot);
        let pace = format!("slots of {SECONDS_PER_SLOT} s");
        self.group.check_moves(head, STANDS_STILL_AFTER, &pace)
    }
}

/// A secret between geth and the beacon node, and a configuration without a listener for peers: the port flag alone
/// would listen on all interfaces.
fn write_geth_files(folder: &Path) -> Result<()> {
    let seed = format!("{} {:?}", folder.display(), SystemTime::now());
    let secret = alloy_primitives::hex::encode(alloy_primitives::keccak256(seed));
    let config = "[Node.P2P]\nListenAddr = \"\"\nNoDiscovery = true\nMaxPeers = 0\n";
    for (name, content) in [("jwt.hex", secret.as_str()), ("geth.toml", config)] {
        std::fs::write(folder.join(name), content).with_context(|| format!("failed to write {name}"))?;
    }
    Ok(())
}

fn geth_args(settings: &Settings, folder: &Path, ports: Ports) -> Vec<String> {
    let mut args = options(&[
        ("--config", text(&folder.join("geth.toml"))),
        ("--datadir", text(&folder.join("geth"))),
        ("--networkid", settings.chain_id.to_string()),
        // Keeps every state, so that a proof at any finalized block can be had.
        ("--state.scheme", "hash".into()),
        ("--gcmode", "archive".into()),
        ("--syncmode", "full".into()),
        ("--cache", "256".into()),
        ("--nat", "none".into()),
        ("--http.addr", "127.0.0.1".into()),
        ("--http.port", ports.rpc.to_string()),
        ("--http.api", "eth,net,web3,debug,txpool".into()),
        ("--authrpc.addr", "127.0.0.1".into()),
        ("--authrpc.port", ports.engine.to_string()),
        ("--authrpc.jwtsecret", text(&folder.join("jwt.hex"))),
    ]);
    args.extend(["--http", "--nodiscover", "--ipcdisable"].map(Into::into));
    args
}

fn beacon_args(settings: &Settings, folder: &Path, ports: Ports) -> Vec<String> {
    let [tcp, udp, quic] = ports.peers;
    let mut args = options(&[
        ("--datadir", text(&folder.join("beacon"))),
        ("--genesis-state", text(&folder.join("genesis.ssz"))),
        ("--chain-config-file", text(&folder.join("config.yml"))),
        ("--chain-id", settings.chain_id.to_string()),
        ("--contract-deployment-block", "0".into()),
        (
            "--execution-endpoint",
            format!("http://127.0.0.1:{}", ports.engine),
        ),
        ("--jwt-secret", text(&folder.join("jwt.hex"))),
        ("--suggested-fee-recipient", FEE_RECIPIENT.into()),
        ("--rpc-host", "127.0.0.1".into()),
        ("--rpc-port", ports.grpc.to_string()),
        ("--http-host", "127.0.0.1".into()),
        ("--http-port", ports.rest.to_string()),
        ("--p2p-local-ip", "127.0.0.1".into()),
        ("--p2p-host-ip", "127.0.0.1".into()),
        ("--p2p-tcp-port", tcp.to_string()),
        ("--p2p-udp-port", udp.to_string()),
        ("--p2p-quic-port", quic.to_string()),
        ("--min-sync-peers", "0".into()),
        ("--minimum-peers-per-subnet", "0".into()),
        ("--bootstrap-node", String::new()),
        // A state for every epoch, so that a bootstrap at any checkpoint can be had.
        ("--slots-per-archive-point", "8".into()),
    ]);
    let switches = [
        "--accept-terms-of-use",
        "--interop-eth1data-votes",
        "--no-discovery",
        "--disable-monitoring",
    ];
    args.extend(switches.map(Into::into));
    args.push("--enable-light-client".into());
    args
}

fn validator_args(folder: &Path, ports: Ports) -> Vec<String> {
    let mut args = options(&[
        ("--datadir", text(&folder.join("validator"))),
        ("--wallet-dir", text(&folder.join("wallet"))),
        ("--chain-config-file", text(&folder.join("config.yml"))),
        ("--beacon-rpc-provider", format!("127.0.0.1:{}", ports.grpc)),
        (
            "--beacon-rest-api-provider",
            format!("http://127.0.0.1:{}", ports.rest),
        ),
        ("--interop-num-validators", VALIDATORS.to_string()),
        ("--interop-start-index", "0".into()),
        ("--suggested-fee-recipient", FEE_RECIPIENT.into()),
    ]);
    args.extend(["--accept-terms-of-use", "--disable-monitoring"].map(Into::into));
    args
}

fn options(pairs: &[(&str, String)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::pair;

    #[test]
    fn every_listener_is_on_loopback() {
        let [north, _] = pair();
        let ports = hold().unwrap().release().into();
        let folder = Path::new("folder");
        let all = [
            geth_args(&north, folder, ports),
            beacon_args(&north, folder, ports),
        ]
        .concat();
        for address in [
            "--http.addr",
            "--authrpc.addr",
            "--rpc-host",
            "--http-host",
            "--p2p-local-ip",
        ] {
            assert!(all.contains(&format!("{address}=127.0.0.1")), "{address}");
        }
        assert!(!all.iter().any(|arg| arg.contains("0.0.0.0")));
        let written = tempfile::tempdir().unwrap();
        write_geth_files(written.path()).unwrap();
        let config = std::fs::read_to_string(written.path().join("geth.toml")).unwrap();
        assert!(config.contains("ListenAddr = \"\""));
    }
}
