//! What a client believes of slots that no endpoint shows any more hides nothing else that it believes.

use super::*;
use crate::hostile_tests::{SLOT_SECS, beacon, beacon_having, evm, node};
use alloy_primitives::Address;
use chain::{PolicyState, TrustedState};
use ethereum::{Config, HeldCommittee, Period, TRUST_PERIOD_DEFAULT, WEAK_SUBJECTIVITY_DEFAULT};
use policy::{Node, Policy};
use wire::COMMITMENTS_SLOT;

/// The slot that the endpoint finalized.
const FINALIZED: u64 = 400;
/// Twenty slots of which no endpoint has a block.
const PRUNED: core::ops::Range<u64> = 13..33;

/// A client that believes something of each of `slots`.
async fn believing(evm: &Evm, slots: &[u64]) -> Trusted {
    let network = evm.network().await.expect("a network");
    let config = Config {
        network: (*network).clone(),
        router: Address::repeat_byte(0xaa),
        commitments_slot: COMMITMENTS_SLOT,
        trust_period: TRUST_PERIOD_DEFAULT,
        weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
        capacity: 8_192,
    };
    let states = slots.iter().map(|slot| State {
        slot: Slot(*slot),
        storage_root: B256::repeat_byte(7),
        learned_at: Seconds(0),
    });
    let held = HeldCommittee {
        period: Period(0),
        commitment: B256::repeat_byte(8),
    };
    let newest = Slot(slots.iter().copied().max().expect("a slot"));
    Trusted::from_parts(config, newest, states, [held], false).expect("a client")
}

async fn look(evm: &Evm, trusted: &Trusted) -> Notices {
    notices(evm, trusted, Seconds((FINALIZED + 20) * SLOT_SECS)).await
}

#[tokio::test]
async fn states_that_cannot_be_compared_are_set_aside() {
    let (rpc, beacon) = (node(440).await, beacon(FINALIZED, FINALIZED).await);
    let evm = evm(&[&rpc], &[&beacon]);
    let slots: Vec<u64> = PRUNED.map(|epoch| epoch * 8).collect();
    let trusted = believing(&evm, &slots).await;
    // Three looks of eight reach the last of twenty, and then there is none that was not looked at.
    for has_more in [true, true, false] {
        assert_eq!(look(&evm, &trusted).await.has_more, has_more);
    }
    let before = beacon.requests();
    assert!(!look(&evm, &trusted).await.has_more);
    assert!(
        beacon.requests() > before,
        "what was set aside is looked at again"
    );
}

#[tokio::test]
async fn a_state_that_the_chain_does_not_have_is_told_behind_any_number_that_cannot_be_compared() {
    // The chain has a block before slot 40 and none there.
    let (rpc, beacon) = (node(440).await, beacon_having(&[39], FINALIZED, FINALIZED).await);
    let evm = evm(&[&rpc], &[&beacon]);
    let mut slots: Vec<u64> = PRUNED.map(|epoch| epoch * 8).collect();
    slots.push(40);
    let trusted = believing(&evm, &slots).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        assert_eq!(told, Vec::<String>::new());
        told = look(&evm, &trusted).await.doubts;
    }
    assert!(
        told.first().is_some_and(|text| text.contains("slot 40")),
        "{told:?}"
    );
    // It stays told.
    assert_eq!(look(&evm, &trusted).await.doubts, told);
}

#[tokio::test]
async fn what_a_leaf_believes_is_compared_as_well() {
    let (rpc, beacon) = (node(440).await, beacon_having(&[39], FINALIZED, FINALIZED).await);
    let evm = evm(&[&rpc], &[&beacon]);
    let deceived = TrustedState::Ethereum(Box::new(believing(&evm, &[40]).await));
    let leaf = |number| Node::Leaf(Address::with_last_byte(number));
    let state = TrustedState::Policy(Box::new(PolicyState {
        policy: Policy::new(Node::AllOf(vec![leaf(1), leaf(2)])).expect("a policy"),
        leaves: vec![None, Some(deceived)],
    }));
    let now = Seconds((FINALIZED + 20) * SLOT_SECS);
    let told = crate::steps::notices(&evm, &state, now).await;
    let first = told.doubts.first().map(String::as_str).unwrap_or_default();
    assert!(
        first.starts_with("leaf 1: ") && first.contains("slot 40"),
        "{told:?}"
    );
}
