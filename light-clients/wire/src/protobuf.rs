//! Flat messages in protobuf: keys of one byte, lengths as varints.

use crate::{
    Reject,
    flat::{Kind, Shape, Values},
};
use alloc::vec::Vec;

/// Wire type of text and bytes.
const LENGTH_DELIMITED: u8 = 2;
/// Bits of a key below the tag.
const TYPE_BITS: u32 = 3;
/// Bits of a varint's byte that count.
const VARINT_BITS: u32 = 7;
/// What a varint's byte has set when another follows.
const MORE: u8 = 0x80;

/// Writes the values that are not empty, in ascending order of tags.
pub(crate) fn encode(values: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, value) in (1u8..).zip(values) {
        if !value.is_empty() {
            bytes.push((tag << TYPE_BITS) | LENGTH_DELIMITED);
            put_varint(&mut bytes, value.len());
            bytes.extend_from_slice(value);
        }
    }
    bytes
}

/// Reads a message's values.
///
/// Errors: [`Reject::NotProtobuf`], [`Reject::UnknownField`], [`Reject::DuplicateField`].
pub(crate) fn decode(shape: &Shape, bytes: &[u8]) -> Result<Values, Reject> {
    let mut values = shape.empty();
    let mut rest = bytes;
    while let Some((key, after)) = rest.split_first() {
        let position = bytes.len().saturating_sub(rest.len());
        let refused = Reject::NotProtobuf {
            what: shape.what,
            position,
        };
        // Tags below 16 have a key of one byte; a longer key is another tag, or this one written too long.
        let index = usize::from(key >> TYPE_BITS)
            .checked_sub(1)
            .ok_or_else(|| refused.clone())?;
        if key & MORE != 0 || index >= shape.fields.len() {
            let what = shape.what;
            return Err(Reject::UnknownField { what, position });
        }
        if key & !(u8::MAX << TYPE_BITS) != LENGTH_DELIMITED {
            return Err(refused);
        }
        let (length, after) = take_varint(after).ok_or_else(|| refused.clone())?;
        let (value, after) = after.split_at_checked(length).ok_or_else(|| refused.clone())?;
        let text = shape
            .fields
            .get(index)
            .is_some_and(|field| field.kind == Kind::Text);
        if text && core::str::from_utf8(value).is_err() {
            return Err(refused);
        }
        shape.put(&mut values, index, value.to_vec(), position)?;
        rest = after;
    }
    Ok(values.into_iter().map(Option::unwrap_or_default).collect())
}

fn put_varint(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= VARINT_BITS;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | MORE);
    }
}

/// Reads a length; one that is written too long is found when the message is written again.
fn take_varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0usize;
    let mut shift = 0u32;
    let mut rest = bytes;
    loop {
        let (byte, after) = rest.split_first()?;
        let bits = usize::from(byte & !MORE);
        let shifted = bits.checked_shl(shift)?;
        if shifted >> shift != bits {
            return None;
        }
        number |= shifted;
        rest = after;
        if byte & MORE == 0 {
            return Some((number, rest));
        }
        shift = shift.checked_add(VARINT_BITS)?;
    }
}
