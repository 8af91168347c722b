//! The JSON of the beacon REST interface: integers are decimal strings, bytes are hex.

use super::{
    BeaconBlock,
    containers::{Header, PayloadHeader},
    finality::Checkpoint,
    keys::{Committee, PublicKey, SyncAggregate, infinity},
    light_client::UpdateParts,
};
use crate::{
    config::{COMMITTEE_SIZE, Fork},
    evm::Block,
};
use alloy_primitives::{B256, Bytes};
use serde_json::{Value, json};

pub(super) fn header(header: &Header) -> Value {
    json!({
        "slot": header.slot.to_string(),
        "proposer_index": header.proposer_index.to_string(),
        "parent_root": header.parent_root,
        "state_root": header.state_root,
        "body_root": header.body_root,
    })
}

/// The fields that a payload and its header share.
fn payload_fields(payload: &PayloadHeader) -> Value {
    json!({
        "parent_hash": payload.parent_hash,
        "fee_recipient": format!("{:#x}", payload.fee_recipient),
        "state_root": payload.state_root,
        "receipts_root": payload.receipts_root,
        "logs_bloom": payload.logs_bloom,
        "prev_randao": payload.prev_randao,
        "block_number": payload.block_number.to_string(),
        "gas_limit": payload.gas_limit.to_string(),
        "gas_used": payload.gas_used.to_string(),
        "timestamp": payload.timestamp.to_string(),
        "extra_data": payload.extra_data,
        "base_fee_per_gas": payload.base_fee_per_gas.to_string(),
        "block_hash": payload.block_hash,
        "blob_gas_used": "0",
        "excess_blob_gas": "0",
    })
}

fn payload_header(payload: &PayloadHeader) -> Value {
    let mut fields = payload_fields(payload);
    fields["transactions_root"] = json!(payload.transactions_root);
    fields["withdrawals_root"] = json!(payload.withdrawals_root);
    fields
}

/// `LightClientHeader`.
fn light_client_header(block: &BeaconBlock) -> Value {
    json!({
        "beacon": header(&block.header),
        "execution": payload_header(&block.payload),
        "execution_branch": block.body.payload_branch(),
    })
}

/// `LightClientHeader` of nothing.
fn empty_header() -> Value {
    let payload = PayloadHeader {
        logs_bloom: Bytes::from_static(&[0; 256]),
        ..PayloadHeader::default()
    };
    json!({
        "beacon": header(&Header::default()),
        "execution": payload_header(&payload),
        "execution_branch": vec![B256::ZERO; 4],
    })
}

fn committee(committee: &Committee) -> Value {
    json!({"pubkeys": committee.keys, "aggregate_pubkey": committee.aggregate})
}

/// `SyncCommittee` of nobody.
fn empty_committee() -> Value {
    json!({"pubkeys": vec![PublicKey::ZERO; COMMITTEE_SIZE], "aggregate_pubkey": PublicKey::ZERO})
}

fn aggregate(aggregate: &SyncAggregate) -> Value {
    json!({
        "sync_committee_bits": aggregate.bits,
        "sync_committee_signature": aggregate.signature,
    })
}

/// `LightClientBootstrap`.
pub(super) fn bootstrap(block: &BeaconBlock, current: &Committee) -> Value {
    json!({
        "header": light_client_header(block),
        "current_sync_committee": committee(current),
        "current_sync_committee_branch": block.state.current_committee_branch(),
    })
}

/// `LightClientOptimisticUpdate`.
pub(super) fn optimistic_update(parts: &UpdateParts<'_>) -> Value {
    json!({
        "attested_header": light_client_header(parts.attested),
        "sync_aggregate": aggregate(parts.aggregate),
        "signature_slot": parts.signature_slot.to_string(),
    })
}

/// `LightClientFinalityUpdate`.
pub(super) fn finality_update(parts: &UpdateParts<'_>) -> Value {
    let mut update = optimistic_update(parts);
    update["finalized_header"] = parts.finalized.map_or_else(empty_header, light_client_header);
    update["finality_branch"] = json!(parts.attested.state.finality_branch(&parts.attested.finality));
    update
}

/// `LightClientUpdate`; without a next committee its place holds zeros, as the specification has it.
pub(super) fn update(parts: &UpdateParts<'_>) -> Value {
    let mut update = finality_update(parts);
    let branch = parts.attested.state.next_committee_branch();
    (
        update["next_sync_committee"],
        update["next_sync_committee_branch"],
    ) = match parts.next_committee {
        Some(next) => (committee(next), json!(branch)),
        None => (empty_committee(), json!(vec![B256::ZERO; branch.len()])),
    };
    update
}

pub(super) fn checkpoint(checkpoint: &Checkpoint) -> Value {
    json!({"epoch": checkpoint.epoch.to_string(), "root": checkpoint.root})
}

/// An entry of `/eth/v1/beacon/headers`. Proposers do not sign here: no light client looks.
pub(super) fn signed_header(block: &BeaconBlock) -> Value {
    json!({
        "root": block.root,
        "canonical": true,
        "header": {"message": header(&block.header), "signature": infinity()},
    })
}

/// `SignedBeaconBlock` with the whole payload, so that its roots can be computed again.
pub(super) fn signed_block(block: &BeaconBlock, evm: &Block) -> Value {
    let mut payload = payload_fields(&block.payload);
    let raw: Vec<&Bytes> = evm
        .transactions
        .iter()
        .map(|included| &included.signed.raw)
        .collect();
    payload["transactions"] = json!(raw);
    payload["withdrawals"] = json!([]);
    let mut body = json!({
        "randao_reveal": infinity(),
        "eth1_data": {"deposit_root": B256::ZERO, "deposit_count": "0", "block_hash": B256::ZERO},
        "graffiti": B256::ZERO,
        "proposer_slashings": [],
        "attester_slashings": [],
        "attestations": [],
        "deposits": [],
        "voluntary_exits": [],
        "sync_aggregate": aggregate(&block.aggregate),
        "execution_payload": payload,
        "bls_to_execution_changes": [],
        "blob_kzg_commitments": [],
    });
    if block.fork >= Fork::Electra {
        body["execution_requests"] = json!({"deposits": [], "withdrawals": [], "consolidations": []});
    }
    let message = json!({
        "slot": block.header.slot.to_string(),
        "proposer_index": block.header.proposer_index.to_string(),
        "parent_root": block.header.parent_root,
        "state_root": block.header.state_root,
        "body": body,
    });
    json!({"message": message, "signature": infinity()})
}
