//! The relayer's command line and its daemon, as the tests of whole transfers use them.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command as AsyncCommand};
use tokio::time::{Instant, sleep};

/// How long anything may take before the test gives up; a bound on hanging, not a measure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Runs a command of the relayer to its end and reads what it prints.
pub(crate) fn ask(config: &Path, words: &[&str]) -> Value {
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

pub(crate) fn run(config: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relayer"))
        .args(words)
        .args(["--json", "--config"])
        .arg(config)
        .output()
        .expect("the relayer runs")
}

pub(crate) fn start_daemon(config: &Path, log: &Path) -> Child {
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
pub(crate) async fn settled(config: &Path, end: &str, sequence: u64, log: &Path) -> String {
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

pub(crate) fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
