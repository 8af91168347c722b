//! What became of a transaction, until it is in a block or can never be.
//!
//! The account's sequence decides, not a search: while it is not above that of the transaction, no transaction with that
//! sequence has been included, and after its timeout height none will. So a lost one is certainly dead before its messages go
//! out again. When the sequence is used, the node's index is asked for the hash, and if that knows nothing, the few blocks
//! that could hold it are read.
//!
//! What this module must never do: call a transaction dead because a node does not know it.

use crate::answers::{Event, TxResult};
use crate::query::Found;
use crate::refusal::{Refusal, Said};
use crate::rpc::{Answered, Rpc};
use crate::send::{Flight, Tried};
use crate::trouble::{Kind, Trouble};
use crate::wallet::{Turn, Wallet};
use endpoints::Complaint;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It may still be included.
    Waiting {
        /// In no block up to here.
        height: u64,
    },
    /// It is in a block, and used its sequence.
    Landed(Landed),
    /// It will be in no block.
    Dead {
        /// The height of the state that says so.
        height: u64,
        /// Why.
        why: Death,
    },
}

/// Why a transaction will be in no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Its timeout height has passed, and nobody used its sequence.
    Expired,
    /// Another transaction used its sequence, and this process did not sign that one, as far as it remembers.
    Replaced,
    /// Another transaction used its sequence, which this process signed later: a node had lost this one.
    Overtaken,
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Landed {
    /// The block.
    pub height: u64,
    /// The gas that it was allowed.
    pub gas_wanted: u64,
    /// The gas that it used.
    pub gas_used: u64,
    /// Why it did nothing but pay; none = it succeeded.
    pub failure: Option<Failure>,
    /// What happened.
    pub events: Vec<Event>,
}

/// Why a transaction in a block did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was allowed too little gas. The account's next transactions get more.
    OutOfGas,
    /// This message failed, and with it all.
    Message {
        /// Its position.
        index: usize,
        /// What the application said.
        said: Said,
    },
    /// Anything else.
    Other(Said),
}

impl Wallet {
    /// What became of a transaction of `address`. The account's book learns it too.
    ///
    /// An address that is not ours has no book; that is no error, since keys are changed while transactions are under way.
    ///
    /// It waits for the account's turn to note what it found: whoever holds that turn drops it first.
    pub async fn find(&self, rpc: &Rpc, address: &str, flight: &Flight) -> Tried<Fate> {
        let fate = match find(rpc, address, flight).await? {
            Ok(fate) => fate,
            Err(trouble) => return Ok(Err(trouble)),
        };
        Ok(Ok(self.learn(address, flight, fate).await))
    }

    /// Notes in the account's book what became of a transaction, when it is its turn. Which transaction took the sequence of one that
    /// is dead, the book may know.
    pub(crate) async fn learn(&self, address: &str, flight: &Flight, mut fate: Fate) -> Fate {
        let Some(mut turn) = self.turn_of(address).await else {
            return fate;
        };
        match &mut fate {
            Fate::Waiting { .. } => {}
            Fate::Dead { why, .. } => {
                if *why == Death::Replaced && turn.book.has_other(flight) {
                    *why = Death::Overtaken;
                }
                turn.book.died(flight.hash);
            }
            Fate::Landed(landed) => turn.landed(flight, landed),
        }
        fate
    }
}

impl Turn<'_> {
    fn landed(&mut self, flight: &Flight, landed: &Landed) {
        self.book.landed(flight.sequence, flight.hash);
        match landed.failure {
            Some(Failure::OutOfGas) => self.book.ran_out(),
            None => self.book.sufficed(),
            // It ended before anybody knows what the rest of it would have used.
            Some(Failure::Message { .. } | Failure::Other(_)) => {}
        }
        if landed.failure.is_some() {
            self.meter().failed(landed.height);
        }
    }
}

async fn find(rpc: &Rpc, address: &str, flight: &Flight) -> Tried<Fate> {
    let state = match rpc.account(address).await? {
        Ok(Found::Account(state)) => state,
        Ok(Found::Nothing) => {
            return Ok(Err(Trouble::NoAccount {
                address: address.to_owned(),
            }));
        }
        Ok(Found::Strange(kind)) => {
            return Ok(Err(Trouble::AccountKind {
                address: address.to_owned(),
                kind,
            }));
        }
        Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
    };
    if state.sequence > flight.sequence {
        return used(rpc, flight, state.height).await;
    }
    if state.height < flight.timeout_height {
        return Ok(Ok(Fate::Waiting { height: state.height }));
    }
    // A node whose index holds it executed contradicts itself: better not believe either.
    if let Ok(found) = rpc.tx(flight.hash).await?
        && found.tx_result.code == 0
    {
        return Err(Complaint::malformed(format!(
            "transaction {} succeeded in block {}, but the account's sequence is {} at height {}, not above {}",
            hex::encode_upper(flight.hash),
            found.height,
            state.sequence,
            state.height,
            flight.sequence
        )));
    }
    Ok(Ok(Fate::Dead {
        height: state.height,
        why: Death::Expired,
    }))
}

/// Its sequence is used up to `height`: by it, or by another one.
async fn used(rpc: &Rpc, flight: &Flight, height: u64) -> Tried<Fate> {
    let found = match rpc.tx(flight.hash).await? {
        Ok(included) => Some((included.height, included.tx_result)),
        // Not known, or there is no index.
        Err(Refusal::NotFound | Refusal::Other(_)) => match read_blocks(rpc, flight, height).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
        },
        Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
    };
    match found {
        Some((at, _)) if at > flight.timeout_height => Err(Complaint::malformed(format!(
            "transaction {} is in block {at}, but void after {}",
            hex::encode_upper(flight.hash),
            flight.timeout_height
        ))),
        Some((height, result)) => Ok(Ok(Fate::Landed(Landed::of(height, result)))),
        None => Ok(Ok(Fate::Dead {
            height,
            why: Death::Replaced,
        })),
    }
}

/// Looks for it in all blocks up to `height` that could hold it.
async fn read_blocks(rpc: &Rpc, flight: &Flight, height: u64) -> Answered<Option<(u64, TxResult)>> {
    let mut found = None;
    for height in flight.signed_at.saturating_add(1)..=height.min(flight.timeout_height) {
        let hashes = match rpc.block_hashes(height).await? {
            Ok(hashes) => hashes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(position) = hashes.iter().position(|hash| *hash == flight.hash) else {
            continue;
        };
        let results = match rpc.block_results(height).await? {
            Ok(results) => results,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let count = results.txs_results.len();
        let result = results.txs_results.into_iter().nth(position).ok_or_else(|| {
            Complaint::malformed(format!(
                "block {height} has {} transactions, but {count} results",
                hashes.len()
            ))
        })?;
        let is_success = result.code == 0;
        found = Some((height, result));
        // One that was refused before its sequence was used could have come again.
        if is_success {
            break;
        }
    }
    Ok(Ok(found))
}

impl Landed {
    /// What the block of `height` says of it.
    pub(crate) fn of(height: u64, result: TxResult) -> Self {
        let said = Said {
            code: result.code,
            codespace: result.codespace,
            log: result.log,
        };
        let failure = (said.code != 0).then(|| match Kind::of(&said) {
            Kind::OutOfGas => Failure::OutOfGas,
            Kind::Message(index) => Failure::Message { index, said },
            _ => Failure::Other(said),
        });
        Self {
            height,
            gas_wanted: result.gas_wanted,
            gas_used: result.gas_used,
            failure,
            events: result.events,
        }
    }
}

#[cfg(test)]
#[path = "fate_tests.rs"]
mod tests;
