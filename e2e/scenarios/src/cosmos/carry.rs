//! Tokens between two running Cosmos chains, carried by the relayer as a process of its own, over IBC v2 or over a channel of
//! IBC v1: there and home again, one that comes too late and one that is refused each way, the relayer killed meanwhile, and
//! clients that are refreshed while nobody sends and while the validators change.
//!
//! The verdict is the chains': what accounts and escrows hold, and that no commitment is left.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use cosmos_chain::hand::Seen;
use cosmos_chain::validators::Secret;
use wire::Height;

use super::bank::balance;
use super::deceived;
use super::entry::{Entry, Follows};
use super::pace::Pace;
use super::relayed::Relayed;
use super::sent_packets::{Meant, Sent, tally};
use super::served::served;
use super::side::{Life, Over, Side};
use super::site::CosmosSite;
use super::transfer::{Encoding, Ibc, escrow, voucher};
use super::{STAKE, TOKEN};
use crate::backlog;
use crate::haul::Haul;
use crate::program::Program;
use crate::report::Packets;
use crate::site::Role;

/// No address of any chain.
const NOBODY: &str = "nobody";

/// Two chains, the relayer between them, and what was sent.
pub struct Carry {
    path: Relayed,
    ibc: Ibc,
    pace: Pace,
    sides: [Side; 2],
    sent: Vec<Sent>,
}

impl Carry {
    /// Pairs the chains and starts the relayer, whose files lie in `folder`.
    ///
    /// # Errors
    /// A node does not answer, or a command of the relayer fails.
    pub async fn build(program: Program, sites: [CosmosSite; 2], pace: Pace, folder: &Path) -> Result<Self> {
        let senders = [Role::Relayer, Role::Deployer];
        let chains = entries(&sites, &pace, &senders, folder)?;
        let path = Relayed::build(program, chains, pace, folder).await?;
        Self::over(path, Ibc::V2, &sites, pace).await
    }

    /// Opens a channel of IBC v1 and takes it over when packets lie there already: the relayer, whose files lie in `folder`, is
    /// started only then. It sends with one account.
    ///
    /// # Errors
    /// A node does not answer, or a command of the relayer fails.
    pub async fn take_over_channel(
        program: Program,
        sites: [CosmosSite; 2],
        pace: Pace,
        folder: &Path,
    ) -> Result<Self> {
        let chains = entries(&sites, &pace, &[Role::Relayer], folder)?;
        let path = Relayed::over_channel(program, chains, pace, folder).await?;
        let mut carry = Self::over(path, Ibc::V1, &sites, pace).await?;
        carry.send(0, &[5, 6]).await?;
        carry.send(1, &[7]).await?;
        carry.path.start().await?;
        Ok(carry)
    }

    async fn over(path: Relayed, ibc: Ibc, sites: &[CosmosSite; 2], pace: Pace) -> Result<Self> {
        let sides = [
            Side::new(&sites[0], &pace).await?,
            Side::new(&sites[1], &pace).await?,
        ];
        Ok(Self {
            path,
            ibc,
            pace,
            sides,
            sent: Vec::new(),
        })
    }

    /// The ends of the path.
    pub fn ends(&self) -> String {
        self.path.ends.join(" and ")
    }

    /// The client at the first and at the second end.
    pub fn clients(&self) -> [&str; 2] {
        [self.path.client(0), self.path.client(1)]
    }

    /// What became of all packets, once they have ended.
    pub fn packets(&self) -> Packets {
        tally(&self.sent)
    }

    /// Sends both ways, kills the relayer in between, sends on, starts it again, and sends some of it home. Says in a line each
    /// what was found.
    ///
    /// - `pass`: lets so many seconds pass on both chains; where they pass by themselves, it does nothing.
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    pub async fn there_and_home(&mut self, pass: impl AsyncFn(u64)) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for (from, amounts, late) in [(0, [100, 20, 3], 5_000), (1, [200, 40, 6], 6_000)] {
            self.send(from, &amounts).await?;
            self.send_late(from, late).await?;
            self.send_refused(from, late + 7).await?;
        }
        let known = self.path.wait_until_known(self.pace.settled_within).await?;
        self.path.kill().await?;
        found.push(format!(
            "the relayer is killed when it knows {known} of {} packets",
            self.sent.len()
        ));
        self.send(0, &[7]).await?;
        self.send(1, &[8]).await?;
        if self.ibc == Ibc::V1 {
            self.send_late_by_height(0, 5_011).await?;
            self.send_late_by_height(1, 6_011).await?;
        }
        pass(self.pace.short_secs()).await;
        self.path.start().await?;
        let took = self.settle().await?;
        found.push(format!(
            "{}, {} s after it was started again",
            self.told(),
            took.as_secs()
        ));
        self.send_home(0, 11).await?;
        self.send_home(1, 9).await?;
        self.settle().await?;
        found.push(format!("vouchers of both are home again: {}", self.told()));
        for side in 0..2 {
            self.path.check_money(side, STAKE).await?;
        }
        Ok(found)
    }

    /// Stops the relayer, if it runs.
    ///
    /// # Errors
    /// It does not stop.
    pub async fn stop(&mut self) -> Result<()> {
        self.path.stop_if_running().await
    }

    /// The heights that both clients trust; taken before nobody sends for a while.
    ///
    /// # Errors
    /// A command of the relayer fails.
    pub async fn heights(&self) -> Result<[u64; 2]> {
        self.path.trusted_heights().await
    }

    /// Waits until both clients trust more than `before`, though nobody sends; then sends once more each way and stops.
    ///
    /// - `pass`: as for [`Self::there_and_home`].
    ///
    /// # Errors
    /// A client is not refreshed in time, a packet does not end as it has to, or the relayer does not stop.
    pub async fn go_on_after(&mut self, before: [u64; 2], pass: impl AsyncFn(u64)) -> Result<Vec<String>> {
        pass(self.pace.refresh_secs()).await;
        let after = self
            .path
            .wait_until_refreshed(before, self.pace.refreshed_within)
            .await?;
        self.send(0, &[1]).await?;
        self.send(1, &[2]).await?;
        self.settle().await?;
        self.path.check().await?;
        self.path.stop().await?;
        Ok(vec![format!(
            "clients went from {before:?} to {after:?} without a packet, and carry on: {}",
            self.told()
        )])
    }

    /// Deceives both clients, with the keys of those who sign: the relayer has to find it out. The last thing that is done with a
    /// path whose relayer was stopped. Says in a line each what was found.
    ///
    /// - `sites`: both chains, as they were paired.
    /// - `secrets`: of each chain the consensus keys of those who may be its validators.
    ///
    /// # Errors
    /// A client does not believe what it is shown, or is not frozen by the relayer in time.
    pub async fn deceive(&mut self, sites: &[CosmosSite; 2], secrets: [&[Secret]; 2]) -> Result<Vec<String>> {
        deceived::deceive(self, sites, secrets).await
    }

    /// As [`start_behind`](backlog::start_behind).
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    pub async fn start_behind(
        &mut self,
        count: usize,
        apart: u64,
        pass: impl AsyncFn(u64),
        age: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<String> {
        backlog::start_behind(self, (count, apart), pass, age).await
    }

    /// As [`outlast`](backlog::outlast).
    ///
    /// # Errors
    /// The relayer ends by itself, or a packet does not end as it has to.
    pub async fn outlast(&mut self, away: impl AsyncFnOnce() -> Result<String>) -> Result<String> {
        backlog::outlast(self, away).await
    }

    /// As [`start_pruned`](backlog::start_pruned).
    ///
    /// # Errors
    /// The relayer does not say what is pruned, or a packet does not end as it has to.
    pub async fn start_pruned(&mut self) -> Result<String> {
        backlog::start_pruned(self).await
    }

    /// Sends tokens that nobody will receive in time.
    async fn send_late(&mut self, from: usize, amount: u64) -> Result<()> {
        let amount = (TOKEN.to_owned(), amount);
        let life = Life::Secs(self.pace.short_secs());
        self.transfer(from, &[amount], life, Meant::TimedOut).await
    }

    /// The same by the other chain's height, as only packets of channels have it: the next one, which has passed before anybody can
    /// show that the packet was sent. The relayer must not run: ibc-go refuses a height that the client on the sender's chain knows.
    async fn send_late_by_height(&mut self, from: usize, amount: u64) -> Result<()> {
        let rpc = &self.sides[1 - from].rpc;
        let status = served(rpc.status().await.map(Ok))?;
        let seen = Seen {
            rpc,
            chain_id: &status.chain_id,
        };
        let next = seen.height(status.latest + 1);
        let next = Height {
            revision_number: next.revision_number,
            revision_height: next.revision_height,
        };
        let amount = (TOKEN.to_owned(), amount);
        self.transfer(from, &[amount], Life::Height(next), Meant::TimedOut)
            .await
    }

    /// Sends tokens that the other chain refuses, because nobody could own them there.
    async fn send_refused(&mut self, from: usize, amount: u64) -> Result<()> {
        let amount = (TOKEN.to_owned(), amount);
        self.transfer(from, &[amount], Life::Secs(self.pace.long_secs), Meant::Refused)
            .await
    }

    /// Sends tokens of the other chain home from the chain `from`.
    async fn send_home(&mut self, from: usize, amount: u64) -> Result<()> {
        let denom = voucher(self.path.client(from), TOKEN);
        self.sides[1 - from].away -= amount;
        let life = Life::Secs(self.pace.long_secs);
        self.transfer(from, &[(denom, amount)], life, Meant::Acked).await
    }

    /// One transaction of the user on the chain `from`, with a transfer to the other user for each of `coins`.
    async fn transfer(
        &mut self,
        from: usize,
        coins: &[(String, u64)],
        life: Life,
        meant: Meant,
    ) -> Result<()> {
        let receiver = match meant {
            Meant::Acked | Meant::TimedOut => self.sides[1 - from].user.as_str(),
            Meant::Refused => NOBODY,
        };
        let over = Over {
            from: self.path.client(from),
            ibc: self.ibc,
            receiver,
            life,
            encoding: Encoding::Json,
        };
        let sequences = self.sides[from].transfer(over, coins).await?;
        self.sent.extend(sequences.into_iter().map(|sequence| Sent {
            from,
            sequence,
            meant,
        }));
        Ok(())
    }

    /// No packet has a commitment any more.
    async fn check_settled(&self) -> Result<()> {
        for sent in &self.sent {
            let over = (self.ibc, self.path.client(sent.from));
            self.sides[sent.from].check_settled(over, sent.sequence).await?;
        }
        Ok(())
    }

    /// Each user owns what he should, and the escrows hold what the vouchers stand for.
    async fn check_books(&self) -> Result<()> {
        for (own, side) in self.sides.iter().enumerate() {
            let (client, across) = (self.path.client(own), &self.sides[1 - own]);
            let held = balance(&side.rpc, &escrow(client)?, TOKEN).await?;
            let owned = balance(&side.rpc, &side.user, TOKEN).await?;
            let vouched = voucher(self.path.client(1 - own), TOKEN);
            let vouchers = balance(&across.rpc, &across.user, &vouched).await?;
            let away = side.away;
            ensure!(
                (owned, held, vouchers) == (side.owned - away, away, away),
                "of {} tokens of {} {away} are away, but the user owns {owned}, the escrow holds {held}, and across are {vouchers}",
                side.owned,
                self.path.ends[own],
            );
        }
        Ok(())
    }
}

impl Haul for Carry {
    fn path(&mut self) -> &mut Relayed {
        &mut self.path
    }

    fn sent(&self) -> &[Sent] {
        &self.sent
    }

    async fn send(&mut self, from: usize, amounts: &[u64]) -> Result<()> {
        let amounts: Vec<(String, u64)> = amounts.iter().map(|amount| (TOKEN.to_owned(), *amount)).collect();
        self.sides[from].away += amounts.iter().map(|(_, amount)| amount).sum::<u64>();
        self.transfer(from, &amounts, Life::Secs(self.pace.long_secs), Meant::Acked)
            .await
    }

    fn settled_within(&self) -> Duration {
        self.pace.settled_within
    }

    async fn check(&self) -> Result<()> {
        self.check_settled().await?;
        self.check_books().await
    }
}

/// Both chains as the relayer knows them.
fn entries(sites: &[CosmosSite; 2], pace: &Pace, senders: &[Role], folder: &Path) -> Result<[Entry; 2]> {
    Ok([
        Entry::cosmos((&sites[0], Follows::Cosmos), pace, senders, folder)?,
        Entry::cosmos((&sites[1], Follows::Cosmos), pace, senders, folder)?,
    ])
}
