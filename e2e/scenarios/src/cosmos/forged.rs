//! An attack between Cosmos chains: a header of the followed chain that is its validators' in all but their votes. Some of them
//! sign a state that never was, and too few.

use super::sent::refusal;
use super::site::CosmosSite;
use crate::site::Role;
use anyhow::{Context, Result, bail, ensure};
use cosmos_chain::Chain;
use cosmos_chain::hand::{Seen, update};
use cosmos_chain::validators::{Ballot, Block, raw};

/// The rule that has to refuse it, in the chain's words.
const RULE: &str = "more than two thirds";
/// Those who sign: the strongest validator alone, which has more than a third and less than two.
const SIGNERS: usize = 1;

/// Shows the client `client` on `host` a made-up state of `tracked` that too few of its validators signed; says what refused it.
///
/// The same header with all votes has to pass, or something else would have refused it: that one is only tried and never sent.
///
/// # Errors
/// It is not refused, or not by its rule; or a node does not answer.
pub(super) async fn too_few_signers(
    (host, client): (&CosmosSite, &str),
    (site, tracked): (&CosmosSite, &Chain),
) -> Result<String> {
    let (rpc, followed) = (host.rpc()?, site.rpc()?);
    let seen = |rpc, chain_id| Seen { rpc, chain_id };
    let trusted = seen(&rpc, &host.chain_id).believed(client).await?;
    let height = tracked.height();
    ensure!(
        height > trusted,
        "the client is at height {trusted}, the chain at {height}"
    );
    let honest = tracked.block(height).context("a block")?;
    let mut shown = seen(&followed, &site.chain_id).header(trusted, height).await?;
    let signer = host.address(Role::Attacker)?;
    let key = host.key(Role::Attacker)?;
    let mut forged = |signers: usize| {
        let header = raw::Header {
            app_hash: vec![0x66; 32],
            ..honest.header.clone()
        };
        let vote = |place: usize| {
            if place < signers {
                Ballot::Block
            } else {
                Ballot::Absent
            }
        };
        let block = Block::sign(header, honest.validators.clone(), 0, vote);
        shown.signed_header = Some(raw::SignedHeader {
            header: Some(block.header),
            commit: Some(block.commit),
        });
        update(client, &shown, &signer)
    };
    let said = refusal(&rpc, &host.chain_id, key, forged(SIGNERS)).await?;
    let said = said.context("a client took a header that one validator signed")?;
    ensure!(said.contains(RULE), "it was refused by another rule: {said}");
    if let Some(said) = refusal(&rpc, &host.chain_id, key, forged(usize::MAX)).await? {
        bail!("with all votes it is refused as well, by another rule: {said}");
    }
    Ok(said)
}
