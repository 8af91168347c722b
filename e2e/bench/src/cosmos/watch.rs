//! Blocks, read one after the other as soon as they are there.

use super::lane::{Lane, Step};
use anyhow::{Result, bail, ensure};
use chain_cosmos::{Results, Rpc};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often a block is asked for that is not there yet.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Reads the blocks of a chain from now on.
pub(super) struct Blocks<'a> {
    rpc: &'a Rpc,
    /// The next block to read.
    pub(super) next: u64,
}

impl<'a> Blocks<'a> {
    /// From the block after the newest on.
    pub(super) async fn from_now(rpc: &'a Rpc) -> Result<Self> {
        let newest = super::ground::served(rpc.status().await.map(Ok))?.latest;
        Ok(Self {
            rpc,
            next: newest + 1,
        })
    }

    /// The next block; waits for it until `until`. The second value is when it was there.
    pub(super) async fn read(&mut self, until: Instant) -> Result<(Results, Instant)> {
        loop {
            match self.rpc.block_results(self.next).await {
                Ok(Ok(results)) => {
                    self.next += 1;
                    return Ok((results, Instant::now()));
                }
                // It is not there yet, or still being executed: a node says no more than that.
                Ok(Err(_)) => {}
                Err(complaint) => bail!("the node did not give block {}: {complaint:?}", self.next),
            }
            ensure!(Instant::now() < until, "block {} does not come", self.next);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// What is known of the packets of a lane on their source.
#[derive(Debug, Default)]
pub(super) struct Progress {
    sent: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
}

impl Progress {
    /// Takes a block of the source in.
    ///
    /// # Errors
    /// A packet timed out or was not sent here, or an event is not what it should be.
    pub(super) fn take(&mut self, lane: &Lane, results: &Results) -> Result<()> {
        self.sent.extend(lane.sequences(results, Step::Sent)?);
        let late = lane.sequences(results, Step::TimedOut)?;
        ensure!(late.is_empty(), "packets {late:?} timed out");
        for sequence in lane.sequences(results, Step::Acknowledged)? {
            ensure!(
                self.sent.contains(&sequence),
                "packet {sequence} is acknowledged and was not among those that were sent"
            );
            self.acknowledged.insert(sequence);
        }
        Ok(())
    }

    /// Whether all of `count` packets were sent and acknowledged.
    pub(super) fn is_done(&self, count: u64) -> bool {
        self.sent.len() as u64 == count && self.acknowledged == self.sent
    }
}

/// Reads `blocks` of the source until `count` packets were sent and acknowledged; returns when the last block was there.
///
/// # Errors
/// Packets are missing at the end of `patience`, or one timed out.
pub(super) async fn until_acknowledged(
    blocks: &mut Blocks<'_>,
    lane: &Lane,
    count: u64,
    patience: Duration,
) -> Result<Instant> {
    let until = Instant::now() + patience;
    let mut progress = Progress::default();
    loop {
        let (results, at) = blocks.read(until).await?;
        progress.take(lane, &results)?;
        if progress.is_done(count) {
            return Ok(at);
        }
        ensure!(
            at < until,
            "packets are missing after {} s: of {count}, {} were sent and {} acknowledged",
            patience.as_secs(),
            progress.sent.len(),
            progress.acknowledged.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::Protocol;
    use super::super::lane::tests::{event, lane, results};
    use super::*;

    const SOURCE: &str = "packet_source_client";

    fn take(progress: &mut Progress, kind: &str, sequence: u64) -> Result<()> {
        progress.take(
            &lane(Protocol::V2),
            &results(0, &[event(kind, SOURCE, "here-0", sequence)]),
        )
    }

    #[test]
    fn it_is_done_when_each_packet_is_acknowledged_once_or_more() {
        let mut progress = Progress::default();
        assert!(!progress.is_done(2));
        for sequence in [4, 5] {
            take(&mut progress, "send_packet", sequence).unwrap();
        }
        for _ in 0..2 {
            take(&mut progress, "acknowledge_packet", 4).unwrap();
            assert!(!progress.is_done(2));
        }
        take(&mut progress, "acknowledge_packet", 5).unwrap();
        assert!(progress.is_done(2) && !progress.is_done(3));
    }

    #[test]
    fn refuses_what_timed_out_and_what_was_never_sent() {
        let mut progress = Progress::default();
        take(&mut progress, "send_packet", 1).unwrap();
        let late = take(&mut progress, "timeout_packet", 1).unwrap_err();
        assert!(late.to_string().contains("[1] timed out"), "{late}");
        let strange = take(&mut progress, "acknowledge_packet", 2).unwrap_err();
        assert!(strange.to_string().contains("packet 2"), "{strange}");
    }
}
