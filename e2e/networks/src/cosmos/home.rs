//! The folder of one node: its keys, the genesis, its configuration.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use toml::{Table, Value as Setting};

use super::keys::{ConsensusKey, node_file, node_id};
use super::settings::{CosmosSettings, STAKE};

/// How long a proposer waits for late votes, in config.toml.
const COMMIT_PAUSE: &str = "consensus.timeout_commit";

/// How long a validator rests between two things that it tells another, and how long what it tells lies before it is sent.
const GOSSIP_PAUSES: [&str; 2] = [
    "consensus.peer_gossip_sleep_duration",
    "p2p.flush_throttle_timeout",
];

/// The ports of one node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// CometBFT: JSON-RPC and websocket.
    pub(crate) rpc: u16,
    /// CometBFT: the other validators.
    pub(crate) peers: u16,
    /// Application: gRPC.
    pub(crate) grpc: u16,
}

impl From<[u16; 3]> for Ports {
    fn from([rpc, peers, grpc]: [u16; 3]) -> Self {
        Self { rpc, peers, grpc }
    }
}

/// What simd wrote by default: every home is made from it.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) genesis: Value,
    consensus: Table,
    application: Table,
}

impl Template {
    /// Reads what `simd init` left in `home`.
    pub(crate) fn read(home: &Path) -> Result<Self> {
        let config = home.join("config");
        let table = |name: &str| -> Result<Table> {
            let text = read(&config.join(name))?;
            text.parse()
                .with_context(|| format!("simd wrote a {name} that is no TOML"))
        };
        let genesis = read(&config.join("genesis.json"))?;
        Ok(Self {
            genesis: serde_json::from_str(&genesis).context("simd wrote a genesis that is no JSON")?,
            consensus: table("config.toml")?,
            application: table("app.toml")?,
        })
    }

    /// Writes all files of a validator.
    ///
    /// - `ports`: those of all validators of the chain.
    pub(crate) fn write(
        &self,
        settings: &CosmosSettings,
        index: usize,
        ports: &[Ports],
        home: &Path,
    ) -> Result<()> {
        let own = ports.get(index).context("a validator without ports")?;
        let (config, data) = (home.join("config"), home.join("data"));
        for folder in [&config, &data] {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("failed to create {}", folder.display()))?;
        }
        let mut consensus = self.consensus.clone();
        for (path, value) in consensus_settings(settings, index, ports, own) {
            set(&mut consensus, path, value)?;
        }
        let mut application = self.application.clone();
        for (path, value) in application_settings(own) {
            set(&mut application, path, value)?;
        }
        let files = [
            (config.join("genesis.json"), self.genesis.to_string()),
            (config.join("config.toml"), consensus.to_string()),
            (config.join("app.toml"), application.to_string()),
            (
                config.join("node_key.json"),
                node_file(settings, index).to_string(),
            ),
            (
                config.join("priv_validator_key.json"),
                ConsensusKey::new(settings, index)?.file().to_string(),
            ),
            (
                data.join("priv_validator_state.json"),
                json!({ "height": "0", "round": 0, "step": 0 }).to_string(),
            ),
        ];
        files.iter().try_for_each(|(path, text)| {
            std::fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
        })
    }
}

/// Changes how long the validator at `home` waits, from its next start on: for late votes, and between two things that it tells
/// another.
pub(crate) fn set_pauses(home: &Path, commit: Duration, gossip: Duration) -> Result<()> {
    let path = home.join("config").join("config.toml");
    let mut consensus: Table = read(&path)?
        .parse()
        .with_context(|| format!("failed to read {}", path.display()))?;
    set(&mut consensus, COMMIT_PAUSE, millis(commit))?;
    for path in GOSSIP_PAUSES {
        set(&mut consensus, path, millis(gossip))?;
    }
    std::fs::write(&path, consensus.to_string())
        .with_context(|| format!("failed to write {}", path.display()))
}

fn millis(duration: Duration) -> Setting {
    format!("{}ms", duration.as_millis()).into()
}

/// What differs from CometBFT's defaults, by the path in config.toml.
fn consensus_settings(
    settings: &CosmosSettings,
    index: usize,
    ports: &[Ports],
    own: &Ports,
) -> Vec<(&'static str, Setting)> {
    let peers: Vec<String> = ports
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
        .map(|(other, ports)| format!("{}@127.0.0.1:{}", node_id(settings, other), ports.peers))
        .collect();
    vec![
        ("moniker", format!("{}-{index}", settings.name).into()),
        ("rpc.laddr", format!("tcp://127.0.0.1:{}", own.rpc).into()),
        // Empty: no listener.
        ("rpc.pprof_laddr", "".into()),
        ("rpc.max_body_bytes", 10_000_000.into()),
        ("p2p.laddr", format!("tcp://127.0.0.1:{}", own.peers).into()),
        ("p2p.persistent_peers", peers.join(",").into()),
        // Loopback addresses are no public ones, and all peers share one.
        ("p2p.addr_book_strict", false.into()),
        ("p2p.allow_duplicate_ip", true.into()),
        ("p2p.pex", false.into()),
        ("mempool.size", 20_000.into()),
        ("mempool.max_tx_bytes", 4_194_304.into()),
        ("consensus.timeout_propose", "1s".into()),
        (COMMIT_PAUSE, millis(settings.commit_pause)),
    ]
}

/// What differs from the application's defaults, by the path in app.toml.
fn application_settings(own: &Ports) -> Vec<(&'static str, Setting)> {
    vec![
        ("minimum-gas-prices", format!("0{STAKE}").into()),
        ("api.enable", false.into()),
        ("grpc.enable", true.into()),
        ("grpc.address", format!("127.0.0.1:{}", own.grpc).into()),
        ("grpc-web.enable", false.into()),
    ]
}

/// Replaces a setting: one that is not there would be read by nobody.
fn set(table: &mut Table, path: &str, value: Setting) -> Result<()> {
    let missing = || format!("simd's configuration has no `{path}`: was another version installed?");
    let place = match path.split_once('.') {
        Some((section, key)) => table.get_mut(section).and_then(|section| section.get_mut(key)),
        None => table.get_mut(path),
    };
    *place.with_context(missing)? = value;
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::settings::cosmos_pair;

    #[test]
    fn every_listener_is_on_loopback_and_every_other_validator_is_a_peer() {
        let [east, _] = cosmos_pair();
        let ports = [[1, 2, 3], [4, 5, 6]].map(Ports::from);
        let consensus = consensus_settings(&east, 1, &ports, &ports[1]);
        let application = application_settings(&ports[1]);
        let value = |path: &str| {
            let mut all = consensus.iter().chain(&application);
            all.find(|(name, _)| *name == path)
                .unwrap()
                .1
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(value("rpc.laddr"), "tcp://127.0.0.1:4");
        assert_eq!(value("p2p.laddr"), "tcp://127.0.0.1:5");
        assert_eq!(value("grpc.address"), "127.0.0.1:6");
        assert_eq!(value("rpc.pprof_laddr"), "");
        assert_eq!(
            value("p2p.persistent_peers"),
            format!("{}@127.0.0.1:2", node_id(&east, 0))
        );
    }

    #[test]
    fn a_setting_that_nobody_reads_is_refused() {
        let mut table: Table = "a = 1\n[b]\nc = 2\n".parse().unwrap();
        set(&mut table, "a", 3.into()).unwrap();
        set(&mut table, "b.c", 4.into()).unwrap();
        assert_eq!(
            (table["a"].as_integer(), table["b"]["c"].as_integer()),
            (Some(3), Some(4))
        );
        for path in ["d", "b.d", "a.c"] {
            let error = set(&mut table, path, 5.into()).unwrap_err().to_string();
            assert!(error.contains(path), "{error}");
        }
    }
}
