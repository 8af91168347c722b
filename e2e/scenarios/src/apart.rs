//! Accounts of one's own on a chain on which something else runs already: so nobody's transactions come between anybody else's.

use crate::cosmos::bank::transfer;
use crate::cosmos::sent::{deliver, rules, wallet};
use crate::cosmos::{BALANCE, CosmosSite, STAKE, TOKEN, account};
use crate::site::{Role, Site};
use crate::wallet::Wallet;
use alloy::{
    network::TransactionBuilder,
    primitives::{B256, U256, keccak256},
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
};
use anyhow::Result;

/// What each account may spend on an EVM chain, in wei.
const FUNDS_WEI: u128 = 10_000_000_000_000_000_000;
/// Which part of an account on a Cosmos chain each new one gets.
const PART: u64 = 100;
/// Blocks in which the accounts have to be paid: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 600;

/// The same chain with other accounts for all roles, those of `what`. The attacker, who has nothing to do yet, pays.
///
/// # Errors
/// The chain refuses it.
pub async fn evm(site: &Site, what: &str) -> Result<Site> {
    let keys = keys(&site.name, what);
    pay(site, &keys).await?;
    Ok(Site { keys, ..site.clone() })
}

/// The same for a Cosmos chain.
///
/// # Errors
/// The chain refuses it.
pub async fn cosmos(site: &CosmosSite, what: &str) -> Result<CosmosSite> {
    let keys = keys(&site.name, what);
    let receivers = keys.iter().map(account).collect::<Result<Vec<_>>>()?;
    let purse = wallet(
        rules(&site.chain_id, PATIENCE_BLOCKS)?,
        &[site.key(Role::Attacker)?],
    )?;
    let pay = |from: &str| {
        let coins = [(STAKE, BALANCE / PART), (TOKEN, BALANCE / PART)];
        let messages = receivers.iter().map(|to| transfer(from, to.as_ref(), &coins));
        Ok(messages.collect())
    };
    deliver(&site.rpc()?, &purse, pay).await?;
    Ok(CosmosSite { keys, ..site.clone() })
}

/// Gives the accounts of `keys` what they need; the attacker pays.
///
/// # Errors
/// The chain refuses it.
pub(crate) async fn pay(site: &Site, keys: &[B256]) -> Result<()> {
    let purse = Wallet::of(site, Role::Attacker)?;
    for key in keys {
        let request = TransactionRequest::default()
            .with_to(PrivateKeySigner::from_bytes(key)?.address())
            .with_value(U256::from(FUNDS_WEI));
        purse.send(request).await?;
    }
    Ok(())
}

/// Keys that anyone can derive, one for each role.
fn keys(chain: &str, what: &str) -> Vec<B256> {
    let key = |role: &Role| keccak256(format!("weighbridge test {what} {chain} {role:?}"));
    Role::ALL.iter().map(key).collect()
}
