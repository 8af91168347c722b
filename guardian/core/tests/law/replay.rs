//! Replays the file of a trace with the law.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolValue;
use guardian_core::budget::Account;
use guardian_core::digest::Ticket;
use guardian_core::quorum::Set;
use guardian_core::{Approval, Guardians, Paths, Reject, Scope, ScopeKind};
use serde_json::Value;

use crate::world::{BREACH, CANCEL, CONFIRM, Charged, EXECUTE, HALT, Op, Probe, ROTATE, SCHEDULE};

/// `Ok` if every step is accepted and the end is as written; else the rule that the last step broke. That an earlier one
/// is refused fails the test.
pub(crate) fn judge(file: &Value) -> Result<(), String> {
    let mut machine = Machine::new(file).map_err(|reject| reject.rule().to_string())?;
    let ops = Vec::<Op>::abi_decode(&bytes(file, "ops")).expect("steps");
    for (at, op) in ops.iter().enumerate() {
        let Err(rule) = machine.apply(op) else { continue };
        assert_eq!(at + 1, ops.len(), "{}: step {at} broke {rule}", file["about"]);
        return Err(rule.to_string());
    }
    machine.check_end(file);
    Ok(())
}

/// The guardians at the end of an accepted trace.
pub(crate) fn end_of(file: &Value) -> Guardians {
    let mut machine = Machine::new(file).expect("a set");
    for op in Vec::<Op>::abi_decode(&bytes(file, "ops")).expect("steps") {
        machine.apply(&op).expect("an accepted step");
    }
    machine.guardians
}

pub(crate) struct Machine {
    guardians: Guardians,
    paths: Paths,
}

impl Machine {
    pub(crate) fn new(file: &Value) -> Result<Self, Reject> {
        let list = Vec::<Address>::abi_decode(&bytes(file, "guardians")).expect("addresses");
        let set = Set::new(1, list, small_number(file, "small"), small_number(file, "large"))?;
        let contract = Address::from_slice(&bytes(file, "contract"));
        let keys = Vec::<B256>::abi_decode(&bytes(file, "paths")).expect("keys");
        let lights = Vec::<Address>::abi_decode(&bytes(file, "lights")).expect("contracts");
        Ok(Self {
            guardians: Guardians::new(file["chainId"].as_u64().expect("a chain id"), contract, set),
            paths: keys.into_iter().zip(lights).collect(),
        })
    }

    /// Takes one step, or names the rule that it breaks. Before each it is read again from its snapshot.
    pub(crate) fn apply(&mut self, op: &Op) -> Result<(), &'static str> {
        self.reread();
        self.take(op).map_err(|reject| reject.rule())
    }

    fn reread(&mut self) {
        let (bytes, domain) = (self.guardians.to_bytes(), self.guardians.domain());
        let read = Guardians::from_bytes(domain.chain, domain.contract, &bytes);
        self.guardians = read.expect("a snapshot is read as it was written");
    }

    fn take(&mut self, op: &Op) -> Result<(), Reject> {
        let (all, paths, now) = (&mut self.guardians, &self.paths, op.now);
        let approval = Approval {
            ticket: Ticket {
                nonce: op.nonce,
                expiry: op.expiry,
            },
            signatures: op.signatures.iter().map(|bytes| bytes.to_vec()).collect(),
        };
        match op.what {
            HALT => all.halt(scope(op), op.number, &approval, paths, now).map(|_| ()),
            CONFIRM => all
                .confirm(scope(op), op.number, &approval, paths, now)
                .map(|_| ()),
            SCHEDULE => all
                .schedule_resume(scope(op), op.number, &approval, paths, now)
                .map(|_| ()),
            EXECUTE => all.execute_resume(scope(op), paths, now),
            CANCEL => all.cancel_hold(keccak256("client-0"), keccak256(&op.packet), &approval, now),
            ROTATE => all.rotate(op.guardians.clone(), op.small.into(), op.large.into()),
            BREACH => {
                all.breach(scope(op));
                Ok(())
            }
            other => panic!("a step of kind {other}"),
        }
    }

    /// The end of a scope's halt, and the time that an account used up.
    pub(crate) fn until(&self, scope: &Scope) -> u64 {
        self.guardians.halts().halt(scope.kind, scope.key()).until
    }

    pub(crate) fn serial(&self, scope: &Scope) -> u64 {
        self.guardians.serial(scope)
    }

    pub(crate) fn charged(&self, account: B256, now: u64) -> u64 {
        self.guardians.budget().charged(Account(account), now)
    }

    fn check_end(&self, file: &Value) {
        let about = &file["about"];
        let end = file["end"].as_u64().expect("a time");
        for probe in Vec::<Probe>::abi_decode(&bytes(file, "probes")).expect("probes") {
            let scope = Scope {
                kind: kind(probe.scope),
                path: probe.path,
                item: probe.item,
            };
            let halt = self.guardians.halts().halt(scope.kind, scope.key());
            assert_eq!(halt.until, probe.until, "{about}: {scope:?}");
            let on = self.guardians.halts().is_on(scope.kind, scope.key(), end);
            assert_eq!(on, end < probe.until, "{about}: {scope:?}");
            assert!(!on || self.guardians.halts().may_be_on(end), "{about}: {scope:?}");
        }
        for account in Vec::<Charged>::abi_decode(&bytes(file, "charged")).expect("accounts") {
            assert_eq!(
                self.charged(account.account, end),
                account.charged,
                "{about}: {}",
                account.account
            );
        }
    }
}

pub(crate) fn scope(op: &Op) -> Scope {
    Scope {
        kind: kind(op.scope),
        path: op.path,
        item: op.item,
    }
}

fn kind(number: u8) -> ScopeKind {
    ScopeKind::EACH[usize::from(number) - 1]
}

pub(crate) fn bytes(file: &Value, field: &str) -> Vec<u8> {
    let text = file[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is no text"));
    hex::decode(text.strip_prefix("0x").expect("hexadecimal starts with 0x")).expect("hexadecimal")
}

fn small_number(file: &Value, field: &str) -> usize {
    let number = file[field]
        .as_u64()
        .unwrap_or_else(|| panic!("{field} is no number"));
    usize::try_from(number).expect("a small number")
}
