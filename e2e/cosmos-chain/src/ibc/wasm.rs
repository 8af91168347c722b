//! Clients whose judge is a contract: 08-wasm, with the one contract that is known here, our client of EVM chains.
//!
//! The contract is called as ibc-go calls it, JSON in and JSON out, over the client's own part of the store. It runs as native
//! code: what differs from the virtual machine are the curve's functions, here those of blst, and the gas, which is a rough sum.
//! Which codes are known is in the chain's configuration, in the place of a vote of governance.

use cosmos_store::Stores;
use cosmrs::Any;
use ethereum::Blst;
use prost::Message;
use serde_json::{Value, json};
use tendermint_client::testing::ibc::Height;
use wasm_client::{Store, contract};

use super::STORE;
use super::clients::{Claim, Moved, Status, height_text, key};
use crate::app::context::Context;
use crate::app::refused::{Answer, Refused, ibc, wasm as code};
use crate::rpc::{base64, from_base64};

pub(crate) const CLIENT_STATE: &str = "/ibc.lightclients.wasm.v1.ClientState";
const CONSENSUS_STATE: &str = "/ibc.lightclients.wasm.v1.ConsensusState";
const CLIENT_MESSAGE: &str = "/ibc.lightclients.wasm.v1.ClientMessage";
/// Gas of a call, and of a byte that it is given: rough.
const CALL: u64 = 60_000;
const PER_BYTE: u64 = 20;

/// `ibc.lightclients.wasm.v1.ClientState`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ClientState {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) data: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) checksum: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) latest_height: Option<Height>,
}

/// `ibc.lightclients.wasm.v1.ConsensusState`, and `ClientMessage`, which has the same form.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Data {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) data: Vec<u8>,
}

/// `ibc.lightclients.wasm.v1.QueryChecksumsResponse`, all on one page.
#[derive(Clone, PartialEq, Message)]
struct ChecksumsResponse {
    #[prost(string, repeated, tag = "1")]
    checksums: Vec<String>,
}

/// The entry points of a contract.
#[derive(Clone, Copy)]
enum Entry {
    Instantiate,
    Sudo,
    Query,
}

/// The part of the store that belongs to a client.
struct Part<'a> {
    stores: Stores,
    id: &'a str,
}

impl Part<'_> {
    fn key(&self, within: &[u8]) -> Vec<u8> {
        [key(self.id, "").as_slice(), within].concat()
    }
}

impl Store for Part<'_> {
    fn get(&self, within: &[u8]) -> Option<Vec<u8>> {
        self.stores.get(STORE)?.get(&self.key(within)).map(<[u8]>::to_vec)
    }

    fn set(&mut self, within: &[u8], value: &[u8]) {
        let key = self.key(within);
        self.stores
            .get_mut(STORE)
            .expect("a store of this chain")
            .set(&key, value);
    }

    fn remove(&mut self, within: &[u8]) {
        let key = self.key(within);
        self.stores
            .get_mut(STORE)
            .expect("a store of this chain")
            .remove(&key);
    }
}

/// Answers which codes governance let in.
pub(super) fn checksums(context: &Context<'_>) -> Vec<u8> {
    let checksums = context.rules.wasm_codes.iter().map(hex::encode).collect();
    ChecksumsResponse { checksums }.encode_to_vec()
}

/// Begins a client; answers the height that it begins with.
pub(super) fn start(context: &mut Context<'_>, id: &str, state: &Any, consensus: &Any) -> Answer<Height> {
    let unread = |error: prost::DecodeError| code::INVALID_DATA.because(error);
    let state = ClientState::decode(state.value.as_slice()).map_err(unread)?;
    if consensus.type_url != CONSENSUS_STATE {
        let why = format!("{} is no consensus state of 08-wasm", consensus.type_url);
        return Err(code::INVALID_DATA.because(why));
    }
    let consensus = Data::decode(consensus.value.as_slice()).map_err(unread)?;
    if state.data.is_empty() || consensus.data.is_empty() {
        return Err(code::INVALID_DATA.because("data cannot be empty"));
    }
    if !is_known(context, &state.checksum) {
        return Err(code::INVALID_CHECKSUM.because(format_args!(
            "checksum ({}) has not been previously stored",
            hex::encode(&state.checksum)
        )));
    }
    let message = json!({
        "client_state": base64(&state.data),
        "consensus_state": base64(&consensus.data),
        "checksum": base64(&state.checksum),
    });
    call(context, id, Entry::Instantiate, &message)?;
    if load(context, id)?.checksum != state.checksum {
        return Err(code::INVALID_MODIFICATION.because("expected the checksum of the code"));
    }
    latest_height(context, id)
}

/// Judges a client message in the three steps of ibc-go.
pub(super) fn update(context: &mut Context<'_>, id: &str, shown: &Any) -> Answer<Moved> {
    if shown.type_url != CLIENT_MESSAGE {
        let why = format!("no concrete type registered for type URL {}", shown.type_url);
        return Err(ibc::UNPACK_ANY.because(why));
    }
    let shown = Data::decode(shown.value.as_slice()).map_err(|error| ibc::UNPACK_ANY.because(error))?;
    let message = json!({ "client_message": base64(&shown.data) });
    call(
        context,
        id,
        Entry::Query,
        &json!({ "verify_client_message": message }),
    )?;
    let found = call(
        context,
        id,
        Entry::Query,
        &json!({ "check_for_misbehaviour": message }),
    )?;
    if found["found_misbehaviour"] == true {
        call(
            context,
            id,
            Entry::Sudo,
            &json!({ "update_state_on_misbehaviour": message }),
        )?;
        return Ok(Moved::Frozen);
    }
    let moved = call(context, id, Entry::Sudo, &json!({ "update_state": message }))?;
    let heights = moved["heights"].as_array().cloned().unwrap_or_default();
    Ok(Moved::To(heights.iter().map(height_of).collect()))
}

pub(super) fn status(context: &mut Context<'_>, id: &str) -> Answer<Status> {
    if context.get(STORE, &key(id, "clientState"))?.is_none() {
        return Ok(Status::Unknown);
    }
    let checksum = load(context, id)?.checksum;
    if !is_known(context, &checksum) {
        return Ok(Status::Unauthorized);
    }
    let said = call(context, id, Entry::Query, &json!({ "status": {} }))?;
    Ok(match said["status"].as_str() {
        Some("Active") => Status::Active,
        Some("Expired") => Status::Expired,
        Some("Frozen") => Status::Frozen,
        _ => Status::Unknown,
    })
}

pub(super) fn latest_height(context: &mut Context<'_>, id: &str) -> Answer<Height> {
    Ok(load(context, id)?.latest_height.unwrap_or_default())
}

pub(super) fn seconds_at(context: &mut Context<'_>, id: &str, height: Height) -> Answer<u64> {
    let asked = json!({ "timestamp_at_height": { "height": height_json(height) } });
    let said = call(context, id, Entry::Query, &asked)?;
    Ok(said["timestamp"].as_u64().unwrap_or(0) / 1_000_000_000)
}

/// Judges a claim: that `value` is stored, or that nothing is.
pub(super) fn check(context: &mut Context<'_>, claim: &Claim<'_>, value: Option<&[u8]>) -> Answer<()> {
    let (at, newest) = (claim.height, latest_height(context, claim.client)?);
    if (at.revision_number, at.revision_height) > (newest.revision_number, newest.revision_height) {
        return Err(ibc::INVALID_HEIGHT.because(format_args!(
            "client state height < proof height ({} < {}), please ensure the client has been updated",
            height_text(newest),
            height_text(at)
        )));
    }
    let mut path: Vec<Vec<u8>> = claim.prefix.to_vec();
    path.last_mut()
        .into_iter()
        .for_each(|last| last.extend_from_slice(claim.key));
    let path: Vec<String> = path.iter().map(|part| base64(part)).collect();
    let mut asked = json!({
        "height": height_json(at),
        "delay_time_period": 0,
        "delay_block_period": 0,
        "proof": base64(claim.proof),
        "merkle_path": { "key_path": path },
    });
    let question = match value {
        Some(value) => {
            asked["value"] = base64(value).into();
            "verify_membership"
        }
        None => "verify_non_membership",
    };
    call(context, claim.client, Entry::Sudo, &json!({ question: asked })).map(drop)
}

/// Calls the contract. What it wrote counts if it did not refuse.
fn call(context: &mut Context<'_>, id: &str, entry: Entry, message: &Value) -> Answer<Value> {
    let message = message.to_string().into_bytes();
    context.spend(CALL + PER_BYTE * message.len() as u64, "wasm contract")?;
    let env = json!({
        "block": {
            "height": context.height,
            "time": context.time.as_nanos().to_string(),
            "chain_id": context.rules.chain_id,
        },
        "transaction": null,
        "contract": { "address": id },
    });
    let env = env.to_string().into_bytes();
    let mut part = Part {
        stores: context.stores.clone(),
        id,
    };
    let said = match entry {
        Entry::Instantiate => contract::instantiate(&mut part, &Blst, &env, &message),
        Entry::Sudo => contract::sudo(&mut part, &Blst, &env, &message),
        Entry::Query => contract::query(&part, &Blst, &env, &message),
    };
    let said: Value = serde_json::from_slice(&said).map_err(|error| bad_answer(&error.to_string()))?;
    if let Some(error) = said["error"].as_str() {
        return Err(code::CALL_FAILED.because(error));
    }
    let data = match entry {
        Entry::Query => &said["ok"],
        Entry::Instantiate | Entry::Sudo => {
            context.stores = part.stores;
            &said["ok"]["data"]
        }
    };
    let data = from_base64(data.as_str().unwrap_or_default()).ok_or_else(|| bad_answer("no base64"))?;
    serde_json::from_slice(&data).map_err(|error| bad_answer(&error.to_string()))
}

fn bad_answer(why: &str) -> Refused {
    code::INVALID_RESPONSE.because(why)
}

fn load(context: &mut Context<'_>, id: &str) -> Answer<ClientState> {
    let bytes = context
        .get(STORE, &key(id, "clientState"))?
        .ok_or_else(|| crate::app::refused::client::NOT_FOUND.because(id))?;
    let any = Any::decode(bytes.as_slice()).map_err(|error| bad_answer(&error.to_string()))?;
    ClientState::decode(any.value.as_slice()).map_err(|error| bad_answer(&error.to_string()))
}

fn is_known(context: &Context<'_>, checksum: &[u8]) -> bool {
    context.rules.wasm_codes.iter().any(|known| known == checksum)
}

fn height_json(height: Height) -> Value {
    json!({ "revision_number": height.revision_number, "revision_height": height.revision_height })
}

fn height_of(value: &Value) -> Height {
    let number = |name: &str| value[name].as_u64().unwrap_or(0);
    Height {
        revision_number: number("revision_number"),
        revision_height: number("revision_height"),
    }
}
