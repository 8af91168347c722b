//! Sending to a node that behaves, and to nodes that do not.

use super::{Handed, Signed};
use crate::fake_node::{CHAIN_ID, Chain, DENOM, GAS_BASE, GAS_MESSAGE, POISON};
use crate::price::Price;
use crate::refusal::Refusal;
use crate::rules::{Pay, Rules};
use crate::sign::Key;
use crate::trouble::Trouble;
use crate::wallet::Wallet;
use chain::{Blame, Retry};
use cosmrs::Any;

pub(crate) fn rules() -> Rules {
    Rules {
        chain_id: CHAIN_ID.into(),
        pay: Pay::Fixed {
            denom: DENOM.into(),
            price: "0.5".parse().unwrap(),
        },
        gas_margin_percent: 20,
        simulate_every: 16,
        gas_max: 1_000_000,
        messages_max: 30,
        bytes_max: 100_000,
        timeout_blocks: 10,
        flying_max: 4,
    }
}

pub(crate) fn wallet(rules: Rules, count: u8) -> Wallet {
    let keys = (1..=count).map(|index| Key::new(&[index; 32], "cosmos").unwrap());
    Wallet::new(rules, keys.collect()).unwrap()
}

pub(crate) fn messages(names: &[&str]) -> Vec<Any> {
    let message = |name: &&str| Any {
        type_url: "/test.Message".into(),
        value: name.as_bytes().to_vec(),
    };
    names.iter().map(message).collect()
}

pub(crate) async fn chain(wallet: &Wallet) -> Chain {
    Chain::new(wallet.addresses()).await
}

pub(crate) async fn send(wallet: &Wallet, chain: &Chain, names: &[&str]) -> Result<Signed, Trouble> {
    let mut turn = wallet.turn().await;
    let now = chain.state().height;
    let sent = turn
        .send(&chain.rpc, &messages(names), now, |_| {})
        .await
        .unwrap();
    sent.map(|(signed, unclear)| {
        assert!(unclear.is_none(), "{unclear:?}");
        signed
    })
}

#[tokio::test]
async fn what_is_sent_is_executed_in_order_and_paid_for() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let first = send(&wallet, &chain, &["a", "b"]).await.unwrap();
    let second = send(&wallet, &chain, &["c"]).await.unwrap();
    assert_eq!(
        (first.count, first.flight.sequence, second.flight.sequence),
        (2, 100, 101)
    );
    let gas = (GAS_BASE + 2 * GAS_MESSAGE) * 12 / 10;
    assert_eq!((first.gas, first.fee), (gas, u128::from(gas / 2)));
    assert_eq!((first.flight.signed_at, first.flight.timeout_height), (50, 60));
    chain.state().commit();
    assert_eq!(chain.state().executed, [b"a", b"b", b"c"]);
}

#[tokio::test]
async fn accounts_send_in_parallel_and_take_turns() {
    let wallet = wallet(rules(), 3);
    let chain = chain(&wallet).await;
    let turns = [wallet.turn().await, wallet.turn().await, wallet.turn().await];
    let mut addresses: Vec<String> = turns.iter().map(|turn| turn.address().to_owned()).collect();
    drop(turns);
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 3, "a busy account is passed over");
    let names: Vec<String> = (0..9).map(|index| format!("m{index}")).collect();
    for name in &names {
        send(&wallet, &chain, &[name]).await.unwrap();
    }
    chain.state().commit();
    let sequences: Vec<u64> = chain
        .state()
        .accounts
        .values()
        .map(|(_, sequence)| sequence % 10)
        .collect();
    assert_eq!(sequences, [3, 3, 3], "each has as many under way as the others");
    assert_eq!(chain.state().executed.len(), 9);
}

#[tokio::test]
async fn a_hand_over_without_an_answer_counts_as_under_way() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.mute = true;
    let mut turn = wallet.turn().await;
    let mut kept = Vec::new();
    let sent = turn
        .send(&chain.rpc, &messages(&["a"]), 50, |signed| {
            kept.push(signed.flight)
        })
        .await;
    let (signed, unclear) = sent.unwrap().unwrap();
    assert!(unclear.is_some());
    assert_eq!(
        kept,
        [signed.flight],
        "kept before a node sees it, and not signed twice"
    );
    chain.state().mood.mute = false;
    // The next one goes behind it, since it was taken after all.
    let next = turn
        .sign(&chain.rpc, &messages(&["b"]), 50)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(next.flight.sequence, 101);
    // Shown again, the node has it already.
    assert!(matches!(turn.hand_over(&chain.rpc, &signed).await, Handed::Taken));
}

#[tokio::test]
async fn a_full_mempool_takes_no_sequence() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.full = true;
    let trouble = send(&wallet, &chain, &["a"]).await.unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Full(text) if text.contains("max: 1")),
        "{trouble}"
    );
    assert_eq!(trouble.retry(), Retry::NextHead);
    chain.state().mood.full = false;
    assert_eq!(send(&wallet, &chain, &["a"]).await.unwrap().flight.sequence, 100);
}

#[tokio::test]
async fn a_transaction_that_the_node_finds_too_large_takes_no_sequence() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.bytes_max = Some(100);
    let trouble = send(&wallet, &chain, &["a"]).await.unwrap_err();
    assert!(
        matches!(&trouble, Trouble::TooLarge { bytes, text } if *bytes > 100 && text.contains("100")),
        "{trouble}"
    );
    assert_eq!(trouble.retry(), Retry::Never);
    chain.state().mood.bytes_max = None;
    assert_eq!(send(&wallet, &chain, &["a"]).await.unwrap().flight.sequence, 100);
}

#[tokio::test]
async fn a_fee_that_is_too_low_is_named_with_the_wanted_one() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().fee_min = 1_000_000;
    let trouble = send(&wallet, &chain, &["a"]).await.unwrap_err();
    let (offered, wanted) = ("36000stake".to_owned(), "1000000stake".to_owned());
    assert_eq!(trouble, Trouble::FeeTooLow { offered, wanted });
    assert_eq!(trouble.blame(), Blame::Operator);
    chain.state().fee_min = 0;
    assert_eq!(send(&wallet, &chain, &["a"]).await.unwrap().flight.sequence, 100);
}

#[tokio::test]
async fn messages_that_do_not_fit_are_left_for_the_next_transaction() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut few = rules();
    few.messages_max = 4;
    let by_count = wallet(few, 1);
    let node = chain(&by_count).await;
    assert_eq!(send(&by_count, &node, &names).await.unwrap().count, 4);

    let mut little = rules();
    little.gas_max = (GAS_BASE + 3 * GAS_MESSAGE) * 12 / 10;
    let by_gas = wallet(little, 1);
    let node = chain(&by_gas).await;
    let sent = send(&by_gas, &node, &names).await.unwrap();
    assert!(
        (1..=3).contains(&sent.count) && sent.gas <= by_gas.rules.gas_max,
        "{sent:?}"
    );

    let mut small = rules();
    small.bytes_max = 600;
    let by_bytes = wallet(small, 1);
    let node = chain(&by_bytes).await;
    let sent = send(&by_bytes, &node, &names).await.unwrap();
    assert!(sent.count == 1 && sent.bytes.len() <= 600, "{sent:?}");
    let large = Any {
        type_url: "/test.Message".into(),
        value: vec![7; 1_000],
    };
    let mut turn = by_bytes.turn().await;
    let trouble = turn.sign(&node.rpc, &[large], 50).await.unwrap().unwrap_err();
    assert!(matches!(trouble, Trouble::Size { max: 600, .. }), "{trouble}");
    assert_eq!(
        turn.sign(&node.rpc, &[], 50).await.unwrap().unwrap_err(),
        Trouble::Empty
    );
}

#[tokio::test]
async fn a_node_that_lies_about_gas_costs_no_more_than_the_limit() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    chain.state().mood.gas = Some(u64::MAX);
    let trouble = send(&wallet, &chain, &["a", "b"]).await.unwrap_err();
    assert_eq!(
        trouble,
        Trouble::Gas {
            needed: u64::MAX,
            max: 1_000_000
        }
    );
    chain.state().mood.gas = Some(999_999);
    let sent = send(&wallet, &chain, &["a"]).await.unwrap();
    assert_eq!(
        (sent.gas, sent.fee),
        (1_000_000, 500_000),
        "the margin ends at the limit"
    );
}

#[tokio::test]
async fn a_message_that_would_fail_is_named_and_costs_nothing() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let poison = core::str::from_utf8(POISON).unwrap();
    let trouble = send(&wallet, &chain, &["a", poison, "b"]).await.unwrap_err();
    assert!(
        matches!(&trouble, Trouble::WouldFail { message: Some(1), .. }),
        "{trouble}"
    );
    assert_eq!(chain.state().handed, 0);
}

#[tokio::test]
async fn the_price_of_the_chain_is_paid_up_to_a_limit() {
    let mut market = rules();
    market.pay = Pay::Market {
        denom: DENOM.into(),
        margin_percent: 10,
        max: Price(3_000_000_000_000_000_000),
    };
    let wallet = wallet(market, 1);
    let chain = chain(&wallet).await;
    let none = send(&wallet, &chain, &["a"]).await.unwrap_err();
    assert!(matches!(none, Trouble::Node(Refusal::Application(_))), "{none}");
    chain.state().market = Some("2000000000000000000".into());
    let sent = send(&wallet, &chain, &["a"]).await.unwrap();
    assert_eq!(sent.fee, u128::from(sent.gas) * 22 / 10);
    chain.state().market = Some("2800000000000000000".into());
    let dear = send(&wallet, &chain, &["a"]).await.unwrap_err();
    assert!(matches!(dear, Trouble::PriceTooHigh { .. }), "{dear}");
    for garbled in [
        "",
        "-1",
        "2.5",
        "+2",
        "999999999999999999999999999999999999999999",
    ] {
        chain.state().market = Some(garbled.into());
        let mut turn = wallet.turn().await;
        assert!(
            turn.sign(&chain.rpc, &messages(&["a"]), 50).await.is_err(),
            "{garbled}"
        );
    }
}

#[tokio::test]
async fn only_so_many_are_under_way() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    for name in ["a", "b", "c", "d"] {
        send(&wallet, &chain, &[name]).await.unwrap();
    }
    let trouble = send(&wallet, &chain, &["e"]).await.unwrap_err();
    assert!(
        matches!(trouble, Trouble::Crowded { count: 4, max: 4, .. }),
        "{trouble}"
    );
}

#[tokio::test]
async fn places_of_transactions_that_nobody_asked_for_again_are_free_after_their_timeout() {
    for is_lost in [true, false] {
        let wallet = wallet(rules(), 1);
        let chain = chain(&wallet).await;
        chain.state().mood.loses = is_lost;
        for name in ["a", "b", "c", "d"] {
            send(&wallet, &chain, &[name]).await.unwrap();
        }
        chain.state().mood.loses = false;
        for _ in 50..60 {
            chain.state().commit();
            let trouble = send(&wallet, &chain, &["e"]).await.unwrap_err();
            assert!(matches!(trouble, Trouble::Crowded { .. }), "{trouble}");
        }
        chain.state().commit();
        let fifth = send(&wallet, &chain, &["e"]).await.unwrap();
        chain.state().commit();
        let executed = chain.state().executed.len();
        let expected = if is_lost { (100, 1) } else { (104, 5) };
        assert_eq!((fifth.flight.sequence, executed), expected);
    }
}

#[tokio::test]
async fn a_stranger_and_a_late_transaction_are_told() {
    let one = wallet(rules(), 1);
    let empty = Chain::new(core::iter::empty()).await;
    let trouble = send(&one, &empty, &["a"]).await.unwrap_err();
    assert!(matches!(trouble, Trouble::NoAccount { .. }), "{trouble}");
    let chain = chain(&one).await;
    let mut turn = one.turn().await;
    let trouble = turn
        .sign(&chain.rpc, &messages(&["a"]), 5)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        trouble,
        Trouble::Late {
            height: 51,
            timeout: 15
        }
    );
}
