//! Commitments and keys as ibc-go 10.7.0 makes them, and the edges of timeouts.

use super::{
    ChannelEnd, ChannelId, ChannelPacket, NANOS, Timeout, acknowledgement_commitment, is_closed,
    next_sequence,
};
use crate::{Height, PortId, Reject, Seconds, Sequence};
use alloc::string::ToString;
use alloy_primitives::b256;
use proptest::prelude::*;

fn end(text: &str) -> ChannelEnd {
    text.parse().unwrap()
}

fn height(revision_number: u64, revision_height: u64) -> Height {
    Height {
        revision_number,
        revision_height,
    }
}

fn packet(timeout: Timeout, data: &[u8]) -> ChannelPacket {
    ChannelPacket {
        sequence: Sequence::new(7).unwrap(),
        source: end("transfer/channel-0"),
        destination: end("mock/channel-1234"),
        timeout,
        data: data.to_vec(),
    }
}

#[test]
fn commitments_are_those_of_ibc_go() {
    let max = u64::MAX;
    let cases: [(_, _, &[u8], _); 4] = [
        (
            None,
            Some(1_795_789_967_000_000_000),
            b"some data",
            b256!("6aa627a9f24c08cef59ec48c601f27c1ce9679fcdb839ce067624dab140a79ff"),
        ),
        (
            Some(height(1, 500)),
            None,
            b"some data",
            b256!("cbf93f84a31dffea243df7ca0fa18ce8d693153d0e536fdf563f2a4edb9af727"),
        ),
        (
            Some(height(4, max)),
            Some(max),
            br#"{"amount":"5"}"#,
            b256!("5ea1f648c3b50c954bd3661da8b7a38dd6b3d93fe2d097b979ebbc467fe755b3"),
        ),
        (
            Some(height(1, 1)),
            Some(1),
            b"x",
            b256!("14eda04c30196f7b62e01bd0343930a7e1bd1b6c803098c5d65198fb4308cfbe"),
        ),
    ];
    for (height, nanos, data, expected) in cases {
        let timeout = Timeout::new(height, nanos).unwrap();
        assert_eq!(packet(timeout, data).commitment(), expected, "{timeout:?}");
    }
    let ack = acknowledgement_commitment(br#"{"result":"AQ=="}"#);
    assert_eq!(
        ack,
        b256!("08f7557ed51826fe18d84512bf24ec75001edbaf2123a477df72a0a9f3640a7c")
    );
}

#[test]
fn keys_are_those_of_ibc_go() {
    let (end, seven) = (end("transfer/channel-0"), Sequence::new(7).unwrap());
    let last = Sequence::new(u64::MAX).unwrap();
    for (key, expected) in [
        (
            end.commitment_key(seven),
            "commitments/ports/transfer/channels/channel-0/sequences/7",
        ),
        (
            end.receipt_key(last),
            "receipts/ports/transfer/channels/channel-0/sequences/18446744073709551615",
        ),
        (
            end.acknowledgement_key(seven),
            "acks/ports/transfer/channels/channel-0/sequences/7",
        ),
        (
            end.next_receive_key(),
            "nextSequenceRecv/ports/transfer/channels/channel-0",
        ),
        (end.end_key(), "channelEnds/ports/transfer/channels/channel-0"),
    ] {
        assert_eq!(key, expected.as_bytes());
    }
}

#[test]
fn an_end_is_written_as_it_is_read() {
    let end = end("transfer/channel-0");
    assert_eq!(end.to_string(), "transfer/channel-0");
    let is_short = |text: &str| matches!(text.parse::<ChannelEnd>(), Err(Reject::IdLength { .. }));
    assert!(
        is_short("transfer")
            && is_short("transfer/")
            && is_short("t/channel-0")
            && is_short("transfer/channel")
    );
    assert!(matches!(
        "transfer/channel-0/1".parse::<ChannelEnd>(),
        Err(Reject::IdCharacter { byte: b'/', .. })
    ));
    assert!(ChannelId::new("c".repeat(64)).is_ok() && ChannelId::new("c".repeat(65)).is_err());
    assert!(PortId::new("transfer").is_ok());
}

#[test]
fn a_packet_without_a_timeout_is_none() {
    for (height, nanos) in [
        (None, None),
        (Some(Height::default()), None),
        (None, Some(0)),
        (Some(Height::default()), Some(1)),
        (Some(Height::of(1)), Some(0)),
    ] {
        assert_eq!(Timeout::new(height, nanos), Err(Reject::ZeroTimeout));
    }
}

#[test]
fn what_is_stored_of_a_channel_is_read_by_its_bytes() {
    assert!(is_closed(&[8, 4, 16, 1]), "the state comes first");
    for open in [&[][..], &[8], &[8, 3, 16, 1], &[16, 1, 8, 4]] {
        assert!(!is_closed(open), "{open:?}");
    }
    assert_eq!(next_sequence(&5_u64.to_be_bytes()), Sequence::new(5).ok());
    for bad in [&[0; 8][..], &[], &[1; 7], &[1; 9]] {
        assert_eq!(next_sequence(bad), None, "{bad:?}");
    }
    let end: ChannelEnd = "transfer/channel-7".parse().unwrap();
    assert_eq!(end.next_receive().to_bytes(), end.next_receive_key());
    assert_eq!(end.stored().to_bytes(), end.end_key());
    assert_eq!(end.stored().to_string(), "transfer/channel-7");
    assert_eq!(end.next_receive().to_string(), "transfer/channel-7/next receive");
}

#[test]
fn a_timeout_is_certain_on_both_sides_of_its_edge() {
    let at = height(1, 500);
    let by_time = Timeout::new(None, Some(10 * NANOS + 1)).unwrap();
    assert!(by_time.is_open(at, Seconds(9)), "at most 9.999999999");
    assert!(!by_time.is_open(at, Seconds(10)), "10.000000001 may be there");
    assert!(!by_time.has_passed(at, Seconds(10)), "10.0 is before it");
    assert!(by_time.has_passed(at, Seconds(11)));
    let by_height = Timeout::new(Some(at), None).unwrap();
    assert!(by_height.has_passed(at, Seconds(0)) && !by_height.is_open(at, Seconds(0)));
    assert!(by_height.is_open(height(1, 499), Seconds(u64::MAX)));
    assert!(!by_height.is_open(height(2, 1), Seconds(0)), "a later revision");
    let both = Timeout::new(Some(at), Some(NANOS)).unwrap();
    assert!(both.has_passed(height(1, 1), Seconds(1)) && both.has_passed(at, Seconds(0)));
}

proptest! {
    /// It is never both, and between the two lies less than a second.
    #[test]
    fn nothing_is_open_and_passed(limit in 1_u64.., time in 0_u64..u64::MAX / NANOS) {
        let timeout = Timeout::new(None, Some(limit)).unwrap();
        let (open, passed) = (timeout.is_open(Height::of(1), Seconds(time)), timeout.has_passed(Height::of(1), Seconds(time)));
        prop_assert!(!(open && passed));
        let real = |nanos: u64| nanos >= limit;
        let (first, last) = (time * NANOS, time * NANOS + (NANOS - 1));
        prop_assert_eq!(open, !real(last));
        prop_assert_eq!(passed, real(first));
    }
}
