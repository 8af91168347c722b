//! Guardians halt a path, its packets wait, and go through once the large quorum has resumed it: with the relayer running
//! all the while, and without a word to it.

use crate::{
    council::{Council, client_scope},
    guardians::{LARGE_QUORUM, SMALL_QUORUM},
    job::Job,
    site::Role,
    tracker::Side,
};
use alloy::{network::TransactionBuilder, providers::Provider, rpc::types::TransactionRequest};
use anyhow::{Result, bail, ensure};
use std::time::Instant;

/// How long guardians halt here: so long that only a resume ends it during the run.
const HALT_SECS: u64 = 12 * 3_600;
/// What the relayer's own account of a packet mentions that it could not deliver for the halt.
const HALTED: &str = "Halted";

impl Job<'_> {
    /// South's client of North is halted, with packets on their way in both directions. Nothing that it would prove
    /// counts, until it is resumed. Nothing here waits for the ends of those packets; the next act does.
    ///
    /// - `pass`: lets so many seconds pass on both chains.
    ///
    /// # Errors
    /// A packet gets through while it is halted, or a resume does not wait.
    pub async fn halt(&mut self, pass: impl AsyncFn(u64)) -> Result<()> {
        (self.say)("two of five guardians halt South's client of North, while packets are on their way");
        let south = Side::South.of(&self.bridge.ends).clone();
        let (council, scope) = (Council::at(&south).await?, client_scope(&south.client));
        let anybody = south.wallet(Role::User)?;
        let there = self.send_native(Side::North).await?;
        let back = self.send_native(Side::South).await?;
        let halt = council.halt(SMALL_QUORUM, scope, HALT_SECS).await?;
        anybody.call(council.contract, halt).await?;
        let resume = council.schedule_resume(LARGE_QUORUM, scope).await?;
        anybody.call(council.contract, resume).await?;
        self.wait_until_halted(there).await?;

        let ready = council.resume_ready_at(scope).await?;
        let execute = TransactionRequest::default()
            .with_from(anybody.address)
            .with_to(council.contract)
            .with_input(council.execute_resume(scope)?);
        ensure!(
            anybody.provider.call(execute.clone()).await.is_err(),
            "a resume was executed without waiting"
        );
        (self.say)("its packets wait; three of five guardians resume it, and an hour passes");
        pass(ready.saturating_sub(anybody.now().await?).saturating_add(1)).await;
        self.tracker.observe(&self.bridge.ends).await?;
        let waiting = [there, back].map(|number| self.tracker.packets()[number].end());
        ensure!(
            waiting == [None, None],
            "packets of a halted client ended: {waiting:?}"
        );
        anybody.send(execute).await?;
        (self.say)("the hour is over, the halt is off: what waited goes on its way");
        Ok(())
    }

    /// Waits until the relayer says of the packet numbered `which` that it meets the halt.
    async fn wait_until_halted(&mut self, which: usize) -> Result<()> {
        let deadline = Instant::now() + self.size.patience;
        let (from, sequence) = {
            let packet = &self.tracker.packets()[which];
            (packet.from, packet.sequence())
        };
        loop {
            // It may not have seen the packet yet.
            let said = self.bridge.trace(from, sequence).await.unwrap_or_default();
            if said.to_string().contains(HALTED) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the relayer does not meet the halt; it says {said}");
            }
            self.pause().await?;
        }
    }
}
