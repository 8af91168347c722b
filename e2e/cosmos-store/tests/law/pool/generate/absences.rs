//! What is refused because it does not show absence.

use super::super::key;
use super::super::ops::{Op, sha256};
use super::{Edited, Files};

fn put_absence(files: &mut Files, path: &str, about: &str, numbers: &[u64], edit: &dyn Fn(&mut Edited)) {
    let edited = Edited::of(numbers).with(|bad| edit(bad));
    edited.put(files, path, about);
}

pub(super) fn put_all(files: &mut Files) {
    let is_neighbour = |op: &Op| matches!(op, Op::Neighbour(..));
    let mut with = |path: &str, about: &str, numbers: &[u64], edit: &dyn Fn(&mut Edited)| {
        put_absence(files, path, about, numbers, edit)
    };
    with(
        "entry_order/before",
        "the left neighbour is the key itself",
        &[9],
        &|bad| bad.keys[0] = key(8),
    );
    with(
        "entry_order/left",
        "the left neighbour comes after the key",
        &[9],
        &|bad| bad.keys[0] = key(7),
    );
    with(
        "entry_order/right",
        "the right neighbour is the key itself",
        &[9],
        &|bad| bad.keys[0] = key(10),
    );
    with(
        "entry_order/behind",
        "the right neighbour comes before the key",
        &[9],
        &|bad| bad.keys[0] = key(11),
    );
    with(
        "entry_order/asked",
        "an entry asked for comes before a neighbour",
        &[9, 40],
        &|bad| {
            bad.keys = vec![key(9), [key(9), vec![0]].concat()];
        },
    );
    with("entry_order/neighbours", "neighbours descend", &[9, 41], &|bad| {
        let places: Vec<usize> = (0..bad.ops.nodes.len())
            .filter(|at| is_neighbour(&bad.ops.nodes[*at]))
            .collect();
        let Op::Neighbour(_, first, _) = bad.ops.nodes[places[1]].clone() else {
            panic!()
        };
        if let Op::Neighbour(_, third, _) = &mut bad.ops.nodes[places[2]] {
            *third = first;
        }
    });
    needless(files);
    neighbours(files);
}

/// Neighbours with nothing absent beside them.
fn needless(files: &mut Files) {
    let mut with = |path: &str, about: &str, numbers: &[u64], edit: &dyn Fn(&mut Edited)| {
        put_absence(files, path, about, numbers, edit)
    };
    let plain = |key: Vec<u8>| Op::Neighbour(vec![2], key, [7; 32]);
    with(
        "needless_entry/first",
        "a neighbour before an entry",
        &[8],
        &|bad| {
            bad.nodes(|nodes| {
                nodes.insert(0, plain(b"0".to_vec()));
                nodes.push(Op::Joined(vec![30, 90, 2]));
            });
        },
    );
    with("needless_entry/last", "a neighbour behind all", &[8], &|bad| {
        bad.nodes(|nodes| nodes.extend([plain(b"1".to_vec()), Op::Joined(vec![30, 90, 2])]));
    });
    with(
        "needless_entry/two",
        "two neighbours before a gap",
        &[9],
        &|bad| {
            bad.nodes(|nodes| {
                nodes.insert(0, plain(b"0".to_vec()));
                nodes.push(Op::Joined(vec![30, 90, 2]));
            });
        },
    );
}

/// Neighbours that are none: the tree is true, and something lies between.
fn neighbours(files: &mut Files) {
    let as_neighbour = |nodes: &mut Vec<Op>, at: usize, number: u64| {
        let (version, value) = match &nodes[at] {
            Op::Entry(version, value) => (version.clone(), sha256(&[value])),
            Op::Otherwise(version, value) => (version.clone(), sha256(&[value])),
            other => panic!("{other:?} is no entry that was asked for"),
        };
        nodes[at] = Op::Neighbour(version, key(number), value);
    };
    // Entries with others between them, shown as the neighbours of what lies between.
    for (name, left, right) in [
        ("far", 8, 30),
        ("next", 8, 12),
        ("sides", 36, 42),
        ("ends", 0, 78),
    ] {
        let mut forged = Edited::of(&[left, right]);
        forged.nodes(|nodes| {
            let last = nodes
                .iter()
                .rposition(|op| matches!(op, Op::Entry(..) | Op::Otherwise(..)))
                .unwrap();
            as_neighbour(nodes, last, right);
            as_neighbour(nodes, 0, left);
            nodes.insert(last, Op::Nothing);
        });
        forged.keys = vec![key(left + 1)];
        forged.put(
            files,
            &format!("parted/{name}"),
            "entries lie between the neighbours",
        );
    }
    for (name, number) in [("second", 2), ("middle", 40), ("last", 78)] {
        let mut forged = Edited::of(&[number]);
        forged.nodes(|nodes| {
            as_neighbour(nodes, 0, number);
            nodes.insert(0, Op::Nothing);
        });
        forged.keys = vec![b"0".to_vec()];
        forged.put(
            files,
            &format!("not_first_entry/{name}"),
            "shown as the first entry",
        );
    }
    for (name, number) in [("first", 0), ("middle", 40), ("last_but_one", 76)] {
        let mut forged = Edited::of(&[number]);
        forged.nodes(|nodes| {
            as_neighbour(nodes, 0, number);
            nodes.push(Op::Nothing);
        });
        forged.keys = vec![b"1".to_vec()];
        forged.put(
            files,
            &format!("not_last_entry/{name}"),
            "shown as the last entry",
        );
    }
}
