//! How long what is over is kept on disk, and what is forgotten.
//!
//! Decides from records that the store shows, oldest first, and from the time. It must never name anything that is not
//! over: a packet that lives and a submission on its way stay whatever their age. The machine itself remembers nothing
//! that is over, so that forgetting changes nothing it does: what was read once is known by the cursor alone.

use crate::packet::PacketRecord;
use crate::record::FlightRecord;
use crate::step::Stage;
use alloc::vec::Vec;
use chain::SubmissionId;
use wire::{Seconds, Sequence};

/// How much of what is over is kept. Whichever bound is reached first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Packets and submissions are kept this long after they were over.
    pub finished: Seconds,
    /// Packets that are over, at most, of all ends together; and as many submissions.
    pub finished_max: u64,
    /// Lines of the log are kept this long.
    pub log: Seconds,
    /// Lines of the log that are kept of one day; later ones of that day are not written.
    pub log_lines_per_day: u32,
}

/// Seconds of a day.
const DAY: u64 = 86_400;

impl Default for Keep {
    fn default() -> Self {
        Self {
            finished: Seconds(30 * DAY),
            finished_max: 200_000,
            log: Seconds(14 * DAY),
            log_lines_per_day: 200_000,
        }
    }
}

impl Keep {
    /// Which of the packets `oldest`, in the order of their end, are forgotten at `now`; `held` are kept in all.
    pub fn packets<'a>(&self, held: u64, oldest: &'a [PacketRecord], now: Seconds) -> Vec<&'a PacketRecord> {
        let over = oldest.iter().filter(|packet| packet.standing.stage.is_final());
        let surplus = held.saturating_sub(self.finished_max);
        self.due(over, surplus, |packet| packet.since(), now)
    }

    /// Which of the submissions `oldest`, in the order of their ids, are forgotten at `now`; `held` are kept in all.
    /// The newest stays: the next id counts up from it.
    pub fn submissions(&self, held: u64, oldest: &[FlightRecord], now: Seconds) -> Vec<SubmissionId> {
        let but_newest = usize::try_from(held.saturating_sub(1)).unwrap_or(usize::MAX);
        let over = oldest
            .iter()
            .take(but_newest)
            .filter(|flight| flight.state.is_over());
        let surplus = held.saturating_sub(self.finished_max);
        let due = self.due(over, surplus, |flight| flight.made, now);
        due.iter().map(|flight| flight.id).collect()
    }

    /// Lines of the log that are older are forgotten at `now`.
    pub fn log_since(&self, now: Seconds) -> Seconds {
        Seconds(now.0.saturating_sub(self.log.0))
    }

    /// Those that are too many or too old.
    fn due<'a, T>(
        &self,
        over: impl Iterator<Item = &'a T>,
        mut surplus: u64,
        ended: impl Fn(&T) -> Seconds,
        now: Seconds,
    ) -> Vec<&'a T> {
        let mut due = Vec::new();
        for record in over {
            if surplus > 0 || ended(record).saturating_add(self.finished) <= now {
                due.push(record);
                surplus = surplus.saturating_sub(1);
            }
        }
        due
    }
}

/// How the packets of one end ended since its first, whether their records are kept or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Acknowledged.
    pub acked: u64,
    /// Taken back after their timeout.
    pub timed_out: u64,
    /// Of another path.
    pub refused: u64,
    /// Those whose records were forgotten.
    pub pruned: Option<Pruned>,
}

/// Packets of one end whose records were forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// How many.
    pub count: u64,
    /// The lowest sequence.
    pub first: Sequence,
    /// The highest sequence.
    pub last: Sequence,
    /// When the last of them was over.
    pub ended: Seconds,
}

impl Totals {
    /// Counts a packet that has just been settled.
    pub fn settle(&mut self, stage: Stage) {
        let count = match stage {
            Stage::Acked => &mut self.acked,
            Stage::TimedOut => &mut self.timed_out,
            Stage::Refused => &mut self.refused,
            Stage::Seen
            | Stage::Planned
            | Stage::Proving { .. }
            | Stage::Proven { .. }
            | Stage::Submitted { .. }
            | Stage::Included { .. } => return,
        };
        *count = count.saturating_add(1);
    }

    /// Counts a packet whose record is being forgotten.
    pub fn prune(&mut self, packet: &PacketRecord) {
        let (sequence, ended) = (packet.id.sequence, packet.since());
        let (first, last) = (sequence, sequence);
        let none = Pruned {
            count: 0,
            first,
            last,
            ended,
        };
        let pruned = self.pruned.get_or_insert(none);
        pruned.count = pruned.count.saturating_add(1);
        pruned.first = pruned.first.min(sequence);
        pruned.last = pruned.last.max(sequence);
        pruned.ended = pruned.ended.max(ended);
    }

    /// Whether a packet of which there is no record was settled and forgotten. Every sequence between the first and the
    /// last that were forgotten was seen once, so that one of them without a record is one of them.
    pub fn has_pruned(&self, sequence: Sequence) -> bool {
        self.pruned
            .is_some_and(|pruned| pruned.first <= sequence && sequence <= pruned.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{EndName, PacketId};
    use crate::record::FlightState;
    use crate::step::{Leg, Standing};
    use alloc::vec;
    use chain::{BlockNumber, ChainName, Fee, TxHash, WeiPerGas};
    use wire::{ClientId, Encoding, Packet, Payload, PortId, Value, Version};

    const KEEP: Keep = Keep {
        finished: Seconds(100),
        finished_max: 3,
        log: Seconds(50),
        log_lines_per_day: 1,
    };

    fn end() -> EndName {
        EndName {
            chain: ChainName("a".into()),
            id: ClientId::new("client-0").unwrap().into(),
        }
    }

    fn packet(sequence: u64, stage: Stage, ended: u64) -> PacketRecord {
        let packet = Packet {
            sequence: Sequence::new(sequence).unwrap(),
            source_client: ClientId::new("client-0").unwrap(),
            destination_client: ClientId::new("client-0").unwrap(),
            timeout: Seconds(9),
            payload: Payload {
                source_port: PortId::new("transfer").unwrap(),
                destination_port: PortId::new("transfer").unwrap(),
                version: Version::new("ics20-1").unwrap(),
                encoding: Encoding::new("application/x-solidity-abi").unwrap(),
                value: Value::new([1]).unwrap(),
            },
        };
        let id = PacketId {
            source: end(),
            sequence: packet.sequence,
        };
        let tx = TxHash(wire::COMMITMENTS_SLOT);
        let mut record = PacketRecord::seen(id, packet, BlockNumber(1), tx, Seconds(ended));
        record.standing = Standing {
            leg: Leg::Acknowledge,
            stage,
        };
        record
    }

    fn flight(id: u64, state: FlightState, made: u64) -> FlightRecord {
        FlightRecord {
            id: SubmissionId(id),
            chain: ChainName("a".into()),
            end: end(),
            packets: vec![],
            updates: 0,
            made: Seconds(made),
            state,
            ticket: None,
            txs: vec![],
            fee: Fee {
                max: WeiPerGas(1),
                tip: WeiPerGas(1),
            },
        }
    }

    fn forgotten(held: u64, oldest: &[PacketRecord], now: u64) -> Vec<u64> {
        let due = KEEP.packets(held, oldest, Seconds(now));
        due.iter().map(|packet| packet.id.sequence.get()).collect()
    }

    #[test]
    fn what_is_too_old_is_forgotten_at_its_second() {
        let oldest = [packet(1, Stage::Acked, 10), packet(2, Stage::TimedOut, 20)];
        assert_eq!(forgotten(2, &oldest, 109), [0u64; 0]);
        assert_eq!(forgotten(2, &oldest, 110), [1]);
        assert_eq!(forgotten(2, &oldest, 120), [1, 2]);
        assert_eq!(forgotten(2, &oldest, u64::MAX), [1, 2]);
    }

    #[test]
    fn what_is_too_much_is_forgotten_from_the_oldest_on() {
        let oldest = [1, 2, 3, 4].map(|n| packet(n, Stage::Refused, n));
        assert_eq!(forgotten(3, &oldest, 5), [0u64; 0]);
        assert_eq!(forgotten(5, &oldest, 5), [1, 2]);
    }

    #[test]
    fn a_packet_that_lives_is_never_forgotten() {
        let oldest = [
            packet(1, Stage::Seen, 1),
            packet(2, Stage::Acked, 2),
            packet(3, Stage::Planned, 3),
        ];
        assert_eq!(forgotten(u64::MAX, &oldest, u64::MAX), [2]);
    }

    #[test]
    fn the_newest_submission_and_those_on_their_way_stay() {
        let oldest = [
            flight(1, FlightState::Dropped, 1),
            flight(2, FlightState::Pending, 2),
            flight(3, FlightState::Dropped, 3),
        ];
        assert_eq!(KEEP.submissions(3, &oldest, Seconds(1_000)), [SubmissionId(1)]);
        assert_eq!(
            KEEP.submissions(4, &oldest, Seconds(1_000)),
            [SubmissionId(1), SubmissionId(3)]
        );
        assert_eq!(
            KEEP.submissions(5, &oldest, Seconds(5)),
            [SubmissionId(1), SubmissionId(3)]
        );
        assert_eq!(KEEP.submissions(0, &oldest, Seconds(1_000)), []);
    }

    #[test]
    fn totals_count_on_and_know_what_was_forgotten() {
        let mut totals = Totals::default();
        for stage in [
            Stage::Acked,
            Stage::Acked,
            Stage::TimedOut,
            Stage::Refused,
            Stage::Seen,
        ] {
            totals.settle(stage);
        }
        assert_eq!((totals.acked, totals.timed_out, totals.refused), (2, 1, 1));
        let sequence = |n| Sequence::new(n).unwrap();
        assert!(!totals.has_pruned(sequence(5)));
        totals.prune(&packet(7, Stage::Acked, 30));
        totals.prune(&packet(5, Stage::Acked, 20));
        let known = [4, 5, 6, 7, 8].map(|n| totals.has_pruned(sequence(n)));
        assert_eq!(known, [false, true, true, true, false]);
        let pruned = totals.pruned.unwrap();
        assert_eq!((pruned.count, pruned.ended), (2, Seconds(30)));
    }
}
