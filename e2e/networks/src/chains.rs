//! The two chains of ibc-go: kept for others, or examined.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use networks::{
    CosmosChain, Examined, PreparedCosmos, channels, clean, cosmos_pair, examine, judge_embedded, let_in,
    mutants, ordered, restore, simd, traffic, wasm_client,
};
use scenarios::cosmos::{Carry, CosmosSite, Pace, stepped};
use scenarios::{Program, apart};

use crate::RELAYER;
use crate::day::operators_day;
use crate::inland::Across;
use crate::paths::Paths;

/// Where the files and logs of the relayer over IBC v2 are kept, beside the folders of the chains.
pub(crate) const PATH: &str = "path";
/// The same of what runs over channels of IBC v1.
pub(crate) const CHANNELS: &str = "channels";
/// The same for the relayers between the chains and embedded EVM chains, and the ids of those.
pub(crate) const INLAND: [(&str, u64); 2] = [("inland-east", 4_401), ("inland-west", 4_402)];

/// How often kept chains are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Starts both chains and waits until both make blocks.
async fn launch(dir: &Path) -> Result<[CosmosChain; 2]> {
    let simd = simd()?;
    let [east, west] = cosmos_pair().map(|settings| PreparedCosmos::new(settings, &simd, dir));
    let (east, west) = (east?, west?);
    let (mut east, mut west) = (east.start()?, west.start()?);
    tokio::try_join!(east.wait_until_up(), west.wait_until_up())?;
    Ok([east, west])
}

/// Starts the first of the chains and waits until it makes blocks.
///
/// # Errors
/// It can't be started.
pub(crate) async fn launch_one(dir: &Path) -> Result<CosmosChain> {
    let simd = simd()?;
    let [settings, _] = cosmos_pair();
    let mut chain = PreparedCosmos::new(settings, &simd, dir)?.start()?;
    chain.wait_until_up().await?;
    Ok(chain)
}

/// Starts both chains, prints them and watches them.
///
/// # Errors
/// A chain can't be started, a process ends or a chain stands still.
pub(crate) async fn keep(dir: &Path) -> Result<()> {
    let mut chains = launch(dir).await?;
    let sites: Vec<_> = chains.iter().map(CosmosChain::site).collect();
    println!("{}", serde_json::to_string_pretty(&sites)?);
    loop {
        for chain in &mut chains {
            chain.check_moves().await?;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Starts both chains, sends on them, carries tokens between them and between each of them and an EVM chain, and examines headers,
/// changes of the validators and proofs meanwhile; what was seen goes into `record`.
///
/// # Errors
/// A chain can't be started, is not what a light client must find, or something is lost on the way to the other.
pub(crate) async fn check(dir: &Path, record: Option<&Path>) -> Result<()> {
    let begun = Instant::now();
    let say = move |line: &str| println!("[{:>4} s] {line}", begun.elapsed().as_secs());
    say("two chains of ibc-go start, two validators each");
    let [mut east, mut west] = launch(dir).await?;
    for chain in [&east, &west] {
        let site = chain.site();
        say(&format!(
            "{}: chain {} with {} keys makes blocks at {}",
            site.name,
            site.chain_id,
            site.consensus_keys,
            site.rpc_urls.join(" and ")
        ));
    }
    let whole = [&east, &west];
    let (in_east, in_west) = tokio::try_join!(let_in(&east), let_in(&west))?;
    say_of(say, &east, in_east);
    say_of(say, &west, in_west);
    // Who sends over the channel goes on beside all others.
    let sites = [
        apart::cosmos(&east.seen(), CHANNELS).await?,
        apart::cosmos(&west.seen(), CHANNELS).await?,
    ];
    // All of it waits: for blocks, for finality, for the lives of packets.
    let ([over_channel, between], of_east, of_west) = tokio::try_join!(
        between(dir, whole, sites, say),
        Across::carried(dir, INLAND[0], &east, say),
        Across::carried(dir, INLAND[1], &west, say),
    )?;
    let paths = Paths {
        over_channel,
        between,
        of_east,
        of_west,
    };
    refreshed(paths, [&mut east, &mut west], record, say).await?;
    let (of_east, of_west) = tokio::try_join!(judge_embedded(&east), judge_embedded(&west))?;
    say_of(say, &east, of_east);
    say_of(say, &west, of_west);
    operators_day(dir, [&mut east, &mut west], say).await?;
    drop([east, west]);
    say("relayer and chains are stopped");
    Ok(())
}

/// The operator's day alone.
///
/// # Errors
/// A chain can't be started, or a packet does not end as it has to.
pub(crate) async fn day(dir: &Path) -> Result<()> {
    let [mut east, mut west] = launch(dir).await?;
    operators_day(dir, [&mut east, &mut west], |line| println!("{line}")).await
}

/// Both versions of IBC between the chains, one after the other; the relayers go on running: that over a channel of IBC v1, for the
/// accounts of `sites`, and that over IBC v2.
async fn between(
    dir: &Path,
    chains: [&CosmosChain; 2],
    sites: [CosmosSite; 2],
    say: impl Fn(&str) + Copy,
) -> Result<[Carry; 2]> {
    let over_channel = over_channels(dir, chains, sites, say).await?;
    let folder = clean(&dir.join(PATH))?;
    let sites = chains.map(CosmosChain::seen);
    let mut carry = Carry::build(Program::own(RELAYER)?, sites, Pace::REAL, &folder).await?;
    say(&format!(
        "clients of each chain on the other are paired, the relayer runs: {}",
        carry.ends()
    ));
    for finding in carry.there_and_home(passes).await? {
        say(&finding);
    }
    Ok([over_channel, carry])
}

/// Time passes by itself.
pub(crate) async fn passes(_secs: u64) {}

/// IBC v1: opens channels and carries packets over them; what else is tried on the chains is tried meanwhile.
async fn over_channels(
    dir: &Path,
    chains: [&CosmosChain; 2],
    sites: [CosmosSite; 2],
    say: impl Fn(&str) + Copy,
) -> Result<Carry> {
    let [east, west] = chains;
    let folder = clean(&dir.join(CHANNELS))?;
    for finding in channels(Program::own(RELAYER)?, chains, &folder).await? {
        say(&finding);
    }
    for finding in ordered(Program::own(RELAYER)?, chains, &folder).await? {
        say(&finding);
    }
    let (in_east, in_west) = tokio::try_join!(traffic(east), traffic(west))?;
    say_of(say, east, in_east);
    say_of(say, west, in_west);
    let (in_east, in_west) = tokio::try_join!(mutants(east, west), mutants(west, east))?;
    say_of(say, east, in_east);
    say_of(say, west, in_west);
    let mut over_channel =
        Carry::take_over_channel(Program::own(RELAYER)?, sites, Pace::REAL, &folder).await?;
    say(&format!(
        "a channel is taken over, the relayer runs: {}",
        over_channel.ends()
    ));
    for finding in over_channel.there_and_home(passes).await? {
        say(&format!("over the channel {finding}"));
    }
    say_of(say, east, wasm_client(east).await?);
    Ok(over_channel)
}

/// Nobody sends for a while: the chains are examined, their validators change, and all clients have to be refreshed by themselves.
async fn refreshed(
    mut paths: Paths,
    [east, west]: [&mut CosmosChain; 2],
    record: Option<&Path>,
    say: impl Fn(&str) + Copy,
) -> Result<()> {
    let before = paths.heights().await?;
    let (eastern, western) = tokio::try_join!(examine(east), examine(west))?;
    for (chain, seen) in [(&*east, &eastern), (&*west, &western)] {
        let name = &chain.site().name;
        say_of(say, chain, seen.findings.clone());
        if let Some(folder) = record {
            let file = keep_record(folder, name, seen)?;
            say(&format!("{name}: recorded in {}", file.display()));
        }
    }
    let sites = [east.seen(), west.seen()];
    let (in_east, in_west) = tokio::try_join!(
        stepped(&sites[0], &sites[1], western.begin()?, &Pace::REAL),
        stepped(&sites[1], &sites[0], eastern.begin()?, &Pace::REAL),
    )?;
    say_of(say, east, vec![in_east]);
    say_of(say, west, vec![in_west]);
    let (in_east, in_west) = tokio::try_join!(restore(east), restore(west))?;
    say_of(say, east, vec![in_east]);
    say_of(say, west, vec![in_west]);
    for finding in paths.go_on_after(before).await? {
        say(&finding);
    }
    for finding in paths.deceive([&*east, &*west]).await? {
        say(&finding);
    }
    Ok(())
}

fn say_of(say: impl Fn(&str), chain: &CosmosChain, findings: Vec<String>) {
    for finding in findings {
        say(&format!("{}: {finding}", chain.site().name));
    }
}

fn keep_record(folder: &Path, name: &str, seen: &Examined) -> Result<PathBuf> {
    let file = folder.join(format!("{name}.json"));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, format!("{:#}\n", seen.record())))
        .with_context(|| format!("failed to write {}", file.display()))?;
    Ok(file)
}
