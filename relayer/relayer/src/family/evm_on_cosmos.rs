//! A Cosmos chain that hosts a client of an EVM chain: what only both chains together can tell.
//!
//! The host shows the client, the followed chain compares it with itself; neither adapter knows the other.

use chain::{Expected, Fault, Finding};
use chain_cosmos::{Cosmos, Created, WASM_CAPACITY_MAX};
use chain_evm::{BeaconFollower, BeaconStart, ClientTerms, Evm};
use std::time::Duration;
use wire::ClientId;

/// Makes a client of `tracked` on `host` that starts from the newest finalized state of `tracked`.
///
/// Fails with [`chain::NotYet`] until `tracked` has finalized its router, and where governance of `host` has not stored the contract of
/// this release. Where the followed chain's epochs are so short that the contract has no room for the states of a packet's life, it says so.
pub(crate) async fn create_client(
    host: &Cosmos,
    tracked: &Evm,
    terms: &ClientTerms,
    patience: Duration,
) -> Result<Created, Fault> {
    let now = host.head().await?.latest.timestamp;
    let (config, bootstrap) = tracked.starting_point_for(terms, WASM_CAPACITY_MAX, now).await?;
    host.create_wasm_client(&config, &bootstrap, patience).await
}

/// Checks the client `id` on `host`, which should track `tracked`: one finding a rule.
pub(super) async fn verify_end(
    host: &Cosmos,
    tracked: &Evm,
    id: &ClientId,
    expected: &Expected,
) -> Result<Vec<Finding>, Fault> {
    let end = host.verify_wasm_end(id, &Evm::merkle_prefix(), expected).await?;
    let started = end.started;
    let follower = BeaconFollower {
        trusted: &end.trusted,
        started: BeaconStart {
            slot: started.slot,
            header: started.header,
            committee: started.committee,
        },
        states: &end.states,
        name: id.as_str(),
    };
    let mut findings = end.findings;
    findings.extend(tracked.verify_follower(&follower, expected).await?);
    Ok(findings)
}
