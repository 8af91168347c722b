//! `Ask::Update`: the compact updates that move a client of this chain to a height.
//!
//! Decides which updates of the beacon node are needed: one for each committee period that the client does not know yet,
//! then the newest finality. Each is folded into the compact form, for which the committee that signed is needed in full.
//!
//! The law is asked before the plan is handed on, so that another endpoint is asked where this one shows what it refuses.
//!
//! What this module must never do: change what was signed. Whether the result is true is the light client's verdict.

use crate::anchors::Anchor;
use crate::beacon::{Beacon, anchor_of};
use crate::committees::{commitment_of, not_known};
use crate::evm::{Evm, not_final};
use crate::proofs;
use alloy_primitives::B256;
use chain::{ClientUpdate, Fault, NotYet, UpdatePlan};
use client::{Advance, Status};
use endpoints::Complaint;
use ethereum::spec::{LightClientFinalityUpdate, LightClientUpdate, SyncAggregate, SyncCommittee};
use ethereum::{Blst, Network, Period, Slot, Trusted, Update};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

mod shown;

pub(crate) use shown::{finality_of, rotation_of};

/// Periods caught up in one plan; the rest follows in the next one. Bound: the size of a transaction.
const PERIODS_MAX: u64 = 8;
/// Updates that are remembered: more than a day of epochs.
const SEEN_MAX: usize = 256;

/// A finality update that was read, with the number of seats that signed it.
#[derive(Clone, Debug)]
pub(crate) struct Finality {
    pub(crate) update: LightClientFinalityUpdate,
    pub(crate) signers: u32,
}

impl Finality {
    pub(crate) fn read(network: &Network, update: LightClientFinalityUpdate) -> Result<Self, Complaint> {
        let signers = count(network, &update.sync_aggregate)?;
        Ok(Self { update, signers })
    }

    pub(crate) fn slot(&self) -> Slot {
        self.update.finalized_header.beacon.slot
    }

    pub(crate) fn anchor(&self, network: &Network) -> Result<Anchor, Complaint> {
        anchor_of(network, &self.update.finalized_header)
    }

    fn suffices(&self, network: &Network) -> bool {
        suffices(self.signers, network)
    }
}

/// Updates that finalized something, the newest slots of them: nodes forget them soon.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<BTreeMap<Slot, Finality>>);

impl Seen {
    /// - `is_checked`: the law took it, so it counts more than what was only shown.
    fn put(&self, finality: &Finality, is_checked: bool) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_checked || !seen.contains_key(&finality.slot()) {
            seen.insert(finality.slot(), finality.clone());
        }
        if seen.len() > SEEN_MAX {
            seen.pop_first();
        }
    }

    /// That of the epoch whose checkpoint a finalized block at `slot` is. An honest chain has one.
    fn of_checkpoint(&self, network: &Network, slot: Slot) -> Option<Finality> {
        let (seen, epoch) = (
            self.0.lock().unwrap_or_else(PoisonError::into_inner),
            network.checkpoint_of(slot),
        );
        let mut found = seen
            .values()
            .filter(|held| network.checkpoint_of(held.slot()) == epoch);
        found.next_back().cloned()
    }
}

impl Evm {
    /// Keeps `finality` if it serves a light client better than the one that is kept: newer, or the same with more
    /// signers, which makes it cheaper on chain. Nodes forget a well signed update as soon as a newer one is there.
    ///
    /// Only of a block that an execution endpoint has: what is kept is preferred to what is newer.
    pub(crate) fn note(&self, network: &Network, finality: Finality) {
        if !finality.suffices(network) {
            return;
        }
        self.seen.put(&finality, false);
        let mut best = self.best.lock().unwrap_or_else(PoisonError::into_inner);
        let better = match &*best {
            Some(held) => (finality.slot(), finality.signers) > (held.slot(), held.signers),
            None => true,
        };
        if better {
            *best = Some(finality);
        }
    }

    /// The best signed finality of at least `to`, from memory or else from `beacon`.
    ///
    /// Memory first, and not only to save a request: what was noted with the head that `to` came from was signed before
    /// the host's newest block, while the newest signature there is may lie in the host's future for another slot.
    async fn finality(&self, beacon: &Beacon, network: &Network, to: Slot) -> Result<Finality, Complaint> {
        if let Some(held) = self.noted(to) {
            return Ok(held);
        }
        let fresh = beacon.finality_update(network).await?;
        if fresh.slot() < to {
            return Err(not_final(to, fresh.anchor(network)?.finalized()).into());
        }
        if !fresh.suffices(network) {
            return Err(too_few(fresh.signers, network).into());
        }
        Ok(fresh)
    }

    /// Forgets what was read of slots.
    pub(crate) fn forget_slots(&self) {
        self.forget_best();
        self.anchors.clear();
    }

    fn forget_best(&self) {
        *self.best.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is kept, if it reaches `to`.
    fn noted(&self, to: Slot) -> Option<Finality> {
        let held = self.best.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| held.slot() >= to)
    }
}

/// The updates that move a client that trusts `trusted` to at least `to`.
pub(crate) async fn plan(evm: &Evm, trusted: &Trusted, to: Slot) -> Result<UpdatePlan, Fault> {
    if trusted.newest >= to {
        let reached = evm.anchor(trusted.newest).await?.finalized();
        return Ok(UpdatePlan {
            updates: Vec::new(),
            reached,
        });
    }
    let network = &*evm.network().await?;
    let planned = evm.on_beacon(|beacon| async move {
        let mut plan = Plan::new(evm, network, trusted);
        let finality = evm.finality(&beacon, network, to).await?;
        let signed_in = network.period_of(finality.update.signature_slot);
        plan.catch_up(&beacon, signed_in).await?;
        if plan.knows(signed_in) {
            plan.add_finality(&beacon, &finality).await?;
        }
        plan.check(&beacon, trusted)?;
        if plan.reached.is_some() {
            evm.seen.put(&finality, true);
            evm.note(network, finality);
        }
        plan.finish(trusted.newest).await
    });
    planned.await
}

/// Updates in the making.
struct Plan<'a> {
    evm: &'a Evm,
    network: &'a Network,
    /// Commitments that the client will hold, by period.
    known: BTreeMap<Period, B256>,
    updates: Vec<ClientUpdate>,
    reached: Option<Anchor>,
}

impl<'a> Plan<'a> {
    fn new(evm: &'a Evm, network: &'a Network, trusted: &Trusted) -> Self {
        let known = trusted
            .committees()
            .map(|held| (held.period, held.commitment))
            .collect();
        Self {
            evm,
            network,
            known,
            updates: Vec::new(),
            reached: None,
        }
    }

    fn knows(&self, period: Period) -> bool {
        self.known.contains_key(&period)
    }

    /// Adds one update for each period whose committee the client needs, up to that of `signed_in`.
    async fn catch_up(&mut self, beacon: &Beacon, signed_in: Period) -> Result<(), Complaint> {
        let Some(mut newest) = self.known.keys().next_back().copied() else {
            return Err(Fault::NotYet(NotYet::Period { period: signed_in.0 }).into());
        };
        let missing = signed_in.0.saturating_sub(newest.0).min(PERIODS_MAX);
        if missing == 0 {
            return Ok(());
        }
        let updates = beacon.updates(self.network, newest, missing).await?;
        if updates.is_empty() {
            return Err(Fault::NotYet(NotYet::Period { period: newest.0 }).into());
        }
        for update in &updates {
            self.add_rotation(beacon, update).await?;
            newest = Period(newest.0.saturating_add(1));
            let commitment = commitment_of(newest, &update.next_sync_committee)
                .ok_or_else(|| Complaint::malformed("the next committee's aggregate key is no point"))?;
            self.evm
                .committees
                .offer(newest, commitment, &update.next_sync_committee);
            self.known.insert(newest, commitment);
        }
        Ok(())
    }

    async fn add_rotation(&mut self, beacon: &Beacon, update: &LightClientUpdate) -> Result<(), Complaint> {
        let period = self.network.period_of(update.attested_header.beacon.slot);
        let finalized = self.network.period_of(update.finalized_header.beacon.slot);
        let not_yet = || Complaint::from(Fault::NotYet(NotYet::Period { period: period.0 }));
        // A committee is learned only where attested and finalized header share a period; until the node has such an
        // update there is none for this purpose.
        if !update.has_finality() || !update.has_next_committee() || finalized != period {
            return Err(not_yet());
        }
        let signers = count(self.network, &update.sync_aggregate)?;
        if !suffices(signers, self.network) {
            return Err(too_few(signers, self.network).into());
        }
        let committee = self
            .signers_of(beacon, update.signature_slot, update.finalized_header.beacon.slot)
            .await?;
        // It teaches the committee only: its state may be older than the router, or than what the node can still prove.
        const NO_ACCOUNT: [&[u8]; 0] = [];
        let compact = ethereum::spec::compact_update(&Blst, self.network, update, &committee, &NO_ACCOUNT);
        self.add(beacon, compact)
    }

    async fn add_finality(&mut self, beacon: &Beacon, finality: &Finality) -> Result<(), Complaint> {
        let committee = self
            .signers_of(beacon, finality.update.signature_slot, finality.slot())
            .await?;
        let anchor = finality.anchor(self.network)?;
        let account = self.account_proof(&anchor).await?;
        let compact = ethereum::spec::compact_finality_update(
            &Blst,
            self.network,
            &finality.update,
            &committee,
            &[account],
        );
        self.add(beacon, compact)?;
        self.evm.anchors.put(anchor);
        self.reached = Some(anchor);
        Ok(())
    }

    fn add(&mut self, beacon: &Beacon, compact: Result<Update, ethereum::Reject>) -> Result<(), Complaint> {
        let update = compact.map_err(|reject| self.refused(beacon, &reject))?;
        self.updates.push(ClientUpdate::Ethereum(update));
        Ok(())
    }

    /// What `beacon` shows is none that a light client takes. It may have been another endpoint's, and remembered.
    fn refused(&self, beacon: &Beacon, reject: &ethereum::Reject) -> Complaint {
        self.evm.forget_best();
        beacon
            .0
            .doubted(format!("the light client refuses an update: {reject}"))
    }

    /// The committee that signs at `slot`, in full.
    async fn signers_of(
        &self,
        beacon: &Beacon,
        slot: Slot,
        hint: Slot,
    ) -> Result<std::sync::Arc<SyncCommittee>, Complaint> {
        let period = self.network.period_of(slot);
        let commitment = self
            .known
            .get(&period)
            .copied()
            .ok_or(Fault::NotYet(NotYet::Period { period: period.0 }))?;
        let committees = &self.evm.committees;
        let shown = committees
            .fetch(beacon, self.network, period, commitment, hint)
            .await?;
        shown.ok_or_else(|| Complaint::malformed(not_known(period, commitment)))
    }

    async fn account_proof(&self, anchor: &Anchor) -> Result<Vec<u8>, Complaint> {
        let router = self.evm.settings.router;
        let proof = self
            .evm
            .on_rpc(|rpc| async move { proofs::prove_account(&rpc, router, anchor).await });
        // One of them may be wrong about this block: with another beacon endpoint it may fit.
        proof.await.map_err(Complaint::together)
    }

    /// An endpoint that shows what the light client refuses is told from one that does not, so that another is asked. What
    /// counts is the light client's own verdict, at the host's time.
    fn check(&self, beacon: &Beacon, trusted: &Trusted) -> Result<(), Complaint> {
        let mut trusted = trusted.clone();
        for update in &self.updates {
            let ClientUpdate::Ethereum(update) = update else {
                continue;
            };
            let signed = self.network.time_of(update.signature_slot);
            let Some(now) = signed.filter(|now| ethereum::status(&trusted, *now) == Status::Active) else {
                return Ok(());
            };
            match ethereum::verify_update(&Blst, &trusted, update, now) {
                Ok(Advance::Updated(next)) => trusted = next,
                Ok(Advance::NoOp) => {}
                // A contradiction is for the client to see.
                Ok(Advance::Misbehaviour(_)) => return Ok(()),
                Err(reject) => return Err(self.refused(beacon, &reject)),
            }
        }
        Ok(())
    }

    /// The plan and where it ends; a client whose plan only teaches it committees stays at `newest`.
    async fn finish(self, newest: Slot) -> Result<UpdatePlan, Complaint> {
        let reached = match self.reached {
            Some(anchor) => anchor,
            None => self.evm.anchor(newest).await?,
        };
        Ok(UpdatePlan {
            updates: self.updates,
            reached: reached.finalized(),
        })
    }
}

/// How many seats signed.
fn count(network: &Network, aggregate: &SyncAggregate) -> Result<u32, Complaint> {
    let bits = &aggregate.sync_committee_bits;
    let size = network.committee_size();
    if u32::try_from(bits.len())
        .ok()
        .and_then(|bytes| bytes.checked_mul(8))
        != Some(size)
    {
        return Err(Complaint::malformed(format!(
            "{} bytes of sync bits for {size} seats",
            bits.len()
        )));
    }
    Ok(bits.iter().map(|byte| byte.count_ones()).sum())
}

/// Spec: LC-ETH two thirds; the same comparison as the light client's.
fn suffices(signers: u32, network: &Network) -> bool {
    u64::from(signers) * 3 >= u64::from(network.committee_size()) * 2
}

fn too_few(signers: u32, network: &Network) -> Fault {
    Fault::NotYet(NotYet::Participation {
        signers,
        size: network.committee_size(),
    })
}
