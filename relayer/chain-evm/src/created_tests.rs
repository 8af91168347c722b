//! One test for each way in which a contract can have come to be otherwise than it should.

use super::check_creation;
use crate::artifact::{Artifact, BEACON_CLIENT, POLICY_CLIENT};
use crate::fake::Fake;
use crate::hostile_tests::{CHAIN_ID, evm};
use alloy_primitives::{Address, B256, Bytes};
use chain::Doubt;
use serde_json::{Value, json};

const CONTRACT: Address = Address::repeat_byte(0xcc);
const OTHER: Address = Address::repeat_byte(0x0d);
const MADE_IN: B256 = B256::repeat_byte(7);
/// The newest block.
const LATEST: u64 = 20_000;

/// What a node tells of the contract; by default that it was made as it should.
#[derive(Clone)]
struct Past {
    logs: Vec<Value>,
    input: Bytes,
    to: Option<Address>,
    made: Option<Address>,
    status: &'static str,
    has_transaction: bool,
}

fn log(of: Address, block: u64, index: u64, tx: B256) -> Value {
    json!({
        "address": of, "topics": [], "data": "0x", "blockHash": B256::ZERO, "transactionIndex": "0x0", "removed": false,
        "blockNumber": format!("{block:#x}"), "logIndex": format!("{index:#x}"), "transactionHash": tx,
    })
}

fn genuine() -> Past {
    Past {
        logs: vec![log(CONTRACT, 9_000, 3, MADE_IN)],
        input: Artifact::parse(BEACON_CLIENT).unwrap().creation(&[1, 2, 3]),
        to: None,
        made: Some(CONTRACT),
        status: "0x1",
        has_transaction: true,
    }
}

impl Past {
    fn answer(&self, method: &str, asked: &Value) -> Result<Value, Value> {
        let number = |field: &str| {
            let text = asked[0][field].as_str().unwrap();
            u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
        };
        Ok(match method {
            "eth_chainId" => json!(format!("{CHAIN_ID:#x}")),
            "eth_getBlockByNumber" => json!({
                "number": format!("{LATEST:#x}"), "hash": B256::ZERO, "parentHash": B256::ZERO, "stateRoot": B256::ZERO,
                "timestamp": "0x1", "baseFeePerGas": "0x1", "gasLimit": "0x1",
            }),
            "eth_getLogs" => {
                let within = number("fromBlock")..=number("toBlock");
                let block = |log: &Value| {
                    u64::from_str_radix(&log["blockNumber"].as_str().unwrap()[2..], 16).unwrap()
                };
                json!(
                    self.logs
                        .iter()
                        .filter(|log| within.contains(&block(log)))
                        .collect::<Vec<_>>()
                )
            }
            "eth_getTransactionByHash" if self.has_transaction => json!({
                "hash": asked[0], "from": OTHER, "to": self.to, "input": self.input, "gas": "0x1",
            }),
            "eth_getTransactionReceipt" => json!({
                "transactionHash": asked[0], "blockNumber": "0x2328", "gasUsed": "0x1", "effectiveGasPrice": "0x1",
                "status": self.status, "contractAddress": self.made, "logs": [],
            }),
            _ => Value::Null,
        })
    }
}

async fn check(past: Past) -> Result<String, Doubt> {
    let node = Fake::rpc(move |method, asked| past.answer(method, asked)).await;
    check_creation(&evm(&[&node], &[&node]), CONTRACT, "BeaconClient", BEACON_CLIENT).await
}

/// What is said of a contract that is not what it has to be.
async fn differs(past: Past) -> String {
    match check(past).await {
        Err(Doubt::Differs(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_contract_that_was_made_by_our_code_is_known_by_its_first_event() {
    assert_eq!(
        check(genuine()).await,
        Ok("made by the code of this release, in block 9000".to_owned())
    );
    // Later events, and those of others, lead to other transactions.
    let elsewhere = B256::repeat_byte(8);
    let mut more = genuine();
    more.logs.insert(0, log(CONTRACT, 9_000, 4, elsewhere));
    more.logs.push(log(CONTRACT, 19_000, 0, elsewhere));
    more.logs.push(log(OTHER, 5, 0, elsewhere));
    assert!(check(more).await.is_ok());
}

#[tokio::test]
async fn a_contract_that_told_nothing_is_none_of_ours() {
    let silent = Past {
        logs: Vec::new(),
        ..genuine()
    };
    let text = differs(silent).await;
    assert!(text.contains("no event since block 1"), "{text}");
}

#[tokio::test]
async fn a_contract_that_other_code_made_is_found_out() {
    let policy = Artifact::parse(POLICY_CLIENT).unwrap().creation(&[]);
    let mut changed = genuine().input.to_vec();
    changed[100] ^= 1;
    for input in [policy, changed.into(), Bytes::new()] {
        let text = differs(Past { input, ..genuine() }).await;
        assert!(text.contains("by other code"), "{text}");
    }
}

#[tokio::test]
async fn a_contract_that_another_contract_made_is_found_out() {
    let by_factory = Past {
        to: Some(OTHER),
        made: None,
        ..genuine()
    };
    let of_another = Past {
        made: Some(OTHER),
        ..genuine()
    };
    let failed = Past {
        status: "0x0",
        ..genuine()
    };
    for past in [by_factory, of_another, failed] {
        let text = differs(past).await;
        assert!(text.contains("did not make it"), "{text}");
    }
}

#[tokio::test]
async fn a_transaction_that_nobody_keeps_leaves_the_question_open() {
    let pruned = Past {
        has_transaction: false,
        ..genuine()
    };
    let doubt = check(pruned).await.unwrap_err();
    assert!(
        matches!(&doubt, Doubt::Unchecked(text) if text.contains("block 9000")),
        "{doubt:?}"
    );
}
