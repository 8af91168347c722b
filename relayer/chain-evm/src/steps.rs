//! `Ask::Update` and `Ask::Notices` for every kind of client of this chain: which steps lead it forward.
//!
//! A policy moves by its leaves. Those are taken that are enough together, as few as possible; where one cannot be moved
//! now, because its attestors are silent or its committee is, others that are enough are taken instead.

use crate::evm::Evm;
use crate::{attest, beliefs, notices, updates};
use chain::{ClientUpdate, Fault, LeafPlans, Notices, PolicyState, TrustedState, UpdatePlan};
use ethereum::Slot;
use wire::Seconds;

/// The updates that move a client that trusts `trusted` to the finalized slot `to`, or to the newest state before it that
/// the client could know.
pub(crate) async fn plan(evm: &Evm, trusted: &TrustedState, to: Slot) -> Result<UpdatePlan, Fault> {
    match trusted {
        TrustedState::Policy(state) => plan_policy(evm, state, to).await,
        plain => plan_plain(evm, plain, to).await,
    }
}

/// What the client that trusts `trusted`, or leaves of it, have to be told beside states. What is for a leaf is told through its
/// policy.
pub(crate) async fn notices(evm: &Evm, trusted: &TrustedState, now: Seconds) -> Notices {
    let TrustedState::Policy(state) = trusted else {
        return plain_notices(evm, trusted, now).await;
    };
    let mut all = Notices::default();
    for (place, leaf) in state.leaves.iter().enumerate() {
        if let Some(leaf) = leaf {
            all.add_of_leaf(place, plain_notices(evm, leaf, now).await);
        }
    }
    all
}

async fn plain_notices(evm: &Evm, trusted: &TrustedState, now: Seconds) -> Notices {
    match trusted {
        TrustedState::Ethereum(trusted) => beliefs::notices(evm, trusted, now).await,
        TrustedState::Attestors(trusted) => Notices {
            steps: notices::notices(evm, trusted, now).await,
            ..Notices::default()
        },
        TrustedState::Tendermint(_) | TrustedState::Policy(_) => Notices::default(),
    }
}

async fn plan_plain(evm: &Evm, trusted: &TrustedState, to: Slot) -> Result<UpdatePlan, Fault> {
    match trusted {
        TrustedState::Ethereum(trusted) => updates::plan(evm, trusted, to).await,
        TrustedState::Attestors(trusted) => attest::plan(evm, trusted, to).await,
        TrustedState::Tendermint(_) => Err(not_ours()),
        TrustedState::Policy(_) => Err(Fault::NoClient {
            id: "a leaf".into(),
            text: "a policy stands in a policy".into(),
        }),
    }
}

/// What a client of a CometBFT chain is told who asks this chain for its updates.
pub(crate) fn not_ours() -> Fault {
    Fault::NoClient {
        id: "of a CometBFT chain".into(),
        text: "it does not follow this chain, which has a beacon chain".into(),
    }
}

async fn plan_policy(evm: &Evm, state: &PolicyState, to: Slot) -> Result<UpdatePlan, Fault> {
    let now = Seconds(evm.anchor(to).await?.timestamp);
    let mut plans = LeafPlans::new(state, |_, leaf| may_serve(leaf, now));
    while let Some((place, leaf)) = plans.wanted() {
        let planned = plan_plain(evm, leaf, to).await;
        plans.put(place, planned);
    }
    joined(plans.chosen()?, evm, to).await
}

fn may_serve(leaf: &TrustedState, now: Seconds) -> bool {
    let status = match leaf {
        TrustedState::Ethereum(trusted) => ethereum::status(trusted, now),
        TrustedState::Attestors(trusted) => attestor::status(trusted, now),
        TrustedState::Tendermint(_) | TrustedState::Policy(_) => return false,
    };
    status == client::Status::Active
}

/// One plan of the plans of leaves. Where it ends is where a beacon client among them ends: only a slot says of what block
/// it is.
async fn joined(plans: Vec<(usize, UpdatePlan)>, evm: &Evm, to: Slot) -> Result<UpdatePlan, Fault> {
    let mut updates = Vec::new();
    let mut reached = None;
    for (place, plan) in plans {
        let is_beacon = plan
            .updates
            .iter()
            .any(|update| matches!(update, ClientUpdate::Ethereum(_)));
        if is_beacon || reached.is_none() {
            reached = Some(plan.reached);
        }
        updates.extend(plan.updates.into_iter().map(|update| update.of_leaf(place)));
    }
    let reached = match reached {
        Some(reached) => reached,
        None => evm.anchor(to).await?.finalized(),
    };
    Ok(UpdatePlan { updates, reached })
}
