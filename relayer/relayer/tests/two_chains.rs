//! The walking bridge on two embedded chains, by the command line alone: contracts, clients, path, one transfer each way,
//! both acknowledged, while the relayer is killed once in the middle.

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, U256};
use devnet::{Chain, ChainConfig, Clock};
use serde_json::Value;
use side::{Side, minted_token, side};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, os::unix::fs::PermissionsExt};
use tempfile::TempDir;
use tokio::process::{Child, Command as AsyncCommand};
use tokio::time::{Instant, sleep};

#[path = "two_chains/carried.rs"]
mod carried;
#[path = "two_chains/side.rs"]
mod side;

/// Chain seconds in a real second: 12-second slots take 60 ms.
const SPEED: u32 = 200;
/// How long anything may take before the test gives up; a bound on hanging, not a measure.
const PATIENCE: Duration = Duration::from_secs(600);
const NAMES: [&str; 2] = ["north", "south"];

/// The account that deploys and sends, and the one that relays, by position among the funded ones.
const OPERATOR: usize = 0;
const RELAYER: usize = 1;

struct Bench {
    folder: TempDir,
    chains: [Chain; 2],
}

impl Bench {
    async fn start() -> Self {
        let clock = Clock::simulated(SPEED);
        let start = |chain_id| {
            let mut config = ChainConfig::new(chain_id);
            config.clock = clock.clone();
            config.warm_up_slots = 96;
            config.beacon.slots_per_epoch = 8;
            config.beacon.epochs_per_period = 8;
            Chain::start(config)
        };
        let chains = [
            start(7_001).await.expect("a chain"),
            start(7_002).await.expect("a chain"),
        ];
        let bench = Self {
            folder: tempfile::tempdir().expect("a folder"),
            chains,
        };
        for (name, chain) in NAMES.iter().zip(&bench.chains) {
            bench.write_secret(&format!("{name}-operator"), &chain.accounts()[OPERATOR]);
            bench.write_secret(&format!("{name}-relayer"), &chain.accounts()[RELAYER]);
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_secret(&self, name: &str, signer: &PrivateKeySigner) {
        let path = self.path(name);
        fs::write(&path, alloy_primitives::hex::encode(signer.to_bytes())).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    /// A configuration in which `who` signs; `routers` are known after deployment, `clients` after creation.
    fn write_config(&self, who: &str, routers: &[Value], clients: &[String]) -> PathBuf {
        let mut text =
            "[api]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"info\"\n[limits]\nask_patience_secs = 120\n"
                .to_owned();
        for (index, (name, chain)) in NAMES.iter().zip(&self.chains).enumerate() {
            text += &format!(
                "[[chains]]\nname = \"{name}\"\nchain_id = {}\nrpc_urls = [\"{}\"]\nbeacon_urls = [\"{}\"]\nsigner = \"file:{name}-{who}\"\n",
                chain.chain_id(),
                chain.rpc_url(),
                chain.beacon_url(),
            );
            if let Some(deployed) = routers.get(index) {
                text += &format!(
                    "router = {}\nrouter_block = {}\n",
                    deployed["router"], deployed["router_block"]
                );
            }
            text += "[chains.batch]\nage_secs = 0\n";
        }
        if let [a, b] = clients {
            text += &format!("[[paths]]\na = \"{a}\"\nb = \"{b}\"\n");
        }
        let path = self.path(&format!("{who}.toml"));
        fs::write(&path, text).expect("written");
        path
    }

    /// The chain at this place, for the client of `end`.
    fn side(&self, at: usize, deployed: &Value, end: &str) -> Side {
        let chain = &self.chains[at];
        let client = end.split_once('/').expect("an end").1;
        side(
            &chain.rpc_url(),
            chain.accounts()[OPERATOR].clone(),
            deployed,
            client,
        )
    }

    fn deploy(&self, config: &Path, name: &str) -> Value {
        let data = self.path("deployment.toml");
        let someone = Address::repeat_byte(0xc1);
        let guardians = [0xd1, 0xd2, 0xd3].map(|byte| Address::repeat_byte(byte).to_string());
        let guardians = guardians.join("\", \"");
        let text = format!(
            "chain = \"{name}\"\nkeys_allowed = true\n[timelock]\nproposers = [\"{someone}\"]\nexecutors = [\"{someone}\"]\ndelay_secs = 60\n[roles]\nlimit_lowerers = []\n[guardians]\nmembers = [\"{guardians}\"]\nsmall_quorum = 2\nlarge_quorum = 3\n[[limits]]\nclient = \"client-0\"\nunlimited = true\n"
        );
        fs::write(&data, text).expect("written");
        ask(
            config,
            &["contract", "deploy", "--data", data.to_str().expect("a path")],
        )
    }
}

/// Runs a command of the relayer to its end and reads what it prints.
fn ask(config: &Path, words: &[&str]) -> Value {
    let output = run(config, words);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "relayer {}: {error}\n{}",
        words.join(" "),
        String::from_utf8_lossy(&output.stdout)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn run(config: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relayer"))
        .args(words)
        .args(["--json", "--config"])
        .arg(config)
        .output()
        .expect("the relayer runs")
}

fn start_daemon(config: &Path, log: &Path) -> Child {
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(log)
        .expect("a log");
    AsyncCommand::new(env!("CARGO_BIN_EXE_relayer"))
        .args(["run", "--config"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("the relayer starts")
}

/// Waits until the packet is settled, and says how.
async fn settled(config: &Path, end: &str, sequence: u64, log: &Path) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let config = config.to_owned();
        let words = [
            "packet".to_owned(),
            "show".into(),
            "--end".into(),
            end.into(),
            "--sequence".into(),
            sequence.to_string(),
        ];
        let asked = tokio::task::spawn_blocking(move || run(&config, &words.each_ref().map(String::as_str)));
        let output = asked.await.expect("asked");
        if output.status.success() {
            let packet: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            if packet["is_final"] == true {
                return packet["stage"].as_str().expect("a stage").to_owned();
            }
        }
        assert!(
            Instant::now() < until,
            "packet {end}/{sequence} is not settled: {}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            last_lines(log)
        );
        sleep(Duration::from_millis(300)).await;
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

/// A stopped daemon leaves a store that commands can read.
async fn stop_and_read(mut daemon: Child, config: &Path, end: &str, log: &Path) {
    let pid = daemon.id().expect("it runs").to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("told")
            .success()
    );
    let ended = tokio::time::timeout(PATIENCE, daemon.wait())
        .await
        .expect("it ends")
        .expect("an exit code");
    assert!(ended.success(), "{}", last_lines(log));
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
