//! Headers that no honest chain would make, for suites that attack light clients.
//!
//! Whoever holds the keys can sign anything: these are well-formed updates around a lie, with real
//! signatures. Must never enter the chain itself: they are data for the caller.

use super::{
    Beacon, BeaconBlock, Composition,
    finality::Checkpoint,
    json,
    keys::{Committee, Validators},
    light_client::{UpdateParts, versioned},
};
use crate::config::COMMITTEE_SIZE;
use alloy_primitives::B256;
use serde_json::Value;
use std::sync::Arc;

/// Whose committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The chain's own.
    Genuine,
    /// One made of keys that no validator holds.
    Attacker,
}

/// A lie to build an update around. The default lies about nothing: it is the chain's newest
/// finality update.
#[derive(Clone, Debug)]
pub struct Forgery {
    /// Who signs.
    pub signed_by: Party,
    /// How many of the 512 seats sign.
    pub signers: usize,
    /// The EVM state root that the finalized header claims; `None` = the real one.
    pub state_root: Option<B256>,
    /// Whose next committee the attested state holds and the update carries; with `None` the state
    /// holds the real one and the update carries none (zeros in its place).
    pub next_committee: Option<Party>,
    /// Whether the attested header is edited after it was signed.
    pub edited_after_signing: bool,
    /// The slot of the block that is attested, for lies about the past; `None` = the newest block.
    pub attested_slot: Option<u64>,
}

impl Default for Forgery {
    fn default() -> Self {
        Self {
            signed_by: Party::Genuine,
            signers: COMMITTEE_SIZE,
            state_root: None,
            next_committee: None,
            edited_after_signing: false,
            attested_slot: None,
        }
    }
}

/// Validators of the attacker's own.
const ATTACKERS: u32 = 64;

impl Beacon {
    fn committee_of(&self, party: Party, period: u64) -> Arc<Committee> {
        match party {
            Party::Genuine => self.committee(period),
            Party::Attacker => {
                let seed = self.constants.chain_id;
                Validators::new("weighbridge attacker", seed, ATTACKERS).committee(period)
            }
        }
    }

    /// `block` with another EVM state root and other committees in its state.
    fn falsified(&self, block: &BeaconBlock, lie: &Falsehood) -> BeaconBlock {
        let period = self.period_of(block.header.slot);
        let mut payload = block.payload.clone();
        payload.state_root = lie.state_root.unwrap_or(payload.state_root);
        let mut finality = block.finality;
        finality.finalized = lie.finalized.unwrap_or(finality.finalized);
        self.compose(Composition {
            slot: block.header.slot,
            parent_root: block.header.parent_root,
            aggregate: block.aggregate.clone(),
            payload,
            finality,
            current_committee: self.committee_of(lie.current, period).root,
            next_committee: self.committee_of(lie.next, period + 1).root,
        })
    }

    /// The update that `forgery` describes; `None` if nothing was final at the attested block, or
    /// there is no such block.
    pub(crate) fn forge_update(&self, forgery: &Forgery) -> Option<Value> {
        let head = match forgery.attested_slot {
            Some(slot) => self.blocks.get(&slot)?,
            None => self.head()?,
        };
        let finalized = self.by_root(&head.finality.finalized.root)?;
        let truth = Falsehood::default();
        let next = forgery.next_committee.unwrap_or(Party::Genuine);
        let current = forgery.signed_by;
        let finalized = self.falsified(
            finalized,
            &Falsehood {
                state_root: forgery.state_root,
                ..truth
            },
        );
        let checkpoint = Checkpoint {
            root: finalized.root,
            ..head.finality.finalized
        };
        let lie = Falsehood {
            finalized: Some(checkpoint),
            current,
            next,
            ..truth
        };
        let mut attested = self.falsified(head, &lie);
        let (slot, signature_slot) = (attested.header.slot, attested.header.slot + 1);
        let signers = self.committee_of(forgery.signed_by, self.period_of(signature_slot));
        let aggregate = self.sign(&signers, attested.root, signature_slot, forgery.signers);
        if forgery.edited_after_signing {
            attested.header.proposer_index += 1;
        }
        let next_committee = forgery
            .next_committee
            .map(|party| self.committee_of(party, self.period_of(slot) + 1));
        let parts = UpdateParts {
            attested: &attested,
            finalized: Some(&finalized),
            aggregate: &aggregate,
            signature_slot,
            next_committee: next_committee.as_deref(),
        };
        Some(versioned(&attested, json::update(&parts)))
    }

    /// A bootstrap at the finalized block as it would be had the attacker's committee been in
    /// office, and the root of that block; `None` before the first finality.
    pub(crate) fn forge_bootstrap(&self, state_root: Option<B256>) -> Option<(B256, Value)> {
        let finalized = self.by_root(&self.finality.finalized.root)?;
        let lie = Falsehood {
            state_root,
            current: Party::Attacker,
            ..Falsehood::default()
        };
        let block = self.falsified(finalized, &lie);
        let committee = self.committee_of(Party::Attacker, self.period_of(block.header.slot));
        Some((block.root, versioned(&block, json::bootstrap(&block, &committee))))
    }
}

/// What [`Beacon::falsified`] changes about a block.
#[derive(Clone, Copy)]
struct Falsehood {
    state_root: Option<B256>,
    finalized: Option<Checkpoint>,
    current: Party,
    next: Party,
}

impl Default for Falsehood {
    fn default() -> Self {
        Self {
            state_root: None,
            finalized: None,
            current: Party::Genuine,
            next: Party::Genuine,
        }
    }
}
