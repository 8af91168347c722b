//! The single checks, each a function that says which rule it is.
//!
//! `verify` calls them in the order of [`Reject`]; so does the Solidity contract. They are public because
//! the consensus specification's own store (test-only) is built over the same functions.
//! Consensus specification: Altair to Fulu light client, "Sync protocol".

use alloc::vec::Vec;

use alloy_primitives::B256;
use merkle::ssz::{Leaf, multiproof_root};
use wire::Seconds;

use crate::bls::{Bls, Sum, Verdict};
use crate::committee::Committee;
use crate::header::Header;
use crate::network::{EXECUTION_STATE_ROOT_GINDEX, Indices, Network};
use crate::points::{G1, G2};
use crate::reject::Reject;
use crate::seats;
use crate::ssz;
use crate::units::Slot;
use crate::update::{Absentees, Execution, ProvenCommittee};

/// `DOMAIN_SYNC_COMMITTEE` of the consensus specification.
const DOMAIN_SYNC_COMMITTEE: [u8; 4] = [7, 0, 0, 0];

/// The clock has reached `slot`.
///
/// # Errors
/// [`Reject::FromTheFuture`].
pub fn check_not_future(network: &Network, slot: Slot, now: Seconds) -> Result<(), Reject> {
    let current = network.slot_at(now);
    let begun = network.time_of(slot).is_some_and(|start| start <= now);
    if begun {
        Ok(())
    } else {
        Err(Reject::FromTheFuture {
            signed: slot,
            current,
        })
    }
}

/// `signature > attested >= finalized`.
///
/// # Errors
/// [`Reject::SlotOrder`].
pub fn check_slot_order(signature: Slot, attested: Slot, finalized: Slot) -> Result<(), Reject> {
    if signature > attested && attested >= finalized {
        return Ok(());
    }
    Err(Reject::SlotOrder {
        signature,
        attested,
        finalized,
    })
}

/// At least two thirds of the seats signed.
///
/// # Errors
/// [`Reject::NotEnoughSigners`].
pub fn check_two_thirds(signers: u32, size: u32) -> Result<(), Reject> {
    if u64::from(signers).saturating_mul(3) >= u64::from(size).saturating_mul(2) {
        return Ok(());
    }
    Err(Reject::NotEnoughSigners { signers, size })
}

/// `finalized` is the finalized checkpoint of the state of `attested`.
///
/// # Errors
/// [`Reject::FinalityBranch`].
pub fn check_finality(
    indices: &Indices,
    attested: &Header,
    finalized: B256,
    branch: &[B256],
) -> Result<(), Reject> {
    let state_root = attested.state_root;
    if is_branch(finalized, indices.finality, branch, state_root) {
        return Ok(());
    }
    Err(Reject::FinalityBranch {
        finalized,
        state_root,
    })
}

/// `execution` is the execution state in the block of `header`.
///
/// # Errors
/// [`Reject::ExecutionBranch`].
pub fn check_execution(header: &Header, execution: &Execution) -> Result<(), Reject> {
    let (root, body_root) = (execution.state_root, header.body_root);
    if is_branch(root, EXECUTION_STATE_ROOT_GINDEX, &execution.branch, body_root) {
        return Ok(());
    }
    Err(Reject::ExecutionBranch {
        execution: root,
        body_root,
    })
}

/// `current` is the current sync committee in the state of `header`.
///
/// # Errors
/// [`Reject::BadPoint`], [`Reject::CommitteeBranch`].
pub fn check_current_committee(
    indices: &Indices,
    header: &Header,
    current: &ProvenCommittee,
) -> Result<(), Reject> {
    let (committee, state_root) = (current.committee.root()?, header.state_root);
    if is_branch(committee, indices.current_committee, &current.branch, state_root) {
        return Ok(());
    }
    Err(Reject::CommitteeBranch {
        committee,
        state_root,
    })
}

/// `next` is the next sync committee in the state of `attested`.
///
/// # Errors
/// [`Reject::BadPoint`], [`Reject::NextCommitteeBranch`].
pub fn check_next_committee(
    indices: &Indices,
    attested: &Header,
    next: &ProvenCommittee,
) -> Result<(), Reject> {
    let (committee, state_root) = (next.committee.root()?, attested.state_root);
    if is_branch(committee, indices.next_committee, &next.branch, state_root) {
        return Ok(());
    }
    Err(Reject::NextCommitteeBranch {
        committee,
        state_root,
    })
}

/// The committee's aggregate is a point, so that what is stored of it can be used later.
///
/// # Errors
/// [`Reject::BadPoint`].
pub fn check_aggregate(bls: &impl Bls, committee: &Committee) -> Result<(), Reject> {
    if bls.is_on_curve(&committee.aggregate) {
        return Ok(());
    }
    Err(Reject::BadPoint {
        part: "the committee's aggregate",
    })
}

/// What the committee of `signature_slot` signs to attest `header`.
///
/// The fork is that of the slot before the signature's: the block that carries the signature may be
/// the first of a fork, its committee signed one slot earlier.
///
/// # Errors
/// [`Reject::UnknownFork`].
pub fn signing_root(network: &Network, header: &Header, signature_slot: Slot) -> Result<B256, Reject> {
    let fork = network.forks().at(network.epoch_of(signature_slot.before()))?;
    Ok(signing_root_with(
        fork.version,
        network.genesis_validators_root(),
        header.root(),
    ))
}

/// What is signed under fork `version` of the chain with `genesis_validators_root` over `object`.
#[must_use]
pub fn signing_root_with(version: [u8; 4], genesis_validators_root: B256, object: B256) -> B256 {
    let fork_data = ssz::hash_pair(B256::right_padding_from(&version), genesis_validators_root);
    let mut domain = [0; 32];
    for (to, from) in domain
        .iter_mut()
        .zip(DOMAIN_SYNC_COMMITTEE.iter().chain(fork_data.iter()))
    {
        *to = *from;
    }
    ssz::hash_pair(object, B256::from(domain))
}

/// The absent keys are those of the seats that did not sign.
///
/// # Errors
/// [`Reject::BadPoint`] for a key without compressed form, [`Reject::AbsenteeProof`].
pub fn check_absentees(
    pubkeys_root: B256,
    size: u32,
    signers: &[u8],
    absentees: &Absentees,
) -> Result<(), Reject> {
    let seats = seats::absent(signers);
    if seats.len() != absentees.keys.len() {
        return Err(Reject::AbsenteeProof { pubkeys_root });
    }
    if seats.is_empty() && absentees.siblings.is_empty() {
        return Ok(());
    }
    let leaves: Option<Vec<Leaf>> = seats
        .into_iter()
        .zip(&absentees.keys)
        .map(|(index, key)| {
            Some(Leaf {
                index,
                node: ssz::key_root(&key.compress()?),
            })
        })
        .collect();
    let leaves = leaves.ok_or(Reject::BadPoint {
        part: "an absent key",
    })?;
    match multiproof_root(size.trailing_zeros(), &leaves, &absentees.siblings) {
        Ok(root) if root == pubkeys_root => Ok(()),
        Ok(_) | Err(_) => Err(Reject::AbsenteeProof { pubkeys_root }),
    }
}

/// The sum of the signers' keys: the aggregate without the absent.
///
/// # Errors
/// [`Reject::BadPoint`], [`Reject::AggregateAtInfinity`].
pub fn signers_key(bls: &impl Bls, aggregate: &G1, absent: &[G1]) -> Result<G1, Reject> {
    match bls.subtract(aggregate, absent) {
        Some(Sum::Point(key)) => Ok(key),
        Some(Sum::Infinity) => Err(Reject::AggregateAtInfinity),
        None => Err(Reject::BadPoint {
            part: "an aggregate or absent key",
        }),
    }
}

/// `signature` was made with `key` over `signing_root`.
///
/// # Errors
/// [`Reject::BadPoint`], [`Reject::BadSignature`].
pub fn check_signature(bls: &impl Bls, key: &G1, signing_root: B256, signature: &G2) -> Result<(), Reject> {
    match bls.verify(key, &signing_root, signature) {
        Verdict::Valid => Ok(()),
        Verdict::Mismatch => Err(Reject::BadSignature { signing_root }),
        Verdict::BadPoint => Err(Reject::BadPoint {
            part: "the key or signature",
        }),
    }
}

/// Whether `branch` leads from `leaf` at `gindex` to `root`, with exactly as many nodes as that takes.
#[must_use]
pub fn is_branch(leaf: B256, gindex: u64, branch: &[B256], root: B256) -> bool {
    merkle::ssz::check_branch(leaf, gindex, branch, root).is_ok()
}
