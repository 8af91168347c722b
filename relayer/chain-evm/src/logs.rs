//! One log of the router, as an event of the port.
//!
//! A router checks less than `wire` demands of a packet: anybody can send one whose version is no text. Such a packet cannot be
//! relayed, and it is no fault of the endpoint that shows it. So its send becomes [`Event::Unreadable`], and what the router says
//! of it later is left out.
//!
//! What this module must never do: turn such a packet into another one, or take a log that contradicts its own topics.

use crate::abi::{Router, SolPacket, from_sol};
use alloy::rpc::types::Log;
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolEvent;
use chain::{BlockNumber, Event, EventAt, TxHash};
use endpoints::Complaint;
use wire::{Acknowledgement, ClientId, Packet, Sequence};

/// Block and index of a log.
pub(crate) type Place = (u64, u64);

/// An event and its place.
pub(crate) struct Placed {
    pub(crate) at: Place,
    pub(crate) event: EventAt,
}

/// The topic of a sequence.
pub(crate) fn topic_of(sequence: u64) -> B256 {
    U256::from(sequence).into()
}

/// What a log says of a packet of `client`; none of one that was left out before.
pub(crate) fn parse(
    router: Address,
    client: &ClientId,
    log: &Log,
) -> Result<(Place, Option<EventAt>), Complaint> {
    if log.address() != router {
        return Err(Complaint::malformed(format!(
            "asked for logs of {router}, got one of {}",
            log.address()
        )));
    }
    if log.removed {
        return Err(Complaint::malformed(
            "a log of a finalized block is marked as removed",
        ));
    }
    let (Some(block), Some(index), Some(tx)) = (log.block_number, log.log_index, log.transaction_hash) else {
        return Err(Complaint::malformed(
            "a log lacks its block, index or transaction",
        ));
    };
    let topics = log.topics();
    let (kind, of_client, sequence) = match topics {
        [kind, of_client, sequence] => (*kind, *of_client, *sequence),
        other => {
            return Err(Complaint::malformed(format!(
                "a log has {} topics, packet events have 3",
                other.len()
            )));
        }
    };
    let wanted = keccak256(client.as_bytes());
    if of_client != wanted {
        return Err(Complaint::malformed(format!(
            "asked for logs of client {wanted}, got one of {of_client}"
        )));
    }
    let malformed =
        |text: String| Complaint::malformed(format!("log {index} of block {block} of {client}: {text}"));
    let sequence = number_of(sequence).map_err(malformed)?;
    let event = decode(kind, log, client, sequence).map_err(malformed)?;
    let event = event.map(|event| EventAt {
        block: BlockNumber(block),
        tx: TxHash(tx),
        event,
    });
    Ok(((block, index), event))
}

fn number_of(topic: B256) -> Result<Sequence, String> {
    u64::try_from(U256::from_be_bytes(topic.0))
        .ok()
        .and_then(|number| Sequence::new(number).ok())
        .ok_or_else(|| format!("topic {topic} is no sequence"))
}

/// What became of the packet in a log.
enum Read {
    Packet(Packet),
    Unreadable,
}

fn decode(kind: B256, log: &Log, client: &ClientId, sequence: Sequence) -> Result<Option<Event>, String> {
    match kind {
        Router::SendPacket::SIGNATURE_HASH => {
            let (event, is_text) = decoded::<Router::SendPacket>(log)?;
            Ok(Some(
                match read(&event.packet, is_text, Side::Source, client, sequence)? {
                    Read::Packet(packet) => Event::Sent(packet.into()),
                    Read::Unreadable => Event::Unreadable {
                        source: client.clone().into(),
                        sequence,
                    },
                },
            ))
        }
        Router::WriteAcknowledgement::SIGNATURE_HASH => {
            let (event, is_text) = decoded::<Router::WriteAcknowledgement>(log)?;
            let acknowledgement = match event.acknowledgements.as_slice() {
                [one] => Acknowledgement::new(one.to_vec()).map_err(|error| error.to_string())?,
                several => return Err(format!("{} acknowledgements, a packet has one", several.len())),
            };
            Ok(
                match read(&event.packet, is_text, Side::Destination, client, sequence)? {
                    Read::Packet(packet) => Some(Event::Acknowledged {
                        packet: packet.into(),
                        acknowledgement,
                    }),
                    Read::Unreadable => None,
                },
            )
        }
        Router::AckPacket::SIGNATURE_HASH => {
            let (event, is_text) = decoded::<Router::AckPacket>(log)?;
            Ok(
                match read(&event.packet, is_text, Side::Source, client, sequence)? {
                    Read::Packet(_) => Some(Event::AckReturned {
                        source: client.clone().into(),
                        sequence,
                    }),
                    Read::Unreadable => None,
                },
            )
        }
        Router::TimeoutPacket::SIGNATURE_HASH => {
            let (event, is_text) = decoded::<Router::TimeoutPacket>(log)?;
            Ok(
                match read(&event.packet, is_text, Side::Source, client, sequence)? {
                    Read::Packet(_) => Some(Event::TimedOut {
                        source: client.clone().into(),
                        sequence,
                    }),
                    Read::Unreadable => None,
                },
            )
        }
        other => Err(format!("topic {other} was not asked for")),
    }
}

/// A log's event, and whether all its texts are texts; where not, they hold other characters than the chain does.
fn decoded<E: SolEvent>(log: &Log) -> Result<(E, bool), String> {
    match E::decode_log_validate(&log.inner) {
        Ok(event) => Ok((event.data, true)),
        Err(_) => E::decode_log(&log.inner)
            .map(|event| (event.data, false))
            .map_err(|error| error.to_string()),
    }
}

/// Under which of a packet's clients an event is indexed.
#[derive(Clone, Copy)]
enum Side {
    Source,
    Destination,
}

/// The packet in a log whose topics name packet `sequence` of `client`.
fn read(
    packet: &SolPacket,
    is_text: bool,
    side: Side,
    client: &ClientId,
    sequence: Sequence,
) -> Result<Read, String> {
    let its_client = match side {
        Side::Source => &packet.sourceClient,
        Side::Destination => &packet.destClient,
    };
    if its_client != client.as_str() || packet.sequence != sequence.get() {
        return Err(format!(
            "it is indexed as packet {sequence} of {client} and holds packet {} of {its_client}",
            packet.sequence
        ));
    }
    // Whatever else `wire` refuses, a router of another make may have let through.
    Ok(match from_sol(packet) {
        Ok(packet) if is_text => Read::Packet(packet),
        Ok(_) | Err(_) => Read::Unreadable,
    })
}
