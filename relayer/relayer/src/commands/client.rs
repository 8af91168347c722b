//! `relayer client create|update|status`.

use super::create::{Wish, create};
use super::wait::Deadline;
use super::{Needs, load, open_chain, update};
use crate::cli::{ClientVerb, Common};
use crate::family::Chain;
use crate::output::Format;
use anyhow::{Result, anyhow, bail};
use chain::{Answer, Ask, ClientView, TrustedState};
use client::Status;
use ethereum::Blst;
use relayer_core::{EndName, Judge, Law};
use serde_json::{Value, json};
use std::process::ExitCode;
use wire::Seconds;

pub(super) async fn execute(verb: ClientVerb) -> Result<ExitCode> {
    match verb {
        ClientVerb::Create {
            common,
            patience,
            host,
            tracked,
            attestors,
            policy,
            trust_period_secs,
            weak_subjectivity_secs,
            capacity,
            clock_drift_secs,
            trust_level,
        } => {
            let wish = Wish {
                attestors,
                policy,
                trust_period: trust_period_secs.map(Seconds),
                weak_subjectivity: weak_subjectivity_secs.map(Seconds),
                capacity,
                clock_drift: clock_drift_secs.map(Seconds),
                trust_level,
            };
            create(&common, patience, (&host, &tracked), &wish).await
        }
        ClientVerb::Update {
            common,
            patience,
            client,
            tracked,
        } => update::update(&common, patience, &client, &tracked).await,
        ClientVerb::Status { common, client } => status(&common, &client).await,
    }
}

async fn status(common: &Common, end: &EndName) -> Result<ExitCode> {
    let config = load(common)?;
    let host = open_chain(&config, &end.chain.0, Needs::Router)?;
    let answer = host.answer(Ask::Client { end: end.id.clone() }).await;
    let Answer::Client(view) = answer.map_err(|fault| anyhow!("failed to read {end}: failed to {fault}"))?
    else {
        bail!("failed to read {end}: the adapter answered something else");
    };
    let status = Law(Blst).stand(&view.trusted, view.now).map(|stand| stand.status);
    Format::of(common.json).print(&shown(end, &view))?;
    Ok(if status == Some(Status::Active) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(super) fn newest(view: &ClientView) -> Option<u64> {
    let stand = Law(Blst).stand(&view.trusted, view.now)?;
    Some(stand.newest.revision_height)
}

fn shown(end: &EndName, view: &ClientView) -> Value {
    let mut shown = described(&view.trusted, view.now);
    if let Value::Object(fields) = &mut shown {
        fields.insert("end".into(), end.to_string().into());
        let counterparty = view.counterparty.as_ref().map(ToString::to_string);
        fields.insert("counterparty".into(), counterparty.into());
    }
    shown
}

fn described(trusted: &TrustedState, now: Seconds) -> Value {
    let stand = Law(Blst).stand(trusted, now);
    let expires = stand.filter(|stand| stand.timestamp.0 != 0);
    let expires = expires.map(|stand| stand.timestamp.saturating_add(stand.trust_period));
    let kind = match trusted {
        TrustedState::Ethereum(trusted) => {
            let mut periods: Vec<u64> = trusted.committees().map(|held| held.period.0).collect();
            periods.sort_unstable();
            json!({
                "kind": "beacon",
                "committee_periods": periods,
                "tracked_router": trusted.config.router,
                "capacity": trusted.config.capacity,
            })
        }
        TrustedState::Attestors(trusted) => json!({
            "kind": "attestors",
            "set": trusted.set_id,
            "threshold": trusted.set.threshold(),
            "attestors": members(&trusted.set),
            "nonce": trusted.nonce,
            "rotation_due": trusted.pending.as_ref().map(|pending| pending.due.0),
            "next": trusted.pending.as_ref().map(|pending| members(&pending.set)),
            "interval": trusted.config.interval,
            "capacity": trusted.config.capacity,
        }),
        TrustedState::Tendermint(trusted) => json!({
            "kind": "tendermint",
            "chain_id": trusted.config.chain_id,
            "trust_level": trusted.config.trust_level.to_string(),
            "unbonding_secs": trusted.config.unbonding_period.0,
        }),
        TrustedState::Policy(state) => json!({
            "kind": "policy",
            "leaves": state.policy.leaves().iter().zip(&state.leaves).map(|(leaf, trusted)| json!({
                "contract": leaf.client,
                "after_secs": leaf.delay.0,
                "trusts": trusted.as_ref().map(|trusted| described(trusted, now)),
            })).collect::<Vec<_>>(),
        }),
    };
    let mut shown = json!({
        "status": match stand.map(|stand| stand.status) {
            Some(Status::Active) => "active",
            Some(Status::Expired) => "expired",
            Some(Status::Frozen) => "frozen",
            None => "unusable",
        },
        "height": stand.map(|stand| stand.newest.revision_height),
        "expires": expires.map(|at| at.0),
        "expires_in_secs": expires.map(|at| at.saturating_sub(now).0),
        "trust_period_secs": stand.map(|stand| stand.trust_period.0),
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut shown, kind) {
        all.extend(more);
    }
    shown
}

fn members(set: &attestor::Set) -> Value {
    let one = |one: &attestor::Attestor| json!({"address": one.signer, "weight": one.weight});
    set.attestors().iter().map(one).collect()
}

pub(super) async fn read_client(host: &Chain, end: &EndName, deadline: Deadline) -> Result<ClientView> {
    let ask = || host.answer(Ask::Client { end: end.id.clone() });
    match deadline.until(&format!("read {end}"), ask).await? {
        Answer::Client(view) => Ok(view),
        _ => bail!("failed to read {end}: the adapter answered something else"),
    }
}
