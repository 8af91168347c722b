//! Accounts and slots put into the state directly, without transactions.
//!
//! Decides what a loaded state looks like, down to how deep an account lies in the account trie;
//! gas figures depend on that depth. Must never be mistaken for execution: code runs in `evm`.

use crate::state::{Account, State};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};

/// Accounts to load, at genesis or later through [`crate::Chain::load`].
#[derive(Clone, Debug, Default)]
pub struct Genesis {
    /// In order; a later entry for the same address adds to an earlier one.
    pub accounts: Vec<GenesisAccount>,
}

/// One account to load. What is `None` or empty leaves an existing account as it is.
#[derive(Clone, Debug, Default)]
pub struct GenesisAccount {
    /// Its address.
    pub address: Address,
    /// Balance, wei.
    pub balance_wei: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Runtime code.
    pub code: Option<Bytes>,
    /// Slots and their values; zero clears a slot.
    pub storage: Vec<(B256, B256)>,
    /// Number of branch nodes, each with all sixteen children, that the account's proof shall have
    /// at least. Achieved by accounts that nobody owns (their hashed addresses are made up), 15 a
    /// level. At most 32.
    pub branch_nodes: Option<u8>,
}

/// Deepest filling: nobody's addresses collide in more nibbles than this by chance.
const DEPTH_MAX: u8 = 32;

impl Genesis {
    /// Loads everything into `state`.
    pub(crate) fn load(&self, state: &mut State) {
        for entry in &self.accounts {
            entry.load(state);
        }
    }
}

impl GenesisAccount {
    fn load(&self, state: &mut State) {
        let mut account = state.account(self.address).cloned().unwrap_or_default();
        account.balance = self.balance_wei.unwrap_or(account.balance);
        account.nonce = self.nonce.unwrap_or(account.nonce);
        if let Some(code) = &self.code {
            account.code_hash = if code.is_empty() {
                KECCAK256_EMPTY
            } else {
                state.add_code(code.clone())
            };
        }
        for (slot, value) in &self.storage {
            account.set_slot(U256::from_be_bytes(slot.0), U256::from_be_bytes(value.0));
        }
        state.set_account(self.address, account);
        deepen(
            state,
            keccak256(self.address),
            self.branch_nodes.unwrap_or(0).min(DEPTH_MAX),
        );
    }
}

/// Gives the path of `key` `levels` full branch nodes.
fn deepen(state: &mut State, key: B256, levels: u8) {
    for level in 0..levels as usize {
        let own = nibble(key, level);
        for other in (0..16u8).filter(|other| *other != own) {
            let mut filler = keccak256([key.as_slice(), &[level as u8, other]].concat());
            for before in 0..level {
                set_nibble(&mut filler, before, nibble(key, before));
            }
            set_nibble(&mut filler, level, other);
            state.set_account_at_key(
                filler,
                Account {
                    nonce: 1,
                    ..Account::default()
                },
            );
        }
    }
}

fn nibble(key: B256, at: usize) -> u8 {
    if at.is_multiple_of(2) {
        key[at / 2] >> 4
    } else {
        key[at / 2] & 0x0f
    }
}

fn set_nibble(key: &mut B256, at: usize, value: u8) {
    let byte = &mut key[at / 2];
    *byte = if at.is_multiple_of(2) {
        (*byte & 0x0f) | (value << 4)
    } else {
        (*byte & 0xf0) | value
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_lies_as_deep_as_asked() {
        for levels in [0u8, 1, 8] {
            let mut state = State::default();
            let address = Address::repeat_byte(7);
            let entry = GenesisAccount {
                address,
                balance_wei: Some(U256::from(1)),
                branch_nodes: Some(levels),
                ..GenesisAccount::default()
            };
            Genesis {
                accounts: vec![entry],
            }
            .load(&mut state);
            let proof = state.prove(address, &[]).unwrap();
            assert_eq!(proof.nodes.len(), levels as usize + 1);
            let (_leaf, branches) = proof.nodes.split_last().unwrap();
            // 16 hashes of 33 bytes, an empty value, a three-byte list head.
            assert!(branches.iter().all(|node| node.len() == 16 * 33 + 1 + 3));
        }
    }

    #[test]
    fn later_entries_add_to_earlier_ones() {
        let mut state = State::default();
        let address = Address::repeat_byte(9);
        let (slot, value) = (B256::with_last_byte(1), B256::with_last_byte(5));
        let code = GenesisAccount {
            address,
            code: Some(Bytes::from_static(&[0])),
            ..GenesisAccount::default()
        };
        let storage = GenesisAccount {
            address,
            storage: vec![(slot, value)],
            ..GenesisAccount::default()
        };
        Genesis {
            accounts: vec![code, storage],
        }
        .load(&mut state);
        let account = state.account(address).unwrap();
        assert_eq!(account.code_hash, keccak256([0]));
        assert_eq!(account.slot(U256::from(1)), U256::from(5));
    }
}
