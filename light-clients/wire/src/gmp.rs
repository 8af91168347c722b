//! ICS-27 GMP: a call of a contract by a sender on another chain, and what the call returned.
//!
//! The receiving chain gives every (client, sender, salt) an account that makes the call. What a receiver and a
//! payload mean is that chain's business: on an EVM chain an address and its call data, on a Cosmos chain nothing and
//! a transaction.

use crate::{
    Codec, Reject,
    abi::decode_canonical,
    check::{check_length, check_text},
    flat::{self, Field, Form, Kind, Shape},
};
use alloc::{string::String, vec::Vec};
use alloy_sol_types::SolValue;

/// Version of the application protocol.
pub const VERSION: &str = "ics27-2";
/// Port of the application on every chain.
pub const PORT: &str = "gmpport";
/// Longest sender, in bytes.
pub const SENDER_MAX: usize = 2_048;
/// Longest receiver, in bytes.
pub const RECEIVER_MAX: usize = 2_048;
/// Longest salt, in bytes.
pub const SALT_MAX: usize = 32;
/// Longest payload, in bytes.
pub const PAYLOAD_MAX: usize = 32_768;
/// Longest memo, in bytes.
pub const MEMO_MAX: usize = 32_768;

const CALL: Shape = Shape {
    what: "call",
    fields: &[
        field("sender", Kind::Text),
        field("receiver", Kind::Text),
        field("salt", Kind::Bytes),
        field("payload", Kind::Bytes),
        field("memo", Kind::Text),
    ],
};

const ANSWER: Shape = Shape {
    what: "answer",
    fields: &[field("result", Kind::Bytes)],
};

#[allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]
mod solidity {
    alloy_sol_types::sol! {
        struct SolCall {
            string sender;
            string receiver;
            bytes salt;
            bytes payload;
            string memo;
        }

        struct SolAnswer {
            bytes result;
        }
    }
}

use solidity::{SolAnswer, SolCall};

/// A call that `sender` asks for on another chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who asks, in the source chain's form; an EVM chain writes an address with its checksum.
    pub sender: String,
    /// What is to be called; empty where the payload says it.
    pub receiver: String,
    /// Which of the sender's accounts makes the call.
    pub salt: Vec<u8>,
    /// What the call says.
    pub payload: Vec<u8>,
    /// Free text; may be empty.
    pub memo: String,
}

/// What a call returned: the acknowledgement of a call that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The returned bytes.
    pub result: Vec<u8>,
}

impl Call {
    /// Checks what holds on every chain.
    ///
    /// Errors: [`Reject::Empty`] sender, [`Reject::TooLong`].
    pub fn check(&self) -> Result<(), Reject> {
        check_text("sender", &self.sender, Some(SENDER_MAX))?;
        check_length("receiver", self.receiver.len(), RECEIVER_MAX)?;
        check_length("salt", self.salt.len(), SALT_MAX)?;
        check_length("payload", self.payload.len(), PAYLOAD_MAX)?;
        check_length("memo", self.memo.len(), MEMO_MAX)
    }
}

/// Encodes `call` as the value of a payload.
///
/// Errors: those of [`Call::check`].
pub fn encode(codec: Codec, call: &Call) -> Result<Vec<u8>, Reject> {
    call.check()?;
    let values = [
        call.sender.as_bytes(),
        call.receiver.as_bytes(),
        &call.salt,
        &call.payload,
        call.memo.as_bytes(),
    ];
    Ok(match codec {
        Codec::Json => flat::encode(&CALL, Form::Json, &values),
        Codec::Protobuf => flat::encode(&CALL, Form::Protobuf, &values),
        Codec::Abi => SolCall {
            sender: call.sender.clone(),
            receiver: call.receiver.clone(),
            salt: call.salt.clone().into(),
            payload: call.payload.clone().into(),
            memo: call.memo.clone(),
        }
        .abi_encode(),
    })
}

/// Decodes a call from its one encoding in `codec`.
///
/// Errors: [`Reject::NotAbi`], [`Reject::NotJson`], [`Reject::NotProtobuf`], [`Reject::UnknownField`],
/// [`Reject::DuplicateField`], [`Reject::NotCanonical`], and those of [`Call::check`].
pub fn decode(codec: Codec, value: &[u8]) -> Result<Call, Reject> {
    let call = match codec {
        Codec::Json => from_values(flat::decode(&CALL, Form::Json, value)?)?,
        Codec::Protobuf => from_values(flat::decode(&CALL, Form::Protobuf, value)?)?,
        Codec::Abi => {
            let call: SolCall = decode_canonical(CALL.what, value)?;
            Call {
                sender: call.sender,
                receiver: call.receiver,
                salt: call.salt.into(),
                payload: call.payload.into(),
                memo: call.memo,
            }
        }
    };
    call.check()?;
    Ok(call)
}

/// Encodes what a call returned as an acknowledgement.
///
/// Errors: [`Reject::Empty`] where an empty result is written as no bytes, which no acknowledgement is.
pub fn encode_answer(codec: Codec, answer: &Answer) -> Result<Vec<u8>, Reject> {
    let bytes = match codec {
        Codec::Json => flat::encode(&ANSWER, Form::Json, &[&answer.result]),
        Codec::Protobuf => flat::encode(&ANSWER, Form::Protobuf, &[&answer.result]),
        Codec::Abi => SolAnswer {
            result: answer.result.clone().into(),
        }
        .abi_encode(),
    };
    check_length_min("acknowledgement", &bytes)?;
    Ok(bytes)
}

/// Decodes what a call returned from its one encoding in `codec`. An acknowledgement that is the universal error is
/// none of these.
///
/// Errors: as [`decode`], and [`Reject::Empty`].
pub fn decode_answer(codec: Codec, acknowledgement: &[u8]) -> Result<Answer, Reject> {
    check_length_min("acknowledgement", acknowledgement)?;
    let form = match codec {
        Codec::Json => Form::Json,
        Codec::Protobuf => Form::Protobuf,
        Codec::Abi => {
            let answer: SolAnswer = decode_canonical(ANSWER.what, acknowledgement)?;
            let result = answer.result.into();
            return Ok(Answer { result });
        }
    };
    let mut values = flat::decode(&ANSWER, form, acknowledgement)?.into_iter();
    let result = values.next().unwrap_or_default();
    Ok(Answer { result })
}

fn from_values(values: flat::Values) -> Result<Call, Reject> {
    let mut values = values.into_iter();
    Ok(Call {
        sender: flat::text(CALL.what, &mut values)?,
        receiver: flat::text(CALL.what, &mut values)?,
        salt: values.next().unwrap_or_default(),
        payload: values.next().unwrap_or_default(),
        memo: flat::text(CALL.what, &mut values)?,
    })
}

fn check_length_min(field: &'static str, bytes: &[u8]) -> Result<(), Reject> {
    if bytes.is_empty() {
        Err(Reject::Empty { field })
    } else {
        Ok(())
    }
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}
