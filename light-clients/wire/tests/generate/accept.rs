//! Vectors that are accepted.

use super::{RawPacket, RawTransfer, harness::Files, hex, put};
use alloy_primitives::{B256, b256, keccak256};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Base of the mapping of commitments, as published.
const BASE: B256 = b256!("1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600");

/// Adds all accepted files.
pub(crate) fn add(files: &mut Files) {
    add_packets(files);
    add_acknowledgements(files);
    add_transfers(files);
    add_arrivals(files);
    add_ids(files);
    add_times(files);
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

pub(super) fn commitment(packet: &RawPacket) -> Vec<u8> {
    let payload = &packet.payloads[0];
    let texts = [
        &payload.source_port,
        &payload.destination_port,
        &payload.version,
        &payload.encoding,
    ];
    let hashes = texts
        .iter()
        .map(|text| sha256(text.as_bytes()))
        .chain([sha256(&payload.value)]);
    let payloads = sha256(&hashes.collect::<Vec<_>>().concat());
    let client = sha256(packet.destination_client.as_bytes());
    sha256(
        &[
            vec![2],
            client,
            sha256(&packet.timeout.to_be_bytes()),
            sha256(&payloads),
        ]
        .concat(),
    )
}

pub(super) fn path(client: &str, kind: u8, sequence: u64) -> Vec<u8> {
    [client.as_bytes(), &[kind], &sequence.to_be_bytes()].concat()
}

fn slot(path: &[u8]) -> B256 {
    keccak256([keccak256(path), BASE].concat())
}

fn put_packet(files: &mut Files, name: &str, about: &str, packet: &RawPacket) {
    let payload = &packet.payloads[0];
    let abi = packet.abi().encode();
    let committed = path(&packet.source_client, 1, packet.sequence);
    let received = path(&packet.destination_client, 2, packet.sequence);
    let acknowledged = path(&packet.destination_client, 3, packet.sequence);
    put(
        files,
        &format!("accept/packet_{name}"),
        [
            ("about", json!(about)),
            ("kind", json!("packet")),
            ("sequence", json!(packet.sequence)),
            ("sourceClient", json!(packet.source_client)),
            ("destinationClient", json!(packet.destination_client)),
            ("timeout", json!(packet.timeout)),
            ("sourcePort", json!(payload.source_port)),
            ("destinationPort", json!(payload.destination_port)),
            ("version", json!(payload.version)),
            ("encoding", json!(payload.encoding)),
            ("value", hex(&payload.value)),
            ("commitment", hex(&commitment(packet))),
            ("receipt", hex(keccak256(&abi).as_slice())),
            ("abi", hex(&abi)),
            ("commitmentPath", hex(&committed)),
            ("commitmentSlot", hex(slot(&committed).as_slice())),
            ("receiptPath", hex(&received)),
            ("receiptSlot", hex(slot(&received).as_slice())),
            ("acknowledgementPath", hex(&acknowledged)),
            ("acknowledgementSlot", hex(slot(&acknowledged).as_slice())),
        ],
    );
}

fn add_packets(files: &mut Files) {
    let transfer = RawTransfer::good().abi().encode();
    let good = RawPacket::carrying(&transfer);
    put_packet(files, "transfer", "a transfer between two EVM chains", &good);
    let mut published = good.clone();
    published.source_client = "07-tendermint-0".into();
    published.destination_client = "07-tendermint-1".into();
    published.timeout = 100;
    put_packet(
        files,
        "published",
        "commitment d408dca5 of the published vectors",
        &published,
    );
    published.destination_client = "channel-1".into();
    put_packet(
        files,
        "published_channel",
        "commitment b691a195 of the published vectors",
        &published,
    );
    let mut large = good.clone();
    large.sequence = u64::MAX;
    large.timeout = u64::MAX;
    put_packet(
        files,
        "largest_numbers",
        "sequence and timeout of 2^64 - 1",
        &large,
    );
    let mut longest = good.clone();
    longest.source_client = "a".repeat(64);
    longest.destination_client = "._+-#[]<>Az09".into();
    longest.payloads[0].source_port = "p".repeat(128);
    longest.payloads[0].destination_port = "pt".into();
    put_packet(
        files,
        "id_limits",
        "identifiers of the longest and shortest form, with every character",
        &longest,
    );
    for length in [1, 31, 32, 33, 1000] {
        let value = (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>();
        put_packet(
            files,
            &format!("value_{length:04}"),
            "values around the word size",
            &RawPacket::carrying(&value),
        );
    }
    let mut text = good;
    text.payloads[0].version = "\u{fc}n\u{ef}c\u{f6}de \u{1f309}".into();
    put_packet(files, "unicode_version", "texts may hold any UTF-8", &text);
}

fn add_acknowledgements(files: &mut Files) {
    let error = sha256(b"UNIVERSAL_ERROR_ACKNOWLEDGEMENT");
    let acks: [(&str, &str, &[u8]); 5] = [
        (
            "published",
            "commitment f03b4667 of the published vectors",
            b"some bytes",
        ),
        (
            "error",
            "the universal error, commitment e2fb30df of the published vectors",
            &error,
        ),
        ("transfer", "the success of a transfer", br#"{"result":"AQ=="}"#),
        (
            "duplicate_keys",
            "raw bytes count, whatever a JSON parser makes of them",
            br#"{"result":"AQ==","result":"AA=="}"#,
        ),
        ("zero_byte", "one byte of zero", &[0]),
    ];
    for (name, about, ack) in acks {
        let commitment = sha256(&[vec![2], sha256(ack)].concat());
        let fields = [
            ("about", json!(about)),
            ("kind", json!("acknowledgement")),
            ("acknowledgement", hex(ack)),
            ("commitment", hex(&commitment)),
        ];
        put(files, &format!("accept/acknowledgement_{name}"), fields);
    }
    let fields = [
        ("about", json!("what a successful application may answer")),
        ("kind", json!("success")),
        ("acknowledgement", hex(br#"{"result":"AQ=="}"#)),
    ];
    put(files, "accept/success_transfer", fields);
}

fn add_transfers(files: &mut Files) {
    let change = |change: fn(&mut RawTransfer)| {
        let mut transfer = RawTransfer::good();
        change(&mut transfer);
        transfer
    };
    let transfers = [
        (
            "published",
            "the transfer of the published vectors",
            RawTransfer::good(),
        ),
        (
            "no_memo",
            "an empty memo",
            change(|transfer| transfer.memo.clear()),
        ),
        (
            "largest_amount",
            "2^256 - 1",
            change(|transfer| transfer.amount = [0xff; 32]),
        ),
        (
            "traced",
            "two hops",
            change(|transfer| transfer.denom = "transfer/client-0/transfer/client-7/uatom".into()),
        ),
        (
            "receiver_limit",
            "a receiver of 2,048 bytes",
            change(|transfer| transfer.receiver = "r".repeat(2048)),
        ),
        (
            "unicode_memo",
            "a memo in UTF-8",
            change(|transfer| transfer.memo = "\u{1f309}".repeat(9)),
        ),
    ];
    for (name, about, transfer) in transfers {
        let fields = [
            ("about", json!(about)),
            ("kind", json!("transfer")),
            ("denom", json!(transfer.denom)),
            ("sender", json!(transfer.sender)),
            ("receiver", json!(transfer.receiver)),
            ("amount", hex(&transfer.amount)),
            ("memo", json!(transfer.memo)),
            ("abi", hex(&transfer.abi().encode())),
        ];
        put(files, &format!("accept/transfer_{name}"), fields);
    }
}

/// Transfers from `transfer` at `client-0` to `transfer` at `client-7`.
fn add_arrivals(files: &mut Files) {
    // The base is `T`; what is behind the bar is how a token that comes home is called there.
    let arrivals = [
        ("new", "a token leaves its home", "T"),
        (
            "back",
            "a voucher goes back where it came from",
            "transfer/client-0/|T",
        ),
        (
            "back_one_hop",
            "one hop is taken off",
            "transfer/client-0/|transfer/client-0/T",
        ),
        (
            "onwards",
            "a voucher of another client travels on",
            "transfer/client-1/T",
        ),
        (
            "longer_client",
            "client-00 is not client-0",
            "transfer/client-00/T",
        ),
        ("other_port", "another port is another trace", "bank/client-0/T"),
        (
            "destination_prefix",
            "the destination's own prefix is foreign",
            "transfer/client-7/T",
        ),
        ("no_base", "a trace without a base is a name", "transfer/client-0"),
    ];
    for (name, about, trace) in arrivals {
        let trace = trace.replace('T', "0x5fbdb2315678afecb367f032d93f642f64180aa3");
        let denom = trace.replace('|', "");
        let home = trace.split_once('|').map(|(_, home)| home.to_string());
        let fields = [
            ("about", json!(about)),
            ("kind", json!("arrival")),
            ("denom", json!(denom)),
            ("sourcePort", json!("transfer")),
            ("sourceClient", json!("client-0")),
            ("destinationPort", json!("transfer")),
            ("destinationClient", json!("client-7")),
            ("home", json!(home.is_some())),
            (
                "arrived",
                json!(home.unwrap_or(format!("transfer/client-7/{denom}"))),
            ),
        ];
        put(files, &format!("accept/arrival_{name}"), fields);
    }
}

fn add_ids(files: &mut Files) {
    let ids = [
        ("client_id", "shortest", "client-0".to_string()),
        ("client_id", "longest", "c".repeat(64)),
        ("client_id", "characters", "aZ09._+-#[]<>".into()),
        ("port_id", "shortest", "ab".into()),
        ("port_id", "longest", "p".repeat(128)),
        (
            "port_id",
            "address",
            "0x5fbdb2315678afecb367f032d93f642f64180aa3".into(),
        ),
    ];
    for (kind, name, id) in ids {
        let fields = [
            ("about", json!(name)),
            ("kind", json!(kind)),
            ("id", hex(id.as_bytes())),
        ];
        put(files, &format!("accept/{kind}_{name}"), fields);
    }
}

fn add_times(files: &mut Files) {
    let now = 1_790_000_000u64;
    let times = [
        ("send_time", "next_second", now + 1, now),
        ("send_time", "day_ahead", now + 86_400, now),
        ("receive_time", "last_second", now + 1, now),
        ("receive_time", "far_ahead", now + 1_000_000, now),
        ("expiry_time", "same_second", now, now),
        ("expiry_time", "later", now - 1, now),
    ];
    for (kind, name, timeout, now) in times {
        let fields = [
            ("about", json!(name)),
            ("kind", json!(kind)),
            ("timeout", json!(timeout)),
            ("now", json!(now)),
        ];
        put(files, &format!("accept/{kind}_{name}"), fields);
    }
}
