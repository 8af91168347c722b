//! An operator's day: a relayer that starts with nothing between chains on which a thousand packets lie, behind thousands of blocks.
//!
//! It has to find and bring every one of them, and packets that are sent meanwhile as well. How long each takes is told; what has to
//! hold is that nothing is missed.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::carry::Carry;

/// Transfers in one transaction.
const IN_ONE: usize = 100;
/// What each of them carries.
const AMOUNT: u64 = 1;
/// How long a thousand packets may take there and back, on a busy machine.
const ENDED_WITHIN: Duration = Duration::from_secs(300);

impl Carry {
    /// Sends `count` packets, half of them from each chain, while no relayer runs, a hundred in a block and `apart` seconds between
    /// those blocks; then forgets all that the relayer knew, starts it, and sends a few more each way. Says in a line what was found.
    ///
    /// - `pass`: as for [`Self::there_and_home`].
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    pub async fn start_behind(
        &mut self,
        count: usize,
        apart: u64,
        pass: impl AsyncFn(u64),
    ) -> Result<String> {
        self.path().forget().await?;
        let before = self.sent().len();
        for turn in 0..count.div_ceil(IN_ONE) {
            self.send(turn % 2, &[AMOUNT; IN_ONE]).await?;
            pass(apart).await;
        }
        let lying = self.sent().len();
        ensure!(lying >= before + count, "only {lying} packets were sent");
        let begun = Instant::now();
        self.path().start().await?;
        let ready = begun.elapsed();
        self.send(0, &[3, 4]).await?;
        self.send(1, &[5]).await?;
        let live = self.sent()[lying..].to_vec();
        self.path().wait_until_ended(&live, ENDED_WITHIN).await?;
        let lived = begun.elapsed();
        let all = self.sent().to_vec();
        let behind = self.path().count_open(&all).await?;
        self.path().wait_until_ended(&all, ENDED_WITHIN).await?;
        let took = begun.elapsed();
        self.settle().await?;
        Ok(format!(
            "{count} packets lay there when the relayer started with nothing: it was ready after {:.1} s, what was sent then had ended \
             after {:.1} s, {behind} others not yet, and everything after {:.1} s: {}",
            ready.as_secs_f64(),
            lived.as_secs_f64(),
            took.as_secs_f64(),
            self.told()
        ))
    }
}
