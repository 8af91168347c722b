//! Cases that are refused for what the header says, when it is shown, or what the client holds.

use tendermint_client::testing::{Timestamp, ibc, raw};
use tendermint_client::{Config, TrustLevel};
use wire::Seconds;

use super::format::{Table, Vector};
use crate::fixture::*;

pub(crate) fn cases() -> Vec<(String, Vector)> {
    [
        of_config(),
        of_first_state(),
        of_first_bytes(),
        of_headers(),
        of_states(),
        of_ring(),
        of_heights(),
        of_evidence(),
        of_time(),
    ]
    .concat()
}

fn of_config() -> Vec<(String, Vector)> {
    let world = world();
    let mut table = Table::new(Vector::new(&world));
    let mut bad = |name: &str, about: &str, change: fn(&mut Config)| {
        table.refuse("BadConfig", name, about, |case| {
            let mut config = config();
            change(&mut config);
            case.with(config)
        });
    };
    bad("no_chain", "No chain id.", |config| config.chain_id.clear());
    bad("long_chain", "A chain id of 51 bytes.", |config| {
        config.chain_id = "c".repeat(51)
    });
    bad("revision", "A revision above 64 bits.", |config| {
        config.chain_id = "c-18446744073709551616".into();
    });
    bad("trust_level", "Less than a third.", |config| {
        config.trust_level = TrustLevel {
            numerator: 33,
            denominator: 100,
        };
    });
    bad("trust_level_above", "More than all.", |config| {
        config.trust_level.numerator = 4
    });
    bad(
        "trust_period",
        "A trust period of the unbonding period.",
        |config| {
            config.trust_period = config.unbonding_period;
        },
    );
    bad("trust_period_zero", "No trust period.", |config| {
        config.trust_period = Seconds(0)
    });
    bad("clock_drift", "A drift of the trust period.", |config| {
        config.clock_drift = config.trust_period
    });
    bad("store", "A store without a name.", |config| config.store.clear());
    bad("capacity", "A ring of one.", |config| config.capacity = 1);

    table.cases
}

fn of_first_state() -> Vec<(String, Vector)> {
    let world = world();
    let mut table = Table::new(Vector::new(&world));
    table.refuse(
        "UnknownHeight",
        "start_revision",
        "A state of another revision.",
        |mut case| {
            case.revision_number = 2;
            case
        },
    );
    table.refuse(
        "UnknownHeight",
        "start_zero",
        "A state of height 0.",
        |mut case| {
            case.revision_height = 0;
            case
        },
    );
    table.refuse(
        "FromTheFuture",
        "start_future",
        "A state 10.25 s ahead of the clock.",
        |mut case| {
            case.started_at = u64::try_from(world.time_at(START).seconds).unwrap() - 10;
            case
        },
    );
    table.refuse(
        "BootstrapTooOld",
        "start_old",
        "A state of the trust period's age.",
        |mut case| {
            case.started_at = u64::try_from(world.time_at(START).seconds).unwrap() + 7 * 86_400;
            case
        },
    );
    table.cases
}

fn of_first_bytes() -> Vec<(String, Vector)> {
    let world = world();
    let mut table = Table::new(Vector::new(&world));
    let state = |change: fn(&mut ibc::ConsensusState)| {
        let mut state = world.consensus_state_at(START);
        change(&mut state);
        prost::Message::encode_to_vec(&state).into()
    };
    table.refuse("BadAppHash", "start_root", "A root of zeros.", |mut case| {
        case.bootstrap = state(|state| state.root.as_mut().unwrap().hash = vec![0; 32]);
        case
    });
    table.refuse(
        "NoNextValidators",
        "start_nobody",
        "A hash of zeros for the next set.",
        |mut case| {
            case.bootstrap = state(|state| state.next_validators_hash = vec![0; 32]);
            case
        },
    );
    table.refuse("Malformed", "start_short", "A root of 31 bytes.", |mut case| {
        case.bootstrap = state(|state| state.root.as_mut().unwrap().hash = vec![1; 31]);
        case
    });
    table.cases
}

/// What is signed by all and wrong all the same.
fn of_headers() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let mut table = Table::new(Vector::new(&world));
    let mut signed = |error: &str, name: &str, about: &str, alter: fn(&mut raw::Header)| {
        table.refuse(error, name, about, |case| {
            case.update(&world.show(&altered(&world, 110, alter), 100), now)
        });
    };
    signed("BlockVersion", "version_10", "A block of version 10.", |header| {
        header.version.as_mut().unwrap().block = 10;
    });
    signed("BlockVersion", "version_12", "A block of version 12.", |header| {
        header.version.as_mut().unwrap().block = 12;
    });
    signed("BadAppHash", "root_missing", "No root.", |header| {
        header.app_hash.clear()
    });
    signed("BadAppHash", "root_zero", "A root of zeros.", |header| {
        header.app_hash = vec![0; 32]
    });
    signed("BadAppHash", "root_long", "A root of 33 bytes.", |header| {
        header.app_hash = vec![1; 33]
    });
    signed("ChainMismatch", "chain", "Another chain.", |header| {
        header.chain_id = "wight-3".into()
    });
    signed("ChainMismatch", "chain_revision", "Another revision.", |header| {
        header.chain_id = "weigh-4".into();
    });
    signed(
        "TimeOrder",
        "time_same",
        "As late as the trusted block.",
        |header| {
            header.time = Some(Timestamp {
                seconds: 1_700_000_600,
                nanos: 250_000_000,
            });
        },
    );
    signed(
        "TimeOrder",
        "time_before",
        "A nanosecond before the trusted block.",
        |header| {
            header.time = Some(Timestamp {
                seconds: 1_700_000_600,
                nanos: 249_999_999,
            });
        },
    );
    table.cases
}

fn of_states() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let rival = altered(&world, 110, |header| header.data_hash = vec![1; 32]);
    let mut table = Table::new(Vector::new(&world));
    table.refuse("Frozen", "frozen", "After misbehaviour.", |case| {
        let case = case.evidence(&show(110, 100), &world.show(&rival, 100), now);
        case.update(&show(119, 100), now)
    });
    table.refuse(
        "Frozen",
        "frozen_evidence",
        "Evidence after misbehaviour.",
        |case| {
            let case = case.evidence(&show(110, 100), &world.show(&rival, 100), now);
            case.evidence(&show(110, 100), &world.show(&rival, 100), now)
        },
    );
    table.refuse(
        "UnknownHeight",
        "anchor",
        "Built on a height that is not held.",
        |case| case.update(&show(110, 99), now),
    );
    table.refuse(
        "UnknownHeight",
        "anchor_revision",
        "Built on another revision.",
        |case| {
            let mut message = show(110, 100);
            message.trusted_height.as_mut().unwrap().revision_number = 2;
            case.update(&message, now)
        },
    );
    table.cases
}

fn of_ring() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let narrow = Config {
        capacity: 8,
        ..config()
    };
    let mut table = Table::new(Vector::new(&world).with(narrow));
    table.refuse(
        "OlderThanRing",
        "ring",
        "A height that a ring of 8 does not reach.",
        |case| case.update(&show(119, 100), now).update(&show(111, 100), now),
    );
    table.refuse(
        "OlderThanRing",
        "ring_nanosecond",
        "A height that a ring of 8 does not reach, a nanosecond earlier than the newest.",
        |case| {
            let far = altered(&world, 119, |header| {
                let time = world.time_at(110);
                let nanos = time.nanos + 1;
                header.time = Some(Timestamp { nanos, ..time });
            });
            case.update(&world.show(&far, 100), now)
                .update(&show(110, 100), now)
        },
    );
    table.refuse(
        "BadSignature",
        "behind_ring",
        "A height that a ring of 8 does not reach, as late as the newest, by a made-up signature.",
        |case| {
            let far = altered(&world, 119, |header| header.time = Some(world.time_at(110)));
            let mut bogus = world.block_at(110);
            bogus.commit.signatures[0].signature = vec![7; 64];
            case.update(&world.show(&far, 100), now)
                .update(&world.show(&bogus, 100), now)
        },
    );
    table.cases
}

fn of_heights() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let mut table = Table::new(Vector::new(&world));
    table.refuse(
        "HeightOrder",
        "height_same",
        "The height that it builds on.",
        |case| case.update(&show(110, 100), now).update(&show(110, 110), now),
    );
    table.refuse(
        "HeightOrder",
        "height_below",
        "A height below what it builds on.",
        |case| case.update(&show(110, 100), now).update(&show(105, 110), now),
    );
    table.cases
}

fn of_evidence() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let rival = altered(&world, 110, |header| header.data_hash = vec![1; 32]);
    let mut table = Table::new(Vector::new(&world));
    table.refuse("NotMisbehaviour", "same", "Twice the same header.", |case| {
        case.evidence(&show(110, 100), &show(110, 100), now)
    });
    table.refuse("NotMisbehaviour", "successive", "Two honest headers.", |case| {
        case.evidence(&show(111, 100), &show(110, 100), now)
    });
    table.refuse(
        "NotEnoughSigners",
        "evidence_few",
        "The rival block is a minority's.",
        |case| {
            let mut rival = rival.clone();
            for vote in &mut rival.commit.signatures[1..] {
                vote.block_id_flag = 3;
            }
            case.evidence(&show(110, 100), &world.show(&rival, 100), now)
        },
    );
    table.refuse(
        "BadSignature",
        "evidence_bogus",
        "The rival block's first signature is made up.",
        |case| {
            let mut rival = rival.clone();
            rival.commit.signatures[0].signature = vec![7; 64];
            case.evidence(&show(110, 100), &world.show(&rival, 100), now)
        },
    );
    table.cases
}

fn of_time() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let show = |height, trusted| world.show(&world.block_at(height), trusted);
    let until = Seconds(u64::try_from(world.time_at(START).seconds).unwrap() + 7 * 86_400);
    let mut table = Table::new(Vector::new(&world));
    table.refuse("Expired", "expired", "The first second without trust.", |case| {
        case.update(&show(110, 100), until)
    });
    table.refuse("Expired", "expired_evidence", "Evidence then.", |case| {
        let rival = altered(&world, 110, |header| header.data_hash = vec![1; 32]);
        case.evidence(&show(110, 100), &world.show(&rival, 100), until)
    });
    table.refuse(
        "AnchorExpired",
        "anchor_expired",
        "Built on a state in its first second without trust.",
        |case| case.update(&show(119, 100), now).update(&show(110, 100), until),
    );
    table.refuse(
        "FromTheFuture",
        "future",
        "A block 10.25 s ahead of the clock.",
        |case| {
            let made = u64::try_from(world.time_at(110).seconds).unwrap();
            case.update(&show(110, 100), Seconds(made - 10))
        },
    );
    table.cases
}
