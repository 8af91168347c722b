//! Transactions on a chain that is ours and well: sent by the adapter, and followed until they are in a block.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, bail, ensure};
use chain_cosmos::{Any, Fate, Flight, Key, Landed, Pay, Rpc, Rules, Tried, Trouble, Wallet};
use tokio::time::{Instant, sleep};

use super::served::height;
use super::{PREFIX, STAKE};

/// What is paid for gas, though the chains would do it for nothing.
const PRICE: &str = "0.001";
/// The patience with a message that is only tried.
const TRIED_BLOCKS: u64 = 600;
/// How long a transaction may take into a block.
const INCLUDED_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The rules by which accounts send on a chain.
///
/// - `timeout_blocks`: the patience with a transaction.
///
/// # Errors
/// None in practice: the price is a price.
pub fn rules(chain_id: &str, timeout_blocks: u64) -> Result<Rules> {
    Ok(Rules {
        chain_id: chain_id.to_owned(),
        pay: Pay::Fixed {
            denom: STAKE.to_owned(),
            price: PRICE.parse()?,
        },
        gas_margin_percent: 30,
        simulate_every: 16,
        gas_max: 20_000_000,
        messages_max: 100,
        bytes_max: 1_000_000,
        timeout_blocks,
        flying_max: 8,
    })
}

/// A wallet with `keys`.
///
/// # Errors
/// A key is none of secp256k1, or stands there twice.
pub fn wallet(rules: Rules, keys: &[B256]) -> Result<Wallet> {
    let key = |key: &B256| Key::new(key.as_slice(), PREFIX);
    let keys = keys.iter().map(key).collect::<Result<_, _>>()?;
    Ok(Wallet::new(rules, keys)?)
}

/// What was tried, if it worked.
///
/// # Errors
/// It did not.
pub fn tried<T>(tried: Tried<T>) -> Result<T> {
    let answered = tried.map_err(|complaint| anyhow!("the node did not answer: {complaint:?}"))?;
    answered.map_err(|trouble| anyhow!("failed to send: {trouble}"))
}

/// Sends what `build` makes for the account whose turn it is, all in one transaction, and waits for its block.
///
/// # Errors
/// The node does not answer, the transaction is refused or fails, or it comes into no block.
pub async fn deliver(rpc: &Rpc, wallet: &Wallet, build: impl Fn(&str) -> Result<Vec<Any>>) -> Result<Landed> {
    let (address, flight) = hand_over(rpc, wallet, build).await?;
    let landed = match settle(rpc, wallet, &address, &flight).await? {
        Fate::Landed(landed) => landed,
        other => bail!("a transaction of {address} is {other:?}"),
    };
    ensure!(
        landed.failure.is_none(),
        "a transaction of {address} failed: {landed:?}"
    );
    Ok(landed)
}

/// What the chain says against a message, if it does: it is tried on the newest state and never sent.
///
/// - `key`: of the account that would sign.
///
/// # Errors
/// The node does not answer.
pub async fn refusal(rpc: &Rpc, chain_id: &str, key: B256, message: Any) -> Result<Option<String>> {
    // Nobody waits for what is only tried.
    let wallet = wallet(rules(chain_id, TRIED_BLOCKS)?, &[key])?;
    let now = height(rpc).await?;
    let mut turn = wallet.turn().await;
    match turn.sign(rpc, &[message], now).await {
        Ok(Ok(_)) => Ok(None),
        // By the chain's application, or before it comes there.
        Ok(Err(Trouble::WouldFail { said, .. } | Trouble::Refused(said))) => Ok(Some(said.log)),
        other => bail!("trying a message: {other:?}"),
    }
}

async fn hand_over(
    rpc: &Rpc,
    wallet: &Wallet,
    build: impl Fn(&str) -> Result<Vec<Any>>,
) -> Result<(String, Flight)> {
    let mut turn = wallet.turn().await;
    let messages = build(turn.address())?;
    let now = height(rpc).await?;
    let (signed, unclear) = tried(turn.send(rpc, &messages, now, |_| {}).await)?;
    if let Some(complaint) = unclear {
        bail!("nobody knows whether the node has a transaction: {complaint:?}");
    }
    ensure!(
        signed.count == messages.len(),
        "{} of {} messages went into a transaction",
        signed.count,
        messages.len()
    );
    Ok((turn.address().to_owned(), signed.flight))
}

/// Waits until it is known what became of a transaction.
///
/// # Errors
/// The node does not answer, or it takes too long.
pub async fn settle(rpc: &Rpc, wallet: &Wallet, address: &str, flight: &Flight) -> Result<Fate> {
    let begun = Instant::now();
    loop {
        let fate = tried(wallet.find(rpc, address, flight).await).context("looking for a transaction")?;
        let Fate::Waiting { height } = fate else {
            return Ok(fate);
        };
        ensure!(
            begun.elapsed() < INCLUDED_WITHIN,
            "a transaction of {address} is in no block up to {height} after {} s",
            INCLUDED_WITHIN.as_secs()
        );
        sleep(LOOK_EVERY).await;
    }
}
