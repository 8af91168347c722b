//! When what was final, delivered and settled, as anybody can see it who asks the chains often enough.

use alloy::primitives::{B256, U256, keccak256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{BlockNumberOrTag, Filter};
use alloy::sol_types::SolEvent;
use anyhow::{Context, Result, ensure};
use chain_evm::abi::Router;
use scenarios::{Bridge, End, Role};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often the chains are asked.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// A moment: since the start in real time, and by the clock of the chain on which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) real: Duration,
    pub(super) chain_secs: u64,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Finalized blocks of the source, by number; everything up to one is final with it.
    finality: BTreeMap<u64, Stamp>,
    delivered: BTreeMap<u64, Stamp>,
    acknowledged: BTreeMap<u64, Stamp>,
}

impl Timeline {
    /// When the source's `block` was final.
    pub(super) fn final_at(&self, block: u64) -> Option<Stamp> {
        self.finality.range(block..).next().map(|(_, stamp)| *stamp)
    }

    /// When the packet was in a block of its destination.
    pub(super) fn delivered(&self, sequence: u64) -> Option<Stamp> {
        self.delivered.get(&sequence).copied()
    }

    /// When its acknowledgement was in a block of its source.
    pub(super) fn acknowledged(&self, sequence: u64) -> Option<Stamp> {
        self.acknowledged.get(&sequence).copied()
    }

    /// Each sequence with the block that it was sent in: one account's packets are numbered in the order of its blocks.
    pub(super) fn sent(&self, blocks: &BTreeMap<u64, u64>) -> Vec<(u64, u64)> {
        let per_block = blocks
            .iter()
            .flat_map(|(block, count)| (0..*count).map(|_| *block));
        (1u64..).zip(per_block).collect()
    }
}

/// Looks until `count` packets from the first end are acknowledged there.
pub(super) async fn follow(bridge: &Bridge, count: u64, patience: Duration) -> Result<Timeline> {
    let [north, south] = &bridge.ends;
    let start = Instant::now();
    let mut timeline = Timeline::default();
    let mut deliveries = Reader::new(south, Router::WriteAcknowledgement::SIGNATURE_HASH)?;
    let mut returns = Reader::new(north, Router::AckPacket::SIGNATURE_HASH)?;
    let source = north.wallet(Role::User)?.provider;
    while (timeline.acknowledged.len() as u64) < count {
        ensure!(
            start.elapsed() < patience,
            "{} of {count} packets were acknowledged within {} s, {} delivered",
            timeline.acknowledged.len(),
            patience.as_secs(),
            timeline.delivered.len()
        );
        let finalized = head(&source, BlockNumberOrTag::Finalized).await?;
        let (_, now) = head(&source, BlockNumberOrTag::Latest).await?;
        timeline.finality.entry(finalized.0).or_insert(Stamp {
            real: start.elapsed(),
            chain_secs: now,
        });
        for (reader, seen) in [
            (&mut deliveries, &mut timeline.delivered),
            (&mut returns, &mut timeline.acknowledged),
        ] {
            for (sequence, chain_secs) in reader.read().await? {
                let real = start.elapsed();
                seen.entry(sequence).or_insert(Stamp { real, chain_secs });
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(timeline)
}

/// Reads one kind of event of one client, block by block.
struct Reader {
    provider: DynProvider,
    filter: Filter,
    next: u64,
}

impl Reader {
    fn new(end: &End, event: B256) -> Result<Self> {
        let filter = Filter::new()
            .address(end.router)
            .event_signature(event)
            .topic1(keccak256(end.client.as_bytes()));
        Ok(Self {
            provider: end.wallet(Role::User)?.provider,
            filter,
            next: end.since,
        })
    }

    /// Sequences of the events that were not read yet, each with the time of its block.
    async fn read(&mut self) -> Result<Vec<(u64, u64)>> {
        let (newest, time) = head(&self.provider, BlockNumberOrTag::Latest).await?;
        if newest < self.next {
            return Ok(Vec::new());
        }
        let filter = self.filter.clone().from_block(self.next).to_block(newest);
        let logs = self.provider.get_logs(&filter).await?;
        self.next = newest + 1;
        let sequences = logs.iter().filter_map(|log| log.topics().get(2).copied());
        let sequences = sequences.map(|topic| U256::from_be_bytes(topic.0).saturating_to::<u64>());
        Ok(sequences.map(|sequence| (sequence, time)).collect())
    }
}

/// Number and time of a block.
async fn head(provider: &DynProvider, at: BlockNumberOrTag) -> Result<(u64, u64)> {
    let block = provider.get_block_by_number(at).await?;
    let header = block
        .with_context(|| format!("the node has no {at} block"))?
        .header;
    Ok((header.number, header.timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(secs: u64) -> Stamp {
        Stamp {
            real: Duration::from_secs(secs),
            chain_secs: secs,
        }
    }

    #[test]
    fn a_block_is_final_with_the_first_that_covers_it() {
        let timeline = Timeline {
            finality: BTreeMap::from([(8, stamp(1)), (16, stamp(2))]),
            ..Timeline::default()
        };
        assert_eq!(timeline.final_at(8), Some(stamp(1)));
        assert_eq!(timeline.final_at(9), Some(stamp(2)));
        assert_eq!(timeline.final_at(17), None);
    }

    #[test]
    fn packets_are_numbered_in_the_order_of_blocks() {
        let sent = Timeline::default().sent(&BTreeMap::from([(7, 2), (9, 1)]));
        assert_eq!(sent, [(1, 7), (2, 7), (3, 9)]);
    }
}
