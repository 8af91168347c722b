//! Vectors of calls in the ABI encoding, which contracts judge as well.

use super::{harness::Files, hex, put};
use crate::support::abi_writer::Abi;
use serde_json::json;

/// A call before it is encoded, right or wrong.
#[derive(Clone)]
pub(crate) struct RawCall {
    pub(crate) sender: String,
    pub(crate) receiver: String,
    pub(crate) salt: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) memo: String,
}

impl RawCall {
    /// A good call.
    pub(crate) fn good() -> Self {
        Self {
            sender: "0x5FbDB2315678afecb367f032d93F642f64180aa3".into(),
            receiver: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512".into(),
            salt: vec![7],
            payload: vec![0xd0, 0x9d, 0xe0, 0x8a],
            memo: "memo".into(),
        }
    }

    fn abi(&self) -> Abi {
        Abi::Tuple(vec![
            Abi::text(&self.sender),
            Abi::text(&self.receiver),
            Abi::Bytes(self.salt.clone()),
            Abi::Bytes(self.payload.clone()),
            Abi::text(&self.memo),
        ])
    }
}

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    add_good(&mut files);
    add_fields(&mut files);
    add_bytes(&mut files);
    files
}

fn changed(change: impl Fn(&mut RawCall)) -> RawCall {
    let mut call = RawCall::good();
    change(&mut call);
    call
}

fn add_good(files: &mut Files) {
    let calls = [
        ("contract", "a call of a contract", RawCall::good()),
        (
            "bare",
            "nothing but a sender",
            changed(|call| {
                call.receiver.clear();
                call.salt.clear();
                call.payload.clear();
                call.memo.clear();
            }),
        ),
        (
            "limits",
            "every field at its limit",
            changed(|call| {
                call.sender = "s".repeat(2048);
                call.receiver = "r".repeat(2048);
                call.salt = vec![0xff; 32];
                call.payload = vec![1; 32_768];
                call.memo = "m".repeat(32_768);
            }),
        ),
        (
            "unicode",
            "texts in UTF-8",
            changed(|call| call.memo = "\u{1f309}<&>\u{2028}".into()),
        ),
    ];
    for (name, about, call) in calls {
        let fields = [
            ("about", json!(about)),
            ("kind", json!("call")),
            ("sender", json!(call.sender)),
            ("receiver", json!(call.receiver)),
            ("salt", hex(&call.salt)),
            ("payload", hex(&call.payload)),
            ("memo", json!(call.memo)),
            ("abi", hex(&call.abi().encode())),
        ];
        put(files, &format!("accept/call_{name}"), fields);
    }
    for (name, result) in [("empty", vec![]), ("word", vec![9; 32]), ("odd", vec![1; 33])] {
        let fields = [
            ("about", json!("what a call returned")),
            ("kind", json!("answer")),
            ("result", hex(&result)),
            ("abi", hex(&answer(&result))),
        ];
        put(files, &format!("accept/answer_{name}"), fields);
    }
}

fn answer(result: &[u8]) -> Vec<u8> {
    Abi::Tuple(vec![Abi::Bytes(result.to_vec())]).encode()
}

fn add_fields(files: &mut Files) {
    let mut broken = |path: &str, about: &str, call: RawCall| {
        put_abi(files, "call", path, about, &call.abi().encode());
    };
    broken("empty/sender", "no sender", changed(|call| call.sender.clear()));
    let long = [
        (
            "sender",
            "2,049 bytes",
            changed(|call| call.sender = "s".repeat(2049)),
        ),
        (
            "receiver",
            "2,049 bytes",
            changed(|call| call.receiver = "r".repeat(2049)),
        ),
        ("salt", "33 bytes", changed(|call| call.salt = vec![1; 33])),
        (
            "payload",
            "32,769 bytes",
            changed(|call| call.payload = vec![1; 32_769]),
        ),
        (
            "memo",
            "32,769 bytes",
            changed(|call| call.memo = "m".repeat(32_769)),
        ),
    ];
    for (field, about, call) in long {
        broken(&format!("too_long/{field}"), about, call);
    }
}

fn add_bytes(files: &mut Files) {
    let good = RawCall::good().abi().encode();
    let mut dirty = good.clone();
    *dirty.last_mut().expect("an encoding is not empty") = 1;
    let at = |position: usize, byte: u8| {
        let mut abi = good.clone();
        abi[position] = byte;
        abi
    };
    // Words: the offset of the tuple, five offsets, then five times length and content.
    let calls = [
        ("nothing", "no bytes", vec![]),
        ("cut", "the last byte is missing", good[..good.len() - 1].to_vec()),
        ("trailing", "a byte after the end", [&good[..], &[0]].concat()),
        ("padding", "padding that is not zero", dirty),
        (
            "members",
            "five members instead of one tuple",
            good[32..].to_vec(),
        ),
        ("offset_far", "an offset beyond the end", at(32 + 30, 1)),
        ("offset_huge", "an offset of 2^255", at(32, 0x80)),
        ("offset_shared", "sender and receiver share their bytes", {
            let mut abi = good.clone();
            abi.copy_within(32..64, 64);
            abi
        }),
        ("length_huge", "a sender of 2^63 bytes", at(6 * 32 + 24, 0x80)),
        ("json", "another encoding", br#"{"sender":"s"}"#.to_vec()),
    ];
    for (name, about, abi) in calls {
        put_abi(files, "call", &format!("not_abi/{name}"), about, &abi);
    }
    let good = answer(&[9; 32]);
    let answers = [
        ("answer_bare", "the result without its tuple", good[32..].to_vec()),
        (
            "answer_trailing",
            "a word after the end",
            [&good[..], &[0; 32]].concat(),
        ),
        (
            "answer_json",
            "another encoding",
            br#"{"result":"AQ=="}"#.to_vec(),
        ),
    ];
    for (name, about, abi) in answers {
        put_abi(files, "answer", &format!("not_abi/{name}"), about, &abi);
    }
    put_abi(files, "answer", "empty/answer", "no bytes", &[]);
}

fn put_abi(files: &mut Files, kind: &str, path: &str, about: &str, abi: &[u8]) {
    put(
        files,
        &format!("reject/{path}"),
        [("about", json!(about)), ("kind", json!(kind)), ("abi", hex(abi))],
    );
}
