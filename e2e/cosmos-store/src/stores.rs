//! All stores of a chain, and the app hash over them.

use std::collections::BTreeMap;

use ics23::CommitmentProof;

use crate::{Hash, iavl::Tree, simple};

/// A chain of proofs: of a key in its store, then of the store under the app hash.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MerkleProof {
    /// The proofs, the store's first.
    #[prost(message, repeated, tag = "1")]
    pub proofs: Vec<CommitmentProof>,
}

/// The stores by name.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    stores: BTreeMap<Vec<u8>, Tree>,
}

impl Stores {
    /// Empty stores with these names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let named = |name: &str| (name.as_bytes().to_vec(), Tree::default());
        Self {
            stores: names.into_iter().map(named).collect(),
        }
    }

    /// A store; none if there is none of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tree> {
        self.stores.get(name.as_bytes())
    }

    /// A store that can be written to; none if there is none of that name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Tree> {
        self.stores.get_mut(name.as_bytes())
    }

    /// Ends a version of every store and returns the app hash.
    pub fn commit(&mut self) -> Hash {
        for store in self.stores.values_mut() {
            store.save();
        }
        self.app_hash()
    }

    /// The app hash over the stores as they are.
    #[must_use]
    pub fn app_hash(&self) -> Hash {
        simple::root(&self.roots())
    }

    /// Proves what is under `key` in the store `name`, or that nothing is; none if there is no such store, or if it is
    /// empty, which proves nothing.
    #[must_use]
    pub fn prove(&self, name: &str, key: &[u8]) -> Option<MerkleProof> {
        let of_key = self.get(name)?.prove(key)?;
        let of_store = simple::prove(&self.roots(), name.as_bytes())?;
        Some(MerkleProof {
            proofs: vec![of_key, of_store],
        })
    }

    fn roots(&self) -> simple::Entries {
        let root = |(name, store): (&Vec<u8>, &Tree)| (name.clone(), store.root().to_vec());
        self.stores.iter().map(root).collect()
    }
}
