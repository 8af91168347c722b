//! Vectors of the JSON encodings of transfers, calls and answers, spelled out byte by byte, and what those of protobuf
//! share with them.

use super::{harness::Files, hex, put};
use serde_json::{Value, json};

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    add_json(&mut files);
    super::protobuf::add(&mut files);
    reject_json(&mut files);
    files
}

pub(crate) fn transfer(denom: &str, amount: &str, memo: &str) -> Value {
    json!({ "denom": denom, "amount": amount, "sender": "sender", "receiver": "receiver", "memo": memo })
}

pub(crate) fn call(receiver: &str, salt: &[u8], payload: &[u8], memo: &str) -> Value {
    json!({ "sender": "sender", "receiver": receiver, "salt": hex(salt), "payload": hex(payload), "memo": memo })
}

pub(crate) fn accept(files: &mut Files, codec: &str, kind: &str, name: &str, bytes: &[u8], read: Value) {
    let fields = [
        ("kind", json!(kind)),
        ("codec", json!(codec)),
        ("bytes", hex(bytes)),
        ("read", read),
    ];
    put(files, &format!("accept/{codec}_{kind}_{name}"), fields);
}

pub(crate) fn reject(files: &mut Files, codec: &str, kind: &str, path: &str, about: &str, bytes: &[u8]) {
    let fields = [
        ("about", json!(about)),
        ("kind", json!(kind)),
        ("codec", json!(codec)),
        ("bytes", hex(bytes)),
    ];
    let (rule, name) = path.split_once('/').expect("rule and name");
    put(files, &format!("reject/{rule}/{codec}_{kind}_{name}"), fields);
}

const LARGEST: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

fn add_json(files: &mut Files) {
    let transfers = [
        (
            "published",
            r#"{"denom":"uatom","amount":"1000000","sender":"sender","receiver":"receiver","memo":"memo"}"#.to_string(),
            transfer("uatom", "1000000", "memo"),
        ),
        (
            "no_memo",
            r#"{"denom":"transfer/client-0/uatom","amount":"1","sender":"sender","receiver":"receiver"}"#.to_string(),
            transfer("transfer/client-0/uatom", "1", ""),
        ),
        (
            "largest",
            format!(r#"{{"denom":"uatom","amount":"{LARGEST}","sender":"sender","receiver":"receiver"}}"#),
            transfer("uatom", LARGEST, ""),
        ),
        (
            "escapes",
            r#"{"denom":"uatom","amount":"1","sender":"sender","receiver":"receiver","memo":"\"\\\n\r\t\b\f\u0000\u001f\u003c\u003e\u0026\u2028\u2029/é🌉"}"#
                .to_string(),
            transfer("uatom", "1", "\"\\\n\r\t\u{8}\u{c}\0\u{1f}<>&\u{2028}\u{2029}/\u{e9}\u{1f309}"),
        ),
    ];
    for (name, text, read) in transfers {
        accept(files, "json", "transfer", name, text.as_bytes(), read);
    }
    let calls = [
        (
            "full",
            r#"{"sender":"sender","receiver":"r","salt":"AQ==","payload":"0J3giv8=","memo":"m"}"#,
            call("r", &[1], &[0xd0, 0x9d, 0xe0, 0x8a, 0xff], "m"),
        ),
        ("bare", r#"{"sender":"sender"}"#, call("", &[], &[], "")),
        (
            "no_padding",
            r#"{"sender":"sender","payload":"AAEC"}"#,
            call("", &[], &[0, 1, 2], ""),
        ),
    ];
    for (name, text, read) in calls {
        accept(files, "json", "call", name, text.as_bytes(), read);
    }
    accept(
        files,
        "json",
        "answer",
        "one",
        br#"{"result":"AQ=="}"#,
        json!({ "result": "0x01" }),
    );
    accept(files, "json", "answer", "empty", b"{}", json!({ "result": "0x" }));
}

/// Transfers that no JSON codec of ours takes. `REST` stands for a good sender and receiver.
#[rustfmt::skip]
const BAD_TRANSFERS: [(&str, &str, &str); 30] = [
    ("duplicate_field/equal", "the same key twice", r#"{"denom":"a","denom":"a","amount":"1",REST}"#),
    ("duplicate_field/other", "two amounts", r#"{"denom":"a","amount":"1","amount":"2",REST}"#),
    ("duplicate_field/escaped", "the same key, escaped", r#"{"denom":"a","amount":"1","\u0061mount":"2",REST}"#),
    ("unknown_field/case", "another case", r#"{"denom":"a","Amount":"1",REST}"#),
    ("unknown_field/case_twice", "both cases", r#"{"denom":"a","amount":"1","AMOUNT":"2",REST}"#),
    ("unknown_field/extra", "one field more", r#"{"denom":"a","amount":"1",REST,"fee":"1"}"#),
    ("unknown_field/empty", "a key of no characters", r#"{"":"a","denom":"a","amount":"1",REST}"#),
    ("not_json/number", "a number as amount", r#"{"denom":"a","amount":1,REST}"#),
    ("not_json/nan", "NaN as amount", r#"{"denom":"a","amount":NaN,REST}"#),
    ("not_json/null", "null as memo", r#"{"denom":"a","amount":"1",REST,"memo":null}"#),
    ("not_json/nested", "an object as memo", r#"{"denom":"a","amount":"1",REST,"memo":{}}"#),
    ("not_json/list", "a list of transfers", r#"[{"denom":"a","amount":"1",REST}]"#),
    ("not_json/space", "white space", r#"{ "denom":"a","amount":"1",REST}"#),
    ("not_json/trailing", "a byte after the end", "{\"denom\":\"a\",\"amount\":\"1\",REST}\n"),
    ("not_json/comma", "a comma before the end", r#"{"denom":"a","amount":"1",REST,}"#),
    ("not_json/cut", "the last byte is missing", r#"{"denom":"a","amount":"1",REST"#),
    ("not_json/empty", "no bytes", ""),
    ("not_json/control", "a raw control character", "{\"denom\":\"a\",\"amount\":\"1\",REST,\"memo\":\"\n\"}"),
    ("not_json/escape", "an escape that JSON has not", r#"{"denom":"a\x","amount":"1",REST}"#),
    ("not_json/lone_high", "half a surrogate pair", r#"{"denom":"a","amount":"1",REST,"memo":"\ud83c"}"#),
    ("not_json/lone_low", "the other half", r#"{"denom":"a","amount":"1",REST,"memo":"\udf09"}"#),
    ("not_json/pair", "two first halves", r#"{"denom":"a","amount":"1",REST,"memo":"\ud83c\ud83c"}"#),
    ("not_canonical/order", "fields in another order", r#"{"amount":"1","denom":"a",REST}"#),
    ("not_canonical/empty_memo", "an empty field written", r#"{"denom":"a","amount":"1",REST,"memo":""}"#),
    ("not_canonical/escaped", "an escape that was not needed", r#"{"denom":"\u0061","amount":"1",REST}"#),
    ("not_canonical/unescaped", "a character that Go escapes", r#"{"denom":"a","amount":"1",REST,"memo":"<"}"#),
    ("amount_text/leading_zero", "a leading zero", r#"{"denom":"a","amount":"01",REST}"#),
    ("amount_text/sign", "a sign", r#"{"denom":"a","amount":"+1",REST}"#),
    ("amount_text/too_large", "2^256", r#"{"denom":"a","amount":"TOO_LARGE",REST}"#),
    ("zero_amount/zero", "amount 0", r#"{"denom":"a","amount":"0",REST}"#),
];

/// Other values that no JSON codec of ours takes.
#[rustfmt::skip]
const BAD_OTHERS: [(&str, &str, &str, &[u8]); 9] = [
    ("transfer", "amount_text/missing", "no amount", br#"{"denom":"a","sender":"s","receiver":"r"}"#),
    ("transfer", "not_json/not_utf8", "a denomination that is no UTF-8", b"{\"denom\":\"\xff\"}"),
    ("call", "empty/sender", "no sender", b"{}"),
    ("call", "not_json/base64", "a salt that is no base64", br#"{"sender":"s","salt":"A"}"#),
    ("call", "not_json/base64_url", "the other alphabet", br#"{"sender":"s","salt":"-w=="}"#),
    ("call", "not_canonical/base64_bits", "bits behind the last byte", br#"{"sender":"s","salt":"AR=="}"#),
    ("call", "not_json/base64_padding", "padding in the middle", br#"{"sender":"s","salt":"AQ==AQ=="}"#),
    ("answer", "duplicate_field/result", "two results", br#"{"result":"AQ==","result":"AA=="}"#),
    ("answer", "unknown_field/error", "an error in an answer", br#"{"error":"AQ=="}"#),
];

fn reject_json(files: &mut Files) {
    let too_large = format!("{}6", &LARGEST[..77]);
    for (path, about, text) in BAD_TRANSFERS {
        let text = text
            .replace("REST", r#""sender":"sender","receiver":"receiver""#)
            .replace("TOO_LARGE", &too_large);
        reject(files, "json", "transfer", path, about, text.as_bytes());
    }
    for (kind, path, about, bytes) in BAD_OTHERS {
        reject(files, "json", kind, path, about, bytes);
    }
}
