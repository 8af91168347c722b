//! What is accepted: entries and gaps of trees of all small sizes, and chains of two trees.

use cosmos_store::iavl;
use prost::Message;

use super::{Files, Vector, hex, put};
use crate::support::{Question, chain, chain_proof, entries, key, tree};

pub(super) fn put_all(files: &mut Files) {
    for size in [1, 2, 3, 7, 40] {
        let tree = tree(size);
        put_tree(files, "iavl", size, |asked| {
            (
                Question::of_iavl(&tree, asked),
                tree.get(asked).map(<[u8]>::to_vec),
            )
        });
    }
    for size in [1, 2, 3, 5, 20] {
        let entries = entries(size);
        put_tree(files, "simple", size, |asked| {
            (Question::of_simple(&entries, asked), entries.get(asked).cloned())
        });
    }
    put_lengths(files);
    put_versions(files);
    put_chains(files);
}

/// The first, a middle and the last entry, and the gaps before, between and behind.
fn put_tree(files: &mut Files, kind: &str, size: usize, ask: impl Fn(&[u8]) -> (Question, Option<Vec<u8>>)) {
    let last = 2 * (size - 1);
    let mut asked = vec![
        ("first", key(0)),
        ("before_all", b"0".to_vec()),
        ("behind_all", key(last + 1)),
    ];
    if size > 1 {
        asked.extend([("last", key(last)), ("second_gap", key(1))]);
    }
    if size > 2 {
        asked.extend([
            ("middle", key(2 * (size / 2))),
            ("middle_gap", key(2 * (size / 2) - 1)),
        ]);
    }
    for (name, asked) in asked {
        let (question, value) = ask(&asked);
        let about = format!("a tree of {size}: {}", name.replace('_', " "));
        put_one(
            files,
            &format!("{kind}_of_{size:03}_{name}"),
            &about,
            &Vector::from(&question),
            value,
        );
    }
}

fn put_one(files: &mut Files, name: &str, about: &str, vector: &Vector, value: Option<Vec<u8>>) {
    let mut file = vector.to_json(about);
    file["present"] = value.is_some().into();
    file["value"] = hex(&value.unwrap_or_default()).into();
    put(files, &format!("accept/{name}"), file);
}

/// Lengths at which the length's own encoding grows, and the longest key.
fn put_lengths(files: &mut Files) {
    let mut tree = iavl::Tree::default();
    let long = |length: usize| [b"long".repeat(300)[..length - 1].to_vec(), vec![b'!']].concat();
    let lengths = [1, 127, 128, 1024];
    for length in lengths {
        tree.set(&long(length), &vec![7; length]);
    }
    tree.save();
    for length in lengths {
        let question = Question::of_iavl(&tree, &long(length));
        let about = format!("a key and a value of {length} bytes");
        put_one(
            files,
            &format!("lengths_{length:04}"),
            &about,
            &Vector::from(&question),
            Some(vec![7; length]),
        );
    }
    let question = Question::of_iavl(&tree, b"loo");
    put_one(
        files,
        "lengths_absent",
        "absent beside long keys",
        &Vector::from(&question),
        None,
    );
}

/// Versions and sizes whose numbers have more bytes.
fn put_versions(files: &mut Files) {
    let mut tree = iavl::Tree::default();
    let mut number = 0;
    for version in 1..=9000 {
        if version % 50 == 0 {
            tree.set(&key(2 * number), &[1]);
            number += 1;
        }
        tree.save();
    }
    for (name, asked) in [("present", 100), ("absent", 101)] {
        let question = Question::of_iavl(&tree, &key(asked));
        let value = (asked == 100).then(|| vec![1]);
        put_one(
            files,
            &format!("versions_{name}"),
            "after 9,000 versions",
            &Vector::from(&question),
            value,
        );
    }
}

fn put_chains(files: &mut Files) {
    let (stores, app_hash) = chain();
    let store = stores.get("ibc").unwrap();
    for (name, asked) in [
        ("present", key(20)),
        ("absent", key(21)),
        ("absent_before_all", b"0".to_vec()),
        ("absent_behind_all", b"z".to_vec()),
    ] {
        let vector = Vector {
            kind: "chain",
            root: app_hash.to_vec(),
            store: b"ibc".to_vec(),
            key: asked.clone(),
            proof: chain_proof(&stores, &asked).encode_to_vec(),
        };
        let about = "a key in the store `ibc` under an app hash";
        put_one(
            files,
            &format!("chain_{name}"),
            about,
            &vector,
            store.get(&asked).map(<[u8]>::to_vec),
        );
    }
}
