//! What relayers and guardians send: a kind and a version, then the bytes of that kind.
//!
//! Must never let one message be read as two kinds, nor two encodings stand for one message. What an update or evidence
//! consists of is docs/formats/beacon.md; the rest is docs/formats/wasm.md.

use alloc::vec::Vec;

use alloy_primitives::Address;
use guardian_core::digest::Ticket;
use guardian_core::quorum::Set;

use crate::codec::{self, Reader, VERSION};
use crate::reject::Reject;

/// Length of a signature here: `r ‖ s ‖ v`.
const SIGNATURE: usize = 65;

/// Signatures of guardians over a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Any number that the set has not used.
    pub nonce: u64,
    /// The last second at which the signatures count.
    pub expiry: u64,
    /// In ascending order of the signers.
    pub signatures: Vec<[u8; SIGNATURE]>,
}

/// A set of guardians that may follow another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextSet {
    /// The small quorum.
    pub small: u8,
    /// The large quorum.
    pub large: u8,
    /// In ascending order.
    pub guardians: Vec<Address>,
}

/// What guardians say, and what completes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuardWord {
    /// Halt the client for so many seconds.
    Halt(u64, Approval),
    /// The large quorum: halt it for longer.
    Confirm(u64, Approval),
    /// The large quorum: take the halt with this number off, after a delay.
    ScheduleResume(u64, Approval),
    /// Anybody: the delay is over.
    ExecuteResume,
    /// The large quorum: this set follows ours, after a delay.
    ScheduleRotation(NextSet, Approval),
    /// Anybody: the delay is over.
    ExecuteRotation,
}

/// A client message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Moves the client forward.
    Update(Vec<u8>),
    /// Freezes it.
    Evidence(Vec<u8>),
    /// Halts it, resumes it, or changes who may.
    Guard(GuardWord),
}

impl Approval {
    /// As the law of guardians takes it.
    pub(crate) fn to_law(&self) -> guardian_core::Approval {
        guardian_core::Approval {
            ticket: Ticket {
                nonce: self.nonce,
                expiry: self.expiry,
            },
            signatures: self.signatures.iter().map(|bytes| bytes.to_vec()).collect(),
        }
    }
}

impl NextSet {
    /// The set with this number.
    ///
    /// # Errors
    /// Those of [`Set::new`].
    pub fn to_set(&self, id: u64) -> Result<Set, Reject> {
        Ok(Set::new(
            id,
            self.guardians.clone(),
            self.small.into(),
            self.large.into(),
        )?)
    }
}

impl GuardWord {
    /// The number of its kind among client messages.
    const fn kind(&self) -> u8 {
        match self {
            Self::Halt(..) => 3,
            Self::Confirm(..) => 4,
            Self::ScheduleResume(..) => 5,
            Self::ExecuteResume => 6,
            Self::ScheduleRotation(..) => 7,
            Self::ExecuteRotation => 8,
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Halt(number, approval)
            | Self::Confirm(number, approval)
            | Self::ScheduleResume(number, approval) => {
                codec::put_numbers(out, &[*number]);
                put_approval(out, approval);
            }
            Self::ScheduleRotation(set, approval) => {
                codec::put_next_set(out, set);
                put_approval(out, approval);
            }
            Self::ExecuteResume | Self::ExecuteRotation => {}
        }
    }

    fn take(kind: u8, input: &mut Reader<'_>) -> Result<Self, Reject> {
        let part = "the seconds or the number of a halt";
        Ok(match kind {
            3 => Self::Halt(input.number(part)?, take_approval(input)?),
            4 => Self::Confirm(input.number(part)?, take_approval(input)?),
            5 => Self::ScheduleResume(input.number(part)?, take_approval(input)?),
            6 => Self::ExecuteResume,
            7 => Self::ScheduleRotation(input.next_set()?, take_approval(input)?),
            8 => Self::ExecuteRotation,
            kind => return Err(Reject::UnknownKind { kind }),
        })
    }
}

impl Message {
    /// The bytes of 08-wasm's `ClientMessage`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Update(body) => [&[VERSION, 1][..], body].concat(),
            Self::Evidence(body) => [&[VERSION, 2][..], body].concat(),
            Self::Guard(word) => {
                let mut out = Vec::from([VERSION, word.kind()]);
                word.put(&mut out);
                out
            }
        }
    }

    /// Reads a client message.
    ///
    /// # Errors
    /// [`Reject::Version`], [`Reject::UnknownKind`], [`Reject::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader::versioned(bytes, "the client message")?;
        match input.byte("the client message")? {
            1 => Ok(Self::Update(input.rest().to_vec())),
            2 => Ok(Self::Evidence(input.rest().to_vec())),
            kind => {
                let word = GuardWord::take(kind, &mut input)?;
                input.end("the client message")?;
                Ok(Self::Guard(word))
            }
        }
    }
}

fn put_approval(out: &mut Vec<u8>, approval: &Approval) {
    codec::put_numbers(out, &[approval.nonce, approval.expiry]);
    codec::put_count(out, approval.signatures.len());
    for signature in &approval.signatures {
        out.extend_from_slice(signature);
    }
}

fn take_approval(input: &mut Reader<'_>) -> Result<Approval, Reject> {
    let part = "the approval";
    Ok(Approval {
        nonce: input.number(part)?,
        expiry: input.number(part)?,
        signatures: (0..input.byte(part)?)
            .map(|_| input.array(part))
            .collect::<Result<_, _>>()?,
    })
}
