//! What attestors sign, and the messages that carry it.

use alloc::vec::Vec;
use core::cmp::Ordering;

use alloy_primitives::B256;
use wire::Seconds;
use wire::sign::{self, Domain, Kind};

use crate::set::Set;

/// For how long the signatures under a rotation may count: 30 days.
pub const ROTATION_VALIDITY_MAX: Seconds = Seconds(30 * 24 * 60 * 60);

/// What is said about one height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The state's time; never zero.
    pub timestamp: Seconds,
    /// Root of the counterparty router's storage.
    pub storage_root: B256,
}

/// One signature and whose it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The attestor's place in the set, from 0.
    pub index: u8,
    /// 65 bytes, or the 64 of EIP-2098.
    pub signature: Vec<u8>,
}

/// A state and those who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Height on the counterparty chain; never zero.
    pub height: u64,
    /// What is said about it.
    pub claim: Claim,
    /// Who signed, in strictly rising order.
    pub signatures: Vec<Signed>,
}

/// The next set and those of the present set who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Number of rotations accepted before it.
    pub nonce: u64,
    /// The first moment at which the signatures no longer count.
    pub expiry: Seconds,
    /// The next set.
    pub set: Set,
    /// Who signed, in strictly rising order.
    pub signatures: Vec<Signed>,
}

/// What moves the client forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// A state to believe.
    State(Attestation),
    /// A set to follow.
    Rotation(Rotation),
}

/// Two states, each with those who signed it, of which one chain can have but one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One state.
    pub first: Attestation,
    /// Another of the same height, or one that is higher and earlier.
    pub second: Attestation,
}

impl Attestation {
    /// What attestors sign.
    #[must_use]
    pub fn digest(&self, domain: &Domain) -> B256 {
        self.claim.digest(domain, self.height)
    }
}

impl Evidence {
    /// The two cannot be of one chain: two claims about one height, or a higher block that is earlier. Blocks of one second
    /// are honest.
    pub(crate) fn is_contradiction(&self) -> bool {
        let (first, second) = (&self.first, &self.second);
        match first.height.cmp(&second.height) {
            Ordering::Equal => first.claim != second.claim,
            Ordering::Less => first.claim.timestamp > second.claim.timestamp,
            Ordering::Greater => false,
        }
    }
}

impl Claim {
    /// What attestors sign.
    #[must_use]
    pub fn digest(&self, domain: &Domain, height: u64) -> B256 {
        let statement = [
            sign::word(height),
            sign::seconds(self.timestamp),
            self.storage_root,
        ];
        domain.digest(Kind::AttestedState, &statement)
    }
}

impl Rotation {
    /// What attestors sign.
    #[must_use]
    pub fn digest(&self, domain: &Domain) -> B256 {
        let statement = [
            self.set.hash(),
            sign::word(self.nonce),
            sign::seconds(self.expiry),
        ];
        domain.digest(Kind::AttestorRotation, &statement)
    }
}
