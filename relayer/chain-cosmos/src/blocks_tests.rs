//! What became of our transactions is read where packets are read, once; where it is not there, as before.

use super::{AT_ONCE, BYTES_KEPT, Block, Blocks, KEPT, RECENT, in_rounds};
use crate::answers::TxResult;
use crate::cosmos::Cosmos;
use crate::fake_node::Chain;
use crate::fake_port::{Node, cosmos, serve, world};
use crate::flights::tests::{AMPLE, chain, find, recv, send};
use crate::port_tests::{captured, events, with_sends};
use chain::{Answer, Ask, BlockNumber, Event, EventAt, Fault, NotYet, Ticket, TxHash, TxState};
use core::time::Duration;
use endpoints::all_of;
use serde_json::json;
use std::sync::Arc;
use wire::Acknowledgement;

fn asked(chain: &Chain, method: &str) -> usize {
    chain.state().asked.get(method).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_transaction_in_a_block_that_is_read_is_not_asked_for() {
    let (chain, cosmos) = chain().await;
    let (tx, ticket, _) = send(&cosmos, vec![recv(1, b"a"), recv(2, b"b")], AMPLE)
        .await
        .unwrap();
    cosmos.blocks.told(50);
    assert_eq!(find(&cosmos, tx, &ticket).await, TxState::Pending);
    chain.state().commit();

    let by_index = find(&cosmos, tx, &ticket).await;
    assert_eq!(
        (asked(&chain, "tx"), asked(&chain, "block_results")),
        (1, 0),
        "nobody was told of the block"
    );
    cosmos.blocks.told(51);
    let queries = asked(&chain, "abci_query");
    let by_block = find(&cosmos, tx, &ticket).await;
    assert!(matches!(by_block, TxState::Final(_)), "{by_block:?}");
    assert_eq!(by_block, by_index);
    assert_eq!((asked(&chain, "tx"), asked(&chain, "block_results")), (1, 1));
    assert_eq!(
        asked(&chain, "abci_query"),
        queries,
        "the account is not asked either"
    );
    let (next, ..) = send(&cosmos, vec![recv(3, b"c")], AMPLE).await.unwrap();
    assert_ne!(next, tx, "and its book knows");
    chain.state().commit();
    assert_eq!(chain.state().executed.len(), 3);
}

#[tokio::test]
async fn a_block_is_read_once_whoever_asks_meanwhile() {
    let (chain, cosmos) = chain().await;
    let mut sent = Vec::new();
    for sequence in 1..5 {
        sent.push(send(&cosmos, vec![recv(sequence, b"a")], AMPLE).await.unwrap());
    }
    chain.state().commit();
    cosmos.blocks.told(51);
    let events = async {
        let (from, to) = (BlockNumber(51), BlockNumber(51));
        let end = "07-tendermint-0".parse().unwrap();
        cosmos.answer(Ask::Events { end, from, to }).await.unwrap();
    };
    let finds = sent
        .iter()
        .map(|(tx, ticket, _)| find(&cosmos, *tx, ticket))
        .collect();
    let (found, ()) = tokio::join!(all_of(finds), events);
    assert!(
        found.iter().all(|state| matches!(state, TxState::Final(_))),
        "{found:?}"
    );
    let counts = ["block_results", "block", "tx"].map(|method| asked(&chain, method));
    assert_eq!(counts, [1, 1, 0]);
}

#[tokio::test]
async fn one_that_failed_is_asked_for_because_it_may_come_again() {
    let (chain, cosmos) = chain().await;
    // Less than it will use.
    chain.state().mood.gas = Some(1_000);
    let (tx, ticket, _) = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap();
    chain.state().commit();
    cosmos.blocks.told(51);
    let state = find(&cosmos, tx, &ticket).await;
    assert!(
        matches!(&state, TxState::Final(outcome) if outcome.reverted.is_some()),
        "{state:?}"
    );
    assert_eq!(asked(&chain, "tx"), 1);
}

#[tokio::test]
async fn what_blocks_do_not_tell_the_index_does() {
    let (chain, cosmos) = chain().await;
    let (tx, ticket, _) = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap();
    chain.state().commit();
    chain.state().mood.lowest = 60;
    cosmos.blocks.told(51);
    assert!(matches!(find(&cosmos, tx, &ticket).await, TxState::Final(_)));
    let counts = |chain: &Chain| ["block_results", "tx"].map(|method| asked(chain, method));
    assert_eq!(counts(&chain), [1, 1], "its block is gone");

    chain.state().mood.lowest = 0;
    let Ticket::Seat(mut seat) = ticket else {
        panic!("{ticket:?}")
    };
    seat.signed_at = BlockNumber(50 - RECENT);
    assert!(matches!(
        find(&cosmos, tx, &Ticket::Seat(seat)).await,
        TxState::Final(_)
    ));
    assert_eq!(counts(&chain), [1, 2], "it was signed long ago");
}

#[tokio::test]
async fn another_transaction_with_its_sequence_is_not_taken_for_it() {
    let (chain, cosmos) = chain().await;
    let (tx, ticket, _) = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap();
    let Ticket::Seat(mut seat) = ticket else {
        panic!("{ticket:?}")
    };
    seat.last = BlockNumber(51);
    chain.state().commit();
    chain.state().commit();
    cosmos.blocks.told(52);
    let other = find(&cosmos, TxHash([7; 32].into()), &Ticket::Seat(seat)).await;
    assert_eq!(other, TxState::Overtaken, "{tx:?} is there, and our own");
}

#[tokio::test]
async fn what_a_node_said_of_a_block_once_does_not_stand_for_ever() {
    let (node, fake) = serve(Node::new(world())).await;
    let mut chain = cosmos(&[&fake]);
    let count = async |chain: &Cosmos| {
        let ask = Ask::Events {
            end: "07-tendermint-0".parse().unwrap(),
            from: BlockNumber(40),
            to: BlockNumber(40),
        };
        match chain.answer(ask).await.unwrap() {
            Answer::Events { events, .. } => events.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(count(&chain).await, 0, "the node leaves the sends out");
    node.lock().unwrap().results = with_sends(captured("v2_send")).results;
    assert_eq!(count(&chain).await, 0, "it is not asked again at once");
    chain.blocks.kept_for = Duration::ZERO;
    assert_eq!(count(&chain).await, 2, "it is asked again later");
}

#[tokio::test]
async fn what_was_read_of_a_page_counts_when_the_node_is_slow_or_fails() {
    const LONG: Duration = Duration::MAX;
    let fault = |height| {
        Fault::NotYet(NotYet::Block {
            wanted: BlockNumber(height),
            newest: BlockNumber(0),
        })
    };
    let read = async |within, bad: u64| {
        let read = |height| {
            core::future::ready(if height == bad {
                Err(fault(height))
            } else {
                Ok(height)
            })
        };
        in_rounds(1, 100, within, read).await
    };
    let up_to = |last| (1..=last).collect::<Vec<u64>>();
    assert_eq!(read(LONG, 0).await, Ok(up_to(100)));
    assert_eq!(
        read(Duration::ZERO, 0).await,
        Ok(up_to(AT_ONCE)),
        "a round is read in any case"
    );
    assert_eq!(read(LONG, 57).await, Ok(up_to(50)));
    assert_eq!(read(LONG, 7).await, Err(fault(7)), "nothing was read");
}

#[tokio::test]
async fn a_page_reaches_as_far_as_it_could_be_read() {
    let mut node = with_sends(captured("v2_send"));
    // Results without transactions are no results.
    let mut bad = node.results[0].clone();
    bad.0 = 57;
    bad.1["height"] = "57".into();
    bad.2.clear();
    node.results.push(bad);
    let (covered, found) = events(node, "07-tendermint-0", 1, 100).await.unwrap();
    assert_eq!((covered, found.len()), (50, 2));
}

#[test]
fn what_is_remembered_of_blocks_is_bounded_by_their_number_and_by_their_bytes() {
    let block = |bytes: usize| {
        let event = EventAt {
            block: BlockNumber(1),
            tx: TxHash([7; 32].into()),
            event: Event::Acknowledged {
                packet: recv(1, b"a").packet,
                acknowledgement: Acknowledgement::new(vec![7; bytes]).unwrap(),
            },
        };
        Arc::new(Block::new(vec![event], Vec::new()))
    };
    let held = |blocks: &Blocks| {
        let kept = blocks.kept.lock().unwrap();
        (
            kept.len(),
            kept.keys().next().copied(),
            kept.values().map(super::weight).sum::<usize>(),
        )
    };
    let (empty, full) = (Blocks::default(), Blocks::default());
    let large = BYTES_KEPT / 8;
    for height in 1..=KEPT as u64 + 10 {
        let nothing = Arc::new(Block::new(Vec::new(), Vec::new()));
        empty.cell(height).set(nothing).unwrap();
        if height < 20 {
            full.cell(height).set(block(large)).unwrap();
        }
    }
    assert_eq!(held(&empty), (KEPT, Some(11), 0));
    let (count, _, bytes) = held(&full);
    assert_eq!(count, 8, "{bytes} bytes");
    assert!(bytes > 8 * large && bytes < BYTES_KEPT + large, "{bytes}");
    // One that is larger than all that is remembered is remembered nevertheless, until there is a newer one.
    full.cell(9_000).set(block(2 * BYTES_KEPT)).unwrap();
    assert!(full.cell(9_000).initialized());
    full.cell(9_001);
    assert_eq!(held(&full), (1, Some(9_001), 0));
}

#[test]
fn of_an_own_transaction_that_worked_no_text_is_remembered() {
    let result = |code: u32| -> TxResult {
        let result = json!({"code": code, "log": "all events once more", "gas_wanted": "1", "gas_used": "1", "events": [
            {"type": "transfer", "attributes": [{"key": "amount", "value": "1stake"}]},
            {"type": "tx", "attributes": [{"key": "fee", "value": "1stake"}]},
        ]});
        serde_json::from_value(result).unwrap()
    };
    let (worked, failed) = (result(0).of_payment(), result(5).of_payment());
    assert_eq!((worked.log.as_str(), worked.bytes()), ("", 9), "fee and 1stake");
    assert_eq!(failed.log, "all events once more");
}
