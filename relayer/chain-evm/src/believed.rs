//! `Ask::Believed`: the states that a client of a CometBFT chain on this one keeps.
//!
//! Its contract says what it believes of a height, and not which heights it knows. Those stand in the headers that it was shown:
//! the router tells each update in a log, and the transaction of that log holds the header. They are hints: what the client
//! believes of a height, it says itself. Whoever updates it through a contract of his own hides the height; then it is seen while
//! it is the newest, and told when it cannot be read. Of a policy each leaf is read so; what a leaf was shown by others than through the
//! policy is hidden in the same way.
//!
//! What this module must never do: leave out the newest state.

use crate::abi::{Router, TendermintClient};
use crate::batch;
use crate::calls::Calls;
use crate::client_view::{self, Told, view};
use crate::evm::Evm;
use crate::rpc::{At, Rpc, to_u64};
use crate::tendermint::{law_start, state_of};
use alloy::rpc::types::Filter;
use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolEvent};
use chain::{Answer, ClientView, Fault, Recent, TrustedState};
use endpoints::Complaint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tendermint_client::{State, Trusted, evm};
use wire::{ClientId, End};

/// Blocks that are searched in one request, requests of one look, and how far back the first look begins: about a week of
/// mainnet, after which a state counts no more.
const PAGE: u64 = 1_000;
const PAGES_MAX: usize = 16;
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

/// What is known of one: the next block to search, heights that it was shown, and what it believes of them.
#[derive(Clone, Debug, Default)]
struct Known {
    next: Option<u64>,
    heights: BTreeSet<u64>,
    states: BTreeMap<u64, State>,
}

impl Beliefs {
    fn take(&self, whom: &Whom) -> Known {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(whom).cloned().unwrap_or_default()
    }

    fn put(&self, whom: Whom, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.put(whom, known);
    }
}

/// What the client of `end` trusts, with its older states as far as they are known.
pub(crate) async fn believed(chain: &Evm, end: &End) -> Result<Answer, Fault> {
    let id = chain.client_of(end)?;
    let looked = chain
        .on_rpc(|rpc| async move { look(chain, &rpc, id).await })
        .await?;
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
}

async fn look(chain: &Evm, rpc: &Rpc, id: &ClientId) -> Result<Looked, Complaint> {
    let seen = client_view::see(rpc, &chain.lights, chain.settings.router, id).await?;
    let mut looked = Looked {
        view: seen.view,
        is_whole: true,
        known: Vec::new(),
    };
    let whose: Vec<(Option<u8>, Address)> = match &seen.told {
        Told::Policy(leaves) => (0_u8..)
            .zip(leaves)
            .map(|(place, leaf)| (Some(place), leaf.contract))
            .collect(),
        Told::Beacon(_) | Told::Attestors(_) | Told::Tendermint(_) => vec![(None, seen.contract)],
    };
    for (leaf, contract) in whose {
        let Some(trusted) = follower_at(&mut looked.view.trusted, leaf) else {
            continue;
        };
        let whom = (id.clone(), contract);
        let mut known = chain.beliefs.take(&whom);
        let reader = Reader {
            chain,
            rpc,
            id,
            leaf,
            contract,
        };
        let is_searched = reader.search(&mut known).await?;
        let is_read = reader.read(&mut known, trusted).await?;
        **trusted = reader.full(&known, trusted)?;
        looked.is_whole &= is_searched && is_read;
        looked.known.push((whom, known));
    }
    Ok(looked)
}

/// What a client of a CometBFT chain trusts: the one that `trusted` is of, or a leaf of it.
fn follower_at(trusted: &mut TrustedState, leaf: Option<u8>) -> Option<&mut Box<Trusted>> {
    match (trusted, leaf) {
        (TrustedState::Tendermint(trusted), None) => Some(trusted),
        (TrustedState::Policy(state), Some(place)) => {
            follower_at(state.leaves.get_mut(usize::from(place))?.as_mut()?, None)
        }
        (TrustedState::Tendermint(_) | TrustedState::Ethereum(_) | TrustedState::Attestors(_), _)
        | (TrustedState::Policy(_), None) => None,
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
    leaf: Option<u8>,
    contract: Address,
}

impl Reader<'_> {
    /// Looks for heights in the blocks that were not searched yet; says whether none is left.
    async fn search(&self, known: &mut Known) -> Result<bool, Complaint> {
        let latest = to_u64(self.rpc.latest().await?.number);
        if known.next.is_none() {
            known.heights.extend(self.start().await?);
        }
        let first = self.chain.settings.first_block.0;
        let mut from = known
            .next
            .unwrap_or_else(|| first.max(latest.saturating_sub(BACK)));
        let mut page = PAGE;
        for _ in 0..PAGES_MAX {
            if from > latest {
                break;
            }
            let to = latest.min(from.saturating_add(page - 1));
            let filter = Filter::new()
                .address(self.chain.settings.router)
                .event_signature(Router::ICS02ClientUpdated::SIGNATURE_HASH)
                .from_block(from)
                .to_block(to);
            match self.rpc.logs(&filter).await? {
                Ok(logs) => {
                    let of_client = logs.iter().filter(|log| self.is_about(log));
                    let txs: BTreeSet<B256> = of_client.filter_map(|log| log.transaction_hash).collect();
                    for tx in txs {
                        self.learn(known, tx).await?;
                    }
                    from = to.saturating_add(1);
                }
                Err(refusal) if refusal.is_range_too_large() && page > 1 => page /= 2,
                Err(refusal) => return Err(refusal.into_complaint("eth_getLogs")),
            }
        }
        known.next = Some(from.min(latest.saturating_sub(AGAIN)).max(first));
        Ok(from > latest)
    }

    /// The height that the client started from.
    async fn start(&self) -> Result<Option<u64>, Complaint> {
        let call = TendermintClient::bootstrapCall {};
        let start = view(self.rpc, self.contract, &call, At::Latest, self.id.as_str()).await?;
        Ok(law_start(&start).ok().map(|start| start.height.revision_height))
    }

    fn is_about(&self, log: &alloy::rpc::types::Log) -> bool {
        let told = Router::ICS02ClientUpdated::decode_log(&log.inner);
        told.is_ok_and(|told| told.clientId == self.id.as_str())
    }

    /// Takes the heights that the client was shown by the transaction `tx`.
    async fn learn(&self, known: &mut Known, tx: B256) -> Result<(), Complaint> {
        let Some(transaction) = self.rpc.transaction(tx).await? else {
            return Ok(());
        };
        let Some(messages) = messages_in(&transaction.input, self.id) else {
            tracing::debug!(chain = %self.chain.name(), client = %self.id, %tx, "a client was updated through another contract: what it was shown is not seen");
            return Ok(());
        };
        let ours = messages.iter().filter_map(|message| told(message, self.leaf));
        for height in ours.filter_map(evm::height_of) {
            known.heights.insert(height);
        }
        while known.heights.len() > HEIGHTS_MAX {
            known.heights.pop_first();
        }
        Ok(())
    }

    /// Reads what the client believes of heights of which that is not known yet, the newest first; says whether none is left.
    async fn read(&self, known: &mut Known, trusted: &Trusted) -> Result<bool, Complaint> {
        let newest = *trusted.newest();
        let reach = newest.height.saturating_sub(u64::from(trusted.config.capacity));
        known.heights = known.heights.split_off(&reach.saturating_add(1));
        known.heights.insert(newest.height);
        known.states.retain(|height, _| *height > reach);
        known.states.insert(newest.height, newest);
        let (heights, states) = (&known.heights, &known.states);
        let missing = heights.iter().rev().filter(|height| !states.contains_key(height));
        let missing: Vec<u64> = missing.copied().collect();
        for height in missing.iter().take(READ_MAX) {
            match self.state_at(*height).await? {
                Some(state) => drop(known.states.insert(*height, state)),
                // It was refused then, or is out of the ring.
                None => drop(known.heights.remove(height)),
            }
        }
        Ok(missing.len() <= READ_MAX)
    }

    async fn state_at(&self, height: u64) -> Result<Option<State>, Complaint> {
        let call = TendermintClient::stateAtCall { height };
        let state = view(self.rpc, self.contract, &call, At::Latest, self.id.as_str()).await;
        match state {
            Ok(state) if state.height == height => state_of(&state).map(Some).map_err(Complaint::malformed),
            Ok(other) => Err(Complaint::malformed(format!(
                "asked for the state of height {height}, got that of {}",
                other.height
            ))),
            Err(Complaint::Lacks(Fault::NoClient { .. })) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn full(&self, known: &Known, trusted: &Trusted) -> Result<Trusted, Complaint> {
        let (config, states) = (trusted.config.clone(), known.states.values().copied());
        Trusted::from_parts(config, *trusted.newest(), states, trusted.frozen)
            .map_err(|reject| Complaint::malformed(format!("states of {}: failed to {reject}", self.id)))
    }
}

/// What of a message to a client its leaf is told, or the client itself.
fn told(message: &[u8], leaf: Option<u8>) -> Option<&[u8]> {
    let Some(leaf) = leaf else {
        return Some(message);
    };
    let (place, own) = message.split_first()?;
    (*place == leaf).then_some(own)
}

/// What `id` was told by a transaction of the router's; none if it is of another kind.
fn messages_in(input: &[u8], id: &ClientId) -> Option<Vec<Vec<u8>>> {
    if let Some(batch) = batch::read(input) {
        return (batch.client == *id).then_some(batch.updates);
    }
    let single = Router::updateClientCall::abi_decode(input).ok();
    let calls = match single {
        Some(call) => vec![call],
        None => {
            let calls = Calls::read(input)?.updates;
            let calls = calls
                .iter()
                .map(|call| Router::updateClientCall::abi_decode(call));
            calls.filter_map(Result::ok).collect()
        }
    };
    let of_client = calls.into_iter().filter(|call| call.clientId == id.as_str());
    Some(of_client.map(|call| call.updateMsg.to_vec()).collect())
}

#[cfg(test)]
#[path = "believed_tests.rs"]
mod tests;
