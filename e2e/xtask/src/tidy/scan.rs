//! Separates code from comments and text, so that a rule about code never
//! stumbles over a word in a sentence.
//!
//! It decides which bytes are code; it never judges them. It is a lexer of the
//! few tokens that can hide others, not a parser.

/// The two languages whose sources are looked into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Language {
    /// Nested block comments, raw strings, lifetimes.
    Rust,
    /// Strings in either quote, plain block comments.
    Solidity,
}

impl Language {
    /// The language of a file, by its ending.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "rs" => Some(Self::Rust),
            "sol" => Some(Self::Solidity),
            _ => None,
        }
    }
}

/// One source, split in two texts of the same length and the same lines.
pub(crate) struct Views {
    /// The code; comments and the insides of strings are blanks.
    pub(crate) code: String,
    /// The comments; everything else is blanks.
    pub(crate) comments: String,
}

/// What the byte at a position belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Text,
}

/// Splits `source` into its code and its comments.
pub(crate) fn split(source: &str, language: Language) -> Views {
    let bytes = source.as_bytes();
    let mut kinds = Vec::with_capacity(bytes.len());
    while kinds.len() < bytes.len() {
        let at = kinds.len();
        let (kind, length) = token(bytes, at, language);
        let end = (at + length.max(1)).min(bytes.len());
        kinds.resize(end, kind);
    }
    Views {
        code: view(bytes, &kinds, Kind::Code),
        comments: view(bytes, &kinds, Kind::Comment),
    }
}

/// The bytes of one kind, every other byte but the line feeds blanked.
fn view(bytes: &[u8], kinds: &[Kind], kept: Kind) -> String {
    let picked = bytes.iter().zip(kinds).map(|(&byte, &kind)| match byte {
        b'\n' => byte,
        _ if kind == kept => byte,
        _ => b' ',
    });
    String::from_utf8_lossy(&picked.collect::<Vec<u8>>()).into_owned()
}

/// The kind and length of the token that starts at `at`.
fn token(bytes: &[u8], at: usize, language: Language) -> (Kind, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest {
        [b'/', b'/', ..] => (Kind::Comment, line_length(rest)),
        [b'/', b'*', ..] => (Kind::Comment, block_length(rest, language == Language::Rust)),
        [b'"', ..] => (Kind::Text, quoted_length(rest, b'"')),
        [b'\'', ..] if language == Language::Solidity => (Kind::Text, quoted_length(rest, b'\'')),
        [b'\'', ..] => tick(rest),
        [b'r', ..] if language == Language::Rust && !is_in_word(bytes, at) => raw(rest),
        _ => (Kind::Code, 1),
    }
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn block_length(rest: &[u8], nested: bool) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            b"/*" if nested || depth == 0 => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted_length(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A Rust tick: a character literal or a lifetime.
fn tick(rest: &[u8]) -> (Kind, usize) {
    if rest.get(1) == Some(&b'\\') {
        return (Kind::Text, quoted_length(rest, b'\''));
    }
    let text = String::from_utf8_lossy(rest.get(1..rest.len().min(9)).unwrap_or_default()).into_owned();
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), Some('\'')) => (Kind::Text, letter.len_utf8() + 2),
        _ => (Kind::Code, 1),
    }
}

/// A Rust `r`: the start of a raw string, of a raw identifier or of a word.
fn raw(rest: &[u8]) -> (Kind, usize) {
    let hashes = rest.iter().skip(1).take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return (Kind::Code, 1);
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let body = rest.get(2 + hashes..).unwrap_or_default();
    let end = body.windows(close.len()).position(|window| window == close);
    (
        Kind::Text,
        end.map_or(rest.len(), |end| 2 + hashes + end + close.len()),
    )
}

/// True if the byte before `at` continues a word; a `b` or `c` that starts a
/// byte or C string does not.
fn is_in_word(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|index| bytes.get(index)).copied();
    match before(1) {
        Some(b'b' | b'c') => before(2).is_some_and(is_word_byte),
        Some(byte) => is_word_byte(byte),
        None => false,
    }
}

/// True for the bytes of an identifier.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Every place where `word` stands in `text` as a whole word.
pub(crate) fn words(text: &str, word: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let free = |index: Option<usize>| {
        index
            .and_then(|at| bytes.get(at))
            .is_none_or(|&byte| !is_word_byte(byte))
    };
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| free(at.checked_sub(1)) && free(Some(at + word.len())))
        .collect()
}

/// The line, counted from one, on which the byte at `at` stands.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count()
}

/// The position just behind the brace that closes the one at `open`.
pub(crate) fn close_of(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_i64;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Language, close_of, line_of, split, words};

    #[test]
    fn blanks_comments_and_strings_but_keeps_lines() {
        let views = split(
            "let a = \"fn b\"; // fn c\n/* fn /* d */ */ fn e() {}\n",
            Language::Rust,
        );
        assert_eq!(words(&views.code, "fn").len(), 1);
        assert_eq!(words(&views.comments, "fn").len(), 2);
        assert_eq!(line_of(&views.code, words(&views.code, "fn")[0]), 2);
    }

    #[test]
    fn knows_raw_strings_lifetimes_and_characters() {
        let source = "fn f<'a>(x: &'a str) { r#\"fn \"quoted\" g\"#; br\"fn h\"; '\"'; '\\''; r#type; }";
        let views = split(source, Language::Rust);
        assert_eq!(words(&views.code, "fn").len(), 1);
        assert!(views.code.contains("'a"));
        assert!(views.code.contains("r#type"));
        assert!(close_of(&views.code, views.code.find('{').unwrap()).is_some());
    }

    #[test]
    fn solidity_strings_use_either_quote() {
        let views = split(
            "string a = 'function b'; /* /* */ function c() {}",
            Language::Solidity,
        );
        assert_eq!(words(&views.code, "function").len(), 1);
    }

    #[test]
    fn an_open_comment_or_string_ends_with_the_file() {
        assert_eq!(split("a /* b", Language::Rust).code.trim(), "a");
        assert_eq!(split("a \"b", Language::Rust).code.trim(), "a");
        assert_eq!(split("a r#\"b\"", Language::Rust).code.trim(), "a");
    }

    #[test]
    fn a_word_is_not_a_part_of_a_word() {
        assert_eq!(words("fn fnord fn_ fn", "fn").len(), 2);
    }
}
