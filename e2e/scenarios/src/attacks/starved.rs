//! Attacks with too little gas: whoever delivers decides how much he brings, and must not thereby decide what becomes of a
//! good message.
//!
//! The attacker is a relayer. The client is his, too, for no other reason than that nothing has to be waited for.

use super::{
    arena::{Arena, GAS},
    heist::{self, Heist},
    inside::{letter, skipped},
    outcome::Outcome,
    packed,
};
use crate::tracker::Side;
use alloy::sol_types::SolCall;
use anyhow::Result;

/// Gas that a batch declares for a letter: less than its application registered.
const STARVING_GAS: u32 = 90_000;

/// A good letter in a batch that declares too little for it.
pub(super) async fn starved_message(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let loot = heist.forge_payloads(vec![letter(arena)?]).await?;
    let call = packed::pack(&loot, &heist.client.id, STARVING_GAS)?.abi_encode();
    let router = heist.south().router;
    let (attacker, gas) = (arena.attacker(Side::South)?, GAS);
    if let Some(rule) = arena.refusal_of(&attacker, router, call.clone(), gas).await? {
        return Ok(Outcome::Refused(rule));
    }
    // What went through once skips it again: this receipt says so.
    let receipt = heist::call(&attacker, router, call).await?;
    let letters = loot.packets.len();
    Ok(if skipped(&receipt) == letters {
        Outcome::Succeeded(format!("{letters} good message was skipped for want of gas"))
    } else {
        Outcome::Idle("the letter arrived".into())
    })
}
