//! Where the chain stands, by endpoints that do not agree.

use crate::fake_port::{Node, cosmos, serve, world};

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
