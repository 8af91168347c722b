//! A submission: one transaction that carries client updates and packet messages.

use crate::{AnyPacket, Gas};
use alloc::boxed::Box;
use alloc::vec::Vec;
use alloy_primitives::Bytes;
use wire::{Acknowledgement, ClientId, Height, Sequence};

/// Names one submission in records and logs; it counts up per relayer store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionId(pub u64);

/// What a light client on chain trusts, by kind of client.
#[derive(Clone, Debug, PartialEq)]
pub enum TrustedState {
    /// A beacon client of an Ethereum chain; boxed, because its ring makes it large.
    Ethereum(Box<ethereum::Trusted>),
    /// An attestor client.
    Attestors(Box<attestor::Trusted>),
    /// A client of a CometBFT chain.
    Tendermint(Box<tendermint_client::Trusted>),
    /// A client made of others.
    Policy(Box<PolicyState>),
}

impl TrustedState {
    /// Whether attestors are believed, by the client itself or by a leaf of it.
    pub fn believes_attestors(&self) -> bool {
        match self {
            Self::Ethereum(_) | Self::Tendermint(_) => false,
            Self::Attestors(_) => true,
            Self::Policy(state) => state.leaves.iter().flatten().any(Self::believes_attestors),
        }
    }

    /// The same without who believes attestors, whose words are no states of a chain to compare; none if nothing is left. A leaf that
    /// is left out stands as an absent one.
    pub fn without_attestors(self) -> Option<Self> {
        match self {
            Self::Ethereum(_) | Self::Tendermint(_) => Some(self),
            Self::Attestors(_) => None,
            Self::Policy(mut state) => {
                for leaf in &mut state.leaves {
                    *leaf = leaf.take().and_then(Self::without_attestors);
                }
                let is_left = state.leaves.iter().any(Option::is_some);
                is_left.then_some(Self::Policy(state))
            }
        }
    }
}

/// A policy and what its leaves trust.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyState {
    /// What has to hold.
    pub policy: policy::Policy,
    /// For each leaf, from left to right, what it trusts; none of one that is halted or does not answer, and so absent.
    pub leaves: Vec<Option<TrustedState>>,
}

/// One step forward of a light client, by kind of client.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few at a time, and most are of the large kind"
)]
pub enum ClientUpdate {
    /// A sync-committee update.
    Ethereum(ethereum::Update),
    /// What attestors signed.
    Attestors(attestor::Update),
    /// A header that validators signed.
    Tendermint(Box<tendermint_client::Update>),
    /// The set of attestors that waits takes over. Anybody may say so once its delay is over.
    CompleteRotation,
    /// Attestors contradicted themselves.
    Evidence(attestor::Evidence),
    /// Validators contradicted themselves.
    Misbehaviour(tendermint_client::Evidence),
    /// A step of one leaf of a policy.
    Leaf {
        /// Its place, from the left.
        leaf: u8,
        /// The leaf's own step.
        update: Box<ClientUpdate>,
    },
}

impl ClientUpdate {
    /// Whether it travels without packets and without other steps: it changes who is believed, not what is known.
    pub fn is_errand(&self) -> bool {
        match self {
            Self::Ethereum(_) | Self::Attestors(_) | Self::Tendermint(_) => false,
            Self::CompleteRotation | Self::Evidence(_) | Self::Misbehaviour(_) => true,
            Self::Leaf { update, .. } => update.is_errand(),
        }
    }
}

/// One update addressed to the client it moves.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateClient {
    /// The client on the chain that gets the submission.
    pub client: ClientId,
    /// The step.
    pub update: ClientUpdate,
}

/// One packet message with its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What happens to the packet.
    pub kind: MessageKind,
    /// The packet.
    pub packet: AnyPacket,
    /// The storage proof, in the byte format of the client that checks it.
    pub proof: Bytes,
    /// The height of the other chain at which `proof` holds.
    pub height: Height,
    /// What the router's own work on it may use within a batch; what its application registered comes on top.
    pub gas: Gas,
}

/// What a message does with its packet.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageKind {
    /// Delivers it; the proof shows its commitment.
    Recv,
    /// Brings back the application's answer; the proof shows the acknowledgement's commitment.
    Ack(Acknowledgement),
    /// Takes it back; the proof shows that it was not received.
    Timeout(Unreceived),
}

/// How it is shown that a packet was not received, and never will be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreceived {
    /// Over an ordered channel: the packet that its destination takes next, which the proof shows. Elsewhere the proof shows
    /// that there is no receipt.
    pub next: Option<Sequence>,
    /// Of a packet whose time is not up: the proof, of the same height, that the destination's end of the channel is closed.
    pub closed: Option<Bytes>,
}

/// One transaction: all updates first, in order, then all messages, in order.
///
/// With a pool it is one batch: a message that fails is skipped, and anything else makes the whole of it revert. Without
/// one each message has its own call and its own proof, and the transaction succeeds or reverts as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Its name in records and logs.
    pub id: SubmissionId,
    /// Client updates; empty when the clients already trust the heights of the messages.
    pub updates: Vec<UpdateClient>,
    /// Packet messages; empty when the submission only refreshes clients. With a pool all have one height, one client
    /// on the chain that gets them, and the order in which the pool takes them.
    pub messages: Vec<Message>,
    /// One proof for all messages, in the format of the client that checks it.
    pub pool: Option<Bytes>,
}
