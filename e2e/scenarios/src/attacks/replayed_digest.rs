//! Signatures of honest attestors, carried to where they were not meant.
//!
//! The attestors of a client serve other clients as well, among them one of a worthless network whose router belongs to the
//! attacker. There they sign truthfully what that router stores. The attacker brings those very signatures to the client
//! that stands for North.

use super::{
    arena::Arena,
    attested::{self, Attestors, HEIGHT},
    lie::Lie,
    outcome::Outcome,
    pairing,
};
use crate::{site::Site, tracker::Side, wallet::Wallet};
use alloy::{
    network::{EthereumWallet, TransactionBuilder},
    primitives::{Address, U256},
    providers::{Provider, ProviderBuilder},
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
};
use anyhow::{Result, ensure};
use wire::Height;

/// What a deployer of one contract needs, in wei.
const FUNDS_WEI: u128 = 1_000_000_000_000_000_000;
/// The attacker's own router on a chain of no worth.
const WORTHLESS: (u64, Address) = (9_999, Address::repeat_byte(0x66));

/// The other client has the same address, on another chain.
pub(super) async fn of_another_chain(arena: &Arena<'_>) -> Result<Outcome> {
    let attestors = Attestors::new();
    // One fresh key on both chains gives one address to its first contract on each.
    let key = PrivateKeySigner::random();
    let north = arena.end(Side::North);
    let here = fresh(arena, Side::South, &key).await?;
    let victim = attestors
        .deploy(arena, Side::South, &here, (north.site.chain_id, north.router))
        .await?;
    let there = fresh(arena, Side::North, &key).await?;
    let other = attestors.deploy(arena, Side::North, &there, WORTHLESS).await?;
    ensure!(
        victim == other,
        "the clients are at {victim} and {other}: this attack tests nothing"
    );
    replay(arena, &attestors, victim, (Side::North, other)).await
}

/// The other client is on the same chain.
pub(super) async fn of_another_contract(arena: &Arena<'_>) -> Result<Outcome> {
    let attestors = Attestors::new();
    let attacker = arena.attacker(Side::South)?;
    let north = arena.end(Side::North);
    let victim = attestors
        .deploy(arena, Side::South, &attacker, (north.site.chain_id, north.router))
        .await?;
    let other = attestors.deploy(arena, Side::South, &attacker, WORTHLESS).await?;
    replay(arena, &attestors, victim, (Side::South, other)).await
}

/// Attestors sign for `other`; the signatures go to `victim`.
async fn replay(
    arena: &Arena<'_>,
    attestors: &Attestors,
    victim: Address,
    (host, other): (Side, Address),
) -> Result<Outcome> {
    let client = pairing::add_paired(arena, victim).await?;
    let lie = Lie::over(arena, &client).await?;
    let claim = attested::claim(arena, &lie).await?;
    let digest = attested::digest_of(arena, host, other, &claim).await?;
    let update = attestors.sign(HEIGHT, claim, digest);
    match attested::offer(arena, &client, &update).await? {
        Some(rule) => Ok(Outcome::Refused(rule)),
        None => lie.collect(arena, Height::of(HEIGHT)).await,
    }
}

/// An account that never sent anything, with some funds.
async fn fresh(arena: &Arena<'_>, side: Side, key: &PrivateKeySigner) -> Result<Wallet> {
    let funds = TransactionRequest::default()
        .with_to(key.address())
        .with_value(U256::from(FUNDS_WEI));
    arena.attacker(side)?.send(funds).await?;
    let site: &Site = &arena.end(side).site;
    let provider = ProviderBuilder::new()
        .wallet(EthereumWallet::new(key.clone()))
        .connect_http(site.rpc_url.parse()?)
        .erased();
    Ok(Wallet {
        provider,
        address: key.address(),
    })
}
