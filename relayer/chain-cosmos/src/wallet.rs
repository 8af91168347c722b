//! Several accounts that send in parallel.
//!
//! An account sends one transaction after the other, because each names the sequence behind the one before; different accounts
//! do not wait for each other. A [`Turn`] is the right to send with one account, and ends when it is dropped.

use crate::book::Book;
use crate::meter::Meter;
use crate::rules::Rules;
use crate::sign::Key;
use core::future::{Future, poll_fn};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::Poll;
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

    /// As [`Self::turn_at`], where it is not known which blocks there are.
    pub async fn turn(&self) -> Turn<'_> {
        self.turn_at(0).await
    }

    /// The turn of a free account, of those the one with the fewest transactions under way; waits for one if none is free that may
    /// have another transaction under way. Where all have as many as they may, it is that of any.
    ///
    /// - `now`: a block that is there.
    pub(crate) async fn turn_at(&self, now: u64) -> Turn<'_> {
        let first = self.first.fetch_add(1, Ordering::Relaxed) % self.accounts.len();
        let (before, from) = self.accounts.split_at(first);
        let mut best: Option<Turn<'_>> = None;
        let mut taken = Vec::new();
        for account in from.iter().chain(before) {
            let Ok(book) = account.book.try_lock() else {
                taken.push(account);
                continue;
            };
            let turn = self.with(account, book, now);
            if best
                .as_ref()
                .is_none_or(|best| turn.book.flying() < best.book.flying())
            {
                best = Some(turn);
            }
        }
        // A full one is not held while others are waited for: whoever notes what became of its transactions needs it.
        match best.filter(|turn| turn.has_room() || taken.is_empty()) {
            Some(turn) => turn,
            None => self.first_of(taken, now).await,
        }
    }

    /// The turn of the first of `taken` that is free and has room; of the last one if none has.
    async fn first_of<'a>(&'a self, mut taken: Vec<&'a Account>, now: u64) -> Turn<'a> {
        loop {
            let mut waiting: Vec<_> = taken
                .iter()
                .map(|account| Box::pin(account.book.lock()))
                .collect();
            let (position, book) = poll_fn(|context| {
                let mut all = waiting.iter_mut().enumerate();
                let free = all.find_map(|(position, one)| match one.as_mut().poll(context) {
                    Poll::Ready(book) => Some((position, book)),
                    Poll::Pending => None,
                });
                free.map_or(Poll::Pending, Poll::Ready)
            })
            .await;
            drop(waiting);
            let turn = self.with(taken.swap_remove(position), book, now);
            if turn.has_room() || taken.is_empty() {
                return turn;
            }
        }
    }

    /// The turn of the account `address`; none if it is not ours.
    pub async fn turn_of(&self, address: &str) -> Option<Turn<'_>> {
        let account = self
            .accounts
            .iter()
            .find(|account| account.key.address() == address)?;
        Some(self.with(account, account.book.lock().await, 0))
    }

    fn with<'a>(&'a self, account: &'a Account, mut book: MutexGuard<'a, Book>, now: u64) -> Turn<'a> {
        book.settle(now);
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

    /// Whether another transaction may be under way.
    fn has_room(&self) -> bool {
        self.book.flying() < self.rules.flying_max.max(1)
    }

    /// What batches used of late, whoever of the accounts sent them.
    pub(crate) fn meter(&self) -> sync::MutexGuard<'_, Meter> {
        // Nothing that is done with it can leave it half changed.
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "wallet_tests.rs"]
mod tests;
