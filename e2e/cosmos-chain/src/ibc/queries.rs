//! What this chain answers about clients and packets. A relayer that wants to know for sure asks for the proof instead.

use cosmrs::Any;
use prost::Message;
use tendermint_client::testing::ibc::Height;

use super::commitment::{acknowledgement_key, commitment_key, next_sequence_key, receipt_key};
use super::messages::{Config, CounterpartyInfo};
use super::{STORE, clients, counterparty, heights, ids, tendermint, wasm};
use crate::app::address;
use crate::app::context::Context;
use crate::app::query::read;
use crate::app::refused::{Answer, Code, channel_v2, client, client_v2, sdk};
use crate::transfer;

/// Any request that names a client, and after it a number.
#[derive(Clone, PartialEq, Message)]
struct OfClient {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(uint64, tag = "2")]
    number: u64,
}

/// `ibc.core.client.v1.QueryConsensusStateRequest`.
#[derive(Clone, PartialEq, Message)]
struct OfHeight {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(uint64, tag = "2")]
    revision_number: u64,
    #[prost(uint64, tag = "3")]
    revision_height: u64,
    #[prost(bool, tag = "4")]
    latest_height: bool,
}

/// Requests of unreceived packets and acknowledgements.
#[derive(Clone, PartialEq, Message)]
struct OfSequences {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(uint64, repeated, tag = "2")]
    sequences: Vec<u64>,
}

/// Any response that is a message of its own kind in field 1.
#[derive(Clone, PartialEq, Message)]
struct AnyResponse {
    #[prost(message, optional, tag = "1")]
    any: Option<Any>,
}

/// Any response that is text in field 1.
#[derive(Clone, PartialEq, Message)]
struct TextResponse {
    #[prost(string, tag = "1")]
    text: String,
}

/// Any response that is bytes in field 1.
#[derive(Clone, PartialEq, Message)]
struct BytesResponse {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
}

/// Any response that is a number in field 1.
#[derive(Clone, PartialEq, Message)]
struct NumberResponse {
    #[prost(uint64, tag = "1")]
    number: u64,
}

/// `ibc.core.channel.v2.QueryPacketReceiptResponse`.
#[derive(Clone, PartialEq, Message)]
struct ReceivedResponse {
    #[prost(bool, tag = "2")]
    received: bool,
}

/// Responses of unreceived packets and acknowledgements.
#[derive(Clone, PartialEq, Message)]
struct SequencesResponse {
    #[prost(uint64, repeated, tag = "1")]
    sequences: Vec<u64>,
    #[prost(message, optional, tag = "2")]
    height: Option<Height>,
}

/// `ibc.core.client.v2.QueryCounterpartyInfoResponse`.
#[derive(Clone, PartialEq, Message)]
struct CounterpartyResponse {
    #[prost(message, optional, tag = "1")]
    info: Option<CounterpartyInfo>,
}

/// `ibc.core.client.v2.QueryConfigResponse`.
#[derive(Clone, PartialEq, Message)]
struct ConfigResponse {
    #[prost(message, optional, tag = "1")]
    config: Option<Config>,
}

/// `ibc.applications.transfer.v1.QueryDenomResponse`.
#[derive(Clone, PartialEq, Message)]
struct DenomResponse {
    #[prost(message, optional, tag = "1")]
    denom: Option<transfer::Denom>,
}

/// Answers a query; none if this module has no such method.
pub(crate) fn answer(context: &mut Context<'_>, path: &str, request: &[u8]) -> Answer<Option<Vec<u8>>> {
    Ok(Some(match path {
        "/ibc.core.client.v1.Query/ClientState" => client_state(context, &read(request)?)?,
        "/ibc.core.client.v1.Query/ConsensusState" => consensus_state(context, &read(request)?)?,
        "/ibc.core.client.v1.Query/ConsensusStateHeights" => heights::answer(context, read(request)?)?,
        "/ibc.core.client.v1.Query/ClientStatus" => client_status(context, &read(request)?)?,
        "/ibc.core.client.v1.Query/ClientCreator" => creator(context, &read(request)?)?,
        "/ibc.core.client.v2.Query/CounterpartyInfo" => counterparty_info(context, &read(request)?)?,
        "/ibc.core.client.v2.Query/Config" => config(&read(request)?)?,
        "/ibc.core.channel.v2.Query/NextSequenceSend" => next_sequence(context, &read(request)?)?,
        "/ibc.core.channel.v2.Query/PacketCommitment" => {
            let of: OfClient = read(request)?;
            let key = commitment_key(&of.client_id, of.number);
            stored(context, &key, channel_v2::COMMITMENT_NOT_FOUND)?
        }
        "/ibc.core.channel.v2.Query/PacketAcknowledgement" => {
            let of: OfClient = read(request)?;
            let key = acknowledgement_key(&of.client_id, of.number);
            stored(context, &key, channel_v2::ACKNOWLEDGEMENT_NOT_FOUND)?
        }
        "/ibc.core.channel.v2.Query/PacketReceipt" => {
            let of: OfClient = read(request)?;
            let received = context
                .get(STORE, &receipt_key(&of.client_id, of.number))?
                .is_some();
            ReceivedResponse { received }.encode_to_vec()
        }
        "/ibc.core.channel.v2.Query/UnreceivedPackets" => {
            let of: OfSequences = read(request)?;
            unsettled(context, &of, receipt_key, false)?
        }
        "/ibc.core.channel.v2.Query/UnreceivedAcks" => {
            let of: OfSequences = read(request)?;
            unsettled(context, &of, commitment_key, true)?
        }
        "/ibc.lightclients.wasm.v1.Query/Checksums" => wasm::checksums(context),
        "/ibc.applications.transfer.v1.Query/Denom" => denom(context, &read(request)?)?,
        _ => return Ok(None),
    }))
}

fn client_state(context: &mut Context<'_>, of: &OfClient) -> Answer<Vec<u8>> {
    let bytes = context
        .get(STORE, &clients::key(&of.client_id, "clientState"))?
        .ok_or_else(|| client::NOT_FOUND.because(&of.client_id))?;
    let any = Some(Any::decode(bytes.as_slice()).expect("what was stored"));
    Ok(AnyResponse { any }.encode_to_vec())
}

fn consensus_state(context: &mut Context<'_>, of: &OfHeight) -> Answer<Vec<u8>> {
    let height = if of.latest_height {
        clients::latest_height(context, &of.client_id)?
    } else {
        Height {
            revision_number: of.revision_number,
            revision_height: of.revision_height,
        }
    };
    let bytes = context
        .get(STORE, &clients::consensus_key(&of.client_id, height))?
        .ok_or_else(|| {
            client::CONSENSUS_STATE_NOT_FOUND.because(format_args!(
                "client-id: {}, height: {}",
                of.client_id,
                clients::height_text(height)
            ))
        })?;
    let any = Some(Any::decode(bytes.as_slice()).expect("what was stored"));
    Ok(AnyResponse { any }.encode_to_vec())
}

fn client_status(context: &mut Context<'_>, of: &OfClient) -> Answer<Vec<u8>> {
    let text = clients::status(context, &of.client_id)?.name().to_owned();
    Ok(TextResponse { text }.encode_to_vec())
}

fn creator(context: &mut Context<'_>, of: &OfClient) -> Answer<Vec<u8>> {
    let stored = context.get(STORE, &clients::key(&of.client_id, "creator"))?;
    let stored = stored.ok_or_else(|| client::NOT_FOUND.because(&of.client_id))?;
    let text = address::text(&context.rules.prefix, &stored);
    Ok(TextResponse { text }.encode_to_vec())
}

fn counterparty_info(context: &mut Context<'_>, of: &OfClient) -> Answer<Vec<u8>> {
    let info = counterparty::of(context, &of.client_id)?.ok_or_else(|| {
        client_v2::COUNTERPARTY_NOT_FOUND
            .because(format_args!("client {} counterparty not found", of.client_id))
    })?;
    Ok(CounterpartyResponse { info: Some(info) }.encode_to_vec())
}

/// Who may relay over a client: anybody, because only governance restricts it, which this chain has not. As in ibc-go, nobody
/// asks whether there is such a client.
fn config(of: &OfClient) -> Answer<Vec<u8>> {
    ids::check_client("client id", &of.client_id)?;
    let config = Some(Config::default());
    Ok(ConfigResponse { config }.encode_to_vec())
}

fn next_sequence(context: &mut Context<'_>, of: &OfClient) -> Answer<Vec<u8>> {
    let number = context
        .get(STORE, &next_sequence_key(&of.client_id))?
        .and_then(|bytes| bytes.try_into().ok())
        .map(u64::from_be_bytes)
        .ok_or_else(|| {
            channel_v2::SEQUENCE_SEND_NOT_FOUND.because(format_args!("client-id {}", of.client_id))
        })?;
    Ok(NumberResponse { number }.encode_to_vec())
}

fn stored(context: &mut Context<'_>, key: &[u8], missing: Code) -> Answer<Vec<u8>> {
    let bytes = context.get(STORE, key)?.ok_or_else(|| missing.plain())?;
    Ok(BytesResponse { bytes }.encode_to_vec())
}

/// Those of the sequences whose key is there, or is not.
fn unsettled(
    context: &mut Context<'_>,
    of: &OfSequences,
    key: impl Fn(&str, u64) -> Vec<u8>,
    there: bool,
) -> Answer<Vec<u8>> {
    let mut sequences = Vec::new();
    for sequence in &of.sequences {
        if context.get(STORE, &key(&of.client_id, *sequence))?.is_some() == there {
            sequences.push(*sequence);
        }
    }
    let height = Some(Height {
        revision_number: tendermint::revision(&context.rules.chain_id),
        revision_height: context.height,
    });
    Ok(SequencesResponse { sequences, height }.encode_to_vec())
}

fn denom(context: &mut Context<'_>, of: &TextResponse) -> Answer<Vec<u8>> {
    let hash = of.text.strip_prefix("ibc/").unwrap_or(&of.text);
    let found = transfer::find_denom(context, hash)?;
    let denom = found.ok_or_else(|| sdk::KEY_NOT_FOUND.because(&of.text))?;
    Ok(DenomResponse { denom: Some(denom) }.encode_to_vec())
}
