//! `Ask::Events`: what a router says happened to packets, from finalized blocks.
//!
//! An event is a hint: whatever it leads to is proven before it counts (T-47). What can be checked here is that the
//! endpoint answered this question whole: the block range exists, every log is of this router, this client and this
//! range, and the sequences of sent packets have no gap. A gap from an earlier range is filled by asking for the missing
//! sequences by their topic.
//!
//! What this module must never do: report a range as covered of which it could know that something is missing.

use crate::abi::Router;
use crate::logs::{self, Placed, topic_of};
use crate::rpc::{At, Rpc, to_u64};
use crate::sequences::{Gap, Sequences};
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolEvent;
use chain::{BlockNumber, Event, EventAt, Fault, NotYet};
use endpoints::{Complaint, Defect};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use wire::ClientId;

/// Blocks asked for in one request at first.
const PAGE_FIRST: u64 = 1_024;
/// Most blocks asked for in one request.
const PAGE_MAX: u64 = 8_192;
/// A page with more events than this is not made larger next time.
const PAGE_FULL: usize = 500;
/// The same, in bytes of their data.
const PAGE_FULL_BYTES: usize = 1 << 20;
/// Most sequences looked up one by one to fill a gap.
const GAP_MAX: u64 = 256;
/// Sequences in one request.
const GAP_STEP: usize = 16;

/// How events of one chain are read: page size and what is known of sequences.
#[derive(Debug)]
pub(crate) struct EventReader {
    router: Address,
    /// The block of the router's creation: nothing of it is older.
    first_block: u64,
    page: AtomicU64,
    sequences: Sequences,
}

/// The answer of [`EventReader::read`].
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) covered: BlockNumber,
    pub(crate) events: Vec<EventAt>,
}

impl EventReader {
    pub(crate) fn new(router: Address, first_block: BlockNumber) -> Self {
        Self {
            router,
            first_block: first_block.0,
            page: AtomicU64::new(PAGE_FIRST),
            sequences: Sequences::default(),
        }
    }

    /// Events of `client` in `from..=to`, or in a shorter range from `from` on.
    pub(crate) async fn read(
        &self,
        rpc: &Rpc,
        client: &ClientId,
        from: BlockNumber,
        to: BlockNumber,
    ) -> Result<Found, Complaint> {
        let from = from.0.max(self.first_block);
        if to.0 < from {
            return Ok(Found {
                covered: to,
                events: Vec::new(),
            });
        }
        let (covered, logs) = self.fetch_page(rpc, client, from, to.0).await?;
        let mut placed = self.parse_all(client, &logs, from..=covered)?;
        placed.sort_by_key(|one| one.at);
        let sent = sent_sequences(&placed);
        let mut events = match self
            .sequences
            .check(client, from == self.first_block, from, &sent)
        {
            Ok(()) => Vec::new(),
            Err(Gap::Inside { before, after }) => {
                return Err(Complaint::malformed(format!(
                    "the logs of blocks {from} to {covered} hold packet {before} and then {after}, and none between"
                )));
            }
            Err(Gap::Before { first, last }) => self.fill(rpc, client, first, last, from).await?,
        };
        events.extend(placed.into_iter().map(|one| one.event));
        self.sequences.note(client, from, covered, sent.last().copied());
        Ok(Found {
            covered: BlockNumber(covered),
            events,
        })
    }

    /// The logs of as many blocks from `from` on as the endpoint answers at once, and the last of those blocks.
    async fn fetch_page(
        &self,
        rpc: &Rpc,
        client: &ClientId,
        from: u64,
        to: u64,
    ) -> Result<(u64, Vec<Log>), Complaint> {
        loop {
            let page = self.page.load(Ordering::Relaxed).max(1);
            let covered = to.min(from.saturating_add(page - 1));
            // Some endpoints answer an empty list about blocks they do not have: that would lose events for ever.
            if rpc.block(At::Number(covered)).await?.is_none() {
                let newest = BlockNumber(to_u64(rpc.latest().await?.number));
                return Err(Fault::NotYet(NotYet::Block {
                    wanted: BlockNumber(covered),
                    newest,
                })
                .into());
            }
            let filter = self.filter(client).from_block(from).to_block(covered);
            let is_one = covered == from;
            let fetched = if is_one {
                fetch(&rpc.with_room(), &filter).await
            } else {
                fetch(rpc, &filter).await
            };
            match fetched? {
                Ok(logs) => {
                    if !is_full(&logs) && covered < to {
                        self.page
                            .store(page.saturating_mul(2).min(PAGE_MAX), Ordering::Relaxed);
                    }
                    return Ok((covered, logs));
                }
                Err(_) if !is_one => {
                    // Halved from what was asked, not from the page: the range may have been shorter than it.
                    self.page
                        .store((covered - from).div_ceil(2).max(1), Ordering::Relaxed);
                }
                Err(complaint) => return Err(complaint),
            }
        }
    }

    fn filter(&self, client: &ClientId) -> Filter {
        let kinds = vec![
            Router::SendPacket::SIGNATURE_HASH,
            Router::WriteAcknowledgement::SIGNATURE_HASH,
            Router::AckPacket::SIGNATURE_HASH,
            Router::TimeoutPacket::SIGNATURE_HASH,
        ];
        Filter::new()
            .address(self.router)
            .event_signature(kinds)
            .topic1(keccak256(client.as_bytes()))
    }

    fn parse_all(
        &self,
        client: &ClientId,
        logs: &[Log],
        range: core::ops::RangeInclusive<u64>,
    ) -> Result<Vec<Placed>, Complaint> {
        let mut seen = BTreeSet::new();
        let mut placed = Vec::with_capacity(logs.len());
        for log in logs {
            let (at, event) = logs::parse(self.router, client, log)?;
            if !range.contains(&at.0) {
                return Err(Complaint::malformed(format!(
                    "asked for logs of blocks {} to {}, got one of block {}",
                    range.start(),
                    range.end(),
                    at.0
                )));
            }
            if !seen.insert(at) {
                return Err(Complaint::malformed(format!(
                    "log {} of block {} came twice",
                    at.1, at.0
                )));
            }
            placed.extend(event.map(|event| Placed { at, event }));
        }
        Ok(placed)
    }

    /// The sends `first..=last` that an earlier answer left out, looked up by their sequences before block `before`. None where
    /// they are too many, or the endpoint does not look so far: then the machine notices the gap and reads all blocks again.
    async fn fill(
        &self,
        rpc: &Rpc,
        client: &ClientId,
        first: u64,
        last: u64,
        before: u64,
    ) -> Result<Vec<EventAt>, Complaint> {
        let end = before.saturating_sub(1);
        if end < self.first_block {
            return Err(Complaint::malformed(format!(
                "the first packet of {client} since the router exists is {first}, the endpoint shows {} first",
                last.saturating_add(1)
            )));
        }
        tracing::warn!(%client, first, last, "an earlier answer left out packets, looking them up");
        if last.saturating_sub(first) >= GAP_MAX {
            return Ok(Vec::new());
        }
        let wanted: Vec<u64> = (first..=last).collect();
        let mut filled = Vec::with_capacity(wanted.len());
        for some in wanted.chunks(GAP_STEP) {
            let topics: Vec<B256> = some.iter().map(|sequence| topic_of(*sequence)).collect();
            let filter = Filter::new()
                .address(self.router)
                .event_signature(Router::SendPacket::SIGNATURE_HASH)
                .topic1(keccak256(client.as_bytes()))
                .topic2(topics)
                .from_block(self.first_block)
                .to_block(end);
            let Ok(logs) = fetch(&rpc.with_room(), &filter).await? else {
                return Ok(Vec::new());
            };
            let mut placed = self.parse_all(client, &logs, self.first_block..=end)?;
            placed.sort_by_key(|one| one.at);
            let found = sent_sequences(&placed);
            if found != some {
                return Err(Complaint::malformed(format!(
                    "packets {some:?} of {client} must be before block {before}, the endpoint shows {found:?}"
                )));
            }
            filled.extend(placed.into_iter().map(|one| one.event));
        }
        Ok(filled)
    }
}

/// The logs of `filter`; the inner error says that of a smaller range there might be an answer.
async fn fetch(rpc: &Rpc, filter: &Filter) -> Result<Result<Vec<Log>, Complaint>, Complaint> {
    match rpc.logs(filter).await {
        Ok(Ok(logs)) => Ok(Ok(logs)),
        Ok(Err(refusal)) if refusal.is_range_too_large() => Ok(Err(refusal.into_complaint("eth_getLogs"))),
        Ok(Err(refusal)) => Err(refusal.into_complaint("eth_getLogs")),
        // Whoever sends packets chooses how long their logs are, not the endpoint.
        Err(complaint @ Complaint::Endpoint(Defect::TooLong, _)) => Ok(Err(complaint)),
        Err(complaint) => Err(complaint),
    }
}

/// Whether twice as many blocks might be too many.
fn is_full(logs: &[Log]) -> bool {
    let bytes: usize = logs.iter().map(|log| log.data().data.len()).sum();
    logs.len() > PAGE_FULL || bytes > PAGE_FULL_BYTES
}

fn sent_sequences(placed: &[Placed]) -> Vec<u64> {
    placed
        .iter()
        .filter_map(|one| match &one.event.event {
            Event::Sent(packet) => Some(packet.sequence().get()),
            Event::Unreadable { sequence, .. } => Some(sequence.get()),
            Event::Acknowledged { .. } | Event::AckReturned { .. } | Event::TimedOut { .. } => None,
        })
        .collect()
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod gap_tests;
#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
