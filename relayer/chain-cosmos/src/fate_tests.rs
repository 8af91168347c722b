//! A transaction is found, or certainly dead: on a node that behaves, and on nodes that do not.

use super::{Death, Failure, Fate};
use crate::fake_node::{Chain, POISON};
use crate::refusal::Refusal;
use crate::send::Flight;
use crate::send::tests::{messages, rules, wallet};
use crate::trouble::Trouble;
use crate::wallet::Wallet;

async fn chain(wallet: &Wallet) -> Chain {
    Chain::new(wallet.addresses()).await
}

async fn send(wallet: &Wallet, chain: &Chain, name: &str) -> Flight {
    let mut turn = wallet.turn().await;
    let now = chain.state().height;
    let sent = turn.send(&chain.rpc, &messages(&[name]), now, |_| {}).await;
    sent.unwrap().unwrap().0.flight
}

async fn find(wallet: &Wallet, chain: &Chain, flight: &Flight) -> Fate {
    let address = wallet.addresses().next().unwrap();
    wallet.find(&chain.rpc, address, flight).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_transaction_is_waited_for_until_it_is_in_a_block() {
    for without_index in [false, true] {
        let wallet = wallet(rules(), 1);
        let chain = chain(&wallet).await;
        chain.state().mood.without_index = without_index;
        let flight = send(&wallet, &chain, "a").await;
        let other = send(&wallet, &chain, "b").await;
        assert_eq!(find(&wallet, &chain, &flight).await, Fate::Waiting { height: 50 });
        chain.state().commit();
        for flight in [flight, other] {
            let fate = find(&wallet, &chain, &flight).await;
            let Fate::Landed(landed) = fate else {
                panic!("{fate:?}")
            };
            assert_eq!((landed.height, landed.failure), (51, None));
        }
    }
}

#[tokio::test]
async fn a_lost_transaction_is_dead_only_after_its_timeout_and_then_sent_once() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.loses = true;
    let lost = send(&wallet, &chain, "a").await;
    chain.state().mood.loses = false;
    for height in 51..60 {
        chain.state().commit();
        assert_eq!(find(&wallet, &chain, &lost).await, Fate::Waiting { height });
    }
    chain.state().commit();
    let why = Death::Expired;
    assert_eq!(find(&wallet, &chain, &lost).await, Fate::Dead { height: 60, why });
    let again = send(&wallet, &chain, "a").await;
    assert_eq!(again.sequence, lost.sequence);
    chain.state().commit();
    assert!(matches!(find(&wallet, &chain, &again).await, Fate::Landed(_)));
    assert_eq!(chain.state().executed, [b"a"], "nothing lost, nothing doubled");
}

#[tokio::test]
async fn what_lies_behind_a_lost_one_dies_with_it_and_all_is_sent_once() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let flights = [send(&wallet, &chain, "a").await, send(&wallet, &chain, "b").await];
    chain.state().drop_pending();
    for _ in 0..10 {
        chain.state().commit();
    }
    for flight in &flights {
        assert!(matches!(find(&wallet, &chain, flight).await, Fate::Dead { .. }));
    }
    for name in ["a", "b"] {
        send(&wallet, &chain, name).await;
    }
    chain.state().commit();
    assert_eq!(chain.state().executed, [b"a", b"b"]);
}

#[tokio::test]
async fn a_transaction_whose_sequence_another_one_took_is_dead_at_once() {
    for without_index in [false, true] {
        let (ours, theirs) = (wallet(rules(), 1), wallet(rules(), 1));
        let chain = chain(&ours).await;
        chain.state().mood.without_index = without_index;
        chain.state().mood.loses = true;
        let lost = send(&ours, &chain, "a").await;
        chain.state().mood.loses = false;
        let other = send(&theirs, &chain, "b").await;
        assert_eq!(lost.sequence, other.sequence);
        chain.state().commit();
        let why = Death::Replaced;
        assert_eq!(find(&ours, &chain, &lost).await, Fate::Dead { height: 51, why });
    }
}

#[tokio::test]
async fn whoever_signed_a_sequence_twice_accuses_nobody_else() {
    for is_found_first in [false, true] {
        let wallet = wallet(rules(), 1);
        let chain = chain(&wallet).await;
        let lost = send(&wallet, &chain, "a").await;
        chain.state().drop_pending();
        let later = send(&wallet, &chain, "b").await;
        assert_eq!(later.sequence, lost.sequence, "it healed");
        chain.state().commit();
        if is_found_first {
            assert!(matches!(find(&wallet, &chain, &later).await, Fate::Landed(_)));
        }
        let why = Death::Overtaken;
        assert_eq!(find(&wallet, &chain, &lost).await, Fate::Dead { height: 51, why });
        assert!(matches!(find(&wallet, &chain, &later).await, Fate::Landed(_)));
    }
}

#[tokio::test]
async fn where_both_of_a_sequence_are_lost_somebody_else_is_accused_in_the_end() {
    let (ours, theirs) = (wallet(rules(), 1), wallet(rules(), 1));
    let chain = chain(&ours).await;
    let mut lost = Vec::new();
    for name in ["a", "b"] {
        lost.push(send(&ours, &chain, name).await);
        chain.state().drop_pending();
    }
    assert_eq!(lost[0].sequence, lost[1].sequence);
    send(&theirs, &chain, "c").await;
    chain.state().commit();
    for (flight, why) in lost.iter().zip([Death::Overtaken, Death::Replaced]) {
        assert_eq!(find(&ours, &chain, flight).await, Fate::Dead { height: 51, why });
    }
}

#[tokio::test]
async fn a_transaction_that_ran_out_of_gas_says_so_and_the_next_one_gets_more() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.gas = Some(40_000);
    let flight = send(&wallet, &chain, "a").await;
    chain.state().commit();
    let Fate::Landed(landed) = find(&wallet, &chain, &flight).await else {
        panic!("it landed")
    };
    assert_eq!(
        (landed.failure, landed.gas_wanted),
        (Some(Failure::OutOfGas), 48_000)
    );
    assert_eq!(landed.gas_used, 60_000);
    // The margin grows from 20 to 70 percent, which is enough.
    let flight = send(&wallet, &chain, "a").await;
    chain.state().commit();
    assert!(
        matches!(find(&wallet, &chain, &flight).await, Fate::Landed(landed) if landed.failure.is_none() && landed.gas_wanted == 68_000)
    );
    assert_eq!(chain.state().executed, [b"a"]);
}

#[tokio::test]
async fn a_chain_that_uses_more_than_it_says_fails_once_in_many_transactions() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    // The margin is 20 percent.
    chain.state().mood.gas = Some(40_000);
    let mut failures = 0;
    for _ in 0..32 {
        let flight = send(&wallet, &chain, "a").await;
        chain.state().commit();
        let Fate::Landed(landed) = find(&wallet, &chain, &flight).await else {
            panic!("it landed")
        };
        failures += usize::from(landed.failure.is_some());
    }
    assert_eq!(failures, 1);
}

#[tokio::test]
async fn a_message_that_fails_in_its_block_is_named() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let mut turn = wallet.turn().await;
    let signed = turn
        .sign(&chain.rpc, &messages(&["a"]), 50)
        .await
        .unwrap()
        .unwrap();
    drop(turn);
    // It is good when simulated, and no longer when executed: so it is signed by hand.
    let key = crate::sign::Key::new(&[1; 32], "cosmos").unwrap();
    let poison = messages(&["a", core::str::from_utf8(POISON).unwrap()]);
    let draft = crate::sign::Draft {
        chain_id: crate::fake_node::CHAIN_ID,
        account_number: 10,
        sequence: signed.flight.sequence,
        messages: &poison,
        timeout_height: 60,
        gas_limit: 500_000,
        fee: None,
    };
    let bytes = draft.sign(&key).unwrap();
    chain.rpc.broadcast(&bytes.bytes).await.unwrap().unwrap();
    chain.state().commit();
    let flight = Flight {
        hash: bytes.hash,
        ..signed.flight
    };
    let Fate::Landed(landed) = find(&wallet, &chain, &flight).await else {
        panic!("it landed")
    };
    assert!(matches!(landed.failure, Some(Failure::Message { index: 1, .. })));
}

#[tokio::test]
async fn a_node_that_contradicts_itself_is_not_believed() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let flight = send(&wallet, &chain, "a").await;
    for _ in 0..10 {
        chain.state().commit();
    }
    let address = wallet.addresses().next().unwrap();
    // It says that the account sent nothing, but shows the transaction.
    chain.state().mood.account = Some(100);
    assert!(wallet.find(&chain.rpc, address, &flight).await.is_err());
    // In a block after its timeout.
    chain.state().mood.account = None;
    let short = Flight {
        timeout_height: 50,
        ..flight
    };
    assert!(wallet.find(&chain.rpc, address, &short).await.is_err());
}

#[tokio::test]
async fn a_node_that_no_longer_has_the_blocks_cannot_tell() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let flight = send(&wallet, &chain, "a").await;
    chain.state().commit();
    chain.state().mood.without_index = true;
    chain.state().mood.lowest = 60;
    let address = wallet.addresses().next().unwrap();
    let found = wallet.find(&chain.rpc, address, &flight).await.unwrap();
    let lowest = Some(60);
    assert!(
        matches!(&found, Err(Trouble::Node(Refusal::Pruned { lowest: says, .. })) if *says == lowest),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_key_that_is_no_longer_ours_is_still_looked_up() {
    let (old, new) = (wallet(rules(), 1), wallet(rules(), 2));
    let chain = chain(&old).await;
    let flight = send(&old, &chain, "a").await;
    chain.state().commit();
    let address = old.addresses().next().unwrap();
    let others = Wallet::new(rules(), vec![crate::sign::Key::new(&[9; 32], "cosmos").unwrap()]).unwrap();
    for wallet in [&new, &others] {
        let fate = wallet.find(&chain.rpc, address, &flight).await.unwrap().unwrap();
        assert!(matches!(fate, Fate::Landed(_)));
    }
}
