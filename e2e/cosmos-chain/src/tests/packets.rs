//! Transfers between two chains, relayed by hand.

use super::net::{RICH, STAKE, key};
use super::relay::{EAST, Pair, WEST, acknowledgement, packet};
use crate::app::address;
use crate::transfer::escrow;
use sha2::{Digest, Sha256};

fn voucher(client: &str, base: &str) -> String {
    format!(
        "ibc/{}",
        hex::encode_upper(Sha256::digest(format!("transfer/{client}/{base}")))
    )
}

#[tokio::test]
async fn tokens_go_out_and_come_home_in_every_encoding() {
    for encoding in ["", "application/x-protobuf", "application/x-solidity-abi"] {
        let pair = Pair::new().await;
        let there = key(2);
        let out = pair.transfer(EAST, STAKE, 700, pair.after_now(EAST, 3_600), encoding);
        let sent = pair.send_transfer(EAST, &out).await;
        let shown = packet(&sent, "send_packet");
        assert_eq!(
            (shown.sequence, shown.destination_client.as_str()),
            (1, pair.clients[WEST].as_str())
        );
        let held = address::text("cosmos", &escrow("transfer", &pair.clients[EAST]));
        assert_eq!(pair.ends[EAST].balance(&held, STAKE).await, 700);
        assert_eq!(pair.ends[EAST].balance(&out.sender, STAKE).await, RICH - 700);
        let (received, _) = pair.carry(EAST, &shown).await;
        assert_eq!(
            acknowledgement(&received).app_acknowledgements,
            [br#"{"result":"AQ=="}"#.to_vec()]
        );
        let voucher = voucher(&pair.clients[WEST], STAKE);
        assert_eq!(pair.ends[WEST].balance(there.address(), &voucher).await, 700);

        // Home again: the voucher is burned there, and what was held is paid here.
        let mut home = pair.transfer(WEST, &voucher, 300, pair.after_now(WEST, 3_600), encoding);
        home.sender = pair.ends[WEST].address();
        let refused = pair.ends[WEST]
            .refused(&[super::net::any(
                "/ibc.applications.transfer.v1.MsgTransfer",
                &home,
            )])
            .await;
        assert!(refused.1.contains("spendable balance 0ibc/"), "{refused:?}");
        let gift = super::net::payment(there.address(), &home.sender, &voucher, 300);
        let giver = chain_cosmos::Wallet::new(super::net::rules("west-2"), vec![there]).unwrap();
        let mut turn = giver.turn().await;
        let given = turn
            .send(
                &pair.ends[WEST].rpc,
                &[gift],
                pair.ends[WEST].chain.height(),
                |_| {},
            )
            .await;
        given.unwrap().unwrap();
        pair.advance(1);
        let sent = pair.send_transfer(WEST, &home).await;
        pair.carry(WEST, &packet(&sent, "send_packet")).await;
        assert_eq!(pair.ends[WEST].balance(&home.sender, &voucher).await, 0);
        assert_eq!(pair.ends[EAST].balance(&held, STAKE).await, 400);
        assert_eq!(pair.ends[EAST].balance(key(2).address(), STAKE).await, RICH + 300);
    }
}

#[tokio::test]
async fn what_cannot_be_paid_comes_back_with_the_error() {
    let pair = Pair::new().await;
    let mut out = pair.transfer(EAST, STAKE, 700, pair.after_now(EAST, 3_600), "");
    out.receiver = "0x0000000000000000000000000000000000000001".into();
    let sent = pair.send_transfer(EAST, &out).await;
    let (received, _) = pair.carry(EAST, &packet(&sent, "send_packet")).await;
    let error = crate::ibc::commitment::error_acknowledgement();
    assert_eq!(acknowledgement(&received).app_acknowledgements, [error]);
    assert_eq!(pair.ends[EAST].balance(&out.sender, STAKE).await, RICH);
    // What the application told is marked as undone.
    let kinds: Vec<&str> = received.events.iter().map(|event| event.kind.as_str()).collect();
    assert!(
        kinds.contains(&"ibccallbackerror-fungible_token_packet"),
        "{kinds:?}"
    );
    assert!(!kinds.contains(&"fungible_token_packet"));
}

#[tokio::test]
async fn what_is_late_comes_back_by_a_proof_of_absence() {
    let pair = Pair::new().await;
    let out = pair.transfer(EAST, STAKE, 700, pair.after_now(EAST, 20), "");
    let sent = pair.send_transfer(EAST, &out).await;
    let shown = packet(&sent, "send_packet");
    // Too early for a timeout, then too late for a receive.
    pair.advance(1);
    let early = pair.time_out(EAST, &shown).await;
    let (_, log) = pair.ends[EAST].refused(&early).await;
    assert!(log.contains("timeout not reached"), "{log}");
    pair.advance(4);
    let late = pair.receive(WEST, &shown).await;
    let (_, log) = pair.ends[WEST].refused(&late).await;
    assert!(log.contains("timeout elapsed"), "{log}");
    let expired = pair.time_out(EAST, &shown).await;
    pair.send(EAST, &expired).await;
    assert_eq!(pair.ends[EAST].balance(&out.sender, STAKE).await, RICH);
    // A second time there is nothing to pay back.
    pair.advance(1);
    let again = pair.time_out(EAST, &shown).await;
    let (_, log) = match pair.ends[EAST].hand_over(&again).await {
        Err(chain_cosmos::Trouble::Refused(said)) => (said.code, said.log),
        other => panic!("{other:?}"),
    };
    assert_eq!(log, "packet messages are redundant");
    assert_eq!(pair.ends[EAST].balance(&out.sender, STAKE).await, RICH);
}

#[tokio::test]
async fn a_second_relayer_changes_nothing() {
    let pair = Pair::new().await;
    let out = pair.transfer(EAST, STAKE, 700, pair.after_now(EAST, 3_600), "");
    let sent = pair.send_transfer(EAST, &out).await;
    let shown = packet(&sent, "send_packet");
    let voucher = voucher(&pair.clients[WEST], STAKE);
    pair.carry(EAST, &shown).await;
    pair.advance(1);
    // With something else in the transaction it is let in, and does nothing.
    let own = pair.ends[WEST].address();
    let [update, receive] = pair.receive(WEST, &shown).await;
    let more = super::net::payment(&own, &own, STAKE, 1);
    let landed = pair.send(WEST, &[update, receive, more]).await;
    assert!(landed.events.iter().all(|event| event.kind != "recv_packet"));
    assert_eq!(pair.ends[WEST].balance(key(2).address(), &voucher).await, 700);
}
