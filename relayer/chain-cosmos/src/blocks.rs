//! `Ask::Events`: what the results of blocks say happened to packets.
//!
//! Blocks are read whole, one after the other, because an index of events is the node's to build, to prune and to get wrong.
//! What was read is remembered for a while: several clients of one chain have their packets in the same blocks.
//!
//! What this module must never do: leave out a block inside the range it says it covered.

use crate::answers::Results;
use crate::channel_events::ChannelEvent;
use crate::client_events::ClientEvent;
use crate::cosmos::Cosmos;
use crate::lacking::had;
use crate::packets::{PacketEvent, Packets};
use crate::rpc::Rpc;
use alloy_primitives::B256;
use chain::{Answer, BlockNumber, Event, EventAt, Fault, TxHash};
use endpoints::{Complaint, all_of};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::End;

/// Blocks that are read for one ask, at most.
const PAGE: u64 = 100;
/// Blocks that are asked for at the same time.
const AT_ONCE: u64 = 10;
/// Blocks that are remembered.
const KEPT: usize = 512;

/// What was read of blocks lately.
#[derive(Debug, Default)]
pub(crate) struct Blocks(Mutex<BTreeMap<u64, Arc<[EventAt]>>>);

impl Blocks {
    fn get(&self, height: u64) -> Option<Arc<[EventAt]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&height).cloned()
    }

    /// Forgets the oldest beyond what is kept: behind a backlog the newest are asked for again and again.
    fn put(&self, height: u64, events: Arc<[EventAt]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(height, events);
        while kept.len() > KEPT {
            kept.pop_first();
        }
    }
}

impl Cosmos {
    /// What happened to packets of `end` in the blocks from `from` on, at most up to `to`.
    pub(crate) async fn events(
        &self,
        end: &End,
        from: BlockNumber,
        to: BlockNumber,
    ) -> Result<Answer, Fault> {
        // No block is older than the first one.
        let first = from.0.max(self.first_block.0).max(1);
        let last = to.0.min(first.saturating_add(PAGE - 1));
        let mut events = Vec::new();
        let mut next = first;
        while next <= last {
            let until = last.min(next.saturating_add(AT_ONCE - 1));
            let reading = (next..=until).map(|height| self.block(height)).collect();
            for block in all_of(reading).await {
                events.extend(block?.iter().filter(|at| is_of(&at.event, end)).cloned());
            }
            next = until.saturating_add(1);
        }
        Ok(Answer::Events {
            covered: BlockNumber(last.max(from.0)),
            events,
        })
    }

    async fn block(&self, height: u64) -> Result<Arc<[EventAt]>, Fault> {
        if let Some(known) = self.blocks.get(height) {
            return Ok(known);
        }
        let read: Arc<[EventAt]> = self
            .on_rpc(|rpc| async move { self.read_block(&rpc, height).await })
            .await?
            .into();
        self.blocks.put(height, read.clone());
        Ok(read)
    }

    async fn read_block(&self, rpc: &Rpc, height: u64) -> Result<Vec<EventAt>, Complaint> {
        let at = self.at(height);
        let results: Results = had(rpc, rpc.block_results(height).await, "block_results", at).await?;
        let packets = Packets::of(&results);
        for unread in packets.unread.iter().filter(|unread| unread.sent.is_none()) {
            tracing::warn!(chain = %self.name, height, kind = %unread.kind, why = %unread.why, "an event of a packet cannot be read");
        }
        if packets.events.is_empty() && packets.unread.is_empty() {
            return Ok(Vec::new());
        }
        let hashes = had(rpc, rpc.block_hashes(height).await, "block", at).await?;
        if hashes.len() != results.txs_results.len() {
            return Err(Complaint::malformed(format!(
                "block {height} has {} transactions, but {} results",
                hashes.len(),
                results.txs_results.len()
            )));
        }
        let at = |tx: Option<usize>, event: Event| EventAt {
            block: BlockNumber(height),
            // What the chain does by itself at an end of the block is of no transaction.
            tx: TxHash(
                tx.and_then(|tx| hashes.get(tx))
                    .map_or(B256::ZERO, |hash| B256::from(*hash)),
            ),
            event,
        };
        let read = packets
            .events
            .into_iter()
            .filter_map(|found| Some((found.tx, port_event(found.event)?, found.place)));
        let unread = packets.unread.into_iter().filter_map(|unread| {
            let (source, sequence) = unread.sent?;
            let event = Event::Unreadable { source, sequence };
            Some((unread.tx, event, unread.place))
        });
        let mut all: Vec<_> = read.chain(unread).collect();
        all.sort_by_key(|(_, _, place)| *place);
        Ok(all.into_iter().map(|(tx, event, _)| at(tx, event)).collect())
    }
}

/// The event as the machine takes it; none of those that it does not ask for.
fn port_event(event: PacketEvent) -> Option<Event> {
    match event {
        PacketEvent::Client(event) => of_client(event),
        PacketEvent::Channel(event) => of_channel(event),
    }
}

fn of_client(event: ClientEvent) -> Option<Event> {
    Some(match event {
        ClientEvent::Sent(packet) => Event::Sent(packet.into()),
        // That it was received, its acknowledgement tells; where that comes later, the machine looks.
        ClientEvent::Received(_) => return None,
        ClientEvent::Acknowledged {
            packet,
            acknowledgement,
        } => Event::Acknowledged {
            packet: packet.into(),
            acknowledgement,
        },
        ClientEvent::AckReturned(packet) => Event::AckReturned {
            source: packet.source_client.into(),
            sequence: packet.sequence,
        },
        ClientEvent::TimedOut(packet) => Event::TimedOut {
            source: packet.source_client.into(),
            sequence: packet.sequence,
        },
    })
}

fn of_channel(event: ChannelEvent) -> Option<Event> {
    Some(match event {
        ChannelEvent::Sent { packet, data } => Event::Sent(packet.with(data).into()),
        ChannelEvent::Received { .. } => return None,
        ChannelEvent::Acknowledged {
            packet,
            data,
            acknowledgement,
        } => Event::Acknowledged {
            packet: packet.with(data).into(),
            acknowledgement,
        },
        ChannelEvent::AckReturned(packet) => Event::AckReturned {
            source: packet.source.into(),
            sequence: packet.sequence,
        },
        ChannelEvent::TimedOut(packet) => Event::TimedOut {
            source: packet.source.into(),
            sequence: packet.sequence,
        },
    })
}

/// Whether it happened to a packet of this end, on this chain.
fn is_of(event: &Event, end: &End) -> bool {
    match event {
        Event::Sent(packet) => packet.source() == *end,
        Event::Acknowledged { packet, .. } => packet.destination() == *end,
        Event::Unreadable { source, .. }
        | Event::AckReturned { source, .. }
        | Event::TimedOut { source, .. } => source == end,
    }
}
