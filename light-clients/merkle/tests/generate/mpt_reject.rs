//! Trie vectors that are refused, each by one rule. Most are one-node tries whose only flaw is the one named: the
//! root fits, so nothing but the rule refuses them.

use super::{
    harness::Files,
    mpt::{Question, rejected, with_tail},
};
use crate::support::{Entries, Tape, prove_by_alloy, rlp_writer as rlp};
use alloy_primitives::{B256, keccak256};

/// Collects the rejected files.
pub(crate) struct Rejects<'a> {
    files: &'a mut Files,
    pub(crate) key: B256,
}

/// Adds all rejected files.
pub(crate) fn add(files: &mut Files) {
    let key = Tape::new("mpt rejects").word();
    let mut rejects = Rejects { files, key };
    rejects.add_roots_and_hashes();
    rejects.add_missing_and_trailing();
    rejects.add_lengths();
    rejects.add_nodes();
    rejects.add_state();
    rejects.add_packed();
    rejects.add_values();
}

impl Rejects<'_> {
    pub(crate) fn put(&mut self, path: &str, about: &str, question: &Question, root: B256, proof: &[u8]) {
        let file = rejected(about, question, root, proof);
        assert!(
            self.files.insert(format!("reject/{path}.json"), file).is_none(),
            "two vectors named {path}"
        );
    }

    /// A trie of these nodes, the first of which is the root.
    pub(crate) fn put_nodes(&mut self, path: &str, about: &str, nodes: &[Vec<u8>]) {
        let root = keccak256(&nodes[0]);
        self.put(path, about, &Question::trie(self.key), root, &nodes.concat());
    }

    pub(crate) fn put_node(&mut self, path: &str, about: &str, node: Vec<u8>) {
        self.put_nodes(path, about, &[node]);
    }

    /// A trie whose one leaf holds `value`.
    pub(crate) fn put_value(&mut self, path: &str, about: &str, question: &Question, value: &[u8]) {
        let node = rlp::leaf(&rlp::nibbles(question.key.as_slice()), value);
        self.put(path, about, question, keccak256(&node), &node);
    }

    pub(crate) fn nibbles(&self) -> Vec<u8> {
        rlp::nibbles(self.key.as_slice())
    }

    /// A trie of 300 entries with `self.key` among them: its root and the nodes of the proof.
    pub(crate) fn large(&self) -> (Entries, B256, Vec<Vec<u8>>) {
        let mut tape = Tape::new("mpt rejects, large");
        let mut trie = (0..300)
            .map(|_| (tape.word(), tape.bytes(33)))
            .collect::<Entries>();
        trie.insert(self.key, tape.bytes(33));
        let (root, nodes) = prove_by_alloy(&trie, self.key);
        (trie, root, nodes)
    }

    fn add_roots_and_hashes(&mut self) {
        let (trie, root, nodes) = self.large();
        let (question, proof) = (Question::trie(self.key), nodes.concat());
        let empty = merkle::mpt::EMPTY_ROOT;
        self.put(
            "empty_trie/node",
            "the empty trie, with its one node",
            &question,
            empty,
            &[0x80],
        );
        self.put(
            "empty_trie/no_node",
            "the empty trie without a node",
            &question,
            empty,
            &[],
        );
        self.put(
            "empty_trie/zero_root",
            "a root of zero and a real proof",
            &question,
            B256::ZERO,
            &proof,
        );
        let slot = Question::storage(self.key);
        self.put(
            "empty_trie/storage",
            "an account without storage proves no absence",
            &slot,
            empty,
            &[0x80],
        );
        self.add_hashes(&trie, root, &nodes);
    }

    fn add_hashes(&mut self, trie: &Entries, root: B256, nodes: &[Vec<u8>]) {
        let (question, proof) = (Question::trie(self.key), nodes.concat());
        self.put(
            "node_hash/other_root",
            "a proof under another root",
            &question,
            keccak256("another root"),
            &proof,
        );
        let second = nodes[0].len() + 40;
        let mut flipped = proof.clone();
        flipped[second] ^= 1;
        self.put(
            "node_hash/flipped_bit",
            "one bit of the second node is flipped",
            &question,
            root,
            &flipped,
        );
        let swapped = [&nodes[1..2], &nodes[..1], &nodes[2..]].concat().concat();
        self.put(
            "node_hash/swapped",
            "the first two nodes in the wrong order",
            &question,
            root,
            &swapped,
        );
        let other = *trie
            .keys()
            .find(|key| key[0] != self.key[0])
            .expect("300 keys start differently");
        self.put(
            "node_hash/other_key",
            "the proof of another key",
            &Question::trie(other),
            root,
            &proof,
        );
    }

    fn add_missing_and_trailing(&mut self) {
        let (trie, root, nodes) = self.large();
        let (question, proof) = (Question::trie(self.key), nodes.concat());
        let cut = nodes[..nodes.len() - 1].concat();
        self.put(
            "missing_node/last",
            "the last node is missing",
            &question,
            root,
            &cut,
        );
        self.put("missing_node/all", "no node at all", &question, root, &[]);
        let absent = with_tail(self.key, &[self.key[31] & 15 ^ 1]);
        self.put(
            "missing_node/absence",
            "an absence whose last node is missing",
            &Question::trie(absent),
            root,
            &cut,
        );
        let extra = [proof.as_slice(), &[0]].concat();
        self.put(
            "trailing_bytes/byte",
            "a byte after the proof",
            &question,
            root,
            &extra,
        );
        let repeated = [proof.as_slice(), &nodes[nodes.len() - 1]].concat();
        self.put(
            "trailing_bytes/node_again",
            "the last node twice",
            &question,
            root,
            &repeated,
        );
        let absent = Tape::new("an absent key").word();
        assert!(!trie.contains_key(&absent));
        let absence = [prove_by_alloy(&trie, absent).1.concat(), vec![0x80]].concat();
        self.put(
            "trailing_bytes/absence",
            "a node after a proof of absence",
            &Question::trie(absent),
            root,
            &absence,
        );
    }

    /// Lengths that lie or are not in their shortest form.
    fn add_lengths(&mut self) {
        let (_, root, nodes) = self.large();
        let (question, proof) = (Question::trie(self.key), nodes.concat());
        self.put(
            "rlp_truncated/proof",
            "the last byte of the proof is missing",
            &question,
            root,
            &proof[..proof.len() - 1],
        );
        let leaf = rlp::leaf(&self.nibbles(), &[7; 40]);
        let content = leaf[2..].to_vec();
        let overrun = [vec![0xf8, leaf[1] - 1], content[..content.len() - 1].to_vec()].concat();
        self.put_node("rlp_truncated/item", "the value overruns its leaf", overrun);
        let short = rlp::list(&[rlp::string(&rlp::compact(&self.nibbles(), true)), vec![9]]);
        let long_form = [vec![0xf8, short[0] - 0xc0], short[1..].to_vec()].concat();
        self.put_node(
            "rlp_not_canonical/list_long_form",
            "the list of a leaf in long form",
            long_form,
        );
        let padded = [vec![0xf9, 0, leaf[1]], content.clone()].concat();
        self.put_node(
            "rlp_not_canonical/length_zero",
            "the length of a list starts with zero",
            padded,
        );
        let path = rlp::string(&rlp::compact(&self.nibbles(), true));
        let byte = rlp::list(&[path.clone(), vec![0x81, 9]]);
        self.put_node(
            "rlp_not_canonical/single_byte",
            "a value below 0x80 with a header",
            byte,
        );
        let string = rlp::list(&[path.clone(), [vec![0xb8, 3], vec![9; 3]].concat()]);
        self.put_node(
            "rlp_not_canonical/string_long_form",
            "a value of three bytes in long form",
            string,
        );
        let path = [vec![0xb8, 33], path[1..].to_vec()].concat();
        let path = rlp::list(&[path, vec![9]]);
        self.put_node(
            "rlp_not_canonical/path_long_form",
            "a path of 33 bytes in long form",
            path,
        );
    }

    /// Flaws of packed proofs. The trie has one level of branches of sixteen hashes.
    fn add_packed(&mut self) {
        let mut tape = Tape::new("mpt rejects, packed");
        let mut trie: Entries = (0..120).map(|_| (tape.word(), tape.bytes(33))).collect();
        trie.insert(self.key, tape.bytes(33));
        let (root, nodes) = prove_by_alloy(&trie, self.key);
        let plain = nodes.concat();
        let packed = merkle::mpt::pack(&plain).into_owned();
        assert_eq!(packed[0], 1, "one packed node");
        let question = Question::trie(self.key);
        let tail = &packed[481..];
        let mut other = packed.clone();
        other[77] ^= 1;
        let twice = [&[2][..], &packed[1..481], &packed[1..481], tail].concat();
        let too_many = [&[65][..], &packed[1..]].concat();
        let more = [packed.as_slice(), &[0x80]].concat();
        let none = [&[0][..], &plain].concat();
        let unpacked = [&packed[..481], &plain].concat();
        let cases: [(&str, &str, &[u8]); 8] = [
            (
                "node_hash/packed_other_hash",
                "a hash of a packed node is another",
                &other,
            ),
            (
                "node_hash/packed_twice",
                "the packed node stands there twice",
                &twice,
            ),
            (
                "rlp_truncated/packed_cut",
                "the packed hashes end too early",
                &packed[..300],
            ),
            (
                "rlp_truncated/packed_alone",
                "no node stands below the packed one",
                &packed[..481],
            ),
            (
                "rlp_not_canonical/packed_not_all",
                "a branch of sixteen hashes follows that is not packed",
                &unpacked,
            ),
            (
                "node_hash/packed_65",
                "65 packed nodes: no key is so long",
                &too_many,
            ),
            (
                "node_hash/packed_none",
                "no packed node, and a byte that says so",
                &none,
            ),
            ("trailing_bytes/packed", "a byte behind a packed proof", &more),
        ];
        for (path, about, proof) in cases {
            self.put(path, about, &question, root, proof);
        }
    }

    /// Flaws of leaves that are told by their values.
    fn add_values(&mut self) {
        let mut tape = Tape::new("mpt rejects, values");
        let mut trie: Entries = (0..120).map(|_| (tape.word(), tape.bytes(33))).collect();
        trie.insert(self.key, tape.bytes(33));
        let (root, nodes) = prove_by_alloy(&trie, self.key);
        let plain = nodes.concat();
        let told = merkle::mpt::pack_present(&plain).into_owned();
        let question = Question::trie(self.key);
        let above = &told[..told.len() - 33];
        assert_eq!(above.last(), Some(&64), "what tells the leaf");
        let mut other = told.clone();
        other[above.len() + 9] ^= 1;
        let of_size = |size: usize| [above, &vec![7; size]].concat();
        let marked = [&[64][..], &told].concat();
        let cases: [(&str, &str, &[u8]); 7] = [
            ("node_hash/value_other", "the value is another", &other),
            ("node_hash/value_longer", "a byte behind the value", &of_size(34)),
            ("rlp_not_canonical/value_none", "no value", above),
            (
                "rlp_not_canonical/value_short",
                "with this value the leaf would be told by a shorter header",
                &of_size(22),
            ),
            (
                "rlp_not_canonical/value_long",
                "with this value the leaf would be told by a longer header",
                &of_size(222),
            ),
            (
                "rlp_not_canonical/value_all",
                "all of a proof as the value of a leaf",
                &marked,
            ),
            (
                "missing_node/value_none",
                "neither leaf nor value below the packed node and a branch",
                &above[..above.len() - 1],
            ),
        ];
        for (path, about, proof) in cases {
            self.put(path, about, &question, root, proof);
        }
    }
}
