use super::*;
use crate::fake_port::{CHAIN_ID, Node, cosmos, serve, world};
use chain::{Depth, TermsMax};
use tendermint_client::{CLOCK_DRIFT_DEFAULT, TrustLevel};

/// What is found of the states of a client that keeps those of two blocks, and perhaps others.
async fn found(are_all: bool) -> Verdict {
    let (_, fake) = serve(Node::new(world())).await;
    let chain = cosmos(&[&fake]);
    let mut states = Vec::new();
    for height in [50, 100] {
        let real = chain.bootstrap(height).await.unwrap();
        states.push(real.state(Seconds(0)));
    }
    let config = Config {
        chain_id: CHAIN_ID.into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(100_000),
        unbonding_period: Seconds(200_000),
        clock_drift: CLOCK_DRIFT_DEFAULT,
        capacity: 1_000,
        store: STORE_DEFAULT.to_vec(),
    };
    let expected = Expected {
        counterparty: None,
        terms_max: TermsMax {
            trust_period: Seconds(100_000),
            clock_drift: CLOCK_DRIFT_DEFAULT,
        },
        depth: Depth::Whole,
    };
    let follower = Follower {
        config: &config,
        started: &chain.bootstrap(50).await,
        states: &Ok(states),
        are_all,
    };
    let findings = chain.verify_follower(&follower, &expected).await;
    let states = findings.into_iter().find(|finding| finding.rule == "states");
    states.unwrap().verdict
}

#[tokio::test]
async fn how_many_states_were_compared_is_said_and_whether_those_are_all() {
    let all = found(true).await.unwrap();
    assert!(all.contains("2 states") && all.contains("height 100"), "{all}");
    let Err(Doubt::Unchecked(text)) = found(false).await else {
        panic!("others were not compared")
    };
    assert!(
        text.contains("2 states") && text.contains("not compared"),
        "{text}"
    );
}
