//! A decision of governance: proposed, waited for and executed, with the timelock's own functions.

use crate::{contracts::TimelockUnexpectedOperationState, end::End, site::Role, wallet::Wallet};
use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    rpc::types::TransactionRequest,
    sol_types::{SolCall, SolError},
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::Timelock;
use std::time::Duration;

/// How long a decision waits at least on a test network, in seconds of its chain.
pub(crate) const DELAY_SECS: u64 = 30;
/// How often the chain's clock is looked at.
const CLOCK_INTERVAL: Duration = Duration::from_millis(100);
/// Looks until the clock must have come far enough.
const CLOCK_LOOKS: u32 = 3_000;

/// One call, decided.
pub(crate) struct Proposal {
    governor: Wallet,
    timelock: Address,
    target: Address,
    call: Bytes,
    salt: B256,
    /// From when it may be executed.
    ready: u64,
}

impl Proposal {
    /// Proposes that `target` is called, and sees that this cannot be done at once.
    ///
    /// - `why`: tells it from others.
    pub(crate) async fn propose(end: &End, target: Address, call: Vec<u8>, why: &str) -> Result<Self> {
        let governor = Wallet::of(&end.site, Role::Deployer)?;
        let mut proposal = Self {
            governor,
            timelock: end.timelock,
            target,
            call: call.into(),
            salt: keccak256(why),
            ready: 0,
        };
        let schedule = Timelock::scheduleCall {
            target,
            value: U256::ZERO,
            data: proposal.call.clone(),
            predecessor: B256::ZERO,
            salt: proposal.salt,
            delay: U256::from(DELAY_SECS),
        };
        let governor = &proposal.governor;
        let receipt = governor.call(end.timelock, schedule.abi_encode()).await?;
        // What a node says to its execution in the very block that proposed it: later ones may come before the question.
        let at = receipt.block_number.context("the proposal is in no block")?;
        let reason = governor.revert_of(proposal.execution(), at).await?;
        ensure!(
            reason.starts_with(&TimelockUnexpectedOperationState::SELECTOR),
            "the timelock does not execute \"{why}\" before its delay is over, but for another reason: {reason}"
        );
        proposal.ready = governor.now().await? + DELAY_SECS;
        Ok(proposal)
    }

    /// Waits until the delay is over, and executes.
    pub(crate) async fn execute(self) -> Result<()> {
        for _ in 0..CLOCK_LOOKS {
            if self.governor.now().await? > self.ready {
                self.governor.send(self.execution()).await?;
                return Ok(());
            }
            tokio::time::sleep(CLOCK_INTERVAL).await;
        }
        anyhow::bail!("the chain's clock did not come to {}", self.ready)
    }

    fn execution(&self) -> TransactionRequest {
        let execute = Timelock::executeCall {
            target: self.target,
            value: U256::ZERO,
            payload: self.call.clone(),
            predecessor: B256::ZERO,
            salt: self.salt,
        };
        TransactionRequest::default()
            .to(self.timelock)
            .input(execute.abi_encode().into())
    }
}
