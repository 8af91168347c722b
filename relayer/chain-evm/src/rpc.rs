//! JSON-RPC of an execution client: the methods that are needed, each with a strict answer.
//!
//! What this module must never do: believe. It checks that an answer has the form of an answer to this request; what it
//! says is checked by whoever asked.

use crate::refusal::Refusal;
use alloy::rpc::types::{EIP1186AccountProofResponse, FeeHistory, Filter, Log};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use endpoints::{Complaint, Defect, Endpoint, ask, shortened};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One endpoint's JSON-RPC.
#[derive(Clone, Debug)]
pub(crate) struct Rpc(pub(crate) Endpoint);

/// Which block a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The newest.
    Latest,
    /// The newest finalized one.
    Finalized,
    /// By number.
    Number(u64),
}

impl Serialize for At {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Latest => serializer.serialize_str("latest"),
            Self::Finalized => serializer.serialize_str("finalized"),
            Self::Number(number) => U64::from(*number).serialize(serializer),
        }
    }
}

/// What is read of a block.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Block {
    pub(crate) number: U64,
    pub(crate) hash: B256,
    pub(crate) timestamp: U64,
}

/// What proofs need of a block.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    pub(crate) number: U64,
    pub(crate) hash: B256,
    pub(crate) timestamp: U64,
    pub(crate) state_root: B256,
}

/// What is read of a receipt.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) transaction_hash: B256,
    pub(crate) block_number: U64,
    pub(crate) gas_used: U64,
    pub(crate) effective_gas_price: U256,
    pub(crate) status: U64,
    pub(crate) contract_address: Option<Address>,
    pub(crate) logs: Vec<Log>,
}

/// What is read of a transaction.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transaction {
    pub(crate) hash: B256,
    pub(crate) from: Address,
    pub(crate) to: Option<Address>,
    pub(crate) input: Bytes,
    pub(crate) gas: U64,
}

/// A call to simulate.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Address>,
    pub(crate) data: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gas: Option<U64>,
}

/// How many times more is read where no less can be asked for.
const ROOM: usize = 4;

impl Rpc {
    /// The same endpoint, for a request that cannot be made smaller.
    pub(crate) fn with_room(&self) -> Self {
        let mut endpoint = self.0.clone();
        endpoint.limits.body_bytes = endpoint.limits.body_bytes.saturating_mul(ROOM);
        Self(endpoint)
    }

    /// The chain id.
    pub(crate) async fn chain_id(&self) -> Result<u64, Complaint> {
        self.expect::<U64>("eth_chainId", json!([])).await.map(to_u64)
    }

    /// The block, or none when the endpoint does not know it.
    pub(crate) async fn block(&self, at: At) -> Result<Option<Block>, Complaint> {
        match self
            .ask::<Option<Block>>("eth_getBlockByNumber", json!([at, false]))
            .await?
        {
            Ok(block) => {
                if let (At::Number(asked), Some(found)) = (at, &block)
                    && to_u64(found.number) != asked
                {
                    return Err(Complaint::malformed(format!(
                        "asked for block {asked}, got block {}",
                        found.number
                    )));
                }
                Ok(block)
            }
            Err(refusal) if refusal.is_unknown_block() => Ok(None),
            Err(refusal) => Err(refusal.into_complaint("eth_getBlockByNumber")),
        }
    }

    /// The header of the block with this hash, or none.
    pub(crate) async fn header_by_hash(&self, hash: B256) -> Result<Option<Header>, Complaint> {
        let block = match self
            .ask::<Option<Header>>("eth_getBlockByHash", json!([hash, false]))
            .await?
        {
            Ok(block) => block,
            Err(refusal) if refusal.is_unknown_block() => None,
            Err(refusal) => return Err(refusal.into_complaint("eth_getBlockByHash")),
        };
        match &block {
            Some(found) if found.hash != hash => Err(Complaint::malformed(format!(
                "asked for block {hash}, got block {}",
                found.hash
            ))),
            Some(_) | None => Ok(block),
        }
    }

    /// The newest block.
    pub(crate) async fn latest(&self) -> Result<Block, Complaint> {
        let block = self.block(At::Latest).await?;
        block.ok_or_else(|| Complaint::malformed("the endpoint has no newest block"))
    }

    /// The header of the block `number`, or none when the endpoint does not know it.
    pub(crate) async fn header(&self, number: u64) -> Result<Option<Header>, Complaint> {
        let asked = json!([At::Number(number), false]);
        let header = match self.ask::<Option<Header>>("eth_getBlockByNumber", asked).await? {
            Ok(header) => header,
            Err(refusal) if refusal.is_unknown_block() => None,
            Err(refusal) => return Err(refusal.into_complaint("eth_getBlockByNumber")),
        };
        match &header {
            Some(other) if to_u64(other.number) != number => Err(Complaint::malformed(format!(
                "asked for block {number}, got {}",
                to_u64(other.number)
            ))),
            _ => Ok(header),
        }
    }

    /// Logs; the outer error is the endpoint's fault, the inner one what it says to the request.
    pub(crate) async fn logs(&self, filter: &Filter) -> Result<Result<Vec<Log>, Refusal>, Complaint> {
        self.ask("eth_getLogs", json!([filter])).await
    }

    /// Account and storage proofs.
    pub(crate) async fn proof(
        &self,
        account: Address,
        slots: &[B256],
        at: At,
    ) -> Result<Result<EIP1186AccountProofResponse, Refusal>, Complaint> {
        self.ask("eth_getProof", json!([account, slots, at])).await
    }

    /// What a call returns.
    pub(crate) async fn call(&self, call: &Call, at: At) -> Result<Result<Bytes, Refusal>, Complaint> {
        self.ask("eth_call", json!([call, at])).await
    }

    /// The gas that a transaction needs at the newest block.
    pub(crate) async fn estimate(&self, call: &Call) -> Result<Result<u64, Refusal>, Complaint> {
        Ok(self
            .ask::<U64>("eth_estimateGas", json!([call, At::Latest]))
            .await?
            .map(to_u64))
    }

    /// The code at `address`.
    pub(crate) async fn code(&self, address: Address, at: At) -> Result<Bytes, Complaint> {
        self.expect("eth_getCode", json!([address, at])).await
    }

    /// What `account` stores in `slot` at the newest block.
    pub(crate) async fn storage(&self, account: Address, slot: B256) -> Result<B256, Complaint> {
        self.expect("eth_getStorageAt", json!([account, slot, At::Latest]))
            .await
    }

    /// The balance in wei at the newest block.
    pub(crate) async fn balance(&self, address: Address) -> Result<U256, Complaint> {
        self.expect("eth_getBalance", json!([address, At::Latest])).await
    }

    /// How many transactions of `address` are in blocks.
    pub(crate) async fn mined_count(&self, address: Address) -> Result<u64, Complaint> {
        self.expect::<U64>("eth_getTransactionCount", json!([address, At::Latest]))
            .await
            .map(to_u64)
    }

    /// Base fees and median tips of the last `blocks` blocks, with the base fee of the next one at the end.
    pub(crate) async fn fee_history(&self, blocks: u64) -> Result<FeeHistory, Complaint> {
        self.expect("eth_feeHistory", json!([U64::from(blocks), At::Latest, [50.0]]))
            .await
    }

    /// Hands over a signed transaction.
    pub(crate) async fn send_raw(&self, raw: &Bytes) -> Result<Result<B256, Refusal>, Complaint> {
        self.ask("eth_sendRawTransaction", json!([raw])).await
    }

    /// The receipt, or none when the transaction is in no block.
    pub(crate) async fn receipt(&self, tx: B256) -> Result<Option<Receipt>, Complaint> {
        let receipt: Option<Receipt> = self.expect("eth_getTransactionReceipt", json!([tx])).await?;
        match &receipt {
            Some(found) if found.transaction_hash != tx => Err(Complaint::malformed(format!(
                "asked for the receipt of {tx}, got that of {}",
                found.transaction_hash
            ))),
            Some(_) | None => Ok(receipt),
        }
    }

    /// The transaction, in a block or waiting, or none.
    pub(crate) async fn transaction(&self, tx: B256) -> Result<Option<Transaction>, Complaint> {
        let found: Option<Transaction> = self.expect("eth_getTransactionByHash", json!([tx])).await?;
        match &found {
            Some(other) if other.hash != tx => Err(Complaint::malformed(format!(
                "asked for transaction {tx}, got {}",
                other.hash
            ))),
            Some(_) | None => Ok(found),
        }
    }

    /// An answer; a refusal counts as the endpoint's fault.
    async fn expect<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, Complaint> {
        self.ask(method, params)
            .await?
            .map_err(|refusal| refusal.into_complaint(method))
    }

    /// An answer, or what the endpoint has against the request.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<Result<T, Refusal>, Complaint> {
        match ask(&self.0, method, &params).await?.map_err(Refusal) {
            Err(refusal) if refusal.is_rate_limit() => Err(Complaint::Endpoint(
                Defect::Busy(5),
                shortened(&refusal.0.message),
            )),
            answered => Ok(answered),
        }
    }
}

/// The number of a quantity.
pub(crate) fn to_u64(quantity: U64) -> u64 {
    quantity.to::<u64>()
}
