//! One trie node: its shape, its path, its children.
//!
//! All children of a branch must be well-formed references; what is inside an embedded child is read only when
//! the key leads there.

use crate::{Reject, rlp, rlp::Item};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Shortest node that is referred to by hash, in bytes; shorter ones stand inside their parent.
pub(super) const HASHED_MIN: usize = 32;

/// Items of a branch: one child for each nibble, then the value.
const BRANCH_ITEMS: usize = 17;

/// An item of a node, and its whole encoding.
type Encoded<'a> = (Item<'a>, &'a [u8]);

/// A node.
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(super) enum Node<'a> {
    /// A branch: a child for each nibble, and the branch's value.
    Branch { children: Children<'a>, value: &'a [u8] },
    /// A stretch of path without a fork.
    Extension { path: Nibbles<'a>, child: Child<'a> },
    /// The rest of one key's path, and its value.
    Leaf { path: Nibbles<'a>, value: &'a [u8] },
}

/// The children of a branch, by their nibbles.
pub(super) type Children<'a> = [Child<'a>; 16];

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
    /// Reads the node with this encoding.
    pub(super) fn parse(encoding: &'a [u8]) -> Result<Self, Reject> {
        let mut rest = rlp::only_list("a trie node", encoding)?;
        let mut items = [None; BRANCH_ITEMS];
        let mut count = 0usize;
        for item in &mut items {
            if !rest.is_empty() {
                *item = Some(rlp::take(&mut rest)?);
                count = count.saturating_add(1);
            }
        }
        match items {
            _ if !rest.is_empty() => Err(Reject::NodeShape {
                items: count.saturating_add(1),
            }),
            [Some(path), Some(second), None, ..] => Self::parse_short(string(path)?, second),
            [ref children @ .., Some(value)] => Self::parse_branch(children, value),
            _ => Err(Reject::NodeShape { items: count }),
        }
    }

    fn parse_branch(items: &[Option<Encoded<'a>>], value: Encoded<'a>) -> Result<Self, Reject> {
        let mut children = [Child::Empty; 16];
        for (child, item) in children.iter_mut().zip(items.iter().flatten()) {
            *child = Child::parse(*item)?;
        }
        Ok(Self::Branch {
            children,
            value: string(value)?,
        })
    }

    /// A leaf or an extension; the flag nibble of the path says which.
    fn parse_short(path: &'a [u8], second: Encoded<'a>) -> Result<Self, Reject> {
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
    fn parse((item, encoding): Encoded<'a>) -> Result<Self, Reject> {
        match item {
            Item::String([]) => Ok(Self::Empty),
            Item::String(content) => match B256::try_from(content) {
                Ok(hash) => Ok(Self::Hash(hash)),
                Err(_) => Err(Reject::ChildReference {
                    length: content.len(),
                }),
            },
            Item::List([_, ..]) if encoding.len() < HASHED_MIN => Ok(Self::Embedded(encoding)),
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

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.bytes
            .len()
            .saturating_mul(2)
            .saturating_sub(usize::from(self.halved))
    }

    /// The next nibble, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        let byte = self.bytes.first()?;
        Some(if self.halved { byte & 0x0f } else { byte >> 4 })
    }

    /// Takes the next nibble.
    pub(super) fn next(&mut self) -> Option<u8> {
        let nibble = self.peek()?;
        if self.halved {
            self.bytes = self.bytes.get(1..)?;
        }
        self.halved = !self.halved;
        Some(nibble)
    }

    /// These nibbles as the path of a leaf, as it stands there.
    pub(super) fn leaf_path(mut self) -> Vec<u8> {
        let first = if self.halved { self.next() } else { None };
        let flags = first.map_or(0x20, |nibble| 0x30 | nibble);
        [&[flags], self.bytes].concat()
    }

    /// Takes `prefix` off the front; false, and somewhere in between, when these nibbles start otherwise.
    pub(super) fn strip(&mut self, mut prefix: Nibbles<'_>) -> bool {
        while let Some(nibble) = prefix.next() {
            if self.next() != Some(nibble) {
                return false;
            }
        }
        true
    }
}

fn string<'a>((item, _): Encoded<'a>) -> Result<&'a [u8], Reject> {
    match item {
        Item::String(content) => Ok(content),
        Item::List(_) => Err(Reject::RlpKind {
            what: "a path or a value in a trie node",
        }),
    }
}
