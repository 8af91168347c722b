//! `Ask::Prove` for every kind of client: from one state, or for a policy from one state a leaf.

use crate::anchors::Anchor;
use crate::evm::Evm;
use crate::proofs;
use crate::rpc::to_u64;
use crate::steps::not_ours;
use chain::{At, Basis, BlockNumber, Fault, NotYet, Proof};
use endpoints::Complaint;
use ethereum::Slot;
use wire::{Height, Path};

/// Proofs of `keys` at `basis`, in the same order.
pub(crate) async fn prove(evm: &Evm, keys: &[Path], basis: Basis) -> Result<Vec<Proof>, Fault> {
    let (count, places) = match basis {
        Basis::One(at) => return prove_at(evm, keys, at).await,
        Basis::Leaves { count, places } => (count, places),
    };
    let mut of_leaves = Vec::new();
    for at in places.into_iter().take(count) {
        of_leaves.push(match at {
            Some(at) => Some((height_of(at), prove_at(evm, keys, at).await?)),
            None => None,
        });
    }
    Ok(Proof::of_leaves(&of_leaves, keys.len()))
}

async fn prove_at(evm: &Evm, keys: &[Path], at: At) -> Result<Vec<Proof>, Fault> {
    let anchor = &match at {
        At::Slot(slot) => evm.anchor(Slot(slot)).await?,
        At::Block { number, .. } => evm.anchor_of_block(number).await?,
        At::Header(_) => return Err(not_ours()),
    };
    let router = evm.settings.router;
    evm.on_rpc(|rpc| async move { proofs::prove(&rpc, router, anchor, keys).await })
        .await
}

fn height_of(at: At) -> Height {
    match at {
        At::Slot(height) | At::Header(height) | At::Block { number: height, .. } => Height::of(height),
    }
}

impl Evm {
    /// The block `number` by the execution endpoint alone. Whether it is final, those say who signed its state.
    pub(crate) async fn anchor_of_block(&self, number: u64) -> Result<Anchor, Fault> {
        self.on_rpc(|rpc| async move {
            let Some(header) = rpc.header(number).await? else {
                let newest = BlockNumber(to_u64(rpc.latest().await?.number));
                let wanted = BlockNumber(number);
                return Err(Complaint::from(Fault::NotYet(NotYet::Block { wanted, newest })));
            };
            Ok(Anchor {
                // Faults name it by its number.
                slot: number,
                block: number,
                block_hash: header.hash,
                state_root: header.state_root,
                timestamp: to_u64(header.timestamp),
            })
        })
        .await
    }
}
