//! The three encodings in which applications of IBC v2 write their values.

use crate::{Encoding, Reject};

/// How an application's value is written. Each has exactly one encoding of a value (T-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// JSON as ibc-go writes it: fields as declared, empty ones left out, bytes in base64.
    Json,
    /// Protobuf with fields in ascending order, empty ones left out.
    Protobuf,
    /// The ABI encoding of one tuple: the only one that contracts read.
    Abi,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Protobuf, Self::Abi];

    /// The codec of a payload's encoding.
    ///
    /// Errors: [`Reject::UnknownEncoding`].
    pub fn of(encoding: &Encoding) -> Result<Self, Reject> {
        let named = Self::ALL
            .into_iter()
            .find(|codec| codec.name() == encoding.as_str());
        named.ok_or_else(|| Reject::UnknownEncoding {
            found: encoding.as_str().into(),
        })
    }

    /// The name of the encoding in a payload.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
            Self::Abi => "application/x-solidity-abi",
        }
    }
}
