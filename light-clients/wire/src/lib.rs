//! Packets, identifiers, commitments and codecs of IBC v2; of v1, packets and their commitments ([`channel`]).
//!
//! This crate decides what a packet *is*: which identifiers, sizes and timeouts are allowed, what its commitment
//! is, under which path and EVM storage slot it is stored, and which bytes encode it; and what exactly an attestor or a
//! guardian signs. Rust, Solidity and (later) wasm agree on these answers through `light-clients/vectors/{wire,batch,sign}`.
//!
//! It must never read a clock, a chain or a configuration: time is an argument, everything else is in the bytes.
//! No input makes it panic; whatever it cannot accept it answers with a [`Reject`] that names the rule.
//!
//! Spec: ICS-04 and ICS-24 of IBC v2, as the implementations have them; ICS-20; ICS-27 GMP.
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

pub mod abi;
pub mod base64;
pub mod batch;
pub mod channel;
pub mod commit;
pub mod evm;
pub mod gmp;
pub mod ics20;
pub mod path;
pub mod sign;

mod ack;
mod check;
mod codec;
mod end;
mod flat;
mod ids;
mod json;
mod packet;
mod protobuf;
mod reject;
mod time;

pub use ack::{Acknowledgement, UNIVERSAL_ERROR_ACK};
pub use codec::Codec;
pub use end::End;
pub use evm::COMMITMENTS_SLOT;
pub use ids::{ClientId, Height, PortId, Sequence};
pub use packet::{Encoding, PAYLOAD_VALUE_MAX, Packet, Payload, Value, Version};
pub use path::Path;
pub use reject::Reject;
pub use time::{Seconds, TIMEOUT_AHEAD_MAX, check_expired, check_receivable, check_timeout};
