//! Vectors that are refused, each by one rule: a good value with one flaw.

use super::{RawPacket, RawTransfer, harness::Files, hex, put};
use crate::support::abi_writer::word;
use serde_json::json;

/// Adds all rejected files.
pub(crate) fn add(files: &mut Files) {
    add_packet_fields(files);
    add_packet_bytes(files);
    add_transfers(files);
    add_transfer_bytes(files);
    add_paths(files);
    add_ids(files);
    add_times(files);
    add_answers_and_denoms(files);
}

fn put_abi(files: &mut Files, kind: &str, path: &str, about: &str, abi: &[u8]) {
    put(
        files,
        &format!("reject/{path}"),
        [("about", json!(about)), ("kind", json!(kind)), ("abi", hex(abi))],
    );
}

fn add_packet_fields(files: &mut Files) {
    let mut broken = |path: &str, about: &str, change: fn(&mut RawPacket)| {
        let mut packet = RawPacket::carrying(b"value");
        change(&mut packet);
        put_abi(files, "packet", path, about, &packet.abi().encode());
    };
    broken("zero_sequence/packet", "sequence 0", |packet| packet.sequence = 0);
    broken("zero_timeout/packet", "timeout 0", |packet| packet.timeout = 0);
    broken("payload_count/none", "no payload", |packet| {
        packet.payloads.clear()
    });
    broken("payload_count/two", "two payloads", |packet| {
        packet.payloads.push(packet.payloads[0].clone())
    });
    broken("empty/version", "no version", |packet| {
        packet.payloads[0].version.clear()
    });
    broken("empty/encoding", "no encoding", |packet| {
        packet.payloads[0].encoding.clear()
    });
    broken("empty/value", "no value", |packet| {
        packet.payloads[0].value.clear()
    });
    broken(
        "id_length/source_client",
        "a client id of 7 characters",
        |packet| packet.source_client = "client0".into(),
    );
    broken(
        "id_length/destination_client",
        "a client id of 65 characters",
        |packet| {
            packet.destination_client = "c".repeat(65);
        },
    );
    broken("id_length/source_port", "a port of one character", |packet| {
        packet.payloads[0].source_port = "p".into()
    });
    broken(
        "id_length/destination_port",
        "a port of 129 characters",
        |packet| {
            packet.payloads[0].destination_port = "p".repeat(129);
        },
    );
    broken("id_character/packet_client", "a slash in a client id", |packet| {
        packet.source_client = "client/0".into()
    });
    broken("id_character/packet_port", "a space in a port", |packet| {
        packet.payloads[0].source_port = "my port".into()
    });
}

/// Encodings of a good packet that are not the canonical one.
fn add_packet_bytes(files: &mut Files) {
    let good = RawPacket::carrying(b"value").abi().encode();
    let mut broken = |name: &str, about: &str, abi: &[u8]| {
        put_abi(files, "packet", &format!("not_abi/{name}"), about, abi);
    };
    let at = |position: usize, byte: u8| {
        let mut abi = good.clone();
        abi[position] = byte;
        abi
    };
    broken("nothing", "no bytes", &[]);
    broken("cut", "the last word is missing", &good[..good.len() - 32]);
    broken("cut_byte", "the last byte is missing", &good[..good.len() - 1]);
    broken(
        "trailing_word",
        "a word of zeros after the end",
        &[&good[..], &[0; 32]].concat(),
    );
    broken(
        "trailing_byte",
        "a byte after the end",
        &[&good[..], &[0]].concat(),
    );
    broken("no_outer_offset", "the tuple without its offset", &good[32..]);
    broken(
        "gap",
        "the tuple starts a word late",
        &[&word(64)[..], &[0; 32], &good[32..]].concat(),
    );
    broken("dirty_number", "a sequence above 64 bits", &at(32, 1));
    broken(
        "dirty_padding",
        "padding behind the value that is not zero",
        &at(good.len() - 1, 1),
    );
    broken(
        "offset_shared",
        "source and destination client share their bytes",
        &{
            let mut abi = good.clone();
            abi.copy_within(64..96, 96);
            abi
        },
    );
    broken("offset_far", "an offset beyond the end", &at(64 + 29, 1));
    broken("offset_huge", "an offset of 2^255", &at(64, 0x80));
    broken("list_huge", "a list of 2^56 payloads", &at(32 + 9 * 32 + 24, 1));
    broken("not_utf8", "a client id that is no UTF-8", &at(32 + 6 * 32, 0xff));
}

fn add_transfers(files: &mut Files) {
    let mut broken = |path: &str, about: &str, change: fn(&mut RawTransfer)| {
        let mut transfer = RawTransfer::good();
        change(&mut transfer);
        put_abi(files, "transfer", path, about, &transfer.abi().encode());
    };
    broken("zero_amount/transfer", "nothing is transferred", |transfer| {
        transfer.amount = [0; 32]
    });
    broken("empty/sender", "no sender", |transfer| transfer.sender.clear());
    broken("empty/receiver", "no receiver", |transfer| {
        transfer.receiver.clear()
    });
    broken("too_long/receiver", "a receiver of 2,049 bytes", |transfer| {
        transfer.receiver = "r".repeat(2049)
    });
    broken("too_long/memo", "a memo of 32,769 bytes", |transfer| {
        transfer.memo = "m".repeat(32_769)
    });
    broken("denom_segment/transfer_empty", "no denomination", |transfer| {
        transfer.denom.clear()
    });
    broken(
        "denom_segment/transfer_no_base",
        "a trace that ends in a slash",
        |transfer| {
            transfer.denom = "transfer/client-0/".into();
        },
    );
}

/// Encodings of a good transfer that are not the canonical one.
fn add_transfer_bytes(files: &mut Files) {
    let good = RawTransfer::good().abi().encode();
    let mut broken = |name: &str, about: &str, abi: &[u8]| {
        put_abi(files, "transfer", &format!("not_abi/transfer_{name}"), about, abi);
    };
    let mut dirty = good.clone();
    *dirty.last_mut().expect("an encoding is not empty") = 1;
    broken("padding", "padding that is not zero", &dirty);
    broken("trailing", "a byte after the end", &[&good[..], &[0]].concat());
    broken("members", "five members instead of one tuple", &good[32..]);
    broken("json", "another encoding", br#"{"denom":"uatom"}"#);
}

fn add_paths(files: &mut Files) {
    let paths: [(&str, &str, &[u8]); 7] = [
        ("path_shape/empty", "no bytes", b""),
        ("path_shape/short", "a sequence without kind and client", &[1; 8]),
        ("path_shape/kind_0", "kind 0", b"client-0\x00\0\0\0\0\0\0\0\x01"),
        ("path_shape/kind_4", "kind 4", b"client-0\x04\0\0\0\0\0\0\0\x01"),
        (
            "zero_sequence/path",
            "sequence 0",
            b"client-0\x01\0\0\0\0\0\0\0\0",
        ),
        (
            "id_length/path",
            "a client id of 7 characters",
            b"client0\x01\0\0\0\0\0\0\0\x01",
        ),
        (
            "id_character/path",
            "a kind byte within the client id",
            b"client\x01-0\x01\0\0\0\0\0\0\0\x01",
        ),
    ];
    for (path, about, bytes) in paths {
        let fields = [
            ("about", json!(about)),
            ("kind", json!("path")),
            ("path", hex(bytes)),
        ];
        put(files, &format!("reject/{path}"), fields);
    }
}

fn add_ids(files: &mut Files) {
    let ids: [(&str, &str, &str, &[u8]); 9] = [
        ("client_id", "id_length/client_short", "7 characters", b"client0"),
        ("client_id", "id_length/client_long", "65 characters", &[b'c'; 65]),
        ("client_id", "id_length/client_empty", "no characters", b""),
        ("client_id", "id_character/client_slash", "a slash", b"client/00"),
        (
            "client_id",
            "id_character/client_zero",
            "a zero byte",
            b"client-0\0",
        ),
        (
            "client_id",
            "id_character/client_unicode",
            "a letter beyond ASCII",
            "client-\u{e4}".as_bytes(),
        ),
        ("port_id", "id_length/port_short", "one character", b"p"),
        ("port_id", "id_length/port_long", "129 characters", &[b'p'; 129]),
        ("port_id", "id_character/port_slash", "a slash", b"a/b"),
    ];
    for (kind, path, about, id) in ids {
        let fields = [("about", json!(about)), ("kind", json!(kind)), ("id", hex(id))];
        put(files, &format!("reject/{path}"), fields);
    }
}

fn add_times(files: &mut Files) {
    let now = 1_790_000_000u64;
    let times = [
        ("send_time", "timed_out/send_now", now, now),
        ("send_time", "timed_out/send_past", now - 1, now),
        ("send_time", "zero_timeout/send", 0, now),
        ("send_time", "timeout_too_far/second", now + 86_401, now),
        (
            "send_time",
            "timeout_too_far/nanoseconds",
            now * 1_000_000_000,
            now,
        ),
        ("receive_time", "timed_out/receive_same_second", now, now),
        ("receive_time", "timed_out/receive_late", now - 1, now),
        ("receive_time", "zero_timeout/receive", 0, now),
        ("expiry_time", "not_timed_out/second_before", now + 1, now),
        ("expiry_time", "not_timed_out/genesis", now, 0),
        ("expiry_time", "zero_timeout/expiry", 0, now),
    ];
    for (kind, path, timeout, now) in times {
        let about = match kind {
            "send_time" => "sending",
            "receive_time" => "receiving",
            _ => "timing out",
        };
        let fields = [
            ("about", json!(about)),
            ("kind", json!(kind)),
            ("timeout", json!(timeout)),
            ("now", json!(now)),
        ];
        put(files, &format!("reject/{path}"), fields);
    }
}

fn add_answers_and_denoms(files: &mut Files) {
    let error =
        hex::decode("4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab").expect("hexadecimal");
    let answers: [(&str, &str, &str, &[u8]); 3] = [
        (
            "success",
            "error_as_success/universal",
            "a success that equals the error",
            &error,
        ),
        ("success", "empty/success", "a success of no bytes", &[]),
        (
            "acknowledgement",
            "empty/acknowledgement",
            "an acknowledgement of no bytes",
            &[],
        ),
    ];
    for (kind, path, about, ack) in answers {
        let fields = [
            ("about", json!(about)),
            ("kind", json!(kind)),
            ("acknowledgement", hex(ack)),
        ];
        put(files, &format!("reject/{path}"), fields);
    }
    for (name, denom) in [
        ("empty", ""),
        ("slash", "/"),
        ("front", "/uatom"),
        ("end", "uatom/"),
        ("middle", "a//b"),
    ] {
        let fields = [
            ("about", json!("an empty segment")),
            ("kind", json!("denom")),
            ("denom", json!(denom)),
        ];
        put(files, &format!("reject/denom_segment/{name}"), fields);
    }
}
