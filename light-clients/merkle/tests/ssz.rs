//! SSZ branches and multiproofs: one test for each way to be refused, the incident tests by number, and the roots
//! of trees computed in the plainest way.

mod support;

use alloy_primitives::B256;
use merkle::{
    Reject,
    ssz::{
        DEPTH_MAX, Leaf, branch_root, check_branch, check_multiproof, chunk_u64, hash_pair, merkleize,
        multiproof_root, multiproof_siblings, sibling_count,
    },
};
use proptest::{collection::btree_set, collection::vec, prelude::*, sample::Index};
use sha2::{Digest, Sha256};
use support::Tape;

/// Root of all leaves, whose number is a power of two.
fn plain_root(leaves: &[B256]) -> B256 {
    match leaves {
        [root] => *root,
        _ => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            let pair = [plain_root(left).0, plain_root(right).0].concat();
            B256::from_slice(&Sha256::digest(pair))
        }
    }
}

fn leaves(depth: u32) -> Vec<B256> {
    let mut tape = Tape::new("ssz leaves");
    (0..1u64 << depth).map(|_| tape.word()).collect()
}

/// The branch from leaf `index`, leaf's sibling first.
fn plain_branch(leaves: &[B256], index: usize) -> Vec<B256> {
    let sibling = |width: usize| {
        let start = ((index / width) ^ 1) * width;
        plain_root(&leaves[start..start + width])
    };
    (0..leaves.len().ilog2())
        .map(|level| sibling(1 << level))
        .collect()
}

fn at(leaves: &[B256], indices: &[u64]) -> Vec<Leaf> {
    let node = |index: &u64| leaves[usize::try_from(*index).unwrap()];
    indices
        .iter()
        .map(|index| Leaf {
            index: *index,
            node: node(index),
        })
        .collect()
}

#[test]
fn pads_with_zero_leaves() {
    let mut tape = Tape::new("ssz chunks");
    for depth in 0..6 {
        let size = 1usize << depth;
        for count in 0..=size {
            let chunks = (0..count).map(|_| tape.word()).collect::<Vec<_>>();
            let padded = [&chunks[..], &vec![B256::ZERO; size - count]].concat();
            assert_eq!(
                merkleize(&chunks, depth),
                Ok(plain_root(&padded)),
                "{count} chunks in depth {depth}"
            );
        }
    }
}

#[test]
fn integers_are_little_endian() {
    assert_eq!(chunk_u64(0x0102)[..3], [2, 1, 0]);
    assert_eq!(chunk_u64(u64::MAX)[7..9], [0xff, 0]);
}

#[test]
fn the_root_is_its_own_branch() {
    let root = B256::repeat_byte(7);
    assert_eq!(branch_root(root, 1, &[]), Ok(root));
    assert_eq!(
        multiproof_root(0, &[Leaf { index: 0, node: root }], &[]),
        Ok(root)
    );
}

#[test]
fn branches_of_a_whole_tree() {
    let leaves = leaves(4);
    for index in 0..leaves.len() {
        let gindex = u64::try_from(16 + index).unwrap();
        let branch = plain_branch(&leaves, index);
        assert_eq!(
            check_branch(leaves[index], gindex, &branch, plain_root(&leaves)),
            Ok(())
        );
    }
}

#[test]
fn rejects_zero_generalized_index() {
    assert_eq!(branch_root(B256::ZERO, 0, &[]), Err(Reject::ZeroGeneralizedIndex));
}

#[test]
fn rejects_branch_length() {
    for (index, expected) in [
        (1, 0),
        (54, 5),
        (87, 6),
        (105, 6),
        (169, 7),
        (802, 9),
        (u64::MAX, 63),
    ] {
        for found in [0, expected - expected.min(1), expected + 1, 65] {
            let verdict = branch_root(B256::ZERO, index, &vec![B256::ZERO; found]);
            let refused = Err(Reject::BranchLength {
                index,
                expected,
                found,
            });
            assert_eq!(verdict.is_ok(), found == expected);
            assert!(verdict.is_ok() || verdict == refused);
        }
    }
}

#[test]
fn rejects_branch_root() {
    let (leaf, sibling) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let (expected, found) = (B256::ZERO, hash_pair(leaf, sibling));
    assert_eq!(check_branch(leaf, 2, &[sibling], found), Ok(()));
    assert_eq!(
        check_branch(leaf, 2, &[sibling], expected),
        Err(Reject::BranchRoot { expected, found })
    );
    let leaf = Leaf { index: 0, node: leaf };
    assert_eq!(
        check_multiproof(1, &[leaf], &[sibling], expected),
        Err(Reject::BranchRoot { expected, found })
    );
}

#[test]
fn rejects_too_many_chunks() {
    assert_eq!(
        merkleize(&[B256::ZERO; 5], 2),
        Err(Reject::TooManyChunks { count: 5, depth: 2 })
    );
}

#[test]
fn rejects_too_deep() {
    let refused = Reject::TooDeep {
        depth: DEPTH_MAX + 1,
        max: DEPTH_MAX,
    };
    assert_eq!(merkleize(&[], DEPTH_MAX + 1), Err(refused.clone()));
    assert_eq!(sibling_count(DEPTH_MAX + 1, &[0]), Err(refused));
    assert_eq!(
        sibling_count(u32::MAX, &[0]),
        Err(Reject::TooDeep {
            depth: u32::MAX,
            max: DEPTH_MAX
        })
    );
    assert_eq!(sibling_count(DEPTH_MAX, &[0]), Ok(40));
}

#[test]
fn t07_rejects_no_leaves() {
    let root = plain_root(&leaves(3));
    assert_eq!(multiproof_root(3, &[], &[root]), Err(Reject::NoLeaves));
    assert_eq!(multiproof_root(0, &[], &[]), Err(Reject::NoLeaves));
    assert_eq!(multiproof_siblings(3, &leaves(3), &[]), Err(Reject::NoLeaves));
}

#[test]
fn t06_rejects_leaf_order() {
    let leaves = leaves(3);
    let siblings = multiproof_siblings(3, &leaves, &[2, 5]).unwrap();
    assert!(check_multiproof(3, &at(&leaves, &[2, 5]), &siblings, plain_root(&leaves)).is_ok());
    for (previous, index) in [(2, 2), (5, 2)] {
        let verdict = multiproof_root(3, &at(&leaves, &[previous, index]), &siblings);
        assert_eq!(verdict, Err(Reject::LeafOrder { previous, index }));
    }
}

#[test]
fn t05_rejects_leaf_index() {
    let leaves = leaves(3);
    for index in [8, 9, u64::MAX] {
        let leaf = Leaf {
            index,
            node: leaves[0],
        };
        let siblings = multiproof_siblings(3, &leaves, &[0]).unwrap();
        assert_eq!(
            multiproof_root(3, &[leaf], &siblings),
            Err(Reject::LeafIndex { index, size: 8 })
        );
    }
}

#[test]
fn t08_rejects_sibling_count() {
    let leaves = leaves(4);
    let siblings = multiproof_siblings(4, &leaves, &[1, 2, 9]).unwrap();
    let expected = siblings.len();
    for found in (0..expected + 3).filter(|found| *found != expected) {
        let given = siblings.iter().copied().cycle().take(found).collect::<Vec<_>>();
        let verdict = multiproof_root(4, &at(&leaves, &[1, 2, 9]), &given);
        assert_eq!(verdict, Err(Reject::SiblingCount { expected, found }));
    }
}

/// A branch is accepted at one index and one size of tree only, for every number of leaves from 1 to 69.
#[test]
fn t11_a_branch_has_one_position() {
    let mut tape = Tape::new("t11");
    for count in 1..70u64 {
        let size = count.next_power_of_two();
        let mut all = (0..count).map(|_| tape.word()).collect::<Vec<_>>();
        all.resize(usize::try_from(size).unwrap(), B256::ZERO);
        let root = plain_root(&all);
        for index in 0..count {
            let place = usize::try_from(index).unwrap();
            let branch = plain_branch(&all, place);
            let accepted = (1..512).filter(|gindex| check_branch(all[place], *gindex, &branch, root).is_ok());
            assert_eq!(
                accepted.collect::<Vec<_>>(),
                [size + index],
                "leaf {index} of {count}"
            );
        }
    }
}

/// The same for multiproofs: other positions or another depth lead elsewhere or are refused.
#[test]
fn t11_a_multiproof_has_one_position() {
    let leaves = leaves(4);
    let root = plain_root(&leaves);
    let indices = [3, 4, 11];
    let siblings = multiproof_siblings(4, &leaves, &indices).unwrap();
    let nodes = at(&leaves, &indices);
    let mut accepted = Vec::new();
    for depth in 0..7 {
        for first in 0..16 {
            for second in first + 1..16 {
                for third in second + 1..16 {
                    let places = [first, second, third];
                    let moved = nodes
                        .iter()
                        .zip(places)
                        .map(|(leaf, index)| Leaf { index, ..*leaf });
                    if check_multiproof(depth, &moved.collect::<Vec<_>>(), &siblings, root).is_ok() {
                        accepted.push((depth, places));
                    }
                }
            }
        }
    }
    assert_eq!(accepted, [(4, indices)]);
}

/// A zero leaf, a zero root and default siblings open nothing (T-33).
#[test]
fn t33_zeros_open_nothing() {
    let leaves = leaves(3);
    let root = plain_root(&leaves);
    let zero = Leaf {
        index: 0,
        node: B256::ZERO,
    };
    assert!(check_multiproof(3, &[zero], &[B256::ZERO; 3], root).is_err());
    assert!(check_branch(B256::ZERO, 8, &[B256::ZERO; 3], root).is_err());
    assert!(check_branch(leaves[0], 8, &plain_branch(&leaves, 0), B256::ZERO).is_err());
}

fn opening() -> impl Strategy<Value = (u32, Vec<u64>)> {
    (0u32..8).prop_flat_map(|depth| {
        let size = 1usize << depth;
        (Just(depth), btree_set(0..1u64 << depth, 1..=size.min(40)))
            .prop_map(|(depth, indices)| (depth, indices.into_iter().collect()))
    })
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn multiproofs_lead_to_the_root((depth, indices) in opening()) {
        let leaves = leaves(depth);
        let siblings = multiproof_siblings(depth, &leaves, &indices).unwrap();
        prop_assert_eq!(sibling_count(depth, &indices), Ok(siblings.len()));
        prop_assert_eq!(multiproof_root(depth, &at(&leaves, &indices), &siblings), Ok(plain_root(&leaves)));
    }

    #[test]
    fn t02_no_mutant_of_a_multiproof_leads_to_the_root(
        (depth, indices) in opening(),
        at_byte in any::<Index>(),
        bits in 1u8..,
    ) {
        let leaves = leaves(depth);
        let root = plain_root(&leaves);
        let mut siblings = multiproof_siblings(depth, &leaves, &indices).unwrap();
        let mut opened = at(&leaves, &indices);
        let place = at_byte.index(32 * (siblings.len() + opened.len()));
        match opened.get_mut(place / 32) {
            Some(leaf) => leaf.node.0[place % 32] ^= bits,
            None => siblings[place / 32 - indices.len()].0[place % 32] ^= bits,
        }
        prop_assert!(check_multiproof(depth, &opened, &siblings, root).is_err());
    }

    #[test]
    fn t23_random_input_does_not_panic(
        depth in 0u32..50,
        indices in vec(any::<u64>(), 0..6),
        small in vec(0u64..9, 0..6),
        siblings in vec(any::<[u8; 32]>(), 0..12),
        gindex in any::<u64>(),
    ) {
        let siblings = siblings.into_iter().map(B256::new).collect::<Vec<_>>();
        for indices in [indices, small] {
            let leaves = indices.iter().map(|index| Leaf { index: *index, node: B256::ZERO }).collect::<Vec<_>>();
            let _ = multiproof_root(depth, &leaves, &siblings);
            let _ = multiproof_siblings(depth.min(8), &siblings, &indices);
        }
        let _ = branch_root(B256::ZERO, gindex, &siblings);
        let _ = merkleize(&siblings, depth);
    }
}
