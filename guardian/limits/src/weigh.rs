//! What an amount meets: paid, held or refused.
//!
//! The order is part of the law, because the first rule that applies is the one that is told. Halts come before it and
//! conservation after it; both are the contract's.

use alloy_primitives::U256;

use crate::{Bucket, Limit, Reject, Setting, value_of};

/// The most transfers that wait for one asset.
pub const HELD_MAX: u32 = 1024;
/// An amount below this part of the capacity never waits: else the places would be filled cheaply.
const SMALL_PARTS: u128 = 1024;

/// Everything that the verdict depends on, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// What is to leave.
    pub amount: u128,
    /// The asset's setting.
    pub setting: Setting,
    /// Its bucket, refilled. Without meaning unless the setting is a limit.
    pub bucket: Bucket,
    /// The limit in value, if there is one.
    pub value: Option<ValueSituation>,
    /// The size from which a transfer waits in the delay lane; nothing if none does.
    pub large_size: Option<u128>,
    /// How many wait in the queue.
    pub queued: u32,
    /// How many wait at all.
    pub held: u32,
}

/// The limit in value, at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueSituation {
    /// The limit, in units of value. Inflow is not credited in value.
    pub limit: Limit,
    /// Its bucket, refilled.
    pub bucket: Bucket,
    /// The price, if there is one that may be relied on.
    pub price: Option<u128>,
}

/// What becomes of the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave now.
    Pay,
    /// It waits.
    Hold(Hold),
    /// It is refused, for good.
    Refuse(Reject),
}

/// Why a transfer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is large: it waits its time, in a lane of its own.
    Large,
    /// Others came before it.
    Queue,
    /// The bucket holds too little now.
    Headroom,
    /// Its value is not known now.
    Price,
    /// The bucket of value holds too little now.
    ValueHeadroom,
}

/// Weighs an amount.
#[must_use]
pub fn weigh(situation: &Situation) -> Verdict {
    let small = match check_possible(situation) {
        Ok(least) => situation.amount < least,
        Err(reject) => return Verdict::Refuse(reject),
    };
    let hold = match reason_to_wait(situation, small) {
        None => return Verdict::Pay,
        Some(hold) => hold,
    };
    if small {
        let (amount, least) = (situation.amount, least_to_hold(&situation.setting));
        return Verdict::Refuse(Reject::TooSmallToHold { amount, least });
    }
    if situation.held >= HELD_MAX {
        let held = situation.held;
        return Verdict::Refuse(Reject::TooManyHeld { held });
    }
    Verdict::Hold(hold)
}

/// Refuses what could never be paid; answers with the least amount that may wait.
fn check_possible(situation: &Situation) -> Result<u128, Reject> {
    let amount = situation.amount;
    match situation.setting {
        Setting::Absent => return Err(Reject::LimitAbsent),
        Setting::Limited(Limit { capacity, .. }) if amount > capacity => {
            return Err(Reject::AboveCapacity { amount, capacity });
        }
        Setting::Limited(_) | Setting::Unlimited => {}
    }
    if let Some(value) = &situation.value
        && let Some(price) = value.price
        && value_of(amount, price) > U256::from(value.limit.capacity)
    {
        let capacity = value.limit.capacity;
        return Err(Reject::AboveValueCapacity { capacity });
    }
    Ok(least_to_hold(&situation.setting))
}

/// Rounded up, so that an amount is small exactly if it is below capacity / 1,024.
fn least_to_hold(setting: &Setting) -> u128 {
    match setting {
        Setting::Limited(limit) => limit.capacity.div_ceil(SMALL_PARTS),
        Setting::Absent | Setting::Unlimited => 0,
    }
}

/// A small amount waits neither for its size nor behind others, so it looks at the buckets only.
fn reason_to_wait(situation: &Situation, small: bool) -> Option<Hold> {
    let amount = situation.amount;
    if !small {
        if situation.large_size.is_some_and(|size| amount >= size) {
            return Some(Hold::Large);
        }
        if situation.queued != 0 {
            return Some(Hold::Queue);
        }
    }
    if matches!(situation.setting, Setting::Limited(_)) && amount > situation.bucket.available() {
        return Some(Hold::Headroom);
    }
    let value = situation.value.as_ref()?;
    let Some(price) = value.price else {
        return Some(Hold::Price);
    };
    let short = value_of(amount, price) > U256::from(value.bucket.available());
    short.then_some(Hold::ValueHeadroom)
}
