//! Recorded answers of a real network (geth and Prysm, 512 seats): the adapter plans updates over several committee
//! periods and with absent seats, and the light client of the law crates judges every one of them.

use crate::fake::Fake;
use crate::updates::Finality;
use crate::{Evm, FeePolicy, Settings};
use alloy_primitives::{Address, B256};
use axum::response::IntoResponse;
use chain::{
    Answer, Ask, BlockNumber, ChainName, ClientUpdate, Fault, NotYet, Notices, TrustedState, UpdatePlan,
};
use client::Advance;
use endpoints::Limits;
use ethereum::spec::{LightClientBootstrap, LightClientFinalityUpdate, Versioned};
use ethereum::{Blst, Config, TRUST_PERIOD_DEFAULT, Trusted, WEAK_SUBJECTIVITY_DEFAULT};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::{env, fs};
use wire::{COMMITMENTS_SLOT, Height};

mod deceived;

/// The finalized slot at which the clients of these tests start: period 1.
const START: u64 = 80;

#[expect(
    clippy::disallowed_methods,
    reason = "where recordings are is the business of whoever runs the tests"
)]
fn folder() -> Option<PathBuf> {
    let Some(vectors) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        println!("skipped: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(vectors).join("ethereum-devnet/electra_2s_64v"))
}

fn load(folder: &Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

/// A beacon node that serves the recording, with `finality` as its newest.
async fn beacon(folder: &Path, finality: &str) -> Fake {
    beacon_of(folder, load(folder, finality), load(folder, "updates.json")).await
}

async fn beacon_of(folder: &Path, finality: Value, updates: Value) -> Fake {
    let (genesis, spec) = (load(folder, "genesis.json"), load(folder, "spec.json"));
    let folder = folder.to_owned();
    Fake::http(move |path, _| {
        let body = if path.contains("/beacon/genesis") {
            genesis.clone()
        } else if path.contains("/config/spec") {
            spec.clone()
        } else if path.contains("/finality_update") {
            finality.clone()
        } else if let Some((_, query)) = path.split_once("/updates?") {
            served_updates(&updates, query)
        } else if let Some(slot) = path.strip_prefix("/eth/v1/beacon/headers/") {
            match bootstrap_at(&folder, slot) {
                Some(found) => {
                    let message = found["resp"]["data"]["header"]["beacon"].clone();
                    json!({"data": {"root": found["root"], "canonical": true, "header": {"message": message}}})
                }
                None => return axum::http::StatusCode::NOT_FOUND.into_response(),
            }
        } else if let Some(root) = path.strip_prefix("/eth/v1/beacon/light_client/bootstrap/") {
            match bootstrap_at(&folder, &START.to_string()).filter(|found| found["root"] == root) {
                Some(found) => found["resp"].clone(),
                None => return axum::http::StatusCode::NOT_FOUND.into_response(),
            }
        } else if path.starts_with("/eth/v2/beacon/blocks/") {
            return axum::http::StatusCode::NOT_FOUND.into_response();
        } else {
            panic!("{path} is not recorded");
        };
        body.to_string().into_response()
    })
    .await
}

fn served_updates(updates: &Value, query: &str) -> Value {
    let number = |key: &str| -> usize {
        let (_, value) = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == key)
            .expect(key);
        value.parse().expect("a number")
    };
    let all = updates.as_array().expect("a list");
    Value::Array(
        all.iter()
            .skip(number("start_period"))
            .take(number("count"))
            .cloned()
            .collect(),
    )
}

fn bootstrap_at(folder: &Path, slot: &str) -> Option<Value> {
    let name = format!("bootstrap_{:06}.json", slot.parse::<u64>().ok()?);
    folder.join(&name).exists().then(|| load(folder, &name))
}

/// An execution node that serves the recorded account proofs by block.
async fn node(folder: &Path) -> Fake {
    let mut proofs = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name");
        if let Some(slot) = name.strip_prefix("execblock_") {
            let mut proof = load(folder, &format!("proof_{slot}"));
            proof["storageProof"] = json!([]);
            proofs.push((load(folder, &name)["number"].clone(), proof));
        }
    }
    let chain_id = load(folder, "spec.json")["data"]["DEPOSIT_CHAIN_ID"]
        .as_str()
        .and_then(|id| id.parse::<u64>().ok());
    let chain_id = chain_id.expect("a chain id");
    Fake::rpc(move |method, params| match method {
        "eth_chainId" => Ok(json!(format!("{chain_id:#x}"))),
        "eth_getProof" => {
            let found = proofs.iter().find(|(number, _)| *number == params[2]);
            found
                .map(|(_, proof)| proof.clone())
                .ok_or_else(|| json!({"code": -32000, "message": "missing trie node"}))
        }
        other => panic!("{other} is not recorded"),
    })
    .await
}

async fn chain(folder: &Path, finality: &str) -> (Evm, Vec<Fake>) {
    let fakes = vec![node(folder).await, beacon(folder, finality).await];
    let evm = evm_of(folder, &fakes[..1], &fakes[1..]);
    (evm, fakes)
}

fn evm_of(folder: &Path, rpc: &[Fake], beacon: &[Fake]) -> Evm {
    let urls = |fakes: &[Fake]| fakes.iter().map(|fake| fake.url.clone()).collect();
    let router = load(folder, "proof_000080.json")["address"]
        .as_str()
        .expect("an address")
        .parse();
    let evm = Evm::new(Settings {
        attestors: Vec::new(),
        name: ChainName("recorded".into()),
        chain_id: 32_382,
        rpc: urls(rpc),
        beacon: urls(beacon),
        router: router.expect("an address"),
        first_block: BlockNumber(1),
        signer: None,
        fee: FeePolicy::default(),
        gas_max: crate::TRANSACTION_GAS_MAX,
        limits: Limits {
            body_bytes: 4 * 1024 * 1024,
            ..Limits::default()
        },
    });
    evm.expect("a chain")
}

/// A client that starts at [`START`] by the law.
async fn started(folder: &Path, evm: &Evm) -> Trusted {
    let network = ethereum::Network::clone(&*evm.network().await.expect("a network"));
    let found = load(folder, "bootstrap_000080.json")["resp"].clone();
    let bootstrap: Versioned<LightClientBootstrap> = serde_json::from_value(found).expect("a bootstrap");
    let proof = load(folder, "proof_000080.json");
    let nodes: Vec<alloy_primitives::Bytes> =
        serde_json::from_value(proof["accountProof"].clone()).expect("nodes");
    let compact = ethereum::spec::compact_bootstrap(&Blst, &bootstrap.data, &nodes).expect("a bootstrap");
    let router: Address = evm.settings.router;
    let now = network.time_of(ethereum::Slot(START + 20)).expect("a time");
    let config = Config {
        network,
        router,
        commitments_slot: COMMITMENTS_SLOT,
        trust_period: TRUST_PERIOD_DEFAULT,
        weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
        capacity: 256,
    };
    ethereum::start(&Blst, config, &compact, now).expect("a client")
}

async fn plan(evm: &Evm, trusted: &Trusted, to: u64) -> Result<UpdatePlan, Fault> {
    let trusted = TrustedState::Ethereum(Box::new(trusted.clone()));
    match evm
        .answer(Ask::Update {
            trusted,
            to: Height::of(to),
        })
        .await?
    {
        Answer::Update(plan) => Ok(plan),
        other => panic!("{other:?}"),
    }
}

/// Lets the law judge every update of `plan` in turn.
fn judged(trusted: &Trusted, plan: &UpdatePlan) -> Trusted {
    let mut trusted = trusted.clone();
    for update in &plan.updates {
        let ClientUpdate::Ethereum(update) = update else {
            panic!("the client is a beacon client");
        };
        let now = trusted
            .config
            .network
            .time_of(update.signature_slot)
            .expect("a time");
        match ethereum::verify_update(&Blst, &trusted, update, now).expect("accepted") {
            Advance::Updated(next) => trusted = next,
            Advance::NoOp => {}
            Advance::Misbehaviour(_) => panic!("no contradiction was recorded"),
        }
    }
    trusted
}

#[tokio::test]
async fn a_client_follows_a_recorded_network_over_two_rotations() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes) = chain(&folder, "finality_000227.json").await;
    let client = started(&folder, &evm).await;
    let plan = plan(&evm, &client, 208).await.expect("a plan");
    assert_eq!(
        plan.updates.len(),
        3,
        "periods 1 and 2 rotate, then finality in period 3"
    );
    assert_eq!(plan.reached.height, Height::of(208));
    let after = judged(&client, &plan);
    assert_eq!(after.newest.0, 208);
    assert!(after.state_at(ethereum::Slot(208)).is_some());
}

#[tokio::test]
async fn updates_that_one_endpoint_lacks_are_asked_of_the_next() {
    let Some(folder) = folder() else { return };
    let finality = load(&folder, "finality_000227.json");
    let mut false_state = finality.clone();
    false_state["data"]["finalized_header"]["execution"]["state_root"] = json!(B256::repeat_byte(1));
    let mut unsigned = finality.clone();
    unsigned["data"]["sync_aggregate"]["sync_committee_signature"] =
        json!(format!("0xc0{}", "00".repeat(95)));
    let updates = load(&folder, "updates.json");
    for first in [
        // One that was started late, one that forges a signature, and one that lies about the state.
        beacon_of(&folder, unsigned, updates.clone()).await,
        beacon_of(&folder, finality.clone(), json!([])).await,
        beacon_of(&folder, false_state, updates.clone()).await,
    ] {
        let second = beacon_of(&folder, finality.clone(), updates.clone()).await;
        let evm = evm_of(&folder, &[node(&folder).await], &[first, second]);
        let client = started(&folder, &evm).await;
        let plan = plan(&evm, &client, 208).await.expect("a plan");
        assert_eq!(judged(&client, &plan).newest.0, 208);
    }
}

#[tokio::test]
async fn a_forged_signature_is_not_remembered() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes) = chain(&folder, "finality_000227.json").await;
    let client = started(&folder, &evm).await;
    let network = evm.network().await.expect("a network");
    let other =
        load(&folder, "finality_000218.json")["data"]["sync_aggregate"]["sync_committee_signature"].clone();
    // One of another header, and the point at infinity.
    for signature in [other, json!(format!("0xc0{}", "00".repeat(95)))] {
        let mut forged = load(&folder, "finality_000227.json");
        forged["data"]["sync_aggregate"]["sync_committee_signature"] = signature;
        let forged: Versioned<LightClientFinalityUpdate> = serde_json::from_value(forged).expect("an update");
        evm.forget_slots();
        evm.note(
            &network,
            Finality::read(&network, forged.data).expect("an update"),
        );
        let fault = plan(&evm, &client, 208).await.expect_err("it is forged");
        assert!(matches!(fault, Fault::Malformed { .. }), "{fault}");
        let plan = plan(&evm, &client, 208).await.expect("a plan");
        assert_eq!(judged(&client, &plan).newest.0, 208);
    }
}

#[tokio::test]
async fn an_account_proof_that_one_endpoint_has_pruned_is_asked_of_the_next() {
    let Some(folder) = folder() else { return };
    let pruned = Fake::rpc(|method, _| match method {
        "eth_chainId" => Ok(json!(format!("{:#x}", 32_382))),
        _ => Err(json!({"code": -32000, "message": "missing trie node"})),
    });
    let nodes = [pruned.await, node(&folder).await];
    let evm = evm_of(&folder, &nodes, &[beacon(&folder, "finality_000227.json").await]);
    let client = started(&folder, &evm).await;
    let plan = plan(&evm, &client, 208).await.expect("a plan");
    assert_eq!(judged(&client, &plan).newest.0, 208);
}

#[tokio::test]
async fn absent_seats_are_opened() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes) = chain(&folder, "finality_000218.json").await;
    let client = started(&folder, &evm).await;
    let plan = plan(&evm, &client, 200).await.expect("a plan");
    let Some(ClientUpdate::Ethereum(last)) = plan.updates.last() else {
        panic!("no update")
    };
    assert_eq!(last.absentees.keys.len(), 128);
    assert_eq!(judged(&client, &plan).newest.0, 200);
}

#[tokio::test]
async fn too_few_signers_are_waited_out() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes) = chain(&folder, "finality_000215.json").await;
    let client = started(&folder, &evm).await;
    let fault = plan(&evm, &client, 168).await.expect_err("128 of 512 signed");
    assert_eq!(
        fault,
        Fault::NotYet(NotYet::Participation {
            signers: 128,
            size: 512
        })
    );
    let fault = plan(&evm, &client, 400).await.expect_err("not final");
    assert!(matches!(fault, Fault::NotYet(NotYet::Finality { .. })), "{fault}");
}

#[tokio::test]
async fn a_client_with_a_foreign_committee_gets_nothing() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes) = chain(&folder, "finality_000227.json").await;
    let client = started(&folder, &evm).await;
    let foreign = client.committees().map(|held| ethereum::HeldCommittee {
        commitment: B256::repeat_byte(1),
        ..*held
    });
    let states: Vec<_> = client.states().copied().collect();
    let held: Vec<_> = foreign.collect();
    let squatted =
        Trusted::from_parts(client.config.clone(), client.newest, states, held, false).expect("a client");
    let fault = plan(&evm, &squatted, 208)
        .await
        .expect_err("the creator's own committee");
    assert!(matches!(fault, Fault::Malformed { .. }), "{fault}");
}

async fn notices(evm: &Evm, trusted: &Trusted) -> Notices {
    let network = &trusted.config.network;
    let ask = Ask::Notices {
        trusted: TrustedState::Ethereum(Box::new(trusted.clone())),
        now: network.time_of(ethereum::Slot(230)).expect("a time"),
    };
    match evm.answer(ask).await.expect("an answer") {
        Answer::Notices(notices) => notices,
        other => panic!("{other:?}"),
    }
}
