//! Forged updates: signed by keys that an attacker has somehow come by, in the form that a client takes.

use super::{arena::Arena, honest};
use crate::tracker::Side;
use alloy::{
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::BlockId,
};
use anyhow::{Context, Result, bail};
use devnet::Forgery;
use ethereum::{
    Blst, Network, Period, Update,
    spec::{LightClientUpdate, SyncCommittee, Versioned, compact_update},
};
use serde::de::DeserializeOwned;

/// The update that `forgery` describes, in the compact form and not from the future. `signers` is the committee that
/// signs it, by default the genuine one of its period; `account` the nodes of the router's account under the execution
/// state that it finalizes, by default the genuine ones.
pub(super) async fn forged(
    arena: &Arena<'_>,
    forgery: &Forgery,
    signers: Option<&SyncCommittee>,
    account: Option<&[Bytes]>,
) -> Result<Update> {
    let north = Side::North.of(arena.chains);
    let forged = north
        .forge_update(forgery)
        .context("the chain has no finality to forge around")?;
    let update: Versioned<LightClientUpdate> = serde_json::from_value(forged)?;
    let network = &*arena.reader(Side::North).network().await?;
    let genuine;
    let committee = match signers {
        Some(committee) => committee,
        None => {
            genuine = committee_of(arena, network.period_of(update.data.signature_slot)).await?;
            &genuine
        }
    };
    let proven;
    let account = match account {
        Some(account) => account,
        None => {
            proven = account_proof(arena, update.data.finalized_header.execution.block_number).await?;
            &proven
        }
    };
    let update = compact(network, &update.data, committee, account)?;
    honest::wait_for_slot(arena, Side::South, network, update.signature_slot).await?;
    Ok(update)
}

fn compact(
    network: &Network,
    update: &LightClientUpdate,
    committee: &SyncCommittee,
    proof: &[Bytes],
) -> Result<Update> {
    compact_update(&Blst, network, update, committee, proof).context("failed to fold the forged update")
}

/// The nodes of North's router's account proof at an execution block.
pub(super) async fn account_proof(arena: &Arena<'_>, block: u64) -> Result<Vec<Bytes>> {
    let router: Address = arena.end(Side::North).router;
    let provider = arena.attacker(Side::North)?.provider;
    Ok(provider
        .get_proof(router, Vec::new())
        .block_id(BlockId::number(block))
        .await?
        .account_proof)
}

/// All keys of North's genuine committee of `period`, which is public.
async fn committee_of(arena: &Arena<'_>, period: Period) -> Result<SyncCommittee> {
    let Some(before) = period.0.checked_sub(1) else {
        bail!("the committee of period 0 is in no update; let the chain run for a period first");
    };
    let path = format!("/eth/v1/beacon/light_client/updates?start_period={before}&count=1");
    let updates: Vec<Versioned<LightClientUpdate>> = get(arena, &path).await?;
    let update = updates
        .into_iter()
        .next()
        .with_context(|| format!("no update for period {before}"))?;
    Ok(update.data.next_sync_committee)
}

async fn get<T: DeserializeOwned>(arena: &Arena<'_>, path: &str) -> Result<T> {
    let url = format!("{}{path}", arena.end(Side::North).site.beacon_url);
    let answer = reqwest::get(&url).await?.error_for_status()?;
    Ok(answer.json().await?)
}
