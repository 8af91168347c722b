//! Clients made from the shared vectors, and what the host keeps of them, read by code that is not the contract's.

use std::path::PathBuf;

use prost::Message as _;
use serde_json::json;
use wasm_client::Message;

use crate::host::{Chain, Said, bytes};

#[expect(dead_code, reason = "the vectors' own tests write them too")]
#[path = "../../../ethereum/tests/law/vectors/format.rs"]
pub(crate) mod format;

pub(crate) use format::Vector;

/// The folder of the shared vectors.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/beacon")
}

pub(crate) fn vector(path: &str) -> Vector {
    let text = std::fs::read_to_string(folder().join(path)).unwrap();
    Vector::from_json(&text)
}

/// The client's constants as docs/formats/wasm.md has them, from the vector's own fields.
pub(crate) fn config(vector: &Vector) -> Vec<u8> {
    let mut out = Vec::new();
    for number in [
        vector.genesis_time,
        vector.seconds_per_slot,
        vector.slots_per_epoch,
        vector.epochs_per_period,
    ] {
        out.extend(number.to_be_bytes());
    }
    out.extend_from_slice(vector.genesis_validators_root.as_slice());
    out.extend(vector.committee_size.to_be_bytes());
    out.extend_from_slice(vector.router.as_slice());
    out.extend_from_slice(vector.commitments_slot.as_slice());
    out.extend(vector.trust_period.to_be_bytes());
    out.extend(vector.weak_subjectivity_period.to_be_bytes());
    out.extend(vector.capacity.to_be_bytes());
    out.push(vector.fork_epochs.len().try_into().unwrap());
    for at in 0..vector.fork_epochs.len() {
        out.extend(vector.fork_epochs[at].to_be_bytes());
        out.extend_from_slice(vector.fork_versions[at].as_slice());
        out.push(vector.fork_layouts[at]);
    }
    out
}

/// Creates the vector's client, with these guardians behind the constants.
pub(crate) fn create_guarded(chain: &mut Chain, vector: &Vector, guardians: &[u8]) -> Said {
    let client_state = [&[1][..], &config(vector), guardians].concat();
    chain.now = vector.started_at;
    chain.instantiate(&client_state, &vector.bootstrap)
}

/// Creates the vector's client, which nobody guards.
pub(crate) fn create(chain: &mut Chain, vector: &Vector) -> Said {
    create_guarded(chain, vector, &[0, 0, 0])
}

/// A chain with the vector's client and all its updates.
pub(crate) fn updated(path: &str) -> (Chain, Vector) {
    let vector = vector(path);
    let mut chain = Chain::new();
    create(&mut chain, &vector).unwrap();
    for (update, now) in vector.updates.iter().zip(&vector.times) {
        chain.now = *now;
        chain.bring(&Message::Update(update.to_vec()).to_bytes()).unwrap();
    }
    (chain, vector)
}

/// The vector's proof, as ibc-go asks for it.
pub(crate) fn prove(chain: &mut Chain, vector: &Vector) -> Said {
    let asked = json!({
        // Go leaves zeros out.
        "height": { "revision_height": vector.height },
        "delay_time_period": 0,
        "delay_block_period": 0,
        "proof": bytes(&vector.proof),
        "merkle_path": { "key_path": [bytes(&vector.path)] },
        "value": bytes(&vector.value),
    });
    let mut asked = asked;
    match vector.kind.as_str() {
        "member" => chain.sudo(&json!({ "verify_membership": asked })),
        "absent" => {
            asked.as_object_mut().unwrap().remove("value");
            chain.sudo(&json!({ "verify_non_membership": asked }))
        }
        other => panic!("a proof of kind {other}"),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Any {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WasmHeight {
    #[prost(uint64, tag = "1")]
    pub(crate) revision_number: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) revision_height: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientState {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) data: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) checksum: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) latest_height: Option<WasmHeight>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ConsensusState {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) data: Vec<u8>,
}

/// The host's client state.
pub(crate) fn client_state(chain: &Chain) -> ClientState {
    let any = Any::decode(chain.under("clientState").unwrap().as_slice()).unwrap();
    assert_eq!(any.type_url, "/ibc.lightclients.wasm.v1.ClientState");
    ClientState::decode(any.value.as_slice()).unwrap()
}

/// The data of the host's consensus state at this slot.
pub(crate) fn consensus_state(chain: &Chain, slot: u64) -> Option<Vec<u8>> {
    let any = Any::decode(chain.under(&format!("consensusStates/0-{slot}"))?.as_slice()).unwrap();
    assert_eq!(any.type_url, "/ibc.lightclients.wasm.v1.ConsensusState");
    Some(ConsensusState::decode(any.value.as_slice()).unwrap().data)
}

/// Slots of the states that the host holds.
pub(crate) fn slots(chain: &Chain) -> Vec<u64> {
    let keys = chain.store.0.keys();
    let names = keys.filter_map(|key| std::str::from_utf8(key).ok()?.strip_prefix("consensusStates/0-"));
    let mut slots: Vec<u64> = names.map(|slot| slot.parse().unwrap()).collect();
    slots.sort_unstable();
    slots
}
