//! What a chain is told before it starts.
//!
//! Decides defaults only. Every value is plain data, so that a run is repeated by repeating its
//! configuration.

use crate::{clock::Clock, genesis::Genesis};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};

/// One embedded chain: an EVM chain under a simulated beacon chain.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// Everything random (validator keys, funded keys, committees) follows from this number.
    pub seed: u64,
    /// The execution layer.
    pub evm: EvmConfig,
    /// The consensus layer.
    pub beacon: BeaconConfig,
    /// What makes slots pass; share one clock between chains that are to agree about time.
    pub clock: Clock,
    /// Slots produced before `start` returns, so that a chain can begin with a finalized past.
    pub warm_up_slots: u64,
    /// Where JSON-RPC listens; port 0 takes a free one.
    pub rpc_listen: SocketAddr,
    /// Where the beacon REST interface and the control endpoint listen; port 0 takes a free one.
    pub beacon_listen: SocketAddr,
}

impl ChainConfig {
    /// A chain with `chain_id` and the defaults of this page; its seed is its chain id.
    pub fn new(chain_id: u64) -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            seed: chain_id,
            evm: EvmConfig {
                chain_id,
                ..EvmConfig::default()
            },
            beacon: BeaconConfig::default(),
            clock: Clock::manual(),
            warm_up_slots: 0,
            rpc_listen: loopback,
            beacon_listen: loopback,
        }
    }
}

/// The rules by which transactions run. Not tied to the beacon fork: contracts that need Prague can
/// be tested under Deneb headers too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hardfork {
    /// EIP-2537 and EIP-7623, no cap on a transaction's gas.
    Prague,
    /// Prague and EIP-7825: a transaction has at most 16,777,216 gas.
    Osaka,
}

/// The execution layer.
#[derive(Clone, Debug)]
pub struct EvmConfig {
    /// EIP-155 chain id. Fork versions of the beacon chain follow from it, so that signatures of
    /// one chain never verify on another.
    pub chain_id: u64,
    /// Rules of execution.
    pub hardfork: Hardfork,
    /// Gas limit of every block.
    pub gas_limit: u64,
    /// Base fee of the first block, wei a gas; then EIP-1559 moves it.
    pub base_fee_wei: u64,
    /// How many keys the genesis state funds, with 1,000,000 ether each.
    pub funded_accounts: u32,
    /// Accounts and slots the genesis state holds besides.
    pub genesis: Genesis,
    /// How many past blocks keep their state for calls and proofs.
    pub archive_blocks: u64,
    /// Bytes of a contract's code, at most: those of EIP-170 unless what is tried is something else.
    pub code_size_max: usize,
}

/// Bytes of a contract's code, at most (EIP-170).
pub const CODE_SIZE_MAX: usize = 24_576;

impl Default for EvmConfig {
    fn default() -> Self {
        Self {
            chain_id: 1337,
            hardfork: Hardfork::Osaka,
            gas_limit: 60_000_000,
            base_fee_wei: 1_000_000_000,
            funded_accounts: 10,
            genesis: Genesis::default(),
            archive_blocks: 16_384,
            code_size_max: CODE_SIZE_MAX,
        }
    }
}

/// The consensus layer.
#[derive(Clone, Debug)]
pub struct BeaconConfig {
    /// Unix time of slot 0, seconds.
    pub genesis_time: u64,
    /// Seconds of chain time a slot.
    pub seconds_per_slot: u64,
    /// Slots an epoch.
    pub slots_per_epoch: u64,
    /// Epochs a sync-committee period.
    pub epochs_per_period: u64,
    /// Validators in the registry. Fewer than seats means that keys repeat within a committee, as
    /// on small test networks.
    pub validators: u32,
    /// Epochs at which the forks begin.
    pub forks: ForkEpochs,
}

impl Default for BeaconConfig {
    fn default() -> Self {
        Self {
            genesis_time: 1_760_000_000,
            seconds_per_slot: 12,
            slots_per_epoch: 8,
            epochs_per_period: 8,
            validators: 768,
            forks: ForkEpochs {
                electra: 0,
                fulu: None,
            },
        }
    }
}

/// Seats of a sync committee: the mainnet preset, the only one that may be trusted with value.
pub const COMMITTEE_SIZE: usize = 512;

/// When forks begin. Deneb holds from epoch 0 until Electra begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkEpochs {
    /// First epoch of Electra; 0 = no Deneb at all.
    pub electra: u64,
    /// First epoch of Fulu; `None` = never. Not before Electra.
    pub fulu: Option<u64>,
}

/// A fork of the consensus layer that this chain can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fork {
    /// 32-field state.
    Deneb,
    /// 37-field state: generalized indices of the state deepen by one.
    Electra,
    /// 38-field state, indices as in Electra.
    Fulu,
}

impl Fork {
    /// The name as the REST interface writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deneb => "deneb",
            Self::Electra => "electra",
            Self::Fulu => "fulu",
        }
    }

    /// The fork's signature-domain version on the chain with `chain_id`: the fork's number, then
    /// the low three bytes of the id.
    pub fn version(self, chain_id: u64) -> [u8; 4] {
        let ordinal = match self {
            Self::Deneb => 0x94,
            Self::Electra => 0x95,
            Self::Fulu => 0x96,
        };
        versioned(ordinal, chain_id)
    }
}

/// The version of an earlier fork (0 = genesis to 3 = Capella), all of which lie before slot 0.
pub(crate) fn past_version(fork: u8, chain_id: u64) -> [u8; 4] {
    versioned(0x90 + fork, chain_id)
}

fn versioned(ordinal: u8, chain_id: u64) -> [u8; 4] {
    let [.., a, b, c] = chain_id.to_be_bytes();
    [ordinal, a, b, c]
}

impl ForkEpochs {
    /// The fork that holds in `epoch`.
    pub fn at(&self, epoch: u64) -> Fork {
        match self.fulu {
            Some(fulu) if epoch >= fulu => Fork::Fulu,
            _ if epoch >= self.electra => Fork::Electra,
            _ => Fork::Deneb,
        }
    }
}
