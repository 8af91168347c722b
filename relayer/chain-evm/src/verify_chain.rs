//! The part of an end's verification that compares the client with the verifier's own finalized chain: where it started,
//! which committees and states it holds, and how its contract came to stand behind its id.
//!
//! What this module must never do: take something that was not compared for something that fits.

use crate::abi::{BeaconClient, Router};
use crate::beacon::Beacon;
use crate::proofs;
use crate::rpc::{At, Rpc, to_u64};
use crate::verify::{End, unchecked};
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use chain::{Depth, Doubt, Fault};
use endpoints::{Complaint, Defect};
use ethereum::{Network, Period, Slot, State};
use wire::{ClientId, Seconds};

/// States of the ring that are compared at most; the newest first.
const STATES_MAX: usize = 512;
/// Epochs behind the newest state whose states are compared where only the newest are.
const NEWEST_EPOCHS: u64 = 8;
/// Slots before an empty one in which a node that has that part of the chain has a block.
const GAP_MAX: u64 = 64;
/// Blocks searched for events of a client in one request at first.
const HISTORY_PAGE: u64 = 8_192;

impl End<'_> {
    /// The state that the client started from lies on the verifier's own finalized chain.
    pub(crate) async fn check_bootstrap(&self) -> Result<String, Doubt> {
        let (contract, network) = (self.contract, self.network);
        let started = self
            .host
            .read(contract, &BeaconClient::bootstrapCall {}, At::Latest)
            .await
            .map_err(unchecked)?;
        let slot = Slot(started.slot);
        let checked = self
            .tracked
            .on_beacon(|beacon| async move {
                let finalized = beacon.finality_update(network).await?.slot();
                if slot > finalized {
                    let text = format!("it started at slot {slot}, finality is at {finalized}");
                    return Ok(Err(Doubt::Unchecked(text)));
                }
                match beacon.header_at(slot).await? {
                    Some(header) if header.root == started.headerRoot => {}
                    Some(header) => {
                        let (theirs, ours) = (started.headerRoot, header.root);
                        let text =
                            format!("it started from block {theirs} at slot {slot}, the chain has {ours}");
                        return Ok(Err(Doubt::Differs(text)));
                    }
                    None => return no_block(&beacon, "started at", slot).await.map(Err),
                }
                self.check_committee(&beacon, network.period_of(slot), started.committee, slot)
                    .await
            })
            .await
            .map_err(unchecked)?;
        checked.map(|()| format!("started from the chain's own block at slot {slot}"))
    }

    /// Every committee that the client holds is the chain's own.
    pub(crate) async fn check_committees(&self) -> Result<String, Doubt> {
        let newest = self.trusted.newest;
        let mut checked = 0u32;
        for held in self.trusted.committees() {
            let verdict = self
                .tracked
                .on_beacon(|beacon| async move {
                    self.check_committee(&beacon, held.period, held.commitment, newest)
                        .await
                })
                .await
                .map_err(unchecked)?;
            verdict?;
            checked += 1;
        }
        Ok(format!("{checked} committees are the chain's own"))
    }

    async fn check_committee(
        &self,
        beacon: &Beacon,
        period: Period,
        commitment: B256,
        hint: Slot,
    ) -> Result<Result<(), Doubt>, Complaint> {
        let fetched = self
            .tracked
            .committees
            .fetch(beacon, self.network, period, commitment, hint)
            .await;
        match fetched {
            Ok(_) => Ok(Ok(())),
            Err(Complaint::Endpoint(Defect::Malformed, text)) => {
                no_committee(beacon, self.network, period, text).await.map(Err)
            }
            Err(other) => Err(other),
        }
    }

    /// Every state in the ring is the chain's own: same block, same storage root of the router.
    pub(crate) async fn check_states(&self, depth: Depth) -> Result<String, Doubt> {
        let states = self.stored_states(depth).await?;
        let mut checked = 0_usize;
        for state in &states {
            match self.check_state(state).await {
                Ok(()) => checked += 1,
                // Those that follow are older still.
                Err(Fault::Pruned { .. }) => {
                    self.check_existed(state.slot).await?;
                    break;
                }
                Err(Fault::NoClient { text, .. }) => return Err(Doubt::Differs(text)),
                Err(fault) => return Err(unchecked(fault)),
            }
        }
        if checked < states.len() {
            return Err(Doubt::Gone(format!(
                "{} of {} states are pruned from the endpoints and were not compared; use an archive node",
                states.len() - checked,
                states.len()
            )));
        }
        Ok(format!("{checked} states are the chain's own"))
    }

    /// That no block is found for a state can also mean that there never was one.
    async fn check_existed(&self, slot: Slot) -> Result<(), Doubt> {
        let network = self.network;
        let checked = self.tracked.on_beacon(|beacon| async move {
            let finalized = beacon.finality_update(network).await?.slot();
            if slot > finalized {
                let text = format!("it believes a state of slot {slot}, finality is at {finalized}");
                return Ok(Err(Doubt::Unchecked(text)));
            }
            if beacon.header_at(slot).await?.is_some() {
                return Ok(Ok(()));
            }
            match no_block(&beacon, "believes a state of", slot).await? {
                Doubt::Gone(_) => Ok(Ok(())),
                doubt => Ok(Err(doubt)),
            }
        });
        checked.await.map_err(unchecked)?
    }

    async fn check_state(&self, state: &State) -> Result<(), Fault> {
        let anchor = self.tracked.anchor(state.slot).await?;
        let (router, anchor) = (self.tracked.settings.router, &anchor);
        let nodes = self
            .tracked
            .on_rpc(|rpc| async move { proofs::prove_account(&rpc, router, anchor).await })
            .await?;
        let foreign = |text: String| Fault::NoClient {
            id: self.contract.to_string(),
            text,
        };
        let account = merkle::mpt::account(anchor.state_root, router, &nodes).map_err(|reject| {
            foreign(format!(
                "the account proof at slot {} does not hold: {reject}",
                state.slot
            ))
        })?;
        if account.storage_root != state.storage_root {
            let (theirs, ours) = (state.storage_root, account.storage_root);
            return Err(foreign(format!(
                "at slot {} the client believes storage root {theirs}, the chain has {ours}",
                state.slot
            )));
        }
        Ok(())
    }

    /// The states in the client's ring, newest first, found by the slots of the chain's checkpoints.
    async fn stored_states(&self, depth: Depth) -> Result<Vec<State>, Doubt> {
        let started = self
            .host
            .read(self.contract, &BeaconClient::bootstrapCall {}, At::Latest)
            .await;
        let first = started.map_err(unchecked)?.slot;
        let per_epoch = self.network.times().slots_per_epoch.max(1);
        let mut states = Vec::new();
        let mut epoch = self.network.checkpoint_of(self.trusted.newest).0;
        let back = match depth {
            Depth::Whole => u64::from(self.config.capacity),
            Depth::Newest => NEWEST_EPOCHS.min(self.config.capacity.into()),
        };
        let last = epoch.saturating_sub(back);
        while states.len() < STATES_MAX && epoch > last && epoch.saturating_mul(per_epoch) >= first {
            let boundary = epoch.saturating_mul(per_epoch);
            // A checkpoint is the last block at or before the epoch's first slot.
            for slot in (boundary.saturating_sub(per_epoch - 1)..=boundary).rev() {
                if let Some(state) = self.state_at(Slot(slot)).await? {
                    states.push(state);
                    break;
                }
            }
            epoch = epoch.saturating_sub(1);
        }
        if states.is_empty() {
            return Err(Doubt::Unchecked("no state of the ring could be read".into()));
        }
        Ok(states)
    }

    async fn state_at(&self, slot: Slot) -> Result<Option<State>, Doubt> {
        let call = BeaconClient::stateAtCall { slot: slot.0 };
        match self.host.read(self.contract, &call, At::Latest).await {
            Ok(state) => Ok(Some(State {
                slot: Slot(state.slot),
                storage_root: state.storageRoot,
                learned_at: Seconds(state.learnedAt),
            })),
            Err(Fault::WouldRevert(_)) => Ok(None),
            Err(fault) => Err(unchecked(fault)),
        }
    }
}

/// What it means that an endpoint does not show the committee of `period` that a client holds: it shows another, or it does
/// not go back so far, or has not got there yet.
async fn no_committee(
    beacon: &Beacon,
    network: &Network,
    period: Period,
    text: String,
) -> Result<Doubt, Complaint> {
    let finalized = beacon.finality_update(network).await?.slot();
    if let Some(before) = period.0.checked_sub(1)
        && !beacon.updates(network, Period(before), 1).await?.is_empty()
    {
        return Ok(Doubt::Differs(text));
    }
    if period < network.period_of(finalized) {
        let text = format!("{text}; ask a beacon node that has that period");
        return Ok(Doubt::Gone(text));
    }
    Ok(Doubt::Unchecked(text))
}

/// What it means that the endpoint has no block at `slot`, where a client started or of which it believes a state (`does`):
/// there is none, or the endpoint does not go back so far.
async fn no_block(beacon: &Beacon, does: &str, slot: Slot) -> Result<Doubt, Complaint> {
    for before in (slot.0.saturating_sub(GAP_MAX)..slot.0).rev() {
        if beacon.header_at(Slot(before)).await?.is_some() {
            let text = format!("it {does} slot {slot}, where the chain has no block");
            return Ok(Doubt::Differs(text));
        }
    }
    Ok(Doubt::Gone(format!(
        "it {does} slot {slot}, and the beacon endpoint has no block there; ask one that has that part of the chain"
    )))
}

/// The contracts that stood behind `id`, oldest first, by the router's events.
pub(crate) async fn history(
    rpc: &Rpc,
    router: Address,
    first: u64,
    id: &ClientId,
) -> Result<Vec<Address>, Complaint> {
    let kinds = vec![
        Router::ICS02ClientAdded::SIGNATURE_HASH,
        Router::ICS02ClientMigrated::SIGNATURE_HASH,
    ];
    let latest = to_u64(rpc.latest().await?.number);
    let mut contracts = Vec::new();
    let (mut from, mut page) = (first, HISTORY_PAGE);
    while from <= latest {
        let to = latest.min(from.saturating_add(page - 1));
        let filter = Filter::new()
            .address(router)
            .event_signature(kinds.clone())
            .from_block(from)
            .to_block(to);
        match rpc.logs(&filter).await? {
            Ok(logs) => {
                let ours = logs.iter().filter(|log| log.address() == router);
                contracts.extend(ours.filter_map(|log| contract_in(log, id)));
                from = to.saturating_add(1);
            }
            Err(refusal) if refusal.is_range_too_large() && page > 1 => page /= 2,
            Err(refusal) => return Err(refusal.into_complaint("eth_getLogs")),
        }
    }
    Ok(contracts)
}

/// The contract that `log` puts behind `id`, if it is about that client.
fn contract_in(log: &Log, id: &ClientId) -> Option<Address> {
    let added =
        Router::ICS02ClientAdded::decode_log(&log.inner).map(|log| (log.clientId.clone(), log.client));
    let named = added.or_else(|_| {
        Router::ICS02ClientMigrated::decode_log(&log.inner).map(|log| (log.clientId.clone(), log.client))
    });
    named
        .ok()
        .and_then(|(client, contract)| (client == id.as_str()).then_some(contract))
}

#[cfg(test)]
#[path = "verify_chain_tests.rs"]
mod tests;
