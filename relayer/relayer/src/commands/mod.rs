//! The commands. Each reads the configuration, asks chains or the store, and prints data.

mod attestor;
mod client;
mod contract;
mod packet;
mod path;
mod update;
mod wait;

use crate::cli::{Command, Common, ConfigVerb};
use crate::config::{Config, Problem};
use crate::output::Format;
use crate::{daemon, log};
use anyhow::{Context, Result, anyhow, bail};
use chain_evm::Evm;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Runs one command.
pub(crate) async fn execute(command: Command) -> Result<ExitCode> {
    match command {
        Command::Run(common) => {
            let config = load(&common)?;
            let missing = config.missing_to_run();
            if !missing.is_empty() {
                bail!("failed to run with this configuration:\n{}", listed(&missing));
            }
            daemon::run(config).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Config(ConfigVerb::Check(common)) => check(&common),
        Command::Contract(verb) => contract::execute(verb).await,
        Command::Client(verb) => client::execute(verb).await,
        Command::Attestor(verb) => attestor::execute(verb).await,
        Command::Path(verb) => path::execute(verb).await,
        Command::Packet(verb) => packet::execute(verb).await,
    }
}

/// The configuration, with the log started by it.
fn load(common: &Common) -> Result<Config> {
    let config = Config::load(&common.config).map_err(|problems| {
        let shown = common.config.display();
        anyhow!("failed to use {shown}:\n{}", listed(&problems))
    })?;
    let mut log = config.log.clone();
    log.is_json |= common.json;
    log::start(&log)?;
    Ok(config)
}

/// One problem a line.
fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    lines.join("\n")
}

fn check(common: &Common) -> Result<ExitCode> {
    let (problems, missing) = match Config::load(&common.config) {
        Ok(config) => (Vec::new(), config.missing_to_run()),
        Err(problems) => (problems, Vec::new()),
    };
    let shown = |problems: &[Problem]| -> Vec<Value> {
        let one = |problem: &Problem| json!({"key": problem.key, "problem": problem.text});
        problems.iter().map(one).collect()
    };
    // What other commands can do without is no fault of the configuration.
    Format::of(common.json).print(&json!({
        "ok": problems.is_empty(),
        "problems": shown(&problems),
        "missing_to_run": shown(&missing),
    }))?;
    Ok(if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What a command needs of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Only its endpoints.
    Endpoints,
    /// Its router.
    Router,
}

/// The chain of that name in the configuration.
fn open_chain(config: &Config, name: &str, needs: Needs) -> Result<Evm> {
    let Some(entry) = config.chain(name) else {
        let known: Vec<&str> = config
            .chains
            .iter()
            .map(|chain| chain.settings.name.0.as_str())
            .collect();
        bail!(
            "failed to find chain {name}: the configuration has {}",
            known.join(", ")
        );
    };
    if needs == Needs::Router && !entry.has_router {
        bail!("failed to use chain {name}: it has no router; `relayer contract deploy` makes one");
    }
    Evm::new(entry.settings.clone())
        .map_err(|text| anyhow!("{text}"))
        .with_context(|| format!("failed to prepare chain {name}"))
}
