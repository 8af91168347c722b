//! Bytes of a proof: one height and one proof for each leaf.

use alloc::vec::Vec;

use wire::Height;

use crate::reject::Reject;

/// What one leaf is shown; an empty proof asks it nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafProof {
    /// The height of a state that the leaf trusts.
    pub height: Height,
    /// The proof in the leaf's own encoding.
    pub proof: Vec<u8>,
}

/// Writes the proofs of all leaves, from left to right.
#[must_use]
pub fn encode_proof(proofs: &[LeafProof]) -> Vec<u8> {
    let mut out = Vec::new();
    for leaf in proofs {
        out.extend(leaf.height.revision_number.to_be_bytes());
        out.extend(leaf.height.revision_height.to_be_bytes());
        out.extend(u32::try_from(leaf.proof.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(&leaf.proof);
    }
    out
}

/// Reads the proofs of `count` leaves.
///
/// # Errors
/// [`Reject::Malformed`].
pub fn decode_proof(count: usize, bytes: &[u8]) -> Result<Vec<LeafProof>, Reject> {
    let mut rest = bytes;
    let proofs: Result<Vec<LeafProof>, Reject> = (0..count).map(|_| read(&mut rest)).collect();
    if !rest.is_empty() {
        return Err(Reject::Malformed { part: "the proof" });
    }
    proofs
}

fn read(rest: &mut &[u8]) -> Result<LeafProof, Reject> {
    let revision_number = u64::from_be_bytes(take(rest)?);
    let revision_height = u64::from_be_bytes(take(rest)?);
    let length = u32::from_be_bytes(take(rest)?);
    let malformed = Reject::Malformed { part: "the proof" };
    let length = usize::try_from(length).map_err(|_| malformed.clone())?;
    let (proof, left) = rest.split_at_checked(length).ok_or(malformed)?;
    *rest = left;
    Ok(LeafProof {
        height: Height {
            revision_number,
            revision_height,
        },
        proof: proof.to_vec(),
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Reject> {
    let (taken, left) = rest
        .split_first_chunk()
        .ok_or(Reject::Malformed { part: "the proof" })?;
    *rest = left;
    Ok(*taken)
}
