//! Forged packets in one batch.

use super::heist::Loot;
use anyhow::{Context, Result};
use chain_evm::abi::Router;
use merkle::mpt::pool;
use wire::{
    ClientId, Packet,
    batch::{Action, Batch, Message},
};

/// The order in which a batch takes packets: places among them.
pub(super) fn order(packets: &[Packet]) -> Vec<usize> {
    let slots: Vec<_> = packets.iter().map(slot).collect();
    pool::batch_order(&slots)
}

/// The call that receives all of `loot` over `client`, each with `gas`.
pub(super) fn pack(loot: &Loot, client: &ClientId, gas: u32) -> Result<Router::batchCall> {
    let places = order(&loot.packets);
    let ordered = places
        .iter()
        .map(|at| loot.packets.get(*at).context("no such packet"));
    let ordered = ordered.collect::<Result<Vec<_>>>()?;
    let keys: Vec<_> = ordered
        .iter()
        .map(|packet| alloy::primitives::keccak256(slot(packet)))
        .collect();
    let proofs = loot.proofs.iter().map(|proof| proof.as_ref());
    let batch = Batch {
        client: client.clone(),
        updates: Vec::new(),
        height: loot.height,
        messages: ordered.iter().map(|packet| receive(packet, gas)).collect(),
        pool: pool::build(loot.root, &keys, proofs)?,
    };
    Ok(Router::batchCall {
        packed: batch.encode()?.into(),
    })
}

fn receive(packet: &Packet, gas: u32) -> Message {
    Message {
        action: Action::Receive,
        gas,
        sequence: packet.sequence,
        timeout: packet.timeout,
        payload: packet.payload.clone(),
    }
}

fn slot(packet: &Packet) -> alloy::primitives::B256 {
    wire::path::commitment(&packet.source_client, packet.sequence).evm_slot(wire::COMMITMENTS_SLOT)
}
