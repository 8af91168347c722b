//! What is kept of a chain and of an end while the machine runs.

use crate::audit::Ended;
use crate::config::{BatchPolicy, ChainConfig, EndConfig, FeePolicy};
use crate::fill::Ground;
use crate::front::Front;
use crate::late::Unheard;
use crate::names::EndName;
use crate::packet::{PacketRecord, Trouble};
use crate::park::Parked;
use crate::passed::Passed;
use crate::recheck::Recheck;
use crate::record::{Cursor, FlightRecord};
use crate::reread::Doubted;
use crate::scan::Scan;
use crate::trip::Lane;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use chain::{At, BlockNumber, ChainName, Finalized, Head, Submission, SubmissionId};
use wire::{Height, Seconds, Sequence};

/// A rest between two looks at the same thing, whatever the rest between two heads: an adapter that waits for news before it
/// tells a head waits for nothing before it answers other asks.
const LOOK_MIN: Seconds = Seconds(1);

/// The position of a chain in the machine; never leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChainIx(pub(crate) usize);

/// The position of an end in the machine; never leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EndIx(pub(crate) usize);

/// A chain.
#[derive(Debug)]
pub(crate) struct ChainState {
    pub(crate) name: ChainName,
    pub(crate) poll: Seconds,
    pub(crate) in_flight: usize,
    pub(crate) fee: FeePolicy,
    pub(crate) batch: BatchPolicy,
    pub(crate) head: Option<Head>,
    /// When it was told last.
    pub(crate) head_heard: Option<Seconds>,
    pub(crate) head_at: Seconds,
    pub(crate) head_failures: u32,
    pub(crate) coverage: Coverage,
    /// Submissions that are not over. New ones are sent only while few enough of these are in no block.
    pub(crate) flights: Vec<Flight>,
    /// Submissions that were given up while nobody knows whether they were sent, the newest first.
    pub(crate) unheard: Vec<Unheard>,
    /// Nothing is sent before this time, and why.
    pub(crate) hold_until: Seconds,
    pub(crate) hold_reason: Option<Trouble>,
    pub(crate) send_failures: u32,
    /// The end that was served last, so that ends take turns.
    pub(crate) served: Option<EndIx>,
}

/// A submission that is not over.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) record: FlightRecord,
    pub(crate) lane: EndIx,
    /// The submission itself; gone after a restart.
    pub(crate) body: Option<Submission>,
    /// What its messages were proven against.
    pub(crate) ground: Option<Ground>,
    pub(crate) is_landed: bool,
    /// That it is in a block was told once: it may leave one and come into another.
    pub(crate) is_told: bool,
    /// A send or a find of it is on its way.
    pub(crate) is_asked: bool,
    /// When its newest transaction was sent.
    pub(crate) sent_at: Seconds,
    /// Since when it is in no block.
    pub(crate) waits_since: Seconds,
    /// When the send is to be repeated with a better fee.
    pub(crate) resend_at: Option<Seconds>,
    pub(crate) find_at: Seconds,
    /// Which of its transactions is looked for, counted from the newest.
    pub(crate) looking_back: usize,
    pub(crate) unknown_since: Option<Seconds>,
}

/// One end of a path: the flow of packets sent from it, the reading of its events, and the lane of submissions to it.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) name: EndName,
    pub(crate) chain: ChainIx,
    pub(crate) peer: EndIx,
    pub(crate) config: EndConfig,
    /// Live packets sent from here.
    pub(crate) flow: BTreeMap<Sequence, PacketRecord>,
    pub(crate) flow_bytes: usize,
    /// Those that wait on disk for their application.
    pub(crate) parked: Parked,
    pub(crate) scan: Scan,
    pub(crate) lane: Lane,
    pub(crate) recheck: Recheck,
    /// Packets whose events made this end or its peer read events again.
    pub(crate) doubted: BTreeMap<Sequence, Doubted>,
    /// Packets that nobody can relay, by what an endpoint said.
    pub(crate) passed: Passed,
    /// Packets that have ended, by what an endpoint said, before they were proven to be sent.
    pub(crate) ended: Ended,
}

impl ChainState {
    pub(crate) fn new(config: &ChainConfig, now: Seconds) -> Self {
        Self {
            name: config.name.clone(),
            poll: config.poll,
            in_flight: config.in_flight,
            fee: config.fee,
            batch: config.batch,
            head: None,
            head_heard: None,
            head_at: now,
            head_failures: 0,
            coverage: Coverage::default(),
            flights: Vec::new(),
            unheard: Vec::new(),
            hold_until: now,
            hold_reason: None,
            send_failures: 0,
            served: None,
        }
    }

    /// Whether as many submissions as may be are on their way and not yet in a block.
    pub(crate) fn is_busy(&self) -> bool {
        let unlanded = self.flights.iter().filter(|flight| !flight.is_landed).count();
        unlanded >= self.in_flight.max(1)
    }

    /// Whether the lane of a submission waits until that has landed. For what only moves the client it does wherever it may go
    /// on otherwise: until it has landed, the client seems to be due again.
    pub(crate) fn holds_lane(&self, submission: &FlightRecord) -> bool {
        !self.takes_several() || submission.packets.is_empty()
    }

    /// Whether a lane may go on while a submission of it is on its way.
    pub(crate) fn takes_several(&self) -> bool {
        self.in_flight > 1
    }

    /// How many messages a block has time for at so many a second; none as long as nothing is known of its pace.
    pub(crate) fn messages_a_block(&self, a_second: u64) -> Option<usize> {
        let (secs, blocks) = self.coverage.span()?;
        let count = a_second.saturating_mul(secs).checked_div(blocks)?;
        Some(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// When to look again for what only another block can bring.
    pub(crate) fn again(&self, now: Seconds) -> Seconds {
        now.saturating_add(self.poll.max(LOOK_MIN))
    }

    pub(crate) fn flight(&mut self, id: SubmissionId) -> Option<&mut Flight> {
        self.flights.iter_mut().find(|flight| flight.record.id == id)
    }

    pub(crate) fn finalized(&self) -> Option<Finalized> {
        self.head.map(|head| head.finalized)
    }
}

impl Flight {
    /// A submission of which nothing but its record is known.
    pub(crate) fn new(record: FlightRecord, lane: EndIx, now: Seconds) -> Self {
        Self {
            record,
            lane,
            body: None,
            ground: None,
            is_landed: false,
            is_told: false,
            is_asked: false,
            sent_at: now,
            waits_since: now,
            resend_at: None,
            find_at: now,
            looking_back: 0,
            unknown_since: None,
        }
    }
}

impl End {
    pub(crate) fn new(config: &EndConfig, chain: ChainIx, peer: EndIx, now: Seconds) -> Self {
        Self {
            name: config.name.clone(),
            chain,
            peer,
            config: config.clone(),
            flow: BTreeMap::new(),
            flow_bytes: 0,
            parked: Parked::default(),
            scan: Scan::new(config.start, now),
            lane: Lane::new(now),
            recheck: Recheck::new(now),
            doubted: BTreeMap::new(),
            passed: Passed::default(),
            ended: Ended::default(),
        }
    }

    pub(crate) fn insert(&mut self, record: PacketRecord) {
        self.flow_bytes = self.flow_bytes.saturating_add(record.weight());
        if let Some(old) = self.flow.insert(record.id.sequence, record) {
            self.flow_bytes = self.flow_bytes.saturating_sub(old.weight());
        }
    }

    pub(crate) fn remove(&mut self, sequence: Sequence) {
        if let Some(old) = self.flow.remove(&sequence) {
            self.flow_bytes = self.flow_bytes.saturating_sub(old.weight());
        }
        self.doubted.remove(&sequence);
    }

    /// A record that weighed `before` was changed where it lies.
    pub(crate) fn reweigh(&mut self, before: usize, after: usize) {
        self.flow_bytes = self.flow_bytes.saturating_sub(before).saturating_add(after);
    }

    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            end: self.name.clone(),
            next: self.scan.durable_next(),
            unread: self.scan.unread_from,
            last: self.scan.last,
            passed: self.passed.to_keep(),
            ended: self.ended.to_keep(),
            front: self.scan.front.as_ref().map(Front::to_keep),
        }
    }
}

/// Which execution block a finalized height is known to hold: a bounded list, ascending in both.
#[derive(Debug, Default)]
pub(crate) struct Coverage(VecDeque<Finalized>);

/// Bound: finalized heights remembered of one chain.
const COVERAGE_MAX: usize = 256;

impl Coverage {
    /// Adds what was learned, and forgets what contradicts it.
    pub(crate) fn learn(&mut self, new: Finalized) {
        self.0.retain(|old| {
            (old.height < new.height && old.block <= new.block)
                || (old.height > new.height && old.block >= new.block)
        });
        let at = self.0.partition_point(|old| old.height < new.height);
        self.0.insert(at, new);
        if self.0.len() > COVERAGE_MAX {
            self.0.pop_front();
        }
    }

    /// Whether a state is known to hold everything up to `block`.
    pub(crate) fn covers(&self, at: At, block: BlockNumber) -> bool {
        let covered = match at {
            At::Slot(slot) => self.block_at(Height::of(slot)),
            At::Block { number, .. } => Some(BlockNumber(number)),
            At::Header(height) => height.checked_sub(1).map(BlockNumber),
        };
        covered.is_some_and(|covered| covered >= block)
    }

    /// The seconds and blocks between the first and the last that is remembered; none if those are one.
    fn span(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.0.front()?, self.0.back()?);
        let blocks = last.block.0.saturating_sub(first.block.0);
        (blocks > 0).then(|| (last.timestamp.saturating_sub(first.timestamp).0, blocks))
    }

    /// Forgets everything above `head`: an endpoint that announced it has taken it back.
    pub(crate) fn lower_to(&mut self, head: Finalized) {
        self.0.retain(|old| old.height <= head.height);
    }

    /// A block that `height` covers for certain; none when nothing at or below it is known.
    pub(crate) fn block_at(&self, height: Height) -> Option<BlockNumber> {
        let above = self.0.partition_point(|known| known.height <= height);
        self.0.get(above.checked_sub(1)?).map(|known| known.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(slot: u64, block: u64) -> Finalized {
        Finalized {
            height: Height::of(slot),
            block: BlockNumber(block),
            timestamp: Seconds(slot),
        }
    }

    #[test]
    fn coverage_answers_with_the_nearest_height_below() {
        let mut coverage = Coverage::default();
        coverage.learn(known(64, 50));
        coverage.learn(known(32, 25));
        assert_eq!(coverage.block_at(Height::of(31)), None);
        assert_eq!(coverage.block_at(Height::of(32)), Some(BlockNumber(25)));
        assert_eq!(coverage.block_at(Height::of(63)), Some(BlockNumber(25)));
        assert_eq!(coverage.block_at(Height::of(99)), Some(BlockNumber(50)));
    }

    #[test]
    fn t22_a_head_that_ran_ahead_and_came_back_is_forgotten() {
        let mut coverage = Coverage::default();
        coverage.learn(known(64, 50));
        coverage.learn(known(1 << 62, 1 << 62));
        coverage.lower_to(known(96, 70));
        coverage.learn(known(96, 70));
        assert_eq!(coverage.block_at(Height::of(u64::MAX)), Some(BlockNumber(70)));
    }

    #[test]
    fn the_pace_of_blocks_is_that_of_what_is_remembered() {
        let mut coverage = Coverage::default();
        assert_eq!(coverage.span(), None);
        coverage.learn(known(100, 50));
        assert_eq!(coverage.span(), None);
        coverage.learn(known(106, 62));
        assert_eq!(coverage.span(), Some((6, 12)));
    }

    #[test]
    fn coverage_is_bounded() {
        let mut coverage = Coverage::default();
        for slot in 1..1_000 {
            coverage.learn(known(slot, slot));
        }
        assert_eq!(coverage.0.len(), COVERAGE_MAX);
    }
}
