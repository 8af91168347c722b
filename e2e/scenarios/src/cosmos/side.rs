//! A Cosmos chain with its user: what he sends and owns, and what the chain still keeps of it.

use super::bank::balance;
use super::pace::Pace;
use super::sent::{deliver, rules, wallet};
use super::served::{height, served, stored};
use super::site::CosmosSite;
use super::transfer::{Encoding, Ibc, Until, Way};
use super::{BALANCE, TOKEN};
use crate::site::Role;
use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Rpc, Wallet};
use wire::Height;

/// A chain with its user.
pub(crate) struct Side {
    pub(crate) rpc: Rpc,
    wallet: Wallet,
    pub(crate) user: String,
    /// What the user owned of this chain's token at first.
    pub(crate) owned: u64,
    /// How much of it is on the other chain.
    pub(crate) away: u64,
}

/// Where transfers go, how they are written, and how long they live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over<'a> {
    /// The client or the channel on this chain.
    pub(crate) from: &'a str,
    pub(crate) ibc: Ibc,
    /// The address on the other chain.
    pub(crate) receiver: &'a str,
    pub(crate) life: Life,
    pub(crate) encoding: Encoding,
}

/// How long a transfer lives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Life {
    /// Seconds from the newest block of its chain on.
    Secs(u64),
    /// Until this height of the other chain.
    Height(Height),
}

impl Side {
    /// The chain of `site`.
    ///
    /// # Errors
    /// A node does not answer, or its user is richer than he can be.
    pub(crate) async fn new(site: &CosmosSite, pace: &Pace) -> Result<Self> {
        let wallet = wallet(
            rules(&site.chain_id, pace.patience_blocks)?,
            &[site.key(Role::User)?],
        )?;
        let user = wallet.addresses().next().context("a wallet without accounts")?;
        let user = user.to_owned();
        let rpc = site.rpc()?;
        let owned = balance(&rpc, &user, TOKEN).await?;
        ensure!(owned <= BALANCE, "{user} owns more than genesis gave");
        Ok(Self {
            rpc,
            wallet,
            user,
            owned,
            away: 0,
        })
    }

    /// One transaction of the user with a transfer for each of `coins`; the sequences of their packets come back.
    ///
    /// # Errors
    /// The chain refuses it, or does not tell of so many packets.
    pub(crate) async fn transfer(&self, over: Over<'_>, coins: &[(String, u64)]) -> Result<Vec<u64>> {
        let status = served(self.rpc.status().await.map(Ok))?;
        let now = u64::try_from(status.latest_time.unix_timestamp()).context("a block before 1970")?;
        let until = match over.life {
            Life::Secs(secs) => Until::Second(now + secs),
            Life::Height(height) => Until::Height(height),
        };
        let build = |sender: &str| -> Result<Vec<Any>> {
            let way = Way {
                from: over.from,
                sender,
                receiver: over.receiver,
                ibc: over.ibc,
                until,
                encoding: over.encoding,
            };
            Ok(coins
                .iter()
                .map(|(denom, amount)| way.message(denom, *amount))
                .collect())
        };
        let landed = deliver(&self.rpc, &self.wallet, build).await?;
        let events = landed.events.iter().filter(|event| event.kind == "send_packet");
        let sequences = events.filter_map(|event| event.attribute("packet_sequence")?.parse().ok());
        let sequences: Vec<u64> = sequences.collect();
        ensure!(
            sequences.len() == coins.len(),
            "{} transfers sent the packets {sequences:?}",
            coins.len()
        );
        Ok(sequences)
    }

    /// The packet `sequence` that left over the client or channel `from` has no commitment any more.
    ///
    /// # Errors
    /// It has one, or the node does not answer.
    pub(crate) async fn check_settled(&self, (ibc, from): (Ibc, &str), sequence: u64) -> Result<()> {
        let key = ibc.commitment_key(from, sequence);
        // The state of the newest block may still be computed.
        let at = height(&self.rpc).await?.saturating_sub(1);
        let found = stored(&self.rpc, &key, at).await?;
        ensure!(
            found.value.is_empty(),
            "the packet {from}/{sequence} has a commitment after block {at}, though the relayer says it is settled"
        );
        Ok(())
    }
}
