//! Positional parameters of a JSON-RPC call.

use super::error::RpcError;
use alloy_primitives::{B256, U256};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The parameters of one call.
pub(super) struct Params<'a>(pub(super) &'a [Value]);

impl Params<'_> {
    /// The parameter at `at`, which must be there.
    pub(super) fn required<T: DeserializeOwned>(&self, at: usize) -> Result<T, RpcError> {
        self.optional(at)?
            .ok_or_else(|| RpcError::params(format!("missing value for required argument {at}")))
    }

    /// The parameter at `at`; `null` counts as absent.
    pub(super) fn optional<T: DeserializeOwned>(&self, at: usize) -> Result<Option<T>, RpcError> {
        match self.0.get(at) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|error| RpcError::params(format!("invalid argument {at}: {error}"))),
        }
    }
}

/// A storage slot, as 32 bytes or as a shorter number.
pub(super) fn slot(text: &str) -> Result<U256, RpcError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let wrong = || RpcError::params(format!("invalid storage key {text}: at most 32 bytes of hex"));
    if digits.is_empty() || digits.len() > 2 * B256::len_bytes() {
        return Err(wrong());
    }
    U256::from_str_radix(digits, 16).map_err(|_| wrong())
}
