//! Handler `single_merkle_proof`: a branch into a whole beacon state or block body.

use alloy_primitives::B256;
use anyhow::{Context, Result, bail, ensure};
use ethereum::{EXECUTION_PAYLOAD_GINDEX, checks};
use serde::Deserialize;

use super::folder::Folder;
use crate::beacon;
use crate::preset::Preset;
use crate::schema::Type;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    leaf: B256,
    leaf_index: u64,
    branch: Vec<B256>,
}

/// Replays one case.
pub(super) fn run(folder: &Folder) -> Result<()> {
    let proof: Proof = folder.yaml("proof.yaml")?;
    let bytes = folder.ssz("object")?;
    let case = folder.case();
    check_index(folder, &case, proof.leaf_index)?;
    let root = proven_root(&proof)?;
    let mut roots = Vec::new();
    for preset in folder.preset.releases() {
        let object = describe(folder, &case, &preset);
        match object.root(&bytes) {
            Ok(found) if found == root => return check_leaf(&case, &object, &bytes, proof.leaf),
            Ok(found) => roots.push(found.to_string()),
            Err(error) => roots.push(format!("{error:#}")),
        }
    }
    bail!(
        "the branch leads to {root}, the object has {}",
        roots.join(" or ")
    )
}

/// The root that the branch leads to, by the check that the law uses.
fn proven_root(proof: &Proof) -> Result<B256> {
    let root = merkle::ssz::branch_root(proof.leaf, proof.leaf_index, &proof.branch)?;
    ensure!(
        checks::is_branch(proof.leaf, proof.leaf_index, &proof.branch, root),
        "the branch is refused"
    );
    Ok(root)
}

/// What the object is: by the suite's name, or by the case's where a set leaves suites out.
fn describe(folder: &Folder, case: &str, preset: &Preset) -> Type {
    let is_of_body = ["execution", "blob_kzg_commitment"]
        .iter()
        .any(|start| case.starts_with(start));
    if folder.is_below("BeaconBlockBody") || (is_of_body && !folder.is_below("BeaconState")) {
        beacon::body(folder.fork, preset)
    } else {
        beacon::state(folder.fork, preset)
    }
}

/// The index is the one that the law uses for what the case is named after.
fn check_index(folder: &Folder, case: &str, index: u64) -> Result<()> {
    let indices = folder.fork.indices()?;
    let expected = match case {
        "current_sync_committee_merkle_proof" => indices.current_committee,
        "next_sync_committee_merkle_proof" => indices.next_committee,
        "finality_root_merkle_proof" => indices.finality,
        "execution_merkle_proof" => EXECUTION_PAYLOAD_GINDEX,
        _ => return Ok(()),
    };
    ensure!(
        index == expected,
        "generalized index {index}, the law uses {expected}"
    );
    Ok(())
}

/// The leaf is the root of the field that the case is named after.
fn check_leaf(case: &str, object: &Type, bytes: &[u8], leaf: B256) -> Result<()> {
    let path: &[&str] = match case {
        "current_sync_committee_merkle_proof" => &["current_sync_committee"],
        "next_sync_committee_merkle_proof" => &["next_sync_committee"],
        "finality_root_merkle_proof" => &["finalized_checkpoint", "root"],
        "execution_merkle_proof" => &["execution_payload"],
        _ => return Ok(()),
    };
    let (mut field, mut part) = (object, bytes);
    for name in path {
        (field, part) = field.field(name, part).with_context(|| (*name).to_owned())?;
    }
    let root = field.root(part)?;
    ensure!(root == leaf, "the leaf is {leaf}, the field has {root}");
    Ok(())
}
