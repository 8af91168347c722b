//! Account and storage tries with proofs, built by alloy-trie.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::RlpEncodable;
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};

/// An account as the state trie holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, RlpEncodable)]
pub struct Account {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Root of its storage.
    pub storage_root: B256,
    /// Hash of its code.
    pub code_hash: B256,
}

/// A trie and the nodes that prove one key, from the root to where the key ends.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Root of the trie.
    pub root: B256,
    /// RLP nodes, root first.
    pub nodes: Vec<Bytes>,
}

impl Proven {
    /// The nodes one after the other, as clients take them.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.nodes.concat()
    }
}

/// The storage trie of `slots`, with the proof of `target`, present or absent. Zero values are left out.
#[must_use]
pub fn storage(slots: &BTreeMap<B256, B256>, target: B256) -> Proven {
    let filled = slots.iter().filter(|(_, value)| !value.is_zero());
    let leaves =
        filled.map(|(slot, value)| (keccak256(slot), alloy_rlp::encode(U256::from_be_bytes(value.0))));
    trie(leaves.collect(), keccak256(target))
}

/// The state trie of `accounts`, with the proof of `target`, present or absent.
#[must_use]
pub fn state(accounts: &BTreeMap<Address, Account>, target: Address) -> Proven {
    let leaves = accounts
        .iter()
        .map(|(address, account)| (keccak256(address), alloy_rlp::encode(account)));
    trie(leaves.collect(), keccak256(target))
}

fn trie(leaves: BTreeMap<B256, Vec<u8>>, target: B256) -> Proven {
    let retainer = ProofRetainer::new(Vec::from([Nibbles::unpack(target)]));
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (key, value) in &leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder
        .take_proof_nodes()
        .into_nodes_sorted()
        .into_iter()
        .map(|(_, node)| node);
    Proven {
        root,
        nodes: nodes.collect(),
    }
}
