//! Where the law refuses what the judge accepts: one test for each difference of docs/formats/ics23.md. No chain
//! makes such proofs; each is one more way to write or read the same thing, or to make the verifier work.

use ics23::commitment_proof::Proof;
use ics23::{
    BatchEntry, BatchProof, CommitmentProof, ExistenceProof, HostFunctionsManager, batch_entry, iavl_spec,
    verify_membership,
};
use prost::Message;

use crate::judge::{by_judge, by_law};
use crate::support::{Question, entries, existence, key, tree};

fn iavl() -> Question {
    Question::of_iavl(&tree(13), &key(6))
}

fn simple() -> Question {
    Question::of_simple(&entries(5), &key(4))
}

/// The judge accepts, the law refuses by `rule`.
fn differ(question: &Question, bytes: &[u8], rule: &str) {
    let taken = by_judge(question, bytes);
    assert!(taken.is_some(), "the judge refuses, too: {question:?}");
    assert_eq!(by_law(question, bytes), Err(rule));
}

/// One existence with this edit, whose root is believed.
fn differ_with(question: &Question, rule: &str, edit: impl FnOnce(&mut ExistenceProof)) {
    let changed = question.with_existence(edit);
    differ(&changed, &changed.bytes(), rule);
}

/// The message with this content in field 1.
fn in_field_1(content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x0a];
    prost::encoding::encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

#[test]
fn field_an_unknown_one_is_refused() {
    let question = iavl();
    differ(&question, &[question.bytes(), vec![0x28, 1]].concat(), "field");
}

#[test]
fn field_one_out_of_order_or_repeated_is_refused() {
    let question = iavl();
    let exists = existence(&question);
    let (key, rest) = (
        in_field_1(&exists.key),
        ExistenceProof {
            key: Vec::new(),
            ..exists
        }
        .encode_to_vec(),
    );
    differ(
        &question,
        &in_field_1(&[rest.clone(), key.clone()].concat()),
        "field",
    );
    differ(
        &question,
        &in_field_1(&[key.clone(), key, rest].concat()),
        "field",
    );
}

#[test]
fn varint_a_longer_one_is_refused() {
    let question = iavl();
    let content = existence(&question).encode_to_vec();
    let (low, high) = (content.len() as u8 | 0x80, (content.len() >> 7) as u8);
    differ(
        &question,
        &[[0x0a, low, high | 0x80, 0].as_slice(), &content].concat(),
        "varint",
    );
}

#[test]
fn default_written_is_refused() {
    let question = iavl();
    let exists = existence(&question);
    let leaf = exists.leaf.clone().unwrap().encode_to_vec();
    // Field 2 of a leaf, `prehash_key`, is NO_HASH and left out.
    let leaf = [&leaf[..2], &[0x10, 0], &leaf[2..]].concat();
    let without = ExistenceProof { leaf: None, ..exists }.encode_to_vec();
    let at = 2 + existence(&question).key.len() + 2 + existence(&question).value.len();
    let content = [&without[..at], &[0x1a, leaf.len() as u8], &leaf, &without[at..]].concat();
    differ(&question, &in_field_1(&content), "default_written");
}

#[test]
fn proof_kind_a_batch_is_refused() {
    let question = iavl();
    let exists = existence(&question);
    let batch = |proof| CommitmentProof { proof: Some(proof) };
    let entry = BatchEntry {
        proof: Some(batch_entry::Proof::Exist(exists.clone())),
    };
    let batched = batch(Proof::Batch(BatchProof { entries: vec![entry] }));
    let compressed = ics23::compress(&batched).unwrap();
    assert!(matches!(compressed.proof, Some(Proof::Compressed(_))));
    for proof in [batched, compressed] {
        let taken = verify_membership::<HostFunctionsManager>(
            &proof,
            &iavl_spec(),
            &question.root,
            &exists.key,
            &exists.value,
        );
        assert!(taken, "the judge refuses, too");
        assert_eq!(by_law(&question, &proof.encode_to_vec()), Err("proof_kind"));
    }
}

#[test]
fn other_key_an_absence_names_the_key_that_is_asked_for() {
    let mut question = Question::of_iavl(&tree(13), &key(7));
    question.absence().key = b"another".to_vec();
    differ(&question, &question.bytes(), "other_key");
}

#[test]
fn no_key_absence_of_an_empty_key_is_refused() {
    let mut question = Question::of_iavl(&tree(13), b"0");
    question.key.clear();
    question.absence().key.clear();
    differ(&question, &question.bytes(), "no_key");
}

#[test]
fn leaf_prefix_nothing_but_the_form_of_a_leaf() {
    for prefix in [vec![0, 4, 2], vec![0, 0x82, 0, 2], vec![0, 2, 0x82, 0]] {
        differ_with(&iavl(), "leaf_prefix", |exists| {
            exists.leaf.as_mut().unwrap().prefix = prefix
        });
    }
    differ_with(&simple(), "leaf_prefix", |exists| {
        exists.leaf.as_mut().unwrap().prefix.push(7)
    });
}

#[test]
fn inner_numbers_are_short_and_of_bounded_length() {
    for head in [
        vec![0x82, 0, 4, 6],
        vec![2, 0x84, 0x80, 0, 6],
        vec![2, 4, 0x86, 0],
    ] {
        differ_with(&iavl(), "inner_numbers", |exists| {
            let step = &mut exists.path[0];
            step.prefix.splice(..3, head);
        });
    }
    // Twelve bytes before a child on the left: others allow that many and its sibling's.
    let mut head = vec![2];
    head.extend([0xfe, 0xff, 0xff, 0xff, 0x7f]);
    head.extend([0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    differ_with(&iavl(), "inner_numbers", |exists| {
        let step = exists
            .path
            .iter_mut()
            .find(|step| !step.suffix.is_empty())
            .expect("a child on the left");
        let numbers = step.prefix.len() - 1;
        head[0] = step.prefix[0];
        step.prefix.splice(..numbers, head);
    });
}

#[test]
fn inner_height_rises_at_every_step() {
    differ_with(&iavl(), "inner_height", |exists| {
        let below = exists.path[0].prefix[0];
        // As high as the one below, and high enough for its level.
        exists.path[0].prefix[0] = below + 2;
        exists.path[1].prefix[0] = below + 2;
    });
}

#[test]
fn malformed_inner_iavl_children_have_the_length_of_a_hash() {
    differ_with(&iavl(), "malformed_inner", |exists| {
        let step = exists
            .path
            .iter_mut()
            .find(|step| !step.suffix.is_empty())
            .expect("a child on the left");
        *step.prefix.last_mut().unwrap() = 33;
    });
    differ_with(&iavl(), "malformed_inner", |exists| {
        let step = exists
            .path
            .iter_mut()
            .find(|step| !step.suffix.is_empty())
            .expect("a child on the left");
        step.suffix[0] = 33;
    });
    differ_with(&iavl(), "malformed_inner", |exists| {
        let step = exists
            .path
            .iter_mut()
            .find(|step| step.suffix.is_empty())
            .expect("a child on the right");
        let at = step.prefix.len() - 34;
        step.prefix[at] = 33;
    });
}

/// Two readings of one node are what absence is forged from: what stands before a child and after it has one length.
#[test]
fn malformed_inner_simple_nodes_have_one_sibling_and_one_byte() {
    for (prefix, suffix) in [
        (vec![1], vec![]),
        (vec![1], vec![7; 64]),
        (vec![1; 17], vec![7; 32]),
        (vec![1; 33], vec![7; 32]),
        (vec![2], vec![7; 32]),
    ] {
        differ_with(&simple(), "malformed_inner", |exists| {
            exists.path[0].prefix = prefix;
            exists.path[0].suffix = suffix;
        });
    }
}

#[test]
fn too_deep_is_refused() {
    differ_with(&simple(), "too_deep", |exists| {
        let step = exists.path[0].clone();
        exists.path = vec![step; 129];
    });
    let deepest = simple().with_existence(|exists| {
        let step = exists.path[0].clone();
        exists.path = vec![step; 128];
    });
    assert!(by_law(&deepest, &deepest.bytes()).is_ok());
}

#[test]
fn long_key_is_refused() {
    differ_with(&iavl(), "long_key", |exists| exists.key = vec![b'k'; 1025]);
    let longest = iavl().with_existence(|exists| exists.key = vec![b'k'; 1024]);
    assert!(by_law(&longest, &longest.bytes()).is_ok());
}

#[test]
fn long_proof_is_refused() {
    let with = |length: usize| iavl().with_existence(|exists| exists.value = vec![b'v'; length]);
    let overhead = with(1_000_000).bytes().len() - 1_000_000;
    let longest = with((1 << 20) - overhead);
    assert_eq!(longest.bytes().len(), 1 << 20);
    assert!(by_law(&longest, &longest.bytes()).is_ok());
    let longer = with((1 << 20) - overhead + 1);
    differ(&longer, &longer.bytes(), "long_proof");
}
