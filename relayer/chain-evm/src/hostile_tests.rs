//! What hostile endpoints can do: waste time, be told from the others, and nothing else.

use crate::fake::{Fake, limits};
use crate::{Evm, FeePolicy, Settings};
use alloy_primitives::{Address, B256};
use axum::response::IntoResponse;
use chain::{AsOf, Ask, Blame, BlockNumber, ChainName, Fault, Nonce, Ticket, TxHash};
use reqwest::Url;
use serde_json::{Value, json};
use wire::{ClientId, Height, Sequence};

/// Slot time of the fake chain, in seconds.
pub(crate) const SLOT_SECS: u64 = 12;
pub(crate) const CHAIN_ID: u64 = 7;

pub(crate) fn evm(rpc: &[&Fake], beacon: &[&Fake]) -> Evm {
    let urls = |fakes: &[&Fake]| -> Vec<Url> { fakes.iter().map(|fake| fake.url.clone()).collect() };
    Evm::new(Settings {
        attestors: Vec::new(),
        name: ChainName("north".into()),
        chain_id: CHAIN_ID,
        rpc: urls(rpc),
        beacon: urls(beacon),
        router: Address::repeat_byte(0xaa),
        first_block: BlockNumber(1),
        signer: None,
        fee: FeePolicy::default(),
        gas_max: crate::TRANSACTION_GAS_MAX,
        limits: limits(),
    })
    .expect("a chain")
}

pub(crate) fn spec() -> Value {
    json!({"data": {
        "SECONDS_PER_SLOT": SLOT_SECS.to_string(), "SLOTS_PER_EPOCH": "8",
        "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": "8", "SYNC_COMMITTEE_SIZE": "512",
        "DENEB_FORK_EPOCH": "0", "DENEB_FORK_VERSION": "0x04000000",
    }})
}

pub(crate) fn header(slot: u64, block: u64) -> Value {
    let zero = B256::ZERO;
    json!({
        "beacon": {"slot": slot.to_string(), "proposer_index": "1", "parent_root": zero, "state_root": zero, "body_root": zero},
        "execution": {
            "parent_hash": zero, "fee_recipient": Address::ZERO, "state_root": zero, "receipts_root": zero,
            "logs_bloom": format!("0x{}", "00".repeat(256)), "prev_randao": zero, "block_number": block.to_string(),
            "gas_limit": "1", "gas_used": "0", "timestamp": slot.wrapping_mul(SLOT_SECS).to_string(), "extra_data": "0x",
            "base_fee_per_gas": "7", "block_hash": hash_of(block), "transactions_root": zero, "withdrawals_root": zero,
            "blob_gas_used": "0", "excess_blob_gas": "0",
        },
        "execution_branch": [zero, zero, zero, zero],
    })
}

pub(crate) fn hash_of(block: u64) -> B256 {
    B256::from(alloy_primitives::U256::from(block).wrapping_add(alloy_primitives::U256::from(1)))
}

/// A beacon endpoint that announces `slot` with execution block `block` as final.
pub(crate) async fn beacon(slot: u64, block: u64) -> Fake {
    beacon_having(&[], slot, block).await
}

/// The same, with headers of the slots `headers`.
pub(crate) async fn beacon_having(headers: &'static [u64], slot: u64, block: u64) -> Fake {
    Fake::http(move |path, _| {
        let asked = path.strip_prefix("/eth/v1/beacon/headers/");
        let asked = asked.and_then(|slot| slot.parse().ok());
        let body = if let Some(known) = asked.filter(|slot| headers.contains(slot)) {
            let message = header(known, known)["beacon"].clone();
            let parsed: ethereum::Header = serde_json::from_value(message.clone()).expect("a header");
            json!({"data": {"root": parsed.root(), "header": {"message": message}}})
        } else if path.contains("/genesis") {
            json!({"data": {"genesis_time": "0", "genesis_validators_root": B256::repeat_byte(5)}})
        } else if path.contains("/config/spec") {
            spec()
        } else if path.contains("/finality_update") {
            json!({"version": "deneb", "data": {
                "attested_header": header(slot.saturating_add(16), block.saturating_add(16)),
                "finalized_header": header(slot, block),
                "finality_branch": vec![B256::repeat_byte(1); 6],
                "sync_aggregate": {
                    "sync_committee_bits": format!("0x{}", "ff".repeat(64)),
                    "sync_committee_signature": format!("0x{}", "00".repeat(96)),
                },
                "signature_slot": slot.saturating_add(17).to_string(),
            }})
        } else {
            return axum::http::StatusCode::NOT_FOUND.into_response();
        };
        body.to_string().into_response()
    })
    .await
}

/// An execution endpoint with the blocks 0 to `newest`, of which the last 24 are not final.
pub(crate) async fn node(newest: u64) -> Fake {
    Fake::rpc(move |method, params| {
        let block = |number: u64| json!({"number": format!("{number:#x}"), "hash": hash_of(number), "timestamp": format!("{:#x}", number * SLOT_SECS), "stateRoot": B256::ZERO});
        Ok(match method {
            "eth_chainId" => json!(format!("{CHAIN_ID:#x}")),
            "eth_getBlockByNumber" if params[0] == "finalized" => block(newest.saturating_sub(24)),
            "eth_getBlockByNumber" => block(newest),
            "eth_getBlockByHash" => {
                let asked: B256 = serde_json::from_value(params[0].clone()).expect("a hash");
                (0..=newest).find(|number| hash_of(*number) == asked).map_or(Value::Null, block)
            }
            "eth_feeHistory" => json!({"oldestBlock": "0x1", "baseFeePerGas": ["0x7", "0x8"], "gasUsedRatio": [0.5], "reward": [["0x9"]]}),
            other => return Err(json!({"code": -32601, "message": format!("no method {other}")})),
        })
    })
    .await
}

#[tokio::test]
async fn an_honest_pair_tells_where_the_chain_stands() {
    let (rpc, beacon) = (node(40).await, beacon(16, 16).await);
    let head = evm(&[&rpc], &[&beacon]).head().await.expect("a head");
    assert_eq!(head.finalized.height, Height::of(16));
    assert_eq!(head.latest.block, BlockNumber(40));
    assert_eq!(head.latest.base_fee.0, 8);
}

// T-22: a provider announces height 2^62 and later a lower one. Nothing stalls, nothing is remembered of it, and the
// provider is asked last.
#[tokio::test]
async fn t22_a_height_that_does_not_exist_stalls_nothing() {
    let rpc = node(40).await;
    for slot in [1u64 << 62, u64::MAX, 1 << 40, 41] {
        let (liar, honest) = (beacon(slot, slot).await, beacon(16, 16).await);
        let chain = evm(&[&rpc], &[&liar, &honest]);
        let head = chain.head().await.expect("a head");
        assert_eq!(head.finalized.height, Height::of(16), "after {slot}");
        let before = liar.requests();
        chain.head().await.expect("a head");
        assert_eq!(
            liar.requests(),
            before,
            "the liar rests while another endpoint is well"
        );
        let alone = evm(&[&rpc], &[&liar])
            .head()
            .await
            .expect_err("nobody else to ask");
        assert_eq!(alone.blame(), Blame::Peer, "{alone}");
    }
}

#[tokio::test]
async fn the_wrong_chain_is_the_operators_to_correct() {
    let other = Fake::rpc(|_, _| Ok(json!("0x1"))).await;
    let fault = evm(&[&other], &[&beacon(16, 16).await])
        .head()
        .await
        .expect_err("another chain");
    assert!(matches!(fault, Fault::WrongChain { .. }), "{fault}");
    assert_eq!(fault.blame(), Blame::Operator);
}

/// One ask of each kind that reaches an endpoint without a signer.
fn asks() -> Vec<Ask> {
    let client = ClientId::new("client-0").expect("a client id");
    let key = wire::path::commitment(&client, Sequence::FIRST);
    vec![
        Ask::Head { seen: None },
        Ask::Events {
            end: client.clone().into(),
            from: BlockNumber(1),
            to: BlockNumber(9),
        },
        Ask::Client { end: client.into() },
        Ask::Prove {
            keys: vec![key.clone()],
            at: Height::of(16).into(),
        },
        Ask::Lookup {
            keys: vec![key],
            as_of: AsOf::Latest,
        },
    ]
}

#[tokio::test]
async fn no_answer_of_an_execution_endpoint_is_believed_or_fatal() {
    let huge = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"{}\"}}",
        "a".repeat(200_000)
    );
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "<html>",
        r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
        huge.as_str(),
        deep.as_str(),
    ];
    for body in bodies {
        for status in [200, 302, 404, 429, 500] {
            let (rpc, beacon) = (Fake::always(status, body).await, beacon(16, 16).await);
            for ask in asks() {
                let name = format!("{ask:?}");
                let chain = evm(&[&rpc], &[&beacon]);
                let fault = chain.answer(ask).await.expect_err(&name);
                assert_eq!(fault.blame(), Blame::Peer, "{name} with {status}: {fault}");
            }
        }
    }
}

#[tokio::test]
async fn no_answer_of_a_beacon_endpoint_is_believed_or_fatal() {
    let huge = "a".repeat(200_000);
    for body in [
        "",
        "{",
        "null",
        "{\"data\":{}}",
        "{\"data\":[]}",
        "<html>",
        huge.as_str(),
    ] {
        for status in [200, 302, 404, 429, 500] {
            let (rpc, beacon) = (node(40).await, Fake::always(status, body).await);
            let fault = evm(&[&rpc], &[&beacon]).head().await.expect_err("no head");
            assert_eq!(fault.blame(), Blame::Peer, "{body:.20} with {status}: {fault}");
        }
    }
}

// T-52: an endpoint that forges costs time; with an honest one beside it, the answer is the honest one's.
#[tokio::test]
async fn t52_a_forging_endpoint_is_passed_over() {
    let beacon = beacon(16, 16).await;
    let forger = Fake::rpc(|method, _| {
        Ok(match method {
            "eth_chainId" => json!(format!("{CHAIN_ID:#x}")),
            "eth_getProof" => json!({
                "address": Address::repeat_byte(0xaa), "balance": "0x0", "codeHash": B256::ZERO, "nonce": "0x1",
                "storageHash": B256::repeat_byte(3), "accountProof": ["0xc0"],
                "storageProof": [{"key": B256::ZERO, "value": "0x1", "proof": ["0xc0"]}],
            }),
            _ => Value::Null,
        })
    })
    .await;
    let honest = node(40).await;
    let chain = evm(&[&forger, &honest], &[&beacon]);
    assert_eq!(
        chain.head().await.expect("the honest head").finalized.height,
        Height::of(16)
    );
    let client = ClientId::new("client-0").expect("a client id");
    let ask = Ask::Prove {
        keys: vec![wire::path::commitment(&client, Sequence::FIRST)],
        at: Height::of(16).into(),
    };
    let fault = evm(&[&forger], &[&beacon])
        .answer(ask)
        .await
        .expect_err("a forged proof");
    assert_eq!(fault.blame(), Blame::Peer, "{fault}");
}

#[tokio::test]
async fn without_a_signer_nothing_is_sent() {
    let chain = evm(&[&node(40).await], &[&beacon(16, 16).await]);
    let find = chain
        .answer(Ask::Find {
            tx: TxHash(B256::ZERO),
            ticket: Ticket::Nonce(Nonce(0)),
        })
        .await
        .expect_err("no signer");
    assert!(matches!(find, Fault::Signer { .. }), "{find}");
}
