//! The relayer's wallet sends to the chain, and is refused as the SDK refuses.

use chain_cosmos::{Death, Failure, Fate, Pay, Trouble, Wallet};

use super::net::{Net, RICH, config, key, payment, rules};
use crate::{ChainConfig, Faults};

/// Somebody who has no account yet.
const NEWCOMER: u8 = 9;

#[tokio::test]
async fn coins_move_and_an_account_begins_with_them() {
    let net = Net::new("pay-1").await;
    let (from, to) = (net.address(), key(NEWCOMER));
    let landed = net.send(&[payment(&from, to.address(), "stake", 25)]).await;
    assert!(landed.gas_used > 0 && landed.gas_used <= landed.gas_wanted);
    assert_eq!(net.balance(to.address(), "stake").await, 25);
    assert_eq!(net.balance(&from, "stake").await, RICH - 25);
    // The newcomer can send now, and its first transaction brings its key.
    let newcomer = Wallet::new(rules("pay-1"), vec![key(NEWCOMER)]).unwrap();
    let other = Net {
        wallet: newcomer,
        rpc: super::net::rpc(&net.chain),
        chain: net.chain,
    };
    other.send(&[payment(to.address(), &from, "stake", 20)]).await;
    other.send(&[payment(to.address(), &from, "stake", 5)]).await;
    assert_eq!(other.balance(to.address(), "stake").await, 0);
}

#[tokio::test]
async fn many_transactions_of_one_account_share_a_block() {
    let net = Net::new("pay-1").await;
    let from = net.address();
    let mut flights = Vec::new();
    for amount in 1..=5 {
        let flight = net
            .hand_over(&[payment(&from, key(2).address(), "coin1", amount)])
            .await;
        flights.push(flight.unwrap());
    }
    net.chain.advance(1);
    for flight in &flights {
        assert!(matches!(net.fate(flight).await, Fate::Landed(landed) if landed.failure.is_none()));
    }
    assert_eq!(net.balance(key(2).address(), "coin1").await, 15);
    let hashes = net.rpc.block_hashes(net.chain.height()).await.unwrap().unwrap();
    assert_eq!(
        hashes,
        flights.iter().map(|flight| flight.hash).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_message_that_fails_is_named_before_and_after() {
    let net = Net::new("pay-1").await;
    let from = net.address();
    let good = payment(&from, key(2).address(), "coin1", 400);
    let bad = payment(&from, key(2).address(), "coin1", 501);
    let trouble = net.hand_over(&[good.clone(), bad]).await.unwrap_err();
    let Trouble::WouldFail { message, said } = trouble else {
        panic!("{trouble:?}")
    };
    assert_eq!(message, Some(1));
    assert!(
        said.log
            .contains("spendable balance 100coin1 is smaller than 501coin1: insufficient funds")
    );
    // Two that are fine alone: the second fails in the block, pays, and changes nothing.
    let first = net.hand_over(std::slice::from_ref(&good)).await.unwrap();
    let second = net.hand_over(&[good]).await.unwrap();
    net.chain.advance(1);
    assert!(matches!(net.fate(&first).await, Fate::Landed(landed) if landed.failure.is_none()));
    let Fate::Landed(landed) = net.fate(&second).await else {
        panic!("it is in the block")
    };
    assert!(matches!(landed.failure, Some(Failure::Message { index: 0, said }) if said.code == 5));
    assert_eq!(net.balance(key(2).address(), "coin1").await, 400);
    net.send(&[payment(&from, key(2).address(), "coin1", 100)]).await;
}

#[tokio::test]
async fn a_wrong_sequence_is_healed_by_what_the_node_says() {
    let net = Net::new("pay-1").await;
    let from = net.address();
    // Another process uses the account.
    let other = Wallet::new(rules("pay-1"), vec![key(1)]).unwrap();
    net.send(&[payment(&from, &from, "stake", 1)]).await;
    let mut turn = other.turn().await;
    let sent = turn
        .send(
            &net.rpc,
            &[payment(&from, &from, "stake", 2)],
            net.chain.height(),
            |_| {},
        )
        .await;
    sent.unwrap().unwrap();
    net.chain.advance(1);
    // Ours still counts from before.
    net.send(&[payment(&from, &from, "stake", 3)]).await;
}

#[tokio::test]
async fn fees_are_asked_for_and_paid() {
    let net = Net::with(ChainConfig {
        gas_price_micro: 2_000,
        ..config("fee-1")
    })
    .await;
    let from = net.address();
    let message = [payment(&from, key(2).address(), "coin1", 1)];
    let trouble = net.hand_over(&message).await.unwrap_err();
    assert!(
        matches!(&trouble, Trouble::FeeTooLow { wanted, .. } if wanted.ends_with("stake")),
        "{trouble:?}"
    );
    let pay = Pay::Fixed {
        denom: "stake".into(),
        price: "0.002".parse().unwrap(),
    };
    let rules = chain_cosmos::Rules {
        pay,
        ..rules("fee-1")
    };
    let payer = Net {
        wallet: Wallet::new(rules, vec![key(1)]).unwrap(),
        ..net
    };
    let landed = payer.send(&message).await;
    let fee = u128::from(landed.gas_wanted) * 2 / 1_000 + u128::from(!landed.gas_wanted.is_multiple_of(500));
    assert_eq!(payer.balance(&from, "stake").await, RICH - fee);
    // Who cannot pay is told both amounts.
    let poor = Wallet::new(
        chain_cosmos::Rules {
            pay: Pay::Fixed {
                denom: "coin1".into(),
                price: "1000000".parse().unwrap(),
            },
            ..super::net::rules("fee-1")
        },
        vec![key(1)],
    );
    let poor = Net {
        wallet: poor.unwrap(),
        ..payer
    };
    let trouble = poor.hand_over(&message).await.unwrap_err();
    assert!(
        matches!(trouble, Trouble::FeeTooLow { .. } | Trouble::Funds { .. }),
        "{trouble:?}"
    );
}

#[tokio::test]
async fn too_little_gas_is_noticed_in_the_block() {
    let net = Net::new("gas-1").await;
    let from = net.address();
    let tight = chain_cosmos::Rules {
        gas_margin_percent: 0,
        simulate_every: 16,
        ..rules("gas-1")
    };
    let net = Net {
        wallet: Wallet::new(tight, vec![key(1)]).unwrap(),
        ..net
    };
    // Both are simulated before either is executed: when the second runs, there are coins to read, and one digit more to write.
    let message = [payment(&from, key(2).address(), "coin1", 5)];
    let first = net.hand_over(&message).await.unwrap();
    let second = net.hand_over(&message).await.unwrap();
    net.chain.advance(1);
    assert!(matches!(net.fate(&first).await, Fate::Landed(landed) if landed.failure.is_none()));
    let fate = net.fate(&second).await;
    assert!(
        matches!(&fate, Fate::Landed(landed) if landed.failure == Some(Failure::OutOfGas)),
        "{fate:?}"
    );
    assert_eq!(net.balance(key(2).address(), "coin1").await, 5);
}

#[tokio::test]
async fn what_a_restart_loses_is_dead_after_its_timeout() {
    let net = Net::new("lost-1").await;
    let from = net.address();
    let flight = net.hand_over(&[payment(&from, &from, "stake", 1)]).await.unwrap();
    net.chain.restart();
    net.chain.advance(3);
    assert!(matches!(net.fate(&flight).await, Fate::Waiting { .. }));
    net.chain.advance(flight.timeout_height - net.chain.height());
    net.chain.advance(1);
    let fate = net.fate(&flight).await;
    assert!(
        matches!(
            fate,
            Fate::Dead {
                why: Death::Expired,
                ..
            }
        ),
        "{fate:?}"
    );
    net.send(&[payment(&from, &from, "stake", 1)]).await;
}

#[tokio::test]
async fn a_transaction_is_void_after_its_timeout_height() {
    let net = Net::new("late-1").await;
    let from = net.address();
    let mut turn = net.wallet.turn().await;
    let signed = turn
        .sign(&net.rpc, &[payment(&from, &from, "stake", 1)], net.chain.height())
        .await;
    let signed = signed.unwrap().unwrap();
    net.chain.advance(rules("late-1").timeout_blocks + 1);
    let answer = net.rpc.broadcast(&signed.bytes).await.unwrap().unwrap();
    assert_eq!((answer.code, answer.codespace.as_str()), (30, "sdk"));
    assert_eq!(
        answer.log,
        "block height: 13, timeout height: 12: tx timeout height"
    );
}

#[tokio::test]
async fn signatures_are_judged() {
    let net = Net::new("sign-1").await;
    let from = net.address();
    let mut turn = net.wallet.turn().await;
    let signed = turn
        .sign(&net.rpc, &[payment(&from, &from, "stake", 1)], net.chain.height())
        .await;
    let mut bytes = signed.unwrap().unwrap().bytes;
    *bytes.last_mut().unwrap() ^= 1;
    let answer = net.rpc.broadcast(&bytes).await.unwrap().unwrap();
    assert_eq!((answer.code, answer.codespace.as_str()), (4, "sdk"));
    assert!(
        answer
            .log
            .contains("please verify account number (0), sequence (0) and chain-id (sign-1)")
    );
    // Signed for another chain of the same accounts.
    let foreign = Wallet::new(rules("other-1"), vec![key(1)]).unwrap();
    let mut turn = foreign.turn().await;
    let sent = turn
        .sign(&net.rpc, &[payment(&from, &from, "stake", 1)], net.chain.height())
        .await;
    let answer = net
        .rpc
        .broadcast(&sent.unwrap().unwrap().bytes)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.code, 4);
}

#[tokio::test]
async fn a_node_may_forget_or_be_full() {
    let net = Net::new("full-1").await;
    let from = net.address();
    let message = [payment(&from, &from, "stake", 1)];
    net.chain.set_faults(Faults {
        full: true,
        ..Faults::default()
    });
    let trouble = net.hand_over(&message).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Full(_)), "{trouble:?}");
    net.chain.set_faults(Faults {
        drop_transactions: true,
        ..Faults::default()
    });
    let flight = net.hand_over(&message).await.unwrap();
    net.chain.advance(1);
    assert!(matches!(net.fate(&flight).await, Fate::Waiting { .. }));
}
