//! How an attack ended.

use std::fmt;

/// The end of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An error, an event or a finding refused it: its name.
    Refused(String),
    /// Nothing refused it, and the harm is done: what the attacker has now.
    Succeeded(String),
    /// Nothing refused it, but there is no harm either: then it is no attack.
    Idle(String),
}

impl Outcome {
    /// Whether it was refused by `rule` and nothing else.
    pub fn is_refused_by(&self, rule: &str) -> bool {
        matches!(self, Self::Refused(by) if by == rule)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(rule) => f.write_str(rule),
            Self::Succeeded(harm) => write!(f, "nothing: {harm}"),
            Self::Idle(why) => write!(f, "nothing, yet it does no harm: {why}"),
        }
    }
}
