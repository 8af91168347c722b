//! Whoever has come by the keys of a sync committee of an embedded EVM chain, and signs what never was.

use alloy::primitives::Bytes;
use anyhow::{Context, Result, bail};
use chain_evm::Evm;
use devnet::{Chain, Forgery, Party};
use ethereum::spec::{LightClientUpdate, SyncCommittee, Versioned, compact_update};
use ethereum::{Blst, Network, Period, Update};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The thief of the keys of one chain.
pub(crate) struct Thief<'a> {
    chain: &'a Chain,
    pub(crate) network: Arc<Network>,
}

impl<'a> Thief<'a> {
    /// - `reader`: reads `chain`.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn of(chain: &'a Chain, reader: &Evm) -> Result<Self> {
        Ok(Self {
            chain,
            network: reader.network().await?,
        })
    }

    /// The update that `forgery` describes, as a beacon node would serve it.
    ///
    /// # Errors
    /// Nothing is final yet.
    pub(crate) fn forge(&self, forgery: &Forgery) -> Result<LightClientUpdate> {
        let forged = self.chain.forge_update(forgery);
        let forged = forged.context("the chain has no finality to forge around")?;
        let update: Versioned<LightClientUpdate> = serde_json::from_value(forged)?;
        Ok(update.data)
    }

    /// The same in the form that clients take.
    ///
    /// - `signers`: the committee that signs it; the genuine one of its period, if it is not given.
    /// - `account`: the nodes of the router's account in the state that it finalizes.
    ///
    /// # Errors
    /// The node does not serve the committee, or the update has not the form of one.
    pub(crate) async fn fold(
        &self,
        update: &LightClientUpdate,
        signers: Option<&SyncCommittee>,
        account: &[Bytes],
    ) -> Result<Update> {
        let genuine;
        let committee = match signers {
            Some(committee) => committee,
            None => {
                let period = self.network.period_of(update.signature_slot);
                genuine = self.committee_of(period).await?;
                &genuine
            }
        };
        compact_update(&Blst, &self.network, update, committee, account)
            .context("failed to fold the forged update")
    }

    /// An update that teaches a committee of attackers for the period after `period`; none unless all of it lies in that period.
    ///
    /// # Errors
    /// As [`Self::forge`] and [`Self::fold`].
    pub(crate) async fn next_committee(&self, period: Period) -> Result<Option<Update>> {
        let update = self.forge(&Forgery {
            next_committee: Some(Party::Attacker),
            // As a rule the host's clock is there already.
            attested_slot: self.chain.slot().checked_sub(2),
            ..Forgery::default()
        })?;
        let slots = [
            update.finalized_header.beacon.slot,
            update.attested_header.beacon.slot,
            update.signature_slot,
        ];
        if slots.iter().any(|slot| self.network.period_of(*slot) != period) {
            return Ok(None);
        }
        self.fold(&update, None, &[]).await.map(Some)
    }

    /// All keys of the genuine committee of `period`, which is public.
    async fn committee_of(&self, period: Period) -> Result<SyncCommittee> {
        let Some(before) = period.0.checked_sub(1) else {
            bail!("the committee of period 0 is in no update; let the chain run for a period first");
        };
        let path = format!("/eth/v1/beacon/light_client/updates?start_period={before}&count=1");
        let updates: Vec<Versioned<LightClientUpdate>> = self.get(&path).await?;
        let update = updates.into_iter().next();
        let update = update.with_context(|| format!("no update for period {before}"))?;
        Ok(update.data.next_sync_committee)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = format!("{}{path}", self.chain.beacon_url());
        let answer = reqwest::get(&url).await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}
