//! A chain on which things go wrong: few signers, gaps, forks, lies, forgeries.

use crate::common::{
    FINALITY, UPDATES,
    follower::{Follower, ROUTER, Step, chain, router},
    get, provider, status,
};
use alloy::{eips::BlockNumberOrTag, primitives::B256, providers::Provider};
use devnet::{Faults, ForgedState, Forgery, Lie, Party};
use ethereum::{Period, Reject, Slot};

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
async fn a_node_that_is_down_answers_nobody_but_who_controls_it() {
    let chain = chain(13).await;
    chain.advance(8);
    let provider = provider(&chain, 0);
    chain.set_faults(Faults {
        down: true,
        ..Faults::default()
    });
    assert!(provider.get_block_number().await.is_err());
    assert_eq!(status(&chain, "/eth/v1/node/health").await, 503);
    assert_eq!(get(&chain, "/devnet/faults").await["down"], true);
    chain.set_faults(Faults::default());
    assert_eq!(provider.get_block_number().await.unwrap(), 8);
    assert_eq!(status(&chain, "/eth/v1/node/health").await, 200);
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
    // Two thirds that finalize another state at the same slot.
    let state_root = Some(B256::repeat_byte(0x31));
    let other = follower
        .apply(forge(Forgery {
            state_root,
            ..Forgery::default()
        }))
        .await;
    assert!(matches!(other, Err(Reject::AccountProof { .. })), "{other:?}");
    // Two thirds that sign for another successor.
    let next = Some(Party::Attacker);
    let usurper = forge(Forgery {
        next_committee: next,
        ..Forgery::default()
    });
    assert_eq!(follower.apply(usurper).await, Ok(Step::Misbehaviour));
    assert!(follower.trusted.frozen);
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
