//! How a packet was delivered: read back from the destination chain, where everybody can see it.

use crate::{contracts, end::End, site::Role};
use alloy::{
    consensus::Transaction,
    primitives::{B256, U256, keccak256},
    providers::Provider,
    rpc::types::Filter,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result};
use chain_evm::abi::{MsgRecvPacket, Router};
use wire::Packet;

/// A delivery that happened.
pub(super) struct Delivery {
    /// The message that delivered the packet.
    pub(super) message: MsgRecvPacket,
}

impl Delivery {
    /// Finds the delivery of `packet` at `destination`.
    pub(super) async fn of(packet: &Packet, destination: &End) -> Result<Self> {
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
        let message = find(transaction.input(), packet.sequence.get())
            .context("the transaction delivers another packet")?;
        Ok(Self { message })
    }
}

/// The message that receives the packet `sequence`, alone or within a multicall.
fn find(input: &[u8], sequence: u64) -> Option<MsgRecvPacket> {
    if let Ok(call) = Router::recvPacketCall::abi_decode(input) {
        return (call.message.packet.sequence == sequence).then_some(call.message);
    }
    let multicall = Router::multicallCall::abi_decode(input).ok()?;
    multicall.calls.iter().find_map(|call| find(call, sequence))
}
