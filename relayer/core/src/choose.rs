//! Who goes on a trip: what each packet needs, and which of them are chosen.
//!
//! Half of a batch goes by urgency and half is the newest, so that a backlog of thousands neither stalls live packets nor
//! is stalled by them. Where several submissions may fly, a node would take all of a backlog at once and what is sent meanwhile
//! after it: of what is old, few may be on their way, and every other batch with something live has nothing old in it.

use crate::front::LIVE_BLOCKS;
use crate::machine::Relayer;
use crate::packet::PacketRecord;
use crate::place::EndIx;
use crate::step::{Leg, Stage};
use crate::trip::{Need, NeedKind};
use alloc::vec::Vec;
use chain::{BlockNumber, Head, Unreceived};
use core::cmp::Reverse;
use wire::{Height, Seconds, Sequence};

/// Blocks in which a message gets there, for timeouts that are heights.
const MARGIN_BLOCKS: u64 = 3;
/// An acknowledgement or timeout counts as urgent as a receive whose packet times out this long after it began to wait;
/// so does a receive whose timeout is a height.
const RETURN_DEADLINE: Seconds = Seconds(3_600);
/// Of old packets a submission carries as many as a node gets through in part of a block, by this measure, and this many in any case: to
/// prove, try and execute them takes the nodes time in which a live one waits. A node that is busier makes slower blocks; were it given as
/// much as it can do in one, it would be given ever more.
const OLD_A_SEC: u64 = 50;
const OLD_MIN: usize = 25;
/// Such submissions that one lane may have on their way: one that the next block takes, and one that is put together meanwhile; where
/// there are many places, one for each of so many, so that one that is stuck does not hold up all.
const OLD_ALOFT: usize = 2;
const SEATS_FOR_ONE: usize = 4;
/// What has to be there this soon is never held back.
const URGENT: Seconds = Seconds(60);
/// A confirmation lets messages go first for so long: nobody waits for it but the relayer's own memory.
pub(crate) const CONFIRM_PATIENCE: Seconds = Seconds(30);

/// What a lane may take now.
pub(crate) struct Takes {
    pub(crate) needs: Vec<Need>,
    /// Since when the first of those waits that stay here, because something live goes without them.
    pub(crate) left_since: Option<Seconds>,
}

impl Relayer {
    /// Everything that the lane of `ix` could carry now.
    pub(crate) fn candidates(&self, ix: EndIx, host: &Head, origin: &Head) -> Vec<Need> {
        let Some((end, peer, _, _)) = self.pair(ix) else {
            return Vec::new();
        };
        if end.is_unread_channel() || peer.is_unread_channel() {
            return Vec::new();
        }
        let is_due = |record: &&PacketRecord| record.not_before <= self.now;
        let margin = self.limits.recv_margin;
        let arriving = peer.flow.values().filter(is_due).filter_map(|record| {
            let kind = arriving_kind(record, host, origin, margin)?;
            // A closed end receives nothing any more.
            let goes = kind != NeedKind::Recv || end.closed().is_none();
            goes.then(|| need(end.peer, record, kind))
        });
        let returning = end.flow.values().filter(is_due).filter_map(|record| {
            let kind =
                returning_kind(record, origin, peer.closed()).or_else(|| end.recheck.receipt(record))?;
            // Nor does it take acknowledgements; what expired, it does.
            let goes = kind != NeedKind::Ack || end.closed().is_none();
            goes.then(|| need(ix, record, kind))
        });
        let needs = arriving.chain(returning).collect();
        if peer.is_ordered() {
            self.in_turn(needs)
        } else {
            needs
        }
    }

    /// Takes few of the old packets where several submissions may fly, and none while enough of them are on their way, so that a live one
    /// stands behind few. Nor do they travel with a live one, for which a node would have to prove, try and execute them, too; the next
    /// time they do, or they would never where something is always live. Over an ordered channel everything stands behind them anyway, and
    /// what is urgent does not wait.
    ///
    /// - `cap`: messages of a submission, at most.
    pub(crate) fn hold_old_back(&self, ix: EndIx, cap: usize, waiting: Vec<Need>) -> Takes {
        let all = |needs| Takes {
            needs,
            left_since: None,
        };
        let Some((end, peer, host, _)) = self.pair(ix) else {
            return all(waiting);
        };
        if peer.is_ordered() || !host.takes_several() {
            return all(waiting);
        }
        let urgent = self.now.saturating_add(URGENT);
        let may_wait = |need: &Need| need.kind.is_message() && need.deadline > urgent;
        let (old, rest): (Vec<Need>, Vec<Need>) = waiting
            .into_iter()
            .partition(|need| may_wait(need) && self.is_old(need.flow, need.sequence));
        let (live, mut needs): (Vec<Need>, Vec<Need>) =
            rest.into_iter().partition(|need| need.kind.is_message());
        if !live.is_empty() && !end.lane.old_next {
            needs.extend(live);
            let left_since = old.iter().map(|need| need.since).min();
            return Takes { needs, left_since };
        }
        let aloft = host
            .flights
            .iter()
            .filter(|flight| flight.lane == ix && !flight.is_landed);
        let aboard = aloft.flat_map(|flight| &flight.record.packets);
        let aboard = aboard.filter_map(|id| self.live(id));
        let aloft = aboard
            .filter(|(flow, sequence)| self.is_old(*flow, *sequence))
            .count();
        let batch = host.messages_a_block(OLD_A_SEC).unwrap_or(OLD_MIN);
        let batch = batch.clamp(OLD_MIN.min(cap), cap);
        let submissions = OLD_ALOFT.max(host.in_flight.div_euclid(SEATS_FOR_ONE));
        let room = submissions.saturating_mul(batch).saturating_sub(aloft);
        let old = select_fairly(old, batch.min(room));
        // Of a batch that both would fill, half is theirs.
        let reserved = old.len().min(cap.div_ceil(2));
        needs.extend(select_fairly(live, cap.saturating_sub(reserved)));
        needs.extend(old);
        all(needs)
    }

    /// Whether a packet was sent long before the head of its chain.
    ///
    /// Where its other chain is final late, what comes back always is: then all that comes back is treated alike.
    fn is_old(&self, flow: EndIx, sequence: Sequence) -> bool {
        let sent = self.packet(flow, sequence).map(|record| record.sent);
        let head = self.pair(flow).and_then(|(.., source, _)| source.finalized());
        let (Some(sent), Some(head)) = (sent, head) else {
            return false;
        };
        sent.0.saturating_add(LIVE_BLOCKS) < head.block.0
    }
}

/// Height and time of a block in which a message that is sent now should still be in time.
pub(crate) fn soon(host: &Head, margin: Seconds) -> (Height, Seconds) {
    let height = Height {
        revision_height: host.latest.block.0.saturating_add(MARGIN_BLOCKS),
        ..host.finalized.height
    };
    (height, host.latest.timestamp.saturating_add(margin))
}

/// What a packet that comes from the other end needs from this lane.
fn arriving_kind(record: &PacketRecord, host: &Head, origin: &Head, margin: Seconds) -> Option<NeedKind> {
    let finalized = origin.finalized.block;
    match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Seen) => {
            let (height, time) = soon(host, margin);
            let in_time = record.packet.is_open(height, time);
            (in_time && record.sent <= finalized).then_some(NeedKind::Recv)
        }
        (Leg::Acknowledge | Leg::TimeOut, Stage::Included { .. }) => record
            .settled
            .filter(|block| *block <= finalized)
            .map(|_| NeedKind::Confirm),
        (Leg::Deliver | Leg::Acknowledge | Leg::TimeOut, _) => None,
    }
}

/// What a packet that was sent from this end needs from this lane.
///
/// - `closed`: the block by which the other end of its channel was closed.
fn returning_kind(record: &PacketRecord, origin: &Head, closed: Option<BlockNumber>) -> Option<NeedKind> {
    if record.standing.stage != Stage::Seen {
        return None;
    }
    let head = origin.finalized;
    match record.standing.leg {
        Leg::Deliver => None,
        Leg::Acknowledge => {
            let (_, block) = record.acknowledgement.as_ref()?;
            (*block <= head.block).then_some(NeedKind::Ack)
        }
        Leg::TimeOut => {
            let has_expired = record.packet.has_expired(head.height, head.timestamp);
            let is_closed = closed.is_some_and(|block| block <= head.block);
            (has_expired || is_closed).then_some(NeedKind::Timeout)
        }
    }
}

fn need(flow: EndIx, record: &PacketRecord, kind: NeedKind) -> Need {
    let since = record.since();
    let by_time = record.packet.timeout().filter(|_| kind == NeedKind::Recv);
    let deadline = by_time.unwrap_or(since.saturating_add(RETURN_DEADLINE));
    Need {
        flow,
        sequence: record.id.sequence,
        kind,
        since,
        deadline,
        is_looked_for: true,
        proof: None,
        unreceived: Unreceived::default(),
    }
}

/// At most `cap` messages, or as many confirmations: whichever there is, and if there is both, messages, unless it is the
/// turn of confirmations of which one has waited for long. Over an ordered channel, where all are in their order, the first ones.
pub(crate) fn select(
    waiting: Vec<Need>,
    is_ordered: bool,
    confirms_next: bool,
    cap: usize,
    now: Seconds,
) -> Vec<Need> {
    let select_some = if is_ordered { select_first } else { select_fairly };
    let (confirms, messages): (Vec<Need>, Vec<Need>) =
        waiting.into_iter().partition(|need| !need.kind.is_message());
    let waits_long = |need: &Need| need.has_waited(CONFIRM_PATIENCE, now);
    if messages.is_empty() || (confirms_next && confirms.iter().any(waits_long)) {
        select_some(confirms, cap)
    } else {
        select_some(messages, cap)
    }
}

fn select_first(mut needs: Vec<Need>, cap: usize) -> Vec<Need> {
    needs.truncate(cap);
    needs
}

/// Half by deadline, half the newest, in the order of deadlines. Of those that wait since the same second, as all do that a relayer
/// finds when it starts, the last sent is the newest.
fn select_fairly(mut needs: Vec<Need>, cap: usize) -> Vec<Need> {
    let by_deadline = |need: &Need| (need.deadline, need.flow, need.sequence);
    needs.sort_by_key(by_deadline);
    if needs.len() > cap {
        let mut newest = needs.split_off(cap.div_ceil(2).min(needs.len()));
        newest.sort_by_key(|need| Reverse((need.since, need.sequence, need.flow)));
        newest.truncate(cap.saturating_sub(needs.len()));
        needs.append(&mut newest);
        needs.sort_by_key(by_deadline);
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(sequence: u64, kind: NeedKind, since: u64, deadline: u64) -> Need {
        Need {
            flow: EndIx(0),
            sequence: Sequence::new(sequence).unwrap(),
            kind,
            since: Seconds(since),
            deadline: Seconds(deadline),
            is_looked_for: true,
            proof: None,
            unreceived: Unreceived::default(),
        }
    }

    fn chosen(needs: Vec<Need>, confirms_next: bool, cap: usize) -> Vec<u64> {
        chosen_at(needs, confirms_next, cap, 100)
    }

    fn chosen_at(needs: Vec<Need>, confirms_next: bool, cap: usize, now: u64) -> Vec<u64> {
        select(needs, false, confirms_next, cap, Seconds(now))
            .iter()
            .map(|need| need.sequence.get())
            .collect()
    }

    #[test]
    fn half_goes_by_deadline_and_half_is_the_newest() {
        let needs: Vec<Need> = (1..=100)
            .map(|n| waiting(n, NeedKind::Recv, n, 1_000 + n))
            .collect();
        assert_eq!(chosen(needs.clone(), false, 6), [1, 2, 3, 98, 99, 100]);
        assert_eq!(
            chosen(needs.clone(), false, 1),
            [1],
            "a batch of one is the most urgent"
        );
        assert_eq!(chosen(needs, false, 1_000).len(), 100);
    }

    #[test]
    fn of_those_that_were_found_together_the_last_sent_are_the_newest() {
        let needs: Vec<Need> = (1..=100).map(|n| waiting(n, NeedKind::Ack, 7, 1_000)).collect();
        assert_eq!(chosen(needs, false, 6), [1, 2, 3, 98, 99, 100]);
    }

    #[test]
    fn over_an_ordered_channel_the_first_ones_go() {
        let needs: Vec<Need> = (1..=9).map(|n| waiting(n, NeedKind::Recv, n, 50 - n)).collect();
        let chosen = select(needs, true, false, 3, Seconds(100));
        assert_eq!(
            chosen.iter().map(|need| need.sequence.get()).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    fn confirmations_that_waited_for_long_and_messages_take_turns() {
        let needs = [
            waiting(1, NeedKind::Recv, 1, 9),
            waiting(2, NeedKind::Confirm, 1, 9),
        ];
        assert_eq!(chosen(needs.to_vec(), false, 5), [1]);
        assert_eq!(chosen(needs.to_vec(), true, 5), [2]);
        assert_eq!(chosen_at(needs.to_vec(), true, 5, 31), [2]);
        assert_eq!(
            chosen_at(needs.to_vec(), true, 5, 30),
            [1],
            "messages go first for a while"
        );
        assert_eq!(chosen(needs[..1].to_vec(), true, 5), [1]);
        assert_eq!(chosen(needs[1..].to_vec(), false, 5), [2]);
    }
}
