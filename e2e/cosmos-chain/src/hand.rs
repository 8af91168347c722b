//! Relaying by hand: what is shown to one chain of another, built from what a node serves, one message at a time.
//!
//! For tests of chains, embedded and real ones, without the relayer that they are there to judge. It never waits, keeps
//! nothing and decides nothing.

use anyhow::{Context, Result, anyhow};
use chain_cosmos::{Answered, Event, Rpc};
use cosmrs::Any;
use prost::Message;
use tendermint_client::testing::ibc::{ConsensusState, Header, Height, Root};
use tendermint_client::testing::raw;
use tendermint_proto::google::protobuf::Duration;

pub use crate::ibc::commitment::{acknowledgement_key, commitment_key, error_acknowledgement, receipt_key};
pub use crate::ibc::messages::{
    Acknowledgement, ClientState, CounterpartyInfo, Fraction, MsgAcknowledgement, MsgCreateClient,
    MsgRecvPacket, MsgRegisterCounterparty, MsgSendPacket, MsgTimeout, MsgUpdateClient, Packet, Payload,
};
pub use crate::transfer::messages::MsgTransfer;

/// Trust in a chain, and how long its stake is held back.
const TRUSTED_SECS: i64 = 7 * 86_400;
const UNBONDING_SECS: i64 = 21 * 86_400;
const DRIFT_SECS: i64 = 10;

/// `ibc.core.commitment.v1.MerkleProof`, with the proofs in it left as they were encoded.
#[derive(Clone, PartialEq, Message)]
struct MerkleProof {
    #[prost(bytes = "vec", repeated, tag = "1")]
    proofs: Vec<Vec<u8>>,
}

/// `ibc.core.client.v1.QueryClientStateRequest`.
#[derive(Clone, PartialEq, Message)]
struct ClientRequest {
    #[prost(string, tag = "1")]
    client_id: String,
}

/// `ibc.core.client.v1.QueryClientStateResponse`, as far as it is read.
#[derive(Clone, PartialEq, Message)]
struct ClientResponse {
    #[prost(message, optional, tag = "1")]
    client_state: Option<Any>,
}

/// A proof, and the height under whose root it holds.
pub type Proof = (Vec<u8>, Option<Height>);

/// A chain, by one of its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The node.
    pub rpc: &'a Rpc,
    /// The chain's id.
    pub chain_id: &'a str,
}

/// The answer, if there is one.
fn answer<T>(answered: Answered<T>) -> Result<T> {
    match answered {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(refusal)) => Err(anyhow!("the node refused: {refusal:?}")),
        Err(complaint) => Err(anyhow!("the node did not answer: {complaint:?}")),
    }
}

impl Seen<'_> {
    /// A height of this chain.
    pub fn height(&self, height: u64) -> Height {
        Height {
            revision_number: crate::ibc::revision(self.chain_id),
            revision_height: height,
        }
    }

    /// The newest block.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn newest(&self) -> Result<u64> {
        answer(self.rpc.status().await.map(Ok)).map(|status| status.latest)
    }

    async fn signed_header(&self, height: u64) -> Result<raw::SignedHeader> {
        Ok(answer(self.rpc.commit(height).await)?.signed_header.into())
    }

    async fn set(&self, height: u64) -> Result<raw::ValidatorSet> {
        let infos = answer(self.rpc.validators(height).await)?;
        let validators: Vec<raw::Validator> = infos.into_iter().map(Into::into).collect();
        Ok(raw::ValidatorSet {
            // Somebody of the set has to be named; who, no hash covers.
            proposer: validators.first().cloned(),
            validators,
            total_voting_power: 0,
        })
    }

    /// The header of `height`, for a client that trusts that of `trusted`.
    ///
    /// # Errors
    /// The node does not answer, or does not have it.
    pub async fn header(&self, trusted: u64, height: u64) -> Result<Header> {
        Ok(Header {
            signed_header: Some(self.signed_header(height).await?),
            validator_set: Some(self.set(height).await?),
            trusted_height: Some(self.height(trusted)),
            trusted_validators: Some(self.set(trusted + 1).await?),
        })
    }

    /// The message that makes a client of this chain, which begins with the block of `height`.
    ///
    /// # Errors
    /// The node does not answer, or does not have it.
    pub async fn new_client(&self, height: u64, signer: &str) -> Result<Any> {
        let header = self.signed_header(height).await?.header.context("a header")?;
        let secs = |seconds| Some(Duration { seconds, nanos: 0 });
        let state = ClientState {
            chain_id: self.chain_id.to_owned(),
            trust_level: Some(Fraction {
                numerator: 1,
                denominator: 3,
            }),
            trusting_period: secs(TRUSTED_SECS),
            unbonding_period: secs(UNBONDING_SECS),
            max_clock_drift: secs(DRIFT_SECS),
            frozen_height: Some(Height::default()),
            latest_height: Some(self.height(height)),
            proof_specs: vec![ics23::iavl_spec(), ics23::tendermint_spec()],
            upgrade_path: vec!["upgrade".into(), "upgradedIBCState".into()],
            ..ClientState::default()
        };
        let consensus = ConsensusState {
            timestamp: header.time,
            root: Some(Root {
                hash: header.app_hash,
            }),
            next_validators_hash: header.next_validators_hash,
        };
        let message = MsgCreateClient {
            client_state: Some(any("/ibc.lightclients.tendermint.v1.ClientState", &state)),
            consensus_state: Some(any("/ibc.lightclients.tendermint.v1.ConsensusState", &consensus)),
            signer: signer.to_owned(),
        };
        Ok(any("/ibc.core.client.v1.MsgCreateClient", &message))
    }

    /// The newest height that the client `client` of this chain believes.
    ///
    /// # Errors
    /// The node does not answer, or there is no such client.
    pub async fn believed(&self, client: &str) -> Result<u64> {
        let state = self.client_state(client).await?;
        Ok(state.latest_height.unwrap_or_default().revision_height)
    }

    /// Whether `client` on this chain was shown that it is deceived.
    ///
    /// # Errors
    /// There is none, or the node does not answer.
    pub async fn is_frozen(&self, client: &str) -> Result<bool> {
        let frozen = self.client_state(client).await?.frozen_height;
        Ok(frozen.is_some_and(|height| height != Height::default()))
    }

    async fn client_state(&self, client: &str) -> Result<ClientState> {
        let request = ClientRequest {
            client_id: client.to_owned(),
        };
        let path = "/ibc.core.client.v1.Query/ClientState";
        let found = answer(self.rpc.query(path, &request.encode_to_vec(), None).await)?;
        let found = ClientResponse::decode(found.value.as_slice())?.client_state;
        Ok(ClientState::decode(found.context("a client")?.value.as_slice())?)
    }

    /// What the store of IBC holds under `key` after the block of `height`, which must not be the newest: the next one has the
    /// root.
    ///
    /// # Errors
    /// The node does not answer, or has no state of that height.
    pub async fn proof(&self, key: &[u8], height: u64) -> Result<Proof> {
        let proven = answer(self.rpc.prove("ibc", key, height).await)?;
        let proof = MerkleProof {
            proofs: proven.proofs,
        };
        Ok((proof.encode_to_vec(), Some(self.height(height + 1))))
    }
}

/// A message under the name of its type.
pub fn any(kind: &str, message: &impl Message) -> Any {
    Any {
        type_url: kind.to_owned(),
        value: message.encode_to_vec(),
    }
}

/// The message that tells `client` its counterparty, a client of a Cosmos chain.
pub fn register(client: &str, counterparty: &str, signer: &str) -> Any {
    let message = MsgRegisterCounterparty {
        client_id: client.to_owned(),
        counterparty_merkle_prefix: vec![b"ibc".to_vec(), Vec::new()],
        counterparty_client_id: counterparty.to_owned(),
        signer: signer.to_owned(),
    };
    any("/ibc.core.client.v2.MsgRegisterCounterparty", &message)
}

/// The message that shows `shown`, named `kind`, to `client`.
pub fn update_with(client: &str, kind: &str, shown: &impl Message, signer: &str) -> Any {
    let message = MsgUpdateClient {
        client_id: client.to_owned(),
        client_message: Some(any(kind, shown)),
        signer: signer.to_owned(),
    };
    any("/ibc.core.client.v1.MsgUpdateClient", &message)
}

/// The message that shows a header to `client`.
pub fn update(client: &str, shown: &Header, signer: &str) -> Any {
    update_with(client, "/ibc.lightclients.tendermint.v1.Header", shown, signer)
}

/// The message that brings a packet.
pub fn receive(packet: &Packet, proof: Proof, signer: &str) -> Any {
    let message = MsgRecvPacket {
        packet: Some(packet.clone()),
        proof_commitment: proof.0,
        proof_height: proof.1,
        signer: signer.to_owned(),
    };
    any("/ibc.core.channel.v2.MsgRecvPacket", &message)
}

/// The message that brings an acknowledgement back.
pub fn acknowledge(packet: &Packet, acknowledgement: &Acknowledgement, proof: Proof, signer: &str) -> Any {
    let message = MsgAcknowledgement {
        packet: Some(packet.clone()),
        acknowledgement: Some(acknowledgement.clone()),
        proof_acked: proof.0,
        proof_height: proof.1,
        signer: signer.to_owned(),
    };
    any("/ibc.core.channel.v2.MsgAcknowledgement", &message)
}

/// The message that tells that a packet was not received in time.
pub fn time_out(packet: &Packet, proof: Proof, signer: &str) -> Any {
    let message = MsgTimeout {
        packet: Some(packet.clone()),
        proof_unreceived: proof.0,
        proof_height: proof.1,
        signer: signer.to_owned(),
    };
    any("/ibc.core.channel.v2.MsgTimeout", &message)
}

/// What the one event of `kind` says under `name`.
///
/// # Errors
/// There is none.
pub fn said<'a>(events: &'a [Event], kind: &str, name: &str) -> Result<&'a str> {
    let event = events.iter().find(|event| event.kind == kind);
    let event = event.with_context(|| format!("no event {kind} in {events:?}"))?;
    event
        .attribute(name)
        .with_context(|| format!("no {name} in {event:?}"))
}

/// The packet that the first event of `kind` tells.
///
/// # Errors
/// There is no such event.
pub fn packet(events: &[Event], kind: &str) -> Result<Packet> {
    let bytes = hex::decode(said(events, kind, "encoded_packet_hex")?)?;
    Ok(Packet::decode(bytes.as_slice())?)
}

/// The acknowledgement that was written.
///
/// # Errors
/// There is none.
pub fn acknowledgement(events: &[Event]) -> Result<Acknowledgement> {
    let told = said(events, "write_acknowledgement", "encoded_acknowledgement_hex")?;
    Ok(Acknowledgement::decode(hex::decode(told)?.as_slice())?)
}
