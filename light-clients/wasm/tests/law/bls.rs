//! Curve points in wasm against blst: the same verdict on every input.

use std::sync::LazyLock;

use alloy_primitives::B256;
use ethereum::testing::Keys;
use ethereum::{Bls, Blst, G1, G2, Sum, Verdict};
use proptest::prelude::*;
use wasm_client::HostBls;

use crate::host::Native;

const OURS: HostBls<Native> = HostBls(Native);

static KEYS: LazyLock<Vec<G1>> = LazyLock::new(keys);
static SIGNED: LazyLock<(B256, G2)> = LazyLock::new(signed);

/// Keys of a committee, decompressed.
fn keys() -> Vec<G1> {
    let compressed: Vec<[u8; 48]> = Keys::new(5, 32)
        .committee()
        .pubkeys
        .iter()
        .map(|key| key.0)
        .collect();
    let keys = Blst.decompress_keys(&compressed).unwrap();
    assert_eq!(OURS.decompress_keys(&compressed), Some(keys.clone()));
    keys
}

/// A point of the curve that is not in the group: some x has one, and most of those are not.
fn outside(seed: u8) -> G1 {
    (0..=u8::MAX)
        .find_map(|tried| {
            let mut compressed = [0; 48];
            compressed[0] = 0x80;
            compressed[46] = seed;
            compressed[47] = tried;
            OURS.decompress_keys(&[compressed])
        })
        .unwrap()[0]
}

fn agree(key: &G1, message: &B256, signature: &G2) -> Verdict {
    let verdict = OURS.verify(key, message, signature);
    assert_eq!(verdict, Blst.verify(key, message, signature));
    verdict
}

#[test]
fn sums_are_those_of_blst() {
    let keys = keys();
    for count in [0, 1, 2, 10, 31] {
        let (total, others) = (&keys[31], &keys[..count]);
        assert_eq!(OURS.subtract(total, others), Blst.subtract(total, others));
    }
    let twice = [keys[3], keys[3]];
    assert_eq!(OURS.subtract(&keys[4], &twice), Blst.subtract(&keys[4], &twice));
    assert_eq!(OURS.subtract(&keys[0], &[keys[0]]), Some(Sum::Infinity));
    let negative = keys[0].negate().unwrap();
    let doubled = OURS.subtract(&keys[0], &[negative]);
    assert_eq!(doubled, Blst.subtract(&keys[0], &[negative]));
    assert!(matches!(doubled, Some(Sum::Point(_))));
}

#[test]
fn points_outside_the_group_are_added_and_not_believed() {
    let (keys, one, other) = (keys(), outside(1), outside(2));
    assert!(OURS.is_on_curve(&one) && Blst.is_on_curve(&one));
    for (total, others) in [(one, [other]), (keys[0], [one]), (one, [keys[0]]), (one, [one])] {
        assert_eq!(OURS.subtract(&total, &others), Blst.subtract(&total, &others));
    }
    let (message, signature) = signed();
    assert_eq!(agree(&one, &message, &signature), Verdict::BadPoint);
}

/// A message and the signature of `Keys`' first seat over it.
fn signed() -> (B256, G2) {
    let keys = Keys::new(5, 32);
    let message = B256::repeat_byte(9);
    let compressed = keys.sign(&[1, 0, 0, 0], message).0;
    let signature = OURS.decompress_signature(&compressed);
    assert_eq!(signature, Blst.decompress_signature(&compressed));
    (message, signature.unwrap())
}

#[test]
fn signatures_are_judged_as_blst_judges_them() {
    let keys = keys();
    let (message, signature) = signed();
    assert_eq!(agree(&keys[0], &message, &signature), Verdict::Valid);
    assert_eq!(agree(&keys[1], &message, &signature), Verdict::Mismatch);
    assert_eq!(agree(&keys[0], &B256::ZERO, &signature), Verdict::Mismatch);
    for at in [0, 47, 48, 95, 96, 143, 144, 191] {
        for bit in [1, 0x20, 0x40, 0x80] {
            let mut changed = signature;
            changed.0[at] ^= bit;
            assert_eq!(agree(&keys[0], &message, &changed), Verdict::BadPoint);
        }
    }
    assert_eq!(agree(&keys[0], &message, &G2([0; 192])), Verdict::BadPoint);
    assert_eq!(agree(&G1([0; 96]), &message, &signature), Verdict::BadPoint);
}

#[test]
fn forms_with_flags_are_no_points_of_ours() {
    let (keys, (message, signature)) = (keys(), signed());
    for flags in [0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0] {
        for mut key in [keys[0], G1([0; 96])] {
            key.0[0] |= flags;
            assert!(!OURS.is_on_curve(&key) && !Blst.is_on_curve(&key), "{flags:#x}");
            assert_eq!(OURS.subtract(&keys[1], &[key]), None);
            assert_eq!(OURS.subtract(&key, &[keys[1]]), None);
            assert_eq!(agree(&key, &message, &signature), Verdict::BadPoint);
        }
        // The flags of a signature stand in its second coordinate, which comes first when it is serialized.
        for mut changed in [signature, G2([0; 192])] {
            changed.0[48] |= flags;
            assert_eq!(
                agree(&keys[0], &message, &changed),
                Verdict::BadPoint,
                "{flags:#x}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_are_judged_differently(at in 0..96_usize, byte: u8, key in 0..32_usize, noise: [u8; 32]) {
        let (all, (message, signature)) = (&KEYS[..], *SIGNED);
        let mut point = all[key];
        point.0[at] = byte;
        prop_assert_eq!(OURS.is_on_curve(&point), Blst.is_on_curve(&point));
        prop_assert_eq!(OURS.subtract(&all[0], &[point]), Blst.subtract(&all[0], &[point]));
        prop_assert_eq!(OURS.subtract(&point, &[all[0]]), Blst.subtract(&point, &[all[0]]));
        let _ = agree(&point, &message, &signature);
        let mut compressed = [0; 48];
        compressed[..32].copy_from_slice(&noise);
        compressed[47] = byte;
        prop_assert_eq!(OURS.decompress_keys(&[compressed]), Blst.decompress_keys(&[compressed]));
    }
}
