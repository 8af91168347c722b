//! Mutants of valid proofs, of their bytes and of what they say: law and judge agree, but for the known differences.

use alloy_primitives::B256;
use ics23::commitment_proof::Proof;
use ics23::{ExistenceProof, InnerOp, NonExistenceProof};
use merkle::ics23::{Tree, prove};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message;

use crate::judge::compare;
use crate::support::{Question, cases, chain, chain_proof, entries, key, tree, try_root_of};

/// A change of one existence.
#[derive(Clone, Debug)]
enum Edit {
    Key(Vec<u8>),
    Value(Vec<u8>),
    LeafNumber(u8, i32),
    LeafPrefix(Vec<u8>),
    NoLeaf,
    Hash(Index, i32),
    Prefix(Index, Vec<u8>),
    Suffix(Index, Vec<u8>),
    /// Moves so many bytes from the suffix to the prefix, or back.
    Shift(Index, i8),
    PrefixByte(Index, Index, u8),
    Drop(Index),
    Double(Index),
    Swap(Index, Index),
    Truncate(Index),
}

/// A change of a proof.
#[derive(Clone, Debug)]
enum Change {
    Left(Edit),
    Right(Edit),
    DropLeft,
    DropRight,
    SwapSides,
    SameSides,
    Key(Vec<u8>),
    /// The root is that of the changed left or right path, as if a chain had committed to it.
    Believe,
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let bytes = || {
        prop_oneof![
            vec(any::<u8>(), 0..4),
            vec(0u8..4, 1..5),
            Just(vec![0, 2, 2]),
            Just([[2, 4, 6, 32].as_slice(), &[9; 32], &[32]].concat()),
            Just([[1].as_slice(), &[9; 32]].concat()),
            Just([[32].as_slice(), &[9; 32]].concat()),
            Just(vec![9; 32]),
            Just(vec![9; 64]),
            Just(vec![2, 4, 6, 32]),
        ]
    };
    prop_oneof![
        bytes().prop_map(Edit::Key),
        bytes().prop_map(Edit::Value),
        (0u8..4, -1i32..4).prop_map(|(field, number)| Edit::LeafNumber(field, number)),
        bytes().prop_map(Edit::LeafPrefix),
        Just(Edit::NoLeaf),
        (at(), 0i32..3).prop_map(|(at, hash)| Edit::Hash(at, hash)),
        (at(), bytes()).prop_map(|(at, bytes)| Edit::Prefix(at, bytes)),
        (at(), bytes()).prop_map(|(at, bytes)| Edit::Suffix(at, bytes)),
        (at(), any::<i8>()).prop_map(|(at, by)| Edit::Shift(at, by % 40)),
        (at(), at(), any::<u8>()).prop_map(|(at, byte, bits)| Edit::PrefixByte(at, byte, bits)),
        at().prop_map(Edit::Drop),
        at().prop_map(Edit::Double),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        at().prop_map(Edit::Truncate),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => edit().prop_map(Change::Left),
        3 => edit().prop_map(Change::Right),
        1 => Just(Change::DropLeft),
        1 => Just(Change::DropRight),
        1 => Just(Change::SwapSides),
        1 => Just(Change::SameSides),
        1 => vec(any::<u8>(), 0..20).prop_map(Change::Key),
        3 => Just(Change::Believe),
    ]
}

fn apply(edit: &Edit, exists: &mut ExistenceProof) {
    let count = exists.path.len();
    let step = |at: &Index| (count > 0).then(|| at.index(count));
    match edit {
        Edit::Key(key) => exists.key.clone_from(key),
        Edit::Value(value) => exists.value.clone_from(value),
        Edit::NoLeaf => exists.leaf = None,
        Edit::LeafNumber(..) | Edit::LeafPrefix(_) => apply_to_leaf(edit, exists),
        Edit::Truncate(at) => exists.path.truncate(at.index(count + 1)),
        Edit::Drop(at) => drop(step(at).map(|at| exists.path.remove(at))),
        Edit::Double(at) => step(at)
            .into_iter()
            .for_each(|at| exists.path.insert(at, exists.path[at].clone())),
        Edit::Swap(one, other) => {
            if let (Some(one), Some(other)) = (step(one), step(other)) {
                exists.path.swap(one, other);
            }
        }
        Edit::Hash(at, _)
        | Edit::Prefix(at, _)
        | Edit::Suffix(at, _)
        | Edit::Shift(at, _)
        | Edit::PrefixByte(at, ..) => {
            if let Some(at) = step(at) {
                apply_to_step(edit, &mut exists.path[at]);
            }
        }
    }
}

fn apply_to_leaf(edit: &Edit, exists: &mut ExistenceProof) {
    let Some(leaf) = &mut exists.leaf else { return };
    match edit {
        Edit::LeafNumber(0, number) => leaf.hash = *number,
        Edit::LeafNumber(1, number) => leaf.prehash_key = *number,
        Edit::LeafNumber(2, number) => leaf.prehash_value = *number,
        Edit::LeafNumber(_, number) => leaf.length = *number,
        Edit::LeafPrefix(prefix) => leaf.prefix.clone_from(prefix),
        _ => {}
    }
}

fn apply_to_step(edit: &Edit, step: &mut InnerOp) {
    match edit {
        Edit::Hash(_, hash) => step.hash = *hash,
        Edit::Prefix(_, prefix) => step.prefix.clone_from(prefix),
        Edit::Suffix(_, suffix) => step.suffix.clone_from(suffix),
        Edit::Shift(_, by) => {
            let whole = [step.prefix.as_slice(), &step.suffix].concat();
            let at = (step.prefix.len() as i64 + i64::from(*by)).clamp(0, whole.len() as i64) as usize;
            (step.prefix, step.suffix) = (whole[..at].to_vec(), whole[at..].to_vec());
        }
        Edit::PrefixByte(_, byte, bits) if !step.prefix.is_empty() => {
            let byte = byte.index(step.prefix.len());
            step.prefix[byte] ^= bits;
        }
        _ => {}
    }
}

/// An existence is changed as if it were the left of two neighbours.
fn sides(question: &mut Question) -> (Option<&mut ExistenceProof>, Option<&mut ExistenceProof>) {
    match &mut question.proof.proof {
        Some(Proof::Exist(exists)) => (Some(exists), None),
        Some(Proof::Nonexist(NonExistenceProof { left, right, .. })) => (left.as_mut(), right.as_mut()),
        _ => (None, None),
    }
}

fn mutate(question: &mut Question, change: &Change) {
    let (left, right) = sides(question);
    match change {
        Change::Left(edit) => left.into_iter().for_each(|left| apply(edit, left)),
        Change::Right(edit) => right.into_iter().for_each(|right| apply(edit, right)),
        Change::Believe => {
            let path = left
                .or(right)
                .filter(|path| path.leaf.is_some() && !path.key.is_empty() && !path.value.is_empty());
            if let Some(root) = path.and_then(|path| try_root_of(path)) {
                question.root = root;
            }
            // And the key is the one that the existence speaks of.
            if let Some(Proof::Exist(exists)) = &question.proof.proof {
                question.key.clone_from(&exists.key);
            }
        }
        Change::Key(key) => question.key.clone_from(key),
        Change::DropLeft | Change::DropRight | Change::SwapSides | Change::SameSides => {
            if let Some(Proof::Nonexist(absent)) = &mut question.proof.proof {
                match change {
                    Change::DropLeft => absent.left = None,
                    Change::DropRight => absent.right = None,
                    Change::SwapSides => std::mem::swap(&mut absent.left, &mut absent.right),
                    _ => absent.left.clone_from(&absent.right),
                }
            }
        }
    }
}

fn question() -> impl Strategy<Value = Question> {
    (any::<bool>(), 1usize..20, any::<Index>()).prop_map(|(is_iavl, size, asked)| {
        let asked = key(asked.index(2 * size));
        if is_iavl {
            Question::of_iavl(&tree(size), &asked)
        } else {
            Question::of_simple(&entries(size), &asked)
        }
    })
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn mutants_of_what_a_proof_says_are_judged_alike(question in question(), changes in vec(change(), 1..4)) {
        let mut mutant = question;
        for change in &changes {
            mutate(&mut mutant, change);
        }
        // Refused or accepted: `compare` checks that both say so.
        let _ = compare(&mutant, &mutant.bytes());
    }

    /// Every byte of a proof counts: any other byte in its place, one more or one less, and nothing is proven.
    #[test]
    fn t02_any_other_bytes_prove_nothing(question in question(), at in any::<Index>(), bits in 1u8.., more in any::<u8>()) {
        let bytes = question.bytes();
        prop_assert!(compare(&question, &bytes).is_ok());
        let at = at.index(bytes.len());
        let mut flipped = bytes.clone();
        flipped[at] ^= bits;
        prop_assert!(compare(&question, &flipped).is_err(), "byte {}", at);
        let mut longer = bytes.clone();
        longer.insert(at, more);
        prop_assert!(longer == bytes || compare(&question, &longer).is_err(), "one more at {}", at);
        let shorter = &bytes[..at];
        prop_assert!(compare(&question, shorter).is_err(), "{} bytes", at);
    }

    /// A proof answers one question: under another root, or about another key, it proves nothing.
    #[test]
    fn t09_a_proof_answers_one_question(question in question(), other in question(), bits in 1u8..) {
        let bytes = question.bytes();
        let mut asked = question.clone();
        asked.root[0] ^= bits;
        prop_assert!(compare(&asked, &bytes).is_err());
        if other.key != question.key {
            let asked = Question { key: other.key, ..question.clone() };
            prop_assert!(compare(&asked, &bytes).is_err());
        }
        let tree = match question.tree {
            Tree::Iavl => Tree::Simple,
            Tree::Simple => Tree::Iavl,
        };
        let asked = Question { tree, ..question };
        prop_assert!(compare(&asked, &bytes).is_err());
    }

    #[test]
    fn t23_any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..80), question in question(), at in any::<Index>()) {
        let mut mixed = question.bytes();
        let at = at.index(mixed.len());
        let end = mixed.len().min(at + bytes.len());
        mixed.splice(at..end, bytes.iter().copied());
        for bytes in [&bytes, &mixed] {
            let _ = compare(&question, bytes);
            let _ = prove(B256::repeat_byte(1), b"ibc", &question.key, bytes);
        }
    }

    #[test]
    fn t02_any_other_bytes_of_a_chain_prove_nothing(asked in 0usize..80, at in any::<Index>(), bits in 1u8..) {
        let (stores, app_hash) = chain();
        let mut bytes = chain_proof(&stores, &key(asked)).encode_to_vec();
        prop_assert!(prove(B256::new(app_hash), b"ibc", &key(asked), &bytes).is_ok());
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        prop_assert!(prove(B256::new(app_hash), b"ibc", &key(asked), &bytes).is_err());
    }
}
