//! One test for each way to be refused: a good value with one flaw.

mod support;

use alloy_primitives::U256;
use support::{abi_packet, abi_writer::Abi, transfer};
use wire::{
    Acknowledgement, ClientId, Encoding, PAYLOAD_VALUE_MAX, Path, PortId, Reject, Seconds, Sequence,
    TIMEOUT_AHEAD_MAX, UNIVERSAL_ERROR_ACK, Value, Version, abi, check_expired, check_receivable,
    check_timeout, ics20,
};

const NOW: Seconds = Seconds(1_790_000_000);

#[test]
fn rejects_id_length() {
    let (kind, min, max) = ("client id", 8, 64);
    assert_eq!(
        ClientId::new("client0"),
        Err(Reject::IdLength {
            kind,
            length: 7,
            min,
            max
        })
    );
    assert_eq!(
        ClientId::new("c".repeat(65)),
        Err(Reject::IdLength {
            kind,
            length: 65,
            min,
            max
        })
    );
    let (kind, min, max) = ("port id", 2, 128);
    assert_eq!(
        "p".parse::<PortId>(),
        Err(Reject::IdLength {
            kind,
            length: 1,
            min,
            max
        })
    );
    assert_eq!(
        PortId::new("p".repeat(129)),
        Err(Reject::IdLength {
            kind,
            length: 129,
            min,
            max
        })
    );
}

#[test]
fn rejects_id_character() {
    let refused = Reject::IdCharacter {
        kind: "client id",
        byte: b'/',
        position: 6,
    };
    assert_eq!("client/0".parse::<ClientId>(), Err(refused));
    for byte in (0..=u8::MAX).filter(|byte| byte.is_ascii()) {
        let allowed = byte.is_ascii_alphanumeric() || "._+-#[]<>".contains(char::from(byte));
        let id = format!("port{}", char::from(byte));
        let expected = if allowed {
            Ok(id.clone())
        } else {
            Err(Reject::IdCharacter {
                kind: "port id",
                byte,
                position: 4,
            })
        };
        assert_eq!(PortId::new(id).map(|id| id.to_string()), expected);
    }
}

#[test]
fn rejects_zero_sequence() {
    assert_eq!(Sequence::new(0), Err(Reject::ZeroSequence));
    assert_eq!(Sequence::new(1), Ok(Sequence::FIRST));
}

#[test]
fn rejects_empty() {
    assert_eq!(Version::new(""), Err(Reject::Empty { field: "version" }));
    assert_eq!(Encoding::new(""), Err(Reject::Empty { field: "encoding" }));
    assert_eq!(
        Value::new([]),
        Err(Reject::Empty {
            field: "payload value"
        })
    );
    assert_eq!(
        Acknowledgement::new([]),
        Err(Reject::Empty {
            field: "acknowledgement"
        })
    );
    let nobody = ics20::Transfer {
        sender: String::new(),
        ..transfer()
    };
    assert_eq!(ics20::encode(&nobody), Err(Reject::Empty { field: "sender" }));
    let nowhere = ics20::Transfer {
        receiver: String::new(),
        ..transfer()
    };
    assert_eq!(ics20::encode(&nowhere), Err(Reject::Empty { field: "receiver" }));
}

#[test]
fn rejects_too_long() {
    assert!(Value::new(vec![0; PAYLOAD_VALUE_MAX]).is_ok());
    let (length, max) = (PAYLOAD_VALUE_MAX + 1, PAYLOAD_VALUE_MAX);
    assert_eq!(
        Value::new(vec![0; length]),
        Err(Reject::TooLong {
            field: "payload value",
            length,
            max
        })
    );
    let longest = ics20::Transfer {
        memo: "m".repeat(ics20::MEMO_MAX),
        receiver: "r".repeat(ics20::RECEIVER_MAX),
        ..transfer()
    };
    assert_eq!(longest.check(), Ok(()));
    let memo = ics20::Transfer {
        memo: "m".repeat(ics20::MEMO_MAX + 1),
        ..transfer()
    };
    assert_eq!(
        memo.check(),
        Err(Reject::TooLong {
            field: "memo",
            length: 32_769,
            max: 32_768
        })
    );
    let receiver = ics20::Transfer {
        receiver: "r".repeat(ics20::RECEIVER_MAX + 1),
        ..transfer()
    };
    assert_eq!(
        receiver.check(),
        Err(Reject::TooLong {
            field: "receiver",
            length: 2_049,
            max: 2_048
        })
    );
}

#[test]
fn rejects_too_long_encoding_of_a_transfer() {
    let sender = ics20::Transfer {
        sender: "s".repeat(PAYLOAD_VALUE_MAX),
        ..transfer()
    };
    assert!(matches!(
        sender.to_payload(),
        Err(Reject::TooLong {
            field: "payload value",
            ..
        })
    ));
}

#[test]
fn rejects_payload_count() {
    let packet_with = |payloads: Vec<Abi>| {
        let text = Abi::text("client-0");
        Abi::Tuple(vec![
            Abi::number(1),
            text.clone(),
            text,
            Abi::number(100),
            Abi::List(payloads),
        ])
        .encode()
    };
    let text = || Abi::text("text");
    let payload = || Abi::Tuple(vec![text(), text(), text(), text(), text()]);
    assert_eq!(
        abi::decode_packet(&packet_with(vec![])),
        Err(Reject::PayloadCount { count: 0 })
    );
    assert!(abi::decode_packet(&packet_with(vec![payload()])).is_ok());
    assert_eq!(
        abi::decode_packet(&packet_with(vec![payload(), payload()])),
        Err(Reject::PayloadCount { count: 2 })
    );
}

#[test]
fn rejects_zero_timeout() {
    let mut packet = abi_packet();
    packet.timeout = Seconds(0);
    assert_eq!(
        abi::decode_packet(&abi::encode_packet(&packet)),
        Err(Reject::ZeroTimeout)
    );
    assert_eq!(check_timeout(Seconds(0), Seconds(0)), Err(Reject::ZeroTimeout));
    assert_eq!(check_receivable(Seconds(0), Seconds(0)), Err(Reject::ZeroTimeout));
    assert_eq!(check_expired(Seconds(0), NOW), Err(Reject::ZeroTimeout));
}

#[test]
fn rejects_timed_out() {
    let second_after = NOW.saturating_add(Seconds(1));
    assert_eq!(
        check_timeout(NOW, NOW),
        Err(Reject::TimedOut {
            timeout: NOW,
            now: NOW
        })
    );
    assert_eq!(
        check_receivable(NOW, NOW),
        Err(Reject::TimedOut {
            timeout: NOW,
            now: NOW
        })
    );
    assert_eq!(check_timeout(second_after, NOW), Ok(()));
    assert_eq!(check_receivable(second_after, NOW), Ok(()));
}

#[test]
fn rejects_timeout_too_far() {
    let latest = NOW.checked_add(TIMEOUT_AHEAD_MAX).unwrap();
    assert_eq!(check_timeout(latest, NOW), Ok(()));
    let timeout = latest.checked_add(Seconds(1)).unwrap();
    assert_eq!(
        check_timeout(timeout, NOW),
        Err(Reject::TimeoutTooFar {
            timeout,
            now: NOW,
            latest
        })
    );
    // Near the end of time the limit is the end of time, not a wrapped number.
    assert_eq!(check_timeout(Seconds(u64::MAX), Seconds(u64::MAX - 5)), Ok(()));
}

#[test]
fn rejects_not_timed_out() {
    let proven = NOW.saturating_sub(Seconds(1));
    assert_eq!(
        check_expired(NOW, proven),
        Err(Reject::NotTimedOut { timeout: NOW, proven })
    );
    assert_eq!(check_expired(NOW, NOW), Ok(()));
}

#[test]
fn rejects_not_abi() {
    let encoded = abi::encode_packet(&abi_packet());
    let (what, length) = ("packet", encoded.len() + 1);
    let trailing = [&encoded[..], &[0]].concat();
    assert_eq!(
        abi::decode_packet(&trailing),
        Err(Reject::NotAbi { what, length })
    );
    assert_eq!(
        ics20::decode(&encoded),
        Err(Reject::NotAbi {
            what: "transfer",
            length: encoded.len()
        })
    );
}

#[test]
fn rejects_path_shape() {
    assert_eq!(
        Path::parse(&[1; 8]),
        Err(Reject::PathShape { length: 8, kind: 0 })
    );
    assert_eq!(
        Path::parse(b"client-0\x04\0\0\0\0\0\0\0\x01"),
        Err(Reject::PathShape { length: 17, kind: 4 })
    );
    assert_eq!(
        Path::parse(b"client-\xff\x01\0\0\0\0\0\0\0\x01"),
        Err(Reject::PathShape { length: 17, kind: 1 })
    );
}

#[test]
fn rejects_denom_segment() {
    assert_eq!(ics20::Denom::new(""), Err(Reject::DenomSegment { segment: 0 }));
    assert_eq!(
        ics20::Denom::new("transfer/client-0/"),
        Err(Reject::DenomSegment { segment: 2 })
    );
    assert_eq!(
        ics20::Denom::new("transfer//uatom"),
        Err(Reject::DenomSegment { segment: 1 })
    );
}

#[test]
fn rejects_zero_amount() {
    let nothing = ics20::Transfer {
        amount: U256::ZERO,
        ..transfer()
    };
    assert_eq!(ics20::encode(&nothing), Err(Reject::ZeroAmount));
}

#[test]
fn rejects_error_as_success() {
    assert_eq!(
        Acknowledgement::success(UNIVERSAL_ERROR_ACK.to_vec()),
        Err(Reject::ErrorAsSuccess)
    );
    assert!(Acknowledgement::new(UNIVERSAL_ERROR_ACK.to_vec()).is_ok());
}

#[test]
fn rejects_sequence_exhausted() {
    let last = Sequence::new(u64::MAX).unwrap();
    assert_eq!(last.next(), Err(Reject::SequenceExhausted { last }));
    assert_eq!(Sequence::FIRST.next().map(Sequence::get), Ok(2));
}

#[test]
fn errors_say_both_numbers() {
    let error = check_receivable(Seconds(5), Seconds(7)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "accept a packet that timed out at 5 s: the host's clock is at 7 s"
    );
}
