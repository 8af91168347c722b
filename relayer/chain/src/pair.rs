//! What is found of one end of a path when a verifier looks at it with its own endpoints, rule by rule (PROTOCOL 1, "Pair
//! registration").

use crate::fault::Fault;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt;
use wire::{End, Seconds};

/// One rule and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule; of a leaf of a policy, the leaf and the rule.
    pub rule: Cow<'static, str>,
    /// What holds, or what does not and what helps.
    pub verdict: Result<String, Doubt>,
}

impl Finding {
    /// What was found of `rule`.
    pub fn new(rule: &'static str, verdict: Result<String, impl Into<Doubt>>) -> Self {
        Self {
            rule: rule.into(),
            verdict: verdict.map_err(Into::into),
        }
    }

    /// The same of the leaf at `place` of a policy.
    #[must_use]
    pub fn of_leaf(self, place: usize) -> Self {
        Self {
            rule: format!("leaf {place} {}", self.rule).into(),
            ..self
        }
    }
}

/// Why a rule does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The client is not what it has to be.
    Differs(String),
    /// It is what it has to be and cannot be used now: expired, frozen, halted, not paired yet.
    Unusable(String),
    /// No endpoint has any more what would be compared: archive nodes do.
    Gone(String),
    /// It could not be checked: somebody does not answer, or not yet.
    Unchecked(String),
}

impl Doubt {
    /// A rule that could not be checked does not hold.
    #[must_use]
    pub fn unchecked(fault: Fault) -> Self {
        Self::Unchecked(format!("it could not be checked: failed to {fault}"))
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs(text) | Self::Unusable(text) | Self::Gone(text) | Self::Unchecked(text) => {
                f.write_str(text)
            }
        }
    }
}

impl From<String> for Doubt {
    fn from(text: String) -> Self {
        Self::Differs(text)
    }
}

/// How many of a client's states are compared with the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All that it keeps: a person wants to know.
    Whole,
    /// The newest ones: others were compared when the path was made, and are pruned from most nodes.
    Newest,
}

/// What an operator accepts at most of a client's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsMax {
    /// The longest trust period.
    pub trust_period: Seconds,
    /// The furthest that a header of a CometBFT chain may be ahead of its host's clock.
    pub clock_drift: Seconds,
}

/// What an end must fit.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The end on the other chain; none while it is not registered.
    pub counterparty: Option<End>,
    /// What the operator accepts.
    pub terms_max: TermsMax,
    /// How many states are compared.
    pub depth: Depth,
}
