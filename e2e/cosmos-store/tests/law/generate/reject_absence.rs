//! Forged absence: entries that are no neighbours of the key.

use cosmos_store::iavl;
use ics23::commitment_proof::Proof;
use ics23::{ExistenceProof, NonExistenceProof};

use super::{Files, Vector, reject::put_rejected};
use crate::support::{Question, entries, existence, key, root_of, tree, wrap};

/// Entries of both trees.
const SIZE: usize = 12;
/// Number of the last entry.
const LAST: usize = SIZE - 1;

/// Folder and name, what it is, the key asked for, the numbers of the neighbours. Entry `n` has key `2 n`.
type Forged = (&'static str, &'static str, usize, [Option<usize>; 2]);

const FORGED: [Forged; 14] = [
    ("no_neighbours/none", "no neighbour at all", 7, [None, None]),
    (
        "left_not_before/itself",
        "the entry itself on the left",
        8,
        [Some(4), Some(5)],
    ),
    (
        "left_not_before/later",
        "a later entry on the left",
        7,
        [Some(5), Some(6)],
    ),
    (
        "right_not_after/itself",
        "the entry itself on the right",
        8,
        [Some(3), Some(4)],
    ),
    (
        "right_not_after/earlier",
        "an earlier entry on the right",
        9,
        [Some(2), Some(3)],
    ),
    (
        "not_first/third",
        "the third entry as the first",
        2,
        [None, Some(2)],
    ),
    (
        "not_first/far",
        "the last entry as the first",
        3,
        [None, Some(LAST)],
    ),
    (
        "not_last/last_but_one",
        "the last but one as the last",
        2 * LAST,
        [Some(LAST - 1), None],
    ),
    ("not_last/far", "the first entry as the last", 9, [Some(0), None]),
    (
        "not_neighbours/around",
        "the neighbours of a present entry",
        8,
        [Some(3), Some(5)],
    ),
    (
        "not_neighbours/one_apart",
        "one entry lies between",
        7,
        [Some(3), Some(5)],
    ),
    (
        "not_neighbours/ends",
        "the first and the last entry",
        9,
        [Some(0), Some(LAST)],
    ),
    (
        "not_neighbours/left_missing",
        "the left one is too early",
        9,
        [Some(2), Some(5)],
    ),
    (
        "not_neighbours/right_missing",
        "the right one is too late",
        9,
        [Some(4), Some(7)],
    ),
];

pub(super) fn put_all(files: &mut Files) {
    let (iavl, simple) = (tree(SIZE), entries(SIZE));
    put_forged(files, "iavl", |asked| Question::of_iavl(&iavl, asked));
    put_forged(files, "simple", |asked| Question::of_simple(&simple, asked));
    put_entries(files, &Question::of_iavl(&iavl, &key(7)));
    put_unsorted(files);
}

fn put(files: &mut Files, path: &str, about: &str, question: &Question) {
    put_rejected(files, path, about, &Vector::from(question));
}

fn put_forged(files: &mut Files, kind: &str, ask: impl Fn(&[u8]) -> Question) {
    let all: Vec<ExistenceProof> = (0..SIZE)
        .map(|number| existence(&ask(&key(2 * number))))
        .collect();
    // The first entry to the right of the root: paths of entries before it part from it there.
    let right = all
        .iter()
        .position(|exists| exists.path.last().unwrap().suffix.is_empty());
    let right = right.expect("both sides of the root have entries");
    let at_the_root = [
        (
            "not_neighbours/left_alone",
            "the left one alone is another",
            2 * right - 1,
            [Some(right - 2), Some(right)],
        ),
        (
            "not_neighbours/right_alone",
            "the right one alone is another",
            2 * right - 1,
            [Some(right - 1), Some(right + 1)],
        ),
    ];
    for (path, about, asked, sides) in FORGED.into_iter().chain(at_the_root) {
        let [left, right] = sides.map(|side| side.map(|number| all[number].clone()));
        let key = key(asked);
        let proof = wrap(Proof::Nonexist(NonExistenceProof {
            key: key.clone(),
            left,
            right,
        }));
        let forged = Question {
            key: key.clone(),
            proof,
            ..ask(&key)
        };
        put(files, &format!("{path}_{kind}"), about, &forged);
    }
}

/// Neighbours that are no entries.
fn put_entries(files: &mut Files, good: &Question) {
    let mut bad = good.clone();
    bad.absence().left.as_mut().unwrap().key = key(5);
    put(
        files,
        "other_root/neighbour",
        "a neighbour under another key",
        &bad,
    );
    let mut bad = good.clone();
    bad.absence().right.as_mut().unwrap().value.clear();
    put(
        files,
        "empty_value/neighbour",
        "a neighbour with an empty value",
        &bad,
    );
}

/// A tree whose entries are not in order, as no honest chain builds it: its left entry stands to the right.
fn put_unsorted(files: &mut Files) {
    let mut tree = iavl::Tree::default();
    tree.set(&key(2), &[1]);
    tree.set(&key(6), &[2]);
    let mut bad = Question::of_iavl(&tree, &key(4));
    let absence = bad.absence();
    // The two change places below their parent, which then is another, and so is the root.
    let (left, right) = (absence.left.as_mut().unwrap(), absence.right.as_mut().unwrap());
    std::mem::swap(&mut left.path, &mut right.path);
    let leaf = |exists: &ExistenceProof| {
        let path = Vec::new();
        root_of(&ExistenceProof {
            path,
            ..exists.clone()
        })
    };
    right.path[0].suffix = [[32].as_slice(), &leaf(left)].concat();
    let head = left.path[0].prefix[..3].to_vec();
    left.path[0].prefix = [head.as_slice(), &[32], &leaf(right), &[32]].concat();
    let roots = [root_of(left), root_of(right)];
    assert_eq!(roots[0], roots[1], "one tree");
    bad.root = roots[0].clone();
    put(
        files,
        "not_neighbours/unsorted",
        "the left neighbour stands to the right",
        &bad,
    );
}
