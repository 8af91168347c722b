//! One test for each way to be refused, with both values, and what holds for every tree.

use policy::{Node, Policy, PolicyFault, Proven, Reject, decide, decode_proof};
use proptest::prelude::*;
use wire::{Height, Seconds};

use crate::format::{leaf, of};

fn both() -> Policy {
    Policy::new(Node::AllOf(vec![of(0), of(1)])).unwrap()
}

fn proven(height: u64, timestamp: u64) -> Option<Proven> {
    Some(Proven {
        height: Height::of(height),
        timestamp: Seconds(timestamp),
        learned_at: None,
    })
}

#[test]
fn rejects_malformed() {
    assert_eq!(
        Policy::decode(&[2]),
        Err(Reject::Malformed { part: "the version" })
    );
    assert_eq!(Policy::decode(&[1, 9]), Err(Reject::Malformed { part: "a node" }));
    assert_eq!(
        decode_proof(1, &[0; 19]),
        Err(Reject::Malformed { part: "the proof" })
    );
}

#[test]
fn rejects_bad_policy() {
    let refused = |root, fault| assert_eq!(Policy::new(root), Err(Reject::BadPolicy(fault)));
    let client = leaf(0);
    refused(Node::AllOf(vec![of(0), of(0)]), PolicyFault::Client { client });
    refused(
        Node::AnyOf(Vec::new()),
        PolicyFault::Needed { needed: 1, count: 0 },
    );
    refused(
        Node::AtLeast(2, vec![of(0)]),
        PolicyFault::Needed { needed: 2, count: 1 },
    );
    let delay = Seconds(43_201);
    refused(Node::After(delay, client), PolicyFault::Delay { delay });
    refused(Node::AllOf((0..9).map(of).collect()), PolicyFault::TooManyLeaves);
    let deep = (0..4).fold(of(0), |node, _| Node::AllOf(vec![node]));
    refused(deep, PolicyFault::TooDeep);
}

#[test]
fn rejects_not_satisfied() {
    let verdict = decide(&both(), Height::of(1), &[proven(1, 9), None], Seconds(10));
    assert_eq!(
        verdict,
        Err(Reject::NotSatisfied {
            held: vec![true, false]
        })
    );
    // Nobody at all, and a list that is too short.
    assert_eq!(
        decide(&both(), Height::of(1), &[], Seconds(10)),
        Err(Reject::NotSatisfied { held: vec![] })
    );
}

#[test]
fn rejects_wrong_height() {
    let (expected, given) = (Height::of(2), Height::of(1));
    let verdict = decide(&both(), given, &[proven(1, 9), proven(2, 8)], Seconds(10));
    assert_eq!(verdict, Err(Reject::WrongHeight { expected, given }));
}

/// Trees over up to eight clients; some are no policies.
fn tree() -> impl Strategy<Value = Node> {
    let leaf_node = (0..10_usize, 0..50_000_u64).prop_map(|(n, delay)| match delay {
        0..20_000 => of(n),
        _ => Node::After(Seconds(delay - 19_999), leaf(n)),
    });
    leaf_node.prop_recursive(3, 8, 4, |inner| {
        (0..4_u8, prop::collection::vec(inner, 1..4)).prop_map(|(kind, children)| match kind {
            0 => Node::AllOf(children),
            1 => Node::AnyOf(children),
            needed => Node::AtLeast(needed, children),
        })
    })
}

proptest! {
    #[test]
    fn policies_come_back_from_their_bytes(root in tree()) {
        if let Ok(policy) = Policy::new(root) {
            prop_assert_eq!(Policy::decode(&policy.encode()), Ok(policy));
        }
    }

    /// With a leaf more, whatever held still holds: a leaf that is silenced, or starved, never makes something true.
    #[test]
    fn absence_only_takes_away(root in tree(), held in any::<[bool; 8]>(), more in 0..8_usize) {
        if let Ok(policy) = Policy::new(root) {
            let mut with = held;
            with[more] = true;
            prop_assert!(!policy.holds(&held) || policy.holds(&with));
            prop_assert!(!policy.holds(&[]) && policy.holds(&[true; 8]));
        }
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), count in 0..9_usize) {
        let _ = Policy::decode(&bytes);
        let _ = decode_proof(count, &bytes);
    }
}
