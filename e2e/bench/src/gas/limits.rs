//! The figures by name, and the most that each may be.
//!
//! The one table of limits in the repository. What each key measures: docs/gas.md.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

/// Gas by key.
pub(super) type Figures = BTreeMap<String, u64>;

/// Every key, with the most gas that it may be.
pub(super) const LIMITS: [(&str, u64); 16] = [
    ("beacon_update_absent_0", 240_000),
    ("beacon_update_absent_5", 290_000),
    ("beacon_update_absent_170", 1_100_000),
    ("beacon_rotation_absent_0", 260_000),
    ("beacon_account_proof", 85_000),
    ("recv_single_with_update", 490_000),
    ("recv_batch50_per_packet", 120_000),
    ("ack_batch50_per_packet", 65_000),
    ("timeout_batch50_per_packet", 75_000),
    ("guards_per_packet", 6_000),
    ("attestor_update_13_of_19", 110_000),
    ("tendermint_update_secp_67_of_100", 490_000),
    // The limit of one transaction.
    ("tendermint_update_ed25519_67_of_100", 16_777_216),
    ("tendermint_ed25519_per_signature_67", 150_000),
    ("recv_cosmos_batch50_per_packet", 115_000),
    ("recv_cosmos_scattered50_per_packet", 130_000),
];

/// Checks that there is a figure for each limit, a limit for each figure, and no figure above its limit.
///
/// # Errors
/// Names every figure that is wrong, with both numbers.
pub(super) fn check(figures: &Figures) -> Result<()> {
    for key in figures.keys() {
        let limited = LIMITS.iter().any(|(known, _)| known == key);
        ensure!(limited, "{key} has no limit: add it to the table of limits");
    }
    let mut faults = Vec::new();
    for (key, limit) in LIMITS {
        match figures.get(key) {
            Some(gas) if *gas > limit => {
                faults.push(format!("{key} is {gas} gas, at most {limit} are allowed"));
            }
            Some(_) => {}
            None => faults.push(format!("{key} was not measured")),
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

/// The figures as a table, each with what is left of its limit.
pub(super) fn table(figures: &Figures) -> String {
    let mut lines = format!("{:<36} {:>9} {:>9} {:>8}\n", "gas", "figure", "limit", "left");
    for (key, limit) in LIMITS {
        let Some(gas) = figures.get(key) else { continue };
        let left = i128::from(limit) - i128::from(*gas);
        let verdict = if left < 0 { "  LIMIT NOT REACHED" } else { "" };
        lines.push_str(&format!("{key:<36} {gas:>9} {limit:>9} {left:>8}{verdict}\n"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Figures, LIMITS, check, table};

    fn at_limits() -> Figures {
        LIMITS
            .iter()
            .map(|(key, limit)| ((*key).to_owned(), *limit))
            .collect()
    }

    #[test]
    fn accepts_figures_up_to_their_limits() {
        check(&at_limits()).unwrap();
    }

    #[test]
    fn refuses_each_figure_above_its_limit_with_key_and_both_numbers() {
        for (key, limit) in LIMITS {
            let mut figures = at_limits();
            figures.insert(key.to_owned(), limit + 1);
            let text = check(&figures).unwrap_err().to_string();
            assert_eq!(
                text,
                format!("{key} is {} gas, at most {limit} are allowed", limit + 1)
            );
        }
    }

    #[test]
    fn the_table_says_in_capitals_which_limit_is_not_reached() {
        let mut figures = at_limits();
        assert!(!table(&figures).contains("NOT REACHED"));
        figures.insert("beacon_account_proof".into(), 85_001);
        let table = table(&figures);
        let marked: Vec<&str> = table
            .lines()
            .filter(|line| line.contains("LIMIT NOT REACHED"))
            .collect();
        assert!(
            matches!(marked[..], [line] if line.starts_with("beacon_account_proof")),
            "{table}"
        );
    }

    #[test]
    fn refuses_a_figure_that_is_missing_and_one_that_has_no_limit() {
        let mut figures = at_limits();
        figures.remove("beacon_account_proof");
        assert_eq!(
            check(&figures).unwrap_err().to_string(),
            "beacon_account_proof was not measured"
        );
        let mut figures = at_limits();
        figures.insert("beacon_update_absent_1".into(), 1);
        assert!(check(&figures).unwrap_err().to_string().contains("no limit"));
    }
}
