//! A client that stayed behind while those who sign were exchanged: too few of those whom it trusts sign the newest header, so that it has
//! to be led there over headers in between. The client is that of the real chain, the way is found by the adapter.

use super::sent::{deliver, refusal, rules, wallet};
use super::served::height;
use super::{CosmosSite, Pace};
use crate::port::Port;
use crate::post::{Post, failed, or_wait, until};
use crate::site::Role;
use anyhow::{Context, Result, ensure};
use chain::{Submission, SubmissionId};
use cosmos_chain::hand::{Seen, said, update};
use std::ops::ControlFlow;
use tokio::time::Instant;
use wire::ClientId;

/// What ibc-go says where too few of the trusted set signed.
const TOO_FEW: &str = "trust new val set";

/// Makes a client on `host` that begins with the block of `begin` of `tracked`, tries to bring it to the newest block at once, and then
/// brings it there step by step.
///
/// # Errors
/// The client believes the newest header at once, no step is found, or one is refused.
pub async fn stepped(host: &CosmosSite, tracked: &CosmosSite, begin: u64, pace: &Pace) -> Result<String> {
    let (rpc, followed) = (host.rpc()?, tracked.rpc()?);
    let seen = Seen {
        rpc: &followed,
        chain_id: &tracked.chain_id,
    };
    let (key, signer) = (host.key(Role::Attacker)?, host.address(Role::Attacker)?);
    let create = seen.new_client(begin, &signer).await?;
    let wallet = wallet(rules(&host.chain_id, pace.patience_blocks)?, &[key])?;
    let made = deliver(&rpc, &wallet, |_| Ok(vec![create.clone()])).await?;
    let client = said(&made.events, "create_client", "client_id")?.to_owned();
    // Of the newest block the votes may still change.
    let newest = height(&followed).await?.saturating_sub(1);
    let at_once = update(&client, &seen.header(begin, newest).await?, &signer);
    let refused = refusal(&rpc, &host.chain_id, key, at_once).await?;
    let refused = refused.with_context(|| format!("{client} believes block {newest} at once"))?;
    ensure!(
        refused.contains(TOO_FEW),
        "{client} refuses block {newest} for another reason: {refused}"
    );
    let deadline = Instant::now() + pace.settled_within;
    let steps = lead(host, tracked, &client, pace, deadline).await?;
    let there = Seen {
        rpc: &rpc,
        chain_id: &host.chain_id,
    };
    // This node may be blocks behind the one that told that all is there: its validator has left.
    let believed = until(deadline, async || {
        let believed = there.believed(&client).await?;
        Ok(if believed >= newest {
            ControlFlow::Break(believed)
        } else {
            ControlFlow::Continue(format!(
                "{client} was led to block {newest} or further and believes {believed}"
            ))
        })
    })
    .await?;
    ensure!(
        !there.is_frozen(&client).await?,
        "{client} was led to block {believed} and is frozen"
    );
    Ok(format!(
        "{client} stayed at block {begin}, of whose voting power less than a third signs block {newest}: it refuses that one at once, and is \
         led to {believed} in {steps} steps"
    ))
}

/// Shows the client what the adapter finds; says how many headers those were.
async fn lead(
    host: &CosmosSite,
    tracked: &CosmosSite,
    client: &str,
    pace: &Pace,
    deadline: Instant,
) -> Result<usize> {
    let port = |site| Port::cosmos(site, Role::Attacker, pace);
    let (tracked, host) = (
        port(tracked)?,
        Post {
            port: port(host)?,
            client: ClientId::new(client)?,
        },
    );
    let plan = until(deadline, async || {
        let head = tracked.head().await.map_err(failed)?;
        let plan = host.plan(&tracked, head.finalized.height).await?;
        Ok(or_wait(plan, || "no way to the newest block is found".to_owned()))
    })
    .await?;
    let steps = plan.updates.len();
    ensure!(steps > 1, "one header is said to be enough");
    let submission = Submission {
        id: SubmissionId(1),
        updates: host.updates(&plan),
        messages: Vec::new(),
        pool: None,
    };
    host.deliver(submission, deadline)
        .await
        .with_context(|| format!("{steps} headers, one after the other"))?;
    Ok(steps)
}
