//! JSON-RPC of a node of CometBFT 0.37 or 0.38: the methods that are needed, each with a strict answer.
//!
//! What this module must never do: believe. It checks that an answer is about what was asked; what it says is checked by
//! whoever asked. Heights of blocks are those of the chain: a state has its root in the header one higher.

use crate::answers::{
    Block, Broadcast, Commit, Included, Proven, Queried, QueryResponse, RawQuery, RawStatus, Results, Status,
    ValidatorsPage,
};
use crate::form::base64;
use crate::refusal::{Refusal, Said};
use crate::sifted::Sifted;
use endpoints::{Complaint, Endpoint, ask};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tendermint::validator;

/// How many validators a page holds; nodes give no more.
const PAGE: u64 = 100;
/// The most validators that are read: CometBFT's own limit.
const VALIDATORS_MAX: u64 = 10_000;
/// How an operation of ICS-23 is named.
const ICS23: &str = "ics23:";

/// One node.
#[derive(Clone, Debug)]
pub struct Rpc(pub Endpoint);

/// An answer, or what the node has against the request; the outer error is the endpoint's fault.
pub type Answered<T> = Result<Result<T, Refusal>, Complaint>;

impl Rpc {
    /// Where the node stands.
    pub async fn status(&self) -> Result<Status, Complaint> {
        let raw: RawStatus = self.expect("status", json!({})).await?;
        let status = Status::from(raw);
        if status.earliest > status.latest {
            return Err(Complaint::malformed(format!(
                "its oldest block is {}, its newest {}",
                status.earliest, status.latest
            )));
        }
        Ok(status)
    }

    /// The header of `height` and the commit that signs it.
    pub async fn commit(&self, height: u64) -> Answered<Commit> {
        let found: Result<Commit, Refusal> = self.ask("commit", json!({ "height": text(height) })).await?;
        if let Ok(commit) = &found {
            check_height(height, commit.signed_header.header.height.value())?;
        }
        Ok(found)
    }

    /// The validators that sign the block of `height`, in the order of the chain, from as many pages as it takes.
    pub async fn validators(&self, height: u64) -> Answered<Vec<validator::Info>> {
        let mut all: Vec<validator::Info> = Vec::new();
        for page in 1.. {
            let asked = json!({ "height": text(height), "page": text(page), "per_page": text(PAGE) });
            let found: ValidatorsPage = match self.ask("validators", asked).await? {
                Ok(found) => found,
                Err(refusal) => return Ok(Err(refusal)),
            };
            check_height(height, found.block_height)?;
            let read = found.validators.len() as u64;
            all.extend(found.validators);
            let count = all.len() as u64;
            // All pages but the last are full: else a node could go on for ever.
            let ends_early = count < found.total && read < PAGE;
            if found.total > VALIDATORS_MAX || count > found.total || ends_early {
                return Err(Complaint::malformed(format!(
                    "page {page} brings the validators to {count} of {}, at most {VALIDATORS_MAX}",
                    found.total
                )));
            }
            if count == found.total {
                break;
            }
        }
        Ok(Ok(all))
    }

    /// What executing the block of `height` did.
    pub async fn block_results(&self, height: u64) -> Answered<Results> {
        self.results(height).await
    }

    /// As [`Self::block_results`], with those events only that a block is read for.
    pub(crate) async fn block_packets(&self, height: u64) -> Answered<Results> {
        let found = self.results::<Sifted>(height).await?;
        Ok(found.map(Results::sift))
    }

    /// The hashes of the transactions in the block of `height`, in its order.
    pub async fn block_hashes(&self, height: u64) -> Answered<Vec<[u8; 32]>> {
        let block: Block = match self.ask("block", json!({ "height": text(height) })).await? {
            Ok(block) => block,
            Err(refusal) => return Ok(Err(refusal)),
        };
        check_height(height, block.height())?;
        Ok(Ok(block.hashes()))
    }

    /// What `store` holds under `key` after the block of `height`, with its proofs. Its root is that of the header of
    /// `height + 1`.
    pub async fn prove(&self, store: &str, key: &[u8], height: u64) -> Answered<Proven> {
        let asked = json!({
            "path": format!("/store/{store}/key"),
            "data": hex::encode(key),
            "height": text(height),
            "prove": true,
        });
        let response = match self.abci_query(asked, Some(height)).await? {
            Ok(response) => response,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if response.key != key {
            return Err(Complaint::malformed(format!(
                "asked for key {}, got {}",
                hex::encode(key),
                hex::encode(response.key)
            )));
        }
        let ops = response.proof_ops.map(|ops| ops.ops).unwrap_or_default();
        if ops.is_empty() {
            return Err(Complaint::malformed("the value comes without a proof"));
        }
        if let Some(other) = ops.iter().find(|op| !op.kind.starts_with(ICS23)) {
            return Err(Complaint::malformed(format!(
                "its proof is of kind {}, not {ICS23}…",
                other.kind
            )));
        }
        Ok(Ok(Proven {
            height: response.height,
            value: response.value,
            proofs: ops.into_iter().map(|op| op.data).collect(),
        }))
    }

    /// What `store` holds under `key`, by the node's word alone; empty = nothing.
    ///
    /// - `height`: of which state; none = the newest.
    pub async fn stored(&self, store: &str, key: &[u8], height: Option<u64>) -> Answered<Vec<u8>> {
        let asked = json!({
            "path": format!("/store/{store}/key"),
            "data": hex::encode(key),
            "height": text(height.unwrap_or_default()),
            "prove": false,
        });
        let answered = self.abci_query(asked, height).await?;
        Ok(
            answered.and_then(|response| match Refusal::of_silence(&response.log) {
                Some(refusal) if response.value.is_empty() => Err(refusal),
                Some(_) | None => Ok(response.value),
            }),
        )
    }

    /// What the application answers to `request`, a message in protobuf, at `path`, the name of a method of gRPC.
    ///
    /// - `height`: of which state; none = the newest.
    pub async fn query(&self, path: &str, request: &[u8], height: Option<u64>) -> Answered<Queried> {
        let asked = json!({
            "path": path,
            "data": hex::encode(request),
            "height": text(height.unwrap_or_default()),
            "prove": false,
        });
        let response = match self.abci_query(asked, height).await? {
            Ok(response) => response,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if response.height == 0 {
            return Err(Complaint::malformed(format!("{path} answered of no height")));
        }
        Ok(Ok(Queried {
            height: response.height,
            value: response.value,
        }))
    }

    async fn abci_query(&self, asked: Value, height: Option<u64>) -> Answered<QueryResponse> {
        let raw: RawQuery = match self.ask("abci_query", asked).await? {
            Ok(raw) => raw,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let response = raw.response;
        if response.code != 0 {
            return Ok(Err(Refusal::of_query(Said {
                code: response.code,
                codespace: response.codespace,
                log: response.log,
            })));
        }
        if let Some(height) = height {
            check_height(height, response.height)?;
        }
        Ok(Ok(response))
    }

    /// Hands over a signed transaction; answers once the node has checked it.
    pub async fn broadcast(&self, tx: &[u8]) -> Answered<Broadcast> {
        self.ask("broadcast_tx_sync", json!({ "tx": base64(tx) })).await
    }

    /// The transaction with this hash, if it is in a block.
    pub async fn tx(&self, hash: [u8; 32]) -> Answered<Included> {
        let found: Result<Included, Refusal> = self.ask("tx", json!({ "hash": base64(&hash) })).await?;
        match &found {
            Ok(other) if other.hash != hash => Err(Complaint::malformed(format!(
                "asked for transaction {}, got {}",
                hex::encode_upper(hash),
                hex::encode_upper(other.hash)
            ))),
            _ => Ok(found),
        }
    }

    async fn expect<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, Complaint> {
        self.ask(method, params)
            .await?
            .map_err(|refusal| refusal.into_complaint(method))
    }

    pub(crate) async fn ask<T: DeserializeOwned>(&self, method: &str, params: Value) -> Answered<T> {
        Ok(ask(&self.0, method, &params).await?.map_err(Refusal::of))
    }
}

/// Parameters that are numbers are written as text.
pub(crate) fn text(number: u64) -> String {
    number.to_string()
}

pub(crate) fn check_height(asked: u64, found: u64) -> Result<(), Complaint> {
    if asked == found {
        return Ok(());
    }
    Err(Complaint::malformed(format!(
        "asked for height {asked}, got {found}"
    )))
}

#[cfg(test)]
#[path = "rpc_tests.rs"]
mod tests;
