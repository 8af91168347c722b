//! The suite of `scenarios` on the two networks: the same contracts, the same relayer, the same acts as in the demo, at
//! the pace of real chains.
//!
//! The bridge is built while nothing is final yet. A client learns the next committee from the one best update that a
//! beacon node keeps of each period, and that update proves the router's account: a client that was started in a period
//! whose best update is older than the router could never leave that period.
//!
//! At the same time a chain of ibc-go and one of the networks follow each other ([`overseas`]).
//!
//! Decides how much is sent and how long may be waited. Everything waits for the same run: all acts share two waves of
//! packets, while the committees rotate by themselves and the law's own light client follows along.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use networks::clean;
use scenarios::{Bridge, Job, Packets, Program, Report, Say, Side, Size, Tracker, gas, operator};

use crate::{RELAYER, chains, follow_sites, launch, overseas, watch};

/// A packet is acknowledged after two finalities, of two to three epochs of 24 s each; a slow machine that misses slots,
/// or participation below two thirds, takes several times as long.
const SIZE: Size = Size {
    transfers: 3,
    returns: 2,
    in_flight: 2,
    rotations: 1,
    patience: Duration::from_secs(900),
    look_every: Duration::from_secs(1),
};

/// Where the bridge's files and logs are kept, beside the folders of the networks.
pub(crate) const FOLDER: &str = "bridge";

/// Starts both networks and carries packets between them, and between one of them and a chain of ibc-go; all files lie in `dir`.
///
/// # Errors
/// A packet is stuck, a balance is wrong, a committee was not followed, the law disagrees with a network, or a process
/// of a network ends.
pub(crate) async fn run(dir: &Path, json: Option<&Path>) -> Result<()> {
    let begun = Instant::now();
    let say = move |line: &str| println!("[{:>4} s] {line}", begun.elapsed().as_secs());
    let folder = clean(&dir.join(FOLDER))?;
    say("two networks start, geth, a beacon node and its validator each, and a chain of ibc-go");
    let (mut networks, mut hub) = tokio::try_join!(launch(dir), chains::launch_one(dir))?;
    let sites = [networks[0].site().clone(), networks[1].site().clone()];
    say("all make blocks");
    let carried = async {
        let program = Program::own(RELAYER)?;
        let bridged = async {
            let mut bridge = Bridge::build(program.clone(), sites.clone(), &folder, &say).await?;
            let followed = follow_sites([&sites[0], &sites[1]], SIZE.rotations);
            let (report, ()) = tokio::try_join!(acts(&mut bridge, &say), followed)?;
            bridge.stop_relayer().await?;
            Ok::<_, anyhow::Error>(report)
        };
        let crossed = overseas::run(dir, (&sites[0], &mut hub), &say);
        let (report, (packets, attacks)) = tokio::try_join!(bridged, crossed)?;
        Ok::<_, anyhow::Error>(Report {
            evm_cosmos: Some(packets),
            attacks,
            ..report
        })
    };
    let report = tokio::select! {
        report = carried => report?,
        broken = watch(&mut networks) => return broken,
    };
    drop(networks);
    drop(hub);
    say("relayers, networks and the chain are stopped");
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

/// All acts of the main job, during which each client has to learn a new committee, seen through the relayer's commands.
async fn acts(bridge: &mut Bridge, say: Say<'_>) -> Result<Report> {
    let begun = Instant::now();
    let before = bridge.newest_periods().await?;
    operator::check_path(bridge).await?;
    let mut job = Job::new(bridge, SIZE, say).await?;
    let look = async |bridge: &Bridge, tracker: &Tracker| {
        let live = operator::check_live(bridge, tracker.packets()).await?;
        say(&format!(
            "`packet list` tells of {live} live packets where they are, why, and what is next"
        ));
        Ok(())
    };
    job.together(look).await?;
    let packets = job.packets();
    let tracker = std::mem::take(&mut job.tracker);

    say(
        "balances, escrows and vouchers add up; waiting until the relayer's own account says the same as the chains",
    );
    operator::check_ends(bridge, tracker.packets(), SIZE.patience).await?;
    operator::check_path(bridge).await?;
    let learned = bridge.newest_periods().await?;
    for (before, learned) in before.iter().zip(&learned) {
        ensure!(
            *learned >= before + SIZE.rotations,
            "a client knows committees up to period {learned}, from {before} on"
        );
    }
    say(&format!(
        "committees known to the clients on chain: from periods {before:?} to {learned:?}"
    ));
    let first = tracker.packets().first().context("nothing was sent")?;
    let gas = gas::of_walk(bridge, Side::North, &first.sent).await?;
    Ok(Report {
        packets,
        cosmos: None,
        evm_cosmos: None,
        attacks: Vec::new(),
        latency_ms: tracker.latency(),
        gas,
        seconds: begun.elapsed().as_secs_f64(),
    })
}
