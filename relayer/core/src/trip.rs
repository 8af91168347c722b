//! A lane and its trip: how one batch for one end is put together.
//!
//! A lane belongs to the end whose client checks the proofs. It carries, to that end's chain: receives of packets that
//! the other end sent, acknowledgements and timeouts of packets that this end sent. The same proofs of the other chain
//! also confirm what the other chain says it has settled or received; that costs no gas.
//!
//! One trip at a time: read the client, look up what others have done, fetch and judge updates, fetch and judge proofs,
//! wait for the chain's one place in flight.

use crate::fill::Ground;
use crate::judge::{Footing, Stand};
use crate::place::EndIx;
use crate::step::Leg;
use alloc::string::String;
use alloc::vec::Vec;
use alloy_primitives::Bytes;
use chain::{Channel, ClientUpdate, SubmissionId, TrustedState, Unreceived, UpdatePlan};
use wire::{ClientId, Height, Path, Seconds, Sequence};

/// What a packet needs from a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NeedKind {
    Recv,
    Ack,
    Timeout,
    /// Proof that a settlement which the other chain announced is true; sends nothing.
    Confirm,
    /// Proof that a packet was received which is only said to be; sends nothing.
    Receipt,
}

/// One packet that is on a trip.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) flow: EndIx,
    pub(crate) sequence: Sequence,
    pub(crate) kind: NeedKind,
    /// Since when it waits.
    pub(crate) since: Seconds,
    /// By when it should be done; the order within a lane.
    pub(crate) deadline: Seconds,
    /// Whether a look at the store tells first that nobody has done it.
    pub(crate) is_looked_for: bool,
    /// Its proof, once judged.
    pub(crate) proof: Option<Bytes>,
    /// Of a timeout: what else shows that the packet was not received.
    pub(crate) unreceived: Unreceived,
}

impl Need {
    /// Whether it has waited for so long.
    pub(crate) fn has_waited(&self, time: Seconds, now: Seconds) -> bool {
        self.since.saturating_add(time) <= now
    }
}

impl NeedKind {
    /// Whether a packet on this leg can need it. One may change its leg while it is on a trip, because events do not wait;
    /// what the trip finds out for the old leg is nothing to the new one.
    pub(crate) fn is_of(self, leg: Leg) -> bool {
        match self {
            Self::Recv => leg == Leg::Deliver,
            Self::Ack => leg == Leg::Acknowledge,
            Self::Timeout => leg == Leg::TimeOut,
            Self::Confirm => leg != Leg::Deliver,
            Self::Receipt => leg == Leg::Deliver,
        }
    }

    /// Whether it is something to be sent.
    pub(crate) fn is_message(self) -> bool {
        match self {
            Self::Recv | Self::Ack | Self::Timeout => true,
            Self::Confirm | Self::Receipt => false,
        }
    }
}

/// Where a trip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TripStep {
    Client,
    /// What attestors have to tell is asked for.
    Notices,
    /// What the client believes is read, and then shown to the chain that it follows.
    Believed,
    Compared,
    Lookup,
    Update,
    /// The updates are there and were signed after the host's newest block: they wait until its clock shows `ripe`, and
    /// not longer than `until` by our own.
    Early {
        ripe: Seconds,
        until: Seconds,
    },
    /// That the other end of the channel is closed is asked for.
    Close,
    Prove,
    Ready {
        since: Seconds,
    },
}

/// One batch on its way to becoming a submission.
#[derive(Debug)]
pub(crate) struct Trip {
    pub(crate) step: TripStep,
    pub(crate) needs: Vec<Need>,
    /// The client is to be moved even if no packet needs it.
    pub(crate) is_refresh: bool,
    /// The router takes batches for the client.
    pub(crate) takes_batches: bool,
    /// The client that is moved and proves, once it was read.
    pub(crate) client: Option<ClientId>,
    /// What the client trusts, with the updates of this trip applied.
    pub(crate) trusted: Option<TrustedState>,
    /// The host chain's time at which everything is judged.
    pub(crate) host_now: Seconds,
    /// What is to be judged again when the host's clock has got there.
    pub(crate) early: Option<UpdatePlan>,
    /// Judged updates, to be submitted in this order.
    pub(crate) updates: Vec<ClientUpdate>,
    /// The height at which everything is proven, and the states behind it.
    pub(crate) height: Height,
    pub(crate) footing: Option<Footing>,
    /// How many needs were given to the prover so far.
    pub(crate) proven: usize,
    /// The proof that the other end of the channel is closed, once judged.
    pub(crate) closed: Option<Bytes>,
    /// The paths whose proofs or values are on their way, in the order of the ask.
    pub(crate) asked: Vec<Path>,
}

/// What a lane is doing.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each end, and most of the time it is a trip"
)]
pub(crate) enum LaneState {
    Idle,
    Trip(Trip),
    Flying(SubmissionId),
}

/// The lane of one end.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) state: LaneState,
    /// Why the client cannot be used, while it cannot.
    pub(crate) stopped: Option<String>,
    /// How the client stood when it was last read.
    pub(crate) stand: Option<Stand>,
    pub(crate) client_read_at: Option<Seconds>,
    /// When an errand of the client was last tried, and when attestors were last asked for notices.
    pub(crate) errand_at: Option<Seconds>,
    pub(crate) noticed_at: Option<Seconds>,
    /// When it is looked at next what the client believes.
    pub(crate) beliefs_at: Seconds,
    /// What it believes and the other chain does not have, as far as was found last.
    pub(crate) doubted: Option<String>,
    /// Whether the router takes batches for the client, as far as is known.
    pub(crate) takes_batches: bool,
    /// The channel of the end as it was last read.
    pub(crate) channel: Option<Channel>,
    pub(crate) retry_at: Seconds,
    /// It rests until then only because a chain has not got that far: the next head of either chain ends its rest.
    pub(crate) rests_for_head: bool,
    pub(crate) failures: u32,
    /// What went wrong last.
    pub(crate) trouble: Option<String>,
    /// At most this many messages in the next batch: halved when a batch reverts, doubled when one lands.
    pub(crate) messages_cap: usize,
    /// Something changed since the lane last looked for work.
    pub(crate) is_dirty: bool,
    pub(crate) looked_at: Seconds,
    /// Confirmations that waited for long and messages travel in turn: messages may be content with an old height of the
    /// client for long.
    pub(crate) confirms_next: bool,
    /// Old packets stayed here when the last messages went, for something live: the next ones may be old.
    pub(crate) old_next: bool,
    /// A newer height than the client's newest must be used: the state of that one is pruned, or what came of it is false.
    pub(crate) must_update: bool,
}

impl Lane {
    pub(crate) fn new(now: Seconds) -> Self {
        Self {
            state: LaneState::Idle,
            stopped: None,
            stand: None,
            client_read_at: None,
            errand_at: None,
            noticed_at: None,
            beliefs_at: now,
            doubted: None,
            takes_batches: false,
            channel: None,
            retry_at: now,
            rests_for_head: false,
            failures: 0,
            trouble: None,
            messages_cap: usize::MAX,
            is_dirty: true,
            looked_at: now,
            confirms_next: false,
            old_next: false,
            must_update: false,
        }
    }

    pub(crate) fn trip(&mut self) -> Option<&mut Trip> {
        match &mut self.state {
            LaneState::Trip(trip) => Some(trip),
            LaneState::Idle | LaneState::Flying(_) => None,
        }
    }

    /// The trip, if it is at `step`. A reply that comes at another step is late and finds none.
    pub(crate) fn trip_at(&mut self, step: TripStep) -> Option<&mut Trip> {
        self.trip().filter(|trip| trip.step == step)
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(
            &self.state,
            LaneState::Trip(Trip {
                step: TripStep::Ready { .. },
                ..
            })
        )
    }
}

impl Trip {
    pub(crate) fn new(needs: Vec<Need>) -> Self {
        Self {
            step: TripStep::Client,
            needs,
            is_refresh: false,
            takes_batches: false,
            client: None,
            trusted: None,
            host_now: Seconds(0),
            early: None,
            updates: Vec::new(),
            height: Height::of(0),
            footing: None,
            proven: 0,
            closed: None,
            asked: Vec::new(),
        }
    }

    /// Everything is proven from these states from now on.
    pub(crate) fn stand_on(&mut self, footing: Option<Footing>) {
        self.footing = footing;
        self.height = footing.map_or(Height::of(0), |footing| footing.height);
    }

    /// What its messages are proven against, once the client was read.
    pub(crate) fn ground(&self) -> Option<Ground> {
        Some(Ground {
            trusted: self.trusted.clone()?,
            height: self.height,
            now: self.host_now,
        })
    }

    /// Whether anything but confirmations travels.
    pub(crate) fn has_messages(&self) -> bool {
        self.needs.iter().any(|need| need.kind.is_message())
    }
}
