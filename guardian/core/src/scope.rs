//! What can be halted, which key a halt is stored under, and whose halting time it uses up.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Keccak256};

use crate::Reject;
use crate::budget::{Account, SECONDS_MAX, WHOLE_SECONDS_MAX};
use crate::quorum::Quorum;

/// What a halt stops. The numbers are signed and stored: a kind keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeKind {
    /// Everything that one client id proves, refunds included.
    Client,
    /// Everything that one light client's contract proves, under every id and inside every policy.
    ClientContract,
    /// One token over one client.
    Asset,
    /// Sends or receives over one client.
    Direction,
    /// One application.
    Application,
    /// Every application and client.
    All,
    /// One token over all clients.
    Token,
}

impl ScopeKind {
    /// Every kind, in the order of the numbers.
    pub const EACH: [Self; 7] = [
        Self::Client,
        Self::ClientContract,
        Self::Asset,
        Self::Direction,
        Self::Application,
        Self::All,
        Self::Token,
    ];

    /// The number in digests and in the contract; 0 is no kind.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Client => 1,
            Self::ClientContract => 2,
            Self::Asset => 3,
            Self::Direction => 4,
            Self::Application => 5,
            Self::All => 6,
            Self::Token => 7,
        }
    }

    /// Who may halt a scope of this kind for a day.
    #[must_use]
    pub const fn halted_by(self) -> Quorum {
        match self {
            Self::Client | Self::ClientContract | Self::Asset | Self::Direction => Quorum::Small,
            Self::Application | Self::All | Self::Token => Quorum::Large,
        }
    }
}

/// One scope, as it is signed. The key is computed from it, so that nobody can charge one path for halting another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What it stops.
    pub kind: ScopeKind,
    /// Keccak-256 of the client id, for the kinds that concern one; else zero.
    pub path: B256,
    /// A contract or token as a word, a direction (0 = send, 1 = receive), or Keccak-256 of a port; else zero.
    pub item: B256,
}

impl Scope {
    /// Accepts a scope in which every word has a meaning, or is zero.
    pub fn check(&self) -> Result<(), Reject> {
        let has_path = self.path != B256::ZERO;
        let fits = match self.kind {
            ScopeKind::Client => has_path && self.item == B256::ZERO,
            ScopeKind::Asset => has_path && is_address(self.item),
            ScopeKind::Direction => {
                has_path && (self.item == B256::ZERO || self.item == B256::with_last_byte(1))
            }
            ScopeKind::ClientContract | ScopeKind::Token => !has_path && is_address(self.item),
            ScopeKind::Application => !has_path && self.item != B256::ZERO,
            ScopeKind::All => !has_path && self.item == B256::ZERO,
        };
        fits.then_some(()).ok_or(Reject::InvalidScope {
            kind: self.kind,
            path: self.path,
            item: self.item,
        })
    }

    /// The key that its halt is stored under.
    #[must_use]
    pub fn key(&self) -> B256 {
        match self.kind {
            ScopeKind::Client => self.path,
            ScopeKind::Asset | ScopeKind::Direction => {
                let mut hasher = Keccak256::new();
                hasher.update(self.path);
                hasher.update(self.item);
                hasher.finalize()
            }
            ScopeKind::ClientContract | ScopeKind::Application | ScopeKind::All | ScopeKind::Token => {
                self.item
            }
        }
    }

    /// Whose halting time the small quorum uses up, with the most that each has.
    ///
    /// A halt of a client is one of its contract, and a policy made of many contracts stops with each of them: hence
    /// the account of all contracts together. Wide scopes have no account: the small quorum cannot halt them.
    ///
    /// - `light`: the contract behind the path.
    #[must_use]
    pub fn accounts(&self, light: Address) -> Vec<(Account, u64)> {
        let path = (Account(self.path), SECONDS_MAX);
        let light = (Account(light.into_word()), SECONDS_MAX);
        let whole = (Account::WHOLE, WHOLE_SECONDS_MAX);
        match self.kind {
            ScopeKind::Client => [path, light, whole].into(),
            ScopeKind::ClientContract => [(Account(self.item), SECONDS_MAX), whole].into(),
            ScopeKind::Asset | ScopeKind::Direction => [path, light].into(),
            ScopeKind::Application | ScopeKind::All | ScopeKind::Token => Vec::new(),
        }
    }
}

/// Whether a word is the address of something.
fn is_address(word: B256) -> bool {
    word != B256::ZERO && Address::from_word(word).into_word() == word
}
