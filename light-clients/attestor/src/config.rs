//! What stays the same during a client's life.

use alloy_primitives::B256;
use wire::Seconds;
use wire::sign::Domain;

use crate::reject::{ConfigFault, Reject};

/// A ring smaller than this could not hold an older state beside the newest.
const CAPACITY_MIN: u32 = 2;

/// Nobody could veto a rotation within less.
const ROTATION_DELAY_MIN: Seconds = Seconds(60 * 60);

/// A client's constants.
///
/// Which chain and which router are attested is for those who sign and those who choose the client: the contract keeps
/// both beside these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The chain that hosts the client, as a word.
    pub host: B256,
    /// The contract that verifies, as a word.
    pub contract: B256,
    /// Base slot of the counterparty router's mapping of commitments.
    pub commitments_slot: B256,
    /// How long the newest trusted state may be believed, counted from its own timestamp.
    pub trust_period: Seconds,
    /// Attestors sign heights that are multiples of this.
    pub interval: u64,
    /// Trusted states that the ring holds, one an interval.
    pub capacity: u32,
    /// How long a rotation waits, so that it can be vetoed.
    pub rotation_delay: Seconds,
}

impl Config {
    /// Checks what no safe client could do without.
    ///
    /// # Errors
    /// [`Reject::BadConfig`].
    pub fn check(&self) -> Result<(), Reject> {
        let fault = if self.commitments_slot.is_zero() {
            ConfigFault::ZeroCommitmentsSlot
        } else if self.trust_period.0 == 0 {
            ConfigFault::ZeroTrustPeriod
        } else if self.interval == 0 {
            ConfigFault::ZeroInterval
        } else if self.capacity < CAPACITY_MIN {
            ConfigFault::Capacity {
                capacity: self.capacity,
            }
        } else if self.rotation_delay < ROTATION_DELAY_MIN {
            ConfigFault::RotationDelay {
                delay: self.rotation_delay,
                min: ROTATION_DELAY_MIN,
            }
        } else {
            return Ok(());
        };
        Err(Reject::BadConfig(fault))
    }

    /// Where the signatures of a set count.
    #[must_use]
    pub fn domain(&self, set: u64) -> Domain {
        Domain {
            chain: self.host,
            contract: self.contract,
            set,
        }
    }
}
