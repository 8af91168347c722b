//! `Ask::Events`: what the results of blocks say happened to packets.
//!
//! Blocks are read whole, one after the other, because an index of events is the node's to build, to prune and to get wrong.
//! What was read is remembered for a while: several clients of one chain have their packets in the same blocks. For a node it is
//! much work to tell of a block with a thousand packets, more than to execute it; so it tells once, and what became of our
//! own transactions is read there too. What one node said does not stand for ever: after a while another one may be asked.
//!
//! What this module must never do: leave out a block inside the range it says it covered.

use crate::answers::{Event as Told, Results, TxResult};
use crate::channel_events::ChannelEvent;
use crate::client_events::ClientEvent;
use crate::cosmos::Cosmos;
use crate::lacking::had;
use crate::packets::{PacketEvent, Packets};
use crate::rpc::Rpc;
use crate::send::Flight;
use alloy_primitives::B256;
use chain::{Answer, BlockNumber, Event, EventAt, Fault, TxHash};
use core::future::Future;
use core::time::Duration;
use endpoints::{Complaint, all_of};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use wire::End;

/// Blocks that are read for one ask, at most.
const PAGE: u64 = 100;
/// Blocks that are asked for at the same time.
const AT_ONCE: u64 = 10;
/// After so long no more of them are asked for: a slow node shall bring the reading on, too, and not be given up by the machine,
/// which waits a minute.
const PAGE_WITHIN: Duration = Duration::from_secs(10);
/// Blocks that are remembered.
const KEPT: usize = 512;
/// Bytes of them that are remembered, about: anybody may fill blocks with packets that are none of ours.
const BYTES_KEPT: usize = 32 * 1024 * 1024;
/// What an event or a transaction takes beside the bytes that its sender chose.
const FRAME_BYTES: usize = 512;
/// How long what a node said of a block counts. Long enough for several clients to read it, and short enough that who reads again
/// because something is missing does not read the same.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// A transaction is looked for in so many blocks that were read for their packets.
const RECENT: u64 = 16;
/// Where a transaction says who signed it, and with which sequence: `cosmos1.../7`.
const SIGNER: &str = "acc_seq";

/// What was read of a block.
#[derive(Debug)]
pub(crate) struct Block {
    events: Vec<EventAt>,
    /// What became of transactions of our own, by their hashes.
    own: Vec<([u8; 32], TxResult)>,
    /// When it was read.
    read: Instant,
    /// How much of the memory it takes, about.
    bytes: usize,
}

impl Block {
    fn new(events: Vec<EventAt>, own: Vec<([u8; 32], TxResult)>) -> Self {
        let of_events = events.iter().map(|at| event_bytes(&at.event));
        let of_own = own.iter().map(|(_, result)| result.bytes());
        let each = of_events
            .chain(of_own)
            .map(|bytes| bytes.saturating_add(FRAME_BYTES));
        Self {
            bytes: each.fold(0, usize::saturating_add),
            events,
            own,
            read: Instant::now(),
        }
    }
}

/// The bytes that its sender chose.
fn event_bytes(event: &Event) -> usize {
    match event {
        Event::Sent(packet) => packet.weight(),
        Event::Acknowledged {
            packet,
            acknowledgement,
        } => packet.weight().saturating_add(acknowledgement.as_bytes().len()),
        Event::Unreadable { .. } | Event::AckReturned { .. } | Event::TimedOut { .. } => 0,
    }
}

/// A block that is read once, whoever asks meanwhile.
type Cell = Arc<OnceCell<Arc<Block>>>;

/// How many bytes are remembered of it.
fn weight(cell: &Cell) -> usize {
    cell.get().map_or(0, |block| block.bytes)
}

/// What was read of blocks lately.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// How long it counts.
    kept_for: Duration,
    kept: Mutex<BTreeMap<u64, Cell>>,
    /// The newest block as it was chosen last of what all endpoints say; zero before that.
    newest: AtomicU64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self {
            kept_for: KEPT_FOR,
            kept: Mutex::default(),
            newest: AtomicU64::new(0),
        }
    }
}

impl Blocks {
    /// The place of a block. Forgets the oldest beyond what is kept: behind a backlog the newest are asked for again and again.
    fn cell(&self, height: u64) -> Cell {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.entry(height).or_default();
        if place
            .get()
            .is_some_and(|block| block.read.elapsed() >= self.kept_for)
        {
            *place = Cell::default();
        }
        let cell = place.clone();
        let mut weight: usize = kept.values().map(weight).sum();
        while kept.len() > KEPT || (weight > BYTES_KEPT && kept.len() > 1) {
            let oldest = kept.pop_first();
            let freed = oldest.map_or(0, |(_, oldest)| self::weight(&oldest));
            weight = weight.saturating_sub(freed);
        }
        cell
    }

    /// Everybody is told now that the newest block is of this height. It may be lower than before: then what was told was a lie,
    /// which shall not last.
    pub(crate) fn told(&self, height: u64) {
        self.newest.store(height, Ordering::Relaxed);
    }

    /// The newest block that everybody was told of; zero before that.
    pub(crate) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Relaxed)
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
        // No more is held of a block than is told.
        let read = |height| async move {
            let block = self.block(height).await?;
            let of_end = block.events.iter().filter(|at| is_of(&at.event, end));
            Ok(of_end.cloned().collect::<Vec<_>>())
        };
        let blocks = in_rounds(first, last, PAGE_WITHIN, read).await?;
        let covered = first.saturating_add(blocks.len() as u64).saturating_sub(1);
        Ok(Answer::Events {
            covered: BlockNumber(covered.max(from.0)),
            events: blocks.into_iter().flatten().collect(),
        })
    }

    /// What a transaction did that succeeded in one of the newest blocks, which are read for their packets anyway: the node's
    /// index would tell all of its events once more.
    pub(crate) async fn recent(&self, flight: &Flight) -> Option<(u64, TxResult)> {
        let newest = self.blocks.newest().min(flight.timeout_height);
        let first = flight.signed_at.saturating_add(1);
        if newest.saturating_sub(flight.signed_at) > RECENT {
            return None;
        }
        for height in first..=newest {
            // A block that cannot be read is no reason to know nothing: the index may.
            let block = self.block(height).await.ok()?;
            let found = block.own.iter().find(|(hash, _)| *hash == flight.hash);
            if let Some((_, result)) = found {
                return Some((height, result.clone()));
            }
        }
        None
    }

    async fn block(&self, height: u64) -> Result<Arc<Block>, Fault> {
        let read = || self.on_rpc(|rpc| async move { self.read_block(&rpc, height).await.map(Arc::new) });
        self.blocks.cell(height).get_or_try_init(read).await.cloned()
    }

    async fn read_block(&self, rpc: &Rpc, height: u64) -> Result<Block, Complaint> {
        let at = self.at(height);
        let results: Results = had(rpc, rpc.block_packets(height).await, "block_results", at).await?;
        let packets = Packets::of(&results);
        for unread in packets.unread.iter().filter(|unread| unread.sent.is_none()) {
            tracing::warn!(chain = %self.name, height, kind = %unread.kind, why = %unread.why, "an event of a packet cannot be read");
        }
        if packets.events.is_empty() && packets.unread.is_empty() {
            return Ok(Block::new(Vec::new(), Vec::new()));
        }
        let hashes = had(rpc, rpc.block_hashes(height).await, "block", at).await?;
        if hashes.len() != results.txs_results.len() {
            return Err(Complaint::malformed(format!(
                "block {height} has {} transactions, but {} results",
                hashes.len(),
                results.txs_results.len()
            )));
        }
        let events = placed(height, packets, &hashes);
        let own = hashes.into_iter().zip(results.txs_results);
        let own = own
            .filter(|(_, result)| self.is_own(result))
            .map(|(hash, result)| (hash, result.of_payment()));
        Ok(Block::new(events, own.collect()))
    }

    /// Whether a transaction succeeded and says that an account of ours signed it.
    fn is_own(&self, result: &TxResult) -> bool {
        let Ok(wallet) = self.wallet() else {
            return false;
        };
        let signed = |event: &Told| {
            let signer = event.attribute(SIGNER).and_then(|text| text.rsplit_once('/'));
            signer.is_some_and(|(signer, _)| wallet.addresses().any(|ours| ours == signer))
        };
        result.code == 0 && result.events.iter().any(signed)
    }
}

/// Reads from `first` to `last`, some at a time, one round after the other, and answers the first of them up to where it came.
///
/// What was read counts: after `within` no other round is begun, and a failure ends the reading with the rounds before it. Only
/// that of the first round is told, since whoever goes on behind what was read meets the others there.
async fn in_rounds<T, F: Future<Output = Result<T, Fault>>>(
    first: u64,
    last: u64,
    within: Duration,
    read: impl Fn(u64) -> F,
) -> Result<Vec<T>, Fault> {
    let begun = Instant::now();
    let mut all = Vec::new();
    let mut next = first;
    while next <= last && (all.is_empty() || begun.elapsed() < within) {
        let until = last.min(next.saturating_add(AT_ONCE - 1));
        let round = all_of((next..=until).map(&read).collect()).await;
        match round.into_iter().collect::<Result<Vec<T>, Fault>>() {
            Ok(round) => all.extend(round),
            Err(fault) if all.is_empty() => return Err(fault),
            Err(_) => break,
        }
        next = until.saturating_add(1);
    }
    Ok(all)
}

/// What happened to packets in the block of `height`, in the order of the chain.
fn placed(height: u64, packets: Packets, hashes: &[[u8; 32]]) -> Vec<EventAt> {
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
    all.into_iter().map(|(tx, event, _)| at(tx, event)).collect()
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

#[cfg(test)]
#[path = "blocks_tests.rs"]
mod tests;
