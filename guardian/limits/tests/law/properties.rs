//! What must hold of every bucket: the bound of I4 in windows of every length, and that cutting up changes nothing.

use alloy_primitives::U256;
use limits::{Bucket, Limit, Setting, Situation, Verdict, value_of, weigh};
use proptest::prelude::*;

const DAY: u64 = 86_400;

/// Small numbers that meet each other's borders, or numbers of any size.
fn amount() -> impl Strategy<Value = u128> {
    prop_oneof![
        0..2000_u128,
        any::<u128>(),
        any::<u128>().prop_map(|wide| wide >> 64)
    ]
}

fn limit() -> impl Strategy<Value = Limit> {
    let credit = prop_oneof![Just(0), amount()];
    (amount(), amount(), credit).prop_map(|(capacity, per_day, credit_cap)| Limit {
        capacity,
        per_day,
        credit_cap,
    })
}

/// Waits of seconds, hours and days, each followed by a payout or an inflow of a share of the capacity.
fn moves() -> impl Strategy<Value = Vec<(u64, bool, u128)>> {
    let wait = prop_oneof![Just(0), 0..5_u64, 0..10_000_u64, 0..300_000_u64];
    prop::collection::vec((wait, any::<bool>(), 0..=1000_u128), 1..40)
}

/// What a move did, in units x 86,400.
struct Event {
    at: u64,
    paid: U256,
    credited: U256,
}

fn play(limit: &Limit, moves: &[(u64, bool, u128)]) -> Vec<Event> {
    let mut bucket = Bucket::full(limit, 1);
    let mut now = 1;
    let mut events = Vec::new();
    for &(wait, pays, share) in moves {
        now += wait;
        let before = bucket.refilled(limit, now);
        let part = limit.capacity / 1000 * share + limit.capacity % 1000 * share / 1000;
        // Asks for a share of the capacity, and for all that is there when it asks for most.
        let wanted = if share > 900 { before.available() } else { part };
        bucket = if pays {
            before.taken(limit, wanted).unwrap_or(before)
        } else {
            before.credited(limit, part)
        };
        events.push(Event {
            at: now,
            paid: before.level.saturating_sub(bucket.level),
            credited: bucket.debt.saturating_sub(before.debt),
        });
    }
    events
}

proptest! {
    /// I4: in every window, payouts <= capacity + rate x length + min(credit of the window, credit cap).
    #[test]
    fn no_window_pays_more_than_its_limit(limit in limit(), moves in moves()) {
        let events = play(&limit, &moves);
        for first in 0..events.len() {
            let (mut paid, mut credited) = (U256::ZERO, U256::ZERO);
            for event in &events[first..] {
                paid += event.paid;
                credited += event.credited;
                let length = event.at - events[first].at;
                let scale = |amount: u128| U256::from(amount) * U256::from(DAY);
                let refill = U256::from(limit.per_day) * U256::from(length);
                let most = scale(limit.capacity) + refill + credited.min(scale(limit.credit_cap));
                prop_assert!(paid <= most, "window of {length} s paid {paid}, at most {most}");
            }
        }
    }

    /// A transfer that is split in any way moves no more and no less.
    #[test]
    fn splitting_changes_nothing(limit in limit(), moves in moves(), parts in prop::collection::vec(0..1000_u128, 1..20)) {
        let mut bucket = Bucket::full(&limit, 1);
        for &(wait, _, share) in &moves {
            bucket = bucket.refilled(&limit, bucket.updated_at + wait);
            bucket = bucket.taken(&limit, limit.capacity / 1000 * share).unwrap_or(bucket);
        }
        let unit = limit.capacity / 20_000;
        let whole: u128 = parts.iter().map(|part| part * unit).sum();
        let at_once = bucket.taken(&limit, whole);
        let in_parts = parts.iter().try_fold(bucket, |left, part| left.taken(&limit, part * unit));
        match (at_once, in_parts) {
            (Ok(once), Ok(cut)) => prop_assert_eq!(once, cut),
            (Err(_), Err(_)) => {}
            (once, cut) => prop_assert!(false, "{once:?} at once, {cut:?} in parts"),
        }
    }

    /// Refill is a function of time alone, not of how often anybody looked.
    #[test]
    fn looking_changes_nothing(limit in limit(), taken in amount(), inflow in amount(), looks in prop::collection::vec(0..100_000_u64, 0..20)) {
        let full = Bucket::full(&limit, 1);
        let start = full.taken(&limit, taken % limit.capacity.max(1)).unwrap_or(full).credited(&limit, inflow);
        let mut looked = start;
        let mut now = 1;
        for wait in looks {
            now += wait;
            looked = looked.refilled(&limit, now);
        }
        prop_assert_eq!(looked, start.refilled(&limit, now));
    }

    /// A lower limit never has more available than the one before, at no later time.
    #[test]
    fn lowering_never_gives(old in limit(), other in limit(), taken in amount(), inflow in amount(), wait in 0..1_000_000_u64) {
        let new = Limit {
            capacity: old.capacity.min(other.capacity),
            per_day: old.per_day.min(other.per_day),
            credit_cap: old.credit_cap.min(other.credit_cap),
        };
        let (before, after) = (Setting::Limited(old), Setting::Limited(new));
        prop_assert_eq!(before.check_lowering(&after), Ok(()));
        let full = Bucket::full(&old, 1);
        let bucket = full.taken(&old, taken % old.capacity.max(1)).unwrap_or(full).credited(&old, inflow);
        let lowered = bucket.reconfigured(&before, &after, 50);
        let later = 50 + wait;
        prop_assert!(lowered.refilled(&new, later).level <= bucket.refilled(&old, later).level);
        prop_assert!(lowered.level <= U256::from(new.capacity) * U256::from(DAY));
    }

    /// Raising a limit gives nothing at that moment.
    #[test]
    fn raising_fills_nothing(old in limit(), new in limit(), taken in amount()) {
        let full = Bucket::full(&old, 1);
        let bucket = full.taken(&old, taken % old.capacity.max(1)).unwrap_or(full);
        let raised = bucket.reconfigured(&Setting::Limited(old), &Setting::Limited(new), 50);
        prop_assert!(raised.level <= bucket.refilled(&old, 50).level);
        prop_assert_eq!(raised.debt, bucket.refilled(&old, 50).debt);
    }

    /// Parts are worth no less than the whole.
    #[test]
    fn cutting_up_saves_no_value(first in any::<u64>(), second in any::<u64>(), price in any::<u128>()) {
        let (first, second) = (u128::from(first), u128::from(second));
        prop_assert!(value_of(first, price) + value_of(second, price) >= value_of(first + second, price));
    }

    /// What the verdict pays, the bucket pays; and in the same place the next payment finds less.
    #[test]
    fn pay_means_that_it_is_there(limit in limit(), amount in amount(), level in amount()) {
        let full = Bucket::full(&limit, 1);
        let bucket = full.taken(&limit, level % limit.capacity.max(1)).unwrap_or(full);
        let situation = Situation {
            amount,
            setting: Setting::Limited(limit),
            bucket,
            value: None,
            large_size: None,
            queued: 0,
            held: 0,
        };
        let paid = weigh(&situation) == Verdict::Pay;
        prop_assert_eq!(paid, bucket.taken(&limit, amount).is_ok());
    }
}
