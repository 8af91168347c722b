//! Two embedded chains and the relayer's command line: what the tests of whole transfers share.

use crate::side::{Side, side};
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::Address;
use devnet::{Chain, ChainConfig, Clock};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::{fs, os::unix::fs::PermissionsExt};
use tempfile::TempDir;

#[path = "command.rs"]
mod command;
pub(crate) use command::*;

/// Chain seconds in a real second: 12-second slots take 60 ms.
pub(crate) const SPEED: u32 = 200;
pub(crate) const NAMES: [&str; 2] = ["north", "south"];
/// Clients whose transfers have no limit.
const CLIENTS: [&str; 4] = ["client-0", "client-1", "client-2", "client-3"];

/// The account that deploys and sends, and the one that relays, by position among the funded ones.
pub(crate) const OPERATOR: usize = 0;
pub(crate) const RELAYER: usize = 1;

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) chains: [Chain; 2],
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let clock = Clock::simulated(SPEED);
        let start = |chain_id| {
            let mut config = ChainConfig::new(chain_id);
            config.clock = clock.clone();
            config.warm_up_slots = 96;
            config.beacon.slots_per_epoch = 8;
            config.beacon.epochs_per_period = 8;
            Chain::start(config)
        };
        let chains = [
            start(7_001).await.expect("a chain"),
            start(7_002).await.expect("a chain"),
        ];
        let bench = Self {
            folder: tempfile::tempdir().expect("a folder"),
            chains,
        };
        for (name, chain) in NAMES.iter().zip(&bench.chains) {
            bench.write_secret(&format!("{name}-operator"), &chain.accounts()[OPERATOR]);
            bench.write_secret(&format!("{name}-relayer"), &chain.accounts()[RELAYER]);
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write_secret(&self, name: &str, signer: &PrivateKeySigner) {
        let path = self.path(name);
        fs::write(&path, alloy_primitives::hex::encode(signer.to_bytes())).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    /// A configuration in which `who` signs; `routers` are known after deployment, `clients` after creation.
    pub(crate) fn write_config(&self, who: &str, routers: &[Value], clients: &[String]) -> PathBuf {
        self.write_config_with(who, routers, clients, &[])
    }

    /// The same with a text about the attestors of each chain.
    pub(crate) fn write_config_with(
        &self,
        who: &str,
        routers: &[Value],
        clients: &[String],
        attestors: &[String],
    ) -> PathBuf {
        let mut text =
            "[api]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"info\"\n[limits]\nask_patience_secs = 120\n"
                .to_owned();
        for (index, (name, chain)) in NAMES.iter().zip(&self.chains).enumerate() {
            text += &format!(
                "[[chains]]\nname = \"{name}\"\nchain_id = {}\nrpc_urls = [\"{}\"]\nbeacon_urls = [\"{}\"]\nsigner = \"file:{name}-{who}\"\n",
                chain.chain_id(),
                chain.rpc_url(),
                chain.beacon_url(),
            );
            if let Some(deployed) = routers.get(index) {
                text += &format!(
                    "router = {}\nrouter_block = {}\n",
                    deployed["router"], deployed["router_block"]
                );
            }
            text += "[chains.batch]\nage_secs = 0\n";
            text += attestors.get(index).map_or("", String::as_str);
        }
        for pair in clients.chunks_exact(2) {
            text += &format!("[[paths]]\na = \"{}\"\nb = \"{}\"\n", pair[0], pair[1]);
        }
        let path = self.path(&format!("{who}.toml"));
        fs::write(&path, text).expect("written");
        path
    }

    /// The chain at this place, for the client of `end`.
    pub(crate) fn side(&self, at: usize, deployed: &Value, end: &str) -> Side {
        let chain = &self.chains[at];
        let client = end.split_once('/').expect("an end").1;
        side(
            &chain.rpc_url(),
            chain.accounts()[OPERATOR].clone(),
            deployed,
            client,
        )
    }

    pub(crate) fn deploy(&self, config: &Path, name: &str) -> Value {
        let data = self.path("deployment.toml");
        let someone = Address::repeat_byte(0xc1);
        let guardians = [0xd1, 0xd2, 0xd3].map(|byte| Address::repeat_byte(byte).to_string());
        let guardians = guardians.join("\", \"");
        let text = format!(
            "chain = \"{name}\"\nkeys_allowed = true\n[timelock]\nproposers = [\"{someone}\"]\nexecutors = [\"{someone}\"]\ndelay_secs = 60\n[roles]\nlimit_lowerers = []\n[guardians]\nmembers = [\"{guardians}\"]\nsmall_quorum = 2\nlarge_quorum = 3\n{}",
            CLIENTS
                .map(|client| format!("[[limits]]\nclient = \"{client}\"\nunlimited = true\n"))
                .concat()
        );
        fs::write(&data, text).expect("written");
        ask(
            config,
            &["contract", "deploy", "--data", data.to_str().expect("a path")],
        )
    }
}
