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
use crate::troubled;
use alloy::primitives::{B256, keccak256};
use anyhow::{Context, Result};
use cosmos_chain::validators::Secret;
use devnet::{Chain, ChainConfig, Clock};
use std::path::Path;

/// Seconds of chain time in one of the wall: a finality every two seconds.
const SPEED: u32 = 100;
const SECONDS_PER_SLOT: u64 = 12;
const SECONDS_PER_BLOCK: u64 = 6;
/// Packets that lie there on an operator's day, and the slots between those of a hundred of them.
const PENDING: usize = 1_000;
const APART: u64 = 200;
/// Where clients are left alone for a large part of the time that they usually trust what they know here.
const PATIENT: Pace = Pace {
    trust_period_secs: 48 * 3_600,
    ..Pace::EMBEDDED
};
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
            seconds: SECONDS_PER_SLOT,
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

    /// Has both clients of `crossing` deceived, with the keys of this chain's committee and with `secrets`, those of who may be validators
    /// of the Cosmos chain: the relayer has to find it out. The last thing that is done with a path whose relayer was stopped. Says in a
    /// line each what was found.
    ///
    /// # Errors
    /// A client does not believe what it is shown, or is not frozen by the relayer in time.
    pub async fn deceive(&self, crossing: &mut Crossing, secrets: &[Secret]) -> Result<Vec<String>> {
        crossing.deceive(&self.chain, secrets).await
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
    let site = Site::of_embedded(name, &chain)?;
    Ok((chain, site))
}

/// Both chains with the relayer between them.
struct Pair {
    inland: Inland,
    hub: cosmos_chain::Chain,
    crossing: Crossing,
}

impl Pair {
    /// Starts both, and the relayer, whose files lie in `folder`.
    async fn build(program: Program, pace: Pace, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let slots = Slots::fast();
        // The Cosmos chain first: deploying contracts takes the other one some blocks, and both are to agree about time.
        let (hub, site) = start_hub(&slots).await?;
        let inland = Inland::start(&program, INLAND, &slots, folder).await?;
        let ground = Ground {
            evm: inland.end().clone(),
            hub: site,
            pace,
        };
        Ok(Self {
            crossing: Crossing::build(program, ground, folder).await?,
            inland,
            hub,
        })
    }
}

/// Runs the scenario on two chains that are started for it; what the relayer writes lies in `folder`.
///
/// # Errors
/// A step fails, a packet does not end as it has to, somebody owns what he should not, or a forgery is believed.
pub async fn run(program: Program, folder: &Path, say: Say<'_>) -> Result<(Packets, Vec<AttackResult>)> {
    let Pair {
        inland,
        hub,
        mut crossing,
    } = Pair::build(program, Pace::EMBEDDED, folder).await?;
    let pass = async |secs| inland.pass(&hub, secs).await;
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

/// An operator's day on two chains that are started for it: a relayer that starts with nothing behind a thousand packets, which lie
/// behind thousands of old blocks. What the relayer writes lies in `folder`.
///
/// # Errors
/// A step fails, or a packet does not end as it has to.
pub async fn operators_day(program: Program, folder: &Path, say: Say<'_>) -> Result<Packets> {
    let Pair {
        inland,
        hub,
        mut crossing,
    } = Pair::build(program, PATIENT, folder).await?;
    let pass = async |secs| inland.pass(&hub, secs).await;
    let found = crossing
        .start_behind((PENDING, APART * SECONDS_PER_SLOT), &pass)
        .await?;
    let (slot, height) = (inland.chain.slot(), hub.height());
    say(&format!("behind {slot} slots and {height} blocks: {found}"));
    Ok(crossing.packets())
}

/// Packets between two chains that are started for it and come into one trouble after the other, which follow from `seed`. What the
/// relayer writes lies in `folder`.
///
/// # Errors
/// A packet does not end as it has to, or somebody owns what he should not. The seed and what came after what are named.
pub async fn in_trouble(program: Program, folder: &Path, seed: u64, say: Say<'_>) -> Result<Packets> {
    let Pair {
        inland,
        hub,
        mut crossing,
    } = Pair::build(program, PATIENT, folder).await?;
    say(&format!(
        "an EVM chain and a Cosmos chain in trouble, seed {seed}: {}",
        crossing.ends()
    ));
    let forgotten = PATIENT.patience_blocks * SECONDS_PER_SLOT;
    let forget = async || inland.pass(&hub, forgotten).await;
    let found = troubled::outlast(&mut crossing, [&inland.chain, &hub], seed, forget).await?;
    say(&found);
    Ok(crossing.packets())
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
