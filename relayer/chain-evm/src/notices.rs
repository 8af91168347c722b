//! `Ask::Notices`: what attestors of this chain have to tell a client beside states.
//!
//! Three things: evidence that some of them contradicted themselves, or that the state which the client trusts is not the
//! one that enough of them sign now; and another set, once enough of the present one agreed to it. Who agrees is for the
//! operators of the attestors; here it is only collected. Whoever is silent is waited for a short while.
//!
//! What this module must never do: call a set or a state good by itself. The law crate says what the client would take.

use crate::attest::{Asked, agreed_path, ask_all, attested_path, claim_of, collect, compact, hear};
use crate::evm::Evm;
use alloy_primitives::Bytes;
use attestor::{Attestation, Claim, Rotation, Set, Signed, State, Trusted, Update};
use chain::{BlockNumber, ClientUpdate, Fault, NotYet};
use client::Advance;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use wire::Seconds;

/// How long attestors have to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a block is looked for that is older, each time twice as far back: 128 of those that are attested at most.
const STEPS_BACK: u32 = 9;

/// The rotation that an attestor agrees to: docs/formats/attestor.md, "Asking an attestor".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// Rotations that the client accepted before it.
    pub nonce: u64,
    /// The first moment at which the signature no longer counts (Unix seconds).
    pub expiry: u64,
    /// The words of the next set.
    pub set: Bytes,
    /// The attestor's signature over these.
    pub signature: Bytes,
}

/// The notices for a client that trusts `trusted`, the most urgent first.
pub(crate) async fn notices(evm: &Evm, trusted: &Trusted, now: Seconds) -> Vec<ClientUpdate> {
    let until = Instant::now() + PATIENCE;
    let (contradiction, rotation) = tokio::join!(
        look_back(evm, trusted, now, until),
        rotation(evm, trusted, now, until)
    );
    let evidence = evm.witness.evidence(trusted, now).map(ClientUpdate::Evidence);
    let steps = [contradiction, rotation].into_iter().flatten();
    let steps = steps
        .filter(|update| is_taken(trusted, update, now))
        .map(ClientUpdate::Attestors);
    evidence.into_iter().chain(steps).collect()
}

fn is_taken(trusted: &Trusted, update: &Update, now: Seconds) -> bool {
    match attestor::verify_update(trusted, update, now) {
        Ok(Advance::Updated(_) | Advance::Misbehaviour(_)) => true,
        Ok(Advance::NoOp) => false,
        Err(reject) => {
            tracing::debug!(%reject, "attestors sign what the client would refuse");
            false
        }
    }
}

/// Asks all attestors once more for the newest block that the client trusts. Whoever signs another claim than before is
/// remembered; and if enough sign another one than the client trusts, that is the proof that it was deceived.
async fn look_back(evm: &Evm, trusted: &Trusted, now: Seconds, until: Instant) -> Option<Update> {
    let pool = evm.attestors.as_ref()?;
    let (height, believed) = trusted.newest().map(|state| (state.height, *state))?;
    let ours = match evm.attestable(height).await {
        Ok(ours) => Some(ours),
        Err(Fault::NotYet(NotYet::Block { newest, .. })) => {
            return look_behind(evm, trusted, &believed, (newest, now)).await;
        }
        Err(_) => None,
    };
    let mut asked = ask_all(pool, attested_path(trusted, height));
    let mut signed = BTreeMap::new();
    while let Some((label, answer)) = next(&mut asked, until).await {
        match answer.and_then(|attested| hear(evm, trusted, height, &attested)) {
            Ok((claim, one, _)) => {
                signed.insert(one.index, (claim, one));
            }
            Err(text) => tracing::debug!(attestor = %label, height, %text, "no attestation"),
        }
    }
    let ours = ours?;
    if (ours.timestamp, ours.storage_root) == (believed.timestamp, believed.storage_root) {
        return None;
    }
    tracing::error!(
        height,
        trusted = %believed.storage_root,
        ours = %ours.storage_root,
        "the client trusts another state of this chain than this chain's own: if it is not the endpoint, attestors lied",
    );
    let truthful = signed.into_values().filter(|(claim, _)| *claim == ours);
    Some(Update::State(Attestation {
        height,
        claim: ours,
        signatures: truthful.map(|(_, signed)| signed).collect(),
    }))
}

/// The client trusts a block that this chain does not have yet. Where one that it has is of a later time, time runs backwards
/// between them, which proves that the client was deceived. Otherwise an endpoint may lag.
async fn look_behind(
    evm: &Evm,
    trusted: &Trusted,
    believed: &State,
    (newest, now): (BlockNumber, Seconds),
) -> Option<Update> {
    let interval = trusted.config.interval.max(1);
    let (height, claim) = reached(evm, interval, newest, now).await?;
    if claim.timestamp <= believed.timestamp {
        return None;
    }
    tracing::error!(
        trusted = believed.height,
        of = %believed.timestamp,
        ours = height,
        at = %claim.timestamp,
        "the client trusts a block of a time at which this chain was not that far: if it is not the endpoint, attestors lied",
    );
    let signatures = collect(evm, trusted, height, &claim).await.ok()?;
    Some(Update::State(Attestation {
        height,
        claim,
        signatures,
    }))
}

/// A block of those up to `newest`, which are final, that can be attested, as new as may be, whose time the client's chain had reached when it was asked: blocks from the
/// future it refuses.
async fn reached(evm: &Evm, interval: u64, newest: BlockNumber, now: Seconds) -> Option<(u64, Claim)> {
    let mut back = 0_u64;
    for _ in 0..STEPS_BACK {
        let multiple = newest.0.saturating_sub(back).checked_div(interval)?;
        let height = multiple.saturating_mul(interval);
        let claim = claim_of(evm, height).await.ok()?;
        if claim.timestamp <= now {
            return Some((height, claim));
        }
        back = back.saturating_mul(2).max(interval);
    }
    None
}

/// A rotation that attestors of enough weight agree to.
async fn rotation(evm: &Evm, trusted: &Trusted, now: Seconds, until: Instant) -> Option<Update> {
    let pool = evm.attestors.as_ref().filter(|_| trusted.pending.is_none())?;
    let mut asked = ask_all(pool, agreed_path(trusted));
    let mut ballots: Vec<(Rotation, BTreeMap<u8, Signed>)> = Vec::new();
    while let Some((label, answer)) = next(&mut asked, until).await {
        let heard = answer.and_then(|agreed| read(trusted, &agreed));
        let (rotation, signed) = match heard {
            Ok(heard) => heard,
            Err(text) => {
                tracing::debug!(attestor = %label, %text, "no agreement to a rotation");
                continue;
            }
        };
        let found = ballots.iter().position(|(known, _)| *known == rotation);
        let at = found.unwrap_or(ballots.len());
        if found.is_none() {
            ballots.push((rotation, BTreeMap::new()));
        }
        let Some((rotation, signatures)) = ballots.get_mut(at) else {
            continue;
        };
        signatures.insert(signed.index, signed);
        let update = Update::Rotation(Rotation {
            signatures: signatures.values().cloned().collect(),
            ..rotation.clone()
        });
        if is_taken(trusted, &update, now) {
            return Some(update);
        }
    }
    None
}

/// The next answer; none when there are no more, or none in time.
async fn next<T: 'static>(asked: &mut Asked<T>, until: Instant) -> Option<(Arc<str>, Result<T, String>)> {
    while let Some(joined) = timeout_at(until, asked.join_next()).await.ok()? {
        if let Ok(answer) = joined {
            return Some(answer);
        }
    }
    None
}

/// An answer counts if the law knows whose signature it is.
fn read(trusted: &Trusted, agreed: &Agreed) -> Result<(Rotation, Signed), String> {
    let rotation = Rotation {
        nonce: agreed.nonce,
        expiry: Seconds(agreed.expiry),
        set: Set::from_words(&agreed.set).map_err(|reject| reject.to_string())?,
        signatures: Vec::new(),
    };
    let signature = compact(&agreed.signature);
    let (signed, _) = attestor::rotation_signed_by(trusted, &rotation, &signature)
        .ok_or_else(|| "its signature is of nobody who counts in the client's set".to_owned())?;
    Ok((rotation, signed))
}
