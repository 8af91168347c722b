//! The consensus layer as a light client sees it, with this project's law client as the judge.

mod common;

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{B256, U256},
    providers::Provider,
};
use common::{
    chain_with,
    follower::{Follower, ROUTER, Step},
    get, provider, status,
};
use devnet::{
    Chain, ChainConfig, Clock, Faults, ForgedState, Forgery, ForkEpochs, Genesis, GenesisAccount, Lie, Party,
};
use ethereum::{Period, Reject, Slot};

const UPDATES: &str = "/eth/v1/beacon/light_client/updates?start_period=0&count=128";
const FINALITY: &str = "/eth/v1/beacon/light_client/finality_update";

fn router(value: u8) -> Genesis {
    let storage = vec![(B256::repeat_byte(3), B256::repeat_byte(value))];
    let account = GenesisAccount {
        address: ROUTER,
        nonce: Some(1),
        storage,
        ..GenesisAccount::default()
    };
    Genesis {
        accounts: vec![account],
    }
}

fn with_router(config: &mut ChainConfig) {
    config.evm.genesis = router(4);
}

async fn chain(chain_id: u64) -> Chain {
    chain_with(chain_id, with_router).await
}

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
async fn too_few_signers_are_served_and_refused() {
    let chain = chain(4).await;
    chain.advance(60);
    let mut follower = Follower::start(&chain).await;
    for (signers, accepted) in [(341, false), (342, true), (0, false), (500, true)] {
        chain.set_faults(Faults {
            participation: Some(signers),
            ..Faults::default()
        });
        chain.advance(8);
        let step = follower.catch_up(&chain).await;
        match accepted {
            true => assert!(step.is_ok(), "{signers}: {step:?}"),
            // Nobody signed at all: the newest update is the last one that somebody signed.
            false if signers == 0 => assert_eq!(step, Ok(Step::NoOp)),
            false => assert!(
                matches!(step, Err(Reject::NotEnoughSigners { .. })),
                "{signers}: {step:?}"
            ),
        }
    }
}

#[tokio::test]
async fn stopped_finality_comes_back() {
    let chain = chain(5).await;
    chain.advance(64);
    let provider = provider(&chain, 0);
    let finalized = || async {
        let block = provider
            .get_block_by_number(BlockNumberOrTag::Finalized)
            .await
            .unwrap();
        block.unwrap().header.number
    };
    assert_eq!(finalized().await, 48);
    chain.set_faults(Faults {
        stop_finality: true,
        ..Faults::default()
    });
    chain.advance(40);
    assert_eq!(finalized().await, 48);
    chain.set_faults(Faults::default());
    chain.advance(32);
    assert_eq!(finalized().await, 120);
    let checkpoints = get(&chain, "/eth/v1/beacon/states/head/finality_checkpoints").await;
    assert_eq!(checkpoints["data"]["finalized"]["epoch"], "15");
}

#[tokio::test]
async fn missed_slots_move_checkpoints_back() {
    let chain = chain(6).await;
    // The first slots of epochs 5 and 6, and a hole elsewhere.
    chain.set_faults(Faults {
        missed_slots: [40, 48, 49, 53].into(),
        ..Faults::default()
    });
    chain.advance(57);
    assert_eq!(status(&chain, "/eth/v1/beacon/headers/40").await, 404);
    let mut follower = Follower::start(&chain).await;
    assert_eq!(follower.trusted.newest, Slot(39));
    let header = get(&chain, "/eth/v1/beacon/headers/50").await;
    let parent = get(&chain, "/eth/v1/beacon/headers/47").await;
    assert_eq!(
        header["data"]["header"]["message"]["parent_root"],
        parent["data"]["root"]
    );
    chain.advance(8);
    assert_eq!(follower.catch_up(&chain).await, Ok(Step::Updated));
    assert_eq!(follower.trusted.newest, Slot(47));
    // Blocks are fewer than slots: the REST interface says which block stands at which slot.
    let block = get(&chain, "/eth/v2/beacon/blocks/47").await;
    assert_eq!(
        block["data"]["message"]["body"]["execution_payload"]["block_number"],
        "46"
    );
}

#[tokio::test]
async fn fork_orphans_blocks_but_never_finality() {
    let chain = chain(7).await;
    chain.advance(60);
    let mut follower = Follower::start(&chain).await;
    let orphan = get(&chain, "/eth/v1/beacon/headers/60").await["data"]["root"].clone();
    assert!(chain.fork(40).is_err());
    chain.fork(5).unwrap();
    assert_eq!(
        status(
            &chain,
            &format!("/eth/v1/beacon/headers/{}", orphan.as_str().unwrap())
        )
        .await,
        404
    );
    chain.advance(20);
    let child = get(&chain, "/eth/v1/beacon/headers/61").await;
    let parent = get(&chain, "/eth/v1/beacon/headers/55").await;
    assert_eq!(
        child["data"]["header"]["message"]["parent_root"],
        parent["data"]["root"]
    );
    assert_eq!(follower.catch_up(&chain).await, Ok(Step::Updated));
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
async fn withheld_and_edited_answers() {
    let chain = chain(10).await;
    chain.advance(40);
    let mut follower = Follower::start(&chain).await;
    chain.advance(8);
    chain.set_faults(Faults {
        withhold_light_client: true,
        ..Faults::default()
    });
    assert_eq!(status(&chain, FINALITY).await, 503);
    assert_eq!(status(&chain, UPDATES).await, 503);
    assert_eq!(status(&chain, "/eth/v1/beacon/headers/head").await, 200);
    chain.set_faults(Faults {
        lies: [Lie::Update].into(),
        ..Faults::default()
    });
    let lie = follower.apply(get(&chain, FINALITY).await).await;
    assert!(matches!(lie, Err(Reject::FinalityBranch { .. })), "{lie:?}");
    chain.set_faults(Faults::default());
    assert_eq!(follower.catch_up(&chain).await, Ok(Step::Updated));
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
async fn honest_forgery_is_accepted_and_each_lie_is_refused_by_its_rule() {
    let chain = chain(12).await;
    chain.advance(100);
    let mut follower = Follower::start(&chain).await;
    chain.advance(8);
    let forge = |forgery: Forgery| chain.forge_update(&forgery).unwrap();

    let third = follower
        .apply(forge(Forgery {
            signers: 171,
            ..Forgery::default()
        }))
        .await;
    assert!(matches!(third, Err(Reject::NotEnoughSigners { .. })), "{third:?}");
    let edited = follower
        .apply(forge(Forgery {
            edited_after_signing: true,
            ..Forgery::default()
        }))
        .await;
    assert!(matches!(edited, Err(Reject::BadSignature { .. })), "{edited:?}");
    let own = follower
        .apply(forge(Forgery {
            signed_by: Party::Attacker,
            ..Forgery::default()
        }))
        .await;
    assert!(matches!(own, Err(Reject::BadSignature { .. })), "{own:?}");
    let next = Some(Party::Genuine);
    let honest = forge(Forgery {
        next_committee: next,
        ..Forgery::default()
    });
    assert_eq!(follower.apply(honest).await, Ok(Step::Updated));
    // Two thirds that sign for another successor.
    let next = Some(Party::Attacker);
    let usurper = follower
        .apply(forge(Forgery {
            next_committee: next,
            ..Forgery::default()
        }))
        .await;
    assert!(
        matches!(usurper, Err(Reject::NextCommitteeConflict { .. })),
        "{usurper:?}"
    );
    // Two thirds that finalize another state at the same slot.
    let state_root = Some(B256::repeat_byte(0x31));
    let other = follower
        .apply(forge(Forgery {
            state_root,
            ..Forgery::default()
        }))
        .await;
    assert!(matches!(other, Err(Reject::AccountProof { .. })), "{other:?}");
}

#[tokio::test]
async fn two_thirds_that_finalize_another_state_are_caught() {
    let chain = chain(14).await;
    chain.advance(100);
    let mut follower = Follower::start(&chain).await;
    follower.catch_up(&chain).await.unwrap();
    let forged = ForgedState::new(&router(5), ROUTER, &[B256::repeat_byte(3)]).unwrap();
    let forgery = Forgery {
        state_root: Some(forged.root),
        ..Forgery::default()
    };
    let update = chain.forge_update(&forgery).unwrap();
    assert_eq!(
        follower.apply_with(update, &forged.account_proof),
        Ok(Step::Misbehaviour)
    );
    assert!(follower.trusted.frozen);
    assert_eq!(forged.storage_proofs.len(), 1);
}

#[tokio::test]
async fn attackers_committee_can_rotate_into_the_real_one() {
    let chain = chain(13).await;
    chain.advance(100);
    let (root, bootstrap) = chain.forge_bootstrap(None).unwrap();
    let genuine = get(&chain, "/eth/v1/beacon/headers/finalized").await;
    assert_ne!(genuine["data"]["root"], root.to_string());
    let mut follower = Follower::start_from(&chain, bootstrap).await.unwrap();
    let rotation = Forgery {
        signed_by: Party::Attacker,
        next_committee: Some(Party::Genuine),
        ..Forgery::default()
    };
    follower
        .apply(chain.forge_update(&rotation).unwrap())
        .await
        .unwrap();
    assert!(follower.trusted.committee(Period(2)).is_some());
    // From the next period on the client believes the real chain, and nothing looks wrong.
    chain.advance(64);
    assert_eq!(
        follower.apply(get(&chain, FINALITY).await).await,
        Ok(Step::Updated)
    );
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

#[tokio::test]
async fn control_endpoint_does_what_the_handle_does() {
    let chain = chain(15).await;
    chain.advance(20);
    let url = |path: &str| format!("{}{path}", chain.beacon_url());
    let client = reqwest::Client::new();
    let faults = Faults {
        participation: Some(7),
        missed_slots: [22].into(),
        ..Faults::default()
    };
    let put = client
        .put(url("/devnet/faults"))
        .json(&faults)
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), 204);
    assert_eq!(chain.faults(), faults);
    assert_eq!(get(&chain, "/devnet/faults").await["participation"], 7);
    let unknown = client
        .put(url("/devnet/faults"))
        .json(&serde_json::json!({"luck": 1}));
    assert_eq!(unknown.send().await.unwrap().status(), 422);
    assert_eq!(
        client.post(url("/devnet/fork/3")).send().await.unwrap().status(),
        204
    );
    assert_eq!(status(&chain, "/eth/v1/beacon/headers/20").await, 404);
    assert_eq!(
        client
            .post(url("/devnet/fork/300"))
            .send()
            .await
            .unwrap()
            .status(),
        409
    );
}
