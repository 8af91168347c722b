//! Attacks with headers: South's client of North is offered updates that it must not believe.
//!
//! All of them finalize the same lie, a state in which the attacker was sent a fortune; they differ in who signs.

use super::{arena::Arena, forging::forged, honest, honest::Patience, lie::Lie, outcome::Outcome};
use crate::tracker::Side;
use anyhow::{Context, Result, bail};
use devnet::Forgery;
use wire::Height;

/// Seats that a third of the committee fills.
const THIRD: usize = 171;

/// A third of the genuine committee signs.
pub(super) async fn third_of_committee(arena: &Arena<'_>) -> Result<Outcome> {
    present_lie(
        arena,
        Forgery {
            signers: THIRD,
            ..Forgery::default()
        },
    )
    .await
}

/// All of the genuine committee signed, then the header was edited.
pub(super) async fn edited_header(arena: &Arena<'_>) -> Result<Outcome> {
    present_lie(
        arena,
        Forgery {
            edited_after_signing: true,
            ..Forgery::default()
        },
    )
    .await
}

/// A lie about the present: the client is up to date, then the chain finalizes more, and the lie takes its place.
async fn present_lie(arena: &Arena<'_>, forgery: Forgery) -> Result<Outcome> {
    let client = &arena.end(Side::South).client;
    let patience = Patience::new();
    loop {
        honest::follow(arena, Side::South).await?;
        let newest = arena.trusted(Side::South, client).await?.newest;
        while arena.reader(Side::North).head().await?.finalized.height <= Height::of(newest.0) {
            patience.wait_for("the next finality").await?;
        }
        if let Some(outcome) = try_lie(arena, &forgery, Signers::InOffice).await? {
            return Ok(outcome);
        }
        patience.wait_for("a state that the client has not got").await?;
    }
}

/// The whole committee of a period that the client has no memory of: its validators may have left, and nobody could punish
/// them any more for signing a lie about their time.
pub(super) async fn stale_header(arena: &Arena<'_>) -> Result<Outcome> {
    let client = &arena.end(Side::South).client;
    honest::follow(arena, Side::South).await?;
    let trusted = arena.trusted(Side::South, client).await?;
    let oldest = trusted.committees().map(|held| held.period.0).min();
    let oldest = oldest.context("the client knows no committee")?;
    let times = arena.reader(Side::North).network().await?.times();
    let per_period = times.slots_per_epoch.saturating_mul(times.epochs_per_period);
    // The last slot of the period could only be signed for in the next one.
    let behind = oldest.saturating_mul(per_period).saturating_sub(1);
    let first = behind.saturating_sub(per_period);
    let mut attested = behind;
    while let Some(slot) = attested.checked_sub(1).filter(|slot| *slot > first) {
        let forgery = Forgery {
            attested_slot: Some(slot),
            ..Forgery::default()
        };
        if let Some(outcome) = try_lie(arena, &forgery, Signers::Forgotten).await? {
            return Ok(outcome);
        }
        attested = slot.saturating_sub(times.slots_per_epoch);
    }
    bail!("the client holds a state of every epoch of the period before {oldest}: there is no gap for a lie")
}

/// What the client knows of the committee that signs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signers {
    InOffice,
    Forgotten,
}

/// Finalizes the lie by the update that `forgery` describes; `None` if something else would speak against it than who
/// signed: the client does not know as much of the committee as it should, or it holds a state of that slot already, which
/// a lie could only contradict.
async fn try_lie(arena: &Arena<'_>, forgery: &Forgery, signers: Signers) -> Result<Option<Outcome>> {
    let client = &arena.end(Side::South).client;
    let lie = Lie::over(arena, client).await?;
    let forgery = Forgery {
        state_root: Some(lie.state_root()),
        ..forgery.clone()
    };
    let update = forged(arena, &forgery, None, Some(lie.account_proof())).await?;
    let signed_in = arena
        .reader(Side::North)
        .network()
        .await?
        .period_of(update.signature_slot);
    let trusted = arena.trusted(Side::South, client).await?;
    let is_known = trusted.committee(signed_in).is_some();
    let slot = update.finalized.slot;
    if is_known != (signers == Signers::InOffice) || arena.holds_state(Side::South, client, slot).await? {
        return Ok(None);
    }
    match arena.offer_update(Side::South, client, &update).await? {
        Some(rule) => Ok(Some(Outcome::Refused(rule))),
        None => lie.collect(arena, Height::of(slot.0)).await.map(Some),
    }
}
