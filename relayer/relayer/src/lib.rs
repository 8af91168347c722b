//! The relayer: its command line and its daemon.
//!
//! [`run_cli`] is the whole program; `main.rs` and the demo, which turns itself into a relayer process, call nothing else.
//! The daemon wires `relayer/core` (decides), `relayer/store` (remembers), `chain-evm` and `chain-cosmos` (fetch and send)
//! and `api` (shows) together.
//!
//! What this crate must never do: decide anything about a packet, or print a secret.

mod attestor_files;
mod cli;
mod cli_channel;
mod clock;
mod commands;
pub mod config;
mod daemon;
mod family;
mod log;
mod output;
mod packets;
mod policy_text;
mod view;

use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with `args`, the first of which is its name.
///
/// Exit codes: 0 done, 1 failed, 2 misused.
pub fn run_cli(args: impl Iterator<Item = OsString>) -> ExitCode {
    run(args.collect())
}

/// The same for one type of arguments, so that the relayer is compiled here once, and not in each program that becomes one.
fn run(args: Vec<OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let is_misuse = error.use_stderr();
            // A closed terminal is no reason to fail otherwise.
            drop(error.print());
            return if is_misuse {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("failed to start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(commands::execute(cli.command));
    // Readers of the store that hang must not keep the program from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("relayer: {error:#}");
            ExitCode::FAILURE
        }
    }
}
