//! Vectors of pools, accepted and refused: what a trie holds is known from its entries, its nodes come from alloy-trie,
//! and each refused pool is a good one with one thing changed.

use super::{harness::Files, hex, object};
use crate::support::{Slots, Tape, pooled};
use alloy_primitives::{B256, keccak256};
use serde_json::{Value, json};

/// A pool before it is written.
#[derive(Clone)]
struct Pool {
    root: B256,
    keys: Vec<B256>,
    pool: Vec<u8>,
    /// Zero where nothing is.
    values: Vec<B256>,
}

impl Pool {
    fn of(slots: &Slots, keys: &[B256]) -> Self {
        let (root, pool) = pooled(slots, keys);
        let value = |key| {
            slots
                .get(key)
                .map_or(B256::ZERO, |value| B256::left_padding_from(value))
        };
        Self {
            root,
            keys: keys.to_vec(),
            pool,
            values: keys.iter().map(value).collect(),
        }
    }

    fn accepted(&self, about: &str) -> Value {
        object([
            ("about", json!(about)),
            ("root", hex(self.root.as_slice())),
            ("keys", hex(self.keys.concat().as_slice())),
            ("pool", hex(&self.pool)),
            ("values", hex(self.values.concat().as_slice())),
        ])
    }

    /// Says that the branch at the root has these embedded children.
    fn embed(&mut self, mask: u8) {
        self.pool[0] = 1;
        self.pool.splice(3..3, [0, mask]);
    }

    /// Puts something else in the place of the last three bytes.
    fn end_with(&mut self, bytes: &[u8]) {
        self.pool.truncate(self.pool.len() - 3);
        self.pool.extend(bytes);
    }

    /// The same with one change, and without the values that it does not show.
    fn refused(&self, about: &str, change: impl FnOnce(&mut Self)) -> Value {
        let mut changed = self.clone();
        change(&mut changed);
        changed.values.clear();
        changed.accepted(about)
    }
}

/// A key whose first and last bytes are these.
fn key(first: u8, last: u8) -> B256 {
    let mut key = B256::ZERO;
    (key.0[0], key.0[31]) = (first, last);
    key
}

/// A leaf under the root, and a branch of two embedded leaves under an extension of 62 nibbles.
fn small() -> (Slots, [B256; 3]) {
    let keys = [key(0x10, 0), key(0x20, 0), key(0x20, 1)];
    (keys.iter().map(|key| (*key, vec![7])).collect(), keys)
}

fn random(tape: &mut Tape, count: usize, sizes: &[usize]) -> Slots {
    let entry = |n: usize| {
        let mut value = tape.bytes(sizes[n % sizes.len()]);
        value[0] |= 1;
        (tape.word(), value)
    };
    (0..count).map(entry).collect()
}

/// Keys of a trie, every `step`th, and as many that are not in it.
fn some(tape: &mut Tape, slots: &Slots, step: usize) -> Vec<B256> {
    let mut keys: Vec<B256> = slots.keys().step_by(step).copied().collect();
    keys.extend((0..keys.len()).map(|_| tape.word()).collect::<Vec<_>>());
    keys.sort_unstable();
    keys
}

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    accept(&mut files);
    let (slots, keys) = small();
    let good = Pool::of(&slots, &keys);
    reject_questions(&mut files, &good);
    reject_inner_nodes(&mut files, &good);
    reject_leaves(&mut files, &good);
    reject_other_leaves(&mut files, &Pool::of(&slots, &[keys[0], key(0x10, 1)]));
    reject_embedded(&mut files, &Pool::of(&slots, &[key(0x20, 2)]));
    files
}

fn put(files: &mut Files, path: &str, file: Value) {
    let path = format!("{path}.json");
    assert!(
        files.insert(path.clone(), file).is_none(),
        "two vectors named {path}"
    );
}

fn accept(files: &mut Files) {
    let mut tape = Tape::new("pool vectors");
    for (name, count, step, sizes) in [
        ("one_entry", 1, 1, &[32][..]),
        ("few_entries", 7, 2, &[32, 1, 31]),
        ("hundreds", 300, 12, &[32]),
        ("values_of_all_sizes", 64, 2, &[1, 2, 3, 8, 16, 31, 32]),
    ] {
        let slots = random(&mut tape, count, sizes);
        let keys = some(&mut tape, &slots, step);
        let about = format!("{count} entries, {} keys", keys.len());
        put(
            files,
            &format!("accept/{name}"),
            Pool::of(&slots, &keys).accepted(&about),
        );
    }
    let (slots, keys) = small();
    let mut put = |name: &str, about: &str, keys: &[B256]| {
        put(
            files,
            &format!("accept/{name}"),
            Pool::of(&slots, keys).accepted(about),
        );
    };
    put(
        "all_of_a_small_trie",
        "leaf, extension, embedded leaves that keys lead to",
        &keys,
    );
    put(
        "embedded_not_led_to",
        "the embedded leaves stand in the pool",
        &[key(0x20, 2)],
    );
    put(
        "parts_from_an_extension",
        "before it and behind it",
        &[key(0x20, 0), key(0x21, 0), key(0x22, 0)],
    );
    put("extension_with_a_hash", "no key follows it", &[key(0x21, 0)]);
    put(
        "same_key_twice",
        "both times its value",
        &[keys[0], keys[0], keys[1], keys[1]],
    );
    put(
        "leaf_beside_a_key",
        "present and absent end in one leaf",
        &[keys[0], key(0x10, 1)],
    );
    put("empty_child", "a key that leads nowhere", &[key(0x30, 0)]);
    let near: Slots = [(key(0x20, 0), vec![7]), (key(0x20, 1), vec![8])].into();
    let about = "an extension at the root whose child is embedded and led to by none";
    self::put(
        files,
        "accept/extension_with_embedded",
        Pool::of(&near, &[key(0x10, 0)]).accepted(about),
    );
}

/// A rule and a name, what is special, and the change that breaks the rule.
type Case = (&'static str, &'static str, fn(&mut Pool));

/// Puts `cases`, each a change of `good`.
fn reject(files: &mut Files, good: &Pool, cases: &[Case]) {
    for (path, about, change) in cases {
        put(files, &format!("reject/{path}"), good.refused(about, change));
    }
}

/// What is asked, and where the bytes end.
fn reject_questions(files: &mut Files, good: &Pool) {
    reject(
        files,
        good,
        &[
            ("empty_trie/empty_root", "nothing is in it", |pool| {
                pool.root = keccak256([0x80])
            }),
            ("empty_trie/zero_root", "no trie has it", |pool| {
                pool.root = B256::ZERO
            }),
            ("no_leaves/no_keys", "t07: nothing is asked", |pool| {
                pool.keys.clear()
            }),
            ("key_order/swapped", "descending", |pool| pool.keys.swap(0, 1)),
            ("pool_truncated/last_byte", "one byte is missing", |pool| {
                pool.pool.truncate(pool.pool.len() - 1)
            }),
            ("pool_truncated/empty", "no node", |pool| pool.pool.clear()),
            ("pool_kind/six", "no kind", |pool| pool.pool[0] = 6),
            ("pool_root/other_value", "t09: another value", |pool| {
                pool.pool[5] = 8
            }),
            (
                "pool_root/other_root",
                "t28: the root of another contract",
                |pool| pool.root.0[0] ^= 1,
            ),
            ("trailing_bytes/one_more", "t08: bytes are left", |pool| {
                pool.pool.push(0)
            }),
            (
                "trailing_bytes/fewer_keys",
                "t08: nodes that no key leads to",
                |pool| {
                    pool.keys.truncate(1);
                    pool.pool.splice(6..6, [0; 32]);
                },
            ),
        ],
    );
}

/// The branch at the root, and the extension at byte 6.
fn reject_inner_nodes(files: &mut Files, good: &Pool) {
    reject(
        files,
        good,
        &[
            ("pool_mask/one_child", "an only child", |pool| pool.pool[2] = 0b10),
            ("pool_mask/no_embedded", "said to have some", |pool| pool.embed(0)),
            ("pool_mask/embedded_led_to", "a key leads there", |pool| {
                pool.embed(0b10)
            }),
            ("pool_mask/embedded_no_child", "nothing is there", |pool| {
                pool.embed(0b1)
            }),
            ("pool_path/no_nibbles", "an extension of none", |pool| {
                pool.pool[7] = 0
            }),
            (
                "pool_path/padding",
                "t12: the last half byte is not zero",
                |pool| {
                    (pool.pool[7], pool.pool[38]) = (61, 1);
                },
            ),
            ("pool_path/embedded_followed", "a key follows it", |pool| {
                pool.pool[6] = 3
            }),
            ("path_length/beyond_the_key", "64 nibbles behind one", |pool| {
                pool.pool[7] = 64
            }),
            ("extension_child/leaf", "a leaf below an extension", |pool| {
                pool.pool[39] = 4
            }),
        ],
    );
}

/// The leaf at byte 3, of the first key alone.
fn reject_leaves(files: &mut Files, good: &Pool) {
    reject(
        files,
        good,
        &[
            (
                "pool_leaf/long_form",
                "t12: the whole key although it is the only one",
                |pool| {
                    pool.pool[3] = 5;
                    pool.pool.splice(4..4, pool.keys[0].0);
                },
            ),
            ("integer/leading_zero", "t12: a zero before it", |pool| {
                pool.pool[4] = 2;
                pool.pool.insert(5, 0);
            }),
            ("integer/too_long", "33 bytes", |pool| {
                pool.pool[4] = 33;
                pool.pool.splice(5..6, [7; 33]);
            }),
            ("zero_slot/no_bytes", "zero is not stored", |pool| {
                pool.pool[4] = 0;
                pool.pool.remove(5);
            }),
        ],
    );
}

/// The leaf at byte 3, of the first key and one beside it.
fn reject_other_leaves(files: &mut Files, beside: &Pool) {
    reject(
        files,
        beside,
        &[
            ("pool_leaf/short_form", "not the only key", |pool| {
                pool.pool[3] = 4;
                pool.pool.drain(4..36);
            }),
            ("pool_leaf/elsewhere", "its key does not lead there", |pool| {
                pool.pool[4] = 0x30
            }),
        ],
    );
}

/// The last three bytes: an embedded leaf that no key leads to.
fn reject_embedded(files: &mut Files, apart: &Pool) {
    reject(
        files,
        apart,
        &[
            (
                "child_reference/string",
                "an embedded child that is a string",
                |pool| pool.end_with(&[0x82, 7, 7]),
            ),
            (
                "child_reference/empty_list",
                "an embedded child that is no node",
                |pool| pool.end_with(&[0xc0]),
            ),
            ("child_reference/of_33_bytes", "it would be hashed", |pool| {
                pool.end_with(&[&[0xc0 + 32][..], &[7; 32]].concat());
            }),
            ("rlp_truncated/embedded", "it ends before its length", |pool| {
                pool.end_with(&[0xc2, 0x20])
            }),
        ],
    );
}
