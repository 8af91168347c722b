//! Where things lie in the client's store, and reading them from there.
//!
//! | key | what |
//! |---|---|
//! | `clientState` | the host's envelope around [`crate::state`]: constants, newest slot, committees |
//! | `consensusStates/0-SLOT` | the host's envelope around one trusted state |
//! | `ring/POSITION` | the slot that has this position of the ring |
//! | `guardians` | what guardians did: a snapshot of `guardian_core`; not there while nobody guards |
//! | `rotation` | a set of guardians that waits |
//!
//! The store is bounded: the ring has a fixed number of positions, and a state that loses its position is removed. Must never
//! believe bytes that this code would not have written: they are [`Reject::Corrupt`], not a guess.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ethereum::{Config, Slot, State};
use wire::Seconds;

use crate::any;
use crate::codec::{self, Reader, VERSION};
use crate::reject::Reject;

/// The host's key of the client's state.
pub(crate) const CLIENT_STATE: &str = "clientState";
/// Key of what guardians did.
pub(crate) const GUARDIANS: &str = "guardians";
/// Key of the set of guardians that waits.
pub(crate) const ROTATION: &str = "rotation";

/// The store that the host gives to a client.
pub trait Store {
    /// What is under `key`.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Puts `value` under `key`.
    fn set(&mut self, key: &[u8], value: &[u8]);
    /// Removes what is under `key`.
    fn remove(&mut self, key: &[u8]);
}

/// A part of a store: in a recovery the host has two clients in one, under two prefixes.
pub(crate) struct Part<'a, S> {
    pub(crate) all: &'a mut S,
    pub(crate) prefix: &'static str,
}

impl<S: Store> Part<'_, S> {
    fn key(&self, key: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), key].concat()
    }
}

impl<S: Store> Store for Part<'_, S> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.all.get(&self.key(key))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        let key = self.key(key);
        self.all.set(&key, value);
    }

    fn remove(&mut self, key: &[u8]) {
        let key = self.key(key);
        self.all.remove(&key);
    }
}

/// Reads `part` from what is under `key`; whatever is wrong with it is wrong with the store.
pub(crate) fn read<T>(
    store: &impl Store,
    key: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, Reject>,
) -> Result<Option<T>, Reject> {
    let Some(bytes) = store.get(key.as_bytes()) else {
        return Ok(None);
    };
    match parse(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(Reject::Malformed { part } | Reject::Version { part, .. }) => Err(corrupt(key, part)),
        Err(_) => Err(corrupt(key, "a value")),
    }
}

pub(crate) fn corrupt(key: &str, part: &'static str) -> Reject {
    Reject::Corrupt {
        key: key.into(),
        part,
    }
}

pub(crate) fn missing(key: &str) -> Reject {
    Reject::Missing { key: key.into() }
}

/// The host's key of the state at `slot`.
pub(crate) fn consensus_key(slot: Slot) -> String {
    format!("consensusStates/0-{slot}")
}

fn ring_key(position: u64) -> String {
    format!("ring/{position}")
}

/// The trusted state at `slot`, if the ring has it.
pub(crate) fn load_state(store: &impl Store, config: &Config, slot: Slot) -> Result<Option<State>, Reject> {
    let key = consensus_key(slot);
    read(store, &key, |bytes| {
        let part = "a trusted state";
        let data = any::consensus_from_any(bytes).ok_or(Reject::Malformed { part })?;
        let mut input = Reader::versioned(&data, part)?;
        let storage_root = input.word(part)?;
        // For readers outside; the slot says it too.
        let timestamp = Some(Seconds(input.number(part)?));
        let state = State {
            slot,
            storage_root,
            learned_at: Seconds(input.number(part)?),
        };
        if timestamp != config.network.time_of(slot) {
            return Err(Reject::Malformed {
                part: "a trusted state's timestamp",
            });
        }
        input.end(part)?;
        Ok(state)
    })
}

/// The slot of the state that has the position of `slot` now.
pub(crate) fn load_occupant(store: &impl Store, config: &Config, slot: Slot) -> Result<Option<Slot>, Reject> {
    occupant_of(store, config.position_of(slot))
}

fn occupant_of(store: &impl Store, position: u64) -> Result<Option<Slot>, Reject> {
    read(store, &ring_key(position), |bytes| {
        let part = "a position of the ring";
        let mut input = Reader::versioned(bytes, part)?;
        let slot = Slot(input.number(part)?);
        input.end(part)?;
        Ok(slot)
    })
}

/// Keeps `state` in its position; what had it before is forgotten.
pub(crate) fn save_state(store: &mut impl Store, config: &Config, state: &State) -> Result<(), Reject> {
    let position = config.position_of(state.slot);
    match occupant_of(store, position)? {
        Some(slot) if slot != state.slot => store.remove(consensus_key(slot).as_bytes()),
        Some(_) | None => {}
    }
    let mut data = Vec::from([VERSION]);
    data.extend_from_slice(state.storage_root.as_slice());
    let timestamp = config.network.time_of(state.slot).unwrap_or_default();
    codec::put_numbers(&mut data, &[timestamp.0, state.learned_at.0]);
    store.set(
        consensus_key(state.slot).as_bytes(),
        &any::consensus_to_any(&data),
    );
    let mut place = Vec::from([VERSION]);
    codec::put_numbers(&mut place, &[state.slot.0]);
    store.set(ring_key(position).as_bytes(), &place);
    Ok(())
}

/// Forgets all states.
pub(crate) fn clear_ring(store: &mut impl Store, config: &Config) -> Result<(), Reject> {
    for position in 0..u64::from(config.capacity) {
        if let Some(slot) = occupant_of(store, position)? {
            store.remove(consensus_key(slot).as_bytes());
            store.remove(ring_key(position).as_bytes());
        }
    }
    Ok(())
}
