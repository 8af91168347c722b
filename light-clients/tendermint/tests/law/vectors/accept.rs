//! Cases that are accepted.

use tendermint_client::testing::{Ballot, Block, Kind, Member, Secret, Timestamp, Validators, World};
use tendermint_client::{Config, TrustLevel};
use wire::Seconds;

use super::format::{Table, Vector};
use crate::fixture::*;

pub(crate) fn cases() -> Vec<(String, Vector)> {
    let mut cases = Vec::new();
    for (kind, suffix) in [(Kind::Ed25519, ""), (Kind::Secp256k1, "_secp256k1")] {
        for (name, case) in [of_kind(kind), of_votes(kind), of_parts(kind)].concat() {
            cases.push((format!("{name}{suffix}"), case));
        }
    }
    let others = [
        of_time(),
        of_ring(),
        of_conflicts(),
        of_far_heights(),
        of_evidence(),
        of_sets(),
    ];
    cases.extend(others.concat());
    cases
}

/// What both kinds of keys sign.
fn of_kind(kind: Kind) -> Vec<(String, Vector)> {
    let world = world_of(kind);
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let mut table = Table::new(Vector::new(&world));
    table.accept("Started", "start", "Begins with block 100.", |case| case);
    table.accept("Update", "next", "The next block, signed by all.", |case| {
        case.update(&show(101, 100), now)
    });
    table.accept("Update", "skip", "Ten blocks later, the same set.", |case| {
        case.update(&show(110, 100), now)
    });
    table.accept(
        "Update",
        "skip_change",
        "Another set in which 70 of 100 trusted power sign.",
        |case| case.update(&show(130, 100), now),
    );
    table.accept(
        "Update",
        "strangers_next",
        "A set in which nobody is known, named by the block before.",
        |case| case.update(&show(139, 100), now).update(&show(140, 139), now),
    );
    table.cases
}

fn of_votes(kind: Kind) -> Vec<(String, Vector)> {
    let world = world_of(kind);
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let mut table = Table::new(Vector::new(&world));
    table.accept(
        "Update",
        "votes_mixed",
        "Two sign, one votes for nothing, one is absent.",
        |case| {
            let block = voted(&world, 110, |place| {
                [Ballot::Block, Ballot::Block, Ballot::Nil, Ballot::Absent][place]
            });
            case.update(&world.show(&block, 100), now)
        },
    );
    table.accept(
        "Update",
        "bogus_unneeded",
        "The signature of one who is not needed is made up.",
        |case| {
            let mut block = world.block_at(110);
            block.commit.signatures[3].signature = vec![7; 64];
            case.update(&world.show(&block, 100), now)
        },
    );
    table.accept("Update", "round", "Agreed on in round 3.", |case| {
        let block = Block::sign(world.header_at(110), world.set_at(110).clone(), 3, |_| {
            Ballot::Block
        });
        case.update(&world.show(&block, 100), now)
    });
    table.accept(
        "Frozen",
        "fork",
        "Two blocks of one height, signed by all four.",
        |case| {
            let rival = altered(&world, 110, |header| header.app_hash = World::filler("rival", 1));
            case.evidence(&show(110, 100), &world.show(&rival, 100), now)
        },
    );
    table.cases
}

/// What the twin is told in several messages.
fn of_parts(kind: Kind) -> Vec<(String, Vector)> {
    let world = world_of(kind);
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let mut table = Table::new(Vector::new(&world));
    let by_one = |case: Vector| Vector {
        packed_votes_max: 1,
        ..case
    };
    table.accept("Update", "parts", "A part for each vote, the same set.", |case| {
        by_one(case.update(&show(110, 100), now))
    });
    table.accept("Update", "parts_change", "Parts, and another set.", |case| {
        by_one(case.update(&show(130, 100), now))
    });
    table.accept(
        "Frozen",
        "parts_fork",
        "Parts of two blocks of one height.",
        |case| {
            let rival = altered(&world, 110, |header| header.app_hash = World::filler("rival", 1));
            by_one(case.evidence(&show(110, 100), &world.show(&rival, 100), now))
        },
    );
    table.cases
}

/// Edges of time.
fn of_time() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let began = u64::try_from(world.time_at(START).seconds).unwrap();
    let mut table = Table::new(Vector::new(&world));
    table.accept("Update", "last_second", "The last second of trust.", |case| {
        case.update(&show(110, 100), Seconds(began + 7 * 86_400 - 1))
    });
    table.accept(
        "Update",
        "anchor_last_second",
        "Built on a state in its last second.",
        |case| {
            let last = Seconds(began + 7 * 86_400 - 1);
            case.update(&show(119, 100), now).update(&show(110, 100), last)
        },
    );
    table.accept("Update", "drift", "A block 9.25 s ahead of the clock.", |case| {
        let made = u64::try_from(world.time_at(110).seconds).unwrap();
        case.update(&show(110, 100), Seconds(made - 9))
    });
    table.accept(
        "Update",
        "nanosecond",
        "A block one nanosecond after the trusted one.",
        |case| {
            let time = world.time_at(START);
            let block = altered(&world, 101, |header| {
                header.time = Some(Timestamp {
                    nanos: time.nanos + 1,
                    ..time
                });
            });
            case.update(&world.show(&block, 100), now)
        },
    );
    table.cases
}

fn of_ring() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let mut table = Table::new(Vector::new(&world));
    table.accept("Update", "gap", "An older block fills a gap.", |case| {
        case.update(&show(119, 100), now).update(&show(110, 100), now)
    });
    table.accept(
        "Update",
        "ring_reach",
        "The oldest height that a ring of 8 reaches.",
        |case| {
            let narrow = Config {
                capacity: 8,
                ..config()
            };
            let case = case.with(narrow);
            case.update(&show(119, 100), now).update(&show(112, 100), now)
        },
    );
    table.accept("NoOp", "again", "The same block once more, later.", |case| {
        let later = Seconds(now.0 + 60);
        case.update(&show(110, 100), now).update(&show(110, 100), later)
    });
    table.accept(
        "NoOp",
        "again_other_votes",
        "The same block with other votes.",
        |case| {
            let block = voted(&world, 110, only(&[0, 1]));
            case.update(&show(110, 100), now)
                .update(&world.show(&block, 100), now)
        },
    );
    table.cases
}

fn of_conflicts() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let rival = altered(&world, 110, |header| header.app_hash = World::filler("rival", 1));
    let mut table = Table::new(Vector::new(&world));
    table.accept(
        "Misbehaviour",
        "conflict",
        "A block whose root is not the one that is believed.",
        |case| {
            case.update(&show(110, 100), now)
                .update(&world.show(&rival, 100), now)
        },
    );
    table.accept(
        "Misbehaviour",
        "conflict_time",
        "A higher block that is earlier than a believed one.",
        |case| {
            let early = altered(&world, 115, |header| header.time.as_mut().unwrap().seconds -= 31);
            case.update(&show(110, 100), now)
                .update(&world.show(&early, 100), now)
        },
    );
    table.accept(
        "Misbehaviour",
        "conflict_time_below",
        "A lower block that is as late as the newest.",
        |case| {
            let late = altered(&world, 105, |header| header.time.as_mut().unwrap().seconds += 30);
            case.update(&show(110, 100), now)
                .update(&world.show(&late, 100), now)
        },
    );
    table.cases
}

/// A height above all that the chain will have for long, so that the chain's own headers lie below the ring.
fn of_far_heights() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let narrow = Config {
        capacity: 8,
        ..config()
    };
    let far = altered(&world, 119, |header| header.time = Some(world.time_at(110)));
    let deceived = Vector::new(&world)
        .with(narrow)
        .update(&world.show(&far, 100), now);
    let mut table = Table::new(deceived);
    table.accept(
        "Misbehaviour",
        "conflict_time_behind_ring",
        "A block below the ring that is as late as the newest.",
        |case| case.update(&show(110, 100), now),
    );
    table.accept(
        "Misbehaviour",
        "conflict_time_behind_ring_later",
        "A block below the ring that is later than the newest.",
        |case| case.update(&show(111, 100), now),
    );
    table.cases
}

fn of_evidence() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let rival = altered(&world, 110, |header| {
        header.app_hash = World::filler("rival", 1);
    });
    let mut table = Table::new(Vector::new(&world));
    table.accept(
        "Frozen",
        "fork_bogus",
        "Two blocks of one height; a made-up signature accuses nobody.",
        |case| {
            let mut rival = rival.clone();
            rival.commit.signatures[3].signature = vec![7; 64];
            case.evidence(&show(110, 100), &world.show(&rival, 100), now)
        },
    );
    table.accept(
        "Frozen",
        "fork_rounds",
        "Two blocks of one height from two rounds: nobody is named.",
        |case| {
            let later = Block::sign(rival.header.clone(), rival.validators.clone(), 1, |_| {
                Ballot::Block
            });
            case.evidence(&show(110, 100), &world.show(&later, 100), now)
        },
    );
    table.accept(
        "Frozen",
        "time_stands",
        "A higher block of the same moment: nobody is named.",
        |case| {
            let still = altered(&world, 112, |header| header.time = Some(world.time_at(110)));
            case.evidence(&world.show(&still, 100), &show(110, 100), now)
        },
    );
    table.accept(
        "Frozen",
        "fork_future",
        "Two blocks of one height, ahead of the clock.",
        |case| case.evidence(&show(110, 100), &world.show(&rival, 100), after(&world, 101)),
    );
    table.cases
}

/// Sets at the edges.
fn of_sets() -> Vec<(String, Vector)> {
    let mut cases = Vec::new();
    let mut one = |world: World, name: &str, about: &str, go: &dyn Fn(&World, Vector) -> Vector| {
        let mut table = Table::new(Vector::new(&world));
        table.accept("Update", name, about, |case| go(&world, case));
        cases.extend(table.cases);
    };
    let mixed = Validators::of(
        (0..6)
            .map(|number| Member {
                secret: Secret::new(
                    [Kind::Ed25519, Kind::Secp256k1][usize::from(number % 2 == 1)],
                    4,
                    number,
                ),
                power: 10,
            })
            .collect(),
    );
    let mixed = World::new("weigh-3", 3, mixed);
    one(
        mixed,
        "both_kinds",
        "A set of keys of both kinds.",
        &|world, case| case.update(&world.show(&world.block_at(130), 100), now(world)),
    );
    let eighth = i64::MAX / 8;
    let strong = world_with(Kind::Ed25519, &[eighth / 2, eighth - eighth / 2]);
    one(
        strong,
        "power_max",
        "All the power that there may be.",
        &|world, case| case.update(&world.show(&world.block_at(130), 100), now(world)),
    );
    let thirds = world_with(Kind::Ed25519, &[30, 29, 16, 15]);
    one(thirds, "two_thirds_and_one", "61 of 90 sign.", &|world, case| {
        let block = voted(world, 110, only(&[0, 2, 3]));
        case.update(&world.show(&block, 100), now(world))
    });
    one(
        world(),
        "overlap_and_one",
        "40 of 100 trusted power sign, the level is 39 of 100.",
        &|world, case| {
            let trust_level = TrustLevel {
                numerator: 39,
                denominator: 100,
            };
            let block = voted(world, 130, only(&[0, 2, 3]));
            let case = case.with(Config {
                trust_level,
                ..config()
            });
            case.update(&world.show(&block, 100), now(world))
        },
    );
    cases
}
