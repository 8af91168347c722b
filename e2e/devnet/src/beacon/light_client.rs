//! What the chain offers to light clients: bootstraps and updates.
//!
//! Decides which update of a period is best (`is_better_update` of the specification) and puts each
//! together out of the block that carries the signatures and the block that they attest.

use super::{Beacon, BeaconBlock, json, keys::Committee, keys::SyncAggregate};
use alloy_primitives::B256;
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Two blocks that make an update: `signing` carries the committee's signatures on `attested`, its
/// parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) attested: &'a BeaconBlock,
    pub(super) signing: &'a BeaconBlock,
}

/// Everything an update says, for [`json`] to write down.
pub(super) struct UpdateParts<'a> {
    pub(super) attested: &'a BeaconBlock,
    pub(super) finalized: Option<&'a BeaconBlock>,
    pub(super) aggregate: &'a SyncAggregate,
    pub(super) signature_slot: u64,
    pub(super) next_committee: Option<&'a Committee>,
}

impl Beacon {
    /// The pair that `signing` completes.
    fn pair<'a>(&'a self, signing: &'a BeaconBlock) -> Option<Pair<'a>> {
        let attested = self.parent(signing)?;
        (signing.aggregate.signers() > 0).then_some(Pair { attested, signing })
    }

    /// The newest pair.
    fn newest(&self) -> Option<Pair<'_>> {
        self.blocks.values().rev().find_map(|block| self.pair(block))
    }

    /// The block that the attested state of `pair` holds for final.
    fn finalized(&self, pair: Pair<'_>) -> Option<&BeaconBlock> {
        self.by_root(&pair.attested.finality.finalized.root)
    }

    /// The best pair of `period`, which attests and signs within it.
    fn best(&self, period: u64) -> Option<Pair<'_>> {
        let slots = self.config.slots_per_epoch * self.config.epochs_per_period;
        self.blocks
            .range(period * slots..(period + 1) * slots)
            .filter_map(|(_, block)| self.pair(block))
            .filter(|pair| self.period_of(pair.attested.header.slot) == period)
            .max_by_key(|pair| self.rank(*pair))
    }

    /// Later in this order is better.
    fn rank(&self, pair: Pair<'_>) -> impl Ord + use<> {
        let signers = pair.signing.aggregate.signers();
        let many = signers * 3 >= crate::config::COMMITTEE_SIZE * 2;
        let attested_slot = pair.attested.header.slot;
        let finalized = self.finalized(pair).map(|block| block.header.slot);
        let period = self.period_of(attested_slot);
        (
            many,
            if many { 0 } else { signers },
            finalized.is_some(),
            finalized.is_some_and(|slot| self.period_of(slot) == period),
            signers,
            Reverse(attested_slot),
            Reverse(pair.signing.header.slot),
        )
    }

    /// `LightClientBootstrap` at the block `root`.
    pub(super) fn bootstrap(&self, root: &B256) -> Option<Value> {
        let block = self.by_root(root)?;
        let committee = self.committee(self.period_of(block.header.slot));
        Some(versioned(block, json::bootstrap(block, &committee)))
    }

    /// The best update of each of `count` periods from `start`, as far as there are any.
    pub(super) fn updates(&self, start: u64, count: u64) -> Vec<Value> {
        let last = self
            .period_of(self.slot)
            .min(start.saturating_add(count).saturating_sub(1));
        (start..=last)
            .filter_map(|period| {
                let pair = self.best(period)?;
                let next = self.committee(period + 1);
                let parts = UpdateParts {
                    next_committee: Some(&next),
                    ..self.parts(pair)
                };
                Some(versioned(pair.attested, json::update(&parts)))
            })
            .collect()
    }

    fn parts<'a>(&'a self, pair: Pair<'a>) -> UpdateParts<'a> {
        UpdateParts {
            attested: pair.attested,
            finalized: self.finalized(pair),
            aggregate: &pair.signing.aggregate,
            signature_slot: pair.signing.header.slot,
            next_committee: None,
        }
    }

    /// The newest `LightClientFinalityUpdate`. Before the first finality its finalized header is
    /// all zeros, as Prysm's.
    pub(super) fn finality_update(&self) -> Option<Value> {
        let pair = self.newest()?;
        Some(versioned(pair.attested, json::finality_update(&self.parts(pair))))
    }

    /// The newest `LightClientOptimisticUpdate`.
    pub(super) fn optimistic_update(&self) -> Option<Value> {
        let pair = self.newest()?;
        Some(versioned(
            pair.attested,
            json::optimistic_update(&self.parts(pair)),
        ))
    }
}

pub(super) fn versioned(block: &BeaconBlock, data: Value) -> Value {
    json!({"version": block.fork.name(), "data": data})
}
