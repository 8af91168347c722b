//! An EVM chain that hosts a client of a Cosmos chain: what only both chains together can tell.
//!
//! The host shows the client, the followed chain compares it with itself; neither adapter knows the other.

use chain::{Expected, Fault, Finding};
use chain_cosmos::{Cosmos, Follower, Terms};
use chain_evm::{Created, Evm, check_comet_policy, verify_tendermint_end};
use policy::Policy;
use std::time::Duration;
use wire::ClientId;

/// How many heights a client's ring reaches back unless the operator says otherwise: a day of blocks of a second.
pub(crate) const CAPACITY: u32 = 86_400;

/// Makes a client of `tracked` on `host` that starts from the newest header of `tracked`.
pub(crate) async fn create_client(
    host: &Evm,
    tracked: &Cosmos,
    (terms, capacity): (&Terms, u32),
    patience: Duration,
) -> Result<Created, Fault> {
    let (config, start) = tracked.starting_point(terms, capacity).await?;
    host.create_tendermint_client(&config, &start, patience).await
}

/// Makes a client of `tracked` on `host` out of others there.
///
/// Fails before anything is paid for where one of them follows another chain, or could never count.
pub(crate) async fn create_policy_client(
    host: &Evm,
    tracked: &Cosmos,
    policy: &Policy,
    patience: Duration,
) -> Result<Created, Fault> {
    check_comet_policy(host, policy, tracked.chain_id()).await?;
    host.create_policy_client(policy, patience).await
}

/// Checks the client `id` on `host`, which should track `tracked`: one finding a rule.
pub(super) async fn verify_end(
    host: &Evm,
    tracked: &Cosmos,
    id: &ClientId,
    expected: &Expected,
) -> Result<Vec<Finding>, Fault> {
    let end = verify_tendermint_end(host, id, &Cosmos::merkle_prefix(), expected).await?;
    let mut findings = end.findings;
    for shown in &end.followers {
        let follower = Follower {
            config: &shown.config,
            started: &shown.started,
            states: &shown.states,
            are_all: shown.are_all,
        };
        let found = tracked.verify_follower(&follower, expected).await;
        findings.extend(found.into_iter().map(|finding| match shown.leaf {
            Some(place) => finding.of_leaf(place),
            None => finding,
        }));
    }
    Ok(findings)
}
