//! Kill -9 at random moments: nothing lost, nothing paid twice.
//!
//! The moments are drawn from a seed over what the relayer has done and not over wall time: it is killed after so many
//! lines of its log, and it writes a line when a state is on disk and what follows from it has not left yet. So a slow
//! machine and a fast one are cut at the same kinds of places. What became of the packets is read from the chains; then
//! the relayer's own books are compared with that.

use crate::{
    end::Settled,
    job::{AMOUNT, Job},
    tracker::Side,
};
use alloy::primitives::U256;
use anyhow::{Context, Result, ensure};
use dice::Dice;
use serde_json::Value;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
    time::{Duration, Instant},
};

/// How often the log is looked at: far more often than the relayer writes.
const LOOK_INTERVAL: Duration = Duration::from_millis(1);
/// How often the chains are asked whether anything is under way, in looks at the log.
const LOOKS_BETWEEN: u32 = 400;

/// How a crash run goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What all moments and packets are drawn from.
    pub seed: u64,
    /// How often the relayer is killed.
    pub kills: u32,
    /// Real time after which a relayer that does nothing counts as stuck.
    pub patience: Duration,
}

/// What the relayer does before it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It has just opened its store.
    Opened,
    /// So many packets moved a stage.
    Moved(u32),
    /// So many submissions were put on disk, about to leave.
    Handed(u32),
    /// So many packets were received, or their answer was, by a transaction of the relayer.
    Included(u32),
    /// So many submissions were found in a final block.
    Landed(u32),
    /// So many packets were settled.
    Acked(u32),
}

impl Moment {
    fn draw(dice: &mut Dice) -> Self {
        match below(dice, 12) {
            0 => Self::Opened,
            1 | 2 => Self::Handed(1 + below(dice, 3)),
            3 => Self::Landed(1 + below(dice, 2)),
            4 | 5 => Self::Included(1 + below(dice, 6)),
            6 => Self::Acked(1 + below(dice, 3)),
            _ => Self::Moved(1 + below(dice, 48)),
        }
    }

    /// The words by which its lines are known, and how many of them.
    fn lines(self) -> (&'static str, u32) {
        match self {
            Self::Opened => ("running", 1),
            Self::Moved(count) => ("packet moved", count),
            Self::Handed(count) => ("submission written down", count),
            Self::Included(count) => ("stage=included", count),
            Self::Landed(count) => ("submission landed", count),
            Self::Acked(count) => ("stage=acked", count),
        }
    }
}

impl Job<'_> {
    /// Sends packets both ways while the relayer is killed and started `plan.kills` times, lets everything settle, and
    /// compares chains, books and the relayer's store.
    ///
    /// # Errors
    /// A packet is lost, ended or was received twice, balances are wrong, or the relayer's account differs.
    pub async fn crashes(&mut self, plan: Plan) -> Result<()> {
        let mut dice = Dice::new(plan.seed);
        // Every token has its voucher over there, so that later rounds can send vouchers home.
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        self.settle().await?;
        self.bridge.kill_relayer().await?;
        for kill in 1..=plan.kills {
            let sent = self.send_some(&mut dice).await?;
            let moment = Moment::draw(&mut dice);
            let micros = u64::from(below(&mut dice, 15_000));
            let mut log = Tail::at_end(self.bridge.log())?;
            self.bridge.launch_relayer()?;
            let seen = self.watch_until(moment, &mut log, plan.patience).await?;
            tokio::time::sleep(Duration::from_micros(micros)).await;
            self.bridge.kill_relayer().await?;
            let (words, wanted) = moment.lines();
            (self.say)(&format!(
                "kill {kill}: {sent} packets sent, {seen} of {wanted} x \"{words}\" seen, {} live, + {micros} us",
                self.tracker.live()
            ));
        }
        self.bridge.start_relayer().await?;
        self.settle().await?;
        self.check_receipts().await?;
        self.check_relayer(plan.patience).await
    }

    /// One to four packets: native tokens, vouchers home, or transfers that expire before they can be proven.
    async fn send_some(&mut self, dice: &mut Dice) -> Result<u32> {
        let count = 1 + below(dice, 4);
        for _ in 0..count {
            let from = if below(dice, 2) == 0 {
                Side::North
            } else {
                Side::South
            };
            match below(dice, 6) {
                0 => self.send_expiring(from).await?,
                1 | 2 if self.holds_voucher(from).await? => self.send_home(from).await?,
                _ => self.send_native(from).await?,
            };
        }
        Ok(count)
    }

    /// Whether the user at `side` holds enough of the voucher to send some home.
    async fn holds_voucher(&self, side: Side) -> Result<bool> {
        let (here, there) = (side.of(&self.bridge.ends), side.across().of(&self.bridge.ends));
        let voucher = here.voucher_of(there.token).await?;
        Ok(here.user_balance(voucher).await? >= U256::from(AMOUNT))
    }

    /// Waits until the relayer has done what `moment` says, or nothing is left to do; how many lines were seen.
    async fn watch_until(&mut self, moment: Moment, log: &mut Tail, patience: Duration) -> Result<u32> {
        let (words, wanted) = moment.lines();
        let deadline = Instant::now() + patience;
        let (mut seen, mut looks) = (0, 0);
        loop {
            seen += log.count(words)?;
            if seen >= wanted {
                return Ok(seen);
            }
            self.bridge.check_relayer_runs()?;
            looks += 1;
            if looks % LOOKS_BETWEEN == 0 {
                self.tracker.observe(&self.bridge.ends).await?;
                if self.tracker.live() == 0 {
                    return Ok(seen);
                }
                ensure!(
                    Instant::now() < deadline,
                    "the relayer did {seen} of {wanted} x \"{words}\" within {} s, and packets are live",
                    patience.as_secs()
                );
            }
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Every packet that was answered was received exactly once, every other never.
    async fn check_receipts(&self) -> Result<()> {
        for side in [Side::North, Side::South] {
            let received = side.across().of(&self.bridge.ends).received().await?;
            for packet in self.tracker.packets().iter().filter(|packet| packet.from == side) {
                let sequence = packet.sequence();
                let count = received.iter().filter(|of| **of == sequence).count();
                let expected = match packet.end() {
                    Some(Settled::Acked { .. }) => 1,
                    Some(Settled::TimedOut) | None => 0,
                };
                ensure!(
                    count == expected,
                    "packet {sequence} of {side:?} ended as {:?} and was received {count} times",
                    packet.end()
                );
            }
        }
        Ok(())
    }

    /// The relayer lists nothing as live, its store opens cleanly, after a stop and after one more kill, and it tells
    /// of each packet what the chains tell.
    async fn check_relayer(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let live = self.bridge.ask_relayer(&["packet", "list"]).await?;
            if live.as_array().is_some_and(Vec::is_empty) {
                break;
            }
            ensure!(
                Instant::now() < deadline,
                "the chains have settled everything, and the relayer still lists {live}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.bridge.kill_relayer().await?;
        self.compare_with_store().await.context("after a kill")?;
        self.bridge.start_relayer().await?;
        self.bridge.stop_relayer().await?;
        self.compare_with_store().await.context("after a clean stop")
    }

    async fn compare_with_store(&self) -> Result<()> {
        let all = ["packet", "list", "--all", "--limit", "100000"];
        let listed = self.bridge.ask_relayer(&all).await?;
        let listed = listed.as_array().context("a list of packets is no list")?;
        ensure!(
            listed.len() == self.tracker.packets().len(),
            "the relayer lists {} packets, {} were sent",
            listed.len(),
            self.tracker.packets().len()
        );
        for packet in self.tracker.packets() {
            let end = packet.from.of(&self.bridge.ends);
            let name = format!("{}/{}", end.name(), packet.sequence());
            let found: Option<&Value> = listed.iter().find(|listed| listed["packet"] == name.as_str());
            let stage = found.and_then(|found| found["stage"].as_str());
            let expected = match packet.end() {
                Some(Settled::Acked { .. }) => Some("acked"),
                Some(Settled::TimedOut) => Some("timed-out"),
                None => None,
            };
            ensure!(
                stage == expected,
                "packet {name} is {stage:?} to the relayer and {expected:?} on chain"
            );
        }
        Ok(())
    }
}

/// The end of a file that another process writes.
struct Tail {
    file: File,
    /// What was read of a line that is not complete yet.
    rest: String,
}

impl Tail {
    /// From the end of the file on.
    fn at_end(path: &Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("failed to open {}", path.display()))?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file,
            rest: String::new(),
        })
    }

    /// How many lines with `words` were added since the last look.
    fn count(&mut self, words: &str) -> Result<u32> {
        self.file.read_to_string(&mut self.rest)?;
        let complete = self.rest.rfind('\n').map_or(0, |at| at + 1);
        let lines: String = self.rest.drain(..complete).collect();
        Ok(u32::try_from(
            lines.lines().filter(|line| line.contains(words)).count(),
        )?)
    }
}

/// A number below `limit`.
fn below(dice: &mut Dice, limit: u32) -> u32 {
    let high = u32::try_from(dice.roll() >> 32).unwrap_or(0);
    high % limit.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_seed_gives_the_same_moments_and_another_seed_others() {
        let draw = |seed| -> Vec<Moment> {
            let mut dice = Dice::new(seed);
            (0..40).map(|_| Moment::draw(&mut dice)).collect()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let drawn = draw(7);
        let has = |wanted: fn(&Moment) -> bool| drawn.iter().any(wanted);
        assert!(has(|moment| *moment == Moment::Opened) && has(|moment| matches!(moment, Moment::Handed(_))));
    }

    #[test]
    fn lines_are_counted_once_and_only_when_they_are_whole() {
        let path = std::env::temp_dir().join(format!("weighbridge-tail-{}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        file.write_all(b"packet moved\n").unwrap();
        let mut tail = Tail::at_end(&path).unwrap();
        assert_eq!(tail.count("moved").unwrap(), 0, "what was there before");
        file.write_all(b"packet moved\nother\npacket mo").unwrap();
        assert_eq!(tail.count("moved").unwrap(), 1);
        file.write_all(b"ved\n").unwrap();
        assert_eq!(tail.count("moved").unwrap(), 1);
        std::fs::remove_file(path).unwrap();
    }
}
