//! Embedded chains for the scenario, and the whole of it on two of them.

use super::crossing::{Crossing, Ground};
use crate::cosmos::embedded::{change_validators, funded};
use crate::cosmos::{CosmosSite, Pace};
use crate::draft::deploy_alone;
use crate::end::End;
use crate::job::Say;
use crate::program::Program;
use crate::report::{AttackResult, Packets};
use crate::site::{Role, Site};
use alloy::primitives::{B256, keccak256};
use anyhow::{Context, Result};
use devnet::{Chain, ChainConfig, Clock};
use std::path::Path;

/// Seconds of chain time in one of the wall: a finality every two seconds.
const SPEED: u32 = 100;
const SECONDS_PER_BLOCK: u64 = 6;
/// Slots that passed before the start: a finalized past.
const WARM_UP_SLOTS: u64 = 80;
const WARM_UP_BLOCKS: u64 = 4;
/// Epochs, and periods of a committee: a quarter of an hour of slots of 12 seconds.
const SLOTS_PER_EPOCH: u64 = 8;
const EPOCHS_PER_PERIOD: u64 = 8;
/// The EVM chain.
pub(super) const INLAND: (&str, u64) = ("inland", 4_303);
const HUB_CHAIN_ID: &str = "hub-3";
/// What `sha256sum` says of the contract for 08-wasm that is checked in.
const CHECKSUM: &str = include_str!("../../../../light-clients/wasm/artifact/ethereum.wasm.sha256");

/// How slots pass on an embedded EVM chain.
#[derive(Clone, Debug)]
pub struct Slots {
    clock: Clock,
    seconds: u64,
}

impl Slots {
    /// By the clock on the wall, as a chain beside real ones needs it: finality takes under a minute, and a committee two. With shorter
    /// slots a day has more finalities than the contract for 08-wasm keeps states, and a packet may live a day.
    pub fn wall() -> Self {
        Self {
            clock: Clock::wall(),
            seconds: 2,
        }
    }

    /// By a clock that runs fast.
    pub(super) fn fast() -> Self {
        Self {
            clock: Clock::simulated(SPEED),
            seconds: 12,
        }
    }

    /// How long one takes.
    pub(super) const fn seconds(&self) -> u64 {
        self.seconds
    }
}

/// An embedded EVM chain under a beacon chain, with the contracts. Dropping it stops it.
pub struct Inland {
    chain: Chain,
    end: End,
    seconds_per_slot: u64,
}

impl Inland {
    /// Starts the chain and deploys the contracts; what the relayer's command writes lies in `folder`.
    ///
    /// # Errors
    /// A port can't be bound, or the command fails.
    pub async fn start(
        program: &Program,
        (name, chain_id): (&str, u64),
        slots: &Slots,
        folder: &Path,
    ) -> Result<Self> {
        let (chain, site) = start_evm((name, chain_id), slots, devnet::CODE_SIZE_MAX).await?;
        Ok(Self {
            end: deploy_alone(program, &site, folder).await?,
            seconds_per_slot: slots.seconds,
            chain,
        })
    }

    /// The contracts.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// Lets `secs` pass on this chain and on `hub`.
    async fn pass(&self, hub: &cosmos_chain::Chain, secs: u64) {
        pass((&self.chain, self.seconds_per_slot), hub, secs).await;
    }
}

/// Lets `secs` pass on both chains, as fast as the machine makes slots and blocks.
pub(super) async fn pass((evm, seconds_per_slot): (&Chain, u64), hub: &cosmos_chain::Chain, secs: u64) {
    for _ in 0..secs.div_ceil(seconds_per_slot) {
        evm.advance(1);
        hub.advance(seconds_per_slot / SECONDS_PER_BLOCK);
        // Both chains serve on threads of their own; what else waits in this program goes on here.
        tokio::task::yield_now().await;
    }
}

/// Starts an EVM chain under a beacon chain, without any contracts of the bridge.
///
/// - `code_size_max`: bytes of a contract's code, at most.
pub(super) async fn start_evm(
    (name, chain_id): (&str, u64),
    slots: &Slots,
    code_size_max: usize,
) -> Result<(Chain, Site)> {
    let mut config = ChainConfig::new(chain_id);
    config.clock = slots.clock.clone();
    config.warm_up_slots = WARM_UP_SLOTS;
    config.evm.code_size_max = code_size_max;
    config.beacon.seconds_per_slot = slots.seconds;
    config.beacon.slots_per_epoch = SLOTS_PER_EPOCH;
    config.beacon.epochs_per_period = EPOCHS_PER_PERIOD;
    let chain = Chain::start(config).await;
    let chain = chain.with_context(|| format!("failed to start {name}"))?;
    let keys = chain.accounts().iter().map(|signer| signer.to_bytes());
    let site = Site {
        name: name.to_owned(),
        chain_id: chain.chain_id(),
        rpc_url: chain.rpc_url(),
        beacon_url: chain.beacon_url(),
        keys: keys.take(Role::ALL.len()).collect(),
    };
    Ok((chain, site.checked()?))
}

/// Runs the scenario on two chains that are started for it; what the relayer writes lies in `folder`.
///
/// # Errors
/// A step fails, a packet does not end as it has to, somebody owns what he should not, or a forgery is believed.
pub async fn run(program: Program, folder: &Path, say: Say<'_>) -> Result<(Packets, Vec<AttackResult>)> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let slots = Slots::fast();
    // The Cosmos chain first: deploying contracts takes the other one some blocks, and both are to agree about time.
    let (hub, site) = start_hub(&slots).await?;
    let inland = Inland::start(&program, INLAND, &slots, folder).await?;
    let ground = Ground {
        evm: inland.end().clone(),
        hub: site,
        pace: Pace::EMBEDDED,
    };
    let pass = async |secs| inland.pass(&hub, secs).await;
    let mut crossing = Crossing::build(program, ground, folder).await?;
    say(&format!(
        "an embedded EVM chain and an embedded Cosmos chain follow each other: {}",
        crossing.ends()
    ));
    let (found, attacks) = crossing.there_and_home(&pass).await?;
    for line in found {
        say(&format!("between EVM and Cosmos: {line}"));
    }
    // Nobody sends for a while, and in the meantime others sign.
    let before = crossing.heights().await?;
    change_validators(&hub);
    for line in crossing.go_on_after(before, &pass).await? {
        say(&format!("between EVM and Cosmos: {line}"));
    }
    Ok((crossing.packets(), attacks))
}

/// Starts a Cosmos chain whose time is that of the other.
pub(super) async fn start_hub(slots: &Slots) -> Result<(cosmos_chain::Chain, CosmosSite)> {
    let began = ChainConfig::new(INLAND.1).beacon.genesis_time + WARM_UP_SLOTS * slots.seconds;
    let checksum = CHECKSUM
        .split_whitespace()
        .next()
        .context("an empty file of a checksum")?;
    let checksum: B256 = checksum.parse().context("a checksum that is none")?;
    let config = cosmos_chain::ChainConfig {
        funded: hub_keys().iter().map(funded).collect(),
        seconds_per_block: SECONDS_PER_BLOCK,
        warm_up_blocks: WARM_UP_BLOCKS,
        genesis_time: began - WARM_UP_BLOCKS * SECONDS_PER_BLOCK,
        clock: slots.clock.clone(),
        wasm_codes: vec![checksum.0],
        ..cosmos_chain::ChainConfig::new(HUB_CHAIN_ID)
    };
    let hub = cosmos_chain::Chain::start(config).await;
    let hub = hub.context("failed to start the Cosmos chain")?;
    let site = CosmosSite {
        name: "hub".into(),
        chain_id: hub.chain_id().into(),
        rpc_urls: vec![hub.rpc_url()],
        keys: hub_keys(),
    };
    Ok((hub, site))
}

fn hub_keys() -> Vec<B256> {
    let key = |role: &Role| keccak256(format!("weighbridge embedded hub {role:?}"));
    Role::ALL.iter().map(key).collect()
}
