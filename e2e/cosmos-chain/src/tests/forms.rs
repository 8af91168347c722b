//! Answers have the form of those that a real node gave (simd of ibc-go 10.7 on CometBFT 0.38.17).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::net::{Net, payment};
use crate::Faults;

const CAPTURED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../relayer/chain-cosmos/src/captured.json"
));

fn captured(name: &str) -> Value {
    let all: Value = serde_json::from_str(CAPTURED).unwrap();
    assert!(all[name].is_object(), "{name}");
    all[name].clone()
}

async fn ask(net: &Net, method: &str, params: Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let client = reqwest::Client::new();
    let answer = client.post(net.chain.rpc_url()).body(body.to_string()).send();
    let answer: Value = serde_json::from_str(&answer.await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
    answer
}

async fn result(net: &Net, method: &str, params: Value) -> Value {
    let mut answer = ask(net, method, params).await;
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].take()
}

/// How a text is written: a number, upper-case hexadecimal digits, or anything else.
fn manner(text: &str) -> &'static str {
    let all = |fits: fn(u8) -> bool| !text.is_empty() && text.bytes().all(fits);
    match () {
        () if all(|byte| byte.is_ascii_digit()) => "number",
        () if text.len() >= 40 && all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)) => {
            "hash"
        }
        () => "text",
    }
}

/// All that is in the real answer is in ours, and is written in the same manner.
fn assert_form(at: &str, real: &Value, ours: &Value) {
    match (real, ours) {
        (Value::Object(real), Value::Object(ours)) => {
            for (key, value) in real {
                let other = ours.get(key).unwrap_or_else(|| panic!("{at}/{key} is missing"));
                assert_form(&format!("{at}/{key}"), value, other);
            }
        }
        (Value::Array(real), Value::Array(ours)) => {
            if let (Some(real), Some(ours)) = (real.first(), ours.first()) {
                assert_form(&format!("{at}/0"), real, ours);
            }
        }
        (Value::String(real), Value::String(ours)) => {
            let blank = real.is_empty() || ours.is_empty();
            assert!(
                blank || manner(real) == manner(ours),
                "{at}: {real:?} and {ours:?}"
            );
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (real, ours) => assert!(
            real.is_number() == ours.is_number()
                && real.is_boolean() == ours.is_boolean()
                && !ours.is_string(),
            "{at}: {real} and {ours}"
        ),
    }
}

#[tokio::test]
async fn answers_are_written_as_a_real_node_writes_them() {
    let net = Net::new("lead-1").await;
    let address = net.address();
    net.send(&[payment(&address, &address, "stake", 1)]).await;
    net.chain.advance(2);
    let key = |data: &[u8]| json!({"path": "/store/ibc/key", "data": hex::encode(data), "height": "3", "prove": true});
    let account = cosmrs::proto::cosmos::auth::v1beta1::QueryAccountRequest { address };
    let account = hex::encode(prost::Message::encode_to_vec(&account));
    for (name, method, params) in [
        ("status", "status", json!({})),
        ("commit", "commit", json!({"height": "3"})),
        (
            "validators",
            "validators",
            json!({"height": "3", "page": "1", "per_page": "100"}),
        ),
        ("query", "abci_query", key(b"nextClientSequence")),
        ("absent", "abci_query", key(b"nowhere")),
        ("block_results", "block_results", json!({"height": "3"})),
        ("broadcast", "broadcast_tx_sync", json!({"tx": "AQI="})),
        (
            "account",
            "abci_query",
            json!({"path": "/cosmos.auth.v1beta1.Query/Account", "data": account, "height": "0", "prove": false}),
        ),
        (
            "unknown",
            "abci_query",
            json!({"path": "/nowhere", "data": "", "height": "0"}),
        ),
    ] {
        let ours = result(&net, method, params).await;
        assert_form(name, &captured(name), &ours);
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_in_the_words_of_the_node() {
    let net = Net::new("lead-1").await;
    let unknown = result(
        &net,
        "abci_query",
        json!({"path": "/nowhere", "data": "", "height": "0"}),
    )
    .await;
    assert_eq!(unknown, captured("unknown"));
    let broadcast = result(&net, "broadcast_tx_sync", json!({"tx": "AQI="})).await;
    assert_eq!(
        (&broadcast["code"], &broadcast["codespace"]),
        (&json!(2), &json!("sdk"))
    );
    for (method, params, code, data) in [
        ("nothing", json!({}), -32_601, Value::Null),
        (
            "commit",
            json!({"height": "9"}),
            -32_603,
            json!("height 9 must be less than or equal to the current blockchain height 2"),
        ),
        (
            "validators",
            json!({"height": "2", "page": "2"}),
            -32_603,
            json!("page should be within [1, 1] range, given 2"),
        ),
        (
            "block",
            json!({"height": "0"}),
            -32_603,
            json!("height must be greater than 0, but got 0"),
        ),
    ] {
        let answer = ask(&net, method, params).await;
        assert_eq!(
            (&answer["error"]["code"], &answer["error"]["data"]),
            (&json!(code), &data)
        );
    }
    let answer = ask(&net, "tx", json!({"hash": STANDARD.encode([0xab; 32])})).await;
    assert_eq!(
        answer["error"]["data"],
        json!(format!("tx ({}) not found", "AB".repeat(32)))
    );
    net.chain.set_faults(Faults {
        down: true,
        ..Faults::default()
    });
    let silent = reqwest::Client::new().post(net.chain.rpc_url()).body("{}").send();
    assert_eq!(silent.await.unwrap().status().as_u16(), 503);
}

#[tokio::test]
async fn a_block_holds_what_its_header_says() {
    let net = Net::new("lead-1").await;
    let address = net.address();
    let landed = net.send(&[payment(&address, &address, "stake", 1)]).await;
    let block = result(&net, "block", json!({"height": landed.height.to_string()})).await;
    let txs = block["block"]["data"]["txs"].as_array().unwrap();
    assert_eq!(txs.len(), 1);
    let tx = STANDARD.decode(txs[0].as_str().unwrap()).unwrap();
    let hash = crate::app::tx::hash(&tx).to_vec();
    let header = &block["block"]["header"];
    assert_eq!(
        header["data_hash"],
        hex::encode_upper(crate::block::root([hash.clone()]))
    );
    let previous = result(&net, "commit", json!({"height": (landed.height - 1).to_string()})).await;
    assert_eq!(
        header["last_block_id"],
        previous["signed_header"]["commit"]["block_id"]
    );
    assert_eq!(block["block"]["last_commit"], previous["signed_header"]["commit"]);
    let found = result(&net, "tx", json!({"hash": STANDARD.encode(&hash)})).await;
    let results = result(
        &net,
        "block_results",
        json!({"height": landed.height.to_string()}),
    )
    .await;
    assert_eq!(found["tx_result"], results["txs_results"][0]);
}
