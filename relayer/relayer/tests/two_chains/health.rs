//! What `/health` of a real daemon says of endpoints that are gone and of pairs that do not fit, and that neither ends it.

use crate::bench::{Bench, NAMES, PATIENCE, RELAYER, ask, last_lines, run, settled, start_daemon};
use crate::door::Door;
use crate::side::{Side, minted_token};
use crate::stop;
use alloy::providers::Provider;
use alloy_primitives::U256;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Child;
use tokio::time::{Instant, sleep};

/// A daemon with its log.
struct Watched<'a> {
    bench: &'a Bench,
    log: PathBuf,
    daemon: Child,
}

impl<'a> Watched<'a> {
    fn start(bench: &'a Bench, config: &Path) -> Self {
        let log = bench.path("health.log");
        let daemon = start_daemon(config, &log);
        Self { bench, log, daemon }
    }

    /// Waits until `/health` answers `status`, with every one of `parts` in its reasons.
    async fn until(&mut self, status: u16, parts: &[&str]) {
        let until = Instant::now() + PATIENCE;
        let mut last = String::new();
        loop {
            if let Some(address) = store::daemon_address(&self.bench.path("store"))
                && let Ok(answer) = reqwest::get(format!("http://{address}/health")).await
            {
                let found = answer.status().as_u16();
                last = answer.text().await.unwrap_or_default();
                if found == status && parts.iter().all(|part| last.contains(part)) {
                    return;
                }
            }
            let ended = self.daemon.try_wait().expect("asked");
            assert_eq!(ended, None, "it ended: {}", last_lines(&self.log));
            assert!(
                Instant::now() < until,
                "no {status} with {parts:?}, but {last}\n{}",
                last_lines(&self.log)
            );
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Two paired clients.
async fn paired(bench: &Bench) -> (Vec<Value>, Vec<String>) {
    let config = bench.write_config("operator", &[], &[]);
    let deployed: Vec<Value> = NAMES.iter().map(|name| bench.deploy(&config, name)).collect();
    let config = bench.write_config("operator", &deployed, &[]);
    let create = |[host, tracked]: [&str; 2]| {
        let made = ask(
            &config,
            &["client", "create", "--host", host, "--tracked", tracked],
        );
        made["end"].as_str().expect("an end").to_owned()
    };
    let ends = [["north", "south"], ["south", "north"]].map(create).to_vec();
    ask(&config, &["path", "create", "--a", &ends[0], "--b", &ends[1]]);
    (deployed, ends)
}

/// How many transactions the relayer has on the chain of `side`.
async fn transactions(bench: &Bench, at: usize, side: &Side) -> u64 {
    let relayer = bench.chains[at].accounts()[RELAYER].address();
    let count = side.provider.get_transaction_count(relayer);
    count.await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_what_keeps_the_relayer_from_its_work() {
    let bench = Bench::start().await;
    let (deployed, ends) = paired(&bench).await;
    let [north, south] = [0, 1].map(|at| bench.side(at, &deployed[at], &ends[at]));
    let token = minted_token(&north).await;
    let config = bench.write_config("relayer", &deployed, &ends);
    let text = fs::read_to_string(&config).expect("a configuration");
    let door = Door::before(&bench.chains[1].rpc_url()).await;
    // A chain is gone when it was not heard of for one ask and ten polls: these are its thresholds.
    let text = text
        .replace(&bench.chains[1].rpc_url(), &door.url)
        .replace("ask_patience_secs = 120", "ask_patience_secs = 15");
    fs::write(&config, &text).expect("written");

    // South's endpoint is down at the start: the daemon waits, and verifies the pair once it answers.
    let mut watched = Watched::start(&bench, &config);
    watched
        .until(503, &["chain south", "client north", "not verified yet"])
        .await;
    door.open();
    watched.until(200, &[]).await;
    let sequence = north.send(token, U256::from(100), south.operator).await;
    let stage = settled(&config, &ends[0], sequence, &watched.log).await;
    assert_eq!(stage, "acked", "{}", last_lines(&watched.log));

    // It goes away, and comes back.
    door.shut();
    watched
        .until(503, &["chain south has not told where it stands since"])
        .await;
    door.open();
    watched.until(200, &[]).await;
    stop(watched.daemon, &watched.log).await;

    // A pair that does not fit is not relayed, in neither direction.
    fs::write(&config, format!("{text}trust_period_secs_max = 1\n")).expect("written");
    let mut watched = Watched::start(&bench, &config);
    let both = [&ends[0], &ends[1]].map(|end| format!("client {end}: the pair does not fit: terms: "));
    watched.until(503, &[&both[0], &both[1]]).await;
    let before = [
        transactions(&bench, 0, &north).await,
        transactions(&bench, 1, &south).await,
    ];
    let sequence = north.send(token, U256::from(100), south.operator).await;
    refused(&config, &ends[0], sequence, &watched.log).await;
    let after = [
        transactions(&bench, 0, &north).await,
        transactions(&bench, 1, &south).await,
    ];
    assert_eq!(after, before, "nothing was sent: {}", last_lines(&watched.log));
    stop(watched.daemon, &watched.log).await;

    // The same packet, once the pair fits.
    fs::write(&config, &text).expect("written");
    let watched = Watched::start(&bench, &config);
    let stage = settled(&config, &ends[0], sequence, &watched.log).await;
    assert_eq!(stage, "acked", "{}", last_lines(&watched.log));
    stop(watched.daemon, &watched.log).await;
}

/// Waits until the machine wanted to carry the packet and was refused its client.
async fn refused(config: &Path, end: &str, sequence: u64, log: &Path) {
    let until = Instant::now() + PATIENCE;
    loop {
        let (config, end) = (config.to_owned(), end.to_owned());
        let shown = tokio::task::spawn_blocking(move || {
            let sequence = sequence.to_string();
            let words = ["packet", "show", "--end", &end, "--sequence", &sequence];
            String::from_utf8_lossy(&run(&config, &words).stdout).into_owned()
        });
        let shown = shown.await.expect("asked");
        if shown.contains("the pair does not fit") {
            assert!(!shown.contains("\"is_final\": true"), "{shown}");
            return;
        }
        assert!(Instant::now() < until, "{shown}\n{}", last_lines(log));
        sleep(Duration::from_millis(200)).await;
    }
}
