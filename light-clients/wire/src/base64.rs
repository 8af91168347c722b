//! Base64 with the standard alphabet and padding, as JSON carries bytes.

use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING: u8 = b'=';
/// Bits of a digit.
const DIGIT_BITS: u32 = 6;

/// Writes bytes, four digits for every three.
#[must_use]
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut digits = Vec::new();
    for group in bytes.chunks(3) {
        let mut three = group.iter().copied().chain([0, 0]);
        let [a, b, c] = [three.next(), three.next(), three.next()].map(Option::unwrap_or_default);
        let bits = u32::from_be_bytes([0, a, b, c]);
        for (place, shift) in [18u32, 12, 6, 0].into_iter().enumerate() {
            let digit = (bits >> shift) & 0x3f;
            let letter = usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit));
            digits.push(if place > group.len() {
                PADDING
            } else {
                letter.copied().unwrap_or(PADDING)
            });
        }
    }
    digits
}

/// Reads bytes; nothing for text that is not padded base64. Bits behind the last byte are not looked at.
#[must_use]
pub fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let padding = digits.iter().rev().take_while(|digit| **digit == PADDING).count();
    if padding > 2 || digits.len().checked_rem(4)? != 0 {
        return None;
    }
    let body = digits.get(..digits.len().checked_sub(padding)?)?;
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for digit in body {
        bits = ((bits << DIGIT_BITS) | u32::from(value_of(*digit)?)) & 0x3fff;
        held = held.checked_add(DIGIT_BITS)?;
        if let Some(left) = held.checked_sub(8) {
            let [low, ..] = (bits >> left).to_le_bytes();
            bytes.push(low);
            held = left;
        }
    }
    Some(bytes)
}

/// What a digit counts. Looked up without a search: in wasm every step of it is paid for.
fn value_of(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a' - 26),
        b'0'..=b'9' => digit.checked_add(52 - b'0'),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
