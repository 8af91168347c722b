//! Commitments: the 32 bytes that a chain stores for a packet, its receipt and its acknowledgement.
//!
//! The source client and the sequence are not in the packet's commitment: the path under which it is stored binds
//! them. A proof is therefore worth nothing without its path.

use crate::{Packet, Payload, abi};
use alloy_primitives::{B256, keccak256};
use sha2::{Digest, Sha256};

/// First byte hashed into each commitment: the protocol version.
const VERSION: [u8; 1] = [2];

/// Commitment of a packet, stored by the source chain until the packet is acknowledged or timed out:
/// `H(0x02 ‖ H(destination client) ‖ H(timeout as 8 bytes big-endian) ‖ H(payload hashes))`.
pub fn packet(packet: &Packet) -> B256 {
    join([
        &VERSION,
        hash(packet.destination_client.as_bytes()).as_slice(),
        hash(&packet.timeout.0.to_be_bytes()).as_slice(),
        hash(payload(&packet.payload).as_slice()).as_slice(),
    ])
}

/// Commitment of an acknowledgement, stored by the destination chain for ever: `H(0x02 ‖ H(ack))` over the
/// application's raw bytes.
pub fn acknowledgement(ack: &[u8]) -> B256 {
    join([&VERSION, hash(ack).as_slice()])
}

/// What a Solidity router stores as the receipt: Keccak-256 of the packet's ABI encoding. Only its absence is ever
/// proven to another chain.
pub fn receipt(packet: &Packet) -> B256 {
    keccak256(abi::encode_packet(packet))
}

/// Hash of one payload: SHA-256 over the hashes of its five fields.
fn payload(payload: &Payload) -> B256 {
    join([
        hash(payload.source_port.as_str().as_bytes()).as_slice(),
        hash(payload.destination_port.as_str().as_bytes()).as_slice(),
        hash(payload.version.as_str().as_bytes()).as_slice(),
        hash(payload.encoding.as_str().as_bytes()).as_slice(),
        hash(payload.value.as_bytes()).as_slice(),
    ])
}

fn hash(bytes: &[u8]) -> B256 {
    join([bytes])
}

fn join<const N: usize>(parts: [&[u8]; N]) -> B256 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    B256::new(hasher.finalize().into())
}
