//! The stores of an embedded Cosmos chain: IAVL trees, their roots in a simple tree, and ICS-23 proofs from both.
//!
//! Roots and proofs are those of `cosmos/iavl` and of the SDK's multistore, so that whatever verifies a real chain
//! verifies this one. It depends on no crate of ours: the law in `merkle` is judged by what is built here.
//!
//! For tests and the demo only. A tree is in memory and keeps old versions for as long as somebody holds them.

pub mod iavl;
mod node;
pub mod simple;
mod stores;

pub use stores::{MerkleProof, Stores};

use sha2::{Digest, Sha256};

/// A hash of a node.
pub type Hash = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Writes an unsigned varint.
fn put_varint(bytes: &mut Vec<u8>, number: u64) {
    prost::encoding::encode_varint(number, bytes);
}

/// Writes bytes with their length before them.
fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    put_varint(bytes, u64::try_from(content.len()).expect("a length has 64 bits"));
    bytes.extend_from_slice(content);
}
