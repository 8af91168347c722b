//! The commands. Each reads the configuration, asks chains or the store, and prints data.

mod attestor;
mod channel;
mod client;
mod contract;
mod create;
mod import;
mod packet;
mod path;
mod update;
mod wait;

use crate::cli::{Command, Common, ConfigVerb};
use crate::config::{Config, Family, Problem};
use crate::family::Chain;
use crate::output::Format;
use crate::{daemon, log};
use anyhow::{Context, Result, anyhow, bail};
use chain_cosmos::Cosmos;
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
        Command::Channel(verb) => channel::execute(verb).await,
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
    /// Its router; a Cosmos chain needs none.
    Router,
}

/// The chain of that name in the configuration.
fn open_chain(config: &Config, name: &str, needs: Needs) -> Result<Chain> {
    let Some(entry) = config.chain(name) else {
        let known: Vec<&str> = config
            .chains
            .iter()
            .map(|chain| chain.name().0.as_str())
            .collect();
        bail!(
            "failed to find chain {name}: the configuration has {}",
            known.join(", ")
        );
    };
    let lacks_router = matches!(&entry.family, Family::Evm { has_router, .. } if !has_router);
    if needs == Needs::Router && lacks_router {
        bail!("failed to use chain {name}: it has no router; `relayer contract deploy` makes one");
    }
    Chain::open(entry)
        .map_err(|text| anyhow!("{text}"))
        .with_context(|| format!("failed to prepare chain {name}"))
}

/// The same of an EVM chain, for what no other chain has: `what`.
fn open_evm(config: &Config, name: &str, needs: Needs, what: &str) -> Result<Evm> {
    match open_chain(config, name, needs)? {
        Chain::Evm(evm) => Ok(*evm),
        Chain::Cosmos(_) => {
            bail!("failed to use chain {name}: {what}, and it is a Cosmos chain; name an EVM chain")
        }
    }
}

/// The same of a Cosmos chain.
fn open_cosmos(config: &Config, name: &str, what: &str) -> Result<Cosmos> {
    match open_chain(config, name, Needs::Endpoints)? {
        Chain::Cosmos(cosmos) => Ok(*cosmos),
        Chain::Evm(_) => {
            bail!("failed to use chain {name}: {what}, and it is an EVM chain; name a Cosmos chain")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const CONFIG: &str = include_str!("../../../../configs/relayer.toml");

    #[test]
    fn what_only_evm_chains_have_is_refused_on_another_with_the_reason() {
        let config = Config::parse(CONFIG, Path::new(".")).unwrap_or_else(|found| panic!("{found:?}"));
        let open = |name| open_evm(&config, name, Needs::Endpoints, "routers live on EVM chains");
        assert!(open("north").is_ok());
        for (name, words) in [
            ("hub", "routers live on EVM chains"),
            ("moon", "north, south, hub"),
        ] {
            let told = open(name).err().expect("refused").to_string();
            assert!(told.contains(name) && told.contains(words), "{told}");
        }
        let told = open_cosmos(&config, "north", "channels are Cosmos chains'").expect_err("refused");
        assert!(told.to_string().contains("channels are Cosmos chains'"), "{told}");
        assert!(open_cosmos(&config, "hub", "").is_ok());
        // A Cosmos chain has no router, and needs none.
        assert!(open_chain(&config, "hub", Needs::Router).is_ok());
    }
}
