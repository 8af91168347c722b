//! What the clients on this chain are told by a submission: each step in the bytes that its client reads, and before a header of
//! a CometBFT chain those sets of validators that its client does not know yet.
//!
//! Adapters of other chains give steps without knowing who takes them; here they become bytes of this family. Only which votes
//! a header needs and which sets are missing depends on the client, and is asked of it.

use crate::abi::TendermintClient;
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
    let votes_max = votes_max(gas_max);
    let mut all = Vec::new();
    let mut installed = BTreeSet::new();
    for one in &submission.updates {
        let (sets, InParts { parts, last }) = match &one.update {
            ClientUpdate::Tendermint(update) => {
                let listener = Listener::find(rpc, router, &one.client).await?;
                let sets = [&update.validators, &update.trusted_validators];
                let message = evm::update_in_parts(update, listener.level, votes_max);
                (
                    listener.missing(&sets, &mut installed).await?,
                    packed(&one.client, message)?,
                )
            }
            ClientUpdate::Misbehaviour(evidence) => {
                let listener = Listener::find(rpc, router, &one.client).await?;
                let (first, second) = (&evidence.first, &evidence.second);
                let sets = [
                    &first.validators,
                    &first.trusted_validators,
                    &second.validators,
                    &second.trusted_validators,
                ];
                // Both headers have their votes in one message.
                let each = NonZeroUsize::new(votes_max.get() / 2).unwrap_or(NonZeroUsize::MIN);
                let message = evm::evidence_in_parts(evidence, listener.level, each);
                (
                    listener.missing(&sets, &mut installed).await?,
                    packed(&one.client, message)?,
                )
            }
            other => {
                let last = update_bytes(&one.client, other).map_err(Complaint::Ask)?;
                let parts = Vec::new();
                (Vec::new(), InParts { parts, last })
            }
        };
        let message = |what: What, message: Vec<u8>| Message {
            client: one.client.clone(),
            message: message.into(),
            is_evidence: what == What::Step && is_evidence(&one.update),
            what,
        };
        all.extend(sets.into_iter().map(|bytes| message(What::Set, bytes)));
        all.extend(parts.into_iter().map(|bytes| message(What::Part, bytes)));
        all.push(message(What::Step, last));
    }
    Ok(all)
}

/// A client of a CometBFT chain that is going to be told something.
struct Listener<'a> {
    rpc: &'a Rpc,
    client: &'a ClientId,
    contract: Address,
    level: TrustLevel,
}

impl<'a> Listener<'a> {
    async fn find(rpc: &'a Rpc, router: Address, client: &'a ClientId) -> Result<Self, Complaint> {
        let contract = contract_of(rpc, router, client, At::Latest).await?;
        let config = config_of(rpc, contract, At::Latest, client.as_str()).await?;
        Ok(Self {
            rpc,
            client,
            contract,
            level: config.trust_level,
        })
    }

    /// The messages that install those of `sets` that the client does not know, each once in a submission.
    async fn missing(
        &self,
        sets: &[&ValidatorSet],
        installed: &mut BTreeSet<(ClientId, B256)>,
    ) -> Result<Vec<Vec<u8>>, Complaint> {
        let mut messages = Vec::new();
        for set in sets {
            let hash = set.hash();
            if !installed.insert((self.client.clone(), hash)) {
                continue;
            }
            let call = TendermintClient::cardOfCall { validatorsHash: hash };
            let card = view(self.rpc, self.contract, &call, At::Latest, self.client.as_str()).await?;
            if card.is_zero() {
                messages.push(packed(self.client, evm::encode_set(set))?);
            }
        }
        Ok(messages)
    }
}

/// What cannot be packed no client on this chain can be shown.
fn packed<T>(client: &ClientId, message: Result<T, Reject>) -> Result<T, Complaint> {
    message.map_err(|reject| {
        Complaint::Ask(Fault::NoClient {
            id: client.to_string(),
            text: format!("it cannot be shown this header: failed to {reject}"),
        })
    })
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
