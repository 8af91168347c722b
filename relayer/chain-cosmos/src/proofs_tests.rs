//! Plain values, by nodes that are not where the chain is.

use crate::cosmos::Cosmos;
use crate::fake_port::{Node, cosmos, running_ahead, serve, world};
use alloy_primitives::B256;
use chain::{Answer, AsOf, Ask, BlockNumber, Fault, NotYet};
use wire::{ClientId, Path, Sequence};

fn receipt() -> Path {
    wire::path::receipt(&ClientId::new("07-tendermint-1").unwrap(), Sequence::FIRST)
}

/// A node that has a receipt in all its states.
fn holder() -> Node {
    Node::storing(&[(receipt().to_bytes(), vec![2])])
}

async fn look_up(chain: &Cosmos) -> Result<Option<B256>, Fault> {
    let ask = Ask::Lookup {
        keys: vec![receipt()],
        as_of: AsOf::Finalized,
    };
    match chain.answer(ask).await? {
        Answer::Lookup(values) => Ok(values[0]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_node_that_is_a_little_behind_does_not_say_what_is_final() {
    let (_, behind) = serve(Node {
        latest: 95,
        ..Node::new(world())
    })
    .await;
    let (_, honest) = serve(holder()).await;
    let chain = cosmos(&[&behind, &honest]);
    assert_eq!(look_up(&chain).await, Ok(Some(B256::with_last_byte(2))));
    let before = behind.requests();
    look_up(&chain).await.unwrap();
    assert_eq!(behind.requests(), before, "it rests");
}

#[tokio::test]
async fn what_no_node_has_yet_is_not_called_absent() {
    let (node, fake) = serve(Node::new(world())).await;
    let chain = cosmos(&[&fake]);
    assert_eq!(look_up(&chain).await, Ok(None));
    chain.head().await.unwrap();
    node.lock().unwrap().latest = 95;
    let (wanted, newest) = (BlockNumber(99), BlockNumber(95));
    assert_eq!(
        look_up(&chain).await,
        Err(Fault::NotYet(NotYet::Block { wanted, newest }))
    );
}

#[tokio::test]
async fn a_node_that_runs_ahead_does_not_say_what_is_final() {
    let (_, ahead) = serve(running_ahead()).await;
    let (_, honest) = serve(holder()).await;
    let chain = cosmos(&[&ahead, &honest]);
    assert_eq!(look_up(&chain).await, Ok(Some(B256::with_last_byte(2))));
}

#[tokio::test]
async fn where_the_chain_stands_is_not_asked_again_for_each_value() {
    let (node, fake) = serve(holder()).await;
    let chain = cosmos(&[&fake]);
    look_up(&chain).await.unwrap();
    let before = node.lock().unwrap().count("status");
    look_up(&chain).await.unwrap();
    assert_eq!(node.lock().unwrap().count("status"), before);
}
