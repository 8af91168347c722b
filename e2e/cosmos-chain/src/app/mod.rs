//! The application: accounts, bank, IBC and transfers over the stores.
//!
//! Decides what a transaction does, and what it is refused for. All its state is in the stores: a copy of them is a
//! snapshot, and what fails is undone by going back to one.

pub(crate) mod address;
mod ante;
pub(crate) mod auth;
pub(crate) mod bank;
pub(crate) mod context;
mod execute;
mod genesis;
mod messages;
pub(crate) mod query;
pub(crate) mod refused;
pub(crate) mod tx;

pub(crate) use execute::{Checked, TxResult, check, deliver, recheck};
pub(crate) use genesis::write as write_genesis;

use cosmos_store::Stores;

/// What never changes while a chain runs.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) chain_id: String,
    /// How addresses begin.
    pub(crate) prefix: String,
    /// The coin of fees.
    pub(crate) denom: String,
    /// The node's lowest price of a unit of gas, in millionths of the coin's smallest unit.
    pub(crate) gas_price_micro: u64,
    /// What the staking module says: how long stake is held back.
    pub(crate) unbonding_secs: u64,
    /// Checksums of the contracts that may be clients.
    pub(crate) wasm_codes: Vec<[u8; 32]>,
}

/// What a transaction is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To be let into the mempool.
    Check,
    /// To stay there after a block.
    Recheck,
    /// To learn what gas it needs.
    Simulate,
    /// In a block.
    Deliver,
}

/// The stores of ibc-go's simd. Most are empty here: they stand for the depth of proofs.
const STORES: [&str; 21] = [
    "acc",
    "authz",
    "bank",
    "circuit",
    "consensus",
    "crisis",
    "distribution",
    "evidence",
    "feegrant",
    "gov",
    "group",
    "ibc",
    "icacontroller",
    "icahost",
    "mint",
    "mock",
    "params",
    "slashing",
    "staking",
    "transfer",
    "upgrade",
];

/// The stores of a chain that has not begun.
pub(crate) fn fresh_stores() -> Stores {
    Stores::new(STORES)
}

#[cfg(test)]
impl Rules {
    pub(crate) fn for_tests() -> Self {
        Self {
            chain_id: "test-1".into(),
            prefix: "cosmos".into(),
            denom: "stake".into(),
            gas_price_micro: 0,
            unbonding_secs: 1_814_400,
            wasm_codes: Vec::new(),
        }
    }
}
