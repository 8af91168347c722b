//! Clients of CometBFT chains: 07-tendermint's states under its keys, judged by our law.
//!
//! All that is believed stands in the store, where the relayer reads it and where other chains see it proven. The law gets
//! what it needs for one verdict: the newest state, and those that the message is about.

use client::Advance;
use cosmrs::Any;
use merkle::Proven;
use prost::Message;
use tendermint_client::codec::{decode_bootstrap, decode_evidence, decode_update};
use tendermint_client::testing::ibc::{self as shapes, Height};
use tendermint_client::{
    Bootstrap, Config, Reject, STORE_DEFAULT, State, TrustLevel, Trusted, check_misbehaviour, prove_key,
    status as judge, verify_update,
};
use tendermint_proto::google::protobuf::{Duration, Timestamp};
use wire::Seconds;

use super::STORE;
use super::clients::{Claim, Moved, Status, consensus_key, height_text, key};
use super::ids::check_client;
use super::messages::ClientState;
use crate::app::context::Context;
use crate::app::refused::{self, Answer, commitment, ibc};
use refused::client as code;

pub(crate) const CLIENT_STATE: &str = "/ibc.lightclients.tendermint.v1.ClientState";
const CONSENSUS_STATE: &str = "/ibc.lightclients.tendermint.v1.ConsensusState";
const HEADER: &str = "/ibc.lightclients.tendermint.v1.Header";
const MISBEHAVIOUR: &str = "/ibc.lightclients.tendermint.v1.Misbehaviour";
/// What a frozen client says, whatever froze it.
const FROZEN: Height = Height {
    revision_number: 0,
    revision_height: 1,
};

/// Begins a client; answers the height that it begins with.
pub(super) fn start(context: &mut Context<'_>, id: &str, state: &Any, consensus: &Any) -> Answer<Height> {
    let bad = |why: String| code::INVALID_CLIENT.because(why);
    let state: ClientState =
        ClientState::decode(state.value.as_slice()).map_err(|error| bad(error.to_string()))?;
    if consensus.type_url != CONSENSUS_STATE {
        return Err(bad(format!(
            "{} is no consensus state of 07-tendermint",
            consensus.type_url
        )));
    }
    if state.proof_specs != [ics23::iavl_spec(), ics23::tendermint_spec()] {
        return Err(bad(
            "the proof specs are not those of IAVL and of the SDK's multistore".into(),
        ));
    }
    let height = state.latest_height.unwrap_or_default();
    let bootstrap =
        decode_bootstrap(law_height(height), &consensus.value).map_err(|reject| bad(reject.to_string()))?;
    let now = now(context);
    tendermint_client::start(config(&state), &bootstrap, now).map_err(|reject| bad(reject.to_string()))?;
    save_client(context, id, &state)?;
    save_consensus(context, id, height, &bootstrap_message(&bootstrap))?;
    Ok(height)
}

/// Judges a header or misbehaviour, and keeps what it taught.
pub(super) fn update(context: &mut Context<'_>, id: &str, shown: &Any) -> Answer<Moved> {
    let mut state = load_client(context, id)?;
    let now = now(context);
    let moved = match shown.type_url.as_str() {
        HEADER => {
            let bad = |why: String| code::INVALID_HEADER.because(why);
            check_proposers(&shapes::Header::decode(shown.value.as_slice()).unwrap_or_default())?;
            let update = decode_update(&shown.value).map_err(|reject| bad(reject.to_string()))?;
            let height = Height {
                revision_number: config(&state).revision(),
                revision_height: update.header.height,
            };
            let trusted = load(
                context,
                id,
                &state,
                &[shape_height(update.trusted_height), height],
            )?;
            match verify_update(&trusted, &update, now).map_err(|reject| bad(reject.to_string()))? {
                Advance::Misbehaviour(_) => Moved::Frozen,
                Advance::NoOp => Moved::To(vec![height]),
                Advance::Updated(after) => {
                    let learned = after
                        .state_at(law_height(height))
                        .map_err(|reject| bad(reject.to_string()))?;
                    save_consensus(context, id, height, &state_message(learned))?;
                    if state.latest_height.unwrap_or_default().revision_height < height.revision_height {
                        state.latest_height = Some(height);
                        save_client(context, id, &state)?;
                    }
                    Moved::To(vec![height])
                }
            }
        }
        MISBEHAVIOUR => misbehaviour(context, id, &state, shown)?,
        other => {
            return Err(
                ibc::UNPACK_ANY.because(format_args!("no concrete type registered for type URL {other}"))
            );
        }
    };
    if matches!(moved, Moved::Frozen) {
        state.frozen_height = Some(FROZEN);
        save_client(context, id, &state)?;
    }
    Ok(moved)
}

/// Judges two headers. They teach nothing.
fn misbehaviour(context: &mut Context<'_>, id: &str, state: &ClientState, shown: &Any) -> Answer<Moved> {
    let bad = |why: String| code::INVALID_MISBEHAVIOUR.because(why);
    let mut both = shapes::Misbehaviour::decode(shown.value.as_slice())
        .map_err(|error| bad(format!("it can't be read: {error}")))?;
    // ibc-go asks for the name, and acts by that in the envelope.
    check_client(
        "misbehaviour client ID is invalid",
        &std::mem::take(&mut both.client_id),
    )?;
    check_proposers(both.header_1.as_ref().unwrap_or(&shapes::Header::default()))?;
    check_proposers(both.header_2.as_ref().unwrap_or(&shapes::Header::default()))?;
    let evidence = decode_evidence(&both.encode_to_vec()).map_err(|reject| bad(reject.to_string()))?;
    let anchors = [&evidence.first, &evidence.second].map(|update| shape_height(update.trusted_height));
    let trusted = load(context, id, state, &anchors)?;
    match check_misbehaviour(&trusted, &evidence, now(context)) {
        Ok(_) => Ok(Moved::Frozen),
        // It is taken, and does nothing.
        Err(Reject::NotMisbehaviour) => Ok(Moved::To(Vec::new())),
        Err(reject) => Err(bad(reject.to_string())),
    }
}

/// Refuses sets that name no proposer, or one who is not in them. No hash covers that, and our law does not look at it; but
/// CometBFT reads no such set, and so ibc-go takes none.
fn check_proposers(header: &shapes::Header) -> Answer<()> {
    for (what, set) in [
        ("validator set is", &header.validator_set),
        ("trusted validator set in", &header.trusted_validators),
    ] {
        let named = set.as_ref().and_then(|set| set.proposer.as_ref());
        let mut members = set.iter().flat_map(|set| &set.validators);
        let why = match named {
            None => "fromProto: validatorSet proposer error: nil validator",
            Some(named) if !members.any(|member| member.address == named.address) => {
                "proposer not in validator set"
            }
            Some(_) => continue,
        };
        return Err(code::INVALID_HEADER.because(format_args!("{what} not tendermint validator set: {why}")));
    }
    Ok(())
}

/// Whether the client may be believed now.
pub(super) fn status(context: &mut Context<'_>, id: &str) -> Answer<Status> {
    if context.get(STORE, &key(id, "clientState"))?.is_none() {
        return Ok(Status::Unknown);
    }
    let state = load_client(context, id)?;
    let trusted = load(context, id, &state, &[])?;
    Ok(match judge(&trusted, now(context)) {
        client::Status::Active => Status::Active,
        client::Status::Expired => Status::Expired,
        client::Status::Frozen => Status::Frozen,
    })
}

pub(super) fn latest_height(context: &mut Context<'_>, id: &str) -> Answer<Height> {
    Ok(load_client(context, id)?.latest_height.unwrap_or_default())
}

pub(super) fn seconds_at(context: &mut Context<'_>, id: &str, height: Height) -> Answer<u64> {
    load_state(context, id, height)?
        .map(|state| state.time.rounded_down().0)
        .ok_or_else(|| {
            code::CONSENSUS_STATE_NOT_FOUND.because(format_args!("height ({})", height_text(height)))
        })
}

/// Judges a claim: that `value` is stored, or that nothing is.
pub(super) fn check(context: &mut Context<'_>, claim: &Claim<'_>, value: Option<&[u8]>) -> Answer<()> {
    let state = load_client(context, claim.client)?;
    let latest = state.latest_height.unwrap_or_default();
    let (at, newest) = (claim.height, latest);
    if (at.revision_number, at.revision_height) > (newest.revision_number, newest.revision_height) {
        return Err(ibc::INVALID_HEIGHT.because(format_args!(
            "client state height < proof height ({} < {}), please ensure the client has been updated",
            height_text(newest),
            height_text(at)
        )));
    }
    let mut trusted = load(context, claim.client, &state, &[at])?;
    if trusted.state_at(law_height(at)).is_err() {
        return Err(code::CONSENSUS_STATE_NOT_FOUND
            .because("please ensure the proof was constructed against a height that exists on the client"));
    }
    let bad = |why: String| commitment::INVALID_PROOF.because(why);
    let [store, within] = claim.prefix else {
        return Err(bad(format!(
            "a path of {} parts; 2 lead into a store",
            claim.prefix.len()
        )));
    };
    trusted.config.store.clone_from(store);
    let key = [within.as_slice(), claim.key].concat();
    let (_, proven) = prove_key(&trusted, law_height(at), &key, claim.proof, now(context))
        .map_err(|reject| bad(reject.to_string()))?;
    match (proven, value) {
        (Proven::Absent, None) => Ok(()),
        (Proven::Present(proven), Some(value)) if proven == value => Ok(()),
        (proven, _) => Err(bad(format!(
            "the proof shows {proven:?} under {}",
            hex::encode(key)
        ))),
    }
}

fn load_client(context: &mut Context<'_>, id: &str) -> Answer<ClientState> {
    let bytes = context
        .get(STORE, &key(id, "clientState"))?
        .ok_or_else(|| code::NOT_FOUND.because(id))?;
    let any = Any::decode(bytes.as_slice()).expect("what was stored");
    Ok(ClientState::decode(any.value.as_slice()).expect("what was stored"))
}

fn save_client(context: &mut Context<'_>, id: &str, state: &ClientState) -> Answer<()> {
    let any = Any {
        type_url: CLIENT_STATE.into(),
        value: state.encode_to_vec(),
    };
    context.set(STORE, &key(id, "clientState"), &any.encode_to_vec())
}

/// Keeps a state, with when it was learned and how it is found in order.
fn save_consensus(
    context: &mut Context<'_>,
    id: &str,
    height: Height,
    consensus: &shapes::ConsensusState,
) -> Answer<()> {
    let any = Any {
        type_url: CONSENSUS_STATE.into(),
        value: consensus.encode_to_vec(),
    };
    let at = consensus_key(id, height);
    context.set(STORE, &at, &any.encode_to_vec())?;
    let processed = [at.as_slice(), b"/processedTime"].concat();
    context.set(STORE, &processed, &context.time.as_nanos().to_be_bytes())?;
    let processed = [at.as_slice(), b"/processedHeight"].concat();
    let own = height_text(Height {
        revision_number: revision(&context.rules.chain_id),
        revision_height: context.height,
    });
    context.set(STORE, &processed, own.as_bytes())?;
    let mut iteration = key(id, "iterateConsensusStates");
    iteration.extend(height.revision_number.to_be_bytes());
    iteration.extend(height.revision_height.to_be_bytes());
    let within = format!("consensusStates/{}", height_text(height));
    context.set(STORE, &iteration, within.as_bytes())
}

fn load_state(context: &mut Context<'_>, id: &str, height: Height) -> Answer<Option<State>> {
    let at = consensus_key(id, height);
    let Some(bytes) = context.get(STORE, &at)? else {
        return Ok(None);
    };
    let any = Any::decode(bytes.as_slice()).expect("what was stored");
    let stored = decode_bootstrap(law_height(height), &any.value).expect("what was stored");
    let learned = context.get(STORE, &[at.as_slice(), b"/processedTime"].concat())?;
    let nanos = learned
        .unwrap_or_default()
        .try_into()
        .map_or(0, u64::from_be_bytes);
    Ok(Some(State {
        height: height.revision_height,
        time: stored.time,
        app_hash: stored.app_hash,
        next_validators_hash: stored.next_validators_hash,
        learned_at: Seconds(nanos / 1_000_000_000),
    }))
}

/// What the law needs to judge something about `heights`; those that are not known are left out.
fn load(context: &mut Context<'_>, id: &str, state: &ClientState, heights: &[Height]) -> Answer<Trusted> {
    let latest = state.latest_height.unwrap_or_default();
    let newest = load_state(context, id, latest)?.ok_or_else(|| {
        code::CONSENSUS_STATE_NOT_FOUND.because(format_args!("height ({})", height_text(latest)))
    })?;
    let mut others = Vec::new();
    for height in heights {
        others.extend(load_state(context, id, *height)?);
    }
    let frozen = state
        .frozen_height
        .is_some_and(|height| height != Height::default());
    Trusted::from_parts(config(state), newest, others, frozen)
        .map_err(|reject| code::INVALID_CLIENT.because(reject))
}

/// The law's constants; no height ever leaves its ring, as in ibc-go none is forgotten before it is too old.
fn config(state: &ClientState) -> Config {
    let seconds = |duration: &Option<Duration>| {
        let seconds = duration.as_ref().map_or(0, |duration| duration.seconds);
        Seconds(u64::try_from(seconds).unwrap_or(0))
    };
    let level = state.trust_level.clone().unwrap_or_default();
    Config {
        chain_id: state.chain_id.clone(),
        trust_level: TrustLevel {
            numerator: level.numerator,
            denominator: level.denominator,
        },
        trust_period: seconds(&state.trusting_period),
        unbonding_period: seconds(&state.unbonding_period),
        clock_drift: seconds(&state.max_clock_drift),
        capacity: u32::MAX,
        store: STORE_DEFAULT.to_vec(),
    }
}

/// The number at the end of a chain's id.
pub(crate) fn revision(chain_id: &str) -> u64 {
    let number = chain_id
        .rsplit_once('-')
        .and_then(|(_, number)| number.parse().ok());
    number.unwrap_or(0)
}

fn now(context: &Context<'_>) -> Seconds {
    Seconds(context.time.seconds)
}

fn law_height(height: Height) -> wire::Height {
    wire::Height {
        revision_number: height.revision_number,
        revision_height: height.revision_height,
    }
}

fn shape_height(height: wire::Height) -> Height {
    Height {
        revision_number: height.revision_number,
        revision_height: height.revision_height,
    }
}

fn bootstrap_message(bootstrap: &Bootstrap) -> shapes::ConsensusState {
    message(
        bootstrap.time,
        bootstrap.app_hash.to_vec(),
        bootstrap.next_validators_hash.to_vec(),
    )
}

fn state_message(state: &State) -> shapes::ConsensusState {
    message(
        state.time,
        state.app_hash.to_vec(),
        state.next_validators_hash.to_vec(),
    )
}

fn message(
    time: tendermint_client::Time,
    hash: Vec<u8>,
    next_validators_hash: Vec<u8>,
) -> shapes::ConsensusState {
    shapes::ConsensusState {
        timestamp: Some(Timestamp {
            seconds: time.seconds,
            nanos: i32::try_from(time.nanos).expect("below a second"),
        }),
        root: Some(shapes::Root { hash }),
        next_validators_hash,
    }
}
