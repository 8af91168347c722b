//! Vectors of the protobuf encodings, spelled out byte by byte.

use super::{
    codecs::{accept, call, reject, transfer},
    harness::Files,
};
use serde_json::json;

/// Adds all files.
pub(crate) fn add(files: &mut Files) {
    add_protobuf(files);
    reject_protobuf(files);
}

/// Writes one length-delimited field.
fn field(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut bytes = vec![tag * 8 + 2];
    if length < 128 {
        bytes.push(u8::try_from(length).expect("below 128"));
    } else {
        bytes.push(u8::try_from(length % 128 + 128).expect("below 256"));
        bytes.push(u8::try_from(length / 128).expect("below 16,384"));
    }
    [&bytes, value].concat()
}

fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
    fields
        .iter()
        .flat_map(|(tag, value)| field(*tag, value))
        .collect()
}

fn good_transfer() -> Vec<u8> {
    message(&[
        (1, b"uatom"),
        (2, b"1000000"),
        (3, b"sender"),
        (4, b"receiver"),
        (5, b"memo"),
    ])
}

fn add_protobuf(files: &mut Files) {
    let (codec, kind) = ("protobuf", "transfer");
    accept(
        files,
        codec,
        kind,
        "published",
        &good_transfer(),
        transfer("uatom", "1000000", "memo"),
    );
    let bytes = message(&[(1, b"uatom"), (2, b"1"), (3, b"sender"), (4, b"receiver")]);
    accept(files, codec, kind, "no_memo", &bytes, transfer("uatom", "1", ""));
    let long = "m".repeat(300);
    let bytes = message(&[
        (1, b"uatom"),
        (2, b"1"),
        (3, b"sender"),
        (4, b"receiver"),
        (5, long.as_bytes()),
    ]);
    accept(
        files,
        codec,
        kind,
        "length_of_two_bytes",
        &bytes,
        transfer("uatom", "1", &long),
    );

    let bytes = message(&[(1, b"sender"), (2, b"r"), (3, &[1]), (4, &[0, 0xff]), (5, b"m")]);
    accept(
        files,
        codec,
        "call",
        "full",
        &bytes,
        call("r", &[1], &[0, 0xff], "m"),
    );
    accept(
        files,
        codec,
        "call",
        "bare",
        &field(1, b"sender"),
        call("", &[], &[], ""),
    );
    accept(
        files,
        codec,
        "answer",
        "one",
        &field(1, &[1]),
        json!({ "result": "0x01" }),
    );
}

/// Bytes that no protobuf codec of ours takes, in hexadecimal. `GOOD` stands for the good transfer.
#[rustfmt::skip]
const BAD: [(&str, &str, &str, &str); 25] = [
    ("transfer", "duplicate_field/memo", "two memos", "GOOD2a0178"),
    ("transfer", "duplicate_field/amount", "two amounts", "GOOD120131"),
    ("transfer", "unknown_field/six", "tag 6", "GOOD320178"),
    ("transfer", "unknown_field/fifteen", "tag 15", "GOOD7a0178"),
    ("transfer", "unknown_field/long_tag", "tag 16, which needs two bytes", "GOOD820100"),
    ("transfer", "unknown_field/long_key", "a key written too long", "8a00057561746f6d1207313030303030301a0673656e646572220872656365697665722a046d656d6f"),
    ("transfer", "not_canonical/long_length", "a length written too long", "0a85007561746f6d1207313030303030301a0673656e646572220872656365697665722a046d656d6f"),
    ("transfer", "not_canonical/order", "fields in another order", "1201310a057561746f6d1a0673656e64657222087265636569766572"),
    ("transfer", "not_canonical/empty_field", "an empty field written", "0a057561746f6d1207313030303030301a0673656e646572220872656365697665722a00"),
    ("transfer", "not_protobuf/tag_zero", "tag 0", "GOOD0200"),
    ("transfer", "not_protobuf/varint_field", "an amount as a number", "GOOD1001"),
    ("transfer", "not_protobuf/fixed_field", "a field of eight bytes", "GOOD290000000000000000"),
    ("transfer", "not_protobuf/group", "the start of a group", "GOOD2b"),
    ("transfer", "not_protobuf/cut", "the last byte is missing", "0a057561746f6d1207313030303030301a0673656e646572220872656365697665722a046d656d"),
    ("transfer", "not_protobuf/no_length", "a key alone", "GOOD2a"),
    ("transfer", "not_protobuf/huge_length", "a length of 2^70", "GOOD2affffffffffffffffff7f"),
    ("transfer", "not_protobuf/endless_length", "a length that does not end", "GOOD2a80"),
    ("transfer", "not_protobuf/not_utf8", "a denomination that is no UTF-8", "0a01ff"),
    ("transfer", "amount_text/hexadecimal", "a hexadecimal amount", "0a016112033078311a0173220172"),
    ("transfer", "denom_segment/nothing", "no bytes", ""),
    ("call", "empty/sender", "no sender", "220101"),
    ("call", "too_long/salt", "a salt of 33 bytes", "0a01731a21010101010101010101010101010101010101010101010101010101010101010101"),
    ("call", "duplicate_field/payload", "two payloads", "0a0173220101220102"),
    ("answer", "empty/result", "no bytes", ""),
    ("answer", "duplicate_field/result", "two results", "0a01010a0102"),
];

fn reject_protobuf(files: &mut Files) {
    let good = hex::encode(good_transfer());
    for (kind, path, about, digits) in BAD {
        let bytes = hex::decode(digits.replace("GOOD", &good)).expect("hexadecimal");
        reject(files, "protobuf", kind, path, about, &bytes);
    }
}
