//! What a bucket is by definition: every second brings one day's rate in units x 86,400, to the debt first, then to the
//! level. It counts second by second and shares no arithmetic with the law.

use alloy_primitives::U256;
use limits::{Bucket, Limit, Setting};

use crate::trace::{Act, Outcome, Step};

const DAY: u64 = 86_400;

pub(crate) struct Oracle {
    setting: Setting,
    level: U256,
    debt: U256,
    at: u64,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        Self {
            setting: Setting::Absent,
            level: U256::ZERO,
            debt: U256::ZERO,
            at: 0,
        }
    }

    pub(crate) fn apply(&mut self, step: &Step) -> Outcome {
        let before = (self.level, self.debt, self.at);
        if let Setting::Limited(limit) = self.setting {
            self.wait_until(step.now, &limit);
        }
        let refused = match step.act {
            Act::Set(next) => self.set(next, step.now),
            Act::Lower(next) if !is_lower(&self.setting, &next) => Some("not_a_lowering"),
            Act::Lower(next) => self.set(next, step.now),
            Act::Take(amount) => self.take(amount),
            Act::Credit(inflow) => self.credit(inflow),
            Act::Default(_) | Act::Look => None,
        };
        if refused.is_some() || matches!(step.act, Act::Look | Act::Default(_)) {
            (self.level, self.debt, self.at) = before;
        }
        if let Act::Default(next) = step.act {
            self.setting = next;
        }
        Outcome {
            refused,
            available: self.available_at(step.now),
            bucket: Bucket {
                level: self.level,
                debt: self.debt,
                updated_at: self.at,
            },
        }
    }

    fn available_at(&mut self, now: u64) -> u128 {
        let Setting::Limited(limit) = self.setting else {
            return 0;
        };
        let before = (self.level, self.debt, self.at);
        self.wait_until(now, &limit);
        let available = self.level / U256::from(DAY);
        (self.level, self.debt, self.at) = before;
        available.to()
    }

    fn wait_until(&mut self, now: u64, limit: &Limit) {
        if self.at == 0 {
            (self.level, self.debt, self.at) = (times_day(limit.capacity), U256::ZERO, now);
        }
        self.level = self.level.min(times_day(limit.capacity));
        while self.at < now {
            self.at += 1;
            let mut rate = U256::from(limit.per_day);
            let repaid = rate.min(self.debt);
            self.debt -= repaid;
            rate -= repaid;
            self.level = (self.level + rate).min(times_day(limit.capacity));
        }
    }

    fn set(&mut self, next: Setting, now: u64) -> Option<&'static str> {
        match (self.setting, next) {
            (Setting::Limited(_), Setting::Limited(limit)) => {
                self.level = self.level.min(times_day(limit.capacity));
            }
            (_, Setting::Limited(limit)) => {
                (self.level, self.debt, self.at) = (times_day(limit.capacity), U256::ZERO, now);
            }
            _ => (self.level, self.debt, self.at) = (U256::ZERO, U256::ZERO, 0),
        }
        self.setting = next;
        None
    }

    fn take(&mut self, amount: u128) -> Option<&'static str> {
        match self.setting {
            Setting::Absent => Some("limit_absent"),
            Setting::Unlimited => None,
            Setting::Limited(limit) if amount > limit.capacity => Some("above_capacity"),
            Setting::Limited(_) if times_day(amount) > self.level => Some("no_headroom"),
            Setting::Limited(_) => {
                self.level -= times_day(amount);
                None
            }
        }
    }

    fn credit(&mut self, inflow: u128) -> Option<&'static str> {
        if let Setting::Limited(limit) = self.setting {
            let cap = times_day(limit.credit_cap);
            let allowed = if cap > self.debt {
                cap - self.debt
            } else {
                U256::ZERO
            };
            let room = times_day(limit.capacity) - self.level;
            let credit = times_day(inflow).min(allowed).min(room);
            self.level += credit;
            self.debt += credit;
        }
        None
    }
}

fn is_lower(old: &Setting, next: &Setting) -> bool {
    match (old, next) {
        (Setting::Unlimited, Setting::Limited(_)) => true,
        (Setting::Limited(old), Setting::Limited(next)) => {
            !(next.capacity > old.capacity || next.per_day > old.per_day || next.credit_cap > old.credit_cap)
        }
        _ => false,
    }
}

fn times_day(amount: u128) -> U256 {
    U256::from(amount) * U256::from(DAY)
}
