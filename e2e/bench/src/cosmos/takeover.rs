//! `bench takeover`: the relayer goes on where another one stopped, on a channel that the other one opened.
//!
//! The other one is killed while packets are under way, and more are sent while nobody carries. `relayer path import` reads the channel,
//! and with what it prints alone the relayer has to carry all that lies there. The verdict is the chains': every token arrives, and no
//! commitment is left.

use super::ground::Ground;
use super::load::{Load, ONE_WITHIN};
use super::ours::Ours;
use super::peers::Peer;
use super::runner::{Runner, check_lane};
use super::store::open_commitments;
use super::{PEER_TRIES, started, tell_load, until_interrupted, wanted};
use anyhow::{Context, Result, bail, ensure};
use dice::Dice;
use networks::{stop_leftovers, tool};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long what lies there may take to its end; not a verdict, only an end.
const ENDED_WITHIN: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// From where the moments of single transfers follow: here they are of no matter.
const SEED: u64 = 1;

/// Whom the relayer replaces.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Transfers that are under way when the other one is killed, and as many more that are sent before the relayer starts.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    packets: u64,
    /// Only these peers; by default both. They have to be installed.
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Option<Vec<Peer>>,
    /// A binary of the relayer; by default this program's own build of it.
    #[arg(long)]
    relayer: Option<PathBuf>,
    /// Where all files and logs are kept; emptied at each start.
    #[arg(long, default_value = "target/bench-takeover")]
    dir: PathBuf,
}

/// Takes over from each peer and prints how that went.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    until_interrupted(replace_all(arguments), &arguments.dir)
}

async fn replace_all(arguments: &Arguments) -> Result<()> {
    let dir = std::path::absolute(&arguments.dir)?;
    for contestant in ["ours", "hermes", "rly"] {
        stop_leftovers(&dir.join(contestant))?;
    }
    tell_load();
    let ground = Ground::start(&dir).await?;
    for peer in wanted(arguments.peers.as_deref()) {
        let name = peer.tool();
        let program = tool(name);
        let program = program.with_context(|| {
            format!("{name} is not installed; install it by `cargo xtask install {name}`")
        })?;
        let theirs = peer.open(&ground, program).await?;
        let ours = Ours::new(arguments.relayer.as_deref())?;
        let found = replace(&ground, &theirs, ours, arguments.packets).await;
        println!("{}", found.with_context(|| format!("in place of {name}"))?);
    }
    Ok(())
}

/// Lets `theirs` carry, kills it, and goes on with the relayer.
async fn replace(ground: &Ground, theirs: &Runner, ours: Ours, packets: u64) -> Result<String> {
    let lane = &theirs.lane;
    check_lane(lane)?;
    let source = ground.rpcs()?[0];
    let mut load = Load::new(ground).await?;
    let mut node = started(&mut load, theirs, SEED, PEER_TRIES).await?;
    let before = load.arrived(lane).await?;
    load.send(lane, packets).await?;
    node.check()?;
    drop(node);
    let there = load.arrived(lane).await?.saturating_sub(before);
    load.send(lane, packets).await?;
    let began = Instant::now();
    let runner = ours.take_over(ground, lane).await?;
    let mut node = runner.start()?;
    while !open_commitments(source, lane, 0).await?.may_be_over {
        node.check()?;
        ensure!(
            began.elapsed() < ENDED_WITHIN,
            "packets of {lane:?} are under way after {} s",
            ENDED_WITHIN.as_secs()
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let took = began.elapsed();
    load.check_arrived(lane, before, 2 * packets).await?;
    let Some(one) = load.one(lane, &mut Dice::new(SEED), Duration::ZERO).await? else {
        bail!("the next transfer lies there for {} s", ONE_WITHIN.as_secs());
    };
    node.check()?;
    Ok(format!(
        "in place of {}: killed when {there} of {packets} transfers had arrived, {packets} more were sent; the channel is read, and all are acknowledged \
         {:.1} s later; the next one takes {:.2} s",
        theirs.name,
        took.as_secs_f64(),
        one.as_secs_f64()
    ))
}
