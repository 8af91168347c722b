//! What is verified of a policy client: its own code, whom it obeys and asks for halts, and each leaf as if it stood alone.

use crate::abi::{PolicyClient, Router};
use crate::artifact::POLICY_CLIENT;
use crate::client_view::LeafSeen;
use crate::evm::Evm;
use crate::rpc::At;
use crate::verify::{Subject, code_findings, verify_plain};
use alloy_primitives::Address;
use chain::{Doubt, Fault, Finding, TrustedState};
use policy::Node;

pub(crate) async fn verify(subject: &Subject<'_>, leaves: &[LeafSeen]) -> Result<Vec<Finding>, Fault> {
    let mut findings = verify_own(subject.host, subject.contract, subject.trusted).await;
    for (place, leaf) in leaves.iter().enumerate() {
        findings.extend(verify_leaf(subject, place, leaf).await?);
    }
    Ok(findings)
}

/// What is the policy's own, whatever its leaves follow.
pub(crate) async fn verify_own(host: &Evm, contract: Address, trusted: &TrustedState) -> Vec<Finding> {
    let code = code_findings(host, contract, "PolicyClient", POLICY_CLIENT);
    let mut findings = Vec::from(code.await);
    findings.extend([
        Finding::new("governance", check_governance(host, contract).await),
        Finding::new("halts", check_halts(host, contract).await),
        Finding::new("policy", check_policy(trusted)),
    ]);
    findings
}

/// Who may change the policy is who governs the router.
async fn check_governance(host: &Evm, contract: Address) -> Result<String, Doubt> {
    let ours = host.read(host.settings.router, &Router::authorityCall {}, At::Latest);
    let theirs = host.read(contract, &PolicyClient::authorityCall {}, At::Latest);
    let (ours, theirs) = (
        ours.await.map_err(Doubt::unchecked)?,
        theirs.await.map_err(Doubt::unchecked)?,
    );
    if theirs != ours {
        return Err(format!("it obeys {theirs}, the router {ours}").into());
    }
    Ok(format!("it obeys {theirs}, as the router"))
}

/// A halted leaf counts as absent only for who asks the router that guardians halt it at.
async fn check_halts(host: &Evm, contract: Address) -> Result<String, Doubt> {
    let found = host.read(contract, &PolicyClient::haltsCall {}, At::Latest).await;
    let (found, router) = (found.map_err(Doubt::unchecked)?, host.settings.router);
    if found != router {
        return Err(format!("it asks {found} which leaves are halted, the router is {router}").into());
    }
    Ok("it asks the router which leaves are halted".into())
}

fn check_policy(trusted: &TrustedState) -> Result<String, String> {
    let TrustedState::Policy(state) = trusted else {
        return Err("it is no policy".into());
    };
    Ok(written(state.policy.root()))
}

/// A policy in words, as `client create --policy` takes it.
fn written(node: &Node) -> String {
    let all = |children: &[Node]| children.iter().map(written).collect::<Vec<_>>().join(", ");
    match node {
        Node::AllOf(children) => format!("all-of({})", all(children)),
        Node::AnyOf(children) => format!("any-of({})", all(children)),
        Node::AtLeast(needed, children) => format!("at-least({needed}, {})", all(children)),
        Node::Leaf(client) => client.to_string(),
        Node::After(delay, client) => format!("after({}, {client})", delay.0),
    }
}

async fn verify_leaf(subject: &Subject<'_>, place: usize, leaf: &LeafSeen) -> Result<Vec<Finding>, Fault> {
    let mut findings = vec![check_halt(leaf)];
    match &leaf.light {
        Ok((told, trusted)) => {
            let subject = Subject {
                contract: leaf.contract,
                trusted,
                ..*subject
            };
            findings.extend(verify_plain(&subject, told).await?);
        }
        Err(text) => findings.push(unread(text)),
    }
    Ok(findings
        .into_iter()
        .map(|finding| finding.of_leaf(place))
        .collect())
}

pub(crate) fn check_halt(leaf: &LeafSeen) -> Finding {
    let halt = match leaf.is_halted {
        true => Err(Doubt::Unusable(format!(
            "{} is halted by guardians and counts as absent",
            leaf.contract
        ))),
        false => Ok(format!("{} is not halted", leaf.contract)),
    };
    Finding::new("halt", halt)
}

/// A leaf of which nothing could be read is no client.
pub(crate) fn unread(text: &str) -> Finding {
    Finding::new("client", Err::<String, _>(format!("failed to {text}")))
}
