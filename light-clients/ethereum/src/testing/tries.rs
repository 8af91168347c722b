//! Account and storage tries with proofs, built by alloy-trie.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::RlpEncodable;
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};

/// Shorter nodes stand inside their parents and are no part of a proof of their own.
const SHORTEST_HASHED: usize = 32;

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
    let leaves = storage_leaves(slots);
    trie(&leaves, &[keccak256(target)]).remove(0)
}

/// The state trie of `accounts`, with the proof of `target`, present or absent.
#[must_use]
pub fn state(accounts: &BTreeMap<Address, Account>, target: Address) -> Proven {
    let leaves = accounts
        .iter()
        .map(|(address, account)| (keccak256(address), alloy_rlp::encode(account)));
    trie(&leaves.collect(), &[keccak256(target)]).remove(0)
}

/// The leaves of the storage trie of `slots`: hashed keys and encoded values. Zero values are left out.
#[must_use]
pub fn storage_leaves(slots: &BTreeMap<B256, B256>) -> BTreeMap<B256, Vec<u8>> {
    let filled = slots.iter().filter(|(_, value)| !value.is_zero());
    filled
        .map(|(slot, value)| (keccak256(slot), alloy_rlp::encode(U256::from_be_bytes(value.0))))
        .collect()
}

/// The trie of `leaves`, once for each of `targets` with its proof. Keys are hashed already, so that a caller can choose
/// how deep a target lies.
#[must_use]
pub fn trie(leaves: &BTreeMap<B256, Vec<u8>>, targets: &[B256]) -> Vec<Proven> {
    let targets: Vec<Nibbles> = targets.iter().map(Nibbles::unpack).collect();
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes();
    let prove = |target| {
        let path = nodes.matching_nodes_sorted(target).into_iter();
        let apart = path.filter(|(at, node)| at.is_empty() || node.len() >= SHORTEST_HASHED);
        Proven {
            root,
            nodes: apart.map(|(_, node)| node).collect(),
        }
    };
    targets.iter().map(prove).collect()
}
