//! The two chains on which all contestants are measured, and who acts on them.

use super::purse::Purse;
use alloy::primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::{Answered, Rpc};
use cosmos_chain::hand::Seen;
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::traits::Message;
use networks::{CosmosChain, CosmosSettings, Curve, PreparedCosmos, clean, cosmos_pair, simd};
use scenarios::Role;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The coin that is sent.
pub(super) const TOKEN: &str = "token";
const BALANCE_QUERY: &str = "/cosmos.bank.v1beta1.Query/Balance";
/// Blocks over which the time between two is measured.
const PACE_BLOCKS: u64 = 10;

/// Two chains of ibc-go, with one validator each. Dropping it stops them.
pub(super) struct Ground {
    /// Where packets come from, and where they go.
    pub(super) chains: [CosmosChain; 2],
    folder: PathBuf,
}

/// The chains: as those of the tests, but one process is enough to make blocks, and both sign as nearly all chains do.
fn settings() -> [CosmosSettings; 2] {
    cosmos_pair().map(|chain| CosmosSettings {
        stakes: vec![100],
        curve: Curve::Ed25519,
        ..chain
    })
}

impl Ground {
    /// Starts both in `folder`, which is emptied, and waits until they make blocks.
    pub(super) async fn start(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder)?;
        let simd = simd()?;
        let [source, destination] = settings().map(|chain| PreparedCosmos::new(chain, &simd, &folder));
        let (source, destination) = (source?, destination?);
        let (mut source, mut destination) = (source.start()?, destination.start()?);
        tokio::try_join!(source.wait_until_up(), destination.wait_until_up())?;
        Ok(Self {
            chains: [source, destination],
            folder,
        })
    }

    /// An empty folder for a contestant.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        clean(&self.folder.join(name))
    }

    /// The nodes of both chains.
    pub(super) fn rpcs(&self) -> Result<[&Rpc; 2]> {
        let [source, destination] = &self.chains;
        Ok([source.rpc()?, destination.rpc()?])
    }

    /// One of the chains, as a relayer by hand reads it.
    pub(super) fn seen(&self, side: usize) -> Result<Seen<'_>> {
        let chain = self.chains.get(side).context("there are two chains")?;
        Ok(Seen {
            rpc: chain.rpc()?,
            chain_id: chain.settings().chain_id,
        })
    }

    /// The account of `role` on one of the chains, ready to sign.
    pub(super) async fn purse(&self, side: usize, role: Role) -> Result<Purse> {
        let chain = self.chains.get(side).context("there are two chains")?;
        let keys = Role::ALL.into_iter().zip(chain.settings().keys());
        let key = keys.filter(|(one, _)| *one == role).map(|(_, key)| key).next();
        let key: B256 = key.context("an account without a key")?;
        Purse::open(chain.rpc()?, chain.settings().chain_id, &key).await
    }

    /// What `address` has of `denom` on one of the chains.
    pub(super) async fn balance(&self, side: usize, address: &str, denom: &str) -> Result<u64> {
        let ask = QueryBalanceRequest {
            address: address.to_owned(),
            denom: denom.to_owned(),
        };
        let rpc = self.seen(side)?.rpc;
        let answer = served(rpc.query(BALANCE_QUERY, &ask.encode_to_vec(), None).await)?;
        let found = QueryBalanceResponse::decode(answer.value.as_slice())?.balance;
        let amount = found.map_or("0".to_owned(), |coin| coin.amount);
        amount.parse().with_context(|| format!("{amount} is no amount"))
    }

    /// How long a block of each chain took lately, by the chains' own clocks.
    pub(super) async fn pace(&self) -> Result<[Duration; 2]> {
        let mut paces = [Duration::ZERO; 2];
        for (rpc, pace) in self.rpcs()?.into_iter().zip(&mut paces) {
            let newest = served(rpc.status().await.map(Ok))?;
            ensure!(
                newest.latest > PACE_BLOCKS,
                "{PACE_BLOCKS} blocks are needed, there are {}",
                newest.latest
            );
            let before = served(rpc.commit(newest.latest - PACE_BLOCKS).await)?;
            let since = newest
                .latest_time
                .duration_since(before.signed_header.header.time);
            let since = since.map_err(|error| anyhow!("a chain's time goes backwards: {error}"))?;
            *pace = since / u32::try_from(PACE_BLOCKS)?;
        }
        Ok(paces)
    }
}

/// The answer of a node that is ours and well: everything else is an error of the run.
pub(super) fn served<T>(answered: Answered<T>) -> Result<T> {
    match answered {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(refusal)) => Err(anyhow!("simd refused: {refusal:?}")),
        Err(complaint) => Err(anyhow!("simd did not answer: {complaint:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_makes_the_blocks_of_each_chain_at_the_pace_of_the_tests() {
        for (chain, tested) in settings().into_iter().zip(cosmos_pair()) {
            assert_eq!(chain.stakes.len(), 1);
            assert_eq!(chain.commit_pause, tested.commit_pause);
        }
    }
}
