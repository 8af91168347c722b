//! One test for each reason to refuse: the good case with one thing changed, and both values in the error.

use limits::{Bucket, HELD_MAX, Limit, Reject, Setting, Situation, Verdict, weigh};

const LIMIT: Limit = Limit {
    capacity: 10_240,
    per_day: 1,
    credit_cap: 1,
};

fn good() -> Situation {
    Situation {
        amount: 100,
        setting: Setting::Limited(LIMIT),
        bucket: Bucket::full(&LIMIT, 1),
        value: None,
        large_size: None,
        queued: 0,
        held: 0,
    }
}

fn rejected(change: impl FnOnce(&mut Situation)) -> Reject {
    let mut situation = good();
    assert_eq!(weigh(&situation), Verdict::Pay);
    change(&mut situation);
    match weigh(&situation) {
        Verdict::Refuse(reject) => reject,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rejects_limit_absent() {
    assert_eq!(rejected(|s| s.setting = Setting::Absent), Reject::LimitAbsent);
}

#[test]
fn rejects_above_capacity() {
    let expected = Reject::AboveCapacity {
        amount: 10_241,
        capacity: 10_240,
    };
    assert_eq!(rejected(|s| s.amount = 10_241), expected);
    assert_eq!(Bucket::full(&LIMIT, 1).taken(&LIMIT, 10_241), Err(expected));
}

#[test]
fn rejects_above_value_capacity() {
    let capacity = 9;
    let reject = rejected(|s| {
        s.value = Some(limits::ValueSituation {
            limit: Limit { capacity, ..LIMIT },
            bucket: Bucket::full(&LIMIT, 1),
            price: Some(100_000_000_000_000_000),
        });
    });
    assert_eq!(reject, Reject::AboveValueCapacity { capacity });
}

#[test]
fn rejects_no_headroom() {
    let bucket = Bucket::full(&LIMIT, 1).taken(&LIMIT, 10_000).unwrap();
    let expected = Reject::NoHeadroom {
        amount: 241,
        available: 240,
    };
    assert_eq!(bucket.taken(&LIMIT, 241), Err(expected));
}

#[test]
fn rejects_too_small_to_hold() {
    let reject = rejected(|s| (s.amount, s.bucket.level) = (9, alloy_primitives::U256::ZERO));
    assert_eq!(reject, Reject::TooSmallToHold { amount: 9, least: 10 });
}

#[test]
fn rejects_too_many_held() {
    let reject = rejected(|s| (s.queued, s.held) = (1, HELD_MAX));
    assert_eq!(reject, Reject::TooManyHeld { held: HELD_MAX });
}

#[test]
fn rejects_not_a_lowering() {
    let higher = Setting::Limited(Limit { per_day: 2, ..LIMIT });
    let refused = Setting::Limited(LIMIT).check_lowering(&higher);
    assert_eq!(refused, Err(Reject::NotALowering));
    assert_eq!(higher.check_lowering(&Setting::Limited(LIMIT)), Ok(()));
}
