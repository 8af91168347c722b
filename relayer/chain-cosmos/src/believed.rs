//! `Ask::Believed`: the states that a client on this chain keeps, of a Cosmos chain or of an EVM chain, with what they say.
//!
//! A state does not change while it is kept, so each is read once. The newest are read first: what somebody was made to
//! believe today is told before what he believes since last week.

use crate::cosmos::Cosmos;
use crate::ibc::RawHeight;
use crate::look::Look;
use chain::{Answer, ClientView, Fault, Recent, TrustedState};
use ethereum::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use wire::{ClientId, End};

/// States that are read for one answer; the others are read for the next ones.
const READ_MAX: usize = 64;
/// Clients whose states are remembered.
const CLIENTS_MAX: usize = 64;

/// What is remembered of clients of either kind.
#[derive(Debug, Default)]
pub(crate) struct Beliefs {
    tendermint: Memory<tendermint_client::State>,
    ethereum: Memory<ethereum::State>,
}

/// States by the clients that keep them and their heights.
#[derive(Debug)]
struct Memory<S>(Mutex<Recent<ClientId, BTreeMap<u64, S>>>);

impl<S> Default for Memory<S> {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(CLIENTS_MAX)))
    }
}

impl<S: Copy> Memory<S> {
    /// What is known of `heights`; the rest of what was known is forgotten, for the client has.
    fn known(&self, id: &ClientId, heights: &BTreeSet<u64>) -> BTreeMap<u64, S> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(states) = all.get_mut(id) else {
            return BTreeMap::new();
        };
        states.retain(|height, _| heights.contains(height));
        states.clone()
    }

    fn put(&self, id: &ClientId, states: BTreeMap<u64, S>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.put(id.clone(), states);
    }
}

/// What the client behind `end` trusts, with its older states as far as they are read.
pub(crate) async fn believed(chain: &Cosmos, end: &End) -> Result<Answer, Fault> {
    let (seen, _) = chain.seen_end(end).await?;
    let look = Look {
        host: chain,
        id: &seen.view.client,
        block: seen.block,
    };
    let (trusted, is_whole) = match &seen.view.trusted {
        TrustedState::Tendermint(trusted) => {
            let (full, is_whole) = of_tendermint(&look, trusted).await?;
            (TrustedState::Tendermint(Box::new(full)), is_whole)
        }
        TrustedState::Ethereum(trusted) => {
            let (full, is_whole) = of_ethereum(&look, trusted).await?;
            (TrustedState::Ethereum(Box::new(full)), is_whole)
        }
        other @ (TrustedState::Attestors(_) | TrustedState::Policy(_)) => (other.clone(), true),
    };
    Ok(Answer::Believed {
        is_whole,
        view: ClientView { trusted, ..seen.view },
    })
}

async fn of_tendermint(
    look: &Look<'_>,
    trusted: &tendermint_client::Trusted,
) -> Result<(tendermint_client::Trusted, bool), Fault> {
    let newest = *trusted.newest();
    let read = |height| async move {
        let at = RawHeight {
            revision_number: trusted.config.revision(),
            revision_height: height,
        };
        let read = |rpc| async move { look.reader(&rpc).consensus_state(at, look.block).await };
        look.host.on_rpc(read).await
    };
    let memory = &look.host.beliefs.tendermint;
    let (states, is_whole) = kept(look, memory, (newest.height, newest), read).await?;
    let (config, states) = (trusted.config.clone(), states.into_values());
    let full = tendermint_client::Trusted::from_parts(config, newest, states, trusted.frozen);
    Ok((full.map_err(|reject| unsound(look, &reject))?, is_whole))
}

async fn of_ethereum(
    look: &Look<'_>,
    trusted: &ethereum::Trusted,
) -> Result<(ethereum::Trusted, bool), Fault> {
    let Some(newest) = trusted.state_at(trusted.newest).copied() else {
        return Ok((trusted.clone(), true));
    };
    let read = |slot| async move {
        let read = |rpc| async move { look.reader(&rpc).wasm_state(Slot(slot), look.block).await };
        look.host.on_rpc(read).await
    };
    let memory = &look.host.beliefs.ethereum;
    let (states, is_whole) = kept(look, memory, (newest.slot.0, newest), read).await?;
    let (config, held) = (trusted.config.clone(), trusted.committees().copied());
    let full =
        ethereum::Trusted::from_parts(config, trusted.newest, states.into_values(), held, trusted.frozen);
    let mut full = full.map_err(|reject| unsound(look, &reject))?;
    full.bootstrap = trusted.bootstrap;
    Ok((full, is_whole))
}

/// The states that a client keeps, as far as they are read by now, and whether that is all.
///
/// - `newest`: height and state of the newest, which is known.
async fn kept<S: Copy, Reading: Future<Output = Result<S, Fault>>>(
    look: &Look<'_>,
    memory: &Memory<S>,
    newest: (u64, S),
    read: impl Fn(u64) -> Reading,
) -> Result<(BTreeMap<u64, S>, bool), Fault> {
    let heights = look.heights().await?.heights;
    let mut states = memory.known(look.id, &heights);
    states.insert(newest.0, newest.1);
    let unread = heights.iter().rev().filter(|height| !states.contains_key(height));
    let missing: Vec<u64> = unread.copied().collect();
    for height in missing.iter().take(READ_MAX) {
        states.insert(*height, read(*height).await?);
    }
    memory.put(look.id, states.clone());
    Ok((states, missing.len() <= READ_MAX))
}

fn unsound(look: &Look<'_>, reject: &dyn core::fmt::Display) -> Fault {
    look.host
        .malformed(format!("states of {}: failed to {reject}", look.id))
}
