//! Sequences that the node and we do not share: healed without a restart, and not for ever.

use super::TRIES_MAX;
use crate::send::Handed;
use crate::send::tests::{chain, messages, rules, send, wallet};
use crate::trouble::Trouble;
use chain::{Blame, Retry};

#[tokio::test]
async fn a_sequence_that_others_moved_is_healed_in_the_simulation() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let address = wallet.addresses().next().unwrap().to_owned();
    send(&wallet, &chain, &["a"]).await.unwrap();
    chain.state().commit();
    // Another process with the same key.
    chain.state().accounts.get_mut(&address).unwrap().1 += 7;
    let healed = send(&wallet, &chain, &["b"]).await.unwrap();
    assert_eq!(healed.flight.sequence, 108);
    // The mempool loses it: the sequence goes back.
    chain.state().drop_pending();
    let again = send(&wallet, &chain, &["b"]).await.unwrap();
    assert_eq!(again.flight.sequence, 108);
    assert_eq!(chain.state().handed, 3, "none was handed over in vain");
}

#[tokio::test]
async fn a_sequence_that_moves_after_the_simulation_is_healed_at_the_hand_over() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let address = wallet.addresses().next().unwrap().to_owned();
    let mut turn = wallet.turn().await;
    let signed = turn
        .sign(&chain.rpc, &messages(&["a"]), 50)
        .await
        .unwrap()
        .unwrap();
    chain.state().accounts.get_mut(&address).unwrap().1 += 5;
    assert!(matches!(turn.hand_over(&chain.rpc, &signed).await, Handed::Stale(said) if said.code == 32));
    let healed = turn
        .sign(&chain.rpc, &messages(&["a"]), 50)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(healed.flight.sequence, 105);
    assert!(matches!(turn.hand_over(&chain.rpc, &healed).await, Handed::Taken));
}

#[tokio::test]
async fn an_account_number_that_changed_is_asked_for_again() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let address = wallet.addresses().next().unwrap().to_owned();
    send(&wallet, &chain, &["a"]).await.unwrap();
    chain.state().commit();
    // The chain was restarted from an exported genesis.
    chain.state().accounts.get_mut(&address).unwrap().0 = 77;
    send(&wallet, &chain, &["b"]).await.unwrap();
    chain.state().commit();
    assert_eq!(chain.state().executed, [b"a", b"b"]);
}

#[tokio::test]
async fn a_node_that_lies_about_sequences_is_given_up() {
    let lies: [fn(u64) -> u64; 3] = [|got| got + 1, |got| got.saturating_sub(1), |_| u64::MAX];
    for lie in lies {
        let wallet = wallet(rules(), 1);
        let chain = chain(&wallet).await;
        chain.state().mood.expects = Some(lie);
        let trouble = send(&wallet, &chain, &["a"]).await.unwrap_err();
        assert!(
            matches!(trouble, Trouble::Sequence { tries: TRIES_MAX, .. }),
            "{trouble}"
        );
        assert_eq!(chain.state().handed, 0);
        // Told the truth, it works again.
        chain.state().mood.expects = None;
        send(&wallet, &chain, &["a"]).await.unwrap();
    }
}

#[tokio::test]
async fn a_node_that_lags_is_not_followed() {
    let wallet = wallet(rules(), 1);
    let chain = chain(&wallet).await;
    let address = wallet.addresses().next().unwrap().to_owned();
    let sent = send(&wallet, &chain, &["a"]).await.unwrap();
    chain.state().commit();
    wallet
        .find(&chain.rpc, &address, &sent.flight)
        .await
        .unwrap()
        .unwrap();
    chain.state().accounts.get_mut(&address).unwrap().1 = 100;
    let trouble = send(&wallet, &chain, &["b"]).await.unwrap_err();
    assert_eq!(trouble, Trouble::Behind { used: 100, said: 100 });
    assert_eq!((trouble.blame(), trouble.retry()), (Blame::Peer, Retry::NextHead));
}
