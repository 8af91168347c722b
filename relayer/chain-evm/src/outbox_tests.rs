//! What a command pays when an endpoint lies about the chain's prices.

use super::*;
use crate::fake::{Fake, limits};
use crate::{FeePolicy, Settings};
use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::Decodable2718;
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::B256;
use chain::{Blame, ChainName, Retry};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The most that one gas may cost.
const MAX: u128 = 1_000;
const TIP_MAX: u128 = 50;

/// Raw transactions that were sent.
type Outbox = Arc<Mutex<Vec<Bytes>>>;

/// A rich account at an endpoint that asks, at each look, for the next of `prices` (base fee and tip), and for the last ever
/// after. Whatever is sent is in a block at once.
async fn node(prices: &'static [(u128, u128)]) -> (Fake, Outbox) {
    let outbox = Outbox::default();
    let (sent, looks) = (outbox.clone(), AtomicUsize::new(0));
    let fake = Fake::rpc(move |method, params| {
        Ok(match method {
            "eth_chainId" => json!("0x7"),
            "eth_getBlockByNumber" => json!({"number": "0x9", "hash": B256::ZERO, "timestamp": "0x64"}),
            "eth_feeHistory" => {
                let at = looks.fetch_add(1, Ordering::SeqCst).min(prices.len() - 1);
                let (base, tip) = prices[at];
                json!({"oldestBlock": "0x1", "gasUsedRatio": [0.5],
                    "baseFeePerGas": [format!("{base:#x}"), format!("{base:#x}")], "reward": [[format!("{tip:#x}")]]})
            }
            "eth_getTransactionCount" => json!("0x0"),
            "eth_estimateGas" => json!("0x5208"),
            "eth_getBalance" => json!(format!("{:#x}", u128::MAX)),
            "eth_sendRawTransaction" => {
                let raw: Bytes = serde_json::from_value(params[0].clone()).expect("bytes");
                let hash = *decoded(&raw).tx_hash();
                sent.lock().expect("a lock").push(raw);
                json!(hash)
            }
            "eth_getTransactionReceipt" => receipt(&params[0]),
            other => panic!("{other} is not expected"),
        })
    })
    .await;
    (fake, outbox)
}

fn receipt(tx: &Value) -> Value {
    json!({
        "transactionHash": tx, "blockHash": B256::ZERO, "blockNumber": "0xa", "transactionIndex": "0x0",
        "status": "0x1", "gasUsed": "0x5208", "effectiveGasPrice": "0x1", "contractAddress": null, "logs": [],
    })
}

fn decoded(raw: &Bytes) -> TxEnvelope {
    TxEnvelope::decode_2718(&mut raw.as_ref()).expect("a transaction")
}

fn evm(node: &Fake) -> Evm {
    let settings = Settings {
        name: ChainName("north".into()),
        chain_id: 7,
        rpc: vec![node.url.clone()],
        beacon: vec![node.url.clone()],
        attestors: Vec::new(),
        router: Address::repeat_byte(0xaa),
        first_block: BlockNumber(0),
        signer: Some(PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).expect("a key")),
        gas_max: crate::TRANSACTION_GAS_MAX,
        fee: FeePolicy {
            max: WeiPerGas(MAX),
            tip_min: WeiPerGas(5),
            tip_max: WeiPerGas(TIP_MAX),
            patience: Seconds(10),
        },
        limits: limits(),
    };
    Evm::new(settings).expect("a chain")
}

async fn transact(node: &Fake, patience: Duration) -> Result<Receipt, Fault> {
    let to = Some(Address::repeat_byte(9));
    evm(node).transact(to, Bytes::new(), patience).await
}

/// What the only transaction in the outbox offers: the cap and the tip.
fn offered(outbox: &Outbox) -> (u128, u128) {
    let sent = outbox.lock().expect("a lock");
    assert_eq!(sent.len(), 1);
    let sent = decoded(&sent[0]);
    (
        sent.max_fee_per_gas(),
        sent.max_priority_fee_per_gas().expect("a tip"),
    )
}

#[tokio::test]
async fn a_false_fee_history_makes_no_command_pay_more_than_the_cap() {
    // The usual tip is above its maximum on each of them.
    for (base, tip) in [(MAX, 5), (MAX * 1_000_000, 5), (u128::MAX, u128::MAX)] {
        let prices: &'static [(u128, u128)] = Box::leak(Box::new([(base, tip)]));
        let (node, outbox) = node(prices).await;
        let fault = transact(&node, Duration::ZERO).await.expect_err("too dear");
        let asked = base.saturating_add(TIP_MAX);
        let max = WeiPerGas(MAX);
        assert_eq!(
            fault,
            Fault::TooDear {
                asked: WeiPerGas(asked),
                max
            }
        );
        assert_eq!((fault.retry(), fault.blame()), (Retry::NextHead, Blame::Chain));
        let text = fault.to_string();
        for part in [
            asked.to_string(),
            MAX.to_string(),
            "fee.max_wei_per_gas".to_owned(),
        ] {
            assert!(text.contains(&part), "{part} is not in: {text}");
        }
        assert_eq!(evm(&node).usual_fee().await.expect_err("too dear"), fault);
        assert!(outbox.lock().expect("a lock").is_empty());
    }
}

#[tokio::test]
async fn a_false_tip_is_paid_up_to_its_own_maximum() {
    let (node, outbox) = node(&[(100, u128::MAX)]).await;
    transact(&node, Duration::ZERO).await.expect("sent");
    assert_eq!(offered(&outbox), (250, TIP_MAX));
}

#[tokio::test]
async fn a_command_waits_within_its_patience_until_the_chain_is_cheap_enough() {
    let (node, outbox) = node(&[(MAX, 5), (MAX, 5), (900, 7)]).await;
    transact(&node, Duration::from_secs(600)).await.expect("sent");
    assert_eq!(offered(&outbox), (MAX, TIP_MAX));
}
