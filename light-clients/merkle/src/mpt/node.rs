//! One trie node: its shape, its path, its children.
//!
//! Only what the key meets is interpreted: all items of a branch must be canonical RLP, but only the child that
//! the key selects is read as a reference. The others are bound by the node's hash.

use super::HASHED_MIN;
use crate::{Reject, rlp, rlp::Item};
use alloy_primitives::B256;

/// Items of a branch: one child for each nibble, then the value.
const BRANCH_ITEMS: usize = 17;

/// A node, as far as the key concerns it.
pub(super) enum Node<'a> {
    /// A branch, and the child for the key's next nibble.
    Branch { child: Child<'a> },
    /// A branch at which the key ends, and the value there.
    BranchEnd { value: &'a [u8] },
    /// A stretch of path without a fork.
    Extension { path: Nibbles<'a>, child: Child<'a> },
    /// The rest of one key's path, and its value.
    Leaf { path: Nibbles<'a>, value: &'a [u8] },
}

/// A reference to a child.
#[derive(Clone, Copy)]
pub(super) enum Child<'a> {
    /// There is none.
    Empty,
    /// It is the node with this hash.
    Hash(B256),
    /// It stands here.
    Embedded(&'a [u8]),
}

/// Half bytes, high half first.
#[derive(Clone, Copy)]
pub(super) struct Nibbles<'a> {
    bytes: &'a [u8],
    /// The high half of the first byte is already taken.
    halved: bool,
}

impl<'a> Node<'a> {
    /// Reads the node with this encoding for a key whose next nibble is `nibble` (`None`: it ends here).
    pub(super) fn parse(encoding: &'a [u8], nibble: Option<u8>) -> Result<Self, Reject> {
        let list = rlp::only_list("a trie node", encoding)?;
        let (mut first, mut second, mut selected, mut last) = (None, None, None, None);
        let (mut rest, mut items) = (list, 0usize);
        while !rest.is_empty() && items <= BRANCH_ITEMS {
            let item = rlp::take(&mut rest)?;
            match items {
                0 => first = Some(item),
                1 => second = Some(item),
                _ => {}
            }
            if nibble.is_some_and(|nibble| usize::from(nibble) == items) {
                selected = Some(item);
            }
            last = Some(item);
            items = items.saturating_add(1);
        }
        match (items, first, second, selected, last) {
            (BRANCH_ITEMS, _, _, Some(selected), _) => Ok(Self::Branch {
                child: Child::parse(selected)?,
            }),
            (BRANCH_ITEMS, _, _, None, Some(last)) => Ok(Self::BranchEnd { value: string(last)? }),
            (2, Some(path), Some(second), _, _) => Self::parse_short(string(path)?, second),
            _ => Err(Reject::NodeShape { items }),
        }
    }

    /// A leaf or an extension; the flag nibble of the path says which.
    fn parse_short(path: &'a [u8], second: (Item<'a>, &'a [u8])) -> Result<Self, Reject> {
        let first = path.first().copied().unwrap_or_default();
        let malformed = Reject::HexPrefix {
            length: path.len(),
            first,
        };
        let mut nibbles = Nibbles::of(path);
        let flag = nibbles.next().ok_or_else(|| malformed.clone())?;
        let even = flag & 1 == 0;
        if flag > 3 || (even && nibbles.next() != Some(0)) {
            return Err(malformed);
        }
        if flag >= 2 {
            return Ok(Self::Leaf {
                path: nibbles,
                value: string(second)?,
            });
        }
        if nibbles.peek().is_none() {
            return Err(malformed);
        }
        match Child::parse(second)? {
            Child::Empty => Err(Reject::ChildReference { length: 0 }),
            child => Ok(Self::Extension { path: nibbles, child }),
        }
    }
}

impl<'a> Child<'a> {
    fn parse((item, encoding): (Item<'a>, &'a [u8])) -> Result<Self, Reject> {
        match item {
            Item::String([]) => Ok(Self::Empty),
            Item::String(content) => match B256::try_from(content) {
                Ok(hash) => Ok(Self::Hash(hash)),
                Err(_) => Err(Reject::ChildReference {
                    length: content.len(),
                }),
            },
            Item::List(_) if encoding.len() < HASHED_MIN => Ok(Self::Embedded(encoding)),
            Item::List(_) => Err(Reject::ChildReference {
                length: encoding.len(),
            }),
        }
    }
}

impl<'a> Nibbles<'a> {
    /// All nibbles of `bytes`.
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, halved: false }
    }

    /// The next nibble, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        let byte = self.bytes.first()?;
        Some(if self.halved { byte & 0x0f } else { byte >> 4 })
    }

    /// Takes `prefix` off the front; false, and somewhere in between, when these nibbles start otherwise.
    pub(super) fn strip(&mut self, mut prefix: Nibbles<'_>) -> bool {
        prefix.all(|nibble| self.next() == Some(nibble))
    }
}

impl Iterator for Nibbles<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let nibble = self.peek()?;
        if self.halved {
            self.bytes = self.bytes.get(1..)?;
        }
        self.halved = !self.halved;
        Some(nibble)
    }
}

fn string<'a>((item, _): (Item<'a>, &'a [u8])) -> Result<&'a [u8], Reject> {
    match item {
        Item::String(content) => Ok(content),
        Item::List(_) => Err(Reject::RlpKind {
            what: "a path or a value in a trie node",
        }),
    }
}
