//! Legs, stages and facts as bytes. The numbers are part of the format: they are added to, never changed.

use crate::bytes::{Reader, Unreadable, Writer};
use chain::{BlockNumber, SubmissionId, TxHash};
use relayer_core::{Carrier, Fact, Leg, Setback, Stage, Standing};
use wire::Height;

pub(crate) fn write_standing(w: &mut Writer, standing: Standing) {
    w.u8(match standing.leg {
        Leg::Deliver => 0,
        Leg::Acknowledge => 1,
        Leg::TimeOut => 2,
    });
    match standing.stage {
        Stage::Seen => w.u8(0),
        Stage::Planned => w.u8(1),
        Stage::Proving { height } => {
            w.u8(2);
            write_height(w, height);
        }
        Stage::Proven { height } => {
            w.u8(3);
            write_height(w, height);
        }
        Stage::Submitted { submission } => {
            w.u8(4);
            w.u64(submission.0);
        }
        Stage::Included {
            by: Carrier::Ours(submission),
        } => {
            w.u8(5);
            w.u64(submission.0);
        }
        Stage::Included { by: Carrier::Others } => w.u8(6),
        Stage::Acked => w.u8(7),
        Stage::TimedOut => w.u8(8),
        Stage::Refused => w.u8(9),
    }
}

pub(crate) fn read_standing(r: &mut Reader<'_>) -> Result<Standing, Unreadable> {
    let leg = match r.u8()? {
        0 => Leg::Deliver,
        1 => Leg::Acknowledge,
        2 => Leg::TimeOut,
        found => return Err(Unreadable::Tag { kind: "a leg", found }),
    };
    let stage = match r.u8()? {
        0 => Stage::Seen,
        1 => Stage::Planned,
        2 => Stage::Proving {
            height: read_height(r)?,
        },
        3 => Stage::Proven {
            height: read_height(r)?,
        },
        4 => Stage::Submitted {
            submission: SubmissionId(r.u64()?),
        },
        5 => Stage::Included {
            by: Carrier::Ours(SubmissionId(r.u64()?)),
        },
        6 => Stage::Included { by: Carrier::Others },
        7 => Stage::Acked,
        8 => Stage::TimedOut,
        9 => Stage::Refused,
        found => {
            return Err(Unreadable::Tag {
                kind: "a stage",
                found,
            });
        }
    };
    Ok(Standing { leg, stage })
}

fn write_height(w: &mut Writer, height: Height) {
    w.u64(height.revision_number);
    w.u64(height.revision_height);
}

fn read_height(r: &mut Reader<'_>) -> Result<Height, Unreadable> {
    Ok(Height {
        revision_number: r.u64()?,
        revision_height: r.u64()?,
    })
}

pub(crate) fn write_fact(w: &mut Writer, fact: &Fact) {
    match fact {
        Fact::Chosen { batch } => {
            w.u8(0);
            w.u32(*batch);
        }
        Fact::ProofAsked { height } => {
            w.u8(1);
            write_height(w, *height);
        }
        Fact::ProofHolds => w.u8(2),
        Fact::Handed { submission } => {
            w.u8(3);
            w.u64(submission.0);
        }
        Fact::Sent { tx } => {
            w.u8(4);
            w.hash(tx.0);
        }
        Fact::Landed { tx, block } => {
            w.u8(5);
            w.hash(tx.0);
            w.u64(block.0);
        }
        Fact::Vanished { tx } => {
            w.u8(6);
            w.hash(tx.0);
        }
        Fact::DoneByOthers => w.u8(7),
        Fact::PutBack(setback) => {
            w.u8(8);
            w.u8(setback_tag(*setback));
        }
        Fact::AckWritten { block } => write_in_block(w, 9, *block),
        Fact::AckRefuted => w.u8(10),
        Fact::Expired => w.u8(11),
        Fact::ReceiptFound => w.u8(12),
        Fact::AckReturned { block } => write_in_block(w, 13, *block),
        Fact::TakenBack { block } => write_in_block(w, 14, *block),
        Fact::SettlementHolds => w.u8(15),
        Fact::SettlementRefuted => w.u8(16),
        Fact::NotThisPath { destination } => {
            w.u8(17);
            w.text(destination);
        }
        Fact::Skipped { reason } => {
            w.u8(18);
            w.text(reason);
        }
        Fact::NotExpired => w.u8(19),
        Fact::ChannelClosed => w.u8(20),
        Fact::ShownOtherwise { block } => write_in_block(w, 21, *block),
    }
}

/// A fact that is told by its tag and the block it became true in.
fn write_in_block(w: &mut Writer, tag: u8, block: BlockNumber) {
    w.u8(tag);
    w.u64(block.0);
}

pub(crate) fn read_fact(r: &mut Reader<'_>) -> Result<Fact, Unreadable> {
    Ok(match r.u8()? {
        0 => Fact::Chosen { batch: r.u32()? },
        1 => Fact::ProofAsked {
            height: read_height(r)?,
        },
        2 => Fact::ProofHolds,
        3 => Fact::Handed {
            submission: SubmissionId(r.u64()?),
        },
        4 => Fact::Sent {
            tx: TxHash(r.hash()?),
        },
        5 => Fact::Landed {
            tx: TxHash(r.hash()?),
            block: BlockNumber(r.u64()?),
        },
        6 => Fact::Vanished {
            tx: TxHash(r.hash()?),
        },
        7 => Fact::DoneByOthers,
        8 => Fact::PutBack(read_setback(r)?),
        9 => Fact::AckWritten {
            block: BlockNumber(r.u64()?),
        },
        10 => Fact::AckRefuted,
        11 => Fact::Expired,
        12 => Fact::ReceiptFound,
        13 => Fact::AckReturned {
            block: BlockNumber(r.u64()?),
        },
        14 => Fact::TakenBack {
            block: BlockNumber(r.u64()?),
        },
        15 => Fact::SettlementHolds,
        16 => Fact::SettlementRefuted,
        17 => Fact::NotThisPath {
            destination: r.text()?,
        },
        18 => Fact::Skipped { reason: r.text()? },
        19 => Fact::NotExpired,
        20 => Fact::ChannelClosed,
        21 => Fact::ShownOtherwise {
            block: BlockNumber(r.u64()?),
        },
        found => {
            return Err(Unreadable::Tag {
                kind: "a fact",
                found,
            });
        }
    })
}

fn setback_tag(setback: Setback) -> u8 {
    match setback {
        Setback::NoAnswer => 0,
        Setback::FalseAnswer => 1,
        Setback::ClientStopped => 2,
        Setback::CatchUp => 3,
        Setback::NoRoom => 4,
        Setback::Waited => 5,
        Setback::TooLate => 6,
        Setback::Reverted => 7,
        Setback::Poison => 8,
        Setback::Lost => 9,
        Setback::Restarted => 10,
        Setback::NotYet => 11,
        Setback::OutOfOrder => 12,
    }
}

fn read_setback(r: &mut Reader<'_>) -> Result<Setback, Unreadable> {
    Ok(match r.u8()? {
        0 => Setback::NoAnswer,
        1 => Setback::FalseAnswer,
        2 => Setback::ClientStopped,
        3 => Setback::CatchUp,
        4 => Setback::NoRoom,
        5 => Setback::Waited,
        6 => Setback::TooLate,
        7 => Setback::Reverted,
        8 => Setback::Poison,
        9 => Setback::Lost,
        10 => Setback::Restarted,
        11 => Setback::NotYet,
        12 => Setback::OutOfOrder,
        found => {
            return Err(Unreadable::Tag {
                kind: "a setback",
                found,
            });
        }
    })
}
