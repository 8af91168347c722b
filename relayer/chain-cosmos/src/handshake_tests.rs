//! Handshakes between two chains that believe nothing that is not proven: opened, interrupted at each step, overtaken, refused.

use crate::fake_ibc::{CLIENTS, Chain, chains};
use crate::fake_ibc_host::Host;
use crate::ibc_channel::Channel;
use crate::ibc_connection::{self as co, ClientPaths, ConnectionEnd};
use crate::{
    ChannelClosing, ChannelHandshake, ChannelWish, Channelled, Connected, ConnectionHandshake, ConnectionId,
    HandshakeFault, Progress, Rule, State, Step,
};
use chain::Fault;
use core::time::Duration;
use prost::Message;
use wire::channel::{ChannelEnd, Ordering};
use wire::{ClientId, PortId};

/// More than any step here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn clients() -> [ClientId; 2] {
    CLIENTS.map(|id| ClientId::new(id).unwrap())
}

fn connection<'a>(pair: &'a [Chain; 2], known: Option<&str>) -> ConnectionHandshake<'a> {
    let known: Option<ConnectionId> = known.map(|id| id.parse().unwrap());
    ConnectionHandshake::new(
        pair.each_ref().map(|chain| &chain.cosmos),
        clients(),
        known.as_ref(),
    )
}

pub(crate) async fn connected(pair: &[Chain; 2]) -> Connected {
    let mut handshake = connection(pair, None);
    loop {
        if let Progress::Done(connected) = handshake.step(PATIENCE).await.unwrap() {
            return connected;
        }
    }
}

pub(crate) fn wish(ordering: Ordering, version: Option<&str>) -> ChannelWish {
    ChannelWish {
        ports: ["mock", "transfer"].map(|port| PortId::new(port).unwrap()),
        ordering,
        version: version.map(str::to_owned),
    }
}

fn channel<'a>(pair: &'a [Chain; 2], connected: &Connected, wish: ChannelWish) -> ChannelHandshake<'a> {
    ChannelHandshake::new(
        pair.each_ref().map(|chain| &chain.cosmos),
        connected.clone(),
        wish,
    )
}

pub(crate) async fn channelled(pair: &[Chain; 2], connected: &Connected, wish: ChannelWish) -> Channelled {
    let mut handshake = channel(pair, connected, wish);
    loop {
        if let Progress::Done(channelled) = handshake.step(PATIENCE).await.unwrap() {
            return channelled;
        }
    }
}

/// How many connections the client of each chain has.
fn counts(pair: &[Chain; 2]) -> [usize; 2] {
    [0, 1].map(|side| {
        let paths: Option<ClientPaths> = pair[side].node().read(&co::paths_key(CLIENTS[side]));
        paths.map_or(0, |paths| paths.paths.len())
    })
}

fn channel_counts(pair: &[Chain; 2]) -> [usize; 2] {
    pair.each_ref().map(|chain| {
        let node = chain.node();
        Host::channels(node.states[&node.height].get("ibc").unwrap()).len()
    })
}

fn misfit(fault: HandshakeFault) -> (Rule, String, String) {
    match fault {
        HandshakeFault::Misfit(misfit) => (misfit.rule, misfit.found, misfit.expected),
        HandshakeFault::Chain(fault) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn a_connection_opens_in_four_proven_steps() {
    for is_old in [false, true] {
        let pair = chains().await;
        for chain in &pair {
            chain.node().host.is_old = is_old;
        }
        let mut handshake = connection(&pair, None);
        let mut steps = Vec::new();
        let open = loop {
            match handshake.step(PATIENCE).await.unwrap() {
                Progress::Took(taken) => steps.push((taken.step, taken.chain.0, taken.end)),
                Progress::Done(open) => break open,
            }
        };
        let step = |step, chain: &str| (step, chain.to_owned(), "connection-0".to_owned());
        let expected = [
            step(Step::Init, "east"),
            step(Step::Try, "west"),
            step(Step::Ack, "east"),
            step(Step::Confirm, "west"),
        ];
        assert_eq!(steps, expected);
        assert_eq!(open.connections.map(|id| id.to_string()), ["connection-0"; 2]);
        assert_eq!(open.clients, clients());
        for chain in &pair {
            let end: ConnectionEnd = chain.node().read(&co::end_key("connection-0")).unwrap();
            assert_eq!(end.state, co::STATE_OPEN);
        }
    }
}

#[tokio::test]
async fn an_interrupted_connection_is_gone_on_with_and_no_second_one_begun() {
    for taken in 1..=4 {
        let pair = chains().await;
        let mut first = connection(&pair, None);
        for _ in 0..taken {
            assert!(matches!(first.step(PATIENCE).await.unwrap(), Progress::Took(_)));
        }
        drop(first);
        connected(&pair).await;
        assert_eq!(counts(&pair), [1, 1], "after {taken} steps");
        let sent = pair.each_ref().map(|chain| chain.node().executed);
        assert_eq!(sent, [2, 2], "after {taken} steps");
        // From the other side it is the same one.
        let [a, b] = pair.each_ref().map(|chain| &chain.cosmos);
        let [client_a, client_b] = clients();
        let mut back = ConnectionHandshake::new([b, a], [client_b, client_a], None);
        assert!(matches!(back.step(PATIENCE).await.unwrap(), Progress::Done(_)));
    }
}

#[tokio::test]
async fn what_is_in_the_newest_block_counts_before_an_end_is_made() {
    for (taken, expected) in [(1, Step::Try), (2, Step::Ack)] {
        let pair = chains().await;
        let mut first = connection(&pair, None);
        for _ in 0..taken {
            first.step(PATIENCE).await.unwrap();
        }
        // Nobody makes a block meanwhile: the state with the new end cannot be proven yet.
        for chain in &pair {
            chain.node().still = 1;
        }
        let Progress::Took(step) = connection(&pair, None).step(PATIENCE).await.unwrap() else {
            panic!()
        };
        assert_eq!((step.step, counts(&pair)), (expected, [1, 1]));
    }
}

#[tokio::test]
async fn steps_of_others_count_as_ours() {
    let pair = chains().await;
    let (mut ours, mut theirs) = (connection(&pair, None), connection(&pair, None));
    for _ in 0..2 {
        for handshake in [&mut ours, &mut theirs] {
            let step = handshake.step(PATIENCE).await.unwrap();
            assert!(matches!(step, Progress::Took(_)));
        }
    }
    for handshake in [&mut ours, &mut theirs] {
        assert!(matches!(
            handshake.step(PATIENCE).await.unwrap(),
            Progress::Done(_)
        ));
    }
    assert_eq!(counts(&pair), [1, 1]);
}

#[tokio::test]
async fn a_step_that_somebody_else_takes_at_the_same_time_is_accepted() {
    for (before, side) in [(2, 0), (3, 1)] {
        let pair = chains().await;
        let mut handshake = connection(&pair, None);
        for _ in 0..before {
            handshake.step(PATIENCE).await.unwrap();
        }
        // Whoever is first with this message; ours is then refused.
        pair[side].node().has_rival = true;
        connected(&pair).await;
        let sent: usize = pair.each_ref().map(|chain| chain.node().executed).iter().sum();
        assert_eq!((counts(&pair), sent), ([1, 1], 3));
    }
}

#[tokio::test]
async fn what_is_refused_without_a_reason_to_try_again_is_told() {
    let pair = chains().await;
    let connected = connected(&pair).await;
    let open = channelled(&pair, &connected, wish(Ordering::Ordered, None)).await;
    pair[0].node().host.stays_open = true;
    let cosmos = pair.each_ref().map(|chain| &chain.cosmos);
    let mut closing = ChannelClosing::new(cosmos, clients(), open.ends);
    let fault = closing.step(PATIENCE).await.unwrap_err();
    assert!(
        matches!(&fault, HandshakeFault::Chain(Fault::WouldRevert(revert)) if revert.text.contains("user cannot close")),
        "{fault}"
    );
}

#[tokio::test]
async fn a_node_that_says_something_else_than_it_proves_moves_nothing() {
    let pair = chains().await;
    let mut handshake = connection(&pair, None);
    handshake.step(PATIENCE).await.unwrap();
    // A delay that nobody agreed to.
    pair[0].node().bend_value = Some(|value| match ConnectionEnd::decode(value.as_slice()) {
        Ok(end) if end.state == co::STATE_INIT => ConnectionEnd {
            versions: [end.versions.clone(), end.versions].concat(),
            ..ConnectionEnd::decode(value.as_slice()).unwrap()
        }
        .encode_to_vec(),
        _ => value,
    });
    let fault = handshake.step(Duration::ZERO).await.unwrap_err();
    assert!(
        matches!(fault, HandshakeFault::Chain(Fault::Malformed { .. })),
        "{fault}"
    );
    assert_eq!(pair[1].node().executed, 0);
}

/// A connection that was begun, bent by `bend`, and then named.
async fn named(bend: impl Fn(&mut ConnectionEnd)) -> (Rule, String, String) {
    let pair = chains().await;
    connection(&pair, None).step(PATIENCE).await.unwrap();
    let key = co::end_key("connection-0");
    let mut end: ConnectionEnd = pair[0].node().read(&key).unwrap();
    bend(&mut end);
    pair[0].node().write(&key, &end.encode_to_vec());
    let known = connection(&pair, Some("connection-0")).step(PATIENCE).await;
    // Whoever names none begins another one, and leaves that alone.
    connection(&pair, None).step(PATIENCE).await.unwrap();
    assert_eq!(counts(&pair)[0], 2);
    misfit(known.unwrap_err())
}

fn told(rule: Rule, found: &str, expected: &str) -> (Rule, String, String) {
    (rule, found.into(), expected.into())
}

#[tokio::test]
async fn rejects_client() {
    let found = named(|end| end.client_id = "07-tendermint-7".into()).await;
    assert_eq!(found, told(Rule::Client, "07-tendermint-7", CLIENTS[0]));
}

#[tokio::test]
async fn rejects_counterparty_client() {
    let found = named(|end| end.counterparty.as_mut().unwrap().client_id = "07-tendermint-7".into()).await;
    assert_eq!(
        found,
        told(Rule::CounterpartyClient, "07-tendermint-7", CLIENTS[1])
    );
}

#[tokio::test]
async fn rejects_prefix() {
    let found = named(|end| {
        let peer = end.counterparty.as_mut().unwrap();
        peer.prefix = Some(co::Prefix {
            key_prefix: b"abc".to_vec(),
        });
    })
    .await;
    assert_eq!(found, told(Rule::Prefix, "abc", "ibc"));
}

#[tokio::test]
async fn rejects_version() {
    let found = named(|end| end.versions[0].features.truncate(1)).await;
    assert_eq!(
        found,
        told(
            Rule::Version,
            "1 with ORDER_ORDERED",
            "1 with ORDER_ORDERED and ORDER_UNORDERED"
        )
    );
}

#[tokio::test]
async fn rejects_delay() {
    let found = named(|end| end.delay_period = 5).await;
    assert_eq!(found, told(Rule::Delay, "5 ns", "0 ns"));
}

#[tokio::test]
async fn rejects_state() {
    let pair = chains().await;
    let nothing = connection(&pair, Some("connection-7")).step(PATIENCE).await;
    assert_eq!(misfit(nothing.unwrap_err()).0, Rule::State);
    // Open at one end, and begun by nobody at the other one.
    connected(&pair).await;
    let key = co::end_key("connection-0");
    let mut end: ConnectionEnd = pair[1].node().read(&key).unwrap();
    end.state = co::STATE_INIT;
    pair[1].node().write(&key, &end.encode_to_vec());
    let (rule, found, expected) = misfit(connection(&pair, None).step(PATIENCE).await.unwrap_err());
    assert_eq!((rule, found.as_str()), (Rule::State, "OPEN"));
    assert!(
        expected.contains("west/connection-0, which is INIT"),
        "{expected}"
    );
}

#[tokio::test]
async fn a_channel_opens_ordered_and_unordered_over_one_connection() {
    let pair = chains().await;
    let connected = connected(&pair).await;
    for (number, ordering) in [Ordering::Ordered, Ordering::Unordered].into_iter().enumerate() {
        let open = channelled(&pair, &connected, wish(ordering, Some("mock-1"))).await;
        let named = format!("channel-{number}");
        assert_eq!(open.version, "mock-1");
        let ends = open.ends.each_ref().map(|end| end.to_string());
        assert_eq!(ends, [format!("mock/{named}"), format!("transfer/{named}")]);
        let views = [
            pair[0].cosmos.channel_view(&open.ends[0]).await.unwrap(),
            pair[1].cosmos.channel_view(&open.ends[1]).await.unwrap(),
        ];
        for (side, view) in views.iter().enumerate() {
            assert_eq!((view.state, view.ordering), (State::Open, ordering));
            assert_eq!(view.client, clients()[side]);
            for finding in view.verify(&views[1 - side]) {
                assert!(finding.verdict.is_ok(), "{finding:?}");
            }
            assert_eq!(
                pair[side].cosmos.followed(&view.client).await.unwrap(),
                pair[1 - side].node().world.chain_id
            );
        }
        // Asked for again it is there already.
        let again = channel(&pair, &connected, wish(ordering, None))
            .step(PATIENCE)
            .await
            .unwrap();
        assert_eq!(again, Progress::Done(open));
    }
    assert_eq!(channel_counts(&pair), [2, 2]);
}

#[tokio::test]
async fn an_interrupted_channel_is_gone_on_with_and_no_second_one_begun() {
    let pair = chains().await;
    let connected = connected(&pair).await;
    for (number, taken) in (1..=4).enumerate() {
        let version = format!("mock-{taken}");
        let wish = wish(Ordering::Unordered, Some(&version));
        let mut first = channel(&pair, &connected, wish.clone());
        for _ in 0..taken {
            assert!(matches!(first.step(PATIENCE).await.unwrap(), Progress::Took(_)));
        }
        drop(first);
        channelled(&pair, &connected, wish).await;
        assert_eq!(channel_counts(&pair), [number + 1; 2], "after {taken} steps");
    }
}

#[tokio::test]
async fn an_application_that_wants_another_version_is_told_before_anything_else_is_begun() {
    let pair = chains().await;
    let connected = connected(&pair).await;
    pair[0].node().host.renames = Some(|version| format!("{version}+fee"));
    let mut handshake = channel(&pair, &connected, wish(Ordering::Unordered, Some("ics20-1")));
    handshake.step(PATIENCE).await.unwrap();
    let found = misfit(handshake.step(PATIENCE).await.unwrap_err());
    assert_eq!(found, told(Rule::Version, "\"ics20-1+fee\"", "\"ics20-1\""));
    assert_eq!(channel_counts(&pair), [1, 0]);
    // As asked for it is gone on with.
    let open = channelled(&pair, &connected, wish(Ordering::Unordered, Some("ics20-1+fee"))).await;
    assert_eq!(
        (open.version.as_str(), channel_counts(&pair)),
        ("ics20-1+fee", [1, 1])
    );
}

#[tokio::test]
async fn a_channel_closes_at_both_ends_from_wherever_it_was_closed() {
    for interrupted in [false, true] {
        let pair = chains().await;
        let connected = connected(&pair).await;
        let open = channelled(&pair, &connected, wish(Ordering::Ordered, None)).await;
        let [a, b] = pair.each_ref().map(|chain| &chain.cosmos);
        let mut closing = ChannelClosing::new([a, b], clients(), open.ends.clone());
        let Progress::Took(first) = closing.step(PATIENCE).await.unwrap() else {
            panic!()
        };
        assert_eq!((first.step, first.chain.0.as_str()), (Step::Init, "east"));
        if interrupted {
            let ([client_a, client_b], [end_a, end_b]) = (clients(), open.ends.clone());
            closing = ChannelClosing::new([b, a], [client_b, client_a], [end_b, end_a]);
        }
        let Progress::Took(second) = closing.step(PATIENCE).await.unwrap() else {
            panic!()
        };
        assert_eq!((second.step, second.chain.0.as_str()), (Step::Confirm, "west"));
        assert_eq!(closing.step(PATIENCE).await.unwrap(), Progress::Done(()));
        let view = a.channel_view(&open.ends[0]).await.unwrap();
        assert_eq!(view.state, State::Closed);
        // Another one of its kind is a new one.
        let next = channelled(&pair, &connected, wish(Ordering::Ordered, None)).await;
        assert_ne!(next.ends, open.ends);
    }
}

/// Two ends of an open channel, the second one bent by `bend`.
async fn bent(bend: impl Fn(&mut Channel)) -> Vec<String> {
    let pair = chains().await;
    let connected = connected(&pair).await;
    let open = channelled(&pair, &connected, wish(Ordering::Ordered, Some("v"))).await;
    let key = open.ends[1].end_key();
    let mut channel: Channel = pair[1].node().read(&key).unwrap();
    bend(&mut channel);
    pair[1].node().write(&key, &channel.encode_to_vec());
    let [a, b] = [
        pair[0].cosmos.channel_view(&open.ends[0]).await.unwrap(),
        pair[1].cosmos.channel_view(&open.ends[1]).await.unwrap(),
    ];
    let findings = [b.verify(&a), a.verify(&b)].concat();
    let broken = findings.into_iter().filter(|finding| finding.verdict.is_err());
    broken.map(|finding| finding.rule.to_string()).collect()
}

#[tokio::test]
async fn an_existing_channel_that_does_not_fit_is_told_by_rule() {
    assert_eq!(bent(|channel| channel.state = 4).await, ["state"]);
    assert_eq!(
        bent(|channel| channel.ordering = 1).await,
        ["ordering", "ordering"]
    );
    assert_eq!(
        bent(|channel| channel.version = "w".into()).await,
        ["version", "version"]
    );
    let other =
        |channel: &mut Channel| channel.counterparty.as_mut().unwrap().channel_id = "channel-9".into();
    assert_eq!(bent(other).await, ["other end"]);
}

/// What changes an end.
type Bend = fn(&mut ConnectionEnd);

#[tokio::test]
async fn a_connection_that_leads_elsewhere_or_waits_carries_nothing() {
    let pair = chains().await;
    let connected = connected(&pair).await;
    let open = channelled(&pair, &connected, wish(Ordering::Ordered, Some("v"))).await;
    let key = co::end_key("connection-0");
    let whole: ConnectionEnd = pair[0].node().read(&key).unwrap();
    let far = pair[1].cosmos.channel_view(&open.ends[1]).await.unwrap();
    let bends: [(&str, Bend); 3] = [
        ("connection", |end| end.state = co::STATE_INIT),
        ("connection", |end| {
            end.counterparty.as_mut().unwrap().connection_id = "connection-5".into()
        }),
        ("delay", |end| end.delay_period = 1),
    ];
    for (rule, bend) in bends {
        let mut end = whole.clone();
        bend(&mut end);
        pair[0].node().write(&key, &end.encode_to_vec());
        let near = pair[0].cosmos.channel_view(&open.ends[0]).await.unwrap();
        let findings = near.verify(&far);
        let broken: Vec<_> = findings
            .iter()
            .filter(|finding| finding.verdict.is_err())
            .collect();
        assert!(broken.len() == 1 && broken[0].rule == rule, "{broken:?}");
    }
    let nothing: ChannelEnd = "mock/channel-77".parse().unwrap();
    let fault = pair[0].cosmos.channel_view(&nothing).await.unwrap_err();
    assert_eq!(misfit(fault).0, Rule::State);
}
