//! Several accounts that send in parallel.
//!
//! An account sends one transaction after the other, because each names the sequence behind the one before; different accounts
//! do not wait for each other. A [`Turn`] is the right to send with one account, and ends when it is dropped.

use crate::book::Book;
use crate::meter::Meter;
use crate::rules::Rules;
use crate::sign::Key;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{self, PoisonError};
use tokio::sync::{Mutex, MutexGuard};

/// The accounts of one chain, and the rules by which they send.
#[derive(Debug)]
pub struct Wallet {
    pub(crate) rules: Rules,
    pub(crate) accounts: Vec<Account>,
    meter: sync::Mutex<Meter>,
    /// With whom the search for a free account begins, so that all get their turn.
    first: AtomicUsize,
}

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) key: Key,
    pub(crate) book: Mutex<Book>,
}

/// The right to send with one account.
#[derive(Debug)]
pub struct Turn<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) key: &'a Key,
    pub(crate) book: MutexGuard<'a, Book>,
    meter: &'a sync::Mutex<Meter>,
}

/// Why keys are no wallet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWallet {
    /// There are none.
    #[error("send without an account: name at least one key")]
    Empty,
    /// Two of them are one.
    #[error("use {address} twice: two turns at one account would sign the same sequence; name each key once")]
    Twice {
        /// The account.
        address: String,
    },
}

impl Wallet {
    /// A wallet of the accounts of `keys`.
    ///
    /// # Errors
    /// There is no key, or the same one twice.
    pub fn new(rules: Rules, keys: Vec<Key>) -> Result<Self, BadWallet> {
        let mut addresses: Vec<&str> = keys.iter().map(Key::address).collect();
        addresses.sort_unstable();
        let mut pairs = addresses.iter().zip(addresses.iter().skip(1));
        if let Some((address, _)) = pairs.find(|(one, other)| one == other) {
            return Err(BadWallet::Twice {
                address: (*address).to_owned(),
            });
        }
        if keys.is_empty() {
            return Err(BadWallet::Empty);
        }
        let account = |key| Account {
            key,
            book: Mutex::default(),
        };
        Ok(Self {
            rules,
            accounts: keys.into_iter().map(account).collect(),
            meter: sync::Mutex::default(),
            first: AtomicUsize::new(0),
        })
    }

    /// All addresses, in the order of the keys.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(|account| account.key.address())
    }

    /// The turn of a free account, of those the one with the fewest transactions under way; waits for one if none is free.
    pub async fn turn(&self) -> Turn<'_> {
        let first = self.first.fetch_add(1, Ordering::Relaxed) % self.accounts.len();
        let (before, from) = self.accounts.split_at(first);
        let mut best: Option<Turn<'_>> = None;
        for account in from.iter().chain(before) {
            let Ok(book) = account.book.try_lock() else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|best| book.flying() < best.book.flying())
            {
                best = Some(self.with(account, book));
            }
        }
        match best {
            Some(turn) => turn,
            None => {
                let account = &self.accounts[first];
                self.with(account, account.book.lock().await)
            }
        }
    }

    /// The turn of the account `address`; none if it is not ours.
    pub async fn turn_of(&self, address: &str) -> Option<Turn<'_>> {
        let account = self
            .accounts
            .iter()
            .find(|account| account.key.address() == address)?;
        Some(self.with(account, account.book.lock().await))
    }

    fn with<'a>(&'a self, account: &'a Account, book: MutexGuard<'a, Book>) -> Turn<'a> {
        Turn {
            rules: &self.rules,
            key: &account.key,
            book,
            meter: &self.meter,
        }
    }
}

impl Turn<'_> {
    /// Whose turn it is; messages name it as their signer.
    pub fn address(&self) -> &str {
        self.key.address()
    }

    /// What batches used of late, whoever of the accounts sent them.
    pub(crate) fn meter(&self) -> sync::MutexGuard<'_, Meter> {
        // Nothing that is done with it can leave it half changed.
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
