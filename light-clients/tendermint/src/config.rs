//! What stays the same during a client's life.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use wire::Seconds;

use crate::reject::{ConfigFault, Reject};

/// Trust period where nobody decided otherwise: 7 days.
pub const TRUST_PERIOD_DEFAULT: Seconds = Seconds(7 * 24 * 60 * 60);

/// How long most chains hold back stake that is withdrawn: 21 days.
pub const UNBONDING_PERIOD_DEFAULT: Seconds = Seconds(21 * 24 * 60 * 60);

/// How far ahead of the host's clock a header may be: 10 seconds.
pub const CLOCK_DRIFT_DEFAULT: Seconds = Seconds(10);

/// The store in which a chain of ibc-go keeps what it says about packets.
pub const STORE_DEFAULT: &[u8] = b"ibc";

/// The longest chain id that CometBFT allows.
const CHAIN_ID_MAX: usize = 50;

/// The longest name of a store.
const STORE_MAX: usize = 64;

/// A ring smaller than this could not hold an older state beside the newest.
const CAPACITY_MIN: u32 = 2;

/// The share of a trusted set that must have signed a header which is not the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustLevel {
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
}

/// A client's constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The chain that is followed, with its revision: `name-number`, or a name without one.
    pub chain_id: String,
    /// More than this share of a trusted set vouches for a later one.
    pub trust_level: TrustLevel,
    /// How long a trusted state may be believed, counted from its own time.
    pub trust_period: Seconds,
    /// How long a validator can still be punished after it has left.
    pub unbonding_period: Seconds,
    /// How far ahead of the host's clock a header may be.
    pub clock_drift: Seconds,
    /// Heights that the ring reaches back.
    pub capacity: u32,
    /// The store with what the chain says about packets.
    pub store: Vec<u8>,
}

impl TrustLevel {
    /// One third: at least one honest validator, if less than a third are not.
    pub const ONE_THIRD: Self = Self {
        numerator: 1,
        denominator: 3,
    };

    /// Between one third and all.
    fn is_sound(self) -> bool {
        let thrice = u128::from(self.numerator).saturating_mul(3);
        self.numerator <= self.denominator && thrice >= u128::from(self.denominator) && self.denominator > 0
    }
}

impl fmt::Display for TrustLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl Config {
    /// Checks what no safe client could do without.
    ///
    /// # Errors
    /// [`Reject::BadConfig`].
    pub fn check(&self) -> Result<(), Reject> {
        let length = self.chain_id.len();
        let fault = if length == 0 || length > CHAIN_ID_MAX {
            ConfigFault::ChainIdLength { length }
        } else if revision_of(&self.chain_id).is_none() {
            ConfigFault::Revision
        } else if !self.trust_level.is_sound() {
            ConfigFault::TrustLevel {
                level: self.trust_level,
            }
        } else if self.trust_period.0 == 0 || self.trust_period >= self.unbonding_period {
            ConfigFault::TrustPeriod {
                trust: self.trust_period,
                unbonding: self.unbonding_period,
            }
        } else if self.clock_drift >= self.trust_period {
            ConfigFault::ClockDrift {
                drift: self.clock_drift,
                trust: self.trust_period,
            }
        } else if self.capacity < CAPACITY_MIN {
            ConfigFault::Capacity {
                capacity: self.capacity,
            }
        } else if self.store.is_empty() || self.store.len() > STORE_MAX {
            ConfigFault::Store {
                length: self.store.len(),
            }
        } else {
            return Ok(());
        };
        Err(Reject::BadConfig(fault))
    }

    /// The revision in the chain's id; 0 where it has none.
    #[must_use]
    pub fn revision(&self) -> u64 {
        revision_of(&self.chain_id).unwrap_or(0)
    }
}

/// The number after the last hyphen, if something stands before it and no zero leads it; else 0. None if it is above
/// 64 bits: ibc-go has no answer for that either.
fn revision_of(chain_id: &str) -> Option<u64> {
    let Some((name, number)) = chain_id.rsplit_once('-') else {
        return Some(0);
    };
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let leads = number
        .bytes()
        .next()
        .is_some_and(|first| (b'1'..=b'9').contains(&first));
    if is_number && leads && !name.is_empty() && !name.ends_with(['-', '\n']) {
        number.parse().ok()
    } else {
        Some(0)
    }
}
