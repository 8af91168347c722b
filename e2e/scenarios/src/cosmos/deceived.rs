//! Validators who break their word, between Cosmos chains: they sign what never was, and a client is made to believe it. The
//! relayer has to find it out by itself and show the client the chain's own header, so that the client freezes.
//!
//! Once while the relayer does not run, with another block of a height that the chain has; once while it runs, with a block of
//! a height that the chain has not reached. The verdict is the chain's: its client is frozen, and was not before.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chain_cosmos::Rpc;
use cosmos_chain::hand::{Seen, update};
use cosmos_chain::validators::ibc::Header;
use cosmos_chain::validators::{Ballot, Block, Secret, raw};
use tokio::time::{Instant, sleep};

use super::carry::Carry;
use super::sent::{deliver, rules, wallet};
use super::served::{height, signers};
use super::site::CosmosSite;
use crate::site::Role;

/// By how much the second forgery is ahead of the chain.
const AHEAD: u64 = 1_000_000;
/// How long the relayer may take to find something out, and how often it is looked at.
const FOUND_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(300);
const PATIENCE_BLOCKS: u64 = 600;
/// Forgeries in a row that somebody's honest update may come before.
const TRIES: usize = 5;

/// A header that never was.
#[derive(Clone, Copy, Debug)]
enum Forgery {
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
    let forked = victim(0).deceive(Forgery::Fork).await?;
    carry.path().start_unready()?;
    let first = found_out(carry, 0, &victim(0), forked).await?;
    let ahead = victim(1).deceive(Forgery::Ahead).await?;
    let second = found_out(carry, 1, &victim(1), ahead).await?;
    carry.path().stop().await?;
    Ok(vec![first, second])
}

/// Waits until the client is frozen and the relayer says so.
async fn found_out(carry: &mut Carry, side: usize, victim: &Victim<'_>, forged: u64) -> Result<String> {
    let begun = Instant::now();
    loop {
        let [stopped, doubted] = carry.path().told_of(side).await.unwrap_or_default();
        let is_told = stopped.as_ref().is_some_and(|why| why.contains("misbehaviour"));
        let is_frozen = victim.is_frozen().await?;
        if is_told && is_frozen {
            let doubted = doubted.context("the relayer does not say what the client believed")?;
            ensure!(
                doubted.contains(&forged.to_string()),
                "the relayer does not name height {forged}: {doubted}"
            );
            return Ok(format!(
                "{} was made to believe a block {forged} that never was; the relayer found it out and it is frozen after {} s: {doubted}",
                victim.client,
                begun.elapsed().as_secs()
            ));
        }
        ensure!(
            begun.elapsed() < FOUND_WITHIN,
            "{} s after {} was deceived: frozen {is_frozen}, stopped {stopped:?}, doubted {doubted:?}",
            FOUND_WITHIN.as_secs(),
            victim.client
        );
        sleep(LOOK_EVERY).await;
    }
}

impl Victim<'_> {
    fn seen<'a>(site: &'a CosmosSite, rpc: &'a Rpc) -> Seen<'a> {
        Seen {
            rpc,
            chain_id: &site.chain_id,
        }
    }

    async fn is_frozen(&self) -> Result<bool> {
        let rpc = self.host.rpc()?;
        Self::seen(self.host, &rpc).is_frozen(&self.client).await
    }

    /// Makes the client believe a forgery, whose height comes back. Nobody but the attacker has a hand in it.
    async fn deceive(&self, forgery: Forgery) -> Result<u64> {
        let (host, followed) = (self.host.rpc()?, self.tracked.rpc()?);
        let attacker = self.host.key(Role::Attacker)?;
        let wallet = wallet(rules(&self.host.chain_id, PATIENCE_BLOCKS)?, &[attacker])?;
        for _ in 0..TRIES {
            let trusted = Self::seen(self.host, &host).believed(&self.client).await?;
            // Of the newest block the votes may still change.
            let newest = height(&followed).await?.saturating_sub(1);
            if newest <= trusted {
                sleep(LOOK_EVERY).await;
                continue;
            }
            let mut shown = Self::seen(self.tracked, &followed)
                .header(trusted, newest)
                .await?;
            let forged = self.forge(&followed, newest, forgery, &mut shown).await?;
            let show = |signer: &str| Ok(vec![update(&self.client, &shown, signer)]);
            deliver(&host, &wallet, show).await?;
            let believed = Self::seen(self.host, &host).believed(&self.client).await?;
            if believed >= forged {
                return Ok(forged);
            }
        }
        anyhow::bail!("{} was never made to believe a forgery", self.client)
    }

    /// Puts another block into `shown`, which has that of `height`; its height comes back.
    async fn forge(&self, followed: &Rpc, height: u64, forgery: Forgery, shown: &mut Header) -> Result<u64> {
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
        let block = Block::sign(header, signers(followed, self.secrets, height).await?, 0, |_| {
            Ballot::Block
        });
        shown.signed_header = Some(raw::SignedHeader {
            header: Some(block.header),
            commit: Some(block.commit),
        });
        Ok(forged)
    }
}
