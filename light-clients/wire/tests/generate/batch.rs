//! Vectors of batches, written byte by byte from docs/formats/batch.md.

use super::{
    RawPacket, RawTransfer,
    accept::{commitment, path, sha256},
    harness::Files,
    hex, put,
};
use alloy_primitives::keccak256;
use serde_json::{Value, json};

/// A message before it is written.
#[derive(Clone)]
struct RawMessage {
    /// The host's end is `client-7`, the other one `client-0`.
    packet: RawPacket,
    kind: u8,
    gas: u32,
    template: u8,
    /// How the value is written: form and what follows, without its denomination.
    value: Vec<u8>,
    acknowledgement: Vec<u8>,
}

/// A batch before it is written, right or wrong.
#[derive(Clone)]
struct RawBatch {
    version: u8,
    updates: Vec<Vec<u8>>,
    height: (u64, u64),
    templates: Vec<([String; 4], String)>,
    messages: Vec<RawMessage>,
    pool: Vec<u8>,
}

const HOST: &str = "client-7";
const OTHER: &str = "client-0";
const VOUCHER: &str = "transfer/client-7/uatom";
const ACCOUNTS: [[u8; 20]; 2] = [[0x5f; 20], [0x0a; 20]];

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    add_accepted(&mut files);
    add_rejected(&mut files);
    files
}

fn short(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).expect("short")], bytes].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("long");
    [&length.to_be_bytes()[..], bytes].concat()
}

fn middle(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("middle").to_be_bytes();
    [&length[1..], bytes].concat()
}

fn raw(value: &[u8]) -> Vec<u8> {
    [vec![0], middle(value)].concat()
}

/// Form 1: the parts of a transfer between accounts.
fn parts(amount: &[u8], memo: &str) -> Vec<u8> {
    [vec![1], ACCOUNTS.concat(), short(amount), long(memo.as_bytes())].concat()
}

/// What these parts stand for.
fn rebuilt(denom: &str, amount: &[u8], memo: &str) -> Vec<u8> {
    let mut word = [0; 32];
    word[32 - amount.len()..].copy_from_slice(amount);
    let text = |account: [u8; 20]| format!("0x{}", hex::encode(account));
    let transfer = RawTransfer {
        denom: denom.into(),
        sender: text(ACCOUNTS[0]),
        receiver: text(ACCOUNTS[1]),
        amount: word,
        memo: memo.into(),
    };
    transfer.abi().encode()
}

impl RawMessage {
    /// A message of `kind` about a packet that carries `value`, written as it is.
    fn raw(kind: u8, sequence: u64, value: &[u8]) -> Self {
        let mut packet = RawPacket::carrying(value);
        packet.sequence = sequence;
        let (source, destination) = if kind == 1 { (OTHER, HOST) } else { (HOST, OTHER) };
        packet.source_client = source.into();
        packet.destination_client = destination.into();
        let acknowledgement = if kind == 2 {
            br#"{"result":"AQ=="}"#.to_vec()
        } else {
            Vec::new()
        };
        Self {
            packet,
            kind,
            gas: 400_000,
            template: 0,
            value: raw(value),
            acknowledgement,
        }
    }

    /// The same of a transfer, written in parts.
    fn transfer(kind: u8, sequence: u64, denom: &str, amount: &[u8], memo: &str) -> Self {
        let mut message = Self::raw(kind, sequence, &rebuilt(denom, amount, memo));
        message.value = parts(amount, memo);
        message
    }

    fn head(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind];
        bytes.extend(self.gas.to_be_bytes());
        bytes.extend(self.packet.sequence.to_be_bytes());
        bytes.extend(self.packet.timeout.to_be_bytes());
        bytes.push(self.template);
        bytes
    }

    fn body(&self) -> Vec<u8> {
        let mut bytes = self.value.clone();
        if self.kind == 2 {
            bytes.extend(long(&self.acknowledgement));
        }
        bytes
    }

    /// What the router has to make of it.
    fn outcome(&self) -> Value {
        let payload = &self.packet.payloads[0];
        let abi = self.packet.abi().encode();
        let (kind, proven) = match self.kind {
            1 => (1, commitment(&self.packet)),
            2 => (3, sha256(&[vec![2], sha256(&self.acknowledgement)].concat())),
            _ => (2, vec![0; 32]),
        };
        json!({
            "kind": self.kind,
            "gas": self.gas,
            "sequence": self.packet.sequence,
            "sourceClient": self.packet.source_client,
            "destinationClient": self.packet.destination_client,
            "timeout": self.packet.timeout,
            "sourcePort": payload.source_port,
            "destinationPort": payload.destination_port,
            "version": payload.version,
            "encoding": payload.encoding,
            "value": hex(&payload.value),
            "acknowledgement": hex(&self.acknowledgement),
            "commitment": hex(&commitment(&self.packet)),
            "abi": hex(&abi),
            "receipt": hex(keccak256(&abi).as_slice()),
            "path": hex(&path(OTHER, kind, self.packet.sequence)),
            "proven": hex(&proven),
        })
    }
}

impl RawBatch {
    /// A batch of `messages` about packets between the transfer applications.
    fn of(messages: Vec<RawMessage>) -> Self {
        let template = ["transfer", "transfer", "ics20-1", "application/x-solidity-abi"];
        Self {
            version: 1,
            updates: vec![vec![0xab; 300]],
            height: (0, 12_345_678),
            templates: vec![(template.map(String::from), "uatom".into())],
            messages,
            pool: b"the pool is judged elsewhere".to_vec(),
        }
    }

    /// One message of each kind, values in both forms.
    fn good() -> Self {
        let mut batch = Self::of(vec![
            RawMessage::transfer(1, 7, "uatom", &[0x0f, 0x42, 0x40], ""),
            RawMessage::raw(2, 9, b"any value"),
            RawMessage::transfer(3, 11, VOUCHER, &[1], "memo"),
        ]);
        batch
            .templates
            .push((batch.templates[0].0.clone(), VOUCHER.into()));
        batch.messages[2].template = 1;
        batch
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.version];
        bytes.extend(short(HOST.as_bytes()));
        bytes.push(u8::try_from(self.updates.len()).expect("few updates"));
        bytes.extend(self.updates.iter().flat_map(|update| middle(update)));
        bytes.extend(self.height.0.to_be_bytes());
        bytes.extend(self.height.1.to_be_bytes());
        bytes.push(u8::try_from(self.templates.len()).expect("few templates"));
        for (texts, denom) in &self.templates {
            bytes.extend(texts.iter().flat_map(|text| short(text.as_bytes())));
            bytes.extend(long(denom.as_bytes()));
        }
        bytes.extend(
            u16::try_from(self.messages.len())
                .expect("messages")
                .to_be_bytes(),
        );
        bytes.extend(self.messages.iter().flat_map(RawMessage::head));
        bytes.extend(middle(&self.pool));
        bytes.extend(self.messages.iter().flat_map(RawMessage::body));
        bytes
    }

    fn put(&self, files: &mut Files, name: &str, about: &str) {
        let updates: Vec<Value> = self.updates.iter().map(|update| hex(update)).collect();
        let messages: Vec<Value> = self.messages.iter().map(RawMessage::outcome).collect();
        let fields = [
            ("about", json!(about)),
            ("packed", hex(&self.bytes())),
            ("client", json!(HOST)),
            ("counterparty", json!(OTHER)),
            ("revisionNumber", json!(self.height.0)),
            ("revisionHeight", json!(self.height.1)),
            ("updateCount", json!(updates.len())),
            ("updates", json!(updates)),
            ("messageCount", json!(messages.len())),
            ("messages", json!(messages)),
            ("pool", hex(&self.pool)),
        ];
        put(files, &format!("accept/{name}"), fields);
    }
}

fn add_accepted(files: &mut Files) {
    let good = RawBatch::good();
    good.put(
        files,
        "each_kind",
        "one message of each kind, values in both forms",
    );
    let mut updates = RawBatch::of(Vec::new());
    updates.updates.push(vec![1]);
    updates.templates.clear();
    updates.pool.clear();
    updates.put(
        files,
        "updates_alone",
        "two updates and no message: then there is no pool",
    );
    let mut alone = good.clone();
    alone.updates.clear();
    alone.put(files, "messages_alone", "no update");
    add_accepted_transfers(files);
    add_accepted_packets(files);
}

fn add_accepted_transfers(files: &mut Files) {
    let one = |denom: &str, amount: &[u8], memo: &str| {
        let mut batch = RawBatch::of(vec![RawMessage::transfer(1, 1, denom, amount, memo)]);
        batch.templates[0].1 = denom.into();
        batch
    };
    let token = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
    one(token, &[0xff; 32], "").put(files, "largest_amount", "an amount of 2^256 - 1");
    let word = "d".repeat(32);
    one(&word, &[1], &word).put(files, "whole_words", "texts that need no padding");
    one("", &[0x80], &"m".repeat(300)).put(files, "long_memo", "no denomination, a memo of 300 bytes");
    let mut unneeded = one("uatom", &[1], "");
    unneeded.messages[0].value = raw(&unneeded.messages[0].packet.payloads[0].value);
    unneeded.put(
        files,
        "transfer_unparted",
        "a transfer in form 0: another form of the same packet",
    );
}

fn add_accepted_packets(files: &mut Files) {
    let mut twice = RawBatch::good();
    twice.messages = vec![twice.messages[0].clone(), twice.messages[0].clone()];
    twice.put(files, "twice", "the same message twice");
    let mut templates = RawBatch::good();
    let longest = ["p".repeat(128), "pt".into(), "v".repeat(255), "e".into()];
    templates.templates[1] = (longest.clone(), String::new());
    let payload = &mut templates.messages[1].packet.payloads[0];
    [
        payload.source_port,
        payload.destination_port,
        payload.version,
        payload.encoding,
    ] = longest;
    templates.messages[1].template = 1;
    templates.messages.truncate(2);
    templates.put(files, "two_templates", "two templates, texts of the longest form");
    let mut large = RawBatch::of(vec![RawMessage::raw(2, u64::MAX, &[0])]);
    large.height = (u64::MAX, u64::MAX);
    large.messages[0].gas = u32::MAX;
    large.messages[0].packet.timeout = u64::MAX;
    large.messages[0].acknowledgement = vec![0xee; 1000];
    large.put(
        files,
        "largest_numbers",
        "every number at its largest, an acknowledgement of 1,000 bytes",
    );
    for length in [31, 32, 33, 1000] {
        let value = (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>();
        let batch = RawBatch::of(vec![RawMessage::raw(1, 1, &value)]);
        batch.put(
            files,
            &format!("value_{length:04}"),
            "values around the word size",
        );
    }
    let sequences = (1..=40).map(|sequence| RawMessage::transfer(1, sequence, "uatom", &[1], ""));
    RawBatch::of(sequences.collect()).put(files, "forty", "forty packets");
}

fn add_rejected(files: &mut Files) {
    let mut broken = |path: &str, about: &str, change: fn(&mut RawBatch)| {
        let mut batch = RawBatch::good();
        change(&mut batch);
        put_rejected(files, path, about, &batch.bytes());
    };
    broken("batch_version/zero", "version 0", |batch| batch.version = 0);
    broken("batch_version/two", "version 2", |batch| batch.version = 2);
    broken("batch_kind/zero", "kind 0", |batch| batch.messages[0].kind = 0);
    broken("batch_kind/four", "kind 4", |batch| batch.messages[2].kind = 4);
    broken(
        "batch_template/behind",
        "a template behind the last one",
        |batch| batch.messages[1].template = 2,
    );
    broken("batch_template/none", "no templates", |batch| {
        batch.templates.clear()
    });
    broken("batch_form/two", "form 2", |batch| batch.messages[0].value[0] = 2);
    broken("batch_amount/zero", "an amount of no bytes", |batch| {
        batch.messages[0].value = parts(&[], "")
    });
    broken("batch_amount/leading_zero", "a leading zero", |batch| {
        batch.messages[0].value = parts(&[0, 1], "")
    });
    broken("batch_amount/one_zero", "an amount of one zero", |batch| {
        batch.messages[0].value = parts(&[0], "")
    });
    broken("batch_amount/long", "an amount of 33 bytes", |batch| {
        batch.messages[0].value = parts(&[1; 33], "")
    });
    broken("batch_left_over/pool", "a pool without messages", |batch| {
        batch.messages.clear()
    });
    add_cut(files);
}

/// The good batch, cut inside or before each of its fields.
fn add_cut(files: &mut Files) {
    let mut batch = RawBatch::good();
    batch.updates[0].truncate(20);
    batch.pool.truncate(5);
    let bytes = batch.bytes();
    for length in (0..bytes.len()).step_by(5).chain([bytes.len() - 1]) {
        let about = format!("{length} of {} bytes", bytes.len());
        let path = format!("batch_truncated/cut_{length:04}");
        put_rejected(files, &path, &about, &bytes[..length]);
    }
    let mut beyond = RawBatch::of(vec![RawMessage::raw(1, 1, b"value")]);
    beyond.messages[0].value = [vec![0], vec![0xff; 3], b"value".to_vec()].concat();
    put_rejected(
        files,
        "batch_truncated/value",
        "a value of 16,777,215 bytes that are not there",
        &beyond.bytes(),
    );
}

fn put_rejected(files: &mut Files, path: &str, about: &str, packed: &[u8]) {
    let fields = [("about", json!(about)), ("packed", hex(packed))];
    put(files, &format!("reject/{path}"), fields);
}
