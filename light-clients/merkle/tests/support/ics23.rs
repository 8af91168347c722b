//! Good proofs of Cosmos stores, read from the shared vectors, and edits of them.

use alloy_primitives::B256;
use ics23::commitment_proof::Proof;
use ics23::{
    CommitmentProof, ExistenceProof, HostFunctionsManager, NonExistenceProof, calculate_existence_root,
};
use merkle::ics23::{Fault, Tree, prove, prove_in};
use merkle::{Proven, Reject};
use prost::Message;
use serde_json::Value;

/// A question, and the proof that answers it.
#[derive(Clone)]
pub(crate) struct Good {
    pub(crate) tree: Tree,
    pub(crate) root: B256,
    pub(crate) key: Vec<u8>,
    pub(crate) proof: CommitmentProof,
}

/// The vector with this content.
fn read(text: &str) -> impl Fn(&str) -> Vec<u8> + use<> {
    let file: Value = serde_json::from_str(text).unwrap();
    move |field| hex::decode(&file[field].as_str().unwrap()[2..]).unwrap()
}

impl Good {
    fn of(tree: Tree, text: &str) -> Self {
        let field = read(text);
        Self {
            tree,
            root: B256::from_slice(&field("root")),
            key: field("key"),
            proof: CommitmentProof::decode(field("proof").as_slice()).unwrap(),
        }
    }

    /// An entry in the middle of an IAVL tree of 40.
    pub(crate) fn iavl() -> Self {
        Self::of(
            Tree::Iavl,
            include_str!("../../../vectors/ics23/accept/iavl_of_040_middle.json"),
        )
    }

    /// The first entry of the same.
    pub(crate) fn first_of_iavl() -> Self {
        Self::of(
            Tree::Iavl,
            include_str!("../../../vectors/ics23/accept/iavl_of_040_first.json"),
        )
    }

    /// A gap in the middle of the same.
    pub(crate) fn iavl_gap() -> Self {
        Self::of(
            Tree::Iavl,
            include_str!("../../../vectors/ics23/accept/iavl_of_040_middle_gap.json"),
        )
    }

    /// An entry in the middle of a simple tree of 20.
    pub(crate) fn simple() -> Self {
        Self::of(
            Tree::Simple,
            include_str!("../../../vectors/ics23/accept/simple_of_020_middle.json"),
        )
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.proof.encode_to_vec()
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

    /// The verdict about these bytes in place of the proof's.
    pub(crate) fn verdict_on(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        owned(prove_in(self.tree, self.root, &self.key, bytes))
    }

    pub(crate) fn verdict(&self) -> Result<Option<Vec<u8>>, Fault> {
        self.verdict_on(&self.bytes())
    }

    /// The verdict about the existence with this edit, under the root that it leads to then.
    pub(crate) fn verdict_with(
        mut self,
        edit: impl FnOnce(&mut ExistenceProof),
    ) -> Result<Option<Vec<u8>>, Fault> {
        edit(self.existence());
        let root = calculate_existence_root::<HostFunctionsManager>(self.existence()).unwrap();
        self.root = B256::from_slice(&root);
        self.key = self.existence().key.clone();
        self.verdict()
    }
}

/// A chain of proofs about a key in the store `ibc`.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) app_hash: B256,
    pub(crate) store: Vec<u8>,
    pub(crate) key: Vec<u8>,
    /// Encoded, the store's first.
    pub(crate) proofs: Vec<Vec<u8>>,
}

/// `ibc.core.commitment.v1.MerkleProof`, its proofs as bytes.
#[derive(Clone, PartialEq, Message)]
struct Encoded {
    #[prost(bytes = "vec", repeated, tag = "1")]
    proofs: Vec<Vec<u8>>,
}

impl Chain {
    pub(crate) fn good() -> Self {
        let field = read(include_str!("../../../vectors/ics23/accept/chain_present.json"));
        Self {
            app_hash: B256::from_slice(&field("root")),
            store: field("store"),
            key: field("key"),
            proofs: Encoded::decode(field("proof").as_slice()).unwrap().proofs,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let proofs = self.proofs.clone();
        Encoded { proofs }.encode_to_vec()
    }

    pub(crate) fn verdict(&self) -> Result<Option<Vec<u8>>, Fault> {
        owned(prove(self.app_hash, &self.store, &self.key, &self.bytes()))
    }
}

fn owned(verdict: Result<Proven<'_>, Reject>) -> Result<Option<Vec<u8>>, Fault> {
    match verdict {
        Ok(Proven::Present(value)) => Ok(Some(value.to_vec())),
        Ok(Proven::Absent) => Ok(None),
        Err(Reject::Ics23(fault)) => Err(fault),
        Err(other) => panic!("{other:?} is none of its rules"),
    }
}
