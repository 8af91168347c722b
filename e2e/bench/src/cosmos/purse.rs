//! An account that signs beforehand: its transactions are counted here, and cost no question when they leave.

use super::ground::served;
use super::watch::Look;
use alloy::primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::Rpc;
use cosmrs::Any;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::traits::Message;
use cosmrs::tx::{Body, Fee, SignDoc, SignerInfo};

const ACCOUNT_QUERY: &str = "/cosmos.auth.v1beta1.Query/Account";
/// First part of addresses.
const PREFIX: &str = "cosmos";
/// Gas for one message and for a transaction, ample: it costs nothing here, and one that lacks gas would measure nothing.
const GAS_PER_MESSAGE: u64 = 400_000;
const GAS_PER_TX: u64 = 2_000_000;

/// The account.
pub(super) struct Purse {
    key: SigningKey,
    /// Its address.
    pub(super) address: String,
    chain_id: String,
    number: u64,
    sequence: u64,
}

impl Purse {
    /// Asks a node how far the account of `key` is. Nobody else may send from it while this lives.
    pub(super) async fn open(rpc: &Rpc, chain_id: &str, key: &B256) -> Result<Self> {
        let key = SigningKey::from_slice(key.as_slice()).map_err(|_| anyhow!("a test key is none"))?;
        let address = key.public_key().account_id(PREFIX);
        let address = address.map_err(|error| anyhow!("a test key has no address: {error}"))?;
        let (_, account) = account(rpc, address.as_ref()).await?;
        Ok(Self {
            key,
            address: address.to_string(),
            chain_id: chain_id.to_owned(),
            number: account.account_number,
            sequence: account.sequence,
        })
    }

    /// The next transaction of the account.
    pub(super) fn sign(&mut self, messages: Vec<Any>) -> Result<Vec<u8>> {
        let failed = |error| anyhow!("failed to sign: {error}");
        let fee = Fee {
            amount: Vec::new(),
            gas_limit: GAS_PER_TX + GAS_PER_MESSAGE * messages.len() as u64,
            payer: None,
            granter: None,
        };
        let signer = SignerInfo::single_direct(Some(self.key.public_key()), self.sequence);
        let chain_id = self
            .chain_id
            .parse()
            .map_err(|error| anyhow!("{} is no chain id: {error}", self.chain_id))?;
        let document = SignDoc::new(
            &Body::new(messages, "", 0u32),
            &signer.auth_info(fee),
            &chain_id,
            self.number,
        );
        let signed = document.and_then(|document| document.sign(&self.key));
        let bytes = signed.and_then(|signed| signed.to_bytes()).map_err(failed)?;
        self.sequence += 1;
        Ok(bytes)
    }

    /// Whose transactions were signed so far, to be looked for when they are handed over.
    pub(super) fn signed(&self) -> SignedUpTo {
        SignedUpTo {
            address: self.address.clone(),
            sequence: self.sequence,
        }
    }

    /// As many transactions as `messages` fill.
    pub(super) fn sign_all(&mut self, messages: &[Any], per_tx: usize) -> Result<Vec<Vec<u8>>> {
        let chunks = messages.chunks(per_tx);
        chunks.map(|messages| self.sign(messages.to_vec())).collect()
    }
}

/// All transactions of an account below a sequence.
pub(super) struct SignedUpTo {
    address: String,
    sequence: u64,
}

impl SignedUpTo {
    /// Whether all of them are in blocks.
    pub(super) async fn look(&self, rpc: &Rpc) -> Result<Look> {
        let (height, account) = account(rpc, &self.address).await?;
        Ok(Look {
            height,
            may_be_over: account.sequence >= self.sequence,
        })
    }
}

/// The account of `address`, and the block after which it is so.
async fn account(rpc: &Rpc, address: &str) -> Result<(u64, BaseAccount)> {
    let ask = QueryAccountRequest {
        address: address.to_owned(),
    };
    let answer = served(rpc.query(ACCOUNT_QUERY, &ask.encode_to_vec(), None).await)?;
    let found = QueryAccountResponse::decode(answer.value.as_slice())?.account;
    let found = found.with_context(|| format!("there is no account {address}"))?;
    Ok((answer.height, BaseAccount::decode(found.value.as_slice())?))
}

/// Hands transactions to a node, one after the other.
///
/// # Errors
/// It does not answer, or does not take one.
pub(super) async fn hand_over(rpc: &Rpc, transactions: &[Vec<u8>]) -> Result<()> {
    for (position, transaction) in transactions.iter().enumerate() {
        let said = served(rpc.broadcast(transaction).await)?;
        ensure!(
            said.code == 0,
            "transaction {position} of {} was refused: {} of {}: {}",
            transactions.len(),
            said.code,
            said.codespace,
            said.log
        );
    }
    Ok(())
}
