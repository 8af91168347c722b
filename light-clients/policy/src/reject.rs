//! Why a policy or a proof is refused: one list for Rust and Solidity, same names, same order.

use alloc::vec::Vec;

use alloy_primitives::Address;
use thiserror::Error;
use wire::{Height, Seconds};

/// A broken rule, in the order in which the rules are checked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// The bytes are no encoding of docs/formats/policy.md.
    #[error("read {part}: bytes missing, left over, or not allowed; re-encode it by docs/formats/policy.md")]
    Malformed {
        /// The part that could not be read.
        part: &'static str,
    },
    /// A tree that is no policy.
    #[error("accept a policy: {0}")]
    BadPolicy(PolicyFault),
    /// The leaves that count are not enough.
    #[error("believe leaves {held:?}: the policy asks for more; prove it to more of them, or wait")]
    NotSatisfied {
        /// For each leaf whether it counts.
        held: Vec<bool>,
    },
    /// The height of the proof is not that of the leaf with the earliest state.
    #[error("prove at height {given}: the earliest state that counts has {expected}")]
    WrongHeight {
        /// The height of the earliest state.
        expected: Height,
        /// The height given.
        given: Height,
    },
}

/// What is wrong with a policy. The numbers are those of the contract's `BadPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PolicyFault {
    /// Nodes stand too deep.
    #[error("a node with children stands at the fourth level or below")]
    TooDeep,
    /// None or more than there are.
    #[error("{needed} of {count} are needed")]
    Needed {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        count: usize,
    },
    /// No client, or one that is asked already: it would count twice.
    #[error("client {client} is zero, or stands there twice")]
    Client {
        /// The client.
        client: Address,
    },
    /// A delay of nothing, or beyond twelve hours.
    #[error("a delay of {delay}: 1 second to 12 hours")]
    Delay {
        /// The delay.
        delay: Seconds,
    },
    /// More than eight leaves.
    #[error("more than eight leaves")]
    TooManyLeaves,
}
