//! What attestors and guardians sign, and whose signature it is.
//!
//! Decides the digest of a statement and the address that signed a digest. It must never say whose signature counts:
//! sets, weights and quorums are the business of those who ask.
//!
//! A digest is Keccak-256 over seven words of 32 bytes: [`TAG`], [`VERSION`], the kind, the host chain, the contract that
//! verifies, the number of its set of signers, and Keccak-256 over the words of the statement. Nothing in it has a
//! variable length, so two statements never have one digest; a signature made for one chain, contract, set or kind says
//! nothing on another. Spec: docs/formats/signatures.md. Twins: `Domain.sol` and `Signatures.sol`.

use crate::{Reject, Seconds};
use alloy_primitives::{Address, B256, Keccak256, U256, uint};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

/// First word of every digest. Byte 0x19 begins no transaction and no RLP list (EIP-191), so a signature over a statement
/// never moves anything else that the key may own.
pub const TAG: B256 = B256::new(*b"\x19Weighbridge statement\0\0\0\0\0\0\0\0\0\0");

/// Second word of every digest.
pub const VERSION: u64 = 1;

/// Half the order of the curve: the highest `s` that counts.
const LOW_S_MAX: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Attestors: a state of the counterparty chain.
    AttestedState,
    /// Attestors: the set that follows theirs.
    AttestorRotation,
    /// Guardians: halt a scope.
    GuardianHalt,
    /// Guardians: keep a scope halted for longer.
    GuardianConfirm,
    /// Guardians: start a scope again.
    GuardianResume,
    /// Guardians: cancel a transfer on hold.
    GuardianCancel,
    /// Guardians of a client that no contract of ours guards: the set that follows theirs.
    GuardianRotation,
}

impl Kind {
    /// The number in the digest; 0 is no kind.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::AttestedState => 1,
            Self::AttestorRotation => 2,
            Self::GuardianHalt => 3,
            Self::GuardianConfirm => 4,
            Self::GuardianResume => 5,
            Self::GuardianCancel => 6,
            Self::GuardianRotation => 7,
        }
    }
}

/// Where a signature counts, and only there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The chain that hosts the contract: its EIP-155 id as a word; a chain with a name has the name's Keccak-256.
    pub chain: B256,
    /// The contract that verifies: its address as a word.
    pub contract: B256,
    /// Number of the set of signers.
    pub set: u64,
}

impl Domain {
    /// The domain of a contract on an EVM chain.
    #[must_use]
    pub fn evm(chain_id: u64, contract: Address, set: u64) -> Self {
        Self {
            chain: word(chain_id),
            contract: contract.into_word(),
            set,
        }
    }

    /// What is signed.
    ///
    /// - `statement`: its words, in the order that the kind prescribes.
    #[must_use]
    pub fn digest(&self, kind: Kind, statement: &[B256]) -> B256 {
        let words = [
            TAG,
            word(VERSION),
            word(kind.number()),
            self.chain,
            self.contract,
            word(self.set),
            hash(statement),
        ];
        hash(&words)
    }
}

/// A number as a word.
#[must_use]
pub fn word(number: u64) -> B256 {
    B256::new(U256::from(number).to_be_bytes())
}

/// A moment or a duration as a word.
#[must_use]
pub fn seconds(time: Seconds) -> B256 {
    word(time.0)
}

/// The address that signed `digest`.
///
/// - `signature`: 65 bytes `r ‖ s ‖ v` with `v` 27 or 28, or the 64 bytes `r ‖ yParityAndS` of EIP-2098.
///
/// # Errors
/// [`Reject::SignatureLength`], [`Reject::RecoveryByte`], [`Reject::HighS`], [`Reject::Unrecoverable`].
pub fn recover(digest: B256, signature: &[u8]) -> Result<Address, Reject> {
    let (r, s, is_odd) = split(signature)?;
    if U256::from_be_bytes(s.0) > LOW_S_MAX {
        return Err(Reject::HighS { s });
    }
    let unrecoverable = Reject::Unrecoverable { digest };
    let Ok(signature) = Signature::from_scalars(r.0, s.0) else {
        return Err(unrecoverable);
    };
    let parity = RecoveryId::new(is_odd, false);
    match VerifyingKey::recover_from_prehash(digest.as_slice(), &signature, parity) {
        Ok(key) => Ok(address_of(&key)),
        Err(_) => Err(unrecoverable),
    }
}

/// The address of a public key: the last 20 bytes of Keccak-256 over its two coordinates.
fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    let mut coordinates = Keccak256::new();
    for coordinate in [point.x(), point.y()].into_iter().flatten() {
        coordinates.update(coordinate);
    }
    Address::from_word(coordinates.finalize())
}

/// `r`, `s`, and whether the point that was hidden in `r` has an odd y.
fn split(signature: &[u8]) -> Result<(B256, B256, bool), Reject> {
    let length = signature.len();
    let malformed = Reject::SignatureLength { length };
    let Some((r, rest)) = signature.split_first_chunk::<32>() else {
        return Err(malformed);
    };
    let Some((s, last)) = rest.split_first_chunk::<32>() else {
        return Err(malformed);
    };
    let (r, s) = (B256::new(*r), B256::new(*s));
    match last {
        [] => {
            // EIP-2098: a low s leaves its highest bit free for the parity.
            let both = U256::from_be_bytes(s.0);
            let mut s = both;
            s.set_bit(255, false);
            Ok((r, B256::from(s), both.bit(255)))
        }
        [27] => Ok((r, s, false)),
        [28] => Ok((r, s, true)),
        [v] => Err(Reject::RecoveryByte { v: *v }),
        _ => Err(malformed),
    }
}

fn hash(words: &[B256]) -> B256 {
    let mut hasher = Keccak256::new();
    for word in words {
        hasher.update(word);
    }
    hasher.finalize()
}
