//! Records of versions that are no longer written, and of one that is not known.

use crate::bytes::Unreadable;
use crate::codec::{decode_cursor, encode_cursor};
use crate::codec_flight::{decode_flight, encode_flight};
use chain::{BlockNumber, ChainName, Fee, Gas, Nonce, Outcome, SubmissionId, Ticket, WeiPerGas};
use relayer_core::{Cursor, EndName, FlightRecord, FlightState};
use wire::{ClientId, Seconds, Sequence};

#[test]
fn a_newer_record_is_refused_by_its_version() {
    let found = decode_cursor(&[3, 0, 0]).unwrap_err();
    assert_eq!(found, Unreadable::Version { found: 3, known: 2 });
}

/// A cursor of the first version ends where the list of what was passed over begins now.
#[test]
fn a_cursor_of_the_first_version_is_read() {
    let cursor = Cursor {
        end: EndName {
            chain: ChainName("north".into()),
            client: ClientId::new("client-0").unwrap(),
        },
        next: BlockNumber(7),
        last: Sequence::new(3).ok(),
        passed: Vec::new(),
    };
    let mut old = encode_cursor(&cursor);
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
        client: ClientId::new("client-0").unwrap(),
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
