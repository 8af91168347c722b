//! Attacks with proofs: messages about packets that do not stand where they claim to stand.

use super::{
    arena::Arena,
    delivery::Delivery,
    honest,
    lie::{Lie, NEVER_SENT},
    outcome::Outcome,
};
use crate::{contracts, tracker::Side};
use alloy::{
    primitives::U256,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Result, ensure};
use chain_evm::abi::{MsgTimeoutPacket, Router, height_to_sol, to_sol};
use wire::{Packet, Sequence};

/// A packet that pays the attacker a fortune, proven from a state that holds little else.
pub(super) async fn forged_storage_proof(arena: &Arena<'_>) -> Result<Outcome> {
    let lie = Lie::over(arena, &arena.end(Side::South).client).await?;
    lie.collect(arena, honest::trusted_height(arena, Side::South).await?)
        .await
}

/// A genuine packet under another sequence. Its commitment is the same: only the slot tells them apart.
pub(super) async fn other_slot_proof(arena: &Arena<'_>) -> Result<Outcome> {
    let genuine = arena.delivered()?;
    let delivery = Delivery::of(genuine, arena).await?;
    let packet = Packet {
        sequence: Sequence::new(NEVER_SENT)?,
        ..genuine.clone()
    };
    ensure!(
        wire::commit::packet(&packet) == wire::commit::packet(genuine),
        "the commitment binds the sequence: this attack tests nothing"
    );
    let before = supply(arena).await?;
    let message = delivery.message;
    match honest::deliver(arena, &packet, message.proofCommitment, message.proofHeight).await? {
        Some(rule) => Ok(Outcome::Refused(rule)),
        None => paid_twice(arena, before).await,
    }
}

/// The very message that delivered a packet, once more. Without the update beside it, whose committee may have left office
/// meanwhile.
pub(super) async fn replayed_packet(arena: &Arena<'_>) -> Result<Outcome> {
    let south = arena.end(Side::South);
    let delivery = Delivery::of(arena.delivered()?, arena).await?;
    let before = supply(arena).await?;
    let again = Router::recvPacketCall {
        message: delivery.message,
    };
    let receipt = arena
        .attacker(Side::South)?
        .call(south.router, again.abi_encode())
        .await?;
    let noop = receipt.inner.logs().iter().any(|log| {
        log.address() == south.router && log.topic0() == Some(&contracts::Router::Noop::SIGNATURE_HASH)
    });
    match paid_twice(arena, before).await? {
        Outcome::Idle(_) if noop => Ok(Outcome::Refused("Noop".into())),
        other => Ok(other),
    }
}

/// A timeout for a packet that was delivered, with the genuine proof of its receipt.
pub(super) async fn refund_of_delivered(arena: &Arena<'_>) -> Result<Outcome> {
    let packet = arena.delivered()?;
    let north = arena.end(Side::North);
    let height = honest::trusted_height(arena, Side::North).await?;
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
    let before = north.user_balance(north.token).await?;
    if let Some(rule) = arena
        .refusal(Side::North, north.router, call.abi_encode())
        .await?
    {
        return Ok(Outcome::Refused(rule));
    }
    let back = north.user_balance(north.token).await?.saturating_sub(before);
    Ok(if back.is_zero() {
        Outcome::Idle("nothing was refunded".into())
    } else {
        Outcome::Succeeded(format!(
            "the sender has {back} back, and the receiver was paid {}",
            supply(arena).await?
        ))
    })
}

/// How much of North's token circulates at South.
async fn supply(arena: &Arena<'_>) -> Result<U256> {
    let south = arena.end(Side::South);
    let voucher = south.voucher_of(arena.end(Side::North).token).await?;
    south.supply(voucher).await
}

/// Whether more of North's token circulates than `before`: nothing more was locked.
async fn paid_twice(arena: &Arena<'_>, before: U256) -> Result<Outcome> {
    let after = supply(arena).await?;
    Ok(if after > before {
        Outcome::Succeeded(format!(
            "one packet was paid twice: {after} circulate instead of {before}"
        ))
    } else {
        Outcome::Idle("nothing more was paid".into())
    })
}
