//! Which client over there belongs to a client here: told once, by who made the client.

use prost::Message;

use super::messages::{CounterpartyInfo, MsgRegisterCounterparty};
use super::{STORE, clients, commitment, ids};
use crate::app::address;
use crate::app::context::Context;
use crate::app::refused::{Answer, client_v2, host, ibc};

/// Checks what needs no state.
pub(crate) fn check(message: &MsgRegisterCounterparty) -> Answer<()> {
    if message.counterparty_merkle_prefix.is_empty() {
        return Err(client_v2::INVALID_COUNTERPARTY.because("counterparty messaging key cannot be empty"));
    }
    let (own, other) = (&message.client_id, &message.counterparty_client_id);
    ids::check_client("client id", own)?;
    ids::check_client("counterparty client id", other)?;
    if !ids::is_numbered(own) || !ids::is_numbered(other) {
        return Err(host::INVALID_ID.because(format_args!(
            "{own} and {other} must be in valid format: {{string}}-{{number}}"
        )));
    }
    Ok(())
}

/// Registers a counterparty.
pub(crate) fn register(context: &mut Context<'_>, message: &MsgRegisterCounterparty) -> Answer<()> {
    let id = &message.client_id;
    let prefix = context.rules.prefix.clone();
    let signer = address::parse(&prefix, &message.signer)?;
    let creator = context.get(STORE, &clients::key(id, "creator"))?;
    if creator.as_ref() != Some(&signer) {
        let creator = address::text(&prefix, &creator.unwrap_or_default());
        return Err(ibc::UNAUTHORIZED.because(format_args!(
            "expected same signer as createClient submittor {creator}, got {}",
            message.signer
        )));
    }
    if of(context, id)?.is_some() {
        return Err(ibc::INVALID_REQUEST.because("cannot register counterparty once it is already set"));
    }
    let info = CounterpartyInfo {
        merkle_prefix: message.counterparty_merkle_prefix.clone(),
        client_id: message.counterparty_client_id.clone(),
    };
    context.set(STORE, &clients::key(id, "counterparty"), &info.encode_to_vec())?;
    context.set(STORE, &commitment::next_sequence_key(id), &1u64.to_be_bytes())
}

/// The counterparty of a client, if it was told.
pub(crate) fn of(context: &mut Context<'_>, id: &str) -> Answer<Option<CounterpartyInfo>> {
    let stored = context.get(STORE, &clients::key(id, "counterparty"))?;
    Ok(stored.map(|bytes| CounterpartyInfo::decode(bytes.as_slice()).expect("what was stored")))
}

/// The counterparty that a client must have.
pub(crate) fn expect(context: &mut Context<'_>, id: &str) -> Answer<CounterpartyInfo> {
    of(context, id)?.ok_or_else(|| {
        client_v2::COUNTERPARTY_NOT_FOUND.because(format_args!("counterparty not found for client: {id}"))
    })
}
