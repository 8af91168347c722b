//! A client judged by its rules: the good one, and what is told of each other.

use super::Verdict;
use crate::cosmos::Cosmos;
use crate::create::STAKING_PARAMS;
use crate::fake_port::{Node, REVISION, Told, cosmos, cosmos_with, proto, serve};
use crate::ibc::RawHeight;
use crate::ibc::client::{CONFIG_QUERY, Config, ConfigAnswer, HEIGHTS_QUERY, HeightsAnswer, PageResponse};
use crate::ibc::tendermint::ClientState;
use crate::look::PAGES_MAX;
use crate::port_tests::{client_state, hosted, paired};
use crate::sign::Key;
use chain::{Depth, Doubt, Expected, TermsMax};
use cosmrs::proto::cosmos::staking::v1beta1::{Params, QueryParamsResponse};
use endpoints::testing::Fake;
use tendermint_proto::google::protobuf::Duration;
use wire::{ClientId, Seconds};

const RULES: [&str; 6] = ["counterparty", "network", "terms", "states", "relayers", "status"];

/// A page with the one height that the client keeps, and what the node says of a next one.
fn page(next_key: &[u8]) -> Told {
    Ok(proto(&HeightsAnswer {
        heights: vec![RawHeight {
            revision_number: REVISION,
            revision_height: 42,
        }],
        pagination: Some(PageResponse {
            next_key: next_key.to_vec(),
        }),
    }))
}

fn allowed(relayers: &[String]) -> Told {
    Ok(proto(&ConfigAnswer {
        config: Some(Config {
            allowed_relayers: relayers.to_vec(),
        }),
    }))
}

/// A node with a good client, which `heights` and `config` are told of.
fn node(heights: Told, config: Told) -> Node {
    node_with(client_state(), heights, config)
}

fn node_with(state: ClientState, heights: Told, config: Told) -> Node {
    let mut node = hosted(state, paired());
    let params = Params {
        unbonding_time: Some(Duration {
            seconds: 2_000,
            nanos: 0,
        }),
        ..Params::default()
    };
    let params = proto(&QueryParamsResponse { params: Some(params) });
    node.queries.extend([
        (HEIGHTS_QUERY, heights),
        (CONFIG_QUERY, config),
        (STAKING_PARAMS, Ok(params)),
    ]);
    node
}

/// What is found of the client by each rule, seen by `chain` over a node.
async fn verdicts(node: Node, chain: impl Fn(&[&Fake]) -> Cosmos) -> Vec<(String, Verdict)> {
    let (_, fake) = serve(node).await;
    let chain = chain(&[&fake]);
    let expected = Expected {
        counterparty: Some(ClientId::new("07-tendermint-4").unwrap().into()),
        terms_max: TermsMax {
            trust_period: Seconds(1_000),
            clock_drift: Seconds(60),
        },
        depth: Depth::Whole,
    };
    let id = ClientId::new("07-tendermint-1").unwrap();
    let found = chain.verify_end(&chain, &id, &expected).await.unwrap();
    let found = found.into_iter();
    found.map(|one| (one.rule.into_owned(), one.verdict)).collect()
}

/// What one rule says, when all others hold.
async fn verdict(rule: &str, node: Node, chain: impl Fn(&[&Fake]) -> Cosmos) -> Verdict {
    let found = verdicts(node, chain).await;
    let others = found.iter().filter(|(name, _)| name != rule);
    others.for_each(|(name, verdict)| assert!(verdict.is_ok(), "{name}: {verdict:?}"));
    found.into_iter().find(|(name, _)| name == rule).unwrap().1
}

fn ours() -> String {
    Key::new(&[7; 32], "cosmos").unwrap().address().to_owned()
}

#[tokio::test]
async fn a_good_client_is_good_by_every_rule() {
    let found = verdicts(node(page(b""), allowed(&[])), cosmos).await;
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, RULES);
    for (name, verdict) in &found {
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_clock_drift_that_the_operator_does_not_accept_is_told_with_the_key_that_accepts_it() {
    let drifting = |seconds| ClientState {
        max_clock_drift: Some(Duration { seconds, nanos: 0 }),
        ..client_state()
    };
    let judged = async |seconds| {
        let node = node_with(drifting(seconds), page(b""), allowed(&[]));
        verdict("terms", node, cosmos).await
    };
    assert!(judged(60).await.is_ok());
    let Err(Doubt::Differs(text)) = judged(61).await else {
        panic!("the drift of 61 s is accepted")
    };
    assert!(
        text.contains("61") && text.contains("60") && text.contains("clock_drift_secs_max"),
        "{text}"
    );
}

#[tokio::test]
async fn states_that_no_page_ends_are_told_as_not_compared() {
    let told = verdict("states", node(page(b"more"), allowed(&[])), cosmos).await;
    let Err(Doubt::Unchecked(text)) = &told else {
        panic!("{told:?}")
    };
    assert!(text.contains(&PAGES_MAX.to_string()), "{text}");
}

#[tokio::test]
async fn who_may_relay_is_held_against_our_accounts() {
    let others = ["cosmos1other".to_owned()];
    let told = verdict("relayers", node(page(b""), allowed(&others)), cosmos).await;
    let Err(Doubt::Unusable(text)) = &told else {
        panic!("{told:?}")
    };
    assert!(text.contains(&ours()) && text.contains(&others[0]), "{text}");
    let both = [others[0].clone(), ours()];
    let told = verdict("relayers", node(page(b""), allowed(&both)), cosmos).await;
    assert!(told.is_ok(), "{told:?}");
}

#[tokio::test]
async fn who_only_looks_is_told_who_may_relay() {
    let others = ["cosmos1other".to_owned()];
    let looking = |fakes: &[&Fake]| cosmos_with(fakes, Vec::new());
    let told = verdict("relayers", node(page(b""), allowed(&others)), looking).await;
    assert!(told.is_ok_and(|text| text.contains(&others[0])));
}

#[tokio::test]
async fn a_rule_about_relayers_that_cannot_be_read_does_not_hold() {
    let silent: Told = Err((1, "internal"));
    let told = verdict("relayers", node(page(b""), silent), cosmos).await;
    assert!(matches!(told, Err(Doubt::Unchecked(_))), "{told:?}");
}
