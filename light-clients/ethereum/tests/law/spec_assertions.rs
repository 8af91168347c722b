//! Every assertion of the specification's sync protocol that applies to a bridge, with a forgery that breaks only it.
//!
//! Each forgery is as good as an attacker can make it: signed by whoever he is assumed to own, with right branches and
//! proofs everywhere else. So a client without the one check would accept it, and this table would fail (T-29).
//!
//! What does not apply: the compact form has no attested execution header, no empty finalized header, no empty next
//! committee and no optimistic header; `force_update` does not exist. These are judged in `e2e/spec-store`.

use client::Advance;
use ethereum::testing::{Draft, Keys, World};
use ethereum::{
    Absentees, Blst, Bootstrap, Period, Reject, Slot, Trusted, Update, check_trusted_root, start,
};

use crate::fixture::*;

/// An assertion of the specification, the rule that stands for it here, and a forgery that breaks only it.
struct Row {
    assertion: &'static str,
    rule: &'static str,
    forge: fn(&World) -> Reject,
}

const TABLE: [Row; 17] = [
    Row {
        assertion: "initialize: hash_tree_root(bootstrap.header.beacon) == trusted_block_root",
        rule: "UntrustedHeader",
        forge: |world| {
            let trusted = world.bootstrap(START).header.root();
            check_trusted_root(&lying(world).bootstrap(START), trusted).unwrap_err()
        },
    },
    Row {
        assertion: "initialize: is_valid_light_client_header(bootstrap.header)",
        rule: "ExecutionBranch",
        forge: |world| {
            let lie = lying(world).bootstrap(START);
            let honest = world.bootstrap(START);
            let execution = ethereum::Execution {
                branch: honest.execution.branch,
                ..lie.execution
            };
            refused_start(
                world,
                &Bootstrap {
                    execution,
                    account_proof: lie.account_proof,
                    ..honest
                },
            )
        },
    },
    Row {
        assertion: "initialize: is_valid_merkle_branch(current_sync_committee)",
        rule: "CommitteeBranch",
        forge: |world| {
            let mut bootstrap = world.bootstrap(START);
            bootstrap.current.committee = Keys::new(1, 32).committee().commit(&Blst).unwrap();
            refused_start(world, &bootstrap)
        },
    },
    Row {
        assertion: "validate: sum(sync_committee_bits), two thirds of them for finality",
        rule: "NotEnoughSigners",
        forge: |world| refused(world, &world.update(&draft().without(0..11))),
    },
    Row {
        assertion: "validate: current_slot >= signature_slot",
        rule: "FromTheFuture",
        forge: |world| {
            let update = world.update(&draft());
            let early = wire::Seconds(world.time(update.signature_slot.0).0 - 1);
            ethereum::verify_update(&Blst, &started(world), &update, early).unwrap_err()
        },
    },
    Row {
        assertion: "validate: signature_slot > attested_slot",
        rule: "SlotOrder",
        forge: |world| {
            refused(
                world,
                &world.update(&Draft {
                    signature: START + 3 * EPOCH,
                    ..draft()
                }),
            )
        },
    },
    Row {
        assertion: "validate: attested_slot >= finalized_slot",
        rule: "SlotOrder",
        forge: |world| {
            refused(
                world,
                &world.update(&Draft::new(START + 3 * EPOCH, START + EPOCH)),
            )
        },
    },
    Row {
        assertion: "validate: signature_period in (store_period, store_period + 1)",
        rule: "UnknownCommittee",
        forge: |world| {
            let at = START + 2 * PERIOD;
            refused(world, &world.update(&Draft::new(at, at + EPOCH)))
        },
    },
    Row {
        assertion: "validate: signature_period == store_period while the next committee is unknown",
        rule: "UnknownCommittee",
        forge: |world| refused(world, &world.update(&Draft::new(START + EPOCH, START + PERIOD))),
    },
    Row {
        assertion: "validate: attested_slot > finalized_slot of the store, or something new",
        rule: "OlderThanRing",
        forge: |world| {
            let config = ethereum::Config {
                capacity: 2,
                ..world.config()
            };
            let trusted = start(&Blst, config, &bootstrap(world), world.time(START)).unwrap();
            let newer = world.update(&Draft::new(START + 3 * EPOCH, START + 4 * EPOCH));
            let trusted = advanced(world, &trusted, &newer);
            refusal(world, &trusted, &world.update(&draft()))
        },
    },
    Row {
        assertion: "validate: is_valid_light_client_header(finalized_header)",
        rule: "ExecutionBranch",
        forge: |world| {
            let lie = lying(world).update(&draft());
            let honest = world.update(&draft());
            let execution = ethereum::Execution {
                branch: honest.execution.branch,
                ..lie.execution
            };
            refused(
                world,
                &Update {
                    execution,
                    account_proof: lie.account_proof,
                    ..honest
                },
            )
        },
    },
    Row {
        assertion: "validate: is_valid_merkle_branch(finalized_root)",
        rule: "FinalityBranch",
        forge: |world| {
            let lie = lying(world).update(&draft());
            let honest = world.update(&draft());
            let (finalized, execution) = (lie.finalized, lie.execution);
            refused(
                world,
                &Update {
                    finalized,
                    execution,
                    account_proof: lie.account_proof,
                    ..honest
                },
            )
        },
    },
    Row {
        assertion: "validate: is_valid_merkle_branch(next_sync_committee)",
        rule: "NextCommitteeBranch",
        forge: |world| {
            let mut update = world.update(&draft().rotating());
            let own = Keys::new(2, 32).committee().commit(&Blst).unwrap();
            update.next.as_mut().unwrap().committee = own;
            refused(world, &update)
        },
    },
    Row {
        assertion: "validate: sync_committee is that of the store",
        rule: "WrongCommittee",
        forge: |world| {
            let own = world.changed(|world| world.committee_salt = 1);
            refused(world, &own.update(&draft()))
        },
    },
    Row {
        assertion: "validate: participant_pubkeys are those of the set bits",
        rule: "AbsenteeProof",
        forge: |world| {
            // Seat 5 is absent; the bits say that it is seat 6.
            let mut update = world.update(&draft().without([5]));
            let six = world.update(&draft().without([6]));
            update.signers = six.signers;
            update.absentees = Absentees {
                siblings: six.absentees.siblings,
                keys: update.absentees.keys,
            };
            refused(world, &update)
        },
    },
    Row {
        assertion: "validate: bls.FastAggregateVerify",
        rule: "BadSignature",
        forge: |world| {
            let mut update = lying(world).update(&draft());
            update.signature = world.update(&draft()).signature;
            refused(world, &update)
        },
    },
    Row {
        assertion: "apply: update_finalized_period == store_period before a committee is learned",
        rule: "NextCommitteePeriod",
        forge: |world| {
            let trusted = advanced(world, &started(world), &world.update(&draft().rotating()));
            let across = Draft::new(START + 6 * EPOCH, START + PERIOD);
            let mut update = world.update(&across);
            let spec = world.spec_update(&across.rotating());
            let committee = spec.next_sync_committee.commit(&Blst).unwrap();
            let branch = spec.next_sync_committee_branch;
            update.next = Some(ethereum::ProvenCommittee { committee, branch });
            refusal(world, &trusted, &update)
        },
    },
];

/// The same committees, other blocks, another storage.
fn lying(world: &World) -> World {
    world.changed(|world| {
        world.salt = 1;
        world
            .storage
            .insert(flipped(Default::default()), flipped(Default::default()));
    })
}

fn refused(world: &World, update: &Update) -> Reject {
    refusal(world, &started(world), update)
}

fn refused_start(world: &World, bootstrap: &Bootstrap) -> Reject {
    start(&Blst, world.config(), bootstrap, world.time(START)).unwrap_err()
}

#[test]
fn t29_each_assertion_refuses_a_forgery_that_breaks_only_it() {
    let world = world();
    for row in TABLE {
        let refused = format!("{:?}", (row.forge)(&world));
        let rule = refused.split([' ', '(', '{']).next().unwrap();
        assert_eq!(rule, row.rule, "{}", row.assertion);
    }
}

/// "validate: next_sync_committee == store.next_sync_committee": who breaks only this signed for two committees, and is
/// not only refused.
#[test]
fn t29_another_next_committee_than_the_stores_freezes() {
    let world = world();
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    let liar = World::new(world.network.clone());
    liar.set_keys(Period(4), (*world.keys(Period(4))).clone());
    liar.set_keys(Period(5), Keys::new(3, 32));
    let judged = judge(&world, &trusted, &liar.update(&draft().rotating()));
    assert!(matches!(judged, Ok(Advance::Misbehaviour(after)) if after.frozen));
}

#[test]
fn t29_what_the_forgeries_are_made_of_is_accepted_where_it_belongs() {
    // The lying world is a consistent chain: a client of that chain accepts what the table forges from.
    let lie = lying(&world());
    let trusted: Trusted = started(&lie);
    let draft = draft().rotating().without([5]);
    let after = advanced(&lie, &trusted, &lie.update(&draft));
    assert_eq!(after.newest, Slot(START + EPOCH));
    assert_eq!(judge(&lie, &after, &lie.update(&draft)), Ok(Advance::NoOp));
}
