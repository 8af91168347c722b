//! An operator's day on the chains of ibc-go: a thousand packets that have grown old, nodes that are away while the relayer runs, and
//! nodes that prune.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use networks::{CosmosChain, Manner, clean};
use scenarios::Program;
use scenarios::cosmos::{Carry, Pace};
use tokio::sync::Mutex;

use crate::RELAYER;
use crate::chains::passes;

/// Where the files and logs of the relayer are kept.
pub(crate) const FOLDER: &str = "day";

/// Packets that lie there when a relayer starts with nothing.
const LYING: usize = 1_000;
/// Blocks that pass before that.
const OLD: u64 = 2_500;
/// How long they may take.
const OLD_WITHIN: Duration = Duration::from_secs(600);
/// How long nobody answers for the chains.
const AWAY: Duration = Duration::from_secs(4);
/// Blocks and states that are kept where what is old is pruned.
const KEEPS: u64 = 150;

/// Blocks as fast as they can be made, while nobody is there.
const HASTE: Manner = Manner {
    commit_pause: Duration::from_millis(1),
    gossip_pause: Duration::from_millis(2),
    keeps: None,
};
/// Blocks of about half a second.
const NORMAL: Manner = Manner {
    commit_pause: Duration::from_millis(500),
    gossip_pause: Duration::from_millis(100),
    keeps: None,
};
const PRUNING: Manner = Manner {
    keeps: Some(KEEPS),
    ..NORMAL
};

/// - `say`: gets a line for each thing that was found.
///
/// # Errors
/// A process ends, or a packet does not end as it has to.
pub(crate) async fn operators_day(
    dir: &Path,
    chains: [&mut CosmosChain; 2],
    say: impl Fn(&str),
) -> Result<()> {
    let folder = clean(&dir.join(FOLDER))?;
    let sites = [chains[0].seen(), chains[1].seen()];
    let chains = Mutex::new(chains);
    let mut carry = Carry::take_over_channel(Program::own(RELAYER)?, sites, Pace::PATIENT, &folder).await?;

    let age = async || age(&mut *chains.lock().await).await;
    let found = carry.start_behind(LYING, 0, passes, age).await?;
    say(&format!("behind {OLD} old blocks {found}"));
    let away = async || restart(&mut *chains.lock().await, PRUNING).await;
    say(&carry.outlast(away).await?);
    prune(&mut *chains.lock().await).await?;
    say(&carry.start_pruned().await?);
    carry.stop().await
}

/// Lets thousands of blocks pass.
async fn age(chains: &mut [&mut CosmosChain; 2]) -> Result<()> {
    restart(chains, HASTE).await?;
    let [east, west] = chains;
    tokio::try_join!(
        east.pass_blocks(OLD, OLD_WITHIN),
        west.pass_blocks(OLD, OLD_WITHIN)
    )?;
    restart(chains, NORMAL).await.map(drop)
}

/// Both chains are away for a while and come back.
async fn restart(chains: &mut [&mut CosmosChain; 2], manner: Manner) -> Result<String> {
    chains.iter_mut().for_each(|chain| chain.stop());
    tokio::time::sleep(AWAY).await;
    let [east, west] = chains;
    tokio::try_join!(east.start_again(manner), west.start_again(manner))?;
    Ok(format!(
        "all nodes of both chains were stopped for {} s",
        AWAY.as_secs()
    ))
}

/// Waits until nodes that prune have thrown away the blocks in which the path was made.
async fn prune(chains: &mut [&mut CosmosChain; 2]) -> Result<()> {
    for chain in chains {
        chain.pass_blocks(1, OLD_WITHIN).await?;
        let earliest = chain.earliest().await?;
        ensure!(
            earliest > OLD / 2,
            "{} has pruned nothing from block {earliest} on",
            chain.site().name
        );
    }
    Ok(())
}
