//! Two embedded Cosmos chains as sites, and the whole scenario on them.

use super::carry::Carry;
use super::forged::too_few_signers;
use super::pace::Pace;
use super::site::CosmosSite;
use super::{BALANCE, STAKE, TOKEN};
use crate::job::Say;
use crate::program::Program;
use crate::report::Packets;
use crate::site::Role;
use crate::troubled;
use alloy_primitives::{B256, keccak256};
use anyhow::{Context, Result};
use cosmos_chain::validators::{Kind, Secret, Validators};
use cosmos_chain::{Chain, ChainConfig, Funded};
use devnet::Clock;
use std::path::Path;

/// Seconds of chain time in one of the wall: blocks every tenth of a second, so that packets under way meet whatever happens.
const SPEED: u32 = 50;

/// Names of the two chains.
const NAMES: [&str; 2] = ["east", "west"];
/// As both chains have it.
const SECONDS_PER_BLOCK: u64 = 5;
/// Packets that lie there on an operator's day, and the blocks between those of a hundred of them.
const PENDING: usize = 1_000;
const APART: u64 = 300;
/// Blocks by which one chain may be ahead of the other while time is made to pass.
const BLOCKS_AT_ONCE: u64 = 2;

/// Runs the scenario on two chains that are started for it: clients of each other, tokens there and home, a relayer that dies,
/// packets that come too late, a forged header, other validators. What the relayer writes lies in `folder`.
///
/// # Errors
/// A step fails, a packet does not end as it has to, somebody owns what he should not, or the forged header is believed.
pub async fn run(program: Program, folder: &Path, say: Say<'_>) -> Result<Packets> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let chains = start(&Clock::simulated(SPEED)).await?;
    let (sites, pass) = (sites(&chains), async |secs| pass(&chains, secs).await);
    let mut carry = Carry::build(program, sites.clone(), Pace::EMBEDDED, folder).await?;
    say(&format!(
        "two embedded Cosmos chains, one that signs with ed25519 and one with secp256k1, follow each other: {}",
        carry.ends()
    ));
    for found in carry.there_and_home(&pass).await? {
        say(&format!("between the Cosmos chains: {found}"));
    }
    let refused = too_few_signers((&sites[1], carry.clients()[1]), (&sites[0], &chains[0])).await?;
    say(&format!(
        "between the Cosmos chains: a forged header is refused: {refused}"
    ));
    // Nobody sends for a while, and in the meantime others sign.
    let before = carry.heights().await?;
    change_validators(&chains[0]);
    for found in carry.go_on_after(before, &pass).await? {
        say(&format!("between the Cosmos chains: {found}"));
    }
    let secrets = chains.each_ref().map(secrets);
    for found in carry
        .deceive(&sites, secrets.each_ref().map(Vec::as_slice))
        .await?
    {
        say(&format!("between the Cosmos chains: {found}"));
    }
    Ok(carry.packets())
}

/// An operator's day on two chains that are started for it: a relayer that starts with nothing behind a thousand packets, which lie
/// behind thousands of old blocks. What the relayer writes lies in `folder`.
///
/// # Errors
/// A step fails, or a packet does not end as it has to.
pub async fn operators_day(program: Program, folder: &Path, say: Say<'_>) -> Result<Packets> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let chains = start(&Clock::simulated(SPEED)).await?;
    let (sites, pass) = (sites(&chains), async |secs| pass(&chains, secs).await);
    let mut carry = Carry::build(program, sites, Pace::EMBEDDED, folder).await?;
    let found = carry
        .start_behind(PENDING, APART * SECONDS_PER_BLOCK, &pass, async || Ok(()))
        .await?;
    let heights = chains.each_ref().map(Chain::height);
    say(&format!("behind {heights:?} blocks: {found}"));
    Ok(carry.packets())
}

/// Packets between two chains that are started for it and come into one trouble after the other, which follow from `seed`. What the
/// relayer writes lies in `folder`.
///
/// # Errors
/// A packet does not end as it has to, or somebody owns what he should not. The seed and what came after what are named.
pub async fn in_trouble(program: Program, folder: &Path, seed: u64, say: Say<'_>) -> Result<Packets> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let chains = start(&Clock::simulated(SPEED)).await?;
    let mut carry = Carry::build(program, sites(&chains), Pace::EMBEDDED, folder).await?;
    say(&format!(
        "two Cosmos chains in trouble, seed {seed}: {}",
        carry.ends()
    ));
    let forgotten = Pace::EMBEDDED.patience_blocks * SECONDS_PER_BLOCK;
    let forget = async || pass(&chains, forgotten).await;
    let found = troubled::outlast(&mut carry, [&chains[0], &chains[1]], seed, forget).await?;
    say(&found);
    Ok(carry.packets())
}

/// The consensus keys of those who sign the newest block.
fn secrets(chain: &Chain) -> Vec<Secret> {
    let block = chain.block(chain.height());
    let members = block.map(|block| block.validators.members).unwrap_or_default();
    members.into_iter().map(|member| member.secret).collect()
}

/// Starts two chains on one clock, one that signs with ed25519 and one with secp256k1.
///
/// # Errors
/// A port can't be bound.
async fn start(clock: &Clock) -> Result<[Chain; 2]> {
    let start = |name: &'static str, revision: u64, kind: Kind| {
        let keys = keys(name);
        Chain::start(ChainConfig {
            validators: Validators::new(kind, 1, &[40, 30, 20, 10]),
            funded: keys.iter().map(funded).collect(),
            seconds_per_block: SECONDS_PER_BLOCK,
            clock: clock.clone(),
            ..ChainConfig::new(&format!("{name}-{revision}"))
        })
    };
    let east = start(NAMES[0], 1, Kind::Ed25519).await;
    let east = east.context("failed to start the first chain")?;
    let west = start(NAMES[1], 2, Kind::Secp256k1).await;
    Ok([east, west.context("failed to start the second chain")?])
}

/// Both chains as scenarios see them.
fn sites(chains: &[Chain; 2]) -> [CosmosSite; 2] {
    let site = |index: usize| CosmosSite {
        name: NAMES[index].into(),
        chain_id: chains[index].chain_id().into(),
        rpc_urls: vec![chains[index].rpc_url()],
        keys: keys(NAMES[index]),
    };
    [site(0), site(1)]
}

/// Lets `secs` pass on both chains, as fast as the machine makes their blocks.
async fn pass(chains: &[Chain; 2], secs: u64) {
    let blocks = secs.div_ceil(SECONDS_PER_BLOCK);
    for _ in 0..blocks.div_ceil(BLOCKS_AT_ONCE) {
        for chain in chains {
            chain.advance(BLOCKS_AT_ONCE);
        }
        // Both chains serve on threads of their own; what else waits in this program goes on here.
        tokio::task::yield_now().await;
    }
}

/// Other validators sign soon: of the old ones the two strongest stay.
pub(crate) fn change_validators(chain: &Chain) {
    let heirs = Validators::new(Kind::Ed25519, 1, &[40, 30]).members;
    let new = Validators::new(Kind::Secp256k1, 2, &[35, 5]).members;
    chain.set_validators(Validators::of([heirs, new].concat()));
}

fn keys(name: &str) -> Vec<B256> {
    let key = |role: &Role| keccak256(format!("weighbridge embedded {name} {role:?}"));
    Role::ALL.iter().map(key).collect()
}

pub(crate) fn funded(key: &B256) -> Funded {
    let coin = |denom: &str| (denom.to_owned(), u128::from(BALANCE));
    Funded {
        secret: key.0,
        coins: vec![coin(STAKE), coin(TOKEN)],
    }
}
