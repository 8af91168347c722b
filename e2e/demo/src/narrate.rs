//! What a person sees: one line an act, the walk of one packet, the closing table.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{IsTerminal, stdout},
    time::Instant,
};

/// Prints, with the time since the start.
#[derive(Debug)]
pub(crate) struct Narrator {
    start: Instant,
    colour: bool,
}

impl Narrator {
    /// Starts the clock. `headless` switches colour off.
    pub(crate) fn new(headless: bool) -> Self {
        Self {
            start: Instant::now(),
            colour: !headless && stdout().is_terminal(),
        }
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Says what is being done.
    pub(crate) fn say(&self, line: &str) {
        let time = format!("{:>6.1} s", self.seconds());
        if self.colour {
            println!("\x1b[2m{time}\x1b[0m  {line}");
        } else {
            println!("{time}  {line}");
        }
    }

    /// A heading.
    pub(crate) fn title(&self, text: &str) {
        if self.colour {
            println!("\n\x1b[1m{text}\x1b[0m");
        } else {
            println!("\n{text}");
        }
    }

    /// The relayer's own account of one packet.
    ///
    /// - `gas`: what its transactions used, by what they did.
    pub(crate) fn walk(&self, trace: &Value, gas: &BTreeMap<String, u64>) {
        self.title("The walk of one packet");
        for line in walk_lines(trace).into_iter().chain(gas_lines(gas)) {
            println!("  {line}");
        }
    }
}

/// One line a change: seconds since the first, the leg of the walk, the stage, and why.
fn walk_lines(trace: &Value) -> Vec<String> {
    let changes = trace["history"].as_array().map(Vec::as_slice).unwrap_or_default();
    let start = changes
        .first()
        .and_then(|change| change["at"].as_u64())
        .unwrap_or_default();
    let line = |change: &Value| {
        let after = change["at"].as_u64().unwrap_or_default().saturating_sub(start);
        let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
        format!(
            "+{after:>2} s  {:<8} {:<10} {}",
            text("leg"),
            text("stage"),
            text("why")
        )
    };
    changes.iter().map(line).collect()
}

/// One line a transaction.
fn gas_lines(gas: &BTreeMap<String, u64>) -> Vec<String> {
    gas.iter()
        .map(|(what, used)| format!("{used:>9} gas  {what}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_walk_is_one_line_a_change_with_times_from_the_first() {
        let trace = json!({"history": [
            {"at": 100, "leg": "recv", "stage": "Seen", "why": "sent in block 7"},
            {"at": 103, "leg": "ack", "stage": "Acked", "why": "final"},
        ]});
        let lines = walk_lines(&trace);
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("+ 0 s") && lines[0].ends_with("sent in block 7"),
            "{lines:?}"
        );
        assert!(
            lines[1].starts_with("+ 3 s") && lines[1].contains("Acked"),
            "{lines:?}"
        );
        assert!(walk_lines(&json!({})).is_empty());
    }

    #[test]
    fn what_a_transaction_did_follows_what_it_used() {
        let gas = BTreeMap::from([("send a transfer".to_owned(), 325_672)]);
        assert_eq!(gas_lines(&gas), ["   325672 gas  send a transfer"]);
    }
}
