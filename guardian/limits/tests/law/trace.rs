//! Sequences of operations on one bucket, and how the shared vectors write them: eleven words a step.

use alloy_primitives::U256;
use limits::{Bucket, Limit, Reject, Setting};

/// Words of a step: operation, time, kind, three amounts; then the answer, what is available, and the stored bucket.
pub(crate) const STEP_WORDS: usize = 11;

/// What happens to the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Set(Setting),
    Lower(Setting),
    /// The client's default changes, for an asset that has no setting of its own: its bucket is not touched.
    Default(Setting),
    Take(u128),
    Credit(u128),
    Look,
}

/// What happens, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) now: u64,
    pub(crate) act: Act,
}

/// What a step leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The rule that refused it; then nothing is stored.
    pub(crate) refused: Option<&'static str>,
    /// What may leave at that moment, after the step.
    pub(crate) available: u128,
    /// The bucket as it is stored.
    pub(crate) bucket: Bucket,
}

/// The law, driven step by step as a contract drives it.
pub(crate) struct Machine {
    pub(crate) setting: Setting,
    pub(crate) bucket: Bucket,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            setting: Setting::Absent,
            bucket: Bucket::default(),
        }
    }

    pub(crate) fn apply(&mut self, step: &Step) -> Outcome {
        let refused = self.judge(step).err().map(|reject| reject.rule());
        let available = match self.setting {
            Setting::Limited(limit) => self.bucket.refilled(&limit, step.now).available(),
            Setting::Absent | Setting::Unlimited => 0,
        };
        Outcome {
            refused,
            available,
            bucket: self.bucket,
        }
    }

    fn judge(&mut self, step: &Step) -> Result<(), Reject> {
        let now = step.now;
        match (step.act, self.setting) {
            (Act::Lower(next), old) => {
                old.check_lowering(&next)?;
                self.set(next, now);
            }
            (Act::Set(next), _) => self.set(next, now),
            (Act::Default(next), _) => self.setting = next,
            (Act::Take(_), Setting::Absent) => return Err(Reject::LimitAbsent),
            (Act::Take(amount), Setting::Limited(limit)) => {
                self.bucket = self.bucket.refilled(&limit, now).taken(&limit, amount)?;
            }
            (Act::Credit(inflow), Setting::Limited(limit)) => {
                self.bucket = self.bucket.refilled(&limit, now).credited(&limit, inflow);
            }
            (Act::Take(_), Setting::Unlimited)
            | (Act::Credit(_), Setting::Absent | Setting::Unlimited)
            | (Act::Look, _) => {}
        }
        Ok(())
    }

    fn set(&mut self, next: Setting, now: u64) {
        self.bucket = self.bucket.reconfigured(&self.setting, &next, now);
        self.setting = next;
    }
}

/// A step and its outcome as the vectors write them.
pub(crate) fn encode(step: &Step, outcome: &Outcome) -> Vec<u8> {
    let (op, kind, amounts) = match step.act {
        Act::Set(setting) => (1, kind_of(&setting), amounts_of(&setting)),
        Act::Lower(setting) => (2, kind_of(&setting), amounts_of(&setting)),
        Act::Default(setting) => (6, kind_of(&setting), amounts_of(&setting)),
        Act::Take(amount) => (3, 0, [amount, 0, 0]),
        Act::Credit(inflow) => (4, 0, [inflow, 0, 0]),
        Act::Look => (5, 0, [0, 0, 0]),
    };
    let answer = outcome.refused.map_or(0, code_of);
    let [first, second, third] = amounts.map(U256::from);
    let bucket = outcome.bucket;
    let words: [U256; STEP_WORDS] = [
        U256::from(op),
        U256::from(step.now),
        U256::from(kind),
        first,
        second,
        third,
        U256::from(answer),
        U256::from(outcome.available),
        bucket.level,
        bucket.debt,
        U256::from(bucket.updated_at),
    ];
    words.iter().flat_map(|word| word.to_be_bytes::<32>()).collect()
}

/// The inverse of `encode`; the answer stays a number.
pub(crate) fn decode(bytes: &[u8]) -> (Step, u8, u128, Bucket) {
    let words: Vec<U256> = bytes.chunks(32).map(U256::from_be_slice).collect();
    let amount = |at: usize| words[at].to::<u128>();
    let setting = setting_of(words[2].to(), [amount(3), amount(4), amount(5)]);
    let act = match words[0].to::<u8>() {
        1 => Act::Set(setting),
        2 => Act::Lower(setting),
        3 => Act::Take(amount(3)),
        4 => Act::Credit(amount(3)),
        5 => Act::Look,
        6 => Act::Default(setting),
        other => panic!("no operation {other}"),
    };
    let bucket = Bucket {
        level: words[8],
        debt: words[9],
        updated_at: words[10].to(),
    };
    let now = words[1].to();
    (Step { now, act }, words[6].to(), amount(7), bucket)
}

pub(crate) fn kind_of(setting: &Setting) -> u8 {
    match setting {
        Setting::Absent => 0,
        Setting::Limited(_) => 1,
        Setting::Unlimited => 2,
    }
}

pub(crate) fn amounts_of(setting: &Setting) -> [u128; 3] {
    match setting {
        Setting::Limited(limit) => [limit.capacity, limit.per_day, limit.credit_cap],
        Setting::Absent | Setting::Unlimited => [0; 3],
    }
}

pub(crate) fn setting_of(kind: u8, [capacity, per_day, credit_cap]: [u128; 3]) -> Setting {
    match kind {
        0 => Setting::Absent,
        1 => Setting::Limited(Limit {
            capacity,
            per_day,
            credit_cap,
        }),
        2 => Setting::Unlimited,
        other => panic!("no kind {other}"),
    }
}

/// A rule as the vectors number it: the contract's verdicts, and one that is no verdict.
pub(crate) fn code_of(rule: &str) -> u8 {
    match rule {
        "limit_absent" => 1,
        "above_capacity" => 2,
        "no_headroom" => 8,
        "not_a_lowering" => 255,
        other => panic!("{other} is no rule of a bucket"),
    }
}
