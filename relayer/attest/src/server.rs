//! `GET /v1/attestations/{host}/{contract}/{set}/{height}` and `GET /v1/rotations/{host}/{contract}/{set}`: docs/formats/attestor.md, "Asking an attestor".

use crate::book::{Book, BookError};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, Bytes};
use attestor::Rotation;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chain::{Fault, Retry};
use chain_evm::{Agreed, Attested, Evm};
use serde::Serialize;
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

/// A rotation that the operator agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose set is to follow another.
    pub client: Served,
    /// The number of the set that signs.
    pub set: u64,
    /// What is signed; signatures that stand under it do not matter.
    pub rotation: Rotation,
}

/// An attestor.
pub struct Attestor {
    evm: Evm,
    signer: PrivateKeySigner,
    clients: Vec<Served>,
    consents: Vec<Consent>,
    interval: u64,
    book: Mutex<Book>,
    places: Semaphore,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("sign for client {contract} on chain {host}: this attestor was not told to")]
    NotServed { host: u64, contract: Address },
    #[error(
        "agree to another set of client {contract} on chain {host} after set {set}: this attestor was told of none"
    )]
    NotAgreed { host: u64, contract: Address, set: u64 },
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
            consents: Vec::new(),
            interval: interval.max(1),
            book: Mutex::new(book),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// The same, signing these rotations too, and no others.
    #[must_use]
    pub fn agreeing_to(self, consents: Vec<Consent>) -> Self {
        Self { consents, ..self }
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
        Ok(Attested {
            height,
            timestamp: claim.timestamp.0,
            storage_root: claim.storage_root,
            signature: self.sign(digest)?,
        })
    }

    /// What the operator agreed to. It follows from his file alone, so that a restart signs the same again; and it names
    /// the set that signs, so that it is over when that one is replaced.
    fn agree(&self, served: Served, set: u64) -> Result<Agreed, Refused> {
        let Served { host, contract } = served;
        let mut consents = self.consents.iter();
        let consent = consents
            .find(|consent| consent.client == served && consent.set == set)
            .filter(|_| self.clients.contains(&served))
            .ok_or(Refused::NotAgreed { host, contract, set })?;
        let rotation = &consent.rotation;
        Ok(Agreed {
            nonce: rotation.nonce,
            expiry: rotation.expiry.0,
            set: rotation.set.to_words().into(),
            signature: self.sign(rotation.digest(&Domain::evm(host, contract, set)))?,
        })
    }

    fn sign(&self, digest: B256) -> Result<Bytes, Refused> {
        let signature = self.signer.sign_hash_sync(&digest);
        let signature = signature.map_err(|error| Refused::Signer(error.to_string()))?;
        Ok(signature.as_bytes().to_vec().into())
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
        .route("/v1/rotations/{host}/{contract}/{set}", get(rotation))
        .layer(DefaultBodyLimit::max(0))
        .with_state(attestor);
    axum::serve(listener, routes).with_graceful_shutdown(stop).await
}

async fn attestation(
    State(attestor): State<Arc<Attestor>>,
    Path((host, contract, set, height)): Path<(u64, Address, u64, u64)>,
) -> Response {
    answered(attestor.attest(Served { host, contract }, set, height).await)
}

async fn rotation(
    State(attestor): State<Arc<Attestor>>,
    Path((host, contract, set)): Path<(u64, Address, u64)>,
) -> Response {
    answered(attestor.agree(Served { host, contract }, set))
}

fn answered<T: Serialize>(said: Result<T, Refused>) -> Response {
    match said {
        Ok(said) => Json(said).into_response(),
        Err(refused) => {
            let status = match &refused {
                Refused::NotServed { .. } | Refused::NotAgreed { .. } | Refused::OffInterval { .. } => {
                    StatusCode::NOT_FOUND
                }
                // Not final yet, or the node does not answer.
                Refused::Node(fault) if fault.retry() != Retry::Never => StatusCode::SERVICE_UNAVAILABLE,
                Refused::Slow => StatusCode::SERVICE_UNAVAILABLE,
                Refused::Node(_) | Refused::Book(_) | Refused::Signer(_) => {
                    tracing::error!(why = %refused, "nothing signed");
                    StatusCode::CONFLICT
                }
            };
            let text = format!("failed to {refused}");
            (status, Json(serde_json::json!({ "error": text }))).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attestor::{Attestor as Member, Set};
    use chain::{BlockNumber, ChainName};
    use chain_evm::{FeePolicy, Limits, Settings};
    use wire::Seconds;

    const CLIENT: Served = Served {
        host: 7_002,
        contract: Address::repeat_byte(0xa1),
    };

    fn rotation() -> Rotation {
        let members = [1, 2, 3].map(|byte| Member {
            signer: Address::repeat_byte(byte),
            weight: 1,
        });
        Rotation {
            nonce: 4,
            expiry: Seconds(1_900_000_000),
            set: Set::new(2, members.to_vec()).expect("a set"),
            signatures: Vec::new(),
        }
    }

    /// Nothing is asked of its node: only what the operator wrote down counts.
    fn attestor(clients: Vec<Served>, folder: &std::path::Path) -> Attestor {
        let url = vec!["http://127.0.0.1:9".parse().expect("a url")];
        let settings = Settings {
            name: ChainName("north".into()),
            chain_id: 7_001,
            rpc: url.clone(),
            beacon: url,
            attestors: Vec::new(),
            router: Address::ZERO,
            first_block: BlockNumber(0),
            signer: None,
            fee: FeePolicy::default(),
            gas_max: chain_evm::TRANSACTION_GAS_MAX,
            limits: Limits::default(),
        };
        let book = Book::open(&folder.join("book")).expect("a book");
        let evm = Evm::new(settings).expect("a chain");
        let consent = Consent {
            client: CLIENT,
            set: 5,
            rotation: rotation(),
        };
        Attestor::new(evm, PrivateKeySigner::random(), clients, 1, book).agreeing_to(vec![consent])
    }

    #[test]
    fn the_very_rotation_that_the_operator_wrote_down_is_signed() {
        let folder = tempfile::tempdir().expect("a folder");
        let attestor = attestor(vec![CLIENT], folder.path());
        let agreed = attestor.agree(CLIENT, 5).expect("agreed");
        let asked = Rotation {
            nonce: agreed.nonce,
            expiry: Seconds(agreed.expiry),
            set: Set::from_words(&agreed.set).expect("a set"),
            signatures: Vec::new(),
        };
        assert_eq!(asked, rotation());
        let digest = asked.digest(&Domain::evm(CLIENT.host, CLIENT.contract, 5));
        let signer = wire::sign::recover(digest, &agreed.signature).expect("a signature");
        assert_eq!(signer, attestor.address());
        // A restart signs the same again: there is nothing to be found out from two answers.
        assert_eq!(attestor.agree(CLIENT, 5).expect("again"), agreed);
    }

    #[test]
    fn for_another_set_or_client_nothing_is_agreed_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = attestor(vec![CLIENT], folder.path());
        let other = Served {
            host: 7_001,
            ..CLIENT
        };
        for (client, set) in [(CLIENT, 4), (CLIENT, 6), (other, 5)] {
            let refused = told.agree(client, set).expect_err("refused");
            assert!(matches!(refused, Refused::NotAgreed { .. }), "{refused}");
        }
        drop(told);
        let unserved = attestor(Vec::new(), folder.path());
        assert!(unserved.agree(CLIENT, 5).is_err());
    }
}
