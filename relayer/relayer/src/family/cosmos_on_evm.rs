//! An EVM chain that hosts a client of a Cosmos chain: what only both chains together can tell.
//!
//! The host shows the client, the followed chain compares it with itself; neither adapter knows the other.

use chain::{Expected, Fault, Finding};
use chain_cosmos::{Cosmos, Follower, Terms};
use chain_evm::{Created, Evm, verify_tendermint_end};
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

/// Checks the client `id` on `host`, which should track `tracked`: one finding a rule.
pub(super) async fn verify_end(
    host: &Evm,
    tracked: &Cosmos,
    id: &ClientId,
    expected: &Expected,
) -> Result<Vec<Finding>, Fault> {
    let end = verify_tendermint_end(host, id, &Cosmos::merkle_prefix(), expected).await?;
    let follower = Follower {
        config: &end.trusted.config,
        started: &end.started,
        states: &end.states,
        are_all: end.are_all,
    };
    let mut findings = end.findings;
    findings.extend(tracked.verify_follower(&follower, expected).await);
    Ok(findings)
}
