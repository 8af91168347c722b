//! What is refused because of its bytes: the same thing, written otherwise.

use prost::Message;

use super::{Files, Vector, reject::put_rejected};
use crate::support::{Question, existence, key, tree};

pub(super) fn put_all(files: &mut Files) {
    put_bytes(files);
    put_fields(files);
}

fn iavl() -> Question {
    Question::of_iavl(&tree(13), &key(6))
}

/// A question whose proof has these bytes.
fn put_raw(files: &mut Files, path: &str, about: &str, proof: Vec<u8>) {
    put_rejected(
        files,
        path,
        about,
        &Vector {
            proof,
            ..Vector::from(&iavl())
        },
    );
}

fn put_bytes(files: &mut Files) {
    let good = iavl().bytes();
    let content = existence(&iavl()).encode_to_vec();
    let (low, high) = (content.len() as u8 | 0x80, (content.len() >> 7) as u8);
    let long = [&[0x0a, low, high | 0x80, 0][..], &content].concat();
    put_raw(
        files,
        "varint/long_length",
        "a length longer than it must be",
        long,
    );
    put_raw(files, "varint/cut", "a length that never ends", vec![0x0a, 0x80]);
    let wide = [&[0x0a][..], &[0xff; 9], &[2], &content].concat();
    put_raw(
        files,
        "varint/beyond_64_bits",
        "a length of more than 64 bits",
        wide,
    );
    put_raw(
        files,
        "truncated/last_byte",
        "the last byte is missing",
        good[..good.len() - 1].to_vec(),
    );
    put_raw(
        files,
        "truncated/far",
        "a length of 2^64 - 1",
        [&[0x0a][..], &[0xff; 9], &[1], &content].concat(),
    );
    let inside = [content.as_slice(), &[0x22, 0x7f, 8, 1]].concat();
    let mut length = vec![0x0a];
    prost::encoding::encode_varint(inside.len() as u64, &mut length);
    put_raw(
        files,
        "truncated/inside",
        "a step that reaches beyond the path",
        [length, inside].concat(),
    );
    put_raw(
        files,
        "field/unknown",
        "an unknown field behind",
        [good.clone(), vec![0x28, 1]].concat(),
    );
    put_raw(
        files,
        "field/group",
        "a field of an old type behind",
        [good.clone(), vec![0x2b]].concat(),
    );
    put_raw(
        files,
        "field/twice",
        "the proof twice",
        [good.clone(), good].concat(),
    );
}

fn put_fields(files: &mut Files) {
    let exists = existence(&iavl());
    let mut put = |path: &str, about: &str, content: Vec<u8>| {
        let mut bytes = vec![0x0a];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        put_raw(files, path, about, [bytes, content].concat());
    };
    let leaf = exists.leaf.clone().unwrap().encode_to_vec();
    let at = 2 + exists.key.len() + 2 + exists.value.len();
    let whole = exists.encode_to_vec();
    let (key, value) = (
        whole[..2 + exists.key.len()].to_vec(),
        whole[2 + exists.key.len()..at].to_vec(),
    );
    let path = whole[at + 2 + leaf.len()..].to_vec();
    let leaf_of = |leaf: &[u8]| [&[0x1a, leaf.len() as u8][..], leaf].concat();
    let [leaf_field, prehash_key] = [
        leaf_of(&leaf),
        leaf_of(&[&leaf[..2], &[0x10, 0], &leaf[2..]].concat()),
    ];
    let step_with_empty_suffix = {
        let step = [exists.path[0].encode_to_vec(), vec![0x1a, 0]].concat();
        [&[0x22, step.len() as u8][..], &step].concat()
    };
    put(
        "field/order",
        "value before key",
        [value.clone(), key.clone(), leaf_field.clone(), path.clone()].concat(),
    );
    put(
        "field/leaf_twice",
        "two leaves",
        [key.clone(), value.clone(), leaf_field.repeat(2), path.clone()].concat(),
    );
    put(
        "field/leaf_last",
        "the leaf behind the path",
        [key.clone(), value.clone(), path.clone(), leaf_field.clone()].concat(),
    );
    put(
        "default_written/prehash_key",
        "NO_HASH is written",
        [key.clone(), value.clone(), prehash_key, path.clone()].concat(),
    );
    put(
        "default_written/value",
        "an empty value is written",
        [key.clone(), vec![0x12, 0], leaf_field.clone(), path.clone()].concat(),
    );
    put(
        "default_written/suffix",
        "an empty suffix is written",
        [key, value, leaf_field, step_with_empty_suffix, path].concat(),
    );
}
