//! Attacks on halts: guardians saw a theft in time and halted what it goes through, and the thief goes on.
//!
//! The client believes whatever he signs, so nothing but the halt is in his way.

use super::{
    arena::Arena,
    heist::{self, Heist, LIFE_SECS},
    outcome::Outcome,
    packed,
};
use crate::{
    contracts::{Router, Transfer},
    council::{Council, asset_scope, client_scope},
    draft::Artifact,
    guardians::SMALL_QUORUM,
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent, SolValue},
};
use anyhow::Result;
use guardian_core::Scope;

const TEST_TOKEN: &str = include_str!("../../../../contracts/artifacts/TestToken.json");
/// How long what is attacked here is halted: longer than any attack takes.
const HALT_SECS: u64 = 6 * 3_600;
/// A fortune.
const FORTUNE: u128 = 1 << 96;
/// More gas than the packet needs.
const MESSAGE_GAS: u32 = 3_000_000;
/// What is sent where nothing may leave.
const AMOUNT: u64 = 1_000_000;

/// A payment of an asset that guardians halted.
pub(super) async fn payout_in_halted_asset(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, _) = heist.voucher().await?;
    let scope = asset_scope(heist.client.id.as_str(), voucher);
    steal_while_halted(arena, &heist, scope).await
}

/// Anything that a client says which guardians halted.
pub(super) async fn receive_over_halted_client(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let scope = client_scope(heist.client.id.as_str());
    steal_while_halted(arena, &heist, scope).await
}

/// The same in a batch, which proves its packets by itself.
pub(super) async fn batch_over_halted_client(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, denom) = heist.voucher().await?;
    let loot = heist.forge(&denom, &[FORTUNE]).await?;
    halt(arena, client_scope(heist.client.id.as_str())).await?;
    let batch = packed::pack(&loot, &heist.client.id, MESSAGE_GAS)?;
    let attacker = arena.attacker(Side::South)?;
    let receipt = heist::call(&attacker, heist.south().router, batch.abi_encode()).await?;
    match skipped(arena, &receipt) {
        Some(rule) => Ok(Outcome::Refused(rule)),
        None => Ok(judge(heist.held(voucher).await?)),
    }
}

/// A transfer out, of an asset that guardians halted.
pub(super) async fn send_in_halted_asset(arena: &Arena<'_>) -> Result<Outcome> {
    let south = arena.end(Side::South);
    let token = own_token(arena).await?;
    halt(arena, asset_scope(&south.client, token)).await?;
    try_to_send(arena, token).await
}

/// Delivers a forged fortune while `scope` is halted.
async fn steal_while_halted(arena: &Arena<'_>, heist: &Heist<'_>, scope: Scope) -> Result<Outcome> {
    let (voucher, denom) = heist.voucher().await?;
    let loot = heist.forge(&denom, &[FORTUNE]).await?;
    halt(arena, scope).await?;
    let call = loot.call(0)?.to_vec();
    let south = arena.end(Side::South);
    if let Some(rule) = arena.refusal(Side::South, south.router, call).await? {
        return Ok(Outcome::Refused(rule));
    }
    Ok(judge(heist.held(voucher).await?))
}

fn judge(held: U256) -> Outcome {
    if held.is_zero() {
        Outcome::Idle("the packet was taken, but paid nothing".into())
    } else {
        Outcome::Succeeded(format!("the attacker was paid {held} while it was halted"))
    }
}

/// Why the first message of a batch that was skipped was skipped.
fn skipped(arena: &Arena<'_>, receipt: &TransactionReceipt) -> Option<String> {
    let mut logs = receipt.inner.logs().iter();
    let log = logs.find_map(|log| Router::MessageSkipped::decode_log(&log.inner).ok())?;
    Some(arena.reason(&log.reason))
}

/// Has the guardians of South halt `scope`.
pub(super) async fn halt(arena: &Arena<'_>, scope: Scope) -> Result<()> {
    let south = arena.end(Side::South);
    let council = Council::at(south).await?;
    let call = council.halt(SMALL_QUORUM, scope, HALT_SECS).await?;
    south.wallet(Role::User)?.call(council.contract, call).await?;
    Ok(())
}

/// A token of South that the attacker owns some of, and that nobody else uses.
pub(super) async fn own_token(arena: &Arena<'_>) -> Result<Address> {
    let (south, attacker) = (arena.end(Side::South), arena.attacker(Side::South)?);
    let names = ("Token of one attack", "ATTACK").abi_encode_params();
    let token = attacker
        .deploy(Artifact::parse(TEST_TOKEN)?.code(), &names)
        .await?;
    south.fund(Role::Attacker, token, U256::from(AMOUNT)).await?;
    Ok(token)
}

/// Sends the attacker's own `token` out; success is that it left.
pub(super) async fn try_to_send(arena: &Arena<'_>, token: Address) -> Result<Outcome> {
    let (south, attacker) = (arena.end(Side::South), arena.attacker(Side::South)?);
    let timeout = attacker.now().await? + LIFE_SECS;
    let value = (token, U256::from(AMOUNT));
    let message = south.transfer_over(&south.client, value, attacker.address, timeout);
    let call = Transfer::sendTransferCall { message };
    if let Some(rule) = arena
        .refusal(Side::South, south.transfer, call.abi_encode())
        .await?
    {
        return Ok(Outcome::Refused(rule));
    }
    let left = south.escrowed(token).await?;
    Ok(if left == U256::from(AMOUNT) {
        Outcome::Succeeded(format!("{left} left although guardians halted the asset"))
    } else {
        Outcome::Idle(format!("{left} left"))
    })
}
