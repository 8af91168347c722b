//! A chain as a scenario sees it: two endpoints and some funded keys.
//!
//! Embedded and real chains look the same from here; a scenario that needs more than this would not run on both.

use alloy_primitives::B256;
use anyhow::{Result, ensure};
use devnet::Chain;
use serde::{Deserialize, Serialize};

/// One end of the bridge under test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Its name in configurations and in what is printed.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Ethereum JSON-RPC.
    pub rpc_url: String,
    /// Beacon REST.
    pub beacon_url: String,
    /// Funded keys, [`Role`] by [`Role`].
    pub keys: Vec<B256>,
}

/// Who acts. Every role has its own key, so that no two processes share an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Deploys contracts, creates clients and pairs them.
    Deployer,
    /// Signs for the relayer.
    Relayer,
    /// Sends and receives tokens.
    User,
    /// Tries to cheat.
    Attacker,
}

impl Role {
    /// All roles, in the order of the keys.
    pub const ALL: [Self; 4] = [Self::Deployer, Self::Relayer, Self::User, Self::Attacker];

    fn index(self) -> usize {
        match self {
            Self::Deployer => 0,
            Self::Relayer => 1,
            Self::User => 2,
            Self::Attacker => 3,
        }
    }
}

impl Site {
    /// Checks that there is a key for each role.
    ///
    /// # Errors
    /// Fewer keys than roles.
    pub fn checked(self) -> Result<Self> {
        ensure!(
            self.keys.len() >= Role::ALL.len(),
            "{} has {} funded keys, the scenarios need {}",
            self.name,
            self.keys.len(),
            Role::ALL.len()
        );
        Ok(self)
    }

    /// An embedded chain.
    ///
    /// # Errors
    /// It funds fewer keys than there are roles.
    pub fn of_embedded(name: &str, chain: &Chain) -> Result<Self> {
        let keys = chain.accounts().iter().map(|signer| signer.to_bytes());
        Self {
            name: name.to_owned(),
            chain_id: chain.chain_id(),
            rpc_url: chain.rpc_url(),
            beacon_url: chain.beacon_url(),
            keys: keys.take(Role::ALL.len()).collect(),
        }
        .checked()
    }

    /// The private key of a role.
    ///
    /// # Panics
    /// If the site was not [`Site::checked`].
    pub fn key(&self, role: Role) -> B256 {
        self.keys[role.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(keys: u8) -> Site {
        Site {
            name: "north".into(),
            chain_id: 1,
            rpc_url: String::new(),
            beacon_url: String::new(),
            keys: (1..=keys).map(B256::repeat_byte).collect(),
        }
    }

    #[test]
    fn refuses_a_site_with_fewer_keys_than_roles() {
        assert!(site(3).checked().is_err());
        let site = site(4).checked().unwrap();
        let mut keys: Vec<_> = Role::ALL.map(|role| site.key(role)).to_vec();
        keys.dedup();
        assert_eq!(keys.len(), Role::ALL.len());
    }
}
