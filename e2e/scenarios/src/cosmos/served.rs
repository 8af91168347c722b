//! What a node answers when it is ours and well: everything else is an error of the run.

use anyhow::{Result, anyhow};
use chain_cosmos::{Answered, Proven, Rpc};
use cosmrs::tendermint::block::signed_header::SignedHeader;
use cosmrs::tendermint::validator::Info;

/// The store that proofs are about.
const IBC: &str = "ibc";

/// The answer, if there is one.
///
/// # Errors
/// The node does not answer, refuses, or answers something else.
pub fn served<T>(answered: Answered<T>) -> Result<T> {
    match answered {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(refusal)) => Err(anyhow!("the node refused: {refusal:?}")),
        Err(complaint) => Err(anyhow!("the node did not answer: {complaint:?}")),
    }
}

/// The newest block.
///
/// # Errors
/// The node does not answer.
pub async fn height(rpc: &Rpc) -> Result<u64> {
    served(rpc.status().await.map(Ok)).map(|status| status.latest)
}

/// The header of a block with the commit that is in the block after it.
///
/// # Errors
/// The node does not answer, or the block after `height` is not there yet.
pub async fn signed_header(rpc: &Rpc, height: u64) -> Result<SignedHeader> {
    let commit = served(rpc.commit(height).await)?;
    anyhow::ensure!(
        commit.canonical,
        "the commit of block {height} may still gain signatures: ask again after the next block"
    );
    Ok(commit.signed_header)
}

/// The validators that sign a block.
///
/// # Errors
/// The node does not answer.
pub async fn validators(rpc: &Rpc, height: u64) -> Result<Vec<Info>> {
    served(rpc.validators(height).await)
}

/// What the store of IBC holds at `key` after block `height`, with proof.
///
/// # Errors
/// The node does not answer, or has no state of that height.
pub async fn stored(rpc: &Rpc, key: &[u8], height: u64) -> Result<Proven> {
    served(rpc.prove(IBC, key, height).await)
}
