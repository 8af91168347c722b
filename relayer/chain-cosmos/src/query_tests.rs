//! Answers of a real simd (`captured.json`), and of applications that answer something else.

use super::{BASE, Found, OnChain};
use crate::rpc::Rpc;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountResponse};
use cosmrs::proto::traits::Message;
use endpoints::testing::{Fake, endpoint};
use serde_json::{Value, json};

const ADDRESS: &str = "cosmos1zfykckw555ezykf3xakjz09cjzfk7zweqfff6h";

async fn node(response: Value) -> Rpc {
    let fake = Fake::rpc(move |_, _| Ok(json!({ "response": response }))).await;
    Rpc(endpoint(&fake).await)
}

async fn answering(value: &[u8]) -> Rpc {
    node(json!({"code": 0, "key": null, "value": STANDARD.encode(value), "height": "9"})).await
}

fn base(number: u64, sequence: u64) -> Vec<u8> {
    BaseAccount {
        address: ADDRESS.into(),
        pub_key: None,
        account_number: number,
        sequence,
    }
    .encode_to_vec()
}

fn account(kind: &str, value: Vec<u8>) -> Vec<u8> {
    let any = Any {
        type_url: kind.into(),
        value,
    };
    QueryAccountResponse { account: Some(any) }.encode_to_vec()
}

/// A message whose first field is `inner`.
fn nested(inner: &[u8]) -> Vec<u8> {
    super::Outer {
        inner: Some(inner.to_vec()),
    }
    .encode_to_vec()
}

#[tokio::test]
async fn an_account_of_a_real_chain_is_read() {
    let all: Value = serde_json::from_str(include_str!("captured.json")).unwrap();
    let rpc = node(all["account"]["response"].clone()).await;
    let fresh = OnChain {
        height: 33,
        number: 0,
        sequence: 0,
    };
    assert_eq!(
        rpc.account(ADDRESS).await.unwrap().unwrap(),
        Found::Account(fresh)
    );
    assert!(rpc.account("cosmos1other").await.is_err(), "of another address");
}

#[tokio::test]
async fn accounts_of_all_kinds_hold_a_plain_one() {
    let plain = base(3, 4);
    for (kind, value) in [
        (BASE, plain.clone()),
        ("/cosmos.auth.v1beta1.ModuleAccount", nested(&plain)),
        ("/ethermint.types.v1.EthAccount", nested(&plain)),
        (
            "/cosmos.vesting.v1beta1.ContinuousVestingAccount",
            nested(&nested(&plain)),
        ),
    ] {
        let found = answering(&account(kind, value)).await.account(ADDRESS).await;
        let expected = OnChain {
            height: 9,
            number: 3,
            sequence: 4,
        };
        assert_eq!(found.unwrap().unwrap(), Found::Account(expected), "{kind}");
    }
    let strange = answering(&account("/other.Account", plain))
        .await
        .account(ADDRESS)
        .await;
    assert_eq!(strange.unwrap().unwrap(), Found::Strange("/other.Account".into()));
}

#[tokio::test]
async fn an_answer_that_is_no_account_is_refused() {
    for value in [
        Vec::new(),
        account(BASE, vec![0xff]),
        account("/cosmos.auth.v1beta1.ModuleAccount", base(3, 4)[..0].to_vec()),
        vec![0x0a, 0xff],
    ] {
        assert!(
            answering(&value).await.account(ADDRESS).await.is_err(),
            "{value:?}"
        );
    }
    let absent = json!({"code": 22, "codespace": "sdk", "log": "account not found: key not found", "key": null, "height": "9"});
    assert_eq!(
        node(absent).await.account(ADDRESS).await.unwrap().unwrap(),
        Found::Nothing
    );
}

#[tokio::test]
async fn a_simulation_that_uses_nothing_is_none() {
    assert!(answering(&[]).await.simulate(vec![1]).await.is_err());
    assert!(answering(&[0x0a, 0]).await.simulate(vec![1]).await.is_err());
    // GasInfo { gas_used: 7 }.
    let seven = answering(&[0x0a, 2, 0x10, 7]).await.simulate(vec![1]).await;
    assert_eq!(seven.unwrap().unwrap(), 7);
}

#[tokio::test]
async fn a_price_is_of_the_coin_that_was_asked() {
    let coin = b"\x0a\x0a\x0a\x05stake\x12\x0125".to_vec();
    let mut price = coin.clone();
    price[1] = (coin.len() - 2) as u8;
    price[10] = 2;
    let rpc = answering(&price).await;
    assert_eq!(rpc.market_price("stake").await.unwrap().unwrap().0, 25);
    assert!(rpc.market_price("token").await.is_err());
}
