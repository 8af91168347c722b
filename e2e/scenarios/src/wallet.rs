//! An account at a chain: reads, sends, and waits for its receipts.
//!
//! Decides that a transaction that reverts is an error with the node's reason in it. It must never hide one.

use crate::site::{Role, Site};
use alloy::{
    network::{EthereumWallet, ReceiptResponse, TransactionBuilder},
    primitives::{Address, Bytes, TxHash},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::{BlockId, BlockNumberOrTag, TransactionReceipt, TransactionRequest},
    signers::local::PrivateKeySigner,
};
use anyhow::{Context, Result};
use std::time::Duration;

/// How long a transaction may take to be included: a real network on a busy machine misses slots in a row.
const INCLUSION_LIMIT: Duration = Duration::from_secs(300);
/// What is offered for each gas beyond the base fee, and at most in all, in wei. Explicit, for what a node suggests after ten
/// empty blocks is less than its own block builder takes, and the transaction waits for ever.
const TIP_WEI: u128 = 1_000_000_000;
const FEE_WEI_MAX: u128 = 100 * TIP_WEI;
/// What is added to an estimate of gas, as a part of it. As every wallet does: what a bucket of a limit writes depends on the
/// second, and an estimate is made in an earlier one.
const GAS_MARGIN_PARTS: u64 = 5;
/// How often a receipt is asked for.
const RECEIPT_INTERVAL: Duration = Duration::from_millis(25);

/// One account at one chain.
#[derive(Clone, Debug)]
pub struct Wallet {
    /// The provider that signs with the account's key.
    pub provider: DynProvider,
    /// The account.
    pub address: Address,
}

impl Wallet {
    /// The account of a role at a site.
    ///
    /// # Errors
    /// The key or the URL is not one.
    pub fn of(site: &Site, role: Role) -> Result<Self> {
        let signer = PrivateKeySigner::from_bytes(&site.key(role))
            .with_context(|| format!("the key of {role:?} at {} is not a secp256k1 key", site.name))?;
        Self::with_key(site, signer)
    }

    /// The account of any key at a site.
    ///
    /// # Errors
    /// The URL is none.
    pub(crate) fn with_key(site: &Site, signer: PrivateKeySigner) -> Result<Self> {
        let address = signer.address();
        let url = site
            .rpc_url
            .parse()
            .with_context(|| format!("{} is no URL", site.rpc_url))?;
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::new(signer))
            .connect_http(url)
            .erased();
        Ok(Self { provider, address })
    }

    /// Sends `request` and waits until it is in a block.
    ///
    /// # Errors
    /// The node refuses it, it is not included in time, or it reverts.
    pub async fn send(&self, request: TransactionRequest) -> Result<TransactionReceipt> {
        let receipt = self.try_send(request.clone()).await?;
        self.check_done(request, &receipt).await?;
        Ok(receipt)
    }

    /// Sends all of `requests` before it waits until they are in blocks, in their order.
    ///
    /// # Errors
    /// As [`Wallet::send`], of any of them.
    pub(crate) async fn send_all(
        &self,
        requests: Vec<TransactionRequest>,
    ) -> Result<Vec<TransactionReceipt>> {
        let mut hashes = Vec::with_capacity(requests.len());
        for request in &requests {
            hashes.push(self.submit(request.clone()).await?);
        }
        let mut receipts = Vec::with_capacity(hashes.len());
        for (request, hash) in requests.into_iter().zip(hashes) {
            let receipt = self.included(hash).await?;
            self.check_done(request, &receipt).await?;
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    /// The transaction of `request` did not revert.
    async fn check_done(&self, request: TransactionRequest, receipt: &TransactionReceipt) -> Result<()> {
        if receipt.status() {
            return Ok(());
        }
        // Asked again for its reason, which a receipt does not tell.
        let at = receipt.block_number.unwrap_or_default().into();
        let again = self.provider.call(request.with_from(self.address)).block(at);
        let reason = match again.await {
            Ok(_) => "it would not in the state behind it".to_owned(),
            Err(error) => error.to_string(),
        };
        anyhow::bail!(
            "transaction {} reverted after {} gas: {reason}",
            receipt.transaction_hash,
            receipt.gas_used
        )
    }

    /// Like [`Wallet::send`], for a transaction that may revert on chain.
    ///
    /// # Errors
    /// The node refuses it, or it is not included in time.
    pub async fn try_send(&self, request: TransactionRequest) -> Result<TransactionReceipt> {
        let hash = self.submit(request).await?;
        self.included(hash).await
    }

    /// Hands `request` to the node, behind all of this account that the node has already.
    async fn submit(&self, request: TransactionRequest) -> Result<TxHash> {
        let request = request
            .with_from(self.address)
            .with_max_priority_fee_per_gas(TIP_WEI)
            .with_max_fee_per_gas(FEE_WEI_MAX);
        let request = match request.gas {
            Some(_) => request,
            None => {
                let estimate = self.provider.estimate_gas(request.clone()).await?;
                request.with_gas_limit(estimate + estimate / GAS_MARGIN_PARTS)
            }
        };
        Ok(*self.provider.send_transaction(request).await?.tx_hash())
    }

    /// Waits until the transaction is in a block.
    async fn included(&self, hash: TxHash) -> Result<TransactionReceipt> {
        let wait = async {
            loop {
                if let Some(receipt) = self.provider.get_transaction_receipt(hash).await? {
                    return anyhow::Ok(receipt);
                }
                tokio::time::sleep(RECEIPT_INTERVAL).await;
            }
        };
        tokio::time::timeout(INCLUSION_LIMIT, wait)
            .await
            .with_context(|| {
                format!(
                    "transaction {hash} was not included within {} s",
                    INCLUSION_LIMIT.as_secs()
                )
            })?
    }

    /// Deploys `code` with the ABI-encoded `arguments` of its constructor.
    ///
    /// # Errors
    /// As [`Wallet::send`].
    pub async fn deploy(&self, code: &Bytes, arguments: &[u8]) -> Result<Address> {
        let creation = [code.as_ref(), arguments].concat();
        let receipt = self
            .send(TransactionRequest::default().with_deploy_code(creation))
            .await?;
        receipt
            .contract_address()
            .context("the receipt of a deployment names no contract")
    }

    /// Calls `to` and waits until the call is in a block.
    ///
    /// # Errors
    /// As [`Wallet::send`].
    pub async fn call(&self, to: Address, data: Vec<u8>) -> Result<TransactionReceipt> {
        self.send(TransactionRequest::default().with_to(to).with_input(data))
            .await
    }

    /// What a call of this account would revert with in the state after block `at`; an error without data has none.
    ///
    /// # Errors
    /// It would not revert, or the node does not answer.
    pub(crate) async fn revert_of(&self, request: TransactionRequest, at: u64) -> Result<Bytes> {
        let refusal = self.refusal_in(request, at.into()).await?;
        refusal.context("it would go through")
    }

    /// What a call of this account would revert with now, if it would.
    ///
    /// # Errors
    /// The node does not answer, or with an error that has no data.
    pub async fn refusal_of(&self, request: TransactionRequest) -> Result<Option<Bytes>> {
        self.refusal_in(request, BlockId::latest()).await
    }

    async fn refusal_in(&self, request: TransactionRequest, at: BlockId) -> Result<Option<Bytes>> {
        let request = request.with_from(self.address);
        match self.provider.call(request).block(at).await {
            Ok(_) => Ok(None),
            Err(error) => {
                let data = error.as_error_resp().and_then(|payload| payload.as_revert_data());
                let data = data.with_context(|| format!("failed to ask for a revert: {error}"))?;
                Ok(Some(data))
            }
        }
    }

    /// The time of the newest block, in seconds since the Unix epoch.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn now(&self) -> Result<u64> {
        let block = self
            .provider
            .get_block_by_number(BlockNumberOrTag::Latest)
            .await?;
        Ok(block.context("the node knows no newest block")?.header.timestamp)
    }
}
