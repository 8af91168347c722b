//! What other projects recorded from chains of theirs, where it is at hand: `WEIGHBRIDGE_VECTORS` names the folder.

use client::Advance;
use merkle::Proven;
use prost::Message;
use serde_json::Value;
use tendermint_client::codec::{decode_bootstrap, decode_update, encode_update};
use tendermint_client::testing::{ibc, raw};
use tendermint_client::{Purpose, Reject, Trusted, prove_key, start, verify_header, verify_update};
use wire::{Height, Seconds};

use crate::judge::{self, Verdict};
use crate::recordings::{Shown, anchor, config, every_header, every_proof, folder, json, update_of_a_devnet};

#[test]
fn an_update_that_a_devnet_of_another_project_made() {
    let Some(path) = update_of_a_devnet() else { return };
    let file = json(&path);
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let message = &file["update_client_message"];
    let shown = bytes(&message["client_message_hex"]);
    let update = decode_update(&shown).unwrap();
    let config = config(&update.header.chain_id);
    let height = Height {
        revision_number: config.revision(),
        revision_height: message["trusted_height"].as_u64().unwrap(),
    };
    assert_eq!(update.trusted_height, height);
    let bootstrap = decode_bootstrap(height, &bytes(&file["consensus_state_hex"])).unwrap();
    let began = bootstrap.time.rounded_down();
    let trusted = start(config.clone(), &bootstrap, began).unwrap();
    let now = Seconds(update.header.time.rounded_down().0 + 2);
    let Ok(Advance::Updated(after)) = verify_update(&trusted, &update, now) else {
        panic!(
            "a recorded update is news: {:?}",
            verify_update(&trusted, &update, now)
        );
    };
    assert_eq!(Some(after.newest().height), message["new_height"].as_u64());
    // ibc-go's bytes: strict reading takes them, and writing gives them back but for priorities and totals.
    let again = decode_update(&encode_update(&update)).unwrap();
    assert_eq!(again, update);
    for at in 0..shown.len() {
        let mut mutant = shown.clone();
        mutant[at] ^= 1 << (at % 8);
        let Ok(mutant) = decode_update(&mutant) else {
            continue;
        };
        let verdict = verify_update(&trusted, &mutant, now);
        assert!(
            verdict.is_err() || verdict == Ok(Advance::Updated(after.clone())),
            "byte {at}"
        );
    }
}

#[test]
fn proofs_that_a_devnet_of_another_project_gave() {
    for shown in every_proof() {
        let Shown {
            trusted,
            height,
            now,
            proof,
            ..
        } = &shown;
        let (time, proven) = prove_key(trusted, *height, &shown.key, proof, *now).unwrap();
        assert_eq!(time, *now);
        match proven {
            Proven::Present(found) => assert_eq!(shown.value.as_deref(), Some(found)),
            Proven::Absent => assert_eq!(shown.value, None),
        }
        assert!(prove_key(trusted, *height, b"clients/07-tendermint-9", proof, *now).is_err());
    }
}

#[test]
fn recorded_headers_of_a_devnet_and_mutants_of_them() {
    let headers = every_header();
    for (count, bytes) in headers.iter().enumerate() {
        let update = decode_update(bytes).unwrap();
        let config = config(&update.header.chain_id);
        assert_eq!(config.revision(), update.trusted_height.revision_number);
        let anchor = anchor(&update);
        let now = Seconds(update.header.time.rounded_down().0 + 1);
        assert_eq!(judge::ours(&config, &anchor, bytes, now), Verdict::Accepted);
        assert_eq!(judge::theirs(&config, &anchor, bytes, now), Verdict::Accepted);
        for at in (count % 7..bytes.len()).step_by(7) {
            let mut mutant = bytes.clone();
            mutant[at] ^= 1 << (at % 8);
            if judge::ours(&config, &anchor, &mutant, now) == Verdict::Accepted {
                assert_eq!(judge::theirs(&config, &anchor, &mutant, now), Verdict::Accepted);
                assert_eq!(decode_update(&mutant).unwrap().header, update.header);
            }
        }
    }
    assert!(headers.is_empty() || headers.len() == 60);
}

#[test]
fn commits_that_nodes_answered() {
    for name in ["kvstore_fixtures/v0_37", "kvstore_fixtures/v0_38"] {
        let Some(folder) = folder("tendermint-rs/rpc/tests") else {
            return;
        };
        let incoming = folder.join(name).join("incoming");
        let commit = json(&incoming.join("commit_at_height_10.json"));
        let signed: raw::SignedHeader =
            serde_json::from_value(commit["result"]["signed_header"].clone()).unwrap();
        let genesis = json(&incoming.join("genesis.json"));
        let validators = genesis["result"]["genesis"]["validators"].clone();
        let set: raw::ValidatorSet =
            serde_json::from_value(serde_json::json!({ "validators": validators, "proposer": null }))
                .unwrap();
        let message = ibc::Header {
            signed_header: Some(signed),
            validator_set: Some(set.clone()),
            trusted_height: Some(ibc::Height {
                revision_number: 0,
                revision_height: 8,
            }),
            trusted_validators: Some(set),
        };
        let update = decode_update(&message.encode_to_vec()).unwrap();
        let config = config(&update.header.chain_id);
        let now = Seconds(update.header.time.rounded_down().0 + 1);
        verify_header(&config, &anchor(&update), &update, now, Purpose::Advance).unwrap();
        // Their application keeps no root that anything could be proven against.
        let height = update.trusted_height;
        let anchor = anchor(&update);
        let trusted = Trusted::from_parts(config, anchor, [], false).unwrap();
        assert!(trusted.state_at(height).is_ok());
        let length = 8;
        assert_eq!(
            verify_update(&trusted, &update, now),
            Err(Reject::BadAppHash { length })
        );
    }
}

#[test]
fn keys_of_bls_are_refused_by_name() {
    let Some(path) = folder("union/lib/cometbft-rpc/testdata/validators/bartio-6760022.json") else {
        return;
    };
    let file = json(&path);
    let one = &file["result"]["validators"][0];
    assert_eq!(one["pub_key"]["type"], "cometbft/PubKeyBls12_381");
    // A validator with the key as CometBFT writes it: field 3 of the key.
    let key = [vec![0x1a, 48], vec![7; 48]].concat();
    let validator = [
        vec![0x0a, 20],
        hex::decode(one["address"].as_str().unwrap()).unwrap(),
        vec![0x12, 50],
        key,
        vec![0x18, 1],
    ]
    .concat();
    let set = [vec![0x0a, u8::try_from(validator.len()).unwrap()], validator].concat();
    let world = crate::fixture::world();
    let mut message = world.show(&world.block_at(110), 100);
    message.validator_set = None;
    message.trusted_height = None;
    message.trusted_validators = None;
    let bytes = [
        message.encode_to_vec(),
        vec![0x12, u8::try_from(set.len()).unwrap()],
        set,
    ]
    .concat();
    assert_eq!(decode_update(&bytes), Err(Reject::KeyKind { kind: "bls12_381" }));
}
