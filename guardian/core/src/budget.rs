//! How long the small quorum may halt: 24 h in any 7 days for each account, however the time is cut up.
//!
//! A charge counts in full until 7 days after its end, so that no window of 7 days, wherever it begins, holds more.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::Reject;

/// The most halting time of a path or of a contract in any window.
pub const SECONDS_MAX: u64 = 24 * 3600;
/// The most of all contracts together: a policy stops with each contract that it needs.
pub const WHOLE_SECONDS_MAX: u64 = 72 * 3600;
/// The window.
pub const WINDOW_SECONDS: u64 = 7 * 24 * 3600;
/// The shortest halt. It bounds how many charges count at one moment.
pub const SECONDS_MIN: u64 = 3600;

/// Whose halting time is counted: the key of a path, a contract as a word, or [`Account::WHOLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(pub B256);

impl Account {
    /// All contracts together.
    pub const WHOLE: Self = Self(B256::ZERO);
}

/// One halt that was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) end: u64,
    pub(crate) seconds: u64,
}

/// The halting time that was used up.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    pub(crate) charges: BTreeMap<Account, Vec<Charge>>,
}

impl Budget {
    /// The halting time of an account that counts now.
    #[must_use]
    pub fn charged(&self, account: Account, now: u64) -> u64 {
        let charges = self.charges.get(&account).map(Vec::as_slice).unwrap_or_default();
        let counting = charges
            .iter()
            .filter(|charge| now < charge.end.saturating_add(WINDOW_SECONDS));
        counting.fold(0, |sum, charge| sum.saturating_add(charge.seconds))
    }

    /// Accepts a halt for which every account has time left.
    pub fn check(&self, accounts: &[(Account, u64)], seconds: u64, now: u64) -> Result<(), Reject> {
        for (account, most) in accounts {
            let charged = self.charged(*account, now);
            if charged.saturating_add(seconds) > *most {
                return Err(Reject::OverBudget {
                    account: account.0,
                    charged,
                    asked: seconds,
                    most: *most,
                });
            }
        }
        Ok(())
    }

    /// Forgets charges that count no longer.
    pub(crate) fn forget_past(&mut self, now: u64) {
        for charges in self.charges.values_mut() {
            charges.retain(|charge| now < charge.end.saturating_add(WINDOW_SECONDS));
        }
        self.charges.retain(|_, charges| !charges.is_empty());
    }

    /// Charges a halt that begins now.
    pub fn charge(&mut self, accounts: &[(Account, u64)], seconds: u64, now: u64) {
        let end = now.saturating_add(seconds);
        for (account, _) in accounts {
            let charges = self.charges.entry(*account).or_default();
            charges.retain(|charge| now < charge.end.saturating_add(WINDOW_SECONDS));
            charges.push(Charge { end, seconds });
        }
    }
}
