//! Benchmarks that print a figure and its unit.
//!
//! This file only tells them apart. A figure is measured on the real thing, and never fails for being slow. Started with a
//! word of its own first, this very program is the relayer, so that its process can be measured alone.

mod cosmos;
mod figures;
mod gas;
mod process;
mod relayer;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Prints figures and their units.
#[derive(Parser)]
struct Arguments {
    /// One group of figures; without it, those that need an idle machine and nothing that is installed.
    #[command(subcommand)]
    group: Option<Group>,
}

#[derive(Subcommand)]
enum Group {
    /// What transactions cost, against contracts/snapshots/gas.json and the limits.
    Gas(gas::Arguments),
    /// What an update costs the light client, beside the one signature check that nobody can avoid.
    Verify,
    /// What the relayer costs and how fast it is, over a thousand packets.
    Relayer,
    /// The relayer beside others between two real Cosmos chains: a thousand transfers, and one.
    Cosmos(cosmos::Arguments),
    /// The relayer takes over channels that others opened, in the middle of their work.
    Takeover(cosmos::takeover::Arguments),
}

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let program = words.next();
    let rest: Vec<_> = words.collect();
    if rest.first().is_some_and(|word| word == relayer::RELAYER) {
        return ::relayer::run_cli(program.into_iter().chain(rest.into_iter().skip(1)));
    }
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    match arguments.group {
        Some(Group::Gas(arguments)) => gas::run(&arguments),
        Some(Group::Verify) => verify::run(),
        Some(Group::Relayer) => relayer::run(),
        Some(Group::Cosmos(arguments)) => cosmos::run(&arguments),
        Some(Group::Takeover(arguments)) => cosmos::takeover::run(&arguments),
        None => verify::run().and_then(|()| relayer::run()),
    }
}
