//! What `path create` and `path status` verify of one end before anything is sent over it.
//!
//! A client contract decides alone what is true of the chain it tracks, and anybody may make one. So each rule of
//! PROTOCOL 1 is checked with the verifier's own endpoints: the code, where the client started, what it believes now, and
//! what it was told. A creator could start genuine code with a committee of his own and rotate it into the real one; that
//! is why the start is checked and not only the present.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be
//! checked.

use crate::abi::{BeaconClient, Router};
use crate::artifact::{Artifact, BEACON_CLIENT};
use crate::beacon::Beacon;
use crate::client_view::{self, Seen, fork_to_sol};
use crate::create::capacity_for;
use crate::evm::Evm;
use crate::outbox::view;
use crate::pool::Complaint;
use crate::proofs;
use crate::rpc::{At, Rpc};
use alloy::rpc::types::Filter;
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use chain::{Fault, TrustedState};
use ethereum::{Network, Slot, State, Trusted};
use wire::{COMMITMENTS_SLOT, ClientId, Seconds};

/// States of the ring that are compared at most; the newest first.
const STATES_MAX: usize = 512;

/// One rule and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// What holds, or what does not and what helps.
    pub verdict: Result<String, String>,
}

/// What an end must fit.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The client on the other chain; none while it is not registered.
    pub counterparty: Option<ClientId>,
    /// The longest trust period that the operator accepts.
    pub trust_period_max: Seconds,
}

/// One end with everything that its checks need.
struct End<'a> {
    host: &'a Evm,
    tracked: &'a Evm,
    network: &'a Network,
    id: &'a ClientId,
    seen: Seen,
}

/// Checks the client `id` on `host`, which should track `tracked`.
///
/// The result has one entry a rule; a rule that could not be checked is an `Err` entry. Fails only when the client cannot
/// be read at all.
pub async fn verify_end(
    host: &Evm,
    tracked: &Evm,
    id: &ClientId,
    expected: &Expected,
) -> Result<Vec<Finding>, Fault> {
    let router = host.settings.router;
    let seen = host
        .on_rpc(|rpc| async move { client_view::see(&rpc, router, id).await })
        .await?;
    let network = tracked.network().await?;
    let end = End {
        host,
        tracked,
        network,
        id,
        seen,
    };
    let mut findings = vec![
        Finding {
            rule: "code",
            verdict: end.check_code().await,
        },
        Finding {
            rule: "history",
            verdict: end.check_history().await,
        },
        Finding {
            rule: "network",
            verdict: end.check_network(),
        },
        Finding {
            rule: "terms",
            verdict: end.check_terms(expected),
        },
        Finding {
            rule: "status",
            verdict: end.check_status(),
        },
        Finding {
            rule: "counterparty",
            verdict: end.check_counterparty(expected),
        },
    ];
    findings.push(Finding {
        rule: "bootstrap",
        verdict: end.check_bootstrap().await,
    });
    findings.push(Finding {
        rule: "committees",
        verdict: end.check_committees().await,
    });
    findings.push(Finding {
        rule: "states",
        verdict: end.check_states().await,
    });
    Ok(findings)
}

/// Whether the client `id` of `host` is in a finalized block, so that its id cannot change hands any more.
pub async fn is_final(host: &Evm, id: &ClientId) -> Result<bool, Fault> {
    let router = host.settings.router;
    let found = host
        .on_rpc(|rpc| async move {
            let latest = client_view::contract_of(&rpc, router, id, At::Latest).await?;
            let call = crate::abi::Router::getClientCall {
                clientId: id.to_string(),
            };
            match view(&rpc, router, &call, At::Finalized).await {
                Ok(finalized) => Ok(finalized == latest),
                Err(Complaint::Ask(Fault::WouldRevert(_) | Fault::NoClient { .. })) => Ok(false),
                Err(other) => Err(other),
            }
        })
        .await?;
    Ok(found)
}

impl End<'_> {
    fn trusted(&self) -> &Trusted {
        let TrustedState::Ethereum(trusted) = &self.seen.view.trusted;
        trusted
    }

    async fn check_code(&self) -> Result<String, String> {
        let artifact = Artifact::parse(BEACON_CLIENT).map_err(|error| error.to_string())?;
        let contract = self.seen.contract;
        let code = self
            .host
            .on_rpc(|rpc| async move { rpc.code(contract, At::Latest).await })
            .await
            .map_err(text)?;
        artifact
            .check_code("BeaconClient", contract, &code)
            .map_err(|fault| fault.to_string())?;
        Ok(format!("{contract} is a BeaconClient of this release"))
    }

    /// The contract behind the id is the one that was added, or governance replaced it.
    async fn check_history(&self) -> Result<String, String> {
        let (router, first, id) = (
            self.host.settings.router,
            self.host.settings.first_block.0,
            self.id,
        );
        let contracts = self
            .host
            .on_rpc(|rpc| async move { history(&rpc, router, first, id).await })
            .await
            .map_err(text)?;
        match contracts.as_slice() {
            [] => Err(format!(
                "no event of {router} since block {first} adds {id}; check router_block"
            )),
            [.., last] if *last != self.seen.contract => Err(format!(
                "the events lead to {last}, the router uses {}",
                self.seen.contract
            )),
            [_] => Ok("never migrated".into()),
            several => Ok(format!("migrated {} times by governance", several.len() - 1)),
        }
    }

    fn check_network(&self) -> Result<String, String> {
        let (config, times) = (&self.seen.config, self.network.times());
        let ours: Vec<_> = self.network.forks().forks().iter().map(fork_to_sol).collect();
        // Forks may be known here and not there yet; what is there must be ours.
        let fits = config.forks.iter().zip(&ours).all(|(theirs, our)| theirs == our)
            && config.forks.len() <= ours.len();
        let pairs = [
            ("genesis time", config.genesisTime, times.genesis.0),
            ("seconds a slot", config.secondsPerSlot, times.seconds_per_slot),
            ("slots an epoch", config.slotsPerEpoch, times.slots_per_epoch),
            ("epochs a period", config.epochsPerPeriod, times.epochs_per_period),
        ];
        for (what, theirs, our) in pairs {
            if theirs != our {
                return Err(format!("{what} is {theirs} in the client and {our} on the chain"));
            }
        }
        if config.genesisValidatorsRoot != self.network.genesis_validators_root() {
            return Err(format!(
                "it follows the chain of genesis validators {}",
                config.genesisValidatorsRoot
            ));
        }
        if !fits {
            return Err(format!(
                "its fork schedule is {:?}, the chain's is {ours:?}",
                config.forks
            ));
        }
        Ok(format!("it follows {}", self.tracked.name()))
    }

    fn check_terms(&self, expected: &Expected) -> Result<String, String> {
        let config = &self.seen.config;
        if config.router != self.tracked.settings.router {
            let ours = self.tracked.settings.router;
            return Err(format!(
                "it proves against router {}, the configuration says {ours}",
                config.router
            ));
        }
        if config.commitmentsSlot != COMMITMENTS_SLOT {
            return Err(format!(
                "its commitments slot is {}, it must be {COMMITMENTS_SLOT}",
                config.commitmentsSlot
            ));
        }
        if config.trustPeriod > expected.trust_period_max.0 {
            let most = expected.trust_period_max.0;
            return Err(format!(
                "its trust period is {} s, at most {most} s are accepted",
                config.trustPeriod
            ));
        }
        let needed = capacity_for(self.network);
        if config.capacity < needed {
            return Err(format!(
                "it keeps {} states, a packet's longest life needs {needed}",
                config.capacity
            ));
        }
        Ok(format!(
            "trust period {} s, {} states",
            config.trustPeriod, config.capacity
        ))
    }

    fn check_status(&self) -> Result<String, String> {
        match ethereum::status(self.trusted(), self.seen.view.now) {
            ::client::Status::Active => Ok(format!("active at slot {}", self.trusted().newest)),
            ::client::Status::Expired => Err("expired: governance has to migrate it".into()),
            ::client::Status::Frozen => {
                Err("frozen: misbehaviour was proven, governance has to migrate it".into())
            }
        }
    }

    fn check_counterparty(&self, expected: &Expected) -> Result<String, String> {
        match (&self.seen.view.counterparty, &expected.counterparty) {
            (Some(found), Some(wanted)) if found == wanted => Ok(format!("paired with {found}")),
            (None, None) => Ok("not paired yet".into()),
            (Some(found), Some(wanted)) => Err(format!("paired with {found}, the path says {wanted}")),
            (Some(found), None) => Err(format!("paired with {found} already")),
            (None, Some(wanted)) => Err(format!("not paired; its creator has to register {wanted}")),
        }
    }

    /// The state that the client started from lies on the verifier's own finalized chain.
    async fn check_bootstrap(&self) -> Result<String, String> {
        let (contract, network) = (self.seen.contract, self.network);
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
    async fn check_committees(&self) -> Result<String, String> {
        let newest = self.trusted().newest;
        let mut checked = 0u32;
        for held in self.trusted().committees() {
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
        period: ethereum::Period,
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
            Err(Complaint::Endpoint(crate::pool::Defect::Malformed, text)) => Ok(Err(text)),
            Err(other) => Err(other),
        }
    }

    /// Every state in the ring is the chain's own: same block, same storage root of the router.
    async fn check_states(&self) -> Result<String, String> {
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
            id: self.id.to_string(),
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
            .read(self.seen.contract, &BeaconClient::bootstrapCall {}, At::Latest)
            .await;
        let first = started.map_err(text)?.slot;
        let per_epoch = self.network.times().slots_per_epoch.max(1);
        let mut states = Vec::new();
        let mut epoch = self.network.checkpoint_of(self.trusted().newest).0;
        let last = epoch.saturating_sub(u64::from(self.seen.config.capacity));
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
        match self.host.read(self.seen.contract, &call, At::Latest).await {
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
async fn history(rpc: &Rpc, router: Address, first: u64, id: &ClientId) -> Result<Vec<Address>, Complaint> {
    let kinds = vec![
        Router::ICS02ClientAdded::SIGNATURE_HASH,
        Router::ICS02ClientMigrated::SIGNATURE_HASH,
    ];
    let latest = crate::rpc::to_u64(rpc.latest().await?.number);
    let mut contracts = Vec::new();
    let (mut from, mut page) = (first, 8_192u64);
    while from <= latest {
        let to = latest.min(from.saturating_add(page - 1));
        let filter = Filter::new()
            .address(router)
            .event_signature(kinds.clone())
            .from_block(from)
            .to_block(to);
        let logs = match rpc.logs(&filter).await? {
            Ok(logs) => logs,
            Err(refusal) if refusal.is_range_too_large() && page > 1 => {
                page /= 2;
                continue;
            }
            Err(refusal) => return Err(refusal.into_complaint("eth_getLogs")),
        };
        for log in logs.iter().filter(|log| log.address() == router) {
            let added = Router::ICS02ClientAdded::decode_log(&log.inner)
                .map(|log| (log.clientId.clone(), log.client));
            let migrated = || {
                Router::ICS02ClientMigrated::decode_log(&log.inner)
                    .map(|log| (log.clientId.clone(), log.client))
            };
            if let Ok((client, contract)) = added.or_else(|_| migrated())
                && client == id.as_str()
            {
                contracts.push(contract);
            }
        }
        from = to.saturating_add(1);
    }
    Ok(contracts)
}

fn text(fault: Fault) -> String {
    format!("it could not be checked: failed to {fault}")
}
