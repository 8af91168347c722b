//! SSZ vectors: single branches and multiproofs, accepted and refused. The trees are hashed here, by other means
//! than the code under test uses.

use super::{harness::Files, hex, object};
use crate::support::Tape;
use alloy_primitives::B256;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Generalized indices in use: committees, finality and execution payload, before and after Electra.
const INDICES: [u64; 8] = [54, 55, 86, 87, 105, 169, 802, 25];

/// A branch before it is written.
#[derive(Clone)]
struct Branch {
    leaf: B256,
    index: u64,
    branch: Vec<B256>,
    root: B256,
}

/// A multiproof before it is written.
#[derive(Clone)]
struct Multiproof {
    depth: u32,
    indices: Vec<u64>,
    leaves: Vec<B256>,
    siblings: Vec<B256>,
    root: B256,
}

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    for index in INDICES.into_iter().chain([1, 2, 3]) {
        let good = Branch::random(index);
        put(
            &mut files,
            &format!("accept/branch_{index:03}"),
            good.to_json("a leaf of a container"),
        );
    }
    add_multiproofs(&mut files);
    reject_branches(&mut files);
    reject_multiproofs(&mut files);
    reject_siblings(&mut files);
    files
}

fn put(files: &mut Files, path: &str, file: Value) {
    assert!(
        files.insert(format!("{path}.json"), file).is_none(),
        "two vectors named {path}"
    );
}

fn sha256(left: &B256, right: &B256) -> B256 {
    B256::from_slice(&Sha256::digest([left.0, right.0].concat()))
}

impl Branch {
    fn random(index: u64) -> Self {
        let mut tape = Tape::new(&format!("ssz branch {index}"));
        let leaf = tape.word();
        let (mut node, mut at, mut branch) = (leaf, index, Vec::new());
        while at > 1 {
            let sibling = tape.word();
            node = if at % 2 == 0 {
                sha256(&node, &sibling)
            } else {
                sha256(&sibling, &node)
            };
            branch.push(sibling);
            at /= 2;
        }
        Self {
            leaf,
            index,
            branch,
            root: node,
        }
    }

    fn to_json(&self, about: &str) -> Value {
        object([
            ("about", json!(about)),
            ("kind", json!("branch")),
            ("leaf", hex(self.leaf.as_slice())),
            ("index", json!(self.index)),
            ("branch", hex(self.branch.concat().as_slice())),
            ("root", hex(self.root.as_slice())),
        ])
    }
}

impl Multiproof {
    /// Opens `indices` in a tree of random leaves.
    fn random(depth: u32, indices: &[u64]) -> Self {
        let mut tape = Tape::new(&format!("ssz multiproof {depth} {}", indices.len()));
        let mut level = (0..1u64 << depth).map(|_| tape.word()).collect::<Vec<_>>();
        let at = |level: &[B256], index: &u64| level[usize::try_from(*index).unwrap()];
        let leaves = indices.iter().map(|index| at(&level, index)).collect();
        let mut known = indices.iter().copied().collect::<BTreeSet<_>>();
        let mut siblings = Vec::new();
        while level.len() > 1 {
            let wanted = known
                .iter()
                .map(|index| index ^ 1)
                .filter(|index| !known.contains(index));
            siblings.extend(wanted.map(|index| at(&level, &index)));
            level = level.chunks(2).map(|pair| sha256(&pair[0], &pair[1])).collect();
            known = known.iter().map(|index| index / 2).collect();
        }
        Self {
            depth,
            indices: indices.to_vec(),
            leaves,
            siblings,
            root: level[0],
        }
    }

    fn to_json(&self, about: &str) -> Value {
        object([
            ("about", json!(about)),
            ("kind", json!("multiproof")),
            ("depth", json!(self.depth)),
            ("indices", json!(self.indices)),
            ("leaves", hex(self.leaves.concat().as_slice())),
            ("siblings", hex(self.siblings.concat().as_slice())),
            ("root", hex(self.root.as_slice())),
        ])
    }
}

/// `count` different positions below `size`, in order.
fn choose(count: usize, size: u64) -> Vec<u64> {
    let mut tape = Tape::new(&format!("choose {count} of {size}"));
    let mut chosen = BTreeSet::new();
    while chosen.len() < count {
        chosen.insert(tape.below(size));
    }
    chosen.into_iter().collect()
}

fn add_multiproofs(files: &mut Files) {
    for (depth, indices) in [
        (1, vec![0]),
        (1, vec![1]),
        (1, vec![0, 1]),
        (3, vec![2, 3]),
        (3, vec![1, 2]),
        (3, vec![0, 7]),
    ] {
        let name = indices.iter().map(u64::to_string).collect::<Vec<_>>().join("_");
        let file = Multiproof::random(depth, &indices).to_json("a small tree");
        put(
            files,
            &format!("accept/multiproof_depth_{depth}_leaves_{name}"),
            file,
        );
    }
    for count in [1, 2, 5, 170, 171, 511, 512] {
        let file = Multiproof::random(9, &choose(count, 512)).to_json("absentees of a committee of 512");
        put(files, &format!("accept/multiproof_of_512_{count:03}"), file);
    }
}

fn reject_branches(files: &mut Files) {
    let good = Branch::random(105);
    let mut put = |path: &str, about: &str, change: fn(&mut Branch)| {
        let mut bad = good.clone();
        change(&mut bad);
        put(files, &format!("reject/{path}"), bad.to_json(about));
    };
    put("zero_generalized_index/zero", "there is no index 0", |bad| {
        bad.index = 0
    });
    put("branch_length/short", "one sibling too few", |bad| {
        bad.branch.truncate(5)
    });
    put("branch_length/long", "one sibling too many", |bad| {
        bad.branch.push(B256::ZERO)
    });
    put("branch_length/none", "no sibling", |bad| bad.branch.clear());
    put(
        "branch_length/deeper_index",
        "the index is of a deeper tree",
        |bad| bad.index = 169,
    );
    put("branch_root/leaf", "another leaf", |bad| bad.leaf.0[0] ^= 1);
    put("branch_root/zero_leaf", "a leaf of zero", |bad| {
        bad.leaf = B256::ZERO
    });
    put("branch_root/index", "the neighbour's index", |bad| bad.index ^= 1);
    put("branch_root/sibling", "a bit of a sibling is flipped", |bad| {
        bad.branch[3].0[31] ^= 0x80
    });
    put("branch_root/order", "siblings from the root downwards", |bad| {
        bad.branch.reverse()
    });
    put("branch_root/root", "another root", |bad| bad.root.0[7] ^= 4);
    put("branch_root/zero_root", "a root of zero", |bad| {
        bad.root = B256::ZERO
    });
}

fn reject_multiproofs(files: &mut Files) {
    let good = Multiproof::random(9, &choose(5, 512));
    let mut put = |path: &str, about: &str, change: fn(&mut Multiproof)| {
        let mut bad = good.clone();
        change(&mut bad);
        put(files, &format!("reject/{path}"), bad.to_json(about));
    };
    put("too_deep/depth_41", "deeper than any tree in use", |bad| {
        bad.depth = 41
    });
    put("no_leaves/with_siblings", "no leaves, but siblings", |bad| {
        bad.indices.clear();
        bad.leaves.clear();
    });
    put(
        "no_leaves/root_as_sibling",
        "no leaves, and the root for a sibling",
        |bad| {
            bad.indices.clear();
            bad.leaves.clear();
            bad.siblings = vec![bad.root];
        },
    );
    put("leaf_order/duplicate", "one leaf twice", |bad| {
        bad.indices[1] = bad.indices[0];
        bad.leaves[1] = bad.leaves[0];
    });
    put("leaf_order/swapped", "two leaves in the wrong order", |bad| {
        bad.indices.swap(1, 2);
        bad.leaves.swap(1, 2);
    });
    put("leaf_index/size", "the first position behind the tree", |bad| {
        bad.indices[4] = 512
    });
    put("leaf_index/far", "a position far behind the tree", |bad| {
        bad.indices[4] = u64::from(u32::MAX)
    });
}

fn reject_siblings(files: &mut Files) {
    let good = Multiproof::random(9, &choose(5, 512));
    let mut put = |path: &str, about: &str, change: fn(&mut Multiproof)| {
        let mut bad = good.clone();
        change(&mut bad);
        put(files, &format!("reject/{path}"), bad.to_json(about));
    };
    put("sibling_count/missing", "the last sibling is missing", |bad| {
        bad.siblings.truncate(bad.siblings.len() - 1)
    });
    put("sibling_count/extra", "a sibling too many", |bad| {
        bad.siblings.push(B256::ZERO)
    });
    put("sibling_count/none", "no siblings", |bad| bad.siblings.clear());
    put("branch_root/multiproof_leaf", "another leaf", |bad| {
        bad.leaves[2].0[5] ^= 1
    });
    put(
        "branch_root/multiproof_leaves_swapped",
        "two leaves exchanged",
        |bad| bad.leaves.swap(0, 1),
    );
    put(
        "branch_root/multiproof_sibling",
        "a bit of a sibling is flipped",
        |bad| bad.siblings[7].0[0] ^= 1,
    );
    put(
        "branch_root/multiproof_siblings_swapped",
        "two siblings exchanged",
        |bad| bad.siblings.swap(0, 1),
    );
    put("branch_root/multiproof_root", "another root", |bad| {
        bad.root = B256::ZERO
    });
}
