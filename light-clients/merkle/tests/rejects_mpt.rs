//! One test for each way a trie proof is refused: one good trie with one flaw.

mod support;

use alloy_primitives::{Address, B256, keccak256};
use merkle::{
    Reject,
    mpt::{EMPTY_ROOT, Proven, Slot, account, prove, prove_variable, storage},
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

/// The verdict about a slot, or an account, whose leaf holds `value`.
fn slot_verdict(value: &[u8]) -> Result<Slot, Reject> {
    let leaf = rlp::leaf(&rlp::nibbles(keccak256(key()).as_slice()), value);
    storage(keccak256(&leaf), key(), &leaf)
}

fn account_verdict(fields: &[Vec<u8>]) -> Result<B256, Reject> {
    let address = Address::repeat_byte(7);
    let leaf = rlp::leaf(&rlp::nibbles(keccak256(address).as_slice()), &rlp::list(fields));
    account(keccak256(&leaf), address, &leaf).map(|account| account.storage_root)
}

fn good_fields() -> Vec<Vec<u8>> {
    vec![
        vec![5],
        rlp::string(&[7; 8]),
        rlp::string(&[1; 32]),
        rlp::string(&[2; 32]),
    ]
}

#[test]
fn the_good_fixtures_are_accepted() {
    assert_eq!(verdict(&good_nodes()), Ok(vec![7; 40]));
    assert_eq!(slot_verdict(&[5]), Ok(Slot::Present(B256::with_last_byte(5))));
    assert_eq!(account_verdict(&good_fields()), Ok(B256::repeat_byte(1)));
}

#[test]
fn rejects_empty_trie() {
    assert_eq!(
        prove(EMPTY_ROOT, key(), &[0x80]),
        Err(Reject::EmptyTrie { root: EMPTY_ROOT })
    );
    assert_eq!(
        storage(EMPTY_ROOT, key(), &[]),
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
    assert_eq!(
        slot_verdict(&rlp::list(&[vec![1]])),
        Err(Reject::RlpKind {
            what: "a storage slot"
        })
    );
}

#[test]
fn rejects_node_shape() {
    for items in [0, 1, 3, 16, 18, 40] {
        let node = rlp::list(&vec![vec![0x80]; items]);
        assert_eq!(verdict(&[node]), Err(Reject::NodeShape { items: items.min(18) }));
    }
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
    assert_eq!(
        slot_verdict(&[5, 5]),
        Err(Reject::TrailingBytes {
            what: "a storage slot",
            left: 1
        })
    );
    let fields = [good_fields(), vec![vec![1]]].concat();
    assert_eq!(
        account_verdict(&fields),
        Err(Reject::TrailingBytes {
            what: "an account",
            left: 1
        })
    );
}

#[test]
fn rejects_account_absent() {
    let leaf = rlp::leaf(&nibbles(), &rlp::list(&good_fields()));
    assert_eq!(
        account(keccak256(&leaf), Address::repeat_byte(7), &leaf),
        Err(Reject::AccountAbsent)
    );
}

#[test]
fn rejects_account_shape() {
    let fields = good_fields();
    for (count, field) in ["nonce", "balance", "storage root", "code hash"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(
            account_verdict(&fields[..count]),
            Err(Reject::AccountShape { field })
        );
    }
    let mut short = good_fields();
    short[2] = rlp::string(&[1; 31]);
    assert_eq!(
        account_verdict(&short),
        Err(Reject::AccountShape {
            field: "storage root"
        })
    );
}

#[test]
fn rejects_integer() {
    let slot = |length, first| {
        Err(Reject::Integer {
            what: "a storage slot",
            length,
            first,
            max: 32,
        })
    };
    assert_eq!(slot_verdict(&[0]), slot(1, 0));
    assert_eq!(slot_verdict(&rlp::string(&[0, 1])), slot(2, 0));
    assert_eq!(slot_verdict(&rlp::string(&[1; 33])), slot(33, 1));
    let mut fields = good_fields();
    fields[0] = rlp::string(&[1; 9]);
    assert_eq!(
        account_verdict(&fields),
        Err(Reject::Integer {
            what: "nonce",
            length: 9,
            first: 1,
            max: 8
        })
    );
}

#[test]
fn rejects_zero_slot() {
    assert_eq!(slot_verdict(&[0x80]), Err(Reject::ZeroSlot));
}
