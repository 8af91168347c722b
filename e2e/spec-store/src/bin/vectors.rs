//! `vectors consensus|devnet|ics23|tendermint DIR`: replays official cases, a capture, proofs of Cosmos stores or traces of
//! CometBFT clients, a line a case.
//!
//! Exit code 1 when anything differed or nothing ran, 2 when the command line is wrong.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use spec_store::{run_consensus, run_devnet, run_ics23, run_tendermint};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, folder] = arguments.as_slice() else {
        return usage();
    };
    let folder = PathBuf::from(folder);
    let mut out = io::stdout().lock();
    let tally = match kind.as_str() {
        "consensus" => run_consensus(&folder, &mut out),
        "devnet" => run_devnet(&folder, &mut out),
        "ics23" => run_ics23(&folder, &mut out),
        "tendermint" => run_tendermint(&folder, &mut out),
        _ => return usage(),
    };
    match tally {
        Ok(tally) if tally.is_good() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("failed to replay {}: {error:#}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: vectors consensus|devnet|ics23|tendermint DIR");
    ExitCode::from(2)
}
