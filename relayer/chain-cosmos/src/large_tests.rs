//! Blocks that are large, and nodes that are slow.

use crate::fake_port::{Node, cosmos, serve, world};
use crate::rpc::Rpc;
use chain::{Ask, BlockNumber, Fault};
use endpoints::testing::{Fake, endpoint, limits};
use endpoints::{Complaint, Defect, Limits, Pool};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a block did whose answer has about so many bytes.
fn results(height: u64, bytes: usize) -> Value {
    json!({"height": height.to_string(), "txs_results": null, "app_hash": "x".repeat(bytes)})
}

#[tokio::test]
async fn a_block_that_is_larger_than_other_answers_is_read() {
    let most = limits().body_bytes;
    for bytes in [most / 2, most * 2, most * 7] {
        let fake = Fake::rpc(move |_, _| Ok(results(40, bytes))).await;
        let rpc = Rpc(endpoint(&fake).await);
        assert_eq!(rpc.block_results(40).await.unwrap().unwrap().height, 40);
        assert_eq!(
            fake.requests(),
            1 + usize::from(bytes > most),
            "once, if it has room"
        );
        let other = rpc.status().await;
        assert!(
            bytes < most || matches!(other, Err(Complaint::Endpoint(Defect::TooLong, _))),
            "{other:?}"
        );
    }
}

#[tokio::test]
async fn a_block_that_is_too_large_is_named_with_the_limit_and_the_key() {
    let most = limits().body_bytes;
    let (_, fake) = serve(Node {
        results: vec![(40, results(40, most * 9), vec![])],
        ..Node::new(world())
    })
    .await;
    let ask = Ask::Events {
        end: "07-tendermint-0".parse().unwrap(),
        from: BlockNumber(40),
        to: BlockNumber(40),
    };
    let fault = cosmos(&[&fake]).answer(ask).await.unwrap_err();
    assert!(matches!(fault, Fault::Malformed { .. }), "{fault:?}");
    let text = fault.to_string();
    let limit = (most * 8).to_string();
    for part in ["block_results of block 40", &limit, "body_bytes_max of [http]"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[tokio::test]
async fn a_node_that_does_not_tell_in_time_is_named_with_the_limit_and_the_key() {
    // Connections are taken, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", silent.local_addr().unwrap())).unwrap();
    let limits = Limits {
        request_ms: 20,
        ..limits()
    };
    let pool = Pool::new(&[url], limits).unwrap();
    let asked = pool.run(|endpoint| async move { Rpc(endpoint).block_results(40).await });
    let fault = asked.await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable { .. }), "{fault:?}");
    let text = fault.to_string();
    for part in ["block_results of block 40", "80 ms", "request_ms of [http]"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}
