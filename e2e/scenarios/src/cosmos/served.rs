//! What a node answers when it is ours and well: everything else is an error of the run.

use anyhow::{Result, anyhow};
use chain_cosmos::{Answered, Proven, Rpc};
use cosmos_chain::validators::{Member, Secret, Validators};
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

/// Those who sign the block of `height`, with their keys.
///
/// # Errors
/// The node does not answer, or the key of a validator is not among `secrets`.
pub async fn signers(rpc: &Rpc, secrets: &[Secret], height: u64) -> Result<Validators> {
    let member = |info: Info| {
        let address = info.address.as_bytes();
        let secret = secrets.iter().find(|secret| secret.address() == address);
        let unknown = || anyhow!("validator {} has no key that is known here", info.address);
        Ok(Member {
            secret: secret.ok_or_else(unknown)?.clone(),
            power: info.power.into(),
        })
    };
    let infos = validators(rpc, height).await?;
    Ok(Validators::of(
        infos.into_iter().map(member).collect::<Result<_>>()?,
    ))
}

/// What the store of IBC holds at `key` after block `height`, with proof.
///
/// # Errors
/// The node does not answer, or has no state of that height.
pub async fn stored(rpc: &Rpc, key: &[u8], height: u64) -> Result<Proven> {
    served(rpc.prove(IBC, key, height).await)
}
