//! What is halted now, from what was written before.
//!
//! Twin of `Halts.sol`: a halt ends by itself, is never shortened except by a resume, and the resume of one scope never
//! takes off what somebody else halted.

use alloc::collections::BTreeMap;

use alloy_primitives::B256;

use crate::ScopeKind;

/// The end of a halt that only a resume ends.
pub const ENDLESS: u64 = u64::MAX;

/// The halt of one scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halt {
    /// When it ends by itself, in seconds; 0 = never halted, or resumed.
    pub until: u64,
    /// The number of the newest halt of this scope, counted over all scopes of the book; 0 = never halted.
    pub serial: u64,
    /// Of a client id: the number that the halt of its contract got by this one, while this one alone is behind that;
    /// 0 when the contract is halted for a reason of its own.
    pub partner: u64,
}

impl Halt {
    fn is_on(&self, now: u64) -> bool {
        now < self.until
    }

    /// Serials are unique, so no halt of another contract can look like the partner.
    fn is_alone(&self, light: &Halt) -> bool {
        self.partner != 0 && self.partner == light.serial
    }
}

/// All halts of one contract.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub(crate) count: u64,
    pub(crate) latest: u64,
    pub(crate) endless: u64,
    pub(crate) halts: BTreeMap<(ScopeKind, B256), Halt>,
}

impl Book {
    /// Halts a scope at least until `until`.
    pub fn write(&mut self, kind: ScopeKind, key: B256, until: u64) {
        self.count = self.count.saturating_add(1);
        let halt = self.halts.entry((kind, key)).or_default();
        halt.serial = self.count;
        if until <= halt.until {
            return;
        }
        halt.until = until;
        if until == ENDLESS {
            self.endless = self.endless.saturating_add(1);
        } else {
            self.latest = self.latest.max(until);
        }
    }

    /// Takes the halt of a scope off.
    pub fn resume(&mut self, kind: ScopeKind, key: B256) {
        let halt = self.halts.entry((kind, key)).or_default();
        if halt.until == ENDLESS {
            self.endless = self.endless.saturating_sub(1);
        }
        halt.until = 0;
    }

    /// Halts a client id and the contract behind it.
    pub fn write_client(&mut self, client: B256, light: B256, until: u64, now: u64) {
        let before = self.halt(ScopeKind::ClientContract, light);
        let alone = !before.is_on(now) || self.halt(ScopeKind::Client, client).is_alone(&before);
        self.write(ScopeKind::Client, client, until);
        self.write(ScopeKind::ClientContract, light, until);
        let serial = self.halt(ScopeKind::ClientContract, light).serial;
        self.set_partner(client, if alone { serial } else { 0 });
    }

    /// Takes the halt of a client id off, and that of its contract if this id alone was behind it. Returns whether it
    /// did the second.
    pub fn resume_client(&mut self, client: B256, light: B256) -> bool {
        let contract = self.halt(ScopeKind::ClientContract, light);
        let alone = self.halt(ScopeKind::Client, client).is_alone(&contract);
        self.set_partner(client, 0);
        self.resume(ScopeKind::Client, client);
        if alone {
            self.resume(ScopeKind::ClientContract, light);
        }
        alone
    }

    /// The halt of a scope, which may be over.
    #[must_use]
    pub fn halt(&self, kind: ScopeKind, key: B256) -> Halt {
        self.halts.get(&(kind, key)).copied().unwrap_or_default()
    }

    /// Whether the halt of a scope is on.
    #[must_use]
    pub fn is_on(&self, kind: ScopeKind, key: B256, now: u64) -> bool {
        self.halt(kind, key).is_on(now)
    }

    /// Whether any scope can be halted: one look, for those who meet no halt.
    #[must_use]
    pub fn may_be_on(&self, now: u64) -> bool {
        self.endless != 0 || now < self.latest
    }

    fn set_partner(&mut self, client: B256, serial: u64) {
        self.halts.entry((ScopeKind::Client, client)).or_default().partner = serial;
    }
}
