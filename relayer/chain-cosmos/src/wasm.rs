//! Clients of EVM chains on this chain: 08-wasm with our contract. What is sent to them and read of them, and their creation.
//!
//! Spec: docs/formats/wasm.md.
//!
//! What this module must never do: judge whether a client deserves trust (`verify_wasm` does).

use crate::cosmos::Cosmos;
use crate::create::Created;
use crate::ibc::client::{CREATE, MsgCreateClient, PageRequest, PageResponse};
use crate::ibc::{RawHeight, any};
use crate::pages::{Paged, pages};
use crate::views::Reader;
use alloy_primitives::{B256, hex};
use chain::{Fault, TrustedState};
use core::time::Duration;
use cosmrs::Any;
use endpoints::Complaint;
use ethereum::codec::{encode_bootstrap, encode_update};
use ethereum::{Bootstrap, Config, Slot, State, Trusted, Update};
use prost::Message;
use wasm_client::{Genesis, Kept, NextSet};
use wire::Seconds;

/// What `sha256sum` says of the contract that is checked in.
const CHECKSUM_FILE: &str = include_str!("../../../light-clients/wasm/artifact/ethereum.wasm.sha256");
/// Where an operator reads how a chain comes to know the contract.
const HOWTO: &str = "docs/howto/wasm-client.md";

pub(crate) const CLIENT_STATE: &str = "/ibc.lightclients.wasm.v1.ClientState";
const CONSENSUS_STATE: &str = "/ibc.lightclients.wasm.v1.ConsensusState";
const CLIENT_MESSAGE: &str = "/ibc.lightclients.wasm.v1.ClientMessage";
const CHECKSUMS_QUERY: &str = "/ibc.lightclients.wasm.v1.Query/Checksums";

/// The version of a trusted state, and how long it is: version, storage root, timestamp, learned at.
const STATE_VERSION: u8 = 1;
const STATE_LENGTH: usize = 1 + 32 + 8 + 8;

/// `ibc.lightclients.wasm.v1.ClientState`.
#[derive(Clone, PartialEq, Message)]
struct ClientState {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    checksum: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    latest_height: Option<RawHeight>,
}

/// `ibc.lightclients.wasm.v1.ConsensusState`, and `ClientMessage`, which has the same form.
#[derive(Clone, PartialEq, Message)]
struct Data {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ChecksumsRequest {
    #[prost(message, optional, tag = "1")]
    pagination: Option<PageRequest>,
}

#[derive(Clone, PartialEq, Message)]
struct ChecksumsAnswer {
    #[prost(string, repeated, tag = "1")]
    checksums: Vec<String>,
    #[prost(message, optional, tag = "2")]
    pagination: Option<PageResponse>,
}

/// The checksum of the contract that is checked in.
pub(crate) fn checksum() -> B256 {
    let text = CHECKSUM_FILE.split_whitespace().next().unwrap_or_default();
    text.parse().unwrap_or_default()
}

/// An update as the client takes it.
pub(crate) fn update_message(update: &Update) -> Any {
    let data = wasm_client::Message::Update(encode_update(update)).to_bytes();
    any(CLIENT_MESSAGE, &Data { data })
}

/// What the client keeps beside its states.
pub(crate) fn kept(state: &Any) -> Result<Kept, String> {
    Kept::from_any(&state.encode_to_vec())
        .map_err(|reject| format!("it is no client of this release's contract: failed to {reject}"))
}

/// What stays the same as long as it is the same client.
pub(crate) fn constants(kept: &Kept) -> Vec<u8> {
    let started = &kept.started;
    let genesis = Genesis {
        config: kept.config.clone(),
        guardians: nobody(),
    };
    [
        kept.checksum.as_slice(),
        &started.slot.0.to_be_bytes(),
        started.header.as_slice(),
        started.committee.as_slice(),
        &genesis.to_bytes(),
    ]
    .concat()
}

/// Those who guard a client that nobody guards.
fn nobody() -> NextSet {
    NextSet {
        small: 0,
        large: 0,
        guardians: Vec::new(),
    }
}

/// The state of `slot` in what a node answered.
pub(crate) fn state_of(slot: Slot, consensus: &Any) -> Result<State, String> {
    if consensus.type_url != CONSENSUS_STATE {
        return Err(format!("it is a {}, not a {CONSENSUS_STATE}", consensus.type_url));
    }
    let data = Data::decode(consensus.value.as_slice()).map_err(|error| error.to_string())?;
    let bytes: [u8; STATE_LENGTH] = data
        .data
        .as_slice()
        .try_into()
        .map_err(|_| format!("a state has {STATE_LENGTH} bytes, this one {}", data.data.len()))?;
    let (version, rest) = bytes.split_at(1);
    if version != [STATE_VERSION] {
        return Err(format!(
            "a state of version {version:?}, this release knows {STATE_VERSION}"
        ));
    }
    let (root, times) = rest.split_at(32);
    let learned_at = times.split_at(8).1.try_into().map(u64::from_be_bytes);
    Ok(State {
        slot,
        storage_root: B256::from_slice(root),
        learned_at: Seconds(learned_at.unwrap_or_default()),
    })
}

/// What the client trusts, of its ring the newest state.
pub(crate) fn trusted_of(kept: &Kept, newest: State) -> Result<TrustedState, String> {
    let committees = kept.committees.iter().copied();
    Trusted::from_parts(
        kept.config.clone(),
        kept.newest,
        [newest],
        committees,
        kept.frozen,
    )
    .map(|mut trusted| {
        trusted.bootstrap = Some(kept.started.slot);
        TrustedState::Ethereum(Box::new(trusted))
    })
    .map_err(|reject| format!("failed to {reject}"))
}

impl Reader<'_> {
    /// What the client believes of `slot`.
    pub(crate) async fn wasm_state(&self, slot: Slot, block: u64) -> Result<State, Complaint> {
        let height = RawHeight {
            revision_number: 0,
            revision_height: slot.0,
        };
        let consensus = self.consensus(height, block).await?;
        state_of(slot, &consensus)
            .map_err(|text| Complaint::malformed(format!("the state of slot {slot}: {text}")))
    }
}

impl Cosmos {
    /// Makes a client on this chain that follows an EVM chain by `config` from `bootstrap` on, which the caller has verified on
    /// that chain; its ring is no larger than [`wasm_client::CAPACITY_MAX`]. Nobody guards it until governance names somebody.
    ///
    /// Fails with [`Fault::NoClient`] where governance has not stored the contract of this release.
    pub async fn create_wasm_client(
        &self,
        config: &Config,
        bootstrap: &Bootstrap,
        patience: Duration,
    ) -> Result<Created, Fault> {
        self.check_stored().await?;
        let genesis = Genesis {
            config: config.clone(),
            guardians: nobody(),
        };
        let state = ClientState {
            data: genesis.to_bytes(),
            checksum: checksum().to_vec(),
            latest_height: Some(RawHeight::default()),
        };
        let consensus = Data {
            data: encode_bootstrap(bootstrap),
        };
        let make = |signer: &str| {
            let message = MsgCreateClient {
                client_state: Some(any(CLIENT_STATE, &state)),
                consensus_state: Some(any(CONSENSUS_STATE, &consensus)),
                signer: signer.to_owned(),
            };
            any(CREATE, &message)
        };
        self.create(make, patience).await
    }

    /// Governance has stored the contract of this release.
    async fn check_stored(&self) -> Result<(), Fault> {
        let ours = checksum();
        let stored = self
            .on_rpc(|rpc| async move { pages(&rpc, self, &Checksums, None).await })
            .await?;
        if stored.items.iter().any(|text| text.parse() == Ok(ours)) {
            return Ok(());
        }
        Err(Fault::NoClient {
            id: "a new client".into(),
            text: format!(
                "chain {} has not stored the code with checksum {}; its governance has to store \
                 light-clients/wasm/artifact/ethereum.wasm first ({HOWTO})",
                self.rules.chain_id,
                hex::encode(ours)
            ),
        })
    }
}

/// The checksums of the contracts that the chain has stored.
struct Checksums;

impl Paged for Checksums {
    const QUERY: &'static str = CHECKSUMS_QUERY;
    const PAGE: u64 = 100;
    const PAGES_MAX: usize = 16;
    type Answer = ChecksumsAnswer;
    type Item = String;

    fn request(&self, page: PageRequest) -> Vec<u8> {
        let pagination = Some(page);
        ChecksumsRequest { pagination }.encode_to_vec()
    }

    fn items(answer: ChecksumsAnswer) -> (Vec<String>, Option<PageResponse>) {
        (answer.checksums, answer.pagination)
    }
}

#[cfg(test)]
#[path = "wasm_tests.rs"]
mod tests;
