//! The head of a function: its parameters, what it returns, and the modifiers it uses.

use super::tokens::Code;

/// Words of a head that are no modifiers.
const KEYWORDS: [&str; 8] = [
    "external", "public", "internal", "private", "pure", "view", "payable", "virtual",
];
/// Words behind the type of a parameter that are not its name.
const PLACES: [&str; 4] = ["memory", "calldata", "storage", "payable"];

/// A function's head. All numbers are tokens; a pair is a first one and the one behind the last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    /// The word `function`, `constructor`, `modifier`, `receive` or `fallback`.
    pub(crate) at: usize,
    pub(crate) is_constructor: bool,
    /// Each parameter, and its name if it has one.
    pub(crate) parameters: Vec<((usize, usize), Option<usize>)>,
    /// What stands between parameters and body and is no modifier, `returns (..)` left out.
    pub(crate) attributes: Vec<(usize, usize)>,
    pub(crate) modifiers: Vec<(usize, usize)>,
    /// `returns (..)`, if there is one.
    pub(crate) returns: Option<(usize, usize)>,
    /// The brace that opens the body, if there is one.
    pub(crate) body: Option<usize>,
    /// The token behind the head.
    pub(crate) end: usize,
}

/// Reads the head that begins at `at`, if one does.
pub(crate) fn header(code: &Code<'_>, at: usize) -> Option<Header> {
    let opening = match code.word(at) {
        "function" | "modifier" if code.is_name(at + 1) => at + 2,
        "constructor" | "receive" | "fallback" if code.word(at + 1) == "(" => at + 1,
        _ => return None,
    };
    let mut header = Header {
        at,
        is_constructor: code.word(at) == "constructor",
        parameters: Vec::new(),
        attributes: Vec::new(),
        modifiers: Vec::new(),
        returns: None,
        body: None,
        end: 0,
    };
    // A modifier may have no parentheses at all.
    let mut next = opening;
    if code.word(opening) == "(" {
        header.parameters = parameters(code, opening);
        next = code.partner(opening) + 1;
    }
    loop {
        let begin = next;
        match code.word(next) {
            "{" => header.body = Some(next),
            ";" | "" => {}
            word => {
                next += 1;
                while code.word(next) == "." {
                    next += 2;
                }
                if code.word(next) == "(" {
                    next = code.partner(next) + 1;
                }
                let part = (begin, next);
                match word {
                    "returns" => header.returns = Some(part),
                    "override" => header.attributes.push(part),
                    _ if KEYWORDS.contains(&word) => header.attributes.push(part),
                    // A constructor names the constructors of its bases like modifiers, but with a capital.
                    _ if header.is_constructor && word.starts_with(|first: char| first.is_uppercase()) => {
                        header.attributes.push(part);
                    }
                    _ => header.modifiers.push(part),
                }
                continue;
            }
        }
        header.end = next + 1;
        return Some(header);
    }
}

fn parameters(code: &Code<'_>, opening: usize) -> Vec<((usize, usize), Option<usize>)> {
    let closing = code.partner(opening);
    let mut all = Vec::new();
    let mut begin = opening + 1;
    while begin < closing {
        let end = code
            .find(begin, ",")
            .filter(|comma| *comma < closing)
            .unwrap_or(closing);
        let last = end - 1;
        let named = last > begin
            && code.is_name(last)
            && !PLACES.contains(&code.word(last))
            && code.word(last - 1) != ".";
        all.push(((begin, end), named.then_some(last)));
        begin = end + 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Header, header};
    use crate::mutants::checks::tokens::Code;

    fn read(text: &str, look: impl Fn(&Code<'_>, &Header)) {
        let code = Code::read(text).unwrap();
        look(&code, &header(&code, 0).unwrap());
    }

    #[test]
    fn tells_modifiers_from_everything_else() {
        let text = "function f(A calldata a, IB.C, bytes memory, uint[] xs) external override(A, B) only(a.b, 1) \
                    view returns (uint) nonReentrant { }";
        read(text, |code, header| {
            let words = |parts: &[(usize, usize)]| -> Vec<String> {
                parts.iter().map(|part| code.plain(part.0, part.1)).collect()
            };
            assert_eq!(words(&header.modifiers), ["only(a.b, 1)", "nonReentrant"]);
            assert_eq!(words(&header.attributes), ["external", "override(A, B)", "view"]);
            let names: Vec<_> = header
                .parameters
                .iter()
                .map(|(_, name)| name.map(|at| code.word(at)))
                .collect();
            assert_eq!(names, [Some("a"), None, None, Some("xs")]);
            assert!(header.returns.is_some() && header.body.is_some());
        });
    }

    #[test]
    fn a_constructor_names_its_bases() {
        read(
            "constructor(address a) Clients(a) initializer {}",
            |code, header| {
                assert_eq!(header.modifiers.len(), 1);
                assert_eq!(
                    header.modifiers.first().map(|part| code.word(part.0)),
                    Some("initializer")
                );
            },
        );
    }

    #[test]
    fn a_function_type_is_no_function() {
        let code = Code::read("function(uint) pure returns (bool) f;").unwrap();
        assert_eq!(header(&code, 0), None);
        let code = Code::read("function f() external;").unwrap();
        assert_eq!(header(&code, 0).map(|header| header.body), Some(None));
    }
}
