//! What stays the same during a client's life (the fork schedule alone grows).

use alloy_primitives::{Address, B256};
use wire::Seconds;

use crate::network::Network;
use crate::reject::{ConfigFault, Reject};
use crate::units::Slot;

/// Trust period where nobody decided otherwise: 7 days.
pub const TRUST_PERIOD_DEFAULT: Seconds = Seconds(7 * 24 * 60 * 60);

/// Weak-subjectivity period of a chain with at least 8.39 million ether at stake, after Electra:
/// 3,532 epochs of 384 s.
pub const WEAK_SUBJECTIVITY_DEFAULT: Seconds = Seconds(3_532 * 384);

/// A ring smaller than this could not hold an older state beside the newest.
const CAPACITY_MIN: u32 = 2;

/// A client's constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The beacon chain that is followed.
    pub network: Network,
    /// The router on that chain, whose storage holds the commitments.
    pub router: Address,
    /// Base slot of the router's mapping of commitments.
    pub commitments_slot: B256,
    /// How long the newest trusted state may be believed, counted from its own timestamp.
    pub trust_period: Seconds,
    /// How old a bootstrap may be; the trust period is never above it.
    pub weak_subjectivity: Seconds,
    /// Trusted states that the ring holds, one an epoch.
    pub capacity: u32,
}

impl Config {
    /// Checks what no safe client could do without.
    ///
    /// # Errors
    /// [`Reject::BadConfig`].
    pub fn check(&self) -> Result<(), Reject> {
        let fault = if self.router.is_zero() {
            ConfigFault::ZeroRouter
        } else if self.commitments_slot.is_zero() {
            ConfigFault::ZeroCommitmentsSlot
        } else if self.trust_period.0 == 0 || self.trust_period > self.weak_subjectivity {
            ConfigFault::TrustPeriod {
                trust: self.trust_period,
                limit: self.weak_subjectivity,
            }
        } else if self.capacity < CAPACITY_MIN {
            ConfigFault::Capacity {
                capacity: self.capacity,
            }
        } else {
            return Ok(());
        };
        Err(Reject::BadConfig(fault))
    }

    /// The position of a finalized slot in the ring of states, below [`Config::capacity`].
    #[must_use]
    pub fn position_of(&self, slot: Slot) -> u64 {
        let epoch = self.network.checkpoint_of(slot).0;
        epoch.checked_rem(u64::from(self.capacity)).unwrap_or(0)
    }
}
