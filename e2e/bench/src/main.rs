//! Benchmarks that print a figure and its unit.
//!
//! This file only tells them apart. A figure is measured on the real thing or not printed: what is not there yet is an
//! error.

mod gas;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

/// Prints figures and their units.
#[derive(Parser)]
struct Arguments {
    /// One group of figures; without it, all that need an idle machine.
    #[command(subcommand)]
    group: Option<Group>,
}

#[derive(Subcommand)]
enum Group {
    /// What transactions cost, against contracts/snapshots/gas.json and the limits.
    Gas(gas::Arguments),
}

fn main() -> ExitCode {
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
        None => bail!("figures that need an idle machine are not measured yet; `bench gas` is"),
    }
}
