//! The JSON-RPC interface of the execution layer, over HTTP on loopback.
//!
//! Decides how requests, batches and errors are framed; [`methods`] decides the answers. Must never
//! change the chain other than by putting a transaction into the pool.

mod error;
mod lies;
mod methods;
mod params;
mod view;

use crate::node::{Shared, World};
use alloy_primitives::Bytes;
use axum::{Router, extract::State, response::Json, routing::post};
use error::RpcError;
use methods::Reader;
use params::Params;
use serde::Deserialize;
use serde_json::{Value, json};

/// Largest request body, bytes: a few full-sized transactions in one batch.
const BODY_MAX: usize = 16 << 20;

/// The routes of this interface over `world`.
pub(crate) fn routes(world: Shared) -> Router {
    Router::new()
        .route("/", post(serve))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX))
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

async fn serve(State(world): State<Shared>, body: axum::body::Bytes) -> Json<Value> {
    Json(match serde_json::from_slice::<Value>(&body) {
        Err(_) => frame(Value::Null, Err(RpcError::parse())),
        Ok(Value::Array(batch)) if !batch.is_empty() => {
            batch.into_iter().map(|request| one(&world, request)).collect()
        }
        Ok(request) => one(&world, request),
    })
}

fn one(world: &Shared, request: Value) -> Value {
    let Ok(Request { method, params, id }) = Request::deserialize(request) else {
        return frame(Value::Null, Err(RpcError::invalid_request()));
    };
    let params = match params {
        Value::Array(list) => list,
        Value::Null => Vec::new(),
        _ => return frame(id, Err(RpcError::params("non-array args"))),
    };
    frame(id, dispatch(world, &method, &Params(&params)))
}

fn dispatch(world: &Shared, method: &str, params: &Params<'_>) -> Result<Value, RpcError> {
    if method == "eth_sendRawTransaction" {
        let raw: Bytes = params.required(0)?;
        return send(&mut world.write(), raw);
    }
    let world = world.read();
    Reader {
        ledger: &world.ledger,
        faults: &world.faults,
    }
    .answer(method, params)
}

/// Puts a transaction into the pool, or loses or delays it when told to.
fn send(world: &mut World, raw: Bytes) -> Result<Value, RpcError> {
    if !world.faults.drop_transactions && world.faults.delay_transactions == 0 {
        return Ok(json!(world.ledger.submit(raw)?));
    }
    let hash = world.ledger.decode(raw.clone())?.hash;
    if !world.faults.drop_transactions {
        world.delay(raw);
    }
    Ok(json!(hash))
}

fn frame(id: Value, answer: Result<Value, RpcError>) -> Value {
    match answer {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(error) => json!({"jsonrpc": "2.0", "id": id, "error": error.json()}),
    }
}
