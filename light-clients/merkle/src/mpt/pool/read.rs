//! The walk over all keys at once, and the hashes on the way back.

use super::encode::{extension, leaf, list, put_reference};
use super::{
    BRANCH, BRANCH_WITH_EMBEDDED, EXTENSION, EXTENSION_WITH_EMBEDDED, KEY_NIBBLES, LEAF, OTHER_LEAF, Slot,
    nibble,
};
use crate::{Reject, rlp, rlp::Item};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// RLP of a missing child, and of the empty value of a branch.
const EMPTY: u8 = 0x80;
/// Header of a hash.
const HASH: u8 = 0xa0;

/// A pool that is being read.
pub(super) struct Pool<'k, 'p> {
    keys: &'k [B256],
    /// What was found out, one entry a key, in order.
    found: Vec<Slot>,
    /// The bytes that are not consumed.
    rest: &'p [u8],
    /// Nodes read so far.
    nodes: usize,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Place<'k> {
    /// The keys that lead there; never none.
    keys: &'k [B256],
    /// Nibbles of them that lie behind.
    depth: usize,
    /// Whether the node above is an extension.
    below_extension: bool,
}

impl<'k, 'p> Pool<'k, 'p> {
    pub(super) fn new(keys: &'k [B256], pool: &'p [u8]) -> Self {
        Self {
            keys,
            found: Vec::with_capacity(keys.len()),
            rest: pool,
            nodes: 0,
        }
    }

    pub(super) fn run(mut self, root: B256) -> Result<Vec<Slot>, Reject> {
        let place = Place {
            keys: self.keys,
            depth: 0,
            below_extension: false,
        };
        let found = keccak256(self.node(place)?);
        rlp::check_end("the pool", self.rest)?;
        if found != root {
            return Err(Reject::PoolRoot {
                expected: root,
                found,
            });
        }
        Ok(self.found)
    }

    /// Reads the node at `place` with all that is below it, and returns its encoding.
    ///
    /// Bound: each step down goes at least one of 64 nibbles further.
    fn node(&mut self, place: Place<'k>) -> Result<Vec<u8>, Reject> {
        self.nodes = self.nodes.saturating_add(1);
        let [kind] = self.array()?;
        if place.below_extension && !matches!(kind, BRANCH | BRANCH_WITH_EMBEDDED) {
            return Err(Reject::ExtensionChild { node: self.nodes });
        }
        match kind {
            BRANCH => self.branch(place, false),
            BRANCH_WITH_EMBEDDED => self.branch(place, true),
            EXTENSION => self.extension(place, false),
            EXTENSION_WITH_EMBEDDED => self.extension(place, true),
            LEAF => self.leaf(place),
            OTHER_LEAF => self.other_leaf(place),
            kind => Err(Reject::PoolKind {
                node: self.nodes,
                kind,
            }),
        }
    }

    fn branch(&mut self, place: Place<'k>, has_embedded: bool) -> Result<Vec<u8>, Reject> {
        check_depth(place.depth, 1)?;
        let mask = u16::from_be_bytes(self.array()?);
        let embedded = if has_embedded {
            u16::from_be_bytes(self.array()?)
        } else {
            0
        };
        self.check_masks(place, mask, embedded, has_embedded)?;
        let mut items = Vec::with_capacity(544);
        let mut rest = place.keys;
        for child in 0..16u8 {
            let count = rest
                .iter()
                .take_while(|key| nibble(key, place.depth) == child)
                .count();
            let (keys, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = others;
            let bit = 1u16 << child;
            if mask & bit == 0 {
                items.push(EMPTY);
                self.found.extend(keys.iter().map(|_| Slot::Absent));
            } else if !keys.is_empty() {
                let below = self.node(Place {
                    keys,
                    depth: place.depth.saturating_add(1),
                    below_extension: false,
                })?;
                put_reference(&mut items, &below);
            } else if embedded & bit != 0 {
                items.extend_from_slice(self.embedded()?);
            } else {
                items.push(HASH);
                items.extend_from_slice(&self.array::<32>()?);
            }
        }
        // No key ends in a branch, so it has no value.
        items.push(EMPTY);
        Ok(list(&items))
    }

    /// A branch has two children at least; embedded are some of those that no key leads to.
    fn check_masks(
        &self,
        place: Place<'_>,
        mask: u16,
        embedded: u16,
        has_embedded: bool,
    ) -> Result<(), Reject> {
        let led_to = place
            .keys
            .iter()
            .fold(0, |led, key| led | 1u16 << nibble(key, place.depth));
        let fits = embedded & (led_to | !mask) == 0;
        if mask.count_ones() >= 2 && fits && (embedded != 0) == has_embedded {
            return Ok(());
        }
        Err(Reject::PoolMask {
            node: self.nodes,
            mask,
            embedded,
        })
    }

    /// A node below 32 bytes that no key leads to, as it stands in its parent.
    fn embedded(&mut self) -> Result<&'p [u8], Reject> {
        let (item, encoding) = rlp::take(&mut self.rest)?;
        let length = encoding.len();
        match item {
            Item::List([_, ..]) if length < super::super::node::HASHED_MIN => Ok(encoding),
            Item::List(_) | Item::String(_) => Err(Reject::ChildReference { length }),
        }
    }

    fn extension(&mut self, place: Place<'k>, has_embedded: bool) -> Result<Vec<u8>, Reject> {
        let path = self.path(place.depth)?;
        let depth = place.depth.saturating_add(path.len());
        let leads = |key: &&B256| {
            let mut ahead = (place.depth..depth).map(|at| nibble(key, at));
            path.iter().all(|nibble| ahead.next() == Some(*nibble))
        };
        let first = place.keys.iter().take_while(|key| !leads(key)).count();
        let (before, rest) = place.keys.split_at_checked(first).unwrap_or((place.keys, &[]));
        let count = rest.iter().take_while(leads).count();
        let (keys, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));

        self.found.extend(before.iter().map(|_| Slot::Absent));
        let mut reference = Vec::with_capacity(33);
        if has_embedded && !keys.is_empty() {
            return Err(Reject::PoolPath {
                node: self.nodes,
                nibbles: u8::try_from(path.len()).unwrap_or(u8::MAX),
            });
        }
        if has_embedded {
            reference.extend_from_slice(self.embedded()?);
        } else if keys.is_empty() {
            reference.push(HASH);
            reference.extend_from_slice(&self.array::<32>()?);
        } else {
            let below = self.node(Place {
                keys,
                depth,
                below_extension: true,
            })?;
            put_reference(&mut reference, &below);
        }
        self.found.extend(after.iter().map(|_| Slot::Absent));
        Ok(extension(&path, &reference))
    }

    /// The nibbles of an extension at `depth`: at least one, and a branch must fit below.
    fn path(&mut self, depth: usize) -> Result<Vec<u8>, Reject> {
        let [count] = self.array()?;
        let malformed = Reject::PoolPath {
            node: self.nodes,
            nibbles: count,
        };
        let count = usize::from(count);
        if count == 0 {
            return Err(malformed);
        }
        check_depth(depth, count.saturating_add(1))?;
        let bytes = self.take(count.div_ceil(2))?;
        let mut nibbles: Vec<u8> = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]).collect();
        match nibbles.split_off(count).as_slice() {
            [] | [0] => Ok(nibbles),
            _ => Err(malformed),
        }
    }

    /// The leaf of the one key that leads here.
    fn leaf(&mut self, place: Place<'k>) -> Result<Vec<u8>, Reject> {
        let [key, others @ ..] = place.keys else {
            return Err(Reject::PoolLeaf { node: self.nodes });
        };
        if others.iter().any(|other| other != key) {
            return Err(Reject::PoolLeaf { node: self.nodes });
        }
        let value = self.value()?;
        self.found.extend(place.keys.iter().map(|_| present(value)));
        Ok(leaf(key, place.depth, value))
    }

    /// A leaf of whatever key; if it were that of all keys that lead here, it would have the shorter form.
    fn other_leaf(&mut self, place: Place<'k>) -> Result<Vec<u8>, Reject> {
        let own = B256::from(self.array::<32>()?);
        let is_below = |key: &B256| (0..place.depth).all(|at| nibble(key, at) == nibble(&own, at));
        let is_short = place.keys.iter().all(|key| *key == own);
        if is_short || !place.keys.iter().all(is_below) {
            return Err(Reject::PoolLeaf { node: self.nodes });
        }
        let value = self.value()?;
        self.found.extend(place.keys.iter().map(|key| match *key == own {
            true => present(value),
            false => Slot::Absent,
        }));
        Ok(leaf(&own, place.depth, value))
    }

    /// The integer in a leaf.
    fn value(&mut self) -> Result<&'p [u8], Reject> {
        let [length] = self.array()?;
        let value = self.take(usize::from(length))?;
        rlp::check_integer("a storage slot", value, B256::len_bytes())?;
        if value.is_empty() {
            return Err(Reject::ZeroSlot);
        }
        Ok(value)
    }

    fn take(&mut self, needed: usize) -> Result<&'p [u8], Reject> {
        let (taken, rest) = self.rest.split_at_checked(needed).ok_or(Reject::PoolTruncated {
            needed,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Reject> {
        let left = self.rest.len();
        self.take(N)?
            .try_into()
            .map_err(|_| Reject::PoolTruncated { needed: N, left })
    }
}

/// `ahead` nibbles fit behind `depth`.
fn check_depth(depth: usize, ahead: usize) -> Result<(), Reject> {
    let found = depth.saturating_add(ahead);
    if found <= KEY_NIBBLES {
        return Ok(());
    }
    Err(Reject::PathLength {
        found,
        expected: KEY_NIBBLES,
    })
}

fn present(value: &[u8]) -> Slot {
    Slot::Present(B256::left_padding_from(value))
}
