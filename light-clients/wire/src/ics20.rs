//! ICS-20: what a fungible-token transfer carries, in its three encodings, and how denominations are traced.
//!
//! Contracts read the ABI encoding of one tuple (denom, sender, receiver, amount, memo); in JSON and protobuf the amount
//! is text and stands second. Whether a token is at home
//! or a voucher is decided by the trace alone: a denomination that starts with the *sender's* port and client came
//! from the receiver and goes home; any other gets the *receiver's* port and client in front. The same token over
//! another client therefore is another asset (T-39).

use crate::{
    ClientId, Codec, Encoding, Payload, PortId, Reject, Value, Version,
    abi::decode_canonical,
    check::{check_length, check_text},
    flat::{self, Field, Form, Kind, Shape},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use core::fmt;

/// Version of the application protocol.
pub const VERSION: &str = "ics20-1";
/// Port of the transfer application on every chain.
pub const PORT: &str = "transfer";
/// Name of the ABI encoding in a payload.
pub const ENCODING: &str = Codec::Abi.name();
/// The acknowledgement of every successful transfer.
pub const SUCCESS_ACK: &[u8] = br#"{"result":"AQ=="}"#;
/// The acknowledgement of every failed transfer: [`crate::UNIVERSAL_ERROR_ACK`].
pub const ERROR_ACK: &[u8] = crate::UNIVERSAL_ERROR_ACK.as_slice();
/// Longest memo, in bytes.
pub const MEMO_MAX: usize = 32_768;
/// Longest receiver, in bytes.
pub const RECEIVER_MAX: usize = 2_048;

/// Fields of a transfer in JSON and protobuf.
const TRANSFER: Shape = Shape {
    what: "transfer",
    fields: &[
        text_field("denom"),
        text_field("amount"),
        text_field("sender"),
        text_field("receiver"),
        text_field("memo"),
    ],
};

#[allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]
mod solidity {
    alloy_sol_types::sol! {
        struct SolTransfer {
            string denom;
            string sender;
            string receiver;
            uint256 amount;
            string memo;
        }
    }
}

use solidity::SolTransfer;

/// A transfer of `amount` of `denom` from `sender` to `receiver`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The token, with its trace as the source chain knows it.
    pub denom: Denom,
    /// Who pays, in the source chain's form; gets the refund.
    pub sender: String,
    /// Who receives, in the destination chain's form.
    pub receiver: String,
    /// How many of the token's smallest units; never 0 in an accepted transfer.
    pub amount: U256,
    /// Free text for the receiver; may be empty.
    pub memo: String,
}

/// A denomination: `port/client/.../base`, with no empty segment. The base of an ERC-20 is its address as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Denom(String);

/// One end of a path, as traces name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End<'a> {
    /// Port of the transfer application on this end.
    pub port: &'a PortId,
    /// The client of the other chain on this end.
    pub client: &'a ClientId,
}

/// What a received denomination is on the destination chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It was sent from here and comes back: pay this denomination out of escrow.
    Home(Denom),
    /// It is of elsewhere: mint a voucher of this denomination.
    Voucher(Denom),
}

/// Encodes `transfer` as the value of a payload.
///
/// Errors: those of [`Transfer::check`].
pub fn encode(transfer: &Transfer) -> Result<Vec<u8>, Reject> {
    transfer.check()?;
    let Transfer {
        denom,
        sender,
        receiver,
        amount,
        memo,
    } = transfer.clone();
    Ok(SolTransfer {
        denom: denom.0,
        sender,
        receiver,
        amount,
        memo,
    }
    .abi_encode())
}

/// Decodes a transfer from its one ABI encoding.
///
/// Errors: [`Reject::NotAbi`], those of [`Denom::new`] and of [`Transfer::check`].
pub fn decode(value: &[u8]) -> Result<Transfer, Reject> {
    let SolTransfer {
        denom,
        sender,
        receiver,
        amount,
        memo,
    } = decode_canonical("transfer", value)?;
    let transfer = Transfer {
        denom: Denom::new(denom)?,
        sender,
        receiver,
        amount,
        memo,
    };
    transfer.check()?;
    Ok(transfer)
}

/// Encodes `transfer` in any of the encodings.
///
/// Errors: those of [`Transfer::check`].
pub fn encode_in(codec: Codec, transfer: &Transfer) -> Result<Vec<u8>, Reject> {
    let form = match codec {
        Codec::Json => Form::Json,
        Codec::Protobuf => Form::Protobuf,
        Codec::Abi => return encode(transfer),
    };
    transfer.check()?;
    let amount = transfer.amount.to_string();
    let texts = [
        &transfer.denom.0,
        &amount,
        &transfer.sender,
        &transfer.receiver,
        &transfer.memo,
    ];
    Ok(flat::encode(&TRANSFER, form, &texts.map(|text| text.as_bytes())))
}

/// Decodes a transfer from its one encoding in `codec`.
///
/// Errors: those of [`decode`]; [`Reject::NotJson`], [`Reject::NotProtobuf`], [`Reject::UnknownField`],
/// [`Reject::DuplicateField`], [`Reject::NotCanonical`], [`Reject::AmountText`].
pub fn decode_in(codec: Codec, value: &[u8]) -> Result<Transfer, Reject> {
    let form = match codec {
        Codec::Json => Form::Json,
        Codec::Protobuf => Form::Protobuf,
        Codec::Abi => return decode(value),
    };
    let mut values = flat::decode(&TRANSFER, form, value)?.into_iter();
    let mut text = || flat::text(TRANSFER.what, &mut values);
    let (denom, amount) = (text()?, text()?);
    let transfer = Transfer {
        denom: Denom::new(denom)?,
        amount: parse_amount(&amount)?,
        sender: text()?,
        receiver: text()?,
        memo: text()?,
    };
    transfer.check()?;
    Ok(transfer)
}

impl Transfer {
    /// Checks what holds on both sides of every transfer, whatever the token.
    ///
    /// Errors: [`Reject::Empty`] sender or receiver, [`Reject::ZeroAmount`], [`Reject::TooLong`] memo or receiver.
    pub fn check(&self) -> Result<(), Reject> {
        check_text("sender", &self.sender, None)?;
        check_text("receiver", &self.receiver, Some(RECEIVER_MAX))?;
        if self.amount.is_zero() {
            return Err(Reject::ZeroAmount);
        }
        check_length("memo", self.memo.len(), MEMO_MAX)
    }

    /// The payload that carries this transfer between the two transfer applications.
    ///
    /// Errors: those of [`encode`]; [`Reject::TooLong`] when the encoding exceeds the limit of a payload.
    pub fn to_payload(&self) -> Result<Payload, Reject> {
        Ok(Payload {
            source_port: PortId::new(PORT)?,
            destination_port: PortId::new(PORT)?,
            version: Version::new(VERSION)?,
            encoding: Encoding::new(ENCODING)?,
            value: Value::new(encode(self)?)?,
        })
    }
}

impl Denom {
    /// Errors: [`Reject::DenomSegment`] for an empty segment, which includes the empty text.
    pub fn new(denom: impl Into<String>) -> Result<Self, Reject> {
        let denom = denom.into();
        match denom.split('/').position(str::is_empty) {
            Some(segment) => Err(Reject::DenomSegment { segment }),
            None => Ok(Self(denom)),
        }
    }

    /// The full trace as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What this denomination, sent from `source`, is on `destination`.
    pub fn arrive(&self, source: End<'_>, destination: End<'_>) -> Arrival {
        match self.without_hop(source) {
            Some(home) => Arrival::Home(home),
            None => Arrival::Voucher(self.with_hop(destination)),
        }
    }

    /// The trace one hop longer: `port/client/` in front.
    pub fn with_hop(&self, end: End<'_>) -> Self {
        Self(format!("{}/{}/{}", end.port, end.client, self.0))
    }

    /// The trace one hop shorter, when `end` is its first hop: on `end`'s own chain that says the token is a
    /// voucher that came over this client.
    pub fn without_hop(&self, end: End<'_>) -> Option<Self> {
        let rest = self.0.strip_prefix(end.port.as_str())?.strip_prefix('/')?;
        let rest = rest.strip_prefix(end.client.as_str())?.strip_prefix('/')?;
        Some(Self(rest.into()))
    }
}

impl fmt::Display for Denom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a decimal number as `U256` writes it.
fn parse_amount(text: &str) -> Result<U256, Reject> {
    let refused = Reject::AmountText { length: text.len() };
    let mut amount = U256::ZERO;
    for digit in text.chars() {
        let digit = digit.to_digit(10).ok_or_else(|| refused.clone())?;
        amount = amount
            .checked_mul(U256::from(10))
            .and_then(|amount| amount.checked_add(U256::from(digit)))
            .ok_or_else(|| refused.clone())?;
    }
    if amount.to_string() == text {
        Ok(amount)
    } else {
        Err(refused)
    }
}

const fn text_field(name: &'static str) -> Field {
    let kind = Kind::Text;
    Field { name, kind }
}
