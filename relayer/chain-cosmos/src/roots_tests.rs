//! Proofs by nodes that lie, over headers and a store that are real.

use super::Roots;
use crate::cosmos::Cosmos;
use crate::fake_port::{Node, Proved, REVISION, Shared, cosmos, serve, truth};
use crate::leaves::tests::{basis, honest, leaf};
use chain::{Answer, Ask, At, Basis, Fault, Proof, TrustedState};
use cosmos_store::Stores;
use endpoints::testing::Fake;
use tendermint_client::State;
use tendermint_client::testing::Block;
use wire::{ClientId, End, Height, Path, Sequence};

const VALUE: [u8; 32] = [9; 32];

fn key(sequence: u64) -> Path {
    let client = ClientId::new("07-tendermint-0").unwrap();
    End::Client(client).commitment(Sequence::new(sequence).unwrap())
}

/// The first has a value, the second another one, and the third none.
fn keys() -> Vec<Path> {
    vec![key(1), key(2), key(3)]
}

fn stored(first: [u8; 32]) -> Node {
    Node::storing(&[
        (key(1).to_bytes(), first.to_vec()),
        (key(2).to_bytes(), vec![8; 32]),
    ])
}

type Lie = fn(&Stores, &[u8]) -> Proved;

fn false_value(stores: &Stores, key: &[u8]) -> Proved {
    let (_, proofs) = truth(stores, key);
    (vec![7; 32], proofs)
}

fn another_key(stores: &Stores, _: &[u8]) -> Proved {
    truth(stores, &key(2).to_bytes())
}

fn nothing_there(stores: &Stores, _: &[u8]) -> Proved {
    truth(stores, &key(3).to_bytes())
}

fn said_to_be_empty(stores: &Stores, key: &[u8]) -> Proved {
    let (_, proofs) = truth(stores, key);
    (Vec::new(), proofs)
}

fn garbage(stores: &Stores, key: &[u8]) -> Proved {
    let (value, _) = truth(stores, key);
    (value, vec![vec![1, 2, 3], vec![4]])
}

const LIES: [Lie; 5] = [false_value, another_key, nothing_there, said_to_be_empty, garbage];

/// A client is moved to height 100 by what `chain` says.
async fn plan(chain: &Cosmos, node: &Shared) {
    let state = honest(&node.lock().unwrap().world, 10);
    let trusted: TrustedState = leaf(&[state]).unwrap();
    let to = at(100);
    let answer = chain.answer(Ask::Update { trusted, to }).await.unwrap();
    assert!(
        matches!(&answer, Answer::Update(plan) if plan.updates.len() == 1),
        "{answer:?}"
    );
}

fn at(revision_height: u64) -> Height {
    Height {
        revision_number: REVISION,
        revision_height,
    }
}

async fn prove(chain: &Cosmos, at: Basis) -> Result<Vec<Proof>, Fault> {
    match chain.answer(Ask::Prove { keys: keys(), at }).await? {
        Answer::Prove(proofs) => Ok(proofs),
        other => panic!("{other:?}"),
    }
}

const AT_100: Basis = Basis::One(At::Header(100));

fn values(proofs: &[Proof]) -> Vec<Option<Vec<u8>>> {
    let value = |proof: &Proof| proof.value.as_ref().map(|value| value.to_vec());
    proofs.iter().map(value).collect()
}

fn true_values() -> Vec<Option<Vec<u8>>> {
    vec![Some(VALUE.to_vec()), Some(vec![8; 32]), None]
}

/// The chain over a node that can be turned into a liar, and an honest one.
async fn two() -> (Cosmos, (Shared, Fake), (Shared, Fake)) {
    let (first, second) = (serve(stored(VALUE)).await, serve(stored(VALUE)).await);
    (cosmos(&[&first.1, &second.1]), first, second)
}

async fn assert_left(chain: &Cosmos, liar: &Fake, basis: Basis, why: &str) {
    let before = liar.requests();
    prove(chain, basis).await.unwrap();
    assert_eq!(liar.requests(), before, "{why}: it rests");
}

#[tokio::test]
async fn a_node_whose_proofs_are_false_is_left_for_another_one() {
    for lie in LIES {
        for is_planned in [true, false] {
            let (chain, (liar, fake), _honest) = two().await;
            if is_planned {
                plan(&chain, &liar).await;
            }
            liar.lock().unwrap().show = lie;
            let proofs = prove(&chain, AT_100).await.unwrap();
            assert_eq!(values(&proofs), true_values());
            assert_left(&chain, &fake, AT_100, "false proofs").await;
        }
    }
}

#[tokio::test]
async fn a_liar_that_is_at_one_with_itself_is_found_where_the_law_accepted_the_header() {
    let (chain, (liar, fake), _honest) = two().await;
    plan(&chain, &liar).await;
    let forged = stored([7; 32]);
    {
        let mut liar = liar.lock().unwrap();
        (liar.world, liar.stores) = (forged.world, forged.stores);
    }
    let proofs = prove(&chain, AT_100).await.unwrap();
    assert_eq!(values(&proofs), true_values());
    assert_left(&chain, &fake, AT_100, "another chain").await;
}

#[tokio::test]
async fn what_only_a_liar_says_is_refused_with_the_reason() {
    for (lie, reason) in [
        (false_value as Lie, "it says that 32 bytes are under"),
        (another_key, "does not fit the app hash"),
        (garbage, "does not fit the app hash"),
    ] {
        let (liar, fake) = serve(stored(VALUE)).await;
        let chain = cosmos(&[&fake]);
        plan(&chain, &liar).await;
        liar.lock().unwrap().show = lie;
        let fault = prove(&chain, AT_100).await.unwrap_err();
        assert!(matches!(fault, Fault::Malformed { .. }), "{fault:?}");
        let text = fault.to_string();
        let app_hash = liar.lock().unwrap().world.app_hash.unwrap();
        for part in [
            reason,
            "07-tendermint-0/commitment/1",
            "127.0.0.1",
            "in the header that the light client accepted of height 3-100",
            &hex::encode(app_hash),
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
}

#[tokio::test]
async fn proofs_behind_an_update_that_was_planned_here_cost_no_header() {
    let (node, fake) = serve(stored(VALUE)).await;
    let chain = cosmos(&[&fake]);
    plan(&chain, &node).await;
    let before = (node.lock().unwrap().count("commit"), fake.requests());
    assert_eq!(values(&prove(&chain, AT_100).await.unwrap()), true_values());
    assert_eq!(node.lock().unwrap().count("commit"), before.0);
    assert_eq!(fake.requests(), before.1 + keys().len(), "a proof each");
}

#[tokio::test]
async fn where_somebody_else_moved_the_client_a_height_costs_one_header() {
    let (node, fake) = serve(stored(VALUE)).await;
    let chain = cosmos(&[&fake]);
    for (height, headers) in [(90, 1), (90, 1), (100, 2), (90, 2)] {
        let basis = Basis::One(At::Header(height));
        assert_eq!(values(&prove(&chain, basis).await.unwrap()), true_values());
        assert_eq!(node.lock().unwrap().count("commit"), headers);
    }
}

/// The header with another app hash, which nobody signed.
fn forged(mut block: Block) -> Block {
    block.header.app_hash = vec![7; 32];
    block
}

#[tokio::test]
async fn a_false_header_that_was_shown_once_is_not_held_against_a_node_for_ever() {
    let (node, fake) = serve(stored(VALUE)).await;
    let chain = cosmos(&[&fake]);
    node.lock().unwrap().bend = forged;
    let fault = prove(&chain, AT_100).await.unwrap_err();
    assert!(fault.to_string().contains("in the node's own header"), "{fault}");
    node.lock().unwrap().bend = |block| block;
    assert_eq!(values(&prove(&chain, AT_100).await.unwrap()), true_values());
}

#[tokio::test]
async fn leaves_of_a_policy_are_shown_what_holds() {
    let leaves = basis(&[Some(At::Header(100)), None, Some(At::Header(90))]);
    for lie in LIES {
        let (chain, (liar, fake), _honest) = two().await;
        liar.lock().unwrap().show = lie;
        let proofs = prove(&chain, leaves).await.unwrap();
        assert_eq!(values(&proofs), true_values());
        assert_left(&chain, &fake, leaves, "false proofs").await;
    }
}

#[test]
fn where_two_headers_of_a_height_were_accepted_neither_counts() {
    let roots = Roots::default();
    let world = stored(VALUE).world;
    let other = State {
        app_hash: [7; 32].into(),
        ..honest(&world, 50)
    };
    roots.accept(&honest(&world, 50));
    roots.accept(&honest(&world, 50));
    assert_eq!(roots.accepted(50), Some(honest(&world, 50).app_hash));
    for state in [other, honest(&world, 50), honest(&world, 50)] {
        roots.accept(&state);
        assert_eq!(roots.accepted(50), None);
    }
}
