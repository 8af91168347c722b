//! Attacks on limits: the client is lost already, and the limit is what is left.
//!
//! The bound is I4: what is paid in any window is at most the capacity, the refill of the window, and what inflow in it was
//! credited. The refill is none here.

use super::{
    arena::Arena,
    heist::{Heist, LIFE_SECS},
    outcome::Outcome,
};
use crate::{site::Role, tracker::Side};
use alloy::primitives::{Address, U256};
use anyhow::Result;

/// The most that may leave at once.
const CAPACITY: u128 = 1_000_000;
/// How much of the refill inflow may bring forward, where it may.
const CREDIT_CAP: u128 = CAPACITY / 2;
/// A fortune.
const FORTUNE: u128 = 1 << 96;
/// Into how many pieces twice the capacity is cut.
const PIECES: usize = 32;
const PIECE: u128 = 2 * CAPACITY / PIECES as u128;

/// A fortune in one transfer.
pub(super) async fn at_once(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, denom) = heist.voucher().await?;
    heist.limit(voucher, CAPACITY, 0).await?;
    let loot = heist.forge(&denom, &[FORTUNE]).await?;
    let said = heist.deliver(&loot, 0..1).await?;
    heist.judge(heist.held(voucher).await?, CAPACITY, &[said])
}

/// Twice the capacity in many small transfers, all in one block.
pub(super) async fn in_pieces(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, denom) = heist.voucher().await?;
    heist.limit(voucher, CAPACITY, 0).await?;
    let loot = heist.forge(&denom, &[PIECE; PIECES]).await?;
    let said = heist.deliver(&loot, 0..PIECES).await?;
    heist.judge(heist.held(voucher).await?, CAPACITY, &[said])
}

/// What was paid goes out again, so that inflow makes room for more: twice as much inflow as may be credited.
pub(super) async fn cycled(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (voucher, denom) = heist.voucher().await?;
    heist.limit(voucher, CAPACITY, CREDIT_CAP).await?;
    let loot = heist.forge(&denom, &[CREDIT_CAP; 4]).await?;
    let mut said = vec![heist.deliver(&loot, 0..2).await?];
    let mut sent = U256::ZERO;
    for next in 2..4 {
        send_back(arena, &heist, voucher).await?;
        sent += U256::from(CREDIT_CAP);
        said.push(heist.deliver(&loot, next..next + 1).await?);
    }
    let paid = heist.held(voucher).await? + sent;
    heist.judge(paid, CAPACITY + CREDIT_CAP, &said)
}

/// Sends as much as may be credited to North, over the same client.
async fn send_back(arena: &Arena<'_>, heist: &Heist<'_>, voucher: Address) -> Result<()> {
    let attacker = arena.attacker(Side::South)?;
    let timeout = attacker.now().await? + LIFE_SECS;
    let value = (voucher, U256::from(CREDIT_CAP));
    let south = heist.south();
    let message = south.transfer_over(heist.client.id.as_str(), value, attacker.address, timeout);
    south.send_message(Role::Attacker, message).await?;
    Ok(())
}
