//! In what gas is paid on a chain, as people read it.
//!
//! The port counts prices in one number: wei for a unit of gas, or 10⁻¹⁸ of the smallest part of a coin. Here it is said what
//! that number is of.

use chain_cosmos::Price;
use std::fmt;

/// The smallest part of a coin, in the unit of its prices.
const ATTO: f64 = 1e18;

/// In what gas is paid on a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Wei, as everywhere on EVM chains.
    #[default]
    Wei,
    /// The smallest part of the coin of this name.
    Coin(String),
}

impl Unit {
    /// What `gas` cost at `price`, in this unit; roughly, for sums over a long time.
    pub(crate) fn paid(&self, gas: u64, price: u128) -> f64 {
        let product = gas as f64 * price as f64;
        match self {
            Self::Wei => product,
            Self::Coin(_) => product / ATTO,
        }
    }

    /// `price` for people, in this unit.
    pub(crate) fn price(&self, price: u128) -> String {
        match self {
            Self::Wei => price.to_string(),
            Self::Coin(denom) => format!("{} {denom}", Price(price)),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wei => "wei",
            Self::Coin(denom) => denom,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_told_in_its_own_unit() {
        let atom = Unit::Coin("uatom".into());
        let price: Price = "0.025".parse().expect("a price");
        assert_eq!(atom.price(price.0), "0.025 uatom");
        assert_eq!(Unit::Wei.price(7), "7");
        assert_eq!(
            (atom.to_string(), Unit::Wei.to_string()),
            ("uatom".into(), "wei".into())
        );
        assert!((atom.paid(200_000, price.0) - 5_000.0).abs() < 1e-6);
        assert!((Unit::Wei.paid(21_000, 2) - 42_000.0).abs() < 1e-6);
    }
}
