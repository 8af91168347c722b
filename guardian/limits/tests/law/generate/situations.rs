//! Situations with the verdict that the protocol page gives them, prices, and values.

use alloy_primitives::U256;
use limits::{Bucket, HELD_MAX, Limit, Setting, Situation, ValueSituation};
use serde_json::{Value, json};

use super::harness::Files;
use super::{object, situation_file};

/// Verdicts by the contract's numbers.
const PAY: u8 = 0;
const LARGE: u8 = 6;
const QUEUE: u8 = 7;
const HEADROOM: u8 = 8;
const PRICE: u8 = 9;
const VALUE_HEADROOM: u8 = 10;
const REFUSALS: [&str; 5] = [
    "limit_absent",
    "above_capacity",
    "above_value_capacity",
    "too_small_to_hold",
    "too_many_held",
];

pub(super) fn files() -> Files {
    let mut files = Files::new();
    for (name, verdict, about, change) in [waiting(), waiting_for_value(), paid()].concat() {
        let mut situation = good();
        change(&mut situation);
        let file = situation_file(about, &situation, verdict);
        files.insert(format!("accept/weigh_{name}.json"), file);
    }
    for (verdict, name, about, change) in refused() {
        let mut situation = good();
        change(&mut situation);
        let rule = REFUSALS[usize::from(verdict) - 1];
        let file = situation_file(about, &situation, verdict);
        files.insert(format!("reject/{rule}/weigh_{name}.json"), file);
    }
    values(&mut files);
    prices(&mut files);
    files
}

fn scaled(amount: u128) -> Bucket {
    Bucket {
        level: U256::from(amount) * U256::from(86_400),
        debt: U256::ZERO,
        updated_at: 1,
    }
}

/// 10,000 of a limit of 102,400 that is full to 50,000; no limit in value; nobody waits.
fn good() -> Situation {
    Situation {
        amount: 10_000,
        setting: Setting::Limited(Limit {
            capacity: 102_400,
            per_day: 100,
            credit_cap: 0,
        }),
        bucket: scaled(50_000),
        value: None,
        large_size: None,
        queued: 0,
        held: 0,
    }
}

/// The same with a limit of 20 in value, full to 15, and a price of 10^15: 10,000 units are worth 10.
fn priced(situation: &mut Situation) -> &mut ValueSituation {
    situation.value.insert(ValueSituation {
        limit: Limit {
            capacity: 20,
            per_day: 1,
            credit_cap: 0,
        },
        bucket: scaled(15),
        price: Some(1_000_000_000_000_000),
    })
}

type Change = fn(&mut Situation);
type Row = (&'static str, u8, &'static str, Change);

fn paid() -> Vec<Row> {
    vec![
        ("pay", PAY, "there is room and nobody waits", |_| ()),
        ("pay_all", PAY, "all that is there", |s| s.amount = 50_000),
        (
            "pay_small_past_queue",
            PAY,
            "a small amount passes those that wait",
            |s| {
                (s.amount, s.queued, s.held) = (99, 5, 5);
            },
        ),
        (
            "pay_small_though_large",
            PAY,
            "a small amount is never large",
            |s| {
                (s.amount, s.large_size) = (99, Some(50));
            },
        ),
        ("pay_unlimited", PAY, "no limit, explicitly", |s| {
            (s.amount, s.setting, s.bucket) = (u128::MAX, Setting::Unlimited, scaled(0));
        }),
        ("pay_below_large", PAY, "one unit below the large size", |s| {
            s.large_size = Some(10_001);
        }),
        ("pay_value", PAY, "there is room in value", |s| {
            priced(s);
        }),
        ("pay_all_value", PAY, "all the value that is there", |s| {
            priced(s).bucket = scaled(10);
        }),
        (
            "pay_with_full_house",
            PAY,
            "how many wait matters to those who would wait only",
            |s| {
                s.held = HELD_MAX;
            },
        ),
    ]
}

fn waiting() -> Vec<Row> {
    vec![
        ("hold_large", LARGE, "of the large size", |s| {
            s.large_size = Some(10_000);
        }),
        (
            "hold_large_before_queue",
            LARGE,
            "large goes to its own lane",
            |s| {
                (s.large_size, s.queued, s.held) = (Some(1), 3, 3);
            },
        ),
        (
            "hold_queue",
            QUEUE,
            "others came before, though there is room",
            |s| {
                (s.queued, s.held) = (1, 1);
            },
        ),
        ("hold_headroom", HEADROOM, "one unit more than there is", |s| {
            s.amount = 50_001
        }),
        (
            "hold_headroom_fraction",
            HEADROOM,
            "a fraction of a unit is missing",
            |s| {
                s.bucket.level -= U256::from(1);
                s.amount = 50_000;
            },
        ),
        (
            "hold_at_least_to_hold",
            HEADROOM,
            "capacity / 1,024 is not small",
            |s| {
                (s.amount, s.bucket) = (100, scaled(99));
            },
        ),
    ]
}

fn waiting_for_value() -> Vec<Row> {
    vec![
        ("hold_price", PRICE, "no price", |s| priced(s).price = None),
        (
            "hold_headroom_before_price",
            HEADROOM,
            "no room in units is told before no price",
            |s| {
                s.bucket = scaled(1);
                priced(s).price = None;
            },
        ),
        (
            "hold_value",
            VALUE_HEADROOM,
            "one unit of value more than there is",
            |s| {
                priced(s).bucket = scaled(9);
            },
        ),
        (
            "hold_value_rounded_up",
            VALUE_HEADROOM,
            "a fraction of a unit of value counts as one",
            |s| {
                s.amount = 9001;
                priced(s).bucket = scaled(9);
            },
        ),
        (
            "hold_unlimited_by_value",
            VALUE_HEADROOM,
            "no limit in units, one in value",
            |s| {
                s.setting = Setting::Unlimited;
                priced(s).bucket = scaled(9);
            },
        ),
        ("hold_last_place", HEADROOM, "the last place that is free", |s| {
            (s.amount, s.held) = (50_001, HELD_MAX - 1);
        }),
    ]
}

fn refused() -> Vec<(u8, &'static str, &'static str, Change)> {
    vec![
        (1, "absent", "nothing is set", |s| s.setting = Setting::Absent),
        (2, "capacity", "one unit above the capacity", |s| {
            s.amount = 102_401
        }),
        (2, "capacity_before_all", "before every reason to wait", |s| {
            (s.amount, s.queued, s.held, s.large_size) = (102_401, 1, HELD_MAX, Some(1));
        }),
        (
            3,
            "value_capacity",
            "worth one more than the capacity in value",
            |s| {
                priced(s).limit.capacity = 9;
            },
        ),
        (
            3,
            "value_capacity_rounded_up",
            "worth a fraction more than the capacity in value",
            |s| {
                s.amount = 10_001;
                priced(s).limit.capacity = 10;
            },
        ),
        (
            4,
            "small_without_room",
            "a small amount never waits for room",
            |s| {
                (s.amount, s.bucket) = (99, scaled(98));
            },
        ),
        (4, "small_without_price", "nor for a price", |s| {
            s.amount = 99;
            priced(s).price = None;
        }),
        (4, "small_without_value", "nor for room in value", |s| {
            s.amount = 99;
            priced(s).bucket = scaled(0);
        }),
        (5, "full_queue", "every place is taken", |s| {
            (s.queued, s.held) = (1, HELD_MAX)
        }),
        (5, "full_lane", "in the delay lane, too", |s| {
            (s.large_size, s.held) = (Some(1), HELD_MAX);
        }),
    ]
}

fn word(number: U256) -> Value {
    json!(format!("0x{}", hex::encode(number.to_be_bytes::<32>())))
}

fn values(files: &mut Files) {
    let whole = 1_000_000_000_000_000_000_u128;
    let cases = [
        ("exact", "exact", 7 * whole, 3, U256::from(21)),
        ("rounds_up", "one unit of 10^18 costs one", 1, 1, U256::from(1)),
        ("nothing", "nothing is worth nothing", 0, u128::MAX, U256::ZERO),
        (
            "largest",
            "the largest product",
            u128::MAX,
            u128::MAX,
            (U256::MAX - (U256::from(u128::MAX) << 1)) / U256::from(whole) + U256::from(1),
        ),
    ];
    for (name, about, amount, price, worth) in cases {
        let file = object([
            ("about", json!(about)),
            ("kind", json!("value")),
            ("amount", word(U256::from(amount))),
            ("price", word(U256::from(price))),
            ("value", word(worth)),
        ]);
        files.insert(format!("accept/value_{name}.json"), file);
    }
}

fn prices(files: &mut Files) {
    let (large, most) = (U256::from(u128::MAX) + U256::from(1), U256::from(u128::MAX));
    let cases = [
        ("fresh", "as old as it may be", U256::from(5), 940, U256::from(5)),
        ("stale", "one second too old", U256::from(5), 939, U256::ZERO),
        ("future", "from the future", U256::from(5), 1001, U256::ZERO),
        ("now", "of this second", U256::from(5), 1000, U256::from(5)),
        ("zero", "a price of nothing is none", U256::ZERO, 1000, U256::ZERO),
        ("largest", "the largest price", most, 1000, most),
        ("too_large", "larger than any price", large, 1000, U256::ZERO),
    ];
    for (name, about, price, updated_at, usable) in cases {
        let file = object([
            ("about", json!(about)),
            ("kind", json!("price")),
            ("price", word(price)),
            ("updatedAt", word(U256::from(updated_at))),
            ("now", word(U256::from(1000))),
            ("ageSecondsMax", word(U256::from(60))),
            ("usable", word(usable)),
        ]);
        files.insert(format!("accept/price_{name}.json"), file);
    }
}
