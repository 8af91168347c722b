//! `devnet`: embedded chains in one command.
//!
//! Starts chains that share one clock, prints where they are, and either stays until interrupted
//! (`--keep`) or runs a command against the first of them and answers with its exit code.

use alloy::{
    network::{EthereumWallet, TransactionBuilder},
    primitives::U256,
    providers::{Provider, ProviderBuilder},
    rpc::types::TransactionRequest,
};
use clap::Parser;
use devnet::{Chain, ChainConfig, Clock, ForkEpochs, Hardfork};
use serde_json::json;
use std::{net::SocketAddr, process::ExitCode, time::Duration};

/// Embedded chains: EVM with JSON-RPC, simulated beacon chain with the standard REST interface.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Stay until interrupted.
    #[arg(long, required_unless_present = "command", conflicts_with = "command")]
    keep: bool,
    /// Chain ids, one chain each.
    #[arg(long, value_delimiter = ',', default_values_t = [1337])]
    chain_ids: Vec<u64>,
    /// Seconds of chain time that pass in one real second.
    #[arg(long, default_value_t = 240)]
    speed: u32,
    /// Let chain time be real time.
    #[arg(long, conflicts_with = "speed")]
    wall: bool,
    /// Seconds of chain time a slot.
    #[arg(long, default_value_t = 12)]
    seconds_per_slot: u64,
    /// First epoch of Electra; before it is Deneb.
    #[arg(long, default_value_t = 0)]
    electra_epoch: u64,
    /// First epoch of Fulu; never by default.
    #[arg(long)]
    fulu_epoch: Option<u64>,
    /// Run transactions by Prague's rules instead of Osaka's.
    #[arg(long)]
    prague: bool,
    /// Slots produced before anything is printed; 40 is enough for a finalized block.
    #[arg(long, default_value_t = 40)]
    warm_up_slots: u64,
    /// Payments made on the first chain before anything is printed, so that blocks are not all empty.
    #[arg(long, default_value_t = 0)]
    payments: u64,
    /// Where JSON-RPC of the first chain listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    rpc_listen: SocketAddr,
    /// Where the REST interface of the first chain listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    beacon_listen: SocketAddr,
    /// Print one line of JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Command to run against the first chain, which it finds in RPC_URL and BEACON_URL.
    #[arg(last = true)]
    command: Vec<String>,
}

impl Arguments {
    fn config(&self, place: usize, chain_id: u64, clock: &Clock) -> ChainConfig {
        let mut config = ChainConfig::new(chain_id);
        config.clock = clock.clone();
        config.warm_up_slots = self.warm_up_slots;
        config.beacon.seconds_per_slot = self.seconds_per_slot;
        config.beacon.forks = ForkEpochs {
            electra: self.electra_epoch,
            fulu: self.fulu_epoch,
        };
        if self.prague {
            config.evm.hardfork = Hardfork::Prague;
        }
        if place == 0 {
            config.rpc_listen = self.rpc_listen;
            config.beacon_listen = self.beacon_listen;
        }
        config
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let clock = if arguments.wall {
        Clock::wall()
    } else {
        Clock::simulated(arguments.speed)
    };
    let mut chains = Vec::new();
    for (place, chain_id) in arguments.chain_ids.iter().enumerate() {
        chains.push(Chain::start(arguments.config(place, *chain_id, &clock)).await?);
    }
    pay(&chains[0], arguments.payments).await?;
    for chain in &chains {
        print_chain(chain, arguments.json);
    }
    if arguments.keep {
        tokio::signal::ctrl_c().await?;
        return Ok(ExitCode::SUCCESS);
    }
    run_command(&chains[0], &arguments.command).await
}

/// Sends `count` payments between funded accounts and waits until all are included.
async fn pay(chain: &Chain, count: u64) -> anyhow::Result<()> {
    let [from, to, ..] = chain.accounts() else {
        return Ok(());
    };
    let wallet = EthereumWallet::from(from.clone());
    let provider = ProviderBuilder::new()
        .wallet(wallet)
        .connect_http(chain.rpc_url().parse()?);
    let mut last = None;
    for _ in 0..count {
        let payment = TransactionRequest::default()
            .with_to(to.address())
            .with_value(U256::from(1));
        last = Some(*provider.send_transaction(payment).await?.tx_hash());
    }
    let Some(last) = last else { return Ok(()) };
    while provider.get_transaction_receipt(last).await?.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn print_chain(chain: &Chain, as_json: bool) {
    let keys: Vec<(String, String)> = chain
        .accounts()
        .iter()
        .map(|account| (account.address().to_string(), account.to_bytes().to_string()))
        .collect();
    if as_json {
        let accounts: Vec<_> = keys
            .iter()
            .map(|(address, key)| json!({"address": address, "key": key}))
            .collect();
        let line = json!({
            "chain_id": chain.chain_id(),
            "rpc_url": chain.rpc_url(),
            "beacon_url": chain.beacon_url(),
            "accounts": accounts,
        });
        println!("{line}");
        return;
    }
    println!("chain {}", chain.chain_id());
    println!("  json-rpc   {}", chain.rpc_url());
    println!("  beacon     {}", chain.beacon_url());
    println!("  faults     GET, PUT {}/devnet/faults", chain.beacon_url());
    for (address, key) in keys {
        println!("  funded     {address}  key {key}");
    }
}

/// Runs the command to its end; its exit code is ours.
async fn run_command(chain: &Chain, command: &[String]) -> anyhow::Result<ExitCode> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| anyhow::anyhow!("no command given"))?;
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .env("RPC_URL", chain.rpc_url())
        .env("BEACON_URL", chain.beacon_url())
        .kill_on_drop(true)
        .status()
        .await?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}
