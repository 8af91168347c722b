//! The routes.

use crate::board::Board;
use crate::limits::{Bounded, Limits};
use crate::view::{Found, PacketView};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Where packets are read: the store. Called on a thread that may wait.
pub trait Packets: Send + Sync + 'static {
    /// The packets that fit `filter`, at most `filter.limit`, by their ends and there by their sequences, without their
    /// histories.
    fn list(&self, filter: &Filter) -> Result<Vec<PacketView>, Unavailable>;

    /// One packet with its history, by its source chain, source client and sequence.
    fn find(&self, chain: &str, client: &str, sequence: u64) -> Result<Found, Unavailable>;
}

/// The store could not answer; the text says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the store: {0}")]
pub struct Unavailable(pub String);

/// Which packets are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// Only those sent over this end, `chain/client`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only those at this stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Also those that are settled.
    pub all: bool,
    /// At most this many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Only those that are listed behind this one, `chain/client/sequence`, which need not be listed itself any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[derive(Clone)]
struct Shared {
    board: Arc<Board>,
    packets: Arc<dyn Packets>,
    reads: Arc<Semaphore>,
    limits: Limits,
}

/// Serves until `stop` completes; open connections then have until the end of their time.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    board: Arc<Board>,
    packets: Arc<dyn Packets>,
    limits: Limits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let reads = Arc::new(Semaphore::new(limits.reads_max));
    let routes = routes(Shared {
        board,
        packets,
        reads,
        limits,
    });
    axum::serve(Bounded::new(listener, &limits), routes)
        .with_graceful_shutdown(stop)
        .await
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
        .route("/metrics", get(metrics))
        .route("/v1/status", get(status))
        .route("/v1/paths", get(paths))
        .route("/v1/packets", get(packets))
        .route("/v1/packets/{chain}/{client}/{sequence}", get(packet))
        .layer(DefaultBodyLimit::max(shared.limits.body_bytes))
        .with_state(shared)
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

async fn health(State(shared): State<Shared>) -> Response {
    let health = shared.board.health(now());
    let status = if health.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health)).into_response()
}

async fn live(State(shared): State<Shared>) -> Response {
    let health = shared.board.health(now());
    let status = if health.live {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health)).into_response()
}

async fn metrics(State(shared): State<Shared>) -> Response {
    match shared.board.metrics.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => failed(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn status(State(shared): State<Shared>) -> Response {
    Json(&*shared.board.status()).into_response()
}

async fn paths(State(shared): State<Shared>) -> Response {
    Json(&shared.board.status().paths).into_response()
}

async fn packets(State(shared): State<Shared>, Query(mut filter): Query<Filter>) -> Response {
    let most = shared.limits.packets_max;
    filter.limit = Some(filter.limit.unwrap_or(most).min(most));
    let source = shared.packets.clone();
    match read(&shared, move || source.list(&filter)).await {
        Ok(list) => Json(list).into_response(),
        Err(response) => response,
    }
}

async fn packet(
    State(shared): State<Shared>,
    Path((chain, client, sequence)): Path<(String, String, u64)>,
) -> Response {
    let source = shared.packets.clone();
    match read(&shared, move || source.find(&chain, &client, sequence)).await {
        Ok(Found::Packet(packet)) => Json(packet).into_response(),
        Ok(Found::Pruned(pruned)) => (StatusCode::GONE, Json(pruned)).into_response(),
        Ok(Found::Unknown(why)) => failed(StatusCode::NOT_FOUND, &why),
        Err(response) => response,
    }
}

/// Asks the store on a thread of its own, at most so many at once and so long.
async fn read<T: Send + 'static>(
    shared: &Shared,
    question: impl FnOnce() -> Result<T, Unavailable> + Send + 'static,
) -> Result<T, Response> {
    let busy = |text: &str| failed(StatusCode::SERVICE_UNAVAILABLE, text);
    let limit = Duration::from_millis(shared.limits.answer_ms);
    let reads = shared.reads.clone();
    let answer = async move {
        let place = reads
            .acquire_owned()
            .await
            .map_err(|_| Unavailable("the server stops".into()))?;
        // The place moves along: a question that nobody waits for any more still holds it until it is done.
        let asked = tokio::task::spawn_blocking(move || {
            let _place = place;
            question()
        });
        asked.await.map_err(|error| Unavailable(error.to_string()))?
    };
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(unavailable)) => Err(busy(&unavailable.to_string())),
        Err(_) => Err(busy("the store did not answer in time; ask again")),
    }
}

fn failed(status: StatusCode, text: &str) -> Response {
    (status, Json(serde_json::json!({ "error": text }))).into_response()
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
