//! What machine and adapters ask of a packet, of either version of IBC, up to the edges of its timeout.

use chain::AnyPacket;
use wire::channel::{self, ChannelPacket, Timeout};
use wire::{
    Acknowledgement, Encoding, End, Height, Packet, Payload, PortId, Seconds, Sequence, Value, Version,
};

const NANOS: u64 = 1_000_000_000;

fn of_clients() -> AnyPacket {
    AnyPacket::from(Packet {
        sequence: Sequence::new(5).unwrap(),
        source_client: "client-0".parse().unwrap(),
        destination_client: "client-1".parse().unwrap(),
        timeout: Seconds(100),
        payload: Payload {
            source_port: PortId::new("from").unwrap(),
            destination_port: PortId::new("to").unwrap(),
            version: Version::new("v1").unwrap(),
            encoding: Encoding::new("raw").unwrap(),
            value: Value::new([7; 10]).unwrap(),
        },
    })
}

fn of_channels(height: Option<u64>, nanos: Option<u64>) -> AnyPacket {
    AnyPacket::from(ChannelPacket {
        sequence: Sequence::new(5).unwrap(),
        source: "from/channel-0".parse().unwrap(),
        destination: "to/channel-1".parse().unwrap(),
        timeout: Timeout::new(height.map(Height::of), nanos).unwrap(),
        data: vec![7; 10],
    })
}

#[test]
fn ends_ports_and_sizes_are_those_of_its_version() {
    let (new, old) = (of_clients(), of_channels(Some(9), None));
    let end = |text: &str| text.parse::<End>().unwrap();
    assert_eq!(
        (new.source(), new.destination()),
        (end("client-0"), end("client-1"))
    );
    assert_eq!(
        (old.source(), old.destination()),
        (end("from/channel-0"), end("to/channel-1"))
    );
    for packet in [&new, &old] {
        assert_eq!(packet.sequence().get(), 5);
        assert_eq!(
            (packet.source_port().as_str(), packet.destination_port().as_str()),
            ("from", "to")
        );
        assert_eq!(packet.data(), [7; 10]);
    }
    assert_eq!((new.weight(), old.weight()), (10 + 2 + 3, 10));
    assert!(new.v2().is_some() && old.v2().is_none());
}

#[test]
fn commitments_are_those_of_its_version() {
    let (new, old) = (of_clients(), of_channels(Some(9), None));
    let answer = Acknowledgement::new([1]).unwrap();
    assert_eq!(new.commitment(), wire::commit::packet(new.v2().unwrap()));
    assert_eq!(
        new.answer_commitment(&answer),
        wire::commit::acknowledgement(&[1])
    );
    assert_eq!(
        old.answer_commitment(&answer),
        channel::acknowledgement_commitment(&[1])
    );
    let AnyPacket::Channel(inside) = &old else {
        panic!()
    };
    assert_eq!(old.commitment(), inside.commitment());
    assert_ne!(
        old.commitment(),
        of_channels(Some(8), None).commitment(),
        "the timeout is bound"
    );
}

#[test]
fn a_packet_of_clients_expires_at_its_second() {
    let packet = of_clients();
    let any = Height::of(u64::MAX);
    assert!(packet.is_open(any, Seconds(99)) && !packet.has_expired(any, Seconds(99)));
    assert!(!packet.is_open(any, Seconds(100)) && packet.has_expired(any, Seconds(100)));
    assert_eq!(
        (packet.timeout(), packet.timeout_height()),
        (Some(Seconds(100)), None)
    );
}

/// Times of blocks are known in whole seconds: in the second of the timeout nobody can tell, and neither is claimed.
#[test]
fn a_packet_of_channels_expires_by_time_only_when_that_is_certain() {
    let packet = of_channels(None, Some(100 * NANOS + 1));
    let at = |secs| {
        (
            packet.is_open(Height::of(1), Seconds(secs)),
            packet.has_expired(Height::of(1), Seconds(secs)),
        )
    };
    assert_eq!(
        [99, 100, 101].map(at),
        [(true, false), (false, false), (false, true)]
    );
    assert_eq!(
        (packet.timeout(), packet.timeout_height()),
        (Some(Seconds(101)), None)
    );
    let whole = of_channels(None, Some(100 * NANOS));
    assert!(whole.is_open(Height::of(1), Seconds(99)) && whole.has_expired(Height::of(1), Seconds(100)));
}

#[test]
fn a_packet_of_channels_expires_by_height_and_by_whichever_comes_first() {
    let by_height = of_channels(Some(50), None);
    let at = |height| {
        let (height, late) = (Height::of(height), Seconds(u64::MAX));
        (
            by_height.is_open(height, late),
            by_height.has_expired(height, late),
        )
    };
    assert_eq!([49, 50].map(at), [(true, false), (false, true)]);
    assert_eq!(
        (by_height.timeout(), by_height.timeout_height()),
        (None, Some(Height::of(50)))
    );
    let both = of_channels(Some(50), Some(100 * NANOS));
    assert!(both.has_expired(Height::of(50), Seconds(1)) && both.has_expired(Height::of(1), Seconds(100)));
    assert!(!both.is_open(Height::of(50), Seconds(1)) && !both.is_open(Height::of(1), Seconds(100)));
    assert!(both.is_open(Height::of(49), Seconds(99)));
}
