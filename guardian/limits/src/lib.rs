//! How much may cross: continuous token buckets, and what an amount meets before it is paid.
//!
//! This crate decides whether an amount is paid, waits or is refused ([`weigh`]), and what a payout, an inflow, a second
//! or a decision of governance does to a bucket ([`Bucket`]). It must never let the payouts of any window exceed
//! capacity + rate x length + credit of that window, whatever its length and however they are cut up (I4).
//!
//! Its twin is `contracts/src/libraries/Limits.sol`: equal to the last bit on `light-clients/vectors/limits`.
//!
//! Spec: section 4 of the protocol page, "Limit" and "Hold"; docs/limits.md.
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

mod bucket;
mod reject;
mod setting;
mod value;
mod weigh;

pub use bucket::{Bucket, DAY_SECONDS};
pub use reject::Reject;
pub use setting::{Limit, Setting};
pub use value::{Price, value_of};
pub use weigh::{HELD_MAX, Hold, Situation, ValueSituation, Verdict, weigh};
