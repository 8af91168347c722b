//! The suite of `scenarios` on the two networks: the same contracts, the same relayer, the same acts as in the demo, at
//! the pace of real chains.
//!
//! The bridge is built while nothing is final yet. A client learns the next committee from the one best update that a
//! beacon node keeps of each period, and that update proves the router's account: a client that was started in a period
//! whose best update is older than the router could never leave that period.
//!
//! Decides how much is sent and how long may be waited. Everything waits for the same run: the acts follow each other
//! while the committees rotate by themselves and the law's own light client follows along.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use networks::Network;
use scenarios::{Bridge, Job, Packets, Program, Report, Say, Side, Size, gas, trusted};

use crate::{RELAYER, follow_sites, watch};

/// Finality takes two to three epochs of 24 s on each side, longer when participation is below two thirds.
const SIZE: Size = Size {
    transfers: 3,
    returns: 2,
    in_flight: 2,
    rotations: 1,
    patience: Duration::from_secs(600),
};

/// Carries packets between `networks`; all files lie in `dir`.
///
/// # Errors
/// A packet is stuck, a balance is wrong, a committee was not followed, the law disagrees with a network, or a process
/// of a network ends.
pub(crate) async fn run(networks: &mut [Network; 2], dir: &Path, json: Option<&Path>) -> Result<()> {
    let sites = [networks[0].site().clone(), networks[1].site().clone()];
    let begun = Instant::now();
    let say = move |line: &str| println!("[{:>4} s] {line}", begun.elapsed().as_secs());
    let carried = async {
        let mut bridge = Bridge::build(Program::own(RELAYER)?, sites.clone(), dir, &say).await?;
        let followed = follow_sites([&sites[0], &sites[1]], SIZE.rotations);
        let (report, ()) = tokio::try_join!(acts(&mut bridge, &say), followed)?;
        bridge.stop_relayer().await?;
        Ok::<_, anyhow::Error>(report)
    };
    let report = tokio::select! {
        report = carried => report?,
        broken = watch(networks) => return broken,
    };
    print!("{report}");
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, text).with_context(|| format!("failed to write {}", file.display()))?;
    }
    let Packets {
        sent,
        acked,
        timed_out,
        lost,
        ..
    } = report.packets;
    ensure!(sent > 0 && lost == 0, "{lost} of {sent} packets were lost");
    ensure!(
        acked > 0 && timed_out > 0,
        "{acked} acknowledged and {timed_out} timed out: both have to happen"
    );
    Ok(())
}

/// All acts of the main job, during which each client has to learn a new committee.
async fn acts(bridge: &mut Bridge, say: Say<'_>) -> Result<Report> {
    let begun = Instant::now();
    let before = newest_periods(bridge).await?;
    let mut job = Job::new(bridge, SIZE, say).await?;
    job.there_and_back().await?;
    job.timeout().await?;
    job.poison().await?;
    job.crash().await?;
    let learned = newest_periods(job.bridge()).await?;
    for (before, learned) in before.iter().zip(&learned) {
        ensure!(
            *learned >= before + SIZE.rotations,
            "a client knows committees up to {learned}, from {before} on"
        );
    }
    say(&format!(
        "committees learned by the clients on chain: from periods {before:?} to {learned:?}"
    ));
    let packets = job.packets();
    let tracker = std::mem::take(&mut job.tracker);
    let first = tracker.packets().first().context("nothing was sent")?;
    let gas = gas::of_walk(bridge, Side::North, &first.sent).await?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Report {
        packets,
        attacks: Vec::new(),
        latency_ms: tracker.latency(),
        gas,
        seconds,
    })
}

/// The newest period whose committee each client on chain knows, North's first.
async fn newest_periods(bridge: &Bridge) -> Result<[u64; 2]> {
    let mut periods = [0; 2];
    for (period, side) in periods.iter_mut().zip([Side::North, Side::South]) {
        let client = &side.of(&bridge.ends).client;
        let known = trusted(&bridge.reader(side)?, client).await?;
        let newest = known.committees().map(|held| held.period.0).max();
        *period = newest.with_context(|| format!("{client} knows no committee"))?;
    }
    Ok(periods)
}
