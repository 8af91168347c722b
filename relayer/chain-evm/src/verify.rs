//! What `path create`, `path status` and the daemon verify of one end before anything is sent over it.
//!
//! A client contract decides alone what is true of the chain it tracks, and anybody may make one. So each rule of
//! PROTOCOL 1 is checked with the verifier's own endpoints: the code, where the client started, what it believes now, and
//! what it was told. A creator could start genuine code with a committee of his own and rotate it into the real one; that
//! is why the start is checked and not only the present.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be
//! checked.

use crate::abi::{BeaconConfig, Router};
use crate::artifact::{Artifact, BEACON_CLIENT};
use crate::client_view::{self, Seen, Told};
use crate::created::check_creation;
use crate::evm::Evm;
use crate::follower::Comparison;
use crate::outbox::view;
use crate::rpc::At;
use crate::verify_chain::history;
use crate::{verify_attestors, verify_policy};
use ::client::Status;
use alloy_primitives::{Address, B256};
use chain::{ClientView, Doubt, Expected, Fault, Finding, TrustedState};
use endpoints::Complaint;
use ethereum::{Network, Trusted};
use wire::{COMMITMENTS_SLOT, ClientId, Seconds};

/// A beacon client with everything that its checks need.
pub(crate) struct End<'a> {
    pub(crate) host: &'a Evm,
    pub(crate) tracked: &'a Evm,
    pub(crate) network: &'a Network,
    pub(crate) contract: Address,
    pub(crate) config: &'a BeaconConfig,
    pub(crate) trusted: &'a Trusted,
    /// The host's time.
    pub(crate) now: Seconds,
}

/// A client contract that is looked at: the one behind an end, or a leaf of a policy.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) host: &'a Evm,
    pub(crate) tracked: &'a Evm,
    pub(crate) contract: Address,
    pub(crate) trusted: &'a TrustedState,
    /// The host's time.
    pub(crate) now: Seconds,
    pub(crate) expected: &'a Expected,
}

impl Evm {
    /// The client `id` of this chain as it stands, and the contract behind it.
    pub async fn client_behind(&self, id: &ClientId) -> Result<(Address, ClientView), Fault> {
        see(self, id).await.map(|seen| (seen.contract, seen.view))
    }
}

pub(crate) async fn see(host: &Evm, id: &ClientId) -> Result<Seen, Fault> {
    let (router, lights) = (host.settings.router, &host.lights);
    host.on_rpc(|rpc| async move { client_view::see(&rpc, lights, router, id).await })
        .await
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
    let seen = see(host, id).await?;
    let subject = Subject {
        host,
        tracked,
        contract: seen.contract,
        trusted: &seen.view.trusted,
        now: seen.view.now,
        expected,
    };
    let mut findings = vec![
        Finding::new("history", check_history(host, &seen, id).await),
        Finding::new(
            "counterparty",
            check_counterparty(&seen, expected, &Evm::merkle_prefix()),
        ),
    ];
    findings.extend(match &seen.told {
        Told::Policy(leaves) => verify_policy::verify(&subject, leaves).await?,
        plain => verify_plain(&subject, plain).await?,
    });
    Ok(findings)
}

/// Checks a client that is no policy.
pub(crate) async fn verify_plain(subject: &Subject<'_>, told: &Told) -> Result<Vec<Finding>, Fault> {
    match (told, subject.trusted) {
        (Told::Beacon(config), TrustedState::Ethereum(trusted)) => {
            let network = &*subject.tracked.network().await?;
            let end = End {
                host: subject.host,
                tracked: subject.tracked,
                network,
                contract: subject.contract,
                config,
                trusted,
                now: subject.now,
            };
            Ok(end.verify(subject.expected).await)
        }
        (Told::Attestors(config), TrustedState::Attestors(trusted)) => {
            Ok(verify_attestors::verify(subject, config, trusted).await)
        }
        (Told::Tendermint(config), _) => Err(Fault::NoClient {
            id: subject.contract.to_string(),
            text: format!(
                "it follows the CometBFT chain {}, not {}, which has a beacon chain",
                config.chain_id,
                subject.tracked.name()
            ),
        }),
        (Told::Beacon(_) | Told::Attestors(_) | Told::Policy(_), _) => Err(Fault::NoClient {
            id: subject.contract.to_string(),
            text: "a policy stands in a policy".into(),
        }),
    }
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
                Err(Complaint::Ask(Fault::WouldRevert(_)) | Complaint::Lacks(Fault::NoClient { .. })) => {
                    Ok(false)
                }
                Err(other) => Err(other),
            }
        })
        .await?;
    Ok(found)
}

/// The contract behind the id is the one that was added, or governance replaced it.
pub(crate) async fn check_history(host: &Evm, seen: &Seen, id: &ClientId) -> Result<String, Doubt> {
    let (router, first) = (host.settings.router, host.settings.first_block.0);
    let contracts = host
        .on_rpc(|rpc| async move { history(&rpc, router, first, id).await })
        .await
        .map_err(Doubt::unchecked)?;
    match contracts.as_slice() {
        [] => Err(format!("no event of {router} since block {first} adds {id}; check router_block").into()),
        [.., last] if *last != seen.contract => {
            Err(format!("the events lead to {last}, the router uses {}", seen.contract).into())
        }
        [_] => Ok("never migrated".into()),
        several => Ok(format!("migrated {} times by governance", several.len() - 1)),
    }
}

/// The client is paired with whom the path says, whose keys it looks for where they are.
pub(crate) fn check_counterparty(
    seen: &Seen,
    expected: &Expected,
    prefix: &[Vec<u8>],
) -> Result<String, Doubt> {
    match (&seen.view.counterparty, &expected.counterparty) {
        (Some(found), Some(wanted)) if found != wanted => {
            Err(format!("paired with {found}, the path says {wanted}").into())
        }
        (Some(_), Some(_)) if seen.prefix != prefix => Err(format!(
            "it looks for packets under {:?}, they are under {prefix:?}",
            seen.prefix.iter().map(|part| part.to_vec()).collect::<Vec<_>>(),
        )
        .into()),
        (Some(found), Some(_)) => Ok(format!("paired with {found}")),
        (None, None) => Ok("not paired yet".into()),
        (Some(found), None) => Err(format!("paired with {found} already").into()),
        (None, Some(wanted)) => Err(Doubt::Unusable(format!(
            "not paired; its creator has to register {wanted}"
        ))),
    }
}

/// The code of `contract` is that of this release.
pub(crate) async fn check_code(
    host: &Evm,
    contract: Address,
    name: &'static str,
    artifact: &str,
) -> Result<String, Doubt> {
    let artifact = Artifact::parse(artifact).map_err(|error| error.to_string())?;
    let code = host
        .on_rpc(|rpc| async move { rpc.code(contract, At::Latest).await })
        .await
        .map_err(Doubt::unchecked)?;
    artifact
        .check_code(name, contract, &code)
        .map_err(|fault| fault.to_string())?;
    Ok(format!("{contract} is a {name} of this release"))
}

/// That `contract` does what this release says, and that nothing else ever wrote into its storage.
pub(crate) async fn code_findings(
    host: &Evm,
    contract: Address,
    name: &'static str,
    artifact: &str,
) -> [Finding; 2] {
    [
        Finding::new("code", check_code(host, contract, name, artifact).await),
        Finding::new("creation", check_creation(host, contract, name, artifact).await),
    ]
}

/// What holds for a client of any kind: where the router keeps commitments, and for how long a state may be believed.
pub(crate) fn check_common_terms(
    expected: &Expected,
    commitments_slot: B256,
    trust_period: u64,
) -> Result<(), String> {
    if commitments_slot != COMMITMENTS_SLOT {
        return Err(format!(
            "its commitments slot is {commitments_slot}, it must be {COMMITMENTS_SLOT}"
        ));
    }
    let most = expected.terms_max.trust_period.0;
    if trust_period > most {
        return Err(format!(
            "its trust period is {trust_period} s, at most {most} s are accepted"
        ));
    }
    Ok(())
}

pub(crate) fn status_text(status: Status, at: &str) -> Result<String, Doubt> {
    let unusable = |text: &str| Err(Doubt::Unusable(text.into()));
    match status {
        Status::Active => Ok(format!("active at {at}")),
        Status::Expired => unusable("expired: governance has to migrate it"),
        Status::Frozen => unusable("frozen: misbehaviour was proven, governance has to migrate it"),
    }
}

impl End<'_> {
    async fn verify(&self, expected: &Expected) -> Vec<Finding> {
        let own = Comparison {
            tracked: self.tracked,
            network: self.network,
            trusted: self.trusted,
            name: &self.contract.to_string(),
        };
        let bootstrap = match self.started().await {
            Ok(started) => own.check_bootstrap(started).await,
            Err(fault) => Err(Doubt::unchecked(fault)),
        };
        let states = match self.stored_states(expected.depth).await {
            Ok(states) => own.check_states(&states).await,
            Err(doubt) => Err(doubt),
        };
        let code = code_findings(self.host, self.contract, "BeaconClient", BEACON_CLIENT);
        let mut findings = Vec::from(code.await);
        findings.extend([
            Finding::new("network", own.check_network()),
            Finding::new("terms", own.check_terms(expected)),
            Finding::new("governance", self.check_governance().await),
            Finding::new("status", self.check_status()),
            Finding::new("bootstrap", bootstrap),
            Finding::new("committees", own.check_committees().await),
            Finding::new("states", states),
        ]);
        findings
    }

    /// Who may append forks to the client is who governs the router: its creator could otherwise have named himself.
    async fn check_governance(&self) -> Result<String, Doubt> {
        let router = self.host.settings.router;
        let ours = self
            .host
            .read(router, &Router::governanceCall {}, At::Latest)
            .await
            .map_err(Doubt::unchecked)?;
        let found = self.config.governance;
        if found != ours {
            return Err(format!("it obeys {found}, the router {ours}").into());
        }
        Ok(format!("it obeys {found}, as the router"))
    }

    fn check_status(&self) -> Result<String, Doubt> {
        let at = format!("slot {}", self.trusted.newest);
        status_text(ethereum::status(self.trusted, self.now), &at)
    }
}
