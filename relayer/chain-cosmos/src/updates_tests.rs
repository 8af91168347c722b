//! Clients whose hosts lie about what they trust, and nodes that lie about their validators.

use crate::cosmos::Cosmos;
use crate::fake_port::{Node, REVISION, cosmos, serve, world};
use crate::leaves::tests::{honest, leaf};
use alloy_primitives::B256;
use chain::{Answer, Ask, Fault, UpdatePlan};
use endpoints::Endpoint;
use tendermint_client::testing::{Kind, Validators};
use tendermint_client::{State, Time};
use wire::Height;

async fn plan(chain: &Cosmos, state: State) -> Result<UpdatePlan, Fault> {
    let trusted = leaf(&[state]).unwrap();
    let to = Height {
        revision_number: REVISION,
        revision_height: 100,
    };
    match chain.answer(Ask::Update { trusted, to }).await? {
        Answer::Update(plan) => Ok(plan),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_host_that_lies_about_what_a_client_trusts_makes_no_node_of_the_other_chain_rest() {
    let real = honest(&world(), 10);
    let strangers = State {
        next_validators_hash: B256::repeat_byte(7),
        ..real
    };
    let late = State {
        time: Time {
            seconds: real.time.seconds + 1_000_000,
            ..real.time
        },
        ..real
    };
    let adjacent = State {
        next_validators_hash: B256::repeat_byte(7),
        ..honest(&world(), 99)
    };
    for lie in [strangers, late, adjacent] {
        let ((_, first), (_, second)) = (serve(Node::new(world())).await, serve(Node::new(world())).await);
        let chain = cosmos(&[&first, &second]);
        let fault = plan(&chain, lie).await.unwrap_err();
        let text = fault.to_string();
        assert!(text.contains("by another node of its host"), "{text}");
        let is_well = |endpoint: &Endpoint| !endpoint.is_unvetted();
        assert!(
            chain.rpc.endpoints().iter().all(is_well),
            "both were asked, and nobody rests"
        );
    }
}

#[tokio::test]
async fn a_node_that_lies_about_its_validators_rests_once_another_one_does_not() {
    let strangers = Validators::new(Kind::Ed25519, 9, &[10, 10, 10, 10]);
    let (_, liar) = serve(Node::new(world().with_set(11, strangers))).await;
    let (_, other) = serve(Node::new(world())).await;
    let chain = cosmos(&[&liar, &other]);
    let real = honest(&world(), 10);
    assert_eq!(plan(&chain, real).await.unwrap().updates.len(), 1);
    let before = liar.requests();
    plan(&chain, real).await.unwrap();
    assert_eq!(liar.requests(), before, "it rests");
}
