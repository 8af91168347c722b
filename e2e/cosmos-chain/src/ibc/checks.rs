//! What packets and messages about them must be, whatever the state: the checks of ibc-go, in its order.

use super::ids;
use super::messages::{
    Acknowledgement, MsgAcknowledgement, MsgRecvPacket, MsgSendPacket, MsgTimeout, Packet, Payload,
};
use super::packets::packet_of;
use crate::app::refused::{Answer, Refused, channel_v2, commitment};

/// Bytes of what a packet carries, at most.
const PAYLOAD_MAX: usize = 262_144;
/// Checks a packet by itself.
pub(super) fn check(packet: &Packet) -> Answer<()> {
    check_payloads(&packet.payloads)?;
    ids::check_packet_client("invalid source ID", &packet.source_client)?;
    ids::check_packet_client("invalid destination ID", &packet.destination_client)?;
    if packet.sequence == 0 {
        return Err(channel_v2::INVALID_PACKET.because("packet sequence cannot be 0"));
    }
    if packet.timeout_timestamp == 0 {
        return Err(channel_v2::INVALID_PACKET.because("packet timeout timestamp cannot be 0"));
    }
    Ok(())
}

fn check_payloads(payloads: &[Payload]) -> Answer<()> {
    let [payload] = payloads else {
        return Err(channel_v2::INVALID_PACKET.because("payloads must contain exactly one payload"));
    };
    let within = |refused: Refused| refused.during("invalid Payload");
    ids::check_port("invalid source port ID", &payload.source_port).map_err(within)?;
    ids::check_port("invalid destination port ID", &payload.destination_port).map_err(within)?;
    for (field, is_empty) in [
        ("version", payload.version.trim().is_empty()),
        ("encoding", payload.encoding.trim().is_empty()),
        ("value", payload.value.is_empty()),
    ] {
        if is_empty {
            let why = format!("payload {field} cannot be empty");
            return Err(within(channel_v2::INVALID_PAYLOAD.because(why)));
        }
    }
    if payload.value.len() > PAYLOAD_MAX {
        return Err(channel_v2::INVALID_PACKET.because(format_args!(
            "packet data bytes cannot exceed {PAYLOAD_MAX} bytes"
        )));
    }
    Ok(())
}

/// Checks a message by itself.
pub(crate) fn check_send(message: &MsgSendPacket) -> Answer<()> {
    ids::check_client("client id", &message.source_client)?;
    if message.timeout_timestamp == 0 {
        return Err(channel_v2::INVALID_TIMEOUT.because("timeout must not be 0"));
    }
    check_payloads(&message.payloads)
}

/// Checks a message by itself.
pub(crate) fn check_recv(message: &MsgRecvPacket) -> Answer<()> {
    check_proof(&message.proof_commitment, "commitment")?;
    check(&packet_of(&message.packet))
}

/// Checks a message by itself.
pub(crate) fn check_timeout(message: &MsgTimeout) -> Answer<()> {
    check_proof(&message.proof_unreceived, "unreceived")?;
    check(&packet_of(&message.packet))
}

/// Checks a message by itself.
pub(crate) fn check_acknowledgement(message: &MsgAcknowledgement) -> Answer<()> {
    check_proof(&message.proof_acked, "acknowledgement")?;
    check_ack(&message.acknowledgement.clone().unwrap_or_default())?;
    check(&packet_of(&message.packet))
}

/// Checks an acknowledgement by itself.
pub(super) fn check_ack(acknowledgement: &Acknowledgement) -> Answer<()> {
    match acknowledgement.app_acknowledgements.as_slice() {
        [one] if !one.is_empty() => Ok(()),
        [_] => Err(channel_v2::INVALID_ACKNOWLEDGEMENT.because("app acknowledgement cannot be empty")),
        _ => Err(channel_v2::INVALID_ACKNOWLEDGEMENT.because("app acknowledgements must be of length one")),
    }
}

fn check_proof(proof: &[u8], what: &str) -> Answer<()> {
    if proof.is_empty() {
        let why = format!("{what} proof cannot be empty");
        return Err(commitment::INVALID_PROOF.because(why));
    }
    Ok(())
}
