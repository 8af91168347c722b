//! The commands of the project: test, tidy, vectors, attacks, mutants, formal, artifacts, layout, gas, guide, wasm, bench, install.
//!
//! It starts programs and reads files; what a packet or a client is, it does
//! not know. Few dependencies, so that it is there in seconds on a fresh clone.

mod args;
mod commands;
mod formal;
mod guide;
mod install;
mod job;
mod layout;
mod mutants;
mod repo;
mod test;
mod tidy;
mod wasm;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use args::Command;
use install::Site;
use job::{Job, Limits};
use repo::Repo;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let repo = Repo::find()?;
    match command {
        Command::Test(scope) => test::run(&repo, &scope),
        Command::Tidy => tidy::run(&repo.root),
        Command::Vectors(args) => commands::vectors(&repo, &args).run_on_terminal(),
        Command::Attacks(args) => {
            install(&repo, &["foundry".to_owned()])?;
            let folder = mutants::changes::build(&repo, args::only(&args), &Job::run_on_terminal)?;
            commands::attacks(&repo, &folder).args(args).run_on_terminal()
        }
        Command::Formal(part) => {
            install(&repo, &["foundry".to_owned()])?;
            let log = repo.logs().join("formal.log");
            let limits = Limits {
                deadline: None,
                interrupted: test::interrupts()?,
            };
            let site = Site {
                repo: &repo,
                log: &log,
                limits: &limits,
            };
            formal::run(&repo, part.as_deref(), &site, &|line| println!("{line}"))
        }
        Command::Mutants(options) => {
            install(&repo, &["foundry".to_owned()])?;
            let limits = Limits {
                deadline: None,
                interrupted: test::interrupts()?,
            };
            mutants::checks::run(&repo, &options, &limits, &|line| println!("{line}"))
        }
        Command::Artifacts { check } => {
            install(&repo, &["foundry".to_owned()])?;
            commands::artifacts(&repo, check).run_on_terminal()
        }
        Command::Layout(intent) => {
            install(&repo, &["foundry".to_owned()])?;
            layout::run(&repo, intent, &Job::run_on_terminal)
        }
        Command::Gas(args) => {
            install(&repo, &["foundry".to_owned()])?;
            let folder = mutants::changes::build_without_guards(&repo, &Job::run_on_terminal)?;
            commands::gas(&repo, &folder).args(args).run_on_terminal()
        }
        Command::Guide => follow_guides(&repo),
        Command::Wasm(intent) => build_wasm(&repo, intent),
        Command::Bench(args) => commands::bench(&repo, &args).run_on_terminal(),
        Command::Install(tools) => install(&repo, &tools),
        Command::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
    }
}

/// Follows the how-to pages word for word.
fn follow_guides(repo: &Repo) -> Result<()> {
    install(repo, &["foundry".to_owned()])?;
    guide::PAGES
        .into_iter()
        .try_for_each(|page| guide::follow(repo, page, &Job::run_on_terminal))
}

/// Builds the code for 08-wasm, or compares it.
fn build_wasm(repo: &Repo, intent: wasm::Intent) -> Result<()> {
    std::fs::create_dir_all(repo.logs()).with_context(|| format!("create {}", repo.logs().display()))?;
    let log = repo.logs().join("wasm.log");
    let limits = Limits {
        deadline: None,
        interrupted: test::interrupts()?,
    };
    let site = Site {
        repo,
        log: &log,
        limits: &limits,
    };
    wasm::run(&site, intent, &|line| println!("{line}"))
        .with_context(|| format!("its log: {}", log.display()))
}

/// Installs the named tools, all that tests need if none is named.
fn install(repo: &Repo, tools: &[String]) -> Result<()> {
    std::fs::create_dir_all(repo.logs()).with_context(|| format!("create {}", repo.logs().display()))?;
    std::fs::create_dir_all(&repo.cache).with_context(|| format!("create {}", repo.cache.display()))?;
    let limits = Limits {
        deadline: None,
        interrupted: test::interrupts()?,
    };
    let all = [
        "cargo-deny",
        "foundry",
        "geth",
        "halmos",
        "prysm",
        "simd",
        "wasm-tools",
    ]
    .map(str::to_owned);
    for tool in if tools.is_empty() { &all } else { tools } {
        let log = repo.logs().join(format!("install-{tool}.log"));
        let site = Site {
            repo,
            log: &log,
            limits: &limits,
        };
        let installed = match tool.as_str() {
            "cargo-deny" => install::cargo_deny(&site),
            "foundry" => install::foundry(&site),
            "geth" => install::geth(&site),
            "halmos" => install::halmos(&site),
            "hermes" => install::hermes(&site),
            "prysm" => install::prysm(&site),
            "rly" => install::rly(&site),
            "simd" => install::simd(&site),
            "wasm-tools" => install::wasm_tools(&site),
            unknown => bail!(
                "no tool `{unknown}`; there are {}, and by name only hermes and rly",
                all.join(", ")
            ),
        };
        let place = installed.with_context(|| format!("install {tool}; its log: {}", log.display()))?;
        println!("{tool}: {}", place.display());
    }
    Ok(())
}
