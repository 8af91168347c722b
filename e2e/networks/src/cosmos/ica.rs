//! Interchain accounts as their owner uses them, written from ibc-go's own descriptors.

use anyhow::{Result, anyhow};
use chain_cosmos::Any;
use cosmrs::bank::MsgSend;
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Coin};
use prost::Message;
use scenarios::cosmos::TOKEN;

const REGISTER: &str = "/ibc.applications.interchain_accounts.controller.v1.MsgRegisterInterchainAccount";
const SEND: &str = "/ibc.applications.interchain_accounts.controller.v1.MsgSendTx";
/// `ORDER_ORDERED`.
const ORDERED: i32 = 2;
/// `TYPE_EXECUTE_TX`.
const EXECUTE: i32 = 1;
const NANOS: u64 = 1_000_000_000;

#[derive(Clone, PartialEq, Message)]
pub(super) struct MsgRegisterInterchainAccount {
    #[prost(string, tag = "1")]
    owner: String,
    #[prost(string, tag = "2")]
    connection_id: String,
    /// Empty: as the chain chooses.
    #[prost(string, tag = "3")]
    version: String,
    #[prost(int32, tag = "4")]
    ordering: i32,
}

impl MsgRegisterInterchainAccount {
    /// Begins an ordered channel for an account of `owner` across `connection`.
    pub(super) fn ordered(owner: &str, connection: &str) -> Any {
        let message = Self {
            owner: owner.to_owned(),
            connection_id: connection.to_owned(),
            version: String::new(),
            ordering: ORDERED,
        };
        Any {
            type_url: REGISTER.to_owned(),
            value: message.encode_to_vec(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MsgSendTx {
    #[prost(string, tag = "1")]
    owner: String,
    #[prost(string, tag = "2")]
    connection_id: String,
    #[prost(message, optional, tag = "3")]
    packet_data: Option<PacketData>,
    /// Nanoseconds from now.
    #[prost(uint64, tag = "4")]
    relative_timeout: u64,
}

#[derive(Clone, PartialEq, Message)]
struct PacketData {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(bytes = "vec", tag = "2")]
    data: Vec<u8>,
    #[prost(string, tag = "3")]
    memo: String,
}

#[derive(Clone, PartialEq, Message)]
struct CosmosTx {
    #[prost(message, repeated, tag = "1")]
    messages: Vec<Any>,
}

impl MsgSendTx {
    /// Has the account of `owner` execute `messages` within `secs`.
    pub(super) fn of(owner: &str, connection: &str, messages: &[Any], secs: u64) -> Any {
        let messages = messages.to_vec();
        let message = Self {
            owner: owner.to_owned(),
            connection_id: connection.to_owned(),
            packet_data: Some(PacketData {
                kind: EXECUTE,
                data: CosmosTx { messages }.encode_to_vec(),
                memo: String::new(),
            }),
            relative_timeout: secs.saturating_mul(NANOS),
        };
        Any {
            type_url: SEND.to_owned(),
            value: message.encode_to_vec(),
        }
    }
}

/// Messages by which `from` pays `to` each of `amounts`.
pub(super) fn sends(from: &str, to: &str, amounts: &[u64]) -> Result<Vec<Any>> {
    let account = |text: &str| -> Result<AccountId> {
        text.parse()
            .map_err(|error| anyhow!("{text} is no address: {error}"))
    };
    let one = |amount: &u64| {
        let message = MsgSend {
            from_address: account(from)?,
            to_address: account(to)?,
            amount: vec![Coin {
                denom: TOKEN
                    .parse()
                    .map_err(|error| anyhow!("{TOKEN} is no coin: {error}"))?,
                amount: u128::from(*amount),
            }],
        };
        message
            .to_any()
            .map_err(|error| anyhow!("a payment can't be written: {error}"))
    };
    amounts.iter().map(one).collect()
}
