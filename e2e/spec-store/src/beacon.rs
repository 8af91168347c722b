//! Descriptions of the beacon state and block, Deneb to Fulu.
//!
//! Consensus specification: `beacon-chain.md` of Phase0 to Fulu, "Containers".

use crate::chain::ForkName;
use crate::preset::Preset;
use crate::schema::Type::{Bitlist, Bitvector, Bytes, Fixed};
use crate::schema::{Type, container, list, vector};

const U64: Type = Fixed(8);
const ROOT: Type = Fixed(32);
const ADDRESS: Type = Fixed(20);
const KEY: Type = Fixed(48);
const SIGNATURE: Type = Fixed(96);
const VALIDATORS: u64 = 1 << 40;
const VALIDATORS_PER_COMMITTEE: u64 = 2048;

/// `BeaconState`.
pub(crate) fn state(fork: ForkName, preset: &Preset) -> Type {
    let mut fields = state_head(preset);
    fields.extend(state_tail(preset));
    if fork >= ForkName::Electra {
        fields.extend(electra_fields(preset));
    }
    if fork >= ForkName::Fulu {
        fields.push(("proposer_lookahead", vector(U64, 2 * preset.slots_per_epoch)));
    }
    Type::Container(fields)
}

fn state_head(preset: &Preset) -> Vec<(&'static str, Type)> {
    let fork = [
        ("previous_version", Fixed(4)),
        ("current_version", Fixed(4)),
        ("epoch", U64),
    ];
    vec![
        ("genesis_time", U64),
        ("genesis_validators_root", ROOT),
        ("slot", U64),
        ("fork", container(fork)),
        ("latest_block_header", block_header()),
        ("block_roots", vector(ROOT, preset.historical_roots)),
        ("state_roots", vector(ROOT, preset.historical_roots)),
        ("historical_roots", list(ROOT, 1 << 24)),
        ("eth1_data", eth1_data()),
        (
            "eth1_data_votes",
            list(eth1_data(), preset.eth1_voting_epochs * preset.slots_per_epoch),
        ),
        ("eth1_deposit_index", U64),
        ("validators", list(validator(), VALIDATORS)),
        ("balances", list(U64, VALIDATORS)),
        ("randao_mixes", vector(ROOT, preset.historical_vector)),
        ("slashings", vector(U64, preset.slashings_vector)),
    ]
}

fn state_tail(preset: &Preset) -> Vec<(&'static str, Type)> {
    let summary = container([("block_summary_root", ROOT), ("state_summary_root", ROOT)]);
    vec![
        ("previous_epoch_participation", list(Fixed(1), VALIDATORS)),
        ("current_epoch_participation", list(Fixed(1), VALIDATORS)),
        ("justification_bits", Bitvector(4)),
        ("previous_justified_checkpoint", checkpoint()),
        ("current_justified_checkpoint", checkpoint()),
        ("finalized_checkpoint", checkpoint()),
        ("inactivity_scores", list(U64, VALIDATORS)),
        ("current_sync_committee", sync_committee(preset)),
        ("next_sync_committee", sync_committee(preset)),
        ("latest_execution_payload_header", execution_header()),
        ("next_withdrawal_index", U64),
        ("next_withdrawal_validator_index", U64),
        ("historical_summaries", list(summary, 1 << 24)),
    ]
}

fn electra_fields(preset: &Preset) -> Vec<(&'static str, Type)> {
    let deposit = container([
        ("pubkey", KEY),
        ("withdrawal_credentials", ROOT),
        ("amount", U64),
        ("signature", SIGNATURE),
        ("slot", U64),
    ]);
    let withdrawal = container([
        ("validator_index", U64),
        ("amount", U64),
        ("withdrawable_epoch", U64),
    ]);
    let consolidation = container([("source_index", U64), ("target_index", U64)]);
    vec![
        ("deposit_requests_start_index", U64),
        ("deposit_balance_to_consume", U64),
        ("exit_balance_to_consume", U64),
        ("earliest_exit_epoch", U64),
        ("consolidation_balance_to_consume", U64),
        ("earliest_consolidation_epoch", U64),
        ("pending_deposits", list(deposit, 1 << 27)),
        (
            "pending_partial_withdrawals",
            list(withdrawal, preset.pending_partial_withdrawals),
        ),
        (
            "pending_consolidations",
            list(consolidation, preset.pending_consolidations),
        ),
    ]
}

/// `SignedBeaconBlock`.
pub(crate) fn signed_block(fork: ForkName, preset: &Preset) -> Type {
    let message = container([
        ("slot", U64),
        ("proposer_index", U64),
        ("parent_root", ROOT),
        ("state_root", ROOT),
        ("body", body(fork, preset)),
    ]);
    signed(message)
}

/// `BeaconBlockBody`.
pub(crate) fn body(fork: ForkName, preset: &Preset) -> Type {
    let electra = fork >= ForkName::Electra;
    let (slashings, attestations) = if electra { (1, 8) } else { (2, 128) };
    let change = container([
        ("validator_index", U64),
        ("from_bls_pubkey", KEY),
        ("to_execution_address", ADDRESS),
    ]);
    let mut fields = vec![
        ("randao_reveal", SIGNATURE),
        ("eth1_data", eth1_data()),
        ("graffiti", ROOT),
        ("proposer_slashings", list(proposer_slashing(), 16)),
        (
            "attester_slashings",
            list(attester_slashing(electra, preset), slashings),
        ),
        ("attestations", list(attestation(electra, preset), attestations)),
        ("deposits", list(deposit(), 16)),
        (
            "voluntary_exits",
            list(signed(container([("epoch", U64), ("validator_index", U64)])), 16),
        ),
        ("sync_aggregate", sync_aggregate(preset)),
        ("execution_payload", execution_payload(preset)),
        ("bls_to_execution_changes", list(signed(change), 16)),
        ("blob_kzg_commitments", list(KEY, preset.blob_commitments)),
    ];
    if electra {
        fields.push(("execution_requests", execution_requests(preset)));
    }
    Type::Container(fields)
}

/// `SyncCommittee`.
fn sync_committee(preset: &Preset) -> Type {
    let seats = u64::from(preset.sync_committee_size);
    container([("pubkeys", vector(KEY, seats)), ("aggregate_pubkey", KEY)])
}

fn sync_aggregate(preset: &Preset) -> Type {
    let bits = Bitvector(u64::from(preset.sync_committee_size));
    container([
        ("sync_committee_bits", bits),
        ("sync_committee_signature", SIGNATURE),
    ])
}

fn block_header() -> Type {
    container([
        ("slot", U64),
        ("proposer_index", U64),
        ("parent_root", ROOT),
        ("state_root", ROOT),
        ("body_root", ROOT),
    ])
}

fn eth1_data() -> Type {
    container([
        ("deposit_root", ROOT),
        ("deposit_count", U64),
        ("block_hash", ROOT),
    ])
}

fn validator() -> Type {
    container([
        ("pubkey", KEY),
        ("withdrawal_credentials", ROOT),
        ("effective_balance", U64),
        ("slashed", Fixed(1)),
        ("activation_eligibility_epoch", U64),
        ("activation_epoch", U64),
        ("exit_epoch", U64),
        ("withdrawable_epoch", U64),
    ])
}

fn checkpoint() -> Type {
    container([("epoch", U64), ("root", ROOT)])
}

fn signed(message: Type) -> Type {
    container([("message", message), ("signature", SIGNATURE)])
}

fn proposer_slashing() -> Type {
    let header = || signed(block_header());
    container([("signed_header_1", header()), ("signed_header_2", header())])
}

/// Seats of a slot's committees whose bits one attestation holds.
fn attesters(electra: bool, preset: &Preset) -> u64 {
    if electra {
        VALIDATORS_PER_COMMITTEE * preset.committees_per_slot
    } else {
        VALIDATORS_PER_COMMITTEE
    }
}

fn attestation_data() -> Type {
    container([
        ("slot", U64),
        ("index", U64),
        ("beacon_block_root", ROOT),
        ("source", checkpoint()),
        ("target", checkpoint()),
    ])
}

fn attester_slashing(electra: bool, preset: &Preset) -> Type {
    let indexed = || {
        container([
            ("attesting_indices", list(U64, attesters(electra, preset))),
            ("data", attestation_data()),
            ("signature", SIGNATURE),
        ])
    };
    container([("attestation_1", indexed()), ("attestation_2", indexed())])
}

fn attestation(electra: bool, preset: &Preset) -> Type {
    let mut fields = vec![
        ("aggregation_bits", Bitlist(attesters(electra, preset))),
        ("data", attestation_data()),
        ("signature", SIGNATURE),
    ];
    if electra {
        fields.push(("committee_bits", Bitvector(preset.committees_per_slot)));
    }
    Type::Container(fields)
}

fn deposit() -> Type {
    let data = container([
        ("pubkey", KEY),
        ("withdrawal_credentials", ROOT),
        ("amount", U64),
        ("signature", SIGNATURE),
    ]);
    container([("proof", vector(ROOT, 33)), ("data", data)])
}

/// The fields that payload and payload header share, before those in which they differ.
fn execution_head() -> Vec<(&'static str, Type)> {
    vec![
        ("parent_hash", ROOT),
        ("fee_recipient", ADDRESS),
        ("state_root", ROOT),
        ("receipts_root", ROOT),
        ("logs_bloom", Fixed(256)),
        ("prev_randao", ROOT),
        ("block_number", U64),
        ("gas_limit", U64),
        ("gas_used", U64),
        ("timestamp", U64),
        ("extra_data", Bytes(32)),
        ("base_fee_per_gas", ROOT),
        ("block_hash", ROOT),
    ]
}

fn execution_header() -> Type {
    let mut fields = execution_head();
    fields.extend([
        ("transactions_root", ROOT),
        ("withdrawals_root", ROOT),
        ("blob_gas_used", U64),
        ("excess_blob_gas", U64),
    ]);
    Type::Container(fields)
}

fn execution_payload(preset: &Preset) -> Type {
    let withdrawal = container([
        ("index", U64),
        ("validator_index", U64),
        ("address", ADDRESS),
        ("amount", U64),
    ]);
    let mut fields = execution_head();
    fields.extend([
        ("transactions", list(Bytes(1 << 30), 1 << 20)),
        ("withdrawals", list(withdrawal, preset.withdrawals)),
        ("blob_gas_used", U64),
        ("excess_blob_gas", U64),
    ]);
    Type::Container(fields)
}

fn execution_requests(preset: &Preset) -> Type {
    let deposit = container([
        ("pubkey", KEY),
        ("withdrawal_credentials", ROOT),
        ("amount", U64),
        ("signature", SIGNATURE),
        ("index", U64),
    ]);
    let withdrawal = container([
        ("source_address", ADDRESS),
        ("validator_pubkey", KEY),
        ("amount", U64),
    ]);
    let consolidation = container([
        ("source_address", ADDRESS),
        ("source_pubkey", KEY),
        ("target_pubkey", KEY),
    ]);
    container([
        ("deposits", list(deposit, preset.deposit_requests)),
        ("withdrawals", list(withdrawal, preset.withdrawal_requests)),
        ("consolidations", list(consolidation, 2)),
    ])
}
