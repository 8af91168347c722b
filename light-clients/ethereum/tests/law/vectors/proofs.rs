//! Cases of membership and absence.

use alloy_primitives::{B256, keccak256};
use ethereum::codec::encode_update;
use ethereum::testing::{Draft, World};
use merkle::mpt::pool;
use wire::path::Path;

use super::conflicts::fork_of;
use super::format::Vector;
use super::scene::{Case, Scene};
use crate::fixture::{EPOCH, START, flipped};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = members(scene);
    cases.extend(absences(scene));
    cases.extend(heights(scene));
    cases.extend(batches(scene));
    cases
}

/// A proof of `path` with the honest value, before anything is changed.
fn proof<'a>(
    scene: &'a Scene,
    kind: &str,
    path: &Path,
    change: impl FnOnce(&mut Vector),
) -> super::scene::Steps<'a> {
    let slot = path.evm_slot(wire::COMMITMENTS_SLOT);
    scene.client(kind).with(|vector| {
        vector.path = path.to_bytes().into();
        vector.proof = scene.world.storage_proof(slot).bytes().into();
        if kind == "member" {
            vector.value = scene.value.to_vec().into();
        }
        change(vector);
    })
}

fn members(scene: &Scene) -> Vec<Case> {
    let member = |change: &dyn Fn(&mut Vector)| proof(scene, "member", &scene.present, change);
    let refuse = |error: &str, change: &dyn Fn(&mut Vector)| member(change).refused(error);
    let absent_proof = proof(scene, "member", &scene.absent, |_| {});
    let foreign =
        fork_with_other_storage(scene).storage_proof(scene.present.evm_slot(wire::COMMITMENTS_SLOT));
    vec![
        ("member_value_with_leading_zero", member(&|_| {}).accepted("")),
        (
            "value_of_31_bytes",
            refuse("BadValue", &|vector| vector.value.truncate(31)),
        ),
        ("value_empty", refuse("BadValue", &|vector| vector.value.clear())),
        (
            "t33_value_zero",
            refuse("BadValue", &|vector| vector.value = [0; 32].to_vec().into()),
        ),
        (
            "t09_other_value",
            refuse("ValueMismatch", &|vector| {
                vector.value = flipped(scene.value).to_vec().into()
            }),
        ),
        ("nothing_under_this_path", absent_proof.refused("SlotAbsent")),
        (
            "proof_empty",
            refuse("StorageProof", &|vector| vector.proof = Default::default()),
        ),
        (
            "t08_node_left_over",
            refuse("StorageProof", &|vector| {
                vector.proof = [&vector.proof[..], &[0x80]].concat().into()
            }),
        ),
        (
            "t09_proof_of_another_path",
            refuse("StorageProof", &|vector| {
                let slot = scene.absent.evm_slot(wire::COMMITMENTS_SLOT);
                vector.proof = scene.world.storage_proof(slot).bytes().into();
            }),
        ),
        (
            "t28_storage_of_another_contract",
            refuse("StorageProof", &|vector| vector.proof = foreign.bytes().into()),
        ),
    ]
}

fn absences(scene: &Scene) -> Vec<Case> {
    let absent = |change: &dyn Fn(&mut Vector)| proof(scene, "absent", &scene.absent, change);
    let present = proof(scene, "absent", &scene.present, |_| {});
    vec![
        ("absent", absent(&|_| {}).accepted("")),
        ("t04_refund_of_a_delivered_packet", present.refused("SlotPresent")),
        (
            "t03_absence_cut_short",
            absent(&|vector| {
                let slot = scene.absent.evm_slot(wire::COMMITMENTS_SLOT);
                let nodes = scene.world.storage_proof(slot).nodes;
                vector.proof = nodes[..nodes.len() - 1].concat().into();
            })
            .refused("StorageProof"),
        ),
    ]
}

fn heights(scene: &Scene) -> Vec<Case> {
    let member = |change: &dyn Fn(&mut Vector)| proof(scene, "member", &scene.present, change);
    let expired = scene.world.time(START).0 + scene.config().trust_period.0;
    let fork = fork_with_other_storage(scene);
    let contradiction = encode_update(&fork.update(&Draft::new(START, START + EPOCH)));
    let frozen = member(&|_| {}).judged(contradiction, START, scene.world.time(START + EPOCH + 1).0);
    vec![
        (
            "no_state_at_this_slot",
            member(&|vector| vector.height = START + 1).refused("UnknownHeight"),
        ),
        (
            "other_slot_of_the_same_place",
            member(&|vector| vector.height = START + 8 * EPOCH).refused("UnknownHeight"),
        ),
        (
            "member_of_an_expired_client",
            member(&|vector| vector.now = expired).refused("Expired"),
        ),
        ("member_of_a_frozen_client", frozen.refused("Frozen")),
    ]
}

/// One pool for a path that is there, asked twice, and one that is not.
fn batch<'a>(scene: &'a Scene, world: &World, change: impl FnOnce(&mut Vector)) -> super::scene::Steps<'a> {
    let slot = |path: &Path| path.evm_slot(wire::COMMITMENTS_SLOT);
    let mut paths = [&scene.present, &scene.present, &scene.absent];
    paths.sort_by_key(|path| keccak256(slot(path)));
    let keys: Vec<B256> = paths.iter().map(|path| keccak256(slot(path))).collect();
    let proofs: Vec<_> = paths.iter().map(|path| world.storage_proof(slot(path))).collect();
    let bytes: Vec<Vec<u8>> = proofs.iter().map(|proof| proof.bytes()).collect();
    let pool = pool::build(proofs[0].root, &keys, bytes.iter().map(Vec::as_slice)).unwrap();
    let word = |path: &&Path| {
        if **path == scene.present {
            scene.value
        } else {
            B256::ZERO
        }
    };
    let words: Vec<B256> = paths.iter().map(word).collect();
    scene.client("batch").with(|vector| {
        vector.paths = paths.iter().map(|path| path.to_bytes().into()).collect();
        vector.value = words.concat().into();
        vector.proof = pool.into();
        change(vector);
    })
}

fn batches(scene: &Scene) -> Vec<Case> {
    let whole = |change: &dyn Fn(&mut Vector)| batch(scene, &scene.world, change);
    let refuse = |error: &str, change: &dyn Fn(&mut Vector)| whole(change).refused(error);
    let fork = fork_with_other_storage(scene);
    let contradiction = encode_update(&fork.update(&Draft::new(START, START + EPOCH)));
    let frozen = whole(&|_| {}).judged(contradiction, START, scene.world.time(START + EPOCH + 1).0);
    let expired = scene.world.time(START).0 + scene.config().trust_period.0;
    vec![
        ("batch_present_twice_and_absent", whole(&|_| {}).accepted("")),
        (
            "t28_batch_pool_of_another_contract",
            batch(scene, &fork, |_| {}).refused("StorageProof"),
        ),
        (
            "t08_batch_pool_with_a_byte_left_over",
            refuse("StorageProof", &|vector| {
                vector.proof = [&vector.proof[..], &[0]].concat().into()
            }),
        ),
        (
            "batch_in_another_order",
            refuse("StorageProof", &|vector| vector.paths.reverse()),
        ),
        (
            "batch_without_paths",
            refuse("StorageProof", &|vector| vector.paths.clear()),
        ),
        (
            "batch_of_fewer_paths_than_the_pool",
            refuse("StorageProof", &|vector| {
                let first = vector.paths[0].clone();
                vector.paths.retain(|path| *path == first);
            }),
        ),
        (
            "batch_at_a_slot_without_state",
            refuse("UnknownHeight", &|vector| vector.height = START + 1),
        ),
        (
            "batch_of_an_expired_client",
            refuse("Expired", &|vector| vector.now = expired),
        ),
        ("batch_of_a_frozen_client", frozen.refused("Frozen")),
    ]
}

fn fork_with_other_storage(scene: &Scene) -> World {
    let mut fork = fork_of(scene);
    fork.storage
        .insert(B256::with_last_byte(9), B256::with_last_byte(9));
    fork
}
