//! The bridge between an embedded EVM chain and an embedded Cosmos chain, by the command line alone: clients of each on the other,
//! the pair, tokens both ways and home again, one each way that comes too late, and the relayer killed while they are under way.

use alloy::providers::Provider;
use alloy_primitives::{Address, U256};
use chain::{Answer, Ask, ClientUpdate, Place, Submission, SubmissionId, UpdateClient};
use cosmos_chain::validators::{Kind, Validators};
use deceived::Victim;
use hub::{COIN, Hub, voucher};
use side::{Side, minted_token};
use stage::{HUB, NORTH, Stage, ask, last_lines, run, settled, start_daemon};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[path = "evm_and_cosmos/deceived.rs"]
mod deceived;
#[path = "evm_and_cosmos/hub.rs"]
mod hub;
#[path = "evm_and_cosmos/policies.rs"]
mod policies;
#[path = "evm_and_cosmos/robbed.rs"]
mod robbed;
#[path = "two_chains/side.rs"]
mod side;
#[path = "evm_and_cosmos/stage.rs"]
mod stage;
#[path = "two_chains/thief.rs"]
mod thief;

/// How long a packet lives that must not arrive, in seconds of the chains: the relayer delivers none with so little left. What it
/// knows of the EVM chain's clock may be some hundred seconds old, because a second by the wall is as many there.
const SHORT_SECS: u64 = stage::RECV_MARGIN_SECS / 4;
/// How long one lives that has to arrive: the test must never be the reason for a timeout.
const LONG_SECS: u64 = 72_000;

/// What a submission to the EVM chain may use: as in the reference configuration; and far less than the votes of a hundred
/// validators take.
const GAS_MAX: u64 = 14_000_000;
const GAS_MAX_LOW: u64 = 3_000_000;

/// Both chains with their users, and the ends of the path: on the EVM chain, on the Cosmos chain.
struct Bridge {
    stage: Stage,
    router: Address,
    north: Side,
    hub: Hub,
    ends: [String; 2],
}

impl Bridge {
    async fn build(validators: Validators, gas_max: u64) -> Self {
        Self::over(&[&[]], validators, gas_max).await
    }

    /// - `clients`: words that make clients of the Cosmos chain on the EVM chain, one after the other; the path is over the last one.
    async fn over(clients: &[&[&str]], validators: Validators, gas_max: u64) -> Self {
        let stage = Stage::start(validators, gas_max).await;
        let config = stage.write_config(None, None);
        let deployed = stage.deploy(&config);
        let config = stage.write_config(Some(&deployed), None);
        let create = |host: &str, tracked: &str, words: &[&str]| {
            let base = ["client", "create", "--host", host, "--tracked", tracked];
            let made = ask(&config, &[&base, words].concat());
            made["end"].as_str().expect("an end").to_owned()
        };
        let mut made: Vec<String> = clients.iter().map(|words| create(NORTH, HUB, words)).collect();
        let ends = [made.pop().expect("a client"), create(HUB, NORTH, &[])];
        ask(&config, &["path", "create", "--a", &ends[0], "--b", &ends[1]]);
        stage.write_config(Some(&deployed), Some(&ends));
        let north = stage.north(&deployed, client(&ends[0]));
        let hub = stage.hub(client(&ends[1])).await;
        let router = deployed["router"].as_str().and_then(|text| text.parse().ok());
        Self {
            stage,
            router: router.expect("an address"),
            north,
            hub,
            ends,
        }
    }

    /// More states than the contract for 08-wasm has room for are refused before anything is sent.
    fn refuses_too_many_states(&self) {
        let words = ["client", "create", "--host", HUB, "--tracked", NORTH];
        let large = run(
            &self.stage.config(),
            &[&words[..], &["--capacity", "8193"]].concat(),
        );
        let told = String::from_utf8_lossy(&large.stderr).into_owned();
        assert!(
            !large.status.success() && told.contains("say 900 to 8192"),
            "{told}"
        );
    }

    async fn expect(&self, end: usize, sequence: u64, stage: &str) {
        let (config, log) = (self.stage.config(), self.stage.log());
        let found = settled(&config, &self.ends[end], sequence, &log).await;
        assert_eq!(
            found,
            stage,
            "{}/{sequence}\n{}",
            self.ends[end],
            last_lines(&log)
        );
    }
}

fn client(end: &str) -> &str {
    end.split_once('/').expect("an end").1
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_cross_between_the_families_and_come_home() {
    let bridge = Bridge::build(Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10]), GAS_MAX).await;
    let (north, hub) = (&bridge.north, &bridge.hub);
    let (config, log) = (bridge.stage.config(), bridge.stage.log());
    let verified = ask(&config, &["path", "status"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    bridge.refuses_too_many_states();
    let mut daemon = start_daemon(&config, &log);

    // Home assets out, both ways; the relayer is killed while they are under way.
    let token = minted_token(north).await;
    let receiver = north.operator.to_string().to_lowercase();
    let out = hub.send(COIN, 100, &receiver, LONG_SECS).await;
    let back = north.send(token, U256::from(400), hub.user()).await;
    sleep(Duration::from_millis(1_500)).await;
    daemon.kill().await.expect("killed");
    daemon = start_daemon(&config, &log);
    bridge.expect(1, out, "acked").await;
    bridge.expect(0, back, "acked").await;
    let on_north = north.voucher(&format!("transfer/{}/{COIN}", north.client)).await;
    let on_hub = voucher(&hub.client, &token.to_string().to_lowercase());
    assert_eq!(north.balance(on_north).await, U256::from(100));
    assert_eq!(hub.balance(&on_hub).await, 400);

    // Vouchers home.
    let from_north = north.send(on_north, U256::from(30), hub.user()).await;
    let from_hub = hub.send(&on_hub, 150, &receiver, LONG_SECS).await;
    bridge.expect(0, from_north, "acked").await;
    bridge.expect(1, from_hub, "acked").await;
    assert_eq!(north.balance(on_north).await, U256::from(70));
    assert_eq!(hub.balance(COIN).await, hub::OWNED - 70);
    assert_eq!(hub.balance(&on_hub).await, 250);
    assert_eq!(north.balance(token).await, U256::from(750));

    // Too late, both ways, and paid back.
    let late_on_hub = hub.send(COIN, 5, &receiver, SHORT_SECS).await;
    let late_on_north = north
        .send_for(token, U256::from(50), hub.user(), SHORT_SECS)
        .await;
    bridge.expect(1, late_on_hub, "timed-out").await;
    bridge.expect(0, late_on_north, "timed-out").await;
    assert_eq!(hub.balance(COIN).await, hub::OWNED - 70);
    assert_eq!(north.balance(token).await, U256::from(750));

    daemon.kill().await.expect("killed");
    let status = run(&config, &["path", "status"]);
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stdout)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_a_hundred_validators_are_brought_in_parts_where_one_transaction_has_not_gas_enough() {
    // The first two thirds of the power are those of 67.
    let validators = Validators::new(Kind::Ed25519, 1, &[10; 100]);
    let bridge = Bridge::build(validators, GAS_MAX_LOW).await;
    let (north, hub, log) = (&bridge.north, &bridge.hub, bridge.stage.log());
    let mut daemon = start_daemon(&bridge.stage.config(), &log);
    let receiver = north.operator.to_string().to_lowercase();
    let sent = hub.send(COIN, 100, &receiver, LONG_SECS).await;
    bridge.expect(1, sent, "acked").await;
    let voucher = north.voucher(&format!("transfer/{}/{COIN}", north.client)).await;
    assert_eq!(north.balance(voucher).await, U256::from(100));
    daemon.kill().await.expect("killed");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(
        text.contains("a header is brought in parts"),
        "{}",
        last_lines(&log)
    );
}

/// Waits until the client is frozen; the end of `log` says why it is not.
async fn expect_frozen(victim: &Victim<'_>, log: &Path) {
    let until = Instant::now() + stage::PATIENCE;
    while !victim.stands().await.1 {
        assert!(Instant::now() < until, "it is not frozen\n{}", last_lines(log));
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_shown_what_never_was_is_found_out_and_frozen() {
    let bridge = Bridge::build(Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10]), GAS_MAX).await;
    let (north, hub, log) = (&bridge.north, &bridge.hub, bridge.stage.log());
    let config = bridge.stage.config();
    let mut daemon = start_daemon(&config, &log);
    let receiver = north.operator.to_string().to_lowercase();
    let sent = hub.send(COIN, 100, &receiver, LONG_SECS).await;
    bridge.expect(1, sent, "acked").await;
    let victim = Victim::of(north, bridge.router).await;
    daemon.kill().await.expect("killed");
    let height = victim.deceive(bridge.stage.hub_chain()).await;
    // Whoever looks sees it, and still does when an honest header made another state the newest.
    let told = format!("at height {height} it believes the state");
    for newest in ["the forged one", "an honest one"] {
        let status = run(&config, &["path", "status"]);
        let shown = String::from_utf8_lossy(&status.stdout).into_owned();
        assert!(
            !status.status.success() && shown.contains(&told),
            "the newest is {newest}: {shown}"
        );
        if newest == "the forged one" {
            ask(
                &config,
                &["client", "update", "--client", &bridge.ends[0], "--tracked", HUB],
            );
            assert!(victim.stands().await.0 > height, "it learned nothing");
        }
    }
    // The daemon finds it after a start, although it relays nothing over a client that does not fit.
    daemon = start_daemon(&config, &log);
    expect_frozen(&victim, &log).await;
    daemon.kill().await.expect("killed");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains(&told), "{}", last_lines(&log));
    let status = run(&config, &["path", "status"]);
    let shown = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(!status.status.success() && shown.contains("frozen"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deceived_client_is_shown_the_truth_in_parts_where_one_transaction_has_not_gas_enough() {
    let bridge = Bridge::build(Validators::new(Kind::Ed25519, 1, &[10; 100]), GAS_MAX_LOW).await;
    let (config, log) = (bridge.stage.config(), bridge.stage.log());
    let victim = Victim::of(&bridge.north, bridge.router).await;
    // A block so far ahead that the ring reaches back to none of the chain's own.
    let height = victim.deceive_far(bridge.stage.hub_chain()).await;
    // No packet is there: what the relayer brings in parts is the header that the client must see.
    let mut daemon = start_daemon(&config, &log);
    expect_frozen(&victim, &log).await;
    daemon.kill().await.expect("killed");
    let text = std::fs::read_to_string(&log).expect("a log");
    for told in [
        format!("it believes a state of height {height}"),
        "a header is brought in parts".into(),
    ] {
        assert!(text.contains(&told), "{told}\n{}", last_lines(&log));
    }
}

/// Places in the ring of the client that is robbed of its only honest state.
const PLACES: u64 = 256;

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_block_in_the_place_of_all_that_was_true_is_found_out_by_a_milestone() {
    let places = PLACES.to_string();
    let validators = Validators::new(Kind::Secp256k1, 1, &[40, 30, 20, 10]);
    let bridge = Bridge::over(&[&["--capacity", &places]], validators, GAS_MAX).await;
    let (config, log) = (bridge.stage.config(), bridge.stage.log());
    let victim = Victim::of(&bridge.north, bridge.router).await;
    let [honest, forged] = victim.put_out(bridge.stage.hub_chain(), PLACES).await;
    assert_eq!(victim.milestones().await, [honest]);
    let mut daemon = start_daemon(&config, &log);
    expect_frozen(&victim, &log).await;
    daemon.kill().await.expect("killed");
    let told = format!("it believes a state of height {forged}");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains(&told), "{}", last_lines(&log));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_two_headers_is_brought_in_parts_where_one_transaction_has_not_gas_enough() {
    let bridge = Bridge::build(Validators::new(Kind::Ed25519, 1, &[10; 100]), GAS_MAX_LOW).await;
    let north = &bridge.north;
    let victim = Victim::of(north, bridge.router).await;
    let evidence = victim.contradiction(bridge.stage.hub_chain()).await;
    let (adapter, sender) = bridge.stage.north_adapter(bridge.router);
    let nonce = || async { north.provider.get_transaction_count(sender).await };
    let before = nonce().await.expect("a nonce");
    let update = UpdateClient {
        client: north.client.parse().expect("an id"),
        update: ClientUpdate::Misbehaviour(evidence),
    };
    let ask = Ask::Send {
        submission: Submission {
            id: SubmissionId(0),
            updates: vec![update],
            messages: Vec::new(),
            pool: None,
        },
        fee: adapter.usual_fee().await.expect("a fee"),
        place: Place::Next,
    };
    let sent = adapter.answer(ask).await.expect("sent");
    assert!(matches!(sent, Answer::Send { .. }), "{sent:?}");
    expect_frozen(&victim, &bridge.stage.log()).await;
    // Two times 67 votes, of which a transaction has gas for 18.
    let sent = nonce().await.expect("a nonce") - before;
    assert!(sent >= 8, "in {sent} transactions");
}
