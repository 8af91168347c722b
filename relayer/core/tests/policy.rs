//! What the judge makes of policies: which states a proof may be taken from, now and once delays have passed, and what leaves
//! that differ come to.

use alloy_primitives::{Address, B256};
use attestor::{Config, Set, State, Trusted};
use chain::{At, Basis, Blame, ClientUpdate, PolicyState, TrustedState};
use client::Status;
use ethereum::Blst;
use policy::{LeafProof, Node, Policy};
use relayer_core::{Delays, Judge, Law, ProofAt};
use wire::{ClientId, Height, Seconds, Sequence};

const JUDGE: Law<Blst> = Law(Blst);
const DELAY: Seconds = Seconds(600);
const NOW: Seconds = Seconds(10_000);

/// An attestor client that knows these blocks; a block's time is its number, and it was learned 100 seconds later.
fn leaf(blocks: &[u64], frozen: bool) -> TrustedState {
    let config = Config {
        host: B256::with_last_byte(1),
        contract: B256::with_last_byte(2),
        commitments_slot: wire::COMMITMENTS_SLOT,
        trust_period: Seconds(5_000),
        interval: 1,
        capacity: 64,
        rotation_delay: Seconds(3_600),
    };
    let states = blocks.iter().map(|block| State {
        height: *block,
        timestamp: Seconds(*block),
        storage_root: B256::repeat_byte(7),
        learned_at: Seconds(block + 100),
    });
    let trusted = Trusted::from_parts(config, Set::in_use(1, Vec::new()), 1, states, frozen).unwrap();
    TrustedState::Attestors(Box::new(trusted))
}

fn policy(root: Node, leaves: Vec<Option<TrustedState>>) -> TrustedState {
    let policy = Policy::new(root).unwrap();
    TrustedState::Policy(Box::new(PolicyState { policy, leaves }))
}

fn client(number: u8) -> Address {
    Address::with_last_byte(number)
}

fn plain(count: u8) -> Vec<Node> {
    (1..=count).map(|number| Node::Leaf(client(number))).collect()
}

/// The blocks that a proof is taken from.
fn blocks(trusted: &TrustedState, delays: Delays) -> Option<(u64, Vec<Option<u64>>)> {
    let footing = JUDGE.footing(trusted, NOW, delays)?;
    let Basis::Leaves { count, places } = footing.basis else {
        panic!("{footing:?}");
    };
    let number = |at: &Option<At>| {
        at.map(|at| match at {
            At::Block { number, .. } => number,
            At::Slot(height) | At::Header(height) => panic!("height {height}"),
        })
    };
    let places = places.iter().take(count).map(number).collect();
    Some((footing.height.revision_height, places))
}

#[test]
fn a_delayed_leaf_stands_on_what_it_has_known_for_long_enough() {
    let states = [9_000, 9_299, 9_301, 9_800];
    let trusted = policy(Node::After(DELAY, client(1)), vec![Some(leaf(&states, false))]);
    assert_eq!(blocks(&trusted, Delays::Count), Some((9_299, vec![Some(9_299)])));
    assert_eq!(blocks(&trusted, Delays::Pass), Some((9_800, vec![Some(9_800)])));
    let young = policy(
        Node::After(DELAY, client(1)),
        vec![Some(leaf(&states[2..], false))],
    );
    assert_eq!(blocks(&young, Delays::Count), None, "nothing is ripe");
}

#[test]
fn all_leaves_stand_and_the_earliest_gives_the_height() {
    let trusted = policy(
        Node::AllOf(plain(2)),
        vec![Some(leaf(&[9_500], false)), Some(leaf(&[9_400], false))],
    );
    assert_eq!(
        blocks(&trusted, Delays::Count),
        Some((9_400, vec![Some(9_500), Some(9_400)]))
    );
    let halted = policy(Node::AllOf(plain(2)), vec![Some(leaf(&[9_500], false)), None]);
    assert_eq!(blocks(&halted, Delays::Count), None);
    assert_eq!(JUDGE.stand(&halted, NOW).unwrap().status, Status::Expired);
}

#[test]
fn of_several_choices_the_newest_and_then_the_smallest_is_taken() {
    let leaves = [9_100, 9_500, 9_400].map(|block| Some(leaf(&[block], false)));
    let trusted = policy(Node::AtLeast(2, plain(3)), leaves.to_vec());
    assert_eq!(
        blocks(&trusted, Delays::Count),
        Some((9_400, vec![None, Some(9_500), Some(9_400)]))
    );
    let frozen = vec![leaves[0].clone(), Some(leaf(&[9_500], true)), leaves[2].clone()];
    let trusted = policy(Node::AtLeast(2, plain(3)), frozen);
    assert_eq!(
        blocks(&trusted, Delays::Count),
        Some((9_100, vec![Some(9_100), None, Some(9_400)]))
    );
    let expired = policy(Node::AnyOf(plain(1)), vec![Some(leaf(&[4_000], false))]);
    assert_eq!(blocks(&expired, Delays::Count), None);
}

#[test]
fn a_client_that_has_learned_nothing_is_active_and_stands_nowhere() {
    let fresh = leaf(&[], false);
    let stand = JUDGE.stand(&fresh, NOW).unwrap();
    assert_eq!(
        (stand.status, stand.newest, stand.timestamp),
        (Status::Active, Height::of(0), Seconds(0))
    );
    assert_eq!(JUDGE.footing(&fresh, NOW, Delays::Pass), None);
}

#[test]
fn a_false_proof_to_one_leaf_is_told_with_its_reason() {
    let trusted = policy(
        Node::AllOf(plain(2)),
        vec![Some(leaf(&[9_500], false)), Some(leaf(&[9_400], false))],
    );
    let path = wire::path::commitment(&ClientId::new("client-0").unwrap(), Sequence::new(1).unwrap());
    let shown = |proofs: [Vec<u8>; 2]| {
        let [first, second] = proofs;
        let parts = [(9_500, first), (9_400, second)].map(|(height, proof)| LeafProof {
            height: Height::of(height),
            proof,
        });
        let proof = ProofAt {
            height: Height::of(9_400),
            path: &path,
            bytes: &policy::encode_proof(&parts),
        };
        JUDGE.member(&trusted, proof, &[7; 32], NOW).unwrap_err()
    };
    let refusal = shown([vec![1, 2, 3], vec![1, 2, 3]]);
    assert_eq!(refusal.blame, Blame::Peer, "{}", refusal.text);
    let unasked = shown([Vec::new(), Vec::new()]);
    assert_eq!(unasked.blame, Blame::Chain, "{}", unasked.text);
}

#[test]
fn an_update_moves_only_the_leaf_that_it_is_for() {
    let trusted = policy(Node::AnyOf(plain(1)), vec![Some(leaf(&[9_500], false))]);
    let state = attestor::Update::State(attestor::Attestation {
        height: 9_600,
        claim: attestor::Claim {
            timestamp: Seconds(9_600),
            storage_root: B256::repeat_byte(8),
        },
        signatures: Vec::new(),
    });
    let update = |leaf| ClientUpdate::Leaf {
        leaf,
        update: Box::new(ClientUpdate::Attestors(state.clone())),
    };
    let unsigned = JUDGE.advance(&trusted, &update(0), NOW).unwrap_err();
    assert_eq!(unsigned.blame, Blame::Chain, "{}", unsigned.text);
    let nobody = JUDGE.advance(&trusted, &update(1), NOW).unwrap_err();
    assert_eq!(nobody.blame, Blame::Us, "{}", nobody.text);
}

/// A client of a chain at this revision that knows these heights; a block's time is its height, and it was learned 100 seconds later.
fn follower(revision: u64, heights: &[u64]) -> TrustedState {
    let config = tendermint_client::Config {
        chain_id: format!("hub-{revision}"),
        trust_level: tendermint_client::TrustLevel::ONE_THIRD,
        trust_period: Seconds(5_000),
        unbonding_period: Seconds(9_000),
        clock_drift: Seconds(10),
        capacity: 1_000,
        store: tendermint_client::STORE_DEFAULT.to_vec(),
    };
    let state = |height: u64| tendermint_client::State {
        height,
        time: tendermint_client::Time {
            seconds: height as i64,
            nanos: 5,
        },
        app_hash: B256::repeat_byte(7),
        next_validators_hash: B256::repeat_byte(8),
        learned_at: Seconds(height + 100),
    };
    let newest = state(*heights.last().unwrap());
    let states = heights.iter().map(|height| state(*height));
    let trusted = tendermint_client::Trusted::from_parts(config, newest, states, false).unwrap();
    TrustedState::Tendermint(Box::new(trusted))
}

#[test]
fn leaves_that_follow_a_cosmos_chain_stand_on_its_headers_and_the_one_behind_gives_the_height() {
    let leaves = [9_500, 9_400].map(|height| Some(follower(4, &[height])));
    let trusted = policy(Node::AllOf(plain(2)), leaves.to_vec());
    let footing = JUDGE.footing(&trusted, NOW, Delays::Count).unwrap();
    let behind = Height {
        revision_number: 4,
        revision_height: 9_400,
    };
    assert_eq!((footing.height, footing.timestamp), (behind, Seconds(9_400)));
    let places: Vec<At> = footing.basis.states().collect();
    assert_eq!(places, [At::Header(9_500), At::Header(9_400)]);
}

#[test]
fn under_a_delay_no_height_of_another_revision_ever_counts() {
    let stands = |revision: u64, delays: Delays| {
        let leaf = follower(revision, &[9_000]);
        let trusted = policy(Node::After(DELAY, client(1)), vec![Some(leaf)]);
        JUDGE.footing(&trusted, NOW, delays).is_some()
    };
    assert!(stands(0, Delays::Count) && stands(0, Delays::Pass));
    assert!(!stands(4, Delays::Count) && !stands(4, Delays::Pass));
}
