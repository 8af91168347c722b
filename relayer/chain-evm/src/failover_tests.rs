//! Endpoints that lag, lie or have forgotten, beside one that is well: nothing stops, and nobody is blamed for another one's
//! answer.

use crate::Evm;
use crate::abi::{Introspection, Router};
use crate::fake::Fake;
use crate::hostile_tests::{CHAIN_ID, beacon, evm, header, node, spec};
use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::{SolCall, SolValue};
use axum::response::IntoResponse;
use chain::{Ask, Blame, BlockNumber, Fault};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use wire::{ClientId, Height};

async fn slot_of(chain: &Evm) -> u64 {
    let head = chain.head().await.expect("a head");
    head.finalized.height.revision_height
}

/// Whether `fake` is asked when the head is read once more.
async fn is_asked(chain: &Evm, fake: &Fake) -> bool {
    let before = fake.requests();
    chain.head().await.expect("a head");
    fake.requests() > before
}

#[tokio::test]
async fn a_stuck_execution_endpoint_is_passed_over() {
    let (stuck, good) = (node(10).await, node(100).await);
    let beacon = beacon(64, 64).await;
    let chain = evm(&[&stuck, &good], &[&beacon]);
    assert_eq!(slot_of(&chain).await, 64);
    assert!(!is_asked(&chain, &stuck).await, "it rests");
    assert!(
        is_asked(&chain, &beacon).await,
        "and the beacon endpoint does not"
    );
}

#[tokio::test]
async fn a_beacon_endpoint_that_lies_about_a_block_is_the_one_that_rests() {
    let (first, second) = (node(40).await, node(40).await);
    // Slot 16 holds block 16, and no other.
    let (liar, honest) = (beacon(16, 17).await, beacon(16, 16).await);
    let chain = evm(&[&first, &second], &[&liar, &honest]);
    let head = chain.head().await.expect("a head");
    assert_eq!(head.finalized.block, BlockNumber(16));
    assert!(!is_asked(&chain, &liar).await);
    assert!(!is_asked(&chain, &second).await, "the first one is not blamed");
}

#[tokio::test]
async fn a_beacon_endpoint_that_stands_still_is_passed_over() {
    let rpc = node(120).await;
    let (still, going) = (beacon(16, 16).await, beacon(96, 96).await);
    let chain = evm(&[&rpc], &[&still, &going]);
    assert_eq!(slot_of(&chain).await, 96);
    assert!(!is_asked(&chain, &still).await);
    // One that has not heard of the last epoch yet is well.
    let (later, sooner) = (beacon(88, 88).await, beacon(96, 96).await);
    let chain = evm(&[&rpc], &[&later, &sooner]);
    assert_eq!(slot_of(&chain).await, 96);
    assert!(is_asked(&chain, &later).await);
}

// T-22: a block that exists is not final because somebody says so.
#[tokio::test]
async fn t22_a_beacon_endpoint_that_calls_the_newest_block_final_is_not_followed() {
    let rpc = node(40).await;
    let (eager, honest) = (beacon(40, 40).await, beacon(16, 16).await);
    for beacons in [[&eager, &honest], [&honest, &eager]] {
        let chain = evm(&[&rpc], &beacons);
        assert_eq!(slot_of(&chain).await, 16);
        assert!(
            is_asked(&chain, &honest).await,
            "and the honest one is not behind"
        );
    }
}

#[tokio::test]
async fn where_nobody_confirms_a_block_nobody_rests() {
    let (rpc, beacon) = (node(40).await, beacon(16, 17).await);
    let chain = evm(&[&rpc], &[&beacon]);
    for _ in 0..2 {
        let (of_rpc, of_beacon) = (rpc.requests(), beacon.requests());
        let fault = chain.head().await.expect_err("they contradict each other");
        assert_eq!(fault.blame(), Blame::Peer, "{fault}");
        assert!(fault.to_string().contains("block 17"), "{fault}");
        assert!(rpc.requests() > of_rpc && beacon.requests() > of_beacon);
    }
}

/// A beacon endpoint that says so many times that it is of another chain.
async fn odd(times: usize) -> Fake {
    let count = AtomicUsize::new(0);
    Fake::http(move |path, _| {
        let body = if path.contains("/genesis") {
            let byte = if count.fetch_add(1, Ordering::SeqCst) < times {
                6
            } else {
                5
            };
            json!({"data": {"genesis_time": "0", "genesis_validators_root": B256::repeat_byte(byte)}})
        } else if path.contains("/config/spec") {
            spec()
        } else if path.contains("/finality_update") {
            json!({"version": "deneb", "data": {
                "attested_header": header(32, 32), "finalized_header": header(16, 16),
                "finality_branch": vec![B256::repeat_byte(1); 6], "signature_slot": "33",
                "sync_aggregate": {
                    "sync_committee_bits": format!("0x{}", "ff".repeat(64)),
                    "sync_committee_signature": format!("0x{}", "00".repeat(96)),
                },
            }})
        } else {
            return axum::http::StatusCode::NOT_FOUND.into_response();
        };
        body.to_string().into_response()
    })
    .await
}

#[tokio::test]
async fn the_constants_of_a_chain_are_those_that_most_endpoints_say() {
    let rpc = node(40).await;
    let (odd, a, b) = (odd(usize::MAX).await, beacon(16, 16).await, beacon(16, 16).await);
    let chain = evm(&[&rpc], &[&odd, &a, &b]);
    assert_eq!(slot_of(&chain).await, 16);
    assert!(is_asked(&chain, &odd).await, "all are asked again, once");
    assert!(!is_asked(&chain, &odd).await, "it is of another chain");
}

#[tokio::test]
async fn constants_that_another_endpoint_contradicts_are_asked_for_again() {
    let (rpc, odd, honest) = (node(40).await, odd(1).await, beacon(16, 16).await);
    let chain = evm(&[&rpc], &[&odd, &honest]);
    let root = chain
        .network()
        .await
        .expect("constants")
        .genesis_validators_root();
    assert_eq!(root, B256::repeat_byte(6), "of as many, the first");
    let fault = chain.head().await.expect_err("they contradict each other");
    assert!(matches!(fault, Fault::WrongChain { .. }), "{fault}");
    assert_eq!(slot_of(&chain).await, 16, "until nobody says so any more");
}

const CONTRACT: Address = Address::repeat_byte(0xcc);

/// An execution endpoint on which a client's contract answers `attestorSet` with nothing.
async fn with_odd_client() -> Fake {
    Fake::rpc(|method, params| {
        Ok(match method {
            "eth_chainId" => json!(format!("{CHAIN_ID:#x}")),
            "eth_getBlockByNumber" => json!({"number": "0x28", "hash": B256::ZERO, "timestamp": "0x28"}),
            "eth_call" => {
                let data: Bytes = serde_json::from_value(params[0]["data"].clone()).expect("data");
                let selector = data.first_chunk::<4>().copied().expect("a selector");
                if selector == Router::getClientCall::SELECTOR {
                    json!(Bytes::from(CONTRACT.abi_encode()))
                } else if selector == Router::getCounterpartyCall::SELECTOR {
                    let pair = (String::from("client-7"), Vec::<Bytes>::new());
                    json!(Bytes::from((pair,).abi_encode_params()))
                } else if selector == Introspection::supportsInterfaceCall::SELECTOR {
                    json!(B256::ZERO)
                } else {
                    json!("0x")
                }
            }
            other => panic!("{other} is not expected"),
        })
    })
    .await
}

fn client() -> Ask {
    let id = ClientId::new("client-0").expect("a client id");
    Ask::Client { end: id.into() }
}

#[tokio::test]
async fn a_client_that_one_endpoint_does_not_find_is_asked_of_the_next() {
    let (odd, second) = (with_odd_client().await, node(40).await);
    let chain = evm(&[&odd, &second], &[&beacon(16, 16).await]);
    let fault = chain.answer(client()).await.expect_err("no client");
    assert!(second.requests() > 1, "{fault}");
}

#[tokio::test]
async fn one_odd_answer_does_not_decide_of_which_kind_a_client_is() {
    let odd = with_odd_client().await;
    let chain = evm(&[&odd], &[&beacon(16, 16).await]);
    let fault = chain.answer(client()).await.expect_err("no client");
    assert!(matches!(fault, Fault::NoClient { .. }), "{fault}");
    assert!(
        fault.to_string().contains("config()"),
        "it was read as a beacon client: {fault}"
    );
    assert_eq!(chain.lights.kind(CONTRACT), None);
}

#[tokio::test]
async fn an_archive_is_asked_for_what_others_have_pruned() {
    let answered = |proves: bool| async move {
        Fake::rpc(move |method, params| {
            let block = json!({"number": "0x10", "hash": crate::hostile_tests::hash_of(16), "timestamp": "0xc0", "stateRoot": B256::ZERO});
            Ok(match method {
                "eth_chainId" => json!(format!("{CHAIN_ID:#x}")),
                "eth_getBlockByNumber" | "eth_getBlockByHash" => block,
                "eth_feeHistory" => json!({"oldestBlock": "0x1", "baseFeePerGas": ["0x7"], "gasUsedRatio": []}),
                "eth_getProof" if proves => {
                    assert_eq!(params[2], "0x10");
                    Value::Null
                }
                _ => return Err(json!({"code": -32000, "message": "missing trie node"})),
            })
        })
        .await
    };
    let (pruned, archive) = (answered(false).await, answered(true).await);
    let chain = evm(&[&pruned, &archive], &[&beacon(16, 16).await]);
    chain.head().await.expect("a head");
    let before = archive.requests();
    let client = ClientId::new("client-0").expect("a client id");
    let ask = Ask::Prove {
        keys: vec![wire::path::commitment(&client, wire::Sequence::FIRST)],
        at: Height::of(16).into(),
    };
    let fault = chain.answer(ask).await.expect_err("neither has a proof");
    assert!(archive.requests() > before);
    assert!(matches!(fault, Fault::Pruned { .. }), "{fault}");
}
