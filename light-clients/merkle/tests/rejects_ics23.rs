//! One test for each way a proof of a Cosmos store is refused: one good proof with one flaw.

mod support;

use alloy_primitives::{B256, Bytes};
use merkle::ics23::{DEPTH_MAX, Fault, KEY_MAX, PROOF_MAX};
use support::ics23::{Chain, Good};

#[test]
fn the_good_fixtures_are_accepted() {
    assert!(matches!(Good::iavl().verdict(), Ok(Some(_))));
    assert!(matches!(Good::iavl_gap().verdict(), Ok(None)));
    assert!(matches!(Good::simple().verdict(), Ok(Some(_))));
    assert!(matches!(Chain::good().verdict(), Ok(Some(_))));
    // What edits believe is the root when they change nothing.
    assert_eq!(Good::iavl().verdict_with(|_| ()), Good::iavl().verdict());
}

#[test]
fn t33_rejects_zero_root() {
    let mut bad = Good::iavl();
    bad.root = B256::ZERO;
    assert_eq!(bad.verdict(), Err(Fault::ZeroRoot));
    let mut bad = Chain::good();
    bad.app_hash = B256::ZERO;
    assert_eq!(bad.verdict(), Err(Fault::ZeroRoot));
}

#[test]
fn rejects_no_key() {
    let mut bad = Good::iavl();
    bad.key.clear();
    assert_eq!(bad.verdict(), Err(Fault::NoKey));
    let mut bad = Good::iavl_gap();
    bad.absence().left.as_mut().unwrap().key.clear();
    assert_eq!(bad.verdict(), Err(Fault::NoKey));
    let mut bad = Chain::good();
    bad.store.clear();
    assert_eq!(bad.verdict(), Err(Fault::NoKey));
}

#[test]
fn rejects_long_key() {
    let expected = Err(Fault::LongKey {
        length: 1025,
        max: KEY_MAX,
    });
    assert_eq!(
        Good::iavl().verdict_with(|exists| exists.key = vec![b'k'; 1025]),
        expected
    );
    let mut bad = Good::iavl_gap();
    bad.absence().right.as_mut().unwrap().key = vec![b'z'; 1025];
    assert_eq!(bad.verdict(), expected);
}

#[test]
fn rejects_long_proof() {
    let (length, max) = (PROOF_MAX + 1, PROOF_MAX);
    let bytes = vec![0; length];
    assert_eq!(
        Good::iavl().verdict_on(&bytes),
        Err(Fault::LongProof { length, max })
    );
}

#[test]
fn rejects_truncated() {
    let good = Good::iavl();
    let bytes = good.bytes();
    let (cut, left) = (&bytes[..bytes.len() - 1], bytes.len() - 4);
    let expected = Fault::Truncated {
        message: "CommitmentProof",
        needed: u64::try_from(left + 1).unwrap(),
        left,
    };
    assert_eq!(good.verdict_on(cut), Err(expected));
}

#[test]
fn rejects_varint() {
    let message = "CommitmentProof";
    for bytes in [
        &[0x0a, 0x80][..],
        &[0x0a, 0x80, 0],
        &[0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
    ] {
        assert_eq!(Good::iavl().verdict_on(bytes), Err(Fault::Varint { message }));
    }
}

#[test]
fn rejects_default_written() {
    let expected = |message, field| Err(Fault::DefaultWritten { message, field });
    // An empty key in an existence; a hash function 0 in its leaf.
    assert_eq!(
        Good::iavl().verdict_on(&[0x0a, 2, 0x0a, 0]),
        expected("ExistenceProof", 1)
    );
    assert_eq!(
        Good::iavl().verdict_on(&[0x0a, 4, 0x1a, 2, 0x08, 0]),
        expected("LeafOp", 1)
    );
}

#[test]
fn rejects_field() {
    let good = Good::iavl();
    for key in [0x28, 0x0a, 0x08, 0xff] {
        let bytes = [good.bytes(), vec![key, 0]].concat();
        let message = "CommitmentProof";
        assert_eq!(good.verdict_on(&bytes), Err(Fault::Field { message, key }));
    }
}

#[test]
fn rejects_proof_kind() {
    let expected = "existence or absence";
    for (found, bytes) in [
        ("neither", vec![]),
        ("neither", vec![0x2a, 0]),
        ("a batch", vec![0x1a, 0]),
        ("a compressed batch", vec![0x22, 0]),
        (
            "existence beside absence",
            [Good::iavl().bytes(), Good::iavl_gap().bytes()].concat(),
        ),
    ] {
        assert_eq!(
            Good::iavl().verdict_on(&bytes),
            Err(Fault::ProofKind { expected, found })
        );
    }
    // Absence of the store itself says nothing about what is in it.
    let mut bad = Chain::good();
    bad.proofs[1] = Good::iavl_gap().bytes();
    let (expected, found) = ("existence", "absence");
    assert_eq!(bad.verdict(), Err(Fault::ProofKind { expected, found }));
}

#[test]
fn rejects_chain_length() {
    for found in [0, 1, 3] {
        let mut bad = Chain::good();
        bad.proofs.push(bad.proofs[0].clone());
        bad.proofs.truncate(found);
        assert_eq!(bad.verdict(), Err(Fault::ChainLength { expected: 2, found }));
    }
}

#[test]
fn rejects_store_root() {
    let mut link = Good::simple();
    link.existence().value.pop();
    let value = link.existence().value.len();
    let mut bad = Chain::good();
    bad.store = link.key.clone();
    // Under the root that the shorter value leads to.
    let root = ics23::calculate_existence_root::<ics23::HostFunctionsManager>(link.existence()).unwrap();
    bad.app_hash = B256::from_slice(&root);
    bad.proofs[1] = link.bytes();
    assert_eq!(bad.verdict(), Err(Fault::StoreRoot { length: value }));
    assert_eq!(value, 31);
}

#[test]
fn t09_rejects_other_key() {
    for mut bad in [Good::iavl(), Good::iavl_gap(), Good::simple()] {
        let found = Bytes::from(bad.key.clone());
        bad.key.push(b'0');
        let expected = Bytes::from(bad.key.clone());
        assert_eq!(bad.verdict(), Err(Fault::OtherKey { expected, found }));
    }
    let mut bad = Chain::good();
    bad.store = b"bank".to_vec();
    let (expected, found) = (Bytes::from_static(b"bank"), Bytes::from_static(b"ibc"));
    assert_eq!(bad.verdict(), Err(Fault::OtherKey { expected, found }));
}

#[test]
fn rejects_empty_value() {
    let mut bad = Good::iavl();
    bad.existence().value.clear();
    assert_eq!(bad.verdict(), Err(Fault::EmptyValue));
    let mut bad = Good::iavl_gap();
    bad.absence().left.as_mut().unwrap().value.clear();
    assert_eq!(bad.verdict(), Err(Fault::EmptyValue));
}

#[test]
fn rejects_no_leaf() {
    let mut bad = Good::iavl();
    bad.existence().leaf = None;
    assert_eq!(bad.verdict(), Err(Fault::NoLeaf));
}

#[test]
fn rejects_leaf_form() {
    for (field, expected, found) in [
        ("hash", 1, 0),
        ("prehash_key", 0, 1),
        ("prehash_value", 1, 2),
        ("length", 1, 3),
    ] {
        let verdict = Good::iavl().verdict_with(|exists| {
            let leaf = exists.leaf.as_mut().unwrap();
            let number = i32::try_from(found).unwrap();
            match field {
                "hash" => leaf.hash = number,
                "prehash_key" => leaf.prehash_key = number,
                "prehash_value" => leaf.prehash_value = number,
                _ => leaf.length = number,
            }
        });
        let expected = Fault::LeafForm {
            field,
            expected,
            found,
        };
        assert_eq!(verdict, Err(expected));
    }
}

#[test]
fn t03_rejects_leaf_prefix() {
    for (good, prefix) in [
        (Good::iavl(), vec![2, 2, 2]),
        (Good::iavl(), vec![0, 4, 2]),
        (Good::iavl(), vec![0, 2]),
        (Good::iavl(), vec![0, 2, 2, 0]),
        (Good::iavl(), vec![]),
        (Good::simple(), vec![1]),
        (Good::simple(), vec![0, 0]),
        (Good::simple(), vec![]),
    ] {
        let (length, first) = (prefix.len(), prefix.first().copied().unwrap_or_default());
        let verdict = good.verdict_with(|exists| exists.leaf.as_mut().unwrap().prefix = prefix);
        assert_eq!(verdict, Err(Fault::LeafPrefix { length, first }));
    }
}

#[test]
fn rejects_too_deep() {
    let of_depth = |depth: usize| {
        Good::simple().verdict_with(|exists| exists.path = vec![exists.path[0].clone(); depth])
    };
    assert!(of_depth(DEPTH_MAX).is_ok());
    assert_eq!(of_depth(DEPTH_MAX + 1), Err(Fault::TooDeep { max: DEPTH_MAX }));
}

#[test]
fn rejects_inner_hash() {
    for good in [Good::iavl(), Good::simple()] {
        let expected = Fault::InnerHash {
            level: 2,
            expected: 1,
            found: 0,
        };
        assert_eq!(good.verdict_with(|exists| exists.path[1].hash = 0), Err(expected));
    }
}

#[test]
fn t03_rejects_inner_is_leaf() {
    for good in [Good::iavl(), Good::simple()] {
        let verdict = good.verdict_with(|exists| exists.path[2].prefix[0] = 0);
        assert_eq!(verdict, Err(Fault::InnerIsLeaf { level: 3 }));
    }
}

#[test]
fn rejects_inner_numbers() {
    for (length, head) in [
        (2, vec![2, 3, 6]),
        (3, vec![2, 0x84, 0, 6]),
        (
            12,
            [
                &[2][..],
                &[0xfe, 255, 255, 255, 127],
                &[0xfe, 255, 255, 255, 255, 127],
            ]
            .concat(),
        ),
    ] {
        let verdict = Good::iavl().verdict_with(|exists| {
            exists.path[0].prefix.splice(..3, head);
        });
        let (level, max) = (1, 11);
        assert_eq!(verdict, Err(Fault::InnerNumbers { level, length, max }));
    }
}

#[test]
fn rejects_inner_height() {
    let verdict = Good::iavl().verdict_with(|exists| exists.path[1].prefix[0] = 2);
    let expected = Fault::InnerHeight {
        level: 2,
        below: 1,
        found: 1,
    };
    assert_eq!(verdict, Err(expected));
}

/// Both siblings, or none, and everything else that is not one sibling on one side.
#[test]
fn t01_rejects_malformed_inner() {
    let sibling = [[32].as_slice(), &[7; 32]].concat();
    let numbers = [2, 4, 6].as_slice();
    for (prefix, suffix) in [
        ([numbers, &sibling, &[32]].concat(), sibling.clone()),
        ([numbers, &[32]].concat(), vec![]),
        ([numbers, &[32]].concat(), sibling.repeat(2)),
        ([numbers, &[31]].concat(), sibling.clone()),
        (numbers.to_vec(), sibling.clone()),
    ] {
        let (level, before, after) = (1, prefix.len(), suffix.len());
        let verdict = Good::iavl().verdict_with(|exists| {
            exists.path[0].prefix = prefix;
            exists.path[0].suffix = suffix;
        });
        let expected = Fault::MalformedInner {
            level,
            prefix: before,
            suffix: after,
        };
        assert_eq!(verdict, Err(expected));
    }
    for (prefix, suffix) in [(1, 0), (33, 32), (1, 64), (17, 16), (65, 0), (0, 32)] {
        let verdict = Good::simple().verdict_with(|exists| {
            exists.path[0].prefix = vec![1; prefix];
            exists.path[0].suffix = vec![7; suffix];
        });
        let level = 1;
        assert_eq!(
            verdict,
            Err(Fault::MalformedInner {
                level,
                prefix,
                suffix
            })
        );
    }
}

#[test]
fn rejects_other_root() {
    for mut bad in [Good::iavl(), Good::iavl_gap(), Good::simple()] {
        let found = bad.root;
        bad.root.0[7] ^= 1;
        let expected = bad.root;
        assert_eq!(bad.verdict(), Err(Fault::OtherRoot { expected, found }));
    }
}

/// Every reason has a name of its own, the folder of the vectors that break it, and a text.
#[test]
fn a_fault_is_a_reject_with_its_rule_and_text() {
    let reject = merkle::Reject::from(Fault::NoNeighbours);
    assert_eq!(reject.rule(), "no_neighbours");
    assert_eq!(reject.to_string(), Fault::NoNeighbours.to_string());
}
