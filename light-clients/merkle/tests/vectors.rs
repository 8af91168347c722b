//! The shared vectors of tries and SSZ trees: written by their generators, judged by this crate. Those of ICS-23 are
//! judged here and written by the tests of `cosmos-store`, which builds their trees.

mod generate;
mod support;

use alloy_primitives::{Address, B256};
use generate::harness;
use merkle::{Proven, Reject, ics23, mpt, ssz};
use serde_json::Value;

/// Rules that bytes alone can break. The others are not in the files: `key_too_long` concerns keys of other
/// lengths than 32, `too_many_chunks` the prover.
const MPT_RULES: [&str; 19] = [
    "empty_trie",
    "missing_node",
    "node_hash",
    "short_node",
    "rlp_truncated",
    "rlp_not_canonical",
    "rlp_kind",
    "node_shape",
    "hex_prefix",
    "child_reference",
    "branch_value",
    "path_length",
    "extension_child",
    "empty_value",
    "trailing_bytes",
    "account_absent",
    "account_shape",
    "integer",
    "zero_slot",
];

const POOL_RULES: [&str; 16] = [
    "empty_trie",
    "no_leaves",
    "key_order",
    "pool_truncated",
    "pool_kind",
    "pool_mask",
    "pool_path",
    "pool_leaf",
    "path_length",
    "extension_child",
    "child_reference",
    "rlp_truncated",
    "integer",
    "zero_slot",
    "trailing_bytes",
    "pool_root",
];

const SSZ_RULES: [&str; 8] = [
    "zero_generalized_index",
    "branch_length",
    "branch_root",
    "too_deep",
    "no_leaves",
    "leaf_order",
    "leaf_index",
    "sibling_count",
];

/// `long_pool` is not in the files: it takes a megabyte. `no_proof` and `other_tree` concern the prover.
const STORE_POOL_RULES: [&str; 23] = [
    "asked_order",
    "cut_pool",
    "empty_entry",
    "entry_order",
    "key_length",
    "needless_entry",
    "neighbour_key",
    "no_children",
    "no_keys",
    "node_height",
    "node_kind",
    "node_numbers",
    "not_first_entry",
    "not_last_entry",
    "not_one_root",
    "nothing_asked",
    "other_app_hash",
    "parted",
    "store_steps",
    "too_many_wait",
    "unanswered",
    "value_form",
    "zero_app_hash",
];

/// `long_proof` is not in the files: it takes a megabyte.
const ICS23_RULES: [&str; 28] = [
    "chain_length",
    "default_written",
    "empty_value",
    "field",
    "inner_hash",
    "inner_height",
    "inner_is_leaf",
    "inner_numbers",
    "leaf_form",
    "leaf_prefix",
    "left_not_before",
    "long_key",
    "malformed_inner",
    "no_key",
    "no_leaf",
    "no_neighbours",
    "not_first",
    "not_last",
    "not_neighbours",
    "other_key",
    "other_root",
    "proof_kind",
    "right_not_after",
    "store_root",
    "too_deep",
    "truncated",
    "varint",
    "zero_root",
];

#[test]
fn mpt_vectors() {
    harness::check_in_step("mpt", &generate::mpt::files());
    harness::judge_all("mpt", &MPT_RULES, |file| {
        let (root, key, proof) = (word(file, "root"), word(file, "key"), bytes(file, "proof"));
        let rule = |reject: Reject| reject.rule().to_string();
        let meaning = match text(file, "kind") {
            "storage" => {
                let slot = mpt::storage(root, word(file, "preimage"), &proof).map_err(rule)?;
                match slot {
                    mpt::Slot::Present(value) => value,
                    mpt::Slot::Absent => B256::ZERO,
                }
            }
            "account" => {
                let address = Address::from_slice(&bytes(file, "preimage"));
                mpt::account(root, address, &proof).map_err(rule)?.storage_root
            }
            _ => B256::ZERO,
        };
        let proven = mpt::prove(root, key, &proof).map_err(rule)?;
        let expected = bytes(file, "value");
        let agreed = match proven {
            mpt::Proven::Present(value) => {
                file["present"] == true && value == expected && !expected.is_empty()
            }
            mpt::Proven::Absent => file["present"] == false && expected.is_empty(),
        };
        assert!(agreed, "{}: {proven:?}", text(file, "about"));
        assert_eq!(meaning, word(file, "word"), "{}", text(file, "about"));
        Ok(())
    });
}

#[test]
fn pool_vectors() {
    harness::check_in_step("pool", &generate::pool::files());
    harness::judge_all("pool", &POOL_RULES, |file| {
        let found = mpt::pool::prove(word(file, "root"), &words(file, "keys"), &bytes(file, "pool"));
        let values = found.map_err(|reject| reject.rule().to_string())?;
        let values = values.into_iter().map(|slot| match slot {
            mpt::Slot::Present(value) => value,
            mpt::Slot::Absent => B256::ZERO,
        });
        assert!(values.eq(words(file, "values")), "{}", text(file, "about"));
        Ok(())
    });
}

#[test]
fn ssz_vectors() {
    harness::check_in_step("ssz", &generate::ssz::files());
    harness::judge_all("ssz", &SSZ_RULES, |file| {
        let root = word(file, "root");
        let verdict = match text(file, "kind") {
            "branch" => {
                let index = file["index"].as_u64().expect("an index");
                ssz::check_branch(word(file, "leaf"), index, &words(file, "branch"), root)
            }
            _ => {
                let depth = u32::try_from(file["depth"].as_u64().expect("a depth")).expect("a small depth");
                let indices = file["indices"].as_array().expect("indices");
                let leaves = words(file, "leaves").into_iter().zip(indices);
                let leaves = leaves.map(|(node, index)| ssz::Leaf {
                    index: index.as_u64().expect("an index"),
                    node,
                });
                ssz::check_multiproof(depth, &leaves.collect::<Vec<_>>(), &words(file, "siblings"), root)
            }
        };
        verdict.map_err(|reject| reject.rule().to_string())
    });
}

#[test]
fn ics23_vectors() {
    harness::judge_all("ics23", &ICS23_RULES, |file| {
        let (root, key, proof) = (word(file, "root"), bytes(file, "key"), bytes(file, "proof"));
        let proven = match text(file, "kind") {
            "chain" => ics23::prove(root, &bytes(file, "store"), &key, &proof),
            "iavl" => ics23::prove_in(ics23::Tree::Iavl, root, &key, &proof),
            _ => ics23::prove_in(ics23::Tree::Simple, root, &key, &proof),
        };
        let proven = proven.map_err(|reject| reject.rule().to_string())?;
        let expected = bytes(file, "value");
        let expected = match file["present"] == true {
            true => Proven::Present(&expected),
            false => Proven::Absent,
        };
        assert_eq!(proven, expected, "{}", text(file, "about"));
        Ok(())
    });
}

#[test]
fn store_pool_vectors() {
    harness::judge_all("store_pool", &STORE_POOL_RULES, |file| {
        let mut listed = bytes(file, "keys");
        let mut keys = Vec::new();
        for _ in 0..file["keyCount"].as_u64().expect("a count") {
            let length: Vec<u8> = listed.drain(..2).collect();
            let length = u16::from_be_bytes(length.try_into().expect("two bytes"));
            keys.push(listed.drain(..usize::from(length)).collect::<Vec<u8>>());
        }
        let (app_hash, store, pool) = (word(file, "appHash"), bytes(file, "store"), bytes(file, "pool"));
        let proven = ics23::pool::prove(app_hash, &store, &keys, &pool);
        let proven = proven.map_err(|reject| reject.rule().to_string())?;
        let values = proven.into_iter().map(|proven| match proven {
            Proven::Absent => B256::ZERO,
            Proven::Present(value) => match B256::try_from(value) {
                Ok(word) if !word.is_zero() => word,
                _ => B256::repeat_byte(0xff),
            },
        });
        assert!(values.eq(words(file, "values")), "{}", text(file, "about"));
        Ok(())
    });
}

fn text<'a>(file: &'a Value, field: &str) -> &'a str {
    file[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is no text"))
}

fn bytes(file: &Value, field: &str) -> Vec<u8> {
    let digits = text(file, field)
        .strip_prefix("0x")
        .expect("hexadecimal starts with 0x");
    hex::decode(digits).expect("hexadecimal")
}

fn word(file: &Value, field: &str) -> B256 {
    B256::from_slice(&bytes(file, field))
}

fn words(file: &Value, field: &str) -> Vec<B256> {
    bytes(file, field).chunks(32).map(B256::from_slice).collect()
}
