//! How a packet was delivered: read back from the destination chain, where everybody can see it.

use super::Arena;
use crate::{contracts, site::Role, tracker::Side};
use alloy::{
    consensus::Transaction,
    primitives::{B256, U256, keccak256},
    providers::Provider,
    rpc::types::Filter,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result};
use chain_evm::abi::{MsgRecvPacket, Router, height_to_sol, to_sol};
use wire::{
    Height, Packet,
    batch::{Action, Batch},
};

/// A delivery that happened.
pub(super) struct Delivery {
    /// The message that delivered the packet; for one that came in a batch, the message that proves the same at the same
    /// height without the others.
    pub(super) message: MsgRecvPacket,
}

/// What a transaction says about one packet.
enum Found {
    Message(Box<MsgRecvPacket>),
    InBatch(Height),
}

impl Delivery {
    /// Finds the delivery of `packet`, which North sent, at South.
    pub(super) async fn of(packet: &Packet, arena: &Arena<'_>) -> Result<Self> {
        let destination = arena.end(Side::South);
        let provider = destination.wallet(Role::Attacker)?.provider;
        let filter = Filter::new()
            .address(destination.router)
            .event_signature(contracts::Router::WriteAcknowledgement::SIGNATURE_HASH)
            .topic1(keccak256(destination.client.as_bytes()))
            .topic2(B256::from(U256::from(packet.sequence.get())))
            .from_block(destination.since);
        let logs = provider.get_logs(&filter).await?;
        let hash = logs
            .first()
            .and_then(|log| log.transaction_hash)
            .context("no block delivered the packet")?;
        let transaction = provider
            .get_transaction_by_hash(hash)
            .await?
            .context("the transaction is gone")?;
        let found = find(transaction.input(), packet.sequence.get())
            .context("the transaction delivers another packet")?;
        let message = match found {
            Found::Message(message) => *message,
            Found::InBatch(height) => proven_alone(packet, height, arena).await?,
        };
        Ok(Self { message })
    }
}

/// The message that receives `packet` by a proof of its own.
async fn proven_alone(packet: &Packet, height: Height, arena: &Arena<'_>) -> Result<MsgRecvPacket> {
    let path = wire::path::commitment(&packet.source_client, packet.sequence);
    let proof = arena.prove(Side::North, path, height).await?;
    Ok(MsgRecvPacket {
        packet: to_sol(packet),
        proofCommitment: proof.nodes,
        proofHeight: height_to_sol(height),
    })
}

/// What receives the packet `sequence`: a message, alone or within a multicall, or a batch.
fn find(input: &[u8], sequence: u64) -> Option<Found> {
    if let Ok(call) = Router::recvPacketCall::abi_decode(input) {
        let found = call.message.packet.sequence == sequence;
        return found.then(|| Found::Message(Box::new(call.message)));
    }
    if let Ok(call) = Router::batchCall::abi_decode(input) {
        let batch = Batch::decode(&call.packed).ok()?;
        let found = batch
            .messages
            .iter()
            .any(|message| message.action == Action::Receive && message.sequence.get() == sequence);
        return found.then_some(Found::InBatch(batch.height));
    }
    let multicall = Router::multicallCall::abi_decode(input).ok()?;
    multicall.calls.iter().find_map(|call| find(call, sequence))
}
