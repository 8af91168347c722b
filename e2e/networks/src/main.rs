//! Starts the two real networks, or the two chains of ibc-go, and does with them what the first argument says.
//!
//! Started with the word `relayer` first, this very program is the relayer, so that scenarios can kill it as a process
//! of its own.

mod arguments;
mod chains;
mod day;
mod inland;
mod overseas;
mod paths;
mod scenario;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use arguments::{Arguments, Command};
use clap::Parser;
use networks::{Followed, Network, Prepared, Programs, cosmos_pair, follow, pair, stop_leftovers};
use scenarios::Site;

/// The first argument that turns this program into the relayer.
const RELAYER: &str = "relayer";
/// First finality comes at slot 34, about 100 s after genesis; a busy machine takes longer.
const FINALITY_WITHIN: Duration = Duration::from_secs(420);
/// A rotation takes 64 slots of 3 s, and its finality two epochs more.
const ROTATIONS_WITHIN: Duration = Duration::from_secs(1_200);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let rest: Vec<_> = arguments.collect();
    if rest.first().is_some_and(|word| word == RELAYER) {
        return relayer::run_cli(program.into_iter().chain(rest.into_iter().skip(1)));
    }
    let arguments = Arguments::parse();
    let dir = arguments.dir.clone();
    let outcome = tokio::runtime::Runtime::new()
        .context("failed to start the runtime")
        .and_then(|runtime| runtime.block_on(until_interrupted(perform(arguments))));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "failed: {error:#}\nthe logs of all processes are under {}",
                dir.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// Runs `work` until it ends or a signal asks to stop; either way what it holds is dropped, and so stopped.
///
/// # Errors
/// The work failed, or was interrupted before its end.
async fn until_interrupted(work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("failed to listen for SIGTERM")?;
    tokio::select! {
        ended = work => ended,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("asked to stop"),
    }
}

async fn perform(Arguments { dir, command }: Arguments) -> Result<()> {
    let dir = std::path::absolute(dir)?;
    match command {
        Command::Run => keep(&dir).await,
        Command::Follow { rotations, sites } => follow_both(&dir, rotations, sites.as_deref()).await,
        Command::Scenarios { json } => scenario::run(&dir, json.as_deref()).await,
        Command::Cosmos => chains::keep(&dir).await,
        Command::OperatorsDay => chains::day(&dir).await,
        Command::CosmosCheck { record } => chains::check(&dir, record.as_deref()).await,
        Command::Stop => pair()
            .map(|settings| settings.name)
            .into_iter()
            .chain(cosmos_pair().map(|settings| settings.name))
            .chain([
                scenario::FOLDER,
                overseas::FOLDER,
                chains::CHANNELS,
                chains::PATH,
                day::FOLDER,
            ])
            .chain(chains::INLAND.map(|(folder, _)| folder))
            .try_for_each(|name| stop_leftovers(&dir.join(name))),
    }
}

/// Starts both networks and waits until both make blocks.
async fn launch(dir: &Path) -> Result<[Network; 2]> {
    let programs = Programs::installed()?;
    let [north, south] = pair().map(|settings| Prepared::new(settings, &programs, dir));
    let (north, south) = (north?, south?);
    let (mut north, mut south) = (north.start()?, south.start()?);
    tokio::try_join!(north.wait_until_up(), south.wait_until_up())?;
    Ok([north, south])
}

/// Starts both networks and waits until light clients can follow them.
async fn start(dir: &Path) -> Result<[Network; 2]> {
    let [mut north, mut south] = launch(dir).await?;
    tokio::try_join!(
        north.wait_until_finalized(1, FINALITY_WITHIN),
        south.wait_until_finalized(1, FINALITY_WITHIN),
    )?;
    Ok([north, south])
}

/// Starts both networks, prints them and watches them.
async fn keep(dir: &Path) -> Result<()> {
    let mut networks = start(dir).await?;
    let sites: Vec<_> = networks.iter().map(Network::site).collect();
    println!("{}", serde_json::to_string_pretty(&sites)?);
    watch(&mut networks).await
}

/// Looks at both networks until a process of theirs ends or one stands still.
async fn watch(networks: &mut [Network; 2]) -> Result<()> {
    loop {
        for network in networks.iter_mut() {
            network.check_moves().await?;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// Follows both networks; starts them unless `sites` names a file with running ones.
async fn follow_both(dir: &Path, rotations: u64, sites: Option<&Path>) -> Result<()> {
    let (_running, sites): (Option<_>, Vec<Site>) = match sites {
        Some(file) => {
            let text = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
            (
                None,
                serde_json::from_slice(&text).context("the sites are not what `run` prints")?,
            )
        }
        None => {
            let networks = start(dir).await?;
            let sites = networks.iter().map(|network| network.site().clone()).collect();
            (Some(networks), sites)
        }
    };
    let [north, south] = sites.as_slice() else {
        bail!("two sites are wanted, {} are there", sites.len())
    };
    follow_sites([north, south], rotations).await
}

/// Follows two running networks and prints what was seen.
async fn follow_sites([north, south]: [&Site; 2], rotations: u64) -> Result<()> {
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
            "{name}: the law accepted {accepted} updates up to slot {newest} over {rotations} rotations, and refused \
             {too_few} below two thirds"
        );
    }
    Ok(())
}
