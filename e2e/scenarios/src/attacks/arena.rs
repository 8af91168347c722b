//! What an attacker has: an account on each chain, everything public, and the tools of an honest relayer.
//!
//! Forged headers come from the embedded chains themselves, which hold the committee's keys; on a real chain nobody does.

use super::reason::Reasons;
use crate::{
    bridge::{Bridge, trusted},
    end::End,
    site::Role,
    tracker::{Side, Tracker},
    wallet::Wallet,
};
use alloy::{
    network::TransactionBuilder,
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::TransactionRequest,
};
use alloy_sol_types::SolCall;
use anyhow::{Context, Result, bail, ensure};
use chain::{Answer, Ask, Proof};
use chain_evm::{Evm, abi::Router};
use devnet::Chain;
use wire::{Height, Path};

/// Gas for a call that is expected to fail: enough for any update, and it must not fail for want of gas.
const GAS: u64 = 6_000_000;

/// The place of the attacks: a running bridge that carried packets.
pub struct Arena<'a> {
    /// The bridge.
    pub bridge: &'a Bridge,
    /// The embedded chains under it.
    pub chains: &'a [Chain; 2],
    /// The packets it carried.
    pub tracker: &'a Tracker,
    reasons: Reasons,
    readers: [Evm; 2],
}

impl<'a> Arena<'a> {
    /// Prepares the attacker.
    ///
    /// # Errors
    /// The endpoints or artifacts are not readable.
    pub fn new(bridge: &'a Bridge, chains: &'a [Chain; 2], tracker: &'a Tracker) -> Result<Self> {
        let readers = [bridge.reader(Side::North)?, bridge.reader(Side::South)?];
        Ok(Self {
            bridge,
            chains,
            tracker,
            reasons: Reasons::load()?,
            readers,
        })
    }

    /// One end of the bridge.
    pub(super) fn end(&self, side: Side) -> &'a End {
        side.of(&self.bridge.ends)
    }

    /// The honest reader of a chain.
    pub(super) fn reader(&self, side: Side) -> &Evm {
        side.of(&self.readers)
    }

    /// The attacker's account.
    pub(super) fn attacker(&self, side: Side) -> Result<Wallet> {
        self.end(side).wallet(Role::Attacker)
    }

    /// Sends `data` to `to` as the attacker. Returns the name of the error that refused it, after the transaction
    /// failed on chain as well; `None` if it went through.
    pub(super) async fn refusal(&self, side: Side, to: Address, data: Vec<u8>) -> Result<Option<String>> {
        let attacker = self.attacker(side)?;
        let request = TransactionRequest::default()
            .with_from(attacker.address)
            .with_to(to)
            .with_input(data)
            .with_gas_limit(GAS);
        let reason = match attacker.provider.call(request.clone()).await {
            Ok(_) => None,
            Err(error) => {
                let payload = error.as_error_resp().context("the node did not answer a call")?;
                let data = payload
                    .as_revert_data()
                    .with_context(|| format!("no revert data in {payload}"))?;
                Some(self.reasons.name(&data))
            }
        };
        let receipt = attacker.try_send(request).await?;
        match (reason, receipt.inner.status()) {
            (None, true) => Ok(None),
            (Some(reason), false) => Ok(Some(reason)),
            (reason, status) => bail!("the call said {reason:?}, the transaction's status is {status}"),
        }
    }

    /// Offers `update` to `side`'s client of the other chain.
    pub(super) async fn offer_update(&self, side: Side, update: Bytes) -> Result<Option<String>> {
        let end = self.end(side);
        let call = Router::updateClientCall {
            clientId: end.client.clone(),
            updateMsg: update,
        };
        self.refusal(side, end.router, call.abi_encode()).await
    }

    /// What `side`'s client trusts.
    pub(super) async fn trusted(&self, side: Side) -> Result<ethereum::Trusted> {
        trusted(self.reader(side), &self.end(side).client).await
    }

    /// A genuine proof of one entry of `side`'s router at a height that the other side trusts.
    pub(super) async fn prove(&self, side: Side, path: Path, at: Height) -> Result<Proof> {
        let keys = vec![path];
        match self.reader(side).answer(Ask::Prove { keys, at }).await? {
            Answer::Prove(mut proofs) => {
                ensure!(proofs.len() == 1, "asked for one proof, got {}", proofs.len());
                proofs.pop().context("asked for one proof, got none")
            }
            other => bail!("asked for a proof, was answered {other:?}"),
        }
    }
}

/// Words for an attack that nobody refused.
pub(super) fn verdict(refusal: Option<String>) -> String {
    refusal.unwrap_or_else(|| "nothing: it went through".into())
}
