//! Bytes of the messages, both ways. Every message is consumed exactly.
//!
//! Offsets and sizes are in docs/formats/attestor.md; change them there first. The Solidity twin is the contract's own
//! reader.

use alloc::vec::Vec;

use alloy_primitives::B256;
use wire::Seconds;

use crate::reject::Reject;
use crate::set::Set;
use crate::update::{Attestation, Claim, Evidence, Rotation, Signed, Update};

/// Version of updates, and of evidence of one height.
pub const VERSION: u8 = 1;

/// Version of evidence of two heights.
const TWO_HEIGHTS: u8 = 2;

/// Second byte of an update.
const STATE: u8 = 1;
const ROTATION: u8 = 2;

/// Bytes of a signature in its two forms: that of EIP-2098, and with a recovery byte.
const COMPACT: usize = 64;
const WHOLE: usize = 65;

/// Writes an update.
#[must_use]
pub fn encode_update(update: &Update) -> Vec<u8> {
    let mut out = Vec::from([VERSION]);
    match update {
        Update::State(attestation) => {
            out.push(STATE);
            out.extend(attestation.height.to_be_bytes());
            put_claim(&mut out, &attestation.claim);
            put_signatures(&mut out, &attestation.signatures);
        }
        Update::Rotation(rotation) => {
            out.push(ROTATION);
            out.extend(rotation.nonce.to_be_bytes());
            out.extend(rotation.expiry.0.to_be_bytes());
            let words = rotation.set.to_words();
            out.push(count(rotation.set.attestors().len()));
            out.extend(words);
            put_signatures(&mut out, &rotation.signatures);
        }
    }
    out
}

/// Reads an update.
///
/// # Errors
/// [`Reject::Malformed`]; [`Reject::BadSet`] for the set of a rotation.
pub fn decode_update(bytes: &[u8]) -> Result<Update, Reject> {
    let mut input = Reader { rest: bytes };
    input.version()?;
    let update = match input.byte("the kind")? {
        STATE => {
            let height = input.height()?;
            Update::State(input.attestation(height)?)
        }
        ROTATION => {
            let nonce = input.number("the nonce")?;
            let expiry = Seconds(input.number("the expiry")?);
            let words = input.set()?;
            let signatures = input.signatures()?;
            input.finish()?;
            Update::Rotation(Rotation {
                nonce,
                expiry,
                set: Set::from_words(words)?,
                signatures,
            })
        }
        _ => return Err(Reject::Malformed { part: "the kind" }),
    };
    input.finish()?;
    Ok(update)
}

/// Writes evidence.
#[must_use]
pub fn encode_evidence(evidence: &Evidence) -> Vec<u8> {
    let Evidence { first, second } = evidence;
    let is_of_one = first.height == second.height;
    let mut out = Vec::from([if is_of_one { VERSION } else { TWO_HEIGHTS }]);
    out.extend(first.height.to_be_bytes());
    put_claim(&mut out, &first.claim);
    put_signatures(&mut out, &first.signatures);
    if !is_of_one {
        out.extend(second.height.to_be_bytes());
    }
    put_claim(&mut out, &second.claim);
    put_signatures(&mut out, &second.signatures);
    out
}

/// Reads evidence.
///
/// # Errors
/// [`Reject::Malformed`].
pub fn decode_evidence(bytes: &[u8]) -> Result<Evidence, Reject> {
    let mut input = Reader { rest: bytes };
    let version = input.byte("the version")?;
    if version != VERSION && version != TWO_HEIGHTS {
        return Err(Reject::Malformed { part: "the version" });
    }
    let height = input.height()?;
    let first = input.attestation(height)?;
    let height = if version == TWO_HEIGHTS {
        input.height_above(height)?
    } else {
        height
    };
    let second = input.attestation(height)?;
    input.finish()?;
    Ok(Evidence { first, second })
}

fn put_claim(out: &mut Vec<u8>, claim: &Claim) {
    out.extend(claim.timestamp.0.to_be_bytes());
    out.extend(claim.storage_root);
}

/// All signatures have one form: that of the first.
fn put_signatures(out: &mut Vec<u8>, signatures: &[Signed]) {
    let form = signatures
        .first()
        .map_or(COMPACT, |signed| signed.signature.len());
    out.push(count(form));
    out.push(count(signatures.len()));
    for signed in signatures {
        out.push(signed.index);
        out.extend(&signed.signature);
    }
}

/// A length in one byte. None that is larger is ever right, and what is cut here is refused where it is read.
fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, part: &'static str) -> Result<&'a [u8], Reject> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Reject::Malformed { part })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Reject> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Reject::Malformed { part })?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self, part: &'static str) -> Result<u8, Reject> {
        let [byte] = self.array(part)?;
        Ok(byte)
    }

    fn number(&mut self, part: &'static str) -> Result<u64, Reject> {
        Ok(u64::from_be_bytes(self.array(part)?))
    }

    fn version(&mut self) -> Result<(), Reject> {
        match self.byte("the version")? {
            VERSION => Ok(()),
            _ => Err(Reject::Malformed { part: "the version" }),
        }
    }

    /// A height; 0 is none.
    fn height(&mut self) -> Result<u64, Reject> {
        match self.number("the height")? {
            0 => Err(Reject::Malformed { part: "the height" }),
            height => Ok(height),
        }
    }

    /// The height of a second state: each pair has one order.
    fn height_above(&mut self, lower: u64) -> Result<u64, Reject> {
        let height = self.height()?;
        if height > lower {
            return Ok(height);
        }
        Err(Reject::Malformed {
            part: "the second height",
        })
    }

    /// What is said about a height, and who signed it.
    fn attestation(&mut self, height: u64) -> Result<Attestation, Reject> {
        Ok(Attestation {
            height,
            claim: self.claim()?,
            signatures: self.signatures()?,
        })
    }

    /// A claim; time 0 is no time.
    fn claim(&mut self) -> Result<Claim, Reject> {
        let timestamp = match self.number("the timestamp")? {
            0 => {
                return Err(Reject::Malformed {
                    part: "the timestamp",
                });
            }
            timestamp => Seconds(timestamp),
        };
        Ok(Claim {
            timestamp,
            storage_root: B256::new(self.array("the storage root")?),
        })
    }

    /// The words of a set: the threshold and one for each attestor.
    fn set(&mut self) -> Result<&'a [u8], Reject> {
        let words = usize::from(self.byte("the number of attestors")?).saturating_add(1);
        self.take(words.saturating_mul(32), "the set")
    }

    fn signatures(&mut self) -> Result<Vec<Signed>, Reject> {
        let form = usize::from(self.byte("the form of the signatures")?);
        if form != COMPACT && form != WHOLE {
            let part = "the form of the signatures";
            return Err(Reject::Malformed { part });
        }
        let count = self.byte("the number of signatures")?;
        let mut signatures = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let index = self.byte("a signer")?;
            let signature = self.take(form, "a signature")?.to_vec();
            signatures.push(Signed { index, signature });
        }
        Ok(signatures)
    }

    fn finish(&self) -> Result<(), Reject> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Reject::Malformed { part: "the end" })
    }
}
