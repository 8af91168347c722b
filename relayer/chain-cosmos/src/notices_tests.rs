use crate::Cosmos;
use crate::fake_port::{CHAIN_ID, Node, REVISION, cosmos, serve, world};
use chain::{Answer, Ask, ClientUpdate, Notices, TrustedState};
use client::Advance;
use prost::Message;
use tendermint_client::codec::decode_bootstrap;
use tendermint_client::testing::{Ballot, Block, World};
use tendermint_client::{
    CLOCK_DRIFT_DEFAULT, Config, STORE_DEFAULT, State, TrustLevel, Trusted, verify_update,
};
use wire::{Height, Seconds};

/// The host's clock: that of the chain's newest block, and a little.
pub(crate) fn now(world: &World) -> Seconds {
    Seconds(world.time_at(100).seconds as u64 + 3)
}

/// What a client believes that was shown the chain's own header of `height`.
pub(crate) fn honest(world: &World, height: i64) -> State {
    let at = Height {
        revision_number: REVISION,
        revision_height: height as u64,
    };
    let state = decode_bootstrap(at, &world.consensus_state_at(height).encode_to_vec()).unwrap();
    state.state(Seconds(0))
}

/// What one believes that was shown another block, which the same validators signed.
fn forged(world: &World, height: i64) -> State {
    State {
        app_hash: [7; 32].into(),
        ..honest(world, height)
    }
}

pub(crate) fn client(states: Vec<State>) -> Trusted {
    client_with(u32::MAX, states)
}

/// One whose ring reaches back `capacity` heights.
fn client_with(capacity: u32, states: Vec<State>) -> Trusted {
    let config = Config {
        chain_id: CHAIN_ID.into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(100_000),
        unbonding_period: Seconds(200_000),
        clock_drift: CLOCK_DRIFT_DEFAULT,
        capacity,
        store: STORE_DEFAULT.to_vec(),
    };
    let newest = states.iter().max_by_key(|state| state.height).copied().unwrap();
    Trusted::from_parts(config, newest, states, false).unwrap()
}

pub(crate) async fn ask(chain: &Cosmos, trusted: &Trusted, now: Seconds) -> Notices {
    let trusted = TrustedState::Tendermint(Box::new(trusted.clone()));
    match chain.answer(Ask::Notices { trusted, now }).await.unwrap() {
        Answer::Notices(notices) => notices,
        other => panic!("{other:?}"),
    }
}

/// What one honest endpoint makes of it.
async fn notices(trusted: &Trusted) -> Notices {
    let world = world();
    let now = now(&world);
    let (_, fake) = serve(Node::new(world)).await;
    ask(&cosmos(&[&fake]), trusted, now).await
}

/// The height of the only header that is shown, which freezes the client.
fn freezes(trusted: &Trusted, notices: &Notices) -> u64 {
    let [ClientUpdate::Tendermint(update)] = notices.steps.as_slice() else {
        panic!("{notices:?}")
    };
    let advance = verify_update(trusted, update, now(&world())).unwrap();
    assert!(matches!(advance, Advance::Misbehaviour(_)), "{advance:?}");
    assert_eq!(notices.doubts.len(), 1);
    update.header.height
}

#[tokio::test]
async fn a_client_that_believes_what_the_chain_has_is_told_nothing() {
    let world = world();
    let trusted = client([20, 50, 100].map(|height| honest(&world, height)).to_vec());
    assert_eq!(notices(&trusted).await, Notices::default());
}

#[tokio::test]
async fn a_client_that_was_shown_another_block_is_shown_the_chains_own_header_of_it() {
    let world = world();
    // The newest, and one in the midst.
    for height in [50, 100] {
        let mut states = [20, 50, 100].map(|height| honest(&world, height)).to_vec();
        states.retain(|state| state.height != height as u64);
        states.push(forged(&world, height));
        let trusted = client(states);
        let told = notices(&trusted).await;
        assert_eq!(freezes(&trusted, &told), height as u64);
        assert!(
            told.doubts[0].contains(&format!("height {height}")),
            "{:?}",
            told.doubts
        );
    }
}

#[tokio::test]
async fn a_state_of_a_height_that_is_not_there_counts_as_soon_as_the_chain_is_later() {
    let world = world();
    let ahead = |of: i64| State {
        height: 900,
        time: honest(&world, of).time,
        ..forged(&world, 100)
    };
    // The chain itself is not there yet: it may become true.
    let early = client(vec![honest(&world, 20), ahead(101)]);
    assert_eq!(notices(&early).await, Notices::default());
    let late = client(vec![honest(&world, 20), ahead(99)]);
    let told = notices(&late).await;
    assert_eq!(freezes(&late, &told), 100);
}

/// A state of `height`, which the chain has not reached, and of the moment of block `of`.
fn far(world: &World, height: u64, of: i64) -> State {
    State {
        height,
        time: honest(world, of).time,
        ..forged(world, 100)
    }
}

#[tokio::test]
async fn a_height_behind_which_the_ring_does_not_reach_back_to_the_chain_counts_as_well() {
    let world = world();
    let states = || [20, 50].map(|height| honest(&world, height)).to_vec();
    let deceived = |of| client_with(64, [states(), vec![far(&world, 100 + 64 + 9, of)]].concat());
    assert_eq!(notices(&deceived(101)).await, Notices::default(), "too early");
    for of in [99, 100] {
        let trusted = deceived(of);
        assert_eq!(freezes(&trusted, &notices(&trusted).await), 100);
    }
}

#[tokio::test]
async fn where_no_step_lies_in_the_ring_the_header_between_too_early_and_too_far_is_shown() {
    let other = tendermint_client::testing::Validators::new(
        tendermint_client::testing::Kind::Ed25519,
        2,
        &[10, 10, 10, 10],
    );
    let moved = |of| {
        let world = world().with_set(60, other.clone());
        let trusted = client_with(300, vec![honest(&world, 20), far(&world, 900, of)]);
        (world, trusted)
    };
    let (world, trusted) = moved(55);
    let now = now(&world);
    let (_, fake) = serve(Node::new(world)).await;
    let told = ask(&cosmos(&[&fake]), &trusted, now).await;
    assert!((55..60).contains(&freezes(&trusted, &told)), "{told:?}");
    // From the change of the set on no header can be judged, and all before are earlier.
    let (world, trusted) = moved(60);
    let (_, fake) = serve(Node::new(world)).await;
    let told = ask(&cosmos(&[&fake]), &trusted, now).await;
    assert_eq!(told.steps, []);
    assert!(told.doubts[0].contains("nothing was shown"), "{:?}", told.doubts);
}

#[tokio::test]
async fn where_the_way_is_too_far_the_client_is_led_there_first() {
    let other = tendermint_client::testing::Validators::new(
        tendermint_client::testing::Kind::Ed25519,
        2,
        &[10, 10, 10, 10],
    );
    let moved = || world().with_set(60, other.clone());
    let mut trusted = client(vec![honest(&moved(), 20), forged(&moved(), 100)]);
    let now = now(&moved());
    let (_, fake) = serve(Node::new(moved())).await;
    let chain = cosmos(&[&fake]);
    let mut heights = Vec::new();
    while !trusted.frozen {
        assert!(heights.len() < 20, "it does not get there: {heights:?}");
        let told = ask(&chain, &trusted, now).await;
        let [ClientUpdate::Tendermint(update)] = told.steps.as_slice() else {
            panic!("{told:?}")
        };
        heights.push(update.header.height);
        trusted = match verify_update(&trusted, update, now).unwrap() {
            Advance::Updated(next) | Advance::Misbehaviour(next) => next,
            Advance::NoOp => panic!("nothing new at {heights:?}"),
        };
    }
    assert_eq!(heights.last(), Some(&100));
    assert!(heights.len() > 1, "{heights:?}");
}

#[tokio::test]
async fn an_endpoint_that_lies_about_its_own_header_makes_a_doubt_and_nothing_else() {
    let bend = |mut block: Block| {
        if block.header.height == 50 {
            block.header.app_hash = vec![9; 32];
        }
        block
    };
    let forge = |block: Block| {
        let strangers = tendermint_client::testing::Validators::new(
            tendermint_client::testing::Kind::Ed25519,
            9,
            &[10, 10, 10, 10],
        );
        let mut header = block.header;
        if header.height == 50 {
            header.app_hash = vec![9; 32];
        }
        Block::sign(header, strangers, 0, |_| Ballot::Block)
    };
    let world = || world();
    let trusted = client([20, 50].map(|height| honest(&world(), height)).to_vec());
    for lie in [bend as fn(Block) -> Block, forge] {
        let node = Node {
            bend: lie,
            ..Node::new(world())
        };
        let (_, fake) = serve(node).await;
        let told = ask(&cosmos(&[&fake]), &trusted, now(&world())).await;
        assert_eq!(told.steps, [], "{told:?}");
        assert_eq!(told.doubts.len(), 1, "{told:?}");
        assert!(told.doubts[0].contains("nothing was shown"), "{:?}", told.doubts);
    }
    // Beside an honest one it is found out.
    let liar = Node {
        bend,
        ..Node::new(world())
    };
    let ((_, liar), (_, honest)) = (serve(liar).await, serve(Node::new(world())).await);
    let told = ask(&cosmos(&[&liar, &honest]), &trusted, now(&world())).await;
    assert_eq!((told.steps, told.doubts), (vec![], vec![]));
}

#[tokio::test]
async fn without_a_state_to_judge_from_it_is_told_and_nothing_is_shown() {
    let world = world();
    let trusted = client(vec![forged(&world, 50), honest(&world, 100)]);
    let told = notices(&trusted).await;
    assert_eq!(told.steps, []);
    assert!(told.doubts[0].contains("no older state"), "{:?}", told.doubts);
}

#[tokio::test]
async fn what_is_frozen_expired_or_of_another_chain_is_left_alone() {
    let world = world();
    let bad = client(vec![honest(&world, 20), forged(&world, 100)]);
    let mut frozen = bad.clone();
    frozen.frozen = true;
    assert_eq!(notices(&frozen).await, Notices::default());
    let mut stranger = bad.clone();
    stranger.config.chain_id = "other-3".into();
    assert_eq!(notices(&stranger).await, Notices::default());
    let late = Seconds(now(&world).0 + 200_000);
    let (_, fake) = serve(Node::new(world)).await;
    assert_eq!(ask(&cosmos(&[&fake]), &bad, late).await, Notices::default());
}

#[tokio::test]
async fn blocks_that_are_pruned_are_no_doubt_and_blocks_that_were_compared_are_not_asked_for_again() {
    let world = world();
    let trusted = client([20, 50, 100].map(|height| honest(&world, height)).to_vec());
    let now = now(&world);
    let node = Node {
        earliest: 40,
        ..Node::new(world)
    };
    let (_, fake) = serve(node).await;
    let chain = cosmos(&[&fake]);
    assert_eq!(ask(&chain, &trusted, now).await, Notices::default());
    let before = fake.requests();
    assert_eq!(ask(&chain, &trusted, now).await, Notices::default());
    // Where the chain stands, and the pruned one, which another endpoint might keep.
    assert!(
        fake.requests() - before <= 4,
        "{} requests",
        fake.requests() - before
    );
}

#[tokio::test]
async fn of_many_states_the_newest_are_compared_first_and_the_others_later() {
    let world = world();
    let mut states: Vec<State> = (20..=100).map(|height| honest(&world, height)).collect();
    states[1] = forged(&world, 21);
    let trusted = client(states);
    let now = now(&world);
    let (_, fake) = serve(Node::new(world)).await;
    let chain = cosmos(&[&fake]);
    let first = ask(&chain, &trusted, now).await;
    assert!(
        first.has_more && first.steps.is_empty() && first.doubts.is_empty(),
        "{first:?}"
    );
    let second = ask(&chain, &trusted, now).await;
    assert!(!second.has_more);
    assert_eq!(freezes(&trusted, &second), 21);
}

#[tokio::test]
async fn states_of_pruned_blocks_are_set_aside() {
    let world = world();
    let states: Vec<State> = (20..=100).map(|height| honest(&world, height)).collect();
    let trusted = client(states);
    let now = now(&world);
    let node = Node {
        earliest: 99,
        ..Node::new(world)
    };
    let (_, fake) = serve(node).await;
    let chain = cosmos(&[&fake]);
    // 81 states, of which 79 cannot be compared with anything: two looks of 64.
    assert!(ask(&chain, &trusted, now).await.has_more);
    assert!(!ask(&chain, &trusted, now).await.has_more);
    let before = fake.requests();
    assert!(!ask(&chain, &trusted, now).await.has_more);
    assert!(fake.requests() > before, "what was set aside is looked at again");
}
