//! The part of an end's verification that compares the client with the verifier's own finalized chain: where it started,
//! which committees and states it holds, and how its contract came to stand behind its id.
//!
//! What this module must never do: take something that was not compared for something that fits.

use crate::abi::{BeaconClient, Router};
use crate::beacon::Beacon;
use crate::proofs;
use crate::rpc::{At, Rpc, to_u64};
use crate::verify::{End, text};
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use chain::Fault;
use endpoints::{Complaint, Defect};
use ethereum::{Period, Slot, State};
use wire::{ClientId, Seconds};

/// States of the ring that are compared at most; the newest first.
const STATES_MAX: usize = 512;
/// Blocks searched for events of a client in one request at first.
const HISTORY_PAGE: u64 = 8_192;

impl End<'_> {
    /// The state that the client started from lies on the verifier's own finalized chain.
    pub(crate) async fn check_bootstrap(&self) -> Result<String, String> {
        let (contract, network) = (self.contract, self.network);
        let started = self
            .host
            .read(contract, &BeaconClient::bootstrapCall {}, At::Latest)
            .await
            .map_err(text)?;
        let slot = Slot(started.slot);
        let checked = self
            .tracked
            .on_beacon(|beacon| async move {
                let finalized = beacon.finality_update(network).await?.slot();
                if slot > finalized {
                    return Ok(Err(format!(
                        "it started at slot {slot}, finality is at {finalized}"
                    )));
                }
                match beacon.header_at(slot).await? {
                    Some(header) if header.root == started.headerRoot => {}
                    Some(header) => {
                        let (theirs, ours) = (started.headerRoot, header.root);
                        return Ok(Err(format!(
                            "it started from block {theirs} at slot {slot}, the chain has {ours}"
                        )));
                    }
                    None => {
                        return Ok(Err(format!(
                            "it started at slot {slot}, where the chain has no block"
                        )));
                    }
                }
                self.check_committee(&beacon, network.period_of(slot), started.committee, slot)
                    .await
            })
            .await
            .map_err(text)?;
        checked.map(|()| format!("started from the chain's own block at slot {slot}"))
    }

    /// Every committee that the client holds is the chain's own.
    pub(crate) async fn check_committees(&self) -> Result<String, String> {
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
                .map_err(text)?;
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
    ) -> Result<Result<(), String>, Complaint> {
        match self
            .tracked
            .committees
            .fetch(beacon, self.network, period, commitment, hint)
            .await
        {
            Ok(_) => Ok(Ok(())),
            Err(Complaint::Endpoint(Defect::Malformed, text)) => Ok(Err(text)),
            Err(other) => Err(other),
        }
    }

    /// Every state in the ring is the chain's own: same block, same storage root of the router.
    pub(crate) async fn check_states(&self) -> Result<String, String> {
        let states = self.stored_states().await?;
        let (mut checked, mut pruned) = (0u32, 0u32);
        for state in &states {
            match self.check_state(state).await {
                Ok(()) => checked += 1,
                Err(Fault::Pruned { .. }) => pruned += 1,
                Err(Fault::NoClient { text, .. }) => return Err(text),
                Err(fault) => return Err(text(fault)),
            }
        }
        if pruned > 0 {
            return Err(format!(
                "{pruned} of {} states are pruned from the endpoints and were not compared; use an archive node",
                states.len()
            ));
        }
        Ok(format!("{checked} states are the chain's own"))
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
    async fn stored_states(&self) -> Result<Vec<State>, String> {
        let started = self
            .host
            .read(self.contract, &BeaconClient::bootstrapCall {}, At::Latest)
            .await;
        let first = started.map_err(text)?.slot;
        let per_epoch = self.network.times().slots_per_epoch.max(1);
        let mut states = Vec::new();
        let mut epoch = self.network.checkpoint_of(self.trusted.newest).0;
        let last = epoch.saturating_sub(u64::from(self.config.capacity));
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
            return Err("no state of the ring could be read".into());
        }
        Ok(states)
    }

    async fn state_at(&self, slot: Slot) -> Result<Option<State>, String> {
        let call = BeaconClient::stateAtCall { slot: slot.0 };
        match self.host.read(self.contract, &call, At::Latest).await {
            Ok(state) => Ok(Some(State {
                slot: Slot(state.slot),
                storage_root: state.storageRoot,
                learned_at: Seconds(state.learnedAt),
            })),
            Err(Fault::WouldRevert(_)) => Ok(None),
            Err(fault) => Err(text(fault)),
        }
    }
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
