//! A bridge of its own between two embedded chains, from chosen contracts and without a relayer: what is carried over it,
//! the suite carries by hand.

use crate::{
    draft,
    end::End,
    govern::DELAY_SECS,
    guardians::{Guardians, LARGE_QUORUM, SMALL_QUORUM},
    site::{Role, Site},
    wallet::Wallet,
};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::{Context, Result};
use chain::{BlockNumber, ChainName, Fault};
use chain_evm::{Artifacts, ClientTerms, DefaultLimit, Deployment, Evm, FeePolicy, Limits, Settings};
use std::time::{Duration, Instant};
use wire::ClientId;

/// How long one step may take in real time: creating a client waits for finality.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);
/// How often a step is tried that the chain is not ready for.
const TRY_INTERVAL: Duration = Duration::from_millis(50);

/// Deploys `artifacts` on both sites, with a client of each on the other, paired.
pub(super) async fn open(sites: &[Site; 2], artifacts: &Artifacts) -> Result<[End; 2]> {
    let (north, south) = tokio::try_join!(deploy(&sites[0], artifacts), deploy(&sites[1], artifacts))?;
    let mut ends = [north, south];
    let keepers = [keeper(&ends[0], artifacts)?, keeper(&ends[1], artifacts)?];
    let ids = tokio::try_join!(
        create_client(&keepers[0], &keepers[1]),
        create_client(&keepers[1], &keepers[0])
    )?;
    let pair = async |at: usize, own: &ClientId, other: &ClientId| {
        let paired = keepers[at]
            .register_counterparty(own, other, &Evm::merkle_prefix(), PATIENCE)
            .await;
        paired.map_err(said).context("failed to pair a client")
    };
    tokio::try_join!(pair(0, &ids.0, &ids.1), pair(1, &ids.1, &ids.0))?;
    ends[0].client = ids.0.to_string();
    ends[1].client = ids.1.to_string();
    Ok(ends)
}

fn unlimited() -> impl Iterator<Item = DefaultLimit> {
    draft::limited_clients().map(|client| DefaultLimit {
        client,
        amounts: None,
    })
}

/// Deploys `artifacts` on a site, with whatever a bridge needs there but clients.
pub(crate) async fn deploy(site: &Site, artifacts: &Artifacts) -> Result<End> {
    let governor = Wallet::of(site, Role::Deployer)?.address;
    let deployment = Deployment {
        proposers: vec![governor],
        executors: vec![Address::ZERO],
        limit_lowerers: vec![governor],
        guardians: Guardians::new()?.members(),
        small_quorum: SMALL_QUORUM,
        large_quorum: LARGE_QUORUM,
        delay_secs: DELAY_SECS,
        keys_allowed: true,
        limits: unlimited().collect(),
    };
    let deployer = evm(site, Address::ZERO, 0, artifacts)?;
    let deployed = deployer.deploy(&deployment, PATIENCE).await.map_err(said)?;
    let governed = [deployed.timelock, deployed.router, deployed.transfer];
    draft::furnish(site, governed, deployed.block.0).await
}

async fn create_client(host: &Evm, tracked: &Evm) -> Result<ClientId> {
    let terms = ClientTerms {
        trust_period: ethereum::TRUST_PERIOD_DEFAULT,
        weak_subjectivity: ethereum::TRUST_PERIOD_DEFAULT,
        capacity: None,
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        match host.create_client(tracked, &terms, PATIENCE).await {
            Ok(created) => return Ok(created.id),
            Err(Fault::NotYet(_)) if Instant::now() < deadline => tokio::time::sleep(TRY_INTERVAL).await,
            Err(fault) => return Err(said(fault)).context("failed to create a client"),
        }
    }
}

/// The chain of an end, in the hands of who deploys there.
pub(crate) fn keeper(end: &End, artifacts: &Artifacts) -> Result<Evm> {
    evm(&end.site, end.router, end.since, artifacts)
}

fn evm(site: &Site, router: Address, since: u64, artifacts: &Artifacts) -> Result<Evm> {
    let settings = Settings {
        name: ChainName(site.name.clone()),
        chain_id: site.chain_id,
        rpc: vec![site.rpc_url.parse()?],
        beacon: vec![site.beacon_url.parse()?],
        attestors: Vec::new(),
        router,
        first_block: BlockNumber(since),
        signer: Some(PrivateKeySigner::from_bytes(&site.key(Role::Deployer))?),
        fee: FeePolicy::default(),
        gas_max: chain_evm::TRANSACTION_GAS_MAX,
        limits: Limits::default(),
    };
    let evm = Evm::new(settings).map_err(anyhow::Error::msg)?;
    Ok(evm.with_artifacts(artifacts.clone()))
}

/// A fault in words: it completes "failed to".
fn said(fault: impl core::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("failed to {fault}")
}
