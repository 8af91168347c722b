//! `Ask::Update` and `Ask::Notices` for every kind of client of this chain: which steps lead it forward.
//!
//! A policy moves by its leaves. Those are taken that are enough together, as few as possible; where one cannot be moved
//! now, because its attestors are silent or its committee is, others that are enough are taken instead.

use crate::evm::Evm;
use crate::{attest, beliefs, notices, updates};
use chain::{ClientUpdate, Fault, Notices, PolicyState, TrustedState, UpdatePlan};
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

/// What the client that trusts `trusted`, or leaves of it, have to be told beside states.
pub(crate) async fn notices(evm: &Evm, trusted: &TrustedState, now: Seconds) -> Notices {
    match trusted {
        TrustedState::Ethereum(trusted) => beliefs::notices(evm, trusted, now).await,
        TrustedState::Tendermint(_) | TrustedState::Attestors(_) | TrustedState::Policy(_) => Notices {
            steps: by_attestors(evm, trusted, now).await,
            ..Notices::default()
        },
    }
}

/// What attestors have to tell.
async fn by_attestors(evm: &Evm, trusted: &TrustedState, now: Seconds) -> Vec<ClientUpdate> {
    match trusted {
        TrustedState::Ethereum(_) | TrustedState::Tendermint(_) => Vec::new(),
        TrustedState::Attestors(trusted) => notices::notices(evm, trusted, now).await,
        TrustedState::Policy(state) => {
            let mut all = Vec::new();
            for (leaf, trusted) in (0_u8..).zip(&state.leaves) {
                let Some(TrustedState::Attestors(trusted)) = trusted else {
                    continue;
                };
                let told = notices::notices(evm, trusted, now).await;
                all.extend(told.into_iter().map(|update| of_leaf(leaf, update)));
            }
            all
        }
    }
}

fn of_leaf(leaf: u8, update: ClientUpdate) -> ClientUpdate {
    let update = Box::new(update);
    ClientUpdate::Leaf { leaf, update }
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
    let mut plans: Vec<Option<Result<UpdatePlan, Fault>>> = state.leaves.iter().map(|_| None).collect();
    let mut first_fault = None;
    for chosen in choices(state, now) {
        for place in &chosen {
            let (Some(slot), Some(Some(leaf))) = (plans.get_mut(*place), state.leaves.get(*place)) else {
                continue;
            };
            if slot.is_none() {
                *slot = Some(plan_plain(evm, leaf, to).await);
            }
        }
        let planned = chosen.iter().map(|place| match plans.get(*place) {
            Some(Some(Ok(plan))) => Ok((*place, plan.clone())),
            Some(Some(Err(fault))) => Err(fault.clone()),
            Some(None) | None => Err(nothing_serves()),
        });
        match planned.collect::<Result<Vec<_>, Fault>>() {
            Ok(planned) => return joined(planned, evm, to).await,
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or_else(nothing_serves))
}

/// Sets of leaves that would be enough, the smallest first. A leaf that refuses everything is in none of them.
fn choices(state: &PolicyState, now: Seconds) -> Vec<Vec<usize>> {
    let serves: Vec<bool> = state
        .leaves
        .iter()
        .map(|leaf| leaf.as_ref().is_some_and(|leaf| may_serve(leaf, now)))
        .collect();
    let mut choices: Vec<Vec<usize>> = (1_u32..1 << serves.len().min(policy::LEAVES_MAX))
        .map(|mask| {
            (0..serves.len())
                .filter(|place| mask >> place & 1 == 1)
                .collect::<Vec<usize>>()
        })
        .filter(|chosen| chosen.iter().all(|place| serves.get(*place) == Some(&true)))
        .filter(|chosen| {
            let held: Vec<bool> = (0..serves.len()).map(|place| chosen.contains(&place)).collect();
            state.policy.holds(&held)
        })
        .collect();
    choices.sort_by_key(Vec::len);
    choices
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
        let leaf = u8::try_from(place).unwrap_or(u8::MAX);
        updates.extend(plan.updates.into_iter().map(|update| of_leaf(leaf, update)));
    }
    let reached = match reached {
        Some(reached) => reached,
        None => evm.anchor(to).await?.finalized(),
    };
    Ok(UpdatePlan { updates, reached })
}

fn nothing_serves() -> Fault {
    Fault::NoClient {
        id: "a policy".into(),
        text: "the leaves that are neither halted, frozen nor expired are not enough for it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Address, B256};
    use policy::{Node, Policy};

    fn attestors(frozen: bool) -> TrustedState {
        let config = attestor::Config {
            host: B256::with_last_byte(1),
            contract: B256::with_last_byte(2),
            commitments_slot: wire::COMMITMENTS_SLOT,
            trust_period: Seconds(100),
            interval: 1,
            capacity: 8,
            rotation_delay: Seconds(3_600),
        };
        let set = attestor::Set::in_use(2, Vec::new());
        let trusted = attestor::Trusted::from_parts(config, set, 1, [], frozen).expect("a client");
        TrustedState::Attestors(Box::new(trusted))
    }

    #[test]
    fn the_fewest_leaves_that_serve_come_first() {
        let leaves = (1..=3).map(|n| Node::Leaf(Address::with_last_byte(n))).collect();
        let state = |leaves: [Option<TrustedState>; 3], needed, nodes| PolicyState {
            policy: Policy::new(Node::AtLeast(needed, nodes)).expect("a policy"),
            leaves: leaves.into(),
        };
        let nodes: Vec<Node> = leaves;
        let all = [
            Some(attestors(false)),
            Some(attestors(false)),
            Some(attestors(false)),
        ];
        let found = choices(&state(all, 2, nodes.clone()), Seconds(1));
        assert_eq!(found, [vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 1, 2]]);
        let some = [
            Some(attestors(false)),
            Some(attestors(true)),
            Some(attestors(false)),
        ];
        assert_eq!(choices(&state(some, 2, nodes.clone()), Seconds(1)), [vec![0, 2]]);
        let one = [None, Some(attestors(true)), Some(attestors(false))];
        assert!(choices(&state(one, 2, nodes), Seconds(1)).is_empty());
    }
}
