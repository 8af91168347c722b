//! Switches stand where the checks stood, and a check that is taken out is out.

use super::{switched, without};
use crate::mutants::checks::find::find;

fn both(body: &str) -> (String, String) {
    let text = format!("contract C {{ {body} }}");
    let found = find(&text).unwrap();
    let one = without(&text, &found, &found.checks[0]);
    let all = switched(&text, &found, &[(0, 7)], 3);
    let all = all.lines().next().unwrap().to_owned();
    let inner = |text: String| text["contract C { ".len()..text.len() - 2].to_owned();
    (inner(all), inner(one))
}

#[test]
fn a_require_asks_and_ignores_the_answer() {
    let (all, one) = both("function f() external { require(a == b, X(a)); }");
    assert_eq!(
        all,
        "function f() external { require((a == b) || __off3(7), X(a)); }"
    );
    assert_eq!(one, "function f() external { require((a == b) || true, X(a)); }");
}

#[test]
fn an_if_does_not_hold() {
    let (all, _) = both("function f() external { if (a || b) return c; d(); }");
    assert_eq!(
        all,
        "function f() external { if ((a || b) && !__off3(7)) return c; d(); }"
    );
    let (all, one) = both("function f() external { revert X(); }");
    assert_eq!(all, "function f() external { if (!__off3(7)) revert X(); }");
    assert_eq!(one, "function f() external { if (!true) revert X(); }");
}

#[test]
fn assembly_asks_a_variable() {
    let (all, one) = both("function f() external { assembly { if lt(a, b) { revert(0, 0) } } }");
    let expected = "function f() external { bool off7 = __off3(7); \
                    assembly { if and(iszero(iszero(lt(a, b))), iszero(off7)) { revert(0, 0) } } }";
    assert_eq!(all, expected);
    assert!(
        one.contains("assembly { if and(iszero(iszero(lt(a, b))), iszero(1)) {"),
        "{one}"
    );
}

#[test]
fn a_function_is_handed_on_with_and_without_its_modifier() {
    let (all, one) =
        both("function f(A calldata a, bytes memory) external only lock returns (B b) { b = g(a); }");
    assert_eq!(
        one,
        "function f(A calldata a, bytes memory) external  lock returns (B b) { b = g(a); }"
    );
    let copies: Vec<&str> = all.split("function ").skip(1).map(str::trim).collect();
    let head = "(A calldata a, bytes memory unnamed1) private";
    let call = "{ return __body3_3(a, unnamed1); }";
    assert_eq!(copies.len(), 4, "{copies:?}");
    let outer = "f(A calldata a, bytes memory unnamed1) external returns (B b) \
                 { if (__off3(7)) { return __without3_3_7(a, unnamed1); } return __with3_3(a, unnamed1); }";
    assert_eq!(copies[0], outer);
    assert_eq!(
        copies[1],
        format!("__without3_3_7{head}  lock returns (B b) {call}")
    );
    assert_eq!(
        copies[2],
        format!("__with3_3{head}  only lock returns (B b) {call}")
    );
    assert_eq!(
        copies[3],
        format!("__body3_3{head}  returns (B b) {{ b = g(a); }}")
    );
}

#[test]
fn lines_keep_their_numbers() {
    let text = "contract C {\n function f(\n  uint a\n ) external only {\n  require(a > 0);\n }\n}\n";
    let found = find(text).unwrap();
    let all = switched(text, &found, &[(0, 1), (1, 2)], 1);
    let line = |text: &str| text.lines().position(|line| line.contains("require(")).unwrap();
    assert_eq!(line(&all), line(text));
}
