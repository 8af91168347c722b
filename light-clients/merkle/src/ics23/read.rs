//! The bytes of a proof, read into what they say. Nothing is hashed or compared here.
//!
//! Spec: `cosmos.ics23.v1`, `ibc.core.commitment.v1`.

use super::{DEPTH_MAX, Fault, protobuf::Fields};
use alloc::vec::Vec;

/// A proof about one key in one tree.
pub(super) enum Commitment<'a> {
    Exists(Existence<'a>),
    Absent(Absence<'a>),
}

/// A path from an entry to a root.
pub(super) struct Existence<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) leaf: Leaf<'a>,
    /// From the leaf upwards.
    pub(super) path: Vec<Inner<'a>>,
}

/// Neighbours between which nothing stands.
pub(super) struct Absence<'a> {
    pub(super) key: &'a [u8],
    pub(super) left: Option<Existence<'a>>,
    pub(super) right: Option<Existence<'a>>,
}

/// How an entry becomes the hash of a leaf.
pub(super) struct Leaf<'a> {
    pub(super) hash: u64,
    pub(super) prehash_key: u64,
    pub(super) prehash_value: u64,
    pub(super) length: u64,
    pub(super) prefix: &'a [u8],
}

/// How the hash of a child becomes that of its parent.
pub(super) struct Inner<'a> {
    pub(super) hash: u64,
    pub(super) prefix: &'a [u8],
    pub(super) suffix: &'a [u8],
}

/// Reads a chain of proofs about a key and about the store that holds it.
pub(super) fn chain(bytes: &[u8]) -> Result<[Commitment<'_>; 2], Fault> {
    let mut fields = Fields::of("MerkleProof", bytes);
    let of_key = fields.message(1)?;
    let of_store = fields.message(1)?;
    let is_longer = fields.message(1)?.is_some();
    fields.end()?;
    match (of_key, of_store) {
        (Some(of_key), Some(of_store)) if !is_longer => Ok([commitment(of_key)?, commitment(of_store)?]),
        _ => Err(Fault::ChainLength {
            expected: 2,
            found: [of_key.is_some(), of_store.is_some(), is_longer]
                .into_iter()
                .filter(|is| *is)
                .count(),
        }),
    }
}

/// Reads a proof about one key in one tree.
pub(super) fn commitment(bytes: &[u8]) -> Result<Commitment<'_>, Fault> {
    let mut fields = Fields::of("CommitmentProof", bytes);
    let read = match (fields.message(1)?, fields.message(2)?) {
        (Some(exists), None) => Commitment::Exists(existence(exists)?),
        (None, Some(absent)) => Commitment::Absent(absence(absent)?),
        (Some(_), Some(_)) => return Err(kind("existence beside absence")),
        (None, None) => {
            return Err(kind(match fields.peek() {
                Some(3) => "a batch",
                Some(4) => "a compressed batch",
                _ => "neither",
            }));
        }
    };
    fields.end()?;
    Ok(read)
}

const fn kind(found: &'static str) -> Fault {
    Fault::ProofKind {
        expected: "existence or absence",
        found,
    }
}

fn absence(bytes: &[u8]) -> Result<Absence<'_>, Fault> {
    let mut fields = Fields::of("NonExistenceProof", bytes);
    let key = fields.bytes(1)?;
    let left = fields.message(2)?.map(existence).transpose()?;
    let right = fields.message(3)?.map(existence).transpose()?;
    fields.end()?;
    Ok(Absence { key, left, right })
}

fn existence(bytes: &[u8]) -> Result<Existence<'_>, Fault> {
    let mut fields = Fields::of("ExistenceProof", bytes);
    let key = fields.bytes(1)?;
    let value = fields.bytes(2)?;
    let leaf = fields.message(3)?.map(read_leaf).transpose()?;
    let mut path = Vec::new();
    // Bound: at most DEPTH_MAX steps are kept.
    while let Some(step) = fields.message(4)? {
        if path.len() >= DEPTH_MAX {
            return Err(Fault::TooDeep { max: DEPTH_MAX });
        }
        path.push(read_inner(step)?);
    }
    fields.end()?;
    Ok(Existence {
        key,
        value,
        leaf: leaf.ok_or(Fault::NoLeaf)?,
        path,
    })
}

fn read_leaf(bytes: &[u8]) -> Result<Leaf<'_>, Fault> {
    let mut fields = Fields::of("LeafOp", bytes);
    let leaf = Leaf {
        hash: fields.number(1)?,
        prehash_key: fields.number(2)?,
        prehash_value: fields.number(3)?,
        length: fields.number(4)?,
        prefix: fields.bytes(5)?,
    };
    fields.end()?;
    Ok(leaf)
}

fn read_inner(bytes: &[u8]) -> Result<Inner<'_>, Fault> {
    let mut fields = Fields::of("InnerOp", bytes);
    let inner = Inner {
        hash: fields.number(1)?,
        prefix: fields.bytes(2)?,
        suffix: fields.bytes(3)?,
    };
    fields.end()?;
    Ok(inner)
}
