//! A thief with guardians' keys: one of them, or a small quorum. What such keys may do is to halt what is narrow for a day,
//! and to cancel what waits; he tries the rest.

use super::{
    arena::{Arena, GAS},
    halted::{halt, own_token, try_to_send},
    heist::{self, Heist},
    honest::Patience,
    outcome::Outcome,
};
use crate::{
    council::{Council, asset_scope},
    guardians::{Guardians, SMALL_QUORUM},
    holds,
    site::Role,
    tracker::Side,
    wallet::Wallet,
};
use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, U256, keccak256},
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{Limit, LimitDesk};
use guardian_core::{Scope, ScopeKind};
use wire::Packet;

/// What may leave at once.
const CAPACITY: u128 = 1_000_000;
/// A fortune.
const FORTUNE: u128 = 1 << 96;
/// What each account of halting time has, and the longest halt.
const DAY_SECS: u64 = 24 * 3_600;
/// How many times the thief halts anew.
const AGAIN: u64 = 7;
/// A limit of this kind is none, as the contract numbers its kinds.
const UNLIMITED: u8 = 2;
/// What the thief's own transaction costs, amply.
const WEI: u128 = 1_000_000_000_000_000_000;

/// A small quorum takes the halt of an asset off.
pub(super) async fn resumes(arena: &Arena<'_>) -> Result<Outcome> {
    let south = arena.end(Side::South);
    let token = own_token(arena).await?;
    let scope = asset_scope(&south.client, token);
    halt(arena, scope).await?;
    let council = Council::at(south).await?;
    let call = council.schedule_resume(SMALL_QUORUM, scope).await?;
    if let Some(rule) = arena.refusal(Side::South, council.contract, call).await? {
        return Ok(Outcome::Refused(rule));
    }
    let ready = council.resume_ready_at(scope).await?;
    let (attacker, patience) = (arena.attacker(Side::South)?, Patience::new());
    while attacker.now().await? < ready {
        patience.wait_for("a resume").await?;
    }
    attacker
        .call(council.contract, council.execute_resume(scope)?)
        .await?;
    try_to_send(arena, token).await
}

/// A small quorum halts a path again whenever it likes, after the day that it has.
pub(super) async fn halts_on(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let scope = Scope {
        kind: ScopeKind::Direction,
        path: keccak256(heist.client.id.as_str()),
        item: B256::with_last_byte(holds::RECEIVE),
    };
    let council = Council::at(arena.end(Side::South)).await?;
    let day = council.halt(SMALL_QUORUM, scope, DAY_SECS).await?;
    let first = arena.refusal(Side::South, council.contract, day).await?;
    ensure!(
        first.is_none(),
        "the day that a quorum has was refused: {first:?}"
    );
    let (until, _) = council.halt_of(scope).await?;
    for _ in 0..AGAIN {
        wait_for_more(arena, &council, scope).await?;
        let more = council.halt(SMALL_QUORUM, scope, DAY_SECS).await?;
        if let Some(rule) = arena.refusal(Side::South, council.contract, more).await? {
            return Ok(Outcome::Refused(rule));
        }
    }
    let (later, _) = council.halt_of(scope).await?;
    let charged = council.charged(scope.path).await?;
    Ok(if later > until && charged == DAY_SECS * (AGAIN + 1) {
        Outcome::Succeeded(format!(
            "the small quorum has used {charged} s of halting time, of {DAY_SECS}, and goes on"
        ))
    } else {
        Outcome::Idle(format!(
            "{charged} s are charged; halted until {until}, then {later}"
        ))
    })
}

/// Waits until another day from now is longer than the halt that is on.
async fn wait_for_more(arena: &Arena<'_>, council: &Council, scope: Scope) -> Result<()> {
    let (attacker, patience) = (arena.attacker(Side::South)?, Patience::new());
    let (until, _) = council.halt_of(scope).await?;
    while attacker.now().await? + DAY_SECS <= until {
        patience.wait_for("the next block").await?;
    }
    Ok(())
}

/// One key raises the limit that is in the way of a theft.
pub(super) async fn raises_limit(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, denom) = heist.voucher().await?;
    heist.limit(voucher, CAPACITY, 0).await?;
    let thief = guardian(arena).await?;
    let raise = LimitDesk::setLimitCall {
        clientId: heist.client.id.to_string(),
        token: voucher,
        direction: holds::RECEIVE,
        limit: Limit {
            kind: UNLIMITED,
            capacity: 0,
            perDay: 0,
            creditCap: 0,
        },
    };
    let transfer = heist.south().transfer;
    let refusal = arena
        .refusal_of(&thief, transfer, raise.abi_encode(), GAS)
        .await?;
    if let Some(rule) = refusal {
        return Ok(Outcome::Refused(rule));
    }
    let loot = heist.forge(&denom, &[FORTUNE]).await?;
    let said = heist.deliver(&loot, 0..1).await?;
    heist.judge(heist.held(voucher).await?, CAPACITY, &[said])
}

/// The account of a guardian whose key was stolen, with something to pay its gas.
async fn guardian(arena: &Arena<'_>) -> Result<Wallet> {
    let key = Guardians::new()?.key(0)?.clone();
    let thief = Wallet::with_key(&arena.end(Side::South).site, key)?;
    let gift = TransactionRequest::default()
        .with_to(thief.address)
        .with_value(U256::from(WEI));
    arena.attacker(Side::South)?.send(gift).await?;
    Ok(thief)
}

/// A small quorum wants what waits for somebody else: with the packet edited, so that it names the thief, he has it
/// released, and cancelled.
pub(super) async fn redirects_hold(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let south = heist.south();
    let (voucher, denom) = heist.voucher().await?;
    let id = heist.client.id.as_str();
    heist::lower(south, id, voucher, heist::refilling(CAPACITY)).await?;
    let victim = south.wallet(Role::User)?.address;
    let held = hold(&heist, victim, &denom).await?;
    heist::wait_for_refill(south, id, voucher, CAPACITY).await?;
    let thief = arena.attacker(Side::South)?.address;
    let edited = heist::edited(&held, |transfer| transfer.receiver = format!("{thief:#x}"))?;
    let release = holds::release(&edited)?.abi_encode();
    let Some(rule) = arena.refusal(Side::South, south.transfer, release).await? else {
        return judge(&heist, voucher).await;
    };
    let council = Council::at(south).await?;
    let cancel = council.cancel_hold(SMALL_QUORUM, &edited).await?;
    let other = arena.refusal(Side::South, council.contract, cancel).await?;
    Ok(match other {
        Some(other) if other == rule => Outcome::Refused(rule),
        Some(other) => Outcome::Refused(format!("{rule}, then {other}")),
        None => Outcome::Succeeded("a transfer that nobody sent was cancelled".into()),
    })
}

/// Has two transfers arrive for `victim`, of which the second waits.
async fn hold(heist: &Heist<'_>, victim: Address, denom: &str) -> Result<Packet> {
    let loot = heist.forge_for(victim, denom, &[CAPACITY; 2]).await?;
    heist.deliver(&loot, 0..2).await?;
    let held = loot.packets.last().context("nothing was sent")?.clone();
    ensure!(
        holds::waits(heist.south(), &held).await?,
        "nothing waits: this attack tests nothing"
    );
    Ok(held)
}

async fn judge(heist: &Heist<'_>, voucher: Address) -> Result<Outcome> {
    let paid = heist.held(voucher).await?;
    Ok(if paid == U256::from(CAPACITY) {
        Outcome::Succeeded(format!("the thief was paid {paid} that waited for somebody else"))
    } else {
        Outcome::Idle(format!("the thief was paid {paid}"))
    })
}
