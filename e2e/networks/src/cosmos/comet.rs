//! What a node of CometBFT answers: heights, signed headers, validators, values with proofs, transactions.

use alloy_primitives::hex;
use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::rpc::JsonRpc;

/// One node's JSON-RPC.
#[derive(Clone, Debug)]
pub struct Comet {
    rpc: JsonRpc,
}

/// What a store holds at a key, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The height of the state. The root of its tree is in the header of the height after it.
    pub height: u64,
    /// The value, none if the key is absent.
    pub value: Option<Vec<u8>>,
    /// ICS-23 commitment proofs, from the store to the root, as they were encoded.
    pub proofs: Vec<Vec<u8>>,
}

impl Comet {
    pub(crate) fn new(rpc: JsonRpc) -> Self {
        Self { rpc }
    }

    /// The chain id that the node serves.
    ///
    /// # Errors
    /// It does not answer, or with something else.
    pub async fn chain_id(&self) -> Result<String> {
        let status = self.rpc.call("status", json!({})).await?;
        let network = text(&status, "/node_info/network");
        network.map(str::to_owned)
    }

    /// The newest block.
    ///
    /// # Errors
    /// It does not answer, or with something else.
    pub async fn height(&self) -> Result<u64> {
        let status = self.rpc.call("status", json!({})).await?;
        number(&status, "/sync_info/latest_block_height")
    }

    /// The header of a block with the commit that is in the block after it: `{ header, commit }`.
    ///
    /// # Errors
    /// The node does not answer, or the block after `height` is not there yet.
    pub async fn signed_header(&self, height: u64) -> Result<Value> {
        let mut answer = self
            .rpc
            .call("commit", json!({ "height": height.to_string() }))
            .await?;
        let is_final = answer.get("canonical") == Some(&Value::Bool(true));
        ensure!(
            is_final,
            "the commit of block {height} may still gain signatures: ask again after the next block"
        );
        let header = answer.get_mut("signed_header").map(Value::take);
        header.with_context(|| format!("simd answered with no header of block {height}"))
    }

    /// The validators that sign a block, as a list.
    ///
    /// # Errors
    /// The node does not answer, or has more of them than fit into one answer.
    pub async fn validators(&self, height: u64) -> Result<Value> {
        let ask = json!({ "height": height.to_string(), "per_page": "100" });
        let mut answer = self.rpc.call("validators", ask).await?;
        let total = number(&answer, "/total")?;
        let list = answer.get_mut("validators").map(Value::take).unwrap_or_default();
        let count = list.as_array().map_or(0, Vec::len);
        ensure!(
            u64::try_from(count)? == total,
            "simd listed {count} of {total} validators of block {height}"
        );
        Ok(list)
    }

    /// What the store of IBC holds at `key` after block `height`, with proof.
    ///
    /// # Errors
    /// The node does not answer, or has no state of that height.
    pub async fn stored(&self, key: &[u8], height: u64) -> Result<Stored> {
        let ask = json!({
            "path": "/store/ibc/key",
            "data": hex::encode(key),
            "height": height.to_string(),
            "prove": true,
        });
        let response = self.query(ask).await?;
        let value = bytes(&response, "/value")?;
        let none = Vec::new();
        let ops = response
            .pointer("/proofOps/ops")
            .and_then(Value::as_array)
            .unwrap_or(&none);
        Ok(Stored {
            height: number(&response, "/height")?,
            value: Some(value).filter(|value| !value.is_empty()),
            proofs: ops.iter().map(|op| bytes(op, "/data")).collect::<Result<_>>()?,
        })
    }

    /// The answer of one of the application's queries, encoded as `ask` is.
    ///
    /// # Errors
    /// The node does not answer, or the application refuses.
    pub(crate) async fn ask(&self, path: &str, ask: &[u8]) -> Result<Vec<u8>> {
        let response = self
            .query(json!({ "path": path, "data": hex::encode(ask) }))
            .await?;
        bytes(&response, "/value")
    }

    async fn query(&self, ask: Value) -> Result<Value> {
        let mut answer = self.rpc.call("abci_query", ask.clone()).await?;
        let response = answer.get_mut("response").map(Value::take).unwrap_or_default();
        let code = response.get("code").and_then(Value::as_u64);
        ensure!(code == Some(0), "simd refused {ask}: {response}");
        Ok(response)
    }

    /// Hands a transaction in and returns its hash.
    ///
    /// # Errors
    /// The node does not answer, or refuses it.
    pub(crate) async fn broadcast(&self, transaction: &[u8]) -> Result<Vec<u8>> {
        let ask = json!({ "tx": BASE64_STANDARD.encode(transaction) });
        let answer = self.rpc.call("broadcast_tx_sync", ask).await?;
        let code = answer.get("code").and_then(Value::as_u64);
        ensure!(code == Some(0), "simd refused a transaction: {answer}");
        Ok(hex::decode(text(&answer, "/hash")?)?)
    }

    /// The height of the block with a transaction, none if it is in no block yet.
    ///
    /// # Errors
    /// It failed; the error says how.
    pub(crate) async fn included(&self, hash: &[u8]) -> Result<Option<u64>> {
        // A transaction that is not there is an error of the call, like a node that does not answer.
        let Ok(answer) = self
            .rpc
            .call("tx", json!({ "hash": BASE64_STANDARD.encode(hash) }))
            .await
        else {
            return Ok(None);
        };
        let code = answer.pointer("/tx_result/code").and_then(Value::as_u64);
        ensure!(code == Some(0), "a transaction failed: {answer}");
        number(&answer, "/height").map(Some)
    }
}

fn text<'a>(answer: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("simd's answer has no {pointer}: {answer}"))
}

fn number(answer: &Value, pointer: &str) -> Result<u64> {
    let text = text(answer, pointer)?;
    text.parse()
        .with_context(|| format!("simd's answer has no number at {pointer}: {text}"))
}

/// Bytes in base64; null, as simd writes none, is empty.
fn bytes(answer: &Value, pointer: &str) -> Result<Vec<u8>> {
    match answer.pointer(pointer) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => BASE64_STANDARD
            .decode(text(answer, pointer)?)
            .with_context(|| format!("simd's answer has no base64 at {pointer}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_bytes_where_the_interface_has_them() {
        let answer = json!({ "height": "64", "value": "AQI=", "none": null, "word": "?" });
        assert_eq!(number(&answer, "/height").unwrap(), 64);
        assert_eq!(bytes(&answer, "/value").unwrap(), [1, 2]);
        assert!(bytes(&answer, "/none").unwrap().is_empty());
        assert!(bytes(&answer, "/absent").unwrap().is_empty());
        for error in [
            number(&answer, "/word").unwrap_err(),
            bytes(&answer, "/word").unwrap_err(),
        ] {
            assert!(error.to_string().contains("/word"), "{error}");
        }
    }
}
