//! Events of IBC v2, whose packets are known by the clients at both ends. The packet itself is in them, in protobuf.

use crate::answers::Event;
use crate::ibc::channel::{RawAcknowledgement, RawPacket};
use crate::packets::{Step, bytes, number, text};
use prost::Message;
use wire::{Acknowledgement, ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

/// The attribute that only packets of IBC v2 have.
pub(crate) const SOURCE: &str = "packet_source_client";
const DESTINATION: &str = "packet_dest_client";
const PACKET: &str = "encoded_packet_hex";
const ACKNOWLEDGEMENT: &str = "encoded_acknowledgement_hex";

/// What happened to a packet of IBC v2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// It was sent, on the source chain.
    Sent(Packet),
    /// It was received, on the destination chain; told again when it is received again, which changes nothing.
    Received(Packet),
    /// The destination chain holds its acknowledgement.
    Acknowledged {
        /// The packet.
        packet: Packet,
        /// The application's answer.
        acknowledgement: Acknowledgement,
    },
    /// The acknowledgement is back on the source chain: it is settled. What was brought back, the event does not say.
    AckReturned(Packet),
    /// It expired, on the source chain: it is settled.
    TimedOut(Packet),
}

/// Reads an event that has [`SOURCE`].
pub(crate) fn read(step: Step, event: &Event) -> Result<ClientEvent, String> {
    let packet = packet(event)?;
    Ok(match step {
        Step::Sent => ClientEvent::Sent(packet),
        Step::Received => ClientEvent::Received(packet),
        Step::Acknowledged => ClientEvent::Acknowledged {
            packet,
            acknowledgement: acknowledgement(event)?,
        },
        Step::AckReturned => ClientEvent::AckReturned(packet),
        Step::TimedOut => ClientEvent::TimedOut(packet),
    })
}

/// The source client of a packet, by an event of which perhaps nothing else can be read.
pub(crate) fn source(event: &Event) -> Option<ClientId> {
    ClientId::new(event.attribute(SOURCE)?).ok()
}

/// The packet, which the attributes beside it name too.
fn packet(event: &Event) -> Result<Packet, String> {
    let raw: RawPacket = decode(event, PACKET)?;
    for (key, inside) in [
        (SOURCE, &raw.source_client),
        (DESTINATION, &raw.destination_client),
    ] {
        let beside = text(event, key)?;
        if beside != inside {
            return Err(format!("{key} is {beside:?}, the packet says {inside:?}"));
        }
    }
    for (key, inside) in [
        ("packet_sequence", raw.sequence),
        ("packet_timeout_timestamp", raw.timeout_timestamp),
    ] {
        let beside = number(event, key)?;
        if beside != inside {
            return Err(format!("{key} is {beside}, the packet says {inside}"));
        }
    }
    let count = raw.payloads.len();
    let (Some(payload), 1) = (raw.payloads.into_iter().next(), count) else {
        return Err(format!("the packet has {count} payloads, exactly one is relayed"));
    };
    let reject = |error: wire::Reject| format!("{PACKET}: {error}");
    Ok(Packet {
        sequence: Sequence::new(raw.sequence).map_err(reject)?,
        source_client: ClientId::new(raw.source_client).map_err(reject)?,
        destination_client: ClientId::new(raw.destination_client).map_err(reject)?,
        timeout: Seconds(raw.timeout_timestamp),
        payload: Payload {
            source_port: PortId::new(payload.source_port).map_err(reject)?,
            destination_port: PortId::new(payload.destination_port).map_err(reject)?,
            version: Version::new(payload.version).map_err(reject)?,
            encoding: Encoding::new(payload.encoding).map_err(reject)?,
            value: Value::new(payload.value).map_err(reject)?,
        },
    })
}

/// The answer of the one application that a packet has.
fn acknowledgement(event: &Event) -> Result<Acknowledgement, String> {
    let raw: RawAcknowledgement = decode(event, ACKNOWLEDGEMENT)?;
    let count = raw.app_acknowledgements.len();
    let (Some(bytes), 1) = (raw.app_acknowledgements.into_iter().next(), count) else {
        return Err(format!("there are {count} acknowledgements, one payload has one"));
    };
    Acknowledgement::new(bytes).map_err(|error| format!("{ACKNOWLEDGEMENT}: {error}"))
}

/// A message whose bytes have no other reading: what this program does not know must not get lost on the way.
fn decode<M: Message + Default>(event: &Event, key: &str) -> Result<M, String> {
    let bytes = bytes(event, key)?;
    let message = M::decode(bytes.as_slice()).map_err(|error| format!("{key}: {error}"))?;
    if message.encode_to_vec() != bytes {
        return Err(format!(
            "{key} holds more than is known of such a message, or in another order"
        ));
    }
    Ok(message)
}
