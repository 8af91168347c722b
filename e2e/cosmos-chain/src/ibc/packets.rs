//! Packets: sent, received, acknowledged, timed out, with the checks of ibc-go in its order.

use tendermint_client::testing::ibc::Height;

use super::clients::{self, Claim};
use super::commitment::{self, acknowledgement_key, commitment_key, next_sequence_key, receipt_key};
use super::messages::{
    Acknowledgement, CounterpartyInfo, MsgAcknowledgement, MsgRecvPacket, MsgSendPacket,
    MsgSendPacketResponse, MsgTimeout, Packet, Payload, Relayed,
};
use super::{STORE, checks, counterparty};
use crate::app::address;
use crate::app::context::{Context, Moment};
use crate::app::refused::{Answer, Refused, channel_v2, client_v2, undefined};
use crate::transfer;

/// How far ahead a timeout may be.
const TIMEOUT_AHEAD_MAX: u64 = 86_400;

/// The packet of a message; one that is not there is refused as an empty one.
pub(super) fn packet_of(packet: &Option<Packet>) -> Packet {
    packet.clone().unwrap_or_default()
}

/// `MsgSendPacket`.
pub(crate) fn send(context: &mut Context<'_>, message: &MsgSendPacket) -> Answer<MsgSendPacketResponse> {
    let signer = address::parse(&context.rules.prefix, &message.signer)?;
    let packet = commit(context, message).map_err(|refused| {
        refused.during(format_args!(
            "send packet failed for source id: {}",
            message.source_client
        ))
    })?;
    for payload in &packet.payloads {
        route(&payload.source_port)?;
        transfer::on_send(context, &packet, payload, &signer)?;
    }
    Ok(MsgSendPacketResponse {
        sequence: packet.sequence,
    })
}

fn commit(context: &mut Context<'_>, message: &MsgSendPacket) -> Answer<Packet> {
    let (client, timeout) = (&message.source_client, message.timeout_timestamp);
    let other = counterparty::expect(context, client)?;
    let now = context.time;
    let at = Moment {
        seconds: timeout,
        nanos: 0,
    };
    if at <= now {
        return Err(channel_v2::TIMEOUT_ELAPSED.because(format_args!(
            "timeout is less than or equal the current block timestamp, {timeout} <= {}",
            now.seconds
        )));
    }
    let latest = Moment {
        seconds: now.seconds + TIMEOUT_AHEAD_MAX,
        ..now
    };
    if at > latest {
        return Err(channel_v2::INVALID_TIMEOUT.because("timeout exceeds the maximum expected value"));
    }
    let sequence = context
        .get(STORE, &next_sequence_key(client))?
        .and_then(|bytes| bytes.try_into().ok())
        .map(u64::from_be_bytes)
        .ok_or_else(|| {
            channel_v2::SEQUENCE_SEND_NOT_FOUND.because(format_args!("source client: {client}"))
        })?;
    let packet = Packet {
        sequence,
        source_client: client.clone(),
        destination_client: other.client_id,
        timeout_timestamp: timeout,
        payloads: message.payloads.clone(),
    };
    checks::check(&packet).map_err(|refused| {
        let why = format!("constructed packet failed basic validation: {}", refused.log);
        channel_v2::INVALID_PACKET.because(why)
    })?;
    clients::expect_active(context, client, "cannot send packet using client")?;
    let height = clients::latest_height(context, client)?;
    let seen = clients::seconds_at(context, client, height)?;
    if seen >= timeout {
        return Err(channel_v2::TIMEOUT_ELAPSED.because(format_args!(
            "latest timestamp: {seen}, timeout timestamp: {timeout}"
        )));
    }
    context.set(STORE, &next_sequence_key(client), &(sequence + 1).to_be_bytes())?;
    context.set(
        STORE,
        &commitment_key(client, sequence),
        &commitment::of_packet(&packet),
    )?;
    tell(context, "send_packet", &packet, None);
    Ok(packet)
}

/// `MsgRecvPacket`.
pub(crate) fn receive(context: &mut Context<'_>, message: &MsgRecvPacket) -> Answer<Relayed> {
    let packet = packet_of(&message.packet);
    let proof = (&message.proof_commitment, message.proof_height);
    let done = context.attempt(|context| take_in(context, &packet, proof));
    if done.map_err(|refused| refused.during("receive packet verification failed"))? == Relayed::Before {
        return Ok(Relayed::Before);
    }
    let mut answers = Vec::new();
    for payload in &packet.payloads {
        route(&payload.destination_port)?;
        let told = context.events.len();
        let stores = context.stores.clone();
        match transfer::on_receive(context, &packet, payload) {
            Ok(answer) => answers.push(answer),
            Err(refused) if refused.is_out_of_gas() => return Err(refused),
            // What it did is undone; that it told something stays visible under other names.
            Err(_) => {
                context.stores = stores;
                mark_undone(context, told);
                answers = vec![commitment::error_acknowledgement()];
                break;
            }
        }
    }
    let acknowledgement = Acknowledgement {
        app_acknowledgements: answers,
    };
    checks::check_ack(&acknowledgement)?;
    let key = acknowledgement_key(&packet.destination_client, packet.sequence);
    if context.get(STORE, &key)?.is_some() {
        return Err(channel_v2::ACKNOWLEDGEMENT_EXISTS.because(format_args!(
            "acknowledgement for id {}, sequence {} already exists",
            packet.destination_client, packet.sequence
        )));
    }
    context.set(STORE, &key, &commitment::of_acknowledgement(&acknowledgement))?;
    tell(context, "write_acknowledgement", &packet, Some(&acknowledgement));
    Ok(Relayed::Now)
}

type Proof<'a> = (&'a Vec<u8>, Option<Height>);

/// The core's part of a receive: is it from there, in time, new, and proven?
fn take_in(context: &mut Context<'_>, packet: &Packet, proof: Proof<'_>) -> Answer<Relayed> {
    let own = &packet.destination_client;
    let other = counterparty::expect(context, own)?;
    if other.client_id != packet.source_client {
        return Err(client_v2::INVALID_COUNTERPARTY.because(format_args!(
            "counterparty id ({}) does not match packet source id ({})",
            other.client_id, packet.source_client
        )));
    }
    let (now, timeout) = (context.time.seconds, packet.timeout_timestamp);
    if now >= timeout {
        return Err(channel_v2::TIMEOUT_ELAPSED.because(format_args!(
            "current timestamp: {now}, timeout timestamp: {timeout}"
        )));
    }
    let receipt = receipt_key(own, packet.sequence);
    if context.get(STORE, &receipt)?.is_some() {
        return Ok(Relayed::Before);
    }
    let key = commitment_key(&packet.source_client, packet.sequence);
    let claim = claim(own, &other, &key, proof);
    clients::check_present(context, &claim, &commitment::of_packet(packet)).map_err(|refused| {
        refused.during(format_args!(
            "failed packet commitment verification for client ({own})"
        ))
    })?;
    context.set(STORE, &receipt, commitment::RECEIPT)?;
    tell(context, "recv_packet", packet, None);
    Ok(Relayed::Now)
}

/// `MsgAcknowledgement`.
pub(crate) fn acknowledge(context: &mut Context<'_>, message: &MsgAcknowledgement) -> Answer<Relayed> {
    let packet = packet_of(&message.packet);
    let acknowledgement = message.acknowledgement.clone().unwrap_or_default();
    let done = context.attempt(|context| {
        let other = expect_destination(context, &packet)?;
        if !is_pending(context, &packet, "commitment bytes are not equal")? {
            return Ok(Relayed::Before);
        }
        let own = &packet.source_client;
        let key = acknowledgement_key(&packet.destination_client, packet.sequence);
        let claim = claim(own, &other, &key, (&message.proof_acked, message.proof_height));
        let committed = commitment::of_acknowledgement(&acknowledgement);
        clients::check_present(context, &claim, &committed).map_err(|refused| {
            refused.during(format_args!(
                "failed packet acknowledgement verification for client ({own})"
            ))
        })?;
        settle(context, &packet, "acknowledge_packet")
    });
    if done.map_err(|refused| refused.during("acknowledge packet verification failed"))? == Relayed::Before {
        return Ok(Relayed::Before);
    }
    for (payload, answer) in packet.payloads.iter().zip(&acknowledgement.app_acknowledgements) {
        route(&payload.source_port)?;
        transfer::on_acknowledgement(context, &packet, payload, answer)
            .map_err(|refused| callback(refused, "OnAcknowledgementPacket", &packet, payload))?;
    }
    Ok(Relayed::Now)
}

/// `MsgTimeout`.
pub(crate) fn time_out(context: &mut Context<'_>, message: &MsgTimeout) -> Answer<Relayed> {
    let packet = packet_of(&message.packet);
    let done = context.attempt(|context| {
        let other = expect_destination(context, &packet)?;
        let own = &packet.source_client;
        let height = message.proof_height.unwrap_or_default();
        let (shown, timeout) = (
            clients::seconds_at(context, own, height)?,
            packet.timeout_timestamp,
        );
        if shown < timeout {
            return Err(channel_v2::TIMEOUT_NOT_REACHED.because(format_args!(
                "proof timestamp: {shown}, timeout timestamp: {timeout}"
            )));
        }
        if !is_pending(context, &packet, "packet commitment bytes are not equal")? {
            return Ok(Relayed::Before);
        }
        let key = receipt_key(&packet.destination_client, packet.sequence);
        let claim = claim(
            own,
            &other,
            &key,
            (&message.proof_unreceived, message.proof_height),
        );
        clients::check_absent(context, &claim).map_err(|refused| {
            refused.during(format_args!(
                "failed packet receipt absence verification for client ({own})"
            ))
        })?;
        settle(context, &packet, "timeout_packet")
    });
    if done.map_err(|refused| refused.during("timeout packet verification failed"))? == Relayed::Before {
        return Ok(Relayed::Before);
    }
    for payload in &packet.payloads {
        route(&payload.source_port)?;
        transfer::on_timeout(context, &packet, payload)
            .map_err(|refused| callback(refused, "OnTimeoutPacket", &packet, payload))?;
    }
    Ok(Relayed::Now)
}

fn callback(refused: Refused, which: &str, packet: &Packet, payload: &Payload) -> Refused {
    refused.during(format_args!(
        "failed {which} for source port {}, source client {}, destination client {}",
        payload.source_port, packet.source_client, packet.destination_client
    ))
}

fn expect_destination(context: &mut Context<'_>, packet: &Packet) -> Answer<CounterpartyInfo> {
    let other = counterparty::expect(context, &packet.source_client)?;
    if other.client_id != packet.destination_client {
        return Err(client_v2::INVALID_COUNTERPARTY.because(format_args!(
            "counterparty id ({}) does not match packet destination id ({})",
            other.client_id, packet.destination_client
        )));
    }
    Ok(other)
}

/// Whether this chain waits for the packet; refuses one that is another than was sent.
fn is_pending(context: &mut Context<'_>, packet: &Packet, unequal: &str) -> Answer<bool> {
    let Some(stored) = context.get(STORE, &commitment_key(&packet.source_client, packet.sequence))? else {
        return Ok(false);
    };
    let shown = commitment::of_packet(packet);
    if stored != shown {
        return Err(channel_v2::INVALID_PACKET
            .because(format_args!("{unequal}: got ({shown:?}), expected ({stored:?})")));
    }
    Ok(true)
}

fn settle(context: &mut Context<'_>, packet: &Packet, event: &'static str) -> Answer<Relayed> {
    context.delete(STORE, &commitment_key(&packet.source_client, packet.sequence))?;
    tell(context, event, packet, None);
    Ok(Relayed::Now)
}

fn claim<'a>(client: &'a str, other: &'a CounterpartyInfo, key: &'a [u8], proof: Proof<'a>) -> Claim<'a> {
    Claim {
        client,
        height: proof.1.unwrap_or_default(),
        prefix: &other.merkle_prefix,
        key,
        proof: proof.0,
    }
}

/// The one application is that of transfers. In ibc-go an unknown port panics, which the SDK turns into this refusal.
fn route(port: &str) -> Answer<()> {
    if port == transfer::PORT {
        return Ok(());
    }
    Err(undefined::PANIC.because(format_args!("recovered: no route for {port}")))
}

fn tell(context: &mut Context<'_>, kind: &'static str, packet: &Packet, ack: Option<&Acknowledgement>) {
    use prost::Message;
    let mut attributes = vec![
        ("packet_source_client", packet.source_client.clone()),
        ("packet_dest_client", packet.destination_client.clone()),
        ("packet_sequence", packet.sequence.to_string()),
        ("packet_timeout_timestamp", packet.timeout_timestamp.to_string()),
        ("encoded_packet_hex", hex::encode(packet.encode_to_vec())),
    ];
    attributes.extend(ack.map(|ack| ("encoded_acknowledgement_hex", hex::encode(ack.encode_to_vec()))));
    context.tell(kind, attributes);
    context.tell_module("ibc_channelv2");
}

/// What was told and then undone is marked, so that nobody takes it for done.
fn mark_undone(context: &mut Context<'_>, from: usize) {
    for event in context.events.iter_mut().skip(from) {
        event.mark_undone();
    }
}
