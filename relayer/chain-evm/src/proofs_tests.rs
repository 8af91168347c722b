use super::*;
use crate::fake::{Fake, rpc};
use alloy_primitives::U256;
use endpoints::Defect;
use serde_json::{Value, json};
use std::{env, fs, path::PathBuf};

/// Recorded answers of a real node, if they are at hand.
#[expect(
    clippy::disallowed_methods,
    reason = "where recordings are is the business of whoever runs the tests"
)]
fn captures() -> Option<PathBuf> {
    let Some(vectors) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        println!("skipped: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(vectors).join("ethereum-devnet/electra_2s_64v"))
}

fn load(folder: &std::path::Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(name)).expect("a capture");
    serde_json::from_str(&text).expect("JSON")
}

/// The anchor of the captured slot 48, and the captured answer to `eth_getProof` there.
fn captured(folder: &std::path::Path) -> (Anchor, EIP1186AccountProofResponse) {
    let block = load(folder, "execblock_000048.json");
    let number = |value: &Value| {
        u64::from_str_radix(value.as_str().expect("a number").trim_start_matches("0x"), 16).expect("a number")
    };
    let anchor = Anchor {
        slot: 48,
        block: number(&block["number"]),
        block_hash: block["hash"].as_str().expect("a hash").parse().expect("a hash"),
        state_root: block["stateRoot"]
            .as_str()
            .expect("a root")
            .parse()
            .expect("a root"),
        timestamp: number(&block["timestamp"]),
    };
    (
        anchor,
        serde_json::from_value(load(folder, "proof_000048.json")).expect("a proof"),
    )
}

#[tokio::test]
async fn proofs_of_a_real_node_hold() {
    let Some(folder) = captures() else { return };
    let rpc = rpc(&Fake::always(200, "").await).await;
    let (anchor, answer) = captured(&folder);
    let account = check_account(&rpc, answer.address, &anchor, &answer).expect("the account");
    assert_eq!(account.storage_root, answer.storage_hash);
    let (mut present, mut absent) = (0, 0);
    for proof in &answer.storage_proof {
        match check_storage(account.storage_root, proof.key.as_b256(), proof)
            .expect("a proof")
            .value
        {
            Some(value) => {
                assert_eq!(U256::from_be_slice(&value), proof.value);
                present += 1;
            }
            None => absent += 1,
        }
    }
    assert!(present > 0 && absent > 0, "{present} present, {absent} absent");
}

#[tokio::test]
async fn a_proof_of_another_block_account_or_slot_is_no_answer() {
    let Some(folder) = captures() else { return };
    let rpc = rpc(&Fake::always(200, "").await).await;
    let (anchor, answer) = captured(&folder);
    let other_block = Anchor {
        state_root: B256::repeat_byte(1),
        ..anchor
    };
    assert!(check_account(&rpc, answer.address, &other_block, &answer).is_err());
    assert!(check_account(&rpc, Address::repeat_byte(1), &anchor, &answer).is_err());
    let account = check_account(&rpc, answer.address, &anchor, &answer).expect("the account");
    for pair in answer.storage_proof.windows(2) {
        let [one, other] = pair else { continue };
        assert!(check_storage(account.storage_root, other.key.as_b256(), one).is_err());
        let mut relabelled = one.clone();
        relabelled.key = other.key;
        assert!(check_storage(account.storage_root, other.key.as_b256(), &relabelled).is_err());
        let mut forged = one.clone();
        forged.value = forged.value.wrapping_add(U256::from(1));
        assert!(check_storage(account.storage_root, one.key.as_b256(), &forged).is_err());
        let mut padded = one.clone();
        padded.proof.push(padded.proof[0].clone());
        assert!(check_storage(account.storage_root, one.key.as_b256(), &padded).is_err());
    }
}

fn anchor() -> Anchor {
    Anchor {
        slot: 8,
        block: 8,
        block_hash: B256::ZERO,
        state_root: B256::repeat_byte(7),
        timestamp: 96,
    }
}

fn keys(count: u64) -> Vec<Path> {
    let client = wire::ClientId::new("client-0").expect("a client id");
    (1..=count)
        .map(|sequence| wire::path::commitment(&client, wire::Sequence::new(sequence).expect("a sequence")))
        .collect()
}

#[tokio::test]
async fn a_pruned_state_is_told_from_a_missing_block() {
    let pruned =
        Fake::rpc(|_, _| Err(json!({"code": -32000, "message": "missing trie node ab (path )"}))).await;
    let result = prove(&rpc(&pruned).await, Address::ZERO, &anchor(), &keys(1)).await;
    assert!(
        matches!(result, Err(Complaint::Lacks(Fault::Pruned { at })) if at.revision_height == 8),
        "{result:?}"
    );
    let behind = Fake::rpc(|method, _| match method {
        "eth_getProof" => Err(json!({"code": -32000, "message": "header not found"})),
        _ => Ok(json!({"number": "0x5", "hash": B256::ZERO, "timestamp": "0x3c"})),
    })
    .await;
    let result = prove(&rpc(&behind).await, Address::ZERO, &anchor(), &keys(1)).await;
    assert!(
        matches!(result, Err(Complaint::Lacks(Fault::NotYet(NotYet::Block { .. })))),
        "{result:?}"
    );
}

#[tokio::test]
async fn values_come_in_the_order_of_the_keys_or_not_at_all() {
    use alloy_sol_types::SolValue;
    let answer = |words: Vec<B256>| {
        let results: Vec<Bytes> = words
            .iter()
            .map(|word| Bytes::copy_from_slice(word.as_slice()))
            .collect();
        json!(alloy_primitives::hex::encode_prefixed(results.abi_encode()))
    };
    let two = vec![B256::repeat_byte(1), B256::ZERO];
    let good = answer(two.clone());
    let fake = Fake::rpc(move |_, _| Ok(good.clone())).await;
    let values = look_up(&rpc(&fake).await, Address::ZERO, &keys(2), AsOf::Latest)
        .await
        .expect("values");
    assert_eq!(values, [Some(B256::repeat_byte(1)), None]);
    let short = look_up(&rpc(&fake).await, Address::ZERO, &keys(3), AsOf::Latest).await;
    assert!(
        matches!(short, Err(Complaint::Endpoint(Defect::Malformed, _))),
        "{short:?}"
    );
}
