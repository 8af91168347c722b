//! A packet as it is relayed by hand: its keys in the stores of both chains, and the messages that carry it.
//!
//! Messages of IBC v1 are written from ibc-go's own descriptors; those of IBC v2 are the ones that real chains judge the
//! embedded chain by.

use super::lane::{Lane, PORT, Protocol, sequence, text};
use anyhow::{Context, Result};
use chain_cosmos::Event;
use cosmos_chain::hand::{self, Acknowledgement, Packet, Proof, any};
use cosmrs::Any;
use prost::Message;
use tendermint_client::testing::ibc::Height;

/// `ibc.core.channel.v1.Packet`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ChannelPacket {
    #[prost(uint64, tag = "1")]
    sequence: u64,
    #[prost(string, tag = "2")]
    source_port: String,
    #[prost(string, tag = "3")]
    source_channel: String,
    #[prost(string, tag = "4")]
    destination_port: String,
    #[prost(string, tag = "5")]
    destination_channel: String,
    #[prost(bytes = "vec", tag = "6")]
    data: Vec<u8>,
    #[prost(message, optional, tag = "7")]
    timeout_height: Option<Height>,
    #[prost(uint64, tag = "8")]
    timeout_timestamp: u64,
}

/// `ibc.core.channel.v1.MsgRecvPacket`.
#[derive(Clone, PartialEq, Message)]
struct MsgRecvPacket {
    #[prost(message, optional, tag = "1")]
    packet: Option<ChannelPacket>,
    #[prost(bytes = "vec", tag = "2")]
    proof_commitment: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    proof_height: Option<Height>,
    #[prost(string, tag = "4")]
    signer: String,
}

/// `ibc.core.channel.v1.MsgAcknowledgement`.
#[derive(Clone, PartialEq, Message)]
struct MsgAcknowledgement {
    #[prost(message, optional, tag = "1")]
    packet: Option<ChannelPacket>,
    #[prost(bytes = "vec", tag = "2")]
    acknowledgement: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    proof_acked: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    proof_height: Option<Height>,
    #[prost(string, tag = "5")]
    signer: String,
}

/// A packet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parcel {
    Channel(Box<ChannelPacket>),
    Client(Box<Packet>),
}

/// What was answered to one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Channel(Vec<u8>),
    Client(Acknowledgement),
}

impl Parcel {
    /// The packet that an event of a lane tells.
    ///
    /// # Errors
    /// An attribute is missing or is not what it should be.
    pub(super) fn read(lane: &Lane, event: &Event) -> Result<Self> {
        match lane.protocol {
            Protocol::V1 => Ok(Self::Channel(Box::new(channel_packet(event)?))),
            Protocol::V2 => {
                let packet = hex(event, "encoded_packet_hex")?;
                Ok(Self::Client(Box::new(Packet::decode(packet.as_slice())?)))
            }
        }
    }

    /// Its number.
    pub(super) fn sequence(&self) -> u64 {
        match self {
            Self::Channel(packet) => packet.sequence,
            Self::Client(packet) => packet.sequence,
        }
    }

    /// Where its source keeps that it was sent.
    pub(super) fn commitment_key(&self) -> Vec<u8> {
        match self {
            Self::Channel(packet) => stored("commitments", &packet.source_channel, packet.sequence),
            Self::Client(packet) => hand::commitment_key(&packet.source_client, packet.sequence),
        }
    }

    /// Where its destination keeps what was answered.
    pub(super) fn answer_key(&self) -> Vec<u8> {
        match self {
            Self::Channel(packet) => stored("acks", &packet.destination_channel, packet.sequence),
            Self::Client(packet) => hand::acknowledgement_key(&packet.destination_client, packet.sequence),
        }
    }

    /// The message that brings it.
    pub(super) fn receive(&self, proof: Proof, signer: &str) -> Any {
        match self {
            Self::Channel(packet) => {
                let message = MsgRecvPacket {
                    packet: Some(packet.as_ref().clone()),
                    proof_commitment: proof.0,
                    proof_height: proof.1,
                    signer: signer.to_owned(),
                };
                any("/ibc.core.channel.v1.MsgRecvPacket", &message)
            }
            Self::Client(packet) => hand::receive(packet, proof, signer),
        }
    }

    /// The message that brings the answer back; none if the answer is one of the other generation.
    pub(super) fn acknowledge(&self, answer: &Answer, proof: Proof, signer: &str) -> Option<Any> {
        match (self, answer) {
            (Self::Channel(packet), Answer::Channel(answer)) => {
                let message = MsgAcknowledgement {
                    packet: Some(packet.as_ref().clone()),
                    acknowledgement: answer.clone(),
                    proof_acked: proof.0,
                    proof_height: proof.1,
                    signer: signer.to_owned(),
                };
                Some(any("/ibc.core.channel.v1.MsgAcknowledgement", &message))
            }
            (Self::Client(packet), Answer::Client(answer)) => {
                Some(hand::acknowledge(packet, answer, proof, signer))
            }
            (Self::Channel(_), Answer::Client(_)) | (Self::Client(_), Answer::Channel(_)) => None,
        }
    }
}

impl Answer {
    /// What an event of a lane says was answered, and to which packet.
    ///
    /// # Errors
    /// As for [`Parcel::read`].
    pub(super) fn read(lane: &Lane, event: &Event) -> Result<(u64, Self)> {
        let answer = match lane.protocol {
            Protocol::V1 => Self::Channel(hex(event, "packet_ack_hex")?),
            Protocol::V2 => {
                let told = hex(event, "encoded_acknowledgement_hex")?;
                Self::Client(Acknowledgement::decode(told.as_slice())?)
            }
        };
        Ok((sequence(event)?, answer))
    }
}

fn channel_packet(event: &Event) -> Result<ChannelPacket> {
    let told = |name| text(event, name).map(str::to_owned);
    let timeout = text(event, "packet_timeout_timestamp")?;
    Ok(ChannelPacket {
        sequence: sequence(event)?,
        source_port: told("packet_src_port")?,
        source_channel: told("packet_src_channel")?,
        destination_port: told("packet_dst_port")?,
        destination_channel: told("packet_dst_channel")?,
        data: hex(event, "packet_data_hex")?,
        // Ours have a time alone.
        timeout_height: Some(Height::default()),
        timeout_timestamp: timeout.parse().with_context(|| format!("{timeout} is no time"))?,
    })
}

fn hex(event: &Event, name: &str) -> Result<Vec<u8>> {
    alloy::hex::decode(text(event, name)?).with_context(|| format!("{name} is no hexadecimal"))
}

/// A key of IBC v1 about a packet.
fn stored(what: &str, channel: &str, sequence: u64) -> Vec<u8> {
    format!("{what}/ports/{PORT}/channels/{channel}/sequences/{sequence}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::lane::tests::lane;
    use super::*;
    use serde_json::json;

    fn event(attributes: &[(&str, &str)]) -> Event {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        serde_json::from_value(json!({ "type": "any", "attributes": attributes })).unwrap()
    }

    const TOLD: [(&str, &str); 8] = [
        ("packet_sequence", "12"),
        ("packet_src_port", "transfer"),
        ("packet_src_channel", "channel-3"),
        ("packet_dst_port", "transfer"),
        ("packet_dst_channel", "channel-5"),
        ("packet_data_hex", "7b7d"),
        ("packet_timeout_timestamp", "1700000000000000000"),
        ("packet_ack_hex", "01"),
    ];

    #[test]
    fn a_packet_of_a_channel_is_found_under_the_keys_of_ibc_go() {
        let lane = lane(Protocol::V1);
        let parcel = Parcel::read(&lane, &event(&TOLD)).unwrap();
        assert_eq!(parcel.sequence(), 12);
        assert_eq!(
            parcel.commitment_key(),
            b"commitments/ports/transfer/channels/channel-3/sequences/12"
        );
        assert_eq!(
            parcel.answer_key(),
            b"acks/ports/transfer/channels/channel-5/sequences/12"
        );
        let (sequence, answer) = Answer::read(&lane, &event(&TOLD)).unwrap();
        assert_eq!((sequence, &answer), (12, &Answer::Channel(vec![1])));
        let message = parcel.acknowledge(&answer, (vec![9], None), "somebody").unwrap();
        let message = MsgAcknowledgement::decode(message.value.as_slice()).unwrap();
        assert_eq!((message.acknowledgement, message.proof_acked), (vec![1], vec![9]));
        assert_eq!(message.packet.unwrap().data, b"{}");
    }

    #[test]
    fn an_event_without_one_of_its_attributes_is_an_error_that_names_it() {
        for missing in 0..7 {
            let mut told = TOLD.to_vec();
            let (name, _) = told.remove(missing);
            let error = Parcel::read(&lane(Protocol::V1), &event(&told)).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn an_answer_of_the_other_generation_fits_no_packet() {
        let parcel = Parcel::Client(Box::default());
        let answer = Answer::Channel(vec![1]);
        assert_eq!(parcel.acknowledge(&answer, (Vec::new(), None), "somebody"), None);
    }
}
