//! What is told about packets has the kinds, the attributes and the order of a real chain (simd of ibc-go 10.7), and is read
//! by the relayer's adapter.

use chain_cosmos::{ClientEvent, PacketEvent, Packets};
use serde_json::Value;

use super::net::{Net, STAKE};
use super::relay::{EAST, Pair, packet};

const CAPTURED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../relayer/chain-cosmos/src/packets.json"
));
/// What the bank tells; it was left out of the captured blocks.
const BANK: [&str; 5] = ["coin_spent", "coin_received", "transfer", "coinbase", "burn"];

/// Kinds and names of the attributes of all events of the last transaction of a block.
fn outline(results: &Value) -> Vec<(String, Vec<String>)> {
    let events = results["txs_results"].as_array().unwrap().last().unwrap()["events"]
        .as_array()
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = |event: &Value| {
        event["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| text(&a["key"]))
            .collect()
    };
    events
        .iter()
        .map(|event| (text(&event["type"]), names(event)))
        .filter(|(kind, _): &(String, Vec<String>)| !BANK.contains(&kind.as_str()))
        .collect()
}

fn captured(name: &str) -> Vec<(String, Vec<String>)> {
    let all: Value = serde_json::from_str(CAPTURED).unwrap();
    outline(&all[name])
}

async fn told(net: &Net, height: u64) -> Vec<(String, Vec<String>)> {
    let body = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "block_results", "params": {"height": height.to_string()}});
    let client = reqwest::Client::new();
    let answer = client
        .post(net.chain.rpc_url())
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let mut outline = outline(&answer["result"]);
    // The captured transactions brought no update with them: with its action before it and its module after it.
    if let Some(at) = outline.iter().position(|(kind, _)| kind == "update_client") {
        outline.drain(at - 1..=at + 1);
    }
    outline
}

async fn read(net: &Net, height: u64) -> Vec<PacketEvent> {
    let packets = Packets::of(&net.rpc.block_results(height).await.unwrap().unwrap());
    assert_eq!(packets.unread, []);
    packets.events.into_iter().map(|at| at.event).collect()
}

#[tokio::test]
async fn packets_are_told_as_a_real_chain_tells_them() {
    let pair = Pair::new().await;
    let [east, west] = &pair.ends;
    let out = pair.transfer(EAST, STAKE, 5, pair.after_now(EAST, 3_600), "");
    // Two in one transaction, as they were captured.
    let message = super::net::any("/ibc.applications.transfer.v1.MsgTransfer", &out);
    let sent = pair.send(EAST, &[message.clone(), message]).await;
    assert_eq!(told(east, sent.height).await, captured("v2_send"));
    let events = read(east, sent.height).await;
    let [
        PacketEvent::Client(ClientEvent::Sent(first)),
        PacketEvent::Client(ClientEvent::Sent(second)),
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((first.sequence.get(), second.sequence.get()), (1, 2));

    let mut shown = packet_of(east, sent.height).await;
    shown.truncate(1);
    let (received, acknowledged) = pair.carry(EAST, &shown[0]).await;
    assert_eq!(told(west, received.height).await, captured("v2_recv"));
    let events = read(west, received.height).await;
    assert!(matches!(
        &events[..],
        [
            PacketEvent::Client(ClientEvent::Received(_)),
            PacketEvent::Client(ClientEvent::Acknowledged { .. })
        ]
    ));
    assert_eq!(told(east, acknowledged.height).await, captured("v2_ack"));
    assert!(matches!(
        &read(east, acknowledged.height).await[..],
        [PacketEvent::Client(ClientEvent::AckReturned(_))]
    ));
}

#[tokio::test]
async fn timeouts_are_told_as_a_real_chain_tells_them() {
    let pair = Pair::new().await;
    let out = pair.transfer(EAST, STAKE, 5, pair.after_now(EAST, 20), "");
    let sent = pair.send_transfer(EAST, &out).await;
    pair.advance(6);
    let messages = pair.time_out(EAST, &packet(&sent, "send_packet")).await;
    let expired = pair.send(EAST, &messages).await;
    let net = &pair.ends[EAST];
    assert_eq!(told(net, expired.height).await, captured("v2_timeout"));
    assert!(matches!(
        &read(net, expired.height).await[..],
        [PacketEvent::Client(ClientEvent::TimedOut(_))]
    ));
}

/// The packets that a block sent.
async fn packet_of(net: &Net, height: u64) -> Vec<crate::ibc::messages::Packet> {
    let results = net.rpc.block_results(height).await.unwrap().unwrap();
    let events = results.txs_results.iter().flat_map(|result| &result.events);
    events
        .filter(|event| event.kind == "send_packet")
        .map(|event| {
            let bytes = hex::decode(event.attribute("encoded_packet_hex").unwrap()).unwrap();
            prost::Message::decode(bytes.as_slice()).unwrap()
        })
        .collect()
}
