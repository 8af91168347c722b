//! The acknowledgement: raw bytes of one application, or the one error of IBC v2.
//!
//! Acknowledgements are never parsed and written again: what is committed is what the application returned, byte
//! for byte (T-24).

use crate::Reject;
use alloc::vec::Vec;
use alloy_primitives::{B256, b256};

/// The acknowledgement of every failed packet: SHA-256 of `UNIVERSAL_ERROR_ACKNOWLEDGEMENT`.
pub const UNIVERSAL_ERROR_ACK: B256 =
    b256!("4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab");

/// What an application answered to a packet; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement(Vec<u8>);

impl Acknowledgement {
    /// Takes the bytes of any acknowledgement as they came, for example from an event.
    ///
    /// Errors: [`Reject::Empty`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Reject> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(Reject::Empty {
                field: "acknowledgement",
            });
        }
        Ok(Self(bytes))
    }

    /// Takes the bytes of an application that succeeded.
    ///
    /// Errors: [`Reject::Empty`], [`Reject::ErrorAsSuccess`].
    pub fn success(bytes: impl Into<Vec<u8>>) -> Result<Self, Reject> {
        let ack = Self::new(bytes)?;
        if ack.is_error() {
            Err(Reject::ErrorAsSuccess)
        } else {
            Ok(ack)
        }
    }

    /// The acknowledgement of a packet whose application failed.
    pub fn error() -> Self {
        Self(UNIVERSAL_ERROR_ACK.to_vec())
    }

    /// Whether this is the universal error: the packet failed and its sender is refunded.
    pub fn is_error(&self) -> bool {
        self.0 == UNIVERSAL_ERROR_ACK.as_slice()
    }

    /// The bytes as they came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
