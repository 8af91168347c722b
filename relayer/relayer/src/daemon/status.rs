//! The machine's statuses as HTTP and metrics show them.

use super::chains::{Chains, Facts};
use super::pairs::Pairs;
use crate::clock;
use crate::config::Unit;
use crate::packets::PARKED;
use crate::view::blame;
use api::{AmountView, ChainView, EndView, PathView, StatusView, TroubleView};
use chain::{Blame, ChainName};
use relayer_core::{ChainStatus, EndStatus, Relayer};
use std::collections::BTreeMap;
use store::Store;
use wire::Seconds;

/// How everything stands. `cannot_write`: the store refused the last write.
pub(super) fn of(
    relayer: &Relayer,
    store: &Store,
    tasks: &Chains,
    started: u64,
    cannot_write: bool,
) -> StatusView {
    let mut not_ready = Vec::new();
    if cannot_write {
        not_ready.push("the store cannot be written".to_owned());
    }
    let chains = chains(relayer, &tasks.facts(), &mut not_ready);
    let ends = relayer.end_statuses();
    for end in &ends {
        if let Some(why) = tasks.pairs.why_not(&end.name) {
            not_ready.push(format!("client {}: {why}", end.name));
        } else if let Some(why) = &end.stopped {
            not_ready.push(format!("client {}: {why}", end.name));
        } else if end.client.is_none() {
            not_ready.push(format!("client {} was not read yet", end.name));
        }
    }
    StatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        at: clock::now().0,
        chains,
        paths: paths(relayer, &ends, store, &tasks.pairs),
        not_ready,
    }
}

fn chains(
    relayer: &Relayer,
    facts: &BTreeMap<ChainName, Facts>,
    not_ready: &mut Vec<String>,
) -> Vec<ChainView> {
    let statuses = relayer.chain_statuses();
    statuses
        .iter()
        .map(|status| {
            let facts = facts.get(&status.name).cloned().unwrap_or_default();
            let balance = facts.balance.map(|held| held.to_string());
            not_ready.extend(unusable(status));
            ChainView {
                chain: status.name.to_string(),
                finalized_height: status.head.map(|head| head.finalized.height.revision_height),
                latest_block: status.head.map(|head| head.latest.block.0),
                answered: facts.answered.map(|at| at.0),
                balance_wei: balance.clone().filter(|_| facts.unit == Unit::Wei),
                balance: balance.map(|amount| AmountView {
                    amount,
                    unit: facts.unit.to_string(),
                }),
                trouble: status.held.as_ref().map(|trouble| TroubleView {
                    at: trouble.at.0,
                    blame: blame(trouble.blame).into(),
                    text: trouble.text.clone(),
                }),
            }
        })
        .collect()
}

/// Why the chain cannot be worked with, if it cannot.
fn unusable(status: &ChainStatus) -> Option<String> {
    let name = &status.name;
    if status.head.is_none() {
        return Some(format!("chain {name} has not told where it stands"));
    }
    if let Some(since) = status.silent_since {
        return Some(format!("chain {name} has not told where it stands since {since}"));
    }
    let held = status.held.as_ref()?;
    match held.blame {
        Blame::Operator => Some(format!("chain {name} is not sent to: {}", held.text)),
        // It passes without anybody's doing.
        Blame::Peer | Blame::Chain | Blame::Us => None,
    }
}

/// Ends in pairs, each path once.
fn paths(relayer: &Relayer, ends: &[EndStatus], store: &Store, pairs: &Pairs) -> Vec<PathView> {
    // A client expires by the clock of the chain that it lives on, which need not be ours.
    let clocks: BTreeMap<ChainName, Seconds> = relayer
        .chain_statuses()
        .into_iter()
        .filter_map(|status| Some((status.name, status.head?.latest.timestamp)))
        .collect();
    let view = |end: &EndStatus| {
        let shown = view(end, clocks.get(&end.name.chain).copied(), store);
        EndView {
            stopped: both(pairs.unfit(&end.name), shown.stopped),
            ..shown
        }
    };
    let paired = |end: &EndStatus| {
        let peer = ends.iter().find(|other| other.name == end.peer)?;
        Some(view(peer))
    };
    ends.iter()
        .filter(|end| end.name < end.peer)
        .filter_map(|end| {
            Some(PathView {
                a: view(end),
                b: paired(end)?,
            })
        })
        .collect()
}

/// One client can be unfit and frozen: whoever looks has to see either.
fn both(unfit: Option<String>, stopped: Option<String>) -> Option<String> {
    let all: Vec<String> = unfit.into_iter().chain(stopped).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn view(end: &EndStatus, host_now: Option<Seconds>, store: &Store) -> EndView {
    let parked = (end.parked > 0).then_some((&PARKED, &end.parked));
    let backlog = end
        .live
        .iter()
        .chain(parked)
        .map(|(stage, count)| ((*stage).to_owned(), u64::try_from(*count).unwrap_or(u64::MAX)));
    let expires = end
        .client
        .and_then(|stand| stand.timestamp.checked_add(stand.trust_period));
    // Counting is for people: what cannot be read is shown as nothing, and told when a packet is asked for.
    let totals = store.totals(&end.name).unwrap_or_default();
    let settled = [
        ("acked", totals.acked),
        ("timed-out", totals.timed_out),
        ("refused", totals.refused),
    ];
    EndView {
        end: end.name.to_string(),
        backlog: backlog.collect(),
        unread_blocks: end.unread,
        oldest: end.oldest.map(|at| at.0),
        trusted_height: end.client.map(|stand| stand.newest.revision_height),
        expires: expires.map(|at| at.0),
        expires_in_secs: expires
            .zip(host_now)
            .map(|(at, now)| signed(at).saturating_sub(signed(now))),
        stopped: end.stopped.clone(),
        doubted: end.doubted.clone(),
        settled: settled.map(|(how, count)| (how.to_owned(), count)).into(),
        pruned: totals.pruned.map_or(0, |pruned| pruned.count),
    }
}

fn signed(at: Seconds) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chain::{BlockNumber, Finalized, Head, Latest, WeiPerGas};
    use relayer_core::Trouble;
    use wire::Height;

    fn ready() -> ChainStatus {
        let finalized = Finalized {
            height: Height::of(64),
            block: BlockNumber(60),
            timestamp: Seconds(900),
        };
        let latest = Latest {
            block: BlockNumber(90),
            timestamp: Seconds(1_000),
            base_fee: WeiPerGas(1),
            tip: WeiPerGas(1),
        };
        ChainStatus {
            name: ChainName("north".into()),
            head: Some(Head { finalized, latest }),
            silent_since: None,
            in_flight: 0,
            unfinal: 0,
            held: None,
        }
    }

    fn held(blame: Blame) -> ChainStatus {
        ChainStatus {
            held: Some(Trouble::new(Seconds(5), blame, "fund the relayer's account")),
            ..ready()
        }
    }

    #[test]
    fn a_client_that_is_unfit_and_frozen_is_shown_as_both() {
        let text = |word: &str| Some(word.to_owned());
        assert_eq!(both(None, None), None);
        assert_eq!(both(text("unfit"), None), text("unfit"));
        assert_eq!(both(None, text("frozen")), text("frozen"));
        assert_eq!(both(text("unfit"), text("frozen")), text("unfit; frozen"));
    }

    #[test]
    fn a_chain_is_unusable_while_it_is_silent_or_the_operator_has_to_act() {
        assert_eq!(unusable(&ready()), None);
        let silent = ChainStatus {
            silent_since: Some(Seconds(77)),
            ..ready()
        };
        assert!(unusable(&silent).is_some_and(|why| why.contains("north") && why.contains("77")));
        let unheard = ChainStatus {
            head: None,
            ..ready()
        };
        assert!(unusable(&unheard).is_some_and(|why| why.contains("north")));
        assert!(unusable(&held(Blame::Operator)).is_some_and(|why| why.contains("fund")));
        assert_eq!(unusable(&held(Blame::Chain)), None);
    }
}
