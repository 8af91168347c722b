//! The attacks of docs/attacks.md, tried for real.
//!
//! An attack counts as refused only if the rule of its row refuses it: another error would mean that the rule was never
//! reached, and would stay unnoticed when it disappears. Nothing here knows what the outcome should be; the table does.

mod arena;
mod delivery;
mod headers;
mod pairing;
mod proofs;
mod reason;

pub use arena::Arena;

use crate::{job::Say, report::AttackResult};
use anyhow::{Context, Result, ensure};

/// The page that says what is tried and which rule refuses it.
const PAGE: &str = include_str!("../../../../docs/attacks.md");

/// One row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The attack.
    pub name: &'static str,
    /// The error, event or finding that must refuse it.
    pub rule: &'static str,
}

/// The rows of docs/attacks.md.
///
/// # Errors
/// The page holds no table, or a row of another shape.
pub fn table() -> Result<Vec<Expected>> {
    let rows = PAGE.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<Expected> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells[..] {
                [name, _, rule] => Ok(Expected { name, rule }),
                _ => anyhow::bail!(
                    "docs/attacks.md has a row of {} cells, not 3: {line}",
                    cells.len()
                ),
            }
        })
        .collect::<Result<_>>()?;
    ensure!(!rows.is_empty(), "docs/attacks.md lists no attack");
    Ok(rows)
}

/// Tries every attack of the table.
///
/// # Errors
/// An attack could not be set up: then nothing is known about it.
pub async fn run_all(arena: &mut Arena<'_>, say: Say<'_>) -> Result<Vec<AttackResult>> {
    let mut results = Vec::new();
    for Expected { name, rule } in table()? {
        let found = attempt(arena, name)
            .await
            .with_context(|| format!("failed to try the attack {name}"))?;
        say(&format!("{name}: {found}"));
        results.push(AttackResult {
            name: name.into(),
            refused: found == rule,
            rule: found,
        });
    }
    Ok(results)
}

async fn attempt(arena: &mut Arena<'_>, name: &str) -> Result<String> {
    match name {
        "third-of-committee" => headers::third_of_committee(arena).await,
        "edited-header" => headers::edited_header(arena).await,
        "stale-header" => headers::stale_header(arena).await,
        "forged-storage-proof" => proofs::forged_storage_proof(arena).await,
        "other-slot-proof" => proofs::other_slot_proof(arena).await,
        "replayed-packet" => proofs::replayed_packet(arena).await,
        "refund-of-delivered" => proofs::refund_of_delivered(arena).await,
        "squatted-client" => pairing::squatted_client(arena).await,
        "own-committee" => pairing::own_committee(arena).await,
        other => anyhow::bail!("docs/attacks.md lists {other}, which nobody wrote"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_attacks_with_one_rule_each() {
        let rows = table().unwrap();
        assert!(rows.len() >= 9, "{rows:?}");
        let mut names: Vec<_> = rows.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rows.len());
        assert!(
            rows.iter()
                .all(|row| !row.rule.is_empty() && !row.rule.contains(' '))
        );
    }
}
