//! A Cosmos chain as a scenario sees it: endpoints of its nodes and some funded keys. Embedded chains and chains of simd look the
//! same from here.

use super::PREFIX;
use crate::site::Role;
use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::{Key, Rpc};
use endpoints::{Limits, Pool};

/// A running chain.
#[derive(Clone, Debug)]
pub struct CosmosSite {
    /// Its name in configurations and in what is printed.
    pub name: String,
    /// Its chain id.
    pub chain_id: String,
    /// CometBFT's JSON-RPC of each of its nodes.
    pub rpc_urls: Vec<String>,
    /// Keys of accounts with [`super::STAKE`] and [`super::TOKEN`], [`Role`] by [`Role`].
    pub keys: Vec<B256>,
}

impl CosmosSite {
    /// The private key of a role.
    ///
    /// # Errors
    /// There are fewer keys than roles.
    pub fn key(&self, role: Role) -> Result<B256> {
        let mut keys = Role::ALL.iter().zip(&self.keys);
        let found = keys.find(|(of, _)| **of == role).map(|(_, key)| *key);
        found.with_context(|| format!("{} has {} keys, none for {role:?}", self.name, self.keys.len()))
    }

    /// The address of a role's account.
    ///
    /// # Errors
    /// There is no such key, or it is none of secp256k1.
    pub fn address(&self, role: Role) -> Result<String> {
        Ok(Key::new(self.key(role)?.as_slice(), PREFIX)?.address().to_owned())
    }

    /// Its first node.
    ///
    /// # Errors
    /// It has none, or its url is none.
    pub fn rpc(&self) -> Result<Rpc> {
        ensure!(!self.rpc_urls.is_empty(), "{} has no node", self.name);
        let urls = self.rpc_urls.iter().map(|url| url.parse());
        let urls = urls.collect::<Result<Vec<_>, _>>()?;
        let pool = Pool::new(&urls, Limits::default()).map_err(|error| anyhow!(error))?;
        let first = pool.endpoints().first().context("a pool without endpoints")?;
        Ok(Rpc(first.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_without_a_key_is_said_with_both_numbers() {
        let site = CosmosSite {
            name: "east".into(),
            chain_id: "east-1".into(),
            rpc_urls: Vec::new(),
            keys: vec![B256::repeat_byte(1)],
        };
        assert!(site.address(Role::Deployer).unwrap().starts_with("cosmos1"));
        let error = site.key(Role::Attacker).unwrap_err().to_string();
        assert!(error.contains("1 keys") && error.contains("Attacker"), "{error}");
        assert!(site.rpc().is_err());
    }
}
