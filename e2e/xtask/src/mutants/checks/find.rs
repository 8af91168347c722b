//! Finds the checks of a source: what refuses (`require`, `revert`, modifiers) and what leaves early (guarded returns).
//!
//! It must miss none: a check that is not found is never tried. It decides nothing about whether one matters.

use anyhow::Result;

use super::header::{Header, header};
use super::tokens::Code;

/// How a check is taken out. Places are offsets in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// The condition of a `require` or `assert`: it is still evaluated, its answer does not count.
    Require {
        start: usize,
        end: usize,
    },
    /// The condition of an `if` that ends in `return` or `revert`: as if it did not hold.
    Guard {
        start: usize,
        end: usize,
    },
    /// A statement: left out.
    Statement {
        start: usize,
    },
    /// The same three in assembly; `block` is where the assembly begins.
    YulGuard {
        block: usize,
        start: usize,
        end: usize,
    },
    YulStatement {
        block: usize,
        start: usize,
        end: usize,
    },
    /// The use of a modifier by the function at `function`, as its modifier number `position`.
    Modifier {
        function: usize,
        position: usize,
    },
}

/// A check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Check {
    /// The first and the last line that would be taken out.
    pub(crate) lines: (usize, usize),
    /// What would be taken out, on one line.
    pub(crate) text: String,
    pub(crate) way: Way,
    /// Whether it cannot share a build with others.
    pub(crate) alone: bool,
}

/// The checks of a source, and the functions with modifiers.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) checks: Vec<Check>,
    pub(crate) headers: Vec<Header>,
}

/// Finds all checks of a source, in their order.
///
/// # Errors
/// If the source has no matching parentheses.
pub(crate) fn find(text: &str) -> Result<Found> {
    let code = Code::read(text)?;
    let mut finder = Finder {
        code: &code,
        found: Found::default(),
        answered: Vec::new(),
    };
    let mut at = 0;
    while at < code.tokens.len() {
        at = finder.outside(at);
    }
    finder.found.checks.sort_by_key(|check| check.lines);
    Ok(finder.found)
}

struct Finder<'a> {
    code: &'a Code<'a>,
    found: Found,
    /// The `revert` statements that end an `if` which was found already.
    answered: Vec<usize>,
}

impl Finder<'_> {
    /// Steps over one token outside of functions.
    fn outside(&mut self, at: usize) -> usize {
        let Some(header) = header(self.code, at) else {
            return at + 1;
        };
        let Some(body) = header.body else {
            return header.end;
        };
        for (position, modifier) in header.modifiers.iter().enumerate() {
            let way = Way::Modifier {
                function: self.found.headers.len(),
                position,
            };
            let name = if header.is_constructor {
                "constructor"
            } else {
                self.code.word(header.at + 1)
            };
            let text = format!("{} of {name}", self.code.plain(modifier.0, modifier.1));
            self.push(modifier.0, modifier.1 - 1, way, Some(text));
            // A constructor sets immutable values: it cannot hand its work on.
            if let Some(check) = self.found.checks.last_mut() {
                check.alone = header.is_constructor;
            }
        }
        let end = self.code.partner(body);
        self.inside(body + 1, end);
        self.found.headers.push(header);
        end + 1
    }

    /// The statements of a function.
    fn inside(&mut self, from: usize, to: usize) {
        let code = self.code;
        let mut at = from;
        while at < to {
            let called = code.word(at + 1) == "(" && code.word(at - 1) != ".";
            match code.word(at) {
                "assembly" => {
                    let braces = if code.word(at + 1) == "(" {
                        code.partner(at + 1) + 1
                    } else {
                        at + if code.word(at + 1) == "\"\"" { 2 } else { 1 }
                    };
                    let end = code.partner(braces);
                    let bare = matches!(code.word(at - 1), ")" | "else");
                    self.assembly(code.start(at), braces + 1, end, bare);
                    at = end;
                }
                "require" | "assert" if called => {
                    let last = code.partner(at + 1);
                    let condition = code
                        .find(at + 2, ",")
                        .filter(|comma| *comma < last)
                        .unwrap_or(last);
                    let way = Way::Require {
                        start: code.start(at + 2),
                        end: code.end(condition - 1),
                    };
                    self.push(at, last, way, None);
                }
                "if" if called => self.guard(at),
                "revert" if !self.answered.contains(&at) && code.word(at - 1) != "." => self.statement(at),
                "_disableInitializers" if called => self.statement(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn guard(&mut self, at: usize) {
        let code = self.code;
        let closing = code.partner(at + 1);
        let Some((last, end)) = self.last_statement(closing + 1) else {
            return;
        };
        if !matches!(code.word(last), "return" | "revert") {
            return;
        }
        if code.word(last) == "revert" {
            self.answered.push(last);
        }
        let way = Way::Guard {
            start: code.start(at + 2),
            end: code.end(closing - 1),
        };
        self.push(at, end, way, None);
    }

    /// The last statement of what an `if` governs: where it begins, and the last token of it all.
    fn last_statement(&self, at: usize) -> Option<(usize, usize)> {
        let code = self.code;
        if code.word(at) != "{" {
            return Some((at, code.find(at, ";")?));
        }
        let end = code.partner(at);
        Some((self.last_in_block(at)?, end))
    }

    /// Where the last statement of a block begins.
    fn last_in_block(&self, opening: usize) -> Option<usize> {
        let code = self.code;
        let (mut at, end) = (opening + 1, code.partner(opening));
        let mut last = None;
        let mut begins = true;
        while at < end {
            if begins {
                last = Some(at);
            }
            let closing = code.partner(at);
            // Behind the braces of `call{gas: all}(..)` the statement goes on.
            begins =
                code.word(closing) == ";" || (code.word(closing) == "}" && code.word(closing + 1) != "(");
            at = closing + 1;
        }
        last
    }

    fn statement(&mut self, at: usize) {
        let end = self.code.find(at, ";").unwrap_or(at);
        let start = self.code.start(at);
        self.push(at, end, Way::Statement { start }, None);
    }

    /// The statements of an assembly block that begins at `block`. `bare`: an `if` or `else` governs it without braces.
    fn assembly(&mut self, block: usize, from: usize, to: usize, bare: bool) {
        let code = self.code;
        let mut alone_until = if bare { to } else { from };
        let mut at = from;
        while at < to {
            let before = self.found.checks.len();
            match code.word(at) {
                // A function in assembly sees no variable around it.
                "function" => {
                    alone_until = alone_until.max(code.find(at, "{").map_or(at, |body| code.partner(body)));
                }
                "if" => self.yul_guard(block, at),
                "revert" | "invalid" if !self.answered.contains(&at) && code.word(at + 1) == "(" => {
                    let end = code.partner(at + 1);
                    let way = Way::YulStatement {
                        block,
                        start: code.start(at),
                        end: code.end(end),
                    };
                    self.push(at, end, way, None);
                }
                _ => {}
            }
            for check in self.found.checks.iter_mut().skip(before) {
                check.alone = at < alone_until;
            }
            at += 1;
        }
    }

    fn yul_guard(&mut self, block: usize, at: usize) {
        let code = self.code;
        let Some(opening) = code.find(at + 1, "{") else {
            return;
        };
        let end = code.partner(opening);
        let ends_in = |last: usize| matches!(code.word(last), "revert" | "invalid" | "return" | "leave");
        // Statements of assembly have no semicolons: the last call or word.
        let last = match code.word(end - 1) {
            ")" => (opening..end)
                .find(|open| code.word(*open) == "(" && code.partner(*open) == end - 1)
                .map(|open| open - 1),
            _ => Some(end - 1),
        };
        let Some(last) = last.filter(|last| ends_in(*last)) else {
            return;
        };
        self.answered.push(last);
        let way = Way::YulGuard {
            block,
            start: code.start(at + 1),
            end: code.end(opening - 1),
        };
        self.push(at, end, way, None);
    }

    /// Notes the check that tokens `from..=to` are.
    fn push(&mut self, from: usize, to: usize, way: Way, text: Option<String>) {
        let code = self.code;
        self.found.checks.push(Check {
            lines: (code.line(code.start(from)), code.line(code.start(to))),
            text: text.unwrap_or_else(|| code.plain(from, to + 1)),
            way,
            alone: false,
        });
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
