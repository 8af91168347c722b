//! An EVM state that no chain ever had, with proofs that fit it.
//!
//! What an attacker builds around a forged header: the header claims the root, the proofs lead to
//! whatever the attacker wants to be true.

use crate::{genesis::Genesis, state::State};
use alloy_primitives::{Address, B256, Bytes, U256};

/// Root and proofs of a made-up state.
#[derive(Clone, Debug)]
pub struct ForgedState {
    /// Its state root.
    pub root: B256,
    /// Nodes from that root to the account.
    pub account_proof: Vec<Bytes>,
    /// For each slot asked for, nodes from the account's storage root to the slot.
    pub storage_proofs: Vec<Vec<Bytes>>,
}

impl ForgedState {
    /// The state that consists of `genesis`, and the proofs of `slots` of the account at `address`.
    ///
    /// `None` when the account is not in `genesis`.
    pub fn new(genesis: &Genesis, address: Address, slots: &[B256]) -> Option<Self> {
        let mut state = State::default();
        genesis.load(&mut state);
        state.account(address)?;
        let slots: Vec<U256> = slots.iter().map(|slot| U256::from_be_bytes(slot.0)).collect();
        let proof = state.prove(address, &slots).ok()?;
        Some(Self {
            root: state.root(),
            account_proof: proof.nodes,
            storage_proofs: proof.slots.into_iter().map(|(_, _, nodes)| nodes).collect(),
        })
    }
}
