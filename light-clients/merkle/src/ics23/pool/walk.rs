//! The nodes of a pool, put together from the leaves upwards.

use super::super::node;
use super::read::Bytes;
use super::{ENTRY, ENTRY_OTHERWISE, JOINED, KEY_MAX, LEFT, NEIGHBOUR, NOTHING, PoolFault, RIGHT, sha256};
use crate::Proven;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Most nodes that wait for a parent, and with that more than the highest node that is read: the height of an inner node
/// has one byte and is even as written.
const WAITING_MAX: usize = 64;
/// Most bytes of the numbers of an entry and of an inner node.
const VERSION_MAX: usize = 9;
const NUMBERS_MAX: usize = 11;
/// The bits of a node's first byte that say how long its numbers are.
const LENGTH: u8 = 0x0f;
const KIND_SHIFT: u32 = 4;
/// What an IAVL leaf begins with: height 0 and size 1, as they are hashed.
const LEAF_HEAD: [u8; 2] = [0, 2];
/// The length of a hash, as it stands before each child.
const HASH_LENGTH: [u8; 1] = [32];

/// A node whose parent has not come yet.
struct Node {
    hash: B256,
    /// 0 for an entry.
    height: u8,
    /// Whether no entry of the tree is below it before its first one in the pool.
    keeps_left: bool,
    /// Whether none is behind its last one.
    keeps_right: bool,
    /// Whether something is absent directly before its first one.
    has_gap_before: bool,
}

struct Walk<'k, 'a> {
    keys: &'k [&'k [u8]],
    bytes: Bytes<'a>,
    answers: Vec<Proven<'a>>,
    waiting: Vec<Node>,
    /// Key of the last entry or answer.
    last: &'k [u8],
    /// The same, if it was a neighbour.
    last_neighbour: Option<&'a [u8]>,
    /// Whether the last key was answered by nothing, and no entry came since.
    has_gap: bool,
    /// Whether the last entry is a neighbour with no gap before it, so that one has to follow.
    needs_gap: bool,
}

/// The root of the store that a pool leads to, and an answer for each of `keys`, which ascend and differ.
pub(super) fn walk<'a>(keys: &[&[u8]], bytes: Bytes<'a>) -> Result<(B256, Vec<Proven<'a>>), PoolFault> {
    let mut walk = Walk {
        keys,
        bytes,
        answers: Vec::new(),
        waiting: Vec::new(),
        last: &[],
        last_neighbour: None,
        has_gap: false,
        needs_gap: false,
    };
    // Bound: each node takes a byte at least.
    while !walk.bytes.is_empty() {
        walk.node()?;
    }
    walk.end()
}

impl<'k, 'a> Walk<'k, 'a> {
    fn node(&mut self) -> Result<(), PoolFault> {
        let at = self.bytes.at();
        let head = self.bytes.byte()?;
        let length = usize::from(head & LENGTH);
        match head >> KIND_SHIFT {
            ENTRY => self.entry(at, length, false),
            ENTRY_OTHERWISE => self.entry(at, length, true),
            NEIGHBOUR => self.neighbour(at, length),
            NOTHING if length == 0 => self.nothing(at),
            JOINED => self.join(at, length),
            LEFT => self.step(at, length, false),
            RIGHT => self.step(at, length, true),
            _ => Err(PoolFault::NodeKind { at, found: head }),
        }
    }

    /// The entry under the next key.
    fn entry(&mut self, at: usize, length: usize, is_otherwise: bool) -> Result<(), PoolFault> {
        let version = self.version(at, length)?;
        let value = if is_otherwise {
            self.bytes.text()?
        } else {
            self.bytes.take(32)?
        };
        if value.is_empty() {
            return Err(PoolFault::EmptyEntry { at });
        }
        let is_word = value.len() == 32 && value.iter().any(|byte| *byte != 0);
        if is_word == is_otherwise {
            return Err(PoolFault::ValueForm { at });
        }
        let key = self.answer(at, Proven::Present(value))?;
        self.put(at, version, key, sha256(&[value]))?;
        self.needs_gap = false;
        Ok(())
    }

    /// An entry that nobody asks for, beside an absent key.
    fn neighbour(&mut self, at: usize, length: usize) -> Result<(), PoolFault> {
        let version = self.version(at, length)?;
        let key = self.bytes.text()?;
        let value = self.bytes.hash()?;
        let (length, max) = (key.len(), KEY_MAX);
        if length == 0 || length > max {
            return Err(PoolFault::NeighbourKey { at, length, max });
        }
        if value == sha256(&[]) {
            return Err(PoolFault::EmptyEntry { at });
        }
        if key <= self.last_neighbour.unwrap_or(self.last) {
            return Err(order(at, key));
        }
        let has_gap = self.has_gap;
        self.put(at, version, key, value)?;
        self.last_neighbour = Some(key);
        self.needs_gap = !has_gap;
        Ok(())
    }

    /// Nothing is under the next key.
    fn nothing(&mut self, at: usize) -> Result<(), PoolFault> {
        self.answer(at, Proven::Absent)?;
        self.has_gap = true;
        self.needs_gap = false;
        Ok(())
    }

    /// Takes the next key.
    fn answer(&mut self, at: usize, answer: Proven<'a>) -> Result<&'k [u8], PoolFault> {
        let key = *self
            .keys
            .get(self.answers.len())
            .ok_or(PoolFault::NothingAsked { at })?;
        if self.last_neighbour.take().is_some_and(|last| key <= last) {
            return Err(order(at, key));
        }
        self.last = key;
        self.answers.push(answer);
        Ok(key)
    }

    fn version(&mut self, at: usize, length: usize) -> Result<&'a [u8], PoolFault> {
        if length > VERSION_MAX {
            return Err(PoolFault::NodeNumbers { at, count: 1, length });
        }
        let ([_], bytes) = self.bytes.numbers::<1>(at, length)?;
        Ok(bytes)
    }

    fn put(&mut self, at: usize, version: &[u8], key: &[u8], value: B256) -> Result<(), PoolFault> {
        if self.needs_gap && !self.has_gap {
            return Err(PoolFault::NeedlessEntry { at });
        }
        if self.waiting.len() >= WAITING_MAX {
            return Err(PoolFault::TooManyWait { at, max: WAITING_MAX });
        }
        let prefix = [&LEAF_HEAD, version].concat();
        self.waiting.push(Node {
            hash: node::hash_entry(&prefix, key, value),
            height: 0,
            keeps_left: true,
            keeps_right: true,
            has_gap_before: self.has_gap,
        });
        self.has_gap = false;
        Ok(())
    }

    /// Takes the numbers of an inner node above nodes of at most height `below`; its height, and all as they are hashed.
    fn inner(&mut self, at: usize, length: usize, below: u8) -> Result<(u8, &'a [u8]), PoolFault> {
        let ([height, ..], bytes) = self.bytes.numbers::<3>(at, length)?;
        // The first number has one byte.
        let found = u8::try_from(height)
            .ok()
            .filter(|height| usize::from(*height) < WAITING_MAX);
        let (Some(found), true) = (found, length <= NUMBERS_MAX) else {
            return Err(PoolFault::NodeNumbers { at, count: 3, length });
        };
        if found <= below {
            return Err(PoolFault::NodeHeight { at, below, found });
        }
        Ok((found, bytes))
    }

    fn join(&mut self, at: usize, length: usize) -> Result<(), PoolFault> {
        let found = self.waiting.len();
        let (Some(right), Some(left)) = (self.waiting.pop(), self.waiting.pop()) else {
            return Err(PoolFault::NoChildren { at, needed: 2, found });
        };
        let (height, numbers) = self.inner(at, length, left.height.max(right.height))?;
        if right.has_gap_before && !(left.keeps_right && right.keeps_left) {
            return Err(PoolFault::Parted { at });
        }
        self.waiting.push(Node {
            hash: hash_inner(numbers, left.hash, right.hash),
            height,
            keeps_left: left.keeps_left,
            keeps_right: right.keeps_right,
            has_gap_before: left.has_gap_before,
        });
        Ok(())
    }

    /// An inner node with one child in the pool, `is_right` or not.
    fn step(&mut self, at: usize, length: usize, is_right: bool) -> Result<(), PoolFault> {
        let Some(child) = self.waiting.pop() else {
            return Err(PoolFault::NoChildren {
                at,
                needed: 1,
                found: 0,
            });
        };
        let (height, numbers) = self.inner(at, length, child.height)?;
        let sibling = self.bytes.hash()?;
        let (left, right) = if is_right {
            (sibling, child.hash)
        } else {
            (child.hash, sibling)
        };
        self.waiting.push(Node {
            hash: hash_inner(numbers, left, right),
            height,
            keeps_left: child.keeps_left && !is_right,
            keeps_right: child.keeps_right && is_right,
            has_gap_before: child.has_gap_before,
        });
        Ok(())
    }

    fn end(mut self) -> Result<(B256, Vec<Proven<'a>>), PoolFault> {
        let (asked, answered) = (self.keys.len(), self.answers.len());
        if answered != asked {
            return Err(PoolFault::Unanswered { asked, answered });
        }
        if self.needs_gap {
            let at = self.bytes.at();
            return Err(PoolFault::NeedlessEntry { at });
        }
        let found = self.waiting.len();
        let root = self
            .waiting
            .pop()
            .filter(|_| found == 1)
            .ok_or(PoolFault::NotOneRoot { found })?;
        if root.has_gap_before && !root.keeps_left {
            return Err(PoolFault::NotFirstEntry);
        }
        if self.has_gap && !root.keeps_right {
            return Err(PoolFault::NotLastEntry);
        }
        Ok((root.hash, self.answers))
    }
}

fn order(at: usize, key: &[u8]) -> PoolFault {
    let key = alloy_primitives::Bytes::copy_from_slice(key);
    PoolFault::EntryOrder { at, key }
}

fn hash_inner(numbers: &[u8], left: B256, right: B256) -> B256 {
    sha256(&[
        numbers,
        &HASH_LENGTH,
        left.as_slice(),
        &HASH_LENGTH,
        right.as_slice(),
    ])
}
