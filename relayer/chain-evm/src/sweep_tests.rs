//! A ring is read whole, in bounded looks, and what is put into it later is found.

use super::*;
use crate::fake::{Fake, rpc};
use crate::hostile_tests::{beacon, evm, node};
use alloy_primitives::{Bytes, b256, hex};
use alloy_sol_types::{SolCall, SolValue};
use ethereum::{Config, HeldCommittee, Period, TRUST_PERIOD_DEFAULT, WEAK_SUBJECTIVITY_DEFAULT};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use wire::COMMITMENTS_SLOT;

const CAPACITY: u32 = 1_000;
const CONTRACT: Address = Address::repeat_byte(0xcc);
/// Slots of an epoch of the fake network.
const EPOCH: u64 = 8;

type Slots = Arc<Mutex<BTreeSet<u64>>>;

/// A contract that believes a state of each of these slots.
async fn contract(slots: Slots) -> Fake {
    Fake::rpc(move |method, params| {
        let slots = slots.lock().expect("not poisoned");
        match method {
            "eth_getProof" => {
                let asked: Vec<B256> = serde_json::from_value(params[1].clone()).expect("slots");
                assert!(asked.len() <= 64, "{} words at once", asked.len());
                let told: Vec<Value> = asked.iter().map(|key| word(&slots, *key)).collect();
                Ok(account(&told))
            }
            "eth_call" => {
                let data: Bytes = serde_json::from_value(params[0]["data"].clone()).expect("data");
                let slot = BeaconClient::stateAtCall::abi_decode(&data).expect("a call").slot;
                match slots.contains(&slot) {
                    true => Ok(json!(hex::encode_prefixed(
                        (B256::with_last_byte(7), slot, slot).abi_encode()
                    ))),
                    false => Err(json!({"code": 3, "message": "execution reverted", "data": "0x12345678"})),
                }
            }
            other => panic!("{other}"),
        }
    })
    .await
}

fn word(slots: &BTreeSet<u64>, key: B256) -> Value {
    let place = |slot: &u64| slot.div_ceil(EPOCH) % u64::from(CAPACITY);
    let found = slots.iter().find(|slot| word_of(place(slot)) == key);
    let value = found.map_or(U256::ZERO, |slot| (U256::from(9) << 64) | U256::from(*slot));
    json!({"key": key, "value": value, "proof": []})
}

fn account(told: &[Value]) -> Value {
    json!({
        "address": CONTRACT, "balance": "0x0", "codeHash": B256::ZERO, "nonce": "0x1", "storageHash": B256::ZERO,
        "accountProof": [], "storageProof": told,
    })
}

/// A client of which only the newest state was read.
async fn client(newest: u64) -> Trusted {
    let (rpc, beacon) = (node(40).await, beacon(16, 16).await);
    let network = evm(&[&rpc], &[&beacon]).network().await.expect("a network");
    let config = Config {
        network: (*network).clone(),
        router: Address::repeat_byte(0xaa),
        commitments_slot: COMMITMENTS_SLOT,
        trust_period: TRUST_PERIOD_DEFAULT,
        weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
        capacity: CAPACITY,
    };
    let state = State {
        slot: Slot(newest),
        storage_root: B256::with_last_byte(7),
        learned_at: Seconds(newest),
    };
    let held = HeldCommittee {
        period: Period(0),
        commitment: B256::repeat_byte(8),
    };
    let mut client = Trusted::from_parts(config, Slot(newest), [state], [held], false).expect("a client");
    client.bootstrap = Some(Slot(EPOCH));
    client
}

/// Looks until this sweep has come to its end; how many it took, and the slots of which states are known.
async fn swept(rpc: &Rpc, client: &Trusted, places: &mut Places) -> (u32, Vec<u64>) {
    let mut looks = 0;
    loop {
        sweep(rpc, CONTRACT, client, places).await.expect("answered");
        looks += 1;
        if places.next == 0 {
            break;
        }
    }
    assert!(places.is_swept);
    let full = places.full(client).expect("states");
    assert_eq!((full.newest, full.bootstrap), (client.newest, client.bootstrap));
    let mut slots: Vec<u64> = full.states().map(|state| state.slot.0).collect();
    slots.sort_unstable();
    (looks, slots)
}

#[test]
fn a_place_is_where_the_compiler_puts_it() {
    // keccak256 of a key and of the number of the mapping, as block explorers show them, and one more for the second word.
    let first = b256!("0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb4a");
    let second = b256!("0xcc69885fda6bcc1a4ace058b4a62bf5e179ea78fd58a1ccd71c22cc9b6887930");
    assert_eq!([word_of(0), word_of(1)], [first, second]);
}

#[tokio::test]
async fn what_was_learned_below_the_newest_is_found_wherever_and_whenever_it_was_put_there() {
    let newest = 5_000 * EPOCH;
    let slots: Slots = Arc::new(Mutex::new(BTreeSet::from([
        4_001 * EPOCH,
        4_500 * EPOCH - 3,
        newest,
    ])));
    let (fake, client) = (contract(slots.clone()).await, client(newest).await);
    let (rpc, mut places) = (rpc(&fake).await, Places::default());
    // A thousand words are sixteen requests, four of a look.
    let all = vec![4_001 * EPOCH, 4_500 * EPOCH - 3, newest];
    assert_eq!(swept(&rpc, &client, &mut places).await, (4, all));
    let requests = fake.requests();
    assert_eq!(requests, 16 + 3);

    // One is learned later, and one that is newer than what is known of the client stands where another one stood.
    let newer = 5_001 * EPOCH - 1;
    {
        let mut changed = slots.lock().expect("not poisoned");
        changed.remove(&(4_001 * EPOCH));
        changed.extend([4_777 * EPOCH, newer]);
    }
    let known = vec![4_500 * EPOCH - 3, 4_777 * EPOCH, newest];
    assert_eq!(swept(&rpc, &client, &mut places).await, (4, known));
    assert_eq!(
        fake.requests(),
        requests + 16 + 2,
        "what is known is not asked again"
    );
    let moved = self::client(newer).await;
    let all = vec![4_500 * EPOCH - 3, 4_777 * EPOCH, newest, newer];
    assert_eq!(swept(&rpc, &moved, &mut places).await, (4, all));
}

#[tokio::test]
async fn a_full_ring_is_read_in_bounded_looks() {
    let newest = 5_000 * EPOCH;
    let slots: BTreeSet<u64> = (4_001..=5_000).map(|epoch| epoch * EPOCH).collect();
    let fake = contract(Arc::new(Mutex::new(slots))).await;
    let (rpc, client, mut places) = (rpc(&fake).await, client(newest).await, Places::default());
    let mut before = fake.requests();
    while !places.is_swept {
        sweep(&rpc, CONTRACT, &client, &mut places)
            .await
            .expect("answered");
        let asked = fake.requests() - before;
        assert!(asked <= 4 + READ_MAX, "{asked} requests in one look");
        before = fake.requests();
    }
    assert_eq!(places.found.len(), 1_000);
}

/// What is made of these words, whatever is asked.
async fn told(word: impl Fn(B256) -> Option<U256> + Send + Sync + 'static) -> Result<(), Complaint> {
    let fake = Fake::rpc(move |method, params| match method {
        "eth_getProof" => {
            let asked: Vec<B256> = serde_json::from_value(params[1].clone()).expect("slots");
            let shown = asked.iter().filter_map(|key| Some((key, word(*key)?)));
            let shown: Vec<Value> = shown
                .map(|(key, value)| json!({"key": key, "value": value, "proof": []}))
                .collect();
            Ok(account(&shown))
        }
        _ => Err(json!({"code": 3, "message": "execution reverted", "data": "0x12345678"})),
    });
    let (fake, client) = (fake.await, client(4_000 * EPOCH).await);
    let mut places = Places::default();
    sweep(&rpc(&fake).await, CONTRACT, &client, &mut places).await?;
    assert!(places.found.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_no_ring_is_told_and_what_the_contract_does_not_tell_itself_is_not_believed() {
    // The newest of the client stands at place 0. Elsewhere stand a slot that belongs at another place, and one that is not there
    // any more when it is asked for.
    let newest = word_of(0);
    let words = move |key: B256| match key {
        key if key == newest => Some(U256::from(4_000 * EPOCH)),
        key if key == word_of(1) => Some(U256::from(3_001 * EPOCH)),
        _ => Some(U256::from(3_001 * EPOCH)),
    };
    assert!(told(words).await.is_ok());
    let Err(Complaint::Ask(Fault::NoClient { text, .. })) = told(|_| Some(U256::ZERO)).await else {
        panic!("a contract without a ring has one")
    };
    assert!(text.contains("not where this release looks"), "{text}");
    // Words that were not asked for, and none at all, are this endpoint's.
    assert!(matches!(told(|_| None).await, Err(Complaint::Endpoint(..))));
}
