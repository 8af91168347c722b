//! Trie vectors that are refused because of a node: its shape, its path, its children.

use super::mpt_reject::Rejects;
use crate::support::rlp_writer as rlp;

impl Rejects<'_> {
    /// Adds the files of this page.
    pub(crate) fn add_nodes(&mut self) {
        self.add_kinds_and_shapes();
        self.add_paths();
        self.add_path_lengths();
        self.add_children();
        self.add_branch_values();
        self.add_embedding();
    }

    fn add_kinds_and_shapes(&mut self) {
        let path = rlp::string(&rlp::compact(&self.nibbles(), true));
        self.put_node(
            "rlp_kind/node",
            "a string instead of a node",
            rlp::string(&[7; 40]),
        );
        self.put_node(
            "rlp_kind/value",
            "a list as the value of a leaf",
            rlp::list(&[path.clone(), rlp::list(&[vec![9]])]),
        );
        self.put_node(
            "rlp_kind/path",
            "a list as the path of a leaf",
            rlp::list(&[rlp::list(&[vec![9]]), vec![9]]),
        );
        let mut items = vec![vec![0x80]; 16];
        self.put_node(
            "node_shape/items_16",
            "a branch without its value",
            rlp::list(&items),
        );
        items.push(rlp::list(&[vec![9]]));
        self.put_node(
            "rlp_kind/branch_value",
            "a list as the value of a branch",
            rlp::list(&items),
        );
        items[16] = vec![0x80];
        items.push(vec![0x80]);
        self.put_node(
            "node_shape/items_18",
            "a branch with an item too many",
            rlp::list(&items),
        );
        self.put_node("node_shape/items_0", "an empty list", rlp::list(&[]));
        self.put_node(
            "node_shape/items_1",
            "a path alone",
            rlp::list(std::slice::from_ref(&path)),
        );
        self.put_node(
            "node_shape/items_3",
            "a leaf with two values",
            rlp::list(&[path, vec![9], vec![9]]),
        );
    }

    fn add_paths(&mut self) {
        let node = |path: &[u8]| rlp::list(&[rlp::string(path), rlp::string(&[9; 32])]);
        let even = rlp::compact(&self.nibbles(), true);
        let odd = rlp::compact(&self.nibbles()[1..], true);
        let set = |path: &[u8], first: u8| [&[first], &path[1..]].concat();
        self.put_node("hex_prefix/flag_4", "a flag nibble of 4", node(&set(&even, 0x40)));
        self.put_node(
            "hex_prefix/flag_bit",
            "the flag nibble of a leaf with a bit more",
            node(&set(&even, 0xa0)),
        );
        self.put_node(
            "hex_prefix/padding",
            "the padding nibble is not zero",
            node(&set(&even, 0x21)),
        );
        self.put_node(
            "hex_prefix/padding_high",
            "the padding nibble is not zero",
            node(&set(&even, 0x28)),
        );
        self.put_node(
            "hex_prefix/flag_odd",
            "an odd path with a flag of 7",
            node(&set(&odd, 0x70 | odd[0] & 15)),
        );
        self.put_node("hex_prefix/empty", "a path of no bytes", node(&[]));
        self.put_node(
            "hex_prefix/empty_extension",
            "an extension of no nibbles",
            node(&[0]),
        );
        self.put_node(
            "hex_prefix/padding_extension",
            "an extension whose padding is not zero",
            node(&[0x0f, 0x12]),
        );
    }

    fn add_path_lengths(&mut self) {
        let (nibbles, value) = (self.nibbles(), [9; 40]);
        self.put_node(
            "path_length/leaf_short",
            "a leaf of 62 nibbles",
            rlp::leaf(&nibbles[..62], &value),
        );
        self.put_node(
            "path_length/leaf_odd",
            "a leaf of 63 nibbles",
            rlp::leaf(&nibbles[..63], &value),
        );
        let long = [nibbles.as_slice(), &[0]].concat();
        self.put_node(
            "path_length/leaf_long",
            "a leaf of 65 nibbles",
            rlp::leaf(&long, &value),
        );
        let other = nibbles
            .iter()
            .take(62)
            .map(|nibble| nibble ^ 1)
            .collect::<Vec<_>>();
        self.put_node(
            "path_length/leaf_absence",
            "a short leaf of another key proves no absence",
            rlp::leaf(&other, &value),
        );
        let hash = rlp::string(&[9; 32]);
        self.put_node(
            "path_length/extension_64",
            "an extension that leaves nothing",
            rlp::extension(&nibbles, hash.clone()),
        );
        let past = [nibbles.as_slice(), &[1]].concat();
        self.put_node(
            "path_length/extension_65",
            "an extension beyond the key",
            rlp::extension(&past, hash.clone()),
        );
        let end = rlp::branch(&[(1, hash.clone()), (2, hash)], &[]);
        let last = rlp::branch(
            &[
                (nibbles[63], rlp::reference(&end)),
                (nibbles[63] ^ 1, rlp::string(&[9; 32])),
            ],
            &[],
        );
        let top = rlp::extension(&nibbles[..63], rlp::reference(&last));
        self.put_nodes(
            "path_length/branch_64",
            "a branch where all keys have ended",
            &[top, last, end],
        );
    }

    fn add_children(&mut self) {
        let (nibbles, hash) = (self.nibbles(), rlp::string(&[9; 32]));
        let first = nibbles[0];
        let branch =
            |selected: Vec<u8>, other: Vec<u8>| rlp::branch(&[(first, selected), (first ^ 1, other)], &[]);
        let at = |rule: &str| format!("child_reference/{rule}");
        self.put_node(
            &at("hash_31"),
            "a hash of 31 bytes",
            branch(rlp::string(&[9; 31]), hash.clone()),
        );
        self.put_node(
            &at("hash_33"),
            "a hash of 33 bytes",
            branch(rlp::string(&[9; 33]), hash.clone()),
        );
        self.put_node(
            &at("byte"),
            "a reference of one byte",
            branch(vec![9], hash.clone()),
        );
        self.put_node(
            &at("other_child"),
            "a child beside the key's is malformed",
            branch(vec![0x80], rlp::string(&[9; 31])),
        );
        let large = rlp::leaf(&nibbles[1..], &[9; 8]);
        assert!(large.len() >= 32);
        self.put_node(
            &at("embedded_large"),
            "a node of 32 bytes or more is embedded",
            branch(large, hash.clone()),
        );
        self.put_node(
            &at("embedded_empty"),
            "an empty list as a child",
            branch(rlp::list(&[]), hash.clone()),
        );
        self.put_node(
            &at("extension_empty"),
            "an extension without a child",
            rlp::extension(&nibbles[..4], vec![0x80]),
        );
        let other = [nibbles[0] ^ 1, 2, 3];
        self.put_node(
            &at("extension_absence"),
            "a broken extension proves no absence",
            rlp::extension(&other, rlp::string(&[9; 31])),
        );
    }

    fn add_branch_values(&mut self) {
        let (first, hash) = (self.nibbles()[0], rlp::string(&[9; 32]));
        let valued = rlp::branch(&[(first, hash.clone()), (first ^ 1, hash)], &[1, 2, 3]);
        self.put_node("branch_value/root", "a branch with a value", valued);
        let absent = rlp::branch(
            &[
                (first ^ 1, rlp::string(&[9; 32])),
                (first ^ 2, rlp::string(&[9; 32])),
            ],
            &[5],
        );
        self.put_node(
            "branch_value/absence",
            "a branch with a value proves no absence",
            absent,
        );
    }

    fn add_embedding(&mut self) {
        let nibbles = self.nibbles();
        let leaf = rlp::leaf(&nibbles[60..], &[9]);
        assert!(leaf.len() < 32);
        let branch = rlp::branch(
            &[
                (nibbles[59], rlp::hash_reference(&leaf)),
                (nibbles[59] ^ 1, rlp::string(&[9; 32])),
            ],
            &[],
        );
        let top = rlp::extension(&nibbles[..59], rlp::reference(&branch));
        let about = "a node under 32 bytes by hash instead of embedded";
        self.put_nodes("short_node/leaf", about, &[top.clone(), branch, leaf.clone()]);
        let branch = rlp::branch(
            &[
                (nibbles[59], leaf.clone()),
                (nibbles[59] ^ 1, rlp::string(&[9; 32])),
            ],
            &[],
        );
        let top = rlp::extension(&nibbles[..59], rlp::reference(&branch));
        let about = "an embedded node that follows again";
        self.put_nodes("trailing_bytes/embedded_again", about, &[top, branch, leaf]);
        let leaf = rlp::leaf(&nibbles[8..], &[9; 32]);
        let top = rlp::extension(&nibbles[..8], rlp::reference(&leaf));
        self.put_nodes("extension_child/leaf", "a leaf below an extension", &[top, leaf]);
        let branch = rlp::branch(
            &[
                (nibbles[16], rlp::string(&[9; 32])),
                (nibbles[16] ^ 1, rlp::string(&[8; 32])),
            ],
            &[],
        );
        let middle = rlp::extension(&nibbles[8..16], rlp::reference(&branch));
        let top = rlp::extension(&nibbles[..8], rlp::reference(&middle));
        self.put_nodes(
            "extension_child/extension",
            "an extension below an extension",
            &[top, middle],
        );
        let leaf = rlp::leaf(&nibbles[60..], &[9]);
        let top = rlp::extension(&nibbles[..60], leaf);
        self.put_node("extension_child/embedded", "a leaf embedded in an extension", top);
        self.put_node(
            "empty_value/root",
            "a leaf that holds nothing",
            rlp::leaf(&nibbles, &[]),
        );
        let other = nibbles.iter().map(|nibble| nibble ^ 1).collect::<Vec<_>>();
        self.put_node(
            "empty_value/absence",
            "an empty leaf of another key proves no absence",
            rlp::leaf(&other, &[]),
        );
    }
}
