//! The two tries that clients read: accounts under a state root, slots under an account's storage root.
//!
//! Whether an account without storage is acceptable is the caller's rule, not this file's.

use super::{Proven, prove};
use crate::{Reject, rlp, rlp::Item};
use alloy_primitives::{Address, B256, U256, keccak256};

/// An account of an EVM chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Root of the trie of its storage; [`super::EMPTY_ROOT`] when it has none.
    pub storage_root: B256,
    /// Keccak-256 of its code.
    pub code_hash: B256,
}

/// What a storage slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// This value; never zero.
    Present(B256),
    /// Nothing, which the EVM reads as zero.
    Absent,
}

/// Reads the account `address` under `state_root`.
///
/// Errors: [`Reject::AccountAbsent`] when it is proven not to exist, [`Reject::AccountShape`],
/// [`Reject::Integer`], [`Reject::RlpKind`], [`Reject::TrailingBytes`], and those of [`prove`].
pub fn account(state_root: B256, address: Address, proof: &[u8]) -> Result<Account, Reject> {
    match prove(state_root, keccak256(address), proof)? {
        Proven::Present(value) => parse_account(value),
        Proven::Absent => Err(Reject::AccountAbsent),
    }
}

/// Reads the storage slot `slot` under `storage_root`.
///
/// Errors: [`Reject::Integer`], [`Reject::ZeroSlot`], [`Reject::RlpKind`], [`Reject::TrailingBytes`], and those of
/// [`prove`]; in particular [`Reject::EmptyTrie`] for an account without storage.
pub fn storage(storage_root: B256, slot: B256, proof: &[u8]) -> Result<Slot, Reject> {
    match prove(storage_root, keccak256(slot), proof)? {
        Proven::Present(value) => parse_slot(value).map(Slot::Present),
        Proven::Absent => Ok(Slot::Absent),
    }
}

fn parse_account(value: &[u8]) -> Result<Account, Reject> {
    let mut fields = rlp::only_list("an account", value)?;
    let nonce = take_integer("nonce", &mut fields, size_of::<u64>())?;
    let balance = take_integer("balance", &mut fields, U256::BYTES)?;
    let storage_root = take_hash("storage root", &mut fields)?;
    let code_hash = take_hash("code hash", &mut fields)?;
    rlp::check_end("an account", fields)?;
    Ok(Account {
        nonce: nonce.saturating_to(),
        balance,
        storage_root,
        code_hash,
    })
}

fn parse_slot(value: &[u8]) -> Result<B256, Reject> {
    let what = "a storage slot";
    let content = rlp::only_string(what, value)?;
    rlp::check_integer(what, content, B256::len_bytes())?;
    if content.is_empty() {
        return Err(Reject::ZeroSlot);
    }
    Ok(B256::left_padding_from(content))
}

/// Takes an integer of at most `max` bytes, where `max` is at most 32.
fn take_integer(field: &'static str, fields: &mut &[u8], max: usize) -> Result<U256, Reject> {
    let content = take_field(field, fields)?;
    rlp::check_integer(field, content, max)?;
    U256::try_from_be_slice(content).ok_or(Reject::AccountShape { field })
}

fn take_hash(field: &'static str, fields: &mut &[u8]) -> Result<B256, Reject> {
    B256::try_from(take_field(field, fields)?).map_err(|_| Reject::AccountShape { field })
}

fn take_field<'a>(field: &'static str, fields: &mut &'a [u8]) -> Result<&'a [u8], Reject> {
    if fields.is_empty() {
        return Err(Reject::AccountShape { field });
    }
    match rlp::take(fields)?.0 {
        Item::String(content) => Ok(content),
        Item::List(_) => Err(Reject::RlpKind {
            what: "a field of an account",
        }),
    }
}
