//! What counts as a check, and what only looks like one.

use super::{Way, find};

/// The texts of all checks of a function body.
fn texts(body: &str) -> Vec<String> {
    let text = format!("contract C {{ function f() external {{ {body} }} }}");
    find(&text)
        .unwrap()
        .checks
        .into_iter()
        .map(|check| check.text)
        .collect()
}

#[test]
fn finds_requires_with_their_condition_only() {
    let text = "contract C { function f() external { require(a(b, c) && d, Wrong(e, f)); assert(x); } }";
    let found = find(text).unwrap().checks;
    let conditions: Vec<&str> = found
        .iter()
        .map(|check| match check.way {
            Way::Require { start, end } => &text[start..end],
            _ => "",
        })
        .collect();
    assert_eq!(conditions, ["a(b, c) && d", "x"]);
}

#[test]
fn finds_reverts_alone_and_with_their_if() {
    assert_eq!(
        texts("if (a) revert X(b); else revert Y();"),
        ["if (a) revert X(b)", "revert Y()"].map(|text| format!("{text};"))
    );
    assert_eq!(
        texts("if (a) { g(); revert X(); }"),
        ["if (a) { g(); revert X(); }"]
    );
    // The statement behind it is what ends the block: the revert is a check of its own.
    assert_eq!(
        texts("if (a) { if (b) { revert X(); } g(); }"),
        ["if (b) { revert X(); }"]
    );
    assert_eq!(texts("revert();"), ["revert();"]);
}

#[test]
fn finds_guarded_returns() {
    assert_eq!(texts("if (a) return;"), ["if (a) return;"]);
    assert_eq!(texts("if (a(b)) { c = 1; return new D{salt: e}(c); }").len(), 1);
    assert_eq!(texts("if (a) return b; return c;"), ["if (a) return b;"]);
    assert!(texts("if (a) { b = 1; } return b;").is_empty());
    assert!(texts("if (a) b = 1; else return;").is_empty());
}

#[test]
fn finds_nested_checks() {
    let found = texts("if (a) { require(b); if (c) return; return; }");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn finds_modifiers_and_locked_initializers() {
    let text = "contract C is D { constructor(E e) D(e) only(e) { _disableInitializers(); } \
                function f(uint a) external override only(a) nonReentrant { g(); } \
                function h() external virtual only(1); modifier only(uint a) { require(a > 0); _; } }";
    let found = find(text).unwrap();
    let texts: Vec<(&str, bool)> = found
        .checks
        .iter()
        .map(|check| (check.text.as_str(), check.alone))
        .collect();
    let expected = [
        ("only(e) of constructor", true),
        ("_disableInitializers();", false),
        ("only(a) of f", false),
        ("nonReentrant of f", false),
        ("require(a > 0)", false),
    ];
    assert_eq!(texts, expected);
}

#[test]
fn finds_checks_in_assembly() {
    let found = texts(
        "assembly (\"memory-safe\") { let ok := call(gas(), a, 0, 0, 0, 0, 0) if iszero(ok) { revert(0, 0) } \
         switch ok case 1 { revert(0, 4) } default { x := ok } if gt(x, 2) { x := 3 } return(0, 0) }",
    );
    assert_eq!(found, ["if iszero(ok) { revert(0, 0) }", "revert(0, 4)"]);
}

#[test]
fn a_function_in_assembly_is_built_alone() {
    let text = "library L { function f() internal { assembly { function g(a) -> b { if iszero(a) { leave } b := 1 } \
                if g(1) { revert(0, 0) } } if (x) assembly { if y { revert(0, 0) } } } }";
    let alone: Vec<bool> = find(text)
        .unwrap()
        .checks
        .iter()
        .map(|check| check.alone)
        .collect();
    assert_eq!(alone, [true, false, true]);
}

#[test]
fn comments_strings_and_members_are_no_checks() {
    assert!(
        texts("// require(a);\n/* if (a) return; */ g(\"revert()\"); x.require(a); x.revert(a);").is_empty()
    );
}

#[test]
fn names_the_lines() {
    let text = "contract C {\n function f() external {\n  require(\n   a,\n   B()\n  );\n }\n}\n";
    let lines: Vec<_> = find(text)
        .unwrap()
        .checks
        .iter()
        .map(|check| check.lines)
        .collect();
    assert_eq!(lines, [(3, 6)]);
}
