//! What the tests share: stores, edits of proofs, and questions.

use cosmos_store::{Hash, MerkleProof, Stores, iavl, simple};
use ics23::commitment_proof::Proof;
use ics23::{
    CommitmentProof, ExistenceProof, HostFunctionsManager, NonExistenceProof, calculate_existence_root,
};
use merkle::ics23::Tree;
use prost::Message;

/// A question about one tree, and the proof that answers it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) tree: Tree,
    pub(crate) root: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) proof: CommitmentProof,
}

/// The root that a path leads to, by the judge's own calculation.
pub(crate) fn root_of(proof: &ExistenceProof) -> Vec<u8> {
    try_root_of(proof).expect("the path has a leaf, a key and a value")
}

/// As [`root_of`]; none if the path leads nowhere.
pub(crate) fn try_root_of(proof: &ExistenceProof) -> Option<Vec<u8>> {
    calculate_existence_root::<HostFunctionsManager>(proof).ok()
}

pub(crate) fn wrap(proof: Proof) -> CommitmentProof {
    CommitmentProof { proof: Some(proof) }
}

impl Question {
    /// What is under `key` in an IAVL tree.
    pub(crate) fn of_iavl(tree: &iavl::Tree, key: &[u8]) -> Self {
        Self {
            tree: Tree::Iavl,
            root: tree.root().to_vec(),
            key: key.to_vec(),
            proof: tree.prove(key).expect("the tree has entries"),
        }
    }

    /// What is under `name` in a simple tree.
    pub(crate) fn of_simple(entries: &simple::Entries, name: &[u8]) -> Self {
        Self {
            tree: Tree::Simple,
            root: simple::root(entries).to_vec(),
            key: name.to_vec(),
            proof: simple::prove(entries, name).expect("the tree has entries"),
        }
    }

    /// The same with another existence, whose root is believed.
    pub(crate) fn with_existence(&self, change: impl FnOnce(&mut ExistenceProof)) -> Self {
        let mut changed = self.clone();
        change(changed.existence());
        changed.root = root_of(changed.existence());
        changed.key = changed.existence().key.clone();
        changed
    }

    pub(crate) fn existence(&mut self) -> &mut ExistenceProof {
        match &mut self.proof.proof {
            Some(Proof::Exist(exists)) => exists,
            other => panic!("{other:?} is no existence"),
        }
    }

    pub(crate) fn absence(&mut self) -> &mut NonExistenceProof {
        match &mut self.proof.proof {
            Some(Proof::Nonexist(absent)) => absent,
            other => panic!("{other:?} is no absence"),
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.proof.encode_to_vec()
    }
}

/// The key of the numbered entry; the even ones are in the trees below, so that every odd one lies between two.
pub(crate) fn key(number: usize) -> Vec<u8> {
    format!("07-tendermint-0/{number:05}").into_bytes()
}

/// An IAVL tree of so many entries, written over several versions.
pub(crate) fn tree(entries: usize) -> iavl::Tree {
    let mut tree = iavl::Tree::default();
    for number in 0..entries {
        // In an order that is not that of the keys.
        tree.set(&key(2 * (number * 7919 % entries)), &number.to_be_bytes());
        if number % 9 == 8 {
            tree.save();
        }
    }
    tree.save();
    assert_eq!(tree.size(), entries as u64, "the order visits each key once");
    tree
}

/// A simple tree of so many entries.
pub(crate) fn entries(count: usize) -> simple::Entries {
    (0..count)
        .map(|number| (key(2 * number), vec![number as u8 + 1; 32]))
        .collect()
}

/// The existence that proves the numbered entry.
pub(crate) fn existence(question: &Question) -> ExistenceProof {
    question.clone().existence().clone()
}

/// A chain's stores with IBC v2 commitments in the store `ibc`, and its app hash.
pub(crate) fn chain() -> (Stores, Hash) {
    let names = [
        "acc",
        "bank",
        "capability",
        "distribution",
        "gov",
        "ibc",
        "mint",
        "staking",
        "transfer",
    ];
    let mut stores = Stores::new(names);
    for (number, name) in names.into_iter().enumerate() {
        let store = stores.get_mut(name).unwrap();
        store.set(b"params", &[number as u8 + 1; 5]);
        store.save();
    }
    let store = stores.get_mut("ibc").unwrap();
    for number in 0..40 {
        store.set(&key(2 * number), &[number as u8 + 1; 32]);
    }
    let app_hash = stores.commit();
    (stores, app_hash)
}

pub(crate) fn chain_proof(stores: &Stores, key: &[u8]) -> MerkleProof {
    stores.prove("ibc", key).unwrap()
}

/// So many random cases; a failure is printed with its input and not written into the source tree.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|set| set.parse().ok())
        .unwrap_or(cases);
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}
