//! Starts the two real networks and does with them what the first argument says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use networks::{Network, Prepared, Programs, pair, stop_leftovers};

/// First finality comes at slot 34, about 100 s after genesis; a busy machine takes longer.
const FINALITY_WITHIN: Duration = Duration::from_secs(420);

/// Two real proof-of-stake networks on loopback.
#[derive(Parser)]
struct Cli {
    /// Where their files are kept; emptied at each start.
    #[arg(long, default_value = "target/networks")]
    dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start both, print them as JSON once they have finalized something, and keep them until interrupted.
    Run,
    /// Stop what a killed run left behind.
    Stop,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Cli { dir, command } = Cli::parse();
    let dir = std::path::absolute(dir)?;
    match command {
        Command::Run => until_interrupted(keep(&dir)).await,
        Command::Stop => pair()
            .iter()
            .try_for_each(|settings| stop_leftovers(&dir.join(settings.name))),
    }
}

/// Starts both networks and waits until light clients can follow them.
async fn start(dir: &Path) -> Result<[Network; 2]> {
    let programs = Programs::installed()?;
    let [north, south] = pair().map(|settings| Prepared::new(settings, &programs, dir));
    let (north, south) = (north?, south?);
    let (mut north, mut south) = (north.start()?, south.start()?);
    tokio::try_join!(north.wait_until_up(), south.wait_until_up())?;
    tokio::try_join!(
        north.wait_until_finalized(1, FINALITY_WITHIN),
        south.wait_until_finalized(1, FINALITY_WITHIN)
    )?;
    Ok([north, south])
}

/// Starts both networks, prints them and watches them.
async fn keep(dir: &Path) -> Result<()> {
    let mut networks = start(dir).await?;
    let sites: Vec<_> = networks.iter().map(Network::site).collect();
    println!("{}", serde_json::to_string_pretty(&sites)?);
    loop {
        networks.iter_mut().try_for_each(Network::check)?;
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// Runs `work` until it ends or a signal asks to stop; either way what it holds is dropped, and so stopped.
async fn until_interrupted(work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("failed to listen for SIGTERM")?;
    tokio::select! {
        ended = work => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
