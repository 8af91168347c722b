//! Answers of a real node (simd of ibc-go 10.7 on CometBFT 0.38.17, `captured.json`), and of nodes that lie.

use super::{Rpc, VALIDATORS_MAX};
use crate::refusal::Refusal;
use endpoints::testing::{Fake, endpoint};
use endpoints::{Complaint, Defect};
use serde_json::{Value, json};

const CAPTURED: &str = include_str!("captured.json");
const KEY: &[u8] = b"nextClientSequence";

fn captured(method: &str) -> Value {
    let all: Value = serde_json::from_str(CAPTURED).unwrap();
    all[method].clone()
}

/// A node that answers everything with `result`.
async fn node(result: Value) -> Rpc {
    let fake = Fake::rpc(move |_, _| Ok(result.clone())).await;
    Rpc(endpoint(&fake).await)
}

/// A node that refuses everything.
async fn refusing(data: &'static str) -> Rpc {
    let error = json!({"code": -32603, "message": "Internal error", "data": data});
    let fake = Fake::rpc(move |_, _| Err(error.clone())).await;
    Rpc(endpoint(&fake).await)
}

/// The captured answer with one field changed.
fn with(method: &str, pointer: &str, value: Value) -> Value {
    let mut answer = captured(method);
    *answer.pointer_mut(pointer).unwrap() = value;
    answer
}

fn is_malformed<T>(answer: &Result<T, Complaint>) -> bool {
    matches!(answer, Err(Complaint::Endpoint(Defect::Malformed, _)))
}

#[tokio::test]
async fn a_status_says_what_the_node_has() {
    let status = node(captured("status")).await.status().await.unwrap();
    assert_eq!(
        (
            status.chain_id.as_str(),
            status.earliest,
            status.latest,
            status.catching_up
        ),
        ("lead-1", 1, 19, false)
    );
    let later = with("status", "/sync_info/earliest_block_height", json!("20"));
    assert!(is_malformed(&node(later).await.status().await));
    let number = with("status", "/sync_info/latest_block_height", json!(19));
    assert!(is_malformed(&node(number).await.status().await));
}

#[tokio::test]
async fn a_commit_is_of_the_height_that_was_asked() {
    let rpc = node(captured("commit")).await;
    let commit = rpc.commit(3).await.unwrap().unwrap();
    assert_eq!(commit.signed_header.header.chain_id.as_str(), "lead-1");
    assert!(commit.canonical);
    assert!(is_malformed(&rpc.commit(4).await));
    let two = with("commit", "/signed_header/commit/height", json!("4"));
    assert!(
        is_malformed(&node(two).await.commit(3).await),
        "header and commit of two heights"
    );
}

#[tokio::test]
async fn validators_come_in_pages_and_only_as_many_as_there_are() {
    let one = node(captured("validators")).await;
    assert_eq!(one.validators(3).await.unwrap().unwrap().len(), 1);
    assert!(is_malformed(&one.validators(4).await));

    let info = captured("validators")["validators"][0].clone();
    let pages = Fake::rpc(move |_, asked| {
        let page: usize = asked["page"].as_str().unwrap().parse().unwrap();
        let count = [100, 100, 50][page - 1];
        Ok(json!({"block_height": "3", "validators": vec![info.clone(); count], "count": count.to_string(), "total": "250"}))
    })
    .await;
    let rpc = Rpc(endpoint(&pages).await);
    assert_eq!(rpc.validators(3).await.unwrap().unwrap().len(), 250);
    assert_eq!(pages.requests(), 3);
}

#[tokio::test]
async fn a_node_that_never_ends_its_pages_is_found_out() {
    for (count, total) in [(0, 5), (1, 5), (100, VALIDATORS_MAX + 1), (7, 6)] {
        let info = captured("validators")["validators"][0].clone();
        let fake = Fake::rpc(move |_, _| {
            Ok(json!({"block_height": "3", "validators": vec![info.clone(); count], "total": total.to_string()}))
        })
        .await;
        let answer = Rpc(endpoint(&fake).await).validators(3).await;
        assert!(is_malformed(&answer), "{count} of {total}");
        assert_eq!(fake.requests(), 1);
    }
}

#[tokio::test]
async fn events_of_a_block_are_read_without_transactions_too() {
    let results = node(captured("block_results"))
        .await
        .block_results(3)
        .await
        .unwrap()
        .unwrap();
    assert!(results.txs_results.is_empty());
    let event = &results.finalize_block_events[0];
    assert_eq!(
        (event.kind.as_str(), event.attribute("amount")),
        ("coin_received", Some("61791stake"))
    );
    assert_eq!(event.attribute("nothing"), None);

    let twice = with(
        "block_results",
        "/finalize_block_events/0/attributes/1/key",
        json!("receiver"),
    );
    let results = node(twice).await.block_results(3).await.unwrap().unwrap();
    assert_eq!(
        results.finalize_block_events[0].attribute("receiver"),
        None,
        "which of two counts is not known"
    );
}

#[tokio::test]
async fn a_proof_is_about_the_key_and_height_that_were_asked() {
    let rpc = node(captured("query")).await;
    let proven = rpc.prove("ibc", KEY, 5).await.unwrap().unwrap();
    assert_eq!((proven.value.len(), proven.proofs.len()), (8, 2));
    assert!(is_malformed(&rpc.prove("ibc", b"another", 5).await));
    assert!(is_malformed(&rpc.prove("ibc", KEY, 6).await));

    let absent = node(captured("absent")).await;
    let proven = absent.prove("ibc", b"nowhere", 5).await.unwrap().unwrap();
    assert_eq!((proven.value.len(), proven.proofs.len()), (0, 2));

    let unproven = with("query", "/response/proofOps", Value::Null);
    assert!(is_malformed(&node(unproven).await.prove("ibc", KEY, 5).await));
    let other = with("query", "/response/proofOps/ops/0/type", json!("simple:v"));
    assert!(is_malformed(&node(other).await.prove("ibc", KEY, 5).await));
}

#[tokio::test]
async fn what_a_node_does_not_have_is_told_from_what_it_gets_wrong() {
    let pruned = refusing("height 2 is not available, lowest height is 7").await;
    let lowest = Some(7);
    assert!(
        matches!(pruned.commit(2).await, Ok(Err(Refusal::Pruned { lowest: found, .. })) if found == lowest)
    );
    let early = refusing("height 30 must be less than or equal to the current blockchain height 20").await;
    assert!(matches!(
        early.block_results(30).await,
        Ok(Err(Refusal::NotYet(_)))
    ));
    let lost = refusing("tx (00) not found").await;
    assert_eq!(lost.tx([0; 32]).await.unwrap(), Err(Refusal::NotFound));

    // A query is refused inside of an answer.
    let text = "proof is unexpectedly empty; ensure height has not been pruned: invalid request";
    let refused = json!({"response": {"code": 7, "log": text, "key": null, "value": null, "proofOps": null, "height": "0", "codespace": "store"}});
    let answer = node(refused).await.prove("ibc", KEY, 5000).await;
    assert!(matches!(answer, Ok(Err(Refusal::Pruned { lowest: None, .. }))));
    let no_store = json!({"response": {"code": 4, "log": "no such store: nothing: unknown request", "key": null, "height": "0", "codespace": "store"}});
    assert!(matches!(
        node(no_store).await.prove("nothing", KEY, 5).await,
        Ok(Err(Refusal::Application(said))) if said.code == 4
    ));
}

#[tokio::test]
async fn the_application_answers_of_the_state_that_was_asked() {
    const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";
    let rpc = node(captured("account")).await;
    for height in [None, Some(33)] {
        let answer = rpc.query(ACCOUNT, b"", height).await.unwrap().unwrap();
        assert_eq!((answer.height, answer.value.len()), (33, 85));
    }
    assert!(is_malformed(&rpc.query(ACCOUNT, b"", Some(32)).await));
    let timeless = with("account", "/response/height", json!("0"));
    assert!(is_malformed(
        &node(timeless).await.query(ACCOUNT, b"", None).await
    ));
    let garbled = with("account", "/response/value", json!("?"));
    assert!(is_malformed(&node(garbled).await.query(ACCOUNT, b"", None).await));

    let unknown = node(captured("unknown")).await.query("/nothing", b"", None).await;
    assert!(
        matches!(unknown, Ok(Err(Refusal::Application(said))) if (said.code, said.codespace.as_str()) == (6, "sdk"))
    );
    let early = json!({"response": {"code": 26, "log": "cannot query with height in the future; please provide a valid height: invalid height", "key": null, "height": "0", "codespace": "sdk"}});
    let answer = node(early).await.query(ACCOUNT, b"", Some(300_000)).await;
    assert!(matches!(answer, Ok(Err(Refusal::NotYet(_)))));
}

#[tokio::test]
async fn a_query_carries_path_request_and_height() {
    let answer = captured("account");
    let fake = Fake::rpc(move |method, asked| {
        let wanted = json!({"path": "/a.B/C", "data": "0a01ff", "height": "33", "prove": false});
        (method == "abci_query" && *asked == wanted)
            .then(|| answer.clone())
            .ok_or_else(|| json!({"code": 1, "message": asked.to_string()}))
    })
    .await;
    let rpc = Rpc(endpoint(&fake).await);
    let answer = rpc.query("/a.B/C", &[0x0a, 1, 0xff], Some(33)).await;
    assert!(matches!(answer, Ok(Ok(_))), "{answer:?}");
}

#[tokio::test]
async fn a_transaction_is_the_one_that_was_asked_about() {
    let broadcast = node(captured("broadcast"))
        .await
        .broadcast(&[0, 0, 0])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (broadcast.code, broadcast.codespace.as_str(), broadcast.hash[0]),
        (2, "sdk", 0x70)
    );
    let result = json!({"code": 0, "gas_wanted": "200000", "gas_used": "70000", "events": []});
    let hash = hex::encode_upper([7; 32]);
    let rpc = node(json!({"hash": hash, "height": "5", "tx_result": result})).await;
    assert_eq!(rpc.tx([7; 32]).await.unwrap().unwrap().height, 5);
    assert!(is_malformed(&rpc.tx([8; 32]).await));
}

#[tokio::test]
async fn transactions_of_a_block_are_known_by_their_hashes() {
    let block = |txs: Value| json!({"block": {"header": {"height": "5"}, "data": {"txs": txs}}});
    let rpc = node(block(json!(["AAAA", "AQ=="]))).await;
    let hashes = rpc.block_hashes(5).await.unwrap().unwrap();
    // The hash that a real node gave for three zero bytes.
    let known = rpc_hash(captured("broadcast")["hash"].as_str().unwrap());
    assert_eq!((hashes.len(), hashes[0]), (2, known));
    assert!(is_malformed(&rpc.block_hashes(6).await));
    let empty = node(block(Value::Null)).await.block_hashes(5).await;
    assert!(empty.unwrap().unwrap().is_empty());
    assert!(is_malformed(
        &node(block(json!(["?"]))).await.block_hashes(5).await
    ));
}

fn rpc_hash(digits: &str) -> [u8; 32] {
    hex::decode(digits).unwrap().try_into().unwrap()
}
