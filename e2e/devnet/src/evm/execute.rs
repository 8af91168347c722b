//! Running one transaction or call with revm.
//!
//! Decides the environment that revm sees; revm decides everything else. Must never write state:
//! it returns what changed.

use crate::{config::Hardfork, state::State};
use alloy::{consensus::Header, rpc::types::TransactionRequest};
use alloy_primitives::{Address, B256, TxKind, U256};
use revm::{
    Context, Database, ExecuteEvm, MainBuilder,
    bytecode::Bytecode,
    context::{
        BlockEnv, CfgEnv, Journal, TxEnv,
        result::{EVMError, ExecResultAndState, ExecutionResult},
    },
    context_interface::block::BlobExcessGasAndPrice,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use std::convert::Infallible;

/// What every block of a chain has in common.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) chain_id: u64,
    pub(crate) hardfork: Hardfork,
    pub(crate) gas_limit: u64,
    pub(crate) code_size_max: usize,
}

impl Rules {
    pub(crate) fn spec(&self) -> SpecId {
        match self.hardfork {
            Hardfork::Prague => SpecId::PRAGUE,
            Hardfork::Osaka => SpecId::OSAKA,
        }
    }
}

/// Where the BLOCKHASH instruction looks: the hash of an earlier block by its number.
pub(crate) type Hashes<'a> = &'a dyn Fn(u64) -> B256;

/// A state as revm reads it.
struct View<'a> {
    state: &'a State,
    hashes: Hashes<'a>,
}

impl Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.state.info(address))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.state.code(hash))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        Ok(self
            .state
            .account(address)
            .map_or(U256::ZERO, |account| account.slot(slot)))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok((self.hashes)(number))
    }
}

/// What revm answers: the result and the accounts that changed.
pub(crate) type Outcome = Result<ExecResultAndState<ExecutionResult>, EVMError<Infallible>>;

/// How strictly revm looks at the sender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// As in a block.
    Signed,
    /// As in `eth_call`: any nonce, contracts too.
    Claimed,
}

/// Runs `tx` on `state` in the block that `header` describes (roots and hashes of it do not
/// matter).
pub(crate) fn run(
    rules: &Rules,
    header: &Header,
    state: &State,
    hashes: Hashes<'_>,
    tx: TxEnv,
    sender: Sender,
) -> Outcome {
    let mut cfg = CfgEnv::new_with_spec(rules.spec());
    cfg.chain_id = rules.chain_id;
    cfg.limit_contract_code_size = Some(rules.code_size_max);
    let mut block = block_env(header);
    if sender == Sender::Claimed {
        cfg.disable_nonce_check = true;
        cfg.disable_eip3607 = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        // As geth: a call that offers no gas price is not held against the base fee.
        if tx.gas_price == 0 {
            block.basefee = 0;
        }
    }
    let context: Context<BlockEnv, TxEnv, CfgEnv, View<'_>, Journal<View<'_>>, ()> =
        Context::new(View { state, hashes }, rules.spec());
    context
        .with_cfg(cfg)
        .with_block(block)
        .build_mainnet()
        .transact(tx)
}

fn block_env(header: &Header) -> BlockEnv {
    BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        difficulty: U256::ZERO,
        prevrandao: Some(header.mix_hash),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(
            0,
            revm::primitives::eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE,
        )),
        slot_num: 0,
    }
}

/// A call request as revm takes it, with at most `gas_max` gas.
pub(crate) fn call_env(request: &TransactionRequest, rules: &Rules, gas_max: u64) -> TxEnv {
    let price = request.max_fee_per_gas.or(request.gas_price).unwrap_or_default();
    let priority = request.max_priority_fee_per_gas.map(|tip| tip.min(price));
    let tx_type = match (priority, &request.access_list) {
        (Some(_), _) => 2,
        (None, Some(_)) => 1,
        (None, None) => 0,
    };
    TxEnv {
        tx_type,
        caller: request.from.unwrap_or_default(),
        gas_limit: request.gas.unwrap_or(gas_max).min(gas_max),
        gas_price: price,
        gas_priority_fee: priority,
        kind: request.to.unwrap_or(TxKind::Create),
        value: request.value.unwrap_or_default(),
        data: request.input.input().cloned().unwrap_or_default(),
        nonce: request.nonce.unwrap_or_default(),
        chain_id: Some(rules.chain_id),
        access_list: request.access_list.clone().unwrap_or_default(),
        ..TxEnv::default()
    }
}
