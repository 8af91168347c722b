//! Data to stdout: JSON for programs, `name: value` lines for people.

use serde_json::Value;
use std::io::{self, Write};

/// Fields that hold Unix seconds; for people they are printed as a date.
const TIMES: [&str; 5] = ["at", "since", "timeout", "expires", "started"];

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
                    plain => {
                        let said = TIMES
                            .contains(&name.as_str())
                            .then(|| plain.as_u64().and_then(calendar))
                            .flatten();
                        let said = said.unwrap_or_else(|| word(plain));
                        out.push_str(&format!("{indent}{name}: {said}\n"));
                    }
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

/// Unix seconds as people read them, in UTC.
fn calendar(unix: u64) -> Option<String> {
    let (day, second) = (i64::try_from(unix / 86_400).ok()?, unix % 86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    // Days since 1 March of year 0, counted in cycles of 400 years; the year starts in March, so that the leap day is its last.
    let day = day.checked_add(719_468)?;
    let (cycle, of_cycle) = (day / 146_097, day % 146_097);
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + cycle * 400 + i64::from(month <= 2);
    Some(format!(
        "{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02} UTC"
    ))
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
    fn times_are_dates_for_people() {
        for (unix, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_795_719_446, "2026-11-26 18:57:26 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(calendar(unix).unwrap(), text);
        }
        let mut out = String::new();
        lines(&json!({"at": 0, "height": 0, "since": null}), 0, &mut out);
        assert_eq!(out, "at: 1970-01-01 00:00:00 UTC\nheight: 0\nsince: -\n");
    }

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
