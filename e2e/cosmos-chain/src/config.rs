//! What a chain is told before it starts.
//!
//! Plain data: a run is repeated by repeating its configuration.

use std::net::{Ipv4Addr, SocketAddr};

use devnet::Clock;
use tendermint_client::testing::{Kind, Validators};

/// One embedded chain.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// Its id; the number at the end is the revision.
    pub chain_id: String,
    /// Those who sign the first blocks.
    pub validators: Validators,
    /// Accounts with coins from the start.
    pub funded: Vec<Funded>,
    /// How addresses begin.
    pub prefix: String,
    /// The coin of fees.
    pub denom: String,
    /// The lowest price of a unit of gas that the node takes, in millionths of the coin's smallest unit.
    pub gas_price_micro: u64,
    /// How long stake is held back, as the staking module says it.
    pub unbonding_secs: u64,
    /// Checksums of the codes that governance let in as clients of 08-wasm. Whatever the checksum, the code that runs is our client
    /// of EVM chains.
    pub wasm_codes: Vec<[u8; 32]>,
    /// Time of block 0, Unix seconds; with a wall clock the chain ends its warm-up in the present, whatever stands here.
    pub genesis_time: u64,
    /// Seconds of chain time between two blocks.
    pub seconds_per_block: u64,
    /// Blocks produced before `start` returns, at least 1.
    pub warm_up_blocks: u64,
    /// What lets blocks come; share one clock between chains that are to agree about time.
    pub clock: Clock,
    /// Where JSON-RPC listens; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// An account with coins.
#[derive(Clone, Debug)]
pub struct Funded {
    /// The secret key of secp256k1.
    pub secret: [u8; 32],
    /// Coins and how much of each.
    pub coins: Vec<(String, u128)>,
}

impl ChainConfig {
    /// A chain with `chain_id` and the defaults of this page: four ed25519 validators, no accounts, blocks on demand.
    pub fn new(chain_id: &str) -> Self {
        Self {
            chain_id: chain_id.to_owned(),
            validators: Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10]),
            funded: Vec::new(),
            prefix: "cosmos".into(),
            denom: "stake".into(),
            gas_price_micro: 0,
            unbonding_secs: 21 * 86_400,
            wasm_codes: Vec::new(),
            genesis_time: 1_700_000_000,
            seconds_per_block: 6,
            warm_up_blocks: 2,
            clock: Clock::manual(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        }
    }
}
