//! Cases that are refused for their sets and votes, before any signature is looked at.

use tendermint_client::testing::{Ballot, Kind, Validators, World, ibc, raw};
use tendermint_client::{Config, TrustLevel, VALIDATORS_MAX};

use super::format::{Table, Vector};
use crate::fixture::*;

pub(crate) fn cases() -> Vec<(String, Vector)> {
    let world = world();
    let table = Table::new(Vector::new(&world));
    let mut edits = Edits { world, table };
    of_counts(&mut edits);
    of_commits(&mut edits);
    of_members(&mut edits);
    of_hashes(&mut edits);
    [edits.table.cases, of_next(), of_power()].concat()
}

/// Block 110, edited after it was signed.
struct Edits {
    world: World,
    table: Table,
}

impl Edits {
    fn refuse(&mut self, error: &str, name: &str, about: &str, edit: &dyn Fn(&mut ibc::Header)) {
        let world = &self.world;
        self.table.refuse(error, name, about, |case| {
            let mut message = world.show(&world.block_at(110), 100);
            edit(&mut message);
            case.update(&message, now(world))
        });
    }
}

pub(crate) fn commit(message: &mut ibc::Header) -> &mut raw::Commit {
    message.signed_header.as_mut().unwrap().commit.as_mut().unwrap()
}

fn own(message: &mut ibc::Header) -> &mut Vec<raw::Validator> {
    &mut message.validator_set.as_mut().unwrap().validators
}

fn trusted(message: &mut ibc::Header) -> &mut Vec<raw::Validator> {
    &mut message.trusted_validators.as_mut().unwrap().validators
}

fn of_counts(edits: &mut Edits) {
    edits.refuse("NoValidators", "nobody", "An empty set.", &|message| {
        message.validator_set = Some(raw::ValidatorSet::default());
    });
    edits.refuse(
        "NoValidators",
        "nobody_trusted",
        "An empty trusted set.",
        &|message| {
            message.trusted_validators = Some(raw::ValidatorSet::default());
        },
    );
    edits.refuse(
        "TooManyValidators",
        "many_votes",
        "A vote more than any set has.",
        &|message| {
            let one = raw::CommitSig {
                block_id_flag: 1,
                validator_address: Vec::new(),
                timestamp: Some(tendermint_client::testing::Timestamp {
                    seconds: -62_135_596_800,
                    nanos: 0,
                }),
                signature: Vec::new(),
            };
            commit(message).signatures = vec![one; VALIDATORS_MAX + 1];
        },
    );
    edits.refuse("VoteCount", "vote_missing", "A vote too few.", &|message| {
        commit(message).signatures.pop();
    });
    edits.refuse("VoteCount", "vote_twice", "A vote too many.", &|message| {
        let one = commit(message).signatures[0].clone();
        commit(message).signatures.push(one);
    });
}

fn of_commits(edits: &mut Edits) {
    edits.refuse(
        "CommitHeight",
        "commit_height",
        "Votes for another height.",
        &|message| commit(message).height = 111,
    );
    edits.refuse(
        "CommitBlock",
        "commit_block",
        "Votes for another block.",
        &|message| {
            commit(message).block_id.as_mut().unwrap().hash = vec![7; 32];
        },
    );
    edits.refuse(
        "CommitBlock",
        "header_edited",
        "A header that was edited.",
        &|message| {
            let signed = message.signed_header.as_mut().unwrap();
            signed.header.as_mut().unwrap().proposer_address = vec![7; 20];
        },
    );
}

fn of_members(edits: &mut Edits) {
    edits.refuse(
        "DuplicateValidator",
        "twice_own",
        "A validator twice.",
        &|message| {
            own(message)[3] = own(message)[1].clone();
        },
    );
    edits.refuse(
        "DuplicateValidator",
        "twice_trusted",
        "A trusted validator twice.",
        &|message| {
            trusted(message)[3] = trusted(message)[1].clone();
        },
    );
    edits.refuse(
        "AddressMismatch",
        "address",
        "An address that is not the key's.",
        &|message| {
            own(message)[2].address = vec![7; 20];
        },
    );
    edits.refuse(
        "AddressMismatch",
        "address_trusted",
        "Two trusted addresses exchanged.",
        &|message| {
            let set = trusted(message);
            (set[1].address, set[2].address) = (set[2].address.clone(), set[1].address.clone());
        },
    );
    edits.refuse(
        "PowerOverflow",
        "power",
        "A power more than CometBFT allows.",
        &|message| {
            own(message)[3].voting_power = i64::MAX / 8 - 89;
        },
    );
    edits.refuse(
        "PowerOverflow",
        "power_sum",
        "Powers whose sum is beyond 64 bits.",
        &|message| {
            message.trusted_validators.as_mut().unwrap().proposer = None;
            trusted(message).iter_mut().for_each(|one| one.voting_power = -1);
        },
    );
}

fn of_hashes(edits: &mut Edits) {
    edits.refuse("ValidatorsHash", "other_power", "Another power.", &|message| {
        own(message)[1].voting_power += 1
    });
    edits.refuse("ValidatorsHash", "other_order", "Another order.", &|message| {
        own(message).swap(0, 1)
    });
    edits.refuse(
        "TrustedValidatorsHash",
        "trusted_fewer",
        "A trusted validator left out.",
        &|message| {
            trusted(message).pop();
        },
    );
    edits.refuse(
        "VoteAddress",
        "votes_swapped",
        "Two votes exchanged.",
        &|message| commit(message).signatures.swap(0, 1),
    );
    edits.refuse(
        "VoteAddress",
        "vote_repeated",
        "One vote in two places.",
        &|message| {
            commit(message).signatures[3] = commit(message).signatures[0].clone();
        },
    );
}

fn of_next() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let mut table = Table::new(Vector::new(&world));
    table.refuse(
        "NextValidators",
        "next_set",
        "The next block, signed by a set that was not named.",
        |case| {
            let other = world
                .clone()
                .with_set(101, Validators::new(Kind::Ed25519, 3, &POWERS));
            let block = other.block_at(101);
            case.update(&block.ibc_header(world.height(100), world.set_at(101)), now)
        },
    );
    table.cases
}

fn of_power() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let mut table = Table::new(Vector::new(&world));
    table.refuse("NotEnoughOverlap", "strangers", "A block of strangers.", |case| {
        case.update(&world.show(&world.block_at(150), 100), now)
    });
    table.refuse(
        "NotEnoughOverlap",
        "overlap_30",
        "30 of 100 trusted power sign, the level is a third.",
        |case| case.update(&world.show(&voted(&world, 130, only(&[1, 2, 3])), 100), now),
    );
    table.refuse(
        "NotEnoughOverlap",
        "overlap_exact",
        "40 of 100 trusted power sign, the level is 40 of 100.",
        |case| {
            let trust_level = TrustLevel {
                numerator: 40,
                denominator: 100,
            };
            let case = case.with(Config {
                trust_level,
                ..config()
            });
            case.update(&world.show(&voted(&world, 130, only(&[0, 2, 3])), 100), now)
        },
    );
    let thirds = world_with(Kind::Ed25519, &[30, 29, 16, 15]);
    let mut edges = Table::new(Vector::new(&thirds));
    edges.refuse("NotEnoughSigners", "two_thirds_exact", "60 of 90 sign.", |case| {
        case.update(&thirds.show(&voted(&thirds, 110, only(&[1, 2, 3])), 100), now)
    });
    edges.refuse(
        "NotEnoughSigners",
        "below_two_thirds",
        "59 of 90 sign the next block.",
        |case| case.update(&thirds.show(&voted(&thirds, 101, only(&[0, 1])), 100), now),
    );
    edges.refuse("NotEnoughSigners", "nil", "All vote for nothing.", |case| {
        case.update(&thirds.show(&voted(&thirds, 101, |_| Ballot::Nil), 100), now)
    });
    [table.cases, edges.cases].concat()
}
