//! How CometBFT writes numbers and bytes in JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error};

/// A number below 2^63, as text: JSON's own numbers end at 2^53 in many readers.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| digits && i64::try_from(*number).is_ok())
        .ok_or_else(|| D::Error::custom(format!("{text:?} is no number between 0 and {}", i64::MAX)))
}

/// Bytes as base64; `null` stands for none.
pub(crate) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    STANDARD
        .decode(&text)
        .map_err(|error| D::Error::custom(format!("{text:?} is no base64: {error}")))
}

/// The hash of a transaction, in hexadecimal digits.
pub(crate) fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut hash = [0; 32];
    hex::decode_to_slice(&text, &mut hash)
        .map_err(|error| D::Error::custom(format!("{text:?} is no hash of 32 bytes: {error}")))?;
    Ok(hash)
}

/// A list; `null` stands for an empty one.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// How bytes are written in parameters that are declared as bytes.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Read {
        #[serde(deserialize_with = "super::number")]
        number: u64,
        #[serde(deserialize_with = "super::bytes")]
        bytes: Vec<u8>,
        #[serde(deserialize_with = "super::list")]
        list: Vec<u8>,
    }

    fn read(number: &str, bytes: &str) -> Option<Read> {
        serde_json::from_str(&format!(r#"{{"number":{number},"bytes":{bytes},"list":null}}"#)).ok()
    }

    #[test]
    fn numbers_are_texts_of_digits_and_bytes_are_base64() {
        let most = format!("\"{}\"", i64::MAX);
        assert_eq!(read(&most, "\"AQI=\"").unwrap().number, i64::MAX.unsigned_abs());
        assert_eq!(read("\"7\"", "\"AQI=\"").unwrap().bytes, [1, 2]);
        assert!(read("\"7\"", "null").unwrap().bytes.is_empty());
        for number in [
            "7",
            "\"\"",
            "\"+7\"",
            "\"-1\"",
            "\"7.0\"",
            "\"9223372036854775808\"",
            "null",
        ] {
            assert_eq!(read(number, "null"), None, "{number}");
        }
        for bytes in ["\"AQI\"", "\"A Q=\"", "7", "\"0x\""] {
            assert_eq!(read("\"7\"", bytes), None, "{bytes}");
        }
    }
}
