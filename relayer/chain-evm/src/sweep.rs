//! The states that a beacon client keeps behind its newest, as its contract stores them.
//!
//! The contract tells nobody when it learns a state: neither its code nor what an update may cost has room for an event. And whoever has
//! the keys of a committee can show it a state of any epoch that its ring reaches, not only a new one. So the words in which the ring
//! says whose state stands at a place are read, many in one request, again and again; a state that was not there before is then asked
//! of the contract.
//!
//! What this module must never do: hand on a state that the contract does not tell itself.

use crate::abi::BeaconClient;
use crate::client_view::view;
use crate::ring::exactly;
use crate::rpc::{At, Rpc};
use alloy_primitives::{Address, B256, U256, keccak256};
use chain::Fault;
use core::ops::Range;
use endpoints::Complaint;
use ethereum::{Reject, Slot, State, Trusted};
use std::collections::BTreeMap;
use wire::Seconds;

/// Where `BeaconStore` keeps its ring: its second variable, a mapping of places to two words. The second one holds the slot in its lowest
/// 64 bits, and nothing where no state was ever learned.
const STATES_SLOT: u64 = 1;
/// Words in one request, requests and states of one look: packets wait meanwhile.
const WORDS_MAX: u64 = 64;
const REQUESTS_MAX: u32 = 4;
const READ_MAX: usize = 32;
/// Bound: places that are looked at. No network needs as many.
const PLACES_MAX: u64 = 65_536;

/// What was found in one client's ring.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The first place that this sweep has not come to.
    next: u64,
    /// Whether one has come to its end.
    pub(crate) is_swept: bool,
    /// The word of each place whose state was read, and that state.
    found: BTreeMap<u64, (B256, State)>,
}

impl Places {
    /// What a client that trusts `trusted` keeps, with all states that were found. What is newer than its newest was learned since that
    /// was read.
    pub(crate) fn full(&self, trusted: &Trusted) -> Result<Trusted, Reject> {
        let states = self.found.values().map(|(_, state)| *state);
        let states = states.filter(|state| state.slot <= trusted.newest);
        let mut full = Trusted::from_parts(
            trusted.config.clone(),
            trusted.newest,
            states.chain(trusted.states().copied()),
            trusted.committees().copied(),
            trusted.frozen,
        )?;
        full.bootstrap = trusted.bootstrap;
        Ok(full)
    }

    /// What is known while nobody shows the ring: that is looked at again, and not soon.
    pub(crate) fn given_up(mut self) -> Self {
        self.is_swept = true;
        self
    }
}

/// Goes on with the sweep over the ring of `contract`, which trusts `trusted`.
pub(crate) async fn sweep(
    rpc: &Rpc,
    contract: Address,
    trusted: &Trusted,
    places: &mut Places,
) -> Result<(), Complaint> {
    let capacity = u64::from(trusted.config.capacity).min(PLACES_MAX);
    let mut read = 0;
    for _ in 0..REQUESTS_MAX {
        let end = places.next.saturating_add(WORDS_MAX).min(capacity);
        let words = words(rpc, contract, places.next..end).await?;
        for (place, word) in (places.next..end).zip(words) {
            places.next = place;
            if places.found.get(&place).is_some_and(|(known, _)| *known == word) {
                continue;
            }
            places.found.remove(&place);
            if !is_of_place(contract, trusted, place, word)? {
                continue;
            }
            if read == READ_MAX {
                return Ok(());
            }
            read += 1;
            if let Some(state) = state_at(rpc, contract, slot_in(word)).await? {
                places.found.insert(place, (word, state));
            }
        }
        places.next = end;
        if end == capacity {
            (places.next, places.is_swept) = (0, true);
            return Ok(());
        }
    }
    Ok(())
}

/// Whether a word names a slot that belongs at its place. At that of the newest state it has to, or this is no ring as ours are.
fn is_of_place(contract: Address, trusted: &Trusted, place: u64, word: B256) -> Result<bool, Complaint> {
    let slot = slot_in(word);
    if place == trusted.config.position_of(trusted.newest) && slot < trusted.newest {
        return Err(Complaint::Ask(Fault::NoClient {
            id: contract.to_string(),
            text: format!(
                "its ring is not where this release looks for it: at place {place} stands slot {slot}, its newest is {}",
                trusted.newest
            ),
        }));
    }
    Ok(slot.0 != 0 && trusted.config.position_of(slot) == place)
}

/// The second word of each of these places. Nothing is proven by them.
async fn words(rpc: &Rpc, contract: Address, places: Range<u64>) -> Result<Vec<B256>, Complaint> {
    let slots: Vec<B256> = places.map(word_of).collect();
    let answer = rpc.proof(contract, &slots, At::Latest).await?;
    let answer = answer.map_err(|refusal| refusal.into_complaint("eth_getProof"))?;
    let told = answer.storage_proof.iter();
    let told: Vec<(B256, B256)> = told
        .map(|slot| (slot.key.as_b256(), B256::from(slot.value)))
        .collect();
    if !told.iter().map(|(key, _)| key).eq(&slots) {
        return Err(Complaint::malformed(format!(
            "asked for {} words of {contract}, got {} or others",
            slots.len(),
            told.len()
        )));
    }
    Ok(told.into_iter().map(|(_, word)| word).collect())
}

/// Where the second word of a place is stored.
fn word_of(place: u64) -> B256 {
    let key = [U256::from(place), U256::from(STATES_SLOT)].map(|word| word.to_be_bytes::<32>());
    let first = U256::from_be_bytes(keccak256(key.concat()).0);
    B256::from(first.wrapping_add(U256::from(1)))
}

fn slot_in(word: B256) -> Slot {
    let [.., a, b, c, d, e, f, g, h] = word.0;
    Slot(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// What the client believes of a slot; none if it has none of it by now.
async fn state_at(rpc: &Rpc, contract: Address, slot: Slot) -> Result<Option<State>, Complaint> {
    let call = BeaconClient::stateAtCall { slot: slot.0 };
    let found = view(rpc, contract, &call, At::Latest, &contract.to_string()).await;
    let state = exactly(found, slot.0, |state| state.slot)?;
    Ok(state.map(|state| State {
        slot,
        storage_root: state.storageRoot,
        learned_at: Seconds(state.learnedAt),
    }))
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
