//! The shared vectors of ICS-23. They know what is right and wrong from how they were built; they never ask the law.

mod accept;
mod reject;
mod reject_absence;
mod reject_bytes;
mod reject_forms;

use merkle::ics23::Tree;
use serde_json::{Value, json};

use crate::support::Question;
use harness::Files;

#[path = "../../../../../light-clients/vectors/harness.rs"]
#[expect(dead_code, reason = "the law's own tests judge the files, this writes them")]
pub(crate) mod harness;

/// A question before it is written: about one tree, or about a chain of two.
#[derive(Clone)]
struct Vector {
    kind: &'static str,
    root: Vec<u8>,
    store: Vec<u8>,
    key: Vec<u8>,
    proof: Vec<u8>,
}

impl From<&Question> for Vector {
    fn from(question: &Question) -> Self {
        Self {
            kind: match question.tree {
                Tree::Iavl => "iavl",
                Tree::Simple => "simple",
            },
            root: question.root.clone(),
            store: Vec::new(),
            key: question.key.clone(),
            proof: question.bytes(),
        }
    }
}

impl Vector {
    fn to_json(&self, about: &str) -> Value {
        json!({
            "about": about,
            "kind": self.kind,
            "root": hex(&self.root),
            "store": hex(&self.store),
            "key": hex(&self.key),
            "proof": hex(&self.proof),
        })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

pub(crate) fn put(files: &mut Files, path: &str, file: Value) {
    let known = files.insert(format!("{path}.json"), file);
    assert!(known.is_none(), "two vectors named {path}");
}

/// The files are those that this writes. The law's own tests judge them.
#[test]
fn ics23_vectors() {
    let mut files = Files::new();
    accept::put_all(&mut files);
    reject::put_all(&mut files);
    reject_absence::put_all(&mut files);
    reject_forms::put_all(&mut files);
    reject_bytes::put_all(&mut files);
    harness::check_in_step("ics23", &files);
}
