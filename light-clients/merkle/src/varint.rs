//! Numbers as protobuf and IAVL nodes write them: seven bits a byte, the lowest first, in the shortest form only.

use alloc::vec::Vec;

/// Bits of a byte that count.
const BITS: u32 = 7;
/// What a byte has set when another follows.
const MORE: u8 = 0x80;

/// Takes a number of at most 64 bits in its shortest form; none if there is no such number.
pub fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    let mut shift = 0u32;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & !MORE);
        let shifted = bits.checked_shl(shift)?;
        if shifted >> shift != bits {
            return None;
        }
        number |= shifted;
        if byte & MORE == 0 {
            let is_shortest = byte != 0 || shift == 0;
            return is_shortest.then_some(number);
        }
        shift = shift.checked_add(BITS)?;
    }
}

/// Appends a number.
pub fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= BITS;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | MORE);
    }
}

/// Appends a length.
pub fn put_length(bytes: &mut Vec<u8>, length: usize) {
    // No machine has addresses of more than 64 bits.
    put(bytes, u64::try_from(length).unwrap_or(u64::MAX));
}
