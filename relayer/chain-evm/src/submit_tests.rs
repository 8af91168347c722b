use super::*;
use crate::abi::AttestorClient;
use crate::fake::{Fake, rpc};
use alloy_sol_types::SolError;
use endpoints::Defect;
use serde_json::{Value, json};
use std::sync::Mutex;

const CHAIN_ID: u64 = 7;
const MINED: u64 = 5;
const FEE: Fee = Fee {
    max: WeiPerGas(100),
    tip: WeiPerGas(2),
};

fn signer() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).expect("a key")
}

/// A node at which the account has sent [`MINED`] transactions; `sent` answers `eth_sendRawTransaction`.
async fn node(
    balance: &'static str,
    sent: impl Fn(&Value) -> Result<Value, Value> + Send + Sync + 'static,
) -> Fake {
    Fake::rpc(move |method, params| match method {
        "eth_getTransactionCount" => Ok(json!(format!("{MINED:#x}"))),
        "eth_estimateGas" => Ok(json!("0x186a0")),
        "eth_getBalance" => Ok(json!(balance)),
        "eth_sendRawTransaction" => sent(params),
        other => panic!("{other} is not expected"),
    })
    .await
}

const RICH: &str = "0xde0b6b3a7640000";

async fn send(fake: &Fake, place: Place) -> Result<Sent, Complaint> {
    let signer = signer();
    let outgoing = Outgoing {
        to: Some(Address::repeat_byte(9)),
        input: Bytes::new(),
        fee: FEE,
        place,
    };
    Sender {
        gas_max: TRANSACTION_GAS_MAX,
        signer: &signer,
        chain_id: CHAIN_ID,
    }
    .send(&rpc(fake).await, outgoing)
    .await
}

fn says(message: &'static str) -> impl Fn(&Value) -> Result<Value, Value> + Send + Sync {
    move |_| Err(json!({"code": -32000, "message": message}))
}

#[tokio::test]
async fn a_transaction_that_the_pool_knows_is_sent() {
    let sent = send(&node(RICH, says("already known")).await, Place::Next)
        .await
        .expect("sent");
    assert_eq!(sent.nonce, Nonce(MINED));
    assert_eq!(sent.gas, Gas(120_000), "the estimate and a fifth");
}

#[tokio::test]
async fn the_same_send_makes_the_same_transaction() {
    let fake = node(RICH, says("already known")).await;
    let (one, two) = (
        send(&fake, Place::Next).await.expect("sent"),
        send(&fake, Place::Next).await.expect("sent"),
    );
    assert_eq!(one.tx, two.tx, "a repeated send cannot be included twice");
    let other = send(&fake, Place::Replace(Nonce(MINED + 1))).await.expect("sent");
    assert_ne!(one.tx, other.tx);
}

#[tokio::test]
async fn refusals_of_the_pool_are_told_apart() {
    let underpriced = send(
        &node(RICH, says("replacement transaction underpriced")).await,
        Place::Next,
    )
    .await;
    let Err(Complaint::Ask(Fault::Underpriced { offered, wanted })) = underpriced else {
        panic!("{underpriced:?}")
    };
    assert_eq!((offered.0, wanted.0), (100, 110));
    let used = send(&node(RICH, says("nonce too low")).await, Place::Next).await;
    assert!(
        matches!(used, Err(Complaint::Ask(Fault::NonceTaken { .. }))),
        "{used:?}"
    );
    let poor = send(
        &node(RICH, says("insufficient funds for gas * price + value")).await,
        Place::Next,
    )
    .await;
    let Err(Complaint::Ask(Fault::Funds { balance, needed })) = poor else {
        panic!("{poor:?}")
    };
    assert_eq!(
        (balance, needed),
        (U256::from(10u64.pow(18)), U256::from(12_000_000))
    );
    let odd = send(&node(RICH, says("the moon is full")).await, Place::Next).await;
    assert!(
        matches!(odd, Err(Complaint::Endpoint(Defect::Refused, _))),
        "{odd:?}"
    );
    let other = node(RICH, |_| Ok(json!(B256::repeat_byte(3)))).await;
    let lied = send(&other, Place::Next).await;
    assert!(
        matches!(lied, Err(Complaint::Endpoint(Defect::Malformed, _))),
        "{lied:?}"
    );
}

#[tokio::test]
async fn nothing_is_signed_that_cannot_be_paid_or_replaced() {
    let never = |_: &Value| -> Result<Value, Value> { panic!("nothing may be sent") };
    let poor = send(&node("0x5", never).await, Place::Next).await;
    assert!(
        matches!(poor, Err(Complaint::Ask(Fault::Funds { .. }))),
        "{poor:?}"
    );
    let mined = send(&node(RICH, never).await, Place::Replace(Nonce(MINED - 1))).await;
    assert!(
        matches!(mined, Err(Complaint::Ask(Fault::NonceTaken { .. }))),
        "{mined:?}"
    );
}

#[tokio::test]
async fn the_message_that_reverts_is_named() {
    let calls = Calls {
        updates: vec![Bytes::from_static(b"update")],
        messages: vec![Bytes::from_static(b"good"), Bytes::from_static(b"bad")],
    };
    let fake = Fake::rpc(|_, params| {
        let data = params[0]["data"].as_str().expect("data").to_owned();
        if data.contains(&alloy_primitives::hex::encode("bad")) {
            // Error(string) with "no".
            let data = "0x08c379a0000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000026e6f000000000000000000000000000000000000000000000000000000000000";
            return Err(json!({"code": 3, "message": "execution reverted", "data": data}));
        }
        Ok(json!("0x"))
    })
    .await;
    let found = find_culprit(
        &rpc(&fake).await,
        Address::ZERO,
        Address::ZERO,
        &calls,
        At::Latest,
    )
    .await;
    let revert = found.expect("asked").expect("a culprit");
    assert_eq!(revert.message, Some(1));
    assert_eq!(revert.text, "Error: reason no");
}

/// A node that answers the receipt by `receipt`, with this many mined transactions and knowing the transaction or not.
async fn finder(receipts: Vec<Value>, mined: &'static str, is_known: bool) -> Fake {
    let receipts = Mutex::new(receipts);
    Fake::rpc(move |method, params| match method {
        "eth_getTransactionReceipt" => {
            let mut receipts = receipts.lock().expect("no panic");
            Ok(if receipts.len() > 1 {
                receipts.remove(0)
            } else {
                receipts[0].clone()
            })
        }
        "eth_getTransactionByHash" => {
            let found =
                json!({"hash": params[0], "from": Address::ZERO, "to": null, "input": "0x", "gas": "0x5"});
            Ok(if is_known { found } else { Value::Null })
        }
        "eth_getTransactionCount" => Ok(json!(mined)),
        // `NoRotation()` of an attestor client: somebody else has completed it.
        "eth_call" => {
            let data = AttestorClient::NoRotation::SELECTOR;
            let data = alloy_primitives::hex::encode_prefixed(data);
            Err(json!({"code": 3, "message": "execution reverted", "data": data}))
        }
        "eth_getBlockByNumber" => Ok(json!({"number": "0xa", "hash": B256::ZERO, "timestamp": "0x1"})),
        other => panic!("{other} is not expected"),
    })
    .await
}

fn receipt(block: &str, status: &str) -> Value {
    json!({
        "transactionHash": B256::repeat_byte(4), "blockNumber": block, "gasUsed": "0x5", "effectiveGasPrice": "0x7",
        "status": status, "contractAddress": null, "logs": [],
    })
}

async fn found(fake: &Fake) -> TxState {
    let tx = TxHash(B256::repeat_byte(4));
    find(&rpc(fake).await, Address::ZERO, Address::ZERO, tx, Nonce(MINED))
        .await
        .expect("found")
}

#[tokio::test]
async fn what_became_of_a_transaction_is_told_apart() {
    assert!(matches!(
        found(&finder(vec![receipt("0xa", "0x1")], "0x6", true).await).await,
        TxState::Final(_)
    ));
    assert!(matches!(
        found(&finder(vec![receipt("0xb", "0x1")], "0x6", true).await).await,
        TxState::Included(_)
    ));
    assert_eq!(
        found(&finder(vec![Value::Null], "0x5", true).await).await,
        TxState::Pending
    );
    assert_eq!(
        found(&finder(vec![Value::Null], "0x5", false).await).await,
        TxState::Unknown
    );
    assert_eq!(
        found(&finder(vec![Value::Null], "0x6", false).await).await,
        TxState::Replaced
    );
    let late = finder(vec![Value::Null, receipt("0xb", "0x1")], "0x6", false).await;
    assert!(
        matches!(found(&late).await, TxState::Included(_)),
        "mined between two questions"
    );
    let TxState::Final(outcome) = found(&finder(vec![receipt("0xa", "0x0")], "0x6", true).await).await else {
        panic!("it is final");
    };
    let revert = outcome.reverted.expect("it reverted");
    assert!(revert.text.contains("NoRotation"), "{revert}");
}
