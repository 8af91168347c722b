//! What the host may say, and what it may not.

use serde_json::{Value, json};
use wasm_client::{Approval, GuardWord, Message, NextSet, Reject};

use crate::host::{Chain, Said, bytes};
use crate::scene::{self, create, prove, updated, vector};

fn refused(rule: &str) -> Said {
    Err(rule.into())
}

fn changed(member: &str, value: Value) -> Said {
    let (mut chain, vector) = updated("accept/member_value_with_leading_zero.json");
    let mut asked = json!({
        "height": { "revision_number": 0, "revision_height": vector.height },
        "delay_time_period": 0,
        "delay_block_period": 0,
        "proof": bytes(&vector.proof),
        "merkle_path": { "key_path": [bytes(&vector.path)] },
        "value": bytes(&vector.value),
    });
    asked[member] = value;
    chain.sudo(&json!({ "verify_membership": asked }))
}

#[test]
fn what_is_not_changed_is_proven() {
    let (_, vector) = updated("accept/member_value_with_leading_zero.json");
    assert_eq!(changed("value", bytes(&vector.value)), Ok(json!({})));
}

#[test]
fn rejects_json_that_the_host_does_not_write() {
    let (mut chain, _) = updated("accept/absent.json");
    for text in [
        "",
        "{",
        "[]",
        "{}",
        "7",
        r#"{"update_state":7}"#,
        r#"{"update_state":{"client_message":7}}"#,
        r#"{"update_state":{"client_message":"=="}}"#,
        r#"{"update_state":{"client_message":"AQ"}}"#,
        r#"{"verify_membership":{"height":{"revision_height":-1},"merkle_path":{}}}"#,
        r#"{"verify_membership":{"height":{"revision_height":18446744073709551616},"merkle_path":{}}}"#,
        r#"{"steal":{}}"#,
        r#"{"migrate_client_store":{}} "and more""#,
    ] {
        assert_eq!(chain.sudo_text(text), refused("Json"), "{text}");
    }
    assert_eq!(chain.query(&json!({ "update_state": {} })), refused("Json"));
    assert_eq!(chain.migrate(&json!({ "lift": true })), refused("Json"));
}

#[test]
fn reads_what_go_writes_for_nothing() {
    // Empty bytes are null in Go; a proof of nothing is judged and refused by the law.
    assert_eq!(changed("proof", Value::Null), refused("StorageProof"));
    assert_eq!(changed("value", Value::Null), refused("BadValue"));
    // Fields that a later host adds are passed over.
    assert_eq!(
        changed("hint", json!({ "of": ["a", 1, null, true] })),
        Ok(json!({}))
    );
}

#[test]
fn rejects_heights_without_a_state() {
    let (chain, vector) = updated("accept/member_value_with_leading_zero.json");
    for height in [
        json!({}),
        json!({ "revision_height": vector.height + 1 }),
        json!({ "revision_height": vector.height - 8 }),
        json!({ "revision_number": 1, "revision_height": vector.height }),
        json!({ "revision_height": u64::MAX }),
    ] {
        assert_eq!(
            changed("height", height.clone()),
            refused("UnknownHeight"),
            "{height}"
        );
        let asked = json!({ "timestamp_at_height": { "height": height } });
        assert_eq!(chain.query(&asked), refused("UnknownHeight"));
    }
}

#[test]
fn rejects_paths_that_no_router_has() {
    let (_, vector) = updated("accept/member_value_with_leading_zero.json");
    let path = bytes(&vector.path);
    for parts in [json!([]), json!(["", path]), json!([path, path])] {
        assert_eq!(
            changed("merkle_path", json!({ "key_path": parts })),
            refused("Prefix")
        );
    }
    assert_eq!(changed("merkle_path", json!({})), refused("Prefix"));
    let misshapen = json!({ "key_path": [bytes(b"clientState")] });
    assert_eq!(changed("merkle_path", misshapen), refused("path_shape"));
}

#[test]
fn rejects_delays_of_connections() {
    assert_eq!(changed("delay_time_period", json!(1)), refused("Delay"));
    assert_eq!(changed("delay_block_period", json!(1)), refused("Delay"));
}

#[test]
fn rejects_an_upgrade_and_says_why() {
    let (mut chain, _) = updated("accept/absent.json");
    let message = json!({
        "upgrade_client_state": "AQ==",
        "upgrade_consensus_state": "AQ==",
        "proof_upgrade_client": "AQ==",
        "proof_upgrade_consensus_state": "AQ==",
    });
    assert_eq!(
        chain.sudo(&json!({ "verify_upgrade_and_update_state": message })),
        refused("NoUpgrade")
    );
}

#[test]
fn rejects_client_messages_of_other_kinds_and_versions() {
    let (mut chain, _) = updated("accept/absent.json");
    let cases: [(&[u8], &str); 11] = [
        (&[], "Malformed"),
        (&[1], "Malformed"),
        (&[2, 1], "Version"),
        (&[0, 1], "Version"),
        (&[1, 0], "UnknownKind"),
        (&[1, 9], "UnknownKind"),
        (&[1, 1], "Malformed"),
        (&[1, 2], "Malformed"),
        (&[1, 3], "Malformed"),
        (&[1, 6, 0], "Malformed"),
        (&[1, 8, 0], "Malformed"),
    ];
    for (message, rule) in cases {
        assert_eq!(chain.bring(message), refused(rule), "{message:?}");
    }
}

#[test]
fn an_update_is_no_evidence_and_evidence_no_update() {
    let update = vector("accept/finality_absent_0.json");
    let evidence = vector("accept/evidence_two_finalized_headers.json");
    let (mut chain, _) = updated("accept/absent.json");
    chain.now = update.now;
    let told = Message::Evidence(update.updates[0].to_vec()).to_bytes();
    assert_eq!(chain.bring(&told), refused("Malformed"));
    let told = Message::Update(evidence.evidence.to_vec()).to_bytes();
    assert_eq!(chain.bring(&told), refused("Malformed"));
}

#[test]
fn evidence_freezes_and_then_nothing_is_believed() {
    let evidence = vector("accept/evidence_two_finalized_headers.json");
    let (mut chain, proof) = updated("accept/member_value_with_leading_zero.json");
    chain.now = evidence.now;
    chain
        .bring(&Message::Evidence(evidence.evidence.to_vec()).to_bytes())
        .unwrap();
    assert_eq!(chain.status(), "Frozen");
    assert_eq!(prove(&mut chain, &proof), refused("Frozen"));
    let update = vector("accept/signed_late.json");
    let told = Message::Update(update.updates[0].to_vec()).to_bytes();
    assert_eq!(chain.bring(&told), refused("Frozen"));
}

#[test]
fn an_old_client_is_expired() {
    let (mut chain, proof) = updated("accept/member_value_with_leading_zero.json");
    chain.now = proof.timestamp + proof.trust_period - 1;
    assert_eq!(chain.status(), "Active");
    chain.now += 1;
    assert_eq!(chain.status(), "Expired");
    assert_eq!(prove(&mut chain, &proof), refused("Expired"));
}

#[test]
fn an_update_names_the_height_that_it_made_known() {
    let vector = vector("accept/finality_absent_0.json");
    let mut chain = Chain::new();
    create(&mut chain, &vector).unwrap();
    chain.now = vector.times[0];
    let told = Message::Update(vector.updates[0].to_vec()).to_bytes();
    let height = json!({ "heights": [{ "revision_number": 0, "revision_height": vector.height }] });
    assert_eq!(chain.bring(&told), Ok(height.clone()));
    // The second time it is known already.
    let before = chain.store.clone();
    assert_eq!(chain.bring(&told), Ok(height));
    assert_eq!(chain.store, before);
    // A committee alone makes no height known.
    let vector = scene::vector("accept/committee_from_before_the_router.json");
    let mut chain = Chain::new();
    create(&mut chain, &vector).unwrap();
    chain.now = vector.times[0];
    let told = Message::Update(vector.updates[0].to_vec()).to_bytes();
    assert_eq!(chain.bring(&told), Ok(json!({ "heights": [] })));
}

#[test]
fn a_client_is_created_from_exactly_what_the_format_says() {
    let vector = vector("accept/absent.json");
    let state = [&[1][..], &scene::config(&vector), &[0, 0, 0]].concat();
    let create = |state: &[u8]| {
        let mut chain = Chain::new();
        chain.now = vector.started_at;
        chain.instantiate(state, &vector.bootstrap)
    };
    create(&state).unwrap();
    for length in 0..state.len() {
        assert!(create(&state[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(create(&[state.as_slice(), &[0]].concat()), refused("Malformed"));
    assert_eq!(create(&[&[2][..], &state[1..]].concat()), refused("Version"));
    let mut large = state.clone();
    let at = 1 + 32 + 32 + 4 + 20 + 32 + 16;
    large[at..at + 4].copy_from_slice(&8_193_u32.to_be_bytes());
    assert_eq!(create(&large), refused("CapacityTooLarge"));
    large[at..at + 4].copy_from_slice(&8_192_u32.to_be_bytes());
    create(&large).unwrap();
}

#[test]
fn every_client_message_is_read_as_it_was_written() {
    let approval = Approval {
        nonce: 1,
        expiry: 2,
        signatures: vec![[3; 65], [4; 65]],
    };
    let set = NextSet {
        small: 2,
        large: 3,
        guardians: vec![alloy_primitives::Address::ZERO; 3],
    };
    for message in [
        Message::Update(vec![1, 2]),
        Message::Evidence(vec![]),
        Message::Guard(GuardWord::Halt(5, approval.clone())),
        Message::Guard(GuardWord::Confirm(5, approval.clone())),
        Message::Guard(GuardWord::ScheduleResume(5, approval.clone())),
        Message::Guard(GuardWord::ExecuteResume),
        Message::Guard(GuardWord::ScheduleRotation(set, approval)),
        Message::Guard(GuardWord::ExecuteRotation),
    ] {
        let written = message.to_bytes();
        assert_eq!(Message::from_bytes(&written).as_ref(), Ok(&message));
        if let Message::Guard(_) = message {
            let longer = [written.as_slice(), &[0]].concat();
            let refused = Message::from_bytes(&longer);
            assert!(matches!(refused, Err(Reject::Malformed { .. })));
            for length in 0..written.len() {
                assert!(Message::from_bytes(&written[..length]).is_err());
            }
        }
    }
}
