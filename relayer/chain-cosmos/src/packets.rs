//! Packets in the results of a block: of IBC v1 by channel, of IBC v2 by client.
//!
//! Both kinds have events of the same names, and are told apart by their attributes. Only what a transaction that succeeded
//! tells counts, and what the chain itself does at the ends of a block. An event that cannot be read is reported beside the
//! others: left out in silence it would be a lost packet, as an error it would be a lost block.
//!
//! Pure. What this module must never do: believe that a packet exists because an event says so. That, a proof shows.

use crate::answers::{Event, Results};
use crate::channel_events::{self, ChannelEvent};
use crate::client_events::{self, ClientEvent};
use wire::{End, Sequence};

/// What ibc-go puts before the keys of what an application told before it refused a packet, which undid it (`ConvertToErrorEvents`).
/// Newer versions put it before the name of the event, too.
const UNDONE: &str = "ibccallbackerror-";

/// What an event says happened to a packet.
#[derive(Clone, Debug, PartialEq)]
pub enum PacketEvent {
    /// To one of IBC v1.
    Channel(ChannelEvent),
    /// To one of IBC v2.
    Client(ClientEvent),
}

/// What happened, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct PacketAt {
    /// Its position among the events of packets in the block.
    pub place: usize,
    /// The position of the transaction in its block; none = the chain did it at an end of the block.
    pub tx: Option<usize>,
    /// What happened.
    pub event: PacketEvent,
}

/// An event of a packet that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read event {kind} of transaction {tx:?}: {why}; this packet is not relayed")]
pub struct Unread {
    /// Its position among the events of packets in the block.
    pub place: usize,
    /// The position of the transaction in its block.
    pub tx: Option<usize>,
    /// Of a packet that was sent, as far as it can be read: its source and its sequence.
    pub sent: Option<(End, Sequence)>,
    /// The name of the event.
    pub kind: String,
    /// What is wrong.
    pub why: String,
}

/// All packets in the results of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packets {
    /// In the order of the chain.
    pub events: Vec<PacketAt>,
    /// Those that nobody understood.
    pub unread: Vec<Unread>,
}

/// What an event of a packet is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Sent,
    Received,
    Acknowledged,
    AckReturned,
    TimedOut,
}

impl Step {
    /// None = an event of another kind.
    pub(crate) fn of(kind: &str) -> Option<Self> {
        match kind {
            "send_packet" => Some(Self::Sent),
            "recv_packet" => Some(Self::Received),
            "write_acknowledgement" => Some(Self::Acknowledged),
            "acknowledge_packet" => Some(Self::AckReturned),
            "timeout_packet" => Some(Self::TimedOut),
            _ => None,
        }
    }
}

impl Packets {
    /// Reads the results of a block.
    pub fn of(results: &Results) -> Self {
        let mut packets = Self::default();
        packets.read(None, &results.begin_block_events);
        for (position, result) in results.txs_results.iter().enumerate() {
            // What a transaction that failed tells was undone with it.
            if result.code == 0 {
                packets.read(Some(position), &result.events);
            }
        }
        packets.read(None, &results.end_block_events);
        packets.read(None, &results.finalize_block_events);
        packets
    }

    fn read(&mut self, tx: Option<usize>, events: &[Event]) {
        for event in events {
            let Some(step) = Step::of(&event.kind).filter(|_| !is_undone(event)) else {
                continue;
            };
            let place = self.events.len() + self.unread.len();
            match read(step, event) {
                Ok(event) => self.events.push(PacketAt { place, tx, event }),
                Err(why) => self.unread.push(Unread {
                    place,
                    tx,
                    sent: sent(step, event),
                    kind: event.kind.clone(),
                    why,
                }),
            }
        }
    }
}

/// Whether the chain tells of what did not last: no packet is named but under keys that say so.
fn is_undone(event: &Event) -> bool {
    let is_source = |key: &str| [channel_events::SOURCE, client_events::SOURCE].contains(&key);
    // Nearly every event names its packet, and is looked at no further.
    !event.keys().any(is_source)
        && event
            .keys()
            .any(|key| key.strip_prefix(UNDONE).is_some_and(is_source))
}

/// Which packet was sent, by an event of which nothing else can be read.
fn sent(step: Step, event: &Event) -> Option<(End, Sequence)> {
    let source = match (step, client_events::source(event), channel_events::source(event)) {
        (Step::Sent, Some(client), None) => client.into(),
        (Step::Sent, None, Some(channel)) => channel.into(),
        _ => return None,
    };
    let sequence = number(event, "packet_sequence").ok()?;
    Some((source, Sequence::new(sequence).ok()?))
}

fn read(step: Step, event: &Event) -> Result<PacketEvent, String> {
    let has = |key| event.attribute(key).is_some();
    match (has(channel_events::SOURCE), has(client_events::SOURCE)) {
        (true, false) => channel_events::read(step, event).map(PacketEvent::Channel),
        (false, true) => client_events::read(step, event).map(PacketEvent::Client),
        (both, _) => Err(format!(
            "it names {} of {} and {}, one is needed, once",
            if both { "both" } else { "neither" },
            channel_events::SOURCE,
            client_events::SOURCE
        )),
    }
}

/// The attribute `key`, which is there once.
pub(crate) fn text<'a>(event: &'a Event, key: &str) -> Result<&'a str, String> {
    event
        .attribute(key)
        .ok_or_else(|| format!("{key} is not there, or more than once"))
}

/// A number in plain decimal digits.
pub(crate) fn number(event: &Event, key: &str) -> Result<u64, String> {
    digits(text(event, key)?)
        .ok_or_else(|| format!("{key} is {:?}, not a number below 2^64", event.attribute(key)))
}

/// `text` as a number, if it is written as the chain writes numbers.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Bytes in hexadecimal digits.
pub(crate) fn bytes(event: &Event, key: &str) -> Result<Vec<u8>, String> {
    hex::decode(text(event, key)?).map_err(|error| format!("{key} is no hexadecimal: {error}"))
}

#[cfg(test)]
#[path = "packets_tests.rs"]
mod tests;
