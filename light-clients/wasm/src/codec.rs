//! Reading and writing our bytes: numbers big-endian, one encoding each, read to the end.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use ethereum::{Config, Epoch, Fork, ForkSchedule, Layout, Network, Times};
use wire::Seconds;

use crate::message::NextSet;
use crate::reject::Reject;

/// The version of everything that is written here.
pub(crate) const VERSION: u8 = 1;

pub(crate) fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// A count of at most 255. Nothing that is longer is ever written: sets and schedules are bounded before.
pub(crate) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.push(u8::try_from(count).unwrap_or(u8::MAX));
}

/// Writes a client's constants.
pub(crate) fn put_config(out: &mut Vec<u8>, config: &Config) {
    let (network, times) = (&config.network, config.network.times());
    put_numbers(
        out,
        &[
            times.genesis.0,
            times.seconds_per_slot,
            times.slots_per_epoch,
            times.epochs_per_period,
        ],
    );
    out.extend_from_slice(network.genesis_validators_root().as_slice());
    out.extend_from_slice(&network.committee_size().to_be_bytes());
    out.extend_from_slice(config.router.as_slice());
    out.extend_from_slice(config.commitments_slot.as_slice());
    put_numbers(out, &[config.trust_period.0, config.weak_subjectivity.0]);
    out.extend_from_slice(&config.capacity.to_be_bytes());
    put_count(out, network.forks().forks().len());
    for fork in network.forks().forks() {
        put_numbers(out, &[fork.epoch.0]);
        out.extend_from_slice(&fork.version);
        out.push(fork.layout.number());
    }
}

/// Writes a set of guardians that may follow another.
pub(crate) fn put_next_set(out: &mut Vec<u8>, set: &NextSet) {
    out.push(set.small);
    out.push(set.large);
    put_count(out, set.guardians.len());
    for guardian in &set.guardians {
        out.extend_from_slice(guardian.as_slice());
    }
}

/// What is left to read.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which begin with the version.
    pub(crate) fn versioned(bytes: &'a [u8], part: &'static str) -> Result<Self, Reject> {
        let mut input = Self { rest: bytes };
        match input.byte(part)? {
            VERSION => Ok(input),
            found => Err(Reject::Version {
                part,
                found,
                known: VERSION,
            }),
        }
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// Refuses what is left over.
    pub(crate) fn end(self, part: &'static str) -> Result<(), Reject> {
        self.rest
            .is_empty()
            .then_some(())
            .ok_or(Reject::Malformed { part })
    }

    pub(crate) fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Reject> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(Reject::Malformed { part })?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self, part: &'static str) -> Result<u8, Reject> {
        self.array::<1>(part).map(u8::from_be_bytes)
    }

    pub(crate) fn number(&mut self, part: &'static str) -> Result<u64, Reject> {
        self.array(part).map(u64::from_be_bytes)
    }

    pub(crate) fn word(&mut self, part: &'static str) -> Result<B256, Reject> {
        self.array(part).map(B256::from)
    }

    fn short(&mut self, part: &'static str) -> Result<u32, Reject> {
        self.array(part).map(u32::from_be_bytes)
    }

    /// Reads a client's constants.
    pub(crate) fn config(&mut self) -> Result<Config, Reject> {
        let part = "the configuration";
        let times = Times {
            genesis: Seconds(self.number(part)?),
            seconds_per_slot: self.number(part)?,
            slots_per_epoch: self.number(part)?,
            epochs_per_period: self.number(part)?,
        };
        let (root, size) = (self.word(part)?, self.short(part)?);
        let router = Address::from(self.array(part)?);
        let commitments_slot = self.word(part)?;
        let trust_period = Seconds(self.number(part)?);
        let weak_subjectivity = Seconds(self.number(part)?);
        let capacity = self.short(part)?;
        let forks = (0..self.byte(part)?)
            .map(|_| self.fork())
            .collect::<Result<Vec<_>, _>>()?;
        let network = Network::custom(times, root, size, ForkSchedule::new(forks)?)?;
        Ok(Config {
            network,
            router,
            commitments_slot,
            trust_period,
            weak_subjectivity,
            capacity,
        })
    }

    fn fork(&mut self) -> Result<Fork, Reject> {
        let part = "the fork schedule";
        Ok(Fork {
            epoch: Epoch(self.number(part)?),
            version: self.array(part)?,
            layout: Layout::from_number(self.byte(part)?),
        })
    }

    /// Reads a set of guardians that may follow another.
    pub(crate) fn next_set(&mut self) -> Result<NextSet, Reject> {
        let part = "the set of guardians";
        let (small, large) = (self.byte(part)?, self.byte(part)?);
        let guardians = (0..self.byte(part)?)
            .map(|_| self.array(part).map(Address::from))
            .collect::<Result<_, _>>()?;
        Ok(NextSet {
            small,
            large,
            guardians,
        })
    }
}
