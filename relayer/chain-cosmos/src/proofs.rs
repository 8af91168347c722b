//! `Ask::Prove` and `Ask::Lookup`: what the store of this chain has under keys of packets, with proof or without.
//!
//! A proof is judged here already (`roots` says by what), so that a node that lies is left for another one.

use crate::cosmos::Cosmos;
use crate::lacking::had;
use crate::leaves;
use crate::roots::Root;
use crate::rpc::Rpc;
use crate::shown::Shown;
use crate::updates::not_ours;
use alloy_primitives::{B256, Bytes};
use chain::{AsOf, At, Basis, Fault, Proof};
use endpoints::{Complaint, all_of};
use wire::{Height, Path};

/// The store that packets are in.
pub(crate) const IBC: &str = "ibc";
/// Keys that are asked for at the same time.
const AT_ONCE: usize = 16;

/// Proofs of `keys` for a client that stands at `basis`, in the same order.
pub(crate) async fn prove(chain: &Cosmos, keys: &[Path], basis: &Basis) -> Result<Vec<Proof>, Fault> {
    match basis {
        Basis::One(at) => prove_at(chain, keys, chain.header_of(*at)?).await,
        Basis::Leaves { count, places } => {
            let places: Vec<Option<At>> = places.iter().take(*count).copied().collect();
            leaves::prove(chain, keys, &places).await
        }
    }
}

/// The same for a client that stands at the header of `height`.
pub(crate) async fn prove_at(chain: &Cosmos, keys: &[Path], height: Height) -> Result<Vec<Proof>, Fault> {
    let proofs = chain.on_rpc(|rpc| async move {
        let root = chain.root(&rpc, height).await?;
        let proven = each(keys, |key| prove_one(chain, rpc.clone(), key, root)).await;
        proven.inspect_err(|_| chain.roots.forget_told(height, &rpc))
    });
    proofs.await
}

impl Cosmos {
    /// The height of a state that a client of this chain stands at.
    pub(crate) fn header_of(&self, at: At) -> Result<Height, Fault> {
        match at {
            At::Header(height) => Ok(self.at(height)),
            At::Slot(_) | At::Block { .. } => Err(not_ours(self)),
        }
    }
}

/// The plain values of `keys`, in the same order.
pub(crate) async fn look_up(chain: &Cosmos, keys: &[Path], as_of: AsOf) -> Result<Vec<Option<B256>>, Fault> {
    let block = match as_of {
        AsOf::Latest => None,
        // Of all endpoints together: what one that is behind does not have yet would else look undone.
        AsOf::Finalized => Some(chain.chosen().await?.saturating_sub(1).max(1)),
    };
    let values = chain
        .on_rpc(|rpc| async move { each(keys, |key| look_up_one(chain, rpc.clone(), key, block)).await });
    values.await
}

async fn prove_one(chain: &Cosmos, rpc: Rpc, key: &Path, root: Root) -> Result<Proof, Complaint> {
    let Shown { value, proof } = Shown::ask(chain, &rpc, root, &key.to_bytes(), key).await?;
    Ok(Proof {
        value: Some(value).filter(|value| !value.is_empty()).map(Bytes::from),
        nodes: proof.into(),
    })
}

async fn look_up_one(
    chain: &Cosmos,
    rpc: Rpc,
    key: &Path,
    block: Option<u64>,
) -> Result<Option<B256>, Complaint> {
    let answered = rpc.stored(IBC, &key.to_bytes(), block).await;
    let stored = had(&rpc, answered, "a value", chain.at(block.unwrap_or(0))).await?;
    value(key, &stored)
}

/// Does one after the other, some at the same time.
async fn each<'a, T, Running>(
    keys: &'a [Path],
    one: impl Fn(&'a Path) -> Running,
) -> Result<Vec<T>, Complaint>
where
    Running: Future<Output = Result<T, Complaint>>,
{
    let mut all = Vec::with_capacity(keys.len());
    for some in keys.chunks(AT_ONCE) {
        for found in all_of(some.iter().map(&one).collect()).await {
            all.push(found?);
        }
    }
    Ok(all)
}

/// A plain value as the machine takes it: none = nothing is stored. A receipt is shorter than a commitment; only that it is there
/// counts.
fn value(key: &Path, stored: &[u8]) -> Result<Option<B256>, Complaint> {
    match stored.len() {
        0 => Ok(None),
        1..=32 => Ok(Some(B256::left_padding_from(stored))),
        length => Err(Complaint::malformed(format!(
            "under {key} lie {length} bytes, a commitment has 32"
        ))),
    }
}

#[cfg(test)]
#[path = "proofs_tests.rs"]
mod tests;
