//! `relayer client update`: one client brought up to date by hand, as the daemon does it.

use super::client::{newest, read_client};
use super::wait::Deadline;
use super::{Needs, load, open_chain};
use crate::cli::{Common, Patience};
use crate::family::Chain;
use crate::output::Format;
use anyhow::{Context, Result, bail};
use chain::{
    Answer, Ask, Blame, ClientUpdate, ClientView, Place, Submission, SubmissionId, Ticket, TrustedState,
    TxHash, TxState, UpdateClient, UpdatePlan,
};
use client::Advance;
use ethereum::Blst;
use relayer_core::{EndName, Judge, Law, Refusal, due_errand};
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use wire::{ClientId, Seconds};

/// Pauses between two looks at the host's clock: the first, doubled each time up to the longest.
const LOOK_FIRST: Duration = Duration::from_millis(20);
const LOOK_LONGEST: Duration = Duration::from_secs(2);

pub(super) async fn update(
    common: &Common,
    patience: Patience,
    end: &EndName,
    tracked: &str,
) -> Result<ExitCode> {
    let config = load(common)?;
    let host = open_chain(&config, &end.chain.0, Needs::Router)?;
    let of = open_chain(&config, tracked, Needs::Router)?;
    let deadline = Deadline::in_secs(patience.wait_secs);
    let head = deadline
        .until("learn the newest finalized state", || of.head())
        .await?;
    let mut before = read_client(&host, end, deadline).await?;
    let errand = run_errand(&host, &of, &before, deadline).await?;
    if errand.is_some() {
        before = read_client(&host, end, deadline).await?;
    }
    let ask = || {
        of.answer(Ask::Update {
            trusted: before.trusted.clone(),
            to: head.finalized.height,
        })
    };
    let Answer::Update(plan) = deadline.until("find updates", ask).await? else {
        bail!("failed to find updates: the adapter answered something else");
    };
    let reached = plan.reached.height.revision_height;
    let tx = if plan.updates.is_empty() {
        None
    } else {
        let verdict = |now| judge(&before.trusted, &plan, now);
        let clock = || async { Ok(read_client(&host, end, deadline).await?.now) };
        await_ripe(before.now, verdict, clock, deadline).await?;
        Some(submit(&host, &before.client, plan.updates, deadline).await?)
    };
    Format::of(common.json).print(&json!({
        "end": end.to_string(),
        "from_height": newest(&before),
        "height": reached,
        "tx": tx,
        "errand_tx": errand,
    }))?;
    Ok(ExitCode::SUCCESS)
}

/// What the client needs beside states, if anything: its next set of attestors takes over, or attestors have to tell
/// something. As the daemon does it.
async fn run_errand(
    host: &Chain,
    of: &Chain,
    before: &ClientView,
    deadline: Deadline,
) -> Result<Option<String>> {
    let (trusted, now) = (&before.trusted, before.now);
    let notices = match due_errand(trusted, now) {
        Some(errand) => vec![errand],
        None => {
            let trusted = trusted.clone();
            let ask = || {
                of.answer(Ask::Notices {
                    trusted: trusted.clone(),
                    now,
                })
            };
            let Answer::Notices(notices) = deadline.until("ask the attestors", ask).await? else {
                bail!("failed to ask the attestors: the adapter answered something else");
            };
            notices.steps
        }
    };
    let is_taken = |notice: &ClientUpdate| {
        let advance = Law(Blst).advance(trusted, notice, now);
        matches!(advance, Ok(Advance::Updated(_) | Advance::Misbehaviour(_)))
    };
    match notices.into_iter().find(is_taken) {
        Some(errand) => Ok(Some(submit(host, &before.client, vec![errand], deadline).await?)),
        None => Ok(None),
    }
}

/// Waits until `verdict` is good at a time of the host's own chain, which is the time by which the contract will judge. Only
/// what is ahead of that clock is waited for.
async fn await_ripe(
    mut now: Seconds,
    verdict: impl Fn(Seconds) -> Result<(), Refusal>,
    clock: impl AsyncFn() -> Result<Seconds>,
    deadline: Deadline,
) -> Result<()> {
    let mut pause = LOOK_FIRST;
    while let Err(refusal) = verdict(now) {
        let is_early = refusal.ripe.is_some_and(|ripe| ripe > now);
        if !is_early || deadline.left().is_zero() {
            let text = refusal.text;
            bail!(
                "failed to update: our light client refuses it at time {now} of the host: failed to {text}"
            );
        }
        if pause == LOOK_FIRST {
            eprintln!("waiting to update: {}", refusal.text);
        }
        tokio::time::sleep(pause.min(deadline.left())).await;
        pause = (pause * 2).min(LOOK_LONGEST);
        now = clock().await?;
    }
    Ok(())
}

/// Nothing is paid for updates that the contract would refuse.
fn judge(trusted: &TrustedState, plan: &UpdatePlan, now: Seconds) -> Result<(), Refusal> {
    let mut trusted = trusted.clone();
    for update in &plan.updates {
        match Law(Blst).advance(&trusted, update, now)? {
            Advance::Updated(next) => trusted = next,
            Advance::NoOp => {}
            Advance::Misbehaviour(_) => {
                let text = "take it as an update: it proves misbehaviour";
                return Err(Refusal::new(Blame::Peer, text));
            }
        }
    }
    Ok(())
}

async fn submit(
    host: &Chain,
    client: &ClientId,
    updates: Vec<ClientUpdate>,
    deadline: Deadline,
) -> Result<String> {
    let updates = updates.into_iter().map(|update| UpdateClient {
        client: client.clone(),
        update,
    });
    let submission = Submission {
        id: SubmissionId(0),
        updates: updates.collect(),
        messages: Vec::new(),
        pool: None,
    };
    let fee = deadline.until("learn the usual fee", || host.usual_fee()).await?;
    let send = || {
        host.answer(Ask::Send {
            submission: submission.clone(),
            fee,
            place: Place::Next,
        })
    };
    let Answer::Send { tx, ticket, .. } = deadline.until("send the updates", send).await? else {
        bail!("failed to send the updates: the adapter answered something else");
    };
    await_landing(host, tx, ticket, deadline).await?;
    Ok(tx.to_string())
}

/// Waits until the transaction is in a block and has worked.
async fn await_landing(host: &Chain, tx: TxHash, ticket: Ticket, deadline: Deadline) -> Result<()> {
    loop {
        let find = || {
            host.answer(Ask::Find {
                tx,
                ticket: ticket.clone(),
            })
        };
        let found = deadline
            .until("find the transaction", find)
            .await
            .context("after it was sent")?;
        match found {
            Answer::Find(TxState::Included(outcome) | TxState::Final(outcome)) => match outcome.reverted {
                None => return Ok(()),
                Some(revert) => bail!("failed to update: transaction {tx} reverted: {revert}"),
            },
            Answer::Find(TxState::Replaced) => {
                bail!(
                    "failed to update: another transaction took the place of {tx}; another process uses this key"
                )
            }
            Answer::Find(TxState::Overtaken) => {
                bail!(
                    "failed to update: a later transaction of our own took the place of {tx}, which a node had lost; try again"
                )
            }
            Answer::Find(TxState::Expired) => {
                bail!("failed to update: transaction {tx} was in no block in time; try again")
            }
            Answer::Find(TxState::Pending | TxState::Unknown) if deadline.left().is_zero() => {
                bail!("failed to wait for transaction {tx}: it is in no block yet")
            }
            Answer::Find(TxState::Pending | TxState::Unknown) => {
                tokio::time::sleep(Duration::from_millis(500)).await
            }
            _ => bail!("failed to find transaction {tx}: the adapter answered something else"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// An update that is ripe at time 100; the times at which it was judged, and how it ended.
    async fn judged(clock: &[u64], wait_secs: u64) -> (Vec<u64>, Result<()>) {
        let (seen, left) = (RefCell::new(Vec::new()), RefCell::new(clock.to_vec()));
        let verdict = |now: Seconds| {
            seen.borrow_mut().push(now.0);
            if now >= Seconds(100) {
                return Ok(());
            }
            Err(Refusal {
                ripe: Some(Seconds(100)),
                ..Refusal::new(Blame::Chain, "update from the future")
            })
        };
        let clock = async || Ok(Seconds(left.borrow_mut().pop().expect("a look too many")));
        let ended = await_ripe(Seconds(90), verdict, clock, Deadline::in_secs(wait_secs)).await;
        (seen.into_inner(), ended)
    }

    #[tokio::test]
    async fn an_update_waits_for_the_hosts_clock() {
        let (seen, ended) = judged(&[100, 99, 90], 600).await;
        ended.expect("ripe");
        assert_eq!(seen, [90, 90, 99, 100]);
    }

    #[tokio::test]
    async fn what_is_ahead_of_the_host_is_refused_when_patience_ends() {
        let (seen, ended) = judged(&[], 0).await;
        let text = ended.expect_err("early").to_string();
        assert!(
            text.contains("time 90") && text.contains("from the future"),
            "{text}"
        );
        assert_eq!(seen, [90]);
    }

    #[tokio::test]
    async fn what_no_clock_cures_is_refused_at_once() {
        let verdict = |_| Err(Refusal::new(Blame::Peer, "find the signature good"));
        let clock = async || -> Result<Seconds> { panic!("the clock was asked") };
        let ended = await_ripe(Seconds(90), verdict, clock, Deadline::in_secs(600)).await;
        assert!(ended.is_err());
    }
}
