//! Block results of a real chain (simd of ibc-go 10.7, `packets.json`): IBC v1 between two channels of one chain, IBC v2 between
//! two clients of one chain; and results that somebody bent.

use super::{PacketAt, PacketEvent, Packets};
use crate::answers::Results;
use crate::channel_events::{ChannelEvent, ChannelHeader};
use crate::client_events::ClientEvent;
use serde_json::{Value, json};
use wire::channel::Ordering;
use wire::{Height, Packet};

const CAPTURED: &str = include_str!("packets.json");

fn captured(name: &str) -> Value {
    let all: Value = serde_json::from_str(CAPTURED).unwrap();
    assert!(all[name].is_object(), "{name}");
    all[name].clone()
}

fn read(results: Value) -> Packets {
    Packets::of(&serde_json::from_value::<Results>(results).unwrap())
}

/// All that a captured block holds; each of its events of packets is understood.
fn events(name: &str) -> Vec<PacketEvent> {
    let packets = read(captured(name));
    assert_eq!(packets.unread, []);
    let is_first = |at: &PacketAt| at.tx == Some(0);
    assert!(packets.events.iter().all(is_first));
    packets.events.into_iter().map(|at| at.event).collect()
}

fn channel(name: &str) -> Vec<ChannelEvent> {
    let one = |event| match event {
        PacketEvent::Channel(event) => event,
        PacketEvent::Client(event) => panic!("{event:?} is of IBC v2"),
    };
    events(name).into_iter().map(one).collect()
}

fn client(name: &str) -> Vec<ClientEvent> {
    let one = |event| match event {
        PacketEvent::Client(event) => event,
        PacketEvent::Channel(event) => panic!("{event:?} is of IBC v1"),
    };
    events(name).into_iter().map(one).collect()
}

#[test]
fn packets_of_channels_are_read_from_send_to_acknowledgement() {
    let sent = channel("v1_send");
    let [
        ChannelEvent::Sent { packet, data },
        ChannelEvent::Sent { packet: second, .. },
    ] = &sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!((packet.sequence.get(), second.sequence.get()), (1, 2));
    assert_eq!(
        (packet.source.port.as_str(), packet.source.channel.as_str()),
        ("transfer", "channel-0")
    );
    assert_eq!(
        (
            packet.destination.port.as_str(),
            packet.destination.channel.as_str()
        ),
        ("transfer", "channel-1")
    );
    assert_eq!(
        (packet.timeout.height(), packet.ordering),
        (None, Ordering::Unordered)
    );
    assert!(packet.timeout.nanos().unwrap() > 1_700_000_000_000_000_000);
    assert_eq!(packet.clone().with(data.clone()).data, *data);
    assert_eq!(packet.connection, "connection-localhost");
    assert!(data.starts_with(br#"{"denom":"token","amount":"5""#));

    let received = channel("v1_recv");
    let [
        ChannelEvent::Received { packet: first, .. },
        ChannelEvent::Acknowledged {
            packet: again,
            acknowledgement,
            ..
        },
    ] = &received[..]
    else {
        panic!("{received:?}")
    };
    assert_eq!((first, again), (packet, packet));
    assert_eq!(acknowledgement.as_bytes(), wire::ics20::SUCCESS_ACK);
    assert_eq!(channel("v1_ack"), [ChannelEvent::AckReturned(packet.clone())]);
}

#[test]
fn packets_of_channels_time_out() {
    let events = channel("v1_timeout");
    assert!(
        matches!(&events[..], [ChannelEvent::TimedOut(ChannelHeader { sequence, .. })] if sequence.get() == 3),
        "{events:?}"
    );
}

#[test]
fn packets_of_clients_are_read_from_send_to_acknowledgement() {
    let sent = client("v2_send");
    let [ClientEvent::Sent(packet), ClientEvent::Sent(second)] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!((packet.sequence.get(), second.sequence.get()), (1, 2));
    assert_eq!(
        (packet.source_client.as_str(), packet.destination_client.as_str()),
        ("07-tendermint-0", "07-tendermint-1")
    );
    let payload = &packet.payload;
    assert_eq!(
        (payload.version.as_str(), payload.encoding.as_str()),
        ("ics20-1", "application/json")
    );
    assert!(
        (1_700_000_000..4_000_000_000).contains(&packet.timeout.0),
        "seconds"
    );

    let received = client("v2_recv");
    let [
        ClientEvent::Received(first),
        ClientEvent::Acknowledged {
            packet: again,
            acknowledgement,
        },
    ] = &received[..]
    else {
        panic!("{received:?}")
    };
    assert_eq!((first, again), (packet, packet));
    assert_eq!(acknowledgement.as_bytes(), wire::ics20::SUCCESS_ACK);
    assert_eq!(client("v2_ack"), [ClientEvent::AckReturned(packet.clone())]);
}

#[test]
fn packets_of_clients_time_out() {
    let events = client("v2_timeout");
    assert!(
        matches!(&events[..], [ClientEvent::TimedOut(Packet { sequence, .. })] if sequence.get() == 3),
        "{events:?}"
    );
}

#[test]
fn t47_what_a_failed_transaction_tells_did_not_happen() {
    assert_eq!(read(captured("failed")), Packets::default());
    let mut results = captured("v1_send");
    results["txs_results"][0]["code"] = json!(5);
    assert_eq!(read(results), Packets::default());
}

/// As ibc-go tells what an application did before it refused the packet: the newer versions, and those that leave the names of events.
#[test]
fn t47_what_an_application_undid_did_not_happen() {
    for (name, prefix) in [("v1_send", "ibccallbackerror-"), ("v1_send", ""), ("v2_send", "")] {
        let mut results = captured(name);
        for event in results["txs_results"][0]["events"].as_array_mut().unwrap() {
            event["type"] = json!(format!("{prefix}{}", event["type"].as_str().unwrap()));
            for attribute in event["attributes"].as_array_mut().unwrap() {
                // The SDK adds this one later.
                let key = attribute["key"].as_str().unwrap().to_owned();
                if key != "msg_index" {
                    attribute["key"] = json!(format!("ibccallbackerror-{key}"));
                }
            }
        }
        assert_eq!(read(results), Packets::default(), "{name} {prefix}");
    }
}

/// A packet that names itself is not made to disappear by a key beside it.
#[test]
fn t47_a_packet_with_a_key_of_what_was_undone_beside_its_own_is_told() {
    for name in ["v1_send", "v2_send"] {
        let mut results = captured(name);
        let all = read(results.clone()).events.len();
        for event in results["txs_results"][0]["events"].as_array_mut().unwrap() {
            let attributes = event["attributes"].as_array_mut().unwrap();
            for key in ["packet_src_channel", "packet_source_client"] {
                attributes.push(json!({ "key": format!("ibccallbackerror-{key}"), "value": "channel-0" }));
            }
        }
        assert_eq!(read(results).events.len(), all, "{name}");
    }
}

#[test]
fn the_chain_itself_sends_at_the_end_of_a_block() {
    let mut results = captured("v2_send");
    let events = results["txs_results"][0]["events"].take();
    results["txs_results"] = Value::Null;
    results["finalize_block_events"] = events;
    let packets = read(results);
    assert_eq!((packets.events.len(), packets.unread.len()), (2, 0));
    assert!(packets.events.iter().all(|at| at.tx.is_none()));
}

#[test]
fn older_nodes_tell_of_the_block_before_and_behind_its_transactions() {
    let mut results = captured("v2_send");
    let events = results["txs_results"][0]["events"].clone();
    let of_tx = read(results.clone()).events.len();
    results.as_object_mut().unwrap().remove("finalize_block_events");
    results["begin_block_events"] = events.clone();
    results["end_block_events"] = events;
    let places: Vec<_> = read(results).events.iter().map(|at| (at.place, at.tx)).collect();
    let of_whom = [None, Some(0), None].into_iter();
    let expected: Vec<_> = of_whom
        .flat_map(|tx| core::iter::repeat_n(tx, of_tx))
        .enumerate()
        .collect();
    assert_eq!(places, expected);
}

/// Changes the attribute `key` of the first event `kind` by `change`; `None` takes it away.
fn bent(name: &str, kind: &str, key: &str, value: Option<&str>) -> Packets {
    let mut results = captured(name);
    let events = results["txs_results"][0]["events"].as_array_mut().unwrap();
    let event = events.iter_mut().find(|event| event["type"] == kind).unwrap();
    let attributes = event["attributes"].as_array_mut().unwrap();
    let at = attributes
        .iter()
        .position(|attribute| attribute["key"] == key)
        .unwrap();
    match value {
        Some(value) => attributes[at]["value"] = json!(value),
        None => drop(attributes.remove(at)),
    }
    read(results)
}

/// The first of two packets is not understood, which the second one does not feel.
fn is_one_unread(packets: &Packets) -> bool {
    packets.unread.len() == 1 && packets.events.len() == 1
}

#[test]
fn an_event_of_a_channel_that_is_bent_is_reported_and_the_next_one_read() {
    for (key, value) in [
        ("packet_sequence", "0"),
        ("packet_sequence", "01"),
        ("packet_sequence", "+1"),
        ("packet_sequence", "-1"),
        ("packet_sequence", "18446744073709551616"),
        ("packet_timeout_timestamp", "0"),
        ("packet_timeout_height", "0"),
        ("packet_timeout_height", "1-"),
        ("packet_timeout_height", "1-02"),
        ("packet_data_hex", "0x00"),
        ("packet_src_port", "a"),
        ("packet_src_channel", "channel"),
        ("packet_dst_channel", "channel/1"),
        ("packet_channel_ordering", "ORDER_NONE_UNSPECIFIED"),
        ("packet_connection", "connection-0"),
    ] {
        let packets = bent("v1_send", "send_packet", key, Some(value));
        assert!(is_one_unread(&packets), "{key} {value}: {packets:?}");
        assert!(
            packets.unread[0].why.contains(key) || packets.unread[0].why.contains("timeout"),
            "{packets:?}"
        );
    }
    for key in [
        "packet_sequence",
        "packet_src_channel",
        "packet_data_hex",
        "packet_dst_port",
    ] {
        assert!(is_one_unread(&bent("v1_send", "send_packet", key, None)), "{key}");
    }
    let silent = bent("v1_recv", "write_acknowledgement", "packet_ack_hex", Some(""));
    assert!(is_one_unread(&silent), "an acknowledgement is never empty");
}

#[test]
fn an_event_of_a_client_that_is_bent_is_reported_and_the_next_one_read() {
    for (key, value) in [
        ("packet_sequence", "2"),
        ("packet_timeout_timestamp", "1"),
        ("packet_source_client", "07-tendermint-9"),
        ("packet_dest_client", "07-tendermint-9"),
        ("encoded_packet_hex", ""),
        ("encoded_packet_hex", "ff"),
        ("encoded_packet_hex", "zz"),
    ] {
        let packets = bent("v2_send", "send_packet", key, Some(value));
        assert!(is_one_unread(&packets), "{key} {value}: {packets:?}");
    }
    for key in ["packet_sequence", "packet_source_client", "encoded_packet_hex"] {
        assert!(is_one_unread(&bent("v2_send", "send_packet", key, None)), "{key}");
    }
    for value in ["", "0a00", "0a01000a0100", "1201"] {
        let packets = bent(
            "v2_recv",
            "write_acknowledgement",
            "encoded_acknowledgement_hex",
            Some(value),
        );
        assert!(is_one_unread(&packets), "{value}: {packets:?}");
    }
}

#[test]
fn a_packet_with_two_payloads_or_an_unknown_field_is_reported() {
    let results = captured("v2_send");
    let events = results["txs_results"][0]["events"].as_array().unwrap();
    let event = events
        .iter()
        .find(|event| event["type"] == "send_packet")
        .unwrap();
    let attributes = event["attributes"].as_array().unwrap();
    let packet = attributes
        .iter()
        .find(|attribute| attribute["key"] == "encoded_packet_hex")
        .unwrap();
    let packet = packet["value"].as_str().unwrap();
    // Field 5, the payload, begins behind the timeout.
    let payload = packet.find("2ae0").or_else(|| packet.find("2a")).unwrap();
    for changed in [
        format!("{packet}{}", packet.get(payload..).unwrap()),
        format!("{packet}3001"),
        packet.get(..payload).unwrap().to_owned(),
    ] {
        let packets = bent("v2_send", "send_packet", "encoded_packet_hex", Some(&changed));
        assert!(is_one_unread(&packets), "{packets:?}");
    }
}

#[test]
fn an_event_that_could_be_of_both_kinds_is_of_none() {
    let mut results = captured("v1_send");
    let events = results["txs_results"][0]["events"].as_array_mut().unwrap();
    let event = events
        .iter_mut()
        .find(|event| event["type"] == "send_packet")
        .unwrap();
    let attributes = event["attributes"].as_array_mut().unwrap();
    attributes.push(json!({"key": "packet_source_client", "value": "07-tendermint-0"}));
    assert!(is_one_unread(&read(results)));
}

#[test]
fn a_height_of_a_timeout_is_read() {
    let packets = bent("v1_send", "send_packet", "packet_timeout_height", Some("1-500"));
    let [
        PacketAt {
            event: PacketEvent::Channel(ChannelEvent::Sent { packet, .. }),
            ..
        },
        _,
    ] = &packets.events[..]
    else {
        panic!("{packets:?}")
    };
    let height = Height {
        revision_number: 1,
        revision_height: 500,
    };
    assert_eq!(packet.timeout.height(), Some(height));
}
