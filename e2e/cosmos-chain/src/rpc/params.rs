//! Parameters, in the forms that CometBFT reads: numbers as text or plain, bytes as base64, keys as hexadecimal digits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Fault;

/// The parameters of a request, by name.
pub(super) struct Params<'a>(pub(super) &'a Value);

impl Params<'_> {
    /// A number, if it was given.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Fault> {
        let bad = |value: &Value| {
            Fault::Params(format!(
                "error converting json params to arguments: {name} is {value}"
            ))
        };
        match &self.0[name] {
            Value::Null => Ok(None),
            Value::String(text) => text.parse().map(Some).map_err(|_| bad(&self.0[name])),
            value => value.as_i64().map(Some).ok_or_else(|| bad(value)),
        }
    }

    /// The height, if one was given.
    pub(super) fn height(&self) -> Result<Option<i64>, Fault> {
        self.number("height")
    }

    /// Text; empty if none was given.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    /// Whether something is wanted.
    pub(super) fn is(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    /// Bytes in base64.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Fault> {
        STANDARD.decode(self.text(name)).map_err(|error| {
            Fault::Params(format!(
                "error converting json params to arguments: {name}: {error}"
            ))
        })
    }

    /// Bytes in hexadecimal digits.
    pub(super) fn hex(&self, name: &str) -> Result<Vec<u8>, Fault> {
        hex::decode(self.text(name)).map_err(|error| {
            Fault::Params(format!(
                "error converting json params to arguments: {name}: {error}"
            ))
        })
    }
}
