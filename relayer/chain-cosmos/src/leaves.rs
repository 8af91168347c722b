//! What a policy has to be shown whose leaves follow this chain: which of them move and how far, and proofs for each.
//!
//! Those leaves are moved that are enough together, as few as possible, and now and then the others, so that none expires. One that believes what this chain does not have is not led
//! on from there: others are moved instead, if they are enough, and the law has the last word of what it is shown.
//!
//! A leaf under a delay is absent here: it could never count, or not while it learns (docs/adr/0012-no-delay-over-cometbft.md).

use crate::cosmos::Cosmos;
use crate::follower::{Compared, compare, why_not_ahead};
use crate::proofs::prove_at;
use crate::updates::{follower, plan_plain};
use chain::{
    At, BlockNumber, Doubt, Fault, Finalized, LeafPlans, PolicyState, Proof, TrustedState, UpdatePlan,
};
use client::Status;
use policy::Leaf;
use std::collections::BTreeMap;
use tendermint_client::{Bootstrap, State};
use wire::{Height, Path, Seconds};

/// The headers that move leaves of `state` to height `to` that are enough for it.
pub(crate) async fn plan(chain: &Cosmos, state: &PolicyState, to: Height) -> Result<UpdatePlan, Fault> {
    let target = chain.bootstrap(to.revision_height).await?;
    let mut plans = LeafPlans::new(state, |leaf, trusted| may_serve(leaf, trusted, &target));
    while let Some((place, trusted)) = plans.wanted() {
        let planned = plan_leaf(chain, trusted, &target).await;
        plans.put(place, planned);
    }
    let mut moved = plans.chosen()?;
    let refreshed = refresh(chain, state, &moved, &target).await;
    moved.extend(refreshed);
    Ok(joined(state, moved, &target))
}

/// Plans for leaves that are not needed now, and have not been moved for a quarter of their trust period: as the machine refreshes a client.
/// Others were enough so far; one that expired meanwhile would never count again, and be missed when one of those is frozen.
async fn refresh(
    chain: &Cosmos,
    state: &PolicyState,
    moved: &[(usize, UpdatePlan)],
    target: &Bootstrap,
) -> Vec<(usize, UpdatePlan)> {
    let mut refreshed = Vec::new();
    let leaves = state.policy.leaves().iter().zip(&state.leaves);
    for (place, (leaf, trusted)) in leaves.enumerate() {
        let is_moved = moved.iter().any(|(other, _)| *other == place);
        let is_due = |trusted: &&TrustedState| may_serve(leaf, trusted, target) && is_due(trusted, target);
        let Some(trusted) = trusted.as_ref().filter(is_due).filter(|_| !is_moved) else {
            continue;
        };
        match plan_leaf(chain, trusted, target).await {
            Ok(plan) => refreshed.push((place, plan)),
            // Packets do not wait for it.
            Err(fault) => tracing::debug!(chain = %chain.name, place, %fault, "a leaf was not refreshed"),
        }
    }
    refreshed
}

fn is_due(trusted: &TrustedState, target: &Bootstrap) -> bool {
    let TrustedState::Tendermint(trusted) = trusted else {
        return false;
    };
    let since = trusted.newest().time.rounded_down();
    let patience = Seconds(trusted.config.trust_period.0 / 4);
    since.saturating_add(patience) <= target.time.rounded_down()
}

fn may_serve(leaf: &Leaf, trusted: &TrustedState, target: &Bootstrap) -> bool {
    let now = target.time.rounded_down();
    match trusted {
        TrustedState::Tendermint(trusted) => {
            leaf.delay.0 == 0 && tendermint_client::status(trusted, now) == Status::Active
        }
        TrustedState::Ethereum(_) | TrustedState::Attestors(_) | TrustedState::Policy(_) => false,
    }
}

async fn plan_leaf(chain: &Cosmos, trusted: &TrustedState, target: &Bootstrap) -> Result<UpdatePlan, Fault> {
    let trusted = follower(chain, trusted)?;
    check_own(chain, trusted.newest(), target).await?;
    plan_plain(chain, trusted, target.height).await
}

/// The chain has `newest`, as far as that can be said: what is pruned, or not there yet, the law judges by what follows it.
async fn check_own(chain: &Cosmos, newest: &State, target: &Bootstrap) -> Result<(), Fault> {
    let deceived = |text: String| Fault::NoClient {
        id: "a leaf of a policy".into(),
        text: format!("{text}; it is not led on from there"),
    };
    if newest.height > target.height.revision_height {
        return why_not_ahead(newest, target).map_or(Ok(()), |text| Err(deceived(text)));
    }
    if chain.looked.is_own(newest) {
        return Ok(());
    }
    match compare(chain, newest).await {
        Ok(Compared::Same) => {
            chain.looked.put_own(newest);
            Ok(())
        }
        Ok(Compared::Gone) | Err(Doubt::Unusable(_) | Doubt::Gone(_) | Doubt::Unchecked(_)) => Ok(()),
        Err(Doubt::Differs(text)) => Err(deceived(text)),
    }
}

/// One plan of those of leaves. It ends where the leaf does that comes least far.
///
/// The leaf that is furthest behind goes first. Where a submission has room for one header only, the same leaf would else be moved
/// each time, and the other never.
fn joined(state: &PolicyState, mut plans: Vec<(usize, UpdatePlan)>, target: &Bootstrap) -> UpdatePlan {
    let stands = |place: usize| match state.leaves.get(place) {
        Some(Some(TrustedState::Tendermint(trusted))) => trusted.newest().height,
        Some(_) | None => 0,
    };
    plans.sort_by_key(|(place, _)| stands(*place));
    let reached = plans.iter().map(|(_, plan)| plan.reached);
    let reached = reached.min_by_key(|reached| reached.height);
    let updates = plans.into_iter().flat_map(|(place, plan)| {
        let updates = plan.updates.into_iter();
        updates.map(move |update| update.of_leaf(place))
    });
    UpdatePlan {
        updates: updates.collect(),
        reached: reached.unwrap_or(Finalized {
            height: target.height,
            block: BlockNumber(target.height.revision_height.saturating_sub(1)),
            timestamp: target.time.rounded_down(),
        }),
    }
}

/// Proofs of `keys` for a policy whose leaves stand at `places`, in the same order. Leaves at one height are shown the same.
pub(crate) async fn prove(chain: &Cosmos, keys: &[Path], places: &[Option<At>]) -> Result<Vec<Proof>, Fault> {
    let mut proven: BTreeMap<Height, Vec<Proof>> = BTreeMap::new();
    let mut of_leaves = Vec::new();
    for at in places {
        of_leaves.push(match at {
            None => None,
            Some(at) => {
                let height = chain.header_of(*at)?;
                let proofs = match proven.get(&height) {
                    Some(proofs) => proofs.clone(),
                    None => prove_at(chain, keys, height).await?,
                };
                proven.insert(height, proofs.clone());
                Some((height, proofs))
            }
        });
    }
    Ok(Proof::of_leaves(&of_leaves, keys.len()))
}

#[cfg(test)]
#[path = "leaves_tests.rs"]
pub(crate) mod tests;
