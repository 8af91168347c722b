//! Transactions of the accounts that are known here.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::{Included, Refusal, Rpc};
use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::traits::Message;
use cosmrs::tendermint::chain;
use cosmrs::tx::{Body, Fee, SignDoc, SignerInfo};
use tokio::time::{Instant, sleep};

use super::keys::{account, signer};
use super::served::served;

/// Enough for a few messages; the chains ask no price for it.
const GAS: u64 = 2_000_000;
/// How long a transaction may take into a block.
const INCLUDED_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Where accounts are asked for.
const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";

/// Signs `messages` with `key`, hands them in and waits for their block; returns its height.
///
/// # Errors
/// The node does not answer, the transaction is refused or fails, or it comes into no block for long.
pub(crate) async fn deliver(rpc: &Rpc, chain_id: &str, key: &B256, messages: Vec<Any>) -> Result<u64> {
    let bytes = sign(rpc, chain_id, key, messages).await?;
    let taken = served(rpc.broadcast(&bytes).await)?;
    ensure!(taken.code == 0, "simd refused a transaction: {taken:?}");
    let begun = Instant::now();
    loop {
        match rpc.tx(taken.hash).await {
            Ok(Err(Refusal::NotFound)) => {}
            answered => return included(served(answered)?),
        }
        ensure!(
            begun.elapsed() < INCLUDED_WITHIN,
            "{chain_id}: a transaction is in no block after {} s",
            INCLUDED_WITHIN.as_secs()
        );
        sleep(LOOK_EVERY).await;
    }
}

fn included(found: Included) -> Result<u64> {
    ensure!(
        found.tx_result.code == 0,
        "a transaction failed: {:?}",
        found.tx_result
    );
    Ok(found.height)
}

async fn sign(rpc: &Rpc, chain_id: &str, key: &B256, messages: Vec<Any>) -> Result<Vec<u8>> {
    let known = on_chain(rpc, key).await?;
    let key = signer(key)?;
    let chain: chain::Id = chain_id.parse().context("an id of a chain is too long")?;
    let body = Body::new(messages, "", 0_u32);
    let fee = Fee {
        amount: Vec::new(),
        gas_limit: GAS,
        payer: None,
        granter: None,
    };
    let info = SignerInfo::single_direct(Some(key.public_key()), known.sequence).auth_info(fee);
    let signed = SignDoc::new(&body, &info, &chain, known.account_number).and_then(|doc| doc.sign(&key));
    let bytes = signed.and_then(|signed| signed.to_bytes());
    bytes.map_err(|error| anyhow!("a transaction of {chain_id} can't be signed: {error}"))
}

/// What the chain knows of the account of `key`.
async fn on_chain(rpc: &Rpc, key: &B256) -> Result<BaseAccount> {
    let address = account(key)?.to_string();
    let ask = QueryAccountRequest { address }.encode_to_vec();
    let answer = served(rpc.query(ACCOUNT, &ask, None).await)?;
    let found =
        QueryAccountResponse::decode(answer.value.as_slice()).context("simd's answer holds no account")?;
    let any = found.account.context("simd's answer holds no account")?;
    BaseAccount::decode(any.value.as_slice()).context("simd's answer holds another kind of account")
}
