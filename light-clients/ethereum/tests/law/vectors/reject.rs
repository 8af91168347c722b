//! Cases that have to be refused, one step outside each rule.

use ethereum::codec::encode_update;
use ethereum::testing::Draft;
use ethereum::{Slot, Update};

use super::conflicts::{fork_of, rotated_by_liar};
use super::format::Vector;
use super::point;
use super::scene::{Case, Scene};
use crate::fixture::{EPOCH, PERIOD, START, flipped};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = malformed(scene);
    cases.extend(usable_and_times(scene));
    cases.extend(rings(scene));
    cases.extend(committees(scene));
    cases.extend(branches(scene));
    cases.extend(next_committees(scene));
    cases
}

/// The honest update with one change, refused by `error`.
pub(super) fn broken(scene: &Scene, error: &str, change: impl FnOnce(&mut Update)) -> Vector {
    broken_from(scene, &scene.draft(), error, change)
}

pub(super) fn broken_from(
    scene: &Scene,
    draft: &Draft,
    error: &str,
    change: impl FnOnce(&mut Update),
) -> Vector {
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
    let first = world.update(&Draft::new(START - EPOCH + 1, START + EPOCH));
    vec![
        (
            "one_place_behind_the_ring",
            scene
                .client("update")
                .then(&far)
                .then(&next)
                .refuses(&old, "OlderThanRing"),
        ),
        // The bootstrap need not be a checkpoint, also when others were learned since.
        (
            "other_slot_of_the_epoch",
            scene.client("update").refuses(&other, "ConflictingCheckpoint"),
        ),
        (
            "other_slot_of_the_bootstraps_epoch",
            scene
                .client("update")
                .then(&scene.update())
                .refuses(&first, "ConflictingCheckpoint"),
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
    let honest = scene.world.update(&rotating);
    let liar = rotated_by_liar(scene).update(&rotating);
    let forged = Update {
        signature: honest.signature,
        ..liar.clone()
    };
    let mut unproven = liar;
    unproven.account_proof.pop();
    let learned = || scene.client("update").then(&honest);
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
            "other_committee_forged",
            learned().refuses(&forged, "BadSignature"),
        ),
        (
            "other_committee_without_account",
            learned().refuses(&unproven, "AccountProof"),
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
