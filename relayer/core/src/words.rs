//! The words for legs, stages and facts, as logs and commands show them.

use crate::step::{Fact, Leg, Setback, Stage};
use core::fmt;

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deliver => "deliver",
            Self::Acknowledge => "acknowledge",
            Self::TimeOut => "time out",
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen { batch } => write!(f, "chosen for a batch of {batch}"),
            Self::ProofAsked { height } => write!(f, "proof asked at height {height}"),
            Self::ProofHolds => f.write_str("our light client accepts the proof"),
            Self::Handed { submission } => write!(f, "put into submission {}", submission.0),
            Self::Sent { tx } => write!(f, "sent as {tx}"),
            Self::Landed { tx, block } => write!(f, "{tx} is in block {block}"),
            Self::Skipped { reason } => write!(f, "the router skipped it: {reason}"),
            Self::Vanished { tx } => write!(f, "a reorganisation took {tx} out of its block"),
            Self::DoneByOthers => f.write_str("somebody else did it"),
            Self::PutBack(setback) => write!(f, "to be tried again: {setback}"),
            Self::AckWritten { block } => write!(f, "acknowledged by the destination in block {block}"),
            Self::AckRefuted => f.write_str("the announced acknowledgement is not the committed one"),
            Self::Expired => f.write_str("the destination's finalized time has passed the timeout"),
            Self::ChannelClosed => {
                f.write_str("the destination's end of the channel was closed before the packet arrived")
            }
            Self::NotExpired => {
                f.write_str("the destination's finalized time is before the timeout after all")
            }
            Self::ReceiptFound => f.write_str("the destination holds a receipt: it was in time"),
            Self::AckReturned { block } => {
                write!(f, "the source announced the ack's arrival in block {block}")
            }
            Self::TakenBack { block } => write!(f, "the source announced the timeout in block {block}"),
            Self::SettlementHolds => f.write_str("the commitment is proven to be gone from the source"),
            Self::SettlementRefuted => {
                f.write_str("the commitment is still on the source: a false announcement")
            }
            Self::ShownOtherwise { block } => {
                write!(
                    f,
                    "it was shown with other contents before; it was sent in block {block}"
                )
            }
            Self::NotThisPath { destination } => {
                write!(
                    f,
                    "its destination is {destination}, which is not this path's other end"
                )
            }
        }
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAnswer => "a chain did not answer",
            Self::NotYet => "a chain has not got that far",
            Self::FalseAnswer => "an endpoint's answer was refused by our light client",
            Self::ClientStopped => "the client on chain is of no use now",
            Self::CatchUp => "the client catches up first",
            Self::NoRoom => "the batch was full",
            Self::Waited => "its proof waited too long for a submission",
            Self::TooLate => "it could no longer be received in time",
            Self::Reverted => "the submission reverts",
            Self::Poison => "this message reverts",
            Self::Lost => "the transaction was lost or replaced",
            Self::Restarted => "the relayer was restarted",
            Self::OutOfOrder => "the channel is ordered, and a packet before it has to go first",
        })
    }
}
