//! The command line of the demo.

use clap::Parser;
use std::path::PathBuf;

/// Carries packets between two embedded chains, breaks what can break, and attacks itself.
#[derive(Clone, Debug, Parser)]
#[command(name = "demo", version)]
pub(crate) struct Arguments {
    /// Print plain lines: no colour, whatever the terminal.
    #[arg(long)]
    pub(crate) headless: bool,
    /// Afterwards leave chains and relayer running and print addresses, keys and endpoints; ends with Ctrl-C.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Write the result as JSON to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Keep configuration, store and logs in this new folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
        let given = Arguments::try_parse_from(["demo", "--headless", "--json", "out.json"]).unwrap();
        assert!(given.headless && !given.keep && given.json.is_some());
        assert!(Arguments::try_parse_from(["demo", "--unknown"]).is_err());
    }
}
