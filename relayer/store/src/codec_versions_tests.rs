//! Records of versions that are no longer written, and of one that is not known.

use crate::bytes::Unreadable;
use crate::codec::{decode_cursor, decode_packet, encode_cursor, encode_packet, packet_key};
use crate::codec_flight::{decode_flight, encode_flight};
use chain::{BlockNumber, ChainName, Fee, Gas, Nonce, Outcome, SubmissionId, Ticket, TxHash, WeiPerGas};
use relayer_core::{Cursor, EndName, FlightRecord, FlightState, PacketId, PacketRecord};
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

#[test]
fn a_newer_record_is_refused_by_its_version() {
    let found = decode_cursor(&[4, 0, 0]).unwrap_err();
    assert_eq!(found, Unreadable::Version { found: 4, known: 3 });
}

/// A cursor of the second version ends before the front, and one of the first before the list of what was passed over.
#[test]
fn cursors_of_the_first_versions_are_read() {
    let cursor = Cursor {
        end: EndName {
            chain: ChainName("north".into()),
            id: ClientId::new("client-0").unwrap().into(),
        },
        next: BlockNumber(7),
        unread: BlockNumber(7),
        last: Sequence::new(3).ok(),
        passed: Vec::new(),
        ended: Vec::new(),
        front: None,
    };
    let mut old = encode_cursor(&cursor);
    assert_eq!(old.pop(), Some(0), "there is no front");
    assert_eq!(
        old.split_off(old.len() - 4),
        [0; 4],
        "the length of the list of what ended"
    );
    assert_eq!(
        old.split_off(old.len() - 8),
        [0, 0, 0, 0, 0, 0, 0, 7],
        "what was never read"
    );
    old[0] = 2;
    assert_eq!(decode_cursor(&old), Ok(cursor.clone()));
    assert_eq!(old.split_off(old.len() - 4), [0; 4], "the length of the list");
    old[0] = 1;
    assert_eq!(decode_cursor(&old), Ok(cursor));
}

/// Before the third version a ticket was a nonce, and nothing said so.
#[test]
fn a_submission_of_the_second_version_is_read() {
    let record = submission(Some(Ticket::Nonce(Nonce(9))));
    let new = encode_flight(&record);
    // Behind the kind stand the nonce, transactions and the two numbers of the fee.
    let at = new.len() - 1 - 8 - 4 - 32;
    assert_eq!(new[at - 1..=at], [1, 0], "there is a ticket, and it is a nonce");
    let mut old = [&new[..at], &new[at + 1..]].concat();
    old[0] = 2;
    assert_eq!(decode_flight(&old), Ok(record));
}

/// A submission of the first version ends where the list of what was skipped begins now.
#[test]
fn a_submission_of_the_first_version_is_read() {
    let record = submission(None);
    let new = encode_flight(&record);
    // Behind it stand ticket, transactions and the two numbers of the fee.
    let at = new.len() - 1 - 4 - 32 - 4;
    assert_eq!(new[at..at + 4], [0; 4], "the length of the list");
    let mut old = [&new[..at], &new[at + 4..]].concat();
    old[0] = 1;
    assert_eq!(decode_flight(&old), Ok(record));
}

/// Before the third version all packets were of IBC v2, and nothing said so.
#[test]
fn a_packet_of_the_second_version_is_read() {
    let client = ClientId::new("client-0").unwrap();
    let packet = Packet {
        sequence: Sequence::FIRST,
        source_client: client.clone(),
        destination_client: client.clone(),
        timeout: Seconds(9),
        payload: Payload {
            source_port: PortId::new("transfer").unwrap(),
            destination_port: PortId::new("transfer").unwrap(),
            version: Version::new("ics20-1").unwrap(),
            encoding: Encoding::new("application/json").unwrap(),
            value: Value::new([1]).unwrap(),
        },
    };
    let id = PacketId {
        source: EndName {
            chain: ChainName("north".into()),
            id: client.into(),
        },
        sequence: Sequence::FIRST,
    };
    let tx = TxHash(wire::COMMITMENTS_SLOT);
    let record = PacketRecord::seen(id.clone(), packet, BlockNumber(1), tx, Seconds(1));
    let new = encode_packet(&record);
    // Before it stand the version and the packet's id.
    let at = 1 + packet_key(&id).len();
    assert_eq!(new[at], 0, "it is of IBC v2");
    let mut old = [&new[..at], &new[at + 1..]].concat();
    old[0] = 2;
    assert_eq!(decode_packet(&old), Ok(record.clone()));
    let mut strange = new;
    strange[at] = 2;
    assert!(matches!(
        decode_packet(&strange),
        Err(Unreadable::Tag { found: 2, .. })
    ));
}

fn submission(ticket: Option<Ticket>) -> FlightRecord {
    let outcome = Outcome {
        block: BlockNumber(7),
        gas: Gas(8),
        price: WeiPerGas(9),
        reverted: None,
        skipped: Vec::new(),
    };
    let end = EndName {
        chain: ChainName("north".into()),
        id: ClientId::new("client-0").unwrap().into(),
    };
    FlightRecord {
        id: SubmissionId(1),
        chain: end.chain.clone(),
        end,
        packets: Vec::new(),
        updates: 0,
        made: Seconds(3),
        state: FlightState::Final(outcome),
        ticket,
        txs: Vec::new(),
        fee: Fee {
            max: WeiPerGas(1),
            tip: WeiPerGas(1),
        },
    }
}
