//! Accounts, their storage and their code: the state of the embedded EVM chain.
//!
//! Decides how an executed transaction changes the tries. A clone is a snapshot for ever, and costs
//! two reference counts. Must never decide whether a transaction is valid: that is revm's.

use crate::trie::{Leaf, ProofError, Trie};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_trie::TrieAccount;
use revm::{
    bytecode::Bytecode,
    state::{Account as Touched, AccountInfo},
};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

impl Leaf for U256 {
    fn encoded(&self) -> Vec<u8> {
        alloy_rlp::encode_fixed_size(self).to_vec()
    }
}

/// One account with its storage trie.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) nonce: u64,
    pub(crate) balance: U256,
    pub(crate) code_hash: B256,
    pub(crate) storage: Trie<U256>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
            storage: Trie::default(),
        }
    }
}

impl Leaf for Account {
    fn encoded(&self) -> Vec<u8> {
        alloy_rlp::encode(TrieAccount::new(
            self.nonce,
            self.balance,
            self.storage.root(),
            self.code_hash,
        ))
    }
}

impl Account {
    /// The value of `slot`, zero when it was never written.
    pub(crate) fn slot(&self, slot: U256) -> U256 {
        self.storage.get(&slot_key(slot)).copied().unwrap_or_default()
    }

    /// Writes `slot`; zero removes it, as the trie of Ethereum holds no zeros.
    pub(crate) fn set_slot(&mut self, slot: U256, value: U256) {
        let key = slot_key(slot);
        if value.is_zero() {
            self.storage.remove(&key)
        } else {
            self.storage.insert(&key, value)
        }
    }
}

fn slot_key(slot: U256) -> B256 {
    keccak256(slot.to_be_bytes::<32>())
}

/// An account's proof and the proofs of some of its slots, root to leaf.
pub(crate) struct AccountProof {
    pub(crate) account: Account,
    pub(crate) nodes: Vec<Bytes>,
    pub(crate) slots: Vec<(U256, U256, Vec<Bytes>)>,
}

/// Code by hash. Shared by all versions: code is never forgotten, so no version can miss any.
type Codes = Arc<RwLock<HashMap<B256, Bytecode>>>;

/// The whole state at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    accounts: Trie<Account>,
    codes: Codes,
}

impl State {
    /// The state root.
    pub(crate) fn root(&self) -> B256 {
        self.accounts.root()
    }

    /// The account at `address`, if it exists.
    pub(crate) fn account(&self, address: Address) -> Option<&Account> {
        self.accounts.get(&keccak256(address))
    }

    /// Writes the account at `address`.
    pub(crate) fn set_account(&mut self, address: Address, account: Account) {
        self.accounts.insert(&keccak256(address), account);
    }

    /// Writes an account under a hashed key of the caller's choice. No address is known for it, so
    /// nobody can use it: it only makes the trie as deep as a large network's.
    pub(crate) fn set_account_at_key(&mut self, key: B256, account: Account) {
        self.accounts.insert(&key, account);
    }

    /// Keeps `code` and returns its hash.
    pub(crate) fn add_code(&mut self, code: Bytes) -> B256 {
        let code = Bytecode::new_raw(code);
        let hash = code.hash_slow();
        self.codes
            .write()
            .expect("no holder of this lock panics")
            .insert(hash, code);
        hash
    }

    /// The code whose hash is `hash`; empty when none is known.
    pub(crate) fn code(&self, hash: B256) -> Bytecode {
        let codes = self.codes.read().expect("no holder of this lock panics");
        codes.get(&hash).cloned().unwrap_or_default()
    }

    /// What revm wants to know of the account at `address`.
    pub(crate) fn info(&self, address: Address) -> Option<AccountInfo> {
        let account = self.account(address)?;
        Some(AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            ..Default::default()
        })
    }

    /// Takes over what one executed transaction did to one account (EIP-161: empty ones go).
    pub(crate) fn commit(&mut self, address: Address, touched: Touched) {
        if !touched.is_touched() {
            return;
        }
        if touched.is_selfdestructed() || touched.is_empty() {
            self.accounts.remove(&keccak256(address));
            return;
        }
        let mut account = match touched.is_created() {
            true => Account::default(),
            false => self.account(address).cloned().unwrap_or_default(),
        };
        account.nonce = touched.info.nonce;
        account.balance = touched.info.balance;
        account.code_hash = touched.info.code_hash;
        if let Some(code) = touched.info.code.filter(|code| !code.is_empty()) {
            let mut codes = self.codes.write().expect("no holder of this lock panics");
            codes.entry(account.code_hash).or_insert(code);
        }
        for (slot, value) in touched.storage {
            if value.is_changed() {
                account.set_slot(slot, value.present_value);
            }
        }
        self.set_account(address, account);
    }

    /// Adds `amount` wei to the balance at `address`.
    pub(crate) fn credit(&mut self, address: Address, amount: U256) {
        let mut account = self.account(address).cloned().unwrap_or_default();
        account.balance = account.balance.saturating_add(amount);
        self.set_account(address, account);
    }

    /// Proves the account at `address` (or its absence) and `slots` of it.
    pub(crate) fn prove(&self, address: Address, slots: &[U256]) -> Result<AccountProof, ProofError> {
        let nodes = self.accounts.prove(&[keccak256(address)])?.swap_remove(0);
        let account = self.account(address).cloned().unwrap_or_default();
        let keys: Vec<B256> = slots.iter().map(|slot| slot_key(*slot)).collect();
        let proofs = account.storage.prove(&keys)?;
        let slots = slots
            .iter()
            .zip(proofs)
            .map(|(slot, proof)| (*slot, account.slot(*slot), proof))
            .collect();
        Ok(AccountProof {
            account,
            nodes,
            slots,
        })
    }
}
