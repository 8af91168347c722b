//! Which execution block a beacon slot holds, remembered from headers that were seen.

use alloy_primitives::B256;
use chain::{BlockNumber, Finalized};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use wire::{Height, Seconds};

/// Slots remembered at most; the oldest is forgotten first and asked for again when needed.
const ANCHORS_MAX: usize = 1_024;

/// A finalized slot and the execution block in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) slot: u64,
    pub(crate) block: u64,
    pub(crate) block_hash: B256,
    pub(crate) state_root: B256,
    /// The time of the slot, which is the block's time.
    pub(crate) timestamp: u64,
}

impl Anchor {
    /// As the port says it.
    pub(crate) fn finalized(&self) -> Finalized {
        Finalized {
            height: Height::of(self.slot),
            block: BlockNumber(self.block),
            timestamp: Seconds(self.timestamp),
        }
    }
}

/// The memory.
#[derive(Debug, Default)]
pub(crate) struct Anchors(Mutex<BTreeMap<u64, Anchor>>);

impl Anchors {
    pub(crate) fn get(&self, slot: u64) -> Option<Anchor> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&slot)
            .copied()
    }

    pub(crate) fn clear(&self) {
        let mut anchors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        anchors.clear();
    }

    pub(crate) fn put(&self, anchor: Anchor) {
        let mut anchors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        anchors.insert(anchor.slot, anchor);
        while anchors.len() > ANCHORS_MAX {
            anchors.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_keeps_the_newest() {
        let anchors = Anchors::default();
        for slot in 0..3_000 {
            anchors.put(Anchor {
                slot,
                block: slot,
                block_hash: B256::ZERO,
                state_root: B256::ZERO,
                timestamp: slot,
            });
        }
        assert_eq!(anchors.get(0), None);
        assert_eq!(anchors.get(2_999).map(|anchor| anchor.block), Some(2_999));
        assert!(anchors.0.lock().expect("no panic").len() <= ANCHORS_MAX);
    }
}
