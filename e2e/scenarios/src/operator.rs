//! What an operator sees: the relayer's own commands, held against what the chains say.

use crate::{
    bridge::Bridge,
    end::Settled,
    tracker::{Side, Tracked},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Packets listed at most: more than any run sends.
const LIST_MAX: &str = "10000";

/// Checks by `path status` and `client status` that both ends are what they should be and that both clients work.
///
/// # Errors
/// A rule of the path is broken, a client is not active, or a command fails.
pub async fn check_path(bridge: &Bridge) -> Result<()> {
    let path = bridge.ask_relayer(&["path", "status"]).await?;
    ensure!(
        path["ok"] == true,
        "`path status` finds something wrong: {path:#}"
    );
    for end in &bridge.ends {
        let client = bridge
            .ask_relayer(&["client", "status", "--client", &end.name()])
            .await?;
        ensure!(
            client["status"] == "active" && client["counterparty"].is_string(),
            "`client status` of {} says {client:#}",
            end.name()
        );
    }
    Ok(())
}

/// Checks that `packet list` names live packets, all of them among `sent`, each with a reason and a next step, and
/// returns how many.
///
/// # Errors
/// It names none or a stranger, leaves out why or what next, or fails.
pub async fn check_live(bridge: &Bridge, sent: &[Tracked]) -> Result<usize> {
    let listed = list(bridge, &[]).await?;
    for view in &listed {
        let known = sent.iter().any(|packet| is_named(bridge, packet, view));
        ensure!(
            known,
            "`packet list` names a packet that nobody sent: {}",
            view["packet"]
        );
        let says = |key: &str| view[key].as_str().is_some_and(|text| !text.is_empty());
        ensure!(
            says("why") && says("next"),
            "`packet list` does not say why or what next: {view}"
        );
    }
    ensure!(!listed.is_empty(), "`packet list` knows no live packet");
    Ok(listed.len())
}

/// Waits until the relayer's own account of every packet that has ended is what the chains say. Later than the chains:
/// it believes an end only once that is final and proven.
///
/// # Errors
/// Not within `limit`, another end than the chains say, or a command fails.
pub async fn check_ends(bridge: &mut Bridge, sent: &[Tracked], limit: Duration) -> Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        bridge.check_relayer_runs()?;
        let listed = list(bridge, &["--all"]).await?;
        let mut open = Vec::new();
        for packet in sent {
            let view = listed.iter().find(|view| is_named(bridge, packet, view));
            match view.filter(|view| view["is_final"] == true) {
                Some(view) => check_end(packet, view)?,
                None => open.push(view.map_or_else(|| name(bridge, packet), ToString::to_string)),
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        ensure!(
            Instant::now() < deadline,
            "the chains have settled them, but within {} s the relayer did not see it of:\n  {}",
            limit.as_secs(),
            open.join("\n  ")
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn check_end(packet: &Tracked, view: &Value) -> Result<()> {
    let expected = match packet.end() {
        Some(Settled::Acked { .. }) => "acked",
        Some(Settled::TimedOut) => "timed-out",
        None => "still live",
    };
    ensure!(
        view["stage"] == expected,
        "the relayer says that {} is {}, the chain says {expected}",
        view["packet"],
        view["stage"]
    );
    Ok(())
}

async fn list(bridge: &Bridge, more: &[&str]) -> Result<Vec<Value>> {
    let arguments = [&["packet", "list", "--limit", LIST_MAX], more].concat();
    let listed = bridge.ask_relayer(&arguments).await?;
    listed
        .as_array()
        .cloned()
        .with_context(|| format!("`packet list` is no list: {listed}"))
}

fn is_named(bridge: &Bridge, packet: &Tracked, view: &Value) -> bool {
    view["packet"].as_str() == Some(&name(bridge, packet))
}

/// `chain/client/sequence`, as the relayer names it.
fn name(bridge: &Bridge, packet: &Tracked) -> String {
    let from: Side = packet.from;
    format!("{}/{}", from.of(&bridge.ends).name(), packet.sequence())
}
