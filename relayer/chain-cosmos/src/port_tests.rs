//! The port over a chain whose headers are signed for real, and over nodes that lag, lie, prune and stand still.

use crate::fake_port::{CHAIN_ID, Node, REVISION, cosmos, proto, serve, world};
use crate::ibc::client::{
    CONSENSUS_QUERY, COUNTERPARTY_QUERY, ClientStateAnswer, ConsensusStateAnswer, Counterparty,
    CounterpartyAnswer, STATE_QUERY,
};
use crate::ibc::tendermint::{CLIENT_STATE, CONSENSUS_STATE, ClientState, ConsensusState, Fraction, Root};
use crate::ibc::{RawHeight, any};
use alloy_primitives::B256;
use chain::{
    Answer, AsOf, Ask, At, Basis, BlockNumber, ClientUpdate, ClientView, Event, Fault, NotYet, TrustedState,
    UpdatePlan, WeiPerGas,
};
use serde_json::{Value, json};
use tendermint_client::testing::{Ballot, Block, Kind, Validators, World};
use tendermint_client::{CLOCK_DRIFT_DEFAULT, Config, STORE_DEFAULT, State, Time, TrustLevel, Trusted};
use tendermint_proto::google::protobuf::Duration;
use wire::{ClientId, Height, Seconds, Sequence};

fn at(revision_height: u64) -> Height {
    Height {
        revision_number: REVISION,
        revision_height,
    }
}

/// A client that trusts the block of `height`.
fn trusting(world: &World, height: i64) -> TrustedState {
    let header = world.header_at(height);
    let time = header.time.unwrap();
    let state = State {
        height: height as u64,
        time: Time {
            seconds: time.seconds,
            nanos: time.nanos as u32,
        },
        app_hash: B256::from_slice(&header.app_hash),
        next_validators_hash: B256::from_slice(&header.next_validators_hash),
        learned_at: Seconds(0),
    };
    let config = Config {
        chain_id: world.chain_id.clone(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(1_000_000),
        unbonding_period: Seconds(2_000_000),
        clock_drift: CLOCK_DRIFT_DEFAULT,
        capacity: u32::MAX,
        store: STORE_DEFAULT.to_vec(),
    };
    TrustedState::Tendermint(Box::new(Trusted::from_parts(config, state, [], false).unwrap()))
}

async fn plan(node: Node, from: i64, to: u64) -> Result<UpdatePlan, Fault> {
    let trusted = trusting(&node.world, from);
    let (_, fake) = serve(node).await;
    match cosmos(&[&fake])
        .answer(Ask::Update { trusted, to: at(to) })
        .await?
    {
        Answer::Update(plan) => Ok(plan),
        other => panic!("{other:?}"),
    }
}

fn heights(plan: &UpdatePlan) -> Vec<u64> {
    let height = |update: &ClientUpdate| match update {
        ClientUpdate::Tendermint(update) => update.header.height,
        other => panic!("{other:?}"),
    };
    plan.updates.iter().map(height).collect()
}

#[tokio::test]
async fn what_can_be_proven_reaches_one_block_less_far_than_what_there_is() {
    let (_, fake) = serve(Node::new(world())).await;
    let head = cosmos(&[&fake]).head().await.unwrap();
    assert_eq!(head.finalized.height, at(100));
    assert_eq!(
        (head.finalized.block, head.latest.block),
        (BlockNumber(99), BlockNumber(100))
    );
    assert_eq!(head.finalized.timestamp, Seconds(1_700_000_600));
    assert_eq!(head.latest.base_fee, WeiPerGas(5));
}

#[tokio::test]
async fn an_endpoint_that_stands_still_holds_up_nobody() {
    let (_, old) = serve(Node {
        latest: 50,
        ..Node::new(world())
    })
    .await;
    let (_, new) = serve(Node::new(world())).await;
    let chain = cosmos(&[&old, &new]);
    assert_eq!(chain.head().await.unwrap().finalized.height, at(100));
    let before = old.requests();
    assert_eq!(chain.head().await.unwrap().finalized.height, at(100));
    assert_eq!(old.requests(), before, "it rests");
}

#[tokio::test]
async fn a_head_that_nobody_signed_or_from_another_chain_is_none() {
    let (_, syncing) = serve(Node {
        is_catching_up: true,
        ..Node::new(world())
    })
    .await;
    let fault = cosmos(&[&syncing]).head().await.unwrap_err();
    assert!(matches!(fault, Fault::NotYet(NotYet::Block { .. })), "{fault}");

    let (_, other) = serve(Node {
        chain_id: "other-1".into(),
        ..Node::new(world())
    })
    .await;
    let fault = cosmos(&[&other]).head().await.unwrap_err();
    assert!(
        matches!(&fault, Fault::WrongChain { expected, found, .. } if (expected.as_str(), found.as_str()) == (CHAIN_ID, "other-1")),
        "{fault}"
    );

    let mut early = world();
    early.began = 40_000_000_000;
    let (_, future) = serve(Node::new(early)).await;
    let fault = cosmos(&[&future]).head().await.unwrap_err();
    assert!(matches!(fault, Fault::Busy { .. }), "{fault}");
}

#[tokio::test]
async fn one_header_is_enough_while_enough_of_the_trusted_are_there() {
    let found = plan(Node::new(world()), 10, 100).await.unwrap();
    assert_eq!(heights(&found), [100]);
    assert_eq!(
        (found.reached.height, found.reached.block),
        (at(100), BlockNumber(99))
    );
    let none = plan(Node::new(world()), 100, 90).await.unwrap();
    assert_eq!((heights(&none), none.reached.height), (vec![], at(100)));
}

#[tokio::test]
async fn the_way_is_halved_where_too_few_of_the_trusted_are_left() {
    // At each change three of four leave.
    let mut world = world();
    for (height, seed) in [(30, 2), (60, 3), (61, 4)] {
        world = world.with_set(height, Validators::new(Kind::Ed25519, seed, &[10, 10, 10, 10]));
    }
    let found = plan(Node::new(world), 10, 100).await.unwrap();
    let steps = heights(&found);
    assert!(steps.len() > 2 && steps.is_sorted(), "{steps:?}");
    assert_eq!(steps.last(), Some(&100));
    assert!(steps.contains(&60), "the set of one block alone: {steps:?}");
}

/// The same block with a signature that does not fit.
fn forged(mut block: Block) -> Block {
    block.commit.signatures[0].signature[5] ^= 1;
    block
}

#[tokio::test]
async fn a_forged_header_is_left_for_another_endpoint() {
    let liar = Node {
        bend: forged,
        ..Node::new(world())
    };
    let fault = plan(liar, 10, 100).await.unwrap_err();
    assert!(matches!(fault, Fault::Malformed { .. }), "{fault}");

    let (_, liar) = serve(Node {
        bend: forged,
        ..Node::new(world())
    })
    .await;
    let (_, honest) = serve(Node::new(world())).await;
    let trusted = trusting(&world(), 10);
    let chain = cosmos(&[&liar, &honest]);
    let Answer::Update(found) = chain.answer(Ask::Update { trusted, to: at(100) }).await.unwrap() else {
        panic!()
    };
    assert_eq!(heights(&found), [100]);
}

#[tokio::test]
async fn votes_that_are_missing_are_none() {
    let few = |block: Block| {
        Block::sign(block.header, block.validators, 0, |place| match place {
            0 | 1 => Ballot::Absent,
            _ => Ballot::Block,
        })
    };
    let fault = plan(
        Node {
            bend: few,
            ..Node::new(world())
        },
        10,
        100,
    )
    .await
    .unwrap_err();
    assert!(matches!(fault, Fault::Malformed { .. }), "{fault}");
}

#[tokio::test]
async fn what_is_pruned_and_what_is_not_there_yet_are_told_apart() {
    let pruned = plan(
        Node {
            earliest: 50,
            ..Node::new(world())
        },
        10,
        100,
    )
    .await
    .unwrap_err();
    assert_eq!(pruned, Fault::Pruned { at: at(11) });
    let early = plan(Node::new(world()), 10, 101).await.unwrap_err();
    assert!(
        matches!(
            early,
            Fault::NotYet(NotYet::Block {
                wanted: BlockNumber(101),
                newest: BlockNumber(100)
            })
        ),
        "{early}"
    );
}

#[tokio::test]
async fn a_client_of_another_chain_gets_no_updates() {
    let mut other = world();
    other.chain_id = "other-3".into();
    let trusted = trusting(&other, 10);
    let (_, fake) = serve(Node::new(world())).await;
    let chain = cosmos(&[&fake]);
    let fault = chain
        .answer(Ask::Update { trusted, to: at(100) })
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::NoClient { .. }), "{fault}");
    let trusted = trusting(&world(), 10);
    let fault = chain
        .answer(Ask::Update {
            trusted,
            to: Height::of(100),
        })
        .await
        .unwrap_err();
    assert!(
        matches!(fault, Fault::NoClient { .. }),
        "another revision: {fault}"
    );
}

pub(crate) fn captured(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("packets.json")).unwrap();
    all[name].clone()
}

/// Results of a captured block, as if they were of `height`.
fn at_height(mut results: Value, height: u64) -> Value {
    results["height"] = json!(height.to_string());
    results
}

fn id(text: &str) -> ClientId {
    ClientId::new(text).unwrap()
}

pub(crate) async fn events(
    node: Node,
    client: &str,
    from: u64,
    to: u64,
) -> Result<(u64, Vec<chain::EventAt>), Fault> {
    let (_, fake) = serve(node).await;
    let ask = Ask::Events {
        end: client.parse().unwrap(),
        from: BlockNumber(from),
        to: BlockNumber(to),
    };
    match cosmos(&[&fake]).answer(ask).await? {
        Answer::Events { covered, events } => Ok((covered.0, events)),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn with_sends(results: Value) -> Node {
    Node {
        results: vec![(40, at_height(results, 40), vec![b"a transaction".to_vec()])],
        ..Node::new(world())
    }
}

#[tokio::test]
async fn packets_are_told_to_the_client_that_they_are_of() {
    let (covered, found) = events(with_sends(captured("v2_send")), "07-tendermint-0", 30, 60)
        .await
        .unwrap();
    let other = events(with_sends(captured("v2_send")), "07-tendermint-9", 30, 60)
        .await
        .unwrap();
    assert_eq!((covered, other.0, other.1.len()), (60, 60, 0));
    let Event::Sent(packet) = &found[0].event else {
        panic!("{found:?}")
    };
    assert_eq!(
        (packet.source(), found[0].block),
        (id("07-tendermint-0").into(), BlockNumber(40))
    );
    assert_ne!(found[0].tx.0, B256::ZERO);
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn a_packet_that_cannot_be_read_is_told_with_its_number() {
    let mut results = captured("v2_send");
    let attributes = results["txs_results"][0]["events"].as_array_mut().unwrap();
    let event = attributes
        .iter_mut()
        .find(|event| event["type"] == "send_packet")
        .unwrap();
    let inside = event["attributes"].as_array_mut().unwrap();
    inside.retain(|attribute| attribute["key"] != "encoded_packet_hex");
    let (_, found) = events(with_sends(results), "07-tendermint-0", 40, 40)
        .await
        .unwrap();
    let first = &found[0].event;
    assert!(
        matches!(first, Event::Unreadable { sequence, .. } if *sequence == Sequence::FIRST),
        "in its place, before the next one: {found:?}"
    );
    assert!(matches!(found[1].event, Event::Sent(_)));
}

#[tokio::test]
async fn a_range_is_covered_as_far_as_it_was_read() {
    let node = Node {
        latest: 1_000,
        ..Node::new(world())
    };
    assert_eq!(events(node, "07-tendermint-1", 30, 900).await.unwrap().0, 129);
    let pruned = events(
        Node {
            earliest: 50,
            ..Node::new(world())
        },
        "07-tendermint-1",
        30,
        60,
    )
    .await;
    assert_eq!(pruned.unwrap_err(), Fault::Pruned { at: at(30) });
    let short = Node {
        results: vec![(40, at_height(captured("v2_send"), 40), vec![])],
        ..Node::new(world())
    };
    let fault = events(short, "07-tendermint-1", 40, 40).await.unwrap_err();
    assert!(
        matches!(fault, Fault::Malformed { .. }),
        "results without transactions: {fault}"
    );
}

/// A client on the fake chain that follows another one like it.
pub(crate) fn hosted(state: ClientState, counterparty: Result<Counterparty, (u32, &'static str)>) -> Node {
    let followed = world();
    let header = followed.header_at(42);
    let consensus = ConsensusState {
        timestamp: header.time,
        root: Some(Root {
            hash: header.app_hash,
        }),
        next_validators_hash: header.next_validators_hash,
    };
    let answers = [
        (
            STATE_QUERY,
            Ok(proto(&ClientStateAnswer {
                client_state: Some(any(CLIENT_STATE, &state)),
            })),
        ),
        (
            CONSENSUS_QUERY,
            Ok(proto(&ConsensusStateAnswer {
                consensus_state: Some(any(CONSENSUS_STATE, &consensus)),
            })),
        ),
        (
            COUNTERPARTY_QUERY,
            counterparty.map(|found| {
                proto(&CounterpartyAnswer {
                    counterparty_info: Some(found),
                })
            }),
        ),
    ];
    Node {
        queries: answers.into_iter().collect(),
        ..Node::new(world())
    }
}

pub(crate) fn client_state() -> ClientState {
    let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
    ClientState {
        chain_id: CHAIN_ID.into(),
        trust_level: Some(Fraction {
            numerator: 1,
            denominator: 3,
        }),
        trusting_period: seconds(1_000),
        unbonding_period: seconds(2_000),
        max_clock_drift: seconds(10),
        frozen_height: Some(RawHeight::default()),
        latest_height: Some(RawHeight {
            revision_number: REVISION,
            revision_height: 42,
        }),
        proof_specs: crate::create::proof_specs(),
        upgrade_path: vec![],
    }
}

pub(crate) fn paired() -> Result<Counterparty, (u32, &'static str)> {
    Ok(Counterparty {
        merkle_prefix: vec![b"ibc".to_vec(), vec![]],
        client_id: "07-tendermint-4".into(),
    })
}

async fn view(node: Node) -> Result<ClientView, Fault> {
    let (_, fake) = serve(node).await;
    match cosmos(&[&fake])
        .answer(Ask::Client {
            end: id("07-tendermint-1").into(),
        })
        .await?
    {
        Answer::Client(view) => Ok(view),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_is_read_as_it_stands() {
    let seen = view(hosted(client_state(), paired())).await.unwrap();
    let TrustedState::Tendermint(trusted) = &seen.trusted else {
        panic!("{seen:?}")
    };
    assert_eq!((trusted.newest().height, trusted.frozen), (42, false));
    assert_eq!(
        trusted.newest().app_hash,
        B256::from_slice(&world().header_at(42).app_hash)
    );
    assert_eq!(seen.counterparty, Some(id("07-tendermint-4").into()));
    assert_eq!(
        seen.now,
        Seconds(1_700_000_594),
        "of the block after which it was read"
    );

    let alone = view(hosted(
        client_state(),
        Err((22, "rpc error: code = NotFound desc = counterparty not found")),
    ));
    assert_eq!(alone.await.unwrap().counterparty, None);
    let frozen = ClientState {
        frozen_height: Some(RawHeight {
            revision_number: 0,
            revision_height: 1,
        }),
        ..client_state()
    };
    let TrustedState::Tendermint(trusted) = view(hosted(frozen, paired())).await.unwrap().trusted else {
        panic!()
    };
    assert!(trusted.frozen);
}

#[tokio::test]
async fn a_client_that_the_law_would_not_have_is_refused() {
    let bent: [ClientState; 4] = [
        ClientState {
            trust_level: Some(Fraction {
                numerator: 1,
                denominator: 4,
            }),
            ..client_state()
        },
        ClientState {
            trusting_period: Some(Duration {
                seconds: 2_000,
                nanos: 0,
            }),
            ..client_state()
        },
        ClientState {
            chain_id: "fake-4".into(),
            ..client_state()
        },
        ClientState {
            max_clock_drift: None,
            ..client_state()
        },
    ];
    for state in bent {
        let fault = view(hosted(state.clone(), paired())).await.unwrap_err();
        assert!(matches!(fault, Fault::NoClient { .. }), "{state:?}: {fault}");
    }
    let mut gone = hosted(client_state(), paired());
    gone.queries[0].1 = Err((
        18,
        "rpc error: code = NotFound desc = 07-tendermint-1: light client not found",
    ));
    let fault = view(gone).await.unwrap_err();
    assert!(matches!(fault, Fault::NoClient { .. }), "{fault}");
}

#[tokio::test]
async fn values_are_read_at_the_state_that_a_header_proves() {
    let path = wire::path::receipt(&id("07-tendermint-1"), Sequence::FIRST);
    let node = Node {
        earliest: 42,
        ..Node::storing(&[(path.to_bytes(), vec![2])])
    };
    let (_, fake) = serve(node).await;
    let chain = cosmos(&[&fake]);
    let absent = wire::path::receipt(&id("07-tendermint-1"), Sequence::new(2).unwrap());
    let keys = vec![path, absent];
    let Answer::Lookup(values) = chain
        .answer(Ask::Lookup {
            keys: keys.clone(),
            as_of: AsOf::Finalized,
        })
        .await
        .unwrap()
    else {
        panic!()
    };
    assert_eq!(values, [Some(B256::with_last_byte(2)), None]);
    let prove = |height| Ask::Prove {
        keys: keys.clone(),
        at: Basis::One(At::Header(height)),
    };
    let Answer::Prove(proofs) = chain.answer(prove(43)).await.unwrap() else {
        panic!()
    };
    let proven = proofs.iter().map(|proof| proof.value.clone());
    assert_eq!(
        proven.collect::<Vec<_>>(),
        [Some(vec![2].into()), None],
        "as they are stored"
    );
    let pruned = chain.answer(prove(42)).await.unwrap_err();
    assert_eq!(pruned, Fault::Pruned { at: at(41) });
    let slot = Ask::Prove {
        keys: keys.clone(),
        at: Basis::One(At::Slot(43)),
    };
    assert!(matches!(chain.answer(slot).await, Err(Fault::NoClient { .. })));
}
