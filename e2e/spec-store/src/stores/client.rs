//! What a Tendermint client is shown: a chained proof under the app hash of a consensus state.

use alloy_primitives::B256;
use anyhow::{Context, Result, bail};
use merkle::ics23::prove;
use prost::Message;
use serde_json::Value;

use super::{bytes, check_alone, expected};

/// `ibc.lightclients.tendermint.v1.ConsensusState`, as far as it is read.
#[derive(Clone, PartialEq, Message)]
struct ConsensusState {
    #[prost(message, optional, tag = "2")]
    root: Option<MerkleRoot>,
}

/// `ibc.core.commitment.v1.MerkleRoot`.
#[derive(Clone, PartialEq, Message)]
struct MerkleRoot {
    #[prost(bytes = "vec", tag = "1")]
    hash: Vec<u8>,
}

/// Replays one proof.
pub(super) fn replay(file: &Value) -> Result<()> {
    let state = ConsensusState::decode(bytes(file, "consensus_state_hex")?.as_slice())?;
    let app_hash = state.root.context("the consensus state has a root")?.hash;
    let app_hash = B256::try_from(app_hash.as_slice()).context("an app hash has 32 bytes")?;
    let message = file.get("membership_msg").context("there is a message")?;
    let path = message
        .get("path")
        .and_then(Value::as_array)
        .context("there is a path")?;
    let [Some(store), Some(key)] = path.iter().map(Value::as_str).collect::<Vec<_>>()[..] else {
        bail!("a path has two elements, the file's has {}", path.len());
    };
    let (proof, value) = (bytes(message, "proof")?, bytes(message, "value")?);
    check_alone(app_hash, key.as_bytes(), expected(&value), |app_hash, key| {
        prove(app_hash, store.as_bytes(), key, &proof)
    })
}
