//! The attacks of docs/attacks.md, tried for real.
//!
//! An attack counts as refused only if the rule of its row refuses it: another error would mean that the rule was never
//! reached, and would stay unnoticed when it disappears. Nothing here knows what the outcome should be; the table does.

mod arena;
mod attested;
mod conservation;
mod corrupted_leaf;
mod delivery;
mod forging;
mod halted;
mod headers;
mod heist;
mod honest;
mod inside;
pub(crate) mod lane;
mod lie;
mod limits;
mod outcome;
mod packed;
mod pairing;
mod proofs;
mod reentry;
mod replayed_digest;
mod starved;
mod thief;
mod twice;
mod verdict;
pub mod without;

pub use arena::Arena;
pub use outcome::Outcome;

use crate::{job::Say, report::AttackResult};
use anyhow::{Context, Result, ensure};

/// The page that says what is tried and which rule refuses it.
const PAGE: &str = include_str!("../../../../docs/attacks.md");

/// The attack whose packet must have expired.
const REFUND: &str = "refund-of-delivered";

/// One row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The attack.
    pub name: &'static str,
    /// The error, event or finding that must refuse it.
    pub rule: &'static str,
    /// What is taken out to see the attack succeed: a change of a contract, or a finding that is not heeded.
    pub taken_out: &'static str,
}

impl Expected {
    /// Whether a contract refuses it. Then `contracts/mutants` holds a change of that name, and the row links it.
    pub fn is_in_contract(&self) -> bool {
        self.taken_out
            .contains(&format!("(../contracts/mutants/{}.diff)", self.name))
    }
}

/// The rows of docs/attacks.md about two EVM chains.
///
/// # Errors
/// The page holds no table, or a row of another shape.
pub fn table() -> Result<Vec<Expected>> {
    nth_table(0)
}

/// Its rows about an EVM chain and a Cosmos chain.
///
/// # Errors
/// As [`table`].
pub fn mixed_table() -> Result<Vec<Expected>> {
    nth_table(1)
}

/// What must refuse the attack `name` between an EVM chain and a Cosmos chain.
pub(crate) fn mixed_rule(name: &str) -> Result<&'static str> {
    let rows = mixed_table()?;
    let row = rows.iter().find(|row| row.name == name);
    Ok(row
        .with_context(|| format!("docs/attacks.md has no row {name}"))?
        .rule)
}

fn nth_table(number: usize) -> Result<Vec<Expected>> {
    let heads = PAGE
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("|---"));
    let head = heads.map(|(at, _)| at).nth(number);
    let head = head.with_context(|| format!("docs/attacks.md has no table {}", number + 1))?;
    let rows = PAGE.lines().skip(head + 1);
    let rows: Vec<Expected> = rows
        .take_while(|line| line.starts_with('|'))
        .map(row)
        .collect::<Result<_>>()?;
    ensure!(
        !rows.is_empty(),
        "docs/attacks.md lists no attack in table {}",
        number + 1
    );
    Ok(rows)
}

fn row(line: &'static str) -> Result<Expected> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    match cells[..] {
        [name, _, rule, taken_out] => Ok(Expected {
            name,
            rule,
            taken_out,
        }),
        _ => anyhow::bail!(
            "docs/attacks.md has a row of {} cells, not 4: {line}",
            cells.len()
        ),
    }
}

/// Tries every attack of the table.
///
/// # Errors
/// An attack could not be set up: then nothing is known about it.
pub async fn run_all(arena: &Arena<'_>, say: Say<'_>) -> Result<Vec<AttackResult>> {
    let mut results = Vec::new();
    for Expected { name, rule, .. } in table()? {
        let found = attempt(arena, name)
            .await
            .with_context(|| format!("failed to try the attack {name}"))?;
        say(&format!("{name}: {found}"));
        results.push(AttackResult {
            name: name.into(),
            refused: found.is_refused_by(rule),
            rule: found.to_string(),
        });
    }
    Ok(results)
}

async fn attempt(arena: &Arena<'_>, name: &str) -> Result<Outcome> {
    match name {
        "third-of-committee" => headers::third_of_committee(arena).await,
        "edited-header" => headers::edited_header(arena).await,
        "stale-header" => headers::stale_header(arena).await,
        "forged-storage-proof" => proofs::forged_storage_proof(arena).await,
        "other-slot-proof" => proofs::other_slot_proof(arena).await,
        "replayed-packet" => proofs::replayed_packet(arena).await,
        REFUND => proofs::refund_of_delivered(arena).await,
        "squatted-client" => pairing::squatted_client(arena).await,
        "own-committee" => pairing::own_committee(arena).await,
        "over-limit-at-once" => limits::at_once(arena).await,
        "over-limit-in-pieces" => limits::in_pieces(arena).await,
        "cycled-limit" => limits::cycled(arena).await,
        "emptied-escrow" => conservation::emptied_escrow(arena).await,
        "edited-hold" => conservation::edited_hold(arena).await,
        "released-and-cancelled" => twice::released_and_cancelled(arena).await,
        "reentrant-token" => reentry::reentrant_token(arena).await,
        "digest-of-another-chain" => replayed_digest::of_another_chain(arena).await,
        "digest-of-another-contract" => replayed_digest::of_another_contract(arena).await,
        "corrupted-leaf" => corrupted_leaf::corrupted_leaf(arena).await,
        "payout-in-halted-asset" => halted::payout_in_halted_asset(arena).await,
        "send-in-halted-asset" => halted::send_in_halted_asset(arena).await,
        "receive-over-halted-client" => halted::receive_over_halted_client(arena).await,
        "batch-over-halted-client" => halted::batch_over_halted_client(arena).await,
        "thief-resumes" => thief::resumes(arena).await,
        "thief-halts-on" => thief::halts_on(arena).await,
        "thief-raises-limit" => thief::raises_limit(arena).await,
        "thief-redirects-hold" => thief::redirects_hold(arena).await,
        "call-into-router" => inside::call_into_router(arena).await,
        "nested-batch" => inside::nested_batch(arena).await,
        "starved-call" => starved::starved_call(arena).await,
        "starved-message" => starved::starved_message(arena).await,
        other => anyhow::bail!("docs/attacks.md lists {other}, which nobody wrote"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_what_is_taken_out_to_see_its_attack_succeed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/mutants");
        let mut changes: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".diff"))
            .collect();
        changes.sort();
        let rows = [table().unwrap(), mixed_table().unwrap()].concat();
        let (contract, other): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_in_contract());
        let mut named: Vec<_> = contract.iter().map(|row| format!("{}.diff", row.name)).collect();
        named.sort();
        assert_eq!(
            named, changes,
            "a change for every row and a row for every change"
        );
        let names: Vec<_> = other.iter().map(|row| row.name).collect();
        assert_eq!(
            names,
            ["own-committee", "wasm-edited-header", "wasm-edited-packet"],
            "no other is refused outside of the contracts"
        );
    }

    #[test]
    fn the_page_lists_attacks_with_one_rule_each() {
        let rows = [table().unwrap(), mixed_table().unwrap()].concat();
        assert!(rows.len() >= 36, "{rows:?}");
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
