//! Packed encoding in contracts: of what is put side by side without lengths, at most one part may be of any length. Else
//! two different things have one encoding, and one hash (T-43).

use super::{Finding, Source};
use crate::mutants::checks::tokens::Code;

/// Names of values that always have the same length.
const FIXED: [&str; 3] = ["sequence", "timeoutTimestamp", "kind"];
/// Functions whose results always have the same length.
const FIXED_CALLS: [&str; 9] = [
    "sha256",
    "keccak256",
    "bytes32",
    "bytes20",
    "bytes10",
    "uint8",
    "uint64",
    "uint256",
    "_pathKind",
];

/// Checks a contract.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    if !source.path.starts_with("contracts/src/") || !source.path.ends_with(".sol") {
        return;
    }
    // What cannot be read cannot be compiled either.
    let Ok(code) = Code::read(&source.text) else {
        return;
    };
    for at in 0..code.tokens.len() {
        if code.word(at) != "encodePacked" || code.word(at + 1) != "(" {
            continue;
        }
        let free: Vec<String> = parts(&code, at + 1)
            .into_iter()
            .filter(|part| !is_fixed(&code, *part))
            .map(|part| code.plain(part.0, part.1))
            .collect();
        if free.len() > 1 {
            findings.push(Finding::error(
                &source.path,
                code.line(code.start(at)),
                "packed-fields",
                format!("{} are packed side by side, and each may be of any length", free.join(" and ")),
                "hash each alone first, or use abi.encode; a value of one length only joins the list in tidy/packed.rs",
            ));
        }
    }
}

/// The arguments in the parentheses that open at `opening`.
fn parts(code: &Code<'_>, opening: usize) -> Vec<(usize, usize)> {
    let closing = code.partner(opening);
    let mut parts = Vec::new();
    let mut begin = opening + 1;
    while begin < closing {
        let end = code
            .find(begin, ",")
            .filter(|comma| *comma < closing)
            .unwrap_or(closing);
        parts.push((begin, end));
        begin = end + 1;
    }
    parts
}

fn is_fixed(code: &Code<'_>, (begin, end): (usize, usize)) -> bool {
    let first = code.word(begin);
    // `a.b.sequence` is named by its last part.
    let last = code.word(end - 1);
    let is_constant = last
        .chars()
        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    first == "\"\""
        || is_constant
        || FIXED.contains(&last)
        || (FIXED_CALLS.contains(&first) && code.partner(begin + 1) == end - 1)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Source;

    fn findings(call: &str) -> usize {
        let source = Source {
            path: "contracts/src/A.sol".into(),
            text: format!("contract A {{ function f() external {{ g(abi.encodePacked({call})); }} }}"),
        };
        let mut findings = Vec::new();
        check(&source, &mut findings);
        findings.len()
    }

    #[test]
    fn t43_no_two_fields_of_any_length_are_packed_side_by_side() {
        for good in [
            "clientId, KIND, sequence",
            "PORT, \"/\", clientId",
            "sha256(bytes(a)), sha256(b)",
            "a, run.head.sequence",
        ] {
            assert_eq!(findings(good), 0, "{good}");
        }
        for bad in [
            "a, b",
            "a, \"/\", b",
            "sha256(a), bytes(b), c",
            "words, sha256(a).b",
        ] {
            assert_eq!(findings(bad), 1, "{bad}");
        }
    }
}
