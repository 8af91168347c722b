//! Ordered channels, and channels that were closed: which packet's turn it is, and what is shown in place of a receipt.
//!
//! Decides that no message leaves before those that its channel wants first, and which packets a closed channel gives back. Of
//! which kind a channel is, its chain says; a wrong word costs transactions that fail, and moves nothing.

use crate::machine::Relayer;
use crate::packet::PacketRecord;
use crate::place::{End, EndIx};
use crate::step::{Leg, Stage};
use crate::trip::{Need, NeedKind};
use alloc::format;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{Blame, BlockNumber};
use wire::channel::{ChannelEnd, Ordering};
use wire::{Path, Sequence};

impl End {
    /// Whether packets that arrive here have to arrive in order.
    pub(crate) fn is_ordered(&self) -> bool {
        let channel = self.lane.channel.as_ref();
        channel.is_some_and(|channel| channel.ordering == Ordering::Ordered)
    }

    /// The block by which this end of the channel was closed.
    pub(crate) fn closed(&self) -> Option<BlockNumber> {
        self.lane.channel.as_ref()?.closed
    }

    /// Whether it is an end of a channel of which nothing was read yet: nothing is carried over it before.
    pub(crate) fn is_unread_channel(&self) -> bool {
        self.name.id.client().is_none() && self.lane.channel.is_none()
    }

    fn channel(&self) -> Option<&ChannelEnd> {
        match &self.name.id {
            wire::End::Client(_) => None,
            wire::End::Channel(channel) => Some(channel),
        }
    }

    /// The key that tells here whether a packet of the other end was received.
    pub(crate) fn receipt(&self, sequence: Sequence) -> Path {
        match self.channel().filter(|_| self.is_ordered()) {
            Some(channel) => channel.next_receive(),
            None => self.name.id.receipt(sequence),
        }
    }

    /// The key here that tells whether a message's work is done already.
    pub(crate) fn done_path(&self, need: &Need) -> Option<Path> {
        match need.kind {
            NeedKind::Recv => Some(self.receipt(need.sequence)),
            NeedKind::Ack | NeedKind::Timeout => Some(self.name.id.commitment(need.sequence)),
            NeedKind::Confirm | NeedKind::Receipt => None,
        }
    }

    /// The key of the end itself, of a channel.
    pub(crate) fn stored(&self) -> Option<Path> {
        self.channel().map(ChannelEnd::stored)
    }

    /// Whether `value` under [`Self::receipt`] says that the packet was received here.
    fn is_received(&self, sequence: Sequence, value: Option<B256>) -> bool {
        match self.is_ordered() {
            true => self.next(value).is_some_and(|next| next > sequence),
            false => value.is_some(),
        }
    }

    /// Which packet comes next by `value` under [`Self::receipt`]; none where packets come as they like.
    fn next(&self, value: Option<B256>) -> Option<Sequence> {
        let value = value.filter(|_| self.is_ordered())?;
        let (_, last) = value.split_last_chunk::<8>()?;
        wire::channel::next_sequence(last)
    }
}

/// Which packet a channel takes next, while a trip is put together.
#[derive(Debug, Default)]
pub(crate) struct Turn(Option<u64>);

impl Relayer {
    /// Whether `value`, under the key that tells it, says that a packet of `flow` was received.
    pub(crate) fn is_received_at(&self, flow: EndIx, sequence: Sequence, value: Option<B256>) -> bool {
        self.pair(flow)
            .is_some_and(|(_, destination, _, _)| destination.is_received(sequence, value))
    }

    /// Whether a packet is the one that its channel takes next, by `value` under the key that tells it; if so, the one behind it is
    /// next. One that is not waits: before it was one that is not under way any more, because it was taken back, or is not
    /// known yet.
    pub(crate) fn takes_turn(&mut self, turn: &mut Turn, need: &Need, value: Option<B256>) -> bool {
        let next = self
            .pair(need.flow)
            .and_then(|(_, there, _, _)| there.next(value));
        let Some(next) = next.filter(|_| need.kind == NeedKind::Recv) else {
            return true;
        };
        let next = turn.0.unwrap_or(next.get());
        if next != need.sequence.get() {
            let text = format!("the channel is ordered and takes packet {next} next");
            self.penalize(need.flow, need.sequence, Blame::Chain, &text);
            return false;
        }
        turn.0 = Some(next.saturating_add(1));
        true
    }

    /// Leaves out what its channel takes only after a packet that does not go with it.
    pub(crate) fn in_turn(&self, mut needs: Vec<Need>) -> Vec<Need> {
        needs.sort_by_key(|need| (need.flow, need.sequence));
        let mut chosen: Vec<Need> = Vec::new();
        for need in needs {
            if self.is_in_turn(&need, chosen.iter()) {
                chosen.push(need);
            }
        }
        chosen
    }

    /// Whether its channel takes a message after those that are `before` it in its transaction.
    pub(crate) fn is_in_turn<'a>(&self, need: &Need, before: impl Iterator<Item = &'a Need>) -> bool {
        let is_over = match need.kind {
            NeedKind::Recv => is_received,
            NeedKind::Ack => is_acknowledged,
            NeedKind::Timeout | NeedKind::Confirm | NeedKind::Receipt => return true,
        };
        let mut goes: Vec<Sequence> = before
            .filter(|other| other.flow == need.flow && other.kind == need.kind)
            .map(|other| other.sequence)
            .collect();
        goes.sort_unstable();
        let is_over =
            |record: &PacketRecord| is_over(record) || goes.binary_search(&record.id.sequence).is_ok();
        // Those that wait on disk are received; what is not acknowledged of them comes first.
        let waits = need.kind == NeedKind::Ack && self.has_parked_before(need.flow, need.sequence);
        !waits && self.first_before(need.flow, need.sequence, is_over).is_none()
    }

    /// Which packet has to go before one that is to be delivered or acknowledged.
    pub(crate) fn goes_first(&self, flow: EndIx, record: &PacketRecord) -> Option<Sequence> {
        let is_over = match record.standing.leg {
            Leg::Deliver => is_received,
            Leg::Acknowledge => is_acknowledged,
            Leg::TimeOut => return None,
        };
        self.first_before(flow, record.id.sequence, is_over)
    }

    /// The first packet before `sequence` on an ordered channel that is not over.
    fn first_before(
        &self,
        flow: EndIx,
        sequence: Sequence,
        is_over: impl Fn(&PacketRecord) -> bool,
    ) -> Option<Sequence> {
        let (source, destination, _, _) = self.pair(flow)?;
        let mut earlier = source.flow.range(..sequence).filter(|_| destination.is_ordered());
        let found = earlier.find(|(_, record)| !is_over(record));
        found.map(|(sequence, _)| *sequence)
    }

    fn has_parked_before(&self, flow: EndIx, sequence: Sequence) -> bool {
        let ends = self
            .pair(flow)
            .filter(|(_, destination, _, _)| destination.is_ordered());
        ends.is_some_and(|(source, _, _, _)| source.parked.has_before(sequence))
    }
}

fn is_received(record: &PacketRecord) -> bool {
    match record.standing.leg {
        Leg::Deliver => matches!(record.standing.stage, Stage::Included { .. }),
        Leg::Acknowledge => true,
        Leg::TimeOut => false,
    }
}

fn is_acknowledged(record: &PacketRecord) -> bool {
    record.standing.leg == Leg::Acknowledge && matches!(record.standing.stage, Stage::Included { .. })
}
