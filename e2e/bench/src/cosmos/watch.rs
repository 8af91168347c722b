//! When a block was there with which something was over, seen without being in the way.
//!
//! For a node it is more work to tell of a block with a thousand packets than to execute it. So the node is asked for one small thing
//! again and again, of which the answer names the newest state, and tells of the blocks only once that thing says that it may be over.

use super::lane::{Lane, Step};
use super::store::open_commitments;
use anyhow::{Result, ensure};
use chain_cosmos::{Results, Rpc};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often a node is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What one look says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The newest block whose state is there.
    pub(super) height: u64,
    /// Whether it is worth reading the blocks up to that one.
    pub(super) may_be_over: bool,
}

/// The blocks of a chain from now on.
pub(super) struct Blocks<'a> {
    rpc: &'a Rpc,
    /// The next block to read.
    next: u64,
    arrivals: Arrivals,
}

/// When newest blocks were seen, in their order.
#[derive(Debug, Default)]
struct Arrivals(Vec<(u64, Instant)>);

impl Arrivals {
    fn note(&mut self, height: u64, at: Instant) {
        if self.0.last().is_none_or(|(newest, _)| *newest < height) {
            self.0.push((height, at));
        }
    }

    /// When the block of `height` was there for the first time.
    fn of(&self, height: u64) -> Option<Instant> {
        let above = self.0.partition_point(|(seen, _)| *seen < height);
        self.0.get(above).map(|(_, at)| *at)
    }
}

impl<'a> Blocks<'a> {
    /// From the block after the newest on.
    pub(super) async fn from_now(rpc: &'a Rpc) -> Result<Self> {
        let newest = super::ground::served(rpc.status().await.map(Ok))?.latest;
        Ok(Self {
            rpc,
            next: newest + 1,
            arrivals: Arrivals::default(),
        })
    }

    /// Looks until `take` says of a block that it is the one, and returns when it was there; none if there is no such block `until`
    /// then, and all blocks have been read.
    ///
    /// # Errors
    /// `take` fails.
    pub(super) async fn until(
        &mut self,
        look: impl AsyncFn() -> Result<Look>,
        mut take: impl FnMut(&Results) -> Result<bool>,
        until: Instant,
    ) -> Result<Option<Instant>> {
        loop {
            let seen = look().await?;
            let now = Instant::now();
            let is_late = now >= until;
            self.arrivals.note(seen.height, now);
            while (seen.may_be_over || is_late) && self.next <= seen.height {
                let results = super::ground::served(self.rpc.block_results(self.next).await)?;
                self.next += 1;
                if take(&results)? {
                    return Ok(Some(self.arrivals.of(results.height).unwrap_or(now)));
                }
            }
            if is_late {
                return Ok(None);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Sequences of packets of a lane.
pub(super) type Sequences = BTreeSet<u64>;

/// What is known of the packets of a lane on their source.
#[derive(Debug)]
struct Progress<'a> {
    sent: Sequences,
    acknowledged: Sequences,
    /// What was sent before and given up: somebody may still carry it.
    stragglers: &'a Sequences,
}

impl<'a> Progress<'a> {
    fn beside(stragglers: &'a Sequences) -> Self {
        Self {
            sent: Sequences::new(),
            acknowledged: Sequences::new(),
            stragglers,
        }
    }

    /// Takes a block of the source in.
    ///
    /// # Errors
    /// A packet timed out or was not sent here, or an event is not what it should be.
    fn take(&mut self, lane: &Lane, results: &Results) -> Result<()> {
        self.sent.extend(lane.sequences(results, Step::Sent)?);
        let late = lane.sequences(results, Step::TimedOut)?;
        ensure!(late.is_empty(), "packets {late:?} timed out");
        for sequence in lane.sequences(results, Step::Acknowledged)? {
            if self.stragglers.contains(&sequence) {
                continue;
            }
            ensure!(
                self.sent.contains(&sequence),
                "packet {sequence} is acknowledged and was not among those that were sent"
            );
            self.acknowledged.insert(sequence);
        }
        Ok(())
    }

    /// Whether all of `count` packets were sent and acknowledged.
    fn is_done(&self, count: u64) -> bool {
        self.sent.len() as u64 == count && self.acknowledged == self.sent
    }
}

/// How waiting for acknowledgements ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// All are there, since then.
    At(Instant),
    /// Patience ended before; so many of them were acknowledged.
    GivenUp { sent: Sequences, acknowledged: usize },
}

/// Watches the source until `count` packets of `lane` were sent and acknowledged, or patience ends. `stragglers` are packets of that
/// lane for which it ended before.
///
/// # Errors
/// A packet timed out, or one is acknowledged that was never sent.
pub(super) async fn until_acknowledged(
    blocks: &mut Blocks<'_>,
    lane: &Lane,
    count: u64,
    stragglers: &Sequences,
    patience: Duration,
) -> Result<Ended> {
    let (rpc, until) = (blocks.rpc, Instant::now() + patience);
    let mut progress = Progress::beside(stragglers);
    let look = async || open_commitments(rpc, lane, stragglers.len()).await;
    let take = |results: &Results| {
        progress.take(lane, results)?;
        Ok(progress.is_done(count))
    };
    let ended = blocks.until(look, take, until).await?;
    Ok(ended.map_or_else(
        || Ended::GivenUp {
            acknowledged: progress.acknowledged.len(),
            sent: progress.sent,
        },
        Ended::At,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::lane::Protocol;
    use super::super::lane::tests::{event, lane, results};
    use super::*;

    #[test]
    fn a_block_was_there_when_it_or_a_later_one_was_the_newest() {
        let began = Instant::now();
        let at = |millis| began + Duration::from_millis(millis);
        let mut arrivals = Arrivals::default();
        for (height, millis) in [(7, 0), (7, 20), (9, 40), (8, 60), (10, 80)] {
            arrivals.note(height, at(millis));
        }
        let of = |height| arrivals.of(height);
        assert_eq!(of(6), Some(at(0)));
        assert_eq!(of(7), Some(at(0)));
        assert_eq!(of(8), Some(at(40)));
        assert_eq!(of(10), Some(at(80)));
        assert_eq!(of(11), None);
    }

    const SOURCE: &str = "packet_source_client";

    fn take(progress: &mut Progress<'_>, kind: &str, sequence: u64) -> Result<()> {
        progress.take(
            &lane(Protocol::V2),
            &results(0, &[event(kind, SOURCE, "here-0", sequence)]),
        )
    }

    #[test]
    fn it_is_done_when_each_packet_is_acknowledged_once_or_more() {
        let none = Sequences::new();
        let mut progress = Progress::beside(&none);
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
        let none = Sequences::new();
        let mut progress = Progress::beside(&none);
        take(&mut progress, "send_packet", 1).unwrap();
        let late = take(&mut progress, "timeout_packet", 1).unwrap_err();
        assert!(late.to_string().contains("[1] timed out"), "{late}");
        let strange = take(&mut progress, "acknowledge_packet", 2).unwrap_err();
        assert!(strange.to_string().contains("packet 2"), "{strange}");
    }
    #[test]
    fn what_was_given_up_may_still_be_acknowledged_and_does_not_count() {
        let given_up = Sequences::from([1]);
        let mut progress = Progress::beside(&given_up);
        take(&mut progress, "send_packet", 2).unwrap();
        take(&mut progress, "acknowledge_packet", 1).unwrap();
        assert!(!progress.is_done(1));
        take(&mut progress, "acknowledge_packet", 2).unwrap();
        assert!(progress.is_done(1));
    }
}
