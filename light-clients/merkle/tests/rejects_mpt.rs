//! One test for each way a trie proof is refused: one good trie with one flaw.

mod support;

use alloy_primitives::{B256, keccak256};
use merkle::{
    Reject,
    mpt::{EMPTY_ROOT, Proven, prove, prove_variable},
    rlp as reader,
};
use support::{Tape, rlp_writer as rlp};

fn key() -> B256 {
    Tape::new("rejects").word()
}

fn nibbles() -> Vec<u8> {
    rlp::nibbles(key().as_slice())
}

/// The verdict about the key in the trie whose root is the first of `nodes`.
fn verdict(nodes: &[Vec<u8>]) -> Result<Vec<u8>, Reject> {
    let proof = nodes.concat();
    prove(keccak256(&nodes[0]), key(), &proof).map(|proven| match proven {
        Proven::Present(value) => value.to_vec(),
        Proven::Absent => Vec::new(),
    })
}

/// A branch whose child for the key's first nibble is `child`.
fn branch(child: Vec<u8>) -> Vec<u8> {
    let first = nibbles()[0];
    rlp::branch(&[(first, child), (first ^ 1, rlp::string(&[9; 32]))], &[])
}

fn good_nodes() -> [Vec<u8>; 2] {
    let leaf = rlp::leaf(&nibbles()[1..], &[7; 40]);
    [branch(rlp::reference(&leaf)), leaf]
}

#[test]
fn the_good_fixtures_are_accepted() {
    assert_eq!(verdict(&good_nodes()), Ok(vec![7; 40]));
}

/// Where keys differ in length, a leaf of a shorter or longer key says nothing but that the asked one is absent.
#[test]
fn a_leaf_is_of_one_key() {
    let leaf = rlp::leaf(&rlp::nibbles(b"key"), b"value");
    let root = keccak256(&leaf);
    assert_eq!(prove_variable(root, b"key", &leaf), Ok(Proven::Present(b"value")));
    for other in [&b"ke"[..], b"keys", b"kex", b""] {
        assert_eq!(prove_variable(root, other, &leaf), Ok(Proven::Absent));
    }
}

#[test]
fn rejects_empty_trie() {
    assert_eq!(
        prove(EMPTY_ROOT, key(), &[0x80]),
        Err(Reject::EmptyTrie { root: EMPTY_ROOT })
    );
    assert_eq!(keccak256([0x80]), EMPTY_ROOT);
}

#[test]
fn t33_rejects_a_zero_root() {
    let proof = good_nodes().concat();
    assert_eq!(
        prove(B256::ZERO, key(), &proof),
        Err(Reject::EmptyTrie { root: B256::ZERO })
    );
    assert_eq!(
        prove_variable(B256::ZERO, &[], &proof),
        Err(Reject::EmptyTrie { root: B256::ZERO })
    );
}

#[test]
fn rejects_key_too_long() {
    let proof = good_nodes().concat();
    let refused = Err(Reject::KeyTooLong { length: 33, max: 32 });
    assert_eq!(prove_variable(keccak256(&proof), &[0; 33], &proof), refused);
}

#[test]
fn rejects_missing_node() {
    let [branch, leaf] = good_nodes();
    let refused = Reject::MissingNode {
        expected: keccak256(&leaf),
        nodes: 1,
    };
    assert_eq!(verdict(std::slice::from_ref(&branch)), Err(refused));
    let root = keccak256(&branch);
    assert_eq!(
        prove(root, key(), &[]),
        Err(Reject::MissingNode {
            expected: root,
            nodes: 0
        })
    );
}

#[test]
fn rejects_node_hash() {
    let [branch, leaf] = good_nodes();
    let other = rlp::leaf(&nibbles()[1..], &[8; 40]);
    let refused = Reject::NodeHash {
        node: 1,
        expected: keccak256(leaf),
        found: keccak256(&other),
    };
    assert_eq!(verdict(&[branch, other]), Err(refused));
}

#[test]
fn rejects_short_node() {
    let nibbles = nibbles();
    let leaf = rlp::leaf(&nibbles[60..], &[9]);
    let children = [
        (nibbles[59], rlp::hash_reference(&leaf)),
        (nibbles[59] ^ 1, rlp::string(&[9; 32])),
    ];
    let branch = rlp::branch(&children, &[]);
    let top = rlp::extension(&nibbles[..59], rlp::reference(&branch));
    assert_eq!(
        verdict(&[top, branch, leaf.clone()]),
        Err(Reject::ShortNode {
            node: 2,
            length: leaf.len()
        })
    );
}

#[test]
fn rejects_rlp_truncated() {
    assert_eq!(
        reader::take(&mut &[][..]),
        Err(Reject::RlpTruncated { needed: 1, left: 0 })
    );
    assert_eq!(
        reader::take(&mut &[0x83, 1, 2][..]),
        Err(Reject::RlpTruncated { needed: 3, left: 2 })
    );
    assert_eq!(
        reader::take(&mut &[0xf9, 1][..]),
        Err(Reject::RlpTruncated { needed: 2, left: 1 })
    );
    let huge = [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(
        reader::take(&mut &huge[..]),
        Err(Reject::RlpTruncated {
            needed: u64::MAX,
            left: 0
        })
    );
}

#[test]
fn rejects_rlp_not_canonical() {
    for bytes in [
        &[0x81, 0x7f][..],
        &[0xb8, 1, 0xff],
        &[0xf8, 0],
        &[0xb9, 0, 56],
        &[0xf8, 55],
    ] {
        let first = bytes[0];
        let padded = [bytes, &[0; 60]].concat();
        assert_eq!(
            reader::take(&mut &padded[..]),
            Err(Reject::RlpNotCanonical { first })
        );
    }
}

#[test]
fn rejects_rlp_kind() {
    let refused = |what| Err(Reject::RlpKind { what });
    assert_eq!(verdict(&[rlp::string(&[7; 40])]), refused("a trie node"));
    let leaf = rlp::list(&[
        rlp::string(&rlp::compact(&nibbles(), true)),
        rlp::list(&[vec![9]]),
    ]);
    assert_eq!(verdict(&[leaf]), refused("a path or a value in a trie node"));
}

#[test]
fn rejects_node_shape() {
    for items in [0, 1, 3, 16, 18, 40] {
        let node = rlp::list(&vec![vec![0x80]; items]);
        assert_eq!(verdict(&[node]), Err(Reject::NodeShape { items: items.min(18) }));
    }
}

/// T-01 in its trie form: a node has the places of one of the three kinds and each holds what belongs there, also
/// those that the key does not lead to.
#[test]
fn t01_every_place_of_a_node_counts() {
    let hash = rlp::string(&[9; 32]);
    let first = nibbles()[0];
    for place in 0..16u8 {
        let good = [(first, hash.clone()), (place, hash.clone())];
        assert!(matches!(
            verdict(&[rlp::branch(&good, &[])]),
            Err(Reject::MissingNode { nodes: 1, .. })
        ));
        for wrong in [
            rlp::string(&[9; 31]),
            rlp::string(&[9; 33]),
            vec![9],
            rlp::list(&[]),
            rlp::list(&vec![vec![9]; 31]),
        ] {
            let children = [(first, hash.clone()), (place, wrong)];
            assert!(matches!(
                verdict(&[rlp::branch(&children, &[])]),
                Err(Reject::ChildReference { .. })
            ));
        }
    }
    // A leaf's value in the place of an extension's child, and a child in the place of a leaf's value.
    let extension = rlp::extension(&nibbles()[..8], rlp::string(&[9; 40]));
    assert_eq!(verdict(&[extension]), Err(Reject::ChildReference { length: 40 }));
    let embedded = rlp::list(&[vec![0x20], vec![9]]);
    let leaf = rlp::list(&[rlp::string(&rlp::compact(&nibbles(), true)), embedded]);
    assert!(matches!(verdict(&[leaf]), Err(Reject::RlpKind { .. })));
}

/// T-12: of all first bytes of a path, only the one with the right flag and padding is accepted.
#[test]
fn t12_rejects_hex_prefix() {
    let even = rlp::compact(&nibbles(), true);
    for first in 0..=u8::MAX {
        let path = [&[first], &even[1..]].concat();
        let node = rlp::list(&[rlp::string(&path), rlp::string(&[7; 40])]);
        match (first, verdict(&[node])) {
            (0x20, verdict) => assert_eq!(verdict, Ok(vec![7; 40])),
            // An odd leaf is one nibble too long; an extension has no hash of 40 bytes.
            (0x30..=0x3f, verdict) => assert_eq!(
                verdict,
                Err(Reject::PathLength {
                    found: 65,
                    expected: 64
                })
            ),
            (0 | 0x10..=0x1f, verdict) => assert_eq!(verdict, Err(Reject::ChildReference { length: 40 })),
            (_, verdict) => assert_eq!(verdict, Err(Reject::HexPrefix { length: 33, first })),
        }
    }
}

#[test]
fn rejects_hex_prefix() {
    let node = |path: &[u8]| rlp::list(&[rlp::string(path), rlp::string(&[9; 32])]);
    assert_eq!(
        verdict(&[node(&[])]),
        Err(Reject::HexPrefix { length: 0, first: 0 })
    );
    assert_eq!(
        verdict(&[node(&[0])]),
        Err(Reject::HexPrefix { length: 1, first: 0 })
    );
}

#[test]
fn rejects_child_reference() {
    for length in [1, 2, 31, 33, 54] {
        assert_eq!(
            verdict(&[branch(rlp::string(&vec![9; length]))]),
            Err(Reject::ChildReference { length })
        );
    }
    let large = rlp::leaf(&nibbles()[1..], &[9]);
    assert_eq!(
        verdict(&[branch(large.clone())]),
        Err(Reject::ChildReference { length: large.len() })
    );
    assert_eq!(
        verdict(&[branch(rlp::list(&[]))]),
        Err(Reject::ChildReference { length: 1 })
    );
    let extension = rlp::extension(&nibbles()[..3], vec![0x80]);
    assert_eq!(verdict(&[extension]), Err(Reject::ChildReference { length: 0 }));
}

#[test]
fn rejects_branch_value() {
    let first = nibbles()[0];
    let node = rlp::branch(&[(first, rlp::string(&[9; 32]))], &[1, 2]);
    assert_eq!(verdict(&[node]), Err(Reject::BranchValue { length: 2 }));
}

#[test]
fn rejects_path_length() {
    for found in [0, 1, 62, 63, 65, 66] {
        let path = nibbles().into_iter().cycle().take(found).collect::<Vec<_>>();
        let refused = Err(Reject::PathLength { found, expected: 64 });
        assert_eq!(verdict(&[rlp::leaf(&path, &[9; 40])]), refused);
    }
    let extension = rlp::extension(&nibbles(), rlp::string(&[9; 32]));
    assert_eq!(
        verdict(&[extension]),
        Err(Reject::PathLength {
            found: 64,
            expected: 64
        })
    );
}

#[test]
fn rejects_extension_child() {
    let leaf = rlp::leaf(&nibbles()[8..], &[9; 32]);
    let top = rlp::extension(&nibbles()[..8], rlp::reference(&leaf));
    assert_eq!(verdict(&[top, leaf]), Err(Reject::ExtensionChild { node: 2 }));
}

#[test]
fn rejects_empty_value() {
    assert_eq!(verdict(&[rlp::leaf(&nibbles(), &[])]), Err(Reject::EmptyValue));
}

#[test]
fn rejects_trailing_bytes() {
    let [branch, leaf] = good_nodes();
    let refused = Reject::TrailingBytes {
        what: "the proof",
        left: 1,
    };
    assert_eq!(verdict(&[branch, leaf, vec![0]]), Err(refused));
}
