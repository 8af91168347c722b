//! Protobuf as CometBFT writes it, and only so: fields in ascending order, varints without idle bytes, nothing unknown,
//! nothing twice, no value written that leaving it out would mean.
//!
//! Reading follows the order of the tags. What is out of order, unknown or twice is never asked for, so it is left over and
//! refused at the end. All tags here are below 16, so a key is one byte.

use alloc::vec::Vec;

use merkle::varint;

use crate::reject::Reject;

/// Wire type of a number.
const VARINT: u8 = 0;
/// Wire type of eight bytes.
const FIXED64: u8 = 1;
/// Wire type of bytes, text and messages.
const BYTES: u8 = 2;
/// Bits of a key below the tag.
const TYPE_BITS: u32 = 3;

/// A message that is being read.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    part: &'static str,
}

impl<'a> Reader<'a> {
    /// - `part`: what the message is, for the error.
    pub(crate) const fn new(bytes: &'a [u8], part: &'static str) -> Self {
        Self { rest: bytes, part }
    }

    /// What is wrong with this message.
    pub(crate) const fn malformed(&self) -> Reject {
        Reject::Malformed { part: self.part }
    }

    /// The number under `tag`; 0 if it is not there.
    pub(crate) fn varint(&mut self, tag: u8) -> Result<u64, Reject> {
        if !self.begins(tag, VARINT) {
            return Ok(0);
        }
        match self.take_varint()? {
            0 => Err(self.malformed()),
            number => Ok(number),
        }
    }

    /// The number under `tag` that has to be below 2^31; 0 if it is not there.
    pub(crate) fn small(&mut self, tag: u8) -> Result<u32, Reject> {
        let number = self.varint(tag)?;
        match i32::try_from(number) {
            Ok(small) => u32::try_from(small).map_err(|_| self.malformed()),
            Err(_) => Err(self.malformed()),
        }
    }

    /// The bytes under `tag`; none if they are not there.
    pub(crate) fn bytes(&mut self, tag: u8) -> Result<&'a [u8], Reject> {
        match self.field(tag)? {
            None => Ok(&[]),
            Some([]) => Err(self.malformed()),
            Some(bytes) => Ok(bytes),
        }
    }

    /// Exactly `N` bytes under `tag`.
    pub(crate) fn array<const N: usize>(&mut self, tag: u8) -> Result<[u8; N], Reject> {
        self.bytes(tag)?.try_into().map_err(|_| self.malformed())
    }

    /// What is length-delimited under `tag`, empty or not.
    pub(crate) fn field(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Reject> {
        if !self.begins(tag, BYTES) {
            return Ok(None);
        }
        let length = usize::try_from(self.take_varint()?).map_err(|_| self.malformed())?;
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(Some(bytes))
    }

    /// The message under `tag`, if it is there.
    pub(crate) fn message(&mut self, tag: u8, part: &'static str) -> Result<Option<Reader<'a>>, Reject> {
        Ok(self.field(tag)?.map(|bytes| Reader::new(bytes, part)))
    }

    /// The message under `tag`, which has to be there.
    pub(crate) fn required(&mut self, tag: u8, part: &'static str) -> Result<Reader<'a>, Reject> {
        self.message(tag, part)?.ok_or(Reject::Malformed { part })
    }

    /// Nothing is left.
    pub(crate) fn end(self) -> Result<(), Reject> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.malformed())
        }
    }

    /// The tag of what comes next.
    pub(crate) fn next_tag(&self) -> Option<u8> {
        self.rest.first().map(|key| key >> TYPE_BITS)
    }

    /// Whether `tag` comes next; then its key is gone.
    fn begins(&mut self, tag: u8, wire_type: u8) -> bool {
        match self.rest.split_first() {
            Some((key, rest)) if *key == (tag << TYPE_BITS) | wire_type => {
                self.rest = rest;
                true
            }
            Some(_) | None => false,
        }
    }

    fn take_varint(&mut self) -> Result<u64, Reject> {
        varint::take(&mut self.rest).ok_or_else(|| self.malformed())
    }
}

/// A message that is being written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A number; left out if it is 0.
    pub(crate) fn varint(mut self, tag: u8, number: u64) -> Self {
        if number != 0 {
            self.out.push((tag << TYPE_BITS) | VARINT);
            varint::put(&mut self.out, number);
        }
        self
    }

    /// A number that may be negative; left out if it is 0.
    pub(crate) fn signed(self, tag: u8, number: i64) -> Self {
        self.varint(tag, u64::from_le_bytes(number.to_le_bytes()))
    }

    /// A number in eight bytes; left out if it is 0.
    pub(crate) fn fixed64(mut self, tag: u8, number: u64) -> Self {
        if number != 0 {
            self.out.push((tag << TYPE_BITS) | FIXED64);
            self.out.extend_from_slice(&number.to_le_bytes());
        }
        self
    }

    /// Bytes or text; left out if they are empty.
    pub(crate) fn bytes(self, tag: u8, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            self
        } else {
            self.message(tag, bytes)
        }
    }

    /// A message, also if it is empty.
    pub(crate) fn message(mut self, tag: u8, bytes: &[u8]) -> Self {
        self.out.push((tag << TYPE_BITS) | BYTES);
        varint::put_length(&mut self.out, bytes.len());
        self.out.extend_from_slice(bytes);
        self
    }

    /// What was written.
    pub(crate) fn done(self) -> Vec<u8> {
        self.out
    }

    /// What was written, after its length.
    pub(crate) fn delimited(self) -> Vec<u8> {
        let mut out = Vec::new();
        varint::put_length(&mut out, self.out.len());
        out.extend(self.out);
        out
    }
}
