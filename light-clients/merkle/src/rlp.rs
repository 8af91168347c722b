//! Canonical RLP: one item at a time, borrowed from the input.
//!
//! Every form that is longer than it must be is refused, so a value has one encoding. What is inside a list is
//! checked when it is taken out, item by item.
//!
//! Spec: Ethereum yellow paper, appendix B.

use crate::Reject;

/// Longest content that the short forms can announce, in bytes.
const SHORT_MAX: u64 = 55;
/// First byte of an empty string; strings of n bytes up to 55 start with `STRING + n`.
const STRING: u8 = 0x80;
/// Strings whose length has n bytes start with `STRING_LONG + n`.
const STRING_LONG: u8 = 0xb7;
/// First byte of an empty list; lists of n bytes up to 55 start with `LIST + n`.
const LIST: u8 = 0xc0;
/// Lists whose length has n bytes start with `LIST_LONG + n`.
const LIST_LONG: u8 = 0xf7;

/// An RLP item without its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A string of bytes.
    String(&'a [u8]),
    /// The encodings of a list's items, one after the other.
    List(&'a [u8]),
}

/// Takes the first item off `input` and returns it with its whole encoding.
///
/// Errors: [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`].
pub fn take<'a>(input: &mut &'a [u8]) -> Result<(Item<'a>, &'a [u8]), Reject> {
    let whole = *input;
    let first = *whole.first().ok_or(Reject::RlpTruncated { needed: 1, left: 0 })?;
    let mut rest = whole;
    let item = match first {
        0..STRING => Item::String(take_bytes(&mut rest, 1)?),
        STRING..=STRING_LONG => Item::String(take_short_string(&mut rest, first)?),
        LIST..=LIST_LONG => Item::List(take_short(&mut rest, first, LIST)?),
        0xb8..LIST => Item::String(take_long(&mut rest, first, STRING_LONG)?),
        0xf8..=0xff => Item::List(take_long(&mut rest, first, LIST_LONG)?),
    };
    let used = whole.len().saturating_sub(rest.len());
    let encoding = take_bytes(input, widen(used))?;
    Ok((item, encoding))
}

/// Reads `input` as exactly one string.
///
/// - `what`: what is read, for the error.
///
/// Errors: [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`], [`Reject::RlpKind`], [`Reject::TrailingBytes`].
pub fn only_string<'a>(what: &'static str, input: &'a [u8]) -> Result<&'a [u8], Reject> {
    let mut rest = input;
    let content = match take(&mut rest)?.0 {
        Item::String(content) => content,
        Item::List(_) => return Err(Reject::RlpKind { what }),
    };
    check_end(what, rest)?;
    Ok(content)
}

/// Reads `input` as exactly one list and returns the encodings of its items.
///
/// - `what`: what is read, for the error.
///
/// Errors: [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`], [`Reject::RlpKind`], [`Reject::TrailingBytes`].
pub fn only_list<'a>(what: &'static str, input: &'a [u8]) -> Result<&'a [u8], Reject> {
    let mut rest = input;
    let items = match take(&mut rest)?.0 {
        Item::List(items) => items,
        Item::String(_) => return Err(Reject::RlpKind { what }),
    };
    check_end(what, rest)?;
    Ok(items)
}

/// Checks that `content` is a big-endian integer of at most `max` bytes without leading zeros (zero is empty).
///
/// Errors: [`Reject::Integer`].
pub fn check_integer(what: &'static str, content: &[u8], max: usize) -> Result<(), Reject> {
    let length = content.len();
    let first = content.first().copied().unwrap_or_default();
    let leading_zero = content.first() == Some(&0);
    if length > max || leading_zero {
        return Err(Reject::Integer {
            what,
            length,
            first,
            max,
        });
    }
    Ok(())
}

/// Errors: [`Reject::TrailingBytes`] unless `rest` is empty.
pub(crate) fn check_end(what: &'static str, rest: &[u8]) -> Result<(), Reject> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Reject::TrailingBytes {
            what,
            left: rest.len(),
        })
    }
}

/// A string of up to 55 bytes; a single byte below 0x80 must be its own encoding.
fn take_short_string<'a>(rest: &mut &'a [u8], first: u8) -> Result<&'a [u8], Reject> {
    match take_short(rest, first, STRING)? {
        [byte] if *byte < STRING => Err(Reject::RlpNotCanonical { first }),
        content => Ok(content),
    }
}

fn take_short<'a>(rest: &mut &'a [u8], first: u8, base: u8) -> Result<&'a [u8], Reject> {
    take_bytes(rest, 1)?;
    take_bytes(rest, u64::from(first.saturating_sub(base)))
}

/// Content whose length is spelled out; the length has no leading zero and could not have used the short form.
fn take_long<'a>(rest: &mut &'a [u8], first: u8, base: u8) -> Result<&'a [u8], Reject> {
    take_bytes(rest, 1)?;
    let digits = take_bytes(rest, u64::from(first.saturating_sub(base)))?;
    // Bound: a length has at most 8 digits, so no bit is shifted out.
    let length = digits
        .iter()
        .fold(0u64, |length, digit| (length << 8) | u64::from(*digit));
    if digits.first() == Some(&0) || length <= SHORT_MAX {
        return Err(Reject::RlpNotCanonical { first });
    }
    take_bytes(rest, length)
}

fn take_bytes<'a>(rest: &mut &'a [u8], needed: u64) -> Result<&'a [u8], Reject> {
    let truncated = Reject::RlpTruncated {
        needed,
        left: rest.len(),
    };
    let Ok(length) = usize::try_from(needed) else {
        return Err(truncated);
    };
    let (taken, after) = rest.split_at_checked(length).ok_or(truncated)?;
    *rest = after;
    Ok(taken)
}

/// A length in memory as 64 bits; on every platform of the project that is lossless.
fn widen(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
