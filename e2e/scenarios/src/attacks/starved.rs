//! Attacks with too little gas: whoever delivers decides how much he brings, and must not thereby decide what becomes of a
//! good message.
//!
//! The attacker is a relayer. The client is his, too, for no other reason than that nothing has to be waited for.

use super::{
    arena::Arena,
    heist::{self, Heist},
    inside::{letter, skipped},
    outcome::Outcome,
    packed,
    reentry::{deploy_accomplice, step},
};
use crate::{
    calls,
    contracts::{Accomplice, Router as Contract, TestToken},
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::to_sol;
use wire::{Packet, Payload};

/// How much a call does: gifts of a token to accounts that had none. It needs more than half of what a call gets.
const GIFTS: u64 = 45;
/// Gas for a transaction: too little for the call, and enough for all around it.
const TOO_LITTLE_GAS: u64 = 1_200_000;
/// Gas that a batch declares for a letter: less than its application registered.
const STARVING_GAS: u32 = 90_000;

/// A call that succeeds with the gas that is set aside for it, delivered with less.
pub(super) async fn starved_call(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let south = heist.south();
    calls::allow(south, heist.client.id.as_str()).await?;
    let accomplice = deploy_accomplice(&arena.attacker(Side::South)?).await?;
    let payloads = [1, 2].map(|number| gifts(arena, accomplice, number));
    let loot = heist
        .forge_payloads(payloads.into_iter().collect::<Result<_>>()?)
        .await?;
    heist.deliver(&loot, 0..1).await?;
    let fed = loot.packets.first().context("nothing was sent")?;
    ensure!(
        is_success(arena, fed).await?,
        "the call fails with all its gas: this attack tests nothing"
    );
    let (attacker, call) = (arena.attacker(Side::South)?, loot.call(1)?.to_vec());
    let refusal = arena
        .refusal_of(&attacker, south.router, call, TOO_LITTLE_GAS)
        .await?;
    if let Some(rule) = refusal {
        return Ok(Outcome::Refused(rule));
    }
    let starved = loot.packets.get(1).context("too little was sent")?;
    Ok(if is_success(arena, starved).await? {
        Outcome::Idle("the call succeeded with what it got".into())
    } else {
        Outcome::Succeeded("a good call was answered by an error, for want of gas".into())
    })
}

/// A good letter in a batch that declares too little for it.
pub(super) async fn starved_message(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let loot = heist.forge_payloads(vec![letter(arena)?]).await?;
    let call = packed::pack(&loot, &heist.client.id, STARVING_GAS)?.abi_encode();
    let router = heist.south().router;
    let (attacker, gas) = (arena.attacker(Side::South)?, super::arena::GAS);
    if let Some(rule) = arena.refusal_of(&attacker, router, call.clone(), gas).await? {
        return Ok(Outcome::Refused(rule));
    }
    // What went through once skips it again: this receipt says so.
    let receipt: TransactionReceipt = heist::call(&attacker, router, call).await?;
    let letters = loot.packets.len();
    Ok(if skipped(&receipt) == letters {
        Outcome::Succeeded(format!("{letters} good message was skipped for want of gas"))
    } else {
        Outcome::Idle("the letter arrived".into())
    })
}

/// A call, the one of this `number`, that gives a token to many.
fn gifts(arena: &Arena<'_>, accomplice: Address, number: u64) -> Result<Payload> {
    let token = arena.end(Side::South).token;
    let steps = (0..GIFTS).map(|at| {
        let account = Address::from_word(U256::from((number << 32) + at + (1 << 20)).into());
        let mint = TestToken::mintCall {
            account,
            amount: U256::from(1),
        };
        step(token, mint)
    });
    let run = Accomplice::runCall {
        steps: steps.collect(),
    };
    let sender = arena.end(Side::North).wallet(Role::User)?.address;
    calls::payload(sender, accomplice, run.abi_encode())
}

/// Whether `packet` was received and answered by a success.
async fn is_success(arena: &Arena<'_>, packet: &Packet) -> Result<bool> {
    let provider = arena.attacker(Side::South)?.provider;
    let router = Contract::new(arena.end(Side::South).router, provider);
    let packet = Contract::Packet::abi_decode(&to_sol(packet).abi_encode())?;
    Ok(router.isPacketReceiveSuccessful(packet).call().await?)
}
