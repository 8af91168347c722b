//! What a node answers about blocks, votes, sets and transactions.

use serde_json::{Value, json};

use super::Fault;
use super::forms::{self, base64, upper};
use super::params::Params;
use crate::app::TxResult;
use crate::app::tx as transactions;
use crate::block::Made;
use crate::faults::Lie;
use crate::world::World;

/// Validators on a page where nobody says how many.
const PER_PAGE: usize = 30;
/// Validators on a page, at most.
const PER_PAGE_MAX: usize = 100;
/// The version of CometBFT that it answers like.
const COMET: &str = "0.38.17";

pub(super) fn status(world: &World) -> Value {
    let (lowest, shown) = (world.lowest(), world.shown());
    let of = |height: u64| {
        let made = world.block(height).expect("blocks that are shown are kept");
        (upper(&made.block.hash()), &made.block.header)
    };
    let ((first_hash, first), (hash, last)) = (of(lowest), of(shown));
    let member = &world.set_at(shown).members[0];
    let identity = upper(&member.secret.address()).to_lowercase();
    json!({
        "node_info": {
            "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
            "id": identity,
            "listen_addr": "tcp://127.0.0.1:0",
            "network": world.rules.chain_id,
            "version": COMET,
            "channels": "40202122233038606100",
            "moniker": "embedded",
            "other": {"tx_index": if world.faults.without_index { "off" } else { "on" }, "rpc_address": "tcp://127.0.0.1:0"},
        },
        "sync_info": {
            "latest_block_hash": hash,
            "latest_app_hash": upper(&last.app_hash),
            "latest_block_height": shown.to_string(),
            "latest_block_time": forms::time(last.time),
            "earliest_block_hash": first_hash,
            "earliest_app_hash": upper(&first.app_hash),
            "earliest_block_height": lowest.to_string(),
            "earliest_block_time": forms::time(first.time),
            "catching_up": world.faults.catching_up,
        },
        "validator_info": {
            "address": upper(&member.secret.address()),
            "pub_key": forms::public_key(&member.secret.public()),
            "voting_power": member.power.to_string(),
        },
    })
}

pub(super) fn genesis(world: &World) -> Value {
    let validator = |member| {
        let mut written = forms::validator(member);
        written["power"] = written["voting_power"].take();
        written["name"] = "".into();
        written
    };
    let validators: Vec<Value> = world.set_at(0).members.iter().map(validator).collect();
    let time = crate::block::timestamp(world.began());
    json!({"genesis": {
        "genesis_time": forms::time(Some(time)),
        "chain_id": world.rules.chain_id,
        "initial_height": "1",
        "validators": validators,
        "app_hash": "",
        "app_state": {},
    }})
}

pub(super) fn abci_info(world: &World) -> Value {
    let shown = world.shown();
    let root = world.block(shown).map(|made| base64(&made.app_hash));
    json!({"response": {
        "data": "simapp",
        "last_block_height": shown.to_string(),
        "last_block_app_hash": root,
    }})
}

pub(super) fn unconfirmed(world: &World) -> Value {
    let (count, bytes) = world.pool.size();
    json!({"n_txs": count.to_string(), "total": count.to_string(), "total_bytes": bytes.to_string(), "txs": null})
}

/// The height that is asked for, between those that the node has.
fn height(world: &World, asked: Option<i64>, newest: u64) -> Result<u64, Fault> {
    let Some(asked) = asked else {
        return Ok(world.shown());
    };
    let height = match u64::try_from(asked) {
        Ok(height) if height > 0 => height,
        _ => {
            let why = format!("height must be greater than 0, but got {asked}");
            return Err(Fault::Internal(why));
        }
    };
    if height > newest {
        return Err(Fault::Internal(format!(
            "height {height} must be less than or equal to the current blockchain height {newest}"
        )));
    }
    let lowest = world.lowest();
    if height < lowest {
        return Err(Fault::Internal(format!(
            "height {height} is not available, lowest height is {lowest}"
        )));
    }
    Ok(height)
}

fn made(world: &World, asked: Option<i64>) -> Result<(u64, &Made), Fault> {
    let height = height(world, asked, world.shown())?;
    Ok((
        height,
        world.block(height).expect("blocks that are shown are kept"),
    ))
}

pub(super) fn commit(world: &World, asked: Option<i64>) -> Result<Value, Fault> {
    let (height, made) = made(world, asked)?;
    let mut header = made.block.header.clone();
    if world.faults.lies.contains(&Lie::Header)
        && let Some(byte) = header.app_hash.last_mut()
    {
        *byte ^= 1;
    }
    Ok(json!({
        "signed_header": {
            "header": forms::header(&header),
            "commit": forms::commit(&made.block.commit),
        },
        "canonical": height < world.shown(),
    }))
}

pub(super) fn validators(world: &World, params: &Params<'_>) -> Result<Value, Fault> {
    // Those of the block that is being agreed on are known.
    let height = height(world, params.height()?, world.shown() + 1)?;
    let members = &world.set_at(height).members;
    let asked = params
        .number("per_page")?
        .and_then(|number| usize::try_from(number).ok());
    let per_page = match asked {
        None | Some(0) => PER_PAGE,
        Some(number) => number.min(PER_PAGE_MAX),
    };
    let pages = members.len().div_ceil(per_page).max(1);
    let asked = params.number("page")?.unwrap_or(1);
    let page = usize::try_from(asked).unwrap_or(0);
    if page == 0 || page > pages {
        return Err(Fault::Internal(format!(
            "page should be within [1, {pages}] range, given {asked}"
        )));
    }
    let shown: Vec<Value> = members
        .iter()
        .skip((page - 1) * per_page)
        .take(per_page)
        .map(forms::validator)
        .collect();
    Ok(json!({
        "block_height": height.to_string(),
        "count": shown.len().to_string(),
        "validators": shown,
        "total": members.len().to_string(),
    }))
}

pub(super) fn block(world: &World, asked: Option<i64>) -> Result<Value, Fault> {
    let (_, made) = made(world, asked)?;
    let txs: Vec<String> = made.txs.iter().map(|tx| base64(tx)).collect();
    Ok(json!({
        "block_id": forms::block_id(&made.block.id()),
        "block": {
            "header": forms::header(&made.block.header),
            "data": {"txs": txs},
            "evidence": {"evidence": []},
            "last_commit": forms::commit(&made.last_commit),
        },
    }))
}

pub(super) fn block_results(world: &World, asked: Option<i64>) -> Result<Value, Fault> {
    let (height, made) = made(world, asked)?;
    let bent = world.faults.lies.contains(&Lie::Events);
    let result = |result: &TxResult| {
        let mut result = result.clone();
        if bent {
            bend(&mut result);
        }
        forms::result(&result)
    };
    let results: Option<Vec<Value>> =
        (!made.results.is_empty()).then(|| made.results.iter().map(result).collect());
    Ok(json!({
        "height": height.to_string(),
        "txs_results": results,
        "finalize_block_events": null,
        "validator_updates": null,
        "consensus_param_updates": {},
        "app_hash": base64(&made.app_hash),
    }))
}

/// Lets the packets in the events of a result end otherwise.
fn bend(result: &mut TxResult) {
    let packets = result
        .events
        .iter_mut()
        .flat_map(|event| &mut event.attributes)
        .filter(|(name, _)| name == "encoded_packet_hex");
    for (_, packet) in packets {
        let last = if packet.ends_with('0') { '1' } else { '0' };
        packet.pop();
        packet.push(last);
    }
}

pub(super) fn broadcast(world: &mut World, bytes: &[u8]) -> Result<Value, Fault> {
    let hash = upper(&transactions::hash(bytes));
    let (code, log, codespace) = match world.submit(bytes).map_err(Fault::Internal)? {
        Ok(()) => (0, "[]".to_owned(), ""),
        Err(refused) => (refused.code, refused.log, refused.codespace),
    };
    Ok(json!({"code": code, "data": "", "log": log, "codespace": codespace, "hash": hash}))
}

pub(super) fn tx(world: &World, hash: &[u8]) -> Result<Value, Fault> {
    if world.faults.without_index {
        return Err(Fault::Internal("transaction indexing is disabled".to_owned()));
    }
    let found = hash.try_into().ok().and_then(|hash| world.find(hash));
    let kept = found
        .filter(|(height, _)| *height <= world.shown())
        .and_then(|(height, place)| Some((height, place, world.block(height)?)));
    let Some((height, place, made)) = kept else {
        return Err(Fault::Internal(format!("tx ({}) not found", upper(hash))));
    };
    Ok(json!({
        "hash": upper(hash),
        "height": height.to_string(),
        "index": place,
        "tx_result": forms::result(&made.results[place]),
        "tx": base64(&made.txs[place]),
    }))
}
