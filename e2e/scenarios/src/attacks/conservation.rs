//! Attacks on the books: over one client more comes home than ever left, or seems to.
//!
//! The escrow holds more than its books say, because somebody sent tokens there by mistake: so the token itself would pay.

use super::{
    arena::Arena,
    heist::{self, Heist, LIFE_SECS},
    outcome::Outcome,
};
use crate::{
    contracts::{TestToken, Transfer},
    draft::Artifact,
    holds,
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{Address, U256, keccak256},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result, ensure};
use wire::Packet;

const TEST_TOKEN: &str = include_str!("../../../../contracts/artifacts/TestToken.json");
/// What a user sent out over the client.
const LOCKED: u128 = 1_000_000;
/// What lies in the escrow besides.
const STRAY: u128 = 10 * LOCKED;
/// What may leave at once where somebody's transfer has to wait; it refills within a minute.
const CAPACITY: u128 = LOCKED / 4 * 3;
/// The packet that would break conservation: the second.
const BREACH: u64 = 2;
/// `ScopeKind.Asset`, `HoldState.Waiting` and `Verdict.HeldBreach` by their numbers.
const ASSET: u8 = 3;
const WAITING: u8 = 1;
const HELD_BREACH: u8 = 11;

/// As much as ever left comes home, and then as much again.
pub(super) async fn emptied_escrow(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let token = lock(arena, &heist).await?;
    let loot = heist.forge(&heist.name_abroad(token), &[LOCKED; 2]).await?;
    let said = heist.deliver(&loot, 0..2).await?;
    let outcome = heist.judge(heist.held(token).await?, LOCKED, &[said])?;
    if matches!(outcome, Outcome::Refused(_)) && !is_contained(arena, &heist, token).await? {
        return Ok(Outcome::Idle("nothing was paid, but the asset goes on".into()));
    }
    Ok(outcome)
}

/// A good transfer of somebody else waits. With a larger amount in its packet it seems to break conservation, which halts
/// the asset until the large quorum resumes it.
pub(super) async fn edited_hold(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (south, id) = (heist.south(), heist.client.id.as_str());
    let token = lock(arena, &heist).await?;
    heist::lower(south, id, token, heist::refilling(CAPACITY)).await?;
    let held = hold_the_rest(&heist, token).await?;
    heist::wait_for_refill(south, id, token, CAPACITY).await?;
    let edited = heist::edited(&held, |transfer| transfer.amount = U256::from(CAPACITY))?;
    let release = holds::release(&edited)?.abi_encode();
    if let Some(rule) = arena.refusal(Side::South, south.transfer, release).await? {
        return Ok(Outcome::Refused(rule));
    }
    let until = halted_until(arena, &heist, token).await?;
    Ok(if until == u64::MAX {
        Outcome::Succeeded("the asset is halted although nothing broke conservation".into())
    } else {
        Outcome::Idle(format!("the asset is halted until {until}"))
    })
}

/// Has all that left come home to the user, in two transfers of which the second, the smaller one, waits.
async fn hold_the_rest(heist: &Heist<'_>, token: Address) -> Result<Packet> {
    let owner = heist.south().wallet(Role::User)?.address;
    let amounts = [CAPACITY, LOCKED - CAPACITY];
    let loot = heist
        .forge_for(owner, &heist.name_abroad(token), &amounts)
        .await?;
    heist.deliver(&loot, 0..2).await?;
    let held = loot.packets.last().context("nothing was sent")?.clone();
    ensure!(
        holds::waits(heist.south(), &held).await?,
        "nothing waits: this attack tests nothing"
    );
    Ok(held)
}

/// A token of which the user sent some out over the client, and lost some to its escrow.
async fn lock(arena: &Arena<'_>, heist: &Heist<'_>) -> Result<Address> {
    let (south, client) = (heist.south(), heist.client.id.as_str());
    let names = ("Strayed token", "STRAY").abi_encode_params();
    let issuer = arena.attacker(Side::South)?;
    let token = issuer.deploy(Artifact::parse(TEST_TOKEN)?.code(), &names).await?;
    south.fund(Role::User, token, U256::from(LOCKED)).await?;
    let receiver = arena.end(Side::North).wallet(Role::User)?.address;
    let timeout = issuer.now().await? + LIFE_SECS;
    let message = south.transfer_over(client, (token, U256::from(LOCKED)), receiver, timeout);
    south.send_message(Role::User, message).await?;
    let transfer = Transfer::new(south.transfer, &issuer.provider);
    let mistake = TestToken::mintCall {
        account: transfer.getEscrow(client.into()).call().await?,
        amount: U256::from(STRAY),
    };
    issuer.call(token, mistake.abi_encode()).await?;
    Ok(token)
}

/// Whether the asset is halted until somebody resumes it, and the packet waits.
async fn is_contained(arena: &Arena<'_>, heist: &Heist<'_>, token: Address) -> Result<bool> {
    let provider = arena.attacker(Side::South)?.provider;
    let transfer = Transfer::new(heist.south().transfer, provider);
    let client = heist.client.id.to_string();
    let until = halted_until(arena, heist, token).await?;
    let hold = transfer.getHold(client, BREACH).call().await?;
    Ok(until == u64::MAX && hold.state == WAITING && hold.reason == HELD_BREACH)
}

/// Until when `token` is halted over the client.
async fn halted_until(arena: &Arena<'_>, heist: &Heist<'_>, token: Address) -> Result<u64> {
    let provider = arena.attacker(Side::South)?.provider;
    let transfer = Transfer::new(heist.south().transfer, provider);
    let asset = keccak256((keccak256(heist.client.id.as_str()), token).abi_encode());
    Ok(transfer.haltedUntil(ASSET, asset).call().await?)
}
