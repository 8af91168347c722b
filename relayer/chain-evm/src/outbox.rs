//! Transactions of a command: sent one after the other, each waited for until it is in a block.
//!
//! For the operator's commands only; the daemon's submissions go through `Ask::Send` and are never waited for in place.

use crate::evm::Evm;
use crate::head::prices;
use crate::rpc::{At, Call, Receipt, Rpc};
use crate::submit::{Outgoing, Sent};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use chain::{Fault, Fee, Place, Revert, WeiPerGas};
use core::time::Duration;
use endpoints::Complaint;
use tokio::time::Instant;

/// Pauses between two looks for a receipt: the first, doubled each time up to the longest.
const LOOK_FIRST: Duration = Duration::from_millis(25);
const LOOK_LONGEST: Duration = Duration::from_millis(800);
/// Blocks whose fees are looked at.
const FEE_BLOCKS: u64 = 10;

impl Evm {
    /// Sends a transaction and waits until it is in a block, at most `patience`.
    pub(crate) async fn transact(
        &self,
        to: Option<Address>,
        input: Bytes,
        patience: Duration,
    ) -> Result<Receipt, Fault> {
        let fee = self.usual_fee().await?;
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

    /// Twice the base fee of the next block and a usual tip: enough for several full blocks.
    pub async fn usual_fee(&self) -> Result<Fee, Fault> {
        let (base, tip) = self
            .on_rpc(|rpc| async move { prices(&rpc.fee_history(FEE_BLOCKS).await?) })
            .await?;
        Ok(Fee {
            max: WeiPerGas(base.0.saturating_mul(2).saturating_add(tip.0)),
            tip,
        })
    }

    async fn wait(&self, sent: Sent, patience: Duration) -> Result<Receipt, Fault> {
        let until = Instant::now() + patience;
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
            if Instant::now() >= until {
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
