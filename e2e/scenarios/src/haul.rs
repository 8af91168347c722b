//! Tokens between two chains behind one relayer, whatever the families of the chains are: as far as needs it who lets a relayer start late, brings chains
//! into trouble, or deceives clients.

use std::time::Duration;

use anyhow::Result;

use crate::cosmos::relayed::Relayed;
use crate::cosmos::sent_packets::{Sent, told};

/// Two chains, the relayer between them, and what was sent.
pub(crate) trait Haul {
    /// The relayer.
    fn path(&mut self) -> &mut Relayed;

    /// All packets that were sent, in their order.
    fn sent(&self) -> &[Sent];

    /// Sends tokens of the chain `from` to the other one, which have to arrive.
    ///
    /// # Errors
    /// The chain refuses it.
    async fn send(&mut self, from: usize, amounts: &[u64]) -> Result<()>;

    /// How long packets may take to their end.
    fn settled_within(&self) -> Duration;

    /// Asks the chains whether all packets have ended as they had to.
    ///
    /// # Errors
    /// One has not, or somebody owns what he should not.
    async fn check(&self) -> Result<()>;

    /// Waits until all packets have ended as they had to, by the relayer's own account; then asks the chains. Returns how long it took.
    ///
    /// # Errors
    /// A packet does not end as it has to, or somebody owns what he should not.
    async fn settle(&mut self) -> Result<Duration> {
        let (sent, within) = (self.sent().to_vec(), self.settled_within());
        let took = self.path().wait_until_ended(&sent, within).await?;
        self.check().await?;
        Ok(took)
    }

    /// How all packets have ended, as part of a sentence.
    fn told(&self) -> String {
        told(self.sent())
    }
}
