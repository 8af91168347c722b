//! The packet and its payload.
//!
//! A packet has exactly one payload (both implementations of IBC v2 accept no other number today), so the type
//! says so. Every field is of a type that cannot hold a forbidden value; only the timeout is checked against a
//! clock, by the functions of the time module.

use crate::{ClientId, PortId, Reject, Seconds, Sequence};
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Longest payload value, in bytes, over all payloads of a packet (there is one).
pub const PAYLOAD_VALUE_MAX: usize = 262_144;

/// A message from one application to another, numbered on its source client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Number of the packet on the source client.
    pub sequence: Sequence,
    /// The client, on the source chain, of the destination chain.
    pub source_client: ClientId,
    /// The client, on the destination chain, of the source chain.
    pub destination_client: ClientId,
    /// Unix time from which the destination refuses the packet.
    pub timeout: Seconds,
    /// What it carries.
    pub payload: Payload,
}

/// What a packet carries: an application's value and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Application on the source chain.
    pub source_port: PortId,
    /// Application on the destination chain.
    pub destination_port: PortId,
    /// Version of the application protocol, for example `ics20-1`.
    pub version: Version,
    /// Encoding of the value, for example `application/x-solidity-abi`.
    pub encoding: Encoding,
    /// The bytes for the application.
    pub value: Value,
}

/// Version of an application protocol; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// Name of an encoding; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding(String);

/// Bytes for an application: 1 to [`PAYLOAD_VALUE_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(Vec<u8>);

impl Version {
    /// Errors: [`Reject::Empty`].
    pub fn new(version: impl Into<String>) -> Result<Self, Reject> {
        not_empty("version", version.into()).map(Self)
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Encoding {
    /// Errors: [`Reject::Empty`].
    pub fn new(encoding: impl Into<String>) -> Result<Self, Reject> {
        not_empty("encoding", encoding.into()).map(Self)
    }

    /// The encoding as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value {
    /// Errors: [`Reject::Empty`], [`Reject::TooLong`] above [`PAYLOAD_VALUE_MAX`].
    pub fn new(value: impl Into<Vec<u8>>) -> Result<Self, Reject> {
        let value = value.into();
        if value.is_empty() {
            return Err(Reject::Empty {
                field: "payload value",
            });
        }
        if value.len() > PAYLOAD_VALUE_MAX {
            let length = value.len();
            return Err(Reject::TooLong {
                field: "payload value",
                length,
                max: PAYLOAD_VALUE_MAX,
            });
        }
        Ok(Self(value))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn not_empty(field: &'static str, text: String) -> Result<String, Reject> {
    if text.is_empty() {
        Err(Reject::Empty { field })
    } else {
        Ok(text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
