//! Calls that leave no trace: `eth_call` and `eth_estimateGas`.

use super::{
    Block, Ledger,
    execute::{self, Sender},
};
use crate::state::State;
use alloy::rpc::types::TransactionRequest;
use alloy_primitives::{Bytes, TxKind, U256};
use revm::{
    context::{
        TxEnv,
        result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction},
    },
    primitives::{eip7825, hardfork::SpecId},
};

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The contract reverted, with this data.
    #[error("execution reverted")]
    Reverted(Bytes),
    /// The EVM stopped: out of gas, invalid instruction, ...
    #[error("{}", halted(.0))]
    Halted(HaltReason),
    /// The call cannot begin.
    #[error("{}", invalid(.0))]
    Invalid(InvalidTransaction),
    /// Nothing up to the limit was enough.
    #[error("gas required exceeds allowance ({allowance})")]
    GasExceedsAllowance { allowance: u64 },
}

/// As geth words it, as far as clients look.
fn halted(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".into(),
        other => format!("execution halted: {other:?}"),
    }
}

fn invalid(reason: &InvalidTransaction) -> String {
    match reason {
        InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: have {balance} want {fee}")
        }
        InvalidTransaction::CallGasCostMoreThanGasLimit {
            initial_gas,
            gas_limit,
        } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        InvalidTransaction::GasPriceLessThanBasefee => "max fee per gas less than block base fee".to_string(),
        other => other.to_string(),
    }
}

/// The search for a gas limit stops at this precision, in gas a thousand, as geth's does (1.5 %).
const ESTIMATE_PRECISION_PERMILLE: u64 = 15;

impl Ledger {
    /// Runs `request` on the state after `block`, in that block's environment.
    pub(crate) fn call(
        &self,
        request: &TransactionRequest,
        block: &Block,
        state: &State,
    ) -> Result<Bytes, CallError> {
        let env = execute::call_env(request, &self.rules, self.rules.gas_limit);
        match self.try_call(env, block, state)? {
            ExecutionResult::Success { output, .. } => Ok(output.into_data()),
            ExecutionResult::Revert { output, .. } => Err(CallError::Reverted(output)),
            ExecutionResult::Halt { reason, .. } => Err(CallError::Halted(reason)),
        }
    }

    fn try_call(&self, env: TxEnv, block: &Block, state: &State) -> Result<ExecutionResult, CallError> {
        let hashes = |number| self.hash_of(number);
        let outcome = execute::run(&self.rules, &block.header, state, &hashes, env, Sender::Claimed);
        match outcome {
            Ok(outcome) => Ok(outcome.result),
            Err(EVMError::Transaction(reason)) => Err(CallError::Invalid(reason)),
            Err(error) => unreachable!("a state in memory does not fail: {error}"),
        }
    }

    /// A gas limit with which `request` succeeds, at most 1.5 % above the least one.
    pub(crate) fn estimate(
        &self,
        request: &TransactionRequest,
        block: &Block,
        state: &State,
    ) -> Result<u64, CallError> {
        let allowance = self.allowance(request, state);
        let env = execute::call_env(request, &self.rules, allowance);
        let allowance = env.gas_limit;
        let used = match self.try_call(env.clone(), block, state)? {
            ExecutionResult::Success { gas, .. } => gas.total_gas_spent().max(gas.floor_gas()),
            ExecutionResult::Revert { output, .. } => return Err(CallError::Reverted(output)),
            ExecutionResult::Halt {
                reason: HaltReason::OutOfGas(_),
                ..
            } => {
                return Err(CallError::GasExceedsAllowance { allowance });
            }
            ExecutionResult::Halt { reason, .. } => return Err(CallError::Halted(reason)),
        };
        let succeeds = |gas_limit: u64| {
            let env = TxEnv {
                gas_limit,
                ..env.clone()
            };
            matches!(
                self.try_call(env, block, state),
                Ok(ExecutionResult::Success { .. })
            )
        };
        // What was used is a lower bound; 1/64 withheld at each call is the usual reason for more.
        let (mut low, mut high) = (used.saturating_sub(1), allowance);
        let optimistic = used.saturating_mul(64) / 63 + 2_300;
        if optimistic < high {
            if succeeds(optimistic) {
                high = optimistic
            } else {
                low = optimistic
            }
        }
        while low + 1 < high && (high - low) * 1000 > high * ESTIMATE_PRECISION_PERMILLE {
            let middle = low + (high - low) / 2;
            if succeeds(middle) {
                high = middle
            } else {
                low = middle
            }
        }
        Ok(high)
    }

    /// The most gas that an estimate may come to: the block's, the transaction cap's, the sender's
    /// balance's.
    fn allowance(&self, request: &TransactionRequest, state: &State) -> u64 {
        let mut allowance = self.rules.gas_limit;
        if self.rules.spec() >= SpecId::OSAKA {
            allowance = allowance.min(eip7825::TX_GAS_LIMIT_CAP);
        }
        let price = request.max_fee_per_gas.or(request.gas_price).unwrap_or_default();
        if price > 0 {
            let sender = request.from.unwrap_or_default();
            let balance = state
                .account(sender)
                .map_or(U256::ZERO, |account| account.balance);
            let spare = balance.saturating_sub(request.value.unwrap_or_default());
            allowance = allowance.min((spare / U256::from(price)).saturating_to());
        }
        allowance
    }

    /// Whether `request` is a plain payment, whose cost needs no search.
    pub(crate) fn is_plain_payment(&self, request: &TransactionRequest, state: &State) -> bool {
        let Some(TxKind::Call(to)) = request.to else {
            return false;
        };
        let no_code = state.info(to).is_none_or(|info| info.is_empty_code_hash());
        no_code && request.input.input().is_none_or(|input| input.is_empty())
    }
}
