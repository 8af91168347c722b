//! How long a file, a function and a contract may be.
//!
//! It counts lines from the first to the last one, comments included: a reader
//! scrolls through those too.

use super::scan::{Language, close_of, line_of, split, words};
use super::{Finding, Source};

/// Above this a Rust file is named; the author decides.
const RUST_FILE_LINES_WARN: usize = 400;
/// Above this a file is refused.
const FILE_LINES_MAX: usize = 600;
const RUST_FUNCTION_LINES_MAX: usize = 60;
const CONTRACT_LINES_MAX: usize = 350;
const SOLIDITY_FUNCTION_LINES_MAX: usize = 50;

/// A named piece of a source with its first line and its length in lines.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    name: String,
    line: usize,
    lines: usize,
}

/// Checks the sizes in one source.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    match Language::of(&source.path) {
        Some(Language::Rust) => check_rust(source, findings),
        Some(Language::Solidity) => check_solidity(source, findings),
        None => {}
    }
}

fn check_rust(source: &Source, findings: &mut Vec<Finding>) {
    let lines = source.text.lines().count();
    let remedy = "split it by what its parts decide";
    if lines > FILE_LINES_MAX {
        let what = format!("the file has {lines} lines, {FILE_LINES_MAX} are the most");
        findings.push(Finding::error(&source.path, 1, "file-size", what, remedy));
    } else if lines > RUST_FILE_LINES_WARN {
        let what = format!("the file has {lines} lines, {RUST_FILE_LINES_WARN} are wanted");
        findings.push(Finding::warning(&source.path, 1, "file-size", what, remedy));
    }
    let code = split(&source.text, Language::Rust).code;
    for block in blocks(&code, &["fn"])
        .into_iter()
        .filter(|block| block.lines > RUST_FUNCTION_LINES_MAX)
    {
        findings.push(too_long(source, "function", &block, RUST_FUNCTION_LINES_MAX));
    }
}

fn check_solidity(source: &Source, findings: &mut Vec<Finding>) {
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        let what = format!("the file has {lines} lines, {FILE_LINES_MAX} are the most");
        let remedy = "split it by what its parts decide";
        findings.push(Finding::error(&source.path, 1, "file-size", what, remedy));
    }
    let code = split(&source.text, Language::Solidity).code;
    let nested = in_assembly(&code);
    let kinds: [(&str, &[&str], usize); 2] = [
        (
            "contract",
            &["contract", "library", "interface"],
            CONTRACT_LINES_MAX,
        ),
        (
            "function",
            &["function", "modifier", "constructor", "receive", "fallback"],
            SOLIDITY_FUNCTION_LINES_MAX,
        ),
    ];
    for (kind, keywords, most) in kinds {
        let measured = blocks(&code, keywords)
            .into_iter()
            .map(|block| block.without(&nested));
        for block in measured.filter(|block| block.lines > most) {
            findings.push(too_long(source, kind, &block, most));
        }
    }
}

/// The functions of assemblies, each with the comment before it. They are measured by themselves: one piece of assembly
/// cannot call the functions of another, so it cannot be split over contracts.
fn in_assembly(code: &str) -> Vec<Block> {
    let functions = blocks(code, &["function"]);
    let lines: Vec<&str> = code.lines().collect();
    let inner = |one: &&Block| functions.iter().any(|outer| outer.holds(one));
    functions
        .iter()
        .filter(inner)
        .map(|one| {
            let before = lines.get(..one.line.saturating_sub(1)).unwrap_or_default();
            let comment = before.iter().rev().take_while(|line| line.trim().is_empty());
            let comment = comment.count();
            Block {
                name: one.name.clone(),
                line: one.line - comment,
                lines: one.lines + comment,
            }
        })
        .collect()
}

impl Block {
    /// Whether another block lies within this one.
    fn holds(&self, other: &Self) -> bool {
        other.line > self.line && other.line + other.lines <= self.line + self.lines
    }

    /// The block without those of `nested` that lie in it.
    fn without(self, nested: &[Self]) -> Self {
        let inner = nested.iter().filter(|one| self.holds(one));
        let lines = self.lines - inner.map(|one| one.lines).sum::<usize>();
        Self { lines, ..self }
    }
}

fn too_long(source: &Source, kind: &str, block: &Block, most: usize) -> Finding {
    let what = format!(
        "{kind} `{}` has {} lines, {most} are the most",
        block.name, block.lines
    );
    let remedy = "give a part of it a name of its own";
    Finding::error(&source.path, block.line, "block-size", what, remedy)
}

/// Every block with a body that one of `keywords` opens.
fn blocks(code: &str, keywords: &[&str]) -> Vec<Block> {
    let mut found = Vec::new();
    for keyword in keywords {
        for at in words(code, keyword) {
            found.extend(block_at(code, at, keyword));
        }
    }
    found.sort_by_key(|block| block.line);
    found
}

/// The block that `keyword` at `at` opens: none if it has no name (a function
/// type) or no body (a declaration).
fn block_at(code: &str, at: usize, keyword: &str) -> Option<Block> {
    let rest = code.get(at + keyword.len()..)?;
    let trimmed = rest.trim_start();
    let own: String = trimmed
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let named_by_keyword = matches!(keyword, "constructor" | "receive" | "fallback");
    let called = !rest.starts_with('(') || named_by_keyword;
    if !called || (own.is_empty() && !named_by_keyword) {
        return None;
    }
    let open = at + keyword.len() + body_start(rest)?;
    let end = close_of(code, open)?;
    let line = line_of(code, at);
    let name = if named_by_keyword { keyword.to_owned() } else { own };
    Some(Block {
        name,
        line,
        lines: line_of(code, end - 1) - line + 1,
    })
}

/// Where the body starts: the first brace outside round and square brackets,
/// unless a semicolon or a closing bracket comes first.
fn body_start(rest: &str) -> Option<usize> {
    let mut depth = 0_i64;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' | b'}' if depth == 0 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Block, blocks, check};
    use crate::tidy::{Finding, Severity, Source};

    fn findings(path: &str, text: String) -> Vec<Finding> {
        let mut found = Vec::new();
        check(
            &Source {
                path: path.into(),
                text,
            },
            &mut found,
        );
        found
    }

    fn function(word: &str, name: &str, lines: usize) -> String {
        format!("{word} {name}() {{\n{}}}\n", "    a();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_sixty_lines_passes_and_one_more_does_not() {
        assert!(findings("a.rs", function("fn", "long", 60)).is_empty());
        let found = findings("a.rs", format!("\n{}", function("pub fn", "long", 61)));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].severity), (2, Severity::Error));
        assert!(found[0].what.contains("`long` has 61 lines"));
    }

    #[test]
    fn a_file_warns_above_400_and_fails_above_600() {
        let severities = |lines: usize| -> Vec<Severity> {
            findings("a.rs", "\n".repeat(lines))
                .iter()
                .map(|found| found.severity)
                .collect()
        };
        assert_eq!(severities(400), []);
        assert_eq!(severities(401), [Severity::Warning]);
        assert_eq!(severities(601), [Severity::Error]);
    }

    #[test]
    fn solidity_has_its_own_bounds() {
        assert!(findings("a.sol", function("function", "f", 50)).is_empty());
        assert_eq!(findings("a.sol", function("function", "f", 51)).len(), 1);
        assert_eq!(findings("a.sol", function("constructor", "", 51)).len(), 1);
        let contract = |lines: usize| format!("contract C {{\n{}}}\n", "uint256 a;\n".repeat(lines - 2));
        assert!(findings("a.sol", contract(350)).is_empty());
        assert_eq!(findings("a.sol", contract(351)).len(), 1);
    }

    #[test]
    fn functions_of_an_assembly_are_measured_by_themselves() {
        let nested = |lines: usize| format!("function g() {{\n{}}}\n", "x\n".repeat(lines - 2));
        let outer = |inner: String, own: usize| {
            format!(
                "function f() {{\nassembly {{\n{inner}{}}}\n}}\n",
                "y\n".repeat(own - 4)
            )
        };
        assert!(findings("a.sol", outer(nested(50), 50)).is_empty());
        assert_eq!(findings("a.sol", outer(nested(51), 50)).len(), 1);
        assert_eq!(findings("a.sol", outer(nested(50), 51)).len(), 1);
        // So are they in the count of their contract, with the comments before them.
        let one = format!("\n// what it does\n{}", nested(50));
        let many = format!("contract C {{\n{}}}\n", outer(one.repeat(8), 40));
        assert!(findings("a.sol", many).is_empty());
        let plain = format!("contract C {{\n{}}}\n", function("function", "f", 50).repeat(7));
        assert_eq!(findings("a.sol", plain).len(), 1);
        assert_eq!(findings("a.sol", "\n".repeat(601)).len(), 1);
    }

    #[test]
    fn declarations_and_function_types_have_no_body() {
        let code = "fn a(f: fn(u8) -> [u8; 4]);\nfn b(f: impl Fn([u8; 4])) -> [u8; 4] where u8: Copy {\n}\n";
        assert_eq!(
            blocks(code, &["fn"]),
            [Block {
                name: "b".into(),
                line: 2,
                lines: 2
            }]
        );
        let code =
            "interface I { function a() external; }\ncontract receiver { receive() external payable {} }";
        let names: Vec<String> = blocks(code, &["function", "receive"])
            .into_iter()
            .map(|b| b.name)
            .collect();
        assert_eq!(names, ["receive"]);
    }
}
