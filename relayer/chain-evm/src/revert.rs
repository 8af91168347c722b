//! Revert data in words: the contracts' custom errors, by the ABI of the checked-in artifacts.

use alloy::dyn_abi::{DynSolValue, ErrorExt};
use alloy::json_abi::{Error, JsonAbi};
use alloy_primitives::Selector;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest description, in characters.
const TEXT_CHARS: usize = 300;

/// The contracts whose errors can reach a relayer.
const ARTIFACTS: [&str; 8] = [
    crate::artifact::ROUTER,
    crate::artifact::BEACON_CLIENT,
    crate::artifact::ATTESTOR_CLIENT,
    crate::artifact::POLICY_CLIENT,
    crate::artifact::TENDERMINT_CLIENT,
    crate::artifact::TENDERMINT_VERIFIER,
    crate::artifact::TRANSFER,
    crate::artifact::CALL,
];

static ERRORS: LazyLock<HashMap<Selector, Error>> = LazyLock::new(|| {
    ARTIFACTS
        .iter()
        .filter_map(|json| crate::artifact::Artifact::parse(json).ok())
        .flat_map(|artifact| errors_of(&artifact.abi))
        .chain(SOLIDITY.iter().filter_map(|text| Error::parse(text).ok()))
        .map(|error| (error.selector(), error))
        .collect()
});

/// The errors of the language itself.
const SOLIDITY: [&str; 2] = ["error Error(string reason)", "error Panic(uint256 code)"];

fn errors_of(abi: &JsonAbi) -> Vec<Error> {
    abi.errors().cloned().collect()
}

/// The name and the values of the error in `data`; none when it is empty or unknown.
pub(crate) fn describe(data: &[u8]) -> Option<String> {
    let selector = Selector::try_from(data.get(..4)?).ok()?;
    let Some(error) = ERRORS.get(&selector) else {
        return Some(format!("an error unknown to this program, {selector}"));
    };
    let values = match error.decode_error(data) {
        Ok(decoded) => decoded.body,
        Err(_) => return Some(format!("{} with values that cannot be read", error.name)),
    };
    let fields: Vec<String> = error
        .inputs
        .iter()
        .zip(&values)
        .map(|(input, value)| {
            if input.name.is_empty() {
                show(value)
            } else {
                format!("{} {}", input.name, show(value))
            }
        })
        .collect();
    let text = if fields.is_empty() {
        error.name.clone()
    } else {
        format!("{}: {}", error.name, fields.join(", "))
    };
    Some(
        text.chars()
            .filter(|c| !c.is_control())
            .take(TEXT_CHARS)
            .collect(),
    )
}

fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(yes) => yes.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::FixedBytes(word, size) => {
            alloy_primitives::hex::encode_prefixed(&word[..(*size).min(32)])
        }
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Function(function) => function.to_string(),
        DynSolValue::Bytes(bytes) => alloy_primitives::hex::encode_prefixed(bytes),
        DynSolValue::String(text) => text.clone(),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) | DynSolValue::Tuple(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
    }
}
