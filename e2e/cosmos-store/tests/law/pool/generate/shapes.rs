//! What is refused because its nodes do not fit together, or of an entry's value.

use super::super::key;
use super::super::ops::{Op, Ops, sha256};
use super::{Edited, Files};

fn put_shape(files: &mut Files, path: &str, about: &str, keys: &[u64], edit: &dyn Fn(&mut Vec<Op>)) {
    let edited = Edited::of(keys).with(|bad| bad.nodes(edit));
    edited.put(files, path, about);
}

pub(super) fn put_all(files: &mut Files) {
    let mut with = |path: &str, about: &str, keys: &[u64], edit: &dyn Fn(&mut Vec<Op>)| {
        put_shape(files, path, about, keys, edit)
    };
    with(
        "no_children/joined",
        "two nodes are joined where one waits",
        &[8],
        &|nodes| {
            nodes.push(Op::Joined(vec![20, 90, 2]));
        },
    );
    with("no_children/step", "a step without a child", &[8], &|nodes| {
        nodes.insert(0, Op::Left(vec![2, 4, 2], [7; 32]));
    });
    with("not_one_root/two", "two nodes are left", &[8, 30], &|nodes| {
        let place = nodes.iter().position(|op| matches!(op, Op::Joined(_))).unwrap();
        nodes.truncate(place);
    });
    values(files);
}

/// Values and neighbours that no entry has.
fn values(files: &mut Files) {
    let mut with = |path: &str, about: &str, keys: &[u64], edit: &dyn Fn(&mut Vec<Op>)| {
        put_shape(files, path, about, keys, edit)
    };
    with(
        "value_form/word_otherwise",
        "32 bytes behind their length",
        &[8],
        &|nodes| {
            nodes[0] = Op::Otherwise(vec![2], vec![7; 32]);
        },
    );
    with(
        "value_form/zero_word",
        "zeros as if they were a commitment",
        &[8],
        &|nodes| {
            nodes[0] = Op::Entry(vec![2], [0; 32]);
        },
    );
    with("empty_entry/asked", "an empty value", &[8], &|nodes| {
        nodes[0] = Op::Otherwise(vec![2], Vec::new());
    });
    with(
        "empty_entry/neighbour",
        "a neighbour with an empty value",
        &[9],
        &|nodes| {
            if let Op::Neighbour(_, _, value) = &mut nodes[0] {
                *value = sha256(&[]);
            }
        },
    );
    for (name, key) in [("empty", Vec::new()), ("long", vec![b'0'; 1025])] {
        with(
            &format!("neighbour_key/{name}"),
            "a neighbour with such a key",
            &[9],
            &|nodes| {
                if let Op::Neighbour(_, neighbour, _) = &mut nodes[0] {
                    neighbour.clone_from(&key);
                }
            },
        );
    }
    waiting(files);
}

/// Nodes that find no parent.
fn waiting(files: &mut Files) {
    let is_absent = Edited::of_keys(&[b"0".to_vec()]);
    is_absent.with(|bad| bad.nodes(|nodes| nodes.truncate(1))).put(
        files,
        "not_one_root/none",
        "nothing but an absence",
    );
    // One entry a node higher than a tree may be: they wait for parents that never come.
    let many: Vec<u64> = (0..65).map(|at| 2 * at).collect();
    let keys: Vec<Vec<u8>> = many.iter().copied().map(key).collect();
    Edited {
        ops: Ops {
            nodes: many.iter().map(|_| Op::Entry(vec![2], [7; 32])).collect(),
            ..Edited::of(&[8]).ops
        },
        keys,
        app_hash: None,
    }
    .put(files, "too_many_wait/entries", "65 entries wait");
}
