//! The guardians of test networks: their keys, and what so many of them sign.
//!
//! Decides nothing about what a quorum is: a scenario says how many sign, too few if it is about a thief. The keys are
//! public, so they must never guard anything of value.

use alloy::primitives::{Address, B256, Bytes, keccak256};
use alloy::signers::{SignerSync, local::PrivateKeySigner};
use anyhow::{Context, Result};
use guardian_core::digest::{Statement, Ticket};
use wire::sign::Domain;

/// How many guardians a test network has.
pub const COUNT: u8 = 5;
/// How many of them halt what is narrow.
pub const SMALL_QUORUM: usize = 2;
/// How many of them halt what is wide, and resume.
pub const LARGE_QUORUM: usize = 3;

/// The keys of all guardians, in ascending order of their addresses.
#[derive(Clone, Debug)]
pub struct Guardians {
    keys: Vec<PrivateKeySigner>,
}

impl Guardians {
    /// The guardians of every test network.
    ///
    /// # Errors
    /// A key is none; that does not happen.
    pub fn new() -> Result<Self> {
        let mut keys = Vec::new();
        for number in 0..COUNT {
            let secret = keccak256([b"weighbridge test guardian ".as_slice(), &[number]].concat());
            keys.push(PrivateKeySigner::from_bytes(&secret).context("failed to make a guardian's key")?);
        }
        keys.sort_by_key(PrivateKeySigner::address);
        Ok(Self { keys })
    }

    /// Their addresses, as a deployment names them.
    #[must_use]
    pub fn members(&self) -> Vec<Address> {
        self.keys.iter().map(PrivateKeySigner::address).collect()
    }

    /// The key of the guardian numbered `number`, for a thief.
    ///
    /// # Errors
    /// There are not so many.
    pub(crate) fn key(&self, number: usize) -> Result<&PrivateKeySigner> {
        self.keys.get(number).context("there is no such guardian")
    }

    /// What the first `count` of them sign: the signatures of an approval, in the order in which the contract wants them.
    ///
    /// # Errors
    /// A key does not sign; that does not happen.
    pub fn sign(
        &self,
        count: usize,
        statement: Statement,
        domain: &Domain,
        ticket: Ticket,
    ) -> Result<Vec<Bytes>> {
        self.sign_digest(count, statement.digest(domain, ticket))
    }

    fn sign_digest(&self, count: usize, digest: B256) -> Result<Vec<Bytes>> {
        let keys = self.keys.iter().take(count);
        let signatures = keys.map(|key| {
            let signature = key.sign_hash_sync(&digest).context("failed to sign")?;
            Ok(Bytes::from(signature.as_bytes().to_vec()))
        });
        signatures.collect()
    }

    /// The `[guardians]` table of a deployment's data.
    #[must_use]
    pub fn table(&self) -> String {
        let members: Vec<String> = self
            .members()
            .iter()
            .map(|member| format!("\"{member:#x}\""))
            .collect();
        let members = members.join(", ");
        format!(
            "[guardians]\nmembers = [{members}]\nsmall_quorum = {SMALL_QUORUM}\nlarge_quorum = {LARGE_QUORUM}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guardian_core::quorum::{Quorum, Set};
    use guardian_core::{Scope, ScopeKind};

    #[test]
    fn a_quorum_of_them_counts_and_one_less_does_not() {
        let guardians = Guardians::new().unwrap();
        let set = Set::new(1, guardians.members(), SMALL_QUORUM, LARGE_QUORUM).unwrap();
        let scope = Scope {
            kind: ScopeKind::All,
            path: B256::ZERO,
            item: B256::ZERO,
        };
        let domain = Domain::evm(7, Address::repeat_byte(1), 1);
        let ticket = Ticket {
            nonce: 1,
            expiry: 1_800_000_000,
        };
        let statement = Statement::Halt(scope, 3600);
        let digest = statement.digest(&domain, ticket);
        let signed = |count| -> Vec<Vec<u8>> {
            let signatures = guardians.sign(count, statement, &domain, ticket).unwrap();
            signatures.iter().map(|bytes| bytes.to_vec()).collect()
        };
        assert_eq!(set.check(Quorum::Small, digest, &signed(SMALL_QUORUM)), Ok(()));
        assert_eq!(set.check(Quorum::Large, digest, &signed(LARGE_QUORUM)), Ok(()));
        assert!(
            set.check(Quorum::Large, digest, &signed(LARGE_QUORUM - 1))
                .is_err()
        );
    }
}
