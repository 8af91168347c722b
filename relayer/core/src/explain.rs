//! What happens next to a packet; and how chains and ends stand. For commands, HTTP and metrics.
//!
//! It only reads.

use crate::choose::soon;
use crate::judge::Stand;
use crate::machine::Relayer;
use crate::names::{EndName, PacketId};
use crate::packet::{PacketRecord, Trouble};
use crate::place::{ChainState, End, EndIx};
use crate::step::{Leg, Stage};
use crate::trip::{LaneState, TripStep};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use chain::{Blame, BlockNumber, ChainName, Head, SubmissionId};
use core::fmt;
use wire::{Height, Seconds, Sequence};

/// A chain is silent when it has not told its head for this many polls, and the patience of one ask.
const SILENT_POLLS: u64 = 10;

/// What happens next to a packet; where it is and why, its record says.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What happens next.
    pub next: Next,
    /// What went wrong last, with the packet or with the lane it waits for.
    pub trouble: Option<String>,
}

/// What happens next to a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It travels with the next batch.
    Batch,
    /// It is tried again at this time (Unix seconds).
    RetryAt(Seconds),
    /// Its chain has to finalize this block first.
    SourceFinality(BlockNumber),
    /// It can no longer be received in time; it is taken back once the destination's finalized state has passed one of these.
    Timeout {
        /// A time (Unix seconds).
        time: Option<Seconds>,
        /// A height.
        height: Option<Height>,
    },
    /// Its channel is ordered, and this packet has to go first.
    Turn(Sequence),
    /// The end that would take its acknowledgement is closed, and takes none.
    ClosedEnd,
    /// The client that must accept its proof cannot be used.
    Client(String),
    /// Its batch is being put together.
    Proofs,
    /// Its submission waits for the chain's one place in flight.
    Slot,
    /// The chain takes the submission into a block.
    Inclusion(SubmissionId),
    /// The destination announces the acknowledgement in a finalized block.
    AckEvent,
    /// The same, and the application has taken long: the packet is parked until then.
    Application,
    /// The application that sent it takes its acknowledgement or timeout, which it has refused for long: the packet is
    /// parked until then.
    Acceptance,
    /// The source announces the settlement in a finalized block.
    SettleEvent,
    /// The settlement is proven.
    Confirmation,
    /// Nothing: it is settled.
    Nothing,
}

/// How a chain stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainStatus {
    /// Which chain.
    pub name: ChainName,
    /// Its head as last heard; `None` until it answered once.
    pub head: Option<Head>,
    /// When it told so last, if that is too long ago (Unix seconds).
    pub silent_since: Option<Seconds>,
    /// Submissions not in a block yet: 0 or 1, more only after a reorganisation.
    pub in_flight: usize,
    /// Submissions in a block that is not final.
    pub unfinal: usize,
    /// Why nothing is sent now.
    pub held: Option<Trouble>,
}

/// How an end stands.
#[derive(Clone, Debug, PartialEq)]
pub struct EndStatus {
    /// Which end.
    pub name: EndName,
    /// The other end of its path.
    pub peer: EndName,
    /// How its client stood when last read.
    pub client: Option<Stand>,
    /// Why its client cannot be used.
    pub stopped: Option<String>,
    /// What its client believes and the chain that it follows does not have, by the last look at it.
    pub doubted: Option<String>,
    /// What went wrong last in the lane to this end.
    pub trouble: Option<String>,
    /// The next block whose events are read in their order.
    pub next_block: BlockNumber,
    /// Finalized blocks from that one on, or from the first one with a send for which there was no room. What is sent in the
    /// newest blocks is carried before these are read.
    pub unread: u64,
    /// Live packets sent from here, by the word of their stage.
    pub live: BTreeMap<&'static str, usize>,
    /// Packets sent from here that are parked on disk until their application moves them on.
    pub parked: usize,
    /// Since when the oldest of the live ones is known that still has to be carried (Unix seconds). One that is received waits
    /// for its application, which may never answer.
    pub oldest: Option<Seconds>,
    /// Bytes of payload kept for them.
    pub bytes: usize,
}

impl Relayer {
    /// The live packets, by end and sequence. Those that are parked or settled are in the store.
    pub fn packets(&self) -> impl Iterator<Item = &PacketRecord> {
        self.ends.iter().flat_map(|end| end.flow.values())
    }

    /// Explains a packet that is not settled; `None` when it is none of those.
    pub fn explain(&self, id: &PacketId) -> Option<Explanation> {
        let at = self
            .ends
            .iter()
            .position(|end| end.name == id.source)
            .map(EndIx)?;
        let parked = &self.end(at)?.parked;
        if parked.contains(id.sequence) {
            let next = if parked.refused.contains(id.sequence) {
                Next::Acceptance
            } else {
                Next::Application
            };
            let trouble = None;
            return Some(Explanation { next, trouble });
        }
        let record = self.packet(at, id.sequence)?;
        let lane = self.lane_for(at, record)?;
        let trouble = record.trouble.as_ref().map(|trouble| trouble.text.clone());
        Some(Explanation {
            next: self.next(at, record, lane),
            trouble: trouble.or_else(|| lane.lane.trouble.clone()),
        })
    }

    /// How all chains stand.
    pub fn chain_statuses(&self) -> Vec<ChainStatus> {
        let status = |chain: &ChainState| ChainStatus {
            name: chain.name.clone(),
            head: chain.head,
            silent_since: self.silent_since(chain),
            in_flight: chain.flights.iter().filter(|flight| !flight.is_landed).count(),
            unfinal: chain.flights.iter().filter(|flight| flight.is_landed).count(),
            held: self.held(chain),
        };
        self.chains.iter().map(status).collect()
    }

    /// When the chain told its head last, if it should have done so again since: one ask may be lost, and some polls.
    fn silent_since(&self, chain: &ChainState) -> Option<Seconds> {
        let polls = Seconds(chain.poll.0.max(1).saturating_mul(SILENT_POLLS));
        let patience = self.limits.ask_patience.saturating_add(polls);
        chain
            .head_heard
            .filter(|heard| heard.saturating_add(patience) < self.now)
    }

    /// Why nothing is sent. What the operator has to mend stays for as long as the next attempt may take, or else it would
    /// come and go with every attempt.
    fn held(&self, chain: &ChainState) -> Option<Trouble> {
        let is_held = |reason: &Trouble| match reason.blame {
            Blame::Operator => chain.hold_until.saturating_add(self.limits.ask_patience) >= self.now,
            Blame::Peer | Blame::Chain | Blame::Us => chain.hold_until >= self.now,
        };
        chain.hold_reason.clone().filter(is_held)
    }

    /// How all ends stand.
    pub fn end_statuses(&self) -> Vec<EndStatus> {
        self.ends
            .iter()
            .filter_map(|end| {
                let head = self.chain(end.chain)?.finalized().map(|head| head.block);
                Some(status(end, self.end(end.peer)?, head))
            })
            .collect()
    }

    /// The end whose lane carries the packet's next message.
    fn lane_for(&self, flow: EndIx, record: &PacketRecord) -> Option<&End> {
        let (end, peer, _, _) = self.pair(flow)?;
        let confirms = record.settled.is_some();
        Some(match record.standing.leg {
            Leg::Deliver => peer,
            Leg::Acknowledge | Leg::TimeOut if confirms => peer,
            Leg::Acknowledge | Leg::TimeOut => end,
        })
    }

    fn next(&self, flow: EndIx, record: &PacketRecord, lane: &End) -> Next {
        match record.standing.stage {
            Stage::Seen => self.next_of_waiting(flow, record, lane),
            Stage::Planned | Stage::Proving { .. } => Next::Proofs,
            Stage::Proven { .. } => match &lane.lane.state {
                LaneState::Trip(trip) if matches!(trip.step, TripStep::Ready { .. }) => Next::Slot,
                LaneState::Trip(_) | LaneState::Idle | LaneState::Flying(_) => Next::Proofs,
            },
            Stage::Submitted { submission } => Next::Inclusion(submission),
            Stage::Included { .. } => match (record.standing.leg, record.settled) {
                (Leg::Deliver, _) => Next::AckEvent,
                (Leg::Acknowledge | Leg::TimeOut, None) => Next::SettleEvent,
                (Leg::Acknowledge | Leg::TimeOut, Some(_)) => match &lane.lane.stopped {
                    Some(why) => Next::Client(why.clone()),
                    None => Next::Confirmation,
                },
            },
            Stage::Acked | Stage::TimedOut | Stage::Refused => Next::Nothing,
        }
    }

    fn next_of_waiting(&self, flow: EndIx, record: &PacketRecord, lane: &End) -> Next {
        if let Some(why) = &lane.lane.stopped {
            return Next::Client(why.clone());
        }
        let Some((end, peer, source, destination)) = self.pair(flow) else {
            return Next::Batch;
        };
        let Some((source, destination)) = source.head.zip(destination.head) else {
            return Next::Batch;
        };
        let earlier = || self.goes_first(flow, record);
        let (packet, finalized) = (&record.packet, destination.finalized);
        let (height, time) = soon(&destination, self.limits.recv_margin);
        let timeout = Next::Timeout {
            time: packet.timeout(),
            height: packet.timeout_height(),
        };
        match record.standing.leg {
            Leg::Deliver if !packet.is_open(height, time) => return timeout,
            Leg::TimeOut
                if peer.closed().is_none() && !packet.has_expired(finalized.height, finalized.timestamp) =>
            {
                return timeout;
            }
            Leg::Acknowledge if end.closed().is_some() => return Next::ClosedEnd,
            Leg::Deliver if source.finalized.block < record.sent => return Next::SourceFinality(record.sent),
            Leg::Deliver | Leg::Acknowledge if let Some(first) = earlier() => return Next::Turn(first),
            Leg::Deliver | Leg::Acknowledge | Leg::TimeOut => {}
        }
        let retry = record.not_before.max(lane.lane.retry_at);
        if retry > self.now {
            Next::RetryAt(retry)
        } else {
            Next::Batch
        }
    }
}

fn status(end: &End, peer: &End, head: Option<BlockNumber>) -> EndStatus {
    let mut live = BTreeMap::new();
    for record in end.flow.values() {
        let count: &mut usize = live.entry(record.standing.stage.word()).or_default();
        *count = count.saturating_add(1);
    }
    EndStatus {
        name: end.name.clone(),
        peer: peer.name.clone(),
        client: end.lane.stand,
        stopped: end.lane.stopped.clone(),
        doubted: end.lane.doubted.clone(),
        trouble: end.lane.trouble.clone(),
        next_block: end.scan.next,
        unread: head.map_or(0, |head| end.scan.unread(head)),
        live,
        parked: end.parked.len(),
        oldest: oldest(end),
        bytes: end.flow_bytes,
    }
}

fn oldest(end: &End) -> Option<Seconds> {
    let is_carried = |record: &&PacketRecord| match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Included { .. }) => false,
        (Leg::Deliver | Leg::Acknowledge | Leg::TimeOut, _) => true,
    };
    end.flow
        .values()
        .filter(is_carried)
        .map(|record| record.known_since)
        .min()
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch => f.write_str("it travels with the next batch"),
            Self::RetryAt(at) => write!(f, "it is tried again at {at}"),
            Self::SourceFinality(block) => write!(f, "the source has to finalize block {block}"),
            Self::Timeout { time, height } => {
                f.write_str("it is taken back once the destination's finalized state has passed ")?;
                match (time, height) {
                    (Some(time), Some(height)) => write!(f, "time {time} or height {height}"),
                    (Some(time), None) => write!(f, "time {time}"),
                    (None, Some(height)) => write!(f, "height {height}"),
                    (None, None) => f.write_str("its timeout"),
                }
            }
            Self::Turn(first) => write!(f, "its channel is ordered, and packet {first} has to go first"),
            Self::ClosedEnd => f.write_str(
                "nothing: it was received, and this end of the channel was closed before its acknowledgement came back; a closed \
                 end takes none",
            ),
            Self::Client(why) => write!(f, "it waits for a client: {why}"),
            Self::Proofs => f.write_str("its batch is being put together"),
            Self::Slot => f.write_str("its submission waits until the one before it is in a block"),
            Self::Inclusion(id) => write!(f, "the chain takes submission {} into a block", id.0),
            Self::AckEvent => {
                f.write_str("the destination announces the acknowledgement in a finalized block")
            }
            Self::Application => f.write_str(
                "it is parked: its application has received it and not acknowledged it; it is looked up now and then, and \
                 carried on when the acknowledgement is announced",
            ),
            Self::Acceptance => f.write_str(
                "it is parked: the application that sent it refuses its acknowledgement or timeout; it is tried again now and \
                 then",
            ),
            Self::SettleEvent => f.write_str("the source announces the settlement in a finalized block"),
            Self::Confirmation => f.write_str("the settlement is proven"),
            Self::Nothing => f.write_str("nothing: it is settled"),
        }
    }
}
