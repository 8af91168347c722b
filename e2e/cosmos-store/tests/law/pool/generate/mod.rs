//! The shared vectors of pools. Each rejected one breaks one rule: where an edit changes what a pool leads to, its app hash
//! is the changed one, so that nothing else than the rule stands in its way.

mod absences;
mod accept;
mod numbers;
mod questions;
mod shapes;

use cosmos_store::Hash;
use serde_json::{Value, json};

use super::ops::{Op, Ops};
use super::{Asked, key, stores};
use crate::generate::harness::{self, Files};
use crate::generate::{hex, put};

/// An edit of a pool about some keys of a store of forty.
struct Edited {
    ops: Ops,
    keys: Vec<Vec<u8>>,
    /// What the pool is said to lead to, if not what it leads to.
    app_hash: Option<Hash>,
}

impl Edited {
    /// The pool of `numbers`: see [`key`].
    fn of(numbers: &[u64]) -> Self {
        let keys: Vec<Vec<u8>> = numbers.iter().copied().map(key).collect();
        Self::of_keys(&keys)
    }

    fn of_keys(keys: &[Vec<u8>]) -> Self {
        let asked = Asked::of(&stores(40), keys);
        Self {
            ops: Ops::read(&asked.pool),
            keys: asked.keys,
            app_hash: None,
        }
    }

    fn with(mut self, edit: impl FnOnce(&mut Self)) -> Self {
        edit(&mut self);
        self
    }

    fn nodes(&mut self, edit: impl FnOnce(&mut Vec<Op>)) {
        edit(&mut self.ops.nodes);
    }

    /// The numbers of the first node that `is` the one.
    fn numbers(&mut self, is: impl Fn(&Op) -> bool) -> &mut Vec<u8> {
        let place = self.ops.place(is);
        match &mut self.ops.nodes[place] {
            Op::Entry(numbers, _)
            | Op::Otherwise(numbers, _)
            | Op::Neighbour(numbers, ..)
            | Op::Joined(numbers)
            | Op::Left(numbers, _)
            | Op::Right(numbers, _) => numbers,
            Op::Nothing => panic!("nothing has no numbers"),
        }
    }

    fn put(self, files: &mut Files, path: &str, about: &str) {
        let app_hash = self.app_hash.unwrap_or_else(|| self.ops.app_hash(&self.keys));
        put_pool(
            files,
            &format!("reject/{path}"),
            about,
            &app_hash,
            &self.keys,
            &self.ops.write(),
        );
    }
}

fn put_pool(files: &mut Files, path: &str, about: &str, app_hash: &Hash, keys: &[Vec<u8>], pool: &[u8]) {
    put(files, path, file(about, app_hash, keys, pool));
}

/// A question as it is written down. Keys stand each behind its length, two bytes.
pub(in crate::pool) fn file(about: &str, app_hash: &Hash, keys: &[Vec<u8>], pool: &[u8]) -> Value {
    let listed: Vec<u8> = keys
        .iter()
        .flat_map(|key| [&(key.len() as u16).to_be_bytes(), key.as_slice()].concat())
        .collect();
    json!({
        "about": about,
        "appHash": hex(app_hash),
        "store": hex(b"ibc"),
        "keyCount": keys.len(),
        "keys": hex(&listed),
        "pool": hex(pool),
    })
}

/// What a client answers: 32 bytes for each key.
pub(in crate::pool) fn words(values: &[Option<Vec<u8>>]) -> String {
    let word = |value: &Option<Vec<u8>>| match value {
        None => [0; 32],
        Some(value) => match Hash::try_from(value.as_slice()) {
            Ok(word) if word != [0; 32] => word,
            _ => [0xff; 32],
        },
    };
    hex(&values.iter().map(word).collect::<Vec<Hash>>().concat())
}

/// The files are those that this writes. The law's own tests judge them.
#[test]
fn store_pool_vectors() {
    let mut files = Files::new();
    accept::put_all(&mut files);
    questions::put_all(&mut files);
    numbers::put_all(&mut files);
    shapes::put_all(&mut files);
    absences::put_all(&mut files);
    harness::check_in_step("store_pool", &files);
}
