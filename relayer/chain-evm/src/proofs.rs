//! `Ask::Prove`, `Ask::Lookup` and account proofs: what the router's storage holds, with and without proof.
//!
//! Every proof is checked against the execution state root of its slot before it is handed on, so that an endpoint that
//! answers for another block, another account or another key is noticed here and another one is asked. That check saves
//! time; what counts is the light client's, which knows the storage root from a signed header.
//!
//! What this module must never do: hand on a proof that was not asked for, or reorder answers.

use crate::abi::Router;
use crate::anchors::Anchor;
use crate::refusal::Refusal;
use crate::rpc::{At, Call, Rpc, to_u64};
use alloy::rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use chain::{AsOf, BlockNumber, Fault, NotYet, Proof};
use endpoints::Complaint;
use merkle::mpt;
use wire::{COMMITMENTS_SLOT, Height, Path};

/// Keys in one request at most; nodes bound the work of one `eth_getProof`.
const KEYS_PER_REQUEST: usize = 64;
/// Nodes of one proof at most: 64 half-bytes of a key, and the leaf.
const NODES_MAX: usize = 65;

/// Proofs of `keys` in the storage of `router` at `anchor`, in the same order.
pub(crate) async fn prove(
    rpc: &Rpc,
    router: Address,
    anchor: &Anchor,
    keys: &[Path],
) -> Result<Vec<Proof>, Complaint> {
    let mut proofs = Vec::with_capacity(keys.len());
    for some in keys.chunks(KEYS_PER_REQUEST) {
        let slots: Vec<B256> = some.iter().map(|key| key.evm_slot(COMMITMENTS_SLOT)).collect();
        let answer = fetch(rpc, router, anchor, &slots).await?;
        let account = check_account(rpc, router, anchor, &answer)?;
        if answer.storage_proof.len() != slots.len() {
            return Err(Complaint::malformed(format!(
                "asked for {} storage proofs, got {}",
                slots.len(),
                answer.storage_proof.len()
            )));
        }
        for (slot, proof) in slots.iter().zip(&answer.storage_proof) {
            proofs.push(check_storage(account.storage_root, *slot, proof)?);
        }
    }
    Ok(proofs)
}

/// The nodes that prove the account `router` under the state root of `anchor`, concatenated.
pub(crate) async fn prove_account(rpc: &Rpc, router: Address, anchor: &Anchor) -> Result<Vec<u8>, Complaint> {
    let answer = fetch(rpc, router, anchor, &[]).await?;
    check_account(rpc, router, anchor, &answer)?;
    Ok(concatenated(&answer.account_proof))
}

/// The root of what `router` stores at `anchor`; proven.
pub(crate) async fn storage_root(rpc: &Rpc, router: Address, anchor: &Anchor) -> Result<B256, Complaint> {
    let answer = fetch(rpc, router, anchor, &[]).await?;
    Ok(check_account(rpc, router, anchor, &answer)?.storage_root)
}

/// Whether `router` exists at `anchor`; proven either way.
pub(crate) async fn account_exists(rpc: &Rpc, router: Address, anchor: &Anchor) -> Result<bool, Complaint> {
    let answer = fetch(rpc, router, anchor, &[]).await?;
    match mpt::account(anchor.state_root, router, &concatenated(&answer.account_proof)) {
        Ok(account) => Ok(account.storage_root != mpt::EMPTY_ROOT),
        Err(merkle::Reject::AccountAbsent) => Ok(false),
        Err(reject) => Err(not_of_this_block(rpc, anchor, &reject)),
    }
}

/// The values of `keys`, in the same order, without proof.
pub(crate) async fn look_up(
    rpc: &Rpc,
    router: Address,
    keys: &[Path],
    as_of: AsOf,
) -> Result<Vec<Option<B256>>, Complaint> {
    let at = match as_of {
        AsOf::Latest => At::Latest,
        AsOf::Finalized => At::Finalized,
    };
    let mut values = Vec::with_capacity(keys.len());
    for some in keys.chunks(KEYS_PER_REQUEST) {
        let calls = some
            .iter()
            .map(|key| {
                Router::getCommitmentCall {
                    hashedPath: key.evm_key(),
                }
                .abi_encode()
                .into()
            })
            .collect();
        let data = Router::multicallCall { calls }.abi_encode().into();
        let call = Call {
            from: None,
            to: Some(router),
            data,
            gas: None,
        };
        let output = rpc
            .call(&call, at)
            .await?
            .map_err(|refusal| refusal.into_complaint("eth_call"))?;
        let results = Router::multicallCall::abi_decode_returns(&output)
            .map_err(|error| Complaint::malformed(format!("multicall of getCommitment answered {error}")))?;
        if results.len() != some.len() {
            let text = format!("asked for {} commitments, got {}", some.len(), results.len());
            return Err(Complaint::malformed(text));
        }
        for result in results {
            let value = B256::try_from(result.as_ref())
                .map_err(|_| Complaint::malformed(format!("a commitment of {} bytes", result.len())))?;
            values.push((!value.is_zero()).then_some(value));
        }
    }
    Ok(values)
}

async fn fetch(
    rpc: &Rpc,
    router: Address,
    anchor: &Anchor,
    slots: &[B256],
) -> Result<EIP1186AccountProofResponse, Complaint> {
    match rpc.proof(router, slots, At::Number(anchor.block)).await? {
        Ok(answer) => Ok(answer),
        Err(refusal) => Err(why_not(rpc, anchor, refusal).await?),
    }
}

/// What a refused proof means: too old, too new, or a defect.
async fn why_not(rpc: &Rpc, anchor: &Anchor, refusal: Refusal) -> Result<Complaint, Complaint> {
    if refusal.is_pruned() {
        return Ok(Fault::Pruned {
            at: Height::of(anchor.slot),
        }
        .into());
    }
    if refusal.is_unknown_block() {
        let newest = to_u64(rpc.latest().await?.number);
        if newest < anchor.block {
            let (wanted, newest) = (BlockNumber(anchor.block), BlockNumber(newest));
            return Ok(Fault::NotYet(NotYet::Block { wanted, newest }).into());
        }
        return Ok(Fault::Pruned {
            at: Height::of(anchor.slot),
        }
        .into());
    }
    Ok(refusal.into_complaint("eth_getProof"))
}

fn check_account(
    rpc: &Rpc,
    router: Address,
    anchor: &Anchor,
    answer: &EIP1186AccountProofResponse,
) -> Result<mpt::Account, Complaint> {
    if answer.address != router {
        return Err(Complaint::malformed(format!(
            "asked for proofs of {router}, got those of {}",
            answer.address
        )));
    }
    check_length(&answer.account_proof)?;
    mpt::account(anchor.state_root, router, &concatenated(&answer.account_proof))
        .map_err(|reject| not_of_this_block(rpc, anchor, &reject))
}

fn check_storage(storage_root: B256, slot: B256, proof: &EIP1186StorageProof) -> Result<Proof, Complaint> {
    let key = proof.key.as_b256();
    if key != slot {
        return Err(Complaint::malformed(format!(
            "asked for a proof of slot {slot}, got one of {key}"
        )));
    }
    check_length(&proof.proof)?;
    let nodes = concatenated(&proof.proof);
    let proven = mpt::storage(storage_root, slot, &nodes).map_err(|reject| {
        Complaint::malformed(format!("the proof of slot {slot} does not hold: {reject}"))
    })?;
    let claimed = (!proof.value.is_zero()).then(|| B256::from(proof.value));
    let value = match proven {
        mpt::Slot::Present(value) => Some(value),
        mpt::Slot::Absent => None,
    };
    if value != claimed {
        return Err(Complaint::malformed(format!(
            "slot {slot} is said to hold {claimed:?} and proven to hold {value:?}"
        )));
    }
    Ok(Proof {
        value: value.map(|value| Bytes::copy_from_slice(value.as_slice())),
        nodes: nodes.into(),
    })
}

fn check_length(nodes: &[Bytes]) -> Result<(), Complaint> {
    if nodes.len() > NODES_MAX {
        return Err(Complaint::malformed(format!(
            "a proof of {} nodes, no key needs more than {NODES_MAX}",
            nodes.len()
        )));
    }
    Ok(())
}

/// The state root is what a beacon endpoint and an execution endpoint said: another one of either may fit.
fn not_of_this_block(rpc: &Rpc, anchor: &Anchor, reject: &merkle::Reject) -> Complaint {
    rpc.0.doubted(format!(
        "the account proof of block {} does not hold under the state root of slot {}: {reject}",
        anchor.block, anchor.slot
    ))
}

fn concatenated(nodes: &[Bytes]) -> Vec<u8> {
    nodes.iter().flat_map(|node| node.iter().copied()).collect()
}

#[cfg(test)]
#[path = "proofs_tests.rs"]
mod tests;
