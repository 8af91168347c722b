//! From the full objects to the compact forms that clients judge.
//!
//! Whoever does this need not be trusted: the compact form carries every proof. What is left out here is only what
//! a bridge has no use for (the attested block's execution header), or may not learn (a next committee when attested
//! and finalized header lie in different periods).

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader, LightClientUpdate, SyncAggregate,
    SyncCommittee,
};
use crate::bls::Bls;
use crate::committee::Committee;
use crate::network::Network;
use crate::reject::Reject;
use crate::seats;
use crate::units::Slot;
use crate::update::{Absentees, Bootstrap, Execution, ProvenCommittee, Update};

/// The compact form of `update`.
///
/// - `committee`: the committee of the signature slot's period.
/// - `account_proof`: RLP nodes from the finalized execution state root to the router's account.
///
/// # Errors
/// [`Reject::Malformed`] or [`Reject::BadPoint`] if an object has the wrong size or a key is none.
pub fn compact_update(
    bls: &impl Bls,
    network: &Network,
    update: &LightClientUpdate,
    committee: &SyncCommittee,
    account_proof: &[impl AsRef<[u8]>],
) -> Result<Update, Reject> {
    let attested = network.period_of(update.attested_header.beacon.slot);
    let finalized = network.period_of(update.finalized_header.beacon.slot);
    let next = if update.has_next_committee() && attested == finalized {
        let committee = update.next_sync_committee.commit(bls)?;
        Some(ProvenCommittee {
            committee,
            branch: update.next_sync_committee_branch.clone(),
        })
    } else {
        None
    };
    let parts = Parts {
        attested: &update.attested_header,
        finalized: &update.finalized_header,
        finality_branch: &update.finality_branch,
        aggregate: &update.sync_aggregate,
        signature_slot: update.signature_slot,
        next,
    };
    parts.compact(bls, network, committee, account_proof)
}

/// The compact form of `update`, which carries no committee.
///
/// # Errors
/// As [`compact_update`], whose other arguments it shares.
pub fn compact_finality_update(
    bls: &impl Bls,
    network: &Network,
    update: &LightClientFinalityUpdate,
    committee: &SyncCommittee,
    account_proof: &[impl AsRef<[u8]>],
) -> Result<Update, Reject> {
    let parts = Parts {
        attested: &update.attested_header,
        finalized: &update.finalized_header,
        finality_branch: &update.finality_branch,
        aggregate: &update.sync_aggregate,
        signature_slot: update.signature_slot,
        next: None,
    };
    parts.compact(bls, network, committee, account_proof)
}

/// The compact form of `bootstrap`.
///
/// - `account_proof`: RLP nodes from its execution state root to the router's account.
///
/// # Errors
/// [`Reject::Malformed`], [`Reject::BadPoint`].
pub fn compact_bootstrap(
    bls: &impl Bls,
    bootstrap: &LightClientBootstrap,
    account_proof: &[impl AsRef<[u8]>],
) -> Result<Bootstrap, Reject> {
    Ok(Bootstrap {
        header: bootstrap.header.beacon,
        current: ProvenCommittee {
            committee: bootstrap.current_sync_committee.commit(bls)?,
            branch: bootstrap.current_sync_committee_branch.clone(),
        },
        execution: execution(&bootstrap.header)?,
        account_proof: concatenate(account_proof),
    })
}

/// What all kinds of updates have.
struct Parts<'a> {
    attested: &'a LightClientHeader,
    finalized: &'a LightClientHeader,
    finality_branch: &'a [B256],
    aggregate: &'a SyncAggregate,
    signature_slot: Slot,
    next: Option<ProvenCommittee>,
}

impl Parts<'_> {
    fn compact(
        self,
        bls: &impl Bls,
        network: &Network,
        committee: &SyncCommittee,
        account_proof: &[impl AsRef<[u8]>],
    ) -> Result<Update, Reject> {
        let signers = self.aggregate.sync_committee_bits.to_vec();
        if signers.len() != seats::bytes(network) {
            return Err(Reject::Malformed {
                part: "the sync bits",
            });
        }
        let absentees = committee.open_absent(bls, &signers)?;
        let signature = bls
            .decompress_signature(&self.aggregate.sync_committee_signature.0)
            .ok_or(Reject::BadPoint {
                part: "the signature",
            })?;
        Ok(Update {
            signature_slot: self.signature_slot,
            attested: self.attested.beacon,
            finalized: self.finalized.beacon,
            execution: execution(self.finalized)?,
            signers,
            signature,
            committee: committee.commit(bls)?,
            finality_branch: self.finality_branch.to_vec(),
            next: self.next,
            absentees,
            account_proof: concatenate(account_proof),
        })
    }
}

impl SyncCommittee {
    /// The committee as aggregate and root.
    ///
    /// # Errors
    /// [`Reject::BadPoint`] if the aggregate is no point.
    pub fn commit(&self, bls: &impl Bls) -> Result<Committee, Reject> {
        let keys = bls.decompress_keys(&[self.aggregate_pubkey.0]);
        let aggregate = keys.and_then(|keys| keys.first().copied());
        let aggregate = aggregate.ok_or(Reject::BadPoint {
            part: "the committee's aggregate",
        })?;
        Ok(Committee {
            aggregate,
            pubkeys_root: self.pubkeys_root(),
        })
    }

    /// The keys whose bits are not set in `signers`, with their multiproof.
    ///
    /// # Errors
    /// [`Reject::Malformed`] if there are more bits than keys, [`Reject::BadPoint`] if a key is no point.
    pub fn open_absent(&self, bls: &impl Bls, signers: &[u8]) -> Result<Absentees, Reject> {
        let seats = seats::absent(signers);
        if seats.is_empty() {
            return Ok(Absentees::default());
        }
        let malformed = Reject::Malformed {
            part: "the signing committee",
        };
        let key_at = |seat: &u64| self.pubkeys.get(usize::try_from(*seat).ok()?).map(|key| key.0);
        let keys: Option<Vec<[u8; 48]>> = seats.iter().map(key_at).collect();
        let keys = keys.ok_or(malformed.clone())?;
        let depth = self.pubkeys.len().trailing_zeros();
        let siblings = merkle::ssz::multiproof_siblings(depth, &self.key_roots(), &seats);
        Ok(Absentees {
            keys: bls.decompress_keys(&keys).ok_or(Reject::BadPoint {
                part: "an absent key",
            })?,
            siblings: siblings.map_err(|_| malformed)?,
        })
    }
}

/// The execution state root with its branch: up to the payload's root, then up to the body root.
fn execution(header: &LightClientHeader) -> Result<Execution, Reject> {
    let mut branch = header.execution.state_root_branch();
    branch.extend_from_slice(&header.execution_branch);
    let branch = branch.try_into().map_err(|_| Reject::Malformed {
        part: "the execution branch",
    })?;
    Ok(Execution {
        state_root: header.execution.state_root,
        branch,
    })
}

fn concatenate(nodes: &[impl AsRef<[u8]>]) -> Vec<u8> {
    nodes.iter().flat_map(|node| node.as_ref()).copied().collect()
}
