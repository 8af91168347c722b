//! What an account owns.

use anyhow::{Context, Result};
use chain_cosmos::{Any, Rpc};
use cosmrs::proto::cosmos::bank::v1beta1::{MsgSend, QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::traits::Message;

use super::served::served;

const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";
const BALANCE_QUERY: &str = "/cosmos.bank.v1beta1.Query/Balance";

/// What `address` has of `denom`.
///
/// # Errors
/// The node does not answer, or answers something else.
pub async fn balance(rpc: &Rpc, address: &str, denom: &str) -> Result<u64> {
    let ask = QueryBalanceRequest {
        address: address.to_owned(),
        denom: denom.to_owned(),
    };
    let answer = served(rpc.query(BALANCE_QUERY, &ask.encode_to_vec(), None).await)?;
    let found = QueryBalanceResponse::decode(answer.value.as_slice())?.balance;
    let amount = found.map_or("0".to_owned(), |coin| coin.amount);
    amount.parse().with_context(|| format!("{amount} is no amount"))
}

/// The message that pays `coins` on one chain.
pub(crate) fn transfer(from: &str, to: &str, coins: &[(&str, u64)]) -> Any {
    let coin = |(denom, amount): &(&str, u64)| Coin {
        denom: (*denom).to_owned(),
        amount: amount.to_string(),
    };
    let message = MsgSend {
        from_address: from.to_owned(),
        to_address: to.to_owned(),
        amount: coins.iter().map(coin).collect(),
    };
    Any {
        type_url: SEND.to_owned(),
        value: message.encode_to_vec(),
    }
}
