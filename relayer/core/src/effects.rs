//! What the machine wants done: records to save, asks to send, notes to log.
//!
//! The order is in the types: an ask can be had only from [`Effects::release`], which first hands the records to a
//! function that makes them durable. If that fails, everything is kept and nothing leaves.

use crate::names::{EndName, PacketId};
use crate::record::Record;
use crate::step::{Fact, Standing};
use alloc::string::String;
use alloc::vec::Vec;
use chain::{Ask, AskId, Blame, ChainName, SubmissionId};
use core::mem;

/// What one or more inputs left to be done.
#[derive(Debug, Default)]
#[must_use = "records that are not saved and asks that are not sent are lost"]
pub struct Effects {
    save: Vec<Record>,
    asks: Vec<Outgoing>,
    wakes: Vec<PacketId>,
    notes: Vec<Note>,
}

/// An ask on its way to a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Which chain.
    pub chain: ChainName,
    /// Under which id the reply is expected.
    pub id: AskId,
    /// What is asked.
    pub ask: Ask,
}

/// What has left the machine after its records were made durable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Released {
    /// Asks for the chains, in order.
    pub asks: Vec<Outgoing>,
    /// Parked packets whose records are to be given to the machine, by [`crate::Input::Woken`].
    pub wakes: Vec<PacketId>,
    /// For log and metrics, in order.
    pub notes: Vec<Note>,
}

/// One event for the log and the counters.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A packet moved.
    Moved {
        /// Which packet.
        packet: PacketId,
        /// From where.
        from: Standing,
        /// To where.
        to: Standing,
        /// Why.
        fact: Fact,
    },
    /// A packet can be relayed by nobody, and is not looked at again.
    PassedOver {
        /// Which packet.
        packet: PacketId,
    },
    /// Only its application can move a packet on, and has not for long: it takes no room any more.
    Parked {
        /// Which packet.
        packet: PacketId,
    },
    /// A parked packet is carried on.
    Woken {
        /// Which packet.
        packet: PacketId,
    },
    /// Something went wrong, and somebody is responsible.
    Blamed {
        /// The chain whose endpoint, state or account it is about.
        chain: ChainName,
        /// Who is responsible.
        blame: Blame,
        /// What happened.
        text: String,
    },
    /// A client cannot be used: its direction stops, the others go on.
    Stopped {
        /// The end whose client it is.
        end: EndName,
        /// Why, and what helps.
        text: String,
    },
    /// A client believes what the chain that it follows does not have, by this relayer's endpoints.
    Doubted {
        /// The end whose client it is.
        end: EndName,
        /// What it believes, and what the chain has.
        text: String,
    },
    /// A client that was stopped works again.
    Resumed {
        /// The end whose client it is.
        end: EndName,
    },
    /// A submission is on disk and about to be sent.
    Filled {
        /// Which one.
        submission: SubmissionId,
        /// Where to.
        chain: ChainName,
    },
    /// A chain's node took a submission.
    Submitted {
        /// Which one.
        submission: SubmissionId,
        /// Where.
        chain: ChainName,
        /// How many messages.
        messages: u32,
        /// How many client updates.
        updates: u32,
    },
    /// A submission is in a block for the first time: gas used and price paid.
    Landed {
        /// Which one.
        submission: SubmissionId,
        /// Where.
        chain: ChainName,
        /// Gas used.
        gas: u64,
        /// Price of a unit, in wei or in 10⁻¹⁸ of the chain's own coin.
        price: u128,
        /// Whether it reverted.
        reverted: bool,
    },
    /// The events of an end are read again from an earlier block.
    Rewound {
        /// Which end.
        end: EndName,
        /// Why.
        text: String,
    },
    /// They cannot be read again: reading goes on where it was before.
    RereadLeft {
        /// Which end.
        end: EndName,
        /// Which blocks, and why.
        text: String,
    },
}

impl Effects {
    /// Nothing to do.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the records durable by `write`, in one transaction, and only then lets everything else out.
    ///
    /// # Errors
    /// What `write` fails with. Then all effects are still here, and `release` may be called again.
    pub fn release<E>(&mut self, write: impl FnOnce(&[Record]) -> Result<(), E>) -> Result<Released, E> {
        if !self.save.is_empty() {
            write(&self.save)?;
        }
        self.save.clear();
        Ok(Released {
            asks: mem::take(&mut self.asks),
            wakes: mem::take(&mut self.wakes),
            notes: mem::take(&mut self.notes),
        })
    }

    /// How many records wait to be saved.
    pub fn unsaved(&self) -> usize {
        self.save.len()
    }

    pub(crate) fn save(&mut self, record: Record) {
        self.save.push(record);
    }

    pub(crate) fn ask(&mut self, outgoing: Outgoing) {
        self.asks.push(outgoing);
    }

    pub(crate) fn wake(&mut self, packet: PacketId) {
        self.wakes.push(packet);
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Cursor;
    use chain::BlockNumber;
    use wire::ClientId;

    fn effects() -> Effects {
        let end = EndName {
            chain: ChainName("a".into()),
            id: ClientId::new("client-0").unwrap().into(),
        };
        let mut effects = Effects::new();
        effects.save(Record::Cursor(Cursor {
            end: end.clone(),
            next: BlockNumber(1),
            unread: BlockNumber(1),
            last: None,
            passed: Vec::new(),
            ended: Vec::new(),
            front: None,
        }));
        effects.ask(Outgoing {
            chain: end.chain.clone(),
            id: AskId(1),
            ask: Ask::Head { seen: None },
        });
        effects
    }

    #[test]
    fn nothing_leaves_when_saving_fails() {
        let mut effects = effects();
        assert_eq!(effects.release(|_| Err("disk full")), Err("disk full"));
        assert_eq!(effects.unsaved(), 1);
        let released = effects
            .release(|records| if records.len() == 1 { Ok(()) } else { Err("lost") })
            .unwrap();
        assert_eq!(released.asks.len(), 1);
    }

    #[test]
    fn what_has_left_does_not_leave_again() {
        let mut effects = effects();
        effects.release(|_| Ok::<(), ()>(())).unwrap();
        let again = effects.release(|_| Err("nothing is to be written")).unwrap();
        assert_eq!(again, Released::default());
    }
}
