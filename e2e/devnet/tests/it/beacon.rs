//! The consensus layer as a light client sees it, with this project's law client as the judge.

use crate::common::{
    FINALITY, chain_with,
    follower::{Follower, Step, chain, with_router},
    get, provider, status,
};
use alloy::{
    eips::BlockNumberOrTag,
    primitives::{B256, U256},
    providers::Provider,
};
use devnet::{Clock, Faults, ForkEpochs};
use ethereum::Slot;

#[tokio::test]
async fn law_client_follows_over_periods() {
    let chain = chain(1).await;
    chain.advance(50);
    let mut follower = Follower::start(&chain).await;
    for period in 1..6u64 {
        chain.advance(64);
        assert_eq!(follower.catch_up(&chain).await, Ok(Step::Updated));
        assert_eq!(follower.newest_period(), period + 1);
        let finalized = (chain.slot() / 8 - 2) * 8;
        assert_eq!(follower.trusted.newest, Slot(finalized));
    }
    let committees: Vec<_> = follower
        .trusted
        .committees()
        .map(|held| held.commitment)
        .collect();
    assert!(
        committees
            .iter()
            .enumerate()
            .all(|(n, commitment)| !committees[..n].contains(commitment))
    );
}

#[tokio::test]
async fn law_client_follows_over_forks() {
    let chain = chain_with(2, |config| {
        with_router(config);
        config.beacon.forks = ForkEpochs {
            electra: 10,
            fulu: Some(20),
        };
    })
    .await;
    chain.advance(40);
    let mut follower = Follower::start(&chain).await;
    let mut versions = Vec::new();
    // Every epoch, so that updates whose two headers lie in different forks are among them.
    for _ in 0..22 {
        chain.advance(8);
        assert_eq!(follower.catch_up(&chain).await, Ok(Step::Updated));
        let update = get(&chain, FINALITY).await;
        versions.push(update["version"].as_str().unwrap().to_string());
    }
    versions.dedup();
    assert_eq!(versions, ["deneb", "electra", "fulu"]);
    assert!(follower.trusted.newest >= Slot(192));
}

#[tokio::test]
async fn first_slot_of_a_fork_is_signed_under_the_version_before() {
    let chain = chain_with(3, |config| {
        with_router(config);
        config.beacon.forks = ForkEpochs {
            electra: 10,
            fulu: None,
        };
    })
    .await;
    chain.advance(79);
    let mut follower = Follower::start(&chain).await;
    follower.catch_up(&chain).await.unwrap();
    chain.advance(1);
    let update = get(&chain, FINALITY).await;
    assert_eq!(update["data"]["signature_slot"], "80");
    assert_eq!(update["version"], "deneb");
    assert_eq!(follower.apply(update).await, Ok(Step::NoOp));
}

#[tokio::test]
async fn same_seed_makes_the_same_chain() {
    let mut roots = Vec::new();
    for seed in [1, 1, 2] {
        let chain = chain_with(8, |config| config.seed = seed).await;
        chain.set_faults(Faults {
            participation: Some(400),
            ..Faults::default()
        });
        chain.advance(40);
        roots.push(get(&chain, FINALITY).await);
    }
    assert_eq!(roots[0], roots[1]);
    assert_ne!(roots[0], roots[2]);
}

#[tokio::test]
async fn before_finality_the_finalized_header_is_zero() {
    let chain = chain(9).await;
    assert_eq!(status(&chain, FINALITY).await, 404);
    chain.advance(5);
    let update = get(&chain, FINALITY).await;
    assert_eq!(update["data"]["finalized_header"]["beacon"]["slot"], "0");
    assert_eq!(
        update["data"]["finalized_header"]["beacon"]["body_root"],
        B256::ZERO.to_string()
    );
    let provider = provider(&chain, 0);
    let error = provider
        .get_block_by_number(BlockNumberOrTag::Finalized)
        .await
        .unwrap_err();
    assert!(
        error
            .as_error_resp()
            .unwrap()
            .message
            .contains("finalized block not found")
    );
}

#[tokio::test]
async fn rest_answers_have_the_standard_shapes() {
    let chain = chain(11).await;
    chain.advance(40);
    let head = get(&chain, "/eth/v1/beacon/headers/head").await;
    assert_eq!(head["data"]["header"]["message"]["slot"], "40");
    assert_eq!(head["finalized"], false);
    let root = head["data"]["root"].as_str().unwrap();
    assert_eq!(get(&chain, &format!("/eth/v1/beacon/headers/{root}")).await, head);
    let list = get(&chain, "/eth/v1/beacon/headers?slot=40").await;
    assert_eq!(list["data"][0], head["data"]);
    let finalized = get(&chain, "/eth/v1/beacon/headers/finalized").await;
    assert_eq!(finalized["finalized"], true);
    let schedule = get(&chain, "/eth/v1/config/fork_schedule").await;
    assert_eq!(schedule["data"].as_array().unwrap().len(), 6);
    assert_eq!(schedule["data"][5]["current_version"], "0x9500000b");
    assert_eq!(
        get(&chain, "/eth/v1/node/syncing").await["data"]["head_slot"],
        "40"
    );
    for wrong in [
        "/eth/v1/beacon/headers/41",
        "/eth/v1/beacon/light_client/bootstrap/0x12",
    ] {
        assert!([400, 404].contains(&status(&chain, wrong).await), "{wrong}");
    }
    let block = get(&chain, "/eth/v2/beacon/blocks/head").await;
    assert_eq!(block["version"], "electra");
    let number = &block["data"]["message"]["body"]["execution_payload"]["block_number"];
    assert_eq!(number, "40");
}

#[tokio::test]
async fn simulated_clock_lets_chains_pass_slots_together() {
    let clock = Clock::simulated(2400);
    let (mut chains, mut slots) = (Vec::new(), Vec::new());
    for chain_id in [21, 22] {
        chains.push(chain_with(chain_id, |config| config.clock = clock.clone()).await);
    }
    for chain in &chains {
        while chain.slot() < 20 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        slots.push(chain.slot());
    }
    let latest = provider(&chains[0], 0)
        .get_block_by_number(BlockNumberOrTag::Latest)
        .await;
    let header = latest.unwrap().unwrap().header;
    assert_eq!(
        U256::from(header.timestamp),
        U256::from(1_760_000_000 + 12 * header.number)
    );
    assert!(slots.iter().all(|slot| *slot >= 20));
}
