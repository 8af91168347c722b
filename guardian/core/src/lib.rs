//! Who may halt what, for how long, and who may resume it.
//!
//! This crate decides which scopes are halted ([`halt`]), which signatures make a quorum ([`quorum`]), how much halting
//! time the small quorum has left ([`budget`]), when a resume takes effect ([`resume`]), what exactly guardians sign
//! ([`digest`]), and puts it together ([`Guardians`]; as bytes, [`snapshot`]). It must never let fewer guardians than a quorum change anything,
//! let the small quorum halt for ever or resume, or shorten a halt except by a resume. A stolen key can delay, never
//! take (I5, I6).
//!
//! Its twins are the contracts `Guardians.sol`, `Halts.sol`, `HaltBudget.sol` and `Scopes.sol`: same names, same order of
//! checks, same files in `light-clients/vectors/guardian`.
//!
//! Spec: section 4 of the protocol page; docs/guardians.md.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

pub mod budget;
pub mod digest;
pub mod halt;
pub mod quorum;
pub mod resume;
pub mod scope;
pub mod snapshot;

mod guardians;
mod reject;

pub use guardians::{Approval, CONFIRM_SECONDS_MAX, Guardians, Paths};
pub use reject::Reject;
pub use scope::{Scope, ScopeKind};
