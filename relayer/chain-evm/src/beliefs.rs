//! `Ask::Notices` of a client that follows this chain's sync committees: what it believes that the chain does not have, and what
//! shows it to the client.
//!
//! Whoever has the keys of two thirds of a committee can finalize a block that never was for a client. What contradicts it is
//! an honest update that finalizes the same slot, or another block as the checkpoint of that epoch. Nodes forget those within
//! minutes, so the adapter remembers each that it saw while it watched where the chain stands. A forgery of an epoch of which no update was
//! seen can be told and not shown. They can also make their client believe a next committee of their own, and keep it for good:
//! what contradicts that is the chain's own update that teaches the committee of the same period, which nodes keep for months.
//!
//! What this module must never do: call a difference misbehaviour that the law crate does not.

use crate::evm::Evm;
use crate::follower::Comparison;
use crate::updates;
use alloy_primitives::B256;
use chain::{ClientUpdate, Comparisons, Doubt, Fault, Found, Notices};
use client::{Advance, Status};
use ethereum::{Blst, HeldCommittee, Period, Slot, State, Trusted};
use std::sync::{Mutex, MutexGuard, PoisonError};
use wire::Seconds;

/// States and committees that are compared for one answer.
const COMPARED_MAX: usize = 8;
/// What clients believe, and what was found of it.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<Comparisons<Key>>);

/// What a client believes of the chain.
#[derive(Clone, Copy, Debug)]
enum Belief {
    State(State),
    Committee(HeldCommittee),
}

/// What of it the chain has to have. The last variant comes first in a look, which goes downwards: there are few committees, and who holds a
/// false one believes nothing else for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The router's storage root at a slot.
    State(Slot, B256),
    /// The commitment of the committee of a period.
    Committee(Period, B256),
}

impl Belief {
    fn key(&self) -> Key {
        match self {
            Self::State(state) => Key::State(state.slot, state.storage_root),
            Self::Committee(held) => Key::Committee(held.period, held.commitment),
        }
    }
}

impl Looked {
    fn lock(&self) -> MutexGuard<'_, Comparisons<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a client that trusts `trusted` has to be told at `now`, a time of its host.
pub(crate) async fn notices(evm: &Evm, trusted: &Trusted, now: Seconds) -> Notices {
    let mut notices = Notices::default();
    let Ok(network) = evm.network().await else {
        return notices;
    };
    let own = Comparison {
        tracked: evm,
        network: &network,
        trusted,
        name: "the client",
    };
    // Of another chain nothing can be said here, and who believes nothing any more needs no news.
    if ethereum::status(trusted, now) != Status::Active || own.check_network().is_err() {
        return notices;
    }
    let states = trusted.states().copied().map(Belief::State);
    let committees = trusted.committees().copied().map(Belief::Committee);
    let beliefs: Vec<Belief> = states.chain(committees).collect();
    let chosen = evm.looked.lock().choose(beliefs.iter(), Belief::key);
    for (key, belief) in chosen.states.iter().take(COMPARED_MAX) {
        let compared = match belief {
            Belief::State(state) => own.check_states(core::slice::from_ref(state)).await.map(drop),
            Belief::Committee(held) => own.check_held(held).await,
        };
        let found = match compared {
            Ok(()) => Found::Own,
            Err(Doubt::Differs(text)) => {
                let shown = contradiction(evm, trusted, belief, now).await;
                tell(&mut notices, &text, shown)
            }
            // Nothing can be said of it: it is pruned, or nobody answers.
            Err(Doubt::Gone(text) | Doubt::Unchecked(text) | Doubt::Unusable(text)) => {
                tracing::debug!(chain = %evm.name(), ?key, %text, "what a client believes was not compared");
                Found::Unknown
            }
        };
        evm.looked.lock().put(*key, found);
    }
    notices.has_more = evm.looked.lock().has_more(&chosen);
    notices
}

/// Tells what differs, and shows the client what contradicts it. It may have been one endpoint that differed.
fn tell(notices: &mut Notices, text: &str, shown: Result<Option<ClientUpdate>, String>) -> Found {
    let told = match shown {
        Ok(None) => return Found::Own,
        Ok(Some(update)) => {
            notices.steps.push(update);
            format!("{text}; the client is shown the chain's own update")
        }
        Err(why) => format!(
            "{text}; nothing was shown to the client: {why}; compare with another endpoint, and have the client halted if that \
             says the same"
        ),
    };
    notices.doubts.push(told);
    Found::Foreign
}

/// The chain's own update beside what the client believes, if the law takes it as proof; none if it says the same.
async fn contradiction(
    evm: &Evm,
    trusted: &Trusted,
    belief: &Belief,
    now: Seconds,
) -> Result<Option<ClientUpdate>, String> {
    let failed = |fault: Fault| format!("failed to {fault}");
    let update = match belief {
        Belief::State(state) => {
            let seen = updates::finality_of(evm, trusted, state.slot)
                .await
                .map_err(failed)?;
            seen.ok_or("no update of the chain that finalizes this slot was seen")?
        }
        Belief::Committee(held) => match updates::rotation_of(evm, trusted, held).await.map_err(failed)? {
            Some(update) => update,
            None => return Ok(None),
        },
    };
    match ethereum::verify_update(&Blst, trusted, &update, now) {
        Ok(Advance::Misbehaviour(_)) => Ok(Some(ClientUpdate::Ethereum(update))),
        Ok(Advance::Updated(_) | Advance::NoOp) => {
            Err("the chain's own update does not contradict it".into())
        }
        Err(reject) => Err(format!(
            "the client would refuse the chain's own update: failed to {reject}"
        )),
    }
}

#[cfg(test)]
#[path = "beliefs_tests.rs"]
mod tests;
