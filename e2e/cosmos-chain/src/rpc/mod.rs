//! The JSON-RPC interface of a node of CometBFT 0.38, over HTTP and websockets on loopback.
//!
//! Decides how requests and errors are framed; `answers` decides what is answered, `forms` how it is written, `socket` what is
//! said unasked. Must never change the chain other than by letting a transaction into the mempool.

mod answers;
mod forms;
mod params;
mod socket;
mod state;

pub(crate) use forms::{base64, from_base64};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::chain::Shared;
use params::Params;

/// Largest request body, bytes.
const BODY_MAX: usize = 4 << 20;

/// Why a request is not answered.
pub(crate) enum Fault {
    /// There is no such method.
    Method,
    /// The parameters are not what the method takes.
    Params(String),
    /// The node cannot answer.
    Internal(String),
}

/// The routes of this interface over `world`.
pub(crate) fn routes(world: Shared) -> Router {
    Router::new()
        .route("/", post(serve))
        .route("/websocket", get(socket::open))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(world)
}

#[derive(Deserialize)]
struct Request {
    method: String,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    id: Value,
}

async fn serve(State(world): State<Shared>, body: Bytes) -> Response {
    if world.read().faults.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(match serde_json::from_slice::<Value>(&body) {
        Err(error) => {
            let data = format!("error unmarshaling request: {error}");
            json!({"jsonrpc": "2.0", "id": -1, "error": {"code": -32700, "message": "Parse error. Invalid JSON", "data": data}})
        }
        Ok(Value::Array(batch)) => batch.into_iter().map(|request| one(&world, request)).collect(),
        Ok(request) => one(&world, request),
    })
    .into_response()
}

fn one(world: &Shared, request: Value) -> Value {
    let Ok(Request { method, params, id }) = Request::deserialize(request) else {
        return frame(&Value::Null, Err(Fault::Params("not a request".to_owned())));
    };
    frame(&id, dispatch(world, &method, &Params(&params)))
}

fn dispatch(world: &Shared, method: &str, params: &Params<'_>) -> Result<Value, Fault> {
    match method {
        "broadcast_tx_sync" | "broadcast_tx_async" => {
            answers::broadcast(&mut world.write(), &params.bytes("tx")?)
        }
        "health" => Ok(json!({})),
        "status" => Ok(answers::status(&world.read())),
        "genesis" => Ok(answers::genesis(&world.read())),
        "commit" => answers::commit(&world.read(), params.height()?),
        "validators" => answers::validators(&world.read(), params),
        "block" => answers::block(&world.read(), params.height()?),
        "block_results" => answers::block_results(&world.read(), params.height()?),
        "tx" => answers::tx(&world.read(), &params.bytes("hash")?),
        "abci_info" => Ok(answers::abci_info(&world.read())),
        "abci_query" => state::query(&world.read(), params),
        "num_unconfirmed_txs" => Ok(answers::unconfirmed(&world.read())),
        _ => Err(Fault::Method),
    }
}

fn frame(id: &Value, answer: Result<Value, Fault>) -> Value {
    let (code, message, data) = match answer {
        Ok(result) => return json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Fault::Method) => (-32_601, "Method not found", None),
        Err(Fault::Params(data)) => (-32_602, "Invalid params", Some(data)),
        Err(Fault::Internal(data)) => (-32_603, "Internal error", Some(data)),
    };
    let mut error = json!({"code": code, "message": message});
    if let Some(data) = data {
        error["data"] = data.into();
    }
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}
