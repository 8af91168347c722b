//! What this client says of itself to the functions that judge proofs about packets, which are `client`'s for all clients of a
//! router's storage.
//!
//! It must never call a frozen or expired client usable, nor know a height that is not in the ring.

use alloy_primitives::B256;
use client::{RouterStorage, TrustsStorage};
use wire::{Height, Seconds};

use crate::reject::Reject;
use crate::trusted::Trusted;
use crate::units::Slot;
use crate::verify;

impl TrustsStorage for Trusted {
    type Reject = Reject;

    fn check_usable(&self, now: Seconds) -> Result<(), Reject> {
        verify::check_usable(self, now)
    }

    fn known_state(&self, height: Height) -> Result<RouterStorage, Reject> {
        let unknown = Reject::UnknownHeight { height };
        if height.revision_number != 0 {
            return Err(unknown);
        }
        let slot = Slot(height.revision_height);
        match (self.state_at(slot), self.config.network.time_of(slot)) {
            (Some(state), Some(timestamp)) => Ok(RouterStorage {
                root: state.storage_root,
                timestamp,
                commitments_slot: self.config.commitments_slot,
            }),
            _ => Err(unknown),
        }
    }

    fn commitments_slot(&self) -> B256 {
        self.config.commitments_slot
    }
}
