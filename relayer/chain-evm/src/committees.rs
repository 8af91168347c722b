//! Full sync committees, which are needed to open the seats that did not sign.
//!
//! A client holds one hash of each committee. The 512 keys are asked of the beacon node and only used when they hash to
//! what the client holds, so that it does not matter who answers.
//!
//! What this module must never do: hand out a committee that was not compared with a commitment.

use crate::beacon::Beacon;
use alloy_primitives::B256;
use endpoints::Complaint;
use ethereum::spec::SyncCommittee;
use ethereum::{Bls, Blst, Committee, Network, Period, Slot};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Committees remembered at most; one takes 25 KiB.
const COMMITTEES_MAX: usize = 16;

/// Committees by the commitment that they were compared with.
#[derive(Debug, Default)]
pub(crate) struct Committees(Mutex<BTreeMap<B256, (Period, Arc<SyncCommittee>)>>);

impl Committees {
    /// The committee of `period` whose commitment is `commitment`, from memory.
    pub(crate) fn get(&self, commitment: B256) -> Option<Arc<SyncCommittee>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&commitment).map(|(_, committee)| committee.clone())
    }

    /// Remembers `committee` if it is the one of `commitment`; says whether it is.
    pub(crate) fn offer(&self, period: Period, commitment: B256, committee: &SyncCommittee) -> bool {
        if commitment_of(period, committee) != Some(commitment) {
            return false;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(commitment, (period, Arc::new(committee.clone())));
        while known.len() > COMMITTEES_MAX {
            let oldest = known
                .iter()
                .min_by_key(|(_, (period, _))| *period)
                .map(|(key, _)| *key);
            match oldest {
                Some(key) => known.remove(&key),
                None => break,
            };
        }
        true
    }

    /// The committee of `period` whose commitment is `commitment`, asked of `beacon` when it is not remembered; none if it shows no such
    /// committee.
    ///
    /// - `hint`: a finalized slot, in whose state the committee stands if the slot is in `period`.
    pub(crate) async fn fetch(
        &self,
        beacon: &Beacon,
        network: &Network,
        period: Period,
        commitment: B256,
        hint: Slot,
    ) -> Result<Option<Arc<SyncCommittee>>, Complaint> {
        if let Some(committee) = self.get(commitment) {
            return Ok(Some(committee));
        }
        if network.period_of(hint) == period
            && let Some(header) = beacon.header_at(hint).await?
            && let Some(bootstrap) = beacon.bootstrap(network, header.root).await?
            && self.offer(period, commitment, &bootstrap.current_sync_committee)
        {
            return Ok(self.get(commitment));
        }
        if let Some(before) = period.0.checked_sub(1) {
            for update in &beacon.updates(network, Period(before), 1).await? {
                self.offer(period, commitment, &update.next_sync_committee);
            }
        }
        Ok(self.get(commitment))
    }
}

/// The hash under which a client holds `committee`; none when its aggregate is no point.
pub(crate) fn commitment_of(period: Period, committee: &SyncCommittee) -> Option<B256> {
    let aggregate = Blst
        .decompress_keys(&[committee.aggregate_pubkey.0])?
        .first()
        .copied()?;
    Some(
        Committee {
            aggregate,
            pubkeys_root: committee.pubkeys_root(),
        }
        .commitment(period),
    )
}

pub(crate) fn not_known(period: Period, commitment: B256) -> String {
    format!("it shows no committee of period {period} with the commitment {commitment} that the client holds")
}
