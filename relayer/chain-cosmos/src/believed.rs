//! `Ask::Believed`: the states that a client of a Cosmos chain on this one keeps, with what they say.
//!
//! A state does not change while it is kept, so each is read once. The newest are read first: what somebody was made to
//! believe today is told before what he believes since last week.

use crate::cosmos::Cosmos;
use crate::ibc::RawHeight;
use crate::look::{Heights, Look};
use chain::{Answer, ClientView, Fault, Recent, TrustedState};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tendermint_client::{State, Trusted};
use wire::{ClientId, End};

/// States that are read for one answer; the others are read for the next ones.
const READ_MAX: usize = 64;
/// Clients whose states are remembered.
const CLIENTS_MAX: usize = 64;

/// States by the clients that keep them and their heights.
#[derive(Debug)]
pub(crate) struct Beliefs(Mutex<Recent<ClientId, BTreeMap<u64, State>>>);

impl Default for Beliefs {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(CLIENTS_MAX)))
    }
}

impl Beliefs {
    /// What is known of `heights`; the rest of what was known is forgotten, for the client has.
    fn known(&self, id: &ClientId, heights: &Heights) -> BTreeMap<u64, State> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(states) = all.get_mut(id) else {
            return BTreeMap::new();
        };
        states.retain(|height, _| heights.heights.contains(height));
        states.clone()
    }

    fn put(&self, id: &ClientId, states: BTreeMap<u64, State>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.put(id.clone(), states);
    }
}

/// What the client behind `end` trusts, with its older states as far as they are read.
pub(crate) async fn believed(chain: &Cosmos, end: &End) -> Result<Answer, Fault> {
    let (seen, _) = chain.seen_end(end).await?;
    let TrustedState::Tendermint(trusted) = &seen.view.trusted else {
        let view = seen.view;
        return Ok(Answer::Believed { view, is_whole: true });
    };
    let look = Look {
        host: chain,
        id: &seen.view.client,
        block: seen.block,
    };
    let heights = look.heights().await?;
    let mut states = chain.beliefs.known(look.id, &heights);
    let newest = *trusted.newest();
    states.insert(newest.height, newest);
    let missing = heights
        .heights
        .iter()
        .rev()
        .filter(|height| !states.contains_key(height));
    let missing: Vec<u64> = missing.copied().collect();
    for height in missing.iter().take(READ_MAX) {
        let at = RawHeight {
            revision_number: trusted.config.revision(),
            revision_height: *height,
        };
        let look = &look;
        let state = chain
            .on_rpc(|rpc| async move { look.reader(&rpc).consensus_state(at, look.block).await })
            .await?;
        states.insert(*height, state);
    }
    chain.beliefs.put(look.id, states.clone());
    let full = Trusted::from_parts(
        trusted.config.clone(),
        newest,
        states.into_values(),
        trusted.frozen,
    );
    let full =
        full.map_err(|reject| chain.malformed(format!("states of {}: failed to {reject}", look.id)))?;
    Ok(Answer::Believed {
        is_whole: missing.len() <= READ_MAX,
        view: ClientView {
            trusted: TrustedState::Tendermint(Box::new(full)),
            ..seen.view
        },
    })
}
