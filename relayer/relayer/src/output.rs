//! Data to stdout: JSON for programs, `name: value` lines for people.

use serde_json::Value;
use std::io::{self, Write};

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document.
    Json,
    /// Lines.
    Text,
}

impl Format {
    pub(crate) fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    /// Prints `value`.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(crate) fn print(self, value: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self {
            Self::Json => {
                serde_json::to_writer_pretty(&mut out, value)?;
                writeln!(out)
            }
            Self::Text => {
                let mut text = String::new();
                lines(value, 0, &mut text);
                out.write_all(text.as_bytes())
            }
        }
    }
}

fn lines(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Object(inner) if !inner.is_empty() => {
                        out.push_str(&format!("{indent}{name}:\n"));
                        lines(field, depth + 1, out);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        out.push_str(&format!("{indent}{name}:\n"));
                        lines(field, depth + 1, out);
                    }
                    plain => out.push_str(&format!("{indent}{name}: {}\n", word(plain))),
                }
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                match entry {
                    Value::Object(_) | Value::Array(_) => {
                        out.push_str(&format!("{indent}-\n"));
                        lines(entry, depth + 1, out);
                    }
                    plain => out.push_str(&format!("{indent}- {}\n", word(plain))),
                }
            }
        }
        plain => out.push_str(&format!("{indent}{}\n", word(plain))),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => "none".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_shows_every_value_once() {
        let mut out = String::new();
        lines(
            &json!({"a": 1, "b": {"c": "x", "d": null}, "e": ["y", {"f": true}], "g": []}),
            0,
            &mut out,
        );
        assert_eq!(
            out,
            "a: 1\nb:\n  c: x\n  d: -\ne:\n  - y\n  -\n    f: true\ng: none\n"
        );
    }
}
