//! A signed transaction as the pool and the blocks hold it.
//!
//! Decides which transactions this chain can carry at all: legacy, EIP-2930, EIP-1559 and EIP-7702,
//! replay-protected and with a canonical signature.

use super::reject::Refused;
use alloy::{
    consensus::{Transaction as _, TxEnvelope, transaction::SignerRecoverable},
    eips::eip2718::{Decodable2718, Encodable2718},
};
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context::{TxEnv, either::Either};

/// A decoded transaction with its sender.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) tx: TxEnvelope,
    pub(crate) sender: Address,
    pub(crate) hash: B256,
    /// As it came over the wire and as it stands in blocks (EIP-2718).
    pub(crate) raw: Bytes,
}

impl Signed {
    /// Decodes exactly one transaction of the chain `chain_id` and recovers its sender.
    pub(crate) fn decode(raw: Bytes, chain_id: u64) -> Result<Self, Refused> {
        let tx = TxEnvelope::decode_2718_exact(&raw).map_err(|e| Refused::Encoding(e.to_string()))?;
        if matches!(tx, TxEnvelope::Eip4844(_)) {
            return Err(Refused::TypeNotSupported);
        }
        match tx.chain_id() {
            Some(id) if id == chain_id => {}
            Some(have) => return Err(Refused::ChainId { have, want: chain_id }),
            None => return Err(Refused::NoReplayProtection),
        }
        let sender = tx.recover_signer().map_err(|_| Refused::Signature)?;
        let hash = *tx.tx_hash();
        debug_assert_eq!(tx.encoded_2718(), raw);
        Ok(Self {
            tx,
            sender,
            hash,
            raw,
        })
    }

    /// The most this transaction can cost its sender, wei.
    pub(crate) fn cost_max(&self) -> U256 {
        U256::from(self.tx.max_fee_per_gas())
            .saturating_mul(U256::from(self.tx.gas_limit()))
            .saturating_add(self.tx.value())
    }

    /// The tip at `base_fee`, wei a gas; `None` when the fee cap does not cover the base fee.
    pub(crate) fn tip(&self, base_fee: u64) -> Option<u128> {
        self.tx.effective_tip_per_gas(base_fee)
    }

    /// The transaction as revm takes it.
    pub(crate) fn env(&self) -> TxEnv {
        let tx = &self.tx;
        TxEnv {
            tx_type: tx.tx_type() as u8,
            caller: self.sender,
            gas_limit: tx.gas_limit(),
            gas_price: tx.max_fee_per_gas(),
            kind: tx.kind(),
            value: tx.value(),
            data: tx.input().clone(),
            nonce: tx.nonce(),
            chain_id: tx.chain_id(),
            access_list: tx.access_list().cloned().unwrap_or_default(),
            gas_priority_fee: tx.max_priority_fee_per_gas(),
            authorization_list: tx
                .authorization_list()
                .unwrap_or_default()
                .iter()
                .cloned()
                .map(Either::Left)
                .collect(),
            ..TxEnv::default()
        }
    }
}
