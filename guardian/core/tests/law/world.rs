//! Keys, signatures and digests of the tests, written out once more: nothing here asks the law.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
use k256::ecdsa::SigningKey;

sol! {
    /// One step of a trace, as the vectors write it. What a step does not need is zero.
    struct Op {
        /// See the constants below.
        uint8 what;
        /// Block time.
        uint64 now;
        uint8 scope;
        bytes32 path;
        bytes32 item;
        /// The duration of a halt, or the number of the halt that a resume takes off.
        uint64 number;
        uint64 nonce;
        uint64 expiry;
        bytes[] signatures;
        /// abi.encode of the packet, for a cancel.
        bytes packet;
        /// The new set, for a rotation.
        address[] guardians;
        uint8 small;
        uint8 large;
    }

    /// What a scope has to say at the end of a trace.
    struct Probe {
        uint8 scope;
        bytes32 path;
        bytes32 item;
        uint64 until;
    }

    /// What an account has to say at the end of a trace.
    struct Charged {
        bytes32 account;
        uint64 charged;
    }

    struct Payload {
        string sourcePort;
        string destPort;
        string version;
        string encoding;
        bytes value;
    }

    struct Packet {
        uint64 sequence;
        string sourceClient;
        string destClient;
        uint64 timeoutTimestamp;
        Payload[] payloads;
    }
}

pub(crate) const HALT: u8 = 1;
pub(crate) const CONFIRM: u8 = 2;
pub(crate) const SCHEDULE: u8 = 3;
pub(crate) const EXECUTE: u8 = 4;
pub(crate) const CANCEL: u8 = 5;
pub(crate) const ROTATE: u8 = 6;
pub(crate) const BREACH: u8 = 7;

/// Kinds of scopes, by their numbers.
pub(crate) const CLIENT: u8 = 1;
pub(crate) const CLIENT_CONTRACT: u8 = 2;
pub(crate) const ASSET: u8 = 3;
pub(crate) const DIRECTION: u8 = 4;
pub(crate) const APPLICATION: u8 = 5;
pub(crate) const ALL: u8 = 6;
pub(crate) const TOKEN: u8 = 7;

pub(crate) const CHAIN_ID: u64 = 421_337;
pub(crate) const CONTRACT: Address = Address::repeat_byte(0x6a);
pub(crate) const GUARDIANS: usize = 5;
pub(crate) const SMALL: u8 = 2;
pub(crate) const LARGE: u8 = 4;
pub(crate) const HOUR: u64 = 3600;
pub(crate) const DAY: u64 = 24 * HOUR;
/// When traces begin.
pub(crate) const START: u64 = 1_800_000_000;

/// Keys in ascending order of their addresses: the first [`GUARDIANS`] make the first set.
pub(crate) fn keys() -> Vec<(Address, SigningKey)> {
    let mut keys: Vec<_> = (0..2 * GUARDIANS)
        .map(|seed| key(&format!("guardian {seed}")))
        .collect();
    keys.sort_by_key(|(address, _)| *address);
    // Alternating, so that either set has members before and behind those of the other.
    let (first, second): (Vec<_>, Vec<_>) = keys.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    first.into_iter().chain(second).map(|(_, key)| key).collect()
}

fn key(name: &str) -> (Address, SigningKey) {
    let key = SigningKey::from_bytes(&keccak256(name).0.into()).unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    (Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..]), key)
}

/// The paths that the router knows: the key of the id and the contract behind it. The first two share a contract.
pub(crate) fn paths() -> Vec<(B256, Address)> {
    let light = |name: &str| Address::from_slice(&keccak256(name)[12..]);
    [
        ("client-0", "light 0"),
        ("client-1", "light 0"),
        ("client-2", "light 2"),
        ("client-3", "light 3"),
    ]
    .into_iter()
    .chain([("client-4", "light 4"), ("client-5", "light 5")])
    .map(|(id, name)| (keccak256(id), light(name)))
    .collect()
}

/// A packet that may be held, as ABI bytes.
pub(crate) fn packet(sequence: u64) -> Vec<u8> {
    let payload = Payload {
        sourcePort: "transfer".into(),
        destPort: "transfer".into(),
        version: "ics20-1".into(),
        encoding: "application/x-solidity-abi".into(),
        value: vec![1, 2, 3].into(),
    };
    Packet {
        sequence,
        sourceClient: "client-7".into(),
        destClient: "client-0".into(),
        timeoutTimestamp: START + DAY,
        payloads: vec![payload],
    }
    .abi_encode()
}

/// What a statement of a step is about, for its kind of digest.
fn statement_kind(what: u8) -> u64 {
    match what {
        HALT => 3,
        CONFIRM => 4,
        SCHEDULE => 5,
        CANCEL => 6,
        other => panic!("nobody signs a step of kind {other}"),
    }
}

/// The digest of a step.
pub(crate) fn digest(op: &Op, chain_id: u64, contract: Address, set: u64) -> B256 {
    let word = |number: u64| B256::from(U256::from(number));
    let (path, item) = match op.what {
        CANCEL => (keccak256("client-0"), keccak256(&op.packet)),
        _ => (op.path, op.item),
    };
    let statement = [
        word(op.nonce),
        word(op.expiry),
        word(op.scope.into()),
        path,
        item,
        word(op.number),
    ];
    let mut tag = b"\x19Weighbridge statement".to_vec();
    tag.resize(32, 0);
    let domain = [
        B256::from_slice(&tag),
        word(1),
        word(statement_kind(op.what)),
        word(chain_id),
        contract.into_word(),
        word(set),
        keccak256(statement.concat()),
    ];
    keccak256(domain.concat())
}

/// `r ‖ s ‖ v`, s low.
pub(crate) fn sign(key: &SigningKey, digest: B256) -> Vec<u8> {
    let (signature, parity) = key.sign_prehash_recoverable(digest.as_slice()).unwrap();
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(27 + parity.to_byte());
    bytes
}

/// The other signature of the same key over the same digest.
pub(crate) fn mirrored(signature: &[u8]) -> Vec<u8> {
    let order = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let order: U256 = order.parse().unwrap();
    let mut bytes = signature.to_vec();
    let s = order - U256::from_be_slice(&signature[32..64]);
    bytes[32..64].copy_from_slice(&s.to_be_bytes::<32>());
    bytes[64] = 55 - signature[64];
    bytes
}
