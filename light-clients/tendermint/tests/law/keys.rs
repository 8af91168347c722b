//! Signatures, judged by the vectors that verifiers disagree about. Spec: ZIP-215; CometBFT's secp256k1.

use std::path::PathBuf;
use std::{env, fs};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tendermint_client::Key;
use tendermint_client::testing::{Kind, Secret};

/// The case of Wycheproof that RFC 8032 refuses and ZIP-215 accepts.
const ZIP_215_ONLY: u64 = 151;

fn vectors<T: DeserializeOwned>(name: &str) -> Option<T> {
    let Some(root) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        eprintln!("skipped {name}: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    let text = fs::read_to_string(PathBuf::from(root).join(name)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(case[field].as_str().unwrap()).unwrap()
}

/// What the client says; a key or signature of another length is none.
fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match (key.try_into(), signature.try_into()) {
        (Ok(key), Ok(signature)) => Key::Ed25519(key).has_signed(message, signature),
        _ => false,
    }
}

#[test]
fn t31_zip_215_says_which_ed25519_signatures_count() {
    let Some(cases) = vectors::<Vec<Value>>("noble-curves/test/vectors/ed25519/zip215.json") else {
        return;
    };
    assert_eq!(cases.len(), 196);
    for case in &cases {
        let found = ed25519(&bytes(case, "vk_bytes"), b"Zcash", &bytes(case, "sig_bytes"));
        assert_eq!(Some(found), case["valid_zip215"].as_bool(), "{case}");
    }
}

#[test]
fn t31_the_cases_in_which_verifiers_differ_go_by_zip_215() {
    let Some(cases) = vectors::<Vec<Value>>("ed25519-speccheck/cases.json") else {
        return;
    };
    // Small order and mixed order count, also in forms that are not canonical; s of the group's order and above does not.
    let expected = [
        true, true, true, true, true, true, false, false, false, true, true, true,
    ];
    let found: Vec<bool> = cases
        .iter()
        .map(|case| {
            ed25519(
                &bytes(case, "pub_key"),
                &bytes(case, "message"),
                &bytes(case, "signature"),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn t31_wycheproof_ed25519() {
    let Some(file) = vectors::<Value>("wycheproof/testvectors_v1/ed25519_test.json") else {
        return;
    };
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = bytes(&group["publicKey"], "pk");
        for case in group["tests"].as_array().unwrap() {
            let found = ed25519(&key, &bytes(case, "msg"), &bytes(case, "sig"));
            // Its column is RFC 8032. ZIP-215 differs in one case: R with a sign that x = 0 has not is a point.
            let is_valid = case["result"] == "valid" || case["tcId"] == ZIP_215_ONLY;
            assert_eq!(found, is_valid, "{case}");
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

/// Key, message and signature of each case of those above; none where the vectors are not.
pub(crate) fn all_ed25519() -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let list = |name| vectors::<Vec<Value>>(name).unwrap_or_default();
    let mut all = Vec::new();
    for case in list("noble-curves/test/vectors/ed25519/zip215.json") {
        all.push((
            bytes(&case, "vk_bytes"),
            b"Zcash".to_vec(),
            bytes(&case, "sig_bytes"),
        ));
    }
    for case in list("ed25519-speccheck/cases.json") {
        all.push((
            bytes(&case, "pub_key"),
            bytes(&case, "message"),
            bytes(&case, "signature"),
        ));
    }
    let file = vectors::<Value>("wycheproof/testvectors_v1/ed25519_test.json").unwrap_or_default();
    for group in file["testGroups"].as_array().into_iter().flatten() {
        for case in group["tests"].as_array().unwrap() {
            all.push((
                bytes(&group["publicKey"], "pk"),
                bytes(case, "msg"),
                bytes(case, "sig"),
            ));
        }
    }
    all
}

#[test]
fn a_key_that_leaves_a_sign_open_never_signs() {
    // One of them has the point for which the tag could be taken.
    for number in 0..8 {
        let secret = Secret::new(Kind::Secp256k1, 12, number);
        let signature: [u8; 64] = secret.sign(b"vote").try_into().unwrap();
        let mut key: [u8; 33] = secret.public().to_bytes().try_into().unwrap();
        assert!(Key::Secp256k1(key).has_signed(b"vote", &signature));
        // Tag 5 of SEC 1 stands for one of both points; CometBFT reads no such key.
        key[0] = 5;
        assert!(!Key::Secp256k1(key).has_signed(b"vote", &signature));
    }
}

#[test]
fn t31_wycheproof_secp256k1_and_the_higher_s() {
    let Some(file) = vectors::<Value>("wycheproof/testvectors_v1/ecdsa_secp256k1_sha256_p1363_test.json")
    else {
        return;
    };
    let (mut valid, mut higher) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = bytes(&group["publicKey"], "uncompressed");
        let point = k256_compressed(&key);
        for case in group["tests"].as_array().unwrap() {
            let signature = bytes(case, "sig");
            let found = match signature.as_slice().try_into() {
                Ok(signature) => Key::Secp256k1(point).has_signed(&bytes(case, "msg"), signature),
                Err(_) => false,
            };
            let is_valid = case["result"] == "valid";
            let is_higher = signature.len() == 64 && is_above_half(&signature[32..]);
            assert_eq!(found, is_valid && !is_higher, "{case}");
            valid += usize::from(found);
            higher += usize::from(is_valid && is_higher);
        }
    }
    assert!(
        valid > 50 && higher > 0,
        "{valid} valid, {higher} with the higher s"
    );
}

/// The point without its second coordinate.
fn k256_compressed(uncompressed: &[u8]) -> [u8; 33] {
    let odd = uncompressed[64] & 1;
    let mut point = [2 + odd; 33];
    point[1..].copy_from_slice(&uncompressed[1..33]);
    point
}

/// Whether a number is above half of the order of secp256k1.
fn is_above_half(number: &[u8]) -> bool {
    let half = hex::decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0").unwrap();
    number > half.as_slice()
}

#[test]
fn an_address_is_that_of_cometbft() {
    for kind in [Kind::Ed25519, Kind::Secp256k1] {
        for number in 0..20 {
            let secret = Secret::new(kind, 11, number);
            let public = secret.public().to_bytes();
            let key = match kind {
                Kind::Ed25519 => Key::Ed25519(public.as_slice().try_into().unwrap()),
                Kind::Secp256k1 => Key::Secp256k1(public.as_slice().try_into().unwrap()),
            };
            assert_eq!(key.address().to_vec(), secret.address());
            let signature: [u8; 64] = secret.sign(b"vote").try_into().unwrap();
            assert!(key.has_signed(b"vote", &signature));
            assert!(!key.has_signed(b"vota", &signature));
        }
    }
}

#[test]
fn what_is_no_key_has_signed_nothing() {
    let signature: [u8; 64] = Secret::new(Kind::Secp256k1, 11, 0)
        .sign(b"vote")
        .try_into()
        .unwrap();
    for first in [0, 1, 4, 5, 6, 7] {
        let mut point = [7; 33];
        point[0] = first;
        assert!(!Key::Secp256k1(point).has_signed(b"vote", &signature));
    }
    // No point has this coordinate.
    let mut encoded = [0; 32];
    encoded[0] = 2;
    assert!(!Key::Ed25519(encoded).has_signed(b"vote", &signature));
}
