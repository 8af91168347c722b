//! What is verified of an attestor client: its code and terms, whose signatures count, and what it believes.
//!
//! Nothing on a chain says who deserves to be an attestor. The operator names those whom he knows, in the configuration of
//! the chain that they attest; the rest of the set must not be enough without them.
//!
//! What this module must never do: call a set good because it is large.

use crate::abi::{AttestorClient, AttestorConfig, Router};
use crate::artifact::ATTESTOR_CLIENT;
use crate::rpc::At;
use crate::verify::{Subject, check_common_terms, code_findings, status_text};
use attestor::{Set, Trusted};
use chain::{Doubt, Fault, Finding};
use wire::Seconds;

pub(crate) async fn verify(
    subject: &Subject<'_>,
    config: &AttestorConfig,
    trusted: &Trusted,
) -> Vec<Finding> {
    let code = code_findings(subject.host, subject.contract, "AttestorClient", ATTESTOR_CLIENT);
    let newest = trusted.newest().map_or(0, |state| state.height);
    let mut findings = Vec::from(code.await);
    findings.extend([
        Finding::new("terms", check_terms(subject, config)),
        Finding::new("governance", check_governance(subject).await),
        Finding::new("attestors", check_attestors(subject, &trusted.set)),
        Finding::new(
            "status",
            status_text(attestor::status(trusted, subject.now), &format!("block {newest}")),
        ),
        Finding::new("states", check_states(subject, trusted).await),
    ]);
    // Who will sign is judged before he does, while it can be vetoed.
    if let Some(next) = &trusted.pending {
        let due = next.due;
        let judged = check_attestors(subject, &next.set).map(|text| format!("{text}; from {due} on"));
        // Those who sign now are not worse for it.
        findings.push(Finding::new("next attestors", judged.map_err(Doubt::Unusable)));
    }
    findings
}

fn check_terms(subject: &Subject<'_>, config: &AttestorConfig) -> Result<String, String> {
    let tracked = &subject.tracked.settings;
    if config.chainId != tracked.chain_id || config.router != tracked.router {
        return Err(format!(
            "it follows router {} of chain {}, the configuration says {} of {}",
            config.router, config.chainId, tracked.router, tracked.chain_id
        ));
    }
    check_common_terms(subject.expected, config.commitmentsSlot, config.trustPeriod)?;
    Ok(format!(
        "trust period {} s, {} states, every {} blocks; a new set waits {} s",
        config.trustPeriod, config.capacity, config.interval, config.rotationDelay
    ))
}

/// Who may veto a rotation is who governs the router.
async fn check_governance(subject: &Subject<'_>) -> Result<String, Doubt> {
    let host = subject.host;
    let ours = host.read(host.settings.router, &Router::authorityCall {}, At::Latest);
    let theirs = host.read(subject.contract, &AttestorClient::authorityCall {}, At::Latest);
    let (ours, theirs) = (
        ours.await.map_err(Doubt::unchecked)?,
        theirs.await.map_err(Doubt::unchecked)?,
    );
    if theirs != ours {
        return Err(format!("it obeys {theirs}, the router {ours}").into());
    }
    Ok(format!("it obeys {theirs}, as the router"))
}

/// Those whom the operator does not know are never enough by themselves, and those whom he knows are.
fn check_attestors(subject: &Subject<'_>, set: &Set) -> Result<String, String> {
    let known = &subject.tracked.settings.attestors;
    let (mut ours, mut strangers) = (0_u64, 0_u64);
    let mut unknown = Vec::new();
    for one in set.attestors() {
        if known.iter().any(|peer| peer.address == one.signer) {
            ours = ours.saturating_add(one.weight);
        } else {
            strangers = strangers.saturating_add(one.weight);
            unknown.push(one.signer.to_string());
        }
    }
    let threshold = set.threshold();
    if strangers >= threshold {
        return Err(format!(
            "attestors of weight {strangers} are enough ({threshold}) whom the configuration of chain {} does not name: {}",
            subject.tracked.settings.name,
            unknown.join(", ")
        ));
    }
    if ours < threshold {
        return Err(format!(
            "the attestors that the configuration names have weight {ours}, {threshold} is needed"
        ));
    }
    let count = set.attestors().len();
    Ok(format!(
        "{count} attestors, weight {threshold} is needed, known ones have {ours}"
    ))
}

/// Every state that it is known to believe is the chain's own.
async fn check_states(subject: &Subject<'_>, trusted: &Trusted) -> Result<String, Doubt> {
    let mut checked = 0_u32;
    for state in trusted.states() {
        let claim = match subject.tracked.attestable(state.height).await {
            Ok(claim) => claim,
            Err(Fault::Pruned { .. }) => {
                return Err(Doubt::Gone(format!(
                    "block {} is pruned from the endpoints and was not compared; use an archive node",
                    state.height
                )));
            }
            Err(fault) => return Err(Doubt::unchecked(fault)),
        };
        let (theirs, ours): ((Seconds, _), _) = (
            (state.timestamp, state.storage_root),
            (claim.timestamp, claim.storage_root),
        );
        if theirs != ours {
            return Err(format!(
                "of block {} it believes storage root {} at {}, the chain has {} at {}",
                state.height, theirs.1, theirs.0, ours.1, ours.0
            )
            .into());
        }
        checked += 1;
    }
    Ok(match checked {
        0 => "it has learned no state yet".into(),
        checked => format!("{checked} states are the chain's own"),
    })
}
