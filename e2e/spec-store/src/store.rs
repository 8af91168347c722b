//! The store: what a light client of the specification believes, optimistic header and `force_update` included.
//!
//! Consensus specification: `initialize_light_client_store`, `validate_light_client_update`,
//! `apply_light_client_update`, `process_light_client_store_force_update`, `process_light_client_update`. The single
//! checks are those of `ethereum::checks`.

use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use ethereum::checks;
use ethereum::seats::tally;
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader, LightClientOptimisticUpdate,
    LightClientUpdate, SyncCommittee,
};
use ethereum::{Network, Slot};

use crate::chain::Chain;
use crate::ranking::is_better_update;
use crate::rules::{check_finality, check_header, check_signature, indices_at, proven};

/// `MIN_SYNC_COMMITTEE_PARTICIPANTS`.
const PARTICIPANTS_MIN: u32 = 1;

/// `LightClientStore`.
#[derive(Clone, Debug)]
pub struct Store {
    /// The newest header that counts as final.
    pub finalized: LightClientHeader,
    /// The newest header that was signed by enough.
    pub optimistic: LightClientHeader,
    current: SyncCommittee,
    next: Option<SyncCommittee>,
    best: Option<LightClientUpdate>,
    signers_max_before: u32,
    signers_max: u32,
}

impl Store {
    /// `initialize_light_client_store`.
    ///
    /// # Errors
    /// A broken rule.
    pub fn start(chain: &Chain, trusted_root: B256, bootstrap: &LightClientBootstrap) -> Result<Self> {
        check_header(chain, &bootstrap.header)?;
        let root = bootstrap.header.beacon.root();
        ensure!(
            root == trusted_root,
            "the trusted block is {trusted_root}, the bootstrap's {root}"
        );
        let header = &bootstrap.header.beacon;
        let indices = indices_at(&chain.network, header.slot)?;
        let current = proven(
            &bootstrap.current_sync_committee,
            &bootstrap.current_sync_committee_branch,
            indices.current_committee,
        )?;
        checks::check_current_committee(&indices, header, &current)?;
        Ok(Self {
            finalized: bootstrap.header.clone(),
            optimistic: bootstrap.header.clone(),
            current: bootstrap.current_sync_committee.clone(),
            next: None,
            best: None,
            signers_max_before: 0,
            signers_max: 0,
        })
    }

    /// `process_light_client_update`.
    ///
    /// # Errors
    /// A broken rule.
    pub fn process(&mut self, chain: &Chain, update: &LightClientUpdate, current_slot: Slot) -> Result<()> {
        self.validate(chain, update, current_slot)?;
        let network = &chain.network;
        let signers = tally(&update.sync_aggregate.sync_committee_bits);
        if self
            .best
            .as_ref()
            .is_none_or(|best| is_better_update(network, update, best))
        {
            self.best = Some(update.clone());
        }
        self.signers_max = self.signers_max.max(signers);
        let safety_threshold = self.signers_max_before.max(self.signers_max) / 2;
        let attested = update.attested_header.beacon.slot;
        if signers > safety_threshold && attested > self.optimistic.beacon.slot {
            self.optimistic = update.attested_header.clone();
        }
        let finalized = update.finalized_header.beacon.slot;
        let learns_final_committee = self.next.is_none()
            && update.has_next_committee()
            && update.has_finality()
            && network.period_of(finalized) == network.period_of(attested);
        let is_supermajority = checks::check_two_thirds(signers, network.committee_size()).is_ok();
        if is_supermajority && (finalized > self.finalized.beacon.slot || learns_final_committee) {
            self.apply(network, update)?;
            self.best = None;
        }
        Ok(())
    }

    /// `process_light_client_finality_update`.
    ///
    /// # Errors
    /// A broken rule.
    pub fn process_finality(
        &mut self,
        chain: &Chain,
        update: &LightClientFinalityUpdate,
        current_slot: Slot,
    ) -> Result<()> {
        let none = no_committee(chain, update.attested_header.beacon.slot)?;
        let update = LightClientUpdate {
            attested_header: update.attested_header.clone(),
            next_sync_committee: none.0,
            next_sync_committee_branch: none.1,
            finalized_header: update.finalized_header.clone(),
            finality_branch: update.finality_branch.clone(),
            sync_aggregate: update.sync_aggregate.clone(),
            signature_slot: update.signature_slot,
        };
        self.process(chain, &update, current_slot)
    }

    /// `process_light_client_optimistic_update`.
    ///
    /// # Errors
    /// A broken rule.
    pub fn process_optimistic(
        &mut self,
        chain: &Chain,
        update: &LightClientOptimisticUpdate,
        current_slot: Slot,
    ) -> Result<()> {
        let slot = update.attested_header.beacon.slot;
        let none = no_committee(chain, slot)?;
        let depth = indices_at(&chain.network, slot)?.finality.ilog2() as usize;
        let update = LightClientUpdate {
            attested_header: update.attested_header.clone(),
            next_sync_committee: none.0,
            next_sync_committee_branch: none.1,
            finalized_header: LightClientHeader::default(),
            finality_branch: vec![B256::ZERO; depth],
            sync_aggregate: update.sync_aggregate.clone(),
            signature_slot: update.signature_slot,
        };
        self.process(chain, &update, current_slot)
    }

    /// `process_light_client_store_force_update`.
    ///
    /// # Errors
    /// A broken rule.
    pub fn force_update(&mut self, chain: &Chain, current_slot: Slot) -> Result<()> {
        let times = chain.network.times();
        let timeout = times.slots_per_epoch * times.epochs_per_period;
        if current_slot.0 <= self.finalized.beacon.slot.0 + timeout {
            return Ok(());
        }
        let Some(mut best) = self.best.take() else {
            return Ok(());
        };
        if best.finalized_header.beacon.slot <= self.finalized.beacon.slot {
            best.finalized_header = best.attested_header.clone();
        }
        self.apply(&chain.network, &best)
    }

    /// `validate_light_client_update`.
    fn validate(&self, chain: &Chain, update: &LightClientUpdate, current_slot: Slot) -> Result<()> {
        let network = &chain.network;
        let bits = &update.sync_aggregate.sync_committee_bits;
        ensure!(tally(bits) >= PARTICIPANTS_MIN, "nobody signed");
        check_header(chain, &update.attested_header).context("attested header")?;
        let (attested, finalized) = (&update.attested_header.beacon, &update.finalized_header.beacon);
        let now = network
            .time_of(current_slot)
            .context("the current slot has no time")?;
        checks::check_not_future(network, update.signature_slot, now)?;
        checks::check_slot_order(update.signature_slot, attested.slot, finalized.slot)?;
        self.check_relevance(network, update)?;
        check_finality(chain, update)?;
        self.check_next_committee(network, update)?;
        let period = network.period_of(update.signature_slot);
        let committee = if period == self.period(network) {
            Some(&self.current)
        } else {
            self.next.as_ref()
        };
        let committee = committee.context("no committee of the signature's period")?;
        check_signature(
            network,
            committee,
            attested,
            &update.sync_aggregate,
            update.signature_slot,
        )
    }

    /// The signature's period is one whose committee is known, and the update says something new.
    fn check_relevance(&self, network: &Network, update: &LightClientUpdate) -> Result<()> {
        let (mine, signed) = (self.period(network), network.period_of(update.signature_slot));
        let is_next = Some(signed) == mine.next() && self.next.is_some();
        ensure!(
            signed == mine || is_next,
            "signed in period {signed}, the store is in {mine}"
        );
        let attested = update.attested_header.beacon.slot;
        let learns_committee =
            self.next.is_none() && update.has_next_committee() && network.period_of(attested) == mine;
        let newest = self.finalized.beacon.slot;
        ensure!(
            attested > newest || learns_committee,
            "attests slot {attested}, slot {newest} is final"
        );
        Ok(())
    }

    fn check_next_committee(&self, network: &Network, update: &LightClientUpdate) -> Result<()> {
        let (next, attested) = (&update.next_sync_committee, &update.attested_header.beacon);
        if !update.has_next_committee() {
            let keys = next.pubkeys.iter().chain([&next.aggregate_pubkey]);
            ensure!(
                keys.into_iter().all(|key| key.is_zero()),
                "a next committee without a branch"
            );
            return Ok(());
        }
        if network.period_of(attested.slot) == self.period(network)
            && let Some(known) = &self.next
        {
            ensure!(next == known, "another next committee than the one that is known");
        }
        let indices = indices_at(network, attested.slot)?;
        let next = proven(next, &update.next_sync_committee_branch, indices.next_committee)?;
        Ok(checks::check_next_committee(&indices, attested, &next)?)
    }

    /// `apply_light_client_update`.
    fn apply(&mut self, network: &Network, update: &LightClientUpdate) -> Result<()> {
        let (mine, finalized) = (self.period(network), update.finalized_header.beacon.slot);
        let next = update
            .has_next_committee()
            .then(|| update.next_sync_committee.clone());
        let period = network.period_of(finalized);
        if self.next.is_none() {
            ensure!(
                period == mine,
                "finalizes period {period} before the committee after {mine} is known"
            );
            self.next = next;
        } else if Some(period) == mine.next() {
            self.current = self.next.take().context("the next committee is known")?;
            self.next = next;
            self.signers_max_before = self.signers_max;
            self.signers_max = 0;
        }
        if finalized > self.finalized.beacon.slot {
            self.finalized = update.finalized_header.clone();
            if self.finalized.beacon.slot > self.optimistic.beacon.slot {
                self.optimistic = self.finalized.clone();
            }
        }
        Ok(())
    }

    fn period(&self, network: &Network) -> ethereum::Period {
        network.period_of(self.finalized.beacon.slot)
    }
}

/// How an update says that it carries no next committee.
fn no_committee(chain: &Chain, slot: Slot) -> Result<(SyncCommittee, Vec<B256>)> {
    let seats = usize::try_from(chain.network.committee_size())?;
    let zero = ethereum::spec::PublicKey::ZERO;
    let committee = SyncCommittee {
        pubkeys: vec![zero; seats],
        aggregate_pubkey: zero,
    };
    let depth = indices_at(&chain.network, slot)?.next_committee.ilog2() as usize;
    Ok((committee, vec![B256::ZERO; depth]))
}
