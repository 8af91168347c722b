//! The main job: what a bridge is for, and what must not hurt it.
//!
//! Runs on any two chains. Each act says what it does, does it, and checks balances by its own arithmetic; whether a
//! packet ended is read from the chains ([`Tracker`]).

use crate::{
    bridge::Bridge,
    end::Settled,
    report::Packets,
    site::Role,
    tracker::{Side, Tracker},
};
use alloy::primitives::{Address, U256};
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};

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
}

/// Says what happens, a line at a time.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// A run of the main job.
pub struct Job<'a> {
    bridge: &'a mut Bridge,
    size: Size,
    say: Say<'a>,
    /// Every packet of the run.
    pub tracker: Tracker,
    refunded: u64,
    start_periods: [u64; 2],
}

/// Amount of one transfer, in the token's smallest unit.
const AMOUNT: u64 = 1_000_000;
/// Tokens that the user of each side starts with.
const FUNDS: u64 = 1_000_000_000;
/// Validity of a packet that is to arrive: just below the router's limit of 24 hours, since simulated time runs fast.
const AMPLE_SECS: u64 = 23 * 3_600;

impl<'a> Job<'a> {
    /// Prepares a run; nothing is sent yet.
    ///
    /// # Errors
    /// A chain refuses to fund its user.
    pub async fn new(bridge: &'a mut Bridge, size: Size, say: Say<'a>) -> Result<Self> {
        for end in &bridge.ends {
            end.fund_user(U256::from(FUNDS)).await?;
        }
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
    pub fn bridge(&self) -> &Bridge {
        self.bridge
    }

    /// One transfer from North, followed to its end; the relayer's own account of it comes back.
    ///
    /// # Errors
    /// It does not arrive.
    pub async fn walk(&mut self) -> Result<serde_json::Value> {
        (self.say)("one transfer, followed");
        let number = self.send_native(Side::North).await?;
        self.settle().await?;
        let sequence = self.tracker.packets()[number].sent.packet.sequence.get();
        self.bridge.trace(Side::North, sequence).await
    }

    /// Native tokens out on both sides, then vouchers home.
    ///
    /// # Errors
    /// A packet gets stuck or the balances are wrong.
    pub async fn there_and_back(&mut self) -> Result<()> {
        let Size {
            transfers, returns, ..
        } = self.size;
        (self.say)(&format!("{transfers} transfers each way"));
        for _ in 0..transfers {
            self.send_native(Side::North).await?;
            self.send_native(Side::South).await?;
        }
        self.settle().await?;
        (self.say)(&format!("{returns} vouchers home each way"));
        for _ in 0..returns {
            self.send_home(Side::North).await?;
            self.send_home(Side::South).await?;
        }
        self.settle().await
    }

    /// The relayer is killed while packets are under way, and started again.
    ///
    /// # Errors
    /// A packet gets stuck or the balances are wrong.
    pub async fn crash(&mut self) -> Result<()> {
        (self.say)(&format!(
            "{} transfers under way: kill -9 the relayer, start it again",
            self.size.in_flight
        ));
        let before = self.tracker.packets().len();
        for _ in 0..self.size.in_flight {
            self.send_native(Side::North).await?;
            self.send_native(Side::South).await?;
        }
        self.tracker
            .wait_until_ended(&self.bridge.ends, before, self.size.patience)
            .await?;
        self.bridge.kill_relayer().await?;
        self.bridge.start_relayer().await?;
        self.settle().await
    }

    /// A transfer that can't arrive in time, for its timeout lies before any finality: it is refunded.
    ///
    /// # Errors
    /// It is not refunded exactly once.
    pub async fn timeout(&mut self) -> Result<()> {
        (self.say)("a transfer that expires before it can be proven: refund");
        let north = &self.bridge.ends[0];
        let before = north.user_balance(north.token).await?;
        let timeout = north.wallet(Role::User)?.now().await? + self.bridge.epoch_secs;
        let number = self.send(Side::North, north.token, timeout).await?;
        self.tracker
            .wait_for_all(&self.bridge.ends, self.size.patience)
            .await?;
        ensure!(
            self.tracker.packets()[number].end() == Some(Settled::TimedOut),
            "the expired transfer ended as {:?}",
            self.tracker.packets()[number].end()
        );
        let north = &self.bridge.ends[0];
        let after = north.user_balance(north.token).await?;
        ensure!(
            after == before,
            "the refund left the user with {after} instead of {before}"
        );
        self.refunded += 1;
        self.check_books().await
    }

    /// A letter that its receiver can't digest times out, one that it refuses is answered by the universal error, and
    /// both leave the path open.
    ///
    /// # Errors
    /// One of the letters ends in another way, or a packet behind them gets stuck.
    pub async fn poison(&mut self) -> Result<()> {
        (self.say)("a poison message, a refused one, and a transfer behind them");
        let [north, south] = &self.bridge.ends;
        let now = north.wallet(Role::User)?.now().await?;
        let poison = north
            .send_letter(south, "poison", now + 6 * self.bridge.epoch_secs)
            .await?;
        let refused = north.send_letter(south, "refuse", now + AMPLE_SECS).await?;
        let (poison, refused) = (
            self.tracker.add(Side::North, poison),
            self.tracker.add(Side::North, refused),
        );
        self.send_native(Side::North).await?;
        self.settle().await?;
        let end = |number: usize| self.tracker.packets()[number].end();
        ensure!(
            end(poison) == Some(Settled::TimedOut),
            "the poison letter ended as {:?}",
            end(poison)
        );
        ensure!(
            end(refused) == Some(Settled::Acked { refused: true }),
            "the refused letter ended as {:?}",
            end(refused)
        );
        Ok(())
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
            self.send_native(Side::North).await?;
            self.send_native(Side::South).await?;
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

    async fn send_native(&mut self, from: Side) -> Result<usize> {
        let token = from.of(&self.bridge.ends).token;
        self.send_amply(from, token).await
    }

    /// Sends the voucher of `home`'s token back to `home`.
    async fn send_home(&mut self, home: Side) -> Result<usize> {
        let token = home.of(&self.bridge.ends).token;
        let voucher = home.across().of(&self.bridge.ends).voucher_of(token).await?;
        self.send_amply(home.across(), voucher).await
    }

    async fn send_amply(&mut self, from: Side, token: Address) -> Result<usize> {
        let now = from.of(&self.bridge.ends).wallet(Role::User)?.now().await?;
        self.send(from, token, now + AMPLE_SECS).await
    }

    async fn send(&mut self, from: Side, token: Address, timeout: u64) -> Result<usize> {
        let receiver = from.across().of(&self.bridge.ends).wallet(Role::User)?.address;
        let end = from.of(&self.bridge.ends);
        let sent = end
            .send_transfer(token, U256::from(AMOUNT), receiver, timeout)
            .await;
        let sent = sent.with_context(|| format!("failed to send from {}", end.site.name))?;
        Ok(self.tracker.add(from, sent))
    }

    async fn settle(&mut self) -> Result<()> {
        self.tracker
            .wait_for_all(&self.bridge.ends, self.size.patience)
            .await?;
        self.check_books().await
    }

    /// I2 from outside: what lies in escrow on one side exists as vouchers on the other, and every token of a user who
    /// only ever dealt with himself is in his hands or in escrow.
    async fn check_books(&self) -> Result<()> {
        for home in [Side::North, Side::South] {
            let (here, there) = (home.of(&self.bridge.ends), home.across().of(&self.bridge.ends));
            let escrowed = here.escrowed(here.token).await?;
            let in_hand = here.user_balance(here.token).await?;
            ensure!(
                in_hand + escrowed == U256::from(FUNDS),
                "{}: the user holds {in_hand} and the escrow {escrowed} of {FUNDS}",
                here.site.name
            );
            let voucher = there.voucher_of(here.token).await?;
            let supply = if escrowed.is_zero() {
                U256::ZERO
            } else {
                there.supply(voucher).await?
            };
            ensure!(
                supply == escrowed,
                "{} vouchers at {} for {escrowed} in escrow",
                supply,
                there.site.name
            );
        }
        Ok(())
    }
}
