//! Blocks, states and their proofs as alloy and the proof checkers of this project see them.

use crate::common::{self, call_of, chain, chain_with, deploy, provider, send, word};
use alloy::{
    consensus::{BlockHeader, EMPTY_ROOT_HASH},
    eips::BlockId,
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256, keccak256},
    providers::Provider,
    rpc::types::{Filter, TransactionRequest},
};
use alloy_trie::{Nibbles, TrieAccount, proof::verify_proof};
use devnet::{Genesis, GenesisAccount};

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
