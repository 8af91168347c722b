//! Guardians of this client: the law of `guardian_core`, with the one scope that there is here, this client.
//!
//! Their domain is the host chain's id and the client's id on it, so a signature counts for one client on one chain. A set
//! follows another when the large quorum said so and [`ROTATION_DELAY_SECONDS`] have passed, within which governance can name
//! another by a migration. Must never decide by itself who may halt or resume.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use guardian_core::{Guardians, Paths, Scope, ScopeKind};
use wire::Seconds;

use crate::codec::{self, Reader, VERSION};
use crate::json::Env;
use crate::message::{Approval, GuardWord, NextSet};
use crate::reject::Reject;
use crate::store::{self, GUARDIANS, ROTATION, Store, corrupt};

/// How long a set that the large quorum named waits: long enough for governance to name another.
pub const ROTATION_DELAY_SECONDS: u64 = 7 * 24 * 3600;

/// What a message of guardians leaves.
pub(crate) struct Change {
    guardians: Guardians,
    rotation: Waiting,
}

/// What becomes of the set that waits.
enum Waiting {
    /// Nothing.
    Kept,
    /// This one waits now.
    Replaced(Rotation),
    /// None waits any more.
    Gone,
}

/// A set that waits.
struct Rotation {
    due: Seconds,
    next: NextSet,
}

/// Refuses while the client is halted.
pub(crate) fn check_running(store: &impl Store, env: &Env) -> Result<(), Reject> {
    let Some(guardians) = load(store, env)? else {
        return Ok(());
    };
    let scope = scope(env);
    let until = Seconds(guardians.halts().halt(scope.kind, scope.key()).until);
    if env.now < until {
        return Err(Reject::Halted { until, now: env.now });
    }
    Ok(())
}

/// Judges what guardians say.
pub(crate) fn judge(store: &impl Store, env: &Env, word: &GuardWord) -> Result<Change, Reject> {
    let (scope, paths, now) = (scope(env), paths(env), env.now.0);
    let mut all = load(store, env)?.ok_or(Reject::NoGuardians)?;
    match word {
        GuardWord::Halt(seconds, approval) => {
            all.halt(scope, *seconds, &approval.to_law(), &paths, now)?;
        }
        GuardWord::Confirm(seconds, approval) => {
            all.confirm(scope, *seconds, &approval.to_law(), &paths, now)?;
        }
        GuardWord::ScheduleResume(serial, approval) => {
            all.schedule_resume(scope, *serial, &approval.to_law(), &paths, now)?;
        }
        GuardWord::ExecuteResume => all.execute_resume(scope, &paths, now)?,
        GuardWord::ScheduleRotation(next, approval) => {
            return schedule_rotation(all, next, approval, env.now);
        }
        GuardWord::ExecuteRotation => return execute_rotation(store, all, env.now),
    }
    Ok(Change::of(all))
}

/// Keeps what a message of guardians leaves.
pub(crate) fn commit(store: &mut impl Store, env: &Env, change: Change) {
    let mut guardians = change.guardians;
    guardians.forget_past(env.now.0);
    store.set(GUARDIANS.as_bytes(), &guardians.to_bytes());
    match change.rotation {
        Waiting::Kept => {}
        Waiting::Replaced(rotation) => store.set(ROTATION.as_bytes(), &rotation.to_bytes()),
        Waiting::Gone => store.remove(ROTATION.as_bytes()),
    }
}

/// Begins with the set that a client is created with; nobody guards it if that is empty.
pub(crate) fn begin(store: &mut impl Store, env: &Env, first: &NextSet) -> Result<(), Reject> {
    if first.guardians.is_empty() && first.small == 0 && first.large == 0 {
        return Ok(());
    }
    let guardians = Guardians::of(env.chain, env.client, first.to_set(1)?);
    store.set(GUARDIANS.as_bytes(), &guardians.to_bytes());
    Ok(())
}

/// Governance names a set, at once. A set that waits is dropped; halts stay.
pub(crate) fn replace(store: &mut impl Store, env: &Env, next: &NextSet) -> Result<(), Reject> {
    let Some(mut guardians) = load(store, env)? else {
        return begin(store, env, next);
    };
    rotate(&mut guardians, next)?;
    let rotation = Waiting::Gone;
    commit(store, env, Change { guardians, rotation });
    Ok(())
}

/// Governance takes the halt off, at once. Nothing happens if nobody guards the client.
pub(crate) fn lift(store: &mut impl Store, env: &Env) -> Result<(), Reject> {
    if let Some(mut guardians) = load(store, env)? {
        guardians.lift(scope(env), &paths(env))?;
        commit(store, env, Change::of(guardians));
    }
    Ok(())
}

fn load(store: &impl Store, env: &Env) -> Result<Option<Guardians>, Reject> {
    let Some(bytes) = store.get(GUARDIANS.as_bytes()) else {
        return Ok(None);
    };
    Guardians::from_bytes(env.chain, env.client, &bytes)
        .map(Some)
        .map_err(|fault| corrupt(GUARDIANS, fault.part))
}

fn schedule_rotation(
    mut guardians: Guardians,
    next: &NextSet,
    approval: &Approval,
    now: Seconds,
) -> Result<Change, Reject> {
    let set = next.to_set(guardians.set().id().saturating_add(1))?;
    guardians.approve_rotation(&set, &approval.to_law(), now.0)?;
    Ok(Change {
        guardians,
        rotation: Waiting::Replaced(Rotation {
            due: now.saturating_add(Seconds(ROTATION_DELAY_SECONDS)),
            next: next.clone(),
        }),
    })
}

fn execute_rotation(store: &impl Store, mut guardians: Guardians, now: Seconds) -> Result<Change, Reject> {
    let waiting = store::read(store, ROTATION, Rotation::from_bytes)?.ok_or(Reject::NoRotation)?;
    let due = waiting.due;
    if now < due {
        return Err(Reject::RotationEarly { due, now });
    }
    rotate(&mut guardians, &waiting.next)?;
    Ok(Change {
        guardians,
        rotation: Waiting::Gone,
    })
}

fn rotate(guardians: &mut Guardians, next: &NextSet) -> Result<(), Reject> {
    let members: Vec<Address> = next.guardians.clone();
    Ok(guardians.rotate(members, next.small.into(), next.large.into())?)
}

/// This client: the only scope that a light client can halt.
fn scope(env: &Env) -> Scope {
    Scope {
        kind: ScopeKind::Client,
        path: env.client,
        item: B256::ZERO,
    }
}

/// The contract behind the client is the client itself: no other id leads to it.
fn paths(env: &Env) -> Paths {
    Paths::from([(env.client, Address::from_word(env.client))])
}

impl Change {
    fn of(guardians: Guardians) -> Self {
        Self {
            guardians,
            rotation: Waiting::Kept,
        }
    }
}

impl Rotation {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION]);
        codec::put_numbers(&mut out, &[self.due.0]);
        codec::put_next_set(&mut out, &self.next);
        out
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Reject> {
        let part = "a set that waits";
        let mut input = Reader::versioned(bytes, part)?;
        let rotation = Self {
            due: Seconds(input.number(part)?),
            next: input.next_set()?,
        };
        input.end(part)?;
        Ok(rotation)
    }
}
