//! Older states that nobody can put out of a client by choosing heights.
//!
//! Whoever can sign a header that is believed chooses its height too, and with that whose position in the ring it takes: a few
//! headers are enough to put out every state of the chain, and after that nothing could be judged from what the chain itself
//! signed. A place here is earned by time and not by height. When a header comes that is a quarter of the trust period or more
//! later than the last milestone, the state that was the newest until then becomes one.
//!
//! So it is the forger's first header that keeps what the client believed before it, unless a milestone is there that is less than a
//! quarter of the period older. And none is lost that still counts, however fast headers come: between a milestone and the next but
//! one lies that quarter at least, so eight of them reach over the whole trust period.

use alloc::collections::VecDeque;

use wire::Seconds;

use crate::trusted::State;

/// How many are kept.
const MILESTONES: usize = 8;
/// Parts of the trust period, of which one lies between a milestone and the header that makes the next.
const PARTS: u64 = 4;

/// The milestones of a client, the oldest first; there is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Milestones {
    older: VecDeque<State>,
    last: State,
}

impl Milestones {
    /// Those of a client that begins with `first`.
    pub(crate) const fn of(first: State) -> Self {
        Self {
            older: VecDeque::new(),
            last: first,
        }
    }

    /// The milestone of a height.
    pub(crate) fn get(&self, height: u64) -> Option<&State> {
        self.iter().find(|state| state.height == height)
    }

    /// The oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &State> {
        self.older.iter().chain([&self.last])
    }

    /// Takes note that `next` is the newest state from now on, and `before` was until now.
    ///
    /// All times in whole seconds, rounded down, as the contract keeps them.
    pub(crate) fn pass(&mut self, before: State, next: &State, trust_period: Seconds) {
        let last = self.last.time.rounded_down();
        let part = Seconds(trust_period.0.checked_div(PARTS).unwrap_or(0));
        let is_due = next.time.rounded_down() >= last.saturating_add(part);
        if is_due && before.time.rounded_down() > last {
            self.push(before);
        }
    }

    /// `state` is the last one.
    pub(crate) fn push(&mut self, state: State) {
        self.older.push_back(self.last);
        self.last = state;
        if self.older.len() == MILESTONES {
            self.older.pop_front();
        }
    }
}
