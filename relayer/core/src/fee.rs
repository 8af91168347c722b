//! What is paid for gas: a quote for a new transaction, a better one for a stuck one, never above the operator's cap.
//!
//! It decides from the chain's own recent prices and the policy. It must never exceed [`FeePolicy::max`], nor for the tip
//! [`FeePolicy::tip_max`], not even to replace what waits: an endpoint that hides a transaction would else name its price.

use crate::config::FeePolicy;
use chain::{Fee, Latest, WeiPerGas};

/// A pool replaces a transaction for 10 % more; an eighth more leaves a margin.
const RAISE_DIVISOR: u128 = 8;

/// The fee of a transaction that is to land in one of the next blocks, and at least `floor`; none while that costs more than
/// the policy allows.
pub fn quote(policy: &FeePolicy, latest: &Latest, floor: Option<Fee>) -> Option<Fee> {
    if floor.is_some_and(|floor| floor.max > policy.max || floor.tip > policy.tip_max) {
        return None;
    }
    let tip = latest
        .tip
        .clamp(policy.tip_min.min(policy.tip_max), policy.tip_max);
    let tip = floor.map_or(tip, |floor| tip.max(floor.tip));
    let needed = WeiPerGas(latest.base_fee.0.checked_add(tip.0)?);
    if needed > policy.max {
        return None;
    }
    // Twice the base fee survives six full blocks in a row.
    let ample = WeiPerGas(latest.base_fee.0.saturating_mul(2).saturating_add(tip.0));
    let ample = floor.map_or(ample, |floor| ample.max(floor.max));
    Some(Fee {
        max: ample.min(policy.max),
        tip,
    })
}

/// The least that replaces a transaction with fee `old` in a pool.
pub(crate) fn raised(old: Fee) -> Fee {
    let raise = |price: WeiPerGas| {
        WeiPerGas(
            price
                .0
                .saturating_add(price.0.div_ceil(RAISE_DIVISOR))
                .saturating_add(1),
        )
    };
    Fee {
        max: raise(old.max),
        tip: raise(old.tip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chain::BlockNumber;
    use proptest::prelude::*;
    use wire::Seconds;

    const POLICY: FeePolicy = FeePolicy {
        max: WeiPerGas(1_000),
        tip_min: WeiPerGas(5),
        tip_max: WeiPerGas(50),
        patience: Seconds(10),
    };

    fn latest(base_fee: u128, tip: u128) -> Latest {
        Latest {
            block: BlockNumber(1),
            timestamp: Seconds(1),
            base_fee: WeiPerGas(base_fee),
            tip: WeiPerGas(tip),
        }
    }

    fn fee(max: u128, tip: u128) -> Fee {
        Fee {
            max: WeiPerGas(max),
            tip: WeiPerGas(tip),
        }
    }

    #[test]
    fn a_quote_follows_the_chain_within_the_policy() {
        assert_eq!(quote(&POLICY, &latest(100, 10), None), Some(fee(210, 10)));
        assert_eq!(
            quote(&POLICY, &latest(100, 1), None),
            Some(fee(205, 5)),
            "tip at least its minimum"
        );
        assert_eq!(
            quote(&POLICY, &latest(100, 99), None),
            Some(fee(250, 50)),
            "tip at most its maximum"
        );
        assert_eq!(
            quote(&POLICY, &latest(900, 10), None),
            Some(fee(1_000, 10)),
            "capped"
        );
        assert_eq!(
            quote(&POLICY, &latest(991, 10), None),
            None,
            "the next block already costs more"
        );
    }

    #[test]
    fn a_stuck_transaction_is_outbid_until_the_cap() {
        let mut floor = fee(210, 10);
        let mut bids = 0;
        while let Some(bid) = quote(&POLICY, &latest(100, 10), Some(raised(floor))) {
            assert!(bid.max.0 * 10 >= floor.max.0 * 11 && bid.tip.0 * 10 >= floor.tip.0 * 11);
            floor = bid;
            bids += 1;
        }
        assert!((5..30).contains(&bids), "{bids} bids");
    }

    #[test]
    fn a_replacement_keeps_the_tip_within_its_maximum() {
        let most = fee(210, POLICY.tip_max.0);
        assert!(quote(&POLICY, &latest(100, 10), Some(most)).is_some());
        assert_eq!(quote(&POLICY, &latest(100, 10), Some(raised(most))), None);
    }

    proptest! {
        #[test]
        fn nothing_exceeds_the_cap(base: u128, tip: u128, max: u128, floor_tip: u128) {
            if let Some(fee) = quote(&POLICY, &latest(base, tip), Some(raised(fee(max, floor_tip)))) {
                prop_assert!(fee.max <= POLICY.max && fee.tip <= fee.max && fee.tip <= POLICY.tip_max);
            }
        }
    }
}
