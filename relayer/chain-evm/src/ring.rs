//! The states in a client's ring, read from the newest backwards.
//!
//! A client under a delay may use a state only when it has known it for so long, so that older ones count while newer ones
//! ripen. A beacon client has one position an epoch, an attestor client one an interval; most are empty, for nobody updates
//! a client more often than packets need it.

use crate::abi::{AttestorClient, AttestorConfig, BeaconClient};
use crate::client_view::view;
use crate::lights::{Lights, RingState};
use crate::pool::Complaint;
use crate::rpc::{At, Rpc};
use alloy_primitives::Address;
use chain::Fault;
use ethereum::{Network, Slot};
use wire::Seconds;

/// Positions looked at in one reading, at most: what is farther back is found in the next ones.
const LAPS_MAX: u64 = 256;
/// What lies beside a state that was learned this long ago (seconds) is taken to stand for good.
const SETTLED_SECS: u64 = 1_800;

/// A client's ring.
pub(crate) struct Ring<'a> {
    rpc: &'a Rpc,
    lights: &'a Lights,
    contract: Address,
    at: At,
    capacity: u64,
    laps: Laps<'a>,
}

/// How heights lie in a ring.
enum Laps<'a> {
    /// One an epoch, at the last block at or before its first slot.
    Epochs(&'a Network),
    /// One every so many blocks.
    Blocks(u64),
}

impl<'a> Ring<'a> {
    pub(crate) fn of_beacon(
        rpc: &'a Rpc,
        lights: &'a Lights,
        contract: Address,
        at: At,
        network: &'a Network,
        capacity: u32,
    ) -> Self {
        Self {
            rpc,
            lights,
            contract,
            at,
            capacity: u64::from(capacity),
            laps: Laps::Epochs(network),
        }
    }

    pub(crate) fn of_attestors(
        rpc: &'a Rpc,
        lights: &'a Lights,
        contract: Address,
        at: At,
        config: &AttestorConfig,
    ) -> Self {
        Self {
            rpc,
            lights,
            contract,
            at,
            capacity: u64::from(config.capacity),
            laps: Laps::Blocks(config.interval.max(1)),
        }
    }

    /// The newest state and, as long as none has been known for `delay`, those before it.
    pub(crate) async fn read(
        &self,
        newest: u64,
        delay: Seconds,
        now: Seconds,
        name: &str,
    ) -> Result<Vec<RingState>, Complaint> {
        let first = self.state_at(newest, name).await?;
        let mut above = first.ok_or_else(|| {
            Complaint::from(Fault::NoClient {
                id: name.to_owned(),
                text: format!("its newest height is {newest}, and it has no state of it"),
            })
        })?;
        let mut found = vec![above];
        let top = self.lap_of(newest);
        let mut lap = top;
        let is_ripe = |state: &RingState| state.learned_at.saturating_add(delay.0) <= now.0;
        let bottom = top.saturating_sub(self.capacity.min(LAPS_MAX));
        while !is_ripe(&above) && lap > bottom {
            lap -= 1;
            let state = match self.lights.state(self.contract, lap) {
                Some(known) => known,
                None => {
                    let state = self.search(lap, name).await?;
                    if above.learned_at.saturating_add(SETTLED_SECS) <= now.0 {
                        self.lights.put_state(self.contract, lap, state);
                    }
                    state
                }
            };
            if let Some(state) = state {
                found.push(state);
                above = state;
            }
        }
        Ok(found)
    }

    fn lap_of(&self, height: u64) -> u64 {
        match &self.laps {
            Laps::Epochs(network) => network.checkpoint_of(Slot(height)).0,
            Laps::Blocks(interval) => height / interval,
        }
    }

    /// The state at a lap, by every height that it could have.
    async fn search(&self, lap: u64, name: &str) -> Result<Option<RingState>, Complaint> {
        let (last, count) = match &self.laps {
            Laps::Epochs(network) => {
                let slots = network.times().slots_per_epoch.max(1);
                (lap.saturating_mul(slots), slots)
            }
            Laps::Blocks(interval) => (lap.saturating_mul(*interval), 1),
        };
        for back in 0..count {
            let height = last.saturating_sub(back);
            if height == 0 {
                break;
            }
            if let Some(state) = self.state_at(height, name).await? {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    /// The trusted state of exactly this height.
    async fn state_at(&self, height: u64, name: &str) -> Result<Option<RingState>, Complaint> {
        let (rpc, contract, at) = (self.rpc, self.contract, self.at);
        let found = match &self.laps {
            Laps::Epochs(network) => {
                let call = BeaconClient::stateAtCall { slot: height };
                let state = view(rpc, contract, &call, at, name).await;
                state.map(|state| RingState {
                    height: state.slot,
                    timestamp: network.time_of(Slot(height)).map_or(0, |time| time.0),
                    storage_root: state.storageRoot,
                    learned_at: state.learnedAt,
                })
            }
            Laps::Blocks(_) => {
                let call = AttestorClient::stateAtCall { height };
                let state = view(rpc, contract, &call, at, name).await;
                state.map(|state| RingState {
                    height: state.height,
                    timestamp: state.timestamp,
                    storage_root: state.storageRoot,
                    learned_at: state.learnedAt,
                })
            }
        };
        match found {
            Ok(state) if state.height == height => Ok(Some(state)),
            Ok(other) => Err(Complaint::malformed(format!(
                "asked for the state of height {height}, got that of {}",
                other.height
            ))),
            Err(Complaint::Ask(Fault::NoClient { .. })) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
