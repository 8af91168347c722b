//! What a client believes: a ring of states, milestones beside it, and whether it is frozen.
//!
//! Decides where a state is kept and what it may replace. Must never let an older state replace a newer one, nor forget
//! when a state was learned. A state lives at position `height % capacity`: within reach of the newest no two heights share
//! one, so what is replaced has long been out of reach.

use alloc::collections::BTreeMap;

use alloy_primitives::B256;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::milestones::Milestones;
use crate::reject::Reject;
use crate::time::Time;

/// A trusted state of the counterparty chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its height, in the revision of the chain.
    pub height: u64,
    /// Its time.
    pub time: Time,
    /// Root of the application's state.
    pub app_hash: B256,
    /// Hash of the set that signs the next block.
    pub next_validators_hash: B256,
    /// The host's block time when it was learned.
    pub learned_at: Seconds,
}

/// What a client believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The client's constants.
    pub config: Config,
    /// Whether misbehaviour was proven.
    pub frozen: bool,
    newest: State,
    states: BTreeMap<u64, State>,
    milestones: Milestones,
}

/// What a ring says about a verified state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is room for it.
    Free,
    /// It is there already.
    Same,
    /// It cannot be true beside what is there.
    Contradicts,
}

impl Trusted {
    /// What a contract's view functions say. The lowest state counts as the only milestone: see [`Self::with_milestones`].
    ///
    /// - `newest`: the newest state.
    /// - `others`: further states of the ring that are of interest.
    ///
    /// # Errors
    /// [`Reject::BadConfig`].
    pub fn from_parts(
        config: Config,
        newest: State,
        others: impl IntoIterator<Item = State>,
        frozen: bool,
    ) -> Result<Self, Reject> {
        config.check()?;
        let mut trusted = Self {
            config,
            frozen,
            newest,
            states: BTreeMap::new(),
            milestones: Milestones::of(newest),
        };
        for state in others.into_iter().chain([newest]) {
            trusted.put(state);
        }
        let lowest = trusted.states.values().min_by_key(|state| state.height);
        trusted.milestones = Milestones::of(lowest.copied().unwrap_or(newest));
        Ok(trusted)
    }

    /// The same with these milestones, the oldest first, in place of those that it has. None change nothing.
    #[must_use]
    pub fn with_milestones(mut self, states: impl IntoIterator<Item = State>) -> Self {
        let mut states = states.into_iter();
        if let Some(first) = states.next() {
            self.milestones = Milestones::of(first);
            states.for_each(|state| self.milestones.push(state));
        }
        self
    }

    /// The milestones: states that are believed as those of the ring are, and that no height can put out. The oldest first.
    pub fn milestones(&self) -> impl Iterator<Item = &State> {
        self.milestones.iter()
    }

    /// The newest state.
    #[must_use]
    pub const fn newest(&self) -> &State {
        &self.newest
    }

    /// All trusted states: those of the ring in the order of its positions, then the milestones that are out of it.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        let out = |state: &&State| self.in_ring(state.height).is_none();
        self.states.values().chain(self.milestones.iter().filter(out))
    }

    /// The trusted state at `height`.
    ///
    /// # Errors
    /// [`Reject::UnknownHeight`].
    pub fn state_at(&self, height: Height) -> Result<&State, Reject> {
        if height.revision_number != self.config.revision() {
            return Err(Reject::UnknownHeight { height });
        }
        self.held(height.revision_height)
            .ok_or(Reject::UnknownHeight { height })
    }

    /// What is believed of a height.
    fn held(&self, height: u64) -> Option<&State> {
        self.in_ring(height).or_else(|| self.milestones.get(height))
    }

    fn in_ring(&self, height: u64) -> Option<&State> {
        let place = self.states.get(&self.position(height));
        place.filter(|state| state.height == height)
    }

    /// The moment from which on nothing is believed any more.
    #[must_use]
    pub fn expiry(&self) -> Seconds {
        self.config.expiry_of(&self.newest)
    }

    /// Whether the ring can hold a height behind the newest.
    fn reaches(&self, height: u64) -> bool {
        height.saturating_add(u64::from(self.config.capacity)) > self.newest.height
    }

    /// Where the verified `state` would go. Within reach a position holds nothing newer.
    ///
    /// A state that is not earlier than the newest is never refused for its height: it is what shows that a height was made up
    /// to keep the chain's own headers out.
    ///
    /// # Errors
    /// [`Reject::OlderThanRing`].
    pub(crate) fn place(&self, state: &State) -> Result<Place, Reject> {
        if let Some(held) = self.held(state.height) {
            let is_same = is_same(held, state);
            return Ok(if is_same { Place::Same } else { Place::Contradicts });
        }
        let newest = &self.newest;
        if state.time < newest.time && !self.reaches(state.height) {
            return Err(Reject::OlderThanRing {
                height: state.height,
                newest: newest.height,
            });
        }
        // Higher and not later, or lower and not earlier: two headers, both signed, between which time stood still.
        let stands = state.time == newest.time;
        let is_crossed = (state.height > newest.height) != (state.time > newest.time);
        Ok(if stands || is_crossed {
            Place::Contradicts
        } else {
            Place::Free
        })
    }

    /// The same, with `state` in its position.
    pub(crate) fn with_state(mut self, state: State) -> Self {
        if self.newest.height < state.height {
            let period = self.config.trust_period;
            self.milestones.pass(self.newest, &state, period);
            self.newest = state;
        }
        self.put(state);
        self
    }

    /// The same, frozen.
    pub(crate) fn into_frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    fn put(&mut self, state: State) {
        self.states.insert(self.position(state.height), state);
    }

    /// The ring's position of a height.
    fn position(&self, height: u64) -> u64 {
        height.checked_rem(u64::from(self.config.capacity)).unwrap_or(0)
    }
}

impl Config {
    /// The moment from which on `state` is not built on.
    pub(crate) fn expiry_of(&self, state: &State) -> Seconds {
        state.time.rounded_down().saturating_add(self.trust_period)
    }
}

/// Whether they say the same about their height.
fn is_same(held: &State, state: &State) -> bool {
    held.time == state.time
        && held.app_hash == state.app_hash
        && held.next_validators_hash == state.next_validators_hash
}
