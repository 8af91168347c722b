//! Every packet a run sent, and what became of it.
//!
//! The verdict comes from the source chain's own events and storage, never from the relayer under test.

use crate::{
    end::{End, Sent, Settled},
    report::{Latency, Packets},
};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How often the chains are asked.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

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
    started: Instant,
    ended: Option<(Settled, Duration)>,
}

impl Tracked {
    /// How it ended, if it has.
    pub fn end(&self) -> Option<Settled> {
        self.ended.map(|(end, _)| end)
    }
}

/// All packets of a run.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    packets: Vec<Tracked>,
}

impl Tracker {
    /// Observes a packet from now on; its number in this run comes back.
    pub fn add(&mut self, from: Side, sent: Sent) -> usize {
        self.packets.push(Tracked {
            from,
            sent,
            started: Instant::now(),
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
        self.packets
            .iter()
            .filter(|packet| packet.ended.is_none())
            .count()
    }

    /// Asks both chains once.
    ///
    /// # Errors
    /// A node does not answer, or a packet ended twice: then money may have moved twice.
    pub async fn observe(&mut self, ends: &[End; 2]) -> Result<()> {
        for side in [Side::North, Side::South] {
            let settled = side.of(ends).settled().await?;
            for packet in self.packets.iter_mut().filter(|packet| packet.from == side) {
                let sequence = packet.sent.packet.sequence.get();
                let mut own = settled
                    .iter()
                    .filter(|(of, _)| *of == sequence)
                    .map(|(_, end)| *end);
                let (first, second) = (own.next(), own.next());
                if let (Some(first), Some(second)) = (first, second) {
                    bail!("packet {sequence} of {side:?} ended twice: {first:?} and {second:?}");
                }
                if let (None, Some(end)) = (packet.ended, first) {
                    packet.ended = Some((end, packet.started.elapsed()));
                }
            }
        }
        Ok(())
    }

    /// Waits until `done` packets have ended.
    ///
    /// # Errors
    /// Not within `limit`; the packets that are still live are named.
    pub async fn wait_until_ended(&mut self, ends: &[End; 2], done: usize, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            self.observe(ends).await?;
            let ended = self.packets.len() - self.live();
            if ended >= done.min(self.packets.len()) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!(
                    "{ended} of {done} packets ended within {} s; live: {}",
                    limit.as_secs(),
                    self.names_of_live()
                );
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits until every packet has ended.
    ///
    /// # Errors
    /// As [`Tracker::wait_until_ended`].
    pub async fn wait_for_all(&mut self, ends: &[End; 2], limit: Duration) -> Result<()> {
        self.wait_until_ended(ends, usize::MAX, limit).await
    }

    fn names_of_live(&self) -> String {
        let live = self.packets.iter().filter(|packet| packet.ended.is_none());
        let names: Vec<String> = live
            .map(|packet| {
                format!(
                    "{}/{}",
                    packet.sent.packet.source_client, packet.sent.packet.sequence
                )
            })
            .collect();
        names.join(", ")
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

    /// How many ended how. Refunds are counted by the caller, from balances.
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
