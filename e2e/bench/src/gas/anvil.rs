//! The chain on which gas is counted: a process of Foundry's anvil under Osaka rules.
//!
//! Not our embedded chain, so that what counts the gas is nothing that we wrote. It listens on loopback only and is
//! stopped with this value.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// How long it may take to listen.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The line that says where it listens begins so.
const LISTENING: &str = "Listening on ";

/// A running anvil.
pub(super) struct Anvil {
    child: Child,
    /// JSON-RPC.
    pub(super) url: String,
}

impl Anvil {
    /// The program that `cargo xtask install foundry` left in the cache: WEIGHBRIDGE_CACHE, or `.cache/weighbridge` in
    /// the home folder.
    ///
    /// # Errors
    /// It is not there; the error says how to install it.
    pub(super) fn installed() -> Result<PathBuf> {
        let cache = match std::env::var_os("WEIGHBRIDGE_CACHE") {
            Some(chosen) => PathBuf::from(chosen),
            None => {
                Path::new(&std::env::var_os("HOME").context("neither WEIGHBRIDGE_CACHE nor HOME is set")?)
                    .join(".cache/weighbridge")
            }
        };
        let program = cache.join("foundry/bin/anvil");
        ensure!(
            program.is_file(),
            "{} is missing: run `cargo xtask install foundry`",
            program.display()
        );
        Ok(program)
    }

    /// Starts `program` with a genesis at `time` (Unix seconds) and one funded account.
    ///
    /// # Errors
    /// It does not start, or does not listen in time.
    pub(super) fn start(program: &Path, time: u64) -> Result<Self> {
        let line = format!(
            "--hardfork osaka --host 127.0.0.1 --port 0 --accounts 1 --order fifo --timestamp {time}"
        );
        let mut child = Command::new(program)
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("failed to start {}", program.display()))?;
        let output = child.stdout.take();
        // From here on it is stopped whatever happens.
        let mut anvil = Self {
            child,
            url: String::new(),
        };
        let address = read_address(output.context("anvil has no output")?)
            .recv_timeout(START_LIMIT)
            .with_context(|| format!("anvil does not listen within {} s", START_LIMIT.as_secs()))?;
        anvil.url = format!("http://{address}");
        Ok(anvil)
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells the address once it is printed, and takes all other output away, so that the program never waits for us.
fn read_address(output: ChildStdout) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix(LISTENING) {
                let _ = tell.send(address.trim().to_owned());
            }
        }
    });
    told
}
