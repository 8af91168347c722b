//! The ABI encoding of a packet, as Solidity's `abi.encode(packet)` writes it.
//!
//! Decoding accepts that one encoding only: offsets that overlap or leave gaps, padding that is not zero, bytes
//! after the end and text that is not UTF-8 are refused, because two encodings of one packet would have two
//! receipts.

use crate::{ClientId, Encoding, Packet, Payload, PortId, Reject, Seconds, Sequence, Value, Version};
use alloc::{string::ToString, vec, vec::Vec};
use alloy_sol_types::{SolValue, abi::AbiDecoderConfig};

/// The Solidity structs of the IBC v2 interface. Generated code: it stays inside this module.
#[allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]
mod solidity {
    alloy_sol_types::sol! {
        struct SolPayload {
            string sourcePort;
            string destPort;
            string version;
            string encoding;
            bytes value;
        }

        struct SolPacket {
            uint64 sequence;
            string sourceClient;
            string destClient;
            uint64 timeoutTimestamp;
            SolPayload[] payloads;
        }
    }
}

use solidity::{SolPacket, SolPayload};

/// Deepest nesting of the types decoded here, with room to spare: a packet has 4 levels.
const DEPTH_MAX: usize = 8;

/// Encodes `packet` as Solidity's `abi.encode` does.
pub fn encode_packet(packet: &Packet) -> Vec<u8> {
    let payload = &packet.payload;
    SolPacket {
        sequence: packet.sequence.get(),
        sourceClient: packet.source_client.to_string(),
        destClient: packet.destination_client.to_string(),
        timeoutTimestamp: packet.timeout.0,
        payloads: vec![SolPayload {
            sourcePort: payload.source_port.to_string(),
            destPort: payload.destination_port.to_string(),
            version: payload.version.to_string(),
            encoding: payload.encoding.to_string(),
            value: payload.value.as_bytes().to_vec().into(),
        }],
    }
    .abi_encode()
}

/// Decodes a packet from its one ABI encoding.
///
/// Errors: [`Reject::NotAbi`], [`Reject::PayloadCount`], [`Reject::ZeroTimeout`], and those of the fields'
/// constructors.
pub fn decode_packet(bytes: &[u8]) -> Result<Packet, Reject> {
    let packet: SolPacket = decode_canonical("packet", bytes)?;
    let payload = match packet.payloads.as_slice() {
        [payload] => payload,
        several => return Err(Reject::PayloadCount { count: several.len() }),
    };
    if packet.timeoutTimestamp == 0 {
        return Err(Reject::ZeroTimeout);
    }
    Ok(Packet {
        sequence: Sequence::new(packet.sequence)?,
        source_client: ClientId::new(packet.sourceClient)?,
        destination_client: ClientId::new(packet.destClient)?,
        timeout: Seconds(packet.timeoutTimestamp),
        payload: Payload {
            source_port: PortId::new(payload.sourcePort.as_str())?,
            destination_port: PortId::new(payload.destPort.as_str())?,
            version: Version::new(payload.version.as_str())?,
            encoding: Encoding::new(payload.encoding.as_str())?,
            value: Value::new(payload.value.to_vec())?,
        },
    })
}

/// Decodes `bytes` strictly, encodes the result again and compares. The decoder's strictness bounds the memory (no
/// two offsets share bytes); that the encoding is unique rests on the comparison alone.
pub(crate) fn decode_canonical<T>(what: &'static str, bytes: &[u8]) -> Result<T, Reject>
where
    T: SolValue + From<<T::SolType as alloy_sol_types::SolType>::RustType>,
{
    let refused = Reject::NotAbi {
        what,
        length: bytes.len(),
    };
    let strict = AbiDecoderConfig::new().strict(true).recursion_limit(DEPTH_MAX);
    let value = T::abi_decode_with_config(bytes, strict).map_err(|_| refused.clone())?;
    if value.abi_encode() != bytes {
        Err(refused)
    } else {
        Ok(value)
    }
}
