//! Whose signatures count, and how much.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use wire::sign;

use crate::reject::Reject;
use crate::set::Set;
use crate::trusted::Trusted;
use crate::update::{Claim, Rotation, Signed};

/// Those who signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Their weight together.
    pub(crate) weight: u64,
    /// Those of them who have any.
    pub(crate) signers: Vec<Address>,
}

/// Counts `signatures` over `digest`. One that is wrong refuses all: nobody sends it by mistake.
pub(crate) fn count(set: &Set, digest: B256, signatures: &[Signed]) -> Result<Tally, Reject> {
    let mut tally = Tally::default();
    let mut previous = None;
    for signed in signatures {
        let index = signed.index;
        if let Some(previous) = previous.filter(|previous| *previous >= index) {
            return Err(Reject::SignerOrder { previous, index });
        }
        previous = Some(index);
        let size = set.attestors().len();
        let unknown = Reject::UnknownSigner { index, size };
        let attestor = set.attestors().get(usize::from(index)).ok_or(unknown)?;
        let expected = attestor.signer;
        let found = sign::recover(digest, &signed.signature)?;
        if found != expected {
            return Err(Reject::WrongSigner { expected, found });
        }
        tally.weight = tally.weight.saturating_add(attestor.weight);
        if attestor.weight > 0 {
            tally.signers.push(expected);
        }
    }
    Ok(tally)
}

/// Whose signature over a claim this is, as the client will name it; none if it is nobody's who counts. For those who
/// collect signatures: one wrong signature would refuse all.
///
/// Weighs nothing together: whether there are enough, [`crate::verify_update`] says.
#[must_use]
pub fn signed_by(trusted: &Trusted, height: u64, claim: &Claim, signature: &[u8]) -> Option<(Signed, u64)> {
    let digest = claim.digest(&trusted.config.domain(trusted.set_id), height);
    signer_of(trusted, digest, signature)
}

/// Whose signature under a rotation this is; see [`signed_by`]. The signatures that the rotation has already do not matter.
#[must_use]
pub fn rotation_signed_by(trusted: &Trusted, rotation: &Rotation, signature: &[u8]) -> Option<(Signed, u64)> {
    let digest = rotation.digest(&trusted.config.domain(trusted.set_id));
    signer_of(trusted, digest, signature)
}

fn signer_of(trusted: &Trusted, digest: B256, signature: &[u8]) -> Option<(Signed, u64)> {
    let signer = sign::recover(digest, signature).ok()?;
    let mut attestors = (0_u8..).zip(trusted.set.attestors());
    let (index, attestor) = attestors.find(|(_, attestor)| attestor.signer == signer)?;
    let signed = Signed {
        index,
        signature: signature.to_vec(),
    };
    (attestor.weight > 0).then_some((signed, attestor.weight))
}

/// Refuses `signatures` of less weight than the threshold.
pub(crate) fn check(set: &Set, digest: B256, signatures: &[Signed]) -> Result<(), Reject> {
    let weight = count(set, digest, signatures)?.weight;
    let threshold = set.threshold();
    if weight < threshold {
        return Err(Reject::BelowThreshold { weight, threshold });
    }
    Ok(())
}
