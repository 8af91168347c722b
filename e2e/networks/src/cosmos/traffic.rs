//! Sends on a running chain as the relayer does, and counts what arrives: several accounts in parallel, a sequence that
//! somebody else used, a transaction that is lost and one that would fail. Nothing may be lost, nothing doubled.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, ensure};
use chain_cosmos::{Any, Death, Fate, Handed, Rpc, Trouble, Wallet};
use cosmrs::bank::MsgSend;
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Coin};
use tokio::time::{Instant, sleep};

use super::chain::CosmosChain;
use super::keys::account;
use super::settings::{BALANCE, TOKEN, derived};
use scenarios::cosmos::bank::balance;
use scenarios::cosmos::sent::{deliver, rules, settle, tried, wallet};
use scenarios::cosmos::served::height;

/// Transactions of each account, one after the other, and messages in each.
const ROUNDS: u64 = 2;
const MESSAGES: u64 = 20;
/// Blocks after which a transaction is given up: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 60;
/// Blocks after which one is given up that is never handed over; a busy machine has to simulate it within them.
const SHORT_BLOCKS: u64 = 10;

/// How long the chain may take to a few blocks more, and how often it is looked at.
const MOVES_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A chain, and the account that gets all.
struct Traffic<'a> {
    chain: &'a CosmosChain,
    rpc: &'a Rpc,
    receiver: AccountId,
}

/// Sends on a chain; says in a line each what was found.
///
/// # Errors
/// Something was lost or doubled, or the node does something else than it should.
pub async fn traffic(chain: &CosmosChain) -> Result<Vec<String>> {
    let settings = chain.settings();
    let traffic = Traffic {
        chain,
        rpc: chain.rpc()?,
        receiver: account(&derived(settings, "receiver"))?,
    };
    let name = settings.name;
    Ok(vec![
        traffic
            .parallel()
            .await
            .with_context(|| format!("{name}: accounts in parallel"))?,
        traffic
            .sequence()
            .await
            .with_context(|| format!("{name}: a sequence of another"))?,
        traffic
            .lost()
            .await
            .with_context(|| format!("{name}: a lost transaction"))?,
        traffic
            .failing()
            .await
            .with_context(|| format!("{name}: a message that fails"))?,
    ])
}

impl Traffic<'_> {
    async fn parallel(&self) -> Result<String> {
        let keys = self.chain.settings().keys();
        let wallet = &self.wallet(PATIENCE_BLOCKS, &keys)?;
        let before = self.received().await?;
        let rounds = async || {
            for _ in 0..ROUNDS {
                deliver(self.rpc, wallet, |from| self.sends(from, MESSAGES)).await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        tokio::try_join!(rounds(), rounds(), rounds(), rounds())?;
        let accounts = keys.len() as u64;
        let sent = 4 * ROUNDS * MESSAGES;
        self.check_received(before + sent).await?;
        Ok(format!(
            "{accounts} accounts sent {sent} messages in {} transactions at the same time, each arrived once",
            4 * ROUNDS
        ))
    }

    /// Two processes with one key, which the operator should not do.
    async fn sequence(&self) -> Result<String> {
        let key = &self.chain.settings().keys()[..1];
        let (ours, theirs) = (
            self.wallet(PATIENCE_BLOCKS, key)?,
            self.wallet(PATIENCE_BLOCKS, key)?,
        );
        let before = self.received().await?;
        let mut turn = ours.turn().await;
        let address = turn.address().to_owned();
        let one = self.sends(&address, 1)?;
        let now = height(self.rpc).await?;
        let late = tried(turn.sign(self.rpc, &one, now).await)?;
        // Another number of messages: else both might sign the very same transaction.
        let used = deliver(self.rpc, &theirs, |from| self.sends(from, 2)).await?;
        let said = match turn.hand_over(self.rpc, &late).await {
            Handed::Stale(said) => said,
            other => {
                let sequence = late.flight.sequence;
                return Err(anyhow!(
                    "sequence {sequence}, used in block {}, was answered with {other:?}",
                    used.height
                ));
            }
        };
        ensure!(said.code == 32, "a used sequence was answered with {said}");
        let (again, unclear) = tried(turn.send(self.rpc, &one, now, |_| {}).await)?;
        drop(turn);
        ensure!(unclear.is_none(), "simd took a transaction silently: {unclear:?}");
        let landed = settle(self.rpc, &ours, &address, &again.flight).await?;
        ensure!(
            matches!(&landed, Fate::Landed(landed) if landed.failure.is_none()),
            "{landed:?}"
        );
        let fate = settle(self.rpc, &ours, &address, &late.flight).await?;
        ensure!(
            matches!(
                fate,
                Fate::Dead {
                    why: Death::Replaced,
                    ..
                }
            ),
            "a transaction whose sequence was used is {fate:?}"
        );
        // Now theirs is behind; this one heals before anything is signed.
        deliver(self.rpc, &theirs, |from| self.sends(from, 1)).await?;
        self.check_received(before + 4).await?;
        Ok(format!(
            "sequence {} was another's: \"{said}\"; healed to {} without a restart",
            late.flight.sequence, again.flight.sequence
        ))
    }

    async fn lost(&self) -> Result<String> {
        let wallet = self.wallet(SHORT_BLOCKS, &self.chain.settings().keys()[1..2])?;
        let before = self.received().await?;
        let mut turn = wallet.turn().await;
        let address = turn.address().to_owned();
        let one = self.sends(&address, 1)?;
        let now = height(self.rpc).await?;
        let lost = tried(turn.sign(self.rpc, &one, now).await)?;
        drop(turn);
        let fate = settle(self.rpc, &wallet, &address, &lost.flight).await?;
        let Fate::Dead {
            height,
            why: Death::Expired,
        } = fate
        else {
            return Err(anyhow!("a transaction that was never handed over is {fate:?}"));
        };
        // A node checks transactions against the newest state, and has a block before it has its state: one block after the
        // timeout it may still take this one, in vain.
        self.wait_until_at(lost.flight.timeout_height + 2).await?;
        let mut turn = wallet.turn().await;
        match turn.hand_over(self.rpc, &lost).await {
            Handed::Refused(Trouble::Late { .. }) => {}
            other => {
                return Err(anyhow!(
                    "a transaction after its timeout was answered with {other:?}"
                ));
            }
        }
        drop(turn);
        let patient = self.wallet(PATIENCE_BLOCKS, &self.chain.settings().keys()[1..2])?;
        deliver(self.rpc, &patient, |from| self.sends(from, 1)).await?;
        self.check_received(before + 1).await?;
        Ok(format!(
            "a transaction void after block {} was dead at {height}; its message went again and arrived once",
            lost.flight.timeout_height
        ))
    }

    async fn failing(&self) -> Result<String> {
        let wallet = self.wallet(PATIENCE_BLOCKS, &self.chain.settings().keys()[2..3])?;
        let mut turn = wallet.turn().await;
        let mut messages = self.sends(turn.address(), 1)?;
        messages.push(self.send(turn.address(), u128::from(BALANCE) * 2)?);
        let now = height(self.rpc).await?;
        let answer = turn.sign(self.rpc, &messages, now).await;
        match answer.map_err(|complaint| anyhow!("{complaint:?}"))? {
            Err(Trouble::WouldFail {
                message: Some(1),
                said,
            }) => Ok(format!(
                "message 1 of a transaction would fail and was not sent: \"{said}\""
            )),
            other => Err(anyhow!("more than there is was answered with {other:?}")),
        }
    }

    async fn wait_until_at(&self, wanted: u64) -> Result<()> {
        let begun = Instant::now();
        while height(self.rpc).await? < wanted {
            ensure!(
                begun.elapsed() < MOVES_WITHIN,
                "the chain is not at height {wanted} after {} s",
                MOVES_WITHIN.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn wallet(&self, timeout_blocks: u64, keys: &[B256]) -> Result<Wallet> {
        wallet(rules(self.chain.settings().chain_id, timeout_blocks)?, keys)
    }

    /// Messages of one token each.
    fn sends(&self, from: &str, count: u64) -> Result<Vec<Any>> {
        (0..count).map(|_| self.send(from, 1)).collect()
    }

    fn send(&self, from: &str, amount: u128) -> Result<Any> {
        let bad = |error| anyhow!("no coin or address: {error}");
        let message = MsgSend {
            from_address: from.parse().map_err(bad)?,
            to_address: self.receiver.clone(),
            amount: vec![Coin {
                denom: TOKEN.parse().map_err(bad)?,
                amount,
            }],
        };
        message.to_any().map_err(bad)
    }

    async fn received(&self) -> Result<u64> {
        balance(self.rpc, self.receiver.as_ref(), TOKEN).await
    }

    async fn check_received(&self, expected: u64) -> Result<()> {
        let received = self.received().await?;
        ensure!(
            received == expected,
            "{expected} tokens should have arrived, {received} did"
        );
        Ok(())
    }
}
