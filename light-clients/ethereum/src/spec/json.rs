//! JSON of the beacon REST interface: numbers are decimal strings, bytes are 0x-hex.

use alloc::string::String;

use alloy_primitives::B256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::header::Header;
use crate::units::Slot;

/// An object with the name of the fork whose shape it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// Name of the fork in lower case.
    pub version: String,
    /// The object.
    pub data: T,
}

/// A number as a decimal string.
pub(super) mod decimal {
    use alloc::string::String;
    use core::fmt::Display;
    use core::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::spec) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(in crate::spec) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(D::Error::custom("a number has to be a string of decimal digits"));
        }
        text.parse().map_err(D::Error::custom)
    }
}

/// A slot as a decimal string.
pub(super) mod slot {
    use serde::{Deserializer, Serializer};

    use crate::units::Slot;

    pub(in crate::spec) fn serialize<S: Serializer>(value: &Slot, serializer: S) -> Result<S::Ok, S::Error> {
        super::decimal::serialize(&value.0, serializer)
    }

    pub(in crate::spec) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Slot, D::Error> {
        super::decimal::deserialize(deserializer).map(Slot)
    }
}

/// The fields of a header under the names of the interface.
#[derive(Serialize, Deserialize)]
#[serde(rename = "BeaconBlockHeader")]
struct Fields {
    #[serde(with = "slot")]
    slot: Slot,
    #[serde(with = "decimal")]
    proposer_index: u64,
    parent_root: B256,
    state_root: B256,
    body_root: B256,
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            slot,
            proposer_index,
            parent_root,
            state_root,
            body_root,
        } = *self;
        Fields {
            slot,
            proposer_index,
            parent_root,
            state_root,
            body_root,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Fields {
            slot,
            proposer_index,
            parent_root,
            state_root,
            body_root,
        } = Fields::deserialize(deserializer)?;
        Ok(Self {
            slot,
            proposer_index,
            parent_root,
            state_root,
            body_root,
        })
    }
}
