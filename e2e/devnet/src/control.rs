//! The control endpoint, for a chain that runs in another process: `/devnet/...` beside the beacon
//! REST interface.
//!
//! Offers what [`crate::Chain`] offers in Rust, nothing else.

use crate::{faults::Faults, node::Shared};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Json,
    routing::{get, post},
};
use serde_json::{Value, json};

/// The routes of this interface over `world`.
pub(crate) fn routes(world: Shared) -> Router {
    Router::new()
        .route("/devnet/faults", get(faults).put(set_faults))
        .route("/devnet/fork/{depth}", post(fork))
        .with_state(world)
}

async fn faults(State(world): State<Shared>) -> Json<Faults> {
    Json(world.read().faults.clone())
}

async fn set_faults(State(world): State<Shared>, Json(faults): Json<Faults>) -> StatusCode {
    world.write().faults = faults;
    StatusCode::NO_CONTENT
}

async fn fork(
    State(world): State<Shared>,
    Path(depth): Path<u64>,
) -> Result<StatusCode, (StatusCode, Json<Value>)> {
    let refused = |error: crate::DevnetError| {
        let status = StatusCode::CONFLICT;
        (
            status,
            Json(json!({"code": status.as_u16(), "message": error.to_string()})),
        )
    };
    world.write().orphan(depth).map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
