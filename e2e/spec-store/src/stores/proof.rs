//! Files with a root, a key, its value if it has one, and a proof of one tree.

use std::path::Path;

use alloy_primitives::B256;
use anyhow::{Context, Result, bail};
use merkle::Reject;
use merkle::ics23::{Fault, Tree, prove_in};
use serde_json::Value;

use super::{bytes, check_alone, expected};
use crate::verdict::Verdict;

/// The folders of published proofs, and the trees that they are of; none for a tree that the law does not have.
const TREES: [(&str, Option<Tree>); 3] = [
    ("iavl", Some(Tree::Iavl)),
    ("tendermint", Some(Tree::Simple)),
    ("smt", None),
];

/// Replays one proof.
pub(super) fn replay(path: &Path, file: &Value) -> Verdict {
    match tree(path) {
        Ok(Some(tree)) => Verdict::of(check(tree, file)),
        Ok(None) => {
            Verdict::Skipped("of a sparse tree: Cosmos stores are IAVL trees under a simple tree".into())
        }
        Err(error) => Verdict::Differed(format!("{error:#}")),
    }
}

fn check(tree: Tree, file: &Value) -> Result<()> {
    let [proof, key, value] = [bytes(file, "proof")?, bytes(file, "key")?, bytes(file, "value")?];
    check_alone(root(file)?, &key, expected(&value), |root, key| {
        prove_in(tree, root, key, &proof)
    })
}

/// Skips a batch, if the law refuses it as one, in every tree.
pub(super) fn replay_batch(file: &Value, why: &str) -> Verdict {
    let refused = || -> Result<()> {
        let (root, proof) = (root(file)?, bytes(file, "proof")?);
        for tree in [Tree::Iavl, Tree::Simple] {
            match prove_in(tree, root, b"any key", &proof) {
                Err(Reject::Ics23(Fault::ProofKind { .. })) => {}
                other => bail!("a batch is not refused as one: {other:?}"),
            }
        }
        Ok(())
    };
    match refused() {
        Ok(()) => Verdict::Skipped(why.into()),
        Err(error) => Verdict::Differed(format!("{error:#}")),
    }
}

fn root(file: &Value) -> Result<B256> {
    let root = bytes(file, "root")?;
    B256::try_from(root.as_slice()).context("a root has 32 bytes")
}

/// The tree by the name of the nearest folder that has one.
fn tree(path: &Path) -> Result<Option<Tree>> {
    let path = std::path::absolute(path)?;
    let names = path.ancestors().skip(1).filter_map(Path::file_name);
    let mut known = names.filter_map(|name| TREES.iter().find(|(known, _)| name == *known));
    let found = known
        .next()
        .context("no folder above is named after a tree: iavl, tendermint or smt")?;
    Ok(found.1)
}
