//! How a contract came to be: that the code which made it is the creation code of this release.
//!
//! What stands at an address says what the contract does from now on, and nothing of what its making wrote into its storage:
//! a state that no update ever brought, beside the one that it says it started from; a set of validators nobody has; a signature that
//! counts as verified. None of these can be enumerated. But the constructor of every client tells an event, so the first event of a
//! client leads to the transaction that made it, and that transaction holds the code that ran.
//!
//! What this module must never do: pass a contract of which that transaction was not read.

use crate::artifact::Artifact;
use crate::evm::Evm;
use crate::log_pages::{self, Pages};
use crate::rpc::{Rpc, to_u64};
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::{Address, B256, U64};
use chain::{Doubt, Fault};
use core::ops::ControlFlow;
use endpoints::Complaint;
use wire::Height;

/// A contract that is looked at.
#[derive(Clone, Copy)]
struct Made<'a> {
    contract: Address,
    name: &'static str,
    artifact: &'a Artifact,
}

/// `contract` was made by the creation code of this release, with whatever arguments: what its constructor did with them, it says itself.
///
/// - `name`: of the contract in this release.
/// - `artifact`: the file with its code.
pub(crate) async fn check_creation(
    host: &Evm,
    contract: Address,
    name: &'static str,
    artifact: &str,
) -> Result<String, Doubt> {
    let artifact = &Artifact::parse(artifact).map_err(|error| error.to_string())?;
    let first = host.settings.first_block.0;
    let made = Made {
        contract,
        name,
        artifact,
    };
    let found = host.on_rpc(|rpc| async move {
        let Some(event) = first_event(&rpc, contract, first).await? else {
            return Ok(Err(Doubt::Differs(format!(
                "{contract} told no event since block {first}, and every {name} of this release tells one when it is made; if it \
                 was made before that block, set router_block to an earlier one, and if the node keeps no events of that time, ask \
                 one that does"
            ))));
        };
        made.check(&rpc, &event).await
    });
    match found.await {
        Ok(verdict) => verdict,
        Err(Fault::Pruned { at }) => Err(Doubt::Unchecked(format!(
            "no node keeps the transaction of block {} by which {contract} came to be; ask one that does",
            at.revision_height
        ))),
        Err(fault) => Err(Doubt::unchecked(fault)),
    }
}

impl Made<'_> {
    async fn check(self, rpc: &Rpc, event: &Event) -> Result<Result<String, Doubt>, Complaint> {
        let (Self { contract, name, .. }, tx) = (self, event.tx);
        let (Some(transaction), Some(receipt)) = (rpc.transaction(tx).await?, rpc.receipt(tx).await?) else {
            let at = Height::of(event.block);
            return Err(Complaint::Lacks(Fault::Pruned { at }));
        };
        let is_made_there = transaction.to.is_none() && receipt.contract_address == Some(contract);
        if !is_made_there || receipt.status != U64::from(1) {
            return Ok(Err(Doubt::Differs(format!(
                "the first event of {contract} stands in transaction {tx}, which did not make it: it was made by another contract, and \
                 what that wrote into its storage nobody knows; make the {name} by a transaction of its own (`relayer client create`)"
            ))));
        }
        if !self.artifact.made(&transaction.input) {
            return Ok(Err(Doubt::Differs(format!(
                "transaction {tx} made {contract} by other code than that of a {name} of this release: what it wrote into its storage \
                 beside what {contract} tells nobody knows"
            ))));
        }
        Ok(Ok(format!(
            "made by the code of this release, in block {}",
            event.block
        )))
    }
}

/// An event of a contract.
struct Event {
    block: u64,
    tx: B256,
}

/// The first event of `contract` from the block `first` on.
async fn first_event(rpc: &Rpc, contract: Address, first: u64) -> Result<Option<Event>, Complaint> {
    let latest = to_u64(rpc.latest().await?.number);
    let (filter, mut found) = (Filter::new().address(contract), None);
    log_pages::read(rpc, &filter, first..=latest, Pages::ALL, |logs| {
        found = earliest(contract, logs)?;
        Ok(match found {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        })
    })
    .await?;
    Ok(found)
}

/// The earliest of the events of `contract`.
fn earliest(contract: Address, logs: &[Log]) -> Result<Option<Event>, Complaint> {
    let of_contract = logs
        .iter()
        .filter(|log| log.address() == contract && !log.removed);
    let place = |log: &Log| Some(((log.block_number?, log.log_index?), log.transaction_hash?));
    let mut earliest = None;
    for log in of_contract {
        let found =
            place(log).ok_or_else(|| Complaint::malformed("a log lacks its block, index or transaction"))?;
        earliest = earliest.into_iter().chain([found]).min();
    }
    Ok(earliest.map(|((block, _), tx)| Event { block, tx }))
}

#[cfg(test)]
#[path = "created_tests.rs"]
mod tests;
