//! Validators who break their word, between Cosmos chains: they sign what never was, and a client is made to believe it. The
//! relayer has to find it out by itself and show the client the chain's own header, so that the client freezes.
//!
//! Once while the relayer does not run, with another block of a height that the chain has; once while it runs, with a block of
//! a height that the chain has not reached. The verdict is the chain's: its client is frozen, and was not before.

use std::time::Duration;

use anyhow::{Context, Result};
use chain_cosmos::Rpc;
use cosmos_chain::hand::{Seen, update};
use cosmos_chain::validators::ibc::Header;
use cosmos_chain::validators::{Ballot, Block, Secret, raw};
use tokio::time::sleep;

use super::carry::Carry;
use super::sent::{deliver, rules, wallet};
use super::served::{height, signers};
use super::site::CosmosSite;
use crate::haul::Haul;
use crate::site::Role;

/// By how much the second forgery is ahead of the chain.
const AHEAD: u64 = 1_000_000;
/// How often a chain is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);
const PATIENCE_BLOCKS: u64 = 600;
/// Looks at a chain in a row that may find no newer block, or somebody's honest update before the forgery.
const TRIES: usize = 20;

/// A header that never was.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Forgery {
    /// Another block of the newest height.
    Fork,
    /// A block far ahead, as old as the newest one.
    Ahead,
}

/// A client that is to be deceived, and the chain that it follows.
struct Victim<'a> {
    client: String,
    host: &'a CosmosSite,
    tracked: &'a CosmosSite,
    /// Consensus keys of the tracked chain's validators.
    secrets: &'a [Secret],
}

/// Deceives both clients of a path whose relayer was stopped; says in a line each what was found.
///
/// - `secrets`: of each chain the consensus keys of those who may be its validators.
///
/// # Errors
/// A client does not believe the forgery, freezes by itself, or is not shown the truth in time.
pub(super) async fn deceive(
    carry: &mut Carry,
    sites: &[CosmosSite; 2],
    secrets: [&[Secret]; 2],
) -> Result<Vec<String>> {
    let clients = carry.clients().map(str::to_owned);
    let victim = |side: usize| Victim {
        client: clients[side].clone(),
        host: &sites[side],
        tracked: &sites[1 - side],
        secrets: secrets[1 - side],
    };
    let path = carry.path();
    let (first, second) = (victim(0), victim(1));
    let forked = first.deceive(Forgery::Fork).await?;
    path.start_unready()?;
    let is_frozen = async || first.is_frozen().await;
    let first = path
        .wait_until_found_out(0, (&never(forked), forked), is_frozen)
        .await?;
    let ahead = second.deceive(Forgery::Ahead).await?;
    let is_frozen = async || second.is_frozen().await;
    let second = path
        .wait_until_found_out(1, (&never(ahead), ahead), is_frozen)
        .await?;
    path.stop().await?;
    Ok(vec![first, second])
}

/// What a client believes that believes a forgery of this height.
pub(crate) fn never(height: u64) -> String {
    format!("a block {height} that never was")
}

impl Victim<'_> {
    async fn is_frozen(&self) -> Result<bool> {
        let rpc = self.host.rpc()?;
        seen(self.host, &rpc).is_frozen(&self.client).await
    }

    /// Makes the client believe a forgery, whose height comes back. Nobody but the attacker has a hand in it.
    async fn deceive(&self, forgery: Forgery) -> Result<u64> {
        let host = self.host.rpc()?;
        let attacker = self.host.key(Role::Attacker)?;
        let wallet = wallet(rules(&self.host.chain_id, PATIENCE_BLOCKS)?, &[attacker])?;
        for _ in 0..TRIES {
            let trusted = seen(self.host, &host).believed(&self.client).await?;
            let made = forge(self.tracked, self.secrets, trusted, forgery).await?;
            let Some((shown, forged)) = made else {
                sleep(LOOK_EVERY).await;
                continue;
            };
            let show = |signer: &str| Ok(vec![update(&self.client, &shown, signer)]);
            deliver(&host, &wallet, show).await?;
            let believed = seen(self.host, &host).believed(&self.client).await?;
            if believed >= forged {
                return Ok(forged);
            }
        }
        anyhow::bail!("{} was never made to believe a forgery", self.client)
    }
}

fn seen<'a>(site: &'a CosmosSite, rpc: &'a Rpc) -> Seen<'a> {
    Seen {
        rpc,
        chain_id: &site.chain_id,
    }
}

/// A header that never was, as a client is shown it that trusts `trusted`, and its height; none as long as the chain has no block above
/// that.
///
/// - `secrets`: consensus keys of those who may be validators of `chain`.
///
/// # Errors
/// A node does not answer, or one who signs has none of the keys.
pub(crate) async fn forge(
    chain: &CosmosSite,
    secrets: &[Secret],
    trusted: u64,
    forgery: Forgery,
) -> Result<Option<(Header, u64)>> {
    let rpc = chain.rpc()?;
    // Of the newest block the votes may still change.
    let height = height(&rpc).await?.saturating_sub(1);
    if height <= trusted {
        return Ok(None);
    }
    let mut shown = seen(chain, &rpc).header(trusted, height).await?;
    let honest = shown.signed_header.take().and_then(|signed| signed.header);
    let mut header = raw::Header {
        app_hash: vec![0x66; 32],
        ..honest.context("a header")?
    };
    let forged = match forgery {
        Forgery::Fork => height,
        Forgery::Ahead => height + AHEAD,
    };
    header.height = i64::try_from(forged)?;
    let signers = signers(&rpc, secrets, height).await?;
    let block = Block::sign(header, signers, 0, |_| Ballot::Block);
    shown.signed_header = Some(raw::SignedHeader {
        header: Some(block.header),
        commit: Some(block.commit),
    });
    Ok(Some((shown, forged)))
}
