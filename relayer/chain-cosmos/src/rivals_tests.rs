//! T-20: one of several endpoints shows another header of a height.

use super::*;
use crate::fake_port::{Node, cosmos, serve, world};
use crate::flights::update_message;
use crate::ibc::client::MsgUpdateClient;
use crate::notices::tests::{ask, client, honest, now};
use chain::{ClientUpdate, Notices, UpdateClient};
use prost::Message as _;
use tendermint_client::codec::decode_evidence;
use tendermint_client::testing::{Ballot, Block, ibc};

/// Another block of the newest height, which those of these places signed.
fn fork(block: Block, signs: fn(usize) -> bool) -> Block {
    if block.header.height < 100 {
        return block;
    }
    let mut header = block.header;
    header.app_hash = vec![7; 32];
    Block::sign(header, block.validators, 0, |place| match signs(place) {
        true => Ballot::Block,
        false => Ballot::Absent,
    })
}

/// What a client that trusts the chain's own states is told where the endpoints show these blocks.
async fn told(bends: &[fn(Block) -> Block]) -> (Trusted, Notices) {
    let mut fakes = Vec::new();
    for bend in bends {
        let node = Node {
            bend: *bend,
            ..Node::new(world())
        };
        fakes.push(serve(node).await.1);
    }
    let chain = cosmos(&fakes.iter().collect::<Vec<_>>());
    let world = world();
    let trusted = client([20, 50].map(|height| honest(&world, height)).to_vec());
    // Who only asks where the chain stands has seen it.
    let _ = chain.head().await;
    let notices = ask(&chain, &trusted, now(&world)).await;
    (trusted, notices)
}

#[tokio::test]
async fn t20_who_signed_two_headers_of_one_height_is_shown_with_both_whichever_endpoint_comes_first_and_how_many_agree()
 {
    let all: fn(Block) -> Block = |block| fork(block, |_| true);
    let same: fn(Block) -> Block = |block| block;
    for bends in [
        vec![same, all],
        vec![all, same],
        vec![same, same, all],
        vec![all, all, same],
    ] {
        let (trusted, notices) = told(&bends).await;
        let [ClientUpdate::Misbehaviour(evidence)] = notices.steps.as_slice() else {
            panic!("{notices:?}")
        };
        check_message(evidence);
        let frozen = check_misbehaviour(&trusted, evidence, now(&world())).expect("the client takes it");
        assert!(frozen.frozen);
        let named = world().set_at(100).members.len();
        assert_eq!(
            notices.doubts[0].matches(" of power 10").count(),
            named,
            "{:?}",
            notices.doubts
        );
    }
}

/// ibc-go refuses misbehaviour that names no client, and one whose first header is the lower one.
fn check_message(evidence: &Evidence) {
    let update = UpdateClient {
        client: "07-tendermint-4".parse().unwrap(),
        update: ClientUpdate::Misbehaviour(evidence.clone()),
    };
    let message = update_message(&update, "somebody").unwrap();
    let sent = MsgUpdateClient::decode(message.value.as_slice()).unwrap();
    let shown = ibc::Misbehaviour::decode(sent.client_message.unwrap().value.as_slice()).unwrap();
    assert_eq!(shown.client_id, "07-tendermint-4");
    let headers = ibc::Misbehaviour {
        client_id: String::new(),
        ..shown
    };
    assert_eq!(decode_evidence(&headers.encode_to_vec()).as_ref(), Ok(evidence));
}

#[tokio::test]
async fn a_header_that_too_few_signed_accuses_nobody() {
    let some: fn(Block) -> Block = |block| fork(block, |place| place < 2);
    let bare: fn(Block) -> Block = |mut block| {
        if block.header.height == 100 {
            block.header.app_hash = vec![7; 32];
        }
        block
    };
    for bend in [some, bare] {
        let (_, notices) = told(&[|block| block, bend]).await;
        assert_eq!((notices.steps, notices.doubts), (vec![], vec![]));
    }
}

#[tokio::test]
async fn of_endless_rivals_few_are_kept_and_a_pair_that_proves_nothing_is_forgotten() {
    let (_, fake) = serve(Node::new(world())).await;
    let chain = cosmos(&[&fake]);
    let shown = |height: i64, byte: u8| {
        let mut block = world().block_at(height);
        block.header.app_hash = vec![byte; 32];
        let header = block.header.try_into().expect("a header");
        let commit = block.commit.try_into().expect("a commit");
        SignedHeader::new(header, commit).expect("a signed header")
    };
    for height in 1..=90 {
        for byte in 1..=3 {
            chain.rivals.note(&chain, "an endpoint", &shown(height, byte));
        }
    }
    let pairs = chain.rivals.pairs();
    assert_eq!(pairs.len(), PAIRS_MAX);
    assert!(chain.rivals.lock().first.len() <= HEIGHTS_MAX);
    chain.rivals.drop_pair(&pairs[0]);
    assert_eq!(chain.rivals.pairs(), pairs[1..]);
}
