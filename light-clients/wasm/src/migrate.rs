//! `MsgMigrateContract`: governance moves the client to this code, and may say more while it does.
//!
//! It may name a set of guardians, lift a halt, and append forks. It never changes what was learned: that is what a recovery is
//! for. The store of version 1 is read as it is.

use alloc::vec::Vec;

use alloy_primitives::{Address, hex};
use ethereum::{Epoch, Fork, Layout};

use crate::guards;
use crate::json::{Env, JsonFork, JsonSet, Migrate};
use crate::message::NextSet;
use crate::reject::Reject;
use crate::state::Kept;
use crate::store::Store;

/// The most forks of a schedule, as it is kept.
const FORKS_MAX: usize = 255;

/// Does what governance says.
pub(crate) fn migrate(store: &mut impl Store, env: &Env, message: &Migrate) -> Result<(), Reject> {
    let mut kept = Kept::load(store)?;
    // A store that can't be used is refused now and not at the first proof.
    kept.trusted(store, kept.newest)?;
    if !message.forks.is_empty() {
        for fork in &message.forks {
            kept.config.network.append_fork(read_fork(fork)?)?;
        }
        if kept.config.network.forks().forks().len() > FORKS_MAX {
            return Err(Reject::Malformed {
                part: "the fork schedule, which is too long",
            });
        }
        kept.save(store);
    }
    if let Some(set) = &message.guardians {
        guards::replace(store, env, &read_set(set)?)?;
    }
    if message.lift_halt {
        guards::lift(store, env)?;
    }
    Ok(())
}

fn read_set(set: &JsonSet) -> Result<NextSet, Reject> {
    let guardians = set
        .members
        .iter()
        .map(|text| read_bytes(text, "a guardian's address").map(Address::from))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(NextSet {
        small: set.small,
        large: set.large,
        guardians,
    })
}

fn read_fork(fork: &JsonFork) -> Result<Fork, Reject> {
    Ok(Fork {
        epoch: Epoch(fork.epoch),
        version: read_bytes(&fork.version, "a fork's version")?,
        layout: Layout::from_number(fork.layout),
    })
}

fn read_bytes<const N: usize>(text: &str, part: &'static str) -> Result<[u8; N], Reject> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Reject::Malformed { part })?;
    Ok(bytes)
}
