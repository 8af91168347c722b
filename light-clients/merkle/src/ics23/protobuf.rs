//! Canonical protobuf: each message has one encoding.
//!
//! Fields come in ascending order, each at most once unless it repeats, integers in their shortest form, and a field
//! that has its default is left out. That is what the encoders of Cosmos chains write.
//!
//! Spec: protobuf encoding; ADR-027 of the Cosmos SDK.

use super::Fault;
use crate::varint;

/// Bits of a key below the field's number.
const TYPE_BITS: u32 = 3;
/// Wire type of numbers.
const VARINT: u8 = 0;
/// Wire type of bytes and messages.
const LENGTH_DELIMITED: u8 = 2;

/// What is left of a message.
pub(super) struct Fields<'a> {
    message: &'static str,
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// All fields of the `message` with this encoding.
    pub(super) const fn of(message: &'static str, encoding: &'a [u8]) -> Self {
        Self {
            message,
            rest: encoding,
        }
    }

    /// The number of the next field, whatever its type; none at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().map(|key| key >> TYPE_BITS)
    }

    /// Takes the number in field `field`; 0 if the next field is another.
    pub(super) fn number(&mut self, field: u8) -> Result<u64, Fault> {
        if !self.take_key(field, VARINT) {
            return Ok(0);
        }
        match self.take_varint()? {
            0 => Err(self.default_written(field)),
            number => Ok(number),
        }
    }

    /// Takes the bytes in field `field`; empty if the next field is another.
    pub(super) fn bytes(&mut self, field: u8) -> Result<&'a [u8], Fault> {
        match self.message(field)? {
            Some([]) => Err(self.default_written(field)),
            found => Ok(found.unwrap_or_default()),
        }
    }

    /// Takes the encoding of the message in field `field`; none if the next field is another.
    pub(super) fn message(&mut self, field: u8) -> Result<Option<&'a [u8]>, Fault> {
        if !self.take_key(field, LENGTH_DELIMITED) {
            return Ok(None);
        }
        let needed = self.take_varint()?;
        let parts = usize::try_from(needed)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length));
        let (content, rest) = parts.ok_or(Fault::Truncated {
            message: self.message,
            needed,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        Ok(Some(content))
    }

    /// Checks that no field is left.
    pub(super) fn end(self) -> Result<(), Fault> {
        match self.rest.first() {
            None => Ok(()),
            Some(&key) => Err(Fault::Field {
                message: self.message,
                key,
            }),
        }
    }

    /// Takes the key of a field, if it is next. All numbers of fields are below 16, so a key has one byte.
    fn take_key(&mut self, field: u8, wire_type: u8) -> bool {
        match self.rest.split_first() {
            Some((&key, rest)) if key == (field << TYPE_BITS) | wire_type => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn take_varint(&mut self) -> Result<u64, Fault> {
        varint::take(&mut self.rest).ok_or(Fault::Varint {
            message: self.message,
        })
    }

    const fn default_written(&self, field: u8) -> Fault {
        Fault::DefaultWritten {
            message: self.message,
            field,
        }
    }
}
