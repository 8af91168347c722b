//! The bytes of a pool, from front to back.

use super::super::node;
use super::{PoolFault, STORE_STEPS_MAX, sha256};
use crate::varint;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Bytes of a hash.
const HASH: usize = 32;
/// What leaves and inner nodes of the simple tree begin with.
const SIMPLE_LEAF: u8 = 0;
const SIMPLE_INNER: u8 = 1;

/// What is left of a pool.
pub(super) struct Bytes<'a> {
    all: usize,
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) const fn of(pool: &'a [u8]) -> Self {
        Self {
            all: pool.len(),
            rest: pool,
        }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.all.saturating_sub(self.rest.len())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, needed: usize) -> Result<&'a [u8], PoolFault> {
        let left = self.rest.len();
        let (taken, rest) = self
            .rest
            .split_at_checked(needed)
            .ok_or(PoolFault::CutPool { needed, left })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PoolFault> {
        Ok(self.take(1)?.iter().copied().sum())
    }

    pub(super) fn short(&mut self) -> Result<u16, PoolFault> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn hash(&mut self) -> Result<B256, PoolFault> {
        Ok(B256::from_slice(self.take(HASH)?))
    }

    /// As many bytes as the two before them say.
    pub(super) fn text(&mut self) -> Result<&'a [u8], PoolFault> {
        let length = self.short()?;
        self.take(usize::from(length))
    }

    /// So many numbers of a node in `length` bytes, as they are hashed.
    pub(super) fn numbers<const COUNT: usize>(
        &mut self,
        node: usize,
        length: usize,
    ) -> Result<([u64; COUNT], &'a [u8]), PoolFault> {
        let bytes = self.take(length)?;
        let mut rest = bytes;
        let mut numbers = [0; COUNT];
        let mut are_formed = true;
        for number in &mut numbers {
            let written = varint::take(&mut rest).filter(|written| written & 1 == 0);
            are_formed &= written.is_some();
            *number = written.unwrap_or_default() >> 1;
        }
        if are_formed && rest.is_empty() {
            Ok((numbers, bytes))
        } else {
            let (at, count) = (node, COUNT);
            Err(PoolFault::NodeNumbers { at, count, length })
        }
    }
}

/// The way from a store to the app hash: siblings, and on which side the child is.
pub(super) struct StoreWay {
    siblings: Vec<B256>,
    sides: u16,
}

/// Reads the way that a pool begins with.
pub(super) fn store_way(bytes: &mut Bytes<'_>) -> Result<StoreWay, PoolFault> {
    let (steps, sides) = (bytes.byte()?, bytes.short()?);
    let max = STORE_STEPS_MAX;
    let beyond = u32::from(sides).checked_shr(u32::from(steps));
    if steps > max || beyond.is_some_and(|beyond| beyond != 0) {
        return Err(PoolFault::StoreSteps { steps, sides, max });
    }
    let siblings = (0..steps)
        .map(|_| bytes.hash())
        .collect::<Result<Vec<B256>, PoolFault>>()?;
    Ok(StoreWay { siblings, sides })
}

impl StoreWay {
    /// The root above `leaf`.
    pub(super) fn climb(&self, leaf: B256) -> B256 {
        let (mut node, mut sides) = (leaf, self.sides);
        for sibling in &self.siblings {
            let (left, right) = if sides & 1 == 1 {
                (*sibling, node)
            } else {
                (node, *sibling)
            };
            node = sha256(&[&[SIMPLE_INNER], left.as_slice(), right.as_slice()]);
            sides >>= 1;
        }
        node
    }
}

/// The leaf of a store in the simple tree.
pub(super) fn store_leaf(name: &[u8], root: B256) -> B256 {
    node::hash_entry(&[SIMPLE_LEAF], name, sha256(&[root.as_slice()]))
}
