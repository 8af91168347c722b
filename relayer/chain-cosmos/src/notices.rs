//! `Ask::Notices`: what a client of this chain believes that the chain does not have, and what shows it to the client.
//!
//! Whoever has enough keys of validators can sign a block that never was, and show it to a client. The client cannot know;
//! the chain's own header can: shown to the client, it contradicts what the client holds, and the client freezes. The same
//! with a state of a height that the chain has not reached, once the chain is later than that.
//!
//! The chain's header is what an endpoint says it is. So nothing goes to the client that its law does not take as proof: the
//! header must be signed by those whom the client has reason to trust, beginning at a state that the chain does have. An
//! endpoint that lies is left for another; if all of them do, it is told and nothing is sent.
//!
//! What this module must never do: call a difference misbehaviour that the law crate does not.

use crate::cosmos::Cosmos;
use crate::follower::{Compared, compare, why_not_ahead};
use crate::rivals::{self, Judged};
use crate::updates::{fetch, refused};
use alloy_primitives::B256;
use chain::{ClientUpdate, Comparisons, Doubt, Fault, Found, Notices, PolicyState, TrustedState};
use client::{Advance, Status};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tendermint_client::{Reject, State, Time, Trusted, Update, verify_update};
use wire::Seconds;

/// States that are compared for one answer, and doubts in it.
const COMPARED_MAX: usize = 64;
const DOUBTS_MAX: usize = 4;
/// Halvings of the way to a header: from one end of what a client keeps to the other.
const HALVINGS_MAX: u32 = 40;

/// States of clients, and what was found of them.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<Comparisons<Key>>);

/// What of a state the chain has to have: height, time, app hash and hash of the next validators.
type Key = (u64, Time, B256, B256);

impl Looked {
    fn lock(&self) -> MutexGuard<'_, Comparisons<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the chain was found to have `state`.
    pub(crate) fn is_own(&self, state: &State) -> bool {
        self.lock().is_own(&key(state))
    }

    /// Remembers that the chain has `state`.
    pub(crate) fn put_own(&self, state: &State) {
        self.lock().put(key(state), Found::Own);
    }
}

fn key(state: &State) -> Key {
    (
        state.height,
        state.time,
        state.app_hash,
        state.next_validators_hash,
    )
}

/// What a client that trusts `trusted` has to be told at `now`, a time of its host.
pub(crate) async fn notices(chain: &Cosmos, trusted: &TrustedState, now: Seconds) -> Notices {
    match trusted {
        TrustedState::Tendermint(trusted) if is_to_compare(chain, trusted, now) => {
            let look = Look { chain, trusted, now };
            look.notices().await
        }
        TrustedState::Policy(state) => of_leaves(chain, state, now).await,
        TrustedState::Tendermint(_) | TrustedState::Ethereum(_) | TrustedState::Attestors(_) => {
            Notices::default()
        }
    }
}

/// The same of each leaf of a policy, which is told through it.
async fn of_leaves(chain: &Cosmos, state: &PolicyState, now: Seconds) -> Notices {
    let mut all = Notices::default();
    for (place, leaf) in state.leaves.iter().enumerate() {
        let Some(TrustedState::Tendermint(trusted)) = leaf else {
            continue;
        };
        if !is_to_compare(chain, trusted, now) {
            continue;
        }
        let look = Look { chain, trusted, now };
        all.add_of_leaf(place, look.notices().await);
    }
    all
}

/// Of another chain nothing can be said here, and who believes nothing any more needs no news.
fn is_to_compare(chain: &Cosmos, trusted: &Trusted, now: Seconds) -> bool {
    trusted.config.chain_id == chain.rules.chain_id
        && tendermint_client::status(trusted, now) == Status::Active
}

/// A client that is looked at.
struct Look<'a> {
    chain: &'a Cosmos,
    trusted: &'a Trusted,
    now: Seconds,
}

/// What comparing one state ended with.
enum Verdict {
    Found(Found),
    /// The chain does not have it; what shows that is yet to be seen.
    Suspect {
        text: String,
        target: u64,
    },
}

/// A state that the chain does not have.
struct Suspect {
    key: Key,
    /// What is wrong with it, in words.
    text: String,
    /// The height whose header contradicts it.
    target: u64,
}

impl Look<'_> {
    async fn notices(&self) -> Notices {
        let mut notices = Notices::default();
        let looked = &self.chain.looked;
        let chosen = looked.lock().choose(self.trusted.states(), key);
        let states = chosen.states.iter().take(COMPARED_MAX);
        let suspects = match self.suspects(states).await {
            Ok(suspects) => suspects,
            Err(fault) => {
                tracing::debug!(chain = %self.chain.name, %fault, "what a client believes could not be compared");
                notices.has_more = true;
                return notices;
            }
        };
        // The others are left for the next time.
        for suspect in suspects.into_iter().take(DOUBTS_MAX) {
            let text = &suspect.text;
            match self.contradiction(&suspect).await {
                Ok(Some(step)) => {
                    let told = format!("{text}; the client is shown the chain's own header");
                    notices.doubts.push(told);
                    notices.steps.push(step);
                }
                Ok(None) => {}
                Err(why) => notices.doubts.push(format!(
                    "{text}; nothing was shown to the client: {why}; compare with another endpoint, and have the \
                     client halted if that says the same"
                )),
            }
            looked.lock().put(suspect.key, Found::Foreign);
        }
        self.add_rivals(&mut notices).await;
        notices.has_more = looked.lock().has_more(&chosen);
        notices
    }

    /// What endpoints showed that cannot both be true, as far as the client takes it as proof. It needs no more than one.
    async fn add_rivals(&self, notices: &mut Notices) {
        for pair in self.chain.rivals.pairs() {
            let Some(base) = self.base(pair[0].header.height.value()) else {
                continue;
            };
            match rivals::judge(self.chain, self.trusted, &pair, base, self.now).await {
                Ok(Judged::Proof(evidence, text)) => {
                    let told = format!("{text}; the client is shown both");
                    notices.doubts.push(told);
                    notices.steps.push(ClientUpdate::Misbehaviour(*evidence));
                    return;
                }
                Ok(Judged::Nothing(text)) => {
                    let (chain, height) = (&self.chain.name, pair[0].header.height);
                    tracing::warn!(%chain, %height, %text, "of two headers one is not signed as it has to be: an endpoint lied");
                    self.chain.rivals.drop_pair(&pair);
                }
                Ok(Judged::NotYet) => {}
                Err(fault) => {
                    tracing::debug!(chain = %self.chain.name, %fault, "two rival headers were not judged")
                }
            }
        }
    }

    /// Those of `states` that are not the chain's, in their order.
    async fn suspects<'s>(
        &self,
        states: impl Iterator<Item = &'s (Key, &'s State)>,
    ) -> Result<Vec<Suspect>, Fault> {
        let head = self.chain.head().await?.finalized.height.revision_height;
        let mut suspects = Vec::new();
        for (key, state) in states {
            let verdict = if state.height > head {
                self.ahead(state, head).await?
            } else {
                self.forked(state).await
            };
            match verdict {
                Verdict::Found(found) => self.chain.looked.lock().put(*key, found),
                Verdict::Suspect { text, target } => suspects.push(Suspect {
                    key: *key,
                    text,
                    target,
                }),
            }
        }
        Ok(suspects)
    }

    /// What a state is of a height that the chain has.
    async fn forked(&self, state: &State) -> Verdict {
        match compare(self.chain, state).await {
            Ok(Compared::Same) => Verdict::Found(Found::Own),
            Ok(Compared::Gone) => Verdict::Found(Found::Unknown),
            Err(Doubt::Differs(text)) => Verdict::Suspect {
                text,
                target: state.height,
            },
            Err(Doubt::Unusable(text) | Doubt::Gone(text) | Doubt::Unchecked(text)) => {
                tracing::debug!(chain = %self.chain.name, height = state.height, %text, "a state was not compared");
                Verdict::Found(Found::Unknown)
            }
        }
    }

    /// What a state is of a height that the chain has not reached: wrong if the chain is later than that already.
    async fn ahead(&self, state: &State, head: u64) -> Result<Verdict, Fault> {
        let newest = self.chain.bootstrap(head).await?;
        Ok(match why_not_ahead(state, &newest) {
            None => Verdict::Found(Found::Unknown),
            Some(text) => Verdict::Suspect { text, target: head },
        })
    }

    /// The chain's header of the suspect's height, or a step towards it, as the client takes it; none if it says the same as the
    /// state after all, or is too early.
    async fn contradiction(&self, suspect: &Suspect) -> Result<Option<ClientUpdate>, String> {
        let base = self.base(suspect.target).ok_or(NO_BASE)?;
        let (mut low, mut high, mut target) = (base, suspect.target, suspect.target);
        for _ in 0..HALVINGS_MAX {
            let tried = self.try_header(base, target).await;
            match tried.map_err(|fault| format!("failed to {fault}"))? {
                Tried::Contradicts(update) => return Ok(Some(ClientUpdate::Tendermint(update))),
                // On the way there it is a step; at its end it contradicts nothing yet.
                Tried::New(update) if target < suspect.target => {
                    return Ok(Some(ClientUpdate::Tendermint(update)));
                }
                Tried::New(_) | Tried::Nothing => return Ok(None),
                Tried::TooFar if target > low.saturating_add(1) => high = target,
                Tried::TooFar => return Err("those whom it trusts did not sign the chain's headers".into()),
                // It is no step if the ring ends above it; a later header contradicts by its time.
                Tried::Refused(Reject::OlderThanRing { .. }) if high > target.saturating_add(1) => {
                    low = target
                }
                Tried::Refused(reject) => {
                    return Err(format!("the client would refuse it: failed to {reject}"));
                }
            }
            target = low + (high - low) / 2;
        }
        Err(format!("no header from {base} to {} was taken", suspect.target))
    }

    /// The newest height below `target` of which the client believes what the chain has.
    fn base(&self, target: u64) -> Option<u64> {
        let looked = self.chain.looked.lock();
        let below = |state: &&State| state.height < target && looked.is_own(&key(state));
        let heights = self.trusted.states().filter(below).map(|state| state.height);
        heights.max()
    }

    /// What the law makes of the chain's header of `target`, judged from the state of `base`. An endpoint whose header is not
    /// signed as it has to be is left for another one.
    async fn try_header(&self, base: u64, target: u64) -> Result<Tried, Fault> {
        let (chain, trusted, now) = (self.chain, self.trusted, self.now);
        chain
            .on_rpc(|rpc| async move {
                let update = fetch(chain, &rpc, base, target).await?;
                match verify_update(trusted, &update, now) {
                    Ok(Advance::Misbehaviour(_)) => Ok(Tried::Contradicts(Box::new(update))),
                    Ok(Advance::Updated(_)) => Ok(Tried::New(Box::new(update))),
                    Ok(Advance::NoOp) | Err(Reject::FromTheFuture { .. }) => Ok(Tried::Nothing),
                    Err(Reject::NotEnoughOverlap { .. }) => Ok(Tried::TooFar),
                    Err(
                        reject @ (Reject::Expired { .. }
                        | Reject::AnchorExpired { .. }
                        | Reject::OlderThanRing { .. }),
                    ) => Ok(Tried::Refused(reject)),
                    Err(reject) => {
                        let text = format!(
                            "the header of block {target} is not what a client believes, and is refused: failed to {reject}"
                        );
                        Err(refused(&rpc, &reject, text))
                    }
                }
            })
            .await
    }
}

const NO_BASE: &str =
    "it keeps no older state that the chain has, from which the chain's header could be judged";

/// What the law says of a header.
enum Tried {
    Contradicts(Box<Update>),
    New(Box<Update>),
    /// The client knows it, or its clock is not there yet.
    Nothing,
    TooFar,
    Refused(Reject),
}

#[cfg(test)]
#[path = "notices_tests.rs"]
pub(crate) mod tests;
