//! An attack on holds: one and the same transfer is released and cancelled in one block, so that it would be paid here and
//! refunded where it came from.
//!
//! Nothing is forged: the attacker sends his own tokens to himself, and the guardians, whom he told a story, sign the cancel.

use super::{
    arena::Arena,
    attested::Attested,
    heist::{self, LIFE_SECS},
    outcome::Outcome,
    reentry::{deploy_accomplice, step},
};
use crate::{
    contracts::Accomplice, council::Council, guardians::SMALL_QUORUM, holds, site::Role, tracker::Side,
};
use alloy::{
    primitives::{Bytes, U256},
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result, bail, ensure};
use chain_evm::abi::{MsgAckPacket, Router, height_to_sol, to_sol};
use wire::Packet;

/// What each transfer carries, and what may leave at once: so the second waits, and the third behind it.
const AMOUNT: u128 = 1_000_000;
const TRANSFERS: usize = 3;
/// The one that is released and cancelled.
const TARGET: usize = 1;

/// The clients of a path of its own: of South at North, and of North at South.
struct Lane {
    north: Attested,
    south: Attested,
}

/// Released and cancelled in one transaction.
pub(super) async fn released_and_cancelled(arena: &Arena<'_>) -> Result<Outcome> {
    let lane = open(arena).await?;
    let (north, south) = (arena.end(Side::North), arena.end(Side::South));
    let id = lane.south.id.as_str();
    let voucher = south.voucher_over(id, north.token).await?;
    heist::lower(south, id, voucher, heist::refilling(AMOUNT)).await?;
    let packets = send(arena, &lane).await?;
    carry(arena, &lane, &packets).await?;
    let target = packets.get(TARGET).context("too few transfers")?;
    heist::wait_for_refill(south, id, voucher, AMOUNT).await?;

    let tried = try_both(arena, target).await?;
    let [released, cancelled] = &tried[..] else {
        bail!("two calls were to be tried, not {}", tried.len());
    };
    ensure!(
        released.accepted,
        "the release was refused: {}",
        arena.reason(&released.output)
    );
    if !cancelled.accepted {
        return Ok(Outcome::Refused(arena.reason(&cancelled.output)));
    }
    let paid = south
        .balance(voucher, arena.attacker(Side::South)?.address)
        .await?;
    let back = refund(arena, &lane, target).await?;
    Ok(if paid == U256::from(2 * AMOUNT) && back == U256::from(AMOUNT) {
        Outcome::Succeeded(format!(
            "{AMOUNT} were paid at South, and {back} of them are back at North"
        ))
    } else {
        Outcome::Idle(format!("{paid} were paid at South, {back} came back"))
    })
}

async fn open(arena: &Arena<'_>) -> Result<Lane> {
    let (north, south) = tokio::try_join!(
        Attested::open(arena, Side::North, None),
        Attested::open(arena, Side::South, None)
    )?;
    tokio::try_join!(
        north.pair(arena, south.id.as_str()),
        south.pair(arena, north.id.as_str())
    )?;
    Ok(Lane { north, south })
}

/// Sends the attacker's own tokens to himself.
async fn send(arena: &Arena<'_>, lane: &Lane) -> Result<Vec<Packet>> {
    let north = arena.end(Side::North);
    let receiver = arena.attacker(Side::South)?.address;
    let funds = U256::from(AMOUNT) * U256::from(TRANSFERS);
    north.fund(Role::Attacker, north.token, funds).await?;
    let timeout = arena.attacker(Side::North)?.now().await? + LIFE_SECS;
    let mut packets = Vec::new();
    for _ in 0..TRANSFERS {
        let value = (north.token, U256::from(AMOUNT));
        let message = north.transfer_over(lane.north.id.as_str(), value, receiver, timeout);
        packets.push(north.send_message(Role::Attacker, message).await?.packet);
    }
    Ok(packets)
}

/// Delivers all of them, and sees that those behind the first wait.
async fn carry(arena: &Arena<'_>, lane: &Lane, packets: &[Packet]) -> Result<()> {
    let paths = packets
        .iter()
        .map(|packet| wire::path::commitment(&packet.source_client, packet.sequence));
    let truth = lane.south.truth(arena, paths.collect()).await?;
    let height = lane.south.attest(arena, truth.root).await?;
    let proven = packets.iter().zip(truth.proofs);
    let calls = proven.map(|(packet, proof)| heist::delivery(packet, proof, height));
    heist::deliver(arena, Side::South, calls.collect()).await?;
    for packet in packets.iter().skip(TARGET) {
        ensure!(
            holds::waits(arena.end(Side::South), packet).await?,
            "transfer {} does not wait: this attack tests nothing",
            packet.sequence.get()
        );
    }
    Ok(())
}

/// Releases and cancels `packet`, in this order and in one transaction.
async fn try_both(arena: &Arena<'_>, packet: &Packet) -> Result<Vec<Accomplice::Tried>> {
    let south = arena.end(Side::South);
    let council = Council::at(south).await?;
    let cancel = council.cancel_hold(SMALL_QUORUM, packet).await?;
    let attacker = arena.attacker(Side::South)?;
    let accomplice = deploy_accomplice(&attacker).await?;
    let both = Accomplice::tryEachCall {
        steps: vec![
            step(south.transfer, holds::release(packet)?),
            Accomplice::Step {
                target: council.contract,
                data: cancel.into(),
            },
        ],
    };
    let receipt = heist::call(&attacker, accomplice, both.abi_encode()).await?;
    Ok(tried(&receipt))
}

fn tried(receipt: &TransactionReceipt) -> Vec<Accomplice::Tried> {
    let logs = receipt.inner.logs().iter();
    logs.filter_map(|log| Accomplice::Tried::decode_log(&log.inner).ok())
        .map(|log| log.data)
        .collect()
}

/// Carries the error that South now answers back to North; what the sender has back, comes back.
async fn refund(arena: &Arena<'_>, lane: &Lane, packet: &Packet) -> Result<U256> {
    let (north, attacker) = (arena.end(Side::North), arena.attacker(Side::North)?);
    let path = wire::path::acknowledgement(&packet.destination_client, packet.sequence);
    let truth = lane.north.truth(arena, vec![path]).await?;
    let height = lane.north.attest(arena, truth.root).await?;
    let message = MsgAckPacket {
        packet: to_sol(packet),
        acknowledgement: Bytes::from_static(wire::ics20::ERROR_ACK),
        proofAcked: truth.proofs.into_iter().next().context("no proof")?,
        proofHeight: height_to_sol(height),
    };
    let before = north.balance(north.token, attacker.address).await?;
    let call = Router::ackPacketCall { message };
    heist::call(&attacker, north.router, call.abi_encode()).await?;
    let after = north.balance(north.token, attacker.address).await?;
    Ok(after.saturating_sub(before))
}
