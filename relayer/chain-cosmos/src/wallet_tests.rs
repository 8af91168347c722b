//! Whose turn it is.

use super::{BadWallet, Turn, Wallet};
use crate::send::Flight;
use crate::send::tests::{rules, wallet};
use crate::sign::Key;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Lets as many transactions fly as may. They are void after block 60.
fn fill(mut turn: Turn<'_>) -> String {
    for sequence in 0..4 {
        turn.book.flew(Flight {
            hash: [sequence as u8; 32],
            sequence,
            signed_at: 50,
            timeout_height: 60,
        });
    }
    turn.address().to_owned()
}

#[tokio::test]
async fn an_account_that_is_full_is_passed_over_for_one_that_is_in_use() {
    let wallet = wallet(rules(), 2);
    let full = fill(wallet.turn().await);
    let other = wallet.turn().await;
    assert_ne!(other.address(), full);
    for _ in 0..2 {
        let mut next = pin!(wallet.turn());
        let mut context = Context::from_waker(Waker::noop());
        assert!(next.as_mut().poll(&mut context).is_pending(), "it waits");
        let noted = wallet.turn_of(&full);
        assert!(
            pin!(noted).poll(&mut context).is_ready(),
            "and does not hold the full one meanwhile"
        );
    }
    let waiting = wallet.turn();
    let address = other.address().to_owned();
    let freed = async { drop(other) };
    let (next, ()) = tokio::join!(waiting, freed);
    assert_eq!(next.address(), address);
}

#[tokio::test]
async fn where_all_are_full_nobody_waits_and_what_is_past_makes_room() {
    let wallet = wallet(rules(), 2);
    let both = [fill(wallet.turn().await), fill(wallet.turn().await)];
    assert_ne!(both[0], both[1]);
    assert_eq!(wallet.turn_at(60).await.book.flying(), 4);
    assert_eq!(wallet.turn_at(61).await.book.flying(), 0);
    // One that was in use and turns out to be full is none to wait for either.
    let held = wallet.turn().await;
    fill(wallet.turn().await);
    let mut next = pin!(wallet.turn());
    let mut context = Context::from_waker(Waker::noop());
    assert!(next.as_mut().poll(&mut context).is_pending());
    fill(held);
    assert!(matches!(next.as_mut().poll(&mut context), Poll::Ready(_)));
}

#[test]
fn a_wallet_has_each_account_once() {
    let key = |index: u8| Key::new(&[index; 32], "cosmos").unwrap();
    assert!(matches!(Wallet::new(rules(), Vec::new()), Err(BadWallet::Empty)));
    let twice = Wallet::new(rules(), vec![key(1), key(2), key(1)]);
    assert!(matches!(twice, Err(BadWallet::Twice { address }) if address == key(1).address()));
}
