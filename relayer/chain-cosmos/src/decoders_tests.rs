//! What nodes answer, bent at random (incident T-23): nothing panics, and no event of a packet is left out in silence.

use crate::answers::{Event, Results};
use crate::ibc::client::ClientStateAnswer;
use crate::packets::{Packets, Step};
use crate::port_tests::client_state;
use crate::views::{config_of, decoded};
use crate::{ibc, wasm};
use cosmrs::Any;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use prost::Message;
use serde_json::{Value, json};

const CAPTURED: &str = include_str!("packets.json");
const BLOCKS: [&str; 9] = [
    "v1_send",
    "v1_recv",
    "v1_ack",
    "v1_timeout",
    "v2_send",
    "v2_recv",
    "v2_ack",
    "v2_timeout",
    "failed",
];
const KINDS: [&str; 6] = [
    "send_packet",
    "recv_packet",
    "write_acknowledgement",
    "acknowledge_packet",
    "timeout_packet",
    "transfer",
];
/// Every attribute that is read, those that tell of what was undone, and one that is not read.
const KEYS: [&str; 22] = [
    "packet_src_channel",
    "packet_src_port",
    "packet_dst_channel",
    "packet_dst_port",
    "packet_sequence",
    "packet_timeout_height",
    "packet_timeout_timestamp",
    "packet_channel_ordering",
    "connection_id",
    "packet_connection",
    "packet_data_hex",
    "packet_ack_hex",
    "packet_source_client",
    "packet_dest_client",
    "encoded_packet_hex",
    "encoded_acknowledgement_hex",
    "packet_ack",
    "packet_data",
    "msg_index",
    "ibccallbackerror-packet_src_channel",
    "ibccallbackerror-packet_source_client",
    "other",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9]{1,21}",
        "[0-9]{1,21}-[0-9]{1,21}",
        "([0-9a-f]{2}){0,40}",
        select(vec![
            "transfer",
            "channel-0",
            "connection-1",
            "07-tendermint-3",
            "ORDER_ORDERED",
            "ORDER_UNORDERED",
            ""
        ])
        .prop_map(str::to_owned),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let attribute = (select(KEYS.to_vec()), prop::option::of(text()));
    let attribute = attribute.prop_map(|(key, value)| json!({ "key": key, "value": value }));
    (select(KINDS.to_vec()), vec(attribute, 0..16))
        .prop_map(|(kind, attributes)| json!({ "type": kind, "attributes": attributes }))
}

/// Whether a key of the event, behind `prefix`, is that of a packet's source.
fn names_source(event: &Event, prefix: &str) -> bool {
    let mut keys = event.keys().filter_map(|key| key.strip_prefix(prefix));
    keys.any(|key| ["packet_src_channel", "packet_source_client"].contains(&key))
}

/// How many events of packets a block has that count: what was undone does not, unless the event names its packet, too.
fn count(results: &Results) -> usize {
    let done = results.txs_results.iter().filter(|result| result.code == 0);
    let of_chain = [
        &results.begin_block_events,
        &results.end_block_events,
        &results.finalize_block_events,
    ];
    let all = done.map(|result| &result.events).chain(of_chain).flatten();
    let of_packets = all.filter(|event: &&Event| Step::of(&event.kind).is_some());
    of_packets
        .filter(|event| names_source(event, "") || !names_source(event, "ibccallbackerror-"))
        .count()
}

/// Each event of a packet is understood or told, in its place.
fn check(results: &Results) -> Result<(), TestCaseError> {
    let packets = Packets::of(results);
    let mut places: Vec<usize> = packets.events.iter().map(|at| at.place).collect();
    places.extend(packets.unread.iter().map(|unread| unread.place));
    places.sort_unstable();
    prop_assert_eq!(places, (0..count(results)).collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn t23_random_events_are_understood_or_told(events in vec(event(), 0..8), code in 0u32..2) {
        let results = json!({
            "height": "7",
            "txs_results": [{ "code": code, "gas_wanted": "1", "gas_used": "1", "events": events }],
            "finalize_block_events": events,
        });
        check(&serde_json::from_value(results).expect("results of the form of a node"))?;
    }

    #[test]
    fn t23_bent_blocks_are_understood_or_told(
        block in select(BLOCKS.to_vec()), edits in vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let all: Value = serde_json::from_str(CAPTURED).expect("captured blocks");
        let mut bytes = all[block].to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // What is no JSON any more, or none of that form, is refused before anybody looks at packets.
        if let Ok(results) = serde_json::from_slice::<Results>(&bytes) {
            check(&results)?;
        }
    }

    #[test]
    fn t23_bent_clients_are_what_the_law_allows_or_refused(
        edits in vec((any::<Index>(), any::<u8>()), 1..6), random in vec(any::<u8>(), 0..400),
    ) {
        let mut bytes = client_state().encode_to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes, &random] {
            // That it comes back at all is the point.
            let _ = decoded::<ClientStateAnswer>("a query", bytes);
            let any = Any { type_url: ibc::tendermint::CLIENT_STATE.into(), value: bytes.clone() };
            if let Ok(state) = ibc::tendermint::read::<ibc::tendermint::ClientState>(&any, ibc::tendermint::CLIENT_STATE)
                && let Ok(config) = config_of(&state)
            {
                prop_assert!(config.check().is_ok());
            }
            let any = Any { type_url: wasm::CLIENT_STATE.into(), ..any };
            prop_assert!(wasm::kept(&any).is_err());
        }
    }
}
