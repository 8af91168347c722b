//! The traces whose last step is refused: one thing is wrong with it.

mod budgets;
mod resumes;
mod sets;
mod signatures;

use crate::trace::Trace;

/// The rule that is broken, the name of the file, the trace.
type Refused = (&'static str, &'static str, Trace);

pub(crate) fn traces() -> Vec<Refused> {
    [
        sets::sets(),
        sets::orders(),
        sets::rotations(),
        sets::scopes(),
        sets::scopes_without_path(),
        sets::unknown_paths(),
        budgets::durations(),
        budgets::budgets(),
        signatures::replays(),
        signatures::other_domains(),
        signatures::other_statements(),
        signatures::quorums(),
        signatures::wrong_signers(),
        signatures::forms(),
        resumes::resumes(),
        resumes::executions(),
    ]
    .concat()
}
