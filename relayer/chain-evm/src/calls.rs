//! A submission as the router's calls, and back: one `multicall` whose calls are the updates and then the messages.

use crate::abi::{MsgAckPacket, MsgRecvPacket, MsgTimeoutPacket, Router, height_to_sol, to_sol};
use crate::told;
use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use chain::{ClientUpdate, Fault, Message, MessageKind, Submission};
use std::borrow::Cow;
use wire::{ClientId, Packet};

/// The calls of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Calls {
    /// Client updates.
    pub(crate) updates: Vec<Bytes>,
    /// Packet messages, in the order of the submission.
    pub(crate) messages: Vec<Bytes>,
}

impl Calls {
    /// The calls that tell clients `told` and then carry out the messages of `submission`.
    pub(crate) fn of(told: &[told::Message], submission: &Submission) -> Self {
        let updates = told.iter().map(|one| {
            let (client, message) = (one.client.to_string(), one.message.clone());
            if one.is_evidence {
                let call = Router::submitMisbehaviourCall {
                    clientId: client,
                    misbehaviourMsg: message,
                };
                return call.abi_encode().into();
            }
            let call = Router::updateClientCall {
                clientId: client,
                updateMsg: message,
            };
            call.abi_encode().into()
        });
        Self {
            updates: updates.collect(),
            messages: messages_of(submission).map(message_call).collect(),
        }
    }

    /// The calls inside the input of a router transaction, or none when it is no multicall.
    pub(crate) fn read(input: &[u8]) -> Option<Self> {
        let multicall = Router::multicallCall::abi_decode(input).ok()?;
        let is_update = |call: &Bytes| {
            call.starts_with(&Router::updateClientCall::SELECTOR)
                || call.starts_with(&Router::submitMisbehaviourCall::SELECTOR)
        };
        let (updates, messages) = multicall.calls.into_iter().partition(is_update);
        Some(Self { updates, messages })
    }

    /// The transaction's input.
    pub(crate) fn multicall(&self) -> Bytes {
        let calls = self.updates.iter().chain(&self.messages).cloned().collect();
        Router::multicallCall { calls }.abi_encode().into()
    }

    /// The input of a transaction with the updates and none of the messages.
    pub(crate) fn without_messages(&self) -> Bytes {
        Router::multicallCall {
            calls: self.updates.clone(),
        }
        .abi_encode()
        .into()
    }

    /// The input of a transaction with the updates and this one message.
    pub(crate) fn with_one(&self, message: &Bytes) -> Bytes {
        let calls = self
            .updates
            .iter()
            .chain(core::iter::once(message))
            .cloned()
            .collect();
        Router::multicallCall { calls }.abi_encode().into()
    }
}

/// An update as its client takes it, where that follows from the update alone.
///
/// Fails for headers of a CometBFT chain, which depend on what their client knows, and for a step of a leaf of a leaf.
pub(crate) fn update_bytes(client: &ClientId, update: &ClientUpdate) -> Result<Vec<u8>, Fault> {
    Ok(match update {
        ClientUpdate::Ethereum(update) => packed_update(update),
        ClientUpdate::Attestors(update) => attestor::codec::encode_update(update),
        ClientUpdate::Evidence(evidence) => attestor::codec::encode_evidence(evidence),
        // It is a call of the client itself, of which the router knows nothing.
        ClientUpdate::CompleteRotation => Vec::new(),
        ClientUpdate::Leaf { .. } => return Err(not_taken(client, "a policy stands in a policy")),
        ClientUpdate::Tendermint(_) | ClientUpdate::Misbehaviour(_) => {
            let text = "what a header of a CometBFT chain is told with depends on the client that takes it";
            return Err(not_taken(client, text));
        }
    })
}

fn not_taken(client: &ClientId, text: &str) -> Fault {
    Fault::NoClient {
        id: client.to_string(),
        text: text.into(),
    }
}

/// An update of an Ethereum client whose account proof is packed: bytes of a call are most of what it costs.
#[must_use]
pub fn packed_update(update: &ethereum::Update) -> Vec<u8> {
    let mut update = update.clone();
    update.account_proof = merkle::mpt::pack_present(&update.account_proof).into_owned();
    ethereum::codec::encode_update(&update)
}

/// The proof that a packet's commitment or answer is there, packed where it is one by the nodes of a trie.
#[must_use]
pub fn packed_proof(proof: &Bytes) -> Bytes {
    packed(merkle::mpt::pack_present(proof), proof)
}

fn packed(form: Cow<'_, [u8]>, proof: &Bytes) -> Bytes {
    match form {
        Cow::Borrowed(_) => proof.clone(),
        Cow::Owned(packed) => packed.into(),
    }
}

pub(crate) fn is_evidence(update: &ClientUpdate) -> bool {
    match update {
        ClientUpdate::Evidence(_) | ClientUpdate::Misbehaviour(_) => true,
        ClientUpdate::Leaf { update, .. } => is_evidence(update),
        ClientUpdate::Ethereum(_)
        | ClientUpdate::Attestors(_)
        | ClientUpdate::Tendermint(_)
        | ClientUpdate::CompleteRotation => false,
    }
}

/// The messages with their packets. Those of IBC v1 are refused before: an EVM chain has no channels.
pub(crate) fn messages_of(submission: &Submission) -> impl Iterator<Item = (&Message, &Packet)> {
    let messages = submission.messages.iter();
    messages.filter_map(|message| Some((message, message.packet.v2()?)))
}

fn message_call((message, packet): (&Message, &Packet)) -> Bytes {
    let packet = to_sol(packet);
    let height = height_to_sol(message.height);
    let call = match &message.kind {
        MessageKind::Recv => Router::recvPacketCall {
            message: MsgRecvPacket {
                packet,
                proofCommitment: packed_proof(&message.proof),
                proofHeight: height,
            },
        }
        .abi_encode(),
        MessageKind::Ack(acknowledgement) => Router::ackPacketCall {
            message: MsgAckPacket {
                packet,
                acknowledgement: Bytes::copy_from_slice(acknowledgement.as_bytes()),
                proofAcked: packed_proof(&message.proof),
                proofHeight: height,
            },
        }
        .abi_encode(),
        MessageKind::Timeout(_) => Router::timeoutPacketCall {
            message: MsgTimeoutPacket {
                packet,
                // It may end in the leaf of another key.
                proofTimeout: packed(merkle::mpt::pack(&message.proof), &message.proof),
                proofHeight: height,
            },
        }
        .abi_encode(),
    };
    call.into()
}
