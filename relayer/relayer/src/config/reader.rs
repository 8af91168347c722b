//! Reads a TOML table key by key and notes every problem, so that an operator sees all of them at once.
//!
//! A key that nobody asked for is a problem too: a misspelt key must never mean its default.

use std::collections::BTreeSet;
use std::fmt;
use toml::{Table, Value};

/// One problem: where it is, what is wrong, and what helps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The path of the key, such as `chains[0].router`.
    pub key: String,
    /// What is wrong, and what helps.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}

/// A table being read.
pub(super) struct Reader<'a> {
    path: String,
    table: &'a Table,
    asked: BTreeSet<&'static str>,
    /// Whether other keys are nobody's business.
    is_done: bool,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: impl Into<String>, table: &'a Table) -> Self {
        Self {
            path: path.into(),
            table,
            asked: BTreeSet::new(),
            is_done: false,
            problems: Vec::new(),
        }
    }

    /// The path of `key` for messages.
    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Notes a problem with `key`.
    pub(super) fn bad(&mut self, key: &str, text: impl Into<String>) {
        let key = self.at(key);
        self.problems.push(Problem {
            key,
            text: text.into(),
        });
    }

    /// Takes over problems that were found deeper.
    pub(super) fn take(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    /// Whether there is something under `key`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Says nothing about keys that nobody asked for: why nobody did is told already.
    pub(super) fn ask_no_more(&mut self) {
        self.is_done = true;
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.asked.insert(key);
        self.table.get(key)
    }

    /// A number, or `default` when the key is absent.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, key: &'static str, default: T) -> T {
        match self.get(key) {
            None => default,
            Some(Value::Integer(number)) => match T::try_from(*number) {
                Ok(value) => value,
                Err(_) => {
                    self.bad(key, format!("{number} is out of range"));
                    default
                }
            },
            Some(other) => {
                self.bad(key, format!("a whole number is needed, not {}", kind(other)));
                default
            }
        }
    }

    /// A number above zero.
    pub(super) fn positive<T: TryFrom<i64> + PartialEq + Default>(
        &mut self,
        key: &'static str,
        default: T,
    ) -> T {
        let value = self.number(key, default);
        if value == T::default() {
            self.bad(key, "0 would stop everything; set it to at least 1");
        }
        value
    }

    /// A number that may be absent.
    pub(super) fn optional_number<T: TryFrom<i64> + Default>(&mut self, key: &'static str) -> Option<T> {
        self.table
            .get(key)
            .is_some()
            .then(|| self.number(key, T::default()))
            .or_else(|| {
                self.asked.insert(key);
                None
            })
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> Option<&'a str> {
        match self.get(key) {
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                self.bad(key, format!("a text is needed, not {}", kind(other)));
                None
            }
            None => {
                self.bad(key, "is missing; add it");
                None
            }
        }
    }

    /// A text that may be absent.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<&'a str> {
        self.asked.insert(key);
        self.table.contains_key(key).then(|| self.text(key)).flatten()
    }

    /// A truth value, or `default`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.get(key) {
            None => default,
            Some(Value::Boolean(value)) => *value,
            Some(other) => {
                self.bad(key, format!("true or false is needed, not {}", kind(other)));
                default
            }
        }
    }

    /// A text read by `parse`; none and a problem when it is absent or cannot be read.
    pub(super) fn parsed<T, E: fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text(key)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.bad(key, error.to_string());
                None
            }
        }
    }

    /// A list of texts; at least one.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<(String, &'a str)> {
        let path = self.at(key);
        let Some(value) = self.get(key) else {
            self.bad(key, "is missing; give a list with at least one entry");
            return Vec::new();
        };
        let Value::Array(entries) = value else {
            self.bad(key, format!("a list of texts is needed, not {}", kind(value)));
            return Vec::new();
        };
        if entries.is_empty() {
            self.bad(key, "the list is empty; give at least one entry");
        }
        let mut texts = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match entry {
                Value::String(text) => texts.push((format!("{path}[{position}]"), text.as_str())),
                other => {
                    let key = format!("{path}[{position}]");
                    self.problems.push(Problem {
                        key,
                        text: format!("a text is needed, not {}", kind(other)),
                    });
                }
            }
        }
        texts
    }

    /// A list of texts that may be absent; if it is there, with at least one.
    pub(super) fn optional_texts(&mut self, key: &'static str) -> Vec<(String, &'a str)> {
        self.asked.insert(key);
        if self.has(key) {
            self.texts(key)
        } else {
            Vec::new()
        }
    }

    /// A table that may be absent, read by `read`.
    pub(super) fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let empty = Table::new();
        let path = self.at(key);
        let table = match self.get(key) {
            None => &empty,
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.bad(key, format!("a table is needed, not {}", kind(other)));
                &empty
            }
        };
        let mut reader = Reader::new(path, table);
        let value = read(&mut reader);
        self.problems.extend(reader.finish());
        value
    }

    /// A list of tables that may be absent, each read by `read`.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Reader<'_>) -> Option<T>,
    ) -> Vec<T> {
        let path = self.at(key);
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Value::Array(entries) = value else {
            self.bad(key, format!("a list of tables is needed, written as [[{path}]]"));
            return Vec::new();
        };
        let mut values = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            let path = format!("{path}[{position}]");
            let Value::Table(table) = entry else {
                self.problems.push(Problem {
                    key: path,
                    text: "a table is needed".into(),
                });
                continue;
            };
            let mut reader = Reader::new(path, table);
            values.extend(read(&mut reader));
            self.problems.extend(reader.finish());
        }
        values
    }

    /// All problems, with one for every key that nobody asked for.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let unknown: Vec<&String> = self
            .table
            .keys()
            .filter(|key| !self.is_done && !self.asked.contains(key.as_str()))
            .collect();
        let known: Vec<&str> = self.asked.iter().copied().collect();
        for key in unknown {
            let key = self.at(key);
            let text = format!("is not a key of this table; it has {}", known.join(", "));
            self.problems.push(Problem { key, text });
        }
        self.problems
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "a truth value",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
