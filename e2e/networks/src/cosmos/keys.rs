//! Keys of validators, nodes and accounts, and the files in which CometBFT reads them.

use alloy_primitives::B256;
use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use cosmrs::AccountId;
use cosmrs::crypto::secp256k1;
use ed25519_consensus::{SigningKey, VerificationKey};
use scenarios::cosmos::{PREFIX, hashed_account};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tendermint_client::testing::{Kind, Secret};

use super::settings::{CosmosSettings, Curve, derived};

pub(crate) use scenarios::cosmos::account;

/// First part of the addresses of validators.
const OPERATOR: &str = "cosmosvaloper";
/// How many bytes of a hash an address has.
const ADDRESS_BYTES: usize = 20;

/// What a validator signs blocks with.
pub(crate) struct ConsensusKey {
    curve: Curve,
    address: Vec<u8>,
    public: Vec<u8>,
    private: Vec<u8>,
}

impl ConsensusKey {
    /// The key of one validator of a chain.
    pub(crate) fn new(settings: &CosmosSettings, validator: usize) -> Result<Self> {
        let seed = derived(settings, format_args!("validator {validator}"));
        match settings.curve {
            Curve::Ed25519 => Ok(Self::ed25519(seed)),
            Curve::Secp256k1 => {
                let public = signer(&seed)?.public_key();
                Ok(Self {
                    curve: Curve::Secp256k1,
                    address: account_of(&public)?.to_bytes(),
                    public: public.to_bytes(),
                    private: seed.to_vec(),
                })
            }
        }
    }

    /// What a node is known by to its peers, beside what it signs with.
    fn of_node(settings: &CosmosSettings, validator: usize) -> Self {
        Self::ed25519(derived(settings, format_args!("node {validator}")))
    }

    /// The same, for who signs what never was.
    pub(crate) fn secret(settings: &CosmosSettings, validator: usize) -> Secret {
        let seed = derived(settings, format_args!("validator {validator}"));
        let kind = match settings.curve {
            Curve::Ed25519 => Kind::Ed25519,
            Curve::Secp256k1 => Kind::Secp256k1,
        };
        Secret::from_bytes(kind, seed.0)
    }

    fn ed25519(seed: B256) -> Self {
        let public = VerificationKey::from(&SigningKey::from(seed.0)).to_bytes();
        Self {
            curve: Curve::Ed25519,
            address: hash(&public),
            public: public.to_vec(),
            private: [seed.0, public].concat(),
        }
    }

    /// The content of `priv_validator_key.json`.
    pub(crate) fn file(&self) -> Value {
        let name = self.amino_name();
        json!({
            "address": alloy_primitives::hex::encode_upper(&self.address),
            "pub_key": { "type": format!("tendermint/PubKey{name}"), "value": BASE64_STANDARD.encode(&self.public) },
            "priv_key": self.private_key(),
        })
    }

    fn private_key(&self) -> Value {
        let name = self.amino_name();
        json!({ "type": format!("tendermint/PrivKey{name}"), "value": BASE64_STANDARD.encode(&self.private) })
    }

    /// The public key as a genesis names it.
    pub(crate) fn any(&self) -> Value {
        json!({ "@type": format!("/cosmos.crypto.{}.PubKey", self.curve), "key": BASE64_STANDARD.encode(&self.public) })
    }

    fn amino_name(&self) -> &'static str {
        match self.curve {
            Curve::Ed25519 => "Ed25519",
            Curve::Secp256k1 => "Secp256k1",
        }
    }
}

/// The content of `node_key.json`.
pub(crate) fn node_file(settings: &CosmosSettings, validator: usize) -> Value {
    json!({ "priv_key": ConsensusKey::of_node(settings, validator).private_key() })
}

/// The id by which a node's peers know it.
pub(crate) fn node_id(settings: &CosmosSettings, validator: usize) -> String {
    alloy_primitives::hex::encode(ConsensusKey::of_node(settings, validator).address)
}

/// What signs with `key` for an account.
pub(crate) fn signer(key: &B256) -> Result<secp256k1::SigningKey> {
    secp256k1::SigningKey::from_slice(key.as_slice())
        .ok()
        .context("a test key is no secret key of secp256k1")
}

/// The address of the validator whose stake the account of `key` owns.
pub(crate) fn operator(key: &B256) -> Result<AccountId> {
    address(OPERATOR, &account(key)?.to_bytes())
}

/// The address of a module's own account.
pub(crate) fn module_account(name: &str) -> Result<AccountId> {
    hashed_account(name.as_bytes())
}

fn account_of(key: &cosmrs::crypto::PublicKey) -> Result<AccountId> {
    let failed = |error| anyhow::anyhow!("a test key has no address: {error}");
    key.account_id(PREFIX).map_err(failed)
}

fn address(prefix: &str, bytes: &[u8]) -> Result<AccountId> {
    AccountId::new(prefix, bytes).map_err(|error| anyhow::anyhow!("no address of {prefix}: {error}"))
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes)
        .iter()
        .copied()
        .take(ADDRESS_BYTES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_modules_are_those_of_every_cosmos_chain() {
        let pool = module_account("bonded_tokens_pool").unwrap();
        assert_eq!(pool.as_ref(), "cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh");
    }

    #[test]
    fn an_account_and_its_validator_have_the_same_bytes() {
        let key = B256::repeat_byte(1);
        let (account, operator) = (account(&key).unwrap(), operator(&key).unwrap());
        assert_eq!(account.to_bytes(), operator.to_bytes());
        assert!(account.as_ref().starts_with("cosmos1") && operator.as_ref().starts_with("cosmosvaloper1"));
    }

    #[test]
    fn key_files_say_what_they_hold() {
        let [east, west] = super::super::settings::cosmos_pair();
        for (chain, name, private, public) in [(east, "Ed25519", 64, 32), (west, "Secp256k1", 32, 33)] {
            let key = ConsensusKey::new(&chain, 0).unwrap();
            let file = key.file();
            let signer = ConsensusKey::secret(&chain, 0);
            assert_eq!(
                signer.address(),
                key.address,
                "who forges has the validator's own key"
            );
            assert_eq!(file["priv_key"]["type"], format!("tendermint/PrivKey{name}"));
            let bytes = |field: &str| {
                BASE64_STANDARD
                    .decode(file[field]["value"].as_str().unwrap())
                    .unwrap()
            };
            assert_eq!(
                (bytes("priv_key").len(), bytes("pub_key").len()),
                (private, public)
            );
            assert_eq!(file["address"].as_str().unwrap().len(), 2 * ADDRESS_BYTES);
            assert_eq!(node_id(&chain, 0).len(), 2 * ADDRESS_BYTES);
            assert_ne!(node_id(&chain, 0), node_id(&chain, 1));
        }
    }
}
