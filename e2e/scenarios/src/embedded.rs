//! Two embedded chains as sites.

use crate::site::Site;
use anyhow::{Context, Result};
use devnet::{CODE_SIZE_MAX, Chain, ChainConfig, Clock};

/// Names of the two chains.
const NAMES: [&str; 2] = ["north", "south"];
/// As both chains have it.
const SECONDS_PER_SLOT: u64 = 12;
/// How far one chain may be ahead of the other while time is made to pass, in slots.
const SLOTS_AT_ONCE: u64 = 2;
/// Their chain ids; seeds and fork versions follow from them.
const CHAIN_IDS: [u64; 2] = [4_101, 4_202];

/// How the two chains are to be.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Seconds of chain time in one real second.
    pub speed: u32,
    /// Slots that passed before the start, so that there is a finalized past and a committee to look back to.
    pub warm_up_slots: u64,
    /// Slots an epoch.
    pub slots_per_epoch: u64,
    /// Epochs a committee period.
    pub epochs_per_period: u64,
    /// Bytes of a contract's code, at most.
    pub code_size_max: usize,
}

impl Default for Pair {
    /// 12-second slots at 60 ms, epochs at half a second, periods at 4 s: chains that are final several times between two
    /// looks of the relayer, and a client that holds four committees for 15 s, so that no slow machine outlasts them.
    fn default() -> Self {
        Self {
            speed: 200,
            warm_up_slots: 80,
            slots_per_epoch: 8,
            epochs_per_period: 8,
            code_size_max: CODE_SIZE_MAX,
        }
    }
}

impl Pair {
    /// Starts both chains on one clock.
    ///
    /// # Errors
    /// A port can't be bound.
    pub async fn start(self) -> Result<[Chain; 2]> {
        let clock = Clock::simulated(self.speed);
        let start = |chain_id: u64| {
            let mut config = ChainConfig::new(chain_id);
            config.clock = clock.clone();
            config.evm.code_size_max = self.code_size_max;
            config.warm_up_slots = self.warm_up_slots;
            config.beacon.seconds_per_slot = SECONDS_PER_SLOT;
            config.beacon.slots_per_epoch = self.slots_per_epoch;
            config.beacon.epochs_per_period = self.epochs_per_period;
            Chain::start(config)
        };
        let north = start(CHAIN_IDS[0])
            .await
            .context("failed to start the first chain")?;
        let south = start(CHAIN_IDS[1])
            .await
            .context("failed to start the second chain")?;
        Ok([north, south])
    }
}

/// Both chains as scenarios see them.
///
/// # Errors
/// A chain funds fewer keys than there are roles.
pub fn sites(chains: &[Chain; 2]) -> Result<[Site; 2]> {
    let site = |index: usize| Site::of_embedded(NAMES[index], &chains[index]);
    Ok([site(0)?, site(1)?])
}

/// Lets `secs` pass on both chains, as fast as the machine makes their slots.
pub async fn pass(chains: &[Chain; 2], secs: u64) {
    let slots = secs.div_ceil(SECONDS_PER_SLOT);
    for _ in 0..slots.div_ceil(SLOTS_AT_ONCE) {
        for chain in chains {
            chain.advance(SLOTS_AT_ONCE);
        }
        // Both chains serve on threads of their own; what else waits in this program goes on here.
        tokio::task::yield_now().await;
    }
}
