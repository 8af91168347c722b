//! What the relayer's transactions carried, as the chain has them.

use alloy::consensus::Transaction;
use alloy::network::TransactionResponse;
use alloy::providers::{DynProvider, Provider};
use alloy::sol_types::{SolCall, SolEvent};
use alloy_primitives::{Address, Bytes};
use chain_evm::abi::Router;
use serde_json::Value;
use wire::batch::Batch;

/// How many packet messages each of the relayer's transactions to `router` carried, oldest first. All of them came in
/// batches, and none was skipped.
pub(crate) async fn carried(provider: &DynProvider, router: &Value, relayer: Address) -> Vec<usize> {
    let router: Address = router
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("an address");
    let latest = provider.get_block_number().await.expect("a number");
    let mut carried = Vec::new();
    for number in 0..=latest {
        let block = provider
            .get_block(number.into())
            .full()
            .await
            .expect("asked")
            .expect("a block");
        for transaction in block.transactions.into_transactions() {
            let is_ours = transaction.to() == Some(router) && transaction.as_recovered().signer() == relayer;
            let Ok(call) = Router::batchCall::abi_decode(transaction.input()) else {
                assert!(
                    !is_ours || !is_multicall_of_messages(transaction.input()),
                    "block {number}"
                );
                continue;
            };
            assert!(is_ours, "block {number}");
            let hash = transaction.tx_hash();
            let receipt = provider
                .get_transaction_receipt(hash)
                .await
                .expect("asked")
                .expect("a receipt");
            let batch = Batch::decode(&call.packed).expect("a batch");
            let skipped = receipt
                .inner
                .logs()
                .iter()
                .find(|log| log.topic0() == Some(&Router::MessageSkipped::SIGNATURE_HASH));
            assert_eq!(skipped, None);
            carried.push(batch.messages.len());
        }
    }
    carried
}

/// Whether `input` is a multicall with more in it than updates of clients.
fn is_multicall_of_messages(input: &[u8]) -> bool {
    let is_update = |call: &Bytes| call.starts_with(&Router::updateClientCall::SELECTOR);
    Router::multicallCall::abi_decode(input).is_ok_and(|call| !call.calls.iter().all(is_update))
}
