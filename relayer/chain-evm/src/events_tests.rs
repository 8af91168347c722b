use super::*;
use crate::abi::{SolPacket, SolPayload};
use crate::fake::{Fake, rpc};
use alloy_primitives::{Bytes, LogData};
use alloy_sol_types::SolValue;
use serde_json::{Value, json};

pub(super) const ROUTER: Address = Address::repeat_byte(0xaa);
pub(super) const NEWEST: u64 = 40;

pub(super) fn client() -> ClientId {
    ClientId::new("client-0").expect("a client id")
}

fn sol_packet(sequence: u64) -> SolPacket {
    SolPacket {
        sequence,
        sourceClient: "client-0".into(),
        destClient: "client-7".into(),
        timeoutTimestamp: 1_000,
        payloads: vec![SolPayload {
            sourcePort: "transfer".into(),
            destPort: "transfer".into(),
            version: "ics20-1".into(),
            encoding: "application/x-solidity-abi".into(),
            value: Bytes::from_static(&[1, 2, 3]),
        }],
    }
}

/// A log of `SendPacket` for packet `sequence` in `block`.
pub(super) fn sent(block: u64, sequence: u64) -> Log {
    let topics = vec![
        Router::SendPacket::SIGNATURE_HASH,
        keccak256("client-0"),
        topic_of(sequence),
    ];
    let data = (sol_packet(sequence),).abi_encode_params();
    Log {
        inner: alloy_primitives::Log {
            address: ROUTER,
            data: LogData::new_unchecked(topics, data.into()),
        },
        block_hash: Some(B256::repeat_byte(1)),
        block_number: Some(block),
        transaction_hash: Some(B256::repeat_byte(2)),
        log_index: Some(sequence),
        ..Log::default()
    }
}

/// An endpoint at block [`NEWEST`] whose logs `answer` chooses by first and last block.
pub(super) async fn node(
    answer: impl Fn(u64, u64, &Value) -> Result<Value, Value> + Send + Sync + 'static,
) -> Fake {
    let number = |value: &Value| {
        let text = value.as_str().expect("a number").trim_start_matches("0x");
        u64::from_str_radix(text, 16).expect("a number")
    };
    Fake::rpc(move |method, params| match method {
        "eth_getBlockByNumber" => {
            let asked = if params[0] == "latest" {
                NEWEST
            } else {
                number(&params[0])
            };
            let hex = format!("{asked:#x}");
            let block = json!({"number": hex, "hash": B256::repeat_byte(9), "timestamp": hex});
            Ok(if asked > NEWEST { Value::Null } else { block })
        }
        "eth_getLogs" => answer(
            number(&params[0]["fromBlock"]),
            number(&params[0]["toBlock"]),
            &params[0],
        ),
        other => panic!("{other} is not expected"),
    })
    .await
}

async fn node_with(logs: Vec<Log>) -> Fake {
    node(move |_, _, _| Ok(json!(logs))).await
}

/// The same log, with a byte that begins no character where the text `spoilt` has its first.
fn spoiled(mut log: Log, spoilt: &str) -> Log {
    let mut data = log.data().data.to_vec();
    let at = data
        .windows(spoilt.len())
        .position(|bytes| bytes == spoilt.as_bytes())
        .expect("the text");
    data[at] = 0xff;
    log.inner.data = LogData::new_unchecked(log.topics().to_vec(), data.into());
    log
}

/// What the router says later of packet `sequence` that `client-0` sent.
fn taken_back(block: u64, sequence: u64) -> Log {
    let mut log = sent(block, sequence);
    let topics = vec![
        Router::TimeoutPacket::SIGNATURE_HASH,
        keccak256("client-0"),
        topic_of(sequence),
    ];
    let data = (sol_packet(sequence),).abi_encode_params();
    log.inner.data = LogData::new_unchecked(topics, data.into());
    log
}

async fn read(fake: &Fake, from: u64, to: u64) -> Result<Found, Complaint> {
    let reader = EventReader::new(ROUTER, BlockNumber(1));
    reader
        .read(&rpc(fake).await, &client(), BlockNumber(from), BlockNumber(to))
        .await
}

fn is_malformed(result: &Result<Found, Complaint>) -> bool {
    matches!(result, Err(Complaint::Endpoint(Defect::Malformed, _)))
}

#[tokio::test]
async fn events_come_in_the_order_of_the_chain() {
    let fake = node_with(vec![sent(7, 2), sent(5, 1)]).await;
    let found = read(&fake, 1, 20).await.expect("events");
    assert_eq!(found.covered, BlockNumber(20));
    let blocks: Vec<u64> = found.events.iter().map(|event| event.block.0).collect();
    assert_eq!(blocks, [5, 7]);
}

#[tokio::test]
async fn a_log_that_was_not_asked_for_is_no_answer() {
    let mut foreign = sent(5, 1);
    foreign.inner.address = Address::repeat_byte(0xbb);
    let mut removed = sent(5, 1);
    removed.removed = true;
    let mut pending = sent(5, 1);
    pending.block_number = None;
    let mut relabelled = sent(5, 1);
    relabelled.inner.data = LogData::new_unchecked(
        vec![
            Router::SendPacket::SIGNATURE_HASH,
            keccak256("client-0"),
            topic_of(9),
        ],
        relabelled.data().data.clone(),
    );
    let mut other_client = sent(5, 1);
    other_client.inner.data = LogData::new_unchecked(
        vec![
            Router::SendPacket::SIGNATURE_HASH,
            keccak256("client-1"),
            topic_of(1),
        ],
        other_client.data().data.clone(),
    );
    let mut cut = sent(5, 1);
    cut.inner.data = LogData::new_unchecked(
        cut.topics().to_vec(),
        Bytes::copy_from_slice(&cut.data().data[..64]),
    );
    let mut untopical = sent(5, 1);
    untopical.inner.data = LogData::new_unchecked(vec![B256::ZERO], Bytes::new());
    for (what, log) in [
        ("another address", foreign),
        ("removed", removed),
        ("pending", pending),
        ("another sequence in the topic", relabelled),
        ("another client", other_client),
        ("cut data", cut),
        ("too few topics", untopical),
        ("another block", sent(21, 1)),
    ] {
        let result = read(&node_with(vec![log]).await, 1, 20).await;
        assert!(is_malformed(&result), "{what}: {result:?}");
    }
    let twice = read(&node_with(vec![sent(5, 1), sent(5, 1)]).await, 1, 20).await;
    assert!(is_malformed(&twice));
}

// A router takes any bytes as version and encoding, and its logs hold them.
#[tokio::test]
async fn a_packet_whose_texts_are_none_is_no_other_packet_and_no_fault() {
    for spoilt in ["ics20-1", "application/x-solidity-abi"] {
        let logs = vec![
            sent(5, 1),
            spoiled(sent(6, 2), spoilt),
            sent(7, 3),
            spoiled(taken_back(8, 2), spoilt),
        ];
        let found = read(&node_with(logs).await, 1, 20).await.expect("events");
        let numbers: Vec<(u64, bool)> = found
            .events
            .iter()
            .map(|at| match &at.event {
                Event::Sent(packet) => (packet.sequence().get(), true),
                Event::Unreadable { sequence, .. } => (sequence.get(), false),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(numbers, [(1, true), (2, false), (3, true)], "{spoilt}");
    }
    let foreign = read(&node_with(vec![spoiled(sent(5, 1), "client-0")]).await, 1, 20).await;
    assert!(is_malformed(&foreign), "{foreign:?}");
}

#[tokio::test]
async fn a_left_out_packet_is_noticed() {
    let result = read(&node_with(vec![sent(5, 1), sent(6, 3)]).await, 1, 20).await;
    assert!(is_malformed(&result), "{result:?}");
    let first = read(&node_with(vec![sent(5, 2)]).await, 1, 20).await;
    assert!(
        is_malformed(&first),
        "the first packet since the router exists is number 1: {first:?}"
    );
}

#[tokio::test]
async fn blocks_that_the_endpoint_lacks_are_not_covered() {
    let result = read(&node_with(Vec::new()).await, 30, NEWEST + 1).await;
    let Err(Complaint::Lacks(Fault::NotYet(NotYet::Block { wanted, newest }))) = result else {
        panic!("{result:?}");
    };
    assert_eq!((wanted.0, newest.0), (NEWEST + 1, NEWEST));
}

#[tokio::test]
async fn a_range_that_is_too_large_is_halved() {
    let fake = node(|from, to, _| {
        if to - from >= 4 {
            return Err(json!({"code": -32602, "message": "block range too large, max: 4"}));
        }
        Ok(json!([]))
    })
    .await;
    let found = read(&fake, 1, 33).await.expect("a shorter range");
    assert_eq!(found.covered, BlockNumber(4));
}

/// A send that makes an answer longer than a test reads, alone or beside another one.
fn long(block: u64, sequence: u64, bytes: usize) -> Log {
    let mut log = sent(block, sequence);
    let mut packet = sol_packet(sequence);
    packet.payloads[0].value = vec![7; bytes].into();
    let topics = log.topics().to_vec();
    log.inner.data = LogData::new_unchecked(topics, (packet,).abi_encode_params().into());
    log
}

// Whoever sends packets chooses how long an answer is: that is no fault of the endpoint.
#[tokio::test]
async fn a_range_whose_answer_is_too_long_is_halved() {
    let fake = node(|from, to, _| {
        let logs = (5..=6).map(|block| long(block, block - 4, 20_000));
        let inside = logs.filter(|log| log.block_number.is_some_and(|at| (from..=to).contains(&at)));
        Ok(json!(inside.collect::<Vec<Log>>()))
    })
    .await;
    let (reader, rpc) = (EventReader::new(ROUTER, BlockNumber(1)), rpc(&fake).await);
    let (mut from, mut found) = (1, Vec::new());
    while from <= 20 {
        let (first, last) = (BlockNumber(from), BlockNumber(20));
        let page = reader.read(&rpc, &client(), first, last).await.expect("a page");
        found.extend(page.events.iter().map(|event| event.block.0));
        from = page.covered.0 + 1;
    }
    assert_eq!(found, [5, 6]);
    let alone = node_with(vec![long(5, 1, 60_000)]).await;
    let found = read(&alone, 5, 5).await.expect("there is no smaller range");
    assert_eq!(found.events.len(), 1);
}

// T-47: an event alone moves nothing; a receipt that failed on chain leaves a claim that only a proof can turn into a fact.
// What this adapter adds to that: an acknowledgement event must carry the packet that its topics name.
#[tokio::test]
async fn t47_an_event_that_contradicts_its_own_topics_is_ignored() {
    let mut log = sent(5, 1);
    let topics = vec![
        Router::WriteAcknowledgement::SIGNATURE_HASH,
        keccak256("client-0"),
        topic_of(1),
    ];
    let data = (sol_packet(1), vec![Bytes::from_static(b"ack")]).abi_encode_params();
    log.inner.data = LogData::new_unchecked(topics, data.into());
    // The packet's destination is client-7; the topic says that client-0 received it.
    let result = read(&node_with(vec![log]).await, 1, 20).await;
    assert!(is_malformed(&result), "{result:?}");
}
