//! What a client believes: a ring of states, the present set, and whether it is frozen.
//!
//! Decides where a state is kept and what it may replace. Must never let an older state replace a newer one, nor forget
//! when a state was learned. A state lives at position `height / interval % capacity`: heights are multiples of the interval,
//! so two states share a position only when the ring has gone round.

use alloc::collections::BTreeMap;

use alloy_primitives::B256;
use wire::Seconds;

use crate::config::Config;
use crate::reject::Reject;
use crate::set::Set;

/// A trusted state of the counterparty chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub timestamp: Seconds,
    /// Root of the router's storage.
    pub storage_root: B256,
    /// The host's block time when it was learned.
    pub learned_at: Seconds,
}

/// A set that waits to take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRotation {
    /// The next set.
    pub set: Set,
    /// The moment from which on it signs.
    pub due: Seconds,
}

/// What a client believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The client's constants.
    pub config: Config,
    /// Those who sign.
    pub set: Set,
    /// Number of their set: 1 for the first.
    pub set_id: u64,
    /// Rotations accepted so far, vetoed ones included.
    pub nonce: u64,
    /// The set that waits, if one does.
    pub pending: Option<PendingRotation>,
    /// Whether misbehaviour was proven.
    pub frozen: bool,
    newest: Option<State>,
    states: BTreeMap<u64, State>,
}

/// What a ring says about a verified state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is room for it.
    Free,
    /// It is there already.
    Same,
    /// Its height is there with another claim, or time runs backwards between it and the newest.
    Contradicts,
}

impl Trusted {
    /// A client that believes nothing yet.
    pub(crate) fn new(config: Config, set: Set) -> Self {
        Self {
            config,
            set,
            set_id: 1,
            nonce: 0,
            pending: None,
            frozen: false,
            newest: None,
            states: BTreeMap::new(),
        }
    }

    /// What a contract's view functions say.
    ///
    /// - `set`: the one that signs now; see [`Set::in_use`].
    /// - `states`: those of the ring that are of interest, the newest among them.
    ///
    /// # Errors
    /// [`Reject::BadConfig`].
    pub fn from_parts(
        config: Config,
        set: Set,
        set_id: u64,
        states: impl IntoIterator<Item = State>,
        frozen: bool,
    ) -> Result<Self, Reject> {
        config.check()?;
        let known = Self {
            set_id,
            frozen,
            ..Self::new(config, set)
        };
        Ok(states.into_iter().fold(known, Self::with_state))
    }

    /// All trusted states, in the order of the ring's positions.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The newest state, if any was learned.
    #[must_use]
    pub fn newest(&self) -> Option<&State> {
        self.newest.as_ref()
    }

    /// The trusted state of this height.
    #[must_use]
    pub fn state_at(&self, height: u64) -> Option<&State> {
        self.states
            .get(&self.position(height))
            .filter(|state| state.height == height)
    }

    /// The moment from which on nothing is believed any more; none before the first state.
    #[must_use]
    pub fn expiry(&self) -> Option<Seconds> {
        let newest = self.newest?;
        Some(self.expiry_of(newest.timestamp))
    }

    /// The moment from which on a state of this time does not count.
    pub(crate) fn expiry_of(&self, timestamp: Seconds) -> Seconds {
        timestamp.saturating_add(self.config.trust_period)
    }

    /// Refuses a height that the ring cannot hold behind `newest`.
    fn check_reach(&self, height: u64, newest: &State) -> Result<(), Reject> {
        let newest = newest.height;
        // Nothing is cut off: the sum has room in 128 bits.
        let reach = u128::from(self.lap(height)).saturating_add(u128::from(self.config.capacity));
        if reach > u128::from(self.lap(newest)) {
            return Ok(());
        }
        Err(Reject::OlderThanRing { height, newest })
    }

    /// Where the attested `state` would go. Within reach a position holds nothing newer.
    ///
    /// A state that contradicts is never refused for its height: it is what shows that a height was made up to keep the
    /// chain's own states out. Equal times of two heights contradict nothing: there are chains that make several blocks in
    /// one second.
    ///
    /// # Errors
    /// [`Reject::OlderThanRing`].
    pub(crate) fn place(&self, state: &State) -> Result<Place, Reject> {
        if let Some(held) = self.state_at(state.height) {
            let is_same = held.storage_root == state.storage_root && held.timestamp == state.timestamp;
            return Ok(if is_same { Place::Same } else { Place::Contradicts });
        }
        let Some(newest) = self.newest else {
            return Ok(Place::Free);
        };
        let runs_backwards = if state.height > newest.height {
            state.timestamp < newest.timestamp
        } else {
            state.timestamp > newest.timestamp
        };
        if runs_backwards {
            return Ok(Place::Contradicts);
        }
        self.check_reach(state.height, &newest)?;
        Ok(Place::Free)
    }

    /// The same, with `state` in its position.
    pub(crate) fn with_state(mut self, state: State) -> Self {
        if self.newest.is_none_or(|newest| newest.height < state.height) {
            self.newest = Some(state);
        }
        self.states.insert(self.position(state.height), state);
        self
    }

    /// The same, frozen.
    pub(crate) fn into_frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// The ring's position of a height.
    fn position(&self, height: u64) -> u64 {
        self.lap(height)
            .checked_rem(u64::from(self.config.capacity))
            .unwrap_or(0)
    }

    /// Number of the interval that ends with `height`.
    fn lap(&self, height: u64) -> u64 {
        height.checked_div(self.config.interval).unwrap_or(0)
    }
}
