//! The value of an ICS-20 transfer between accounts of EVM chains: its parts, and the one ABI encoding that they stand
//! for.
//!
//! Texts are bytes here: what a router rebuilds is decided by their bytes, whether or not they are UTF-8.

use crate::{Payload, abi::decode_canonical};
use alloc::vec::Vec;
use alloy_primitives::U256;
use alloy_sol_types::SolValue;

#[allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]
mod solidity {
    alloy_sol_types::sol! {
        /// ICS-20's tuple; `bytes` and `string` have one encoding.
        struct RawTransfer {
            bytes denom;
            bytes sender;
            bytes receiver;
            uint256 amount;
            bytes memo;
        }
    }
}

use solidity::RawTransfer;

/// A transfer whose two ends are addresses as texts: `0x` and 40 lower-case digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// Stands in the template, not beside the others.
    pub(super) denom: Vec<u8>,
    pub(super) sender: [u8; 20],
    pub(super) receiver: [u8; 20],
    /// Never 0: an amount is written without leading zeros, and at least one byte.
    pub(super) amount: U256,
    pub(super) memo: Vec<u8>,
}

impl Parts {
    /// The parts of `payload`'s value, if they rebuild exactly it.
    pub(super) fn of(payload: &Payload) -> Option<Self> {
        let transfer: RawTransfer = decode_canonical("transfer", payload.value.as_bytes()).ok()?;
        let parts = Self {
            denom: transfer.denom.to_vec(),
            sender: address_of(&transfer.sender)?,
            receiver: address_of(&transfer.receiver)?,
            amount: transfer.amount,
            memo: transfer.memo.to_vec(),
        };
        let counted = |bytes: &[u8]| u16::try_from(bytes.len()).is_ok();
        let fits = !parts.amount.is_zero() && counted(&parts.denom) && counted(&parts.memo);
        fits.then_some(parts)
    }

    /// The value that the router rebuilds.
    pub(super) fn rebuild(self) -> Vec<u8> {
        RawTransfer {
            denom: self.denom.into(),
            sender: text_of(&self.sender).into(),
            receiver: text_of(&self.receiver).into(),
            amount: self.amount,
            memo: self.memo.into(),
        }
        .abi_encode()
    }
}

/// `0x` and 40 lower-case digits.
fn text_of(address: &[u8; 20]) -> Vec<u8> {
    let digit = |nibble: u8| match nibble {
        0..=9 => b'0'.saturating_add(nibble),
        _ => b'a'.saturating_sub(10).saturating_add(nibble),
    };
    let digits = address
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]);
    b"0x".iter().copied().chain(digits).collect()
}

/// The address whose text is exactly `text`.
fn address_of(text: &[u8]) -> Option<[u8; 20]> {
    let digits = text.strip_prefix(b"0x")?;
    let mut address = [0u8; 20];
    if digits.len() != address.len().saturating_mul(2) {
        return None;
    }
    for (byte, pair) in address.iter_mut().zip(digits.chunks_exact(2)) {
        if let [high, low] = pair {
            *byte = (nibble_of(*high)? << 4) | nibble_of(*low)?;
        }
    }
    Some(address)
}

fn nibble_of(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a')?.checked_add(10),
        _ => None,
    }
}
