//! What the client believes, as it is kept: everything but the states themselves in one value, so that an update reads and
//! writes few bytes however large the ring is.
//!
//! Must never be written but from a state that the law returned.

use alloc::vec::Vec;

use alloy_primitives::B256;
use ethereum::{Config, HeldCommittee, Period, Slot, Trusted};

use crate::any;
use crate::codec::{self, Reader, VERSION};
use crate::message::NextSet;
use crate::reject::Reject;
use crate::store::{self, CLIENT_STATE, Store, corrupt, missing};

/// The most states that a ring may have: a recovery clears all positions in one call.
pub const CAPACITY_MAX: u32 = 8_192;

/// What a client is created with: `data` of the client state in `MsgCreateClient`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The constants.
    pub config: Config,
    /// Who guards it; nobody if there are no guardians in it.
    pub guardians: NextSet,
}

/// Where trust began. Kept for ever: whoever wants to trust the client looks whether this block is final on the real chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Slot of the bootstrap's header.
    pub slot: Slot,
    /// Root of that header.
    pub header: B256,
    /// Commitment of its committee.
    pub committee: B256,
}

/// The value under `clientState`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Checksum of the code that judges.
    pub checksum: Vec<u8>,
    /// The constants.
    pub config: Config,
    /// Where trust began.
    pub started: Started,
    /// Slot of the newest state.
    pub newest: Slot,
    /// Whether misbehaviour was proven.
    pub frozen: bool,
    /// The committees, at most four.
    pub committees: Vec<HeldCommittee>,
}

impl Genesis {
    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION]);
        codec::put_config(&mut out, &self.config);
        codec::put_next_set(&mut out, &self.guardians);
        out
    }

    /// Reads what a client is created with.
    ///
    /// # Errors
    /// [`Reject::Version`], [`Reject::Malformed`], [`Reject::CapacityTooLarge`], and the law's for constants that no client
    /// can have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader::versioned(bytes, "the client state")?;
        let (config, guardians) = (input.config()?, input.next_set()?);
        input.end("the client state")?;
        if config.capacity > CAPACITY_MAX {
            return Err(Reject::CapacityTooLarge {
                capacity: config.capacity,
                most: CAPACITY_MAX,
            });
        }
        Ok(Self { config, guardians })
    }
}

impl Kept {
    /// Reads the value, envelope included: for the contract, and for whoever looks at a client from outside.
    ///
    /// # Errors
    /// [`Reject::Version`], [`Reject::Malformed`], and the law's for constants that no client can have.
    pub fn from_any(bytes: &[u8]) -> Result<Self, Reject> {
        let part = "the client state";
        let outer = any::ClientState::from_any(bytes).ok_or(Reject::Malformed { part })?;
        let kept = Self::from_data(&outer.data, outer.checksum)?;
        if outer.latest != (0, kept.newest.0) {
            return Err(Reject::Malformed {
                part: "the latest height",
            });
        }
        Ok(kept)
    }

    /// What is under `clientState`.
    pub(crate) fn load(store: &impl Store) -> Result<Self, Reject> {
        store::read(store, CLIENT_STATE, Self::from_any)?.ok_or_else(|| missing(CLIENT_STATE))
    }

    pub(crate) fn save(&self, store: &mut impl Store) {
        let outer = any::ClientState {
            data: self.to_data(),
            checksum: self.checksum.clone(),
            latest: (0, self.newest.0),
        };
        store.set(CLIENT_STATE.as_bytes(), &outer.to_any());
    }

    fn to_data(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION, u8::from(self.frozen)]);
        codec::put_numbers(&mut out, &[self.newest.0, self.started.slot.0]);
        out.extend_from_slice(self.started.header.as_slice());
        out.extend_from_slice(self.started.committee.as_slice());
        codec::put_config(&mut out, &self.config);
        codec::put_count(&mut out, self.committees.len());
        for held in &self.committees {
            codec::put_numbers(&mut out, &[held.period.0]);
            out.extend_from_slice(held.commitment.as_slice());
        }
        out
    }

    fn from_data(data: &[u8], checksum: Vec<u8>) -> Result<Self, Reject> {
        let part = "the client state";
        let mut input = Reader::versioned(data, part)?;
        let frozen = match input.byte(part)? {
            0 => false,
            1 => true,
            _ => return Err(Reject::Malformed { part }),
        };
        let newest = Slot(input.number(part)?);
        let started = Started {
            slot: Slot(input.number(part)?),
            header: input.word(part)?,
            committee: input.word(part)?,
        };
        let config = input.config()?;
        let committees = (0..input.byte(part)?)
            .map(|_| {
                Ok(HeldCommittee {
                    period: Period(input.number(part)?),
                    commitment: input.word(part)?,
                })
            })
            .collect::<Result<_, Reject>>()?;
        input.end(part)?;
        Ok(Self {
            checksum,
            config,
            started,
            newest,
            frozen,
            committees,
        })
    }

    /// What the law needs to judge something about `slot`: the newest state, and the one that has the place of `slot`.
    pub(crate) fn trusted(&self, store: &impl Store, slot: Slot) -> Result<Trusted, Reject> {
        let newest_key = store::consensus_key(self.newest);
        let newest =
            store::load_state(store, &self.config, self.newest)?.ok_or_else(|| missing(&newest_key))?;
        let occupant = match store::load_occupant(store, &self.config, slot)? {
            Some(held) if held > self.newest => {
                return Err(corrupt(
                    CLIENT_STATE,
                    "the newest slot, which is older than a state",
                ));
            }
            Some(held) if held != self.newest => {
                let key = store::consensus_key(held);
                Some(store::load_state(store, &self.config, held)?.ok_or_else(|| missing(&key))?)
            }
            Some(_) | None => None,
        };
        let states = [Some(newest), occupant].into_iter().flatten();
        let mut trusted = Trusted::from_parts(
            self.config.clone(),
            self.newest,
            states,
            self.committees.iter().copied(),
            self.frozen,
        )
        .map_err(|_| corrupt(CLIENT_STATE, "the client state"))?;
        trusted.bootstrap = Some(self.started.slot);
        Ok(trusted)
    }

    /// Keeps what the law believes after a message about `slot`.
    pub(crate) fn advance(&self, store: &mut impl Store, after: &Trusted, slot: Slot) -> Result<(), Reject> {
        let known = store::load_state(store, &self.config, slot)?;
        if let Some(state) = after.state_at(slot)
            && known.as_ref() != Some(state)
        {
            store::save_state(store, &after.config, state)?;
        }
        let next = Self {
            newest: after.newest,
            frozen: after.frozen,
            committees: after.committees().copied().collect(),
            ..self.clone()
        };
        if next != *self {
            next.save(store);
        }
        Ok(())
    }
}
