//! `Ask::Send` and `Ask::Find`: one transaction for one submission, and what became of it.
//!
//! Before anything is signed the node is asked whether it would succeed; a submission that would revert costs nothing
//! and the message at fault is named. Nonces are the caller's decision ([`Place`]): repeating a send after a crash takes
//! the same nonce, so that at most one of the two is ever included.
//!
//! What this module must never do: sign something that was not estimated, or print a key.

use crate::calls::Calls;
use crate::refusal::Refusal;
use crate::rpc::{At, Call, Receipt, Rpc, Transaction, to_u64};
use crate::{batch, errand, told};
use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use chain::{
    BlockNumber, Fault, Fee, Gas, Nonce, Outcome, Place, Revert, Submission, TxHash, TxState, WeiPerGas,
};
use endpoints::Complaint;

/// Most gas that a transaction may use since Osaka. Spec: EIP-7825.
pub const TRANSACTION_GAS_MAX: Gas = Gas(16_777_216);
/// What is added to an estimate, in percent: the state may change until inclusion.
const GAS_MARGIN_PERCENT: u64 = 20;
/// What a replacement must offer over the waiting transaction, in percent of it: geth's rule.
const REPLACEMENT_PERCENT: u128 = 110;

/// The account that pays.
pub(crate) struct Sender<'a> {
    pub(crate) signer: &'a PrivateKeySigner,
    pub(crate) chain_id: u64,
    /// What one transaction may use.
    pub(crate) gas_max: Gas,
}

/// A transaction that is to be sent.
pub(crate) struct Outgoing {
    /// The callee; none creates a contract.
    pub(crate) to: Option<Address>,
    pub(crate) input: Bytes,
    pub(crate) fee: Fee,
    pub(crate) place: Place,
}

/// A transaction that was handed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) tx: TxHash,
    pub(crate) nonce: Nonce,
    pub(crate) gas: Gas,
    pub(crate) fee: Fee,
}

impl Sender<'_> {
    /// Sends `submission` to `router`.
    pub(crate) async fn submit(
        &self,
        rpc: &Rpc,
        router: Address,
        submission: &Submission,
        fee: Fee,
        place: Place,
    ) -> Result<Sent, Complaint> {
        let to = |to, input| Outgoing {
            to: Some(to),
            input,
            fee,
            place,
        };
        let outgoing = |input| to(router, input);
        if let Some(contract) = errand::rotating_contract(rpc, router, submission).await? {
            return self.send(rpc, to(contract, errand::take_over())).await;
        }
        let told = told::told(rpc, router, submission, self.gas_max).await?;
        let told = self.bring_parts(rpc, router, told, submission, fee).await?;
        let calls = Calls::of(&told, submission);
        if submission.pool.is_some() {
            let payer = self.signer.address();
            batch::rehearse(rpc, payer, router, &calls).await?;
            let input = batch::input(rpc, router, &told, submission).await?;
            match self.send(rpc, outgoing(input)).await {
                Err(Complaint::Ask(Fault::WouldRevert(revert))) if batch::is_unsupported(&revert) => {}
                Err(Complaint::Ask(Fault::WouldRevert(revert))) => {
                    return Err(Fault::WouldRevert(batch::with_position(revert)).into());
                }
                other => return other,
            }
        }
        let outgoing = outgoing(calls.multicall());
        match self.send(rpc, outgoing).await {
            Err(Complaint::Ask(Fault::WouldRevert(revert))) => {
                let found = find_culprit(rpc, self.signer.address(), router, &calls, At::Latest).await?;
                Err(Fault::WouldRevert(found.unwrap_or(revert)).into())
            }
            other => other,
        }
    }

    /// Estimates, signs and hands over one transaction.
    pub(crate) async fn send(&self, rpc: &Rpc, outgoing: Outgoing) -> Result<Sent, Complaint> {
        let nonce = self.nonce(rpc, outgoing.place).await?;
        let gas = self.estimate(rpc, &outgoing).await?;
        self.check_funds(rpc, gas, outgoing.fee).await?;
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: nonce.0,
            gas_limit: gas.0,
            max_fee_per_gas: outgoing.fee.max.0,
            max_priority_fee_per_gas: outgoing.fee.tip.0.min(outgoing.fee.max.0),
            to: outgoing.to.map_or(TxKind::Create, TxKind::Call),
            value: U256::ZERO,
            access_list: Default::default(),
            input: outgoing.input,
        };
        let signature = self
            .signer
            .sign_hash_sync(&transaction.signature_hash())
            .map_err(|error| Fault::Signer {
                text: error.to_string(),
            })?;
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let tx = *envelope.tx_hash();
        self.hand_over(rpc, &envelope.encoded_2718().into(), tx, gas, outgoing.fee)
            .await?;
        Ok(Sent {
            tx: TxHash(tx),
            nonce,
            gas,
            fee: outgoing.fee,
        })
    }

    async fn nonce(&self, rpc: &Rpc, place: Place) -> Result<Nonce, Complaint> {
        let mined = rpc.mined_count(self.signer.address()).await?;
        match place {
            Place::Next => Ok(Nonce(mined)),
            Place::Replace(nonce) if mined > nonce.0 => Err(Fault::NonceTaken {
                text: format!("nonce {nonce} is to be replaced, but {mined} transactions are mined"),
            }
            .into()),
            Place::Replace(nonce) => Ok(nonce),
        }
    }

    pub(crate) async fn estimate(&self, rpc: &Rpc, outgoing: &Outgoing) -> Result<Gas, Complaint> {
        let call = Call {
            from: Some(self.signer.address()),
            to: outgoing.to,
            data: outgoing.input.clone(),
            gas: None,
        };
        let needed = match rpc.estimate(&call).await? {
            Ok(gas) => gas,
            Err(refusal) if refusal.is_revert() => return Err(Fault::WouldRevert(refusal.revert()).into()),
            // How much it needs is not known, so the most that a transaction may use counts.
            Err(refusal) if refusal.is_funds() => {
                return Err(self.no_funds(rpc, TRANSACTION_GAS_MAX, outgoing.fee).await?);
            }
            Err(refusal) => return Err(refusal.into_complaint("eth_estimateGas")),
        };
        if needed > TRANSACTION_GAS_MAX.0 {
            return Err(Fault::TooLarge {
                size: needed,
                limit: TRANSACTION_GAS_MAX.0,
            }
            .into());
        }
        let padded = needed.saturating_add(needed.saturating_mul(GAS_MARGIN_PERCENT) / 100);
        Ok(Gas(padded.min(TRANSACTION_GAS_MAX.0)))
    }

    async fn check_funds(&self, rpc: &Rpc, gas: Gas, fee: Fee) -> Result<(), Complaint> {
        let (balance, needed) = (rpc.balance(self.signer.address()).await?, cost(gas, fee));
        if balance < needed {
            return Err(Fault::Funds { balance, needed }.into());
        }
        Ok(())
    }

    /// That the node says the account cannot pay, with what it holds and what the transaction could cost.
    async fn no_funds(&self, rpc: &Rpc, gas: Gas, fee: Fee) -> Result<Complaint, Complaint> {
        let balance = rpc.balance(self.signer.address()).await?;
        Ok(Fault::Funds {
            balance,
            needed: cost(gas, fee),
        }
        .into())
    }

    /// Hands a signed transaction to the node.
    async fn hand_over(&self, rpc: &Rpc, raw: &Bytes, tx: B256, gas: Gas, fee: Fee) -> Result<(), Complaint> {
        let refusal = match rpc.send_raw(raw).await? {
            Ok(hash) if hash == tx => return Ok(()),
            Ok(hash) => {
                return Err(Complaint::malformed(format!(
                    "sent transaction {tx}, the endpoint took {hash}"
                )));
            }
            Err(refusal) => refusal,
        };
        if refusal.is_known() {
            return Ok(());
        }
        if refusal.is_underpriced() {
            let wanted = WeiPerGas(fee.max.0.saturating_mul(REPLACEMENT_PERCENT).div_ceil(100));
            return Err(Fault::Underpriced {
                offered: fee.max,
                wanted,
            }
            .into());
        }
        if refusal.is_nonce_used() {
            return Err(Fault::NonceTaken {
                text: endpoints::shortened(&refusal.0.message),
            }
            .into());
        }
        if refusal.is_funds() {
            return Err(self.no_funds(rpc, gas, fee).await?);
        }
        Err(refusal.into_complaint("eth_sendRawTransaction"))
    }
}

/// The most that a transaction can cost, in wei.
fn cost(gas: Gas, fee: Fee) -> U256 {
    U256::from(gas.0).saturating_mul(U256::from(fee.max.0))
}

/// Which message of `calls` reverts at block `at`, by running each alone after the updates.
///
/// None when each succeeds alone: then they stand in each other's way, or too little gas is left for all.
pub(crate) async fn find_culprit(
    rpc: &Rpc,
    from: Address,
    router: Address,
    calls: &Calls,
    at: At,
) -> Result<Option<Revert>, Complaint> {
    let run = |data: Bytes| Call {
        from: Some(from),
        to: Some(router),
        data,
        gas: Some(U64::from(TRANSACTION_GAS_MAX.0)),
    };
    if let Err(refusal) = rpc.call(&run(calls.without_messages()), at).await?
        && refusal.is_revert()
    {
        return Ok(Some(refusal.revert()));
    }
    for (position, message) in (0u32..).zip(&calls.messages) {
        if let Err(refusal) = rpc.call(&run(calls.with_one(message)), at).await?
            && refusal.is_revert()
        {
            return Ok(Some(Revert {
                message: Some(position),
                ..refusal.revert()
            }));
        }
    }
    Ok(None)
}

/// What became of the transaction `tx` that `owner` sent to `router` with `nonce`.
pub(crate) async fn find(
    rpc: &Rpc,
    owner: Address,
    router: Address,
    tx: TxHash,
    nonce: Nonce,
) -> Result<TxState, Complaint> {
    if let Some(receipt) = rpc.receipt(tx.0).await? {
        return landed(rpc, owner, router, &receipt).await;
    }
    if rpc.transaction(tx.0).await?.is_some() {
        return Ok(TxState::Pending);
    }
    if rpc.mined_count(owner).await? <= nonce.0 {
        return Ok(TxState::Unknown);
    }
    // It may have been mined between the first question and this one.
    match rpc.receipt(tx.0).await? {
        Some(receipt) => landed(rpc, owner, router, &receipt).await,
        None => Ok(TxState::Replaced),
    }
}

async fn landed(rpc: &Rpc, owner: Address, router: Address, receipt: &Receipt) -> Result<TxState, Complaint> {
    let block = to_u64(receipt.block_number);
    let price: u128 = receipt
        .effective_gas_price
        .try_into()
        .map_err(|_| Complaint::malformed(format!("a gas price of {} wei", receipt.effective_gas_price)))?;
    let reverted = match to_u64(receipt.status) {
        1 => None,
        0 => Some(why_reverted(rpc, owner, router, receipt).await?),
        other => {
            return Err(Complaint::malformed(format!(
                "a receipt with status {other}, which is 0 or 1"
            )));
        }
    };
    let outcome = Outcome {
        block: BlockNumber(block),
        gas: Gas(to_u64(receipt.gas_used)),
        price: WeiPerGas(price),
        reverted,
        skipped: batch::skipped(router, receipt),
    };
    let finalized = rpc
        .block(At::Finalized)
        .await?
        .map_or(0, |block| to_u64(block.number));
    Ok(if block <= finalized {
        TxState::Final(outcome)
    } else {
        TxState::Included(outcome)
    })
}

/// Runs the calls again on the state before the transaction's block: receipts do not tell why.
async fn why_reverted(
    rpc: &Rpc,
    owner: Address,
    router: Address,
    receipt: &Receipt,
) -> Result<Revert, Complaint> {
    let unknown = |text: &str| Revert {
        message: None,
        data: Bytes::new(),
        text: text.into(),
        gas: None,
    };
    let Some(transaction) = rpc.transaction(receipt.transaction_hash).await? else {
        return Ok(unknown(
            "it reverted, and the endpoint no longer has the transaction",
        ));
    };
    let gas = Gas(to_u64(transaction.gas));
    let before = At::Number(to_u64(receipt.block_number).saturating_sub(1));
    let found = match (Calls::read(&transaction.input), batch::read(&transaction.input)) {
        (Some(calls), _) => find_culprit(rpc, owner, router, &calls, before).await?,
        (None, Some(batch)) => batch::find_fault(rpc, owner, router, &batch, gas, before).await?,
        (None, None) => run_again(rpc, &transaction, before).await?,
    };
    let out_of_gas = receipt.gas_used == transaction.gas;
    let text = if out_of_gas {
        "it used all its gas"
    } else {
        "it reverted, though it succeeds on the state before its block"
    };
    Ok(Revert {
        gas: Some(gas),
        ..found.unwrap_or_else(|| unknown(text))
    })
}

/// Why a transaction reverts that is neither a multicall nor a batch of the router.
async fn run_again(rpc: &Rpc, transaction: &Transaction, at: At) -> Result<Option<Revert>, Complaint> {
    let call = Call {
        from: Some(transaction.from),
        to: transaction.to,
        data: transaction.input.clone(),
        gas: Some(transaction.gas),
    };
    let ran = rpc.call(&call, at).await?;
    Ok(ran
        .err()
        .filter(Refusal::is_revert)
        .map(|refusal| refusal.revert()))
}

#[cfg(test)]
#[path = "submit_tests.rs"]
mod tests;
