//! `cargo demo`: the main job on two embedded chains, in one command and with nothing but Rust installed.
//!
//! Started with the word `relayer` first, this very program is the relayer: so the demo can kill it as a process of its
//! own. Wires and prints; what is done and judged is in `scenarios`.

mod arguments;
mod keep;
mod narrate;
mod run;

use std::process::ExitCode;

/// The first argument that turns this program into the relayer.
const RELAYER: &str = "relayer";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let rest: Vec<_> = arguments.collect();
    if rest.first().is_some_and(|word| word == RELAYER) {
        return relayer::run_cli(program.into_iter().chain(rest.into_iter().skip(1)));
    }
    run::demo()
}
