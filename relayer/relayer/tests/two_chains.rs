//! The walking bridge on two embedded chains, by the command line alone: contracts, clients, path, one transfer each way,
//! both acknowledged, while the relayer is killed once in the middle.

use alloy_primitives::U256;
use bench::{Bench, NAMES, PATIENCE, RELAYER, ask, last_lines, settled, start_daemon};
use serde_json::Value;
use side::{Side, minted_token};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::process::Child;
use tokio::time::sleep;

#[path = "two_chains/bench.rs"]
mod bench;
#[path = "two_chains/carried.rs"]
mod carried;
#[path = "two_chains/door.rs"]
mod door;
#[path = "two_chains/health.rs"]
mod health;
#[path = "two_chains/side.rs"]
mod side;

/// Stops a daemon as a supervisor does.
pub(crate) async fn stop(mut daemon: Child, log: &Path) {
    let pid = daemon.id().expect("it runs").to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.expect("told").success());
    let ended = tokio::time::timeout(PATIENCE, daemon.wait())
        .await
        .expect("it ends")
        .expect("an exit code");
    assert!(ended.success(), "{}", last_lines(log));
}

/// A stopped daemon leaves a store that commands can read.
async fn stop_and_read(daemon: Child, config: &Path, end: &str, log: &Path) {
    stop(daemon, log).await;
    let trace = ask(config, &["packet", "trace", "--end", end, "--sequence", "1"]);
    assert_eq!(trace["stage"], "acked");
    assert!(
        trace["history"]
            .as_array()
            .is_some_and(|history| history.len() >= 5),
        "{trace:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_crosses_both_ways_and_is_acknowledged() {
    let bench = Bench::start().await;
    let config = bench.write_config("operator", &[], &[]);
    let deployed: Vec<Value> = NAMES.iter().map(|name| bench.deploy(&config, name)).collect();
    let config = bench.write_config("operator", &deployed, &[]);
    let create = |host: &str, tracked: &str| {
        let made = ask(
            &config,
            &["client", "create", "--host", host, "--tracked", tracked],
        );
        made["end"].as_str().expect("an end").to_owned()
    };
    let ends = [create("north", "south"), create("south", "north")];
    ask(&config, &["path", "create", "--a", &ends[0], "--b", &ends[1]]);

    let config = bench.write_config("relayer", &deployed, &ends);
    let verified = ask(&config, &["path", "status"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    let log = bench.path("relayer.log");
    let mut daemon = start_daemon(&config, &log);

    let [north, south] = [0, 1].map(|at| bench.side(at, &deployed[at], &ends[at]));
    let token = minted_token(&north).await;

    // Home asset out. The relayer is killed while the packet is on its way.
    let sequence = north.send(token, U256::from(400), south.operator).await;
    sleep(Duration::from_millis(1_500)).await;
    daemon.kill().await.expect("killed");
    daemon = start_daemon(&config, &log);
    assert_eq!(
        settled(&config, &ends[0], sequence, &log).await,
        "acked",
        "{}",
        last_lines(&log)
    );
    let mut sequences = Vec::new();
    let denom = format!("transfer/{}/{}", south.client, token.to_string().to_lowercase());
    let voucher = south.voucher(&denom).await;
    assert_eq!(south.balance(voucher).await, U256::from(400));
    assert_eq!(north.balance(token).await, U256::from(600));

    // Voucher home, in three packets.
    for amount in [100, 30, 20] {
        let sequence = south.send(voucher, U256::from(amount), north.operator).await;
        sequences.push(sequence);
    }
    for sequence in sequences {
        let stage = settled(&config, &ends[1], sequence, &log).await;
        assert_eq!(stage, "acked", "{}", last_lines(&log));
    }
    assert_eq!(south.balance(voucher).await, U256::from(250));
    assert_eq!(north.balance(token).await, U256::from(750));

    stop_and_read(daemon, &config, &ends[0], &log).await;
    check_carried(&bench, [&north, &south], &deployed).await;
}

/// To South went one receive and the acknowledgements of three, to North the other way round.
async fn check_carried(bench: &Bench, sides: [&Side; 2], deployed: &[Value]) {
    for ((side, deployed), chain) in sides.iter().zip(deployed).zip(&bench.chains) {
        let relayer = chain.accounts()[RELAYER].address();
        let carried = carried::carried(&side.provider, &deployed["router"], relayer).await;
        assert!(carried.iter().sum::<usize>() >= 4, "{carried:?}");
    }
}
