//! What is refused because of its form: of a leaf, of an inner node.

use ics23::{ExistenceProof, InnerOp};

use super::{Files, Vector, reject::put_rejected};
use crate::support::{Question, entries, key, tree};

/// Name, hash, hash of the key, hash of the value, encoding of lengths.
const LEAF_FORMS: [(&str, [i32; 4]); 6] = [
    ("no_hash", [0, 0, 1, 1]),
    ("sha512", [2, 0, 1, 1]),
    ("hashed_key", [1, 1, 1, 1]),
    ("plain_value", [1, 0, 0, 1]),
    ("no_length", [1, 0, 1, 0]),
    ("fixed_length", [1, 0, 1, 3]),
];

/// Name, what it is, what stands before the key.
type Prefix = (&'static str, &'static str, &'static [u8]);

const IAVL_LEAVES: [Prefix; 7] = [
    ("empty", "nothing before the key", &[]),
    ("height_one", "a leaf of height 1", &[2, 2, 2]),
    ("size_two", "a leaf of size 2", &[0, 4, 2]),
    ("negative_version", "a negative version", &[0, 2, 1]),
    ("no_version", "height and size only", &[0, 2]),
    (
        "long_version",
        "a version longer than it must be",
        &[0, 2, 0x82, 0],
    ),
    ("more", "a byte after the version", &[0, 2, 2, 20]),
];

const SIMPLE_LEAVES: [Prefix; 3] = [
    ("empty", "nothing before the key", &[]),
    ("inner", "the byte of an inner node", &[1]),
    ("more", "a byte more", &[0, 20]),
];

/// In place of height, size and version.
const HEADS: [Prefix; 7] = [
    ("cut", "numbers that never end", &[0x82; 40]),
    ("long_height", "a height longer than it must be", &[0x82, 0, 4, 6]),
    ("long_size", "a size longer than it must be", &[2, 0x84, 0, 6]),
    ("negative_size", "a negative size", &[2, 3, 6]),
    ("negative_height", "a negative height", &[3, 4, 6]),
    (
        "beyond_64_bits",
        "a size of more than 64 bits",
        &[2, 254, 254, 254, 254, 254, 254, 254, 254, 254, 3, 6],
    ),
    (
        "twelve_bytes",
        "numbers of twelve bytes",
        &[2, 254, 255, 255, 255, 127, 254, 255, 255, 255, 255, 127],
    ),
];

/// Name, what it is, what stands before the child and after it.
const SIMPLE_NODES: [(&str, &str, &[u8], &[u8]); 9] = [
    ("no_sibling", "no sibling", &[1], &[]),
    ("both_siblings", "siblings on both sides", &[1; 33], &[7; 32]),
    ("two_behind", "two siblings behind the child", &[1], &[7; 64]),
    ("two_before", "two siblings before the child", &[1; 65], &[]),
    ("half_before", "half a sibling on each side", &[1; 17], &[7; 16]),
    (
        "other_byte",
        "another byte than that of inner nodes",
        &[2],
        &[7; 32],
    ),
    ("other_byte_right", "another byte before a sibling", &[2; 33], &[]),
    ("no_byte", "no byte before the child", &[], &[7; 32]),
    ("nothing", "nothing around the child", &[], &[]),
];

pub(super) fn put_all(files: &mut Files) {
    put_leaves(files);
    put_iavl_nodes(files);
    put_iavl_siblings(files);
    put_iavl_lengths(files);
    put_simple_nodes(files);
    put_bounds(files);
}

fn iavl() -> Question {
    Question::of_iavl(&tree(13), &key(6))
}

fn simple() -> Question {
    Question::of_simple(&entries(5), &key(4))
}

/// Edits the existence of `question` and believes the root that it leads to then.
fn with(
    files: &mut Files,
    question: &Question,
    path: &str,
    about: &str,
    edit: impl FnOnce(&mut ExistenceProof),
) {
    let bad = question.with_existence(edit);
    put_rejected(files, path, about, &Vector::from(&bad));
}

fn put_leaves(files: &mut Files) {
    let mut bad = iavl();
    bad.existence().leaf = None;
    put_rejected(
        files,
        "no_leaf/none",
        "a path without a leaf",
        &Vector::from(&bad),
    );
    for (name, form) in LEAF_FORMS {
        let path = format!("leaf_form/{name}");
        with(files, &iavl(), &path, "another way to hash a leaf", |exists| {
            let leaf = exists.leaf.as_mut().unwrap();
            [leaf.hash, leaf.prehash_key, leaf.prehash_value, leaf.length] = form;
        });
    }
    for (kind, good, prefixes) in [
        ("iavl", iavl(), IAVL_LEAVES.as_slice()),
        ("simple", simple(), &SIMPLE_LEAVES),
    ] {
        for (name, about, prefix) in prefixes {
            with(
                files,
                &good,
                &format!("leaf_prefix/{kind}_{name}"),
                about,
                |exists| {
                    exists.leaf.as_mut().unwrap().prefix = prefix.to_vec();
                },
            );
        }
    }
}

fn put_iavl_nodes(files: &mut Files) {
    let good = iavl();
    for (name, hash) in [("no_hash", 0), ("sha512", 2), ("keccak", 3)] {
        let path = format!("inner_hash/{name}");
        with(files, &good, &path, "another way to hash a node", |exists| {
            exists.path[0].hash = hash
        });
    }
    for (name, about, head) in HEADS {
        with(files, &good, &format!("inner_numbers/{name}"), about, |exists| {
            exists.path[0].prefix.splice(..3, head.iter().copied());
        });
    }
    with(
        files,
        &good,
        "inner_height/equal",
        "as high as the one below",
        |exists| {
            exists.path[1].prefix[0] = exists.path[0].prefix[0];
        },
    );
    with(
        files,
        &good,
        "inner_height/far_too_low",
        "lower than the one below",
        |exists| {
            exists.path[2].prefix[0] = 2;
        },
    );
    with(
        files,
        &good,
        "inner_is_leaf/iavl",
        "an inner node of height 0",
        |exists| {
            exists.path[0].prefix[0] = 0;
        },
    );
    with(
        files,
        &good,
        "inner_is_leaf/iavl_above",
        "an inner node of height 0 higher up",
        |exists| {
            exists.path[2].prefix[0] = 0;
        },
    );
}

/// A node of height 1 with this before its child, behind its numbers, and this after it.
fn iavl_node(before: &[&[u8]], after: &[&[u8]]) -> InnerOp {
    InnerOp {
        hash: 1,
        prefix: [[2, 4, 6].as_slice(), &before.concat()].concat(),
        suffix: after.concat(),
    }
}

fn put_iavl_siblings(files: &mut Files) {
    let sibling = &[[32].as_slice(), &[7; 32]].concat()[..];
    let short = &sibling[..32];
    for (name, about, step) in [
        (
            "both_siblings",
            "siblings on both sides",
            iavl_node(&[sibling, &[32]], &[sibling]),
        ),
        ("no_sibling", "no sibling", iavl_node(&[&[32]], &[])),
        (
            "two_behind",
            "two siblings behind the child",
            iavl_node(&[&[32]], &[sibling, sibling]),
        ),
        (
            "two_before",
            "two siblings before the child",
            iavl_node(&[sibling, sibling, &[32]], &[]),
        ),
        (
            "short_before",
            "a sibling of 31 bytes before",
            iavl_node(&[short, &[32]], &[]),
        ),
        (
            "short_behind",
            "a sibling of 31 bytes behind",
            iavl_node(&[&[32]], &[short]),
        ),
        ("nothing", "numbers alone", iavl_node(&[], &[])),
    ] {
        let path = format!("malformed_inner/iavl_{name}");
        with(files, &iavl(), &path, about, |exists| exists.path[0] = step);
    }
}

fn put_iavl_lengths(files: &mut Files) {
    let hash = &[7; 32];
    for (name, about, step) in [
        (
            "no_length",
            "no length before the child",
            iavl_node(&[], &[&[32], hash]),
        ),
        (
            "other_length",
            "another length before the child",
            iavl_node(&[&[33]], &[&[32], hash]),
        ),
        (
            "length_before",
            "another length before the sibling",
            iavl_node(&[&[31], hash, &[32]], &[]),
        ),
        (
            "length_right",
            "another length before a child on the right",
            iavl_node(&[&[32], hash, &[33]], &[]),
        ),
        (
            "length_behind",
            "another length behind the child",
            iavl_node(&[&[32]], &[&[31], hash]),
        ),
        (
            "child_in_prefix",
            "a whole node before the child",
            iavl_node(&[&[32], hash, &[32], hash, &[32]], &[]),
        ),
    ] {
        let path = format!("malformed_inner/iavl_{name}");
        with(files, &iavl(), &path, about, |exists| exists.path[0] = step);
    }
}

fn put_simple_nodes(files: &mut Files) {
    for (name, about, prefix, suffix) in SIMPLE_NODES {
        with(
            files,
            &simple(),
            &format!("malformed_inner/simple_{name}"),
            about,
            |exists| {
                (exists.path[0].prefix, exists.path[0].suffix) = (prefix.to_vec(), suffix.to_vec());
            },
        );
    }
    with(
        files,
        &simple(),
        "inner_is_leaf/simple",
        "an inner node with the byte of a leaf",
        |exists| {
            exists.path[0].prefix[0] = 0;
        },
    );
    with(
        files,
        &simple(),
        "inner_hash/simple_no_hash",
        "a node that is not hashed",
        |exists| {
            exists.path[0].hash = 0;
        },
    );
}

fn put_bounds(files: &mut Files) {
    with(
        files,
        &simple(),
        "too_deep/129_steps",
        "a path of 129 steps",
        |exists| {
            exists.path = vec![exists.path[0].clone(); 129];
        },
    );
    with(
        files,
        &iavl(),
        "long_key/entry",
        "an entry with a key of 1,025 bytes",
        |exists| {
            exists.key = vec![b'k'; 1025];
        },
    );
}
