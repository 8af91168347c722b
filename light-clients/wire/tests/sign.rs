//! What is signed and who signed it: shared vectors, and one test for each way to be refused.

#[path = "../../vectors/harness.rs"]
mod harness;

use alloy_primitives::{Address, B256, U256, keccak256};
use k256::ecdsa::{RecoveryId, Signature, SigningKey};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wire::{
    Reject,
    sign::{self, Domain, Kind},
};

/// Those that contracts read, too.
const KINDS: [Kind; 6] = [
    Kind::AttestedState,
    Kind::AttestorRotation,
    Kind::GuardianHalt,
    Kind::GuardianConfirm,
    Kind::GuardianResume,
    Kind::GuardianCancel,
];
const RULES: [&str; 4] = ["signature_length", "recovery_byte", "high_s", "unrecoverable"];
/// Order of the curve.
const ORDER: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&keccak256([seed]).0.into()).unwrap()
}

fn address(key: &SigningKey) -> Address {
    let point = key.verifying_key().to_encoded_point(false);
    Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..])
}

/// The digest, written out once more.
fn digest(kind: u64, chain: B256, contract: B256, set: u64, statement: &[B256]) -> B256 {
    let mut bytes = b"\x19Weighbridge statement".to_vec();
    bytes.resize(32, 0);
    for number in [1, kind] {
        bytes.extend([0; 24]);
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(chain);
    bytes.extend(contract);
    bytes.extend([0; 24]);
    bytes.extend(set.to_be_bytes());
    bytes.extend(keccak256(statement.concat()));
    keccak256(bytes)
}

/// `r ‖ s ‖ v`, s low.
fn signed(key: &SigningKey, digest: B256) -> [u8; 65] {
    let (signature, parity) = key.sign_prehash_recoverable(digest.as_slice()).unwrap();
    bytes_of(&signature, parity)
}

fn bytes_of(signature: &Signature, parity: RecoveryId) -> [u8; 65] {
    let mut bytes = [0; 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes[64] = 27 + parity.to_byte();
    bytes
}

/// The form of EIP-2098.
fn compact(signature: &[u8; 65]) -> [u8; 64] {
    let mut bytes: [u8; 64] = signature[..64].try_into().unwrap();
    bytes[32] |= (signature[64] - 27) << 7;
    bytes
}

/// The other signature of the same key over the same digest.
fn mirrored(signature: &[u8; 65]) -> [u8; 65] {
    let mut bytes = *signature;
    let order = ORDER.parse::<U256>().unwrap();
    let s = U256::from_be_slice(&signature[32..64]);
    bytes[32..64].copy_from_slice(&(order - s).to_be_bytes::<32>());
    bytes[64] = 55 - signature[64];
    bytes
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    json!(format!("0x{}", hex::encode(bytes)))
}

fn put<const N: usize>(files: &mut harness::Files, path: &str, fields: [(&str, Value); N]) {
    let object: Map<_, _> = fields
        .map(|(name, value)| (name.to_string(), value))
        .into_iter()
        .collect();
    assert!(
        files
            .insert(format!("{path}.json"), Value::Object(object))
            .is_none(),
        "{path}"
    );
}

fn put_signature(
    files: &mut harness::Files,
    path: &str,
    about: &str,
    digest: B256,
    signature: &[u8],
    signer: Option<Address>,
) {
    put(
        files,
        path,
        [
            ("about", json!(about)),
            ("kind", json!("signature")),
            ("digest", hex(digest)),
            ("signature", hex(signature)),
            ("signer", hex(signer.unwrap_or_default())),
        ],
    );
}

fn files() -> harness::Files {
    let mut files = harness::Files::new();
    for (at, kind) in KINDS.into_iter().enumerate() {
        let number = 1 + at as u64;
        assert_eq!(kind.number(), number);
        let chain = keccak256([kind.number() as u8, 1]);
        let contract = keccak256([kind.number() as u8, 2]);
        let statement: Vec<B256> = (0..at as u8).map(|word| keccak256([word])).collect();
        let set = [0, 1, 2, 255, 65_536, u64::MAX][at];
        put(
            &mut files,
            &format!("accept/digest_{number}"),
            [
                (
                    "about",
                    json!(format!("a statement of {at} words of kind {number}")),
                ),
                ("kind", json!("digest")),
                ("statementKind", json!(number)),
                ("chain", hex(chain)),
                ("contract", hex(contract)),
                ("set", hex(sign::word(set))),
                ("statement", hex(statement.concat())),
                ("digest", hex(digest(number, chain, contract, set, &statement))),
            ],
        );
    }
    signatures(&mut files);
    files
}

fn signatures(files: &mut harness::Files) {
    // Both parities.
    for seed in 0..6 {
        let (digest, key) = (keccak256([seed, 7]), key(seed));
        let signature = signed(&key, digest);
        let signer = Some(address(&key));
        let path = |form| format!("accept/signature_{form}_{seed}");
        put_signature(files, &path("65"), "r, s, v", digest, &signature, signer);
        put_signature(
            files,
            &path("64"),
            "EIP-2098",
            digest,
            &compact(&signature),
            signer,
        );
    }
    malformed(files);
    unrecoverable(files);
}

/// Flaws that show before anything is computed.
fn malformed(files: &mut harness::Files) {
    let digest = keccak256("digest");
    let good = signed(&key(1), digest);
    for length in [0, 1, 32, 63, 66, 96] {
        let mut bytes = good.to_vec();
        bytes.resize(length, 27);
        let path = format!("reject/signature_length/{length}");
        put_signature(files, &path, "not 64 and not 65 bytes", digest, &bytes, None);
    }
    for v in [0, 1, 26, 29, 255] {
        let mut bytes = good;
        bytes[64] = v;
        let path = format!("reject/recovery_byte/{v}");
        put_signature(files, &path, "neither 27 nor 28", digest, &bytes, None);
    }
    put_signature(
        files,
        "reject/high_s/mirrored",
        "[T-31] the twin of a good signature",
        digest,
        &mirrored(&good),
        None,
    );
    let half = ORDER.parse::<U256>().unwrap() >> 1;
    for (name, s) in [("lowest", half + U256::from(1)), ("largest", U256::MAX)] {
        let mut bytes = good;
        bytes[32..64].copy_from_slice(&s.to_be_bytes::<32>());
        put_signature(
            files,
            &format!("reject/high_s/{name}"),
            "s above half the order",
            digest,
            &bytes,
            None,
        );
    }
}

fn unrecoverable(files: &mut harness::Files) {
    let digest = keccak256("digest");
    let good = signed(&key(1), digest);
    let mut edge = good.to_vec();
    edge[32..64].copy_from_slice(&[0; 32]);
    put_signature(
        files,
        "reject/unrecoverable/s_zero",
        "s is 0",
        digest,
        &edge,
        None,
    );
    for (name, r) in [
        ("r_zero", U256::ZERO),
        ("r_order", ORDER.parse().unwrap()),
        ("r_off_curve", U256::from(5)),
    ] {
        let mut bytes = good;
        bytes[..32].copy_from_slice(&r.to_be_bytes::<32>());
        put_signature(
            files,
            &format!("reject/unrecoverable/{name}"),
            "r belongs to no point",
            digest,
            &bytes,
            None,
        );
    }
}

fn judge(file: &Value) -> Result<(), Reject> {
    match file["kind"].as_str().unwrap() {
        "digest" => {
            let number = file["statementKind"].as_u64().unwrap();
            let domain = Domain {
                chain: word(file, "chain"),
                contract: word(file, "contract"),
                set: U256::from_be_bytes(word(file, "set").0).to(),
            };
            let statement: Vec<B256> = bytes(file, "statement")
                .chunks(32)
                .map(B256::from_slice)
                .collect();
            let kind = KINDS.into_iter().find(|kind| kind.number() == number).unwrap();
            assert_eq!(domain.digest(kind, &statement), word(file, "digest"));
            Ok(())
        }
        "signature" => {
            let signer = sign::recover(word(file, "digest"), &bytes(file, "signature"))?;
            assert_eq!(signer.as_slice(), bytes(file, "signer"));
            Ok(())
        }
        kind => panic!("unknown kind {kind}"),
    }
}

fn bytes(file: &Value, field: &str) -> Vec<u8> {
    hex::decode(file[field].as_str().unwrap().strip_prefix("0x").unwrap()).unwrap()
}

fn word(file: &Value, field: &str) -> B256 {
    B256::from_slice(&bytes(file, field))
}

#[test]
fn sign_vectors() {
    harness::check_in_step("sign", &files());
    harness::judge_all("sign", &RULES, |file| {
        judge(file).map_err(|reject| reject.rule().to_string())
    });
}

#[test]
fn rejects_signature_length() {
    assert_eq!(
        sign::recover(B256::ZERO, &[1; 63]),
        Err(Reject::SignatureLength { length: 63 })
    );
    assert_eq!(
        sign::recover(B256::ZERO, &[1; 66]),
        Err(Reject::SignatureLength { length: 66 })
    );
}

#[test]
fn rejects_recovery_byte() {
    let mut signature = signed(&key(1), B256::ZERO);
    signature[64] -= 27;
    let v = signature[64];
    assert_eq!(
        sign::recover(B256::ZERO, &signature),
        Err(Reject::RecoveryByte { v })
    );
}

#[test]
fn t31_rejects_high_s() {
    let twin = mirrored(&signed(&key(1), B256::ZERO));
    let s = B256::from_slice(&twin[32..64]);
    assert_eq!(sign::recover(B256::ZERO, &twin), Err(Reject::HighS { s }));
}

#[test]
fn rejects_unrecoverable() {
    let mut signature = signed(&key(1), B256::ZERO);
    signature[..32].fill(0);
    assert_eq!(
        sign::recover(B256::ZERO, &signature),
        Err(Reject::Unrecoverable { digest: B256::ZERO })
    );
}

#[test]
fn a_contract_is_its_address_as_a_word() {
    let contract = Address::repeat_byte(7);
    let domain = Domain::evm(31_337, contract, 3);
    assert_eq!(domain.chain, sign::word(31_337));
    assert_eq!(domain.contract, contract.into_word());
    assert_eq!(sign::seconds(wire::Seconds(9)), sign::word(9));
}

proptest! {
    #[test]
    fn every_signature_leads_to_its_signer(seed in any::<u8>(), digest in any::<[u8; 32]>()) {
        let (key, digest) = (key(seed), B256::new(digest));
        let signature = signed(&key, digest);
        prop_assert_eq!(sign::recover(digest, &signature), Ok(address(&key)));
        prop_assert_eq!(sign::recover(digest, &compact(&signature)), Ok(address(&key)));
        prop_assert!(sign::recover(digest, &mirrored(&signature)).is_err());
    }

    #[test]
    fn every_part_of_a_domain_counts(chain: u64, set: u64, other in 1u64.., words in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
        let words: Vec<B256> = words.into_iter().map(B256::new).collect();
        let domain = Domain::evm(chain, Address::ZERO, set);
        let digest = domain.digest(Kind::GuardianHalt, &words);
        for changed in [
            Domain { chain: sign::word(chain ^ other), ..domain },
            Domain { contract: sign::word(other), ..domain },
            Domain { set: set ^ other, ..domain },
        ] {
            prop_assert_ne!(changed.digest(Kind::GuardianHalt, &words), digest);
        }
        prop_assert_ne!(domain.digest(Kind::GuardianResume, &words), digest);
        let longer = [words.as_slice(), &[B256::ZERO]].concat();
        prop_assert_ne!(domain.digest(Kind::GuardianHalt, &longer), digest);
    }
}
