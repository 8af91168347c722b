//! Every packet a run sent, how it has to end, and what became of it.
//!
//! The verdict comes from the source chain's own events and storage, never from the relayer under test.

use crate::{
    end::{End, Sent, Settled},
    report::{Latency, Packets},
};
use anyhow::{Result, bail, ensure};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// One of the two ends, as an index into a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first chain.
    North,
    /// The second chain.
    South,
}

impl Side {
    /// The end at this side.
    pub fn of<T>(self, pair: &[T; 2]) -> &T {
        match self {
            Self::North => &pair[0],
            Self::South => &pair[1],
        }
    }

    /// The side across.
    #[must_use]
    pub fn across(self) -> Self {
        match self {
            Self::North => Self::South,
            Self::South => Self::North,
        }
    }
}

/// One packet under observation.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// Where it left.
    pub from: Side,
    /// What left.
    pub sent: Sent,
    /// How it has to end.
    meant: Settled,
    ended: Option<(Settled, Duration)>,
}

impl Tracked {
    /// How it ended, if it has.
    pub fn end(&self) -> Option<Settled> {
        self.ended.map(|(end, _)| end)
    }

    /// Its number on its path.
    pub fn sequence(&self) -> u64 {
        self.sent.packet.sequence.get()
    }

    /// The tokens in it; none if it is no transfer.
    pub fn transfer(&self) -> Option<wire::ics20::Transfer> {
        let payload = &self.sent.packet.payload;
        let is_transfer = payload.source_port.as_str() == wire::ics20::PORT;
        is_transfer
            .then(|| wire::ics20::decode(payload.value.as_bytes()).ok())
            .flatten()
    }

    /// Looks for its end among those of its side's packets.
    fn observe(&mut self, settled: &[(u64, Settled)], now: Instant) -> Result<()> {
        let (sequence, side, meant) = (self.sequence(), self.from, self.meant);
        let mut own = settled
            .iter()
            .filter(|(of, _)| *of == sequence)
            .map(|(_, end)| *end);
        let (first, second) = (own.next(), own.next());
        if let (Some(first), Some(second)) = (first, second) {
            bail!("packet {sequence} of {side:?} ended twice: {first:?} and {second:?}");
        }
        if let (None, Some(end)) = (self.ended, first) {
            ensure!(
                end == meant,
                "packet {sequence} of {side:?} ended as {end:?}, it had to end as {meant:?}"
            );
            self.ended = Some((end, now.saturating_duration_since(self.sent.at)));
        }
        Ok(())
    }
}

/// All packets of a run.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    packets: Vec<Tracked>,
}

impl Tracker {
    /// Observes a packet that has to end as `meant`; its number in this run comes back.
    pub fn add(&mut self, from: Side, sent: Sent, meant: Settled) -> usize {
        self.packets.push(Tracked {
            from,
            sent,
            meant,
            ended: None,
        });
        self.packets.len() - 1
    }

    /// All packets, in the order in which they were sent.
    pub fn packets(&self) -> &[Tracked] {
        &self.packets
    }

    /// Packets that have not ended.
    pub fn live(&self) -> usize {
        self.live_of(0..self.packets.len()).count()
    }

    /// Those of the packets numbered `which` that have not ended.
    pub fn live_of(&self, which: Range<usize>) -> impl Iterator<Item = &Tracked> {
        let chosen = self.packets.get(which).unwrap_or_default();
        chosen.iter().filter(|packet| packet.ended.is_none())
    }

    /// Asks both chains once.
    ///
    /// # Errors
    /// A node does not answer, a packet ended in another way than it had to, or it ended twice: then money may have moved
    /// twice.
    pub async fn observe(&mut self, ends: &[End; 2]) -> Result<()> {
        let now = Instant::now();
        for side in [Side::North, Side::South] {
            let settled = side.of(ends).settled().await?;
            for packet in self.packets.iter_mut().filter(|packet| packet.from == side) {
                packet.observe(&settled, now)?;
            }
        }
        Ok(())
    }

    /// The last token transfer from `side` that was answered as a success.
    pub fn last_transfer(&self, side: Side) -> Option<&wire::Packet> {
        let delivered = Some(Settled::Acked { refused: false });
        let packets = self
            .packets
            .iter()
            .rev()
            .filter(|packet| packet.from == side && packet.end() == delivered);
        packets
            .map(|packet| &packet.sent.packet)
            .find(|packet| packet.payload.source_port.as_str() == wire::ics20::PORT)
    }

    /// Transfers whose tokens went back to their sender.
    pub fn returned(&self) -> u64 {
        let is_returned = |packet: &&Tracked| {
            let back = matches!(
                packet.end(),
                Some(Settled::TimedOut | Settled::Acked { refused: true })
            );
            back && packet.transfer().is_some()
        };
        self.packets.iter().filter(is_returned).count() as u64
    }

    /// How many ended how. Refunds are counted by the caller, once the balances show them.
    pub fn tally(&self) -> Packets {
        let count = |of: fn(&Option<Settled>) -> bool| {
            let ends = self.packets.iter().map(Tracked::end);
            ends.filter(of).count() as u64
        };
        Packets {
            sent: self.packets.len() as u64,
            acked: count(|end| matches!(end, Some(Settled::Acked { .. }))),
            timed_out: count(|end| *end == Some(Settled::TimedOut)),
            refunded: 0,
            lost: count(Option::is_none),
        }
    }

    /// Latency of the packets that were acknowledged.
    pub fn latency(&self) -> Latency {
        let samples: Vec<u64> = self
            .packets
            .iter()
            .filter_map(|packet| match packet.ended {
                Some((Settled::Acked { .. }, took)) => Some(took.as_millis() as u64),
                Some((Settled::TimedOut, _)) | None => None,
            })
            .collect();
        Latency::of(&samples)
    }
}
