//! What a beacon client's contract tells of its past when it is verified: where it started, which states it holds, and how it came to
//! stand behind its id.
//!
//! What this module must never do: take something that was not read for something that is not there.

use crate::abi::{BeaconClient, Router};
use crate::follower::BeaconStart;
use crate::log_pages::{self, Pages};
use crate::rpc::{At, Rpc, to_u64};
use crate::verify::End;
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use chain::{Depth, Doubt, Fault};
use core::ops::ControlFlow;
use endpoints::Complaint;
use ethereum::{Slot, State};
use wire::{ClientId, Seconds};

/// States of the ring that are compared at most; the newest first.
const STATES_MAX: usize = 512;
/// Epochs behind the newest state whose states are compared where only the newest are.
const NEWEST_EPOCHS: u64 = 8;

impl End<'_> {
    /// Where the client started.
    pub(crate) async fn started(&self) -> Result<BeaconStart, Fault> {
        let call = BeaconClient::bootstrapCall {};
        let started = self.host.read(self.contract, &call, At::Latest).await?;
        Ok(BeaconStart {
            slot: Slot(started.slot),
            header: started.headerRoot,
            committee: started.committee,
        })
    }

    /// The states in the client's ring, newest first, found by the slots of the chain's checkpoints.
    pub(crate) async fn stored_states(&self, depth: Depth) -> Result<Vec<State>, Doubt> {
        let first = self.started().await.map_err(Doubt::unchecked)?.slot.0;
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
            Err(fault) => Err(Doubt::unchecked(fault)),
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
    let filter = Filter::new().address(router).event_signature(kinds);
    let mut contracts = Vec::new();
    log_pages::read(rpc, &filter, first..=latest, Pages::ALL, |logs| {
        let ours = logs.iter().filter(|log| log.address() == router);
        contracts.extend(ours.filter_map(|log| contract_in(log, id)));
        Ok(ControlFlow::Continue(()))
    })
    .await?;
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
