//! What `path create` and `path status` verify of one end before anything is sent over it.
//!
//! A client contract decides alone what is true of the chain it tracks, and anybody may make one. So each rule of
//! PROTOCOL 1 is checked with the verifier's own endpoints: the code, where the client started, what it believes now, and
//! what it was told. A creator could start genuine code with a committee of his own and rotate it into the real one; that
//! is why the start is checked and not only the present.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be
//! checked.

use crate::artifact::{Artifact, BEACON_CLIENT};
use crate::client_view::{self, Seen, fork_to_sol};
use crate::create::capacity_for;
use crate::evm::Evm;
use crate::outbox::view;
use crate::pool::Complaint;
use crate::rpc::At;
use crate::verify_chain::history;
use chain::{Fault, TrustedState};
use ethereum::{Network, Trusted};
use wire::{COMMITMENTS_SLOT, ClientId, Seconds};

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
pub(crate) struct End<'a> {
    pub(crate) host: &'a Evm,
    pub(crate) tracked: &'a Evm,
    pub(crate) network: &'a Network,
    pub(crate) id: &'a ClientId,
    pub(crate) seen: Seen,
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
    Ok(vec![
        finding("code", end.check_code().await),
        finding("history", end.check_history().await),
        finding("network", end.check_network()),
        finding("terms", end.check_terms(expected)),
        finding("governance", end.check_governance().await),
        finding("status", end.check_status()),
        finding("counterparty", end.check_counterparty(expected)),
        finding("bootstrap", end.check_bootstrap().await),
        finding("committees", end.check_committees().await),
        finding("states", end.check_states().await),
    ])
}

fn finding(rule: &'static str, verdict: Result<String, String>) -> Finding {
    Finding { rule, verdict }
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
    pub(crate) fn trusted(&self) -> &Trusted {
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

    /// Who may append forks to the client is who governs the router: its creator could otherwise have named himself.
    async fn check_governance(&self) -> Result<String, String> {
        let router = self.host.settings.router;
        let ours = self
            .host
            .read(router, &crate::abi::Router::governanceCall {}, At::Latest)
            .await
            .map_err(text)?;
        let found = self.seen.config.governance;
        if found != ours {
            return Err(format!("it obeys {found}, the router {ours}"));
        }
        Ok(format!("it obeys {found}, as the router"))
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
}

/// A rule that could not be checked does not hold.
pub(crate) fn text(fault: Fault) -> String {
    format!("it could not be checked: failed to {fault}")
}
