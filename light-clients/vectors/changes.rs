//! Changes to bytes, for tests that try mutants of valid messages and proofs. Included by law tests with `#[path]`.

use proptest::prelude::*;

/// A change to bytes.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Flip {
        at: prop::sample::Index,
        bit: u8,
    },
    Replace {
        at: prop::sample::Index,
        byte: u8,
    },
    Insert {
        at: prop::sample::Index,
        byte: u8,
    },
    Remove {
        at: prop::sample::Index,
    },
    Swap {
        one: prop::sample::Index,
        other: prop::sample::Index,
    },
    Cut {
        at: prop::sample::Index,
    },
    Append {
        bytes: Vec<u8>,
    },
}

impl Change {
    /// Makes it; `bytes` must not be empty.
    pub(crate) fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        match self {
            Self::Flip { at, bit } => bytes[at.index(length)] ^= 1 << bit,
            Self::Replace { at, byte } => bytes[at.index(length)] = *byte,
            Self::Insert { at, byte } => bytes.insert(at.index(length), *byte),
            Self::Remove { at } => drop(bytes.remove(at.index(length))),
            Self::Swap { one, other } => bytes.swap(one.index(length), other.index(length)),
            Self::Cut { at } => bytes.truncate(at.index(length)),
            Self::Append { bytes: more } => bytes.extend(more),
        }
    }
}

/// Any change, flipped bits most often.
pub(crate) fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), 0..8_u8).prop_map(|(at, bit)| Change::Flip { at, bit }),
        2 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Replace { at, byte }),
        1 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Insert { at, byte }),
        1 => index().prop_map(|at| Change::Remove { at }),
        1 => (index(), index()).prop_map(|(one, other)| Change::Swap { one, other }),
        1 => index().prop_map(|at| Change::Cut { at }),
        1 => prop::collection::vec(any::<u8>(), 1..40).prop_map(|bytes| Change::Append { bytes }),
    ]
}
