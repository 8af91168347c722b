//! The messages that this chain knows: read, checked by themselves, run.

use cosmrs::Any;
use cosmrs::proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse};
use prost::Message as _;

use super::bank;
use super::context::Context;
use super::refused::Answer;
use super::tx::{packed, unreadable};
use crate::ibc::messages::{
    MsgAcknowledgement, MsgCreateClient, MsgRecvPacket, MsgRegisterCounterparty, MsgSendPacket, MsgTimeout,
    MsgUpdateClient, Relayed,
};
use crate::ibc::{checks, clients, counterparty, packets};
use crate::transfer::{self, messages::MsgTransfer};

/// A message of a transaction.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Send(MsgSend),
    Transfer(MsgTransfer),
    CreateClient(MsgCreateClient),
    UpdateClient(MsgUpdateClient),
    RegisterCounterparty(MsgRegisterCounterparty),
    SendPacket(MsgSendPacket),
    RecvPacket(MsgRecvPacket),
    Acknowledgement(MsgAcknowledgement),
    Timeout(MsgTimeout),
}

/// What a message came to.
pub(crate) struct Done {
    /// The response, as the SDK hands it on.
    pub(crate) response: Any,
    /// For a message about a packet: whether somebody had done it before.
    pub(crate) relayed: Option<Relayed>,
}

const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";
const TRANSFER: &str = "/ibc.applications.transfer.v1.MsgTransfer";
const CREATE_CLIENT: &str = "/ibc.core.client.v1.MsgCreateClient";
const UPDATE_CLIENT: &str = "/ibc.core.client.v1.MsgUpdateClient";
const REGISTER: &str = "/ibc.core.client.v2.MsgRegisterCounterparty";
const SEND_PACKET: &str = "/ibc.core.channel.v2.MsgSendPacket";
const RECV_PACKET: &str = "/ibc.core.channel.v2.MsgRecvPacket";
const ACKNOWLEDGEMENT: &str = "/ibc.core.channel.v2.MsgAcknowledgement";
const TIMEOUT: &str = "/ibc.core.channel.v2.MsgTimeout";

impl Message {
    /// Reads a message.
    pub(crate) fn decode(any: &Any) -> Answer<Self> {
        Ok(match any.type_url.as_str() {
            SEND => Self::Send(packed(any)?),
            TRANSFER => Self::Transfer(packed(any)?),
            CREATE_CLIENT => Self::CreateClient(packed(any)?),
            UPDATE_CLIENT => Self::UpdateClient(packed(any)?),
            REGISTER => Self::RegisterCounterparty(packed(any)?),
            SEND_PACKET => Self::SendPacket(packed(any)?),
            RECV_PACKET => Self::RecvPacket(packed(any)?),
            ACKNOWLEDGEMENT => Self::Acknowledgement(packed(any)?),
            TIMEOUT => Self::Timeout(packed(any)?),
            other => return Err(unreadable(&format!("unable to resolve type URL {other}"))),
        })
    }

    /// How its type is named.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Send(_) => SEND,
            Self::Transfer(_) => TRANSFER,
            Self::CreateClient(_) => CREATE_CLIENT,
            Self::UpdateClient(_) => UPDATE_CLIENT,
            Self::RegisterCounterparty(_) => REGISTER,
            Self::SendPacket(_) => SEND_PACKET,
            Self::RecvPacket(_) => RECV_PACKET,
            Self::Acknowledgement(_) => ACKNOWLEDGEMENT,
            Self::Timeout(_) => TIMEOUT,
        }
    }

    /// Who must sign.
    pub(crate) fn signer(&self) -> &String {
        match self {
            Self::Send(message) => &message.from_address,
            Self::Transfer(message) => &message.sender,
            Self::CreateClient(message) => &message.signer,
            Self::UpdateClient(message) => &message.signer,
            Self::RegisterCounterparty(message) => &message.signer,
            Self::SendPacket(message) => &message.signer,
            Self::RecvPacket(message) => &message.signer,
            Self::Acknowledgement(message) => &message.signer,
            Self::Timeout(message) => &message.signer,
        }
    }

    /// Checks what needs no state.
    pub(crate) fn check(&self) -> Answer<()> {
        match self {
            Self::Send(_) | Self::CreateClient(_) | Self::UpdateClient(_) => Ok(()),
            Self::Transfer(message) => transfer::messages::check(message),
            Self::RegisterCounterparty(message) => counterparty::check(message),
            Self::SendPacket(message) => checks::check_send(message),
            Self::RecvPacket(message) => checks::check_recv(message),
            Self::Acknowledgement(message) => checks::check_acknowledgement(message),
            Self::Timeout(message) => checks::check_timeout(message),
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, context: &mut Context<'_>) -> Answer<Done> {
        let mut relayed = None;
        let value = match self {
            Self::Send(message) => {
                bank::run_send(context, message)?;
                MsgSendResponse {}.encode_to_vec()
            }
            Self::Transfer(message) => transfer::run(context, message)?.encode_to_vec(),
            Self::CreateClient(message) => clients::create(context, message)?.encode_to_vec(),
            Self::UpdateClient(message) => {
                clients::update(context, message)?;
                Vec::new()
            }
            Self::RegisterCounterparty(message) => {
                counterparty::register(context, message)?;
                Vec::new()
            }
            Self::SendPacket(message) => packets::send(context, message)?.encode_to_vec(),
            Self::RecvPacket(message) => outcome(packets::receive(context, message)?, &mut relayed),
            Self::Acknowledgement(message) => outcome(packets::acknowledge(context, message)?, &mut relayed),
            Self::Timeout(message) => outcome(packets::time_out(context, message)?, &mut relayed),
        };
        let type_url = format!("{}Response", self.kind());
        Ok(Done {
            response: Any { type_url, value },
            relayed,
        })
    }
}

fn outcome(done: Relayed, relayed: &mut Option<Relayed>) -> Vec<u8> {
    *relayed = Some(done);
    done.response().encode_to_vec()
}
