//! Solidity as tokens: enough to find statements and matching parentheses, without comments and blanks.
//!
//! It decides what is code. What the code means it does not know.

use anyhow::{Result, bail, ensure};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A name, a keyword or a number.
    Word,
    /// A string literal.
    Text,
    /// One character of anything else.
    Sign,
}

/// A token, by its place in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A source and its tokens.
#[derive(Debug)]
pub(crate) struct Code<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: Vec<Token>,
    /// For every token that opens: the token that closes. Of all others: itself.
    partners: Vec<usize>,
}

impl<'a> Code<'a> {
    /// Reads a source.
    ///
    /// # Errors
    /// If a comment, a string or a parenthesis does not end.
    pub(crate) fn read(text: &'a str) -> Result<Self> {
        let tokens = tokens(text)?;
        let mut code = Self {
            text,
            partners: (0..tokens.len()).collect(),
            tokens,
        };
        let mut open: Vec<usize> = Vec::new();
        for at in 0..code.tokens.len() {
            match code.word(at) {
                "(" | "[" | "{" => open.push(at),
                closing @ (")" | "]" | "}") => {
                    let opened = open.pop();
                    let fits = opened.is_some_and(|opened| {
                        matches!((code.word(opened), closing), ("(", ")") | ("[", "]") | ("{", "}"))
                    });
                    ensure!(
                        fits,
                        "line {}: `{closing}` closes nothing",
                        code.line(code.start(at))
                    );
                    if let Some(place) = opened.and_then(|opened| code.partners.get_mut(opened)) {
                        *place = at;
                    }
                }
                _ => {}
            }
        }
        if let Some(opened) = open.pop() {
            bail!(
                "line {}: `{}` is not closed",
                code.line(code.start(opened)),
                code.word(opened)
            );
        }
        Ok(code)
    }

    /// The text of a token; nothing behind the last one. A string counts as its quotes only, so that it is never taken
    /// for code.
    pub(crate) fn word(&self, at: usize) -> &'a str {
        match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Text => "\"\"",
            Some(token) => self.slice(token.start, token.end),
            None => "",
        }
    }

    pub(crate) fn is_name(&self, at: usize) -> bool {
        let first = self.word(at).bytes().next();
        first.is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit())
    }

    /// The token that closes what the token `at` opens.
    pub(crate) fn partner(&self, at: usize) -> usize {
        self.partners.get(at).copied().unwrap_or(at)
    }

    /// Where a token begins; the end of the text behind the last one.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(self.text.len(), |token| token.start)
    }

    pub(crate) fn end(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(self.text.len(), |token| token.end)
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The number of the line of a place, from 1.
    pub(crate) fn line(&self, place: usize) -> usize {
        1 + self.slice(0, place).matches('\n').count()
    }

    /// The first token from `at` on that is `wanted` and stands in no parentheses that open after `at`.
    pub(crate) fn find(&self, mut at: usize, wanted: &str) -> Option<usize> {
        while at < self.tokens.len() {
            if self.word(at) == wanted {
                return Some(at);
            }
            if matches!(self.word(at), ")" | "]" | "}") {
                return None;
            }
            at = self.partner(at) + 1;
        }
        None
    }

    /// The text of tokens `from..to` on one line, without comments.
    pub(crate) fn plain(&self, from: usize, to: usize) -> String {
        let mut plain = String::new();
        let mut last = self.start(from);
        for token in self.tokens.get(from..to).unwrap_or_default() {
            if token.start > last {
                plain.push(' ');
            }
            plain.push_str(self.slice(token.start, token.end));
            last = token.end;
        }
        plain
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = if rest.starts_with("//") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if let Some(inner) = rest.strip_prefix("/*") {
            let Some(length) = inner.find("*/") else {
                bail!("a comment does not end");
            };
            (None, length + 4)
        } else if byte == b'"' || byte == b'\'' {
            (Some(Kind::Text), literal(rest.as_bytes(), byte)?)
        } else if is_word(byte) {
            let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
            (Some(Kind::Word), length)
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            ((!byte.is_ascii_whitespace()).then_some(Kind::Sign), length)
        };
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                start: at,
                end: at + length,
            });
        }
        at += length;
    }
    Ok(tokens)
}

/// The length of a string literal with its quotes.
fn literal(bytes: &[u8], quote: u8) -> Result<usize> {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => break,
            _ if byte == quote => return Ok(at + 1),
            _ => {}
        }
        at += 1;
    }
    bail!("a string does not end on its line")
}

#[cfg(test)]
mod tests {
    use super::Code;

    fn words(text: &str) -> Vec<String> {
        let code = Code::read(text).unwrap();
        (0..code.tokens.len())
            .map(|at| code.word(at).to_owned())
            .collect()
    }

    #[test]
    fn leaves_out_comments_and_hides_strings() {
        assert_eq!(words("a // b(\n/* ) */ c"), ["a", "c"]);
        assert_eq!(
            words("f(\"revert(\\\" //\", '\"')"),
            ["f", "(", "\"\"", ",", "\"\"", ")"]
        );
        assert_eq!(words("x=0x1f>>$y;"), ["x", "=", "0x1f", ">", ">", "$y", ";"]);
    }

    #[test]
    fn knows_what_closes_what() {
        let code = Code::read("f(a, (b), c[d{e: 1}]) ;").unwrap();
        let closing = code.partner(1);
        assert_eq!((code.word(closing), code.word(closing + 1)), (")", ";"));
        // The comma behind `(b)`, not one inside it.
        assert_eq!(code.find(4, ",").map(|at| code.start(at)), Some(8));
        assert_eq!(code.find(2, ";"), None);
    }

    #[test]
    fn refuses_what_does_not_end() {
        for text in ["f(", "f)", "(]", "/* a", "\"a\nb\""] {
            assert!(Code::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_lines_and_writes_plainly() {
        let code = Code::read("a\n  b(c, // why\n d)\n").unwrap();
        assert_eq!(code.line(code.start(5)), 3);
        assert_eq!(code.plain(0, 7), "a b(c, d)");
    }
}
