//! The one place where a packet's stage changes: [`step`].
//!
//! It decides, from where a packet is and one fact that was established elsewhere, where the packet is next. It must
//! never look at anything else: not at time, not at a configuration, not at another packet. A fact that does not fit the
//! stage changes nothing and is reported as [`Impossible`]; late and repeated answers end there.

use alloc::string::String;
use chain::{BlockNumber, SubmissionId, TxHash};
use wire::Height;

/// Which way a packet is being carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// To the destination, to be received.
    Deliver,
    /// Its acknowledgement, back to the source.
    Acknowledge,
    /// The proof that it was not received in time, back to the source.
    TimeOut,
}

/// Where a packet is on its leg; the words of the design page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn.
    Seen,
    /// It was chosen for a batch; nobody else has done its work yet.
    Planned,
    /// Its proof is being fetched.
    Proving {
        /// The height of the other chain at which it is proven.
        height: Height,
    },
    /// Its proof holds, by our own light client; it waits for a submission.
    Proven {
        /// The height at which the proof holds.
        height: Height,
    },
    /// It is in a submission.
    Submitted {
        /// Which one.
        submission: SubmissionId,
    },
    /// The leg's transaction is on chain. On [`Leg::Deliver`] the packet is received; on the others the source has
    /// settled it, which is believed only once it is proven.
    Included {
        /// Whose transaction it was.
        by: Carrier,
    },
    /// Settled: the acknowledgement reached the source. Final.
    Acked,
    /// Settled: the source took it back. Final.
    TimedOut,
    /// It cannot travel this path. Final.
    Refused,
}

/// Who carried a packet over a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// This relayer, with this submission.
    Ours(SubmissionId),
    /// Somebody else.
    Others,
}

/// Leg and stage together: where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which way.
    pub leg: Leg,
    /// How far.
    pub stage: Stage,
}

/// Something that was established about a packet. Its text says why the packet is where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The packet was chosen for a batch of this many.
    Chosen {
        /// How many packets travel together.
        batch: u32,
    },
    /// Its proof was asked for.
    ProofAsked {
        /// At which height.
        height: Height,
    },
    /// Our light client accepted the proof.
    ProofHolds,
    /// It was put into a submission, which is on disk and about to be sent; or it is known late that it was sent in it.
    Handed {
        /// Which one.
        submission: SubmissionId,
    },
    /// The submission's transaction was handed to a node.
    Sent {
        /// Its hash.
        tx: TxHash,
    },
    /// The transaction is in a block.
    Landed {
        /// Its hash.
        tx: TxHash,
        /// The block.
        block: BlockNumber,
    },
    /// The transaction is in a block, and the router skipped this message of it.
    Skipped {
        /// Why, in a bounded number of characters.
        reason: String,
    },
    /// A reorganisation took the transaction's block away.
    Vanished {
        /// Its hash.
        tx: TxHash,
    },
    /// Somebody else did this leg's work.
    DoneByOthers,
    /// The work of this leg has to be tried again.
    PutBack(Setback),
    /// The destination announced the acknowledgement.
    AckWritten {
        /// In this finalized block of the destination.
        block: BlockNumber,
    },
    /// The announced acknowledgement is not the one that is committed.
    AckRefuted,
    /// The destination's finalized time has passed the timeout.
    Expired,
    /// The destination's end of the channel was closed before the packet arrived.
    ChannelClosed,
    /// It has not: the finalized time was said to be later than it is, or the channel to be closed.
    NotExpired,
    /// The destination holds a receipt, by our own light client, so the packet was in time.
    ReceiptFound,
    /// The source announced that the acknowledgement reached it.
    AckReturned {
        /// In this finalized block of the source.
        block: BlockNumber,
    },
    /// The source announced that it took the packet back.
    TakenBack {
        /// In this finalized block of the source.
        block: BlockNumber,
    },
    /// The commitment is proven to be gone from the source: the packet is settled.
    SettlementHolds,
    /// The commitment is still there: the announcement was false, and what is known of the packet starts anew.
    SettlementRefuted,
    /// Its event was shown with other contents before: what is known of the packet starts anew.
    ShownOtherwise {
        /// In this block of the source, as it is shown now.
        block: BlockNumber,
    },
    /// The packet names another destination client than this path's.
    NotThisPath {
        /// What it names, cut to a bounded length.
        destination: String,
    },
}

/// Why work has to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The chain could not be asked.
    NoAnswer,
    /// The chain has not got that far: nothing is wrong.
    NotYet,
    /// What an endpoint answered was refused by our light client.
    FalseAnswer,
    /// The client on chain is frozen, expired or otherwise of no use.
    ClientStopped,
    /// The client must first catch up over several committee periods.
    CatchUp,
    /// The batch had no room left.
    NoRoom,
    /// The proofs waited too long for a place in a submission.
    Waited,
    /// The submission waited so long that the packet can no longer be received.
    TooLate,
    /// The submission would revert or reverted, and which message did it is not known.
    Reverted,
    /// This very message would revert.
    Poison,
    /// The transaction was lost or replaced, or it is not known whether it was sent.
    Lost,
    /// The process was restarted in the middle.
    Restarted,
    /// The channel is ordered, and a packet before it has to go first.
    OutOfOrder,
}

/// A fact that does not fit the stage. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "apply \"{fact}\" to a packet at {stage} on its leg to {leg}: it is late or repeated and changes nothing"
)]
pub struct Impossible {
    /// Which way the packet is going.
    pub leg: Leg,
    /// Where it is.
    pub stage: Stage,
    /// What did not fit.
    pub fact: Fact,
}

impl Stage {
    /// Whether nothing more can happen to the packet.
    pub fn is_final(self) -> bool {
        match self {
            Self::Acked | Self::TimedOut | Self::Refused => true,
            Self::Seen
            | Self::Planned
            | Self::Proving { .. }
            | Self::Proven { .. }
            | Self::Submitted { .. }
            | Self::Included { .. } => false,
        }
    }

    /// The stage's word in records, logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Planned => "planned",
            Self::Proving { .. } => "proving",
            Self::Proven { .. } => "proven",
            Self::Submitted { .. } => "submitted",
            Self::Included { .. } => "included",
            Self::Acked => "acked",
            Self::TimedOut => "timed-out",
            Self::Refused => "refused",
        }
    }
}

/// Where a packet at `now` is after `fact`.
///
/// # Errors
/// [`Impossible`] when the fact does not fit; the packet stays where it is.
pub fn step(now: Standing, fact: &Fact) -> Result<Standing, Impossible> {
    let Standing { leg, stage } = now;
    let impossible = || Impossible {
        leg,
        stage,
        fact: fact.clone(),
    };
    if stage.is_final() {
        return Err(impossible());
    }
    let on = |leg, stage| Some(Standing { leg, stage });
    let others = Stage::Included { by: Carrier::Others };
    let next = match fact {
        Fact::Chosen { .. } if stage == Stage::Seen => on(leg, Stage::Planned),
        Fact::ProofAsked { height } if stage == Stage::Planned => on(leg, Stage::Proving { height: *height }),
        Fact::ProofHolds => proven(leg, stage),
        Fact::Handed { submission } => handed(leg, stage, *submission),
        Fact::Sent { .. } if matches!(stage, Stage::Submitted { .. }) => Some(now),
        Fact::Landed { .. } => landed(leg, stage),
        Fact::Skipped { .. } => skipped(leg, stage),
        Fact::Vanished { .. } => vanished(leg, stage),
        Fact::DoneByOthers if !matches!(stage, Stage::Included { .. }) => on(leg, others),
        Fact::PutBack(_) if stage != Stage::Seen => on(leg, Stage::Seen),
        Fact::AckWritten { .. } if leg != Leg::Acknowledge => on(Leg::Acknowledge, Stage::Seen),
        Fact::AckRefuted if leg == Leg::Acknowledge => on(Leg::Deliver, others),
        Fact::Expired | Fact::ChannelClosed if leg == Leg::Deliver && stage == Stage::Seen => {
            on(Leg::TimeOut, Stage::Seen)
        }
        Fact::NotExpired if leg == Leg::TimeOut && stage == Stage::Seen => on(Leg::Deliver, Stage::Seen),
        Fact::ReceiptFound if leg == Leg::TimeOut => on(Leg::Deliver, others),
        Fact::ReceiptFound if leg == Leg::Deliver && matches!(stage, Stage::Included { .. }) => Some(now),
        Fact::AckReturned { .. } => on(Leg::Acknowledge, settled_by(leg, stage, Leg::Acknowledge)),
        Fact::TakenBack { .. } => on(Leg::TimeOut, settled_by(leg, stage, Leg::TimeOut)),
        Fact::SettlementHolds => settled(leg, stage),
        Fact::SettlementRefuted if matches!(stage, Stage::Included { .. }) => on(Leg::Deliver, Stage::Seen),
        Fact::ShownOtherwise { .. } => on(Leg::Deliver, Stage::Seen),
        Fact::NotThisPath { .. } if leg == Leg::Deliver && stage == Stage::Seen => on(leg, Stage::Refused),
        Fact::Chosen { .. }
        | Fact::ProofAsked { .. }
        | Fact::Sent { .. }
        | Fact::DoneByOthers
        | Fact::PutBack(_)
        | Fact::AckWritten { .. }
        | Fact::AckRefuted
        | Fact::Expired
        | Fact::ChannelClosed
        | Fact::NotExpired
        | Fact::ReceiptFound
        | Fact::SettlementRefuted
        | Fact::NotThisPath { .. } => None,
    };
    next.ok_or_else(impossible)
}

fn proven(leg: Leg, stage: Stage) -> Option<Standing> {
    let Stage::Proving { height } = stage else {
        return None;
    };
    Some(Standing {
        leg,
        stage: Stage::Proven { height },
    })
}

/// Also before it is proven again: it may be known late that it was sent before it was put back.
fn handed(leg: Leg, stage: Stage, submission: SubmissionId) -> Option<Standing> {
    let is_free = match stage {
        Stage::Seen | Stage::Planned | Stage::Proving { .. } | Stage::Proven { .. } => true,
        Stage::Submitted { .. }
        | Stage::Included { .. }
        | Stage::Acked
        | Stage::TimedOut
        | Stage::Refused => false,
    };
    is_free.then_some(Standing {
        leg,
        stage: Stage::Submitted { submission },
    })
}

fn landed(leg: Leg, stage: Stage) -> Option<Standing> {
    let Stage::Submitted { submission } = stage else {
        return None;
    };
    Some(Standing {
        leg,
        stage: Stage::Included {
            by: Carrier::Ours(submission),
        },
    })
}

/// Also from `Included`: a reorganisation may bring the same transaction into another block, where it ends otherwise.
fn skipped(leg: Leg, stage: Stage) -> Option<Standing> {
    let is_ours = match stage {
        Stage::Submitted { .. } => true,
        Stage::Included { by } => by != Carrier::Others,
        Stage::Seen
        | Stage::Planned
        | Stage::Proving { .. }
        | Stage::Proven { .. }
        | Stage::Acked
        | Stage::TimedOut
        | Stage::Refused => false,
    };
    is_ours.then_some(Standing {
        leg,
        stage: Stage::Seen,
    })
}

fn vanished(leg: Leg, stage: Stage) -> Option<Standing> {
    let Stage::Included {
        by: Carrier::Ours(submission),
    } = stage
    else {
        return None;
    };
    Some(Standing {
        leg,
        stage: Stage::Submitted { submission },
    })
}

/// An announced settlement keeps the carrier when it is the leg that this relayer carried.
fn settled_by(leg: Leg, stage: Stage, settled: Leg) -> Stage {
    let others = Stage::Included { by: Carrier::Others };
    if leg != settled {
        return others;
    }
    match stage {
        Stage::Included { .. } => stage,
        Stage::Submitted { submission } => Stage::Included {
            by: Carrier::Ours(submission),
        },
        Stage::Seen
        | Stage::Planned
        | Stage::Proving { .. }
        | Stage::Proven { .. }
        | Stage::Acked
        | Stage::TimedOut
        | Stage::Refused => others,
    }
}

fn settled(leg: Leg, stage: Stage) -> Option<Standing> {
    let Stage::Included { .. } = stage else {
        return None;
    };
    let stage = match leg {
        Leg::Deliver => return None,
        Leg::Acknowledge => Stage::Acked,
        Leg::TimeOut => Stage::TimedOut,
    };
    Some(Standing { leg, stage })
}
