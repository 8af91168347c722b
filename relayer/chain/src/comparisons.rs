//! Which states of clients were compared with the chain that they follow, and which is to be compared next.
//!
//! A client may keep thousands of states, and an answer compares a few. A state that is the chain's stays that, and is not looked
//! at again. Of others nothing final can be said: blocks are pruned, or nobody answers, or what is wrong cannot be shown to the client
//! yet. Those take turns, so that none of them keeps the ones behind it from being looked at.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// States of either kind that are remembered; the oldest are forgotten first. Bound: more than the clients of a chain keep within a
/// trust period, or what was forgotten would be compared without end.
const KEPT_MAX: usize = 100_000;
/// Foreign states that are looked at each time, so that what is told of them stays told.
const FOREIGN_FIRST: usize = 2;

/// What was found of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The chain has it.
    Own,
    /// The chain has another one.
    Foreign,
    /// That could not be said.
    Unknown,
}

/// What was found of states. `S` is a state, ordered by height first.
#[derive(Debug)]
pub struct Comparisons<S> {
    own: BTreeSet<S>,
    open: BTreeMap<S, Open>,
    look: u64,
}

/// A state of which nothing final was found.
#[derive(Clone, Copy, Debug)]
struct Open {
    is_foreign: bool,
    /// The look that found it so.
    look: u64,
}

/// The states of one client that are to be compared, the most urgent first.
#[derive(Debug)]
pub struct Chosen<'a, S, T> {
    /// Each with what it is remembered by.
    pub states: Vec<(S, &'a T)>,
    look: u64,
}

impl<S> Default for Comparisons<S> {
    fn default() -> Self {
        Self {
            own: BTreeSet::new(),
            open: BTreeMap::new(),
            look: 0,
        }
    }
}

impl<S: Ord + Clone> Comparisons<S> {
    /// Whether the chain was found to have `state`.
    #[must_use]
    pub fn is_own(&self, state: &S) -> bool {
        self.own.contains(state)
    }

    /// Begins a look at a client: those of its `states` that are not known to be the chain's. A few foreign ones come first, then the
    /// newest of those that were never looked at, then those that were not for the longest time.
    pub fn choose<'a, T>(
        &mut self,
        states: impl Iterator<Item = &'a T>,
        key: impl Fn(&T) -> S,
    ) -> Chosen<'a, S, T> {
        self.look = self.look.saturating_add(1);
        let keyed = states.map(|state| (key(state), state));
        let mut states: Vec<(S, &'a T)> = keyed.filter(|(state, _)| !self.is_own(state)).collect();
        states.sort_by(|(one, _), (other, _)| other.cmp(one));
        let is_foreign = |state: &S| self.open.get(state).is_some_and(|open| open.is_foreign);
        let foreign = states.iter().filter(|(state, _)| is_foreign(state));
        let first: BTreeSet<S> = foreign
            .take(FOREIGN_FIRST)
            .map(|(state, _)| state.clone())
            .collect();
        // Never looked at sorts before every look.
        states.sort_by_key(|(state, _)| (!first.contains(state), self.open.get(state).map(|open| open.look)));
        let look = self.look;
        Chosen { states, look }
    }

    /// Remembers what was found of `state`.
    pub fn put(&mut self, state: S, found: Found) {
        let look = self.look;
        let is_foreign = match found {
            Found::Own => {
                self.open.remove(&state);
                self.own.insert(state);
                if self.own.len() > KEPT_MAX {
                    self.own.pop_first();
                }
                return;
            }
            Found::Foreign => true,
            Found::Unknown => false,
        };
        self.open.insert(state, Open { is_foreign, look });
        if self.open.len() > KEPT_MAX {
            self.open.pop_first();
        }
    }

    /// Whether the look is worth going on with soon: states were never looked at, or some of those that nothing could be said of are
    /// the chain's after all, and others were not asked for.
    #[must_use]
    pub fn has_more<T>(&self, chosen: &Chosen<'_, S, T>) -> bool {
        let any = |is: &dyn Fn(&S) -> bool| chosen.states.iter().any(|(state, _)| is(state));
        let is_left = |state: &S| self.open.get(state).is_some_and(|open| open.look < chosen.look);
        any(&|state| !self.is_own(state) && !self.open.contains_key(state))
            || any(&|state| self.is_own(state)) && any(&is_left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// States of heights, of which the first `asked` are looked at.
    fn look(
        all: &mut Comparisons<u64>,
        heights: &[u64],
        asked: usize,
        find: impl Fn(u64) -> Found,
    ) -> (Vec<u64>, bool) {
        let chosen = all.choose(heights.iter(), |height| *height);
        let mut seen = Vec::new();
        for (height, _) in chosen.states.iter().take(asked) {
            seen.push(*height);
            all.put(*height, find(*height));
        }
        (seen, all.has_more(&chosen))
    }

    #[test]
    fn states_of_which_nothing_can_be_said_take_turns_and_end_the_look() {
        let mut all = Comparisons::default();
        let heights = [1, 2, 3, 4, 5];
        let pruned = |_| Found::Unknown;
        assert_eq!(look(&mut all, &heights, 2, pruned), (alloc::vec![5, 4], true));
        assert_eq!(look(&mut all, &heights, 2, pruned), (alloc::vec![3, 2], true));
        assert_eq!(look(&mut all, &heights, 2, pruned), (alloc::vec![1, 5], false));
        assert_eq!(look(&mut all, &heights, 2, pruned), (alloc::vec![4, 3], false));
        // A new one comes first.
        assert_eq!(
            look(&mut all, &[1, 2, 3, 4, 5, 6], 2, pruned),
            (alloc::vec![6, 2], false)
        );
    }

    #[test]
    fn what_is_the_chains_is_not_looked_at_again() {
        let mut all = Comparisons::default();
        let own = |_| Found::Own;
        assert_eq!(look(&mut all, &[1, 2, 3], 2, own), (alloc::vec![3, 2], true));
        assert_eq!(look(&mut all, &[1, 2, 3], 2, own), (alloc::vec![1], false));
        assert_eq!(look(&mut all, &[1, 2, 3], 2, own), (alloc::vec![], false));
        assert!(all.is_own(&1) && !all.is_own(&4));
    }

    #[test]
    fn once_somebody_answers_again_the_others_are_asked_for_soon() {
        let mut all = Comparisons::default();
        let heights = [1, 2, 3, 4];
        for _ in 0..2 {
            look(&mut all, &heights, 2, |_| Found::Unknown);
        }
        assert_eq!(
            look(&mut all, &heights, 2, |_| Found::Own),
            (alloc::vec![4, 3], true)
        );
        assert_eq!(
            look(&mut all, &heights, 2, |_| Found::Own),
            (alloc::vec![2, 1], false)
        );
    }

    #[test]
    fn foreign_states_stay_in_sight_and_hide_no_others() {
        let mut all = Comparisons::default();
        let heights = [1, 2, 3, 4, 5, 6];
        let foreign = |_| Found::Foreign;
        assert_eq!(look(&mut all, &heights, 3, foreign), (alloc::vec![6, 5, 4], true));
        assert_eq!(look(&mut all, &heights, 3, foreign), (alloc::vec![6, 5, 3], true));
        assert_eq!(look(&mut all, &heights, 3, foreign), (alloc::vec![6, 5, 2], true));
        assert_eq!(
            look(&mut all, &heights, 3, foreign),
            (alloc::vec![6, 5, 1], false)
        );
        assert_eq!(
            look(&mut all, &heights, 3, foreign),
            (alloc::vec![6, 5, 4], false)
        );
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_newest() {
        let mut all = Comparisons::default();
        for height in 0..=100_000 {
            all.put(height, Found::Own);
            all.put(height + 1_000_000, Found::Unknown);
        }
        assert_eq!((all.own.len(), all.open.len()), (KEPT_MAX, KEPT_MAX));
        assert!(!all.is_own(&0) && all.is_own(&100_000));
    }
}
