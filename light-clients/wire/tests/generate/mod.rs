//! Generators of the shared vectors of packets. Hashes and encodings are made here from the specification, not by
//! the code under test.

pub(crate) mod accept;
pub(crate) mod batch;
pub(crate) mod codecs;
pub(crate) mod gmp;
pub(crate) mod protobuf;
pub(crate) mod reject;

use crate::support::abi_writer::Abi;
use serde_json::{Map, Value, json};

#[path = "../../../vectors/harness.rs"]
pub(crate) mod harness;

/// All files of the folder.
pub(crate) fn files() -> harness::Files {
    let mut files = harness::Files::new();
    accept::add(&mut files);
    reject::add(&mut files);
    files
}

/// Bytes as the vectors write them.
pub(crate) fn hex(bytes: &[u8]) -> Value {
    json!(format!("0x{}", hex::encode(bytes)))
}

/// Adds one flat object.
pub(crate) fn put<const N: usize>(files: &mut harness::Files, path: &str, fields: [(&str, Value); N]) {
    let object = fields
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect::<Map<_, _>>();
    assert!(
        files
            .insert(format!("{path}.json"), Value::Object(object))
            .is_none(),
        "two vectors named {path}"
    );
}

/// A packet before it is encoded, right or wrong.
#[derive(Clone)]
pub(crate) struct RawPacket {
    pub(crate) sequence: u64,
    pub(crate) source_client: String,
    pub(crate) destination_client: String,
    pub(crate) timeout: u64,
    pub(crate) payloads: Vec<RawPayload>,
}

/// A payload before it is encoded, right or wrong.
#[derive(Clone)]
pub(crate) struct RawPayload {
    pub(crate) source_port: String,
    pub(crate) destination_port: String,
    pub(crate) version: String,
    pub(crate) encoding: String,
    pub(crate) value: Vec<u8>,
}

/// A transfer before it is encoded, right or wrong.
#[derive(Clone)]
pub(crate) struct RawTransfer {
    pub(crate) denom: String,
    pub(crate) sender: String,
    pub(crate) receiver: String,
    pub(crate) amount: [u8; 32],
    pub(crate) memo: String,
}

impl RawPacket {
    /// A good packet that carries `value`.
    pub(crate) fn carrying(value: &[u8]) -> Self {
        Self {
            sequence: 1,
            source_client: "client-0".into(),
            destination_client: "client-1".into(),
            timeout: 1_790_000_000,
            payloads: vec![RawPayload {
                source_port: "transfer".into(),
                destination_port: "transfer".into(),
                version: "ics20-1".into(),
                encoding: "application/x-solidity-abi".into(),
                value: value.to_vec(),
            }],
        }
    }

    pub(crate) fn abi(&self) -> Abi {
        Abi::Tuple(vec![
            Abi::number(self.sequence),
            Abi::text(&self.source_client),
            Abi::text(&self.destination_client),
            Abi::number(self.timeout),
            Abi::List(self.payloads.iter().map(RawPayload::abi).collect()),
        ])
    }
}

impl RawPayload {
    fn abi(&self) -> Abi {
        Abi::Tuple(vec![
            Abi::text(&self.source_port),
            Abi::text(&self.destination_port),
            Abi::text(&self.version),
            Abi::text(&self.encoding),
            Abi::Bytes(self.value.clone()),
        ])
    }
}

impl RawTransfer {
    /// A good transfer.
    pub(crate) fn good() -> Self {
        let mut amount = [0; 32];
        amount[24..].copy_from_slice(&1_000_000u64.to_be_bytes());
        Self {
            denom: "uatom".into(),
            sender: "sender".into(),
            receiver: "receiver".into(),
            amount,
            memo: "memo".into(),
        }
    }

    pub(crate) fn abi(&self) -> Abi {
        Abi::Tuple(vec![
            Abi::text(&self.denom),
            Abi::text(&self.sender),
            Abi::text(&self.receiver),
            Abi::Word(self.amount),
            Abi::text(&self.memo),
        ])
    }
}
