//! What a client of this chain has to be, wherever it lives: it follows this network from a block of its own on, and believes what the
//! verifier's own finalized chain has.
//!
//! The host of a client tells what it is; this chain tells whether that is so.
//!
//! What this module must never do: take something that was not compared for something that fits.

use crate::beacon::Beacon;
use crate::committees::not_known;
use crate::create::capacity_for;
use crate::evm::Evm;
use crate::proofs;
use crate::verify::check_common_terms;
use alloy_primitives::B256;
use chain::{Doubt, Expected, Fault, Finding};
use endpoints::Complaint;
use ethereum::{HeldCommittee, Network, Period, Slot, State, Trusted};

/// Slots before an empty one in which a node that has that part of the chain has a block.
const GAP_MAX: u64 = 64;

/// A client on another chain that follows this one, as its host shows it.
#[derive(Clone, Copy, Debug)]
pub struct BeaconFollower<'a> {
    /// What it trusts, with its constants.
    pub trusted: &'a Trusted,
    /// Where it started.
    pub started: BeaconStart,
    /// States that it believes, the newest first, or why they were not read.
    pub states: &'a Result<Vec<State>, Fault>,
    /// Who it is, in words.
    pub name: &'a str,
}

impl Evm {
    /// Checks a client that follows this chain, one finding a rule; a rule that could not be checked is an `Err` entry.
    ///
    /// Fails only when this chain's own network cannot be read.
    pub async fn verify_follower(
        &self,
        follower: &BeaconFollower<'_>,
        expected: &Expected,
    ) -> Result<Vec<Finding>, Fault> {
        let own = Comparison {
            tracked: self,
            network: &*self.network().await?,
            trusted: follower.trusted,
            name: follower.name,
        };
        let states = match follower.states {
            Ok(states) => own.check_states(states).await,
            Err(fault) => Err(Doubt::unchecked(fault.clone())),
        };
        Ok(vec![
            Finding::new("network", own.check_network()),
            Finding::new("terms", own.check_terms(expected)),
            Finding::new("bootstrap", own.check_bootstrap(follower.started).await),
            Finding::new("committees", own.check_committees().await),
            Finding::new("states", states),
        ])
    }
}

/// A client of a beacon chain that is compared with that chain.
pub(crate) struct Comparison<'a> {
    pub(crate) tracked: &'a Evm,
    pub(crate) network: &'a Network,
    pub(crate) trusted: &'a Trusted,
    /// Who it is, in words.
    pub(crate) name: &'a str,
}

/// Where a client started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconStart {
    /// Slot of the finalized header.
    pub slot: Slot,
    /// Its root.
    pub header: B256,
    /// Commitment of the committee of its period.
    pub committee: B256,
}

impl Comparison<'_> {
    /// The network that the client follows is this one.
    pub(crate) fn check_network(&self) -> Result<String, Doubt> {
        let (theirs, ours) = (&self.trusted.config.network, self.network);
        let differs = |text: String| Err(Doubt::Differs(text));
        let (own, chain) = (theirs.times(), ours.times());
        let pairs = [
            ("genesis time", own.genesis.0, chain.genesis.0),
            ("seconds a slot", own.seconds_per_slot, chain.seconds_per_slot),
            ("slots an epoch", own.slots_per_epoch, chain.slots_per_epoch),
            ("epochs a period", own.epochs_per_period, chain.epochs_per_period),
            (
                "seats of a committee",
                theirs.committee_size().into(),
                ours.committee_size().into(),
            ),
        ];
        for (what, theirs, our) in pairs {
            if theirs != our {
                return differs(format!("{what} is {theirs} in the client and {our} on the chain"));
            }
        }
        if theirs.genesis_validators_root() != ours.genesis_validators_root() {
            return differs(format!(
                "it follows the chain of genesis validators {}",
                theirs.genesis_validators_root()
            ));
        }
        // Forks may be known here and not there yet; what is there must be ours.
        let (known, all) = (theirs.forks().forks(), ours.forks().forks());
        if !all.starts_with(known) {
            return differs(format!("its fork schedule is {known:?}, the chain's is {all:?}"));
        }
        Ok(format!("it follows {}", self.tracked.name()))
    }

    /// It proves against this chain's router, for no longer than is sound, and keeps states for as long as packets live.
    pub(crate) fn check_terms(&self, expected: &Expected) -> Result<String, Doubt> {
        let config = &self.trusted.config;
        let ours = self.tracked.settings.router;
        if config.router != ours {
            return Err(Doubt::Differs(format!(
                "it proves against router {}, the configuration says {ours}",
                config.router
            )));
        }
        check_common_terms(expected, config.commitments_slot, config.trust_period.0)?;
        let needed = capacity_for(self.network);
        if config.capacity < needed {
            return Err(Doubt::Differs(format!(
                "it keeps {} states, a packet's longest life needs {needed}",
                config.capacity
            )));
        }
        Ok(format!(
            "trust period {} s, {} states",
            config.trust_period, config.capacity
        ))
    }

    /// The state that the client started from lies on the verifier's own finalized chain.
    pub(crate) async fn check_bootstrap(&self, started: BeaconStart) -> Result<String, Doubt> {
        let (network, slot) = (self.network, started.slot);
        let checked = self
            .tracked
            .on_beacon(|beacon| async move {
                let finalized = beacon.finality_update(network).await?.slot();
                if slot > finalized {
                    let text = format!("it started at slot {slot}, finality is at {finalized}");
                    return Ok(Err(Doubt::Unchecked(text)));
                }
                match beacon.header_at(slot).await? {
                    Some(header) if header.root == started.header => {}
                    Some(header) => {
                        let (theirs, ours) = (started.header, header.root);
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
            .map_err(Doubt::unchecked)?;
        checked.map(|()| format!("started from the chain's own block at slot {slot}"))
    }

    /// Every committee that the client holds is the chain's own.
    pub(crate) async fn check_committees(&self) -> Result<String, Doubt> {
        let mut checked = 0u32;
        for held in self.trusted.committees() {
            self.check_held(held).await?;
            checked += 1;
        }
        Ok(format!("{checked} committees are the chain's own"))
    }

    /// One committee that the client holds is the chain's own.
    pub(crate) async fn check_held(&self, held: &HeldCommittee) -> Result<(), Doubt> {
        let newest = self.trusted.newest;
        let checked = self.tracked.on_beacon(|beacon| async move {
            self.check_committee(&beacon, held.period, held.commitment, newest)
                .await
        });
        checked.await.map_err(Doubt::unchecked)?
    }

    async fn check_committee(
        &self,
        beacon: &Beacon,
        period: Period,
        commitment: B256,
        hint: Slot,
    ) -> Result<Result<(), Doubt>, Complaint> {
        let committees = &self.tracked.committees;
        let shown = committees
            .fetch(beacon, self.network, period, commitment, hint)
            .await?;
        if shown.is_some() {
            return Ok(Ok(()));
        }
        let text = not_known(period, commitment);
        no_committee(beacon, self.network, period, text).await.map(Err)
    }

    /// `states`, the newest first, are the chain's own: same block, same storage root of the router.
    pub(crate) async fn check_states(&self, states: &[State]) -> Result<String, Doubt> {
        let mut checked = 0_usize;
        for state in states {
            match self.check_state(state).await {
                Ok(()) => checked += 1,
                // Those that follow are older still.
                Err(Fault::Pruned { .. }) => {
                    self.check_existed(state.slot).await?;
                    break;
                }
                Err(Fault::NoClient { text, .. }) => return Err(Doubt::Differs(text)),
                Err(fault) => return Err(Doubt::unchecked(fault)),
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
        checked.await.map_err(Doubt::unchecked)?
    }

    async fn check_state(&self, state: &State) -> Result<(), Fault> {
        let anchor = self.tracked.anchor(state.slot).await?;
        let (router, anchor) = (self.tracked.settings.router, &anchor);
        let nodes = self
            .tracked
            .on_rpc(|rpc| async move { proofs::prove_account(&rpc, router, anchor).await })
            .await?;
        let foreign = |text: String| Fault::NoClient {
            id: self.name.to_owned(),
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

#[cfg(test)]
#[path = "follower_tests.rs"]
mod tests;
