//! `Ask::Head`: where the chain stands.
//!
//! Every block of a CometBFT chain is final. The newest header has the root of the state after the block before it, so
//! what can be proven reaches one block less far than what there is.
//!
//! A node's word is not enough: the newest height counts when the node shows the header of it with the votes of its
//! validators. Where several endpoints are configured, one that stands still while another shows newer blocks is behind, and one
//! that shows more blocks than the chain can have made since the newest one of another is not believed.

use crate::cosmos::Cosmos;
use crate::lacking::had;
use crate::news::News;
use crate::price::Price;
use crate::rpc::Rpc;
use chain::{BlockNumber, Fault, Fee, Finalized, Head, Latest, NotYet, WeiPerGas};
use core::cmp::Reverse;
use core::time::Duration;
use endpoints::{Complaint, Said, Whom};
use tendermint::block::signed_header::SignedHeader;
use tokio::time::{Instant, sleep_until};
use wire::Seconds;

/// Blocks by which a sound endpoint may be behind another.
pub const BEHIND_BLOCKS: u64 = 10;
/// Blocks that a chain makes in a second at most: twice as many as the fastest ones do.
const BLOCKS_A_SEC: u64 = 5;
/// How long news of a newer block are waited for.
const NEWS_WITHIN: Duration = Duration::from_secs(1);
/// How far ahead of our own clock the newest block may be.
const AHEAD_SECS: u64 = 60;

impl Cosmos {
    /// Where the chain stands.
    pub async fn head(&self) -> Result<Head, Fault> {
        let newest = self.choose().await?;
        Ok(newest.head(self, self.asked_price().await?))
    }

    /// The newest block by what all endpoints say.
    async fn choose(&self) -> Result<Newest, Fault> {
        let said = self
            .survey(Whom::Well, |rpc| async move { self.newest(&rpc).await })
            .await?;
        let now = endpoints::now();
        let (mut said, future): (Vec<_>, Vec<_>) = said
            .into_iter()
            .partition(|one| one.value.time.0 <= now.0.saturating_add(AHEAD_SECS));
        for one in &future {
            let time = one.value.time;
            let text = format!(
                "its newest block is of {time} (Unix seconds), this machine's clock is at {now}: one of them is wrong by more than \
                 {AHEAD_SECS} s"
            );
            self.rpc.doubt(one, &text);
        }
        said.sort_by_key(|one| Reverse(one.value.height));
        let Some(newest) = self.judge(&said, now) else {
            return Err(Fault::Busy {
                endpoint: self.name.to_string(),
                text: format!(
                    "every endpoint's newest block is more than {AHEAD_SECS} s ahead of this machine's clock, which is at {now} (Unix \
                     seconds); set the clock. If it is right, validators sign a time that has not come, and clients believe them for longer \
                     than they should: ask the chain's operators"
                ),
                until: now,
            });
        };
        self.blocks.told(newest.height);
        if let Some(news) = self.news.get() {
            news.chosen(newest.height);
        }
        Ok(newest)
    }

    /// The newest block as it was chosen last of what all endpoints say, or as it is chosen now.
    pub(crate) async fn chosen(&self) -> Result<u64, Fault> {
        match self.blocks.newest() {
            0 => Ok(self.choose().await?.height),
            newest => Ok(newest),
        }
    }

    /// The newest of what is `said`, the highest first, that the next one bears out; those that are far from it rest.
    fn judge(&self, said: &[Said<Newest>], now: Seconds) -> Option<Newest> {
        let mut rest = said;
        while let [first, others @ ..] = rest
            && let Some(second) = others.first()
        {
            let (high, low) = (first.value, second.value);
            let most = low.most_beside(&high, now);
            if high.height <= most {
                break;
            }
            let text = format!(
                "it is at block {} of {} (Unix seconds), another one at {} of {}: that is more than {most}, which it may be at",
                high.height, high.time, low.height, low.time
            );
            self.rpc.doubt(first, &text);
            rest = others;
        }
        let best = rest.first()?.value;
        for one in rest {
            let height = one.value.height;
            if height.saturating_add(BEHIND_BLOCKS) < best.height {
                let text = format!("it is at block {height}, another one at {}", best.height);
                self.rpc.doubt(one, &text);
            } else {
                self.rpc.trust(one);
            }
        }
        Some(best)
    }

    /// The newest block by one endpoint, for what is signed now. Until when a transaction may still be included follows from it:
    /// with a block that is far in the future it would never be dead.
    pub(crate) async fn newest_by(&self, rpc: &Rpc) -> Result<u64, Complaint> {
        let said = rpc.status().await?.latest;
        let more = self.rules.timeout_blocks.max(BEHIND_BLOCKS);
        let is_near = |chosen: u64| said <= chosen.saturating_add(more);
        if is_near(self.blocks.newest()) {
            return Ok(said);
        }
        // What was chosen may be old, or nothing was yet.
        let chosen = self.choose().await?.height;
        if is_near(chosen) {
            return Ok(said);
        }
        Err(Complaint::malformed(format!(
            "it is at block {said}, of what all endpoints say {chosen} was chosen, and at most {more} more are believed"
        )))
    }

    /// Where the chain stands once a block above `seen` is there, or a moment later in any case.
    pub(crate) async fn newer_head(&self, seen: Option<BlockNumber>) -> Result<Head, Fault> {
        let nodes = self.rpc.endpoints().iter().map(|endpoint| &endpoint.url);
        let news = self.news.get_or_init(|| News::of(nodes));
        let Some(BlockNumber(seen)) = seen else {
            return self.head().await;
        };
        let until = Instant::now() + NEWS_WITHIN;
        news.above(seen, NEWS_WITHIN).await;
        let head = self.head().await?;
        if head.latest.block.0 > seen || Instant::now() >= until {
            return Ok(head);
        }
        // What was announced is not there: nobody shall make us ask all the time.
        sleep_until(until).await;
        self.head().await
    }

    /// What the next transaction would pay for gas.
    pub async fn usual_fee(&self) -> Result<Fee, Fault> {
        let max = WeiPerGas(self.asked_price().await?.0);
        Ok(Fee {
            max,
            tip: WeiPerGas(0),
        })
    }

    async fn asked_price(&self) -> Result<Price, Fault> {
        let pay = &self.rules.pay;
        self.on_rpc(|rpc| async move {
            match pay.price(&rpc).await? {
                Ok(price) => Ok(price),
                Err(refusal) => Err(refusal.into_complaint("the price of gas")),
            }
        })
        .await
    }

    /// The newest block that the node shows with its votes.
    async fn newest(&self, rpc: &Rpc) -> Result<Newest, Complaint> {
        let status = rpc.status().await?;
        if status.chain_id != self.rules.chain_id {
            return Err(Complaint::malformed(format!(
                "its chain was {} and is {}",
                self.rules.chain_id, status.chain_id
            )));
        }
        if status.catching_up {
            let newest = BlockNumber(status.latest);
            let wanted = BlockNumber(status.latest.saturating_add(1));
            return Err(Fault::NotYet(NotYet::Block { wanted, newest }).into());
        }
        let shown = self.signed_header(rpc, status.latest).await?;
        self.rivals.note(self, &rpc.0.label, &shown);
        Ok(Newest {
            height: status.latest,
            time: seconds(&shown.header)?,
        })
    }

    /// The header of `height` with its votes, of this chain.
    pub(crate) async fn signed_header(&self, rpc: &Rpc, height: u64) -> Result<SignedHeader, Complaint> {
        let commit = had(rpc, rpc.commit(height).await, "commit", self.at(height)).await?;
        let found = commit.signed_header.header.chain_id.as_str();
        if found != self.rules.chain_id {
            return Err(Complaint::malformed(format!(
                "the header of block {height} is of chain {found}, not {}",
                self.rules.chain_id
            )));
        }
        Ok(commit.signed_header)
    }
}

/// The newest block by one endpoint.
#[derive(Clone, Copy)]
struct Newest {
    height: u64,
    time: Seconds,
}

impl Newest {
    /// How high another endpoint can be when both are sound: a little, and what the chain may have made since this one's block,
    /// if it stands still. Nobody's block is newer than `now`, whatever its header says.
    fn most_beside(&self, other: &Self, now: Seconds) -> u64 {
        let since = other.time.min(now).0.saturating_sub(self.time.0);
        self.height
            .saturating_add(BEHIND_BLOCKS)
            .saturating_add(since.saturating_mul(BLOCKS_A_SEC))
    }

    fn head(self, chain: &Cosmos, price: Price) -> Head {
        Head {
            finalized: Finalized {
                height: chain.at(self.height),
                block: BlockNumber(self.height.saturating_sub(1)),
                timestamp: self.time,
            },
            latest: Latest {
                block: BlockNumber(self.height),
                timestamp: self.time,
                base_fee: WeiPerGas(price.0),
                tip: WeiPerGas(0),
            },
        }
    }
}

/// A header's time, rounded down to seconds as everywhere.
pub(crate) fn seconds(header: &tendermint::block::Header) -> Result<Seconds, Complaint> {
    u64::try_from(header.time.unix_timestamp())
        .map(Seconds)
        .map_err(|_| {
            Complaint::malformed(format!(
                "block {} is of {}, before 1970",
                header.height, header.time
            ))
        })
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
