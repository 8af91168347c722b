//! The `relayer` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    relayer::run_cli(std::env::args_os())
}
