//! What an attacker has: an account on each chain, everything public, and the tools of an honest relayer.
//!
//! Forged headers come from the embedded chains themselves, which hold the committee's keys; on a real chain nobody does.

use crate::Reasons;
use crate::{
    bridge::{reader, trusted},
    contracts,
    end::End,
    site::Role,
    tracker::Side,
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
use chain_evm::{Artifacts, Evm, abi::Router};
use devnet::Chain;
use ethereum::{Slot, Update, codec};
use wire::{ClientId, Height, Packet, Path};

/// Gas for a call that is expected to fail: enough for any update, and it must not fail for want of gas.
pub(super) const GAS: u64 = 6_000_000;

/// The place of the attacks: a bridge that carried a packet.
pub struct Arena<'a> {
    /// The ends of the bridge.
    pub ends: &'a [End; 2],
    /// The embedded chains under it.
    pub chains: &'a [Chain; 2],
    /// A transfer of North's token that South paid out.
    delivered: Option<Packet>,
    /// The rule of path verification that is not heeded.
    unheeded: Option<&'static str>,
    reasons: Reasons,
    readers: [Evm; 2],
    /// What contracts are created from.
    artifacts: Artifacts,
}

impl<'a> Arena<'a> {
    /// Prepares the attacker.
    ///
    /// # Errors
    /// The endpoints or artifacts are not readable.
    pub fn new(ends: &'a [End; 2], chains: &'a [Chain; 2]) -> Result<Self> {
        Ok(Self {
            ends,
            chains,
            delivered: None,
            unheeded: None,
            reasons: Reasons::load()?,
            readers: [reader(&ends[0])?, reader(&ends[1])?],
            artifacts: Artifacts::default(),
        })
    }

    /// The same with a transfer of North's token that South paid out.
    #[must_use]
    pub fn after(self, delivered: Packet) -> Self {
        Self {
            delivered: Some(delivered),
            ..self
        }
    }

    /// The same where contracts are created from `artifacts`.
    pub(super) fn built_from(self, artifacts: Artifacts) -> Self {
        Self { artifacts, ..self }
    }

    /// What contracts are created from.
    pub(super) fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    /// The same with one rule of path verification taken out.
    pub(super) fn without_rule(self, rule: &'static str) -> Self {
        Self {
            unheeded: Some(rule),
            ..self
        }
    }

    /// The transfer that South paid out.
    pub(super) fn delivered(&self) -> Result<&Packet> {
        self.delivered
            .as_ref()
            .context("no transfer from North was delivered")
    }

    /// The rules that South's client `id` breaks, by the relayer's own verification of paths.
    pub(super) async fn judge_client(&self, id: &str) -> Result<Vec<String>> {
        let expected = chain::Expected {
            counterparty: Some(self.end(Side::North).client.parse()?),
            terms_max: chain::TermsMax {
                trust_period: ethereum::TRUST_PERIOD_DEFAULT,
                clock_drift: wire::Seconds(0),
            },
            depth: chain::Depth::Whole,
        };
        let (host, tracked) = (self.reader(Side::South), self.reader(Side::North));
        let findings = chain_evm::verify_end(host, tracked, &ClientId::new(id)?, &expected).await?;
        Ok(findings
            .iter()
            .filter(|finding| finding.verdict.is_err() && Some(&*finding.rule) != self.unheeded)
            .map(|finding| finding.rule.to_string())
            .collect())
    }

    /// One end of the bridge.
    pub(super) fn end(&self, side: Side) -> &'a End {
        side.of(self.ends)
    }

    /// The honest reader of a chain.
    pub(super) fn reader(&self, side: Side) -> &Evm {
        side.of(&self.readers)
    }

    /// The attacker's account.
    pub(super) fn attacker(&self, side: Side) -> Result<Wallet> {
        self.end(side).wallet(Role::Attacker)
    }

    /// The name of the error in revert data.
    pub(super) fn reason(&self, data: &Bytes) -> String {
        self.reasons.name(data)
    }

    /// Sends `data` to `to` as the attacker. Returns the name of the error that refused it, after the transaction
    /// failed on chain as well; `None` if it went through.
    pub(super) async fn refusal(&self, side: Side, to: Address, data: Vec<u8>) -> Result<Option<String>> {
        self.refusal_of(&self.attacker(side)?, to, data, GAS).await
    }

    /// The same for a thief with another account, or for a chosen amount of gas.
    pub(super) async fn refusal_of(
        &self,
        thief: &Wallet,
        to: Address,
        data: Vec<u8>,
        gas: u64,
    ) -> Result<Option<String>> {
        let request = TransactionRequest::default()
            .with_from(thief.address)
            .with_to(to)
            .with_input(data)
            .with_gas_limit(gas);
        let reason = match thief.provider.call(request.clone()).await {
            Ok(_) => None,
            Err(error) => {
                let payload = error.as_error_resp().context("the node did not answer a call")?;
                let data = payload
                    .as_revert_data()
                    .with_context(|| format!("no revert data in {payload}"))?;
                Some(self.reasons.name(&data))
            }
        };
        let receipt = thief.try_send(request).await?;
        match (reason, receipt.inner.status()) {
            (None, true) => Ok(None),
            (Some(reason), false) => Ok(Some(reason)),
            (reason, status) => bail!("the call said {reason:?}, the transaction's status is {status}"),
        }
    }

    /// Offers `update` to `side`'s client `id`.
    pub(super) async fn offer_update(&self, side: Side, id: &str, update: &Update) -> Result<Option<String>> {
        let call = Router::updateClientCall {
            clientId: id.into(),
            updateMsg: codec::encode_update(update).into(),
        };
        self.refusal(side, self.end(side).router, call.abi_encode()).await
    }

    /// What `side`'s client `id` trusts.
    pub(super) async fn trusted(&self, side: Side, id: &str) -> Result<ethereum::Trusted> {
        trusted(self.reader(side), id).await
    }

    /// Whether `side`'s client `id` holds a state of this slot.
    pub(super) async fn holds_state(&self, side: Side, id: &str, slot: Slot) -> Result<bool> {
        let provider = self.attacker(side)?.provider;
        let router = contracts::Router::new(self.end(side).router, &provider);
        let light = router.getClient(id.into()).call().await?;
        let client = contracts::BeaconClient::new(light, &provider);
        match client.stateAt(slot.0).call().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_revert_data().is_some() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A genuine proof of one entry of `side`'s router at a height that the other side trusts.
    pub(super) async fn prove(&self, side: Side, path: Path, at: Height) -> Result<Proof> {
        let keys = vec![path];
        match self
            .reader(side)
            .answer(Ask::Prove { keys, at: at.into() })
            .await?
        {
            Answer::Prove(mut proofs) => {
                ensure!(proofs.len() == 1, "asked for one proof, got {}", proofs.len());
                proofs.pop().context("asked for one proof, got none")
            }
            other => bail!("asked for a proof, was answered {other:?}"),
        }
    }
}
