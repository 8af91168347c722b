//! From messages to the bytes of a transaction: `SIGN_MODE_DIRECT`, one signer, a key of secp256k1.
//!
//! Pure: the same input gives the same bytes and so the same hash, also after a restart.
//! What this module must never do: print a key.

use core::fmt;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use cosmrs::proto::traits::Message;
use cosmrs::{AccountId, Any};
use sha2::{Digest, Sha256};

/// `SIGN_MODE_DIRECT`.
const DIRECT: i32 = 1;
/// Bytes of a secret key.
const SECRET_BYTES: usize = 32;
/// Bytes of a signature; a simulated transaction has as many, so that it costs what the signed one will.
const SIGNATURE_BYTES: usize = 64;

/// What signs for an account.
pub struct Key {
    signing: SigningKey,
    public: Any,
    address: AccountId,
}

/// Why bytes are no key of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// They are no secret key.
    #[error(
        "use the account's key: it is no secret key of secp256k1, which has 32 bytes, is not zero and is below the order of the curve"
    )]
    Secret,
    /// There is no address with this prefix.
    #[error(
        "use {prefix:?} as first part of addresses: it consists of small letters and digits, like \"cosmos\""
    )]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// It refused to sign.
    #[error("sign: {0}")]
    Refused(String),
}

impl Key {
    /// The key whose secret is `secret`, of an account whose address begins with `prefix`.
    ///
    /// # Errors
    /// There is no such key or no such address.
    pub fn new(secret: &[u8], prefix: &str) -> Result<Self, BadKey> {
        // The curve's own reader pads what is too short: a key that was cut would become another one.
        if secret.len() != SECRET_BYTES {
            return Err(BadKey::Secret);
        }
        let signing = SigningKey::from_slice(secret).map_err(|_| BadKey::Secret)?;
        Self::of(signing, prefix)
    }

    /// A key that is held elsewhere.
    ///
    /// # Errors
    /// There is no address with this prefix.
    pub fn of(signing: SigningKey, prefix: &str) -> Result<Self, BadKey> {
        let bad_prefix = |_| BadKey::Prefix {
            prefix: prefix.to_owned(),
        };
        let public = signing.public_key();
        Ok(Self {
            address: public.account_id(prefix).map_err(bad_prefix)?,
            public: public.to_any().map_err(|_| BadKey::Secret)?,
            signing,
        })
    }

    /// The account's address; messages name it as their signer.
    pub fn address(&self) -> &str {
        self.address.as_ref()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.address)
    }
}

/// A transaction before it is signed.
pub(crate) struct Draft<'a> {
    pub(crate) chain_id: &'a str,
    pub(crate) account_number: u64,
    pub(crate) sequence: u64,
    pub(crate) messages: &'a [Any],
    /// The last block that may hold it.
    pub(crate) timeout_height: u64,
    pub(crate) gas_limit: u64,
    /// None: nothing is paid.
    pub(crate) fee: Option<Coin>,
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: [u8; 32],
}

impl Draft<'_> {
    /// Signs it.
    pub(crate) fn sign(&self, key: &Key) -> Result<Bytes, BadKey> {
        let (body_bytes, auth_info_bytes) = self.parts(key);
        let document = SignDoc {
            body_bytes,
            auth_info_bytes,
            chain_id: self.chain_id.to_owned(),
            account_number: self.account_number,
        };
        let refused = |error: cosmrs::ErrorReport| BadKey::Refused(error.to_string());
        let signature = key.signing.sign(&document.encode_to_vec()).map_err(refused)?;
        let bytes = TxRaw {
            body_bytes: document.body_bytes,
            auth_info_bytes: document.auth_info_bytes,
            signatures: vec![signature.to_vec()],
        }
        .encode_to_vec();
        let hash = Sha256::digest(&bytes).into();
        Ok(Bytes { bytes, hash })
    }

    /// What a simulation takes in its place: as long, and worth nothing to whoever sees it.
    pub(crate) fn unsigned(&self, key: &Key) -> Vec<u8> {
        let (body_bytes, auth_info_bytes) = self.parts(key);
        TxRaw {
            body_bytes,
            auth_info_bytes,
            signatures: vec![vec![0; SIGNATURE_BYTES]],
        }
        .encode_to_vec()
    }

    fn parts(&self, key: &Key) -> (Vec<u8>, Vec<u8>) {
        let body = TxBody {
            messages: self.messages.to_vec(),
            timeout_height: self.timeout_height,
            ..TxBody::default()
        };
        let signer = SignerInfo {
            public_key: Some(key.public.clone()),
            mode_info: Some(ModeInfo {
                sum: Some(Sum::Single(Single { mode: DIRECT })),
            }),
            sequence: self.sequence,
        };
        let info = AuthInfo {
            signer_infos: vec![signer],
            fee: Some(Fee {
                amount: self.fee.iter().cloned().collect(),
                gas_limit: self.gas_limit,
                ..Fee::default()
            }),
            ..AuthInfo::default()
        };
        (body.encode_to_vec(), info.encode_to_vec())
    }
}

#[cfg(test)]
#[path = "sign_tests.rs"]
mod tests;
