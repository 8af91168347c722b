//! Cases that freeze a client: evidence, and updates that contradict what is held.

use alloy_primitives::B256;
use ethereum::codec::{encode_evidence, encode_update};
use ethereum::testing::{Draft, Keys, World};
use ethereum::{Evidence, Slot, Update};

use super::format::Vector;
use super::scene::{Case, Scene};
use crate::fixture::{EPOCH, START};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    [of_checkpoints(scene), of_committees(scene)].concat()
}

/// Two blocks of which a chain can have finalized one only.
fn of_checkpoints(scene: &Scene) -> Vec<Case> {
    let fork = fork_of(scene);
    let two_headers = Evidence {
        first: bare(scene.update()),
        second: bare(fork.update(&scene.draft())),
    };
    // Of the first and the last block that can be the checkpoint of an epoch, a chain has but one as such.
    let finalizing = |slot: u64| scene.world.update(&Draft::new(slot, START + 3 * EPOCH));
    let two_checkpoints = Evidence {
        first: bare(finalizing(START + EPOCH)),
        second: bare(finalizing(START + 1)),
    };
    vec![
        ("evidence_two_finalized_headers", evidence(scene, &two_headers)),
        (
            "evidence_two_checkpoints_of_one_epoch",
            evidence(scene, &two_checkpoints),
        ),
        ("update_contradicts_stored_root", contradicts(scene, fork)),
        (
            "update_contradicts_checkpoint",
            contradicting(scene, &finalizing(START + 1), &finalizing(START + EPOCH)),
        ),
        (
            "update_contradicts_later_checkpoint",
            contradicting(scene, &finalizing(START + EPOCH), &finalizing(START + 1)),
        ),
    ]
}

/// Two successors of one committee.
fn of_committees(scene: &Scene) -> Vec<Case> {
    let elsewhere = Draft::new(START + 2 * EPOCH, START + 4 * EPOCH);
    let two_committees = Evidence {
        first: bare(scene.world.update(&scene.draft().rotating())),
        second: bare(rotated_by_liar(scene).update(&elsewhere.clone().rotating())),
    };
    let liar = rotated_by_liar(scene);
    let (truth, lie) = (
        scene.world.update(&scene.draft().rotating()),
        liar.update(&scene.draft().rotating()),
    );
    // The state of the bootstrap has the place of this one's epoch.
    let beside = Draft::new(START - 1, START + 3 * EPOCH).rotating();
    vec![
        ("evidence_two_next_committees", evidence(scene, &two_committees)),
        (
            "update_contradicts_next_committee",
            contradicting(scene, &lie, &truth),
        ),
        (
            "update_contradicts_forged_next_committee",
            contradicting(scene, &truth, &lie),
        ),
        (
            "update_contradicts_next_committee_without_account",
            contradicting(scene, &bare(lie), &truth),
        ),
        (
            "update_contradicts_next_committee_elsewhere",
            contradicting(scene, &liar.update(&elsewhere.rotating()), &truth),
        ),
        (
            "update_contradicts_next_committee_at_other_slot_of_epoch",
            contradicting(scene, &liar.update(&beside), &truth),
        ),
    ]
}

/// An update that contradicts what `taught` did.
fn contradicting(scene: &Scene, update: &Update, taught: &Update) -> Vector {
    let now = scene.world.time(update.signature_slot.0).0;
    scene
        .client("update")
        .then(taught)
        .judged(encode_update(update), taught.finalized.slot.0, now)
        .accepted("Misbehaviour")
}

/// The same chain and committees, other blocks.
pub(crate) fn fork_of(scene: &Scene) -> World {
    scene.world.changed(|world| world.salt = 1)
}

/// The same chain and current committee; the next committee is a liar's.
pub(crate) fn rotated_by_liar(scene: &Scene) -> World {
    let mut liar = World::new(scene.world.network.clone());
    liar.storage = scene.world.storage.clone();
    let period = scene.world.network.period_of(Slot(START));
    liar.set_keys(period, (*scene.world.keys(period)).clone());
    liar.set_keys(period.next().unwrap(), Keys::new(666, 512));
    liar
}

/// Without its account proof, as evidence has it.
pub(crate) fn bare(update: Update) -> Update {
    Update {
        account_proof: Vec::new(),
        ..update
    }
}

fn evidence(scene: &Scene, evidence: &Evidence) -> Vector {
    let bytes = encode_evidence(evidence).unwrap();
    let now = scene.world.time(START + 5 * EPOCH).0;
    scene
        .client("misbehaviour")
        .with(|vector| {
            vector.evidence = bytes.into();
            vector.now = now;
        })
        .accepted("")
}

/// A fork in which the router has stored something else, up to the very slot of the bootstrap.
fn contradicts(scene: &Scene, mut fork: World) -> Vector {
    fork.storage
        .insert(B256::with_last_byte(1), B256::with_last_byte(1));
    let update = fork.update(&Draft::new(START, START + 2 * EPOCH));
    let (slot, now) = (
        update.finalized.slot.0,
        scene.world.time(update.signature_slot.0).0,
    );
    scene
        .client("update")
        .judged(encode_update(&update), slot, now)
        .accepted("Misbehaviour")
}
