//! The message by which somebody sends tokens.

#![allow(
    missing_docs,
    reason = "fields have the names and the meaning that they have in ibc-go"
)]

use cosmrs::proto::cosmos::base::v1beta1::Coin;
use prost::Message;
use tendermint_client::testing::ibc::Height;

use crate::app::bank;
use crate::app::refused::{Answer, ibc, sdk, transfer as code};
use crate::ibc::ids;

/// `ibc.applications.transfer.v1.MsgTransfer`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgTransfer {
    #[prost(string, tag = "1")]
    pub source_port: String,
    /// A client, over IBC v2.
    #[prost(string, tag = "2")]
    pub source_channel: String,
    #[prost(message, optional, tag = "3")]
    pub token: Option<Coin>,
    #[prost(string, tag = "4")]
    pub sender: String,
    #[prost(string, tag = "5")]
    pub receiver: String,
    #[prost(message, optional, tag = "6")]
    pub timeout_height: Option<Height>,
    /// In seconds, over IBC v2.
    #[prost(uint64, tag = "7")]
    pub timeout_timestamp: u64,
    #[prost(string, tag = "8")]
    pub memo: String,
    #[prost(string, tag = "9")]
    pub encoding: String,
}

/// `ibc.applications.transfer.v1.MsgTransferResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgTransferResponse {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
}

const RECEIVER_MAX: usize = 2_048;
pub(super) const MEMO_MAX: usize = 32_768;

/// Checks what needs no state.
pub(crate) fn check(message: &MsgTransfer) -> Answer<()> {
    ids::check_port("invalid source port ID", &message.source_port)?;
    ids::check_client("invalid source channel ID", &message.source_channel)?;
    let token = message.token.clone().unwrap_or_default();
    if !bank::is_denom(&token.denom) || token.amount.starts_with('-') {
        return Err(sdk::INVALID_COINS.because(format_args!("{}{}", token.amount, token.denom)));
    }
    if token.amount.is_empty() || token.amount.bytes().all(|byte| byte == b'0') {
        return Err(sdk::INSUFFICIENT_FUNDS.because(format_args!("{}{}", token.amount, token.denom)));
    }
    if message.receiver.trim().is_empty() {
        return Err(ibc::INVALID_ADDRESS.because("missing recipient address"));
    }
    if message.receiver.len() > RECEIVER_MAX {
        return Err(ibc::INVALID_ADDRESS.because(format_args!(
            "recipient address must not exceed {RECEIVER_MAX} bytes"
        )));
    }
    check_memo(&message.memo)
}

pub(super) fn check_memo(memo: &str) -> Answer<()> {
    if memo.len() > MEMO_MAX {
        return Err(code::INVALID_MEMO.because(format_args!("memo must not exceed {MEMO_MAX} bytes")));
    }
    Ok(())
}
