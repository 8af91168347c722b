//! What the steps of one packet's walk cost, from receipts.

use crate::{
    bridge::Bridge,
    contracts::Router,
    end::{End, Sent},
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{B256, U256, keccak256},
    providers::Provider,
    rpc::types::Filter,
    sol_types::SolEvent,
};
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Gas of the three transactions that carried `sent` from `from` and back. Each of the last two holds a client update
/// too, and possibly other packets.
///
/// # Errors
/// The packet is not settled, or a node does not answer.
pub async fn of_walk(bridge: &Bridge, from: Side, sent: &Sent) -> Result<BTreeMap<String, u64>> {
    let (source, destination) = (from.of(&bridge.ends), from.across().of(&bridge.ends));
    let sequence = sent.packet.sequence.get();
    let delivered = gas_of(
        destination,
        Router::WriteAcknowledgement::SIGNATURE_HASH,
        sequence,
    )
    .await?;
    let settled = gas_of(source, Router::AckPacket::SIGNATURE_HASH, sequence).await?;
    Ok(BTreeMap::from([
        ("send a transfer".into(), sent.receipt.gas_used),
        ("first delivery, client update included".into(), delivered),
        ("acknowledgement, client update included".into(), settled),
    ]))
}

/// Gas of the transaction at `end` that emitted `event` for the packet `sequence`.
async fn gas_of(end: &End, event: B256, sequence: u64) -> Result<u64> {
    let provider = end.wallet(Role::User)?.provider;
    let filter = Filter::new()
        .address(end.router)
        .event_signature(event)
        .topic1(keccak256(end.client.as_bytes()))
        .topic2(B256::from(U256::from(sequence)))
        .from_block(end.since);
    let logs = provider.get_logs(&filter).await?;
    let hash = logs
        .first()
        .and_then(|log| log.transaction_hash)
        .context("the packet left no event")?;
    let receipt = provider
        .get_transaction_receipt(hash)
        .await?
        .context("the receipt is gone")?;
    Ok(receipt.gas_used)
}
