//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Real chains on loopback: two networks of geth and Prysm, two chains of ibc-go.
#[derive(Debug, Parser)]
#[command(name = "networks", version)]
pub(crate) struct Arguments {
    /// Where their files and logs are kept; emptied at each start.
    #[arg(long, default_value = "target/networks")]
    pub(crate) dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start both networks, print them as JSON once they have finalized something, and keep them until interrupted.
    Run,
    /// Follow both networks with the law's light client over rotations of their committees.
    Follow {
        /// How many rotations to see on each.
        #[arg(long, default_value_t = 2)]
        rotations: u64,
        /// Follow networks that run already: a file with what `run` printed.
        #[arg(long)]
        sites: Option<PathBuf>,
    },
    /// Start both networks, deploy the bridge on them and carry packets, while the law's light client follows along.
    Scenarios {
        /// Write the result as JSON to this file.
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Start both chains of ibc-go, print them as JSON once they make blocks, and keep them until interrupted.
    Cosmos,
    /// Start both chains of ibc-go, try the contract for 08-wasm on one, carry tokens between them, change their validators, and
    /// check headers and proofs on the way.
    CosmosCheck {
        /// Write the headers and proofs that were seen into this folder.
        #[arg(long)]
        record: Option<PathBuf>,
    },
    /// Start both chains of ibc-go, let a thousand packets grow old on them, and start a relayer that knows nothing; then the
    /// chains are away for a while, and prune what is old.
    OperatorsDay,
    /// Stop what a killed run left behind.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
        let given =
            Arguments::try_parse_from(["networks", "--dir", "a", "follow", "--rotations", "3"]).unwrap();
        assert!(matches!(
            given.command,
            Command::Follow {
                rotations: 3,
                sites: None
            }
        ));
        let given = Arguments::try_parse_from(["networks", "cosmos-check"]).unwrap();
        assert!(matches!(given.command, Command::CosmosCheck { record: None }));
        assert!(Arguments::try_parse_from(["networks", "fly"]).is_err());
    }
}
