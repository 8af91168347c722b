//! The one good chain that every test starts from, and breaks in one place.

use alloy_primitives::B256;
use client::Advance;
use ethereum::testing::{Draft, World, any_network, filler};
use ethereum::{
    Blst, Bootstrap, Epoch, Fork, ForkSchedule, Layout, Network, Reject, Times, Trusted, Update, start,
    verify_update,
};
use wire::Seconds;

/// Slots of an epoch of the test network.
pub(crate) const EPOCH: u64 = 8;
/// Slots of a period of the test network.
pub(crate) const PERIOD: u64 = 64;
/// Slot of the bootstrap: in period 4, after all forks.
pub(crate) const START: u64 = 4 * PERIOD + EPOCH;

/// Deneb from epoch 0, Electra from epoch 8 (period 1), Fulu from epoch 16 (period 2).
pub(crate) fn forks() -> ForkSchedule {
    let fork = |epoch, version: u8, layout| Fork {
        epoch: Epoch(epoch),
        version: [version, 0, 0, 1],
        layout,
    };
    ForkSchedule::new([
        fork(0, 4, Layout::Deneb),
        fork(8, 5, Layout::Electra),
        fork(16, 6, Layout::Electra),
    ])
    .unwrap()
}

/// A network of `size` seats with short epochs and periods.
pub(crate) fn network(size: u32) -> Network {
    let times = Times {
        genesis: Seconds(1_700_000_000),
        seconds_per_slot: 6,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
    any_network(times, filler("genesis validators", &[]), size, forks()).unwrap()
}

/// A chain with committees of 32, so that tests are quick; nothing but the size differs from 512.
pub(crate) fn world() -> World {
    World::new(network(32))
}

/// A client of `world`, started at `slot`.
pub(crate) fn started_at(world: &World, slot: u64) -> Trusted {
    start(
        &Blst,
        world.config(),
        &world.bootstrap(slot),
        world.time(slot + 1),
    )
    .unwrap()
}

/// A client of `world`, started at [`START`].
pub(crate) fn started(world: &World) -> Trusted {
    started_at(world, START)
}

/// The bootstrap of [`started`].
pub(crate) fn bootstrap(world: &World) -> Bootstrap {
    world.bootstrap(START)
}

/// An honest next step after [`START`]: finalized one epoch later, attested two epochs after that.
pub(crate) fn draft() -> Draft {
    Draft::new(START + EPOCH, START + 3 * EPOCH)
}

/// Judges `update` some seconds after its signature slot.
pub(crate) fn judge(world: &World, trusted: &Trusted, update: &Update) -> Result<Advance<Trusted>, Reject> {
    verify_update(&Blst, trusted, update, world.time(update.signature_slot.0))
}

/// The state after `update`.
pub(crate) fn advanced(world: &World, trusted: &Trusted, update: &Update) -> Trusted {
    match judge(world, trusted, update) {
        Ok(Advance::Updated(after)) => after,
        other => panic!("expected something new, got {other:?}"),
    }
}

/// The refusal of `update`.
pub(crate) fn refusal(world: &World, trusted: &Trusted, update: &Update) -> Reject {
    judge(world, trusted, update).expect_err("a broken update has to be refused")
}

/// The same hash with its last bit flipped.
pub(crate) fn flipped(hash: B256) -> B256 {
    let mut bytes = hash.0;
    bytes[31] ^= 1;
    B256::from(bytes)
}
