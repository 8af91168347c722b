//! Which of two updates is better, when only one can be kept.
//!
//! Consensus specification: `is_better_update`.

use ethereum::seats::tally;
use ethereum::spec::LightClientUpdate;
use ethereum::{Network, Slot};

/// Whether `new` is better than `old`.
#[must_use]
pub fn is_better_update(network: &Network, new: &LightClientUpdate, old: &LightClientUpdate) -> bool {
    let (new, old) = (Merits::of(network, new), Merits::of(network, old));
    if new.has_two_thirds != old.has_two_thirds {
        return new.has_two_thirds;
    }
    if !new.has_two_thirds && new.signers != old.signers {
        return new.signers > old.signers;
    }
    if new.has_relevant_committee != old.has_relevant_committee {
        return new.has_relevant_committee;
    }
    if new.has_finality != old.has_finality {
        return new.has_finality;
    }
    if new.has_finality && new.has_committee_finality != old.has_committee_finality {
        return new.has_committee_finality;
    }
    if new.signers != old.signers {
        return new.signers > old.signers;
    }
    if new.attested != old.attested {
        return new.attested < old.attested;
    }
    new.signature < old.signature
}

/// What an update is judged by, in order.
struct Merits {
    has_two_thirds: bool,
    signers: u32,
    has_relevant_committee: bool,
    has_finality: bool,
    has_committee_finality: bool,
    attested: Slot,
    signature: Slot,
}

impl Merits {
    fn of(network: &Network, update: &LightClientUpdate) -> Self {
        let bits = &update.sync_aggregate.sync_committee_bits;
        let signers = tally(bits);
        let period = |slot| network.period_of(slot);
        let attested = update.attested_header.beacon.slot;
        Self {
            has_two_thirds: usize::try_from(signers).is_ok_and(|signers| signers * 3 >= bits.len() * 8 * 2),
            signers,
            has_relevant_committee: update.has_next_committee()
                && period(attested) == period(update.signature_slot),
            has_finality: update.has_finality(),
            has_committee_finality: period(update.finalized_header.beacon.slot) == period(attested),
            attested,
            signature: update.signature_slot,
        }
    }
}
