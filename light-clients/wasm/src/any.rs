//! The two envelopes that 08-wasm keeps in a client's store: protobuf's `Any` around a client state or a consensus state.
//!
//! Both directions, one encoding: what reads differently when it is written again is refused. ibc-go writes the same bytes.

use alloc::vec::Vec;

/// Type of the client's state.
const CLIENT_STATE: &[u8] = b"/ibc.lightclients.wasm.v1.ClientState";
/// Type of a consensus state.
const CONSENSUS_STATE: &[u8] = b"/ibc.lightclients.wasm.v1.ConsensusState";

/// Bits of a varint's byte that count.
const VARINT_BITS: u32 = 7;
/// What a varint's byte has set when another follows.
const MORE: u8 = 0x80;

/// A client state as the host keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientState {
    /// Ours.
    pub(crate) data: Vec<u8>,
    /// Of the code that judges.
    pub(crate) checksum: Vec<u8>,
    /// Revision number and height of the newest state.
    pub(crate) latest: (u64, u64),
}

impl ClientState {
    pub(crate) fn to_any(&self) -> Vec<u8> {
        let mut height = Vec::new();
        put_number(&mut height, 1, self.latest.0);
        put_number(&mut height, 2, self.latest.1);
        let mut state = Vec::new();
        put_bytes(&mut state, 1, &self.data);
        put_bytes(&mut state, 2, &self.checksum);
        // Never left out, as the host does: it is no pointer there.
        put_field(&mut state, 3, &height);
        any(CLIENT_STATE, &state)
    }

    pub(crate) fn from_any(bytes: &[u8]) -> Option<Self> {
        let inner = of_any(CLIENT_STATE, bytes)?;
        let mut state = Self::default();
        for field in fields(&inner)? {
            match field {
                (1, Value::Bytes(data)) => state.data = data.to_vec(),
                (2, Value::Bytes(checksum)) => state.checksum = checksum.to_vec(),
                (3, Value::Bytes(height)) => {
                    for part in fields(height)? {
                        match part {
                            (1, Value::Number(number)) => state.latest.0 = number,
                            (2, Value::Number(number)) => state.latest.1 = number,
                            _ => return None,
                        }
                    }
                }
                _ => return None,
            }
        }
        (state.to_any() == bytes).then_some(state)
    }
}

/// A consensus state around `data`.
pub(crate) fn consensus_to_any(data: &[u8]) -> Vec<u8> {
    let mut state = Vec::new();
    put_bytes(&mut state, 1, data);
    any(CONSENSUS_STATE, &state)
}

/// What is in a consensus state.
pub(crate) fn consensus_from_any(bytes: &[u8]) -> Option<Vec<u8>> {
    let inner = of_any(CONSENSUS_STATE, bytes)?;
    let mut found = fields(&inner)?.into_iter();
    let (Some((1, Value::Bytes(data))), None) = (found.next(), found.next()) else {
        return None;
    };
    (consensus_to_any(data) == bytes).then(|| data.to_vec())
}

fn any(url: &[u8], value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, 1, url);
    put_bytes(&mut out, 2, value);
    out
}

fn of_any(url: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut found = fields(bytes)?.into_iter();
    match (found.next(), found.next(), found.next()) {
        (Some((1, Value::Bytes(named))), Some((2, Value::Bytes(value))), None) if named == url => {
            Some(value.to_vec())
        }
        _ => None,
    }
}

/// A field's value.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// All fields of a message, in their order.
fn fields(bytes: &[u8]) -> Option<Vec<(u8, Value<'_>)>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((key, after)) = rest.split_first() {
        let (number, after) = take_varint(after)?;
        let tag = key >> 3;
        rest = match key & 7 {
            0 => {
                found.push((tag, Value::Number(number)));
                after
            }
            2 => {
                let (value, after) = after.split_at_checked(usize::try_from(number).ok()?)?;
                found.push((tag, Value::Bytes(value)));
                after
            }
            _ => return None,
        };
    }
    Some(found)
}

/// Writes a number that is not 0.
fn put_number(out: &mut Vec<u8>, tag: u8, number: u64) {
    if number != 0 {
        out.push(tag << 3);
        put_varint(out, number);
    }
}

/// Writes bytes if there are any.
fn put_bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_field(out, tag, bytes);
    }
}

fn put_field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push((tag << 3) | 2);
    put_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= VARINT_BITS;
        if number == 0 {
            return out.push(low & !MORE);
        }
        out.push(low | MORE);
    }
}

/// Reads a number; one that is written too long is found when it is written again.
fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (mut number, mut shift, mut rest) = (0u64, 0u32, bytes);
    loop {
        let (byte, after) = rest.split_first()?;
        let bits = u64::from(byte & !MORE);
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
