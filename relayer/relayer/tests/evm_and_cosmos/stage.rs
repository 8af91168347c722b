//! An embedded EVM chain and an embedded Cosmos chain that agree about time, and the relayer's configuration for both.

use crate::hub::{self, COIN, Hub, OWNED, STAKE};
use crate::side::{Side, side};
use alloy_primitives::{Address, hex};
use chain::{BlockNumber, ChainName, Gas};
use chain_cosmos::{Cosmos, Key};
use chain_evm::{Evm, FeePolicy, Limits, Settings};
use cosmos_chain::validators::Validators;
use cosmos_chain::{Chain as CosmosChain, ChainConfig as CosmosConfig, Funded};
use devnet::{Chain, ChainConfig, Clock};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::{fs, os::unix::fs::PermissionsExt};
use tempfile::TempDir;

#[path = "../two_chains/command.rs"]
mod command;
pub(crate) use command::*;

pub(crate) const NORTH: &str = "north";
pub(crate) const HUB: &str = "hub";
/// Chain seconds in a real second: 12-second slots take 60 ms.
const SPEED: u32 = 200;
const WARM_UP_SLOTS: u64 = 96;
const WARM_UP_BLOCKS: u64 = 4;
/// Clients on the EVM chain whose transfers have no limit.
const CLIENTS: [&str; 4] = ["client-0", "client-1", "client-2", "client-3"];
/// The relayer delivers no packet with less than this left.
pub(crate) const RECV_MARGIN_SECS: u64 = 3_600;
/// The accounts on the Cosmos chain: the user, and those that relay.
const USER: [u8; 32] = [1; 32];
const RELAYERS: [[u8; 32]; 2] = [[2; 32], [3; 32]];
/// What everybody owns of the coin of fees.
const RICH: u128 = 1_000_000_000_000;
/// What `sha256sum` says of the contract for 08-wasm that is checked in.
const CHECKSUM: &str = include_str!("../../../../light-clients/wasm/artifact/ethereum.wasm.sha256");

pub(crate) struct Stage {
    folder: TempDir,
    gas_max: u64,
    north: Chain,
    hub: CosmosChain,
}

impl Stage {
    /// - `validators`: those of the Cosmos chain.
    /// - `gas_max`: what a submission to the EVM chain may use.
    pub(crate) async fn start(validators: Validators, gas_max: u64) -> Self {
        let clock = Clock::simulated(SPEED);
        let mut config = ChainConfig::new(7_001);
        config.clock = clock.clone();
        config.warm_up_slots = WARM_UP_SLOTS;
        config.beacon.slots_per_epoch = 8;
        config.beacon.epochs_per_period = 8;
        let began = config.beacon.genesis_time + WARM_UP_SLOTS * config.beacon.seconds_per_slot;
        let north = Chain::start(config).await.expect("a chain");
        let mut config = CosmosConfig::new("hub-1");
        config.clock = clock;
        config.validators = validators;
        config.warm_up_blocks = WARM_UP_BLOCKS;
        config.genesis_time = began - WARM_UP_BLOCKS * config.seconds_per_block;
        let checksum = CHECKSUM.split_whitespace().next().expect("a checksum");
        let checksum = hex::decode(checksum).expect("digits");
        config.wasm_codes = vec![checksum.try_into().expect("32 bytes")];
        let funded = |secret: [u8; 32]| Funded {
            secret,
            coins: vec![(STAKE.into(), RICH), (COIN.into(), OWNED)],
        };
        config.funded = [USER, RELAYERS[0], RELAYERS[1]].map(funded).to_vec();
        let hub = CosmosChain::start(config).await.expect("a chain");
        let stage = Self {
            folder: tempfile::tempdir().expect("a folder"),
            gas_max,
            north,
            hub,
        };
        stage.write_secret("north-key", &stage.north.accounts()[1].to_bytes().0);
        for (at, secret) in RELAYERS.iter().enumerate() {
            stage.write_secret(&format!("hub-key-{at}"), secret);
        }
        stage
    }

    pub(crate) fn north_chain(&self) -> &Chain {
        &self.north
    }

    pub(crate) fn hub_chain(&self) -> &CosmosChain {
        &self.hub
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("relayer.toml")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path("relayer.log")
    }

    fn write_secret(&self, name: &str, secret: &[u8; 32]) {
        let path = self.path(name);
        fs::write(&path, hex::encode(secret)).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    /// The configuration; the router is known after deployment, the ends after creation.
    pub(crate) fn write_config(&self, deployed: Option<&Value>, ends: Option<&[String; 2]>) -> PathBuf {
        let mut text = format!(
            "[api]\nlisten = \"127.0.0.1:0\"\n[limits]\nask_patience_secs = 120\nrecv_margin_secs = {RECV_MARGIN_SECS}\n\
             [[chains]]\nname = \"{NORTH}\"\nchain_id = {}\nrpc_urls = [\"{}\"]\nbeacon_urls = [\"{}\"]\n\
             signer = \"file:north-key\"\n",
            self.north.chain_id(),
            self.north.rpc_url(),
            self.north.beacon_url(),
        );
        if let Some(deployed) = deployed {
            text += &format!(
                "router = {}\nrouter_block = {}\n",
                deployed["router"], deployed["router_block"]
            );
        }
        text += &format!(
            "[chains.batch]\nage_secs = 0\ngas_max = {}\n[[chains]]\nkind = \"cosmos\"\nname = \"{HUB}\"\nchain_id = \"{}\"\n\
             rpc_urls = [\"{}\"]\naccount_prefix = \"cosmos\"\nsigners = [\"file:hub-key-0\", \"file:hub-key-1\"]\n\
             timeout_blocks = 500\n[chains.gas]\ndenom = \"{STAKE}\"\nprice = \"0.001\"\n",
            self.gas_max,
            self.hub.chain_id(),
            self.hub.rpc_url(),
        );
        if let Some([a, b]) = ends {
            text += &format!("[[paths]]\na = \"{a}\"\nb = \"{b}\"\n");
        }
        fs::write(self.config(), text).expect("written");
        self.config()
    }

    /// Deploys the contracts; transfers over the first clients have no limit.
    pub(crate) fn deploy(&self, config: &Path) -> Value {
        let data = self.path("deployment.toml");
        let someone = Address::repeat_byte(0xc1);
        let guardians = [0xd1, 0xd2, 0xd3].map(|byte| Address::repeat_byte(byte).to_string());
        let guardians = guardians.join("\", \"");
        let limits = CLIENTS.map(|client| format!("[[limits]]\nclient = \"{client}\"\nunlimited = true\n"));
        let limits = limits.concat();
        let text = format!(
            "chain = \"{NORTH}\"\nkeys_allowed = true\n[timelock]\nproposers = [\"{someone}\"]\nexecutors = [\"{someone}\"]\n\
             delay_secs = 60\n[roles]\nlimit_lowerers = []\n[guardians]\nmembers = [\"{guardians}\"]\nsmall_quorum = 2\n\
             large_quorum = 3\n{limits}"
        );
        fs::write(&data, text).expect("written");
        let data = data.to_str().expect("a path");
        ask(config, &["contract", "deploy", "--data", data])
    }

    /// The EVM chain's user, whose client is `client`.
    pub(crate) fn north(&self, deployed: &Value, client: &str) -> Side {
        let signer = self.north.accounts()[0].clone();
        side(&self.north.rpc_url(), signer, deployed, client)
    }

    /// The adapter of the EVM chain over its account that relays, and the address of that.
    pub(crate) fn north_adapter(&self, router: Address) -> (Evm, Address) {
        let signer = self.north.accounts()[1].clone();
        let address = signer.address();
        let url = |text: String| vec![text.parse().expect("a url")];
        let settings = Settings {
            name: ChainName(NORTH.into()),
            chain_id: self.north.chain_id(),
            rpc: url(self.north.rpc_url()),
            beacon: url(self.north.beacon_url()),
            attestors: Vec::new(),
            router,
            first_block: BlockNumber(0),
            signer: Some(signer),
            fee: FeePolicy::default(),
            gas_max: Gas(self.gas_max),
            limits: Limits::default(),
        };
        (Evm::new(settings).expect("a chain"), address)
    }

    /// The Cosmos chain's user, whose client is `client`.
    pub(crate) async fn hub(&self, client: &str) -> Hub {
        Hub::new(&self.hub, &USER, client)
    }

    /// The adapter of the Cosmos chain over its user's account.
    pub(crate) fn hub_adapter(&self) -> Cosmos {
        let settings = chain_cosmos::Settings {
            name: ChainName(HUB.into()),
            rpc: vec![self.hub.rpc_url().parse().expect("a url")],
            rules: hub::rules(&self.hub),
            keys: vec![Key::new(&USER, "cosmos").expect("a key")],
            first_block: BlockNumber(0),
            limits: Limits::default(),
        };
        Cosmos::new(settings).expect("a chain")
    }
}
