//! Figures of the embedded chain: time to start, slots a second, transactions a second, memory.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    primitives::{Address, B256, Bytes, TxKind, U256, keccak256},
    providers::{Provider, ProviderBuilder},
    signers::SignerSync,
};
use devnet::{Chain, ChainConfig, Genesis, GenesisAccount};
use std::time::Instant;

/// Stores its second word under its first.
const STORE: [u8; 8] = [0x60, 0x20, 0x35, 0x5f, 0x35, 0x55, 0x00, 0x00];
const CONTRACT: Address = Address::repeat_byte(0x66);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let started = Instant::now();
    let chain = Chain::start(ChainConfig::new(1)).await?;
    println!("start: {:.0?}, {} MB", started.elapsed(), memory_mb());

    time("1,000 empty slots", 1000, || chain.advance(1000));

    let storage = (0u64..100_000)
        .map(|n| (keccak256(n.to_be_bytes()), B256::repeat_byte(1)))
        .collect();
    let code = Some(Bytes::from_static(&STORE));
    let account = GenesisAccount {
        address: CONTRACT,
        code,
        storage,
        branch_nodes: Some(8),
        ..Default::default()
    };
    chain.load(Genesis {
        accounts: vec![account],
    });
    time("loading 100,000 slots", 1, || chain.advance(1));

    let provider = ProviderBuilder::new().connect_http(chain.rpc_url().parse()?);
    for nonce in 0..1000 {
        let _pending = provider.send_raw_transaction(&store(&chain, nonce)?).await?;
    }
    time("10 slots with 1,000 writes", 1000, || chain.advance(10));
    let own = chain.accounts()[0].address();
    anyhow::ensure!(
        provider.get_transaction_count(own).await? == 1000,
        "all are included"
    );

    let begun = Instant::now();
    let head = provider.get_block_number().await?;
    for n in 0..100u64 {
        let slot = keccak256((n * 7).to_be_bytes());
        let proof = provider
            .get_proof(CONTRACT, vec![slot])
            .number(head - n % 10)
            .await?;
        anyhow::ensure!(proof.account_proof.len() == 9, "eight branches and a leaf");
    }
    println!("100 proofs over HTTP: {:.0?}", begun.elapsed());
    println!("memory: {} MB", memory_mb());
    Ok(())
}

/// A signed write of a fresh slot.
fn store(chain: &Chain, nonce: u64) -> anyhow::Result<Vec<u8>> {
    let input = [keccak256(nonce.to_le_bytes()), B256::repeat_byte(2)]
        .concat()
        .into();
    let tx = TxEip1559 {
        chain_id: chain.chain_id(),
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(CONTRACT),
        value: U256::ZERO,
        input,
        ..TxEip1559::default()
    };
    let signature = chain.accounts()[0].sign_hash_sync(&tx.signature_hash())?;
    Ok(TxEnvelope::from(tx.into_signed(signature)).encoded_2718())
}

fn time(what: &str, count: u32, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    let took = begun.elapsed();
    println!("{what}: {took:.0?}, {:.2?} each", took / count);
}

/// Resident memory of this process, where the system tells it.
fn memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
