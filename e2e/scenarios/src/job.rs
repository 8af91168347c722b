//! The main job: what a bridge is for, and what must not hurt it.
//!
//! Runs on any two chains. Each act says what it does, does it, and checks balances by its own arithmetic ([`books`]);
//! whether a packet ended, and how, is read from the chains ([`Tracker`]).

use crate::{
    books,
    bridge::Bridge,
    end::{Sent, Settled},
    report::Packets,
    site::Role,
    tracker::{Side, Tracker},
};
use alloy::primitives::U256;
use anyhow::{Context, Result, ensure};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Native tokens sent from each side.
    pub transfers: u64,
    /// Vouchers sent home to each side.
    pub returns: u64,
    /// Transfers under way when the relayer is killed.
    pub in_flight: u64,
    /// Committee periods that each client must learn during the run.
    pub rotations: u64,
    /// Real time after which a packet that should have ended counts as stuck.
    pub patience: Duration,
    /// How often the chains are asked while waiting.
    pub look_every: Duration,
}

/// Says what happens, a line at a time.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// A run of the main job.
pub struct Job<'a> {
    pub(crate) bridge: &'a mut Bridge,
    pub(crate) size: Size,
    pub(crate) say: Say<'a>,
    /// Every packet of the run.
    pub tracker: Tracker,
    refunded: u64,
    start_periods: [u64; 2],
}

/// What a transfer carries.
#[derive(Clone, Copy, Debug)]
enum Cargo {
    /// Tokens of the chain that they leave.
    Native,
    /// Vouchers of tokens of the chain that they go to.
    Voucher,
}

/// Amount of one transfer, in the token's smallest unit.
pub(crate) const AMOUNT: u64 = 1_000_000;
/// Tokens that the user of each side starts with.
const FUNDS: u64 = 1_000_000_000;
/// Validity of a packet that is to arrive: just below the router's limit of 24 hours, since simulated time runs fast.
pub(crate) const AMPLE_SECS: u64 = 23 * 3_600;
/// Validity of the poison letter, in epochs: enough for the relayer to try it.
const POISON_EPOCHS: u64 = 6;
/// Tries to send a transfer that is about to expire.
const EXPIRING_TRIES: u32 = 20;
/// How a packet ends that its receiver takes.
pub(crate) const TAKEN: Settled = Settled::Acked { refused: false };

impl<'a> Job<'a> {
    /// Prepares a run; nothing is sent yet.
    ///
    /// # Errors
    /// A chain refuses to fund its user.
    pub async fn new(bridge: &'a mut Bridge, size: Size, say: Say<'a>) -> Result<Self> {
        let [north, south] = &bridge.ends;
        tokio::try_join!(
            north.fund_user(U256::from(FUNDS)),
            south.fund_user(U256::from(FUNDS))
        )?;
        let start_periods = bridge.newest_periods().await?;
        Ok(Self {
            bridge,
            size,
            say,
            tracker: Tracker::default(),
            refunded: 0,
            start_periods,
        })
    }

    /// The bridge.
    pub fn bridge(&mut self) -> &mut Bridge {
        self.bridge
    }

    /// One transfer from North, followed to its end; its number in this run comes back.
    ///
    /// # Errors
    /// It does not arrive.
    pub async fn walk(&mut self) -> Result<usize> {
        (self.say)("one transfer, alone");
        let number = self.send_native(Side::North).await?;
        self.settle().await?;
        Ok(number)
    }

    /// The relayer's own account of a packet of this run. A packet has ended for its sender before the relayer has seen
    /// that end finalized: the account is whole a few epochs later.
    ///
    /// # Errors
    /// The relayer does not know it.
    pub async fn account(&self, number: usize) -> Result<serde_json::Value> {
        let packet = &self.tracker.packets()[number];
        self.bridge.trace(packet.from, packet.sequence()).await
    }

    /// Native tokens out on both sides, then vouchers home.
    ///
    /// # Errors
    /// A packet gets stuck or the balances are wrong.
    pub async fn there_and_back(&mut self) -> Result<()> {
        self.send_wave_out().await?;
        self.settle().await?;
        self.send_wave_home().await?;
        self.settle().await
    }

    /// The relayer is killed while packets are under way, and started again.
    ///
    /// # Errors
    /// A packet gets stuck or the balances are wrong.
    pub async fn crash(&mut self) -> Result<()> {
        let wave = self.send_under_way().await?;
        self.wait_until_one_is_delivered(wave).await?;
        (self.say)("the first was delivered: kill -9 the relayer, start it again");
        self.bridge.kill_relayer().await?;
        self.bridge.start_relayer().await?;
        self.settle().await
    }

    /// What cannot arrive or is not wanted, all at once: a transfer that can't arrive in time is refunded, a letter that
    /// its receiver can't digest times out, one that it refuses is answered by the universal error, and all of them leave
    /// the path open. Nothing here waits for their ends; the next act does.
    ///
    /// # Errors
    /// One of them cannot be sent.
    pub async fn trouble(&mut self) -> Result<()> {
        (self.say)("a transfer that expires before it can be proven: refund");
        self.send_expiring(Side::North).await?;
        self.send_letters().await
    }

    /// All acts in two waves, for chains on which every wait is long: what does not depend on another is sent before any
    /// of it is waited for. `look` runs while packets are under way.
    ///
    /// # Errors
    /// As those of each act.
    pub async fn together(&mut self, look: impl AsyncFn(&Bridge, &Tracker) -> Result<()>) -> Result<()> {
        let first = self.send_wave_out().await?;
        (self.say)("a transfer that expires before it can be proven: refund");
        self.send_expiring(Side::North).await?;
        self.send_letters().await?;
        (self.say)("waiting for the acknowledgements of the first transfers");
        self.wait_for(first).await?;
        self.send_wave_home().await?;
        let second = self.send_under_way().await?;
        self.wait_until_one_is_delivered(second).await?;
        look(self.bridge, &self.tracker).await?;
        (self.say)("the first was delivered: kill -9 the relayer, start it again");
        self.bridge.kill_relayer().await?;
        self.bridge.start_relayer().await?;
        (self.say)("waiting until every packet has ended");
        self.settle().await
    }

    /// Transfers until both clients have learned the wanted number of committees since the run began. A client moves
    /// only when a packet needs it, so packets are what drives it over a rotation.
    ///
    /// # Errors
    /// A client does not follow, or a packet gets stuck.
    pub async fn rotate(&mut self) -> Result<()> {
        let goals = self.start_periods.map(|start| start + self.size.rotations);
        (self.say)(&format!(
            "transfers over {} committee rotations on each side",
            self.size.rotations
        ));
        let deadline = Instant::now() + self.size.patience * u32::try_from(self.size.rotations)?;
        loop {
            let periods = self.bridge.newest_periods().await?;
            if periods.iter().zip(goals).all(|(period, goal)| *period >= goal) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "the clients know committees up to periods {periods:?}, the goal was {goals:?}"
            );
            self.send_both(Cargo::Native, 1).await?;
            self.settle().await?;
        }
    }

    /// What became of all packets.
    pub fn packets(&self) -> Packets {
        Packets {
            refunded: self.refunded,
            ..self.tracker.tally()
        }
    }

    async fn send_wave_out(&mut self) -> Result<Range<usize>> {
        (self.say)(&format!("{} transfers each way", self.size.transfers));
        self.send_both(Cargo::Native, self.size.transfers).await
    }

    async fn send_wave_home(&mut self) -> Result<Range<usize>> {
        (self.say)(&format!("{} vouchers home each way", self.size.returns));
        self.send_both(Cargo::Voucher, self.size.returns).await
    }

    async fn send_under_way(&mut self) -> Result<Range<usize>> {
        (self.say)(&format!(
            "{} transfers each way, during which the relayer is to die",
            self.size.in_flight
        ));
        self.send_both(Cargo::Native, self.size.in_flight).await
    }

    /// Sends native tokens that are to arrive.
    pub(crate) async fn send_native(&mut self, from: Side) -> Result<usize> {
        let sent = self.transfer(from, Cargo::Native, AMPLE_SECS).await?;
        Ok(self.tracker.add(from, sent, TAKEN))
    }

    /// Sends vouchers home to the other side.
    pub(crate) async fn send_home(&mut self, from: Side) -> Result<usize> {
        let sent = self.transfer(from, Cargo::Voucher, AMPLE_SECS).await?;
        Ok(self.tracker.add(from, sent, TAKEN))
    }

    /// Sends a transfer that can't arrive in time: finality alone takes two epochs. On a machine so slow that the time is
    /// over before the transfer is in a block, the router refuses to send it, and it is tried again.
    pub(crate) async fn send_expiring(&mut self, from: Side) -> Result<usize> {
        let validity_secs = 2 * self.bridge.epoch_secs;
        let user = from.of(&self.bridge.ends).wallet(Role::User)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let since = user.now().await?;
            match self.transfer(from, Cargo::Native, validity_secs).await {
                Ok(sent) => return Ok(self.tracker.add(from, sent, Settled::TimedOut)),
                Err(_) if tries < EXPIRING_TRIES && user.now().await? >= since + validity_secs => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn send_letters(&mut self) -> Result<()> {
        (self.say)("a poison message, a refused one, and a transfer behind them");
        let [north, south] = &self.bridge.ends;
        let now = north.wallet(Role::User)?.now().await?;
        let expiry = now + POISON_EPOCHS * self.bridge.epoch_secs;
        let poison = north.send_letter(south, "poison", expiry).await?;
        let refused = north.send_letter(south, "refuse", now + AMPLE_SECS).await?;
        self.tracker.add(Side::North, poison, Settled::TimedOut);
        self.tracker
            .add(Side::North, refused, Settled::Acked { refused: true });
        self.send_native(Side::North).await.map(|_| ())
    }

    /// Sends `count` transfers that are to arrive from each side; their numbers come back.
    async fn send_both(&mut self, cargo: Cargo, count: u64) -> Result<Range<usize>> {
        let (north, south) = tokio::try_join!(
            self.transfers(Side::North, cargo, count),
            self.transfers(Side::South, cargo, count)
        )?;
        let start = self.tracker.packets().len();
        for (from, all) in [(Side::North, north), (Side::South, south)] {
            for sent in all {
                self.tracker.add(from, sent, TAKEN);
            }
        }
        Ok(start..self.tracker.packets().len())
    }

    async fn transfers(&self, from: Side, cargo: Cargo, count: u64) -> Result<Vec<Sent>> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.transfer(from, cargo, AMPLE_SECS).await?);
        }
        Ok(all)
    }

    /// Sends one transfer that is void after `validity_secs`.
    async fn transfer(&self, from: Side, cargo: Cargo, validity_secs: u64) -> Result<Sent> {
        let (here, there) = (from.of(&self.bridge.ends), from.across().of(&self.bridge.ends));
        let token = match cargo {
            Cargo::Native => here.token,
            Cargo::Voucher => here.voucher_of(there.token).await?,
        };
        let timeout = here.wallet(Role::User)?.now().await? + validity_secs;
        let receiver = there.wallet(Role::User)?.address;
        here.send_transfer(token, U256::from(AMOUNT), receiver, timeout)
            .await
            .with_context(|| format!("failed to send from {}", here.site.name))
    }

    /// Waits for every packet and checks the books.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.wait_for(0..self.tracker.packets().len()).await?;
        books::check(&self.bridge.ends, self.tracker.packets(), U256::from(FUNDS)).await?;
        self.refunded = self.tracker.returned();
        Ok(())
    }

    /// Waits until the packets numbered `which` have ended as they had to.
    async fn wait_for(&mut self, which: Range<usize>) -> Result<()> {
        let deadline = Instant::now() + self.size.patience;
        loop {
            self.tracker.observe(&self.bridge.ends).await?;
            let live = self.tracker.live_of(which.clone()).count();
            if live == 0 {
                return Ok(());
            }
            if Instant::now() > deadline {
                let where_they_are = self.whereabouts(which.clone()).await;
                let (all, limit) = (which.len(), self.size.patience.as_secs());
                anyhow::bail!("{live} of {all} packets did not end within {limit} s:\n{where_they_are}");
            }
            self.pause().await?;
        }
    }

    /// Waits until one of the packets numbered `which` was delivered.
    async fn wait_until_one_is_delivered(&mut self, which: Range<usize>) -> Result<()> {
        let deadline = Instant::now() + self.size.patience;
        loop {
            for packet in self.tracker.live_of(which.clone()) {
                let destination = packet.from.across().of(&self.bridge.ends);
                if destination.delivery(packet.sequence()).await?.is_some() {
                    return Ok(());
                }
            }
            if Instant::now() > deadline {
                let where_they_are = self.whereabouts(which.clone()).await;
                let limit = self.size.patience.as_secs();
                anyhow::bail!("no packet was delivered within {limit} s:\n{where_they_are}");
            }
            self.pause().await?;
        }
    }

    pub(crate) async fn pause(&mut self) -> Result<()> {
        self.bridge.check_relayer_runs()?;
        tokio::time::sleep(self.size.look_every).await;
        Ok(())
    }

    /// What the relayer says of those of the packets numbered `which` that have not ended.
    async fn whereabouts(&self, which: Range<usize>) -> String {
        let mut lines = Vec::new();
        for packet in self.tracker.live_of(which) {
            let said = self.bridge.show(packet.from, packet.sequence()).await;
            let end = packet.from.of(&self.bridge.ends).name();
            lines.push(match said {
                Ok(view) => format!(
                    "  {end}/{}: {} {}, {}; next: {}",
                    packet.sequence(),
                    view["leg"],
                    view["stage"],
                    view["why"],
                    view["next"]
                ),
                Err(error) => format!("  {end}/{}: {error:#}", packet.sequence()),
            });
        }
        lines.join("\n")
    }
}
