//! The beacon REST interface, as far as light clients and relayers use it.
//!
//! Decides routes, block ids and error answers; the shapes are [`super::json`]'s. Must never change
//! the chain.

use super::{Beacon, BeaconBlock, json};
use crate::{
    config::{Fork, past_version},
    faults::Lie,
    node::{Shared, World},
};
use alloy_primitives::{B256, FixedBytes};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Json, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Updates in one answer at most (`MAX_REQUEST_LIGHT_CLIENT_UPDATES`).
const UPDATES_MAX: u64 = 128;

/// The routes of this interface over `world`.
pub(crate) fn routes(world: Shared) -> Router {
    Router::new()
        .route("/eth/v1/node/version", get(version))
        .route("/eth/v1/node/syncing", get(syncing))
        .route("/eth/v1/node/health", get(|| async { StatusCode::OK }))
        .route("/eth/v1/beacon/genesis", get(genesis))
        .route("/eth/v1/config/spec", get(spec))
        .route("/eth/v1/config/fork_schedule", get(fork_schedule))
        .route("/eth/v1/beacon/headers", get(headers))
        .route("/eth/v1/beacon/headers/{id}", get(header))
        .route("/eth/v1/beacon/blocks/{id}/root", get(block_root))
        .route("/eth/v2/beacon/blocks/{id}", get(block))
        .route(
            "/eth/v1/beacon/states/{id}/finality_checkpoints",
            get(finality_checkpoints),
        )
        .route("/eth/v1/beacon/light_client/bootstrap/{root}", get(bootstrap))
        .route("/eth/v1/beacon/light_client/updates", get(updates))
        .route(
            "/eth/v1/beacon/light_client/finality_update",
            get(finality_update),
        )
        .route(
            "/eth/v1/beacon/light_client/optimistic_update",
            get(optimistic_update),
        )
        .with_state(world)
}

/// An error answer: the status, and the text in the interface's form.
#[derive(Debug)]
struct ApiError(StatusCode, String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"code": self.0.as_u16(), "message": self.1}))).into_response()
    }
}

type Answer = Result<Json<Value>, ApiError>;

fn not_found(what: impl std::fmt::Display) -> ApiError {
    ApiError(StatusCode::NOT_FOUND, format!("{what} not found"))
}

impl Beacon {
    /// The block that `id` names: head, genesis, finalized, justified, a slot or a root.
    fn find(&self, id: &str) -> Result<&BeaconBlock, ApiError> {
        let block = match id {
            "head" => self.head(),
            "genesis" => self.blocks.get(&0),
            "finalized" => self.by_root(&self.finality.finalized.root),
            "justified" => self.by_root(&self.finality.current_justified.root),
            root if root.starts_with("0x") => self.by_root(&parse_root(root)?),
            slot => {
                let wrong = |_| ApiError(StatusCode::BAD_REQUEST, format!("invalid block id {slot}"));
                self.blocks.get(&slot.parse().map_err(wrong)?)
            }
        };
        block.ok_or_else(|| not_found(format_args!("block {id}")))
    }

    /// An answer about `block`, with the flags that the interface puts around it.
    fn about(&self, block: &BeaconBlock, data: Value) -> Value {
        let finalized = self.by_root(&self.finality.finalized.root);
        let is_final = finalized.is_some_and(|last| block.header.slot <= last.header.slot);
        json!({"execution_optimistic": false, "finalized": is_final, "data": data})
    }
}

fn parse_root(text: &str) -> Result<B256, ApiError> {
    text.parse()
        .map_err(|_| ApiError(StatusCode::BAD_REQUEST, format!("invalid root {text}")))
}

async fn version() -> Json<Value> {
    Json(json!({"data": {"version": crate::CLIENT_VERSION}}))
}

async fn syncing(State(world): State<Shared>) -> Json<Value> {
    let slot = world.read().beacon.slot();
    Json(json!({"data": {
        "head_slot": slot.to_string(),
        "sync_distance": "0",
        "is_syncing": false,
        "is_optimistic": false,
        "el_offline": false,
    }}))
}

async fn genesis(State(world): State<Shared>) -> Json<Value> {
    let constants = world.read().beacon.constants;
    Json(json!({"data": {
        "genesis_time": constants.genesis_time.to_string(),
        "genesis_validators_root": constants.validators_root,
        "genesis_fork_version": FixedBytes::from(past_version(0, constants.chain_id)),
    }}))
}

/// All forks up to the last one that is scheduled: name, epoch, version.
fn schedule(beacon: &Beacon) -> Vec<(&'static str, u64, FixedBytes<4>)> {
    let (chain_id, forks) = (beacon.constants.chain_id, beacon.config.forks);
    let past = ["GENESIS", "ALTAIR", "BELLATRIX", "CAPELLA"];
    let mut all: Vec<_> = (0u8..)
        .zip(past)
        .map(|(n, name)| (name, 0, past_version(n, chain_id)))
        .collect();
    all.push(("DENEB", 0, Fork::Deneb.version(chain_id)));
    all.push(("ELECTRA", forks.electra, Fork::Electra.version(chain_id)));
    all.push((
        "FULU",
        forks.fulu.unwrap_or(u64::MAX),
        Fork::Fulu.version(chain_id),
    ));
    all.into_iter()
        .map(|(name, epoch, version)| (name, epoch, version.into()))
        .collect()
}

async fn spec(State(world): State<Shared>) -> Json<Value> {
    let world = world.read();
    let (config, constants) = (&world.beacon.config, &world.beacon.constants);
    let mut data = json!({
        "CONFIG_NAME": "weighbridge-devnet",
        "PRESET_BASE": "mainnet",
        "SECONDS_PER_SLOT": config.seconds_per_slot.to_string(),
        "SLOTS_PER_EPOCH": config.slots_per_epoch.to_string(),
        "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": config.epochs_per_period.to_string(),
        "SYNC_COMMITTEE_SIZE": crate::config::COMMITTEE_SIZE.to_string(),
        "MIN_SYNC_COMMITTEE_PARTICIPANTS": "1",
        "MIN_GENESIS_TIME": config.genesis_time.to_string(),
        "GENESIS_DELAY": "0",
        "DOMAIN_SYNC_COMMITTEE": "0x07000000",
        "DEPOSIT_CHAIN_ID": constants.chain_id.to_string(),
        "DEPOSIT_NETWORK_ID": constants.chain_id.to_string(),
    });
    for (name, epoch, version) in schedule(&world.beacon) {
        data[format!("{name}_FORK_VERSION")] = json!(version);
        if name != "GENESIS" {
            data[format!("{name}_FORK_EPOCH")] = json!(epoch.to_string());
        }
    }
    Json(json!({"data": data}))
}

async fn fork_schedule(State(world): State<Shared>) -> Json<Value> {
    let schedule = schedule(&world.read().beacon);
    let scheduled = schedule.iter().filter(|(_, epoch, _)| *epoch != u64::MAX);
    let mut previous = schedule[0].2;
    let entries: Vec<Value> = scheduled
        .map(|(_, epoch, version)| {
            let entry = json!({
                "previous_version": previous,
                "current_version": version,
                "epoch": epoch.to_string(),
            });
            previous = *version;
            entry
        })
        .collect();
    Json(json!({"data": entries}))
}

#[derive(Deserialize)]
struct HeadersQuery {
    slot: Option<String>,
    parent_root: Option<String>,
}

async fn headers(State(world): State<Shared>, Query(query): Query<HeadersQuery>) -> Answer {
    let world = world.read();
    let beacon = &world.beacon;
    let block = match (&query.slot, &query.parent_root) {
        (Some(slot), _) => beacon.find(slot)?,
        (None, Some(parent)) => {
            let parent = parse_root(parent)?;
            let child = beacon
                .blocks
                .values()
                .find(|block| block.header.parent_root == parent);
            child.ok_or_else(|| not_found("child block"))?
        }
        (None, None) => beacon.find("head")?,
    };
    Ok(Json(beacon.about(block, json!([json::signed_header(block)]))))
}

async fn header(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    let world = world.read();
    let block = world.beacon.find(&id)?;
    Ok(Json(world.beacon.about(block, json::signed_header(block))))
}

async fn block_root(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    let world = world.read();
    let block = world.beacon.find(&id)?;
    Ok(Json(world.beacon.about(block, json!({"root": block.root}))))
}

async fn block(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    let world = world.read();
    let block = world.beacon.find(&id)?;
    let number = block.payload.block_number;
    let evm = world
        .ledger
        .block(number)
        .ok_or_else(|| not_found(format_args!("EVM block {number}")))?;
    let mut answer = world.beacon.about(block, json::signed_block(block, evm));
    answer["version"] = json!(block.fork.name());
    Ok(Json(answer))
}

async fn finality_checkpoints(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    let world = world.read();
    let block = world.beacon.find(&id)?;
    // The state at the head slot has seen every epoch end, the state of an older block its own.
    let finality = if id == "head" {
        world.beacon.finality
    } else {
        block.finality
    };
    let data = json!({
        "previous_justified": json::checkpoint(&finality.previous_justified),
        "current_justified": json::checkpoint(&finality.current_justified),
        "finalized": json::checkpoint(&finality.finalized),
    });
    Ok(Json(world.beacon.about(block, data)))
}

/// The light-client part of the interface: may be withheld, may lie.
fn light_client(world: &World, find: impl FnOnce(&Beacon) -> Option<Value>) -> Answer {
    if world.faults.withhold_light_client {
        let why = "light client data is not served".to_string();
        return Err(ApiError(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    let mut found = find(&world.beacon).ok_or_else(|| not_found("light client data"))?;
    if world.faults.lies.contains(&Lie::Update) {
        edit(&mut found);
    }
    Ok(Json(found))
}

/// Changes what was signed, in one answer or in each of a list.
fn edit(answer: &mut Value) {
    match answer {
        Value::Array(list) => list.iter_mut().for_each(edit),
        one => {
            if let Some(root) = one.pointer_mut("/data/attested_header/beacon/state_root") {
                *root = json!(B256::repeat_byte(0x66));
            }
        }
    }
}

async fn bootstrap(State(world): State<Shared>, Path(root): Path<String>) -> Answer {
    let root = parse_root(&root)?;
    light_client(&world.read(), |beacon| beacon.bootstrap(&root))
}

#[derive(Deserialize)]
struct UpdatesQuery {
    start_period: u64,
    count: u64,
}

async fn updates(State(world): State<Shared>, Query(query): Query<UpdatesQuery>) -> Answer {
    let count = query.count.min(UPDATES_MAX);
    light_client(&world.read(), |beacon| {
        Some(Value::Array(beacon.updates(query.start_period, count)))
    })
}

async fn finality_update(State(world): State<Shared>) -> Answer {
    light_client(&world.read(), Beacon::finality_update)
}

async fn optimistic_update(State(world): State<Shared>) -> Answer {
    light_client(&world.read(), Beacon::optimistic_update)
}
