//! Transactions on their way: the pool, fees, errors, and what faults do to them.

use crate::common::{self, call_of, chain, chain_with, deploy, provider, send, word};
use alloy::{
    eips::{BlockId, eip2718::Encodable2718},
    network::TransactionBuilder,
    primitives::{Address, Bytes, TxKind, U256},
    providers::Provider,
    rpc::types::{Filter, TransactionRequest},
};
use devnet::{Faults, Hardfork, Lie};

fn pay(nonce: u64, tip: u128) -> TransactionRequest {
    TransactionRequest::default()
        .with_to(PAYEE)
        .with_value(U256::from(1))
        .with_nonce(nonce)
        .with_gas_limit(21_000)
        .with_max_fee_per_gas(50_000_000_000)
        .with_max_priority_fee_per_gas(tip)
}

const PAYEE: Address = Address::repeat_byte(2);

#[tokio::test]
async fn pool_refuses_as_geth_does() {
    let chain = chain(6).await;
    let provider = provider(&chain, 0);
    send(&chain, &provider, pay(0, 1)).await;
    let refusal = |request| {
        let provider = &provider;
        async move {
            let error = provider.send_transaction(request).await.unwrap_err();
            let payload = error.as_error_resp().unwrap();
            assert_eq!(payload.code, -32000);
            payload.message.to_string()
        }
    };
    assert_eq!(
        refusal(pay(0, 1)).await,
        "nonce too low: next nonce 1, tx nonce 0"
    );
    let _waiting = provider.send_transaction(pay(1, 1000)).await.unwrap();
    assert!(refusal(pay(1, 1000)).await.contains("already known"));
    assert!(
        refusal(pay(1, 1001))
            .await
            .contains("replacement transaction underpriced")
    );
    let rich = pay(2, 1).with_value(U256::from(10).pow(U256::from(30)));
    assert!(refusal(rich).await.contains("insufficient funds"));
    assert!(
        refusal(pay(2, 1).with_gas_limit(20_999))
            .await
            .contains("intrinsic gas too low")
    );
    assert!(
        refusal(pay(2, 1).with_gas_limit(16_777_217))
            .await
            .contains("gas limit too high")
    );
    // 100 zero bytes: 21,400 gas intrinsic, 22,000 by the floor of EIP-7623.
    let data = pay(2, 1).with_input(vec![0u8; 100]).with_gas_limit(21_900);
    assert!(refusal(data).await.contains("floor data gas cost"));
    assert!(
        refusal(pay(2, 1).with_chain_id(77))
            .await
            .contains("invalid chain id")
    );

    let doubled = pay(1, 2000).with_max_fee_per_gas(100_000_000_000);
    let replacement = provider.send_transaction(doubled).await.unwrap();
    chain.advance(1);
    assert!(
        provider
            .get_transaction_receipt(*replacement.tx_hash())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(provider.get_balance(PAYEE).await.unwrap(), U256::from(2));
}

#[tokio::test]
async fn gap_in_nonces_waits() {
    let chain = chain(7).await;
    let provider = provider(&chain, 0);
    let own = chain.accounts()[0].address();
    let pay = |nonce| {
        TransactionRequest::default()
            .with_to(own)
            .with_value(U256::from(1))
            .with_nonce(nonce)
    };
    let later = provider.send_transaction(pay(1)).await.unwrap();
    chain.advance(2);
    assert!(
        provider
            .get_transaction_receipt(*later.tx_hash())
            .await
            .unwrap()
            .is_none()
    );
    let waiting = provider
        .get_transaction_by_hash(*later.tx_hash())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(waiting.block_number, None);
    assert_eq!(provider.get_transaction_count(own).pending().await.unwrap(), 0);
    let first = provider.send_transaction(pay(0)).await.unwrap();
    assert_eq!(provider.get_transaction_count(own).pending().await.unwrap(), 2);
    chain.advance(1);
    for hash in [*first.tx_hash(), *later.tx_hash()] {
        assert!(provider.get_transaction_receipt(hash).await.unwrap().is_some());
    }
    assert_eq!(provider.get_transaction_count(own).await.unwrap(), 2);
}

#[tokio::test]
async fn better_tips_go_first_and_fees_follow_eip1559() {
    let chain = chain(8).await;
    let first = provider(&chain, 0);
    for (account, tip) in [(1usize, 5u128), (2, 50), (3, 20)] {
        let request = TransactionRequest::default()
            .with_to(Address::repeat_byte(3))
            .with_max_fee_per_gas(100_000_000_000)
            .with_max_priority_fee_per_gas(tip);
        let _waiting = provider(&chain, account).send_transaction(request).await.unwrap();
    }
    chain.advance(1);
    let block = first.get_block(BlockId::latest()).full().await.unwrap().unwrap();
    let base_fee = u128::from(block.header.base_fee_per_gas.unwrap());
    let tips: Vec<_> = block
        .transactions
        .txns()
        .map(|tx| tx.effective_gas_price.unwrap() - base_fee)
        .collect();
    assert_eq!(tips, [50, 20, 5]);
    let history = first
        .get_fee_history(2, block.header.number.into(), &[50.0])
        .await
        .unwrap();
    assert_eq!(history.base_fee_per_gas.len(), 3);
    assert_eq!(history.reward.unwrap()[1], [20]);
    let next = history.base_fee_per_gas[2];
    chain.advance(1);
    let block = first.get_block(BlockId::latest()).await.unwrap().unwrap();
    assert_eq!(u128::from(block.header.base_fee_per_gas.unwrap()), next);
}

#[tokio::test]
async fn legacy_transactions_and_prague_rules_work() {
    let chain = chain_with(9, |config| config.evm.hardfork = Hardfork::Prague).await;
    let provider = provider(&chain, 0);
    let legacy = TransactionRequest::default()
        .with_to(Address::repeat_byte(4))
        .with_gas_price(20_000_000_000)
        .with_gas_limit(20_000_000);
    let receipt = send(&chain, &provider, legacy).await;
    assert!(receipt.status());
    assert_eq!(receipt.gas_used, 21_000);
    let raw = provider
        .client()
        .request::<_, Bytes>("eth_getRawTransactionByHash", (receipt.transaction_hash,))
        .await
        .unwrap();
    let tx = provider
        .get_transaction_by_hash(receipt.transaction_hash)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(raw, Bytes::from(tx.inner.inner().encoded_2718()));
}

#[tokio::test]
async fn lies_are_as_ordered() {
    let chain = chain(13).await;
    let provider = provider(&chain, 0);
    let contract = deploy(&chain, &provider).await;
    send(&chain, &provider, call_of(contract, 1, 1)).await;
    let honest = provider
        .get_block(BlockId::latest())
        .await
        .unwrap()
        .unwrap()
        .header;

    chain.set_faults(Faults {
        lies: [Lie::Proof, Lie::Header, Lie::Logs].into(),
        ..Faults::default()
    });
    let liar = provider
        .get_block(BlockId::latest())
        .await
        .unwrap()
        .unwrap()
        .header;
    assert_ne!(liar.state_root, honest.state_root);
    assert_eq!(liar.hash, liar.inner.hash_slow());
    let proof = provider.get_proof(contract, vec![word(1)]).await.unwrap();
    assert!(common::merkle_account(honest.state_root, contract, &proof.account_proof.concat()).is_err());
    let logs = provider.get_logs(&Filter::new().from_block(0)).await.unwrap();
    assert_ne!(logs[0].data().data, Bytes::from(word(1)));
}

#[tokio::test]
async fn losses_are_as_ordered() {
    let chain = chain(15).await;
    let provider = provider(&chain, 0);
    let pay = TransactionRequest::default()
        .with_to(Address::repeat_byte(8))
        .with_value(U256::from(1));
    chain.set_faults(Faults {
        drop_transactions: true,
        ..Faults::default()
    });
    let lost = provider
        .send_transaction(pay.clone().with_nonce(0))
        .await
        .unwrap();
    chain.set_faults(Faults {
        delay_transactions: 3,
        ..Faults::default()
    });
    let late = provider
        .send_transaction(pay.with_nonce(0).with_value(U256::from(2)))
        .await
        .unwrap();
    chain.advance(2);
    assert!(
        provider
            .get_transaction_receipt(*late.tx_hash())
            .await
            .unwrap()
            .is_none()
    );
    chain.advance(1);
    assert!(
        provider
            .get_transaction_receipt(*late.tx_hash())
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        provider
            .get_transaction_by_hash(*lost.tx_hash())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn orphaned_transactions_wait_again() {
    let chain = chain(14).await;
    let provider = provider(&chain, 0);
    chain.advance(3);
    let pay = TransactionRequest::default()
        .with_to(Address::repeat_byte(8))
        .with_value(U256::from(1));
    let receipt = send(&chain, &provider, pay).await;
    chain.fork(1).unwrap();
    assert!(
        provider
            .get_transaction_receipt(receipt.transaction_hash)
            .await
            .unwrap()
            .is_none()
    );
    let again = provider
        .get_transaction_by_hash(receipt.transaction_hash)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.block_hash, None);
    chain.advance(1);
    let moved = provider
        .get_transaction_receipt(receipt.transaction_hash)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(moved.block_number, receipt.block_number);
    assert_ne!(moved.block_hash, receipt.block_hash);
}

#[tokio::test]
async fn batches_and_malformed_requests_are_answered() {
    let chain = chain(15).await;
    let post = |body: &'static str| {
        let url = chain.rpc_url();
        async move {
            let client = reqwest::Client::new();
            let answer = client
                .post(url)
                .header("content-type", "application/json")
                .body(body);
            answer
                .send()
                .await
                .unwrap()
                .json::<serde_json::Value>()
                .await
                .unwrap()
        }
    };
    let batch = post(
        r#"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"eth_nope"}]"#,
    )
    .await;
    assert_eq!(batch[0]["result"], "0xf");
    assert_eq!(batch[1]["error"]["code"], -32601);
    assert_eq!(post("{").await["error"]["code"], -32700);
    assert_eq!(post("[]").await["error"]["code"], -32600);
    let wrong = post(r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}"#).await;
    assert_eq!(wrong["error"]["code"], -32602);
}

#[tokio::test]
async fn creation_out_of_gas_fails_without_a_contract() {
    let chain = chain(16).await;
    let provider = provider(&chain, 0);
    let spin = Bytes::from_static(&[0x5b, 0x5f, 0x56]);
    let request = TransactionRequest::default()
        .with_kind(TxKind::Create)
        .with_input(spin);
    let receipt = send(&chain, &provider, request.with_gas_limit(100_000)).await;
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 100_000);
}
