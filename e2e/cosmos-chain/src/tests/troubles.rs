//! What chains and nodes do wrong, as switches.

use chain_cosmos::Refusal;
use devnet::Clock;

use super::net::{Net, config};
use crate::{ChainConfig, Faults, Lie};

#[tokio::test]
async fn a_halted_chain_goes_on_later_and_time_has_passed() {
    let net = Net::new("halt-1").await;
    net.chain.set_faults(Faults {
        halted: true,
        ..Faults::default()
    });
    net.chain.advance(10);
    assert_eq!(net.chain.height(), 2);
    net.chain.set_faults(Faults::default());
    net.chain.advance(1);
    let seconds = |height| net.chain.block(height).unwrap().header.time.unwrap().seconds;
    assert_eq!((net.chain.height(), seconds(3) - seconds(2)), (3, 11 * 6));
}

#[tokio::test]
async fn two_thirds_alone_do_not_agree() {
    let net = Net::new("quorum-1").await;
    // Powers 40, 30, 20, 10.
    for (absent, height) in [(vec![1, 3], 2), (vec![1], 3), (vec![0], 3), (vec![2, 3], 4)] {
        net.chain.set_faults(Faults {
            absent: absent.iter().copied().collect(),
            ..Faults::default()
        });
        net.chain.advance(1);
        assert_eq!(net.chain.height(), height, "{absent:?}");
    }
}

#[tokio::test]
async fn pruned_heights_are_refused_and_said() {
    let net = Net::new("prune-1").await;
    net.chain.set_faults(Faults {
        keep_blocks: Some(4),
        ..Faults::default()
    });
    net.chain.advance(10);
    let status = net.rpc.status().await.unwrap();
    assert_eq!((status.earliest, status.latest), (9, 12));
    let refusal = net.rpc.commit(8).await.unwrap().unwrap_err();
    assert!(
        matches!(refusal, Refusal::Pruned { lowest: Some(9), .. }),
        "{refusal:?}"
    );
    let refusal = net.rpc.block_results(3).await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::Pruned { .. }));
    for height in [8, 13] {
        let refusal = net
            .rpc
            .prove("ibc", b"nextClientSequence", height)
            .await
            .unwrap()
            .unwrap_err();
        assert!(matches!(refusal, Refusal::Pruned { .. }), "{refusal:?}");
    }
    let path = "/cosmos.staking.v1beta1.Query/Params";
    let refusal = net.rpc.query(path, &[], Some(8)).await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::Pruned { .. }), "{refusal:?}");
    let refusal = net.rpc.query(path, &[], Some(13)).await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::NotYet(_)), "{refusal:?}");
    assert!(net.rpc.query(path, &[], Some(9)).await.unwrap().is_ok());
    net.chain.prune(100);
    assert_eq!(net.rpc.status().await.unwrap().earliest, 12);
    net.chain.advance(1);
    assert_eq!(net.chain.height(), 13);
}

#[tokio::test]
async fn a_node_that_lags_shows_the_past() {
    let net = Net::new("lag-1").await;
    net.chain.advance(5);
    net.chain.set_faults(Faults {
        lag: 3,
        catching_up: true,
        ..Faults::default()
    });
    let status = net.rpc.status().await.unwrap();
    assert_eq!((status.latest, status.catching_up), (4, true));
    let refusal = net.rpc.commit(5).await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::NotYet(_)), "{refusal:?}");
    assert!(!net.rpc.commit(4).await.unwrap().unwrap().canonical);
    assert_eq!(net.rpc.validators(5).await.unwrap().unwrap().len(), 4);
}

#[tokio::test]
async fn a_node_that_is_down_answers_nothing() {
    let net = Net::new("down-1").await;
    net.chain.set_faults(Faults {
        down: true,
        lies: [Lie::Events].into(),
        ..Faults::default()
    });
    assert!(net.rpc.status().await.is_err());
    net.chain.set_faults(Faults::default());
    assert!(net.rpc.status().await.is_ok());
}

#[tokio::test]
async fn a_clock_lets_blocks_come_by_themselves() {
    let config = ChainConfig {
        clock: Clock::simulated(600),
        ..config("clock-1")
    };
    let net = Net::with(config).await;
    while net.rpc.status().await.unwrap().latest < 10 {
        tokio::task::yield_now().await;
    }
}
