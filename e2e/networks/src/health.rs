//! Whether a network lives: read from the endpoints that everyone else uses.

use std::fmt;

use anyhow::{Context, Result};
use reqwest::Client;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::rpc::{JsonRpc, client};

/// How far a network is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Newest execution block.
    pub block: u64,
    /// Slot of the newest beacon block.
    pub head_slot: u64,
    /// Finalized slot as the light-client endpoint serves it; zero before the first finality.
    pub finalized_slot: u64,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "block {}, slot {}, finalized slot {}",
            self.block, self.head_slot, self.finalized_slot
        )
    }
}

/// Reads both endpoints of a network.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    geth: JsonRpc,
    client: Client,
    beacon_url: String,
}

impl Probe {
    /// # Errors
    /// The HTTP client can't be made.
    pub(crate) fn new(rpc_url: &str, beacon_url: &str) -> Result<Self> {
        Ok(Self {
            geth: JsonRpc::new("geth", rpc_url)?,
            client: client()?,
            beacon_url: beacon_url.to_owned(),
        })
    }

    /// The chain id that the execution node serves.
    ///
    /// # Errors
    /// It does not answer, or with something else.
    pub(crate) async fn chain_id(&self) -> Result<u64> {
        self.rpc_number("eth_chainId").await
    }

    /// How far the network is. Before the first finality the finality update is an error or has a zero header: both
    /// read as slot zero here.
    ///
    /// # Errors
    /// An endpoint does not answer, or with something else.
    pub(crate) async fn progress(&self) -> Result<Progress> {
        let block = self.rpc_number("eth_blockNumber").await?;
        let head: Value = self.rest("/eth/v1/beacon/headers/head").await?;
        let head_slot = slot(&head, "/data/header/message/slot").context("the head has no slot")?;
        let update: Value = self
            .rest("/eth/v1/beacon/light_client/finality_update")
            .await
            .unwrap_or_default();
        let finalized_slot = slot(&update, "/data/finalized_header/beacon/slot").unwrap_or_default();
        Ok(Progress {
            block,
            head_slot,
            finalized_slot,
        })
    }

    async fn rpc_number(&self, method: &str) -> Result<u64> {
        let answer = self.rpc(method, json!([])).await?;
        let number = answer
            .as_str()
            .and_then(|text| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok());
        number.with_context(|| format!("geth answered {method} with {answer}"))
    }

    /// The result of one call of the execution node.
    ///
    /// # Errors
    /// It does not answer, or with an error.
    pub(crate) async fn rpc(&self, method: &str, params: Value) -> Result<Value> {
        self.geth.call(method, params).await
    }

    /// An object of the beacon node's REST interface.
    ///
    /// # Errors
    /// It does not answer, refuses, or answers with something else.
    pub(crate) async fn rest<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let sent = self.client.get(format!("{}{path}", self.beacon_url)).send().await;
        let answer = sent.with_context(|| format!("the beacon node did not answer {path}"))?;
        let answer = answer
            .error_for_status()
            .with_context(|| format!("the beacon node refused {path}"))?;
        answer
            .json()
            .await
            .with_context(|| format!("the beacon node answered {path} with something else than it should"))
    }
}

fn slot(answer: &Value, pointer: &str) -> Option<u64> {
    answer.pointer(pointer)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_slot_where_the_interface_has_it() {
        let answer = json!({"data": {"finalized_header": {"beacon": {"slot": "64"}}}});
        assert_eq!(slot(&answer, "/data/finalized_header/beacon/slot"), Some(64));
        assert_eq!(
            slot(&json!({"code": 500}), "/data/finalized_header/beacon/slot"),
            None
        );
    }

    #[tokio::test]
    async fn says_which_endpoint_is_silent() {
        let [port] = crate::ports::hold().unwrap().release();
        let url = format!("http://127.0.0.1:{port}");
        let error = Probe::new(&url, &url)
            .unwrap()
            .progress()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("geth did not answer eth_blockNumber"), "{error}");
    }
}
