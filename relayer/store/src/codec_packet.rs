//! Packets of either version of IBC as bytes.

use crate::bytes::{Reader, Unreadable, Writer, invalid};
use crate::codec::read_sequence;
use chain::AnyPacket;
use wire::Height;
use wire::channel::{ChannelEnd, ChannelPacket, Timeout};

const CLIENT: u8 = 0;
const CHANNEL: u8 = 1;

pub(crate) fn write_packet(w: &mut Writer, packet: &AnyPacket) {
    match packet {
        AnyPacket::Client(packet) => {
            w.u8(CLIENT);
            w.bytes(&wire::abi::encode_packet(packet));
        }
        AnyPacket::Channel(packet) => {
            w.u8(CHANNEL);
            w.u64(packet.sequence.get());
            w.text(&packet.source.to_string());
            w.text(&packet.destination.to_string());
            w.option(packet.timeout.height(), |w, height| {
                w.u64(height.revision_number);
                w.u64(height.revision_height);
            });
            w.option(packet.timeout.nanos(), Writer::u64);
            w.bytes(&packet.data);
        }
    }
}

/// `version`: of the record that it stands in.
pub(crate) fn read_packet(r: &mut Reader<'_>, version: u8) -> Result<AnyPacket, Unreadable> {
    let kind = match version {
        1 | 2 => CLIENT,
        _ => r.u8()?,
    };
    match kind {
        CLIENT => {
            let packet = wire::abi::decode_packet(r.bytes()?).map_err(invalid("a packet"))?;
            Ok(packet.into())
        }
        CHANNEL => Ok(read_channel_packet(r)?.into()),
        found => Err(Unreadable::Tag {
            kind: "a version of IBC",
            found,
        }),
    }
}

fn read_channel_packet(r: &mut Reader<'_>) -> Result<ChannelPacket, Unreadable> {
    Ok(ChannelPacket {
        sequence: read_sequence(r)?,
        source: read_channel(r)?,
        destination: read_channel(r)?,
        timeout: {
            let height = r.option(|r| {
                Ok(Height {
                    revision_number: r.u64()?,
                    revision_height: r.u64()?,
                })
            })?;
            Timeout::new(height, r.option(Reader::u64)?).map_err(invalid("a timeout"))?
        },
        data: r.bytes()?.to_vec(),
    })
}

fn read_channel(r: &mut Reader<'_>) -> Result<ChannelEnd, Unreadable> {
    r.text()?.parse().map_err(invalid("a channel"))
}
