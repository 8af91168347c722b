//! What a batch of packets used when it was simulated, so that not every batch like it has to be.
//!
//! A node executes what it simulates, before it checks it and executes it again; under load that is a third of its work, done for a
//! figure that the batch before has told. So most of a run of batches that are alike is allowed what the first of them used,
//! by the number of messages. What differs from it is simulated: other applications, channels or steps, larger messages, an update that
//! was not in it, far more or far fewer of them, and small batches, where nothing is won. A transaction that fails in a block has cost its
//! fee, so after one everything is simulated for a while: nobody can make a relayer lose more than that with packets that look alike.
//!
//! Pure. What this module must never do: decide what is sent; a node checks each transaction before it takes it.

use chain::{Message, MessageKind, Submission};
use cosmrs::Any;
use std::collections::BTreeMap;

/// The fewest packets of a batch that is allowed what another one used: below, what does not depend on their number is too much of it.
const PACKETS_MIN: u64 = 16;
/// A batch that was simulated stands for others over so many blocks.
const FRESH_BLOCKS: u64 = 100;
/// After a transaction that failed in a block, everything is simulated over so many.
const CAUTION_BLOCKS: u64 = 1_000;
/// How many kinds of batches are remembered.
const KINDS_MOST: usize = 64;

/// What the gas of a batch follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Of each kind of packet message (what it does, for which applications, between which ends) how many.
    packets: BTreeMap<String, u64>,
    /// Of each client how many updates.
    updates: BTreeMap<String, u64>,
    /// Bytes of all packet messages.
    bytes: u64,
    /// Bytes of the largest message, updates included.
    largest: u64,
}

/// What a simulated batch used.
#[derive(Clone, Debug)]
struct Reading {
    load: Load,
    used: u64,
    /// The newest block when it was.
    at: u64,
    /// For how many batches it still stands.
    left: u64,
}

/// What batches used of late on one chain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    /// By the kinds of their packets.
    readings: BTreeMap<Vec<String>, Reading>,
    /// The block of the last transaction that failed.
    failed_at: Option<u64>,
}

impl Load {
    /// Of a submission, whose updates come first in `encoded`.
    pub(crate) fn of(submission: &Submission, encoded: &[Any]) -> Self {
        let mut load = Self::default();
        for update in &submission.updates {
            count(&mut load.updates, update.client.to_string());
        }
        for message in &submission.messages {
            count(&mut load.packets, kind(message));
        }
        let length = |message: &Any| message.value.len() as u64;
        let packets = encoded.iter().skip(submission.updates.len());
        load.bytes = packets.map(length).sum();
        load.largest = encoded.iter().map(length).max().unwrap_or(0);
        load
    }

    fn kinds(&self) -> Vec<String> {
        self.packets.keys().cloned().collect()
    }

    fn packets(&self) -> u64 {
        self.packets.values().sum()
    }

    /// How many times `seen` this is, at most, as a fraction; none where `seen` says nothing about it.
    fn times(&self, seen: &Self) -> Option<(u64, u64)> {
        let is_known =
            |(client, many): (&String, &u64)| seen.updates.get(client).is_some_and(|had| many <= had);
        let (ours, theirs) = (self.packets(), seen.packets());
        let is_alike = ours.min(theirs) >= PACKETS_MIN
            && self.updates.iter().all(is_known)
            && self.largest <= seen.largest.saturating_mul(5) / 4
            && ours.saturating_mul(2) >= theirs;
        if !is_alike {
            return None;
        }
        let kinds = self.packets.iter();
        let counts = kinds.map(|(kind, many)| Some((*many, *seen.packets.get(kind)?)));
        let (mut most, mut of) = (self.bytes, seen.bytes.max(1));
        for fraction in counts {
            let (many, had) = fraction?;
            if u128::from(many) * u128::from(of) > u128::from(most) * u128::from(had) {
                (most, of) = (many, had);
            }
        }
        (most <= of.saturating_mul(2)).then_some((most, of))
    }
}

impl Meter {
    /// The gas that `load` will use, margin not included; none when it is to be simulated.
    ///
    /// - `now`: the newest block.
    pub(crate) fn expect(&mut self, load: &Load, now: u64) -> Option<u64> {
        let is_shaken = |failed: u64| now < failed.saturating_add(CAUTION_BLOCKS);
        if self.failed_at.is_some_and(is_shaken) {
            return None;
        }
        let reading = self.readings.get_mut(&load.kinds())?;
        let is_fresh = (reading.at..=reading.at.saturating_add(FRESH_BLOCKS)).contains(&now);
        let (most, of) = load.times(&reading.load).filter(|_| is_fresh)?;
        reading.left = reading.left.checked_sub(1)?;
        let used = u128::from(reading.used) * u128::from(most);
        u64::try_from(used.div_ceil(u128::from(of))).ok()
    }

    /// A simulation of `load` used `used`; it stands for the next `others` batches like it.
    pub(crate) fn simulated(&mut self, load: &Load, used: u64, now: u64, others: u64) {
        if others == 0 || load.packets() < PACKETS_MIN {
            return;
        }
        if self.readings.len() >= KINDS_MOST {
            self.readings.clear();
        }
        let reading = Reading {
            load: load.clone(),
            used,
            at: now,
            left: others,
        };
        self.readings.insert(load.kinds(), reading);
    }

    /// A transaction failed in this block.
    pub(crate) fn failed(&mut self, block: u64) {
        self.failed_at = self.failed_at.max(Some(block));
        self.readings.clear();
    }
}

fn kind(message: &Message) -> String {
    let step = match &message.kind {
        MessageKind::Recv => "recv",
        MessageKind::Ack(_) => "ack",
        MessageKind::Timeout(_) => "timeout",
    };
    let packet = &message.packet;
    let (from, to) = (packet.source_port(), packet.destination_port());
    format!("{step} {from}@{} {to}@{}", packet.source(), packet.destination())
}

fn count(counts: &mut BTreeMap<String, u64>, of: String) {
    let many = counts.entry(of).or_default();
    *many = many.saturating_add(1);
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
