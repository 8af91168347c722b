//! States that no height puts out: what is judged from them, when they are made, and how far they reach.

use tendermint_client::Config;
use tendermint_client::testing::{Block, Timestamp, World, ibc};
use wire::Seconds;

use super::format::{Table, Vector};
use crate::fixture::*;
use crate::store::{Store, commitment, value};

/// A trust period of forty blocks, of which a milestone waits for a quarter.
const PERIOD_SECS: i64 = 240;
const PART_SECS: i64 = PERIOD_SECS / 4;
/// How far apart the headers of a storm are: as close as they can be while each makes a milestone.
const STORM_SECS: i64 = PART_SECS / 2;

pub(crate) fn accepted() -> Vec<(String, Vector)> {
    [of_forks(), of_proofs(), made(), of_a_storm_accepted()].concat()
}

pub(crate) fn refused() -> Vec<(String, Vector)> {
    [not_made(), of_a_storm_refused()].concat()
}

/// The chain of the vectors, and the moment of a header on it.
struct Chain {
    world: World,
}

impl Chain {
    fn new() -> Self {
        Self { world: world() }
    }

    /// So many seconds, and nanoseconds, after block 100.
    fn time(&self, secs: i64, nanos: i32) -> Timestamp {
        let start = self.world.time_at(START);
        Timestamp {
            seconds: start.seconds + secs,
            nanos: start.nanos + nanos,
        }
    }

    /// The host's clock then.
    fn clock(&self, secs: i64) -> Seconds {
        Seconds(u64::try_from(self.time(secs, 0).seconds).unwrap())
    }

    /// The block of `height`, at that moment.
    fn block(&self, height: i64, secs: i64, nanos: i32) -> Block {
        altered(&self.world, height, |header| {
            header.time = Some(self.time(secs, nanos));
        })
    }

    fn show(&self, block: &Block, trusted: i64) -> ibc::Header {
        self.world.show(block, trusted)
    }

    /// Another block of `height` than the chain's, at its moment.
    fn rival(&self, height: i64) -> Block {
        altered(&self.world, height, |header| {
            header.app_hash = World::filler("rival", 1);
        })
    }

    /// A client whose ring has so many places.
    fn begin(&self, capacity: u32) -> Vector {
        Vector::new(&self.world).with(Config {
            capacity,
            trust_period: Seconds(u64::try_from(PERIOD_SECS).unwrap()),
            ..config()
        })
    }
}

/// A forged block of 108 has the place of 100, where the client began.
fn of_forks() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let now = after(&chain.world, 112);
    let show = |block: &Block| chain.show(block, START);
    let honest = |height| show(&chain.world.block_at(height));
    let deceived = chain.begin(8).update(&show(&chain.rival(108)), now);
    let mut table = Table::new(deceived);
    table.accept(
        "Misbehaviour",
        "milestone_shows_fork",
        "A block of the height of a forged one, judged from a state that the forged one put out of the ring.",
        |case| case.update(&honest(108), now),
    );
    table.accept(
        "Update",
        "milestone_goes_on",
        "A block judged from a state that is out of the ring.",
        |case| case.update(&honest(110), now),
    );
    table.accept(
        "Frozen",
        "milestone_evidence",
        "Two blocks of one height, both judged from a state that is out of the ring.",
        |case| case.evidence(&show(&chain.rival(105)), &honest(105), now),
    );
    let storm = chain
        .begin(8)
        .update(&honest(104), now)
        .update(&honest(111), now)
        .update(&honest(119), after(&chain.world, 119))
        .update(&honest(112), after(&chain.world, 119));
    let now = after(&chain.world, 119);
    let mut below = Table::new(storm);
    below.accept(
        "Misbehaviour",
        "milestone_contradicted",
        "Another block of a milestone's height, below all that the ring can hold.",
        |case| case.update(&show(&chain.rival(104)), now),
    );
    below.accept(
        "NoOp",
        "milestone_again",
        "The block of a milestone, below all that the ring can hold.",
        |case| case.update(&honest(104), now),
    );
    [table.cases, below.cases].concat()
}

/// What is stored under a milestone that is out of the ring, is proven as ever.
fn of_proofs() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let now = after(&chain.world, 112);
    let store = Store::new();
    let stored = altered(&chain.world, 101, |header| header.app_hash = store.app_hash());
    let show = |height, trusted| chain.show(&chain.world.block_at(height), trusted);
    let mut table = Table::new(
        chain
            .begin(8)
            .update(&chain.show(&stored, START), now)
            .update(&show(111, 101), now)
            .update(&show(109, 101), now),
    );
    let path = commitment(4);
    table.accept(
        "Member",
        "milestone_member",
        "A commitment under a state that is out of the ring.",
        |case| case.member(&path, &value(4), &store.proof(&path), now),
    );
    table.cases
}

/// The block of 101 is the newest before one that comes `secs` after 100; then 109 takes its place in a ring of eight. It can be
/// built on if it became a milestone.
fn passed(chain: &Chain, before: &Block, secs: i64) -> Vector {
    let now = chain.clock(secs + 5);
    chain
        .begin(8)
        .update(&chain.show(before, START), now)
        .update(&chain.show(&chain.block(111, secs, 0), 101), now)
        .update(&chain.show(&chain.world.block_at(109), 101), now)
        .update(&chain.show(&chain.block(110, PART_SECS - 3, 0), 101), now)
}

fn made() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let before = chain.world.block_at(101);
    let mut table = Table::new(passed(&chain, &before, PART_SECS));
    table.accept(
        "Update",
        "milestone_made",
        "A state that was the newest before a header that is a quarter of the trust period after the last milestone.",
        |case| case,
    );
    table.cases
}

fn not_made() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let mut early = Table::new(passed(&chain, &chain.world.block_at(101), PART_SECS - 1));
    early.refuse(
        "UnknownHeight",
        "milestone_too_early",
        "A state that was the newest before a header that is a second less than a quarter after the last milestone.",
        |case| case,
    );
    let mut same = Table::new(passed(&chain, &chain.block(101, 0, 1), PART_SECS));
    same.refuse(
        "UnknownHeight",
        "milestone_same_second",
        "A state of the second of the last milestone is none.",
        |case| case,
    );
    [early.cases, same.cases].concat()
}

/// A header every half of a quarter, for a ring of two: the most milestones that there can be. After the first `count` of them.
fn storm(chain: &Chain, count: i64) -> Vector {
    (1..=count).fold(chain.begin(2), |case, number| {
        let block = chain.block(START + number, number * STORM_SECS, 0);
        let message = chain.show(&block, START + number - 1);
        case.update(&message, chain.clock(number * STORM_SECS - 9))
    })
}

fn of_a_storm_accepted() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let mut eight = Table::new(storm(&chain, 8));
    eight.accept(
        "Misbehaviour",
        "milestone_first_of_eight",
        "A fork judged from the first of eight milestones, in the last second of its trust period.",
        |case| {
            let rival = chain.show(&chain.rival(108), START);
            case.update(&rival, chain.clock(PERIOD_SECS - 1))
        },
    );
    let mut nine = Table::new(storm(&chain, 9));
    nine.accept(
        "Misbehaviour",
        "milestone_second_of_nine",
        "A fork judged from the second of nine milestones, in the last second of its trust period.",
        |case| {
            let rival = chain.show(&chain.rival(109), 101);
            case.update(&rival, chain.clock(STORM_SECS + PERIOD_SECS - 1))
        },
    );
    [eight.cases, nine.cases].concat()
}

fn of_a_storm_refused() -> Vec<(String, Vector)> {
    let chain = Chain::new();
    let mut nine = Table::new(storm(&chain, 9));
    nine.refuse(
        "UnknownHeight",
        "milestone_ninth",
        "The first of nine milestones, which counts no more, is forgotten.",
        |case| {
            let rival = chain.show(&chain.rival(109), START);
            case.update(&rival, chain.clock(STORM_SECS + PERIOD_SECS - 1))
        },
    );
    nine.cases
}
