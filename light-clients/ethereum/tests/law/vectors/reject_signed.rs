//! Cases that have to be refused: who signed, the router's account, and evidence that is none.

use ethereum::codec::encode_evidence;
use ethereum::testing::{Draft, Keys, Router, World};
use ethereum::{Bls, Blst, Evidence, G2, Slot, Update};

use super::conflicts::{bare, fork_of};
use super::format::Vector;
use super::point;
use super::reject::{broken, broken_from};
use super::scene::{Case, Scene, Steps};
use crate::fixture::{EPOCH, PERIOD, START, flipped};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = signers(scene);
    cases.extend(signatures(scene));
    cases.extend(accounts(scene));
    cases.extend(misbehaviour(scene));
    cases
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
    let next_epoch = Draft::new(START + EPOCH + 1, START + 4 * EPOCH);
    let epoch_before = Draft::new(START, START + 4 * EPOCH);
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
        (
            "finalized_in_next_epoch",
            case("NotMisbehaviour", bare(world.update(&next_epoch))),
        ),
        (
            "finalized_in_epoch_before",
            case("NotMisbehaviour", bare(world.update(&epoch_before))),
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
