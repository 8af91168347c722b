//! Channels as the machine is shown them: between two chains whose handshakes and proofs are real, and in recorded blocks.

use crate::Cosmos;
use crate::fake_ibc::{CLIENTS, Chain, chains};
use crate::handshake::tests::{channelled, connected, wish};
use crate::ibc_channel::{Channel, STATE_CLOSED, STATE_TRYOPEN};
use crate::ibc_connection::{self as co, ConnectionEnd};
use crate::ibc_v1;
use crate::packet_messages::packet_message;
use crate::port_tests::{captured, events, with_sends};
use alloy_primitives::{B256, Bytes};
use chain::{
    Answer, AnyPacket, AsOf, Ask, At, Basis, ClientUpdate, ClientView, Depth, Event, Expected, Fault, Gas,
    Message, MessageKind, Proof, TermsMax, TrustedState, Unreceived,
};
use client::Advance;
use ethereum::Blst;
use prost::Message as _;
use relayer_core::{Judge, Law, ProofAt};
use tendermint_client::{Trusted, verify_update};
use wire::channel::{ChannelEnd, ChannelPacket, Ordering, Timeout, is_closed, next_sequence};
use wire::path::Kind;
use wire::{Acknowledgement, End, Height, Path, Seconds, Sequence};

/// Two chains and the ends of a channel between them.
async fn opened(ordering: Ordering) -> ([Chain; 2], [ChannelEnd; 2]) {
    let pair = chains().await;
    let connected = connected(&pair).await;
    let open = channelled(&pair, &connected, wish(ordering, None)).await;
    (pair, open.ends)
}

async fn view(chain: &Cosmos, end: &ChannelEnd) -> Result<ClientView, Fault> {
    match chain
        .answer(Ask::Client {
            end: end.clone().into(),
        })
        .await?
    {
        Answer::Client(view) => Ok(view),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_open_channel_is_shown_with_the_client_below_it_and_its_other_end() {
    let (pair, ends) = opened(Ordering::Unordered).await;
    for side in 0..2 {
        let seen = view(&pair[side].cosmos, &ends[side]).await.unwrap();
        assert_eq!(seen.client.as_str(), CLIENTS[side]);
        assert_eq!(seen.counterparty, Some(End::Channel(ends[1 - side].clone())));
        let end = End::Channel(ends[side].clone());
        let (name, _) = pair[side].cosmos.client_behind(&end).await.unwrap();
        assert!(
            name.contains(CLIENTS[side]) && name.contains("connection-0"),
            "{name}"
        );
    }
}

/// Rewrites an end of a channel to another state; returns what was there.
fn put(chain: &Chain, end: &ChannelEnd, state: i32) -> Channel {
    let found: Channel = chain.node().read(&end.end_key()).unwrap();
    let other = Channel {
        state,
        ..found.clone()
    };
    chain.node().write(&end.end_key(), &other.encode_to_vec());
    found
}

#[tokio::test]
async fn a_channel_is_shown_with_its_order_and_once_it_is_closed() {
    for ordering in [Ordering::Ordered, Ordering::Unordered] {
        let (pair, ends) = opened(ordering).await;
        let of = async || view(&pair[0].cosmos, &ends[0]).await.unwrap().channel.unwrap();
        assert_eq!((of().await.ordering, of().await.closed), (ordering, None));
        put(&pair[0], &ends[0], STATE_CLOSED);
        let newest = pair[0].cosmos.head().await.unwrap().finalized.block;
        // Blocks go on meanwhile.
        assert!(of().await.closed.is_some_and(|block| block >= newest));
    }
}

#[tokio::test]
async fn a_channel_that_carries_nothing_is_not_shown() {
    let (pair, ends) = opened(Ordering::Unordered).await;
    let (chain, end) = (&pair[0], &ends[0]);
    let open = put(chain, end, STATE_TRYOPEN);
    let refused = view(&chain.cosmos, end).await.unwrap_err();
    assert!(
        matches!(&refused, Fault::Unfit { text, .. } if text.contains("TRYOPEN")),
        "{refused}"
    );
    chain.node().write(&end.end_key(), &open.encode_to_vec());
    let key = co::end_key("connection-0");
    let mut under: ConnectionEnd = chain.node().read(&key).unwrap();
    under.delay_period = 7;
    chain.node().write(&key, &under.encode_to_vec());
    let refused = view(&chain.cosmos, end).await.unwrap_err();
    assert!(
        matches!(&refused, Fault::Unfit { text, .. } if text.contains("wait 7 ns")),
        "{refused}"
    );
    let nowhere: ChannelEnd = "transfer/channel-77".parse().unwrap();
    let refused = view(&chain.cosmos, &nowhere).await.unwrap_err();
    assert!(
        matches!(&refused, Fault::NoClient { id, .. } if id == "transfer/channel-77"),
        "{refused}"
    );
}

#[tokio::test]
async fn both_ends_of_a_channel_are_compared() {
    let (pair, ends) = opened(Ordering::Unordered).await;
    let [a, b] = pair.each_ref().map(|chain| &chain.cosmos);
    let expected = |counterparty: End| Expected {
        counterparty: Some(counterparty),
        terms_max: TermsMax {
            trust_period: Seconds(u64::MAX),
            clock_drift: Seconds(60),
        },
        depth: Depth::Newest,
    };
    let other = expected(End::Channel(ends[1].clone()));
    let findings = a.verify_channel(b, &ends[0], &other).await.unwrap();
    for rule in ["state", "other end", "connection", "network", "states"] {
        let found = findings.iter().find(|finding| finding.rule == rule);
        assert!(
            found.is_some_and(|found| found.verdict.is_ok()),
            "{rule}: {findings:?}"
        );
    }
    // One that says it leads here, while ours leads elsewhere.
    let strange: ChannelEnd = "transfer/channel-9".parse().unwrap();
    let like: Channel = pair[1].node().read(&ends[1].end_key()).unwrap();
    pair[1].node().write(&strange.end_key(), &like.encode_to_vec());
    let wrong = expected(End::Channel(strange));
    let findings = a.verify_channel(b, &ends[0], &wrong).await.unwrap();
    let found = findings.iter().find(|finding| finding.rule == "other end");
    assert!(found.is_some_and(|found| found.verdict.is_err()), "{findings:?}");
    let client = expected(End::Client(CLIENTS[1].parse().unwrap()));
    assert!(matches!(
        a.verify_channel(b, &ends[0], &client).await,
        Err(Fault::NoClient { .. })
    ));
}

fn packet(ends: &[ChannelEnd; 2]) -> ChannelPacket {
    ChannelPacket {
        sequence: Sequence::FIRST,
        source: ends[0].clone(),
        destination: ends[1].clone(),
        timeout: Timeout::new(Some(Height::of(900)), Some(1_800_000_000_000_000_001)).unwrap(),
        data: b"{}".to_vec(),
    }
}

/// What the client that `view` shows believes once it was moved to the newest header of `tracked`.
async fn followed(tracked: &Cosmos, view: &ClientView) -> Trusted {
    let head = tracked.head().await.unwrap();
    let ask = Ask::Update {
        trusted: view.trusted.clone(),
        to: head.finalized.height,
    };
    let Answer::Update(plan) = tracked.answer(ask).await.unwrap() else {
        panic!()
    };
    let TrustedState::Tendermint(trusted) = &view.trusted else {
        panic!()
    };
    let mut trusted = Trusted::clone(trusted);
    for update in &plan.updates {
        let ClientUpdate::Tendermint(update) = update else {
            panic!()
        };
        let now = update.header.time.rounded_down();
        match verify_update(&trusted, update, now).unwrap() {
            Advance::Updated(next) => trusted = next,
            other => panic!("{other:?}"),
        }
    }
    trusted
}

async fn proven(chain: &Cosmos, keys: &[Path], height: Height) -> Vec<Proof> {
    let ask = Ask::Prove {
        keys: keys.to_vec(),
        at: Basis::One(At::Header(height.revision_height)),
    };
    match chain.answer(ask).await.unwrap() {
        Answer::Prove(proofs) => proofs,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_stored_of_packets_is_proven_as_it_is_stored() {
    let (pair, ends) = opened(Ordering::Unordered).await;
    let packet = packet(&ends);
    let (source, destination) = (End::Channel(ends[0].clone()), End::Channel(ends[1].clone()));
    let keys = vec![
        source.commitment(packet.sequence),
        destination.receipt(packet.sequence),
        source.receipt(packet.sequence),
    ];
    {
        let mut node = pair[0].node();
        node.write(&keys[0].to_bytes(), packet.commitment().as_slice());
        // A receipt is one byte.
        node.write(&keys[1].to_bytes(), &[1]);
    }
    let seen = view(&pair[1].cosmos, &ends[1]).await.unwrap();
    let trusted = followed(&pair[0].cosmos, &seen).await;
    let height = Height {
        revision_number: 1,
        revision_height: trusted.newest().height,
    };
    let proofs = proven(&pair[0].cosmos, &keys, height).await;
    let now = trusted.newest().time.rounded_down();
    let (judge, trusted) = (Law(Blst), TrustedState::Tendermint(Box::new(trusted)));
    let values = [
        Some(Bytes::from(packet.commitment().0)),
        Some(vec![1].into()),
        None,
    ];
    for ((key, value), Proof { value: shown, nodes }) in keys.iter().zip(values).zip(&proofs) {
        assert_eq!(*shown, value, "{key}");
        let proof = ProofAt {
            height,
            path: key,
            bytes: nodes,
        };
        let is_there = judge.member(
            &trusted,
            proof,
            shown.as_ref().map_or(&[1][..], |value| &value[..]),
            now,
        );
        let is_absent = judge.absent(&trusted, proof, now);
        assert_eq!(
            (is_there.is_ok(), is_absent.is_ok()),
            (value.is_some(), value.is_none()),
            "{key}"
        );
        if key.kind() == Kind::Commitment {
            let other = judge.member(&trusted, proof, &[7; 32], now);
            assert!(other.is_err(), "a commitment is compared");
        }
    }
    let as_of = AsOf::Latest;
    let Answer::Lookup(found) = pair[0].cosmos.answer(Ask::Lookup { keys, as_of }).await.unwrap() else {
        panic!()
    };
    assert_eq!(found[0], Some(packet.commitment()));
    assert!(found[1].is_some() && found[2].is_none());
}

#[tokio::test]
async fn packets_in_blocks_are_told_to_the_channel_that_they_are_of() {
    let sent = events(with_sends(captured("v1_send")), "transfer/channel-0", 30, 60).await;
    let (_, sent) = sent.unwrap();
    let [first, second] = &sent[..] else {
        panic!("{sent:?}")
    };
    let (Event::Sent(first), Event::Sent(second)) = (&first.event, &second.event) else {
        panic!("{sent:?}")
    };
    assert_eq!((first.sequence().get(), second.sequence().get()), (1, 2));
    assert_eq!(first.destination().to_string(), "transfer/channel-1");
    for other in ["transfer/channel-1", "07-tendermint-0"] {
        let none = events(with_sends(captured("v1_send")), other, 30, 60)
            .await
            .unwrap();
        assert_eq!(none.1, [], "{other}");
    }
    let received = events(with_sends(captured("v1_recv")), "transfer/channel-1", 40, 40).await;
    let (_, received) = received.unwrap();
    assert!(
        matches!(&received[..], [at] if matches!(&at.event, Event::Acknowledged { packet, .. } if packet == first)),
        "{received:?}"
    );
    for (name, is_ack) in [("v1_ack", true), ("v1_timeout", false)] {
        let settled = events(with_sends(captured(name)), "transfer/channel-0", 40, 40).await;
        let (_, settled) = settled.unwrap();
        let is_it = |event: &Event| match event {
            Event::AckReturned { source, .. } => is_ack && source.to_string() == "transfer/channel-0",
            Event::TimedOut { source, .. } => !is_ack && source.to_string() == "transfer/channel-0",
            _ => false,
        };
        assert!(
            matches!(&settled[..], [at] if is_it(&at.event)),
            "{name}: {settled:?}"
        );
    }
}

/// What is stored of a channel itself is judged by its bytes: which packet comes next, and that it is closed.
#[tokio::test]
async fn the_next_packet_and_the_end_of_a_channel_are_proven_by_their_bytes() {
    let (pair, ends) = opened(Ordering::Ordered).await;
    let next = 7_u64.to_be_bytes();
    pair[0].node().write(&ends[0].next_receive_key(), &next);
    put(&pair[0], &ends[0], STATE_CLOSED);
    let seen = view(&pair[1].cosmos, &ends[1]).await.unwrap();
    let trusted = followed(&pair[0].cosmos, &seen).await;
    let height = Height {
        revision_number: 1,
        revision_height: trusted.newest().height,
    };
    let keys = vec![ends[0].next_receive(), ends[0].stored()];
    let proofs = proven(&pair[0].cosmos, &keys, height).await;
    let shown: Vec<&Bytes> = proofs.iter().map(|proof| proof.value.as_ref().unwrap()).collect();
    assert_eq!(next_sequence(shown[0]), Sequence::new(7).ok());
    assert!(is_closed(shown[1]));
    let now = trusted.newest().time.rounded_down();
    let (judge, trusted) = (Law(Blst), TrustedState::Tendermint(Box::new(trusted)));
    for (key, Proof { nodes, .. }) in keys.iter().zip(&proofs) {
        for (other, value) in shown.iter().enumerate() {
            let proof = ProofAt {
                height,
                path: key,
                bytes: nodes,
            };
            let holds = judge.member(&trusted, proof, value, now).is_ok();
            assert_eq!(holds, keys[other] == *key, "{key}");
        }
    }
    let as_of = AsOf::Latest;
    let keys = vec![ends[0].next_receive()];
    let Answer::Lookup(found) = pair[0].cosmos.answer(Ask::Lookup { keys, as_of }).await.unwrap() else {
        panic!()
    };
    assert_eq!(found, [Some(B256::left_padding_from(&next))]);
}

fn message(kind: MessageKind) -> cosmrs::Any {
    let ends = ["transfer/channel-3", "mock/channel-4"].map(|end| end.parse().unwrap());
    let message = Message {
        kind,
        packet: AnyPacket::Channel(packet(&ends)),
        proof: Bytes::from_static(b"proof"),
        height: Height::of(7),
        gas: Gas(0),
    };
    packet_message(&message, "cosmos1us")
}

#[test]
fn messages_of_channels_are_those_of_the_first_version() {
    let any = message(MessageKind::Recv);
    let recv = ibc_v1::MsgRecvPacket::decode(any.value.as_slice()).unwrap();
    let packet = recv.packet.clone().unwrap();
    assert_eq!(any.type_url, "/ibc.core.channel.v1.MsgRecvPacket");
    assert_eq!(
        (packet.source_port.as_str(), packet.source_channel.as_str()),
        ("transfer", "channel-3")
    );
    assert_eq!(
        (
            packet.destination_port.as_str(),
            packet.destination_channel.as_str()
        ),
        ("mock", "channel-4")
    );
    assert_eq!(packet.timeout_height, Some(Height::of(900).into()));
    assert_eq!(packet.timeout_timestamp, 1_800_000_000_000_000_001);
    assert_eq!(
        (recv.proof_height, recv.signer.as_str()),
        (Some(Height::of(7).into()), "cosmos1us")
    );

    let any = message(MessageKind::Ack(Acknowledgement::new(b"ok".as_slice()).unwrap()));
    let ack = ibc_v1::MsgAcknowledgement::decode(any.value.as_slice()).unwrap();
    assert_eq!(
        (ack.acknowledgement, ack.proof_acked),
        (b"ok".to_vec(), b"proof".to_vec())
    );

    let any = message(MessageKind::Timeout(Default::default()));
    let timeout = ibc_v1::MsgTimeout::decode(any.value.as_slice()).unwrap();
    assert_eq!(timeout.packet, Some(packet));
    assert_ne!(
        timeout.next_sequence_recv, 0,
        "ibc-go refuses that before it looks at the channel"
    );
}

#[test]
fn timeouts_over_ordered_and_closed_channels_say_so() {
    let next = Sequence::new(5).ok();
    let any = message(MessageKind::Timeout(Unreceived { next, closed: None }));
    let timeout = ibc_v1::MsgTimeout::decode(any.value.as_slice()).unwrap();
    assert_eq!(
        (any.type_url.as_str(), timeout.next_sequence_recv),
        (ibc_v1::TIMEOUT, 5)
    );

    let closed = Some(Bytes::from_static(b"closed"));
    let any = message(MessageKind::Timeout(Unreceived { next, closed }));
    let timeout = ibc_v1::MsgTimeoutOnClose::decode(any.value.as_slice()).unwrap();
    assert_eq!(any.type_url, ibc_v1::TIMEOUT_ON_CLOSE);
    assert_eq!(
        (timeout.proof_unreceived, timeout.proof_close),
        (b"proof".to_vec(), b"closed".to_vec())
    );
    assert_eq!(
        (timeout.next_sequence_recv, timeout.signer.as_str()),
        (5, "cosmos1us")
    );
    assert_eq!(timeout.proof_height, Some(Height::of(7).into()));
    assert_eq!(timeout.packet.map(|packet| packet.sequence), Some(1));
}
