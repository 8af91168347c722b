//! The guardians of one chain: every rule, in the order in which the contract asks it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use wire::sign::{Domain, word};

use crate::budget::{self, Budget};
use crate::digest::{Statement, Ticket};
use crate::halt::Book;
use crate::quorum::{EXPIRY_AHEAD_SECONDS_MAX, Quorum, Set};
use crate::resume::Resume;
use crate::{Reject, Scope, ScopeKind};

/// The longest halt that one confirmation makes.
pub const CONFIRM_SECONDS_MAX: u64 = 30 * 24 * 3600;

/// What the router knows: the contract behind the key of a client id.
pub type Paths = BTreeMap<B256, Address>;

/// Signatures over a statement, with what keeps them from being used twice or late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Nonce and expiry.
    pub ticket: Ticket,
    /// 65 or 64 bytes each, in ascending order of the signers.
    pub signatures: Vec<Vec<u8>>,
}

/// The guardians of one chain, and what they halted.
#[derive(Clone, Debug)]
pub struct Guardians {
    pub(crate) chain: B256,
    pub(crate) contract: B256,
    pub(crate) set: Set,
    /// Nonces by set, with the last second at which a signature with them could have counted.
    pub(crate) used: BTreeMap<(u64, u64), u64>,
    pub(crate) budget: Budget,
    pub(crate) resumes: BTreeMap<(ScopeKind, B256), Resume>,
    pub(crate) halts: Book,
}

impl Guardians {
    /// The guardians of a contract on an EVM chain: nothing is halted, nothing used up.
    #[must_use]
    pub fn new(chain_id: u64, contract: Address, set: Set) -> Self {
        Self::of(word(chain_id), contract.into_word(), set)
    }

    /// The same of whatever chain and contract: the words of [`Domain`].
    #[must_use]
    pub fn of(chain: B256, contract: B256, set: Set) -> Self {
        Self {
            chain,
            contract,
            set,
            used: BTreeMap::new(),
            budget: Budget::default(),
            resumes: BTreeMap::new(),
            halts: Book::default(),
        }
    }

    /// Halts a scope for at most a day. The small quorum does it where the scope is narrow, within its budget.
    ///
    /// Returns when the halt ends.
    ///
    /// # Errors
    /// Those of [`Scope::check`], [`Reject::UnknownPath`], [`Reject::WrongDuration`], [`Reject::NothingAdded`], those of
    /// an approval, [`Reject::OverBudget`].
    pub fn halt(
        &mut self,
        scope: Scope,
        seconds: u64,
        approval: &Approval,
        paths: &Paths,
        now: u64,
    ) -> Result<u64, Reject> {
        let light = known(&scope, paths)?;
        check_duration(seconds, budget::SECONDS_MAX)?;
        let until = self.check_adds(&scope, seconds, now)?;
        self.check_approval(
            scope.kind.halted_by(),
            Statement::Halt(scope, seconds),
            approval,
            now,
        )?;
        let accounts = scope.accounts(light);
        self.budget.check(&accounts, seconds, now)?;

        self.budget.charge(&accounts, seconds, now);
        self.use_up(approval);
        self.write(&scope, light, until, now);
        Ok(until)
    }

    /// Halts a scope for at most 30 days. The large quorum does it, outside the budget.
    ///
    /// Returns when the halt ends.
    ///
    /// # Errors
    /// Those of [`Guardians::halt`] without the budget.
    pub fn confirm(
        &mut self,
        scope: Scope,
        seconds: u64,
        approval: &Approval,
        paths: &Paths,
        now: u64,
    ) -> Result<u64, Reject> {
        let light = known(&scope, paths)?;
        check_duration(seconds, CONFIRM_SECONDS_MAX)?;
        let until = self.check_adds(&scope, seconds, now)?;
        self.check_approval(Quorum::Large, Statement::Confirm(scope, seconds), approval, now)?;

        self.use_up(approval);
        self.write(&scope, light, until, now);
        Ok(until)
    }

    /// Schedules the resume of a scope. Returns from when on it may be executed.
    ///
    /// - `serial`: the number of the halt that the guardians looked at.
    ///
    /// # Errors
    /// Those of [`Scope::check`], [`Reject::UnknownPath`], [`Reject::NotHalted`], [`Reject::HaltedAgain`], those of an
    /// approval.
    pub fn schedule_resume(
        &mut self,
        scope: Scope,
        serial: u64,
        approval: &Approval,
        paths: &Paths,
        now: u64,
    ) -> Result<u64, Reject> {
        known(&scope, paths)?;
        let halt = self.halts.halt(scope.kind, scope.key());
        if now >= halt.until {
            return Err(Reject::NotHalted {
                until: halt.until,
                now,
            });
        }
        if serial != halt.serial {
            return Err(Reject::HaltedAgain {
                signed: serial,
                newest: halt.serial,
            });
        }
        self.check_approval(Quorum::Large, Statement::Resume(scope, serial), approval, now)?;

        self.use_up(approval);
        let resume = Resume::scheduled(self.set.id(), serial, now);
        self.resumes.insert((scope.kind, scope.key()), resume);
        Ok(resume.ready_at)
    }

    /// Executes a resume that waited. Anybody may.
    ///
    /// # Errors
    /// [`Reject::NoResume`], those of [`Resume::check`].
    pub fn execute_resume(&mut self, scope: Scope, paths: &Paths, now: u64) -> Result<(), Reject> {
        let light = known(&scope, paths)?;
        let place = (scope.kind, scope.key());
        let resume = self
            .resumes
            .get(&place)
            .ok_or(Reject::NoResume { key: place.1 })?;
        let serial = self.halts.halt(place.0, place.1).serial;
        resume.check(self.set.id(), serial, now)?;

        self.resumes.remove(&place);
        self.take_off(&scope, light);
        Ok(())
    }

    /// Approves that a held packet is cancelled; whether it is held is the application's business.
    ///
    /// - `path`: Keccak-256 of the destination client's id.
    /// - `packet`: the packet's receipt.
    ///
    /// # Errors
    /// Those of an approval.
    pub fn cancel_hold(
        &mut self,
        path: B256,
        packet: B256,
        approval: &Approval,
        now: u64,
    ) -> Result<(), Reject> {
        self.check_approval(Quorum::Small, Statement::Cancel { path, packet }, approval, now)?;
        self.use_up(approval);
        Ok(())
    }

    /// Replaces the set. Governance does it, after its delay. What the old set signed counts no longer.
    ///
    /// # Errors
    /// Those of [`Set::new`].
    pub fn rotate(&mut self, guardians: Vec<Address>, small: usize, large: usize) -> Result<(), Reject> {
        self.set = Set::new(self.set.id().saturating_add(1), guardians, small, large)?;
        Ok(())
    }

    /// Approves that `next` follows the present set. When it does is the host's business, which then calls
    /// [`Guardians::rotate`]: one that governance has no timelock for lets it wait.
    ///
    /// # Errors
    /// Those of an approval by the large quorum.
    pub fn approve_rotation(&mut self, next: &Set, approval: &Approval, now: u64) -> Result<(), Reject> {
        self.check_approval(Quorum::Large, Statement::Rotation(next.hash()), approval, now)?;
        self.use_up(approval);
        Ok(())
    }

    /// Takes the halt of a scope off at once. Governance does it, after its delay.
    ///
    /// # Errors
    /// Those of [`Scope::check`], [`Reject::UnknownPath`].
    pub fn lift(&mut self, scope: Scope, paths: &Paths) -> Result<(), Reject> {
        let light = known(&scope, paths)?;
        self.resumes.remove(&(scope.kind, scope.key()));
        self.take_off(&scope, light);
        Ok(())
    }

    /// Forgets what decides nothing any more: nonces of signatures that have expired, and charges that count no longer.
    /// For hosts whose storage has to stay small; contracts keep all of it.
    pub fn forget_past(&mut self, now: u64) {
        self.used.retain(|_, expiry| now <= *expiry);
        self.budget.forget_past(now);
    }

    /// The set that signs now.
    #[must_use]
    pub fn set(&self) -> &Set {
        &self.set
    }

    /// A halt that the halted contract writes itself, as after a breach of conservation.
    pub fn breach(&mut self, scope: Scope) {
        self.halts.write(scope.kind, scope.key(), crate::halt::ENDLESS);
    }

    /// What is halted.
    #[must_use]
    pub fn halts(&self) -> &Book {
        &self.halts
    }

    /// The halting time that was used up.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Where signatures of the present set count.
    #[must_use]
    pub fn domain(&self) -> Domain {
        Domain {
            chain: self.chain,
            contract: self.contract,
            set: self.set.id(),
        }
    }

    /// The number of the newest halt of a scope, which a resume has to name.
    #[must_use]
    pub fn serial(&self, scope: &Scope) -> u64 {
        self.halts.halt(scope.kind, scope.key()).serial
    }

    /// A halt has to lengthen the present one, or to cancel a resume that waits: else it would use up time for nothing.
    fn check_adds(&self, scope: &Scope, seconds: u64, now: u64) -> Result<u64, Reject> {
        let until = now.saturating_add(seconds);
        let place = (scope.kind, scope.key());
        let halt = self.halts.halt(place.0, place.1);
        let waits = self
            .resumes
            .get(&place)
            .is_some_and(|resume| resume.serial == halt.serial);
        if until <= halt.until && !waits {
            return Err(Reject::NothingAdded {
                until,
                current: halt.until,
            });
        }
        Ok(until)
    }

    fn check_approval(
        &self,
        quorum: Quorum,
        statement: Statement,
        approval: &Approval,
        now: u64,
    ) -> Result<(), Reject> {
        let Ticket { nonce, expiry } = approval.ticket;
        if now > expiry {
            return Err(Reject::Expired { expiry, now });
        }
        let most = now.saturating_add(EXPIRY_AHEAD_SECONDS_MAX);
        if expiry > most {
            return Err(Reject::ExpiryTooFar { expiry, most });
        }
        if self.used.contains_key(&(self.set.id(), nonce)) {
            return Err(Reject::NonceUsed { nonce });
        }
        let digest = statement.digest(&self.domain(), approval.ticket);
        self.set.check(quorum, digest, &approval.signatures)
    }

    fn use_up(&mut self, approval: &Approval) {
        let Ticket { nonce, expiry } = approval.ticket;
        self.used.insert((self.set.id(), nonce), expiry);
    }

    fn take_off(&mut self, scope: &Scope, light: Address) {
        if scope.kind == ScopeKind::Client {
            self.halts.resume_client(scope.path, light.into_word());
        } else {
            self.halts.resume(scope.kind, scope.key());
        }
    }

    fn write(&mut self, scope: &Scope, light: Address, until: u64, now: u64) {
        if scope.kind == ScopeKind::Client {
            self.halts.write_client(scope.path, light.into_word(), until, now);
        } else {
            self.halts.write(scope.kind, scope.key(), until);
        }
    }
}

/// The contract behind the path of a well-formed scope; zero for a scope without a path.
fn known(scope: &Scope, paths: &Paths) -> Result<Address, Reject> {
    scope.check()?;
    if scope.path == B256::ZERO {
        return Ok(Address::ZERO);
    }
    paths
        .get(&scope.path)
        .copied()
        .ok_or(Reject::UnknownPath { path: scope.path })
}

fn check_duration(seconds: u64, most: u64) -> Result<(), Reject> {
    let least = budget::SECONDS_MIN;
    if seconds < least || seconds > most {
        return Err(Reject::WrongDuration { seconds, least, most });
    }
    Ok(())
}
