//! Packets over policies on two embedded chains, by the command line alone: both ways over "the beacon client and three of
//! five attestors", and both ways over "the beacon client, some minutes after it learned the state". Of the five attestors of
//! each chain one is silent and one lies.

use alloy_primitives::U256;
use attesters::{create_client, enlist, start};
use bench::{Bench, NAMES, ask, last_lines, run, settled, start_daemon};
use scenarios::crowd::Crowd;
use serde_json::{Value, json};
use side::{Side, minted_token};
use std::path::Path;
use tokio::process::Child;

#[path = "two_chains/attesters.rs"]
mod attesters;
#[path = "two_chains/bench.rs"]
mod bench;
#[path = "two_chains/rotations.rs"]
mod rotations;
#[path = "two_chains/side.rs"]
mod side;
#[path = "two_chains/stolen.rs"]
mod stolen;
#[path = "two_chains/thief.rs"]
mod thief;
#[path = "two_chains/twin.rs"]
mod twin;

/// What "after" demands, in seconds of the chains.
const DELAY: u32 = 400;

struct Opened {
    /// The two ends over all-of, then the two ends over after.
    ends: Vec<String>,
    crowds: Vec<Crowd>,
    _daemons: Vec<Child>,
}

/// On each chain: 0 a beacon client, 1 an attestor client, 2 both together, 3 the beacon client after a while.
async fn open(bench: &Bench, config: &Path) -> Opened {
    let (mut crowds, mut daemons) = (Vec::new(), Vec::new());
    let mut made = Vec::new();
    for (host, tracked) in [(0, 1), (1, 0)] {
        let create = |words: &[&str]| create_client(config, host, words);
        create(&[]);
        let (crowd, file) = enlist(bench, tracked);
        let light = create(&["--attestors", file.to_str().expect("a path")]);
        create(&["--policy", "all-of(client-0, client-1)"]);
        create(&["--policy", &format!("after({DELAY}, client-0)")]);
        made.push((crowd, light));
    }
    // Those of a chain sign for the client on the other one.
    for (tracked, (mut crowd, light)) in [1, 0].into_iter().zip(made) {
        let served = format!(
            "{}/{}",
            bench.chains[1 - tracked].chain_id(),
            light["contract"].as_str().expect("an address")
        );
        daemons.extend(start(&mut crowd, bench, config, NAMES[tracked], &served).await);
        crowds.push(crowd);
    }
    crowds.reverse();
    let end = |chain: usize, client: u32| format!("{}/client-{client}", NAMES[chain]);
    Opened {
        ends: vec![end(0, 2), end(1, 2), end(0, 3), end(1, 3)],
        crowds,
        _daemons: daemons,
    }
}

fn pair(config: &Path, a: &str, b: &str) {
    ask(config, &["path", "create", "--a", a, "--b", b]);
}

/// A transfer there and half of it back.
async fn there_and_back(sides: [&Side; 2], ends: [&str; 2], config: &Path, log: &Path) {
    let [north, south] = sides;
    let token = minted_token(north).await;
    let sequence = north.send(token, U256::from(400), south.operator).await;
    let stage = settled(config, ends[0], sequence, log).await;
    assert_eq!(stage, "acked", "{}", last_lines(log));
    let denom = format!("transfer/{}/{}", south.client, token.to_string().to_lowercase());
    let voucher = south.voucher(&denom).await;
    assert_eq!(south.balance(voucher).await, U256::from(400));
    let sequence = south.send(voucher, U256::from(150), north.operator).await;
    let stage = settled(config, ends[1], sequence, log).await;
    assert_eq!(stage, "acked", "{}", last_lines(log));
    assert_eq!(south.balance(voucher).await, U256::from(250));
    assert_eq!(north.balance(token).await, U256::from(750));
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_cross_over_policies_while_one_attestor_is_silent_and_one_lies() {
    let bench = Bench::start().await;
    let config = bench.write_config("operator", &[], &[]);
    let deployed: Vec<Value> = NAMES.iter().map(|name| bench.deploy(&config, name)).collect();
    let config = bench.write_config("operator", &deployed, &[]);
    let opened = open(&bench, &config).await;
    let attestors: Vec<String> = opened.crowds.iter().map(Crowd::listed).collect();

    // A set that the operator does not know is refused, and told.
    let stranger = run(
        &config,
        &["path", "create", "--a", &opened.ends[0], "--b", &opened.ends[1]],
    );
    assert!(!stranger.status.success());
    let told = String::from_utf8_lossy(&stranger.stderr).into_owned();
    assert!(told.contains("leaf 1 attestors"), "{told}");

    let config = bench.write_config_with("operator", &deployed, &[], &attestors);
    let north = bench.side(0, &deployed[0], &opened.ends[0]);
    let twin_and_far = ["north/client-4", &opened.ends[1]];
    twin::is_found_out(&north, &deployed[0]["router"], &config, twin_and_far).await;
    pair(&config, &opened.ends[0], &opened.ends[1]);
    pair(&config, &opened.ends[2], &opened.ends[3]);

    let config = bench.write_config_with("relayer", &deployed, &opened.ends, &attestors);
    let verified = ask(&config, &["path", "status"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    let status = ask(&config, &["client", "status", "--client", &opened.ends[0]]);
    assert_eq!(status["kind"], "policy", "{status:#}");
    assert_eq!(status["leaves"][1]["trusts"]["threshold"], json!(3), "{status:#}");

    let log = bench.path("relayer.log");
    let _daemon = start_daemon(&config, &log);
    for way in [0, 2] {
        let ends = [opened.ends[way].as_str(), opened.ends[way + 1].as_str()];
        let [north, south] = [0, 1].map(|at| bench.side(at, &deployed[at], ends[at]));
        there_and_back([&north, &south], ends, &config, &log).await;
    }
    for crowd in &opened.crowds {
        let [silent, liar] = crowd.asked();
        assert!(silent > 0 && liar > 0, "asked {silent} and {liar} times");
    }
}
