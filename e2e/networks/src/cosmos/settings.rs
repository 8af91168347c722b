//! What distinguishes one chain from another, and what both share.

use std::fmt;
use std::time::Duration;

use alloy_primitives::{B256, keccak256};
use scenarios::Role;
use serde::Serialize;

pub(crate) use scenarios::cosmos::{BALANCE, STAKE, TOKEN};

/// Blocks in which a validator may be missing before half of them: on a busy machine nobody must be jailed for being slow.
pub(crate) const SIGNED_BLOCKS_WINDOW: u64 = 1_000_000;
/// How long a vote on a proposal takes: within 6 s a slow machine misses it.
pub(crate) const VOTING: Duration = Duration::from_secs(20);

/// The kind of key with which the validators of a chain sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Curve {
    /// Ed25519, as nearly all chains have it.
    Ed25519,
    /// Secp256k1, which an EVM chain verifies cheaply.
    Secp256k1,
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::Secp256k1 => "secp256k1",
        })
    }
}

/// One chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosmosSettings {
    /// Its name in folders, logs and configurations.
    pub name: &'static str,
    /// Its chain id; the number behind the last hyphen is its revision.
    pub chain_id: &'static str,
    /// What its validators sign with.
    pub curve: Curve,
    /// What each validator has at stake, in millions of [`STAKE`]: its voting power. One process runs for each.
    pub stakes: Vec<u64>,
    /// How long a proposer waits for late votes: blocks come a little slower than this.
    pub commit_pause: Duration,
}

/// Two chains that differ in what they sign with.
///
/// The first validator of each has more than two thirds: a chain goes on while the second one is busy or gone, and its
/// signature is then missing in commits.
pub fn cosmos_pair() -> [CosmosSettings; 2] {
    let chain = |name, chain_id, curve| CosmosSettings {
        name,
        chain_id,
        curve,
        stakes: vec![100, 40],
        commit_pause: Duration::from_millis(500),
    };
    [
        chain("east", "east-1", Curve::Ed25519),
        chain("west", "west-1", Curve::Secp256k1),
    ]
}

/// A private key that anyone can derive, and that is therefore worth nothing.
pub(crate) fn derived(settings: &CosmosSettings, what: impl fmt::Display) -> B256 {
    keccak256(format!("weighbridge test {} {what}", settings.name))
}

impl CosmosSettings {
    /// Private keys of the accounts that are rich from genesis on, one for each role.
    pub fn keys(&self) -> Vec<B256> {
        let key = |role: &Role| derived(self, format_args!("account {role:?}"));
        Role::ALL.iter().map(key).collect()
    }

    /// The private key of the account that owns the stake of a validator.
    pub fn operator_key(&self, validator: usize) -> B256 {
        derived(self, format_args!("operator {validator}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_chains_share_no_name_id_curve_or_key() {
        let [east, west] = cosmos_pair();
        assert_ne!(east.name, west.name);
        assert_ne!(east.chain_id, west.chain_id);
        assert_ne!(east.curve, west.curve);
        let all = |chain: &CosmosSettings| {
            [chain.keys(), vec![chain.operator_key(0), chain.operator_key(1)]].concat()
        };
        let mut keys = [all(&east), all(&west)].concat();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 12);
    }

    #[test]
    fn one_validator_alone_has_more_than_two_thirds() {
        for chain in cosmos_pair() {
            let total: u64 = chain.stakes.iter().sum();
            assert!(chain.stakes.len() > 1 && chain.stakes[0] * 3 > total * 2);
        }
    }
}
