//! Attacks with proofs: messages about packets that do not stand where they claim to stand.

use super::{
    arena::{Arena, verdict},
    delivery::Delivery,
};
use crate::{contracts, tracker::Side};
use alloy::{
    primitives::{B256, Bytes, U256},
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{MsgRecvPacket, MsgTimeoutPacket, Router, SolHeight, height_to_sol, to_sol};
use devnet::{ForgedState, Genesis, GenesisAccount};
use wire::{Height, Packet, Sequence, Value, ics20};

/// A sequence that nobody reached.
const NEVER_SENT: u64 = 1_000_000;

/// A packet that pays the attacker a fortune, proven from a state that holds little else.
pub(super) async fn forged_storage_proof(arena: &Arena<'_>) -> Result<String> {
    let packet = fortune(arena)?;
    let path = wire::path::commitment(&packet.source_client, packet.sequence);
    let slot = path.evm_slot(wire::COMMITMENTS_SLOT);
    let router = arena.end(Side::North).router;
    let account = GenesisAccount {
        address: router,
        storage: vec![(slot, wire::commit::packet(&packet))],
        ..GenesisAccount::default()
    };
    let state = ForgedState::new(
        &Genesis {
            accounts: vec![account],
        },
        router,
        &[slot],
    )
    .context("the made-up state lacks the router")?;
    let nodes = state.storage_proofs.concat().concat();
    let height = height_to_sol(trusted_height(arena, Side::South).await?);
    deliver(arena, &packet, nodes.into(), height).await
}

/// A genuine packet under another sequence. Its commitment is the same: only the slot tells them apart.
pub(super) async fn other_slot_proof(arena: &Arena<'_>) -> Result<String> {
    let genuine = delivered(arena)?;
    let delivery = Delivery::of(genuine, arena.end(Side::South)).await?;
    let packet = Packet {
        sequence: Sequence::new(NEVER_SENT)?,
        ..genuine.clone()
    };
    ensure!(
        wire::commit::packet(&packet) == wire::commit::packet(genuine),
        "the commitment binds the sequence: this attack tests nothing"
    );
    deliver(
        arena,
        &packet,
        delivery.message.proofCommitment,
        delivery.message.proofHeight,
    )
    .await
}

/// The very message that delivered a packet, once more. Without the update beside it, whose committee may have left office
/// meanwhile.
pub(super) async fn replayed_packet(arena: &Arena<'_>) -> Result<String> {
    let south = arena.end(Side::South);
    let delivery = Delivery::of(delivered(arena)?, south).await?;
    let voucher = south.voucher_of(arena.end(Side::North).token).await?;
    let before = south.supply(voucher).await?;
    let again = Router::recvPacketCall {
        message: delivery.message,
    };
    let receipt = arena
        .attacker(Side::South)?
        .call(south.router, again.abi_encode())
        .await?;
    let paid = south.supply(voucher).await? != before;
    let noop = receipt.inner.logs().iter().any(|log| {
        log.address() == south.router && log.topic0() == Some(&contracts::Router::Noop::SIGNATURE_HASH)
    });
    Ok(if noop && !paid {
        "Noop".into()
    } else {
        verdict(None)
    })
}

/// A timeout for a packet that was delivered, with the genuine proof of its receipt.
pub(super) async fn refund_of_delivered(arena: &Arena<'_>) -> Result<String> {
    let packet = delivered(arena)?;
    let height = trusted_height(arena, Side::North).await?;
    let receipt = wire::path::receipt(&packet.destination_client, packet.sequence);
    let proof = arena.prove(Side::South, receipt, height).await?;
    ensure!(
        proof.value.is_some(),
        "the packet has no receipt: this attack tests nothing"
    );
    let message = MsgTimeoutPacket {
        packet: to_sol(packet),
        proofTimeout: proof.nodes,
        proofHeight: height_to_sol(height),
    };
    let call = Router::timeoutPacketCall { message };
    Ok(verdict(
        arena
            .refusal(Side::North, arena.end(Side::North).router, call.abi_encode())
            .await?,
    ))
}

async fn deliver(arena: &Arena<'_>, packet: &Packet, nodes: Bytes, height: SolHeight) -> Result<String> {
    let message = MsgRecvPacket {
        packet: to_sol(packet),
        proofCommitment: nodes,
        proofHeight: height,
    };
    let call = Router::recvPacketCall { message };
    Ok(verdict(
        arena
            .refusal(Side::South, arena.end(Side::South).router, call.abi_encode())
            .await?,
    ))
}

/// The newest height that `side`'s client trusts.
async fn trusted_height(arena: &Arena<'_>, side: Side) -> Result<Height> {
    Ok(Height::of(arena.trusted(side).await?.newest.0))
}

/// The last transfer of North's token that South paid out.
fn delivered<'a>(arena: &'a Arena<'_>) -> Result<&'a Packet> {
    arena
        .tracker
        .last_transfer(Side::North)
        .context("no transfer from North was delivered")
}

/// A packet that nobody sent: like a genuine transfer, for a fortune, to the attacker.
fn fortune(arena: &Arena<'_>) -> Result<Packet> {
    let genuine = delivered(arena)?;
    let mut transfer = ics20::decode(genuine.payload.value.as_bytes())?;
    transfer.amount = U256::from(1) << 96;
    transfer.receiver = format!("{:#x}", arena.attacker(Side::South)?.address);
    let mut packet = Packet {
        sequence: Sequence::new(NEVER_SENT)?,
        ..genuine.clone()
    };
    packet.payload.value = Value::new(ics20::encode(&transfer)?)?;
    ensure!(
        wire::commit::packet(&packet) != B256::ZERO,
        "a commitment is never zero"
    );
    Ok(packet)
}
