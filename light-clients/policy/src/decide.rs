//! Whether what the leaves proved is enough.

use alloc::vec::Vec;

use client::Status;
use wire::{Height, Seconds};

use crate::node::{Leaf, Policy};
use crate::reject::Reject;

/// What a leaf proved: the same path and value as every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The height of its state.
    pub height: Height,
    /// The time of that state.
    pub timestamp: Seconds,
    /// Since when the leaf has known it, if the leaf says so.
    pub learned_at: Option<Seconds>,
}

/// The time that a packet may rely on: the earliest of the leaves that count.
///
/// - `height`: the height of the proof as a whole; it is that of the leaf whose time is returned.
/// - `verdicts`: for each leaf what it proved; nothing if it is absent: halted, refused, or not asked.
///
/// # Errors
/// [`Reject::NotSatisfied`], [`Reject::WrongHeight`].
pub fn decide(
    policy: &Policy,
    height: Height,
    verdicts: &[Option<Proven>],
    now: Seconds,
) -> Result<Seconds, Reject> {
    let given = policy.leaves().iter().zip(verdicts);
    let counted: Vec<Option<Proven>> = given.map(|(leaf, verdict)| count(leaf, *verdict, now)).collect();
    let held: Vec<bool> = counted.iter().map(Option::is_some).collect();
    let proven = counted
        .into_iter()
        .flatten()
        .min_by_key(|proven| proven.timestamp);
    let (true, Some(earliest)) = (policy.holds(&held), proven) else {
        return Err(Reject::NotSatisfied { held });
    };
    let expected = earliest.height;
    if height != expected {
        return Err(Reject::WrongHeight {
            expected,
            given: height,
        });
    }
    Ok(earliest.timestamp)
}

/// Whether what the leaves say of themselves could be enough; none = halted, or does not answer.
///
/// Frozen when no other leaf is missing than frozen ones: then only governance can help.
#[must_use]
pub fn status(policy: &Policy, leaves: &[Option<Status>]) -> Status {
    let with = |counts: fn(&Option<Status>) -> bool| {
        let held: Vec<bool> = leaves.iter().map(counts).collect();
        policy.holds(&held)
    };
    if with(|leaf| *leaf == Some(Status::Active)) {
        Status::Active
    } else if with(|leaf| *leaf != Some(Status::Frozen)) {
        Status::Expired
    } else {
        Status::Frozen
    }
}

/// What a leaf proved, if it has known the state for long enough. A state without a time proves nothing.
fn count(leaf: &Leaf, verdict: Option<Proven>, now: Seconds) -> Option<Proven> {
    let proven = verdict.filter(|proven| proven.timestamp.0 != 0)?;
    if leaf.delay.0 == 0 {
        return Some(proven);
    }
    // Who tells when a state was learned, tells it for revision 0.
    let learned_at = proven.learned_at.filter(|_| proven.height.revision_number == 0)?;
    let ripe = learned_at.saturating_add(leaf.delay);
    (learned_at.0 != 0 && now >= ripe).then_some(proven)
}
