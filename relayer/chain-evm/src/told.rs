//! What the clients on this chain are told by a submission: each step in the bytes that its client reads, and before a header of
//! a CometBFT chain those sets of validators that its client does not know yet. What is for a leaf of a policy goes to the policy, which
//! passes it on.
//!
//! Adapters of other chains give steps without knowing who takes them; here they become bytes of this family. Only which votes
//! a header needs and which sets are missing depends on the client, and is asked of it.

use crate::abi::{PolicyClient, TendermintClient};
use crate::calls::{is_evidence, update_bytes};
use crate::client_view::{contract_of, view};
use crate::parts::votes_max;
use crate::rpc::{At, Rpc};
use crate::tendermint::config_of;
use alloy_primitives::{Address, B256, Bytes};
use chain::{ClientUpdate, Fault, Gas, Submission};
use core::num::NonZeroUsize;
use endpoints::Complaint;
use std::collections::BTreeSet;
use tendermint_client::evm::InParts;
use tendermint_client::{Reject, TrustLevel, ValidatorSet, evm};
use wire::ClientId;

/// One message for one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) client: ClientId,
    pub(crate) message: Bytes,
    /// Whether it shows misbehaviour, for which the router has a call of its own.
    pub(crate) is_evidence: bool,
    pub(crate) what: What,
}

/// What a message brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A set of validators, without which the next ones mean nothing.
    Set,
    /// Some of the votes for a header.
    Part,
    /// The step itself.
    Step,
}

/// The messages that carry out the updates of `submission`, in order.
///
/// - `gas_max`: what one transaction may use; headers that take more come in parts.
pub(crate) async fn told(
    rpc: &Rpc,
    router: Address,
    submission: &Submission,
    gas_max: Gas,
) -> Result<Vec<Message>, Complaint> {
    let mut teller = Teller {
        rpc,
        router,
        votes_max: votes_max(gas_max),
        installed: BTreeSet::new(),
    };
    let mut all = Vec::new();
    for one in &submission.updates {
        let (leaf, update) = match &one.update {
            ClientUpdate::Leaf { leaf, update } => (Some(*leaf), &**update),
            plain => (None, plain),
        };
        let whom = Whom {
            client: &one.client,
            leaf,
        };
        let Words { sets, parts, step } = teller.words(whom, update).await?;
        let message = |what: What, bytes: Vec<u8>| Message {
            client: one.client.clone(),
            message: whom.addressed(bytes),
            is_evidence: what == What::Step && is_evidence(update),
            what,
        };
        all.extend(sets.into_iter().map(|bytes| message(What::Set, bytes)));
        all.extend(parts.into_iter().map(|bytes| message(What::Part, bytes)));
        all.push(message(What::Step, step));
    }
    Ok(all)
}

/// Whom an update is for.
#[derive(Clone, Copy)]
struct Whom<'a> {
    client: &'a ClientId,
    /// The place of a leaf, where the client is a policy that passes on what it is told.
    leaf: Option<u8>,
}

impl Whom<'_> {
    /// The bytes that reach it when its client is told them.
    fn addressed(self, message: Vec<u8>) -> Bytes {
        match self.leaf {
            Some(leaf) => [vec![leaf], message].concat().into(),
            None => message.into(),
        }
    }

    /// The contract that takes it in.
    async fn contract(self, rpc: &Rpc, router: Address) -> Result<Address, Complaint> {
        let (client, name) = (self.client, self.client.as_str());
        let contract = contract_of(rpc, router, client, At::Latest).await?;
        let Some(leaf) = self.leaf else {
            return Ok(contract);
        };
        let leaves = view(rpc, contract, &PolicyClient::getLeavesCall {}, At::Latest, name).await?;
        let found = leaves.get(usize::from(leaf)).map(|leaf| leaf.client);
        found.ok_or_else(|| {
            let count = leaves.len();
            not_told(
                client,
                format!("leaf {leaf} is to be told something, its policy has {count} leaves"),
            )
        })
    }
}

/// What somebody is told of one update, in the bytes that he himself reads.
struct Words {
    sets: Vec<Vec<u8>>,
    parts: Vec<Vec<u8>>,
    step: Vec<u8>,
}

impl Words {
    fn of_header(sets: Vec<Vec<u8>>, InParts { parts, last }: InParts) -> Self {
        let step = last;
        Self { sets, parts, step }
    }
}

/// Who tells the updates of one submission.
struct Teller<'a> {
    rpc: &'a Rpc,
    router: Address,
    votes_max: NonZeroUsize,
    /// Which sets contracts have been told in it.
    installed: BTreeSet<(Address, B256)>,
}

impl Teller<'_> {
    async fn words(&mut self, whom: Whom<'_>, update: &ClientUpdate) -> Result<Words, Complaint> {
        match update {
            ClientUpdate::Tendermint(update) => {
                let listener = self.listener(whom).await?;
                let message = evm::update_in_parts(update, listener.level, self.votes_max);
                let message = packed(whom.client, message)?;
                let sets = [&update.validators, &update.trusted_validators];
                Ok(Words::of_header(self.missing(&listener, &sets).await?, message))
            }
            ClientUpdate::Misbehaviour(evidence) => {
                let listener = self.listener(whom).await?;
                // Both headers have their votes in one message.
                let each = NonZeroUsize::new(self.votes_max.get() / 2).unwrap_or(NonZeroUsize::MIN);
                let message = evm::evidence_in_parts(evidence, listener.level, each);
                let message = packed(whom.client, message)?;
                let (first, second) = (&evidence.first, &evidence.second);
                let sets = [
                    &first.validators,
                    &first.trusted_validators,
                    &second.validators,
                    &second.trusted_validators,
                ];
                Ok(Words::of_header(self.missing(&listener, &sets).await?, message))
            }
            plain => Ok(Words {
                sets: Vec::new(),
                parts: Vec::new(),
                step: update_bytes(whom.client, plain).map_err(Complaint::Ask)?,
            }),
        }
    }

    async fn listener<'a>(&self, whom: Whom<'a>) -> Result<Listener<'a>, Complaint> {
        let contract = whom.contract(self.rpc, self.router).await?;
        let config = config_of(self.rpc, contract, At::Latest, whom.client.as_str()).await?;
        Ok(Listener {
            client: whom.client,
            contract,
            level: config.trust_level,
        })
    }

    /// The messages that install those of `sets` that `listener` does not know, each once in a submission.
    async fn missing(
        &mut self,
        listener: &Listener<'_>,
        sets: &[&ValidatorSet],
    ) -> Result<Vec<Vec<u8>>, Complaint> {
        let (contract, client) = (listener.contract, listener.client);
        let mut messages = Vec::new();
        for set in sets {
            let hash = set.hash();
            if !self.installed.insert((contract, hash)) {
                continue;
            }
            let call = TendermintClient::cardOfCall { validatorsHash: hash };
            let card = view(self.rpc, contract, &call, At::Latest, client.as_str()).await?;
            if card.is_zero() {
                messages.push(packed(client, evm::encode_set(set))?);
            }
        }
        Ok(messages)
    }
}

/// A client of a CometBFT chain that is going to be told something: one behind an id, or a leaf of the policy behind it.
struct Listener<'a> {
    client: &'a ClientId,
    contract: Address,
    level: TrustLevel,
}

/// What cannot be packed no client on this chain can be shown.
fn packed<T>(client: &ClientId, message: Result<T, Reject>) -> Result<T, Complaint> {
    message.map_err(|reject| {
        not_told(
            client,
            format!("it cannot be shown this header: failed to {reject}"),
        )
    })
}

fn not_told(client: &ClientId, text: String) -> Complaint {
    Complaint::Ask(Fault::NoClient {
        id: client.to_string(),
        text,
    })
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
