//! `relayer client create|update|status`.

use super::wait::Deadline;
use super::{Needs, load, open_chain};
use crate::cli::{ClientVerb, Common, Patience};
use crate::output::Format;
use anyhow::{Context, Result, anyhow, bail};
use chain::{
    Answer, Ask, ClientUpdate, Place, Submission, SubmissionId, TrustedState, TxState, UpdateClient,
    UpdatePlan,
};
use chain_evm::{ClientTerms, Evm};
use client::{Advance, Status};
use ethereum::{Blst, Trusted};
use relayer_core::EndName;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;
use wire::Seconds;

pub(super) async fn execute(verb: ClientVerb) -> Result<ExitCode> {
    match verb {
        ClientVerb::Create {
            common,
            patience,
            host,
            tracked,
            trust_period_secs,
            weak_subjectivity_secs,
            capacity,
        } => {
            let terms = ClientTerms {
                trust_period: Seconds(trust_period_secs),
                weak_subjectivity: Seconds(weak_subjectivity_secs),
                capacity,
            };
            create(&common, patience, (&host, &tracked), &terms).await
        }
        ClientVerb::Update {
            common,
            patience,
            client,
            tracked,
        } => update(&common, patience, &client, &tracked).await,
        ClientVerb::Status { common, client } => status(&common, &client).await,
    }
}

async fn create(
    common: &Common,
    patience: Patience,
    (host, tracked): (&str, &str),
    terms: &ClientTerms,
) -> Result<ExitCode> {
    let config = load(common)?;
    let (on, of) = (
        open_chain(&config, host, Needs::Router)?,
        open_chain(&config, tracked, Needs::Router)?,
    );
    let deadline = Deadline::in_secs(patience.wait_secs);
    let what = format!("create a client of {tracked} on {host}");
    let created = deadline
        .until(&what, || on.create_client(&of, terms, deadline.left()))
        .await?;
    Format::of(common.json).print(&json!({
        "client": created.id.as_str(),
        "end": format!("{host}/{}", created.id),
        "host": host,
        "tracked": tracked,
        "contract": created.contract,
        "height": created.started_at.revision_height,
        "block": created.block,
    }))?;
    Ok(ExitCode::SUCCESS)
}

async fn update(common: &Common, patience: Patience, end: &EndName, tracked: &str) -> Result<ExitCode> {
    let config = load(common)?;
    let host = open_chain(&config, &end.chain.0, Needs::Router)?;
    let of = open_chain(&config, tracked, Needs::Router)?;
    let deadline = Deadline::in_secs(patience.wait_secs);
    let head = deadline
        .until("learn the newest finalized state", || of.head())
        .await?;
    let (before, now) = read_client(&host, end, deadline).await?;
    let ask = || {
        of.answer(Ask::Update {
            trusted: TrustedState::Ethereum(Box::new(before.clone())),
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
        judge(&before, &plan, now.max(head.latest.timestamp))?;
        Some(submit(&host, end, plan, deadline).await?)
    };
    Format::of(common.json).print(&json!({
        "end": end.to_string(),
        "from_height": before.newest.0,
        "height": reached,
        "tx": tx,
    }))?;
    Ok(ExitCode::SUCCESS)
}

async fn status(common: &Common, end: &EndName) -> Result<ExitCode> {
    let config = load(common)?;
    let host = open_chain(&config, &end.chain.0, Needs::Router)?;
    let answer = host
        .answer(Ask::Client {
            id: end.client.clone(),
        })
        .await;
    let Answer::Client(view) = answer.map_err(|fault| anyhow!("failed to read {end}: failed to {fault}"))?
    else {
        bail!("failed to read {end}: the adapter answered something else");
    };
    let TrustedState::Ethereum(trusted) = &view.trusted;
    let status = ethereum::status(trusted, view.now);
    Format::of(common.json).print(&shown(end, trusted, status, view.counterparty.as_ref(), view.now))?;
    Ok(if status == Status::Active {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn shown(
    end: &EndName,
    trusted: &Trusted,
    status: Status,
    counterparty: Option<&wire::ClientId>,
    now: Seconds,
) -> Value {
    let expires = trusted.expiry();
    let mut periods: Vec<u64> = trusted.committees().map(|held| held.period.0).collect();
    periods.sort_unstable();
    json!({
        "end": end.to_string(),
        "status": match status {
            Status::Active => "active",
            Status::Expired => "expired",
            Status::Frozen => "frozen",
        },
        "height": trusted.newest.0,
        "expires": expires.map(|at| at.0),
        "expires_in_secs": expires.map(|at| at.saturating_sub(now).0),
        "counterparty": counterparty.map(wire::ClientId::as_str),
        "committee_periods": periods,
        "tracked_router": trusted.config.router,
        "trust_period_secs": trusted.config.trust_period.0,
        "capacity": trusted.config.capacity,
    })
}

async fn read_client(host: &Evm, end: &EndName, deadline: Deadline) -> Result<(Trusted, Seconds)> {
    let ask = || {
        host.answer(Ask::Client {
            id: end.client.clone(),
        })
    };
    let Answer::Client(view) = deadline.until(&format!("read {end}"), ask).await? else {
        bail!("failed to read {end}: the adapter answered something else");
    };
    let TrustedState::Ethereum(trusted) = view.trusted;
    Ok((*trusted, view.now))
}

/// The same judgement that the contract will pass: nothing is paid for updates that it would refuse.
fn judge(trusted: &Trusted, plan: &UpdatePlan, now: Seconds) -> Result<()> {
    let mut trusted = trusted.clone();
    for ClientUpdate::Ethereum(update) in &plan.updates {
        match ethereum::verify_update(&Blst, &trusted, update, now) {
            Ok(Advance::Updated(next)) => trusted = next,
            Ok(Advance::NoOp) => {}
            Ok(Advance::Misbehaviour(_)) => bail!("failed to update: the update proves misbehaviour"),
            Err(reject) => bail!("failed to update: our light client refuses it: failed to {reject}"),
        }
    }
    Ok(())
}

async fn submit(host: &Evm, end: &EndName, plan: UpdatePlan, deadline: Deadline) -> Result<String> {
    let updates = plan.updates.into_iter().map(|update| UpdateClient {
        client: end.client.clone(),
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
    let Answer::Send { tx, nonce, .. } = deadline.until("send the updates", send).await? else {
        bail!("failed to send the updates: the adapter answered something else");
    };
    loop {
        let find = || host.answer(Ask::Find { tx, nonce });
        let found = deadline
            .until("find the transaction", find)
            .await
            .context("after it was sent")?;
        match found {
            Answer::Find(TxState::Included(outcome) | TxState::Final(outcome)) => match outcome.reverted {
                None => return Ok(tx.to_string()),
                Some(revert) => bail!("failed to update: transaction {tx} reverted: {revert}"),
            },
            Answer::Find(TxState::Replaced) => {
                bail!("failed to update: another transaction took nonce {nonce}")
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
