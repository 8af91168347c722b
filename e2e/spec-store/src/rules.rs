//! Rules of the specification about single objects, over the checks of the law.

use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use ethereum::checks;
use ethereum::spec::{LightClientHeader, LightClientUpdate, SyncAggregate, SyncCommittee};
use ethereum::ssz::merkleize;
use ethereum::{Bls, Blst, EXECUTION_PAYLOAD_GINDEX, Header, Indices, Network, ProvenCommittee, Slot};

use crate::chain::Chain;

/// `is_valid_light_client_header`: the execution header is the one in the beacon block.
///
/// # Errors
/// It is not.
pub fn check_header(chain: &Chain, header: &LightClientHeader) -> Result<()> {
    let network = &chain.network;
    let epoch = network.epoch_of(header.beacon.slot);
    if epoch < chain.capella() {
        let nothing = LightClientHeader {
            beacon: header.beacon,
            ..LightClientHeader::default()
        };
        ensure!(*header == nothing, "an execution header before Capella");
        return Ok(());
    }
    if network.forks().at(epoch).is_err() {
        let execution = &header.execution;
        ensure!(
            execution.blob_gas_used == 0 && execution.excess_blob_gas == 0,
            "blob gas before Deneb"
        );
    }
    let root = execution_root(chain, header);
    let is_there = checks::is_branch(
        root,
        EXECUTION_PAYLOAD_GINDEX,
        &header.execution_branch,
        header.beacon.body_root,
    );
    ensure!(
        is_there,
        "execution header {root} is not in body {}",
        header.beacon.body_root
    );
    Ok(())
}

/// `get_lc_execution_root`: the root of the execution header in the shape of its own fork.
pub(crate) fn execution_root(chain: &Chain, header: &LightClientHeader) -> B256 {
    let epoch = chain.network.epoch_of(header.beacon.slot);
    if epoch < chain.capella() {
        return B256::ZERO;
    }
    match chain.network.forks().at(epoch) {
        Ok(_) => header.execution.root(),
        // Capella: the same fields without the last two.
        Err(_) => merkleize(&header.execution.leaves()[..15], 4),
    }
}

/// `committee` signed `attested` as `aggregate` says.
pub(crate) fn check_signature(
    network: &Network,
    committee: &SyncCommittee,
    attested: &Header,
    aggregate: &SyncAggregate,
    signature_slot: Slot,
) -> Result<()> {
    let bits = &aggregate.sync_committee_bits;
    let compact = committee.commit(&Blst)?;
    let absent = committee.open_absent(&Blst, bits)?;
    checks::check_absentees(compact.pubkeys_root, network.committee_size(), bits, &absent)?;
    let key = checks::signers_key(&Blst, &compact.aggregate, &absent.keys)?;
    let root = checks::signing_root(network, attested, signature_slot)?;
    let signature = Blst.decompress_signature(&aggregate.sync_committee_signature.0);
    checks::check_signature(
        &Blst,
        &key,
        root,
        &signature.context("the signature is no point")?,
    )?;
    Ok(())
}

/// The finalized header is that of the attested state, or there is none.
pub(crate) fn check_finality(chain: &Chain, update: &LightClientUpdate) -> Result<()> {
    let (attested, finalized) = (&update.attested_header.beacon, &update.finalized_header);
    if !update.has_finality() {
        ensure!(
            *finalized == LightClientHeader::default(),
            "a finalized header without a branch"
        );
        return Ok(());
    }
    let root = if finalized.beacon.slot == Slot(0) {
        ensure!(
            *finalized == LightClientHeader::default(),
            "a finalized header at genesis"
        );
        B256::ZERO
    } else {
        check_header(chain, finalized).context("finalized header")?;
        finalized.beacon.root()
    };
    let indices = indices_at(&chain.network, attested.slot)?;
    let branch = normalized(&update.finality_branch, indices.finality)?;
    Ok(checks::check_finality(&indices, attested, root, branch)?)
}

/// The indices of the fork that holds at `slot`.
pub(crate) fn indices_at(network: &Network, slot: Slot) -> Result<Indices> {
    Ok(network.forks().indices(network.epoch_of(slot))?)
}

/// `is_valid_normalized_merkle_branch`: an object of a later fork has room for deeper branches, filled up with zeros
/// in front.
pub(crate) fn normalized(branch: &[B256], gindex: u64) -> Result<&[B256]> {
    let extra = branch
        .len()
        .checked_sub(gindex.ilog2() as usize)
        .context("a branch that is too short")?;
    let (front, rest) = branch.split_at(extra);
    ensure!(front.iter().all(B256::is_zero), "a branch that is too long");
    Ok(rest)
}

/// A committee with its branch, as the law takes it.
pub(crate) fn proven(committee: &SyncCommittee, branch: &[B256], gindex: u64) -> Result<ProvenCommittee> {
    Ok(ProvenCommittee {
        committee: committee.commit(&Blst)?,
        branch: normalized(branch, gindex)?.to_vec(),
    })
}
