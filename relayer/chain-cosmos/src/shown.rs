//! A value with the proof of it, as a node shows it.
//!
//! What this module must never do: hand on a proof that does not show the value under the root that it is for.

use crate::cosmos::Cosmos;
use crate::ibc::MerkleProof;
use crate::lacking::had;
use crate::proofs::IBC;
use crate::roots::Root;
use crate::rpc::Rpc;
use core::fmt::Display;
use endpoints::Complaint;
use merkle::{Proven, ics23};
use prost::Message;

/// A value with the proof of it.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Empty = nothing is there.
    pub(crate) value: Vec<u8>,
    /// `ibc.core.commitment.v1.MerkleProof`.
    pub(crate) proof: Vec<u8>,
}

impl Shown {
    /// What the node has under `key` for a client that stands at `root`, judged as that client will.
    ///
    /// - `name`: of the key, for people.
    pub(crate) async fn ask(
        chain: &Cosmos,
        rpc: &Rpc,
        root: Root,
        key: &[u8],
        name: &impl Display,
    ) -> Result<Self, Complaint> {
        // The header has the root of the state after the block before it.
        let block = root.height.revision_height.saturating_sub(1).max(1);
        let answered = rpc.prove(IBC, key, block).await;
        let proven = had(rpc, answered, "a proof", chain.at(block)).await?;
        let proof = MerkleProof {
            proofs: proven.proofs,
        };
        let shown = Self {
            value: proven.value,
            proof: proof.encode_to_vec(),
        };
        shown.check(root, key, name)?;
        Ok(shown)
    }

    /// The proof shows that value under that root.
    fn check(&self, root: Root, key: &[u8], name: &impl Display) -> Result<(), Complaint> {
        let proven = ics23::prove(root.app_hash, IBC.as_bytes(), key, &self.proof);
        let proven = proven.map_err(|reject| {
            Complaint::malformed(format!(
                "its proof of {name} does not fit {root}: failed to {reject}"
            ))
        })?;
        let found: &[u8] = match proven {
            Proven::Present(value) => value,
            Proven::Absent => &[],
        };
        if found == self.value {
            return Ok(());
        }
        Err(Complaint::malformed(format!(
            "it says that {} bytes are under {name}, and proves {} others by {root}",
            self.value.len(),
            found.len()
        )))
    }
}
