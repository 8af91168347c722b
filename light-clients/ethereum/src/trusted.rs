//! What a client believes: a ring of states, a ring of committees, and whether it is frozen.
//!
//! Decides where a state or committee is kept and what it may replace. Must never let an older state
//! replace a newer one, nor forget when a state was learned.
//!
//! **States**: one position for every `checkpoint_of(slot) % capacity`. A finalized block is the last one
//! at or before the first slot of its epoch, so there is one position an epoch, and positions of
//! successive epochs differ until the ring wraps. **Committees**: four positions, `period % 4`. A
//! committee is only ever added behind the newest, so the ring holds up to four successive periods.

use alloc::collections::BTreeMap;

use alloy_primitives::B256;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::reject::Reject;
use crate::units::{Period, Slot};

/// Committees that a client holds.
pub const COMMITTEES: usize = 4;

/// The same number, for arithmetic with periods.
const COMMITTEE_POSITIONS: u64 = 4;

/// A trusted state of the counterparty chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Slot of the finalized header.
    pub slot: Slot,
    /// Root of the router's storage.
    pub storage_root: B256,
    /// The host's block time when it was learned.
    pub learned_at: Seconds,
}

/// A committee that a client holds, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCommittee {
    /// The period in which it signs.
    pub period: Period,
    /// [`crate::Committee::commitment`] of it.
    pub commitment: B256,
}

/// What a client believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The client's constants.
    pub config: Config,
    /// Slot of the newest state.
    pub newest: Slot,
    /// Whether misbehaviour was proven.
    pub frozen: bool,
    /// Slot of the state that the client started from, which alone need not be a checkpoint's. None if that is not known: it
    /// may be any of them.
    pub bootstrap: Option<Slot>,
    states: BTreeMap<u64, State>,
    committees: [Option<HeldCommittee>; COMMITTEES],
}

/// What a ring says about a verified state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is room for it.
    Free,
    /// It is there already.
    Same,
    /// Its slot is there with another storage root, or another checkpoint of its epoch.
    Contradicts,
}

impl Trusted {
    /// What a contract's view functions say. Where it started can be added.
    ///
    /// # Errors
    /// [`Reject::BadConfig`] for a configuration that [`Config::check`] refuses, and
    /// [`Reject::UnknownHeight`] if the newest state is not among `states`.
    pub fn from_parts(
        config: Config,
        newest: Slot,
        states: impl IntoIterator<Item = State>,
        committees: impl IntoIterator<Item = HeldCommittee>,
        frozen: bool,
    ) -> Result<Self, Reject> {
        config.check()?;
        let mut trusted = Self {
            config,
            newest,
            frozen,
            bootstrap: None,
            states: BTreeMap::new(),
            committees: [None; 4],
        };
        for state in states {
            trusted.put_state(state);
        }
        for committee in committees {
            trusted.put_committee(committee);
        }
        let height = Height {
            revision_number: 0,
            revision_height: newest.0,
        };
        trusted.state_at(newest).ok_or(Reject::UnknownHeight { height })?;
        Ok(trusted)
    }

    /// The trusted state of this slot.
    #[must_use]
    pub fn state_at(&self, slot: Slot) -> Option<&State> {
        self.states
            .get(&self.config.position_of(slot))
            .filter(|state| state.slot == slot)
    }

    /// All trusted states, in the order of the ring's positions.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The commitment of the committee that is trusted for `period`.
    #[must_use]
    pub fn committee(&self, period: Period) -> Option<B256> {
        self.committees()
            .find(|held| held.period == period)
            .map(|held| held.commitment)
    }

    /// The newest period whose committee is held.
    #[must_use]
    pub fn newest_period(&self) -> Option<Period> {
        self.committees().map(|held| held.period).max()
    }

    /// All committees held.
    pub fn committees(&self) -> impl Iterator<Item = &HeldCommittee> {
        self.committees.iter().flatten()
    }

    /// The moment from which on nothing is believed any more; none if that lies beyond all time.
    #[must_use]
    pub fn expiry(&self) -> Option<Seconds> {
        self.config
            .network
            .time_of(self.newest)?
            .checked_add(self.config.trust_period)
    }

    /// Refuses a slot that the ring cannot hold behind the newest.
    pub(crate) fn check_reach(&self, slot: Slot) -> Result<(), Reject> {
        let network = &self.config.network;
        let reach = network
            .checkpoint_of(slot)
            .0
            .saturating_add(u64::from(self.config.capacity));
        if reach > network.checkpoint_of(self.newest).0 {
            return Ok(());
        }
        Err(Reject::OlderThanRing {
            finalized: slot,
            newest: self.newest,
        })
    }

    /// Where `slot` with `storage_root` would go. Call after [`Trusted::check_reach`]: within reach a
    /// position holds nothing newer than the slot's own epoch.
    ///
    /// # Errors
    /// [`Reject::ConflictingCheckpoint`] if what is there may be no checkpoint, and so no contradiction.
    pub(crate) fn place(&self, slot: Slot, storage_root: B256) -> Result<Place, Reject> {
        let network = &self.config.network;
        match self.states.get(&self.config.position_of(slot)) {
            Some(held) if held.slot == slot && held.storage_root == storage_root => Ok(Place::Same),
            Some(held) if held.slot == slot => Ok(Place::Contradicts),
            Some(held) if network.checkpoint_of(held.slot) >= network.checkpoint_of(slot) => {
                if self.bootstrap.is_some_and(|started| started != held.slot) {
                    return Ok(Place::Contradicts);
                }
                Err(Reject::ConflictingCheckpoint {
                    held: held.slot,
                    offered: slot,
                })
            }
            Some(_) | None => Ok(Place::Free),
        }
    }

    /// Keeps `state` in its position.
    pub(crate) fn put_state(&mut self, state: State) {
        self.newest = self.newest.max(state.slot);
        self.states.insert(self.config.position_of(state.slot), state);
    }

    /// Keeps a committee in its position.
    pub(crate) fn put_committee(&mut self, held: HeldCommittee) {
        let position = held.period.0 % COMMITTEE_POSITIONS;
        if let Some(place) = usize::try_from(position)
            .ok()
            .and_then(|at| self.committees.get_mut(at))
        {
            *place = Some(held);
        }
    }

    /// The same, frozen.
    pub(crate) fn into_frozen(mut self) -> Self {
        self.frozen = true;
        self
    }
}
