//! The honest attestors of one chain as daemons of the command line.

use crate::bench::Bench;
use scenarios::crowd::Crowd;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

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

async fn daemon(bench: &Bench, config: &Path, name: &str, tracked: &str, served: &str) -> (Child, String) {
    let log = std::fs::File::create(bench.path(&format!("{name}.log"))).expect("a log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_relayer"))
        .args(["attestor", "run", "--json", "--tracked", tracked])
        .args(["--client", served, "--listen", "127.0.0.1:0"])
        .args(["--key", &format!("file:{name}")])
        .arg("--book")
        .arg(bench.path(&format!("{name}.book")))
        .arg("--config")
        .arg(config)
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
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let address = told["listening"].as_str().expect("an address");
    (child, format!("http://{address}"))
}
