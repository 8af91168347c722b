//! Events of IBC v1, whose packets are known by port and channel.

use crate::answers::Event;
use crate::packets::{Step, bytes, digits, number, text};
use wire::channel::{ChannelEnd, ChannelId, ChannelPacket, Ordering, Timeout};
use wire::{Acknowledgement, Height, PortId, Sequence};

/// The attribute that only packets of IBC v1 have.
pub(crate) const SOURCE: &str = "packet_src_channel";

/// A packet of IBC v1 as events tell it, without what it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelHeader {
    /// Its number on the source channel.
    pub sequence: Sequence,
    /// Where it comes from.
    pub source: ChannelEnd,
    /// Where it goes to.
    pub destination: ChannelEnd,
    /// From when on the destination refuses it.
    pub timeout: Timeout,
    /// The order of its channel.
    pub ordering: Ordering,
    /// The connection of its channel, on the chain that tells it.
    pub connection: String,
}

/// What happened to a packet of IBC v1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelEvent {
    /// It was sent, on the source chain.
    Sent {
        /// The packet.
        packet: ChannelHeader,
        /// What it carries.
        data: Vec<u8>,
    },
    /// It was received, on the destination chain; told again when it is received again, which changes nothing.
    Received {
        /// The packet.
        packet: ChannelHeader,
        /// What it carries.
        data: Vec<u8>,
    },
    /// The destination chain holds its acknowledgement.
    Acknowledged {
        /// The packet.
        packet: ChannelHeader,
        /// What it carries.
        data: Vec<u8>,
        /// The acknowledgement.
        acknowledgement: Acknowledgement,
    },
    /// The acknowledgement is back on the source chain: it is settled.
    AckReturned(ChannelHeader),
    /// It expired, on the source chain: it is settled.
    TimedOut(ChannelHeader),
}

impl ChannelHeader {
    /// The packet that carries `data`.
    pub fn with(self, data: Vec<u8>) -> ChannelPacket {
        ChannelPacket {
            sequence: self.sequence,
            source: self.source,
            destination: self.destination,
            timeout: self.timeout,
            data,
        }
    }
}

/// The source of a packet, by an event of which perhaps nothing else can be read.
pub(crate) fn source(event: &Event) -> Option<ChannelEnd> {
    end(event, "packet_src_port", SOURCE).ok()
}

/// Reads an event that has [`SOURCE`].
pub(crate) fn read(step: Step, event: &Event) -> Result<ChannelEvent, String> {
    let packet = packet(event)?;
    let data = || bytes(event, "packet_data_hex");
    Ok(match step {
        Step::Sent => ChannelEvent::Sent {
            packet,
            data: data()?,
        },
        Step::Received => ChannelEvent::Received {
            packet,
            data: data()?,
        },
        Step::Acknowledged => ChannelEvent::Acknowledged {
            packet,
            data: data()?,
            acknowledgement: Acknowledgement::new(bytes(event, "packet_ack_hex")?)
                .map_err(|error| format!("packet_ack_hex: {error}"))?,
        },
        Step::AckReturned => ChannelEvent::AckReturned(packet),
        Step::TimedOut => ChannelEvent::TimedOut(packet),
    })
}

fn packet(event: &Event) -> Result<ChannelHeader, String> {
    let sequence = Sequence::new(number(event, "packet_sequence")?);
    let height = height(text(event, "packet_timeout_height")?)?;
    let nanos = Some(number(event, "packet_timeout_timestamp")?).filter(|nanos| *nanos > 0);
    let timeout = Timeout::new(height, nanos)
        .map_err(|error| format!("packet_timeout_height and packet_timeout_timestamp: {error}"))?;
    Ok(ChannelHeader {
        sequence: sequence.map_err(|error| format!("packet_sequence: {error}"))?,
        source: end(event, "packet_src_port", SOURCE)?,
        destination: end(event, "packet_dst_port", "packet_dst_channel")?,
        timeout,
        ordering: ordering(text(event, "packet_channel_ordering")?)?,
        connection: connection(event)?,
    })
}

fn end(event: &Event, port: &str, channel: &str) -> Result<ChannelEnd, String> {
    Ok(ChannelEnd {
        port: PortId::new(text(event, port)?).map_err(|error| format!("{port}: {error}"))?,
        channel: ChannelId::new(text(event, channel)?).map_err(|error| format!("{channel}: {error}"))?,
    })
}

/// "1-500"; "0-0" stands for none.
fn height(written: &str) -> Result<Option<Height>, String> {
    let parts = written
        .split_once('-')
        .and_then(|(revision, height)| Some((digits(revision)?, digits(height)?)));
    match parts {
        Some((0, 0)) => Ok(None),
        Some((revision_number, revision_height)) => Ok(Some(Height {
            revision_number,
            revision_height,
        })),
        None => Err(format!("packet_timeout_height is {written:?}, not like 1-500")),
    }
}

fn ordering(written: &str) -> Result<Ordering, String> {
    match written {
        "ORDER_UNORDERED" => Ok(Ordering::Unordered),
        "ORDER_ORDERED" => Ok(Ordering::Ordered),
        _ => Err(format!(
            "packet_channel_ordering is {written:?}, neither ORDER_UNORDERED nor ORDER_ORDERED"
        )),
    }
}

/// Older chains name it in one attribute, newer ones in two.
fn connection(event: &Event) -> Result<String, String> {
    let (new, old) = (
        event.attribute("connection_id"),
        event.attribute("packet_connection"),
    );
    match (new, old) {
        (Some(new), Some(old)) if new != old => {
            Err(format!("connection_id is {new:?}, packet_connection is {old:?}"))
        }
        (Some(connection), _) | (None, Some(connection)) => Ok(connection.to_owned()),
        (None, None) => Err("connection_id is not there, or more than once".into()),
    }
}
