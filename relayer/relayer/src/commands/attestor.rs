//! `relayer attestor run`.

use super::{Needs, load, open_chain};
use crate::cli::{AttestorVerb, Common};
use crate::daemon::wait_for_signal;
use crate::output::Format;
use anyhow::{Context, Result, anyhow, bail};
use attest::{Attestor, Book, Served, serve};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What one attestor is told.
struct Terms {
    tracked: String,
    key: String,
    clients: Vec<String>,
    interval: u64,
    book: PathBuf,
    listen: SocketAddr,
}

pub(super) async fn execute(verb: AttestorVerb) -> Result<ExitCode> {
    let AttestorVerb::Run {
        common,
        tracked,
        key,
        clients,
        interval,
        book,
        listen,
        expose,
    } = verb;
    if !listen.ip().is_loopback() && !expose {
        bail!("failed to listen on {listen}: others can reach it; use 127.0.0.1 or say --expose");
    }
    let terms = Terms {
        tracked,
        key,
        clients,
        interval,
        book,
        listen,
    };
    run(&common, terms).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run(common: &Common, terms: Terms) -> Result<()> {
    let config = load(common)?;
    let evm = open_chain(&config, &terms.tracked, Needs::Router)?;
    let base = common.config.parent().unwrap_or(Path::new("."));
    let signer =
        crate::config::signer(&terms.key, base).map_err(|text| anyhow!("failed to use the key: {text}"))?;
    let clients = terms.clients.iter().map(|text| served(text));
    let clients = clients.collect::<Result<Vec<Served>, String>>();
    let clients = clients.map_err(|text| anyhow!("failed to read --client: {text}"))?;
    let book = Book::open(&terms.book).map_err(|error| anyhow!("failed to {error}"))?;
    let attestor = Arc::new(Attestor::new(evm, signer, clients, terms.interval, book));
    let listener = TcpListener::bind(terms.listen)
        .await
        .with_context(|| format!("failed to listen on {}; change --listen", terms.listen))?;
    let address = listener
        .local_addr()
        .context("failed to read the address that was bound")?;
    let listening = json!({"listening": address.to_string(), "attestor": attestor.address()});
    Format::of(common.json).print(&listening)?;
    tracing::info!(%address, attestor = %attestor.address(), tracked = %terms.tracked, "attesting");
    let stop = async {
        if let Err(error) = wait_for_signal().await {
            tracing::error!(%error, "no signals: stopping");
        }
    };
    serve(listener, attestor, stop).await.context("failed to serve")
}

/// A client, written as `chain-id/contract`.
fn served(text: &str) -> Result<Served, String> {
    let bad = || format!("{text} is no client; write it as chain id and contract, such as 7002/0x…");
    let (host, contract) = text.split_once('/').ok_or_else(bad)?;
    Ok(Served {
        host: host.parse().map_err(|_| bad())?,
        contract: contract.parse().map_err(|_| bad())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_by_chain_and_contract() {
        let named = served("7002/0x00000000000000000000000000000000000000a1").expect("a client");
        assert_eq!(named.host, 7_002);
        for bad in ["north/client-0", "7002", "7002/0x12"] {
            assert!(served(bad).expect_err("refused").contains("write it as"), "{bad}");
        }
    }
}
