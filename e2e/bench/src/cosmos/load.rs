//! Transfers that are signed before the clock runs: a thousand at once, or one at a random moment.

use super::ground::{Ground, TOKEN, served};
use super::lane::Lane;
use super::purse::{Purse, SignedUpTo, hand_over};
use super::runner::Runner;
use super::watch::{Blocks, Ended, Sequences, until_acknowledged};
use crate::process::Usage;
use anyhow::{Context, Result, bail, ensure};
use cosmrs::Any;
use dice::Dice;
use networks::Node;
use scenarios::Role;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Transfers in one transaction.
const PER_TX: usize = 100;
/// How long a packet lives, by the clock of its chain: no benchmark takes so long.
const VALID_SECS: u64 = 20 * 3_600;
/// How long a burst, and one transfer, may take; not a verdict, only an end.
const BURST_WITHIN: Duration = Duration::from_secs(300);
pub(super) const ONE_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked whether packets are in blocks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Rest between two single transfers, before the random part.
const SETTLE: Duration = Duration::from_secs(1);

/// What a burst cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Burst {
    /// From the first broadcast to the block with the last acknowledgement.
    pub(super) wall: Duration,
    /// What its process used meanwhile.
    pub(super) cpu: Duration,
    /// The most memory that its process ever had.
    pub(super) peak_kib: u64,
}

/// Who sends, and to whom.
pub(super) struct Load<'a> {
    ground: &'a Ground,
    sender: Purse,
    receiver: String,
    /// By the end of a lane on its source, the packets for which patience ended: they lie there, or are carried later.
    stragglers: BTreeMap<String, Sequences>,
}

impl<'a> Load<'a> {
    /// The users of both chains.
    pub(super) async fn new(ground: &'a Ground) -> Result<Self> {
        Ok(Self {
            ground,
            sender: ground.purse(0, Role::User).await?,
            receiver: ground.purse(1, Role::User).await?.address,
            stragglers: BTreeMap::new(),
        })
    }

    /// Sends `packets` as fast as the node takes them and waits for all acknowledgements.
    ///
    /// # Errors
    /// Packets are missing, tokens did not arrive, or the process ended.
    pub(super) async fn burst(&mut self, runner: &Runner, node: &mut Node, packets: u64) -> Result<Burst> {
        let arrived = self.arrived(&runner.lane).await?;
        let signed = self.sign(&runner.lane, packets).await?;
        let source = self.ground.rpcs()?[0];
        let stragglers = self.stragglers(&runner.lane);
        let mut blocks = Blocks::from_now(source).await?;
        let before = Usage::of(node.pid())?;
        let start = Instant::now();
        let (_, ended) = tokio::try_join!(
            hand_over(source, &signed),
            until_acknowledged(&mut blocks, &runner.lane, packets, &stragglers, BURST_WITHIN)
        )?;
        let ended = match ended {
            Ended::At(ended) => ended,
            Ended::GivenUp { sent, acknowledged } => bail!(
                "of {packets} packets {} were seen sent and {acknowledged} acknowledged, within {} s",
                sent.len(),
                BURST_WITHIN.as_secs()
            ),
        };
        let after = Usage::of(node.pid())?;
        node.check()?;
        self.check_arrived(&runner.lane, arrived, packets).await?;
        Ok(Burst {
            wall: ended.saturating_duration_since(start),
            cpu: after.cpu.saturating_sub(before.cpu),
            peak_kib: after.peak_kib,
        })
    }

    /// Sends `packets` and waits until they are in blocks, whoever carries them.
    ///
    /// # Errors
    /// They are in none in time.
    pub(super) async fn send(&mut self, lane: &Lane, packets: u64) -> Result<()> {
        let signed = self.sign(lane, packets).await?;
        let source = self.ground.rpcs()?[0];
        hand_over(source, &signed).await?;
        let until = Instant::now() + BURST_WITHIN;
        while !self.signed().look(source).await?.may_be_over {
            ensure!(
                Instant::now() < until,
                "{packets} packets are in no block within {} s",
                BURST_WITHIN.as_secs()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Sends one packet at a moment that `dice` choose within a block of `pace`, and waits for its acknowledgement; none if that does not
    /// come within [`ONE_WITHIN`].
    ///
    /// # Errors
    /// The packet is not taken, or a packet timed out.
    pub(super) async fn one(
        &mut self,
        lane: &Lane,
        dice: &mut Dice,
        pace: Duration,
    ) -> Result<Option<Duration>> {
        let signed = self.sign(lane, 1).await?;
        let source = self.ground.rpcs()?[0];
        tokio::time::sleep(SETTLE + phase(dice, pace)).await;
        let mut blocks = Blocks::from_now(source).await?;
        let start = Instant::now();
        hand_over(source, &signed).await?;
        let stragglers = self.stragglers(lane);
        match until_acknowledged(&mut blocks, lane, 1, &stragglers, ONE_WITHIN).await? {
            Ended::At(ended) => Ok(Some(ended.saturating_duration_since(start))),
            Ended::GivenUp { sent, .. } => {
                ensure!(
                    sent.len() == 1,
                    "{} packets were sent in place of one",
                    sent.len()
                );
                self.stragglers
                    .entry(lane.ends[0].clone())
                    .or_default()
                    .extend(sent);
                Ok(None)
            }
        }
    }

    /// The packets of a lane for which patience ended.
    fn stragglers(&self, lane: &Lane) -> Sequences {
        self.stragglers.get(&lane.ends[0]).cloned().unwrap_or_default()
    }

    /// The messages of `packets` transfers, signed.
    pub(super) async fn sign(&mut self, lane: &Lane, packets: u64) -> Result<Vec<Vec<u8>>> {
        let status = served(self.ground.rpcs()?[0].status().await.map(Ok))?;
        let now = u64::try_from(status.latest_time.unix_timestamp()).context("a block before 1970")?;
        let message = lane.transfer(&self.sender.address, &self.receiver, now + VALID_SECS);
        let messages: Vec<Any> = (0..packets).map(|_| message.clone()).collect();
        self.sender.sign_all(&messages, PER_TX)
    }

    /// What the sender signed so far.
    pub(super) fn signed(&self) -> SignedUpTo {
        self.sender.signed()
    }

    /// How many tokens came over a lane so far.
    pub(super) async fn arrived(&self, lane: &Lane) -> Result<u64> {
        self.ground.balance(1, &self.receiver, &lane.voucher()).await
    }

    /// Checks that every one of `packets` brought its token, where `before` were: an acknowledgement may be one of an error. What was
    /// given up earlier may have come meanwhile.
    pub(super) async fn check_arrived(&self, lane: &Lane, before: u64, packets: u64) -> Result<()> {
        let arrived = self.arrived(lane).await?.saturating_sub(before);
        let given_up = u64::try_from(self.stragglers(lane).len())?;
        ensure!(
            (packets..=packets + given_up).contains(&arrived),
            "{arrived} of {TOKEN} arrived over {lane:?}, {packets} were sent, and {given_up} given up before"
        );
        Ok(())
    }
}

/// A moment within a block.
fn phase(dice: &mut Dice, pace: Duration) -> Duration {
    let nanos = u64::try_from(pace.as_nanos()).unwrap_or(u64::MAX).max(1);
    Duration::from_nanos(dice.below(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_within_a_block_and_follow_from_the_seed() {
        let pace = Duration::from_millis(540);
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..100).map(|_| phase(&mut dice, pace)).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
        assert!(drawn.iter().all(|moment| *moment < pace));
        assert!(
            drawn.iter().any(|moment| *moment > pace / 2) && drawn.iter().any(|moment| *moment < pace / 2)
        );
        assert_eq!(phase(&mut Dice::new(1), Duration::ZERO), Duration::ZERO);
    }
}
