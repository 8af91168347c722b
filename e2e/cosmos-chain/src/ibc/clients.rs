//! Clients of other chains: made, moved on, asked. What each kind believes is its own affair.
//!
//! Kinds are told apart by the type of their messages, and later by the client's id.

use cosmrs::Any;
use tendermint_client::testing::ibc::Height;

use super::messages::{MsgCreateClient, MsgCreateClientResponse, MsgUpdateClient};
use super::{STORE, tendermint, wasm};
use crate::app::address;
use crate::app::context::Context;
use crate::app::refused::{Answer, client, ibc};

/// A kind of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of CometBFT chains.
    Tendermint,
    /// Judged by a contract: of EVM chains.
    Wasm,
}

/// Whether a client may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Expired,
    Frozen,
    /// Its contract may not run here.
    Unauthorized,
    /// There is none.
    Unknown,
}

/// What a valid client message did.
pub(crate) enum Moved {
    /// It taught the states of these heights, or taught them before.
    To(Vec<Height>),
    /// It showed a contradiction: the client is frozen.
    Frozen,
}

/// A claim about the store of another chain.
pub(crate) struct Claim<'a> {
    /// The client that judges it.
    pub(crate) client: &'a str,
    pub(crate) height: Height,
    /// Under what the other chain keeps its packets.
    pub(crate) prefix: &'a [Vec<u8>],
    pub(crate) key: &'a [u8],
    pub(crate) proof: &'a [u8],
}

impl Kind {
    fn of_state(state: &Any) -> Answer<Self> {
        match state.type_url.as_str() {
            tendermint::CLIENT_STATE => Ok(Self::Tendermint),
            wasm::CLIENT_STATE => Ok(Self::Wasm),
            other => {
                Err(ibc::UNPACK_ANY.because(format_args!("no concrete type registered for type URL {other}")))
            }
        }
    }

    fn of_client(id: &str) -> Answer<Self> {
        match id.rsplit_once('-') {
            Some(("07-tendermint", _)) => Ok(Self::Tendermint),
            Some(("08-wasm", _)) => Ok(Self::Wasm),
            _ => Err(client::INVALID_CLIENT_TYPE.because(format_args!("no kind of clients for {id}"))),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tendermint => "07-tendermint",
            Self::Wasm => "08-wasm",
        }
    }
}

impl Status {
    /// As ibc-go names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Frozen => "Frozen",
            Self::Unauthorized => "Unauthorized",
            Self::Unknown => "Unknown",
        }
    }
}

/// Where something of a client is kept.
pub(crate) fn key(id: &str, rest: &str) -> Vec<u8> {
    format!("clients/{id}/{rest}").into_bytes()
}

/// How a height is written.
pub(crate) fn height_text(height: Height) -> String {
    format!("{}-{}", height.revision_number, height.revision_height)
}

/// Where the state that a client believes of a height is kept.
pub(crate) fn consensus_key(id: &str, height: Height) -> Vec<u8> {
    key(id, &format!("consensusStates/{}", height_text(height)))
}

/// `MsgCreateClient`.
pub(crate) fn create(
    context: &mut Context<'_>,
    message: &MsgCreateClient,
) -> Answer<MsgCreateClientResponse> {
    let (Some(state), Some(consensus)) = (&message.client_state, &message.consensus_state) else {
        return Err(client::INVALID_CLIENT.because("client state or consensus state is missing"));
    };
    let kind = Kind::of_state(state)?;
    let stored = context.get(STORE, b"nextClientSequence")?.unwrap_or_default();
    let number = stored.try_into().map_or(0, u64::from_be_bytes);
    context.set(STORE, b"nextClientSequence", &(number + 1).to_be_bytes())?;
    let client_id = format!("{}-{number}", kind.name());
    let height = match kind {
        Kind::Tendermint => tendermint::start(context, &client_id, state, consensus)?,
        Kind::Wasm => wasm::start(context, &client_id, state, consensus)?,
    };
    expect_active(context, &client_id, "cannot create client")?;
    let creator = address::parse(&context.rules.prefix, &message.signer)?;
    context.set(STORE, &key(&client_id, "creator"), &creator)?;
    context.tell(
        "create_client",
        vec![
            ("client_id", client_id.clone()),
            ("client_type", kind.name().to_owned()),
            ("consensus_height", height_text(height)),
        ],
    );
    context.tell_module("ibc_client");
    Ok(MsgCreateClientResponse { client_id })
}

/// `MsgUpdateClient`, with a header or with misbehaviour.
pub(crate) fn update(context: &mut Context<'_>, message: &MsgUpdateClient) -> Answer<()> {
    let id = &message.client_id;
    let kind = Kind::of_client(id)?;
    expect_active(context, id, "cannot update client")?;
    let shown = message
        .client_message
        .as_ref()
        .ok_or_else(|| ibc::UNPACK_ANY.because("client message is missing"))?;
    let moved = match kind {
        Kind::Tendermint => tendermint::update(context, id, shown)?,
        Kind::Wasm => wasm::update(context, id, shown)?,
    };
    let of = vec![("client_id", id.clone()), ("client_type", kind.name().to_owned())];
    match moved {
        Moved::Frozen => context.tell("client_misbehaviour", of),
        Moved::To(heights) => {
            let heights: Vec<String> = heights.into_iter().map(height_text).collect();
            let first = heights.first().cloned().unwrap_or_default();
            let more = [
                ("consensus_height", first),
                ("consensus_heights", heights.join(",")),
            ];
            context.tell("update_client", of.into_iter().chain(more).collect());
        }
    }
    context.tell_module("ibc_client");
    Ok(())
}

/// Whether a client may be believed now.
pub(crate) fn status(context: &mut Context<'_>, id: &str) -> Answer<Status> {
    match Kind::of_client(id)? {
        Kind::Tendermint => tendermint::status(context, id),
        Kind::Wasm => wasm::status(context, id),
    }
}

/// Refuses a client that may not be believed, while doing `what`.
pub(crate) fn expect_active(context: &mut Context<'_>, id: &str, what: &str) -> Answer<()> {
    match status(context, id)? {
        Status::Active => Ok(()),
        other => Err(client::NOT_ACTIVE.because(format_args!("{what} ({id}) with status {}", other.name()))),
    }
}

/// The newest height that a client believes.
pub(crate) fn latest_height(context: &mut Context<'_>, id: &str) -> Answer<Height> {
    match Kind::of_client(id)? {
        Kind::Tendermint => tendermint::latest_height(context, id),
        Kind::Wasm => wasm::latest_height(context, id),
    }
}

/// The time of a height that a client believes, in whole seconds.
pub(crate) fn seconds_at(context: &mut Context<'_>, id: &str, height: Height) -> Answer<u64> {
    match Kind::of_client(id)? {
        Kind::Tendermint => tendermint::seconds_at(context, id, height),
        Kind::Wasm => wasm::seconds_at(context, id, height),
    }
}

/// Refuses unless the other chain stored `value`.
pub(crate) fn check_present(context: &mut Context<'_>, claim: &Claim<'_>, value: &[u8]) -> Answer<()> {
    expect_active(context, claim.client, "cannot call verify membership on client")?;
    match Kind::of_client(claim.client)? {
        Kind::Tendermint => tendermint::check(context, claim, Some(value)),
        Kind::Wasm => wasm::check(context, claim, Some(value)),
    }
}

/// Refuses unless the other chain stored nothing.
pub(crate) fn check_absent(context: &mut Context<'_>, claim: &Claim<'_>) -> Answer<()> {
    expect_active(
        context,
        claim.client,
        "cannot call verify non membership on client",
    )?;
    match Kind::of_client(claim.client)? {
        Kind::Tendermint => tendermint::check(context, claim, None),
        Kind::Wasm => wasm::check(context, claim, None),
    }
}
