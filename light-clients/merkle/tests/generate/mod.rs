//! Generators of the shared vectors. They know what is right and wrong from how they built it; they never ask the
//! code under test.

pub(crate) mod mpt;
mod mpt_packed;
pub(crate) mod mpt_reject;
mod mpt_reject_nodes;
mod mpt_reject_state;
pub(crate) mod pool;
pub(crate) mod ssz;

use serde_json::{Map, Value, json};

#[path = "../../../vectors/harness.rs"]
pub(crate) mod harness;

/// Bytes as the vectors write them.
pub(crate) fn hex(bytes: &[u8]) -> Value {
    json!(format!("0x{}", hex::encode(bytes)))
}

/// One flat object.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect::<Map<_, _>>(),
    )
}
