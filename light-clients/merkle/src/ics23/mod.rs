//! ICS-23: is this key in a store of a Cosmos chain, and with which value?
//!
//! A store is an IAVL tree; the chain's app hash is the root of the simple tree of all stores' roots. [`prove`]
//! walks both: first the store's name leads from the app hash to the store's root, then the key leads from there to
//! its value, or two neighbours show that nothing stands between them. [`prove_in`] walks one tree.
//!
//! ICS-23 lets the verifier describe his tree by a "spec"; here the two trees are fixed, and each node has exactly
//! one reading: what a node hashes starts with what tells a leaf from an inner node, the place of the child follows
//! from lengths that cannot overlap, and the bytes of the proof have one encoding. Batches, compressed or not, are
//! refused: ibc-go neither makes nor accepts them where a packet is proven.
//!
//! That absence follows from two neighbours rests on the order of keys in the tree, which only the chain that built
//! it can keep: a chain that lies about its own store can lie about everything else in it, too.
//!
//! Spec: ICS-23; docs/formats/ics23.md, which lists where this is stricter than others.

mod absence;
mod existence;
mod fault;
mod node;
pub mod pool;
mod protobuf;
mod read;

pub use fault::Fault;

use crate::{Proven, Reject};
use alloy_primitives::B256;
use read::Commitment;

/// Longest proof, in bytes: no transaction of a Cosmos chain is longer.
pub const PROOF_MAX: usize = 1 << 20;
/// Longest key, in bytes.
pub const KEY_MAX: usize = 1024;
/// Most inner nodes between a leaf and the root of its tree.
pub const DEPTH_MAX: usize = 128;

/// A tree of a Cosmos chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// The balanced tree that holds a store's entries.
    Iavl,
    /// The simple tree of CometBFT, which holds the roots of all stores by their names.
    Simple,
}

/// Follows `key` in `store` from `app_hash` through a chain of two proofs.
///
/// - `store`, `key`: the elements of ibc-go's merkle path.
/// - `proof`: `ibc.core.commitment.v1.MerkleProof`, the store's proof first; consumed exactly.
///
/// Errors: [`Reject::Ics23`].
pub fn prove<'a>(app_hash: B256, store: &[u8], key: &[u8], proof: &'a [u8]) -> Result<Proven<'a>, Reject> {
    check_question(app_hash, store)?;
    check_question(app_hash, key)?;
    check_length(proof)?;
    let [of_key, of_store] = read::chain(proof)?;
    let Commitment::Exists(of_store) = of_store else {
        let (expected, found) = ("existence", "absence");
        return Err(Fault::ProofKind { expected, found }.into());
    };
    let found = existence::check(Tree::Simple, app_hash, store, &of_store)?;
    let root = B256::try_from(found).map_err(|_| Fault::StoreRoot { length: found.len() })?;
    Ok(check(Tree::Iavl, root, key, &of_key)?)
}

/// Follows `key` from `root` in one tree.
///
/// - `proof`: `cosmos.ics23.v1.CommitmentProof`; consumed exactly.
///
/// Errors: [`Reject::Ics23`].
pub fn prove_in<'a>(tree: Tree, root: B256, key: &[u8], proof: &'a [u8]) -> Result<Proven<'a>, Reject> {
    check_question(root, key)?;
    check_length(proof)?;
    Ok(check(tree, root, key, &read::commitment(proof)?)?)
}

fn check<'a>(tree: Tree, root: B256, key: &[u8], proof: &Commitment<'a>) -> Result<Proven<'a>, Fault> {
    match proof {
        Commitment::Exists(existence) => existence::check(tree, root, key, existence).map(Proven::Present),
        Commitment::Absent(absence) => absence::check(tree, root, key, absence).map(|()| Proven::Absent),
    }
}

fn check_question(root: B256, key: &[u8]) -> Result<(), Fault> {
    if root.is_zero() {
        return Err(Fault::ZeroRoot);
    }
    check_key(key)
}

fn check_key(key: &[u8]) -> Result<(), Fault> {
    match key.len() {
        0 => Err(Fault::NoKey),
        length if length > KEY_MAX => Err(Fault::LongKey { length, max: KEY_MAX }),
        _ => Ok(()),
    }
}

fn check_length(proof: &[u8]) -> Result<(), Fault> {
    let (length, max) = (proof.len(), PROOF_MAX);
    if length > max {
        Err(Fault::LongProof { length, max })
    } else {
        Ok(())
    }
}
