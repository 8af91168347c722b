//! Flat messages in JSON, as Go's encoder writes them: no white space, fields as declared, `<`, `>` and `&` escaped.
//!
//! The reader knows objects of texts only. A number, NaN, null, a list or an object in place of a text is refused, as
//! are white space, raw control characters and half a surrogate pair.

use crate::{
    Reject, base64,
    flat::{Kind, Shape, Values},
};
use alloc::{string::String, vec::Vec};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes the values that are not empty. Texts are UTF-8.
pub(crate) fn encode(shape: &Shape, values: &[&[u8]]) -> Vec<u8> {
    let mut json = Vec::from(*b"{");
    for (field, value) in shape.fields.iter().zip(values) {
        if value.is_empty() {
            continue;
        }
        if json.len() > 1 {
            json.push(b',');
        }
        put_text(&mut json, field.name);
        json.push(b':');
        match field.kind {
            Kind::Text => put_text(&mut json, &String::from_utf8_lossy(value)),
            Kind::Bytes => {
                json.push(b'"');
                json.extend(base64::encode(value));
                json.push(b'"');
            }
        }
    }
    json.push(b'}');
    json
}

/// Reads a message's values.
///
/// Errors: [`Reject::NotJson`], [`Reject::UnknownField`], [`Reject::DuplicateField`].
pub(crate) fn decode(shape: &Shape, bytes: &[u8]) -> Result<Values, Reject> {
    let mut reader = Reader {
        what: shape.what,
        bytes,
        at: 0,
    };
    let mut values = shape.empty();
    reader.expect(b'{')?;
    if !reader.skip(b'}') {
        loop {
            read_field(&mut reader, shape, &mut values)?;
            if !reader.skip(b',') {
                break;
            }
        }
        reader.expect(b'}')?;
    }
    match reader.peek() {
        Some(_) => Err(reader.refused()),
        None => Ok(values.into_iter().map(Option::unwrap_or_default).collect()),
    }
}

fn read_field(reader: &mut Reader<'_>, shape: &Shape, values: &mut [Option<Vec<u8>>]) -> Result<(), Reject> {
    let position = reader.at;
    let what = shape.what;
    let name = reader.text()?;
    let found = shape
        .fields
        .iter()
        .enumerate()
        .find(|(_, field)| field.name == name);
    let (index, field) = found.ok_or(Reject::UnknownField { what, position })?;
    reader.expect(b':')?;
    let refused = reader.refused();
    let text = reader.text()?;
    let value = match field.kind {
        Kind::Text => text.into_bytes(),
        Kind::Bytes => base64::decode(text.as_bytes()).ok_or(refused)?,
    };
    shape.put(values, index, value, position)
}

fn put_text(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    for character in text.chars() {
        match character {
            '"' => json.extend_from_slice(br#"\""#),
            '\\' => json.extend_from_slice(br"\\"),
            '\n' => json.extend_from_slice(br"\n"),
            '\r' => json.extend_from_slice(br"\r"),
            '\t' => json.extend_from_slice(br"\t"),
            '\u{8}' => json.extend_from_slice(br"\b"),
            '\u{c}' => json.extend_from_slice(br"\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => put_escape(json, character),
            _ if character < ' ' => put_escape(json, character),
            _ => json.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    json.push(b'"');
}

/// Writes a character below 2^16 as four hexadecimal digits.
fn put_escape(json: &mut Vec<u8>, character: char) {
    json.extend_from_slice(br"\u");
    for shift in [12u32, 8, 4, 0] {
        let nibble = (u32::from(character) >> shift) & 0xf;
        let digit = usize::try_from(nibble).ok().and_then(|nibble| HEX.get(nibble));
        json.extend(digit);
    }
}

/// A place in a text.
struct Reader<'a> {
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn refused(&self) -> Reject {
        Reject::NotJson {
            what: self.what,
            position: self.at,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, Reject> {
        let byte = self.peek().ok_or_else(|| self.refused())?;
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.at = self.at.saturating_add(1);
        }
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Reject> {
        let refused = self.refused();
        if self.skip(byte) { Ok(()) } else { Err(refused) }
    }

    fn text(&mut self) -> Result<String, Reject> {
        self.expect(b'"')?;
        let mut text = Vec::new();
        loop {
            let refused = self.refused();
            match self.next()? {
                b'"' => return String::from_utf8(text).map_err(|_| refused),
                b'\\' => {
                    let character = self.escape()?;
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                byte if byte < b' ' => return Err(refused),
                byte => text.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Reject> {
        let refused = self.refused();
        match self.next()? {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'/' => Ok('/'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.unicode(),
            _ => Err(refused),
        }
    }

    /// A character of four digits, or of two escapes that together name one above 2^16.
    fn unicode(&mut self) -> Result<char, Reject> {
        let refused = self.refused();
        let first = self.four_digits()?;
        let mut units = Vec::from([first]);
        if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            units.push(self.four_digits()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(character)), None) => Ok(character),
            _ => Err(refused),
        }
    }

    fn four_digits(&mut self) -> Result<u16, Reject> {
        let mut number = 0u16;
        for _ in 0..4 {
            let refused = self.refused();
            let digit = char::from(self.next()?)
                .to_digit(16)
                .ok_or_else(|| refused.clone())?;
            number = (number << 4) | u16::try_from(digit).map_err(|_| refused)?;
        }
        Ok(number)
    }
}
