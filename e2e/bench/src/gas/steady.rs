//! The steady state: what a bridge looks like that has been in use for weeks.
//!
//! Both clients' rings are full, so that every state and every committee takes the place of another; the voucher exists
//! and every recipient owns some. Reached by real transactions, and looked at before anything is counted.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{BeaconClient, Router};
use chain_evm::capacity_for;

use super::contracts::{Transfer, Voucher};
use super::counterparty::FULL_CLIENT;
use super::measure::{
    COMMITTEES, PERIOD_FIRST, Scene, Time, Trie, check_received, check_updates, draft, height, receive_call,
};

/// How many updates or packets one transaction carries here.
const AT_ONCE: usize = 10;

impl Scene {
    /// Brings both clients and the application to their steady state, and checks that they are there.
    ///
    /// # Errors
    /// A transaction does not do what it is for, or something that has to be there is not.
    pub(super) async fn settle(&mut self) -> Result<()> {
        self.fill_committees().await?;
        self.fill_ring().await?;
        for trie in Trie::BOTH {
            self.update(trie, &draft(self.epoch)).await?;
        }
        self.epoch += 1;
        self.limit().await?;
        self.deliver_early().await?;
        self.check_steady().await
    }

    /// Teaches both clients as many committees as they hold; they start with one.
    async fn fill_committees(&mut self) -> Result<()> {
        for period in PERIOD_FIRST..PERIOD_FIRST + COMMITTEES - 1 {
            let first = period * self.counterparty.full.now.network.times().epochs_per_period;
            let draft = draft(first + 10).rotating();
            for trie in Trie::BOTH {
                self.update(trie, &draft).await?;
            }
        }
        Ok(())
    }

    /// Teaches both clients one state for each place in their rings: earlier ones, so that what replaces them differs in
    /// everything.
    async fn fill_ring(&mut self) -> Result<()> {
        let first = self.epoch;
        self.epoch += self.capacity();
        let epochs: Vec<u64> = (first..self.epoch).collect();
        for epochs in epochs.chunks(AT_ONCE) {
            let last = draft(*epochs.last().context("a chunk is never empty")?);
            self.host.wait_until(self.time_of(&last));
            for trie in Trie::BOTH {
                let calls = epochs
                    .iter()
                    .map(|epoch| self.update_call(trie, Time::Before, &draft(*epoch)));
                let call = Router::multicallCall {
                    calls: calls.collect(),
                };
                let receipt = self.host.route(call.abi_encode()).await?;
                check_updates(&receipt, epochs.len())?;
            }
        }
        Ok(())
    }

    /// Sets limits for the voucher, which does not exist yet, and for the token that is sent.
    async fn limit(&mut self) -> Result<()> {
        let voucher = self.voucher().await?;
        self.host.limit(FULL_CLIENT, voucher, 1).await?;
        self.host.limit(FULL_CLIENT, self.host.token, 0).await
    }

    async fn voucher(&self) -> Result<Address> {
        let denom = format!("{}/{FULL_CLIENT}/{}", wire::ics20::PORT, self.counterparty.denom);
        let voucher = Transfer::ibcERC20ContractCall { denom };
        self.host.ask(self.host.transfer, &voucher).await
    }

    /// Delivers the first packet of each pair.
    async fn deliver_early(&mut self) -> Result<()> {
        let newest = height(&draft(self.epoch - 1));
        for deliveries in self.counterparty.early.clone().chunks(AT_ONCE) {
            let calls = deliveries.iter().map(|delivery| receive_call(delivery, newest));
            let call = Router::multicallCall {
                calls: calls.collect(),
            };
            let receipt = self.host.route(call.abi_encode()).await?;
            check_received(&receipt, deliveries.len())?;
        }
        Ok(())
    }

    async fn check_steady(&self) -> Result<()> {
        for trie in Trie::BOTH {
            let client = self.side(trie).0.contract;
            let shot = self.host.ask(client, &BeaconClient::snapshotCall {}).await?;
            let known = shot.committees.iter().filter(|known| !known.commitment.is_zero());
            ensure!(
                known.count() as u64 == COMMITTEES,
                "a place for a committee is empty"
            );
            // What the next updates will replace.
            for epoch in self.epoch - self.capacity()..self.epoch {
                let slot = draft(epoch).finalized;
                let held = self.host.ask(client, &BeaconClient::stateAtCall { slot }).await?;
                ensure!(
                    held.slot == slot && held.learnedAt != 0,
                    "a place for a state is empty"
                );
            }
        }
        let voucher = self.voucher().await?;
        for delivery in &self.counterparty.late {
            let account = delivery.recipient;
            let balance = self
                .host
                .ask(voucher, &Voucher::balanceOfCall { account })
                .await?;
            ensure!(balance > U256::ZERO, "{account} owns nothing yet");
        }
        Ok(())
    }

    fn capacity(&self) -> u64 {
        u64::from(capacity_for(&self.counterparty.full.now.network))
    }
}
