//! Client messages: what each would do, and doing it.
//!
//! The host asks three times: whether a message is valid, whether it is misbehaviour, and then to apply it. Each time it is
//! judged in full, from the store, so that nothing depends on the host's having asked before. Must never change the store
//! unless the law accepted.

use alloc::vec::Vec;

use client::Advance;
use ethereum::codec::{decode_evidence, decode_update};
use ethereum::{Bls, Slot, Trusted, check_misbehaviour, verify_update};

use crate::guards::{self, Change};
use crate::json::{Env, JsonHeight};
use crate::message::Message;
use crate::reject::Reject;
use crate::state::Kept;
use crate::store::Store;

/// What a valid message does.
pub(crate) enum Judged {
    /// An update whose finalized header has this slot.
    Update(Slot, Advance<Trusted>),
    /// Evidence: the frozen client.
    Frozen(Trusted),
    /// Guardians did something.
    Guarded(Change),
}

impl Judged {
    /// Whether it shows misbehaviour.
    pub(crate) fn is_misbehaviour(&self) -> bool {
        matches!(self, Self::Frozen(_) | Self::Update(_, Advance::Misbehaviour(_)))
    }
}

/// Judges a client message.
pub(crate) fn judge(
    store: &impl Store,
    bls: &impl Bls,
    env: &Env,
    bytes: &[u8],
) -> Result<(Kept, Judged), Reject> {
    let message = Message::from_bytes(bytes)?;
    let kept = Kept::load(store)?;
    let network = &kept.config.network;
    let judged = match &message {
        Message::Update(body) => {
            let update = decode_update(network, body)?;
            let slot = update.finalized.slot;
            let trusted = kept.trusted(store, slot)?;
            Judged::Update(slot, verify_update(bls, &trusted, &update, env.now)?)
        }
        Message::Evidence(body) => {
            let evidence = decode_evidence(network, body)?;
            let trusted = kept.trusted(store, kept.newest)?;
            Judged::Frozen(check_misbehaviour(bls, &trusted, &evidence, env.now)?)
        }
        Message::Guard(word) => Judged::Guarded(guards::judge(store, env, word)?),
    };
    Ok((kept, judged))
}

/// Does what a valid message does; returns the heights that are known by it.
pub(crate) fn apply(
    store: &mut impl Store,
    env: &Env,
    kept: &Kept,
    judged: Judged,
) -> Result<Vec<JsonHeight>, Reject> {
    let (slot, after) = match judged {
        Judged::Update(slot, Advance::Updated(after) | Advance::Misbehaviour(after)) => (slot, Some(after)),
        Judged::Update(slot, Advance::NoOp) => (slot, None),
        Judged::Frozen(after) => (after.newest, Some(after)),
        Judged::Guarded(change) => {
            guards::commit(store, env, change);
            return Ok(Vec::new());
        }
    };
    if let Some(after) = &after {
        kept.advance(store, after, slot)?;
    }
    // A committee can be learned without a state: then there is no height.
    let known = crate::store::load_state(store, &kept.config, slot)?;
    let heights = known.map(|state| JsonHeight {
        revision_number: 0,
        revision_height: state.slot.0,
    });
    Ok(heights.into_iter().collect())
}
