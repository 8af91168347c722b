//! A chain of ibc-go across from a network of geth and Prysm, beside the bridge between both networks.
//!
//! The contracts are its own, and deployed as early as the bridge's: a client has to find the router in the first states that are
//! final. Decides how long things may take.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use networks::{CosmosChain, Stake, clean, let_in};
use scenarios::cosmos::Pace;
use scenarios::mixed::{Crossing, Ground, deploy_alone};
use scenarios::{AttackResult, Packets, Program, Say, Site, apart};

use crate::RELAYER;

/// Where the relayer's files and logs are kept.
pub(crate) const FOLDER: &str = "overseas";
/// What the second validator gains meanwhile.
const MORE_POWER: u64 = 20;

/// One side is final after half a second, the other after 75 s and more; a client is refreshed when a quarter of its trust period has
/// passed, and never so short of its end that a few late finalities would be too much.
const PACE: Pace = Pace {
    trust_period_secs: 720,
    recv_margin_secs: 40,
    long_secs: 20 * 60 * 60,
    patience_blocks: 240,
    lost_after_secs: 120,
    command_within: Duration::from_secs(900),
    settled_within: Duration::from_secs(900),
    refreshed_within: Duration::from_secs(600),
};

/// Carries tokens between `network` and `chain`; all files lie in `dir`.
///
/// # Errors
/// A step fails, a packet does not end as it has to, somebody owns what he should not, or a forgery is believed.
pub(crate) async fn run(
    dir: &Path,
    (network, chain): (&Site, &mut CosmosChain),
    say: Say<'_>,
) -> Result<(Packets, Vec<AttackResult>)> {
    let folder = clean(&dir.join(FOLDER))?;
    let program = Program::own(RELAYER)?;
    let name = chain.site().name.clone();
    let site = apart::evm(network, FOLDER).await?;
    let (evm, stored) = tokio::try_join!(deploy_alone(&program, &site, &folder), let_in(chain))?;
    let tell = |lines: Vec<String>| {
        for line in lines {
            say(&format!("{} and {name}: {line}", network.name));
        }
    };
    tell(stored);
    let ground = Ground {
        evm,
        hub: chain.seen(),
        pace: PACE,
    };
    let crossing = Crossing::build(program, ground, &folder).await;
    let mut crossing = crossing.with_context(|| format!("{} and {name}", network.name))?;
    tell(vec![format!("{} follow each other", crossing.ends())]);
    // Time passes by itself.
    let pass = async |_| {};
    let (found, attacks) = crossing.there_and_home(&pass).await?;
    tell(found);
    let before = crossing.heights().await?;
    let effective = chain.change_power(1, Stake::Add(MORE_POWER)).await?;
    tell(vec![format!("from height {effective} on other validators sign")]);
    tell(crossing.go_on_after(before, &pass).await?);
    Ok((crossing.packets(), attacks))
}
