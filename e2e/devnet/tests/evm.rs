//! The execution layer as alloy and the proof checkers of this project see it.

mod common;

use alloy::{
    consensus::{BlockHeader, EMPTY_ROOT_HASH},
    eips::{BlockId, eip2718::Encodable2718},
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, TxKind, U256, keccak256},
    providers::Provider,
    rpc::types::{Filter, TransactionRequest},
};
use alloy_trie::{Nibbles, TrieAccount, proof::verify_proof};
use common::{call_of, chain, chain_with, deploy, provider, send, word};
use devnet::{Faults, Genesis, GenesisAccount, Hardfork, Lie};

#[tokio::test]
async fn contract_is_deployed_called_and_its_logs_are_found() {
    let chain = chain(1);
    let chain = chain.await;
    let provider = provider(&chain, 0);
    let contract = deploy(&chain, &provider).await;
    assert!(!provider.get_code_at(contract).await.unwrap().is_empty());

    let receipt = send(&chain, &provider, call_of(contract, 7, 0x1234)).await;
    assert!(receipt.status());
    assert_eq!(
        provider.get_storage_at(contract, U256::from(7)).await.unwrap(),
        U256::from(0x1234)
    );

    let filter = Filter::new()
        .address(contract)
        .event_signature(word(7))
        .from_block(0);
    let logs = provider.get_logs(&filter).await.unwrap();
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].transaction_hash, Some(receipt.transaction_hash));
    assert_eq!(logs[0].data().data, Bytes::from(word(0x1234)));
    let other = Filter::new()
        .address(contract)
        .event_signature(word(8))
        .from_block(0);
    assert!(provider.get_logs(&other).await.unwrap().is_empty());

    let block = provider
        .get_block(BlockId::hash(receipt.block_hash.unwrap()))
        .full()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(block.header.hash, block.header.inner.hash_slow());
    assert_eq!(block.transactions.len(), 1);
    assert!(block.header.logs_bloom().contains_raw_log(contract, &[word(7)]));
}

#[tokio::test]
async fn proofs_lead_to_the_state_root_of_the_header() {
    let chain = chain(2).await;
    let provider = provider(&chain, 0);
    let contract = deploy(&chain, &provider).await;
    for slot in 0..20 {
        send(&chain, &provider, call_of(contract, slot, slot + 1)).await;
    }
    let old = provider.get_block_number().await.unwrap();
    send(&chain, &provider, call_of(contract, 3, 99)).await;

    for (number, value) in [(old, 4u64), (old + 1, 99)] {
        let header = provider
            .get_block_by_number(number.into())
            .await
            .unwrap()
            .unwrap()
            .header;
        let keys = vec![word(3), word(50)];
        let proof = provider.get_proof(contract, keys).number(number).await.unwrap();

        // alloy-trie's verifier ...
        let account = TrieAccount::new(proof.nonce, proof.balance, proof.storage_hash, proof.code_hash);
        let path = Nibbles::unpack(keccak256(contract));
        verify_proof(
            header.state_root,
            path,
            Some(alloy_rlp::encode(account)),
            &proof.account_proof,
        )
        .unwrap();
        assert_eq!(proof.storage_proof[0].value, U256::from(value));
        assert_eq!(proof.storage_proof[1].value, U256::ZERO);
        let expected = Some(alloy_rlp::encode(U256::from(value)));
        for (slot, expected) in proof.storage_proof.iter().zip([expected, None]) {
            let path = Nibbles::unpack(keccak256(slot.key.as_b256()));
            verify_proof(proof.storage_hash, path, expected, &slot.proof).unwrap();
        }

        // ... and this project's.
        let nodes = proof.account_proof.concat();
        let found = common::merkle_account(header.state_root, contract, &nodes).unwrap();
        assert_eq!(found, proof.storage_hash);
        let nodes = proof.storage_proof[0].proof.concat();
        assert_eq!(
            common::merkle_slot(proof.storage_hash, word(3), &nodes),
            Some(word(value))
        );
        let nodes = proof.storage_proof[1].proof.concat();
        assert_eq!(common::merkle_slot(proof.storage_hash, word(50), &nodes), None);
    }
}

#[tokio::test]
async fn roots_of_a_block_are_those_of_its_contents() {
    let chain = chain(3).await;
    let providers = [provider(&chain, 0), provider(&chain, 1), provider(&chain, 2)];
    let contract = deploy(&chain, &providers[0]).await;
    for (n, provider) in (0u64..).zip(&providers) {
        let request = call_of(contract, n, n + 5);
        let _pending = provider.send_transaction(request).await.unwrap();
    }
    chain.advance(1);
    let block = providers[0]
        .get_block(BlockId::latest())
        .full()
        .await
        .unwrap()
        .unwrap();
    let txs: Vec<_> = block
        .transactions
        .txns()
        .map(|tx| tx.inner.clone().into_inner())
        .collect();
    assert_eq!(txs.len(), 3);
    let root = alloy::consensus::proofs::calculate_transaction_root(&txs);
    assert_eq!(root, block.header.transactions_root);
    let receipts = providers[0]
        .get_block_receipts(BlockId::latest())
        .await
        .unwrap()
        .unwrap();
    let inner: Vec<_> = receipts
        .iter()
        .map(|receipt| receipt.inner.clone().map_logs(|log| log.inner))
        .collect();
    assert_eq!(
        alloy::consensus::proofs::calculate_receipt_root(&inner),
        block.header.receipts_root
    );
    let indices: Vec<_> = receipts
        .iter()
        .flat_map(|r| r.logs())
        .map(|log| log.log_index)
        .collect();
    assert_eq!(indices, [Some(0), Some(1), Some(2)]);
    assert_eq!(
        receipts.last().unwrap().inner.cumulative_gas_used(),
        block.header.gas_used
    );
    assert_eq!(block.header.withdrawals_root, Some(EMPTY_ROOT_HASH));
}

#[tokio::test]
async fn reverts_come_with_their_data() {
    let chain = chain(4).await;
    let provider = provider(&chain, 0);
    let contract = deploy(&chain, &provider).await;
    let empty = TransactionRequest::default().with_to(contract);
    for error in [
        provider.call(empty.clone()).await.unwrap_err(),
        provider.estimate_gas(empty.clone()).await.unwrap_err(),
    ] {
        let payload = error.as_error_resp().unwrap();
        assert_eq!(payload.code, 3);
        assert!(payload.message.starts_with("execution reverted"));
        assert_eq!(payload.as_revert_data().unwrap(), Bytes::from(word(0x2a)));
    }
}

#[tokio::test]
async fn estimates_suffice_and_are_close() {
    let chain = chain(5).await;
    let provider = provider(&chain, 0);
    let contract = deploy(&chain, &provider).await;
    let estimate = provider.estimate_gas(call_of(contract, 1, 2)).await.unwrap();
    let receipt = send(
        &chain,
        &provider,
        call_of(contract, 1, 2).with_gas_limit(estimate),
    )
    .await;
    assert!(receipt.status());
    assert!(
        estimate * 100 <= receipt.gas_used * 102,
        "{estimate} for {}",
        receipt.gas_used
    );
    let payment = TransactionRequest::default()
        .with_to(Address::repeat_byte(1))
        .with_value(U256::from(1));
    assert_eq!(provider.estimate_gas(payment).await.unwrap(), 21_000);
}

#[tokio::test]
async fn pool_refuses_as_geth_does() {
    let chain = chain(6).await;
    let provider = provider(&chain, 0);
    let to = Address::repeat_byte(2);
    let pay = |nonce: u64, tip: u128| {
        TransactionRequest::default()
            .with_to(to)
            .with_value(U256::from(1))
            .with_nonce(nonce)
            .with_gas_limit(21_000)
            .with_max_fee_per_gas(50_000_000_000)
            .with_max_priority_fee_per_gas(tip)
    };
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
    // 100 zero bytes: 21,400 intrinsic, but the floor of EIP-7623 is 22,000... for 100 tokens.
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
    assert_eq!(provider.get_balance(to).await.unwrap(), U256::from(2));
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
async fn loaded_state_is_proven_like_any_other() {
    let address = Address::repeat_byte(0x77);
    let storage = (0..5000u64)
        .map(|n| (keccak256(n.to_be_bytes()), B256::repeat_byte(9)))
        .collect();
    let account = GenesisAccount {
        address,
        nonce: Some(1),
        storage,
        branch_nodes: Some(8),
        ..GenesisAccount::default()
    };
    let chain = chain(10).await;
    let provider = provider(&chain, 0);
    chain.load(Genesis {
        accounts: vec![account],
    });
    chain.advance(1);
    let header = provider
        .get_block(BlockId::latest())
        .await
        .unwrap()
        .unwrap()
        .header;
    let slot = keccak256(77u64.to_be_bytes());
    let proof = provider.get_proof(address, vec![slot]).await.unwrap();
    assert_eq!(proof.account_proof.len(), 9);
    let root = common::merkle_account(header.state_root, address, &proof.account_proof.concat()).unwrap();
    let nodes = proof.storage_proof[0].proof.concat();
    assert_eq!(
        common::merkle_slot(root, slot, &nodes),
        Some(B256::repeat_byte(9))
    );
}

#[tokio::test]
async fn blockhash_and_history_reach_back() {
    let chain = chain(11).await;
    let provider = provider(&chain, 0);
    chain.advance(5);
    // BLOCKHASH of the number in the first word.
    let code = Bytes::from_static(&[0x5f, 0x35, 0x40, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    let address = Address::repeat_byte(0x55);
    let account = GenesisAccount {
        address,
        code: Some(code),
        ..GenesisAccount::default()
    };
    chain.load(Genesis {
        accounts: vec![account],
    });
    chain.advance(1);
    let ask = TransactionRequest::default()
        .with_to(address)
        .with_input(word(3).to_vec());
    let answer = provider.call(ask).await.unwrap();
    let header = provider
        .get_block_by_number(3.into())
        .await
        .unwrap()
        .unwrap()
        .header;
    assert_eq!(B256::from_slice(&answer), header.hash);
}

#[tokio::test]
async fn archive_is_bounded_and_says_so() {
    let chain = chain_with(12, |config| config.evm.archive_blocks = 4).await;
    let provider = provider(&chain, 0);
    chain.advance(10);
    let own = chain.accounts()[0].address();
    assert!(provider.get_balance(own).number(7).await.is_ok());
    let error = provider.get_balance(own).number(6).await.unwrap_err();
    assert!(error.as_error_resp().unwrap().message.contains("not available"));
}

#[tokio::test]
async fn lies_and_losses_are_as_ordered() {
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

    let pay = TransactionRequest::default()
        .with_to(Address::repeat_byte(8))
        .with_value(U256::from(1));
    chain.set_faults(Faults {
        drop_transactions: true,
        ..Faults::default()
    });
    let lost = provider
        .send_transaction(pay.clone().with_nonce(2))
        .await
        .unwrap();
    chain.set_faults(Faults {
        delay_transactions: 3,
        ..Faults::default()
    });
    let late = provider
        .send_transaction(pay.with_nonce(2).with_value(U256::from(2)))
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
