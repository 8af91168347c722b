//! Policies whose leaves follow a chain whose headers are signed for real.

use crate::fake_port::{CHAIN_ID, Node, REVISION, cosmos, serve, world};
use alloy_primitives::Address;
use chain::{
    Answer, Ask, At, Basis, ClientUpdate, Fault, Notices, PolicyState, Proof, TrustedState, UpdatePlan,
};
use client::Advance;
use policy::{LEAVES_MAX, Node as Tree, Policy};
use prost::Message;
use tendermint_client::codec::decode_bootstrap;
use tendermint_client::testing::World;
use tendermint_client::{
    CLOCK_DRIFT_DEFAULT, Config, STORE_DEFAULT, State, TrustLevel, Trusted, verify_update,
};
use wire::{ClientId, End, Height, Path, Seconds, Sequence};

fn at(revision_height: u64) -> Height {
    Height {
        revision_number: REVISION,
        revision_height,
    }
}

/// What a client believes that was shown the chain's own header of `height`.
pub(crate) fn honest(world: &World, height: u64) -> State {
    let shown = world.consensus_state_at(height as i64).encode_to_vec();
    decode_bootstrap(at(height), &shown).unwrap().state(Seconds(0))
}

/// What one believes that was shown another block, which the same validators signed.
fn forged(world: &World, height: u64) -> State {
    State {
        app_hash: [7; 32].into(),
        ..honest(world, height)
    }
}

fn client_of(chain_id: &str, states: &[State]) -> Trusted {
    let config = Config {
        chain_id: chain_id.into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(100_000),
        unbonding_period: Seconds(200_000),
        clock_drift: CLOCK_DRIFT_DEFAULT,
        capacity: u32::MAX,
        store: STORE_DEFAULT.to_vec(),
    };
    let newest = states.iter().max_by_key(|state| state.height).copied().unwrap();
    Trusted::from_parts(config, newest, states.iter().copied(), false).unwrap()
}

pub(crate) fn leaf(states: &[State]) -> Option<TrustedState> {
    Some(TrustedState::Tendermint(Box::new(client_of(CHAIN_ID, states))))
}

fn names(count: usize) -> Vec<Tree> {
    let names = (1_u8..).take(count);
    names
        .map(|name| Tree::Leaf(Address::with_last_byte(name)))
        .collect()
}

fn policy(root: Tree, leaves: Vec<Option<TrustedState>>) -> TrustedState {
    let policy = Policy::new(root).unwrap();
    TrustedState::Policy(Box::new(PolicyState { policy, leaves }))
}

async fn plan(trusted: TrustedState) -> Result<UpdatePlan, Fault> {
    let (_, fake) = serve(Node::new(world())).await;
    let ask = Ask::Update { trusted, to: at(100) };
    match cosmos(&[&fake]).answer(ask).await? {
        Answer::Update(plan) => Ok(plan),
        other => panic!("{other:?}"),
    }
}

/// Which leaf is moved to which height, in their order.
fn moves(plan: &UpdatePlan) -> Vec<(u8, u64)> {
    let one = |update: &ClientUpdate| match update {
        ClientUpdate::Leaf { leaf, update } => match &**update {
            ClientUpdate::Tendermint(update) => (*leaf, update.header.height),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    plan.updates.iter().map(one).collect()
}

#[tokio::test]
async fn leaves_that_are_enough_are_moved_and_the_one_that_is_furthest_behind_first() {
    let world = world();
    let leaves = [50, 10].map(|height| leaf(&[honest(&world, height)])).to_vec();
    let found = plan(policy(Tree::AllOf(names(2)), leaves.clone())).await.unwrap();
    assert_eq!(moves(&found), [(1, 100), (0, 100)]);
    assert_eq!(found.reached.height, at(100));
    let found = plan(policy(Tree::AnyOf(names(2)), leaves)).await.unwrap();
    assert_eq!(moves(&found), [(0, 100)], "one is enough");
}

#[tokio::test]
async fn a_leaf_that_is_there_already_costs_no_header_and_says_how_far_all_are() {
    let world = world();
    let leaves = [100, 60].map(|height| leaf(&[honest(&world, height)])).to_vec();
    let found = plan(policy(Tree::AllOf(names(2)), leaves)).await.unwrap();
    assert_eq!((moves(&found), found.reached.height), (vec![(1, 100)], at(100)));
}

#[tokio::test]
async fn a_leaf_that_was_deceived_is_passed_over_where_others_are_enough() {
    let world = world();
    let ahead = State {
        height: 900,
        ..forged(&world, 99)
    };
    for deceived in [forged(&world, 50), ahead] {
        let leaves = vec![
            leaf(&[honest(&world, 50)]),
            leaf(&[deceived]),
            leaf(&[honest(&world, 60)]),
        ];
        let found = plan(policy(Tree::AtLeast(2, names(3)), leaves.clone()))
            .await
            .unwrap();
        assert_eq!(moves(&found), [(0, 100), (2, 100)]);
        let fault = plan(policy(Tree::AllOf(names(3)), leaves)).await.unwrap_err();
        let text = fault.to_string();
        let told = format!("believes a state of height {}", deceived.height);
        let differs = format!("at height {} it believes", deceived.height);
        assert!(text.contains(&told) || text.contains(&differs), "{text}");
    }
}

#[tokio::test]
async fn a_leaf_that_is_not_needed_is_refreshed_before_it_expires() {
    let world = world();
    let mut leaves = [90, 80].map(|height| leaf(&[honest(&world, height)])).to_vec();
    // Of the trust period of the third a quarter has passed since height 60, and not since height 80.
    let seconds = |height: i64| world.time_at(height).seconds as u64;
    let period = Seconds(4 * (seconds(100) - seconds(60)));
    let third = |state: State| {
        let mut config = client_of(CHAIN_ID, &[state]).config;
        config.trust_period = period;
        let trusted = Trusted::from_parts(config, state, [], false).unwrap();
        Some(TrustedState::Tendermint(Box::new(trusted)))
    };
    for (height, wanted) in [
        (80, vec![(1, 100), (0, 100)]),
        (60, vec![(2, 100), (1, 100), (0, 100)]),
    ] {
        leaves.push(third(honest(&world, height)));
        let found = plan(policy(Tree::AtLeast(2, names(3)), leaves.clone())).await;
        assert_eq!(moves(&found.unwrap()), wanted, "the third is at {height}");
        leaves.pop();
    }
    // One that was deceived keeps nobody from being moved.
    leaves.push(third(forged(&world, 50)));
    let found = plan(policy(Tree::AtLeast(2, names(3)), leaves)).await;
    assert_eq!(moves(&found.unwrap()), [(1, 100), (0, 100)]);
}

#[tokio::test]
async fn who_refuses_everything_follows_another_chain_or_stands_under_a_delay_is_not_moved() {
    let world = world();
    let one = || leaf(&[honest(&world, 50)]);
    let mut frozen = client_of(CHAIN_ID, &[honest(&world, 50)]);
    frozen.frozen = true;
    let frozen = Some(TrustedState::Tendermint(Box::new(frozen)));
    let foreign = client_of("other-3", &[honest(&world, 50)]);
    let foreign = Some(TrustedState::Tendermint(Box::new(foreign)));
    for absent in [None, frozen, foreign] {
        let found = plan(policy(Tree::AnyOf(names(2)), vec![absent.clone(), one()])).await;
        assert_eq!(moves(&found.unwrap()), [(1, 100)]);
        let fault = plan(policy(Tree::AllOf(names(2)), vec![absent, one()])).await;
        assert!(matches!(fault, Err(Fault::NoClient { .. })), "{fault:?}");
    }
    let delayed = Tree::After(Seconds(600), Address::with_last_byte(1));
    let fault = plan(policy(delayed, vec![one()])).await;
    assert!(matches!(fault, Err(Fault::NoClient { .. })), "{fault:?}");
}

fn key(sequence: u64) -> Path {
    let client = ClientId::new("07-tendermint-0").unwrap();
    End::Client(client).commitment(Sequence::new(sequence).unwrap())
}

async fn prove(node: Node, keys: Vec<Path>, basis: Basis) -> Result<Vec<Proof>, Fault> {
    let (_, fake) = serve(node).await;
    match cosmos(&[&fake]).answer(Ask::Prove { keys, at: basis }).await? {
        Answer::Prove(proofs) => Ok(proofs),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn basis(leaves: &[Option<At>]) -> Basis {
    let mut places = [None; LEAVES_MAX];
    places[..leaves.len()].copy_from_slice(leaves);
    Basis::Leaves {
        count: leaves.len(),
        places,
    }
}

#[tokio::test]
async fn each_leaf_that_is_asked_is_shown_the_key_at_its_own_height() {
    let (stored, empty) = (key(1), key(2));
    let node = || Node::storing(&[(stored.to_bytes(), vec![9; 32])]);
    let keys = vec![stored.clone(), empty];
    let joined = prove(
        node(),
        keys.clone(),
        basis(&[Some(At::Header(90)), None, Some(At::Header(100))]),
    );
    let joined = joined.await.unwrap();
    let [early, late] = [90, 100].map(|height| Basis::One(At::Header(height)));
    let (early, late) = (
        prove(node(), keys.clone(), early).await.unwrap(),
        prove(node(), keys.clone(), late).await.unwrap(),
    );
    for place in 0..keys.len() {
        let parts = policy::decode_proof(3, &joined[place].nodes).unwrap();
        let parts: Vec<(Height, &[u8])> = parts
            .iter()
            .map(|part| (part.height, part.proof.as_slice()))
            .collect();
        let wanted = [
            (at(90), &early[place].nodes[..]),
            (Height::of(0), &[][..]),
            (at(100), &late[place].nodes[..]),
        ];
        assert_eq!(parts, wanted);
        assert_eq!(joined[place].value, early[place].value);
    }
    let foreign = prove(node(), keys, basis(&[Some(At::Slot(90))])).await;
    assert!(matches!(foreign, Err(Fault::NoClient { .. })), "{foreign:?}");
}

async fn notices(trusted: TrustedState) -> Notices {
    let world = world();
    let now = Seconds(world.time_at(100).seconds as u64 + 3);
    let (_, fake) = serve(Node::new(world)).await;
    match cosmos(&[&fake])
        .answer(Ask::Notices { trusted, now })
        .await
        .unwrap()
    {
        Answer::Notices(notices) => notices,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_leaf_that_was_deceived_is_shown_the_truth_through_its_policy() {
    let world = world();
    let deceived = [honest(&world, 20), forged(&world, 50)];
    let leaves = vec![leaf(&[honest(&world, 50)]), leaf(&deceived), None];
    let told = notices(policy(Tree::AtLeast(2, names(3)), leaves)).await;
    let [ClientUpdate::Leaf { leaf: 1, update }] = told.steps.as_slice() else {
        panic!("{told:?}")
    };
    let ClientUpdate::Tendermint(update) = &**update else {
        panic!("{update:?}")
    };
    let now = Seconds(world.time_at(100).seconds as u64 + 3);
    let advance = verify_update(&client_of(CHAIN_ID, &deceived), update, now).unwrap();
    assert!(matches!(advance, Advance::Misbehaviour(_)), "{advance:?}");
    assert!(told.doubts[0].starts_with("leaf 1: "), "{:?}", told.doubts);
}
