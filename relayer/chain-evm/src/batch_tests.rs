use super::*;
use crate::fake::{Fake, rpc};
use alloy_primitives::{B256, U256};
use serde_json::{Value, json};
use wire::{
    Acknowledgement, ClientId, Encoding, Height, Packet, Payload, PortId, Seconds, Sequence,
    Value as Content, Version,
};

const ROUTER: Address = Address::repeat_byte(9);

fn packet(sequence: u64) -> Packet {
    Packet {
        sequence: Sequence::new(sequence).unwrap(),
        source_client: ClientId::new("client-0").unwrap(),
        destination_client: ClientId::new("client-7").unwrap(),
        timeout: Seconds(1_790_000_000),
        payload: Payload {
            source_port: PortId::new("from").unwrap(),
            destination_port: PortId::new("to").unwrap(),
            version: Version::new("v1").unwrap(),
            encoding: Encoding::new("raw").unwrap(),
            value: Content::new(vec![7]).unwrap(),
        },
    }
}

fn message(kind: MessageKind, sequence: u64) -> Message {
    let mut packet = packet(sequence);
    if kind != MessageKind::Recv {
        core::mem::swap(&mut packet.source_client, &mut packet.destination_client);
    }
    Message {
        kind,
        packet: packet.into(),
        proof: Bytes::from_static(b"proof"),
        height: Height::of(64),
        gas: Gas(150_000),
    }
}

/// A batch of `client-7`, whose other end is `client-0`.
fn submission() -> Submission {
    let ack = Acknowledgement::new(vec![1]).unwrap();
    Submission {
        id: chain::SubmissionId(1),
        updates: Vec::new(),
        messages: vec![
            message(MessageKind::Recv, 5),
            message(MessageKind::Ack(ack), 3),
            message(MessageKind::Timeout(Default::default()), 4),
        ],
        pool: Some(Bytes::from_static(b"pool")),
    }
}

/// A router at which the port `to` registered a million of gas and `from` nothing that is known.
async fn router() -> Fake {
    Fake::rpc(|_, params| {
        let data: Bytes = params[0]["data"].as_str().unwrap().parse().unwrap();
        let asked = Router::getCallbackGasCall::abi_decode(&data).unwrap();
        if asked.portId == "to" {
            Ok(json!(B256::from(U256::from(1_000_000))))
        } else {
            Err(json!({"code": 3, "message": "execution reverted", "data": "0x"}))
        }
    })
    .await
}

#[tokio::test]
async fn a_submission_comes_back_from_its_input() {
    let submission = submission();
    let input = input(&rpc(&router().await).await, ROUTER, &[], &submission)
        .await
        .unwrap();
    assert_eq!(read(&input[..input.len() - 32]), None);
    let batch = read(&input).unwrap();
    let [client, other] = ["client-7", "client-0"].map(|id| ClientId::new(id).unwrap());
    assert_eq!((&batch.client, batch.height), (&client, Height::of(64)));
    assert_eq!(batch.pool, b"pool");
    for (message, sent) in batch.messages.iter().zip(&submission.messages) {
        assert_eq!(Some(&message.packet(&client, &other)), sent.packet.v2());
    }
    // Of 1,015,874 that stay, 63/64 are the million that the application registered.
    let gas: Vec<u32> = batch.messages.iter().map(|message| message.gas).collect();
    assert_eq!(gas, [150_000 + 1_015_874 + 10_000, 160_000, 160_000]);
}

#[tokio::test]
async fn a_message_that_a_batch_would_skip_is_named() {
    let calls = Calls {
        updates: vec![Bytes::from_static(b"update")],
        messages: (0..50)
            .map(|n| Bytes::from(format!("message {n:02}").into_bytes()))
            .collect(),
    };
    let fake = |bad: &'static str| {
        Fake::rpc(move |_, params| {
            let data = params[0]["data"].as_str().unwrap();
            if data.contains(&alloy_primitives::hex::encode(bad)) {
                return Err(json!({"code": 3, "message": "execution reverted", "data": "0x"}));
            }
            Ok(json!("0x"))
        })
    };
    let good = fake("message 50").await;
    let rehearsed = rehearse(&rpc(&good).await, Address::ZERO, ROUTER, &calls).await;
    assert!(rehearsed.is_ok(), "{rehearsed:?}");
    assert_eq!(good.requests(), 3);
    let rehearsed = rehearse(
        &rpc(&fake("message 43").await).await,
        Address::ZERO,
        ROUTER,
        &calls,
    )
    .await;
    let Err(Complaint::Ask(Fault::WouldRevert(revert))) = rehearsed else {
        panic!("{rehearsed:?}");
    };
    assert_eq!(revert.message, Some(43));
}

#[test]
fn what_the_router_skipped_is_read_from_its_receipt() {
    let reason = alloy_sol_types::Revert::from("no").abi_encode();
    let log = |address: Address, position: u64, reason: &[u8]| {
        let event = Router::MessageSkipped {
            position: U256::from(position),
            kind: 1,
            sequence: 5,
            reason: Bytes::copy_from_slice(reason),
        };
        let data = event.encode_log_data();
        json!({
            "address": address, "topics": data.topics(), "data": data.data, "blockHash": B256::ZERO,
            "blockNumber": "0xa", "transactionHash": B256::ZERO, "transactionIndex": "0x0", "logIndex": "0x0",
            "removed": false,
        })
    };
    let receipt: Receipt = serde_json::from_value(json!({
        "transactionHash": B256::ZERO, "blockNumber": "0xa", "gasUsed": "0x5", "effectiveGasPrice": "0x7",
        "status": "0x1", "contractAddress": null,
        "logs": [log(ROUTER, 2, &reason), log(Address::ZERO, 0, &reason), log(ROUTER, 7, &[])],
    }))
    .unwrap();
    let texts: Vec<(u32, String)> = skipped(ROUTER, &receipt)
        .into_iter()
        .map(|skip| (skip.message, skip.text))
        .collect();
    assert_eq!(
        texts,
        [(2, "Error: reason no".into()), (7, "it gave no reason".into())]
    );
}

#[tokio::test]
async fn the_fault_of_a_batch_that_reverted_is_found() {
    let batch = pack(&[], &submission(), |_| Gas(0)).unwrap();
    let starved = Router::MessageStarved {
        position: U256::from(2),
        gasAmount: U256::from(160_000),
    };
    let data = alloy_primitives::hex::encode_prefixed(starved.abi_encode());
    // The updates alone go through.
    let fake = Fake::rpc(move |_, params| {
        let input: Bytes = params[0]["data"].as_str().unwrap().parse().unwrap();
        assert_eq!(params[0]["gas"], Value::from("0x5"));
        if read(&input).unwrap().messages.is_empty() {
            return Ok(json!("0x"));
        }
        Err(json!({"code": 3, "message": "execution reverted", "data": data.clone()}))
    })
    .await;
    let (rpc, from) = (rpc(&fake).await, Address::ZERO);
    let found = find_fault(&rpc, from, ROUTER, &batch, Gas(5), At::Number(9))
        .await
        .unwrap();
    assert_eq!(found.unwrap().message, Some(2));
}

#[test]
fn a_client_without_batches_is_told_from_other_refusals() {
    let revert = |data: Vec<u8>| Revert {
        message: None,
        data: data.into(),
        text: String::new(),
        gas: None,
    };
    let unsupported = Router::BatchUnsupported {
        clientId: "client-7".into(),
        client: ROUTER,
    };
    assert!(is_unsupported(&revert(unsupported.abi_encode())));
    assert!(!is_unsupported(&revert(Vec::new())));
}
