//! By what a transaction that no node shows is told from a lost one: its place in the order of its sender.
//!
//! It is kept on disk beside the transaction's hash. Of all transactions with one ticket's number at most one is ever
//! included, so a used number says that a missing one is dead.

use crate::{BlockNumber, Nonce};
use alloc::string::String;

/// The place of a transaction in the order of its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ticket {
    /// On an EVM chain, where the relayer has one account.
    Nonce(Nonce),
    /// On a Cosmos chain, where it may have several.
    Seat(Seat),
}

/// A place in the order of one account of a Cosmos chain, and the blocks in which it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The account's address.
    pub account: String,
    /// The account's sequence that the transaction names.
    pub sequence: u64,
    /// The newest block when it was signed: the transaction is in none up to here.
    pub signed_at: BlockNumber,
    /// The last block that may hold it.
    pub last: BlockNumber,
}

impl Ticket {
    /// The nonce with which another transaction could take this one's place for a better fee.
    pub fn replaceable(&self) -> Option<Nonce> {
        match self {
            Self::Nonce(nonce) => Some(*nonce),
            Self::Seat(_) => None,
        }
    }

    /// Whether the transaction cannot be included before one with the ticket `other` is.
    pub fn waits_for(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nonce(mine), Self::Nonce(other)) => mine > other,
            (Self::Seat(mine), Self::Seat(other)) => {
                mine.account == other.account && mine.sequence > other.sequence
            }
            (Self::Nonce(_), Self::Seat(_)) | (Self::Seat(_), Self::Nonce(_)) => false,
        }
    }

    /// Whether the transaction is dead after some block, so that nobody needs to lose patience with it.
    pub fn expires(&self) -> bool {
        matches!(self, Self::Seat(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(account: &str, sequence: u64) -> Ticket {
        Ticket::Seat(Seat {
            account: account.into(),
            sequence,
            signed_at: BlockNumber(1),
            last: BlockNumber(9),
        })
    }

    #[test]
    fn only_a_later_place_of_the_same_sender_waits() {
        let nonce = |nonce| Ticket::Nonce(Nonce(nonce));
        assert!(nonce(2).waits_for(&nonce(1)) && !nonce(1).waits_for(&nonce(1)));
        assert!(seat("a", 2).waits_for(&seat("a", 1)) && !seat("a", 1).waits_for(&seat("a", 2)));
        assert!(!seat("a", 2).waits_for(&seat("b", 1)) && !seat("a", 2).waits_for(&nonce(1)));
    }
}
