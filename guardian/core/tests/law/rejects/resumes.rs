//! Resumes of what is not halted, of an older halt, too early, or of another set.

use alloy_primitives::{B256, keccak256};

use super::Refused;
use crate::trace::{At, FEW, MANY, Trace, asset, token};
use crate::world::{ALL, DAY, HOUR};

pub(super) fn resumes() -> Vec<Refused> {
    let halted = |about: &str| Trace::new(about).confirm(asset(0, token(1)), 10 * DAY, MANY);
    let waiting = |about: &str| halted(about).schedule(asset(0, token(1)), 1, MANY);
    let at = asset(0, token(1));
    vec![
        (
            "not_halted",
            "never",
            Trace::new("never halted").schedule(at, 1, MANY),
        ),
        (
            "not_halted",
            "over",
            Trace::new("the halt is over")
                .halt(at, HOUR, FEW)
                .wait(HOUR)
                .schedule(at, 1, MANY),
        ),
        (
            "halted_again",
            "before",
            halted("the guardians looked at an older halt")
                .halt(asset(0, token(2)), HOUR, FEW)
                .confirm(at, 11 * DAY, MANY)
                .schedule(at, 1, MANY),
        ),
        (
            "halted_again",
            "guessed",
            halted("the number of a halt to come").schedule(at, 2, MANY),
        ),
        (
            "halted_again",
            "between",
            waiting("few halt again while the resume waits")
                .halt(at, HOUR, FEW)
                .wait(HOUR)
                .execute(at),
        ),
        (
            "halted_again",
            "breach",
            waiting("a breach while the resume waits")
                .breach(at)
                .wait(HOUR)
                .execute(at),
        ),
    ]
}

pub(super) fn executions() -> Vec<Refused> {
    let halted = |about: &str| Trace::new(about).confirm(asset(0, token(1)), 10 * DAY, MANY);
    let waiting = |about: &str| halted(about).schedule(asset(0, token(1)), 1, MANY);
    let at = asset(0, token(1));
    vec![
        (
            "no_resume",
            "none",
            halted("nothing was scheduled").wait(HOUR).execute(at),
        ),
        (
            "no_resume",
            "twice",
            waiting("executed twice").wait(HOUR).execute(at).execute(at),
        ),
        (
            "no_resume",
            "other",
            waiting("another scope").wait(HOUR).execute(asset(0, token(2))),
        ),
        (
            "resume_of_other_set",
            "rotated",
            waiting("the set was replaced").rotate().wait(HOUR).execute(at),
        ),
        ("resume_too_early", "at_once", waiting("at once").execute(at)),
        (
            "resume_too_early",
            "early",
            waiting("a second too early").wait(HOUR - 1).execute(at),
        ),
        (
            "unknown_path",
            "execute",
            waiting("no client has this id")
                .wait(HOUR)
                .execute(asset(99, token(1))),
        ),
        (
            "invalid_scope",
            "execute",
            waiting("a scope with a word too many").wait(HOUR).execute(At {
                kind: ALL,
                path: B256::ZERO,
                item: keccak256("transfer"),
            }),
        ),
    ]
}
