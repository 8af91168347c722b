//! ICS-20 over IBC v2, as ibc-go's transfer module keeps it: escrow, vouchers, refunds.

mod data;
mod denom;
pub(crate) mod messages;
mod told;

pub(crate) use data::Data;
pub(crate) use denom::{Denom, find as find_denom};

use sha2::{Digest, Sha256};

use crate::app::address::{self, Address};
use crate::app::bank::{self, Amount};
use crate::app::context::Context;
use crate::app::refused::{Answer, channel_v2, ibc, transfer as code};
use crate::ibc::messages::{MsgSendPacket, Packet, Payload};
use crate::ibc::{checks, commitment, ids, packets};
use messages::{MsgTransfer, MsgTransferResponse};

/// The module, its account and its store.
pub(crate) const MODULE: &str = "transfer";
/// The application's port.
pub(crate) const PORT: &str = "transfer";
/// The one version.
const VERSION: &str = "ics20-1";
/// The answer to a transfer that succeeded.
const SUCCESS: &[u8] = br#"{"result":"AQ=="}"#;
/// How much is named to send all that there is.
const ALL: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

/// `MsgTransfer`, over IBC v2: there are no channels here.
pub(crate) fn run(context: &mut Context<'_>, message: &MsgTransfer) -> Answer<MsgTransferResponse> {
    let sender = address::parse(&context.rules.prefix, &message.sender)?;
    let mut coin = message.token.clone().unwrap_or_default();
    if coin.amount == ALL {
        coin.amount = bank::balance(context, &sender, &coin.denom)?.to_string();
        if coin.amount == "0" {
            let why = format!("empty spendable balance for {}", coin.denom);
            return Err(code::INVALID_AMOUNT.because(why));
        }
    }
    let amount = Amount::read(&coin)?;
    let data = Data {
        denom: denom::of_coin(context, &amount.denom)?.path(),
        amount: amount.amount.to_string(),
        sender: message.sender.clone(),
        receiver: message.receiver.clone(),
        memo: message.memo.clone(),
    };
    data.check()
        .map_err(|refused| refused.during("failed to validate ics20-1 packet data"))?;
    let encoding = match message.encoding.as_str() {
        "" => data::JSON,
        other => other,
    };
    let payload = Payload {
        source_port: PORT.into(),
        destination_port: PORT.into(),
        version: VERSION.into(),
        encoding: encoding.into(),
        value: data.encode(encoding)?,
    };
    let sent = MsgSendPacket {
        source_client: message.source_channel.clone(),
        timeout_timestamp: message.timeout_timestamp,
        payloads: vec![payload],
        signer: message.sender.clone(),
    };
    checks::check_send(&sent)?;
    let sequence = packets::send(context, &sent)?.sequence;
    Ok(MsgTransferResponse { sequence })
}

/// A packet of this application is being sent.
pub(crate) fn on_send(
    context: &mut Context<'_>,
    packet: &Packet,
    payload: &Payload,
    signer: &[u8],
) -> Answer<()> {
    check_ends(packet, payload)?;
    let (data, denom) = read(payload)?;
    let sender = address::parse(&context.rules.prefix, &data.sender)?;
    if sender != signer {
        return Err(ibc::UNAUTHORIZED.because(format_args!(
            "sender {} is different from signer {}",
            data.sender,
            address::text(&context.rules.prefix, signer)
        )));
    }
    if denom.base.contains('/') {
        return Err(code::INVALID_DENOM.because(format_args!(
            "base denomination {} cannot contain slashes for IBC v2 packet",
            denom.base
        )));
    }
    let client = &packet.source_client;
    let amount = data.amount_of(&denom)?;
    if denom.came_over(&payload.source_port, client) {
        let module = address::of_name(MODULE.as_bytes());
        bank::send(context, &sender, &module, std::slice::from_ref(&amount))?;
        bank::burn(context, MODULE, &amount)?;
    } else {
        bank::send(context, &sender, &escrow(&payload.source_port, client), &[amount])?;
    }
    told::sent(context, &data, &denom);
    Ok(())
}

/// A packet of this application arrived; answers its acknowledgement. Whatever is refused here goes back as the one error.
pub(crate) fn on_receive(context: &mut Context<'_>, packet: &Packet, payload: &Payload) -> Answer<Vec<u8>> {
    check_ends(packet, payload)?;
    let read = read(payload);
    let done = read
        .clone()
        .and_then(|(data, denom)| pay(context, packet, payload, &data, denom));
    let (data, denom) = read.unwrap_or_default();
    told::received(context, &data, &denom, done.as_ref().err());
    done.map(|()| SUCCESS.to_vec())
}

fn pay(
    context: &mut Context<'_>,
    packet: &Packet,
    payload: &Payload,
    data: &Data,
    denom: Denom,
) -> Answer<()> {
    data.check_memo()?;
    let receiver = address::parse(&context.rules.prefix, &data.receiver).map_err(|_| {
        ibc::INVALID_ADDRESS.because(format_args!(
            "failed to decode receiver address: {}",
            data.receiver
        ))
    })?;
    expect_unblocked(&receiver, &data.receiver)?;
    let port = &payload.destination_port;
    if let Some(home) = denom.without_hop(&payload.source_port, &packet.source_client) {
        let amount = data.amount_of(&home)?;
        let from = escrow(port, &packet.destination_client);
        return bank::send(context, &from, &receiver, &[amount]).map_err(unescrow);
    }
    let voucher = denom.with_hop(port, &packet.destination_client);
    denom::save(context, &voucher)?;
    told::denomination(context, &voucher);
    let amount = data.amount_of(&voucher)?;
    bank::mint(context, MODULE, &amount).map_err(|refused| refused.during("failed to mint IBC tokens"))?;
    let module = address::of_name(MODULE.as_bytes());
    bank::send(context, &module, &receiver, &[amount])
        .map_err(|refused| refused.during(format_args!("failed to send coins to receiver {}", data.receiver)))
}

/// An acknowledgement came back.
pub(crate) fn on_acknowledgement(
    context: &mut Context<'_>,
    packet: &Packet,
    payload: &Payload,
    answer: &[u8],
) -> Answer<()> {
    let success = if answer == commitment::error_acknowledgement() {
        false
    } else if answer == SUCCESS {
        true
    } else {
        return Err(ibc::UNKNOWN_REQUEST.because(format_args!(
            "cannot unmarshal ICS-20 transfer packet acknowledgement: {}",
            hex::encode(answer)
        )));
    };
    let (data, denom) = read(payload)?;
    if !success {
        refund(context, packet, payload, &data, &denom)?;
    }
    told::acknowledged(context, &data, &denom, success);
    Ok(())
}

/// A packet timed out.
pub(crate) fn on_timeout(context: &mut Context<'_>, packet: &Packet, payload: &Payload) -> Answer<()> {
    let (data, denom) = read(payload)?;
    refund(context, packet, payload, &data, &denom)?;
    told::timed_out(context, &data, &denom);
    Ok(())
}

fn refund(
    context: &mut Context<'_>,
    packet: &Packet,
    payload: &Payload,
    data: &Data,
    denom: &Denom,
) -> Answer<()> {
    let sender = address::parse(&context.rules.prefix, &data.sender)?;
    expect_unblocked(&sender, &data.sender)?;
    let amount = data.amount_of(denom)?;
    if denom.came_over(&payload.source_port, &packet.source_client) {
        bank::mint(context, MODULE, &amount)?;
        let module = address::of_name(MODULE.as_bytes());
        return bank::send(context, &module, &sender, &[amount]);
    }
    let from = escrow(&payload.source_port, &packet.source_client);
    bank::send(context, &from, &sender, &[amount]).map_err(unescrow)
}

fn unescrow(refused: crate::app::refused::Refused) -> crate::app::refused::Refused {
    refused.during(
        "unable to unescrow tokens, this may be caused by a malicious counterparty module or a bug: please open an issue on counterparty module",
    )
}

fn expect_unblocked(address: &[u8], text: &str) -> Answer<()> {
    if bank::is_blocked(address) {
        return Err(ibc::UNAUTHORIZED.because(format_args!("{text} is not allowed to receive funds")));
    }
    Ok(())
}

fn read(payload: &Payload) -> Answer<(Data, Denom)> {
    let data = Data::decode(&payload.value, &payload.version, &payload.encoding)?;
    let denom = Denom::parse(&data.denom);
    Ok((data, denom))
}

fn check_ends(packet: &Packet, payload: &Payload) -> Answer<()> {
    if payload.source_port != PORT || payload.destination_port != PORT {
        return Err(channel_v2::INVALID_PACKET.because(format_args!(
            "payload port ID is invalid: expected {PORT}, got sourcePort: {} destPort: {}",
            payload.source_port, payload.destination_port
        )));
    }
    if !ids::is_numbered(&packet.source_client) || !ids::is_numbered(&packet.destination_client) {
        return Err(
            channel_v2::INVALID_PACKET.because("client IDs must be in valid format: {string}-{number}")
        );
    }
    Ok(())
}

/// Who holds the tokens that went out over a client.
pub(crate) fn escrow(port: &str, client: &str) -> Address {
    let name = [b"ics20-1\0".as_slice(), format!("{port}/{client}").as_bytes()].concat();
    Sha256::digest(name)[..20].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escrows_have_the_addresses_that_ibc_go_gives_them() {
        // As a real simd told it when it refunded.
        let escrow = address::text("cosmos", &escrow("transfer", "07-tendermint-0"));
        assert_eq!(escrow, "cosmos15u6f6j0q3rj7tt8fs9lytzaud9ln0825sf5mne");
    }
}
