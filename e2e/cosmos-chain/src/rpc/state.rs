//! `abci_query`: keys of stores with their proofs, and queries of the application.

use cosmos_store::Stores;
use prost::Message;
use serde_json::{Value, json};

use super::Fault;
use super::forms::optional;
use super::params::Params;
use crate::app::query;
use crate::app::refused::{Answer, Refused, sdk, store};
use crate::faults::Lie;
use crate::world::World;

/// What is answered to a query.
#[derive(Default)]
struct Found {
    key: Vec<u8>,
    value: Vec<u8>,
    ops: Option<Value>,
    log: String,
}

pub(super) fn query(world: &World, params: &Params<'_>) -> Result<Value, Fault> {
    let (path, data) = (params.text("path"), params.hex("data")?);
    let asked = params.height()?.unwrap_or(0);
    let prove = params.is("prove");
    let height = match u64::try_from(asked) {
        Ok(0) => world.shown(),
        Ok(height) => height,
        Err(_) => {
            let refused =
                sdk::INVALID_HEIGHT.because("cannot query with height < 0; please provide a valid height");
            return Ok(refusal(&refused, 0));
        }
    };
    let answer = match path.strip_prefix("/store/") {
        Some(within) => stored(world, within, &data, height, prove),
        None => application(world, path, &data, height),
    };
    let Found { key, value, ops, log } = match answer {
        Ok(found) => found,
        Err(refused) => return Ok(refusal(&refused, if asked == 0 { 0 } else { height })),
    };
    Ok(json!({"response": {
        "code": 0,
        "log": log,
        "info": "",
        "index": "0",
        "key": optional(&key),
        "value": optional(&value),
        "proofOps": ops,
        "height": height.to_string(),
        "codespace": "",
    }}))
}

fn refusal(refused: &Refused, height: u64) -> Value {
    json!({"response": {
        "code": refused.code,
        "log": refused.log,
        "info": "",
        "index": "0",
        "key": null,
        "value": null,
        "proofOps": null,
        "height": height.to_string(),
        "codespace": refused.codespace,
    }})
}

/// The state of a height that the node shows and keeps.
fn kept(world: &World, height: u64) -> Option<&Stores> {
    world.state(height).filter(|_| height <= world.shown())
}

/// A key of a store: `name/key`.
fn stored(world: &World, within: &str, key: &[u8], height: u64, prove: bool) -> Answer<Found> {
    let Some(name) = within.strip_suffix("/key") else {
        return Err(sdk::UNKNOWN_REQUEST.because(format_args!("unexpected query path: /{within}")));
    };
    if prove && height <= 1 {
        let why = "cannot query with proof when height <= 1; please provide a valid height";
        return Err(sdk::INVALID_REQUEST.because(why));
    }
    if key.is_empty() {
        return Err(sdk::TX_DECODE.because("query cannot be zero length"));
    }
    let Some(stores) = kept(world, height) else {
        // What is not there has no proof, and without one only the log tells.
        return if prove {
            let why = "proof is unexpectedly empty; ensure height has not been pruned";
            Err(store::INVALID_REQUEST.because(why))
        } else {
            Ok(Found {
                key: key.to_vec(),
                log: "version does not exist".to_owned(),
                ..Found::default()
            })
        };
    };
    let Some(tree) = stores.get(name) else {
        return Err(sdk::UNKNOWN_REQUEST.because(format_args!("no such store: {name}")));
    };
    let mut value = tree.get(key).map(<[u8]>::to_vec).unwrap_or_default();
    let lies = &world.faults.lies;
    let ops = if prove {
        let why = "proof is unexpectedly empty; ensure height has not been pruned";
        let proof = stores
            .prove(name, key)
            .ok_or_else(|| store::INVALID_REQUEST.because(why))?;
        Some(proof_ops(name, key, &proof, lies.contains(&Lie::Proof)))
    } else {
        None
    };
    if lies.contains(&Lie::Value)
        && let Some(first) = value.first_mut()
    {
        *first ^= 1;
    }
    Ok(Found {
        key: key.to_vec(),
        value,
        ops,
        log: String::new(),
    })
}

fn proof_ops(name: &str, key: &[u8], proof: &cosmos_store::MerkleProof, bent: bool) -> Value {
    let kinds = [("ics23:iavl", key), ("ics23:simple", name.as_bytes())];
    let last = proof.proofs.len() - 1;
    let op = |(place, ((kind, key), proof)): (usize, ((&str, &[u8]), &ics23::CommitmentProof))| {
        let mut data = proof.encode_to_vec();
        if bent
            && place == last
            && let Some(byte) = data.last_mut()
        {
            *byte ^= 1;
        }
        json!({"type": kind, "key": optional(key), "data": optional(&data)})
    };
    let ops: Vec<Value> = kinds.into_iter().zip(&proof.proofs).enumerate().map(op).collect();
    json!({ "ops": ops })
}

fn application(world: &World, path: &str, request: &[u8], height: u64) -> Answer<Found> {
    let shown = world.shown();
    if height > shown {
        let why = "cannot query with height in the future; please provide a valid height";
        return Err(sdk::INVALID_HEIGHT.because(why));
    }
    let stores = kept(world, height).ok_or_else(|| {
        sdk::INVALID_REQUEST.because(format_args!(
            "failed to load state at height {height}; version does not exist (latest height: {shown})"
        ))
    })?;
    let at = (height, world.time_of(height));
    let value = match path {
        // Whoever simulates a second transaction counts on the first.
        query::SIMULATE => query::simulate(&world.rules, world.pool.stores(), at, request)?,
        _ => query::answer(&world.rules, stores, at, path, request)?,
    };
    Ok(Found {
        value,
        ..Found::default()
    })
}
