//! Forged absence: a present entry is never shown to be absent, whatever neighbours are offered, and no step of a
//! path can be read in two ways.

use std::collections::BTreeSet;

use alloy_primitives::B256;
use ics23::commitment_proof::Proof;
use ics23::{ExistenceProof, InnerOp, NonExistenceProof};
use merkle::ics23::{Tree, prove};
use prost::Message;

use crate::judge::{Taken, by_judge, by_law, compare};
use crate::support::{Question, chain, chain_proof, entries, existence, key, root_of, tree, wrap};

/// The existences of all entries.
fn all(tree: Tree, size: usize) -> Vec<(Question, ExistenceProof)> {
    let (iavl, simple) = (self::tree(size), entries(size));
    (0..size)
        .map(|number| match tree {
            Tree::Iavl => Question::of_iavl(&iavl, &key(2 * number)),
            Tree::Simple => Question::of_simple(&simple, &key(2 * number)),
        })
        .map(|question| (question.clone(), existence(&question)))
        .collect()
}

/// Every pair of entries of a tree, and every single one, is offered as the neighbours of every key: only the true
/// neighbours of a gap prove it, and nothing proves that an entry is absent.
#[test]
fn t03_only_the_neighbours_of_a_gap_prove_it() {
    for (tree, size) in [
        (Tree::Iavl, 1),
        (Tree::Iavl, 2),
        (Tree::Iavl, 13),
        (Tree::Simple, 3),
        (Tree::Simple, 11),
    ] {
        let all = all(tree, size);
        let offered: Vec<Option<usize>> = (0..size).map(Some).chain([None]).collect();
        let mut refused_by = BTreeSet::new();
        for number in 0..2 * size {
            for left in &offered {
                for right in &offered {
                    let mut question = all[0].0.clone();
                    question.key = key(number);
                    question.proof = wrap(Proof::Nonexist(NonExistenceProof {
                        key: key(number),
                        left: left.map(|left| all[left].1.clone()),
                        right: right.map(|right| all[right].1.clone()),
                    }));
                    let gap = (number % 2 == 1).then_some(number / 2);
                    let is_true = gap.is_some_and(|before| {
                        let after = Some(before + 1).filter(|after| *after < size);
                        (*left, *right) == (Some(before), after)
                    });
                    let verdict = compare(&question, &question.bytes());
                    assert_eq!(
                        verdict == Ok(Taken::Absent),
                        is_true,
                        "{left:?} {number} {right:?}"
                    );
                    refused_by.extend(verdict.err());
                }
            }
        }
        let mut expected = vec!["left_not_before", "no_neighbours", "right_not_after"];
        if size > 1 {
            expected.extend(["not_first", "not_last"]);
        }
        if size > 2 {
            expected.push("not_neighbours");
        }
        assert_eq!(refused_by, expected.into_iter().collect(), "{tree:?} of {size}");
    }
}

/// A timeout needs the absence of a receipt: while the receipt is there, no proof of its absence passes.
#[test]
fn t04_a_written_receipt_is_never_absent() {
    let (stores, app_hash) = chain();
    let (before, written, after) = (key(10), key(12), key(14));
    let exists = |asked: &[u8]| match chain_proof(&stores, asked).proofs[0].proof.clone() {
        Some(Proof::Exist(exists)) => exists,
        other => panic!("{other:?}"),
    };
    let mut forged = chain_proof(&stores, &written);
    for (left, right) in [
        (Some(exists(&before)), Some(exists(&after))),
        (Some(exists(&before)), None),
        (None, Some(exists(&after))),
        (Some(exists(&before)), Some(exists(&written))),
        (Some(exists(&written)), Some(exists(&after))),
        (None, None),
    ] {
        forged.proofs[0] = wrap(Proof::Nonexist(NonExistenceProof {
            key: written.clone(),
            left,
            right,
        }));
        prove(B256::new(app_hash), b"ibc", &written, &forged.encode_to_vec()).unwrap_err();
    }
    // The honest absence of a key beside it does not speak about it either.
    let honest = chain_proof(&stores, &key(13)).encode_to_vec();
    prove(B256::new(app_hash), b"ibc", &written, &honest).unwrap_err();
}

/// The bytes that a node hashes are cut at every place where a child could stand: only its two children are read, each
/// on its own side.
#[test]
fn t03_a_node_has_only_its_two_children() {
    for tree in [Tree::Iavl, Tree::Simple] {
        for (question, exists) in all(tree, 13) {
            let mut hash = root_of(&ExistenceProof {
                path: Vec::new(),
                ..exists.clone()
            });
            for (level, step) in exists.path.iter().enumerate() {
                let whole = [step.prefix.as_slice(), &hash, &step.suffix].concat();
                let sides = (0..=whole.len() - 32)
                    .filter(|at| is_well_formed(&question, level, &whole, *at))
                    .collect::<Vec<_>>();
                let end = whole.len();
                let lengths = usize::from(tree == Tree::Iavl);
                assert_eq!(sides, [end - 64 - lengths, end - 32]);
                let next = &question
                    .clone()
                    .with_existence(|exists| exists.path.truncate(level + 1));
                hash = next.root.clone();
            }
        }
    }
}

/// Whether the step at `level` may hash `whole` with a child that starts at `at`.
fn is_well_formed(question: &Question, level: usize, whole: &[u8], at: usize) -> bool {
    let cut = question.clone().with_existence(|exists| {
        exists.path.truncate(level + 1);
        let step = &mut exists.path[level];
        step.prefix = whole[..at].to_vec();
        step.suffix = whole[at + 32..].to_vec();
    });
    by_law(&cut, &cut.bytes()).is_ok()
}

/// BNB Token Hub: a node with both siblings, or none, that some verifiers hash as if it had one.
#[test]
fn t01_a_node_has_exactly_one_sibling() {
    let question = Question::of_iavl(&tree(13), &key(6));
    let with = |change: &dyn Fn(&mut InnerOp)| {
        let changed = question.with_existence(|exists| change(&mut exists.path[0]));
        assert!(
            by_judge(&changed, &changed.bytes()).is_some(),
            "the judge takes it"
        );
        assert_eq!(by_law(&changed, &changed.bytes()), Err("malformed_inner"));
    };
    let sibling = [[32].as_slice(), &[7; 32]].concat();
    with(&|step| {
        // Height, size and version have a byte each in this node.
        step.prefix.truncate(3);
        step.prefix.extend_from_slice(&sibling);
        step.prefix.push(32);
        step.suffix.clone_from(&sibling);
    });
    with(&|step| {
        step.prefix.truncate(3);
        step.prefix.push(32);
        step.suffix.clear();
    });
    with(&|step| step.suffix = sibling.repeat(2));
}
