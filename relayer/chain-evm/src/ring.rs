//! The states in a client's ring, read from the newest backwards.
//!
//! A client under a delay may use a state only when it has known it for so long, so that older ones count while newer ones
//! ripen. A beacon client has one position an epoch, an attestor client one an interval; most are empty, for nobody updates
//! a client more often than packets need it.

use crate::abi::{AttestorClient, AttestorConfig, BeaconClient};
use crate::client_view::view;
use crate::lights::{Lights, RingState};
use crate::rpc::{At, Rpc};
use alloy_primitives::Address;
use chain::Fault;
use endpoints::Complaint;
use ethereum::{Network, Slot};
use wire::Seconds;

/// Positions asked for in one reading, at most: those farther back are asked for in the next one.
const LAPS_MAX: u32 = 64;

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
        self.lights.put_state(self.contract, top, Some(above));
        let (mut lap, mut asked) = (top, 0_u32);
        let is_ripe = |state: &RingState| state.learned_at.saturating_add(delay.0) <= now.0;
        let bottom = top.saturating_sub(self.capacity);
        while !is_ripe(&above) && lap > bottom {
            lap -= 1;
            let state = match self.lights.state(self.contract, lap) {
                Some(known) => known,
                None if asked == LAPS_MAX => break,
                None => {
                    asked += 1;
                    let state = self.search(lap, name).await?;
                    self.lights.put_state(self.contract, lap, state);
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
        exactly(found, height, |state| state.height)
    }
}

/// What a contract answered that was asked for its state of `height`: that one, or none if it has none, which it says by a revert.
pub(crate) fn exactly<S>(
    found: Result<S, Complaint>,
    height: u64,
    height_of: impl Fn(&S) -> u64,
) -> Result<Option<S>, Complaint> {
    match found {
        Ok(state) if height_of(&state) == height => Ok(Some(state)),
        Ok(other) => Err(Complaint::malformed(format!(
            "asked for the state of height {height}, got that of {}",
            height_of(&other)
        ))),
        Err(Complaint::Lacks(Fault::NoClient { .. })) => Ok(None),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, rpc};
    use alloy_primitives::{B256, Bytes, hex};
    use alloy_sol_types::{SolCall, SolValue};
    use serde_json::json;

    const NOW: Seconds = Seconds(10_000);
    const NEWEST: u64 = 1_000;

    fn config() -> AttestorConfig {
        AttestorConfig {
            chainId: 1,
            router: Address::ZERO,
            commitmentsSlot: B256::ZERO,
            trustPeriod: 1_000,
            interval: 2,
            capacity: 512,
            rotationDelay: 3_600,
        }
    }

    /// A client that knows these heights, each learned at ten times its number.
    async fn client(heights: &'static [u64]) -> Fake {
        Fake::rpc(move |_, params| {
            let data: Bytes = params[0]["data"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .expect("data");
            let asked = AttestorClient::stateAtCall::abi_decode(&data)
                .expect("a call")
                .height;
            if heights.contains(&asked) {
                let state = (B256::repeat_byte(7), asked, asked, asked * 10).abi_encode();
                return Ok(json!(hex::encode_prefixed(state)));
            }
            Err(json!({"code": 3, "message": "execution reverted", "data": "0x12345678"}))
        })
        .await
    }

    async fn heights(fake: &Fake, lights: &Lights, newest: u64, delay: u64) -> Vec<u64> {
        let (rpc, config) = (rpc(fake).await, config());
        let ring = Ring::of_attestors(&rpc, lights, Address::ZERO, At::Latest, &config);
        let found = ring
            .read(newest, Seconds(delay), NOW, "a client")
            .await
            .expect("states");
        found.iter().map(|state| state.height).collect()
    }

    #[tokio::test]
    async fn without_a_delay_only_the_newest_is_read() {
        let fake = client(&[NEWEST, 996]).await;
        assert_eq!(heights(&fake, &Lights::default(), NEWEST, 0).await, [NEWEST]);
        assert_eq!(fake.requests(), 1);
    }

    #[tokio::test]
    async fn it_goes_back_to_a_state_that_is_known_for_long_enough_and_asks_once() {
        let fake = client(&[NEWEST, 996, 990, 980]).await;
        let lights = Lights::default();
        assert_eq!(heights(&fake, &lights, NEWEST, 50).await, [NEWEST, 996, 990]);
        assert_eq!(fake.requests(), 6);
        assert_eq!(heights(&fake, &lights, NEWEST, 50).await, [NEWEST, 996, 990]);
        assert_eq!(fake.requests(), 7, "only the newest is read again");
    }

    #[tokio::test]
    async fn what_is_far_back_is_found_in_later_readings() {
        let fake = client(&[NEWEST, 800]).await;
        let lights = Lights::default();
        assert_eq!(heights(&fake, &lights, NEWEST, 500).await, [NEWEST]);
        assert_eq!(heights(&fake, &lights, NEWEST, 500).await, [NEWEST, 800]);
    }
}
