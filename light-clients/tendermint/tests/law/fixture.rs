//! A chain of four validators whose set changes twice, and a client that trusts its block 100.

use alloy_primitives::B256;
use client::Advance;
use prost::Message;
use tendermint_client::codec::{decode_bootstrap, decode_update};
use tendermint_client::testing::{Ballot, Block, Kind, Member, Validators, World, ibc, raw};
use tendermint_client::{
    Bootstrap, Config, Reject, STORE_DEFAULT, TrustLevel, Trusted, Update, start, verify_update,
};
use wire::{Height, Seconds};

/// The height that the client begins with.
pub(crate) const START: i64 = 100;
/// From here on another set signs: two of the first four, and two new ones.
pub(crate) const CHANGE: i64 = 120;
/// From here on a set signs in which nobody of the first one is.
pub(crate) const STRANGERS: i64 = 140;
/// Powers of the first set.
pub(crate) const POWERS: [i64; 4] = [40, 30, 20, 10];

pub(crate) fn first_set(kind: Kind) -> Validators {
    Validators::new(kind, 1, &POWERS)
}

/// The two strongest of the first set, and two newcomers.
pub(crate) fn second_set(kind: Kind) -> Validators {
    let mut members: Vec<Member> = first_set(kind).members.into_iter().take(2).collect();
    members.extend(Validators::new(kind, 2, &[25, 15]).members);
    Validators::of(members)
}

pub(crate) fn world_of(kind: Kind) -> World {
    World::new("weigh-3", 3, first_set(kind))
        .with_set(CHANGE, second_set(kind))
        .with_set(STRANGERS, Validators::new(kind, 3, &POWERS))
}

pub(crate) fn world() -> World {
    world_of(Kind::Ed25519)
}

pub(crate) fn config() -> Config {
    Config {
        chain_id: "weigh-3".into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(7 * 86_400),
        unbonding_period: Seconds(21 * 86_400),
        clock_drift: Seconds(10),
        capacity: 64,
        store: STORE_DEFAULT.to_vec(),
    }
}

/// The host's clock shortly after the block of `height`.
pub(crate) fn after(world: &World, height: i64) -> Seconds {
    Seconds(u64::try_from(world.time_at(height).seconds + 2).unwrap())
}

/// When most tests happen: shortly after block 160.
pub(crate) fn now(world: &World) -> Seconds {
    after(world, 160)
}

pub(crate) fn height(world: &World, height: i64) -> Height {
    Height {
        revision_number: world.revision,
        revision_height: u64::try_from(height).unwrap(),
    }
}

pub(crate) fn bootstrap(world: &World, at: i64) -> Bootstrap {
    let bytes = world.consensus_state_at(at).encode_to_vec();
    decode_bootstrap(height(world, at), &bytes).unwrap()
}

pub(crate) fn started_with(world: &World, config: Config) -> Trusted {
    start(config, &bootstrap(world, START), after(world, START)).unwrap()
}

pub(crate) fn started(world: &World) -> Trusted {
    started_with(world, config())
}

pub(crate) fn read(message: &ibc::Header) -> Update {
    decode_update(&message.encode_to_vec()).unwrap()
}

/// The block of `height`, signed by all, for a client that trusts `trusted`.
pub(crate) fn update(world: &World, height: i64, trusted: i64) -> Update {
    read(&world.show(&world.block_at(height), trusted))
}

/// The same with another header, signed by all.
pub(crate) fn altered(world: &World, height: i64, alter: impl FnOnce(&mut raw::Header)) -> Block {
    let mut header = world.header_at(height);
    alter(&mut header);
    Block::sign(header, world.set_at(height).clone(), 0, |_| Ballot::Block)
}

/// The block of `height`; each validator does what `ballots` says for its place.
pub(crate) fn voted(world: &World, height: i64, ballots: impl Fn(usize) -> Ballot) -> Block {
    Block::sign(world.header_at(height), world.set_at(height).clone(), 0, ballots)
}

/// Those with these places vote for the block, the others not at all.
pub(crate) fn only(places: &'static [usize]) -> impl Fn(usize) -> Ballot {
    move |place| {
        if places.contains(&place) {
            Ballot::Block
        } else {
            Ballot::Absent
        }
    }
}

/// What `update` teaches; it must be news.
pub(crate) fn advanced(trusted: &Trusted, update: &Update, now: Seconds) -> Trusted {
    match verify_update(trusted, update, now) {
        Ok(Advance::Updated(after)) => after,
        other => panic!("no news: {other:?}"),
    }
}

/// Why `update` is refused.
pub(crate) fn refused(trusted: &Trusted, update: &Update, now: Seconds) -> Reject {
    match verify_update(trusted, update, now) {
        Err(reject) => reject,
        Ok(advance) => panic!("accepted: {advance:?}"),
    }
}

pub(crate) fn word(bytes: &[u8]) -> B256 {
    B256::try_from(bytes).unwrap()
}

/// A world with one set of such powers for ever.
pub(crate) fn world_with(kind: Kind, powers: &[i64]) -> World {
    World::new("weigh-3", 3, Validators::new(kind, 1, powers))
}
