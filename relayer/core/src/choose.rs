//! Who goes on a trip: what each packet needs, and which of them are chosen.
//!
//! Half of a batch goes by urgency and half is the newest, so that a backlog of thousands neither stalls live packets nor
//! is stalled by them.

use crate::machine::Relayer;
use crate::packet::PacketRecord;
use crate::place::EndIx;
use crate::step::{Leg, Stage};
use crate::trip::{Need, NeedKind};
use alloc::vec::Vec;
use chain::Head;
use wire::Seconds;

/// An acknowledgement or timeout counts as urgent as a receive whose packet times out this long after it began to wait.
const RETURN_DEADLINE: Seconds = Seconds(3_600);

impl Relayer {
    /// Everything that the lane of `ix` could carry now.
    pub(crate) fn candidates(&self, ix: EndIx, host: &Head, origin: &Head) -> Vec<Need> {
        let Some((end, peer, _, _)) = self.pair(ix) else {
            return Vec::new();
        };
        let is_due = |record: &&PacketRecord| record.not_before <= self.now;
        let margin = self.limits.recv_margin;
        let arriving = peer.flow.values().filter(is_due).filter_map(|record| {
            let kind = arriving_kind(record, host, origin, margin)?;
            Some(need(end.peer, record, kind))
        });
        let returning = end.flow.values().filter(is_due).filter_map(|record| {
            let kind = returning_kind(record, origin)?;
            Some(need(ix, record, kind))
        });
        arriving.chain(returning).collect()
    }
}

/// What a packet that comes from the other end needs from this lane.
fn arriving_kind(record: &PacketRecord, host: &Head, origin: &Head, margin: Seconds) -> Option<NeedKind> {
    let finalized = origin.finalized.block;
    match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Seen) => {
            let in_time = host.latest.timestamp.saturating_add(margin) < record.packet.timeout;
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
fn returning_kind(record: &PacketRecord, origin: &Head) -> Option<NeedKind> {
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
        Leg::TimeOut => (record.packet.timeout <= head.timestamp).then_some(NeedKind::Timeout),
    }
}

fn need(flow: EndIx, record: &PacketRecord, kind: NeedKind) -> Need {
    let since = record.since();
    let deadline = match kind {
        NeedKind::Recv => record.packet.timeout,
        NeedKind::Ack | NeedKind::Timeout | NeedKind::Confirm => since.saturating_add(RETURN_DEADLINE),
    };
    Need {
        flow,
        sequence: record.id.sequence,
        kind,
        since,
        deadline,
        proof: None,
    }
}

/// At most `cap` messages, or as many confirmations: whichever there is, and if there is both, whose turn it is.
pub(crate) fn select(waiting: Vec<Need>, confirms_next: bool, cap: usize) -> Vec<Need> {
    let (confirms, messages): (Vec<Need>, Vec<Need>) = waiting
        .into_iter()
        .partition(|need| need.kind == NeedKind::Confirm);
    if messages.is_empty() || (confirms_next && !confirms.is_empty()) {
        select_fairly(confirms, cap)
    } else {
        select_fairly(messages, cap)
    }
}

/// Half by deadline, half the newest, in the order of deadlines.
fn select_fairly(mut needs: Vec<Need>, cap: usize) -> Vec<Need> {
    let by_deadline = |need: &Need| (need.deadline, need.flow, need.sequence);
    needs.sort_by_key(by_deadline);
    if needs.len() > cap {
        let mut newest = needs.split_off(cap.div_ceil(2).min(needs.len()));
        newest.sort_by_key(|need| (core::cmp::Reverse(need.since), need.flow, need.sequence));
        newest.truncate(cap.saturating_sub(needs.len()));
        needs.append(&mut newest);
        needs.sort_by_key(by_deadline);
    }
    needs
}
