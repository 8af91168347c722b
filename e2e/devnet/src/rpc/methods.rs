//! What each JSON-RPC method answers.
//!
//! One function a method or family; all of them read one consistent moment of the chain.

use super::{
    error::RpcError,
    lies,
    params::{Params, slot},
    view::{self, Listing},
};
use crate::{
    evm::{Block, Ledger},
    faults::{Faults, Lie},
    state::State,
};
use alloy::{
    eips::{BlockId, BlockNumberOrTag, eip1559::BaseFeeParams},
    rpc::types::{FeeHistory, Filter, FilterBlockOption, Log, TransactionRequest},
};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Value, RpcError>;

/// Blocks in one `eth_getLogs` or `eth_feeHistory` at most.
const RANGE_MAX: u64 = 10_000;
/// The tip that is suggested: 1 gwei, or what the chain's users pay.
const SUGGESTED_TIP_WEI: u64 = 1_000_000_000;
/// Gas of a payment to an account without code.
const PAYMENT_GAS: u64 = 21_000;

/// The chain at one moment, as the methods see it.
pub(super) struct Reader<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) faults: &'a Faults,
}

fn to_json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

impl<'a> Reader<'a> {
    /// Answers every method that changes nothing.
    pub(super) fn answer(&self, method: &str, params: &Params<'_>) -> Answer {
        let head = self.ledger.head();
        match method {
            "web3_clientVersion" => Ok(json!(crate::CLIENT_VERSION)),
            "net_version" => Ok(json!(self.ledger.chain_id().to_string())),
            "net_listening" => Ok(json!(true)),
            "eth_chainId" => Ok(to_json(U64::from(self.ledger.chain_id()))),
            "eth_syncing" => Ok(json!(false)),
            "eth_accounts" => Ok(json!([])),
            "eth_blockNumber" => Ok(to_json(U64::from(head.header.number))),
            "eth_gasPrice" => Ok(to_json(U64::from(next_base_fee(head) + SUGGESTED_TIP_WEI))),
            "eth_maxPriorityFeePerGas" => Ok(to_json(U64::from(SUGGESTED_TIP_WEI))),
            "eth_feeHistory" => self.fee_history(params),
            "eth_getBlockByNumber" | "eth_getBlockByHash" => self.block(params),
            "eth_getBlockReceipts" => self.block_receipts(params),
            "eth_getTransactionByHash" => self.transaction(params),
            "eth_getTransactionReceipt" => self.receipt(params),
            "eth_getRawTransactionByHash" => self.raw_transaction(params),
            "eth_getLogs" => self.logs(params),
            "eth_getBalance" | "eth_getCode" | "eth_getTransactionCount" => self.account(method, params),
            "eth_getStorageAt" => self.storage(params),
            "eth_getProof" => self.proof(params),
            "eth_call" => self.call(params),
            "eth_estimateGas" => self.estimate(params),
            _ => Err(RpcError::no_method(method)),
        }
    }

    /// The block that `id` names, `None` when there is no such block.
    fn find(&self, id: BlockId) -> Result<Option<&'a Arc<Block>>, RpcError> {
        let checkpoints = self.ledger.checkpoints;
        let number = match id {
            BlockId::Hash(hash) => return Ok(self.ledger.block_by_hash(&hash.block_hash)),
            BlockId::Number(BlockNumberOrTag::Latest | BlockNumberOrTag::Pending) => {
                return Ok(Some(self.ledger.head()));
            }
            BlockId::Number(BlockNumberOrTag::Earliest) => 0,
            BlockId::Number(BlockNumberOrTag::Finalized) => checkpoints
                .finalized
                .ok_or_else(|| RpcError::server("finalized block not found"))?,
            BlockId::Number(BlockNumberOrTag::Safe) => checkpoints
                .safe
                .ok_or_else(|| RpcError::server("safe block not found"))?,
            BlockId::Number(BlockNumberOrTag::Number(number)) => number,
        };
        Ok(self.ledger.block(number))
    }

    /// The block and the state that the optional parameter at `at` names; the head by default.
    fn moment(&self, params: &Params<'_>, at: usize) -> Result<(&'a Arc<Block>, &'a State), RpcError> {
        let id = params.optional(at)?.unwrap_or(BlockId::latest());
        let block = self
            .find(id)?
            .ok_or_else(|| RpcError::server("header not found"))?;
        let state = self.ledger.state(block.header.number).ok_or_else(|| {
            RpcError::server(format!(
                "historical state {} is not available",
                block.header.state_root
            ))
        })?;
        Ok((block, state))
    }

    fn block(&self, params: &Params<'_>) -> Answer {
        let listing = if params.optional(1)?.unwrap_or(false) {
            Listing::Full
        } else {
            Listing::Hashes
        };
        let Some(block) = self.find(params.required(0)?)? else {
            return Ok(Value::Null);
        };
        let mut answer = view::block(block, listing);
        if self.faults.lies.contains(&Lie::Header) {
            lies::header(&mut answer);
        }
        Ok(to_json(answer))
    }

    fn block_receipts(&self, params: &Params<'_>) -> Answer {
        let Some(block) = self.find(params.required(0)?)? else {
            return Ok(Value::Null);
        };
        Ok((0..block.transactions.len())
            .map(|at| to_json(view::receipt(block, at)))
            .collect())
    }

    fn transaction(&self, params: &Params<'_>) -> Answer {
        let hash: B256 = params.required(0)?;
        if let Some((block, at)) = self.ledger.included(&hash) {
            return Ok(to_json(view::transaction(block, at)));
        }
        Ok(self
            .ledger
            .waiting(&hash)
            .map_or(Value::Null, |signed| to_json(view::waiting(signed))))
    }

    fn receipt(&self, params: &Params<'_>) -> Answer {
        let hash: B256 = params.required(0)?;
        let found = self.ledger.included(&hash);
        Ok(found.map_or(Value::Null, |(block, at)| to_json(view::receipt(block, at))))
    }

    fn raw_transaction(&self, params: &Params<'_>) -> Answer {
        let hash: B256 = params.required(0)?;
        let included = self
            .ledger
            .included(&hash)
            .map(|(block, at)| &block.transactions[at].signed);
        Ok(included
            .or(self.ledger.waiting(&hash))
            .map_or(json!("0x"), |signed| to_json(&signed.raw)))
    }

    fn logs(&self, params: &Params<'_>) -> Answer {
        let filter: Filter = params.required(0)?;
        let (from, to) = match filter.block_option {
            FilterBlockOption::AtBlockHash(hash) => {
                let block = self
                    .ledger
                    .block_by_hash(&hash)
                    .ok_or_else(|| RpcError::server("unknown block"))?;
                (block.header.number, block.header.number)
            }
            FilterBlockOption::Range { from_block, to_block } => {
                (self.range_end(from_block)?, self.range_end(to_block)?)
            }
        };
        if from > to || to - from >= RANGE_MAX {
            return Err(RpcError::params(format!(
                "invalid block range params: {from} to {to}, at most {RANGE_MAX} blocks a request"
            )));
        }
        let blocks = (from..=to).map_while(|number| self.ledger.block(number));
        let mut found: Vec<Log> = blocks
            .filter(|block| filter.matches_bloom(block.header.logs_bloom))
            .flat_map(|block| (0..block.transactions.len()).flat_map(move |at| view::logs(block, at)))
            .filter(|log| filter.matches(&log.inner))
            .collect();
        if self.faults.lies.contains(&Lie::Logs) {
            found.iter_mut().for_each(lies::log);
        }
        Ok(to_json(found))
    }

    /// The number at an end of a range; beyond the head it is the number itself.
    fn range_end(&self, end: Option<BlockNumberOrTag>) -> Result<u64, RpcError> {
        match end.unwrap_or_default() {
            BlockNumberOrTag::Number(number) => Ok(number),
            tag => Ok(self.find(tag.into())?.map_or(0, |block| block.header.number)),
        }
    }

    fn account(&self, method: &str, params: &Params<'_>) -> Answer {
        let address: Address = params.required(0)?;
        let pending = params.optional(1)? == Some(BlockId::pending());
        if pending && method == "eth_getTransactionCount" {
            return Ok(to_json(U64::from(self.ledger.pending_nonce(address))));
        }
        let (_, state) = self.moment(params, 1)?;
        let info = state.info(address).unwrap_or_default();
        Ok(match method {
            "eth_getBalance" => to_json(info.balance),
            "eth_getCode" => to_json(state.code(info.code_hash).original_bytes()),
            _ => to_json(U64::from(info.nonce)),
        })
    }

    fn storage(&self, params: &Params<'_>) -> Answer {
        let address: Address = params.required(0)?;
        let slot = slot(&params.required::<String>(1)?)?;
        let (_, state) = self.moment(params, 2)?;
        let value = state
            .account(address)
            .map_or(U256::ZERO, |account| account.slot(slot));
        Ok(to_json(B256::from(value)))
    }

    fn proof(&self, params: &Params<'_>) -> Answer {
        let address: Address = params.required(0)?;
        let keys: Vec<String> = params.required(1)?;
        let slots = keys.iter().map(|key| slot(key)).collect::<Result<Vec<_>, _>>()?;
        let (_, state) = self.moment(params, 2)?;
        let mut proof = state.prove(address, &slots)?;
        if self.faults.lies.contains(&Lie::Proof) {
            lies::proof(&mut proof);
        }
        let storage: Vec<Value> = keys
            .iter()
            .zip(&proof.slots)
            .map(|(key, (_, value, nodes))| json!({"key": key, "value": value, "proof": nodes}))
            .collect();
        Ok(json!({
            "address": address,
            "accountProof": proof.nodes,
            "balance": proof.account.balance,
            "codeHash": proof.account.code_hash,
            "nonce": U64::from(proof.account.nonce),
            "storageHash": proof.account.storage.root(),
            "storageProof": storage,
        }))
    }

    fn call(&self, params: &Params<'_>) -> Answer {
        let request: TransactionRequest = params.required(0)?;
        let (block, state) = self.moment(params, 1)?;
        let output: Bytes = self.ledger.call(&request, block, state)?;
        Ok(to_json(output))
    }

    fn estimate(&self, params: &Params<'_>) -> Answer {
        let request: TransactionRequest = params.required(0)?;
        let (block, state) = self.moment(params, 1)?;
        let estimate = self.ledger.estimate(&request, block, state)?;
        let plain = self.ledger.is_plain_payment(&request, state);
        Ok(to_json(U64::from(if plain { PAYMENT_GAS } else { estimate })))
    }

    fn fee_history(&self, params: &Params<'_>) -> Answer {
        let count = params.required::<U64>(0)?.to::<u64>().clamp(1, RANGE_MAX);
        let newest = self
            .find(params.required(1)?)?
            .ok_or_else(|| RpcError::server("request beyond head block"))?;
        let percentiles: Vec<f64> = params.optional(2)?.unwrap_or_default();
        let oldest = (newest.header.number + 1).saturating_sub(count);
        let blocks: Vec<&Arc<Block>> = (oldest..=newest.header.number)
            .map_while(|number| self.ledger.block(number))
            .collect();
        let base_fee = |block: &Arc<Block>| u128::from(block.header.base_fee_per_gas.unwrap_or_default());
        let ratio = |block: &&Arc<Block>| block.header.gas_used as f64 / block.header.gas_limit as f64;
        let mut base_fee_per_gas: Vec<u128> = blocks.iter().map(|block| base_fee(block)).collect();
        base_fee_per_gas.push(u128::from(next_base_fee(newest)));
        let reward = blocks.iter().map(|block| rewards(block, &percentiles)).collect();
        Ok(to_json(FeeHistory {
            base_fee_per_gas,
            gas_used_ratio: blocks.iter().map(ratio).collect(),
            base_fee_per_blob_gas: vec![1; blocks.len() + 1],
            blob_gas_used_ratio: vec![0.0; blocks.len()],
            oldest_block: oldest,
            reward: (!percentiles.is_empty()).then_some(reward),
        }))
    }
}

fn next_base_fee(block: &Block) -> u64 {
    block
        .header
        .next_block_base_fee(BaseFeeParams::ethereum())
        .unwrap_or_default()
}

/// The tips at `percentiles` (0 to 100) of the gas used in `block`.
fn rewards(block: &Block, percentiles: &[f64]) -> Vec<u128> {
    let base_fee = block.header.base_fee_per_gas.unwrap_or_default();
    let mut tips: Vec<(u128, u64)> = block
        .transactions
        .iter()
        .map(|included| {
            (
                included.signed.tip(base_fee).unwrap_or_default(),
                included.gas_used,
            )
        })
        .collect();
    tips.sort_unstable();
    let at = |percentile: &f64| {
        let threshold = block.header.gas_used as f64 * percentile / 100.0;
        let mut passed = 0.0;
        let reached = tips.iter().find(|(_, gas)| {
            passed += *gas as f64;
            passed >= threshold
        });
        reached.or(tips.last()).map_or(0, |(tip, _)| *tip)
    };
    percentiles.iter().map(at).collect()
}
