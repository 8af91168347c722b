//! The port between the relayer and a chain: what it may ask and what may come back.
//!
//! A port is two enums, not a trait: [`Ask`] goes out, and exactly one [`Reply`] comes back, which is an [`Answer`] or a
//! [`Failed`]. A real chain is one task that serves asks; the simulator is another. Nothing here is generic over two
//! chains.
//!
//! What this crate must never do: decide. It names the questions, gives answers a shape in which they cannot be
//! misread, and sorts what can go wrong by what helps ([`Fault::retry`]) and by who is responsible ([`Fault::blame`]).
//!
//! Nothing in an answer is to be believed because an endpoint said it. Updates and proofs are judged by the light
//! clients of `light-clients/`; everything else (heads, events, lookups) is a hint that can cost time but never lets a
//! false packet pass (invariant I7).
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod answer;
mod ask;
mod basis;
mod comparisons;
mod fault;
mod leaves;
mod packet;
mod pair;
mod recent;
mod submission;
mod ticket;

pub use answer::{
    Answer, Answering, Channel, ClientView, Event, EventAt, Failed, Finalized, Head, Latest, Notices,
    Outcome, Proof, Reply, Skip, TxState, UpdatePlan,
};
pub use ask::{AsOf, Ask, AskId, Fee, Place};
pub use basis::{At, Basis};
pub use comparisons::{Chosen, Comparisons, Found};
pub use fault::{Blame, Fault, NotYet, Retry, Revert};
pub use leaves::LeafPlans;
pub use packet::AnyPacket;
pub use pair::{Depth, Doubt, Expected, Finding, TermsMax};
pub use recent::Recent;
pub use submission::{
    ClientUpdate, Message, MessageKind, PolicyState, Submission, SubmissionId, TrustedState, Unreceived,
    UpdateClient,
};

pub use ticket::{Seat, Ticket};

use alloc::string::String;
use alloy_primitives::B256;
use core::fmt;

/// The name of a chain in the operator's configuration, such as `mainnet`. It never crosses a wire; records on disk use
/// it, so that reordering a configuration file changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainName(pub String);

/// The number of an execution block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockNumber(pub u64);

/// The hash of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxHash(pub B256);

/// The sender's transaction counter that a transaction uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub u64);

/// Units of gas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gas(pub u64);

/// A price for one unit of gas: in wei, or on a Cosmos chain in 10⁻¹⁸ of the smallest part of its coin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeiPerGas(pub u128);

macro_rules! display_inner {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
display_inner!(ChainName, BlockNumber, TxHash, Nonce, Gas, WeiPerGas);
