//! Batches: each way to be refused, and properties over random ones.

mod support;

use alloy_primitives::U256;
use proptest::{collection::vec, prelude::*, sample::Index};
use support::{packet, transfer};
use wire::batch::{Action, Batch, Message, message_length};
use wire::{
    Acknowledgement, ClientId, Encoding, Height, Payload, PortId, Reject, Seconds, Sequence, Value, Version,
    ics20, path,
};

const ACCOUNT: &str = "0x00000000000000000000000000000000000000ff";

fn message(action: Action, payload: Payload) -> Message {
    Message {
        action,
        gas: 300_000,
        sequence: Sequence::FIRST,
        timeout: Seconds(100),
        payload,
    }
}

/// A transfer that can be written in parts.
fn parted() -> Payload {
    let (sender, receiver) = (ACCOUNT.into(), ACCOUNT.into());
    let transfer = ics20::Transfer {
        sender,
        receiver,
        ..transfer()
    };
    transfer.to_payload().unwrap()
}

fn raw() -> Payload {
    packet(ics20::ENCODING, b"value").payload
}

fn batch_of(messages: Vec<Message>) -> Batch {
    Batch {
        client: ClientId::new("client-0").unwrap(),
        updates: vec![vec![1, 2, 3]],
        height: Height::of(64),
        messages,
        pool: vec![7],
    }
}

/// One received transfer; where its bytes stand is counted from their end.
fn one() -> Vec<u8> {
    batch_of(vec![message(Action::Receive, parted())])
        .encode()
        .unwrap()
}

/// `one` with `byte` at so many bytes before its end.
fn with(from_end: usize, byte: u8) -> Result<Batch, Reject> {
    let mut bytes = one();
    let at = bytes.len() - from_end;
    bytes[at] = byte;
    Batch::decode(&bytes)
}

/// Bytes of the value in parts: form, two accounts, amount, memo.
const BODY: usize = 1 + 40 + (1 + 3) + (2 + 4);
/// Bytes of what stands before the pool: kind, gas, sequence, timeout, template.
const HEAD: usize = 1 + 4 + 8 + 8 + 1;
/// Bytes of the pool.
const POOL: usize = 3 + 1;

#[test]
fn rejects_batch_version() {
    let mut bytes = one();
    bytes[0] = 2;
    assert_eq!(Batch::decode(&bytes), Err(Reject::BatchVersion { found: 2 }));
}

#[test]
fn rejects_batch_truncated() {
    let (needed, left) = (1, 0);
    assert_eq!(Batch::decode(&[]), Err(Reject::BatchTruncated { needed, left }));
    let bytes = one();
    let (needed, left) = (4, 2);
    assert_eq!(
        Batch::decode(&bytes[..bytes.len() - 2]),
        Err(Reject::BatchTruncated { needed, left })
    );
    for length in 0..bytes.len() {
        let refused = Batch::decode(&bytes[..length]);
        assert!(
            matches!(refused, Err(Reject::BatchTruncated { .. })),
            "{length}: {refused:?}"
        );
    }
}

#[test]
fn rejects_batch_kind() {
    for kind in [0, 4, 255] {
        assert_eq!(
            with(HEAD + POOL + BODY, kind),
            Err(Reject::BatchKind { at: 0, kind })
        );
    }
}

#[test]
fn rejects_batch_template() {
    let refused = Reject::BatchTemplate {
        at: 0,
        template: 1,
        templates: 1,
    };
    assert_eq!(with(1 + POOL + BODY, 1), Err(refused));
}

#[test]
fn rejects_batch_form() {
    assert_eq!(with(BODY, 2), Err(Reject::BatchForm { at: 0, form: 2 }));
}

#[test]
fn rejects_batch_amount() {
    // Its length, its 3 bytes, and the memo.
    let length = 1 + 3 + 6;
    for refused in [0, 33] {
        let expected = Reject::BatchAmount {
            at: 0,
            length: refused.into(),
        };
        assert_eq!(with(length, refused), Err(expected));
    }
    assert_eq!(with(length - 1, 0), Err(Reject::BatchAmount { at: 0, length: 3 }));
    assert!(with(length - 1, 1).is_ok());
}

#[test]
fn rejects_batch_left_over() {
    let mut batch = batch_of(Vec::new());
    assert_eq!(batch.encode(), Err(Reject::BatchLeftOver { left: 1 }));
    batch.pool.clear();
    let bytes = batch.encode().unwrap();
    assert_eq!(Batch::decode(&bytes), Ok(batch));
    let longer = [&bytes[..], &[0, 0]].concat();
    assert_eq!(Batch::decode(&longer), Err(Reject::BatchLeftOver { left: 2 }));
    let with_pool = [&bytes[..bytes.len() - 3], &[0, 0, 1, 7]].concat();
    assert_eq!(Batch::decode(&with_pool), Err(Reject::BatchLeftOver { left: 1 }));
}

#[test]
fn rejects_batch_full() {
    let named = |n: usize| {
        let version = Version::new(format!("v{n}")).unwrap();
        message(Action::Receive, Payload { version, ..raw() })
    };
    let full = |what, count, max| Err(Reject::BatchFull { what, count, max });
    assert!(batch_of((0..255).map(named).collect()).encode().is_ok());
    assert_eq!(
        batch_of((0..256).map(named).collect()).encode(),
        full("templates", 256, 255)
    );
    let mut batch = batch_of(vec![message(Action::TimeOut, raw()); 65_535]);
    assert!(batch.encode().is_ok());
    batch.messages.push(batch.messages[0].clone());
    assert_eq!(batch.encode(), full("messages", 65_536, 65_535));
    batch.messages.truncate(1);
    batch.updates = vec![Vec::new(); 256];
    assert_eq!(batch.encode(), full("updates", 256, 255));
}

#[test]
fn rejects_too_long() {
    let long = |field, length, max| Reject::TooLong { field, length, max };
    let version = Version::new("v".repeat(256)).unwrap();
    let payload = Payload { version, ..raw() };
    let refused = long("text of a template", 256, 255);
    assert_eq!(message_length(&payload, None), Err(refused.clone()));
    assert_eq!(
        batch_of(vec![message(Action::Receive, payload)]).encode(),
        Err(refused)
    );
    let ack = Acknowledgement::new(vec![1; 65_536]).unwrap();
    let refused = long("acknowledgement", 65_536, 65_535);
    assert_eq!(message_length(&raw(), Some(&ack)), Err(refused.clone()));
    assert_eq!(
        batch_of(vec![message(Action::Acknowledge(ack), raw())]).encode(),
        Err(refused)
    );
    let mut batch = batch_of(Vec::new());
    batch.updates = vec![vec![0; 0x0100_0000]];
    batch.pool.clear();
    assert_eq!(batch.encode(), Err(long("update", 0x0100_0000, 0x00ff_ffff)));
}

#[test]
fn rejects_not_text() {
    let bytes = batch_of(vec![message(Action::Receive, raw())]).encode().unwrap();
    let at = bytes.windows(7).position(|window| window == b"ics20-1").unwrap();
    let mut broken = bytes;
    broken[at] = 0xff;
    let (field, length) = ("version", 7);
    assert_eq!(Batch::decode(&broken), Err(Reject::NotText { field, length }));
}

/// A value is written in parts exactly when its parts stand for it.
#[test]
fn other_transfers_are_written_whole() {
    let length = |change: fn(&mut ics20::Transfer)| {
        let mut transfer = ics20::decode(parted().value.as_bytes()).unwrap();
        change(&mut transfer);
        message_length(&transfer.to_payload().unwrap(), None).unwrap()
    };
    let whole = HEAD + 1 + 3 + parted().value.as_bytes().len();
    assert_eq!(length(|_| {}), HEAD + BODY);
    assert_eq!(
        length(|transfer| transfer.memo = "m".repeat(1000)),
        HEAD + BODY + 996
    );
    assert_eq!(length(|transfer| transfer.amount = U256::MAX), HEAD + BODY + 29);
    assert_eq!(
        length(|transfer| transfer.sender = ACCOUNT.replace('f', "F")),
        whole
    );
    assert_eq!(
        length(|transfer| transfer.receiver = ACCOUNT.replace("0x", "0X")),
        whole
    );
    assert_eq!(length(|transfer| transfer.receiver = ACCOUNT[..41].into()), whole);
    assert_eq!(
        length(|transfer| transfer.sender = format!("0x{}", "g".repeat(40))),
        whole
    );
}

fn text(most: usize) -> impl Strategy<Value = String> {
    vec(any::<char>(), 1..most / 4).prop_map(String::from_iter)
}

fn payload() -> impl Strategy<Value = Payload> {
    let transferred = ("[a-z/]{0,40}", any::<[u64; 2]>(), ".{0,40}").prop_map(|(denom, limbs, memo)| {
        let transfer = ics20::Transfer {
            denom: ics20::Denom::new(format!("x{}", denom.replace('/', "y"))).unwrap(),
            sender: ACCOUNT.into(),
            receiver: ACCOUNT.into(),
            amount: U256::from_limbs([limbs[0], 0, limbs[1], 0]).max(U256::from(1)),
            memo,
        };
        ics20::encode(&transfer).unwrap()
    });
    let value = prop_oneof![vec(any::<u8>(), 1..200), transferred];
    ("[a-z]{2,128}", "[a-z]{2,20}", text(255), text(255), value).prop_map(|parts| Payload {
        source_port: PortId::new(parts.0).unwrap(),
        destination_port: PortId::new(parts.1).unwrap(),
        version: Version::new(parts.2).unwrap(),
        encoding: Encoding::new(parts.3).unwrap(),
        value: Value::new(parts.4).unwrap(),
    })
}

fn any_message() -> impl Strategy<Value = Message> {
    let action = prop_oneof![
        Just(Action::Receive),
        Just(Action::TimeOut),
        vec(any::<u8>(), 1..99).prop_map(|ack| Action::Acknowledge(Acknowledgement::new(ack).unwrap())),
    ];
    (action, any::<u32>(), 1u64.., 1u64.., payload()).prop_map(|parts| Message {
        action: parts.0,
        gas: parts.1,
        sequence: Sequence::new(parts.2).unwrap(),
        timeout: Seconds(parts.3),
        payload: parts.4,
    })
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let messages = vec(any_message(), 1..6);
    let updates = vec(vec(any::<u8>(), 0..300), 0..4);
    (messages, updates, any::<[u64; 2]>(), vec(any::<u8>(), 0..50)).prop_map(|parts| Batch {
        client: ClientId::new("client-0").unwrap(),
        updates: parts.1,
        height: Height {
            revision_number: parts.2[0],
            revision_height: parts.2[1],
        },
        messages: parts.0,
        pool: parts.3,
    })
}

proptest! {
    #![proptest_config(support::cases(128))]

    #[test]
    fn what_is_written_is_read(batch in any_batch()) {
        prop_assert_eq!(Batch::decode(&batch.encode().unwrap()), Ok(batch));
    }

    /// The length of a message is known before there is a batch.
    #[test]
    fn a_message_takes_its_length(batch in any_batch()) {
        // The same once more needs no other template.
        let mut longer = batch.clone();
        longer.messages.push(batch.messages[0].clone());
        let more = longer.encode().unwrap().len() - batch.encode().unwrap().len();
        let Message { action, payload, .. } = &batch.messages[0];
        let ack = match action {
            Action::Acknowledge(ack) => Some(ack),
            Action::Receive | Action::TimeOut => None,
        };
        prop_assert_eq!(message_length(payload, ack), Ok(more));
    }

    /// Whatever byte is changed, it is refused, or read as what writes itself again.
    #[test]
    fn changed_bytes_are_refused_or_read(batch in any_batch(), at in any::<Index>(), byte in any::<u8>()) {
        let mut bytes = batch.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Batch::decode(&bytes) {
            prop_assert_eq!(Batch::decode(&read.encode().unwrap()), Ok(read));
        }
    }

    /// Each message is about the packet and the path that its kind says, seen from the host.
    #[test]
    fn messages_name_packet_and_path(message in any_message()) {
        let [host, other] = ["client-0", "client-1"].map(|id| ClientId::new(id).unwrap());
        let packet = message.packet(&host, &other);
        let (path, source) = match message.action {
            Action::Receive => (path::commitment(&other, message.sequence), &other),
            Action::Acknowledge(_) => (path::acknowledgement(&other, message.sequence), &host),
            Action::TimeOut => (path::receipt(&other, message.sequence), &host),
        };
        prop_assert_eq!(&packet.source_client, source);
        prop_assert_eq!(message.path(&other), path);
        prop_assert_eq!(message.expected(&host, &other).is_none(), message.action == Action::TimeOut);
    }
}
