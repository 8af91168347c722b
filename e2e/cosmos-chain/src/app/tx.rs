//! A transaction in bytes: `TxRaw` of the SDK, read strictly.

use cosmrs::Any;
use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody, TxRaw};
use sha2::{Digest, Sha256};

use super::messages::Message;
use super::refused::{Answer, Refused, sdk};

/// A transaction that can be read.
#[derive(Clone, Debug)]
pub(crate) struct Tx {
    pub(crate) bytes: Vec<u8>,
    pub(crate) raw: TxRaw,
    pub(crate) body: TxBody,
    pub(crate) auth: AuthInfo,
    pub(crate) messages: Vec<Message>,
}

/// The hash by which a transaction is known.
pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Tx {
    /// Reads a transaction.
    pub(crate) fn decode(bytes: &[u8]) -> Answer<Self> {
        let raw: TxRaw = exactly(bytes)?;
        let body: TxBody = exactly(&raw.body_bytes)?;
        let auth: AuthInfo = exactly(&raw.auth_info_bytes)?;
        let messages: Answer<Vec<Message>> = body.messages.iter().map(Message::decode).collect();
        Ok(Self {
            bytes: bytes.to_vec(),
            messages: messages?,
            raw,
            body,
            auth,
        })
    }

    pub(crate) fn fee(&self) -> Fee {
        self.auth.fee.clone().unwrap_or_default()
    }

    pub(crate) fn gas_wanted(&self) -> u64 {
        self.fee().gas_limit
    }

    /// Those who must sign: of each message its signer, everyone once.
    pub(crate) fn signers(&self) -> Vec<String> {
        let mut signers: Vec<String> = Vec::new();
        for message in &self.messages {
            let signer = message.signer();
            if !signers.contains(signer) {
                signers.push(signer.clone());
            }
        }
        signers
    }
}

/// A message that holds nothing unknown.
pub(crate) fn exactly<M: prost::Message + Default>(bytes: &[u8]) -> Answer<M> {
    let read = M::decode(bytes).map_err(|error| unreadable(&error.to_string()))?;
    if read.encode_to_vec() != bytes {
        return Err(unreadable("errUnknownField, or fields in another order"));
    }
    Ok(read)
}

/// A message in an `Any` of a transaction.
pub(crate) fn packed<M: prost::Message + Default>(any: &Any) -> Answer<M> {
    exactly(&any.value)
}

pub(crate) fn unreadable(why: &str) -> Refused {
    sdk::TX_DECODE.because(format_args!("{why}: tx parse error"))
}
