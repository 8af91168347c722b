//! Cases that have to be refused, one step outside each rule.

use ethereum::codec::{encode_evidence, encode_update};
use ethereum::testing::{Draft, Keys, Router, World};
use ethereum::{Bls, Blst, Evidence, G2, Slot, Update};

use super::accept::{bare, fork_of, rotated_by_liar};
use super::format::Vector;
use super::point;
use super::scene::{Case, Scene, Steps};
use crate::fixture::{EPOCH, PERIOD, START, flipped};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = malformed(scene);
    cases.extend(usable_and_times(scene));
    cases.extend(rings(scene));
    cases.extend(committees(scene));
    cases.extend(branches(scene));
    cases.extend(next_committees(scene));
    cases.extend(signers(scene));
    cases.extend(signatures(scene));
    cases.extend(accounts(scene));
    cases.extend(misbehaviour(scene));
    cases
}

/// The honest update with one change, refused by `error`.
fn broken(scene: &Scene, error: &str, change: impl FnOnce(&mut Update)) -> Vector {
    broken_from(scene, &scene.draft(), error, change)
}

fn broken_from(scene: &Scene, draft: &Draft, error: &str, change: impl FnOnce(&mut Update)) -> Vector {
    let mut update = scene.world.update(draft);
    change(&mut update);
    scene.client("update").refuses(&update, error)
}

/// The honest update's bytes with one change, refused as malformed.
fn misread(scene: &Scene, draft: &Draft, change: impl FnOnce(&mut Vec<u8>)) -> Vector {
    let update = scene.world.update(draft);
    let mut bytes = encode_update(&update);
    change(&mut bytes);
    let now = scene.world.time(update.signature_slot.0).0;
    scene
        .client("update")
        .judged(bytes, update.finalized.slot.0, now)
        .refused("Malformed")
}

fn malformed(scene: &Scene) -> Vec<Case> {
    let draft = scene.draft();
    let header_end = 938;
    vec![
        ("empty", misread(scene, &draft, Vec::clear)),
        ("version_0", misread(scene, &draft, |bytes| bytes[0] = 0)),
        ("version_2", misread(scene, &draft, |bytes| bytes[0] = 2)),
        ("unknown_flag", misread(scene, &draft, |bytes| bytes[1] |= 2)),
        (
            "ends_in_header",
            misread(scene, &draft, |bytes| bytes.truncate(200)),
        ),
        (
            "ends_before_finality_branch",
            misread(scene, &draft, |bytes| bytes.truncate(header_end)),
        ),
        (
            "ends_in_absent_keys",
            misread(scene, &draft.clone().without([5]), |bytes| {
                bytes.truncate(header_end + 7 * 32 + 40)
            }),
        ),
        (
            "ends_in_siblings",
            misread(scene, &draft.without([5]), |bytes| {
                bytes.truncate(header_end + 7 * 32 + 96 + 8 * 32)
            }),
        ),
    ]
}

fn usable_and_times(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let update = scene.update();
    let mut liar = fork_of(scene);
    liar.storage.clear();
    liar.storage
        .insert(flipped(Default::default()), flipped(Default::default()));
    let contradiction = liar.update(&Draft::new(START, START + 2));
    let frozen_at = world.time(contradiction.signature_slot.0).0;
    let frozen = scene
        .client("update")
        .judged(encode_update(&contradiction), START, frozen_at);
    let expired = world.time(START).0 + scene.config().trust_period.0;
    let bytes = encode_update(&update);
    let slot = update.finalized.slot.0;
    let early = world.time(update.signature_slot.0).0 - 1;
    vec![
        ("after_misbehaviour", frozen.refuses(&update, "Frozen")),
        (
            "trust_period_over",
            scene
                .client("update")
                .judged(bytes.clone(), slot, expired)
                .refused("Expired"),
        ),
        (
            "one_second_early",
            scene
                .client("update")
                .judged(bytes, slot, early)
                .refused("FromTheFuture"),
        ),
        ("signature_slot_beyond_all_time", beyond_all_time(scene)),
        ("layout_unknown", unknown_layout(scene)),
        ("before_first_fork", before_first_fork(scene)),
        (
            "signature_not_after_attested",
            broken(scene, "SlotOrder", |update| {
                update.signature_slot = update.attested.slot
            }),
        ),
        (
            "finalized_after_attested",
            broken(scene, "SlotOrder", |update| {
                update.finalized.slot = update.signature_slot
            }),
        ),
    ]
}

/// A signature slot whose time does not fit into 64 bits.
fn beyond_all_time(scene: &Scene) -> Vector {
    let update = Update {
        signature_slot: Slot(u64::MAX),
        ..scene.update()
    };
    let now = scene.world.time(START + 4 * EPOCH).0;
    scene
        .client("update")
        .judged(encode_update(&update), START + EPOCH, now)
        .refused("FromTheFuture")
}

/// The schedule says that a fork of unknown layout came before the attested header.
fn unknown_layout(scene: &Scene) -> Vector {
    let epoch = (START + 2 * EPOCH) / EPOCH;
    scene
        .client("update")
        .with(|vector| {
            vector.fork_epochs.push(epoch);
            vector.fork_versions.push([7, 0, 0, 1].into());
            vector.fork_layouts.push(9);
        })
        .refuses(&scene.update(), "UnknownFork")
}

/// The finalized header is older than the first fork of the schedule.
fn before_first_fork(scene: &Scene) -> Vector {
    broken(scene, "UnknownFork", |update| update.finalized.slot = Slot(EPOCH)).with_forks_from(2)
}

trait WithForks {
    fn with_forks_from(self, first: usize) -> Self;
}

impl WithForks for Vector {
    fn with_forks_from(mut self, first: usize) -> Self {
        self.fork_epochs.drain(..first);
        self.fork_versions.drain(..first);
        self.fork_layouts.drain(..first);
        self
    }
}

fn rings(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let far = world.update(&Draft::new(START + 5 * EPOCH, START + 6 * EPOCH).rotating());
    let next = world.update(&Draft::new(START + 9 * EPOCH, START + 9 * EPOCH + 2));
    let old = world.update(&Draft::new(START + EPOCH, START + 9 * EPOCH + 2));
    let other = world.update(&Draft::new(START - 1, START + EPOCH));
    vec![
        (
            "one_place_behind_the_ring",
            scene
                .client("update")
                .then(&far)
                .then(&next)
                .refuses(&old, "OlderThanRing"),
        ),
        (
            "other_slot_of_the_epoch",
            scene.client("update").refuses(&other, "ConflictingCheckpoint"),
        ),
    ]
}

fn committees(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let one_too_few = scene.draft().without((0..171).map(|n| n * 2));
    let third = scene.draft().without(171..512);
    let skipped = world.update(&Draft::new(START + 2 * PERIOD, START + 2 * PERIOD + 9));
    let foreign = world.changed(|world| world.committee_salt = 3);
    vec![
        (
            "absent_171",
            scene
                .client("update")
                .refuses(&world.update(&one_too_few), "NotEnoughSigners"),
        ),
        (
            "a_third_signed",
            scene
                .client("update")
                .refuses(&world.update(&third), "NotEnoughSigners"),
        ),
        (
            "t27_skipped_period",
            scene.client("update").refuses(&skipped, "UnknownCommittee"),
        ),
        (
            "next_period_not_learned",
            scene.client("update").refuses(
                &world.update(&Draft::new(START + EPOCH, START + PERIOD)),
                "UnknownCommittee",
            ),
        ),
        (
            "forgotten_period",
            scene.client("update").refuses(
                &world.update(&Draft {
                    signature: START - EPOCH - 1,
                    ..Draft::new(START - 2 * EPOCH, START - EPOCH - 2)
                }),
                "UnknownCommittee",
            ),
        ),
        (
            "own_committee_of_an_attacker",
            scene
                .client("update")
                .refuses(&foreign.update(&scene.draft()), "WrongCommittee"),
        ),
        (
            "other_pubkeys_root",
            broken(scene, "WrongCommittee", |update| {
                update.committee.pubkeys_root = flipped(update.committee.pubkeys_root);
            }),
        ),
        (
            "other_aggregate",
            broken(scene, "WrongCommittee", |update| {
                update.committee.aggregate = update.committee.aggregate.negate().unwrap();
            }),
        ),
    ]
}

fn branches(scene: &Scene) -> Vec<Case> {
    let edit = |error: &str, change: fn(&mut Update)| broken(scene, error, change);
    vec![
        (
            "finality_node",
            edit("FinalityBranch", |update| {
                update.finality_branch[3] = flipped(update.finality_branch[3])
            }),
        ),
        (
            "finalized_header_edited",
            edit("FinalityBranch", |update| update.finalized.proposer_index += 1),
        ),
        (
            "execution_node",
            edit("ExecutionBranch", |update| {
                update.execution.branch[8] = flipped(update.execution.branch[8])
            }),
        ),
        (
            "execution_state_root_edited",
            edit("ExecutionBranch", |update| {
                update.execution.state_root = flipped(update.execution.state_root)
            }),
        ),
        (
            "t33_execution_zero",
            edit("ExecutionBranch", |update| {
                update.execution.state_root = Default::default()
            }),
        ),
    ]
}

fn next_committees(scene: &Scene) -> Vec<Case> {
    let rotating = scene.draft().rotating();
    let edit = |error: &str, change: fn(&mut Update)| broken_from(scene, &rotating, error, change);
    let liar = rotated_by_liar(scene).update(&rotating);
    let learned = scene.client("update").then(&scene.world.update(&rotating));
    vec![
        ("two_periods", two_periods(scene)),
        (
            "node",
            edit("NextCommitteeBranch", |update| {
                let branch = &mut update.next.as_mut().unwrap().branch;
                branch[0] = flipped(branch[0]);
            }),
        ),
        (
            "current_as_next",
            edit("NextCommitteeBranch", |update| {
                update.next.as_mut().unwrap().committee = update.committee;
            }),
        ),
        (
            "aggregate_of_other_sign",
            edit("NextCommitteeBranch", |update| {
                let next = &mut update.next.as_mut().unwrap().committee;
                next.aggregate = next.aggregate.negate().unwrap();
            }),
        ),
        (
            "next_aggregate_off_curve",
            edit("BadPoint", |update| {
                let next = &mut update.next.as_mut().unwrap().committee;
                next.aggregate = point::off_curve(&next.aggregate);
            }),
        ),
        (
            "next_aggregate_unreduced",
            edit("BadPoint", |update| {
                let next = &mut update.next.as_mut().unwrap().committee;
                next.aggregate = point::unreduced(&next.aggregate);
            }),
        ),
        (
            "other_committee_learned_before",
            learned.refuses(&liar, "NextCommitteeConflict"),
        ),
    ]
}

/// A next committee in an update whose headers lie in two periods.
fn two_periods(scene: &Scene) -> Vector {
    let world = &scene.world;
    let rotation = world.update(&scene.draft().rotating());
    let across = Draft::new(START + 6 * EPOCH, START + 8 * EPOCH);
    let spec = world.spec_update(&across.clone().rotating());
    let mut update = world.update(&across);
    let proof = world.update(&Draft::new(START + 7 * EPOCH, START + 8 * EPOCH).rotating());
    update.next = proof.next.map(|mut next| {
        next.branch = spec.next_sync_committee_branch;
        next
    });
    scene
        .client("update")
        .then(&rotation)
        .refuses(&update, "NextCommitteePeriod")
}

fn signers(scene: &Scene) -> Vec<Case> {
    let draft = scene.draft().without([7, 8, 200]);
    let edit = |error: &str, change: fn(&mut Update)| broken_from(scene, &draft, error, change);
    vec![
        (
            "sibling",
            edit("AbsenteeProof", |update| {
                update.absentees.siblings[2] = flipped(update.absentees.siblings[2])
            }),
        ),
        (
            "keys_swapped",
            edit("AbsenteeProof", |update| update.absentees.keys.swap(0, 2)),
        ),
        (
            "key_of_other_sign",
            edit("AbsenteeProof", |update| {
                update.absentees.keys[0] = update.absentees.keys[0].negate().unwrap();
            }),
        ),
        // The same number of absent seats, others than those that were absent.
        (
            "other_seat_claimed",
            edit("AbsenteeProof", |update| {
                update.signers[0] = !(1 << 6);
            }),
        ),
        (
            "absent_key_off_curve",
            edit("BadPoint", |update| {
                update.absentees.keys[1] = point::off_curve(&update.absentees.keys[1])
            }),
        ),
        (
            "absent_key_unreduced",
            edit("BadPoint", |update| {
                update.absentees.keys[1] = point::unreduced(&update.absentees.keys[1])
            }),
        ),
        (
            "absent_key_zero",
            edit("BadPoint", |update| update.absentees.keys[1].0 = [0; 96]),
        ),
        ("signers_cancel_each_other", infinity(scene)),
    ]
}

/// A committee whose keys add up to the first seat's: without it, nothing is left.
fn infinity(scene: &Scene) -> Vector {
    let mut world = World::new(scene.world.network.clone());
    world.storage = scene.world.storage.clone();
    let period = world.network.period_of(Slot(START));
    world.set_keys(period, Keys::cancelling(5, 512));
    let keys = world.keys(period);
    let mut spec = world.spec_update(&scene.draft());
    spec.sync_aggregate.sync_committee_bits = keys.bits_without(&[0]).into();
    let proof = world.account_proof_of(world.address);
    let update = ethereum::spec::compact_update(&Blst, &world.network, &spec, keys.committee(), &proof.nodes);
    Steps::start(&world, scene.config(), "update", START).refuses(&update.unwrap(), "AggregateAtInfinity")
}

fn signatures(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let other = world.update(&Draft::new(START + EPOCH, START + 3 * EPOCH + 1));
    let edit = |error: &str, change: fn(&mut Update)| broken(scene, error, change);
    let fork_slot = PERIOD;
    let wrong_version = fork_version(scene, Draft::new(fork_slot - 8, fork_slot - 1), [5, 0, 0, 1]);
    let old_version = fork_version(scene, Draft::new(fork_slot - 8, fork_slot), [4, 0, 0, 1]);
    vec![
        (
            "signature_of_another_header",
            broken(scene, "BadSignature", |update| update.signature = other.signature),
        ),
        (
            "attested_header_edited",
            edit("BadSignature", |update| update.attested.proposer_index += 1),
        ),
        (
            "absent_seat_counted_as_signer",
            broken_from(scene, &scene.draft().without([9]), "BadSignature", |update| {
                update.signers[1] = 0xff;
                update.absentees = Default::default();
            }),
        ),
        ("t26_new_version_in_first_slot", wrong_version),
        ("t26_old_version_in_second_slot", old_version),
        ("other_chain", other_chain(scene)),
        (
            "signature_off_curve",
            edit("BadPoint", |update| {
                update.signature = point::broken_signature(&update.signature)
            }),
        ),
        (
            "signature_zero",
            edit("BadPoint", |update| update.signature = G2([0; 192])),
        ),
        (
            "signature_outside_group",
            edit("BadPoint", |update| update.signature = point::outside_group()),
        ),
    ]
}

/// An update over the fork from Deneb to Electra, signed with a version that does not hold.
fn fork_version(scene: &Scene, draft: Draft, version: [u8; 4]) -> Vector {
    let world = &scene.world;
    let rotation = world.update(&Draft::new(48, 60).rotating());
    let mut update = world.update(&draft);
    let keys = world.keys(world.network.period_of(update.signature_slot));
    let root = ethereum::checks::signing_root_with(
        version,
        world.network.genesis_validators_root(),
        update.attested.root(),
    );
    let signature = keys.sign(&update.signers, root);
    update.signature = Blst.decompress_signature(&signature.0).unwrap();
    scene
        .client_at("update", 40)
        .then(&rotation)
        .refuses(&update, "BadSignature")
}

/// The same keys on a chain with another genesis.
fn other_chain(scene: &Scene) -> Vector {
    let mut update = scene.update();
    let keys = scene
        .world
        .keys(scene.world.network.period_of(update.signature_slot));
    let root = ethereum::checks::signing_root_with(
        [6, 0, 0, 1],
        flipped(Default::default()),
        update.attested.root(),
    );
    update.signature = Blst
        .decompress_signature(&keys.sign(&update.signers, root).0)
        .unwrap();
    scene.client("update").refuses(&update, "BadSignature")
}

fn accounts(scene: &Scene) -> Vec<Case> {
    let with = |router: Router| {
        scene
            .world
            .changed(|world| world.router = router)
            .update(&scene.draft())
    };
    let edit =
        |change: fn(&mut Vec<u8>)| broken(scene, "AccountProof", |update| change(&mut update.account_proof));
    let neighbour = alloy_primitives::Address::from_word(ethereum::testing::filler("account", &[3]));
    let foreign = scene.world.account_proof_of(neighbour).bytes();
    vec![
        ("missing", edit(Vec::clear)),
        ("last_byte", edit(|proof| *proof.last_mut().unwrap() ^= 1)),
        ("t08_node_left_over", edit(|proof| proof.push(0x80))),
        ("t08_proof_twice", edit(|proof| proof.extend(proof.clone()))),
        (
            "t28_account_of_another_contract",
            broken(scene, "AccountProof", |update| update.account_proof = foreign),
        ),
        (
            "no_router",
            scene
                .client("update")
                .refuses(&with(Router::Absent), "AccountAbsent"),
        ),
        (
            "nothing_stored",
            scene
                .client("update")
                .refuses(&with(Router::Empty), "EmptyStorageRoot"),
        ),
    ]
}

fn misbehaviour(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let (first, fork) = (bare(scene.update()), fork_of(scene));
    let case = |error: &str, second: Update| {
        let bytes = encode_evidence(&Evidence {
            first: first.clone(),
            second,
        })
        .unwrap();
        let now = world.time(START + 6 * EPOCH).0;
        scene
            .client("misbehaviour")
            .with(|vector| {
                vector.evidence = bytes.into();
                vector.now = now;
            })
            .refused(error)
    };
    let other = Draft::new(START + 2 * EPOCH, START + 4 * EPOCH);
    let later_attested = Draft::new(START + EPOCH, START + 4 * EPOCH);
    let weak = fork.update(&scene.draft().without(0..171));
    vec![
        ("same_update_twice", case("NotMisbehaviour", first.clone())),
        (
            "other_attested_over_one_finalized",
            case("NotMisbehaviour", bare(world.update(&later_attested))),
        ),
        (
            "finalized_at_other_slot",
            case("NotMisbehaviour", bare(fork.update(&other))),
        ),
        ("second_signed_by_too_few", case("NotEnoughSigners", bare(weak))),
        (
            "account_proof_in_evidence",
            case("Malformed", fork.update(&scene.draft())),
        ),
        (
            "second_edited_after_signing",
            case("FinalityBranch", {
                let mut edited = first.clone();
                edited.finalized.proposer_index += 1;
                edited
            }),
        ),
    ]
}
