//! Transactions of a command: sent one after the other, each waited for until it is in a block.
//!
//! For the operator's commands only; the daemon's submissions go through `Ask::Send` and are never waited for in place.
//!
//! What this module must never do: pay more than the operator's [`FeePolicy`](relayer_core::FeePolicy), whatever an endpoint
//! says of the chain's prices.

use crate::evm::Evm;
use crate::head::prices;
use crate::rpc::{At, Call, Receipt, Rpc, to_u64};
use crate::submit::{Outgoing, Sent};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use chain::{BlockNumber, Fault, Fee, Latest, Place, Revert, WeiPerGas};
use core::time::Duration;
use endpoints::Complaint;
use relayer_core::quote;
use tokio::time::Instant;
use wire::Seconds;

/// Pauses between two looks for a receipt: the first, doubled each time up to the longest.
const LOOK_FIRST: Duration = Duration::from_millis(25);
const LOOK_LONGEST: Duration = Duration::from_millis(800);
/// The longest pause between two looks whether the chain is cheap enough: prices change once a block.
const PRICE_LOOK_LONGEST: Duration = Duration::from_secs(4);
/// Blocks whose fees are looked at.
const FEE_BLOCKS: u64 = 10;

impl Evm {
    /// Sends a transaction as soon as the policy of fees allows, and waits until it is in a block; each at most `patience`.
    pub(crate) async fn transact(
        &self,
        to: Option<Address>,
        input: Bytes,
        patience: Duration,
    ) -> Result<Receipt, Fault> {
        let fee = self.bearable_fee(patience).await?;
        let (sender, input) = (&self.sender()?, &input);
        let sent = self.on_rpc(|rpc| async move {
            let outgoing = Outgoing {
                to,
                input: input.clone(),
                fee,
                place: Place::Next,
            };
            sender.send(&rpc, outgoing).await
        });
        self.wait(sent.await?, patience).await
    }

    /// The account's next nonce, which fixes the address of the contract that it creates next.
    pub(crate) async fn next_nonce(&self) -> Result<u64, Fault> {
        let owner = self.sender()?.signer.address();
        self.on_rpc(|rpc| async move { rpc.mined_count(owner).await })
            .await
    }

    /// The address that the operator's commands on this chain act as.
    pub fn account(&self) -> Result<Address, Fault> {
        Ok(self.sender()?.signer.address())
    }

    /// What a view function of `contract` answers at `at`.
    pub(crate) async fn read<C: SolCall + Sync>(
        &self,
        contract: Address,
        call: &C,
        at: At,
    ) -> Result<C::Return, Fault> {
        self.on_rpc(|rpc| async move { view(&rpc, contract, call, at).await })
            .await
    }

    /// What is usually paid for gas now, within the policy of fees: enough for several full blocks.
    ///
    /// Fails with [`Fault::TooDear`] while the chain asks for more than the policy allows.
    pub async fn usual_fee(&self) -> Result<Fee, Fault> {
        let policy = &self.settings.fee;
        let latest = self.on_rpc(|rpc| async move { latest(&rpc).await }).await?;
        let tip = latest.tip.min(policy.tip_max);
        quote(policy, &latest, None).ok_or(Fault::TooDear {
            asked: WeiPerGas(latest.base_fee.0.saturating_add(tip.0)),
            max: policy.max,
        })
    }

    /// The usual fee, once the policy allows it: a deployment that stops half-way has to be paid for again.
    async fn bearable_fee(&self, patience: Duration) -> Result<Fee, Fault> {
        let began = Instant::now();
        let mut pause = LOOK_FIRST;
        loop {
            let fault = match self.usual_fee().await {
                Err(fault @ Fault::TooDear { .. }) if began.elapsed() < patience => fault,
                other => return other,
            };
            if pause == LOOK_FIRST {
                tracing::warn!(chain = %self.settings.name, "waiting to {fault}");
            }
            tokio::time::sleep(pause.min(patience.saturating_sub(began.elapsed()))).await;
            pause = (pause * 2).min(PRICE_LOOK_LONGEST);
        }
    }

    async fn wait(&self, sent: Sent, patience: Duration) -> Result<Receipt, Fault> {
        let began = Instant::now();
        let mut pause = LOOK_FIRST;
        loop {
            let receipt = self
                .on_rpc(|rpc| async move { rpc.receipt(sent.tx.0).await })
                .await?;
            if let Some(receipt) = receipt {
                if receipt.status.is_zero() {
                    let text = format!("transaction {} reverted", sent.tx);
                    return Err(Fault::WouldRevert(Revert {
                        message: None,
                        data: Bytes::new(),
                        text,
                        gas: None,
                    }));
                }
                return Ok(receipt);
            }
            if began.elapsed() >= patience {
                let text = format!(
                    "transaction {} is in no block after {} s",
                    sent.tx,
                    patience.as_secs()
                );
                return Err(Fault::Refused {
                    endpoint: self.settings.name.to_string(),
                    text,
                    until: endpoints::now(),
                });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK_LONGEST);
        }
    }
}

/// The newest block and what the next one asks.
async fn latest(rpc: &Rpc) -> Result<Latest, Complaint> {
    let (block, history) = tokio::try_join!(rpc.latest(), rpc.fee_history(FEE_BLOCKS))?;
    let (base_fee, tip) = prices(&history)?;
    Ok(Latest {
        block: BlockNumber(to_u64(block.number)),
        timestamp: Seconds(to_u64(block.timestamp)),
        base_fee,
        tip,
    })
}

/// What a view function of `contract` answers.
pub(crate) async fn view<C: SolCall>(
    rpc: &Rpc,
    contract: Address,
    call: &C,
    at: At,
) -> Result<C::Return, Complaint> {
    let request = Call {
        from: None,
        to: Some(contract),
        data: call.abi_encode().into(),
        gas: None,
    };
    let output = match rpc.call(&request, at).await? {
        Ok(output) => output,
        Err(refusal) if refusal.is_revert() => return Err(Fault::WouldRevert(refusal.revert()).into()),
        Err(refusal) => return Err(refusal.into_complaint("eth_call")),
    };
    C::abi_decode_returns(&output).map_err(|error| {
        let text = format!(
            "{contract} answers {} with {} bytes: {error}",
            C::SIGNATURE,
            output.len()
        );
        Fault::NoClient {
            id: contract.to_string(),
            text,
        }
        .into()
    })
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
