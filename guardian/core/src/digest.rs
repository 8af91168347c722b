//! What exactly guardians sign: six words behind the domain of [`wire::sign`].
//!
//! Nonce, expiry, kind of the scope, path, item, and the duration of a halt or the number of the halt that a resume takes
//! off. The cancel of a hold has no scope: its path is the destination client's and its item the packet's receipt. Neither
//! has a rotation: its item is the hash of the set that follows.

use alloy_primitives::B256;
use wire::sign::{Domain, Kind, word};

use crate::Scope;

/// What a signature needs against being used twice or late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Any number that this set has not used. Unordered, so that two emergencies never wait for one another.
    pub nonce: u64,
    /// The last second at which it counts.
    pub expiry: u64,
}

/// What guardians can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Halt a scope for so many seconds.
    Halt(Scope, u64),
    /// The same, for longer, by the large quorum.
    Confirm(Scope, u64),
    /// Take the halt with this number off.
    Resume(Scope, u64),
    /// Cancel a held packet.
    Cancel {
        /// Keccak-256 of the destination client's id.
        path: B256,
        /// The packet's receipt.
        packet: B256,
    },
    /// Let the set with this hash ([`crate::quorum::Set::hash`]) follow.
    Rotation(B256),
}

impl Statement {
    /// The digest that guardians sign.
    #[must_use]
    pub fn digest(&self, domain: &Domain, ticket: Ticket) -> B256 {
        let (kind, scope, path, item, last) = match self {
            Self::Halt(scope, seconds) => (
                Kind::GuardianHalt,
                scope.kind.number(),
                scope.path,
                scope.item,
                *seconds,
            ),
            Self::Confirm(scope, seconds) => (
                Kind::GuardianConfirm,
                scope.kind.number(),
                scope.path,
                scope.item,
                *seconds,
            ),
            Self::Resume(scope, serial) => (
                Kind::GuardianResume,
                scope.kind.number(),
                scope.path,
                scope.item,
                *serial,
            ),
            Self::Cancel { path, packet } => (Kind::GuardianCancel, 0, *path, *packet, 0),
            Self::Rotation(set) => (Kind::GuardianRotation, 0, B256::ZERO, *set, 0),
        };
        let words = [
            word(ticket.nonce),
            word(ticket.expiry),
            word(scope),
            path,
            item,
            word(last),
        ];
        domain.digest(kind, &words)
    }
}
