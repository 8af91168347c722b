//! Cases that have to be accepted: the edges of every rule, from inside.

use alloy_primitives::B256;
use ethereum::testing::{Draft, Keys, Router, World};
use ethereum::{Slot, Update};

use super::conflicts::bare;
use super::format::Vector;
use super::scene::{Case, Scene};
use crate::fixture::{EPOCH, PERIOD, START};

/// The most seats of 512 that may be absent.
const ABSENT_MAX: usize = 170;

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = participation(scene);
    cases.extend(forks(scene));
    cases.extend(rings(scene));
    cases.extend(odd_slots(scene));
    cases.extend(committees(scene));
    cases.extend(times(scene));
    cases
}

fn one(scene: &Scene, draft: &Draft) -> Vector {
    scene
        .client("update")
        .then(&scene.world.update(draft))
        .accepted("Update")
}

fn participation(scene: &Scene) -> Vec<Case> {
    let spread = (0..ABSENT_MAX).map(|n| n * 3 + 1);
    vec![
        ("finality_absent_0", one(scene, &scene.draft())),
        (
            "finality_absent_1_first_seat",
            one(scene, &scene.draft().without([0])),
        ),
        (
            "finality_absent_1_last_seat",
            one(scene, &scene.draft().without([511])),
        ),
        (
            "finality_absent_5",
            one(scene, &scene.draft().without([3, 4, 100, 255, 256])),
        ),
        (
            "finality_absent_128_neighbours",
            one(scene, &scene.draft().without(128..256)),
        ),
        ("finality_absent_170", one(scene, &scene.draft().without(spread))),
        ("rotation_absent_0", one(scene, &scene.draft().rotating())),
        (
            "rotation_absent_20",
            one(scene, &scene.draft().rotating().without(40..60)),
        ),
        (
            "attested_next_slot",
            one(scene, &Draft::new(START + EPOCH, START + EPOCH + 1)),
        ),
        (
            "signed_late",
            one(
                scene,
                &Draft {
                    signature: START + 5 * EPOCH,
                    ..scene.draft()
                },
            ),
        ),
        ("duplicate_keys", duplicate_keys(scene)),
    ]
}

/// 40 validators on 512 seats, some of whose seats are absent.
fn duplicate_keys(scene: &Scene) -> Vector {
    let mut world = World::new(scene.world.network.clone());
    world.storage = scene.world.storage.clone();
    let period = world.network.period_of(Slot(START));
    world.set_keys(period, Keys::repeated(9, 40, 512));
    let steps = super::scene::Steps::start(&world, scene.config(), "update", START);
    let update = world.update(&scene.draft().without([1, 41, 81, 300]));
    steps.then(&update).accepted("Update")
}

fn forks(scene: &Scene) -> Vec<Case> {
    let across = |start: u64, drafts: &[Draft]| {
        drafts
            .iter()
            .fold(scene.client_at("update", start), |steps, draft| {
                steps.then(&scene.world.update(draft))
            })
            .accepted("Update")
    };
    let electra = PERIOD;
    let fulu = 2 * PERIOD;
    vec![
        ("deneb", across(8, &[Draft::new(16, 32).rotating()])),
        // The attested state is Electra's, the finalized block Deneb's.
        (
            "deneb_to_electra",
            across(
                40,
                &[
                    Draft::new(48, 62).rotating(),
                    Draft::new(electra - 8, electra + 9),
                ],
            ),
        ),
        // Signed in Electra's first slot: the domain is still Deneb's.
        (
            "t26_first_slot_of_electra",
            across(
                40,
                &[
                    Draft::new(48, 60).rotating(),
                    Draft::new(electra - 8, electra - 1),
                ],
            ),
        ),
        // Signed in Electra's second slot: the domain is Electra's.
        (
            "t26_second_slot_of_electra",
            across(
                40,
                &[Draft::new(48, 60).rotating(), Draft::new(electra - 8, electra)],
            ),
        ),
        (
            "electra_to_fulu",
            across(
                fulu - 24,
                &[
                    Draft::new(fulu - 16, fulu - 2).rotating(),
                    Draft::new(fulu - 8, fulu + 9),
                ],
            ),
        ),
    ]
}

fn rings(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let step = |epochs: u64| world.update(&Draft::new(START + epochs * EPOCH, START + epochs * EPOCH + 2));
    let same = world.update(&Draft::new(START, START + 2));
    let far = world.update(&Draft::new(START + EPOCH, START + 2 * EPOCH).rotating());
    let beyond = world.update(&Draft::new(START + 8 * EPOCH, START + 9 * EPOCH).rotating());
    let oldest = world.update(&Draft::new(START + 2 * EPOCH, START + 9 * EPOCH));
    let start_root = world.storage_proof(B256::ZERO).root;
    let now = world.time(START + 9 * EPOCH).0;
    vec![
        (
            "noop_known_state",
            scene.client("update").then(&same).accepted("NoOp"),
        ),
        (
            "noop_known_update",
            scene.client("update").then(&far).then(&far).accepted("NoOp"),
        ),
        (
            "gap_filled",
            scene
                .client("update")
                .then(&step(4))
                .then(&step(2))
                .accepted("Update"),
        ),
        (
            "gap_filled_oldest_place",
            scene
                .client("update")
                .then(&far)
                .then(&step(9))
                .then(&oldest)
                .accepted("Update"),
        ),
        (
            "committee_learned_at_known_state",
            scene
                .client("update")
                .then_at(
                    &world.update(&Draft::new(START, START + 2).rotating()),
                    start_root,
                    now,
                )
                .accepted("Update"),
        ),
        (
            "two_periods",
            scene.client("update").then(&far).then(&beyond).accepted("Update"),
        ),
        ("five_periods", five_periods(scene)),
    ]
}

/// Slots that are no first ones of an epoch.
fn odd_slots(scene: &Scene) -> Vec<Case> {
    let finalizing = |slot| scene.world.update(&Draft::new(slot, START + 2 * EPOCH));
    let learns = |slot| scene.client("update").then(&finalizing(slot)).accepted("Update");
    vec![
        ("missed_first_slot_of_epoch", learns(START + EPOCH - 3)),
        ("slot_behind_the_bootstrap", learns(START + 1)),
    ]
}

/// Updates without an account proof: the committee that they carry is learned, and nothing else.
fn committees(scene: &Scene) -> Vec<Case> {
    let known = scene.world.update(&scene.draft().rotating());
    let before_router = scene.world.changed(|world| world.router = Router::Absent);
    let early = bare(before_router.update(&scene.draft().rotating()));
    let state = Draft::new(START + 4 * PERIOD + EPOCH, START + 4 * PERIOD + 2 * EPOCH);
    // Attested and final in period 3, signed in period 5: its next committee, of period 4, is no longer held.
    let late = Draft {
        signature: START + PERIOD + 1,
        ..Draft::new(START - 3 * EPOCH, START - 2 * EPOCH).rotating()
    };
    let late = scene.world.update(&late);
    let four = || {
        (0..4).fold(scene.client("update"), |steps, n| {
            steps.then_taught(&rotation(scene, n))
        })
    };
    vec![
        (
            "committee_without_account",
            scene
                .client("update")
                .then_taught(&rotation(scene, 0))
                .accepted("Update"),
        ),
        (
            "committee_without_account_known",
            scene
                .client("update")
                .then(&known)
                .then_taught(&bare(known.clone()))
                .accepted("NoOp"),
        ),
        (
            "committee_from_before_the_router",
            scene.client("update").then_taught(&early).accepted("Update"),
        ),
        (
            "committees_of_four_periods_then_a_state",
            four().then(&scene.world.update(&state)).accepted("Update"),
        ),
        (
            "committee_older_than_the_ring_of_them",
            four().then_taught(&bare(late.clone())).accepted("NoOp"),
        ),
        (
            "state_under_a_committee_older_than_the_ring_of_them",
            four().then(&late).accepted("Update"),
        ),
    ]
}

/// Teaches the committee after that of the `n`th period behind the start, and no state.
fn rotation(scene: &Scene, n: u64) -> Update {
    let at = START + n * PERIOD;
    bare(
        scene
            .world
            .update(&Draft::new(at + EPOCH, at + 2 * EPOCH).rotating()),
    )
}

/// The committee ring wraps: period 8 overwrites the place of period 4.
fn five_periods(scene: &Scene) -> Vector {
    (0..5)
        .fold(scene.client("update"), |steps, period| {
            let at = START + period * PERIOD;
            steps.then(
                &scene
                    .world
                    .update(&Draft::new(at + EPOCH, at + 2 * EPOCH).rotating()),
            )
        })
        .accepted("Update")
}

fn times(scene: &Scene) -> Vec<Case> {
    let update = scene.update();
    let root = scene.world.storage_proof(B256::ZERO).root;
    let last = scene.world.time(START).0 + scene.config().trust_period.0 - 1;
    let sign_start = scene.world.time(update.signature_slot.0).0;
    vec![
        (
            "last_second_of_trust",
            scene
                .client("update")
                .then_at(&update, root, last)
                .accepted("Update"),
        ),
        (
            "first_second_of_signature",
            scene
                .client("update")
                .then_at(&update, root, sign_start)
                .accepted("Update"),
        ),
    ]
}
