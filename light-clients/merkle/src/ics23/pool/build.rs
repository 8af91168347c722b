//! The prover's side: single proofs of many keys, folded into one pool.
//!
//! It decides nothing. What it is given need not be true: a pool from false proofs is refused by whoever reads it.

use super::super::node::{self, Side};
use super::super::read::{self, Commitment, Existence, Inner};
use super::super::{Fault, Tree};
use super::{
    ENTRY, ENTRY_OTHERWISE, JOINED, LEFT, NEIGHBOUR, NOTHING, PoolFault, RIGHT, STORE_STEPS_MAX, distinct,
    sha256,
};
use crate::Reject;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use alloy_primitives::Bytes;

/// What an IAVL leaf begins with before its version, in bytes.
const LEAF_HEAD: usize = 2;
/// Bytes of a child with its length.
const CHILD: usize = 33;
/// Most bytes of numbers that a node's first byte can tell.
const LENGTH_MAX: usize = 15;
const KIND_SHIFT: u32 = 4;

/// The pool that shows what a store holds under each of `keys`.
///
/// - `keys`: as [`super::prove`] takes them.
/// - `proofs`: for each key its own `ibc.core.commitment.v1.MerkleProof`, as [`super::super::prove`] takes it, all of one
///   height; in any order, and more than these do no harm.
///
/// Errors: [`Reject::Ics23`] if a proof can't be read, [`Reject::StorePool`]: [`PoolFault::NoKeys`],
/// [`PoolFault::KeyLength`], [`PoolFault::AskedOrder`], [`PoolFault::NoProof`], [`PoolFault::OtherTree`].
pub fn build<'a, K: AsRef<[u8]>>(
    keys: &[K],
    proofs: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, Reject> {
    let asked = distinct(keys)?;
    let known = Known::read(proofs)?;
    let mut pool = Vec::new();
    put_store_way(&mut pool, &known.store_way)?;
    let (entries, is_last_absent) = known.chosen(&asked)?;
    let mut nodes = Vec::new();
    for entry in &entries {
        nodes.push(Branch {
            path: climbed(entry.existence)?,
            entry,
        });
    }
    put_below(&mut pool, &nodes, 0)?;
    for _ in 0..is_last_absent {
        pool.push(head(NOTHING, 0));
    }
    Ok(pool)
}

/// What single proofs say.
struct Known<'a> {
    entries: BTreeMap<&'a [u8], Existence<'a>>,
    /// For an absent key the keys of its neighbours.
    gaps: BTreeMap<&'a [u8], [Option<&'a [u8]>; 2]>,
    store_way: Vec<Inner<'a>>,
}

impl<'a> Known<'a> {
    fn read(proofs: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Reject> {
        let mut known = Self {
            entries: BTreeMap::new(),
            gaps: BTreeMap::new(),
            store_way: Vec::new(),
        };
        for proof in proofs {
            let [of_key, of_store] = read::chain(proof)?;
            match of_key {
                Commitment::Exists(entry) => drop(known.entries.insert(entry.key, entry)),
                Commitment::Absent(gap) => {
                    let beside = [&gap.left, &gap.right].map(|side| side.as_ref().map(|entry| entry.key));
                    known.gaps.insert(gap.key, beside);
                    let sides = gap.left.into_iter().chain(gap.right);
                    known.entries.extend(sides.map(|entry| (entry.key, entry)));
                }
            }
            if let Commitment::Exists(of_store) = of_store {
                known.store_way = of_store.path;
            }
        }
        Ok(known)
    }

    /// The entries that the pool shows, in their order, and how many keys are absent behind the last one.
    fn chosen(&self, asked: &[&'a [u8]]) -> Result<(Vec<Entry<'_, 'a>>, usize), PoolFault> {
        let mut shown: BTreeMap<&[u8], bool> = BTreeMap::new();
        let mut absent = Vec::new();
        for key in asked.iter().copied() {
            if self.entries.contains_key(key) {
                shown.insert(key, true);
                continue;
            }
            let beside = self.gaps.get(key).ok_or_else(|| PoolFault::NoProof {
                key: Bytes::copy_from_slice(key),
            })?;
            absent.push(key);
            for neighbour in beside.iter().flatten().copied() {
                shown.entry(neighbour).or_insert(false);
            }
        }
        let mut absent = absent.into_iter().peekable();
        let mut entries = Vec::new();
        for (key, is_asked) in shown {
            let mut gaps = 0usize;
            while absent.next_if(|gap| *gap < key).is_some() {
                gaps = gaps.saturating_add(1);
            }
            if let Some(existence) = self.entries.get(key) {
                entries.push(Entry {
                    existence,
                    is_asked,
                    gaps,
                });
            }
        }
        Ok((entries, absent.count()))
    }
}

/// An entry that the pool shows.
struct Entry<'p, 'a> {
    existence: &'p Existence<'a>,
    is_asked: bool,
    /// How many absent keys lie directly before it.
    gaps: usize,
}

/// An entry with its path.
struct Branch<'p, 'a> {
    /// From the root downwards.
    path: Vec<Step<'a>>,
    entry: &'p Entry<'p, 'a>,
}

struct Step<'a> {
    side: Side,
    numbers: &'a [u8],
    sibling: &'a [u8],
}

/// The path of an entry, from the root downwards.
fn climbed<'a>(existence: &Existence<'a>) -> Result<Vec<Step<'a>>, Fault> {
    let mut height = 0;
    let mut path = Vec::new();
    for (level, inner) in (1..).zip(&existence.path) {
        let side = node::check_inner(Tree::Iavl, inner, level, &mut height)?;
        path.push(step(inner, side).ok_or(Fault::MalformedInner {
            level,
            prefix: inner.prefix.len(),
            suffix: inner.suffix.len(),
        })?);
    }
    path.reverse();
    Ok(path)
}

fn step<'a>(inner: &Inner<'a>, side: Side) -> Option<Step<'a>> {
    let (numbers, sibling) = match side {
        Side::Left => {
            let (_, numbers) = inner.prefix.split_last()?;
            (numbers, inner.suffix.get(1..)?)
        }
        Side::Right => {
            let cut = inner.prefix.len().checked_sub(1)?.checked_sub(CHILD)?;
            let (numbers, rest) = inner.prefix.split_at_checked(cut)?;
            (numbers, rest.get(1..CHILD)?)
        }
    };
    Some(Step {
        side,
        numbers,
        sibling,
    })
}

fn put_store_way(pool: &mut Vec<u8>, path: &[Inner<'_>]) -> Result<(), Reject> {
    let mut sides = 0u16;
    let mut siblings = Vec::new();
    for (level, inner) in (1..).zip(path) {
        let bit = u32::try_from(level)
            .ok()
            .and_then(|level: u32| level.checked_sub(1))
            .and_then(|shift| 1u16.checked_shl(shift))
            .ok_or(Fault::TooDeep {
                max: usize::from(STORE_STEPS_MAX),
            })?;
        match node::check_inner(Tree::Simple, inner, level, &mut 0)? {
            Side::Left => siblings.extend_from_slice(inner.suffix),
            Side::Right => {
                sides |= bit;
                siblings.extend(inner.prefix.iter().skip(1));
            }
        }
    }
    pool.push(u8::try_from(path.len()).unwrap_or(u8::MAX));
    pool.extend_from_slice(&sides.to_be_bytes());
    pool.extend_from_slice(&siblings);
    Ok(())
}

/// Writes what lies below one node, `depth` steps from the root: all of `nodes`, in the order of their keys.
///
/// Bound: each step down takes one off all paths, of which none has more than 128.
fn put_below(pool: &mut Vec<u8>, nodes: &[Branch<'_, '_>], depth: usize) -> Result<(), Reject> {
    let Some(first) = nodes.first() else { return Ok(()) };
    let steps = first.path.len();
    let Some(step) = first.path.get(depth) else {
        if nodes.len() != 1 {
            return Err(PoolFault::OtherTree { steps }.into());
        }
        put_entry(pool, first.entry);
        return Ok(());
    };
    let is_left =
        |node: &Branch<'_, '_>| matches!(node.path.get(depth), Some(step) if step.side == Side::Left);
    let (left, right) = nodes.split_at(nodes.iter().take_while(|node| is_left(node)).count());
    if right.iter().any(is_left) {
        return Err(PoolFault::OtherTree { steps }.into());
    }
    let below = depth.saturating_add(1);
    put_below(pool, left, below)?;
    put_below(pool, right, below)?;
    let kind = match (left.is_empty(), right.is_empty()) {
        (false, false) => JOINED,
        (false, true) => LEFT,
        (true, _) => RIGHT,
    };
    pool.push(head(kind, step.numbers.len()));
    pool.extend_from_slice(step.numbers);
    if kind != JOINED {
        pool.extend_from_slice(step.sibling);
    }
    Ok(())
}

fn put_entry(pool: &mut Vec<u8>, entry: &Entry<'_, '_>) {
    for _ in 0..entry.gaps {
        pool.push(head(NOTHING, 0));
    }
    let Existence { key, value, leaf, .. } = entry.existence;
    let version = leaf.prefix.get(LEAF_HEAD..).unwrap_or_default();
    let is_word = value.len() == 32 && value.iter().any(|byte| *byte != 0);
    let kind = match (entry.is_asked, is_word) {
        (true, true) => ENTRY,
        (true, false) => ENTRY_OTHERWISE,
        (false, _) => NEIGHBOUR,
    };
    pool.push(head(kind, version.len()));
    pool.extend_from_slice(version);
    match kind {
        ENTRY => pool.extend_from_slice(value),
        ENTRY_OTHERWISE => put_text(pool, value),
        _ => {
            put_text(pool, key);
            pool.extend_from_slice(sha256(&[value]).as_slice());
        }
    }
}

/// Bytes behind their length.
fn put_text(pool: &mut Vec<u8>, text: &[u8]) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    pool.extend_from_slice(&length.to_be_bytes());
    pool.extend_from_slice(text);
}

/// A node's first byte. Numbers of more bytes than it can tell are no numbers, and are refused as such.
fn head(kind: u8, length: usize) -> u8 {
    let length = u8::try_from(length.min(LENGTH_MAX)).unwrap_or_default();
    kind.checked_shl(KIND_SHIFT).unwrap_or_default() | length
}
