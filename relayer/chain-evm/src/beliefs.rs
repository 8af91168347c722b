//! `Ask::Notices` of a client that follows this chain's sync committees: what it believes that the chain does not have, and what
//! shows it to the client.
//!
//! Whoever has the keys of two thirds of a committee can finalize a block that never was for a client. What contradicts it is
//! an honest update that finalizes the same slot. Nodes forget those within minutes, so the adapter remembers each that it saw
//! while it watched where the chain stands. A forged slot of which no update was seen can be told and not shown.
//!
//! What this module must never do: call a difference misbehaviour that the law crate does not.

use crate::evm::Evm;
use crate::follower::Comparison;
use crate::updates;
use alloy_primitives::B256;
use chain::{ClientUpdate, Comparisons, Doubt, Found, Notices};
use client::{Advance, Status};
use ethereum::{Blst, Slot, State, Trusted};
use std::sync::{Mutex, MutexGuard, PoisonError};
use wire::Seconds;

/// States that are compared for one answer.
const COMPARED_MAX: usize = 8;
/// States of clients, and what was found of them.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<Comparisons<Key>>);

/// What of a state the chain has to have: its slot and the router's storage root.
type Key = (Slot, B256);

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
    let key = |state: &State| (state.slot, state.storage_root);
    let chosen = evm.looked.lock().choose(trusted.states(), key);
    for (key, state) in chosen.states.iter().take(COMPARED_MAX) {
        let found = match own.check_states(core::slice::from_ref(*state)).await {
            Ok(_) => Found::Own,
            Err(Doubt::Differs(text)) => {
                match contradiction(evm, trusted, state.slot, now).await {
                    Ok(update) => {
                        let told = format!("{text}; the client is shown the chain's own update");
                        notices.doubts.push(told);
                        notices.steps.push(update);
                    }
                    Err(why) => notices.doubts.push(format!(
                        "{text}; nothing was shown to the client: {why}; compare with another endpoint, and have the \
                         client halted if that says the same"
                    )),
                }
                Found::Foreign
            }
            // Nothing can be said of it: it is pruned, or nobody answers.
            Err(Doubt::Gone(text) | Doubt::Unchecked(text) | Doubt::Unusable(text)) => {
                tracing::debug!(chain = %evm.name(), slot = %state.slot, %text, "a state was not compared");
                Found::Unknown
            }
        };
        evm.looked.lock().put(*key, found);
    }
    notices.has_more = evm.looked.lock().has_more(&chosen);
    notices
}

/// The chain's own update that finalizes `slot`, if the law takes it as proof.
async fn contradiction(
    evm: &Evm,
    trusted: &Trusted,
    slot: Slot,
    now: Seconds,
) -> Result<ClientUpdate, String> {
    let update = updates::finality_of(evm, trusted, slot).await;
    let update = update
        .map_err(|fault| format!("failed to {fault}"))?
        .ok_or("no update of the chain that finalizes this slot was seen")?;
    match ethereum::verify_update(&Blst, trusted, &update, now) {
        Ok(Advance::Misbehaviour(_)) => Ok(ClientUpdate::Ethereum(update)),
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
