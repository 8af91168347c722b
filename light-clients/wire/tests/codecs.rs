//! The JSON and protobuf encodings: read back, read alike by other people's code, never read in two ways (T-24).

mod support;

use alloy_primitives::U256;
use proptest::{collection::vec, prelude::*, sample::Index};
use prost::encoding as protobuf;
use wire::{Codec, Encoding, Reject, gmp, ics20};

const FLAT: [Codec; 2] = [Codec::Json, Codec::Protobuf];

fn text(length: usize) -> impl Strategy<Value = String> {
    // Any character, with more of those that JSON writers disagree about.
    let character = prop_oneof![
        any::<char>(),
        "[<>&\"\\\\/\u{0}-\u{1f}\u{7f}\u{2028}\u{2029}]".prop_map(first)
    ];
    vec(character, 1..length).prop_map(String::from_iter)
}

fn first(text: String) -> char {
    text.chars().next().unwrap()
}

fn transfer() -> impl Strategy<Value = ics20::Transfer> {
    (
        "[a-z0-9]{1,9}(/[a-z0-9<-]{1,9}){0,3}",
        text(40),
        text(40),
        any::<[u64; 4]>(),
        text(60),
        any::<bool>(),
    )
        .prop_map(|(denom, sender, receiver, limbs, memo, noted)| ics20::Transfer {
            denom: ics20::Denom::new(denom).unwrap(),
            sender,
            receiver,
            amount: U256::from_limbs(limbs).max(U256::from(1)),
            memo: if noted { memo } else { String::new() },
        })
}

fn call() -> impl Strategy<Value = gmp::Call> {
    (
        text(40),
        "[a-z]{0,9}",
        vec(any::<u8>(), 0..33),
        vec(any::<u8>(), 0..300),
        text(20),
    )
        .prop_map(|(sender, receiver, salt, payload, memo)| gmp::Call {
            sender,
            receiver,
            salt,
            payload,
            memo,
        })
}

/// What prost reads: values by tag, the last of equal tags.
fn read_by_prost(bytes: &[u8]) -> [Vec<u8>; 5] {
    let mut rest = bytes;
    let mut values: [Vec<u8>; 5] = Default::default();
    while !rest.is_empty() {
        let (tag, wire_type) = protobuf::decode_key(&mut rest).unwrap();
        let value = &mut values[usize::try_from(tag).unwrap() - 1];
        protobuf::bytes::merge(wire_type, value, &mut rest, protobuf::DecodeContext::default()).unwrap();
    }
    values
}

/// What prost writes of the values that are not empty.
fn written_by_prost(values: &[Vec<u8>; 5]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, value) in (1..).zip(values).filter(|(_, value)| !value.is_empty()) {
        protobuf::bytes::encode(tag, value, &mut bytes);
    }
    bytes
}

fn read_by_serde(bytes: &[u8], field: &str) -> String {
    let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    json.get(field)
        .map_or(String::new(), |value| value.as_str().unwrap().into())
}

/// Every codec of `wire` that takes these bytes writes them again as they were.
fn check_canonical(bytes: &[u8]) -> Result<(), TestCaseError> {
    for codec in Codec::ALL {
        if let Ok(transfer) = ics20::decode_in(codec, bytes) {
            prop_assert_eq!(ics20::encode_in(codec, &transfer).unwrap(), bytes);
        }
        if let Ok(call) = gmp::decode(codec, bytes) {
            prop_assert_eq!(gmp::encode(codec, &call).unwrap(), bytes);
        }
        if let Ok(answer) = gmp::decode_answer(codec, bytes) {
            prop_assert_eq!(gmp::encode_answer(codec, &answer).unwrap(), bytes);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn transfers_read_back_in_every_codec(transfer in transfer()) {
        for codec in Codec::ALL {
            let encoded = ics20::encode_in(codec, &transfer).unwrap();
            prop_assert_eq!(ics20::decode_in(codec, &encoded), Ok(transfer.clone()));
        }
    }

    #[test]
    fn calls_read_back_in_every_codec(call in call(), result in vec(any::<u8>(), 1..99)) {
        for codec in Codec::ALL {
            let encoded = gmp::encode(codec, &call).unwrap();
            prop_assert_eq!(gmp::decode(codec, &encoded), Ok(call.clone()));
            let answer = gmp::Answer { result: result.clone() };
            let encoded = gmp::encode_answer(codec, &answer).unwrap();
            prop_assert_eq!(gmp::decode_answer(codec, &encoded), Ok(answer));
        }
    }

    #[test]
    fn serde_json_reads_what_we_write(transfer in transfer()) {
        let json = ics20::encode_in(Codec::Json, &transfer).unwrap();
        let amount = transfer.amount.to_string();
        let expected = [
            ("denom", transfer.denom.as_str()),
            ("amount", &amount),
            ("sender", &transfer.sender),
            ("receiver", &transfer.receiver),
            ("memo", &transfer.memo),
        ];
        for (field, value) in expected {
            prop_assert_eq!(read_by_serde(&json, field), value);
        }
    }

    #[test]
    fn prost_reads_and_writes_the_same(transfer in transfer(), call in call()) {
        let ours = ics20::encode_in(Codec::Protobuf, &transfer).unwrap();
        let amount = transfer.amount.to_string();
        let texts = [transfer.denom.as_str(), &amount, &transfer.sender, &transfer.receiver, &transfer.memo];
        let values = texts.map(|text| text.as_bytes().to_vec());
        prop_assert_eq!(&read_by_prost(&ours), &values);
        prop_assert_eq!(written_by_prost(&values), ours);

        let ours = gmp::encode(Codec::Protobuf, &call).unwrap();
        let values = [call.sender.into_bytes(), call.receiver.into_bytes(), call.salt, call.payload, call.memo.into_bytes()];
        prop_assert_eq!(&read_by_prost(&ours), &values);
        prop_assert_eq!(written_by_prost(&values), ours);
    }

    /// No bytes make a decoder panic, and what one accepts is exactly what encoding gives.
    #[test]
    fn t23_t24_random_bytes_have_one_reading(bytes in vec(any::<u8>(), 0..200)) {
        check_canonical(&bytes)?;
    }

    /// The same a few bytes beside good encodings, where lenient readers would still read something.
    #[test]
    fn t24_edited_encodings_have_one_reading(
        transfer in transfer(),
        call in call(),
        edits in vec((any::<Index>(), any::<u8>(), 0u8..3), 1..4),
    ) {
        for codec in FLAT {
            for mut bytes in [ics20::encode_in(codec, &transfer).unwrap(), gmp::encode(codec, &call).unwrap()] {
                for (index, byte, edit) in &edits {
                    let at = index.index(bytes.len());
                    match edit {
                        0 => bytes[at] = *byte,
                        1 => bytes.insert(at, *byte),
                        _ => bytes.insert(at, bytes[at]),
                    }
                }
                check_canonical(&bytes)?;
            }
        }
    }

    /// What serde_json takes for the same transfer is taken by us only if it is the same bytes.
    #[test]
    fn t24_other_spellings_are_refused(transfer in transfer(), at in any::<Index>()) {
        let json = String::from_utf8(ics20::encode_in(Codec::Json, &transfer).unwrap()).unwrap();
        // Quotes inside of values are escaped, so these stand between fields only.
        let fields = [r#""amount":"#, r#""sender":"#, r#""receiver":"#];
        let at = json.find(fields[at.index(fields.len())]).unwrap();
        let spaced = format!("{} {}", &json[..at], &json[at..]);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&spaced).is_ok());
        prop_assert!(ics20::decode_in(Codec::Json, spaced.as_bytes()).is_err());
    }
}

#[test]
fn codecs_are_named_as_payloads_name_them() {
    let names = [
        "application/json",
        "application/x-protobuf",
        "application/x-solidity-abi",
    ];
    assert_eq!(Codec::ALL.map(Codec::name), names);
    for (name, codec) in names.into_iter().zip(Codec::ALL) {
        assert_eq!(Codec::of(&Encoding::new(name).unwrap()), Ok(codec));
    }
}

#[test]
fn rejects_unknown_encoding() {
    let found = "text/plain".to_string();
    assert_eq!(
        Codec::of(&Encoding::new(found.clone()).unwrap()),
        Err(Reject::UnknownEncoding { found })
    );
}

#[test]
fn rejects_not_json() {
    let number = br#"{"denom":1}"#;
    let (what, position) = ("transfer", 9);
    assert_eq!(
        ics20::decode_in(Codec::Json, number),
        Err(Reject::NotJson { what, position })
    );
}

#[test]
fn rejects_not_protobuf() {
    let (what, position) = ("answer", 0);
    assert_eq!(
        gmp::decode_answer(Codec::Protobuf, &[0x0a, 2, 1]),
        Err(Reject::NotProtobuf { what, position })
    );
}

#[test]
fn rejects_unknown_field() {
    let (what, position) = ("transfer", 1);
    assert_eq!(
        ics20::decode_in(Codec::Json, br#"{"Denom":"a"}"#),
        Err(Reject::UnknownField { what, position })
    );
    let (what, position) = ("answer", 3);
    assert_eq!(
        gmp::decode_answer(Codec::Protobuf, &[0x0a, 1, 1, 0x12, 1, 1]),
        Err(Reject::UnknownField { what, position })
    );
}

#[test]
fn rejects_duplicate_field() {
    let (what, field, position) = ("answer", "result", 17);
    assert_eq!(
        gmp::decode_answer(Codec::Json, br#"{"result":"AQ==","result":"AQ=="}"#),
        Err(Reject::DuplicateField {
            what,
            field,
            position
        })
    );
}

#[test]
fn rejects_not_canonical() {
    let (what, position) = ("answer", 2);
    assert_eq!(
        gmp::decode_answer(Codec::Protobuf, &[0x0a, 0x81, 0, 1]),
        Err(Reject::NotCanonical { what, position: 1 })
    );
    assert_eq!(
        gmp::decode_answer(Codec::Json, br#"{"\u0072esult":"AQ=="}"#),
        Err(Reject::NotCanonical { what, position })
    );
}

#[test]
fn rejects_amount_text() {
    let json = br#"{"denom":"a","amount":"007","sender":"s","receiver":"r"}"#;
    assert_eq!(
        ics20::decode_in(Codec::Json, json),
        Err(Reject::AmountText { length: 3 })
    );
}

/// Contracts do not read texts as UTF-8, so this is no shared vector: what they would pass on, we refuse.
#[test]
fn rejects_not_abi_for_a_sender_that_is_no_utf8() {
    let call = gmp::Call {
        sender: "sender".into(),
        receiver: String::new(),
        salt: Vec::new(),
        payload: Vec::new(),
        memo: String::new(),
    };
    let mut encoded = gmp::encode(Codec::Abi, &call).unwrap();
    encoded[7 * 32] = 0xff;
    let length = encoded.len();
    let what = "call";
    assert_eq!(
        gmp::decode(Codec::Abi, &encoded),
        Err(Reject::NotAbi { what, length })
    );
}
