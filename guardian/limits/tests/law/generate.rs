//! Generators of the shared vectors. What a trace leaves comes from the definition (`oracle`), what a situation meets is
//! written beside it; neither asks the code under test. Random situations do, for the contract to be held against.

use alloy_primitives::U256;
use dice::Dice;
use limits::{Bucket, HELD_MAX, Hold, Limit, Setting, Situation, ValueSituation, Verdict, weigh};
use serde_json::{Map, Value, json};

use crate::oracle::Oracle;
use crate::trace::{Act, Step, amounts_of, encode, kind_of, setting_of};

#[path = "../../../../light-clients/vectors/harness.rs"]
pub(crate) mod harness;

mod scenarios;
mod situations;

/// All files of the folder `limits`.
pub(crate) fn files() -> harness::Files {
    let mut files = scenarios::files();
    files.extend(situations::files());
    files
}

/// A trace with what the definition says of each step.
pub(crate) fn traced(about: &str, steps: &[Step]) -> Value {
    let mut oracle = Oracle::new();
    let bytes: Vec<u8> = steps
        .iter()
        .flat_map(|step| encode(step, &oracle.apply(step)))
        .collect();
    object([
        ("about", json!(about)),
        ("kind", json!("trace")),
        ("steps", json!(format!("0x{}", hex::encode(bytes)))),
    ])
}

/// A situation with the law's verdict.
pub(crate) fn weighed(about: &str, situation: &Situation) -> Value {
    situation_file(about, situation, verdict_code(&weigh(situation)))
}

fn situation_file(about: &str, situation: &Situation, verdict: u8) -> Value {
    object([
        ("about", json!(about)),
        ("kind", json!("weigh")),
        (
            "situation",
            json!(format!("0x{}", hex::encode(write_situation(situation)))),
        ),
        ("verdict", json!(verdict)),
    ])
}

/// Random steps on one bucket, most of which are allowed.
pub(crate) fn random_trace(dice: &mut Dice, steps: usize) -> Vec<Step> {
    let size = 1 + dice.below(128);
    let most = u128::MAX >> (128 - size);
    let mut now = 1 + dice.below(1_000_000);
    let mut trace = Vec::new();
    let first = limit(dice, most);
    trace.push(Step {
        now,
        act: Act::Set(Setting::Limited(first)),
    });
    while trace.len() < steps {
        let gap = [0, 0, 1, 60, 3600, 40_000][dice.below(6) as usize];
        now += dice.below(gap + 1);
        let act = match dice.below(20) {
            0 => Act::Set(random_setting(dice, most)),
            1 => Act::Lower(random_setting(dice, most)),
            2 => Act::Default(random_setting(dice, most)),
            3 => Act::Look,
            4..=8 => Act::Credit(drawn(dice, most)),
            _ => Act::Take(drawn(dice, most)),
        };
        trace.push(Step { now, act });
    }
    trace
}

fn limit(dice: &mut Dice, most: u128) -> Limit {
    Limit {
        capacity: drawn(dice, most),
        per_day: drawn(dice, most),
        credit_cap: if dice.below(3) == 0 { 0 } else { drawn(dice, most) },
    }
}

fn random_setting(dice: &mut Dice, most: u128) -> Setting {
    match dice.below(8) {
        0 => Setting::Absent,
        1 => Setting::Unlimited,
        _ => Setting::Limited(limit(dice, most)),
    }
}

/// A random situation, near the borders more often than not.
pub(crate) fn random_weighing(dice: &mut Dice) -> Situation {
    let most = u128::MAX >> dice.below(128);
    let setting = random_setting(dice, most);
    let [capacity, ..] = amounts_of(&setting);
    let amount = match dice.below(4) {
        0 => (capacity / 1024).saturating_add(u128::from(dice.below(3))),
        1 => capacity.saturating_add(u128::from(dice.below(2))),
        _ => drawn(dice, most),
    };
    let worth_most = u128::MAX >> dice.below(128);
    let value = (dice.below(2) == 0).then(|| ValueSituation {
        limit: Limit {
            capacity: drawn(dice, worth_most),
            per_day: 0,
            credit_cap: 0,
        },
        bucket: level(dice, worth_most),
        price: (dice.below(4) != 0).then(|| 1 + drawn(dice, worth_most - 1)),
    });
    Situation {
        amount: amount.max(1),
        setting,
        bucket: level(dice, capacity),
        value,
        large_size: (dice.below(3) == 0).then(|| drawn(dice, most).max(1)),
        queued: if dice.below(3) == 0 {
            1 + dice.below(5) as u32
        } else {
            0
        },
        held: if dice.below(4) == 0 {
            HELD_MAX
        } else {
            dice.below(u64::from(HELD_MAX)) as u32
        },
    }
}

/// An amount of any size up to `most`: small, large and nearly all of it come up alike.
fn drawn(dice: &mut Dice, most: u128) -> u128 {
    let wide = u128::from(dice.roll()) << 64 | u128::from(dice.roll());
    match dice.below(4) {
        0 => most - most.min(wide % 3),
        1 => (wide >> dice.below(128)).min(most),
        2 => most / (1 + u128::from(dice.below(2000))),
        _ => wide % most.saturating_add(1).max(1),
    }
}

fn level(dice: &mut Dice, most: u128) -> Bucket {
    Bucket {
        level: U256::from(drawn(dice, most)) * U256::from(86_400) + U256::from(dice.below(86_400)),
        debt: U256::ZERO,
        updated_at: 1,
    }
}

const SITUATION_WORDS: usize = 13;

fn write_situation(situation: &Situation) -> Vec<u8> {
    let [capacity, per_day, credit_cap] = amounts_of(&situation.setting).map(U256::from);
    let value = situation.value.as_ref();
    let number = |number: Option<u128>| number.map_or(U256::ZERO, U256::from);
    let words: [U256; SITUATION_WORDS] = [
        U256::from(situation.amount),
        U256::from(kind_of(&situation.setting)),
        capacity,
        per_day,
        credit_cap,
        situation.bucket.level,
        U256::from(u8::from(value.is_some())),
        number(value.map(|value| value.limit.capacity)),
        value.map_or(U256::ZERO, |value| value.bucket.level),
        number(value.and_then(|value| value.price)),
        number(situation.large_size),
        U256::from(situation.queued),
        U256::from(situation.held),
    ];
    words.iter().flat_map(|word| word.to_be_bytes::<32>()).collect()
}

pub(crate) fn read_situation(bytes: &[u8]) -> Situation {
    assert_eq!(bytes.len(), SITUATION_WORDS * 32);
    let words: Vec<U256> = bytes.chunks(32).map(U256::from_be_slice).collect();
    let number = |at: usize| words[at].to::<u128>();
    let some = |at: usize| Some(number(at)).filter(|number| *number != 0);
    let bucket = |level: U256| Bucket {
        level,
        debt: U256::ZERO,
        updated_at: 1,
    };
    let value = (number(6) != 0).then(|| ValueSituation {
        limit: Limit {
            capacity: number(7),
            per_day: 0,
            credit_cap: 0,
        },
        bucket: bucket(words[8]),
        price: some(9),
    });
    Situation {
        amount: number(0),
        setting: setting_of(words[1].to(), [number(2), number(3), number(4)]),
        bucket: bucket(words[5]),
        value,
        large_size: some(10),
        queued: words[11].to(),
        held: words[12].to(),
    }
}

/// A verdict as the contract numbers it.
pub(crate) fn verdict_code(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pay => 0,
        Verdict::Refuse(reject) => match reject.rule() {
            "limit_absent" => 1,
            "above_capacity" => 2,
            "above_value_capacity" => 3,
            "too_small_to_hold" => 4,
            "too_many_held" => 5,
            other => panic!("{other} is no refusal of `weigh`"),
        },
        Verdict::Hold(Hold::Large) => 6,
        Verdict::Hold(Hold::Queue) => 7,
        Verdict::Hold(Hold::Headroom) => 8,
        Verdict::Hold(Hold::Price) => 9,
        Verdict::Hold(Hold::ValueHeadroom) => 10,
    }
}

/// One flat object.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect::<Map<_, _>>(),
    )
}
