//! Tries every attack of docs/attacks.md with the rule that refuses it and without: `attacks --mutants DIR [--only NAME]`.
//!
//! What is in DIR, `cargo xtask attacks` builds from `contracts/mutants`.

use anyhow::{Context, Result, bail, ensure};
use scenarios::{attacks::without, mixed};
use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")
        .and_then(|runtime| runtime.block_on(run(std::env::args().skip(1))));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(mut arguments: impl Iterator<Item = String>) -> Result<ExitCode> {
    let (mut mutants, mut only) = (None, None);
    while let Some(word) = arguments.next() {
        let value = arguments.next();
        match (word.as_str(), value) {
            ("--mutants", Some(folder)) => mutants = Some(PathBuf::from(folder)),
            ("--only", Some(name)) => only = Some(name),
            (word, _) => bail!("{word} is no option or lacks its value: attacks --mutants DIR [--only NAME]"),
        }
    }
    let mutants = mutants.context("no --mutants DIR; `cargo xtask attacks` builds one")?;
    let (only, say) = (only.as_deref(), |line: &str| println!("{line}"));
    let mut trials = without::run(&mutants, only, &say).await?;
    trials.extend(mixed::without::run(&mutants, only, &say).await?);
    ensure!(!trials.is_empty(), "no attack was tried");
    let failed: Vec<&str> = trials
        .iter()
        .filter(|trial| !trial.holds())
        .map(|trial| trial.row.name)
        .collect();
    if failed.is_empty() {
        println!("{} attacks, all succeed without their rule", trials.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} attacks, {} not refused by their rule or without success when it is out: {}",
        trials.len(),
        failed.len(),
        failed.join(", ")
    );
    Ok(ExitCode::FAILURE)
}
