//! What gas costs: prices with eighteen decimals, the fee of a transaction, how much gas it is allowed.
//!
//! Pure; rounds against us, so that a fee is never a unit too low.

use core::fmt;
use core::str::FromStr;

/// Decimals of a price on chain and here.
const DECIMALS: usize = 18;
/// One whole unit, in the smallest part of a price.
const ONE: u128 = 1_000_000_000_000_000_000;
/// All of something.
const PERCENT: u64 = 100;

/// What a unit of gas costs, in units of 10⁻¹⁸ of the coin's smallest part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(pub u128);

/// Why a text is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read {0:?} as a price of gas: it is a number of at most 20 digits with at most {DECIMALS} decimals, like 0.025"
)]
pub struct BadPrice(pub String);

impl FromStr for Price {
    type Err = BadPrice;

    fn from_str(text: &str) -> Result<Self, BadPrice> {
        let bad = || BadPrice(text.to_owned());
        let (whole, part) = match text.split_once('.') {
            Some((_, "")) => return Err(bad()),
            Some(both) => both,
            None => (text, ""),
        };
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 20
            || part.len() > DECIMALS
            || !is_number(whole)
            || !is_number(part)
        {
            return Err(bad());
        }
        let digits = format!("{whole}{part:0<DECIMALS$}");
        digits.parse().map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>width$}", self.0, width = DECIMALS + 1);
        let (whole, part) = digits.split_at(digits.len() - DECIMALS);
        match part.trim_end_matches('0') {
            "" => f.write_str(whole),
            part => write!(f, "{whole}.{part}"),
        }
    }
}

impl Price {
    /// What a unit of gas cost when `gas` cost `fee`, rounded down; 0 for no gas.
    pub(crate) fn of(fee: u128, gas: u64) -> Self {
        let all = fee.saturating_mul(ONE);
        Self(all.checked_div(u128::from(gas)).unwrap_or(0))
    }

    /// What `gas` costs, rounded up; none when no coin has as many units.
    pub fn fee(self, gas: u64) -> Option<u128> {
        self.0
            .checked_mul(u128::from(gas))
            .map(|total| total.div_ceil(ONE))
    }

    /// This price and `percent` of it; none when that is no price.
    pub(crate) fn raised(self, percent: u64) -> Option<Self> {
        let all = u128::from(PERCENT.checked_add(percent)?);
        let raised = self.0.checked_mul(all)?.div_ceil(u128::from(PERCENT));
        Some(Self(raised))
    }
}

/// `used` and `percent` of it, rounded up.
pub(crate) fn with_margin(used: u64, percent: u64) -> u64 {
    let all = u128::from(used) * u128::from(PERCENT.saturating_add(percent));
    u64::try_from(all.div_ceil(u128::from(PERCENT))).unwrap_or(u64::MAX)
}

/// How many of `count` messages that need `needed` gas together are to be tried with at most `max`: fewer than before, at
/// least one.
///
/// Messages differ, so this is a guess that a simulation has to confirm.
pub(crate) fn fewer(count: usize, needed: u64, max: u64) -> usize {
    let share = (count as u128 * u128::from(max)).checked_div(u128::from(needed));
    let share = share
        .and_then(|share| usize::try_from(share).ok())
        .unwrap_or(count);
    share.min(count.saturating_sub(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_they_are_written() {
        for (text, atto) in [
            ("0", 0),
            ("1", ONE),
            ("0.025", 25_000_000_000_000_000),
            ("0.000000000000000001", 1),
            ("25000000000.5", 25_000_000_000 * ONE + ONE / 2),
        ] {
            let price: Price = text.parse().unwrap();
            assert_eq!((price, price.to_string().as_str()), (Price(atto), text));
        }
        assert_eq!("2.50".parse::<Price>().unwrap().to_string(), "2.5");
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1,5",
            "1e3",
            "1.0.0",
            " 1",
            "0.0000000000000000001",
            "100000000000000000000000",
            "99999999999999999999999",
            "stake",
        ] {
            assert_eq!(text.parse::<Price>(), Err(BadPrice(text.to_owned())), "{text}");
        }
        assert!(
            "340282366920938463463".parse::<Price>().is_err(),
            "more than 20 digits"
        );
        assert!("99999999999999999999".parse::<Price>().is_ok());
    }

    #[test]
    fn a_fee_is_rounded_up() {
        let fee = |price: &str, gas| price.parse::<Price>().unwrap().fee(gas);
        assert_eq!(fee("0.025", 40), Some(1));
        assert_eq!(fee("0.025", 41), Some(2));
        assert_eq!(fee("0.000000000000000001", 1), Some(1));
        assert_eq!(fee("0", u64::MAX), Some(0));
        assert_eq!(Price(u128::MAX).fee(2), None);
        assert_eq!(Price(1).raised(10), Some(Price(2)));
        assert_eq!(Price(100).raised(0), Some(Price(100)));
        assert_eq!(Price(u128::MAX).raised(1), None);
    }

    #[test]
    fn a_margin_is_added_and_never_overflows() {
        assert_eq!(with_margin(100, 30), 130);
        assert_eq!(with_margin(1, 1), 2);
        assert_eq!(with_margin(u64::MAX, 30), u64::MAX);
    }

    #[test]
    fn fewer_messages_are_fewer_and_at_least_one() {
        assert_eq!(fewer(10, 1_000, 500), 5);
        assert_eq!(fewer(10, 1_001, 1_000), 9);
        assert_eq!(fewer(3, u64::MAX, 1), 1);
        assert_eq!(fewer(1, 10, 5), 1);
        assert_eq!(fewer(4, 0, 5), 3);
    }
}
