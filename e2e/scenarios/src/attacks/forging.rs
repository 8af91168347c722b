//! Forged updates in the arena: signed by keys that an attacker has somehow come by, and not from the future.

use super::{arena::Arena, honest};
use crate::thief::Thief;
use crate::tracker::Side;
use alloy::{
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::BlockId,
};
use anyhow::Result;
use devnet::Forgery;
use ethereum::{Update, spec::SyncCommittee};

/// The update that `forgery` describes, in the compact form and not from the future. `signers` is the committee that
/// signs it, by default the genuine one of its period; `account` the nodes of the router's account under the execution
/// state that it finalizes, by default the genuine ones.
pub(super) async fn forged(
    arena: &Arena<'_>,
    forgery: &Forgery,
    signers: Option<&SyncCommittee>,
    account: Option<&[Bytes]>,
) -> Result<Update> {
    let thief = Thief::of(Side::North.of(arena.chains), arena.reader(Side::North)).await?;
    let update = thief.forge(forgery)?;
    let proven;
    let account = match account {
        Some(account) => account,
        None => {
            proven = account_proof(arena, update.finalized_header.execution.block_number).await?;
            &proven
        }
    };
    let update = thief.fold(&update, signers, account).await?;
    honest::wait_for_slot(arena, Side::South, &thief.network, update.signature_slot).await?;
    Ok(update)
}

/// The nodes of North's router's account proof at an execution block.
pub(super) async fn account_proof(arena: &Arena<'_>, block: u64) -> Result<Vec<Bytes>> {
    let router: Address = arena.end(Side::North).router;
    let provider = arena.attacker(Side::North)?.provider;
    Ok(provider
        .get_proof(router, Vec::new())
        .block_id(BlockId::number(block))
        .await?
        .account_proof)
}
