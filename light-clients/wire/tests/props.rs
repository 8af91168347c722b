//! Properties over random packets and random bytes; the incident tests of this crate by number.

mod support;

use alloy_primitives::{B256, U256};
use proptest::{collection::vec, prelude::*, sample::Index};
use support::abi_packet;
use wire::{
    COMMITMENTS_SLOT, ClientId, Encoding, Packet, Path, Payload, PortId, Seconds, Sequence, Value, Version,
    abi, commit, ics20, path,
};

fn client() -> impl Strategy<Value = ClientId> {
    "[a-zA-Z0-9._+#<>-]{8,64}".prop_map(|id| ClientId::new(id).unwrap())
}

fn port() -> impl Strategy<Value = PortId> {
    "[a-zA-Z0-9._+#<>-]{2,128}".prop_map(|id| PortId::new(id).unwrap())
}

fn sequence() -> impl Strategy<Value = Sequence> {
    (1u64..).prop_map(|sequence| Sequence::new(sequence).unwrap())
}

fn payload() -> impl Strategy<Value = Payload> {
    (port(), port(), ".{1,20}", ".{1,40}", vec(any::<u8>(), 1..300)).prop_map(|parts| Payload {
        source_port: parts.0,
        destination_port: parts.1,
        version: Version::new(parts.2).unwrap(),
        encoding: Encoding::new(parts.3).unwrap(),
        value: Value::new(parts.4).unwrap(),
    })
}

fn packet() -> impl Strategy<Value = Packet> {
    (sequence(), client(), client(), 1u64.., payload()).prop_map(
        |(sequence, source_client, destination_client, timeout, payload)| Packet {
            sequence,
            source_client,
            destination_client,
            timeout: Seconds(timeout),
            payload,
        },
    )
}

fn transfer() -> impl Strategy<Value = ics20::Transfer> {
    (
        "[a-z0-9]{1,10}(/[a-z0-9-]{1,10}){0,4}",
        ".{1,40}",
        ".{1,40}",
        any::<[u64; 4]>(),
        ".{0,60}",
    )
        .prop_map(|(denom, sender, receiver, limbs, memo)| ics20::Transfer {
            denom: ics20::Denom::new(denom).unwrap(),
            sender,
            receiver,
            amount: U256::from_limbs(limbs).max(U256::from(1)),
            memo,
        })
}

/// Each change of a packet that its commitment must notice.
fn changed(packet: &Packet) -> Vec<Packet> {
    // Another name of the same length, which any identifier may have.
    let rename = |text: &str| {
        let last = if text.ends_with('x') { 'y' } else { 'x' };
        format!("{}{last}", &text[..text.len() - 1])
    };
    let change = |change: &dyn Fn(&mut Packet)| {
        let mut packet = packet.clone();
        change(&mut packet);
        packet
    };
    vec![
        change(&|packet| {
            packet.destination_client = ClientId::new(rename(packet.destination_client.as_str())).unwrap()
        }),
        change(&|packet| packet.timeout = Seconds(packet.timeout.0 ^ 1)),
        change(&|packet| {
            packet.payload.source_port = PortId::new(rename(packet.payload.source_port.as_str())).unwrap()
        }),
        change(&|packet| {
            packet.payload.destination_port =
                PortId::new(rename(packet.payload.destination_port.as_str())).unwrap();
        }),
        change(&|packet| {
            packet.payload.version = Version::new(format!("{}x", packet.payload.version)).unwrap()
        }),
        change(&|packet| {
            packet.payload.encoding = Encoding::new(format!("{}x", packet.payload.encoding)).unwrap()
        }),
    ]
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn packets_read_back(packet in packet()) {
        prop_assert_eq!(abi::decode_packet(&abi::encode_packet(&packet)), Ok(packet));
    }

    #[test]
    fn transfers_read_back(transfer in transfer()) {
        let encoded = ics20::encode(&transfer).unwrap();
        prop_assert_eq!(ics20::decode(&encoded), Ok(transfer));
    }

    #[test]
    fn paths_read_back(client in client(), sequence in sequence()) {
        for path in [
            path::commitment(&client, sequence),
            path::receipt(&client, sequence),
            path::acknowledgement(&client, sequence),
        ] {
            prop_assert_eq!(Path::parse(&path.to_bytes()), Ok(path));
        }
    }

    #[test]
    fn paths_of_different_packets_differ(one in (client(), sequence()), other in (client(), sequence())) {
        prop_assume!(one != other);
        let kinds = [path::commitment, path::receipt, path::acknowledgement];
        for (left, right) in kinds.iter().flat_map(|left| kinds.iter().map(move |right| (left, right))) {
            let (left, right) = (left(&one.0, one.1), right(&other.0, other.1));
            prop_assert_ne!(left.to_bytes(), right.to_bytes());
            prop_assert_ne!(left.evm_slot(COMMITMENTS_SLOT), right.evm_slot(COMMITMENTS_SLOT));
        }
    }

    /// No decoder panics, and what one accepts is exactly what encoding gives.
    #[test]
    fn t23_decoders_survive_random_bytes(bytes in vec(any::<u8>(), 0..1200)) {
        if let Ok(packet) = abi::decode_packet(&bytes) {
            prop_assert_eq!(abi::encode_packet(&packet), bytes.clone());
        }
        if let Ok(transfer) = ics20::decode(&bytes) {
            prop_assert_eq!(ics20::encode(&transfer).unwrap(), bytes.clone());
        }
        if let Ok(path) = Path::parse(&bytes) {
            prop_assert_eq!(path.to_bytes(), bytes);
        }
    }

    /// The same over encodings with words replaced by small numbers, which lead offsets and lengths everywhere.
    #[test]
    fn t23_decoders_survive_edited_words(edits in vec((any::<Index>(), 0u64..1400), 1..6)) {
        let mut bytes = abi::encode_packet(&abi_packet());
        for (index, number) in edits {
            let at = index.index(bytes.len() / 32) * 32;
            bytes[at..at + 32].copy_from_slice(&B256::from(U256::from(number)).0);
        }
        if let Ok(packet) = abi::decode_packet(&bytes) {
            prop_assert_eq!(abi::encode_packet(&packet), bytes);
        }
    }

    #[test]
    fn t23_identifiers_survive_random_text(text in any::<String>()) {
        if let Ok(id) = ClientId::new(text.clone()) {
            prop_assert_eq!(id.as_str(), text.as_str());
        }
        if let Ok(denom) = ics20::Denom::new(text.clone()) {
            prop_assert_eq!(denom.as_str(), text);
        }
    }

    /// An acknowledgement is committed byte for byte: texts that a JSON parser would call equal are not.
    #[test]
    fn t24_acknowledgements_are_raw_bytes(ack in vec(any::<u8>(), 1..80), at in any::<Index>(), bit in 0u8..8) {
        let mut changed = ack.clone();
        changed[at.index(ack.len())] ^= 1 << bit;
        prop_assert_ne!(commit::acknowledgement(&ack), commit::acknowledgement(&changed));
        let longer = [&ack[..], b" "].concat();
        prop_assert_ne!(commit::acknowledgement(&ack), commit::acknowledgement(&longer));
    }

    /// Every bit of a packet's encoding counts: it makes the encoding invalid or changes the receipt, and unless it
    /// lies in what the path binds, the commitment too.
    #[test]
    fn t45_every_bit_is_bound(packet in packet(), at in any::<Index>(), bit in 0u8..8) {
        let encoded = abi::encode_packet(&packet);
        let mut flipped = encoded.clone();
        flipped[at.index(encoded.len())] ^= 1 << bit;
        if let Ok(changed) = abi::decode_packet(&flipped) {
            prop_assert_ne!(commit::receipt(&changed), commit::receipt(&packet));
            let path = |packet: &Packet| path::commitment(&packet.source_client, packet.sequence);
            let bound = (commit::packet(&packet), path(&packet).to_bytes());
            prop_assert_ne!((commit::packet(&changed), path(&changed).to_bytes()), bound);
        }
    }

    #[test]
    fn t45_every_field_is_bound(packet in packet(), at in any::<Index>(), bit in 0u8..8) {
        for changed in changed(&packet) {
            prop_assert_ne!(commit::packet(&changed), commit::packet(&packet));
        }
        let mut value = packet.payload.value.as_bytes().to_vec();
        let at = at.index(value.len());
        value[at] ^= 1 << bit;
        let mut changed = packet.clone();
        changed.payload.value = Value::new(value).unwrap();
        prop_assert_ne!(commit::packet(&changed), commit::packet(&packet));
    }

    /// A denomination that travels to any number of clients and back over them is the same again; over another
    /// client it is another asset (T-39).
    #[test]
    fn t39_traces_are_of_one_client(denom in "[a-z0-9]{3,20}", here in client(), there in client(), other in client()) {
        prop_assume!(there != other);
        let port = PortId::new(ics20::PORT).unwrap();
        let end = |client| ics20::End { port: &port, client };
        let denom = ics20::Denom::new(denom).unwrap();
        let voucher = denom.with_hop(end(&there));
        prop_assert_eq!(denom.arrive(end(&here), end(&there)), ics20::Arrival::Voucher(voucher.clone()));
        prop_assert_eq!(voucher.arrive(end(&there), end(&here)), ics20::Arrival::Home(denom.clone()));
        prop_assert_ne!(denom.with_hop(end(&other)), voucher.clone());
        prop_assert!(matches!(voucher.arrive(end(&other), end(&here)), ics20::Arrival::Voucher(_)));
    }
}

/// Lengths are hashed with the fields, so moving a byte from one field to the next changes the commitment.
#[test]
fn t45_fields_do_not_run_into_each_other() {
    let mut one = abi_packet();
    one.payload.version = Version::new("ab").unwrap();
    one.payload.encoding = Encoding::new("c").unwrap();
    let mut other = one.clone();
    other.payload.version = Version::new("a").unwrap();
    other.payload.encoding = Encoding::new("bc").unwrap();
    assert_ne!(commit::packet(&one), commit::packet(&other));
}
