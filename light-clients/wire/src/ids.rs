//! Identifiers: who a packet is from and to, and which one it is.
//!
//! Each type holds only values that the rules of ICS-24 and of IBC v2 packets allow, so code that has one need not
//! check again.

use crate::Reject;
use alloc::string::{String, ToString};
use core::{fmt, num::NonZeroU64, str::FromStr};

/// Shortest client id: packets validate client ids as channel ids, whose minimum is 8.
const CLIENT_ID_MIN: usize = 8;
/// Longest client id.
const CLIENT_ID_MAX: usize = 64;
/// Shortest port id.
const PORT_ID_MIN: usize = 2;
/// Longest port id.
const PORT_ID_MAX: usize = 128;

/// Identifier of a light client on the chain where it lives: the address of a packet, for example `client-0` or
/// `07-tendermint-3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

/// Identifier of an application on one chain, for example `transfer`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(String);

/// Number of a packet among those sent over one client; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(NonZeroU64);

/// Height of a client's trusted state. For an Ethereum client the revision is 0 and the height is the slot of a
/// finalized beacon header (PROTOCOL 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height {
    /// Counts restarts of a chain with heights from scratch.
    pub revision_number: u64,
    /// Height within the revision.
    pub revision_height: u64,
}

impl ClientId {
    /// Checks and keeps `id`.
    ///
    /// Errors: [`Reject::IdLength`] outside 8 to 64 characters, [`Reject::IdCharacter`].
    pub fn new(id: impl Into<String>) -> Result<Self, Reject> {
        let id = id.into();
        check_id("client id", &id, CLIENT_ID_MIN, CLIENT_ID_MAX)?;
        Ok(Self(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as the bytes that paths and commitments use.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PortId {
    /// Checks and keeps `id`.
    ///
    /// Errors: [`Reject::IdLength`] outside 2 to 128 characters, [`Reject::IdCharacter`].
    pub fn new(id: impl Into<String>) -> Result<Self, Reject> {
        let id = id.into();
        check_id("port id", &id, PORT_ID_MIN, PORT_ID_MAX)?;
        Ok(Self(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Sequence {
    /// The first packet of every client.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// Errors: [`Reject::ZeroSequence`].
    pub fn new(sequence: u64) -> Result<Self, Reject> {
        NonZeroU64::new(sequence).map(Self).ok_or(Reject::ZeroSequence)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The sequence after this one.
    ///
    /// Errors: [`Reject::SequenceExhausted`] after 2^64 - 1.
    pub fn next(self) -> Result<Self, Reject> {
        self.0
            .checked_add(1)
            .map(Self)
            .ok_or(Reject::SequenceExhausted { last: self })
    }
}

impl Height {
    /// The height of a chain that never restarted: revision 0.
    pub const fn of(revision_height: u64) -> Self {
        Self {
            revision_number: 0,
            revision_height,
        }
    }
}

pub(crate) fn check_id(kind: &'static str, id: &str, min: usize, max: usize) -> Result<(), Reject> {
    let length = id.len();
    if length < min || length > max {
        return Err(Reject::IdLength {
            kind,
            length,
            min,
            max,
        });
    }
    match id.bytes().enumerate().find(|(_, byte)| !is_id_byte(*byte)) {
        Some((position, byte)) => Err(Reject::IdCharacter { kind, byte, position }),
        None => Ok(()),
    }
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._+-#[]<>".contains(&byte)
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.revision_number, self.revision_height)
    }
}

impl FromStr for ClientId {
    type Err = Reject;

    fn from_str(id: &str) -> Result<Self, Reject> {
        Self::new(id.to_string())
    }
}

impl FromStr for PortId {
    type Err = Reject;

    fn from_str(id: &str) -> Result<Self, Reject> {
        Self::new(id.to_string())
    }
}
