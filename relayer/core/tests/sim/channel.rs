//! Channels of the simulated chains, as ibc-go has them: packets in order or each for itself, and ends that close.

use crate::judge::{SimJudge, beacon};
use crate::router::Router;
use alloy_primitives::B256;
use chain::{AnyPacket, Event, Message, Unreceived};
use ethereum::Slot;
use relayer_core::{Judge, ProofAt};
use wire::channel::{ChannelEnd, ChannelPacket, Ordering, Timeout};
use wire::{ClientId, End, Height, Path, Seconds, Sequence};

const NANOS: u64 = 1_000_000_000;

/// One end.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) client: ClientId,
    pub(crate) counterparty: ChannelEnd,
    pub(crate) ordering: Ordering,
    pub(crate) is_closed: bool,
    pub(crate) sent: u64,
    /// Of an ordered one: the packet whose acknowledgement it takes next.
    pub(crate) next_ack: u64,
}

/// What a chain stores of an end: the state is the first field.
pub(crate) fn stored(is_closed: bool) -> B256 {
    let mut bytes = B256::repeat_byte(0x5a);
    bytes[..2].copy_from_slice(&[8, if is_closed { 4 } else { 3 }]);
    bytes
}

/// The bytes that a value of the store has in truth.
pub(crate) fn bytes_of(path: &Path, value: B256) -> Vec<u8> {
    let is_number = path.kind() == wire::path::Kind::NextReceive;
    let from = if is_number { 24 } else { 0 };
    value[from..].to_vec()
}

pub(crate) fn number(value: u64) -> B256 {
    B256::left_padding_from(&value.to_be_bytes())
}

impl Router {
    pub(crate) fn open(&mut self, end: &ChannelEnd, channel: Channel) {
        self.store.insert(end.stored().to_bytes(), stored(false));
        if channel.ordering == Ordering::Ordered {
            self.store.insert(end.next_receive().to_bytes(), number(1));
        }
        self.channels.insert(end.clone(), channel);
    }

    pub(crate) fn close(&mut self, end: &ChannelEnd) {
        self.channels.get_mut(end).unwrap().is_closed = true;
        self.store.insert(end.stored().to_bytes(), stored(true));
    }

    pub(crate) fn send_over(&mut self, end: &ChannelEnd, timeout: Seconds, value: &[u8]) -> Option<Event> {
        let channel = self.channels.get_mut(end).unwrap();
        if channel.is_closed {
            return None;
        }
        channel.sent += 1;
        let packet = ChannelPacket {
            sequence: Sequence::new(channel.sent).unwrap(),
            source: end.clone(),
            destination: channel.counterparty.clone(),
            timeout: Timeout::new(None, Some(timeout.0 * NANOS)).unwrap(),
            data: value.to_vec(),
        };
        let packet = AnyPacket::from(packet);
        self.store
            .insert(end.commitment_key(packet.sequence()), packet.commitment());
        Some(Event::Sent(packet))
    }

    /// The channel of an end of one, and its name.
    pub(crate) fn channel(&self, end: &End) -> Option<(&ChannelEnd, &Channel)> {
        match end {
            End::Client(_) => None,
            End::Channel(end) => self.channels.get_key_value(end),
        }
    }

    /// Whether a packet arrived before; fails if its channel does not take it now.
    pub(crate) fn is_received(&self, packet: &AnyPacket) -> Result<bool, String> {
        let end = packet.destination();
        let Some((end, channel)) = self.channel(&end) else {
            return Ok(self.get(&end.receipt(packet.sequence())).is_some());
        };
        if channel.is_closed {
            return Err("the channel is closed".into());
        }
        if channel.ordering == Ordering::Unordered {
            let receipt = packet.destination().receipt(packet.sequence());
            return Ok(self.get(&receipt).is_some());
        }
        let (next, is) = (self.next_receive(end), packet.sequence().get());
        if is > next {
            return Err(format!("{is} is out of order, {next} is next"));
        }
        Ok(is < next)
    }

    fn next_receive(&self, end: &ChannelEnd) -> u64 {
        let value = self.get(&end.next_receive()).unwrap();
        u64::from_be_bytes(value[24..].try_into().unwrap())
    }

    /// Remembers that a packet arrived.
    pub(crate) fn write_receipt(&mut self, packet: &AnyPacket) {
        let end = packet.destination();
        let ordered = self
            .channel(&end)
            .filter(|(_, channel)| channel.ordering == Ordering::Ordered);
        let (key, value) = match ordered {
            Some((end, _)) => (end.next_receive(), number(packet.sequence().get() + 1)),
            None => (end.receipt(packet.sequence()), receipt(packet)),
        };
        self.store.insert(key.to_bytes(), value);
    }

    /// An acknowledgement came back over the channel, if it takes it.
    pub(crate) fn take_ack(&mut self, packet: &AnyPacket) -> Result<(), String> {
        let End::Channel(end) = packet.source() else {
            return Ok(());
        };
        let channel = self.channels.get_mut(&end).unwrap();
        if channel.is_closed {
            return Err("the channel is closed".into());
        }
        let is = packet.sequence().get();
        if channel.ordering == Ordering::Ordered && channel.next_ack != is {
            return Err(format!(
                "the acknowledgement of {is} is out of order, {} is next",
                channel.next_ack
            ));
        }
        channel.next_ack = is + 1;
        Ok(())
    }

    /// A packet was taken back: an ordered channel closes with it.
    pub(crate) fn after_timeout(&mut self, packet: &AnyPacket) {
        if let End::Channel(end) = packet.source()
            && self.channels[&end].ordering == Ordering::Ordered
        {
            self.close(&end);
        }
    }

    /// A packet may be taken back: its time is up, or its channel is closed at the other end.
    pub(crate) fn check_timeout(
        &self,
        message: &Message,
        unreceived: &Unreceived,
        now: Seconds,
    ) -> Result<(), String> {
        let trusted = self.judging(message)?;
        let client = beacon(trusted);
        let slot = Slot(message.height.revision_height);
        let time = client.config.network.time_of(slot).unwrap();
        let Some(closed) = &unreceived.closed else {
            let is_late = message.packet.has_expired(Height::of(slot.0), time);
            return is_late.then_some(()).ok_or_else(|| "not timed out".into());
        };
        let End::Channel(other) = message.packet.destination() else {
            return Err("no channel".into());
        };
        let at = ProofAt {
            height: message.height,
            path: &other.stored(),
            bytes: closed,
        };
        let shown = SimJudge.member(trusted, at, stored(true).as_slice(), now);
        shown.map(drop).map_err(|refusal| refusal.text)
    }
}

fn receipt(packet: &AnyPacket) -> B256 {
    packet.v2().map_or(number(1), wire::commit::receipt)
}

/// What shows that a packet was not received.
pub(crate) fn absence(packet: &AnyPacket, unreceived: &Unreceived) -> (Path, Option<B256>) {
    match (packet.destination(), unreceived.next) {
        (End::Channel(end), Some(next)) => (end.next_receive(), Some(number(next.get()))),
        (end, _) => (end.receipt(packet.sequence()), None),
    }
}
