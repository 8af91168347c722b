//! What is remembered of light-client contracts: of which kind each is, and the states in its ring behind the newest.
//!
//! A policy's delay asks for states that were learned a while ago, and a ring is read one state a call. So each position is
//! read once. What changes there later, a gap that is filled or a block that is reorganised away, is not noticed: the first
//! costs an update, and by the second a proof comes too early, is refused before it is sent, and waits.

use alloy_primitives::{Address, B256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Contracts and ring positions remembered at most; beyond that all are read anew.
const KINDS_MAX: usize = 1_024;
const STATES_MAX: usize = 65_536;

/// The kinds of client contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Beacon,
    Attestors,
    Tendermint,
    Policy,
}

/// A state of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RingState {
    pub(crate) height: u64,
    pub(crate) timestamp: u64,
    pub(crate) storage_root: B256,
    pub(crate) learned_at: u64,
}

/// The memory.
#[derive(Debug, Default)]
pub(crate) struct Lights {
    kinds: Mutex<BTreeMap<Address, Kind>>,
    /// What stands at a lap of a contract's ring; none = it was passed over.
    states: Mutex<BTreeMap<(Address, u64), Option<RingState>>>,
}

impl Lights {
    pub(crate) fn kind(&self, contract: Address) -> Option<Kind> {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.get(&contract).copied()
    }

    pub(crate) fn put_kind(&self, contract: Address, kind: Kind) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= KINDS_MAX {
            kinds.clear();
        }
        kinds.insert(contract, kind);
    }

    pub(crate) fn state(&self, contract: Address, lap: u64) -> Option<Option<RingState>> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(&(contract, lap)).copied()
    }

    pub(crate) fn put_state(&self, contract: Address, lap: u64, state: Option<RingState>) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= STATES_MAX {
            states.clear();
        }
        states.insert((contract, lap), state);
    }
}
