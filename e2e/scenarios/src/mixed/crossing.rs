//! Tokens between an EVM chain and a Cosmos chain, carried by the relayer as a process of its own: there and home again, one that
//! comes too late each way, the relayer killed meanwhile and somebody else who tries to cheat, and clients that are refreshed while
//! nobody sends.
//!
//! The verdict is the chains': what accounts and escrows hold, and that no commitment is left.

use super::absent;
use super::forged::attack;
use crate::backlog;
use crate::cosmos::entry::{Entry, Follows};
use crate::cosmos::relayed::Relayed;
use crate::cosmos::sent_packets::{Meant, Sent, tally};
use crate::cosmos::side::{Life, Over, Side};
use crate::cosmos::transfer::{Encoding, Ibc};
use crate::cosmos::{CosmosSite, Pace, STAKE, TOKEN};
use crate::end::End;
use crate::haul::Haul;
use crate::port::Port;
use crate::post::{Post, Target};
use crate::program::Program;
use crate::report::{AttackResult, Packets};
use crate::site::Role;
use alloy::primitives::U256;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::Duration;
use wire::ClientId;

/// The places of the chains among two.
pub(super) const EVM: usize = 0;
pub(super) const HUB: usize = 1;
/// Whose accounts send for the relayer on the Cosmos chain.
const SENDERS: [Role; 2] = [Role::Relayer, Role::Deployer];
/// No address of any chain.
const NOBODY: &str = "nobody";
/// What the user of the EVM chain has of its token at first.
pub(super) const FUNDS: u64 = 1_000_000_000;
/// What forgeries are called on the EVM chain, and on the Cosmos chain.
const ON_EVM: [&str; 2] = ["cosmos-edited-header", "cosmos-edited-packet"];
const ON_HUB: [&str; 2] = ["wasm-edited-header", "wasm-edited-packet"];

/// Both chains as they are before they know each other.
pub struct Ground {
    /// The contracts on the EVM chain, without a client.
    pub evm: End,
    /// The Cosmos chain, whose governance has let the client of EVM chains in.
    pub hub: CosmosSite,
    /// How long things take.
    pub pace: Pace,
}

/// Two chains, the relayer between them, and what was sent.
pub struct Crossing {
    pub(super) path: Relayed,
    pub(super) pace: Pace,
    pub(super) evm: End,
    pub(super) site: CosmosSite,
    pub(super) hub: Side,
    /// How much of the EVM chain's token is on the other chain.
    pub(super) away: u64,
    pub(super) sent: Vec<Sent>,
    /// The newest committee that the client on the Cosmos chain knew at first.
    first_period: u64,
}

impl Crossing {
    /// Makes a client of each chain on the other, pairs them and starts the relayer, whose files lie in `folder`.
    ///
    /// # Errors
    /// A node does not answer, or a command of the relayer fails.
    pub async fn build(program: Program, ground: Ground, folder: &Path) -> Result<Self> {
        let Ground { mut evm, hub, pace } = ground;
        evm.fund_user(U256::from(FUNDS)).await?;
        let chains = [
            Entry::evm(&evm, &pace, folder)?,
            Entry::cosmos((&hub, Follows::Evm), &pace, &SENDERS, folder)?,
        ];
        let path = Relayed::build(program, chains, pace, folder).await?;
        evm.client = path.client(EVM).to_owned();
        Ok(Self {
            first_period: path.newest_period(HUB).await?,
            path,
            pace,
            evm,
            hub: Side::new(&hub, &pace).await?,
            site: hub,
            away: 0,
            sent: Vec::new(),
        })
    }

    /// The ends of the path.
    pub fn ends(&self) -> String {
        self.path.ends.join(" and ")
    }

    /// What became of all packets, once they have ended.
    pub fn packets(&self) -> Packets {
        tally(&self.sent)
    }

    /// Sends both ways, kills the relayer in between, lets somebody try forgeries on both chains meanwhile, starts the relayer again,
    /// and sends some of it home. Says in a line each what was found, and what refused the forgeries.
    ///
    /// - `pass`: lets so many seconds pass on both chains; where they pass by themselves, it does nothing.
    ///
    /// # Errors
    /// A packet does not end as it has to, somebody owns what he should not, or a forgery is believed.
    pub async fn there_and_home(
        &mut self,
        pass: impl AsyncFn(u64),
    ) -> Result<(Vec<String>, Vec<AttackResult>)> {
        let mut found = Vec::new();
        self.send(EVM, &[100, 20, 3]).await?;
        self.send_late(EVM, 5_000).await?;
        self.send_refused(EVM, 5_007).await?;
        self.send(HUB, &[200, 40, 6]).await?;
        self.send_late(HUB, 6_000).await?;
        self.send_refused(HUB, 6_007).await?;
        let known = self.path.wait_until_known(self.pace.settled_within).await?;
        self.path.kill().await?;
        found.push(format!(
            "the relayer is killed when it knows {known} of {} packets",
            self.sent.len()
        ));
        let attacks = self.cheat().await?;
        for attack in &attacks {
            ensure!(
                attack.refused,
                "{} is refused by another rule: {}",
                attack.name,
                attack.rule
            );
        }
        found.push(
            "meanwhile somebody else relays: edited headers and packets are refused on both chains, honest ones delivered; nor is what was \
             delivered paid back for a forged absence"
                .into(),
        );
        pass(self.pace.short_secs()).await;
        self.path.start().await?;
        let took = self.settle().await?;
        found.push(format!(
            "{}, {} s after it was started again",
            self.told(),
            took.as_secs()
        ));
        self.send_home(EVM, 11).await?;
        self.send_home(HUB, 9).await?;
        self.settle().await?;
        found.push(format!("vouchers of both are home again: {}", self.told()));
        self.path.check_money(HUB, STAKE).await?;
        Ok((found, attacks))
    }

    /// What both clients trust; taken before nobody sends for a while.
    ///
    /// # Errors
    /// A command of the relayer fails.
    pub async fn heights(&self) -> Result<[u64; 2]> {
        self.path.trusted_heights().await
    }

    /// Waits until both clients trust more than `before`, though nobody sends; then sends once more each way, and stops once the
    /// client on the Cosmos chain has followed at least one rotation of the sync committee since it was made.
    ///
    /// - `pass`: as for [`Self::there_and_home`].
    ///
    /// # Errors
    /// A client is not refreshed in time, a packet does not end as it has to, no committee changed, or the relayer does not stop.
    pub async fn go_on_after(&mut self, before: [u64; 2], pass: impl AsyncFn(u64)) -> Result<Vec<String>> {
        pass(self.pace.refresh_secs()).await;
        let within = self.pace.refreshed_within;
        let after = self.path.wait_until_refreshed(before, within).await?;
        self.send(EVM, &[1]).await?;
        self.send(HUB, &[2]).await?;
        self.settle().await?;
        self.path.check().await?;
        let (first, last) = (self.first_period, self.path.newest_period(HUB).await?);
        ensure!(
            last > first,
            "the client on {} knows committees up to period {last}, as at first",
            self.site.name
        );
        self.path.stop().await?;
        Ok(vec![
            format!(
                "clients went from {before:?} to {after:?} without a packet, and carry on: {}",
                self.told()
            ),
            format!(
                "the client on the Cosmos chain followed the sync committees of periods {first} to {last}"
            ),
        ])
    }

    /// As [`start_behind`](backlog::start_behind).
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    pub async fn start_behind(
        &mut self,
        (count, apart): (usize, u64),
        pass: impl AsyncFn(u64),
    ) -> Result<String> {
        backlog::start_behind(self, (count, apart), pass, async || Ok(())).await
    }

    /// Sends a packet each way that the relayer does not see, and has an attacker try to deliver it edited, then as it is; and then try to
    /// have the delivered one paid back.
    async fn cheat(&mut self) -> Result<Vec<AttackResult>> {
        let (evm, hub) = (self.post(EVM)?, self.post(HUB)?);
        let mut targets = Vec::new();
        for (post, from, amount) in [(&evm, EVM, 7), (&hub, HUB, 8)] {
            let head = post.head().await?;
            self.send(from, &[amount]).await?;
            let sent = self.sent.last().context("nothing was sent")?;
            targets.push(Target {
                sequence: sent.sequence,
                since: head.latest.block,
                within: self.pace.settled_within,
            });
        }
        let (on_hub, on_evm) = tokio::try_join!(
            attack(&hub, &evm, targets[EVM], ON_HUB),
            attack(&evm, &hub, targets[HUB], ON_EVM)
        )?;
        let absence = absent::attack(&evm, &hub, targets[EVM]).await?;
        Ok([on_evm, on_hub, vec![absence]].concat())
    }

    /// One of the chains and the client there, for an attacker who relays himself.
    pub(super) fn post(&self, side: usize) -> Result<Post> {
        let port = if side == EVM {
            Port::evm(&self.evm, Role::Attacker)?
        } else {
            Port::cosmos(&self.site, Role::Attacker, &self.pace)?
        };
        Ok(Post {
            port,
            client: ClientId::new(self.path.client(side))?,
        })
    }

    /// Sends tokens that nobody will receive in time.
    async fn send_late(&mut self, from: usize, amount: u64) -> Result<()> {
        let secs = self.pace.short_secs();
        self.transfer(from, from, &[amount], (secs, Meant::TimedOut))
            .await
    }

    /// Sends tokens that the other chain refuses, because nobody could own them there.
    async fn send_refused(&mut self, from: usize, amount: u64) -> Result<()> {
        let ends = (self.pace.long_secs, Meant::Refused);
        self.transfer(from, from, &[amount], ends).await
    }

    /// Sends tokens of the other chain home from the chain `from`.
    async fn send_home(&mut self, from: usize, amount: u64) -> Result<()> {
        *self.away(1 - from) -= amount;
        let ends = (self.pace.long_secs, Meant::Acked);
        self.transfer(from, 1 - from, &[amount], ends).await
    }

    /// How much of the tokens of the chain `of` is on the other one.
    fn away(&mut self, of: usize) -> &mut u64 {
        if of == EVM {
            &mut self.away
        } else {
            &mut self.hub.away
        }
    }

    /// A transfer of the user on the chain `from` to the other user for each of `amounts`, of tokens that are at home on `home`.
    async fn transfer(
        &mut self,
        from: usize,
        home: usize,
        amounts: &[u64],
        (secs, meant): (u64, Meant),
    ) -> Result<()> {
        let sequences = if from == EVM {
            self.out_of_evm(home, amounts, (secs, meant)).await?
        } else {
            self.out_of_hub(home, amounts, (secs, meant)).await?
        };
        self.sent.extend(sequences.into_iter().map(|sequence| Sent {
            from,
            sequence,
            meant,
        }));
        Ok(())
    }

    async fn out_of_evm(
        &self,
        home: usize,
        amounts: &[u64],
        (secs, meant): (u64, Meant),
    ) -> Result<Vec<u64>> {
        let receiver = match meant {
            Meant::Acked | Meant::TimedOut => self.hub.user.as_str(),
            Meant::Refused => NOBODY,
        };
        let token = if home == EVM {
            self.evm.token
        } else {
            self.evm.voucher_named(&self.evm.client, TOKEN).await?
        };
        let timeout = self.evm.wallet(Role::User)?.now().await? + secs;
        self.evm
            .send_all_abroad((token, amounts), receiver, timeout)
            .await
    }

    async fn out_of_hub(
        &self,
        home: usize,
        amounts: &[u64],
        (secs, meant): (u64, Meant),
    ) -> Result<Vec<u64>> {
        let denom = if home == HUB {
            TOKEN.to_owned()
        } else {
            self.voucher_on_hub()
        };
        let receiver = match meant {
            Meant::Acked | Meant::TimedOut => format!("{:#x}", self.evm.wallet(Role::User)?.address),
            Meant::Refused => NOBODY.to_owned(),
        };
        let over = Over {
            from: self.path.client(HUB),
            ibc: Ibc::V2,
            receiver: &receiver,
            life: Life::Secs(secs),
            encoding: Encoding::Abi,
        };
        let coins: Vec<(String, u64)> = amounts.iter().map(|amount| (denom.clone(), *amount)).collect();
        self.hub.transfer(over, &coins).await
    }
}

impl Haul for Crossing {
    fn path(&mut self) -> &mut Relayed {
        &mut self.path
    }

    fn sent(&self) -> &[Sent] {
        &self.sent
    }

    async fn send(&mut self, from: usize, amounts: &[u64]) -> Result<()> {
        let sum: u64 = amounts.iter().sum();
        *self.away(from) += sum;
        self.transfer(from, from, amounts, (self.pace.long_secs, Meant::Acked))
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
