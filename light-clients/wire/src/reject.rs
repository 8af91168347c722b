//! The one list of reasons for which this crate refuses something.

use crate::{Seconds, Sequence};
use alloc::string::String;
use alloy_primitives::B256;
use thiserror::Error;

/// Why bytes or values are not an acceptable packet, identifier, timeout or transfer. A reject is final: the same
/// input is refused for ever (timeouts: for the same `now`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// An identifier is too short or too long. Spec: ICS-24; packets validate client ids as channel ids.
    #[error("accept a {kind} of {length} characters: it needs {min} to {max}")]
    IdLength {
        /// Which identifier: `client id` or `port id`.
        kind: &'static str,
        /// Length found, in bytes.
        length: usize,
        /// Shortest length allowed.
        min: usize,
        /// Longest length allowed.
        max: usize,
    },
    /// An identifier holds a character outside letters, digits and `. _ + - # [ ] < >`.
    #[error(
        "accept a {kind} with byte 0x{byte:02x} at {position}: use letters, digits and . _ + - # [ ] < >"
    )]
    IdCharacter {
        /// Which identifier: `client id` or `port id`.
        kind: &'static str,
        /// The offending byte.
        byte: u8,
        /// Where it stands, from 0.
        position: usize,
    },
    /// Sequence 0 does not exist; the first packet of a client has sequence 1.
    #[error("accept sequence 0: sequences start at 1")]
    ZeroSequence,
    /// A field that must carry something is empty.
    #[error("accept an empty {field}")]
    Empty {
        /// Name of the field.
        field: &'static str,
    },
    /// A field is longer than its limit.
    #[error("accept a {field} of {length} bytes: at most {max}")]
    TooLong {
        /// Name of the field.
        field: &'static str,
        /// Length found, in bytes.
        length: usize,
        /// Longest length allowed, in bytes.
        max: usize,
    },
    /// A packet does not carry exactly one payload.
    #[error("accept a packet of {count} payloads: exactly one is supported")]
    PayloadCount {
        /// Number of payloads found.
        count: usize,
    },
    /// Timeout 0 is no point in time.
    #[error("accept timeout 0: give the Unix time in seconds")]
    ZeroTimeout,
    /// The packet's timeout is not in the future, so it can neither be sent nor received.
    #[error("accept a packet that timed out at {timeout}: the host's clock is at {now}")]
    TimedOut {
        /// The packet's timeout.
        timeout: Seconds,
        /// The host chain's block time.
        now: Seconds,
    },
    /// The packet's timeout is more than [`crate::TIMEOUT_AHEAD_MAX`] ahead.
    #[error("accept a timeout at {timeout}: at clock {now} the latest is {latest}")]
    TimeoutTooFar {
        /// The packet's timeout.
        timeout: Seconds,
        /// The host chain's block time.
        now: Seconds,
        /// The latest timeout that would be accepted now.
        latest: Seconds,
    },
    /// A timeout was claimed by a proof that is older than the timeout.
    #[error("time out packet before {timeout}: the proof is of {proven}, prove a later state")]
    NotTimedOut {
        /// The packet's timeout.
        timeout: Seconds,
        /// Timestamp of the state that proved the absence.
        proven: Seconds,
    },
    /// Bytes are not the one ABI encoding of the expected type.
    #[error("decode {what}: {length} bytes are not its canonical ABI encoding")]
    NotAbi {
        /// What was to be decoded.
        what: &'static str,
        /// Length of the input, in bytes.
        length: usize,
    },
    /// An encoding that no application here reads.
    #[error(
        "read encoding {found}: use application/json, application/x-protobuf or application/x-solidity-abi"
    )]
    UnknownEncoding {
        /// The encoding's name.
        found: String,
    },
    /// Bytes are not one JSON object of text values.
    #[error("decode {what}: byte {position} does not continue a JSON object of texts")]
    NotJson {
        /// What was to be decoded.
        what: &'static str,
        /// The first byte that does not fit, from 0.
        position: usize,
    },
    /// Bytes are not a protobuf message of length-delimited fields.
    #[error("decode {what}: byte {position} does not continue a protobuf message")]
    NotProtobuf {
        /// What was to be decoded.
        what: &'static str,
        /// The first byte that does not fit, from 0.
        position: usize,
    },
    /// A field that the type does not have; names are compared byte for byte, so another case is another field.
    #[error("decode {what}: it has no field like the one at byte {position}")]
    UnknownField {
        /// What was to be decoded.
        what: &'static str,
        /// Where the field starts, from 0.
        position: usize,
    },
    /// A field stands twice: readers differ on which one counts.
    #[error("decode {what}: field {field} stands twice, again at byte {position}")]
    DuplicateField {
        /// What was to be decoded.
        what: &'static str,
        /// The field's name.
        field: &'static str,
        /// Where it stands again, from 0.
        position: usize,
    },
    /// Bytes that can be read, and are not what writing the result again gives.
    #[error("decode {what}: byte {position} is not as its one encoding has it")]
    NotCanonical {
        /// What was to be decoded.
        what: &'static str,
        /// The first byte that differs, from 0.
        position: usize,
    },
    /// An amount as text is not a decimal number below 2^256 without leading zeros.
    #[error(
        "read an amount of {length} characters: write a decimal number below 2^256 without leading zeros"
    )]
    AmountText {
        /// Length of the text, in bytes.
        length: usize,
    },
    /// Bytes are not `client id ‖ kind ‖ sequence`.
    #[error(
        "read a path of {length} bytes with kind 0x{kind:02x}: expected client id, kind 1 to 3, 8 bytes sequence"
    )]
    PathShape {
        /// Length of the input, in bytes.
        length: usize,
        /// The byte where the kind stands (0 when the input is too short to have one).
        kind: u8,
    },
    /// A denomination has an empty segment, as in `transfer//x` or `transfer/client-0/`.
    #[error("accept a denomination whose segment {segment} is empty")]
    DenomSegment {
        /// Index of the empty segment, from 0.
        segment: usize,
    },
    /// A transfer of nothing.
    #[error("accept a transfer of amount 0")]
    ZeroAmount,
    /// An application's success acknowledgement equals the universal error acknowledgement.
    #[error("accept the universal error acknowledgement as a success")]
    ErrorAsSuccess,
    /// A batch starts with another byte than [`crate::batch::VERSION`].
    #[error("read a batch of version {found}: only version 1 is known")]
    BatchVersion {
        /// The version found.
        found: u8,
    },
    /// A batch ends inside a field.
    #[error("read {needed} more bytes of a batch: {left} are left")]
    BatchTruncated {
        /// How many bytes the field has.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// A message is none of received, acknowledged, timed out.
    #[error("read message {at} of a batch, of kind {kind}: expected 1 to 3")]
    BatchKind {
        /// Position of the message, from 0.
        at: usize,
        /// The kind found.
        kind: u8,
    },
    /// A message names a template that the batch does not have.
    #[error("find template {template} of message {at}: the batch has {templates}")]
    BatchTemplate {
        /// Position of the message, from 0.
        at: usize,
        /// The template it names, from 0.
        template: usize,
        /// How many there are.
        templates: usize,
    },
    /// A value is written in a form that is not known.
    #[error("read the value of message {at}, of form {form}: expected 0 or 1")]
    BatchForm {
        /// Position of the message, from 0.
        at: usize,
        /// The form found.
        form: u8,
    },
    /// An amount in a batch has no digits, more than 32, or a leading zero.
    #[error("read the amount of message {at}, of {length} bytes: it has 1 to 32, the first one not 0")]
    BatchAmount {
        /// Position of the message, from 0.
        at: usize,
        /// Length found, in bytes.
        length: usize,
    },
    /// A batch is followed by bytes, or has a pool and no message.
    #[error("read a batch: {left} bytes are left over")]
    BatchLeftOver {
        /// How many.
        left: usize,
    },
    /// There is more of something than a batch can count.
    #[error("write {count} {what} into a batch: at most {max}")]
    BatchFull {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// Most that can be counted.
        max: usize,
    },
    /// Bytes that name something are no text.
    #[error("accept a {field} of {length} bytes that are not UTF-8")]
    NotText {
        /// Name of the field.
        field: &'static str,
        /// Length found, in bytes.
        length: usize,
    },
    /// There is no sequence after the largest one.
    #[error("count beyond sequence {last}")]
    SequenceExhausted {
        /// The sequence that has no successor.
        last: Sequence,
    },
    /// A signature has neither 65 bytes (r, s, v) nor the 64 of EIP-2098.
    #[error("read a signature of {length} bytes: it has 65, or 64 in the form of EIP-2098")]
    SignatureLength {
        /// Length found, in bytes.
        length: usize,
    },
    /// The last byte of a signature of 65 bytes is neither 27 nor 28.
    #[error("read a signature with recovery byte {v}: it is 27 or 28")]
    RecoveryByte {
        /// The byte found.
        v: u8,
    },
    /// Each signature has a twin with the other `s`; only the lower one counts, so that there is one.
    #[error("accept a signature with s {s}: take the lower of s and n - s")]
    HighS {
        /// The `s` found.
        s: B256,
    },
    /// No key can have made the signature.
    #[error("find the signer of {digest}: no key can have made this signature")]
    Unrecoverable {
        /// What was signed.
        digest: B256,
    },
}

impl Reject {
    /// Name of the rule that was broken: the folder of the shared vectors that break it.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::IdLength { .. } => "id_length",
            Self::IdCharacter { .. } => "id_character",
            Self::ZeroSequence => "zero_sequence",
            Self::Empty { .. } => "empty",
            Self::TooLong { .. } => "too_long",
            Self::PayloadCount { .. } => "payload_count",
            Self::ZeroTimeout => "zero_timeout",
            Self::TimedOut { .. } => "timed_out",
            Self::TimeoutTooFar { .. } => "timeout_too_far",
            Self::NotTimedOut { .. } => "not_timed_out",
            Self::NotAbi { .. } => "not_abi",
            Self::UnknownEncoding { .. } => "unknown_encoding",
            Self::NotJson { .. } => "not_json",
            Self::NotProtobuf { .. } => "not_protobuf",
            Self::UnknownField { .. } => "unknown_field",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::NotCanonical { .. } => "not_canonical",
            Self::AmountText { .. } => "amount_text",
            Self::PathShape { .. } => "path_shape",
            Self::DenomSegment { .. } => "denom_segment",
            Self::ZeroAmount => "zero_amount",
            Self::ErrorAsSuccess => "error_as_success",
            Self::BatchVersion { .. } => "batch_version",
            Self::BatchTruncated { .. } => "batch_truncated",
            Self::BatchKind { .. } => "batch_kind",
            Self::BatchTemplate { .. } => "batch_template",
            Self::BatchForm { .. } => "batch_form",
            Self::BatchAmount { .. } => "batch_amount",
            Self::BatchLeftOver { .. } => "batch_left_over",
            Self::BatchFull { .. } => "batch_full",
            Self::NotText { .. } => "not_text",
            Self::SequenceExhausted { .. } => "sequence_exhausted",
            Self::SignatureLength { .. } => "signature_length",
            Self::RecoveryByte { .. } => "recovery_byte",
            Self::HighS { .. } => "high_s",
            Self::Unrecoverable { .. } => "unrecoverable",
        }
    }
}
