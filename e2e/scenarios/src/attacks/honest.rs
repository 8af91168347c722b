//! What anybody may do at a bridge, by hand: bring a client up to date, carry a packet.
//!
//! An attack needs it because a client that lags behind would refuse a forgery for that alone.

use super::arena::Arena;
use crate::{site::Role, tracker::Side};
use alloy::{
    primitives::{Bytes, U256},
    sol_types::SolCall,
};
use anyhow::{Context, Result, bail, ensure};
use chain::{Answer, Ask, ClientUpdate, Fault, TrustedState};
use chain_evm::abi::{MsgRecvPacket, Router, SolHeight, height_to_sol, to_sol};
use ethereum::{Network, Slot};
use std::time::{Duration, Instant};
use wire::{Height, Packet};

/// How often something is looked at while waiting for it.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// How long finality may take, in real time.
const PATIENCE: Duration = Duration::from_secs(120);
/// Amount of a transfer that is carried by hand.
const AMOUNT: u64 = 1_000_000;

/// A moment in real time at which waiting makes no sense any more.
pub(super) struct Patience(Instant);

impl Patience {
    pub(super) fn new() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    /// Waits a little.
    pub(super) async fn wait_for(&self, what: &str) -> Result<()> {
        ensure!(
            Instant::now() < self.0,
            "waited {} s for {what}",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(LOOK_INTERVAL).await;
        Ok(())
    }
}

/// Brings the client of the other chain at `host` up to date.
pub(super) async fn follow(arena: &Arena<'_>, host: Side) -> Result<()> {
    follow_with(arena, host, &arena.end(host).client).await
}

/// Brings the client `id` at `host` up to date with the other chain, as far as that chain can prove it yet.
pub(super) async fn follow_with(arena: &Arena<'_>, host: Side, id: &str) -> Result<()> {
    let tracked = arena.reader(host.across());
    let to = tracked.head().await?.finalized.height;
    let trusted = arena.trusted(host, id).await?;
    let ask = Ask::Update {
        trusted: TrustedState::Ethereum(Box::new(trusted)),
        to,
    };
    let plan = match tracked.answer(ask).await {
        Ok(Answer::Update(plan)) => plan,
        Ok(other) => bail!("asked for updates, was answered {other:?}"),
        Err(Fault::NotYet(_)) => return Ok(()),
        Err(fault) => return Err(fault.into()),
    };
    for update in plan.updates {
        let ClientUpdate::Ethereum(update) = update else {
            bail!("asked for updates of a beacon client, was answered {update:?}");
        };
        wait_for_slot(arena, host, &*tracked.network().await?, update.signature_slot).await?;
        let refusal = arena.offer_update(host, id, &update).await?;
        ensure!(
            refusal.is_none(),
            "the client refused a genuine update: {refusal:?}"
        );
    }
    Ok(())
}

/// Waits until `host`'s clock has reached `slot` of the other chain: a header from the future is refused for that alone.
pub(super) async fn wait_for_slot(
    arena: &Arena<'_>,
    host: Side,
    network: &Network,
    slot: Slot,
) -> Result<()> {
    let begins = network.time_of(slot).context("the slot lies beyond all time")?;
    let (wallet, patience) = (arena.attacker(host)?, Patience::new());
    while wallet.now().await? < begins.0 {
        patience.wait_for("a clock").await?;
    }
    Ok(())
}

/// The newest height that `side`'s client trusts.
pub(super) async fn trusted_height(arena: &Arena<'_>, side: Side) -> Result<Height> {
    let trusted = arena.trusted(side, &arena.end(side).client).await?;
    Ok(Height::of(trusted.newest.0))
}

/// Delivers `packet` at South with the proof `nodes`. What refused it comes back.
pub(super) async fn deliver(
    arena: &Arena<'_>,
    packet: &Packet,
    nodes: Bytes,
    height: SolHeight,
) -> Result<Option<String>> {
    let message = MsgRecvPacket {
        packet: to_sol(packet),
        proofCommitment: nodes,
        proofHeight: height,
    };
    let call = Router::recvPacketCall { message };
    arena
        .refusal(Side::South, arena.end(Side::South).router, call.abi_encode())
        .await
}

/// Sends a transfer of North's token that lives for `life_secs`, or longer if that is not enough for its delivery, and
/// delivers it at South.
pub(super) async fn carry(arena: &Arena<'_>, mut life_secs: u64) -> Result<Packet> {
    loop {
        let packet = send(arena, life_secs).await?;
        match deliver_sent(arena, &packet).await?.as_deref() {
            None => return Ok(packet),
            Some("PacketTimedOut") => life_secs = life_secs.saturating_mul(2),
            Some(other) => bail!("a genuine packet was refused: {other}"),
        }
    }
}

async fn send(arena: &Arena<'_>, life_secs: u64) -> Result<Packet> {
    let (north, south) = (arena.end(Side::North), arena.end(Side::South));
    let receiver = south.wallet(Role::User)?.address;
    let timeout = north.wallet(Role::User)?.now().await? + life_secs;
    north.fund_user(U256::from(AMOUNT)).await?;
    let sent = north
        .send_transfer(north.token, U256::from(AMOUNT), receiver, timeout)
        .await?;
    Ok(sent.packet)
}

/// Waits until South's client can know of `packet`, and delivers it.
async fn deliver_sent(arena: &Arena<'_>, packet: &Packet) -> Result<Option<String>> {
    let patience = Patience::new();
    loop {
        follow(arena, Side::South).await?;
        let height = trusted_height(arena, Side::South).await?;
        let path = wire::path::commitment(&packet.source_client, packet.sequence);
        let proof = arena.prove(Side::North, path, height).await?;
        if proof.value.is_some() {
            return deliver(arena, packet, proof.nodes, height_to_sol(height)).await;
        }
        patience.wait_for("a packet to be final").await?;
    }
}

/// Waits until North's client knows South at a time at which `packet` has expired.
pub(super) async fn outlive(arena: &Arena<'_>, packet: &Packet) -> Result<()> {
    let network = &*arena.reader(Side::South).network().await?;
    let patience = Patience::new();
    loop {
        follow(arena, Side::North).await?;
        let height = trusted_height(arena, Side::North).await?;
        let reached = network.time_of(Slot(height.revision_height));
        if reached.is_some_and(|time| time >= packet.timeout) {
            return Ok(());
        }
        patience.wait_for("a packet to expire").await?;
    }
}
