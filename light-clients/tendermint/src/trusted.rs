//! What a client believes: a ring of states, and whether it is frozen.
//!
//! Decides where a state is kept and what it may replace. Must never let an older state replace a newer one, nor forget
//! when a state was learned. A state lives at position `height % capacity`: within reach of the newest no two heights share
//! one, so what is replaced has long been out of reach.

use alloc::collections::BTreeMap;

use alloy_primitives::B256;
use wire::{Height, Seconds};

use crate::config::Config;
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
    /// What a contract's view functions say.
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
        let states = BTreeMap::new();
        let mut trusted = Self {
            config,
            frozen,
            newest,
            states,
        };
        for state in others.into_iter().chain([newest]) {
            trusted.put(state);
        }
        Ok(trusted)
    }

    /// The newest state.
    #[must_use]
    pub const fn newest(&self) -> &State {
        &self.newest
    }

    /// All trusted states, in the order of the ring's positions.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The trusted state at `height`.
    ///
    /// # Errors
    /// [`Reject::UnknownHeight`].
    pub fn state_at(&self, height: Height) -> Result<&State, Reject> {
        if height.revision_number != self.config.revision() {
            return Err(Reject::UnknownHeight { height });
        }
        self.states
            .get(&self.position(height.revision_height))
            .filter(|state| state.height == height.revision_height)
            .ok_or(Reject::UnknownHeight { height })
    }

    /// The moment from which on nothing is believed any more.
    #[must_use]
    pub fn expiry(&self) -> Seconds {
        self.config.expiry_of(&self.newest)
    }

    /// Refuses a height that the ring cannot hold behind the newest.
    fn check_reach(&self, height: u64) -> Result<(), Reject> {
        let newest = self.newest.height;
        if height.saturating_add(u64::from(self.config.capacity)) > newest {
            return Ok(());
        }
        Err(Reject::OlderThanRing { height, newest })
    }

    /// Where the verified `state` would go. Within reach a position holds nothing newer.
    ///
    /// A state that is not earlier than the newest is never refused for its height: it is what shows that a height was made up
    /// to keep the chain's own headers out.
    ///
    /// # Errors
    /// [`Reject::OlderThanRing`].
    pub(crate) fn place(&self, state: &State) -> Result<Place, Reject> {
        if state.time < self.newest.time {
            self.check_reach(state.height)?;
        }
        let held = self
            .states
            .get(&self.position(state.height))
            .filter(|held| held.height == state.height);
        let newest = &self.newest;
        Ok(match held {
            Some(held) if is_same(held, state) => Place::Same,
            Some(_) => Place::Contradicts,
            // Higher and not later, or lower and not earlier: two headers, both signed, between which time stood still.
            None if (state.height > newest.height) != (state.time > newest.time) => Place::Contradicts,
            None if state.time == newest.time => Place::Contradicts,
            None => Place::Free,
        })
    }

    /// The same, with `state` in its position.
    pub(crate) fn with_state(mut self, state: State) -> Self {
        if self.newest.height < state.height {
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
