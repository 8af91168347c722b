//! Where the chain stands, by endpoints that do not agree.

use super::Newest;
use crate::fake_port::{Node, cosmos, running_ahead, serve, world};
use wire::Seconds;

#[tokio::test]
async fn what_was_told_of_the_newest_block_can_be_taken_back() {
    let (node, fake) = serve(Node::new(world())).await;
    let chain = cosmos(&[&fake]);
    chain.head().await.unwrap();
    assert_eq!(chain.blocks.newest(), 100);
    node.lock().unwrap().latest = 90;
    chain.head().await.unwrap();
    assert_eq!(chain.blocks.newest(), 90);
}

#[tokio::test]
async fn an_endpoint_that_runs_ahead_leads_nobody() {
    let (_, ahead) = serve(running_ahead()).await;
    let (_, honest) = serve(Node::new(world())).await;
    let chain = cosmos(&[&ahead, &honest]);
    assert_eq!(chain.head().await.unwrap().latest.block.0, 100);
    let before = ahead.requests();
    assert_eq!(chain.head().await.unwrap().latest.block.0, 100);
    assert_eq!(ahead.requests(), before, "it rests");
}

#[test]
fn an_endpoint_may_be_ahead_by_what_the_chain_can_have_made() {
    let at = |height, time| Newest {
        height,
        time: Seconds(time),
    };
    let most = |low: Newest, high: Newest| low.most_beside(&high, Seconds(1_000));
    assert_eq!(most(at(100, 1_000), at(150, 1_000)), 110, "both are fresh");
    assert_eq!(most(at(100, 940), at(150, 1_000)), 110 + 300, "one stands still");
    assert_eq!(
        most(at(100, 940), at(150, 1_060)),
        110 + 300,
        "the clock is not outrun"
    );
    assert_eq!(most(at(100, 1_060), at(150, 940)), 110);
}
