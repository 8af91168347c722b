//! Headers whose votes are more than one transaction has gas for: the sets go first, then some of the votes in each of several
//! transactions, and then the header, which names them.
//!
//! A submission stays one transaction, that of the header. What goes before it says nothing that would not be true without it,
//! so nothing is lost when it ends in between: the next try brings another header, whose sets are there by then.
//!
//! What this module must never do: bring something before messages. A header that takes so much travels alone.

use crate::calls::Calls;
use crate::rpc::{Rpc, to_u64};
use crate::submit::{Outgoing, Sender};
use crate::told::{Message, What};
use alloy_primitives::{Address, B256, Bytes};
use chain::{Fault, Fee, Gas, Nonce, Place, Revert, Submission};
use core::num::NonZeroUsize;
use core::time::Duration;
use endpoints::Complaint;
use tokio::time::sleep;

/// What a message uses beside its votes, and for each vote: docs/gas.md, with a margin.
const GAS_BESIDE: u64 = 900_000;
const GAS_PER_VOTE: u64 = 115_000;
/// How often it is looked whether a transaction is in a block. Who asked for the submission decides how long.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many votes a message may have, whatever their keys.
pub(crate) fn votes_max(gas_max: Gas) -> NonZeroUsize {
    let votes = gas_max.0.saturating_sub(GAS_BESIDE) / GAS_PER_VOTE;
    let votes = usize::try_from(votes).unwrap_or(usize::MAX);
    NonZeroUsize::new(votes).unwrap_or(NonZeroUsize::MIN)
}

impl Sender<'_> {
    /// Brings what has to be there before the header of `told`, and waits until it is; what is left to send comes back. Where
    /// one transaction is enough, that is everything.
    pub(crate) async fn bring_parts(
        &self,
        rpc: &Rpc,
        router: Address,
        told: Vec<Message>,
        submission: &Submission,
        fee: Fee,
    ) -> Result<Vec<Message>, Complaint> {
        let of = |what: What| -> Vec<Message> {
            let wanted = told.iter().filter(|one| one.what == what);
            wanted.cloned().collect()
        };
        let parts = of(What::Part);
        if parts.is_empty() {
            return Ok(told);
        }
        if !submission.messages.is_empty() {
            let size = u64::try_from(parts.len())
                .unwrap_or(u64::MAX)
                .saturating_mul(self.gas_max.0);
            let limit = self.gas_max.0;
            return Err(Fault::TooLarge { size, limit }.into());
        }
        let (sets, steps) = (of(What::Set), of(What::Step));
        let whole = |messages: &[Message]| Outgoing {
            to: Some(router),
            input: Calls::of(messages, submission).multicall(),
            fee,
            place: Place::Next,
        };
        // They may be there: an earlier try brought them, and what failed was the header.
        if sets.is_empty() && self.estimate(rpc, &whole(&steps)).await.is_ok() {
            return Ok(steps);
        }
        tracing::info!(
            parts = parts.len(),
            sets = sets.len(),
            "a header is brought in parts"
        );
        if !sets.is_empty() {
            self.bring(rpc, router, vec![whole(&sets).input], fee).await?;
        }
        let inputs = parts.chunks(1).map(|one| whole(one).input);
        self.bring(rpc, router, inputs.collect(), fee).await?;
        Ok(steps)
    }

    /// Sends transactions behind each other and waits until all are in a block.
    async fn bring(&self, rpc: &Rpc, router: Address, inputs: Vec<Bytes>, fee: Fee) -> Result<(), Complaint> {
        let mut place = Place::Next;
        let mut sent = Vec::new();
        for input in inputs {
            let outgoing = Outgoing {
                to: Some(router),
                input,
                fee,
                place,
            };
            let one = self.send(rpc, outgoing).await?;
            place = Place::Replace(Nonce(one.nonce.0.saturating_add(1)));
            sent.push(one.tx.0);
        }
        for tx in sent {
            wait_for(rpc, tx).await?;
        }
        Ok(())
    }
}

/// Waits until a transaction is in a block and has succeeded.
async fn wait_for(rpc: &Rpc, tx: B256) -> Result<(), Complaint> {
    loop {
        match rpc.receipt(tx).await? {
            Some(receipt) if to_u64(receipt.status) == 1 => return Ok(()),
            Some(_) => {
                return Err(Fault::WouldRevert(Revert {
                    message: None,
                    data: Bytes::new(),
                    text: format!("transaction {tx}, which brings a part of a header, reverted"),
                    gas: None,
                })
                .into());
            }
            None => sleep(LOOK_EVERY).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_as_many_votes_as_its_transaction_has_gas_for() {
        let most = |gas| votes_max(Gas(gas)).get();
        assert_eq!(most(14_000_000), 113);
        assert_eq!(most(2_500_000), 13);
        assert_eq!((most(900_000), most(0)), (1, 1), "never none");
    }
}
