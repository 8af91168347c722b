//! `Ask::Believed`: the states that a client on this chain keeps.
//!
//! The contract of a client of a CometBFT chain says what it believes of a height, and tells each height that it learns in an event
//! of its own: whoever updated it, by whichever contract, and also a height below the newest. The events are hints; what the client
//! believes of a height, it says itself. What stands outside of its ring it tells in one answer. One of a beacon chain tells no
//! event: its ring is read by `sweep`. Of a policy each leaf is read so.
//!
//! What this module must never do: leave out the newest state.

use crate::abi::TendermintClient;
use crate::client_view::{self, Told, view};
use crate::evm::Evm;
use crate::log_pages::{self, Pages};
use crate::ring::exactly;
use crate::rpc::{At, Rpc, to_u64};
use crate::sweep::{Places, sweep};
use crate::tendermint::{law_start, state_of};
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use chain::{Answer, ClientView, Fault, Recent, TrustedState};
use core::ops::ControlFlow;
use endpoints::Complaint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tendermint_client::{State, Trusted};
use wire::{ClientId, End};

/// Blocks that are searched in one request, requests of one look, and how far back the first look begins: about a week of
/// mainnet, after which a state counts no more.
const PAGES: Pages = Pages {
    size: 1_000,
    most: 16,
};
const BACK: u64 = 50_400;
/// Blocks that are searched again, because a reorganisation may have put other updates there.
const AGAIN: u64 = 64;
/// States that are read for one answer; heights and clients that are remembered.
const READ_MAX: usize = 64;
const HEIGHTS_MAX: usize = 50_000;
const CLIENTS_MAX: usize = 64;
/// Looks until all states of a client are read: more than heights are remembered.
const LOOKS_MAX: usize = 1_000;

/// Whose states are read: what stands behind an id, or a leaf of the policy there, by its contract.
type Whom = (ClientId, Address);

/// What is remembered of clients.
#[derive(Debug)]
pub(crate) struct Beliefs(Mutex<Recent<Whom, Known>>);

impl Default for Beliefs {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(CLIENTS_MAX)))
    }
}

/// What is known of one.
#[derive(Clone, Debug)]
enum Known {
    Heights(Heights),
    Places(Places),
}

/// Of one of a CometBFT chain: the next block to search, heights that it learned, and what it believes of them.
#[derive(Clone, Debug, Default)]
struct Heights {
    next: Option<u64>,
    heights: BTreeSet<u64>,
    states: BTreeMap<u64, State>,
}

impl Heights {
    /// Forgets states from which nothing can be judged any more. Not those that lie below the ring: as long as no other state has the place
    /// of one, it counts, and a client that was shown a block far ahead is contradicted from there.
    fn forget_expired(&mut self, trusted: &Trusted) {
        let (now, period) = (trusted.newest().time.rounded_down(), trusted.config.trust_period);
        let heights = &mut self.heights;
        self.states.retain(|height, state| {
            let counts = now < state.time.rounded_down().saturating_add(period);
            if !counts {
                heights.remove(height);
            }
            counts
        });
    }
}

impl Beliefs {
    fn take(&self, whom: &Whom) -> Option<Known> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(whom).cloned()
    }

    fn put(&self, whom: Whom, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.put(whom, known);
    }
}

/// What the client of `end` trusts, with its older states as far as they are known.
pub(crate) async fn believed(chain: &Evm, end: &End) -> Result<Answer, Fault> {
    let id = chain.client_of(end)?;
    let mut looked = chain
        .on_rpc(|rpc| async move { look(chain, &rpc, id).await })
        .await?;
    for (leaf, contract) in core::mem::take(&mut looked.contracts) {
        let whom = (id.clone(), contract);
        if let Some(TrustedState::Ethereum(trusted)) = light_at(&mut looked.view.trusted, leaf) {
            let places = swept(chain, contract, trusted, chain.beliefs.take(&whom)).await;
            looked.is_whole &= places.is_swept;
            looked.known.push((whom, Known::Places(places)));
        }
    }
    for (whom, known) in looked.known {
        chain.beliefs.put(whom, known);
    }
    Ok(Answer::Believed {
        view: looked.view,
        is_whole: looked.is_whole,
    })
}

/// What one look at a client brought.
struct Looked {
    view: ClientView,
    /// Whether no states are left that it is known to keep.
    is_whole: bool,
    known: Vec<(Whom, Known)>,
    /// The contract, or those of the leaves with their places.
    contracts: Vec<(Option<u8>, Address)>,
}

async fn look(chain: &Evm, rpc: &Rpc, id: &ClientId) -> Result<Looked, Complaint> {
    let seen = client_view::see(rpc, &chain.lights, chain.settings.router, id).await?;
    let mut looked = Looked {
        view: seen.view,
        is_whole: true,
        known: Vec::new(),
        contracts: Vec::new(),
    };
    looked.contracts = match &seen.told {
        Told::Policy(leaves) => (0_u8..)
            .zip(leaves)
            .map(|(place, leaf)| (Some(place), leaf.contract))
            .collect(),
        Told::Beacon(_) | Told::Attestors(_) | Told::Tendermint(_) => vec![(None, seen.contract)],
    };
    for (leaf, contract) in looked.contracts.clone() {
        let Some(TrustedState::Tendermint(trusted)) = light_at(&mut looked.view.trusted, leaf) else {
            continue;
        };
        let reader = Reader {
            chain,
            rpc,
            id,
            contract,
        };
        let whom = (id.clone(), contract);
        let (known, is_whole) = reader.heights(trusted, chain.beliefs.take(&whom)).await?;
        looked.is_whole &= is_whole;
        looked.known.push((whom, Known::Heights(known)));
    }
    Ok(looked)
}

/// Adds what a beacon client believes of slots below its newest, as far as its ring was swept. Where nobody shows the ring, the newest
/// is compared all the same.
async fn swept(
    chain: &Evm,
    contract: Address,
    trusted: &mut ethereum::Trusted,
    known: Option<Known>,
) -> Places {
    let before = match known {
        Some(Known::Places(known)) => known,
        Some(Known::Heights(_)) | None => Places::default(),
    };
    let (light, begun) = (&*trusted, &before);
    let swept = chain.on_rpc(|rpc| async move {
        let mut places = begun.clone();
        sweep(&rpc, contract, light, &mut places).await?;
        Ok(places)
    });
    let swept = swept.await;
    let places = swept.unwrap_or_else(|fault| {
        tracing::info!(chain = %chain.name(), %contract, %fault, "older states of a client were not read");
        before.given_up()
    });
    if let Ok(full) = places.full(trusted) {
        *trusted = full;
    }
    places
}

/// What a light client trusts: the one that `trusted` is of, or a leaf of it.
fn light_at(trusted: &mut TrustedState, leaf: Option<u8>) -> Option<&mut TrustedState> {
    match (trusted, leaf) {
        (TrustedState::Policy(state), Some(place)) => state.leaves.get_mut(usize::from(place))?.as_mut(),
        (trusted, None) => Some(trusted),
        (_, Some(_)) => None,
    }
}

/// What the client `id` trusts, with all states that it and its leaves are known to keep, and whether there are no others that they are
/// known to keep.
pub(crate) async fn all_states(chain: &Evm, id: &ClientId) -> Result<(TrustedState, bool), Fault> {
    let end = End::Client(id.clone());
    let mut looks = 0;
    loop {
        let Answer::Believed { view, is_whole } = believed(chain, &end).await? else {
            return Err(Fault::NoClient {
                id: id.to_string(),
                text: "what it believes was asked, and something else answered".into(),
            });
        };
        looks += 1;
        if is_whole || looks == LOOKS_MAX {
            return Ok((view.trusted, is_whole));
        }
    }
}

struct Reader<'a> {
    chain: &'a Evm,
    rpc: &'a Rpc,
    id: &'a ClientId,
    contract: Address,
}

impl Reader<'_> {
    /// Adds what a client of a CometBFT chain believes of its older heights; says whether that is all.
    async fn heights(
        &self,
        trusted: &mut Trusted,
        known: Option<Known>,
    ) -> Result<(Heights, bool), Complaint> {
        let mut known = match known {
            Some(Known::Heights(known)) => known,
            Some(Known::Places(_)) | None => Heights::default(),
        };
        let is_searched = self.search(&mut known).await?;
        let is_read = self.read(&mut known, trusted).await?;
        let milestones = self.milestones().await?;
        *trusted = self.full(&known, trusted)?.with_milestones(milestones);
        Ok((known, is_searched && is_read))
    }

    /// Looks for heights in the blocks that were not searched yet; says whether none is left.
    async fn search(&self, known: &mut Heights) -> Result<bool, Complaint> {
        let latest = to_u64(self.rpc.latest().await?.number);
        if known.next.is_none() {
            known.heights.extend(self.start().await?);
        }
        let first = self.chain.settings.first_block.0;
        let mut from = known
            .next
            .unwrap_or_else(|| first.max(latest.saturating_sub(BACK)));
        let filter = Filter::new()
            .address(self.contract)
            .event_signature(TendermintClient::StateLearned::SIGNATURE_HASH);
        from = log_pages::read(self.rpc, &filter, from..=latest, PAGES, |logs| {
            known.heights.extend(heights_in(self.contract, logs));
            while known.heights.len() > HEIGHTS_MAX {
                known.heights.pop_first();
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        known.next = Some(from.min(latest.saturating_sub(AGAIN)).max(first));
        Ok(from > latest)
    }

    /// The height that the client started from.
    async fn start(&self) -> Result<Option<u64>, Complaint> {
        let call = TendermintClient::bootstrapCall {};
        let start = view(self.rpc, self.contract, &call, At::Latest, self.id.as_str()).await?;
        Ok(law_start(&start).ok().map(|start| start.height.revision_height))
    }

    /// Reads what the client believes of heights of which that is not known yet, the newest first; says whether none is left.
    async fn read(&self, known: &mut Heights, trusted: &Trusted) -> Result<bool, Complaint> {
        let newest = *trusted.newest();
        known.forget_expired(trusted);
        known.heights.insert(newest.height);
        known.states.insert(newest.height, newest);
        let (heights, states) = (&known.heights, &known.states);
        let missing = heights.iter().rev().filter(|height| !states.contains_key(height));
        let missing: Vec<u64> = missing.copied().collect();
        for height in missing.iter().take(READ_MAX) {
            match self.state_at(*height).await? {
                Some(state) => drop(known.states.insert(*height, state)),
                // It is out of the ring, or another one stands there.
                None => drop(known.heights.remove(height)),
            }
        }
        Ok(missing.len() <= READ_MAX)
    }

    async fn state_at(&self, height: u64) -> Result<Option<State>, Complaint> {
        let call = TendermintClient::stateAtCall { height };
        let state = view(self.rpc, self.contract, &call, At::Latest, self.id.as_str()).await;
        let found = exactly(state, height, |state| state.height)?;
        let state = found.as_ref().map(state_of).transpose();
        state.map_err(Complaint::malformed)
    }

    /// The states that no height puts out, the oldest first.
    async fn milestones(&self) -> Result<Vec<State>, Complaint> {
        let call = TendermintClient::milestonesCall {};
        let states = view(self.rpc, self.contract, &call, At::Latest, self.id.as_str()).await?;
        let states: Result<Vec<State>, String> = states.iter().map(state_of).collect();
        states.map_err(Complaint::malformed)
    }

    fn full(&self, known: &Heights, trusted: &Trusted) -> Result<Trusted, Complaint> {
        let (config, states) = (trusted.config.clone(), known.states.values().copied());
        Trusted::from_parts(config, *trusted.newest(), states, trusted.frozen)
            .map_err(|reject| Complaint::malformed(format!("states of {}: failed to {reject}", self.id)))
    }
}

/// The heights that `contract` learned by its events among `logs`.
fn heights_in(contract: Address, logs: &[Log]) -> impl Iterator<Item = u64> {
    let own = logs.iter().filter(move |log| log.address() == contract);
    own.filter_map(|log| TendermintClient::StateLearned::decode_log(&log.inner).ok())
        .map(|told| told.height)
}

#[cfg(test)]
#[path = "believed_tests.rs"]
mod tests;
