//! `Ask::Update`: the headers that move a client of this chain forward.
//!
//! One header is enough while those whom the client trusts still have a third of the power; else the way there is halved until
//! each step is. Every step is judged here first, by the law itself, so that a node that lies is left for another one.

use crate::cosmos::Cosmos;
use crate::ibc::RawHeight;
use crate::ibc::tendermint::{ConsensusState, Header, Root};
use crate::lacking::had;
use crate::leaves;
use crate::rpc::Rpc;
use chain::{BlockNumber, ClientUpdate, Fault, Finalized, TrustedState, UpdatePlan};
use client::Advance;
use endpoints::Complaint;
use prost::Message;
use tendermint::Hash;
use tendermint::account::Id;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::{Info, Set};
use tendermint_client::codec::{decode_bootstrap, decode_update};
use tendermint_client::{Bootstrap, Reject, Trusted, Update, verify_update};
use tendermint_proto::v0_38::types::ValidatorSet;
use wire::Height;

/// Headers in one plan, at most: the machine takes no more, and the next plan goes on where this one ends.
const STEPS_MAX: usize = 16;
/// Headers that are fetched for one plan, at most.
const FETCHED_MAX: usize = 64;

/// The headers that move a client that trusts `trusted` to height `to`.
pub(crate) async fn plan(chain: &Cosmos, trusted: &TrustedState, to: Height) -> Result<UpdatePlan, Fault> {
    if to.revision_number != chain.revision {
        return Err(Fault::NoClient {
            id: to.to_string(),
            text: format!("chain {} is at revision {}", chain.name, chain.revision),
        });
    }
    match trusted {
        TrustedState::Policy(state) => leaves::plan(chain, state, to).await,
        TrustedState::Tendermint(_) | TrustedState::Ethereum(_) | TrustedState::Attestors(_) => {
            plan_plain(chain, follower(chain, trusted)?, to).await
        }
    }
}

/// The same for a client that is no policy, of a height that has this chain's revision.
pub(crate) async fn plan_plain(chain: &Cosmos, trusted: &Trusted, to: Height) -> Result<UpdatePlan, Fault> {
    if trusted.newest().height >= to.revision_height {
        return Ok(UpdatePlan {
            updates: Vec::new(),
            reached: reached(chain, trusted),
        });
    }
    chain
        .on_rpc(|rpc| async move { steps(chain, &rpc, trusted.clone(), to.revision_height).await })
        .await
}

/// What the client trusts, if it is one of this chain.
pub(crate) fn follower<'a>(chain: &Cosmos, trusted: &'a TrustedState) -> Result<&'a Trusted, Fault> {
    match trusted {
        TrustedState::Tendermint(trusted) if trusted.config.chain_id == chain.rules.chain_id => Ok(trusted),
        TrustedState::Tendermint(trusted) => Err(Fault::NoClient {
            id: trusted.config.chain_id.clone(),
            text: format!(
                "it follows chain {}, this one is {}",
                trusted.config.chain_id, chain.rules.chain_id
            ),
        }),
        TrustedState::Ethereum(_) | TrustedState::Attestors(_) | TrustedState::Policy(_) => {
            Err(not_ours(chain))
        }
    }
}

/// What a client of another kind of chain is told who asks this one.
pub(crate) fn not_ours(chain: &Cosmos) -> Fault {
    Fault::NoClient {
        id: "of another kind".into(),
        text: format!("it does not follow {}, which is a CometBFT chain", chain.name),
    }
}

fn reached(chain: &Cosmos, trusted: &Trusted) -> Finalized {
    let newest = trusted.newest();
    Finalized {
        height: chain.at(newest.height),
        block: BlockNumber(newest.height.saturating_sub(1)),
        timestamp: newest.time.rounded_down(),
    }
}

async fn steps(chain: &Cosmos, rpc: &Rpc, mut trusted: Trusted, to: u64) -> Result<UpdatePlan, Complaint> {
    let mut updates = Vec::new();
    let mut targets = vec![to];
    let mut fetched = 0;
    while let Some(&target) = targets.last() {
        let from = trusted.newest().height;
        if fetched == FETCHED_MAX || updates.len() == STEPS_MAX {
            break;
        }
        fetched += 1;
        let update = fetch(chain, rpc, from, target).await?;
        // Whether it is from the host's future, the host's clock decides later.
        let now = update.header.time.rounded_down();
        match verify_update(&trusted, &update, now) {
            Ok(Advance::Updated(next)) => {
                trusted = next;
                chain.roots.accept(trusted.newest());
                updates.push(ClientUpdate::Tendermint(Box::new(update)));
                targets.pop();
            }
            Ok(Advance::NoOp) => {
                targets.pop();
            }
            // It is signed as it has to be, and cannot be true beside what the client believes: the client is to see it.
            Ok(Advance::Misbehaviour(_)) => {
                updates.push(ClientUpdate::Tendermint(Box::new(update)));
                break;
            }
            Err(Reject::NotEnoughOverlap { .. }) if target > from.saturating_add(1) => {
                targets.push(from + (target - from) / 2);
            }
            // Nothing that a header could say would help.
            Err(reject @ (Reject::Frozen | Reject::Expired { .. } | Reject::AnchorExpired { .. })) => {
                return Err(Complaint::Ask(Fault::NoClient {
                    id: chain.rules.chain_id.clone(),
                    text: format!("failed to {reject}"),
                }));
            }
            Err(reject) => {
                let text = format!("the header of block {target} is refused: failed to {reject}");
                return Err(refused(rpc, &reject, text));
            }
        }
    }
    Ok(UpdatePlan {
        reached: reached(chain, &trusted),
        updates,
    })
}

/// The complaint about a header that the law refuses.
///
/// What a client trusts is the word of its host. A node that only contradicts that is at fault if another one of its chain does
/// not: else the host may lie, and would make all nodes of this chain rest.
pub(crate) fn refused(rpc: &Rpc, reject: &Reject, text: String) -> Complaint {
    let is_about_trusted = matches!(
        reject,
        Reject::TrustedValidatorsHash { .. } | Reject::NextValidators { .. } | Reject::TimeOrder { .. }
    );
    if !is_about_trusted {
        return Complaint::malformed(text);
    }
    let text = format!("{text}; if all nodes say so, look at the client by another node of its host");
    rpc.0.doubted(text)
}

/// The header of `height` as a client takes it that trusts the state of `trusted`.
pub(crate) async fn fetch(chain: &Cosmos, rpc: &Rpc, trusted: u64, height: u64) -> Result<Update, Complaint> {
    let next = trusted.saturating_add(1);
    let (header, set, trusted_set) = tokio::try_join!(
        chain.signed_header(rpc, height),
        chain.validators(rpc, height),
        chain.validators(rpc, next),
    )?;
    shown(chain, header, set, trusted, trusted_set).map_err(Complaint::malformed)
}

/// A header with those who sign it, as a client takes it that trusts the state of `trusted`, after which `trusted_set` signs.
pub(crate) fn shown(
    chain: &Cosmos,
    header: SignedHeader,
    set: Vec<Info>,
    trusted: u64,
    trusted_set: Vec<Info>,
) -> Result<Update, String> {
    let (height, proposer) = (header.header.height, header.header.proposer_address);
    let message = Header {
        signed_header: Some(header.into()),
        validator_set: Some(raw_set(set, Some(proposer))),
        trusted_height: Some(RawHeight::from(chain.at(trusted))),
        trusted_validators: Some(raw_set(trusted_set, None)),
    };
    decode_update(&message.encode_to_vec())
        .map_err(|reject| format!("the header of block {height}: failed to {reject}"))
}

/// The set of `height` that a header names by `hash`.
pub(crate) async fn validators_of(
    chain: &Cosmos,
    rpc: &Rpc,
    height: u64,
    hash: Hash,
) -> Result<Vec<Info>, Complaint> {
    let infos = chain.validators(rpc, height).await?;
    let found = Set::without_proposer(infos.clone()).hash();
    if found != hash {
        return Err(rpc.0.doubted(format!(
            "its validators of block {height} hash to {found}, a header of that block names {hash}"
        )));
    }
    Ok(infos)
}

/// A set as ibc-go reads it: it wants somebody to be named as the next proposer, and believes nothing of that.
fn raw_set(infos: Vec<Info>, proposer: Option<Id>) -> ValidatorSet {
    let named = infos
        .iter()
        .find(|info| Some(info.address) == proposer)
        .or(infos.first())
        .cloned();
    ValidatorSet {
        validators: infos.into_iter().map(Into::into).collect(),
        proposer: named.map(Into::into),
        total_voting_power: 0,
    }
}

impl Cosmos {
    /// Those who sign the block of `height`.
    pub(crate) async fn validators(&self, rpc: &Rpc, height: u64) -> Result<Vec<Info>, Complaint> {
        had(rpc, rpc.validators(height).await, "validators", self.at(height)).await
    }

    /// The header of `height` as the first state of a client, by these endpoints.
    pub(crate) async fn bootstrap(&self, height: u64) -> Result<Bootstrap, Fault> {
        self.on_rpc(|rpc| async move {
            let header = self.signed_header(&rpc, height).await?;
            bootstrap_of(self.at(height), &header)
        })
        .await
    }
}

/// The header as the first state of a client.
pub(crate) fn bootstrap_of(at: Height, signed: &SignedHeader) -> Result<Bootstrap, Complaint> {
    let header = &signed.header;
    let state = ConsensusState {
        timestamp: Some(header.time.into()),
        root: Some(Root {
            hash: header.app_hash.as_bytes().to_vec(),
        }),
        next_validators_hash: header.next_validators_hash.as_bytes().to_vec(),
    };
    decode_bootstrap(at, &state.encode_to_vec()).map_err(|reject| {
        Complaint::malformed(format!(
            "the header of block {}: failed to {reject}",
            header.height
        ))
    })
}

#[cfg(test)]
#[path = "updates_tests.rs"]
mod tests;
