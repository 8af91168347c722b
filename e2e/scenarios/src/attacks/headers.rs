//! Attacks with headers: South's client of North is offered updates that it must not believe.

use super::{
    arena::{Arena, verdict},
    delivery,
};
use crate::tracker::Side;
use alloy::{
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::BlockId,
};
use anyhow::{Context, Result, bail, ensure};
use chain::{Answer, Ask, ClientUpdate, TrustedState};
use devnet::Forgery;
use ethereum::{
    Blst, Network, Period, Slot, Update, codec,
    spec::{LightClientUpdate, SyncCommittee, Versioned, compact_update},
};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Seats that a third of the committee fills.
const THIRD: usize = 171;
/// How often a clock is looked at.
const CLOCK_INTERVAL: Duration = Duration::from_millis(20);

/// A third of the genuine committee signs.
pub(super) async fn third_of_committee(arena: &Arena<'_>) -> Result<String> {
    offer(
        arena,
        &Forgery {
            signers: THIRD,
            ..Forgery::default()
        },
    )
    .await
}

/// All of the genuine committee signed, then the header was edited.
pub(super) async fn edited_header(arena: &Arena<'_>) -> Result<String> {
    offer(
        arena,
        &Forgery {
            edited_after_signing: true,
            ..Forgery::default()
        },
    )
    .await
}

/// An update from the client's youth, whose committee has left the ring since.
pub(super) async fn stale_header(arena: &Arena<'_>) -> Result<String> {
    let first = delivery::first_update(arena.end(Side::South)).await?;
    Ok(verdict(arena.offer_update(Side::South, first).await?))
}

async fn offer(arena: &Arena<'_>, forgery: &Forgery) -> Result<String> {
    follow(arena).await?;
    let update = forged(arena, forgery, None).await?;
    Ok(verdict(
        arena
            .offer_update(Side::South, codec::encode_update(&update).into())
            .await?,
    ))
}

/// Brings South's client up to date first, as anybody may: one that lags behind would refuse a forgery for that alone.
async fn follow(arena: &Arena<'_>) -> Result<()> {
    let north = arena.reader(Side::North);
    let to = north.head().await?.finalized.height;
    let trusted = arena.trusted(Side::South).await?;
    let ask = Ask::Update {
        trusted: TrustedState::Ethereum(Box::new(trusted)),
        to,
    };
    let Answer::Update(plan) = north.answer(ask).await? else {
        bail!("asked for updates, was answered something else");
    };
    for ClientUpdate::Ethereum(update) in plan.updates {
        wait_for_slot(arena, north.network().await?, update.signature_slot).await?;
        let refusal = arena
            .offer_update(Side::South, codec::encode_update(&update).into())
            .await?;
        ensure!(
            refusal.is_none(),
            "the client refused a genuine update: {refusal:?}"
        );
    }
    Ok(())
}

/// The update that `forgery` describes, in the compact form. `signers` is the committee that signs it, by default the
/// genuine one of its period.
pub(super) async fn forged(
    arena: &Arena<'_>,
    forgery: &Forgery,
    signers: Option<&SyncCommittee>,
) -> Result<Update> {
    let north = Side::North.of(arena.chains);
    let forged = north
        .forge_update(forgery)
        .context("the chain has no finality to forge around")?;
    let update: Versioned<LightClientUpdate> = serde_json::from_value(forged)?;
    let network = arena.reader(Side::North).network().await?;
    let genuine;
    let committee = match signers {
        Some(committee) => committee,
        None => {
            genuine = committee_of(arena, network.period_of(update.data.signature_slot)).await?;
            &genuine
        }
    };
    let proof = account_proof(arena, update.data.finalized_header.execution.block_number).await?;
    let update = compact(network, &update.data, committee, &proof)?;
    wait_for_slot(arena, network, update.signature_slot).await?;
    Ok(update)
}

/// Waits until South's clock has reached `slot`: a header from the future is refused for that alone.
async fn wait_for_slot(arena: &Arena<'_>, network: &Network, slot: Slot) -> Result<()> {
    let begins = network.time_of(slot).context("the slot lies beyond all time")?;
    let south = arena.attacker(Side::South)?;
    while south.now().await? < begins.0 {
        tokio::time::sleep(CLOCK_INTERVAL).await;
    }
    Ok(())
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
