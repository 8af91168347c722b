//! A thousand transfers from one account, many to a block: nonces are counted here, no receipt is waited for in between.

use alloy::network::TransactionBuilder;
use alloy::primitives::{TxHash, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use scenarios::{Bridge, Role, Wallet};
use std::collections::BTreeMap;
use std::time::Duration;

alloy::sol! {
    struct SendTransferMsg {
        address denom;
        uint256 amount;
        string receiver;
        string sourceClient;
        string destPort;
        uint64 timeoutTimestamp;
        string memo;
    }

    function sendTransfer(SendTransferMsg message) external returns (uint64);
}

/// Amount of one transfer.
const AMOUNT: u64 = 1_000;
/// Gas of one transfer, with room.
const GAS: u64 = 450_000;
/// Validity: just below the router's limit of 24 hours.
const VALID_SECS: u64 = 23 * 3_600;
/// How often a receipt is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Looks for one receipt at most.
const LOOKS: usize = 1_200;

/// Transfers from North, ready to leave.
pub(super) struct Load {
    user: Wallet,
    requests: Vec<TransactionRequest>,
}

impl Load {
    /// Funds the user and writes the transfers.
    pub(super) async fn prepare(bridge: &Bridge, count: u64) -> Result<Self> {
        let [north, south] = &bridge.ends;
        north.fund_user(U256::from(AMOUNT * count)).await?;
        let user = north.wallet(Role::User)?;
        let receiver = south.wallet(Role::User)?.address;
        let first = user.provider.get_transaction_count(user.address).await?;
        let message = SendTransferMsg {
            denom: north.token,
            amount: U256::from(AMOUNT),
            receiver: format!("{receiver:#x}"),
            sourceClient: north.client.clone(),
            destPort: wire::ics20::PORT.into(),
            timeoutTimestamp: user.now().await? + VALID_SECS,
            memo: String::new(),
        };
        let fees = user.provider.estimate_eip1559_fees().await?;
        let input = sendTransferCall { message }.abi_encode();
        let request = |nonce: u64| {
            TransactionRequest::default()
                .with_from(user.address)
                .with_to(north.transfer)
                .with_input(input.clone())
                .with_gas_limit(GAS)
                .with_nonce(nonce)
                .with_max_fee_per_gas(fees.max_fee_per_gas * 4)
                .with_max_priority_fee_per_gas(fees.max_priority_fee_per_gas)
        };
        let requests = (first..first + count).map(request).collect();
        Ok(Self { user, requests })
    }

    /// Sends them; how many are in which block comes back.
    pub(super) async fn send(&self) -> Result<BTreeMap<u64, u64>> {
        let mut sent = Vec::new();
        for request in &self.requests {
            let pending = self.user.provider.send_transaction(request.clone()).await?;
            sent.push(*pending.tx_hash());
        }
        let mut blocks: BTreeMap<u64, u64> = BTreeMap::new();
        for hash in sent {
            *blocks.entry(self.block_of(hash).await?).or_default() += 1;
        }
        Ok(blocks)
    }

    async fn block_of(&self, hash: TxHash) -> Result<u64> {
        for _ in 0..LOOKS {
            if let Some(receipt) = self.user.provider.get_transaction_receipt(hash).await? {
                ensure!(receipt.status(), "transfer {hash} reverted");
                return receipt.block_number.context("a receipt without a block");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::bail!("transfer {hash} is in no block after {LOOKS} looks")
    }
}
