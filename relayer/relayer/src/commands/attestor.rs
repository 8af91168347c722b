//! `relayer attestor run`.

use super::{Needs, load, open_evm};
use crate::attestor_files::{read_consent, served};
use crate::cli::{AttestorVerb, Common};
use crate::daemon::wait_for_signal;
use crate::output::Format;
use anyhow::{Context, Result, anyhow, bail};
use attest::{Attestor, Book, Consent, Served, serve};
use serde_json::{Value, json};
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
    rotations: Vec<PathBuf>,
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
        rotations,
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
        rotations,
        interval,
        book,
        listen,
    };
    run(&common, terms).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run(common: &Common, terms: Terms) -> Result<()> {
    let config = load(common)?;
    let what = "attestors sign states of routers on EVM chains";
    let evm = open_evm(&config, &terms.tracked, Needs::Router, what)?;
    let base = common.config.parent().unwrap_or(Path::new("."));
    let signer =
        crate::config::signer(&terms.key, base).map_err(|text| anyhow!("failed to use the key: {text}"))?;
    let clients = terms.clients.iter().map(|text| served(text));
    let clients = clients.collect::<Result<Vec<Served>, String>>();
    let clients = clients.map_err(|text| anyhow!("failed to read --client: {text}"))?;
    let book = Book::open(&terms.book).map_err(|error| anyhow!("failed to {error}"))?;
    let consents = consents(&terms.rotations, &clients)?;
    let agreed: Vec<Value> = consents.iter().map(shown).collect();
    let attestor = Attestor::new(evm, signer, clients, terms.interval, book).agreeing_to(consents);
    let attestor = Arc::new(attestor);
    let listener = TcpListener::bind(terms.listen)
        .await
        .with_context(|| format!("failed to listen on {}; change --listen", terms.listen))?;
    let address = listener
        .local_addr()
        .context("failed to read the address that was bound")?;
    let listening = json!({
        "listening": address.to_string(),
        "attestor": attestor.address(),
        "agrees": agreed,
    });
    Format::of(common.json).print(&listening)?;
    tracing::info!(%address, attestor = %attestor.address(), tracked = %terms.tracked, "attesting");
    let stop = async {
        if let Err(error) = wait_for_signal().await {
            tracing::error!(%error, "no signals: stopping");
        }
    };
    serve(listener, attestor, stop).await.context("failed to serve")
}

/// The rotations that the operator agrees to: of the clients that are signed for, one each.
fn consents(files: &[PathBuf], clients: &[Served]) -> Result<Vec<Consent>> {
    let mut consents: Vec<Consent> = Vec::new();
    for file in files {
        let consent = read_consent(file)?;
        let (shown, client) = (file.display(), consent.client);
        let Served { host, contract } = client;
        if !clients.contains(&client) {
            bail!("failed to use {shown}: it is about {host}/{contract}, and no --client says so");
        }
        if consents.iter().any(|other| other.client == client) {
            bail!("failed to use {shown}: another file has a rotation of {host}/{contract}; agree to one");
        }
        consents.push(consent);
    }
    Ok(consents)
}

/// What operators compare before they agree: the hash names the next set whole.
fn shown(consent: &Consent) -> Value {
    let Consent {
        client,
        set,
        rotation,
    } = consent;
    json!({
        "client": format!("{}/{}", client.host, client.contract),
        "set": set,
        "nonce": rotation.nonce,
        "expiry": rotation.expiry.0,
        "next": rotation.set.hash(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_rotation_of_a_client_that_is_signed_for_is_agreed_to() {
        let file = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../configs/rotation.toml"
        ));
        let files = [file.to_owned(), file.to_owned()];
        let client = read_consent(file).expect("a consent").client;
        assert_eq!(consents(&files[..1], &[client]).expect("agreed").len(), 1);
        let twice = consents(&files, &[client]).expect_err("refused").to_string();
        assert!(twice.contains("agree to one"), "{twice}");
        let stranger = consents(&files[..1], &[]).expect_err("refused").to_string();
        assert!(stranger.contains("no --client"), "{stranger}");
    }
}
