//! The lies of a JSON-RPC endpoint ([`crate::Lie`]), applied to honest answers.

use crate::state::AccountProof;
use alloy::rpc::types::{Block, Log};
use alloy_primitives::{B256, Bytes};

/// Another state root, under a hash that fits it.
pub(super) fn header(block: &mut Block) {
    block.header.inner.state_root = B256::repeat_byte(0x66);
    block.header.hash = block.header.inner.hash_slow();
}

/// Another first byte of data.
pub(super) fn log(log: &mut Log) {
    let mut data = log.inner.data.data.to_vec();
    if let Some(first) = data.first_mut() {
        *first ^= 1;
    }
    log.inner.data.data = data.into();
}

/// Another last byte in the last node of every proof.
pub(super) fn proof(proof: &mut AccountProof) {
    bend(&mut proof.nodes);
    for (_, _, nodes) in &mut proof.slots {
        bend(nodes);
    }
}

fn bend(nodes: &mut [Bytes]) {
    if let Some(last) = nodes.last_mut() {
        let mut bytes = last.to_vec();
        if let Some(byte) = bytes.last_mut() {
            *byte ^= 1;
        }
        *last = bytes.into();
    }
}
