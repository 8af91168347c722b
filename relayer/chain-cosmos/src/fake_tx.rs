//! A transaction as the fake chain reads it, verified by another library than the one that signs.

use crate::fake_node::{CHAIN_ID, GAS_BASE, GAS_MESSAGE, POISON, Sdk};
use cosmrs::AccountId;
use cosmrs::proto::cosmos::crypto::secp256k1::PubKey;
use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, SignDoc, TxBody, TxRaw};
use cosmrs::proto::traits::Message;
use k256::ecdsa::signature::Verifier;
use k256::ecdsa::{Signature, VerifyingKey};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

#[derive(Clone)]
pub(crate) struct Decoded {
    pub(crate) hash: [u8; 32],
    raw: TxRaw,
    pub(crate) bytes: Vec<u8>,
    pub(crate) body: TxBody,
    info: AuthInfo,
    pub(crate) address: String,
}

impl Decoded {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let raw = TxRaw::decode(bytes).unwrap();
        let info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
        let key = PubKey::decode(&*info.signer_infos[0].public_key.as_ref().unwrap().value).unwrap();
        let key = ripemd(&key.key);
        Self {
            hash: Sha256::digest(bytes).into(),
            body: TxBody::decode(raw.body_bytes.as_slice()).unwrap(),
            address: AccountId::new("cosmos", &key).unwrap().to_string(),
            bytes: bytes.to_vec(),
            raw,
            info,
        }
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.info.signer_infos[0].sequence
    }

    pub(crate) fn gas(&self) -> u64 {
        GAS_BASE + GAS_MESSAGE * self.body.messages.len() as u64
    }

    pub(crate) fn gas_wanted(&self) -> u64 {
        self.info.fee.as_ref().unwrap().gas_limit
    }

    pub(crate) fn fee(&self) -> u128 {
        let coins = &self.info.fee.as_ref().unwrap().amount;
        coins.first().map_or(0, |coin| coin.amount.parse().unwrap())
    }

    pub(crate) fn poison(&self) -> Result<(), Sdk> {
        match self
            .body
            .messages
            .iter()
            .position(|message| message.value.windows(POISON.len()).any(|part| part == POISON))
        {
            None => Ok(()),
            Some(index) => Err((
                18,
                format!("failed to execute message; message index: {index}: poisoned: invalid request"),
            )),
        }
    }

    pub(crate) fn verify(&self, number: u64) -> Result<(), Sdk> {
        let doc = SignDoc {
            body_bytes: self.raw.body_bytes.clone(),
            auth_info_bytes: self.raw.auth_info_bytes.clone(),
            chain_id: CHAIN_ID.into(),
            account_number: number,
        };
        let key = PubKey::decode(&*self.info.signer_infos[0].public_key.as_ref().unwrap().value).unwrap();
        let signature = Signature::from_slice(&self.raw.signatures[0]).unwrap();
        assert!(
            signature.normalize_s().is_none(),
            "a high s is refused by the SDK"
        );
        VerifyingKey::from_sec1_bytes(&key.key)
            .unwrap()
            .verify(&doc.encode_to_vec(), &signature)
            .map_err(|_| {
                let text = format!("signature verification failed; please verify account number ({number}), sequence (0) and chain-id ({CHAIN_ID}): unauthorized");
                (4, text)
            })
    }
}

fn ripemd(key: &[u8]) -> [u8; 20] {
    Ripemd160::digest(Sha256::digest(key)).into()
}
