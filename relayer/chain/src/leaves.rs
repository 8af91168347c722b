//! What adapters of either family do for a policy alike: they choose leaves that are enough, plan for one after the other, and put
//! the proofs of all together.
//!
//! What this module must never do: put proofs of different keys together, or choose a leaf that refuses everything.

use crate::{ClientUpdate, Fault, Notices, PolicyState, Proof, TrustedState, UpdatePlan};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use policy::{LEAVES_MAX, Leaf, LeafProof};
use wire::Height;

/// Plans for the leaves of a policy, made one at a time: as few as possible, and others where one of those cannot be moved.
#[derive(Debug)]
pub struct LeafPlans<'a> {
    state: &'a PolicyState,
    choices: Vec<Vec<usize>>,
    plans: Vec<Option<Result<UpdatePlan, Fault>>>,
    first_fault: Option<Fault>,
}

impl<'a> LeafPlans<'a> {
    /// - `serves`: whether a leaf may count now; one that is absent is not asked about.
    pub fn new(state: &'a PolicyState, serves: impl Fn(&Leaf, &TrustedState) -> bool) -> Self {
        Self {
            choices: choices(state, serves),
            plans: state.leaves.iter().map(|_| None).collect(),
            first_fault: None,
            state,
        }
    }

    /// The next leaf of which a plan is wanted, with its place; none once there are enough, or nothing is left to try.
    pub fn wanted(&self) -> Option<(usize, &'a TrustedState)> {
        let mut places = self.best()?.iter().copied();
        let place = places.find(|place| self.plan(*place).is_none())?;
        Some((place, self.state.leaves.get(place)?.as_ref()?))
    }

    /// What was planned for the leaf at `place`.
    pub fn put(&mut self, place: usize, plan: Result<UpdatePlan, Fault>) {
        if let Err(fault) = &plan
            && self.first_fault.is_none()
        {
            self.first_fault = Some(fault.clone());
        }
        if let Some(slot) = self.plans.get_mut(place) {
            *slot = Some(plan);
        }
    }

    /// The plans of leaves that are enough, by their places.
    ///
    /// # Errors
    /// Why the first leaf that was tried cannot be moved, or that there are not enough of them.
    pub fn chosen(self) -> Result<Vec<(usize, UpdatePlan)>, Fault> {
        let Some(best) = self.best() else {
            return Err(self.first_fault.unwrap_or_else(nothing_serves));
        };
        let planned = best.iter().map(|place| match self.plan(*place) {
            Some(Ok(plan)) => Ok((*place, plan.clone())),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(nothing_serves()),
        });
        planned.collect()
    }

    /// The first choice of which no leaf has failed.
    fn best(&self) -> Option<&Vec<usize>> {
        let has_failed = |place: &usize| matches!(self.plan(*place), Some(Err(_)));
        self.choices.iter().find(|choice| !choice.iter().any(has_failed))
    }

    fn plan(&self, place: usize) -> Option<&Result<UpdatePlan, Fault>> {
        self.plans.get(place)?.as_ref()
    }
}

/// Sets of leaves that would be enough, the smallest first. A leaf that refuses everything is in none of them.
fn choices(state: &PolicyState, serves: impl Fn(&Leaf, &TrustedState) -> bool) -> Vec<Vec<usize>> {
    let leaves = state.policy.leaves().iter().zip(&state.leaves);
    let serves: Vec<bool> = leaves
        .map(|(leaf, trusted)| trusted.as_ref().is_some_and(|trusted| serves(leaf, trusted)))
        .collect();
    let mut choices: Vec<Vec<usize>> = (1_u32..1 << LEAVES_MAX)
        .filter_map(|mask| {
            let held: Vec<bool> = (0_u32..)
                .zip(&serves)
                .map(|(place, _)| mask.checked_shr(place).is_some_and(|rest| rest & 1 == 1))
                .collect();
            let chosen: Vec<usize> = (0_usize..)
                .zip(&held)
                .filter_map(|(place, is_in)| is_in.then_some(place))
                .collect();
            // Beyond the last leaf there is nothing to choose.
            let is_whole = u32::try_from(chosen.len()) == Ok(mask.count_ones());
            let all_serve = chosen.iter().all(|place| serves.get(*place) == Some(&true));
            (is_whole && all_serve && state.policy.holds(&held)).then_some(chosen)
        })
        .collect();
    choices.sort_by_key(Vec::len);
    choices
}

fn nothing_serves() -> Fault {
    Fault::NoClient {
        id: "a policy".into(),
        text: "the leaves that are neither halted, frozen nor expired are not enough for it".into(),
    }
}

impl ClientUpdate {
    /// The same step for the leaf at `place` of a policy.
    #[must_use]
    pub fn of_leaf(self, place: usize) -> Self {
        Self::Leaf {
            // Bound: a policy has at most eight leaves.
            leaf: u8::try_from(place).unwrap_or(u8::MAX),
            update: Box::new(self),
        }
    }
}

impl Notices {
    /// Adds what the leaf at `place` of a policy has to be told.
    pub fn add_of_leaf(&mut self, place: usize, leaf: Self) {
        let steps = leaf.steps.into_iter().map(|step| step.of_leaf(place));
        self.steps.extend(steps);
        let doubts = leaf.doubts.into_iter();
        self.doubts
            .extend(doubts.map(|text| format!("leaf {place}: {text}")));
        self.has_more |= leaf.has_more;
    }
}

impl Proof {
    /// What a policy is shown of each of `keys` keys, by proofs of all of them at one height a leaf; none of a leaf that is not asked.
    ///
    /// The leaves see what a key holds at their own heights; the value told is that of the first one.
    #[must_use]
    pub fn of_leaves(leaves: &[Option<(Height, Vec<Self>)>], keys: usize) -> Vec<Self> {
        (0..keys).map(|key| of_key(leaves, key)).collect()
    }
}

fn of_key(leaves: &[Option<(Height, Vec<Proof>)>], key: usize) -> Proof {
    let shown = |leaf: &Option<(Height, Vec<Proof>)>| {
        let (height, proofs) = leaf.as_ref()?;
        Some((*height, proofs.get(key)?.clone()))
    };
    let parts = leaves.iter().map(|leaf| match shown(leaf) {
        Some((height, proof)) => LeafProof {
            height,
            proof: proof.nodes.to_vec(),
        },
        None => LeafProof {
            height: Height::of(0),
            proof: Vec::new(),
        },
    });
    let nodes = policy::encode_proof(&parts.collect::<Vec<_>>()).into();
    let first = leaves.iter().find_map(shown);
    Proof {
        value: first.and_then(|(_, proof)| proof.value),
        nodes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlockNumber, Finalized};
    use alloc::vec;
    use alloy_primitives::{Address, B256, Bytes};
    use policy::{Node, Policy};
    use wire::Seconds;

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

    /// Two of three leaves, each frozen or not, or absent.
    fn two_of_three(leaves: [Option<bool>; 3]) -> PolicyState {
        let nodes = (1..=3).map(|n| Node::Leaf(Address::with_last_byte(n))).collect();
        PolicyState {
            policy: Policy::new(Node::AtLeast(2, nodes)).expect("a policy"),
            leaves: leaves.map(|leaf| leaf.map(attestors)).into(),
        }
    }

    fn serves(_: &Leaf, trusted: &TrustedState) -> bool {
        matches!(trusted, TrustedState::Attestors(trusted) if !trusted.frozen)
    }

    fn plan_to(height: u64) -> UpdatePlan {
        UpdatePlan {
            updates: Vec::new(),
            reached: Finalized {
                height: Height::of(height),
                block: BlockNumber(height),
                timestamp: Seconds(height),
            },
        }
    }

    /// The places in the order in which plans are wanted, where those of `failing` cannot be moved; and what is chosen.
    fn planned(state: &PolicyState, failing: &[usize]) -> (Vec<usize>, Result<Vec<usize>, Fault>) {
        let mut plans = LeafPlans::new(state, serves);
        let mut asked = Vec::new();
        while let Some((place, _)) = plans.wanted() {
            asked.push(place);
            plans.put(
                place,
                match failing.contains(&place) {
                    true => Err(Fault::Pruned {
                        at: Height::of(place as u64),
                    }),
                    false => Ok(plan_to(place as u64)),
                },
            );
        }
        let chosen = plans.chosen();
        (
            asked,
            chosen.map(|chosen| chosen.into_iter().map(|(place, _)| place).collect()),
        )
    }

    #[test]
    fn the_fewest_leaves_that_serve_come_first() {
        let all = two_of_three([Some(false); 3]);
        assert_eq!(
            choices(&all, serves),
            [vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 1, 2]]
        );
        let one_frozen = two_of_three([Some(false), Some(true), Some(false)]);
        assert_eq!(choices(&one_frozen, serves), [vec![0, 2]]);
        let too_few = two_of_three([None, Some(true), Some(false)]);
        assert!(choices(&too_few, serves).is_empty());
    }

    #[test]
    fn no_leaf_is_asked_that_is_not_needed() {
        let all = two_of_three([Some(false); 3]);
        assert_eq!(planned(&all, &[]), (vec![0, 1], Ok(vec![0, 1])));
    }

    #[test]
    fn where_a_leaf_cannot_be_moved_others_that_are_enough_are() {
        let all = two_of_three([Some(false); 3]);
        assert_eq!(planned(&all, &[0]), (vec![0, 1, 2], Ok(vec![1, 2])));
        let pruned = |at| Err(Fault::Pruned { at: Height::of(at) });
        assert_eq!(
            planned(&all, &[1, 2]),
            (vec![0, 1, 2], pruned(1)),
            "the first fault is told"
        );
        let too_few = two_of_three([None, Some(true), Some(false)]);
        let (asked, chosen) = planned(&too_few, &[]);
        assert!(
            asked.is_empty() && matches!(chosen, Err(Fault::NoClient { .. })),
            "{chosen:?}"
        );
    }

    #[test]
    fn each_key_has_the_proofs_of_all_leaves_that_are_asked() {
        let proof = |byte: u8| Proof {
            value: Some(Bytes::from(vec![byte; 32])),
            nodes: Bytes::from(vec![byte]),
        };
        let leaves = [
            None,
            Some((Height::of(7), vec![proof(1), proof(2)])),
            Some((Height::of(9), vec![proof(3), proof(4)])),
        ];
        let joined = Proof::of_leaves(&leaves, 2);
        let second = policy::decode_proof(3, &joined[1].nodes).expect("a proof");
        let parts: Vec<(u64, Vec<u8>)> = second
            .into_iter()
            .map(|part| (part.height.revision_height, part.proof))
            .collect();
        assert_eq!(parts, [(0, vec![]), (7, vec![2]), (9, vec![4])]);
        assert_eq!(joined[1].value, proof(2).value, "that of the first that is asked");
        assert_eq!(joined.len(), 2);
    }
}
