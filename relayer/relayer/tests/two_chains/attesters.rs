//! The honest attestors of one chain as daemons of the command line.

use crate::bench::{Bench, NAMES, ask};
use scenarios::crowd::Crowd;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Makes up the attestors of a chain; the file says who they are.
pub(crate) fn enlist(bench: &Bench, tracked: usize) -> (Crowd, PathBuf) {
    let crowd = Crowd::new(NAMES[tracked]).expect("keys");
    let file = bench.path(&format!("{}-attestors.toml", NAMES[tracked]));
    fs::write(&file, crowd.set()).expect("written");
    (crowd, file)
}

/// Creates a client at chain `host` of the other one, with what the operator says besides.
pub(crate) fn create_client(config: &Path, host: usize, words: &[&str]) -> Value {
    let (at, of) = (NAMES[host], NAMES[1 - host]);
    let base = ["client", "create", "--host", at, "--tracked", of];
    ask(config, &[&base, words].concat())
}

/// Starts them, signing for the client `served`, and the others beside them.
pub(crate) async fn start(
    crowd: &mut Crowd,
    bench: &Bench,
    config: &Path,
    tracked: &str,
    served: &str,
) -> Vec<Child> {
    let (mut daemons, mut urls) = (Vec::new(), Vec::new());
    for (place, key) in crowd.honest().iter().enumerate() {
        let name = format!("{tracked}-attestor-{place}");
        bench.write_secret(&name, key);
        let (daemon, url) = daemon(bench, config, &name, tracked, served).await;
        daemons.push(daemon);
        urls.push(url);
    }
    crowd.join(urls).await.expect("ports");
    daemons
}

/// An attestor of `tracked` who signs for the client `served` with the key of this name; where he answers.
async fn daemon(bench: &Bench, config: &Path, name: &str, tracked: &str, served: &str) -> (Child, String) {
    let attester = Attester {
        name,
        tracked,
        served,
        listen: "127.0.0.1:0",
        rotation: None,
    };
    let (child, told) = attester.start(bench, config).await;
    (
        child,
        format!("http://{}", told["listening"].as_str().expect("an address")),
    )
}

/// What one attestor is told.
pub(crate) struct Attester<'a> {
    /// The name of his key, his book and his log.
    pub(crate) name: &'a str,
    pub(crate) tracked: &'a str,
    pub(crate) served: &'a str,
    pub(crate) listen: &'a str,
    pub(crate) rotation: Option<&'a Path>,
}

impl Attester<'_> {
    /// Starts him; comes back with what he says when he listens.
    pub(crate) async fn start(&self, bench: &Bench, config: &Path) -> (Child, Value) {
        let log = std::fs::File::create(bench.path(&format!("{}.log", self.name))).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_relayer"));
        command
            .args(["attestor", "run", "--json", "--tracked", self.tracked])
            .args(["--client", self.served, "--listen", self.listen])
            .args(["--key", &format!("file:{}", self.name)])
            .arg("--book")
            .arg(bench.path(&format!("{}.book", self.name)))
            .arg("--config")
            .arg(config);
        if let Some(file) = self.rotation {
            command.arg("--rotation").arg(file);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the attestor starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut text = String::new();
        while let Some(line) = lines.next_line().await.expect("read") {
            text += &line;
            if line == "}" {
                break;
            }
        }
        let told = serde_json::from_str(&text).expect("JSON");
        (child, told)
    }
}
