//! Messages that belong to no packet: sent by the first account, and waited for until they are in a block.
//!
//! Always the first account, because who makes a client is the one who may pair it.

use crate::cosmos::Cosmos;
use crate::fate::{Death, Fate, Landed};
use crate::faults::complaint;
use crate::send::Flight;
use alloy_primitives::B256;
use chain::{Fault, Revert, TxHash};
use core::time::Duration;
use cosmrs::Any;
use endpoints::Complaint;
use tokio::time::{Instant, sleep};

/// How often a transaction is looked for.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Messages that are in a block and worked.
pub(crate) struct Delivered {
    pub(crate) tx: TxHash,
    pub(crate) landed: Landed,
    /// How many of the messages, from the first one on: as many as fit into a transaction.
    pub(crate) count: usize,
}

impl Cosmos {
    /// The account that signs for what belongs to no packet.
    pub(crate) fn first_account(&self) -> Result<&str, Fault> {
        self.wallet()?.addresses().next().ok_or_else(|| Fault::Signer {
            text: format!("chain {} has no signer", self.name),
        })
    }

    /// Sends what `make` writes for the account that signs, in one transaction, and waits until it has worked.
    pub(crate) async fn deliver(
        &self,
        make: impl Fn(&str) -> Vec<Any>,
        patience: Duration,
    ) -> Result<Delivered, Fault> {
        let begun = Instant::now();
        let (wallet, account) = (self.wallet()?, self.first_account()?);
        let messages = &make(account);
        let sent = self.on_rpc(|rpc| async move {
            let now = self.newest_by(&rpc).await?;
            let Some(mut turn) = wallet.turn_of(account).await else {
                return Err(Complaint::malformed("the account was taken away"));
            };
            let sent = turn.send(&rpc, messages, now, |_| {}).await?;
            let (signed, _) = sent.map_err(|trouble| complaint(&rpc.0, trouble, 0))?;
            Ok((signed.flight, signed.count))
        });
        let (flight, count) = sent.await?;
        let flight = &flight;
        loop {
            let fate = self.on_rpc(|rpc| async move {
                let found = wallet.find(&rpc, account, flight).await?;
                found.map_err(|trouble| complaint(&rpc.0, trouble, 0))
            });
            match fate.await? {
                Fate::Landed(landed) => return worked(flight, landed, count),
                Fate::Dead { why, .. } => return Err(dead(flight, why)),
                Fate::Waiting { .. } if begun.elapsed() > patience => {
                    return Err(Fault::Busy {
                        endpoint: self.name.to_string(),
                        text: format!(
                            "transaction {} is in no block yet; until block {} it may still come into one",
                            hash(flight),
                            flight.timeout_height
                        ),
                        until: endpoints::now(),
                    });
                }
                Fate::Waiting { .. } => sleep(LOOK_EVERY).await,
            }
        }
    }
}

fn hash(flight: &Flight) -> TxHash {
    TxHash(B256::from(flight.hash))
}

fn worked(flight: &Flight, landed: Landed, count: usize) -> Result<Delivered, Fault> {
    match landed.failure {
        None => Ok(Delivered {
            tx: hash(flight),
            landed,
            count,
        }),
        Some(failure) => Err(Fault::WouldRevert(Revert {
            message: None,
            data: Default::default(),
            text: format!("transaction {} failed: {failure:?}", hash(flight)),
            gas: None,
        })),
    }
}

fn dead(flight: &Flight, why: Death) -> Fault {
    let text = match why {
        Death::Expired => "was in no block in time; try again",
        Death::Overtaken => {
            "lost its sequence to a later one of our own, since a node had lost it; try again"
        }
        Death::Replaced => "lost its sequence to another one; another process uses this key",
    };
    Fault::NonceTaken {
        text: format!("transaction {} {text}", hash(flight)),
    }
}
