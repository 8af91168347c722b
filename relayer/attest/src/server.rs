//! `GET /v1/attestations/{host}/{contract}/{set}/{height}`: docs/formats/attestor.md, "Asking an attestor".

use crate::book::{Book, BookError};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::Address;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chain::{Fault, Retry};
use chain_evm::{Attested, Evm};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use wire::sign::Domain;

/// Questions to the node at once; more wait.
const AT_ONCE: usize = 8;
/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that an attestor signs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The EIP-155 id of the chain that hosts it.
    pub host: u64,
    /// Its contract.
    pub contract: Address,
}

/// An attestor.
pub struct Attestor {
    evm: Evm,
    signer: PrivateKeySigner,
    clients: Vec<Served>,
    interval: u64,
    book: Mutex<Book>,
    places: Semaphore,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("sign for client {contract} on chain {host}: this attestor was not told to")]
    NotServed { host: u64, contract: Address },
    #[error("sign block {height}: this attestor signs multiples of {interval}")]
    OffInterval { height: u64, interval: u64 },
    #[error("{0}")]
    Node(Fault),
    #[error("{0}")]
    Book(#[from] BookError),
    #[error("sign: {0}")]
    Signer(String),
    #[error("ask the node: it did not answer in time")]
    Slow,
}

impl Attestor {
    /// An attestor of the chain of `evm` that signs for `clients`, every `interval` blocks.
    #[must_use]
    pub fn new(evm: Evm, signer: PrivateKeySigner, clients: Vec<Served>, interval: u64, book: Book) -> Self {
        Self {
            evm,
            signer,
            clients,
            interval: interval.max(1),
            book: Mutex::new(book),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// The address of its key.
    #[must_use]
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    async fn attest(&self, served: Served, set: u64, height: u64) -> Result<Attested, Refused> {
        let Served { host, contract } = served;
        if !self.clients.contains(&served) {
            return Err(Refused::NotServed { host, contract });
        }
        let interval = self.interval;
        if height == 0 || !height.is_multiple_of(interval) {
            return Err(Refused::OffInterval { height, interval });
        }
        let looked = async {
            let _place = self.places.acquire().await;
            self.evm.attestable(height).await
        };
        let claim = tokio::time::timeout(PATIENCE, looked)
            .await
            .map_err(|_| Refused::Slow)?
            .map_err(Refused::Node)?;
        self.book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .note(height, &claim)?;
        let digest = claim.digest(&Domain::evm(host, contract, set), height);
        let signature = self
            .signer
            .sign_hash_sync(&digest)
            .map_err(|error| Refused::Signer(error.to_string()))?;
        Ok(Attested {
            height,
            timestamp: claim.timestamp.0,
            storage_root: claim.storage_root,
            signature: signature.as_bytes().to_vec().into(),
        })
    }
}

/// Serves until `stop` completes.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    attestor: Arc<Attestor>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route(
            "/v1/attestations/{host}/{contract}/{set}/{height}",
            get(attestation),
        )
        .layer(DefaultBodyLimit::max(0))
        .with_state(attestor);
    axum::serve(listener, routes).with_graceful_shutdown(stop).await
}

async fn attestation(
    State(attestor): State<Arc<Attestor>>,
    Path((host, contract, set, height)): Path<(u64, Address, u64, u64)>,
) -> Response {
    match attestor.attest(Served { host, contract }, set, height).await {
        Ok(attested) => Json(attested).into_response(),
        Err(refused) => {
            let status = match &refused {
                Refused::NotServed { .. } | Refused::OffInterval { .. } => StatusCode::NOT_FOUND,
                // Not final yet, or the node does not answer.
                Refused::Node(fault) if fault.retry() != Retry::Never => StatusCode::SERVICE_UNAVAILABLE,
                Refused::Slow => StatusCode::SERVICE_UNAVAILABLE,
                Refused::Node(_) | Refused::Book(_) | Refused::Signer(_) => {
                    tracing::error!(height, why = %refused, "nothing signed");
                    StatusCode::CONFLICT
                }
            };
            let text = format!("failed to {refused}");
            (status, Json(serde_json::json!({ "error": text }))).into_response()
        }
    }
}
