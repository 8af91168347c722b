//! Starts the two real networks and does with them what the first argument says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use networks::{Followed, Network, Prepared, Programs, follow, pair, stop_leftovers};
use scenarios::Site;

/// First finality comes at slot 34, about 100 s after genesis; a busy machine takes longer.
const FINALITY_WITHIN: Duration = Duration::from_secs(420);

/// A rotation takes 64 slots of 3 s, and its finality two epochs more.
const ROTATIONS_WITHIN: Duration = Duration::from_secs(1_200);

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
    /// Follow both with the law's light client over rotations of their committees.
    Follow {
        /// How many rotations to see on each.
        #[arg(long, default_value_t = 2)]
        rotations: u64,
        /// Follow networks that run already: a file with what `run` printed.
        #[arg(long)]
        sites: Option<PathBuf>,
    },
    /// Stop what a killed run left behind.
    Stop,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Cli { dir, command } = Cli::parse();
    let dir = std::path::absolute(dir)?;
    match command {
        Command::Run => until_interrupted(keep(&dir)).await,
        Command::Follow { rotations, sites } => until_interrupted(follow_both(&dir, rotations, sites)).await,
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

/// Follows both networks; starts them unless `sites` names a file with running ones.
async fn follow_both(dir: &Path, rotations: u64, sites: Option<PathBuf>) -> Result<()> {
    let (_running, sites): (Option<_>, Vec<Site>) = match sites {
        Some(file) => (
            None,
            serde_json::from_slice(&std::fs::read(&file).context("failed to read the sites")?)?,
        ),
        None => {
            let networks = start(dir).await?;
            let sites = networks.iter().map(|network| network.site().clone()).collect();
            (Some(networks), sites)
        }
    };
    let [north, south] = sites.as_slice() else {
        bail!("two sites are wanted, {} are there", sites.len())
    };
    let [northern, southern] = pair();
    let (north, south) = tokio::try_join!(
        follow(north, &northern, rotations, ROTATIONS_WITHIN),
        follow(south, &southern, rotations, ROTATIONS_WITHIN),
    )?;
    for (name, followed) in [(northern.name, north), (southern.name, south)] {
        let Followed {
            accepted,
            too_few,
            rotations,
            newest,
        } = followed;
        println!(
            "{name}: accepted {accepted} updates up to slot {newest} over {rotations} rotations; \
             refused {too_few} below two thirds"
        );
    }
    Ok(())
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
