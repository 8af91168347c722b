//! Messages about packets: one of the machine's, with its proof, as ibc-go takes it.

use crate::ibc::{RawHeight, any, channel};
use crate::ibc_v1;
use chain::{AnyPacket, Message, MessageKind};
use cosmrs::Any;
use wire::Packet;
use wire::channel::ChannelPacket;

/// The message, signed for by `signer`.
pub(crate) fn packet_message(message: &Message, signer: &str) -> Any {
    match &message.packet {
        AnyPacket::Client(packet) => of_client(packet, message, signer.to_owned()),
        AnyPacket::Channel(packet) => of_channel(packet, message, signer.to_owned()),
    }
}

fn of_client(packet: &Packet, message: &Message, signer: String) -> Any {
    let (packet, proof) = (Some(packet.into()), message.proof.to_vec());
    let proof_height = Some(RawHeight::from(message.height));
    match &message.kind {
        MessageKind::Recv => any(
            channel::RECV,
            &channel::MsgRecvPacket {
                packet,
                proof_commitment: proof,
                proof_height,
                signer,
            },
        ),
        MessageKind::Ack(acknowledgement) => any(
            channel::ACK,
            &channel::MsgAcknowledgement {
                packet,
                acknowledgement: Some(acknowledgement.into()),
                proof_acked: proof,
                proof_height,
                signer,
            },
        ),
        MessageKind::Timeout(_) => any(
            channel::TIMEOUT,
            &channel::MsgTimeout {
                packet,
                proof_unreceived: proof,
                proof_height,
                signer,
            },
        ),
    }
}

fn of_channel(packet: &ChannelPacket, message: &Message, signer: String) -> Any {
    let sequence = packet.sequence;
    let (packet, proof) = (Some(packet.into()), message.proof.to_vec());
    let proof_height = Some(RawHeight::from(message.height));
    match &message.kind {
        MessageKind::Recv => any(
            ibc_v1::RECV,
            &ibc_v1::MsgRecvPacket {
                packet,
                proof_commitment: proof,
                proof_height,
                signer,
            },
        ),
        MessageKind::Ack(acknowledgement) => any(
            ibc_v1::ACK,
            &ibc_v1::MsgAcknowledgement {
                packet,
                acknowledgement: acknowledgement.as_bytes().to_vec(),
                proof_acked: proof,
                proof_height,
                signer,
            },
        ),
        MessageKind::Timeout(unreceived) => {
            // Over an unordered channel nobody looks at it, but zero is refused.
            let next_sequence_recv = unreceived.next.unwrap_or(sequence).get();
            match &unreceived.closed {
                None => any(
                    ibc_v1::TIMEOUT,
                    &ibc_v1::MsgTimeout {
                        packet,
                        proof_unreceived: proof,
                        proof_height,
                        next_sequence_recv,
                        signer,
                    },
                ),
                Some(closed) => any(
                    ibc_v1::TIMEOUT_ON_CLOSE,
                    &ibc_v1::MsgTimeoutOnClose {
                        packet,
                        proof_unreceived: proof,
                        proof_close: closed.to_vec(),
                        proof_height,
                        next_sequence_recv,
                        signer,
                    },
                ),
            }
        }
    }
}
