//! The votes that made a block final, and what exactly each of them signed.

use alloc::vec::Vec;

use alloy_primitives::Address;

use crate::header::BlockId;
use crate::proto::Writer;
use crate::time::Time;

/// Length of a signature of either kind.
pub const SIGNATURE_LENGTH: usize = 64;

/// The kind of vote in a commit: a precommit.
const PRECOMMIT: u64 = 2;

/// The votes for a block, one for each validator in the order of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Height of the block.
    pub height: u64,
    /// The round in which it was agreed on.
    pub round: u32,
    /// The block.
    pub block_id: BlockId,
    /// What each validator did.
    pub votes: Vec<Vote>,
}

/// What a validator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vote {
    /// Its vote did not arrive.
    Absent,
    /// It voted for the block.
    Block(Signed),
    /// It voted for no block; counts for nothing.
    Nil(Signed),
}

/// A vote and whose it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The validator.
    pub validator: Address,
    /// When it voted.
    pub time: Time,
    /// Its signature.
    pub signature: [u8; SIGNATURE_LENGTH],
}

impl Commit {
    /// What a validator signs that votes for the block at `time`.
    #[must_use]
    pub fn sign_bytes(&self, chain_id: &str, time: Time) -> Vec<u8> {
        Writer::default()
            .varint(1, PRECOMMIT)
            .fixed64(2, self.height)
            .fixed64(3, u64::from(self.round))
            .message(4, &self.block_id.encoded())
            .message(5, &time.encoded())
            .bytes(6, chain_id.as_bytes())
            .delimited()
    }
}

impl Vote {
    /// The vote, if one arrived.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        match self {
            Self::Absent => None,
            Self::Block(signed) | Self::Nil(signed) => Some(signed),
        }
    }

    /// The vote, if it is for the block.
    #[must_use]
    pub const fn for_block(&self) -> Option<&Signed> {
        match self {
            Self::Block(signed) => Some(signed),
            Self::Absent | Self::Nil(_) => None,
        }
    }
}
