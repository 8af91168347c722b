//! Transactions that wait for a block.
//!
//! Decides what may wait (the checks of geth's pool) and in which order blocks take it: best tip
//! first, nonces in order. Must never execute anything.

use super::{execute::Rules, reject::Refused, transaction::Signed};
use crate::state::State;
use alloy::consensus::Transaction as _;
use alloy_primitives::{Address, B256, TxKind};
use revm::{
    context_interface::cfg::gas_params::GasParams,
    primitives::{eip3860, eip7825, hardfork::SpecId},
};
use std::{
    collections::{BTreeMap, BinaryHeap, HashMap},
    sync::Arc,
};

/// Most transactions that may wait at once.
const WAITING_MAX: usize = 65_536;

/// A replacement must raise both fees by this many percent, as geth asks.
const REPLACEMENT_BUMP_PERCENT: u128 = 10;

/// The pool.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    by_sender: BTreeMap<Address, BTreeMap<u64, Waiting>>,
    by_hash: HashMap<B256, Arc<Signed>>,
    arrived: u64,
}

#[derive(Clone, Debug)]
struct Waiting {
    tx: Arc<Signed>,
    arrival: u64,
}

impl Pool {
    /// Takes `tx` in, in place of a cheaper one with the same sender and nonce if there is one.
    pub(crate) fn add(&mut self, tx: Signed, state: &State, rules: &Rules) -> Result<B256, Refused> {
        if self.by_hash.contains_key(&tx.hash) {
            return Err(Refused::AlreadyKnown);
        }
        check(&tx, state, rules)?;
        let (hash, nonce) = (tx.hash, tx.tx.nonce());
        let held = self.by_sender.get(&tx.sender).and_then(|queue| queue.get(&nonce));
        match held {
            Some(held) if !outbids(&tx, &held.tx) => return Err(Refused::ReplacementUnderpriced),
            None if self.by_hash.len() >= WAITING_MAX => return Err(Refused::PoolFull),
            _ => {}
        }
        self.put(Arc::new(tx));
        Ok(hash)
    }

    /// Puts back what a reorganisation set free; what no longer fits is dropped when next looked at.
    pub(crate) fn put_back(&mut self, txs: impl IntoIterator<Item = Arc<Signed>>) {
        for tx in txs {
            self.put(tx);
        }
    }

    fn put(&mut self, tx: Arc<Signed>) {
        self.arrived += 1;
        let waiting = Waiting {
            tx: tx.clone(),
            arrival: self.arrived,
        };
        let queue = self.by_sender.entry(tx.sender).or_default();
        if let Some(replaced) = queue.insert(tx.tx.nonce(), waiting) {
            self.by_hash.remove(&replaced.tx.hash);
        }
        self.by_hash.insert(tx.hash, tx);
    }

    /// A waiting transaction by its hash.
    pub(crate) fn get(&self, hash: &B256) -> Option<&Arc<Signed>> {
        self.by_hash.get(hash)
    }

    /// The nonce after `from` and the waiting transactions that follow it without a gap.
    pub(crate) fn next_nonce(&self, sender: Address, from: u64) -> u64 {
        let Some(queue) = self.by_sender.get(&sender) else {
            return from;
        };
        let mut next = from;
        while queue.contains_key(&next) {
            next += 1;
        }
        next
    }

    /// Forgets what can never be included any more: nonces below the state's.
    pub(crate) fn prune(&mut self, state: &State) {
        let by_hash = &mut self.by_hash;
        self.by_sender.retain(|sender, queue| {
            let next = state.account(*sender).map_or(0, |account| account.nonce);
            let live = queue.split_off(&next);
            for dead in queue.values() {
                by_hash.remove(&dead.tx.hash);
            }
            *queue = live;
            !queue.is_empty()
        });
    }

    /// Forgets one transaction, because it turned out to be invalid.
    pub(crate) fn drop_tx(&mut self, tx: &Signed) {
        self.by_hash.remove(&tx.hash);
        if let Some(queue) = self.by_sender.get_mut(&tx.sender) {
            queue.remove(&tx.tx.nonce());
        }
    }

    /// The transactions in the order in which a block at `base_fee` on `state` tries them.
    pub(crate) fn best(&self, state: &State, base_fee: u64) -> Best<'_> {
        let mut best = Best {
            pool: self,
            base_fee,
            heads: BinaryHeap::new(),
        };
        for sender in self.by_sender.keys() {
            best.offer(*sender, state.account(*sender).map_or(0, |account| account.nonce));
        }
        best
    }
}

/// An iterator over the pool that is told, after each transaction, whether its sender goes on.
pub(crate) struct Best<'a> {
    pool: &'a Pool,
    base_fee: u64,
    heads: BinaryHeap<Head>,
}

/// Ordered by tip, then by arrival; the rest only makes the order total.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    tip: u128,
    arrival: std::cmp::Reverse<u64>,
    sender: Address,
    nonce: u64,
}

impl Best<'_> {
    fn offer(&mut self, sender: Address, nonce: u64) {
        let Some(waiting) = self
            .pool
            .by_sender
            .get(&sender)
            .and_then(|queue| queue.get(&nonce))
        else {
            return;
        };
        if let Some(tip) = waiting.tx.tip(self.base_fee) {
            self.heads.push(Head {
                tip,
                arrival: std::cmp::Reverse(waiting.arrival),
                sender,
                nonce,
            });
        }
    }

    /// The next transaction to try.
    pub(crate) fn next(&mut self) -> Option<Arc<Signed>> {
        let head = self.heads.pop()?;
        let queue = self.pool.by_sender.get(&head.sender)?;
        queue.get(&head.nonce).map(|waiting| waiting.tx.clone())
    }

    /// `tx` was included: its sender's next one may be tried.
    pub(crate) fn included(&mut self, tx: &Signed) {
        self.offer(tx.sender, tx.tx.nonce() + 1);
    }
}

fn outbids(new: &Signed, old: &Signed) -> bool {
    let raised =
        |new: u128, old: u128| new.saturating_mul(100) >= old.saturating_mul(100 + REPLACEMENT_BUMP_PERCENT);
    let tip = |tx: &Signed| {
        tx.tx
            .max_priority_fee_per_gas()
            .unwrap_or(tx.tx.max_fee_per_gas())
    };
    raised(new.tx.max_fee_per_gas(), old.tx.max_fee_per_gas()) && raised(tip(new), tip(old))
}

/// The checks that need no execution.
fn check(tx: &Signed, state: &State, rules: &Rules) -> Result<(), Refused> {
    check_fees(tx)?;
    check_gas(tx, rules)?;
    let account = state.account(tx.sender).cloned().unwrap_or_default();
    if tx.tx.nonce() < account.nonce {
        return Err(Refused::NonceTooLow {
            next: account.nonce,
            nonce: tx.tx.nonce(),
        });
    }
    let cost = tx.cost_max();
    if cost > account.balance {
        return Err(Refused::InsufficientFunds {
            balance: account.balance,
            cost,
        });
    }
    Ok(())
}

fn check_fees(tx: &Signed) -> Result<(), Refused> {
    let cap = tx.tx.max_fee_per_gas();
    match tx.tx.max_priority_fee_per_gas() {
        Some(tip) if tip > cap => Err(Refused::TipOverCap { tip, cap }),
        _ => Ok(()),
    }
}

fn check_gas(tx: &Signed, rules: &Rules) -> Result<(), Refused> {
    let gas = tx.tx.gas_limit();
    if tx.tx.kind() == TxKind::Create && tx.tx.input().len() > eip3860::MAX_INITCODE_SIZE {
        let (size, limit) = (tx.tx.input().len(), eip3860::MAX_INITCODE_SIZE);
        return Err(Refused::InitcodeSize { size, limit });
    }
    if rules.spec() >= SpecId::OSAKA && gas > eip7825::TX_GAS_LIMIT_CAP {
        return Err(Refused::GasOverCap {
            cap: eip7825::TX_GAS_LIMIT_CAP,
            gas,
        });
    }
    if gas > rules.gas_limit {
        return Err(Refused::GasOverBlock);
    }
    let needed = GasParams::new_spec(rules.spec()).initial_tx_gas_for_tx(tx.env(), None);
    if gas < needed.initial_regular_gas {
        return Err(Refused::IntrinsicGas {
            gas,
            needed: needed.initial_regular_gas,
        });
    }
    if gas < needed.floor_gas {
        return Err(Refused::FloorGas {
            gas,
            needed: needed.floor_gas,
        });
    }
    Ok(())
}
