//! A relayer by hand: between two chains it makes clients, moves them on, and carries packets with their proofs.

use chain_cosmos::{Any, Landed};
use prost::Message;
use tendermint_client::testing::ibc::{ConsensusState, Header, Height, Root};
use tendermint_client::testing::raw;
use tendermint_proto::google::protobuf::{Duration, Timestamp};

use super::net::{Net, any, coin, said};
use crate::ibc::messages::{
    Acknowledgement, ClientState, Fraction, MsgAcknowledgement, MsgCreateClient, MsgRecvPacket,
    MsgRegisterCounterparty, MsgTimeout, MsgUpdateClient, Packet,
};
use crate::transfer::messages::MsgTransfer;

/// `ibc.core.commitment.v1.MerkleProof`, with the proofs in it left as they were encoded.
#[derive(Clone, PartialEq, Message)]
struct MerkleProof {
    #[prost(bytes = "vec", repeated, tag = "1")]
    proofs: Vec<Vec<u8>>,
}

/// Two chains whose clocks go together, each with a client of the other.
pub(super) struct Pair {
    pub(super) ends: [Net; 2],
    /// The id of the client on each chain.
    pub(super) clients: [String; 2],
}

/// Which of the two.
pub(super) const EAST: usize = 0;
pub(super) const WEST: usize = 1;

pub(super) fn other(end: usize) -> usize {
    1 - end
}

pub(super) fn revision(net: &Net) -> u64 {
    crate::ibc::revision(net.chain.chain_id())
}

pub(super) async fn signed_header(net: &Net, height: u64) -> raw::SignedHeader {
    net.rpc
        .commit(height)
        .await
        .unwrap()
        .unwrap()
        .signed_header
        .into()
}

async fn set(net: &Net, height: u64) -> raw::ValidatorSet {
    let infos = net.rpc.validators(height).await.unwrap().unwrap();
    raw::ValidatorSet {
        validators: infos.into_iter().map(Into::into).collect(),
        proposer: None,
        total_voting_power: 0,
    }
}

/// The message that shows a header of `net` to a client that trusts the one of `trusted`.
pub(super) async fn header(net: &Net, trusted: u64, height: u64) -> Header {
    Header {
        signed_header: Some(signed_header(net, height).await),
        validator_set: Some(set(net, height).await),
        trusted_height: Some(Height {
            revision_number: revision(net),
            revision_height: trusted,
        }),
        trusted_validators: Some(set(net, trusted + 1).await),
    }
}

/// The message that makes a client of `of`, which trusts its newest block.
pub(super) async fn new_client(of: &Net, signer: &str) -> Any {
    let height = of.chain.height();
    let header = signed_header(of, height).await.header.unwrap();
    let secs = |seconds| Some(Duration { seconds, nanos: 0 });
    let state = ClientState {
        chain_id: of.chain.chain_id().to_owned(),
        trust_level: Some(Fraction {
            numerator: 1,
            denominator: 3,
        }),
        trusting_period: secs(7 * 86_400),
        unbonding_period: secs(21 * 86_400),
        max_clock_drift: secs(10),
        frozen_height: Some(Height::default()),
        latest_height: Some(Height {
            revision_number: revision(of),
            revision_height: height,
        }),
        proof_specs: vec![ics23::iavl_spec(), ics23::tendermint_spec()],
        upgrade_path: vec!["upgrade".into(), "upgradedIBCState".into()],
        ..ClientState::default()
    };
    let time = header.time.unwrap();
    let consensus = ConsensusState {
        timestamp: Some(Timestamp {
            seconds: time.seconds,
            nanos: time.nanos,
        }),
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
    any("/ibc.core.client.v1.MsgCreateClient", &message)
}

pub(super) fn register(client: &str, counterparty: &str, signer: &str) -> Any {
    let message = MsgRegisterCounterparty {
        client_id: client.to_owned(),
        counterparty_merkle_prefix: vec![b"ibc".to_vec(), Vec::new()],
        counterparty_client_id: counterparty.to_owned(),
        signer: signer.to_owned(),
    };
    any("/ibc.core.client.v2.MsgRegisterCounterparty", &message)
}

pub(super) fn update_with(client: &str, kind: &str, shown: &impl Message, signer: &str) -> Any {
    let message = MsgUpdateClient {
        client_id: client.to_owned(),
        client_message: Some(any(kind, shown)),
        signer: signer.to_owned(),
    };
    any("/ibc.core.client.v1.MsgUpdateClient", &message)
}

/// The packets that the events of a transaction tell under `kind`.
pub(super) fn packet(landed: &Landed, kind: &str) -> Packet {
    let bytes = hex::decode(said(&landed.events, kind, "encoded_packet_hex")).unwrap();
    Packet::decode(bytes.as_slice()).unwrap()
}

pub(super) fn acknowledgement(landed: &Landed) -> Acknowledgement {
    let told = said(
        &landed.events,
        "write_acknowledgement",
        "encoded_acknowledgement_hex",
    );
    Acknowledgement::decode(hex::decode(told).unwrap().as_slice()).unwrap()
}

impl Pair {
    pub(super) async fn new() -> Self {
        let ends = [Net::new("east-1").await, Net::new("west-2").await];
        let mut pair = Self {
            ends,
            clients: Default::default(),
        };
        pair.advance(1);
        for end in [EAST, WEST] {
            let net = &pair.ends[end];
            let message = new_client(&pair.ends[other(end)], &net.address()).await;
            let landed = pair.send(end, &[message]).await;
            pair.clients[end] = said(&landed.events, "create_client", "client_id").to_owned();
        }
        for end in [EAST, WEST] {
            let [own, their] = [&pair.clients[end], &pair.clients[other(end)]];
            let message = register(own, their, &pair.ends[end].address());
            pair.send(end, &[message]).await;
        }
        pair
    }

    /// Lets time pass on both.
    pub(super) fn advance(&self, blocks: u64) {
        for _ in 0..blocks {
            self.ends[EAST].chain.advance(1);
            self.ends[WEST].chain.advance(1);
        }
    }

    /// Sends on one chain; a block comes on both.
    pub(super) async fn send(&self, end: usize, messages: &[Any]) -> Landed {
        self.ends[other(end)].chain.advance(1);
        self.ends[end].send(messages).await
    }

    /// What a client believes: its newest height.
    pub(super) async fn believed(&self, end: usize) -> u64 {
        let key = format!("clients/{}/clientState", self.clients[end]);
        let net = &self.ends[end];
        let stored = net
            .rpc
            .prove("ibc", key.as_bytes(), net.chain.height())
            .await
            .unwrap()
            .unwrap();
        let stored = Any::decode(stored.value.as_slice()).unwrap();
        let state = ClientState::decode(stored.value.as_slice()).unwrap();
        state.latest_height.unwrap().revision_height
    }

    /// The message by which the client on `end` learns the newest header of the other chain.
    pub(super) async fn update(&self, end: usize) -> Any {
        let their = &self.ends[other(end)];
        let shown = header(their, self.believed(end).await, their.chain.height()).await;
        let signer = self.ends[end].address();
        update_with(
            &self.clients[end],
            "/ibc.lightclients.tendermint.v1.Header",
            &shown,
            &signer,
        )
    }

    /// What `end` stored under `key` before its newest block, with the height under whose root that is.
    pub(super) async fn proof(&self, end: usize, key: &[u8]) -> (Vec<u8>, Option<Height>) {
        let net = &self.ends[end];
        let height = net.chain.height() - 1;
        let proven = net.rpc.prove("ibc", key, height).await.unwrap().unwrap();
        let proof = MerkleProof {
            proofs: proven.proofs,
        };
        let at = Height {
            revision_number: revision(net),
            revision_height: height + 1,
        };
        (proof.encode_to_vec(), Some(at))
    }

    /// The message that sends tokens from `end`.
    pub(super) fn transfer(
        &self,
        end: usize,
        denom: &str,
        amount: u128,
        timeout: u64,
        encoding: &str,
    ) -> MsgTransfer {
        MsgTransfer {
            source_port: "transfer".into(),
            source_channel: self.clients[end].clone(),
            token: Some(coin(denom, amount)),
            sender: self.ends[end].address(),
            receiver: super::net::key(2).address().to_owned(),
            timeout_height: Some(Height::default()),
            timeout_timestamp: timeout,
            memo: String::new(),
            encoding: encoding.into(),
        }
    }

    /// The time of the newest block of `end`, and `more` seconds.
    pub(super) fn after_now(&self, end: usize, more: u64) -> u64 {
        let chain = &self.ends[end].chain;
        let time = chain.block(chain.height()).unwrap().header.time.unwrap();
        u64::try_from(time.seconds).unwrap() + more
    }

    pub(super) async fn send_transfer(&self, end: usize, message: &MsgTransfer) -> Landed {
        self.send(end, &[any("/ibc.applications.transfer.v1.MsgTransfer", message)])
            .await
    }

    /// The messages that bring a packet to `end`.
    pub(super) async fn receive(&self, end: usize, packet: &Packet) -> [Any; 2] {
        let key = crate::ibc::commitment::commitment_key(&packet.source_client, packet.sequence);
        let (proof_commitment, proof_height) = self.proof(other(end), &key).await;
        let message = MsgRecvPacket {
            packet: Some(packet.clone()),
            proof_commitment,
            proof_height,
            signer: self.ends[end].address(),
        };
        let message = any("/ibc.core.channel.v2.MsgRecvPacket", &message);
        [self.update(end).await, message]
    }

    /// The messages that bring its acknowledgement back to `end`.
    pub(super) async fn acknowledge(&self, end: usize, packet: &Packet, ack: &Acknowledgement) -> [Any; 2] {
        let key = crate::ibc::commitment::acknowledgement_key(&packet.destination_client, packet.sequence);
        let (proof_acked, proof_height) = self.proof(other(end), &key).await;
        let message = MsgAcknowledgement {
            packet: Some(packet.clone()),
            acknowledgement: Some(ack.clone()),
            proof_acked,
            proof_height,
            signer: self.ends[end].address(),
        };
        let message = any("/ibc.core.channel.v2.MsgAcknowledgement", &message);
        [self.update(end).await, message]
    }

    /// The messages that tell `end` that its packet was not received in time.
    pub(super) async fn time_out(&self, end: usize, packet: &Packet) -> [Any; 2] {
        let key = crate::ibc::commitment::receipt_key(&packet.destination_client, packet.sequence);
        let (proof_unreceived, proof_height) = self.proof(other(end), &key).await;
        let message = MsgTimeout {
            packet: Some(packet.clone()),
            proof_unreceived,
            proof_height,
            signer: self.ends[end].address(),
        };
        let message = any("/ibc.core.channel.v2.MsgTimeout", &message);
        [self.update(end).await, message]
    }

    /// Carries a packet from `end` to the other chain and its acknowledgement back.
    pub(super) async fn carry(&self, end: usize, packet: &Packet) -> (Landed, Landed) {
        self.advance(1);
        let there = self.receive(other(end), packet).await;
        let received = self.send(other(end), &there).await;
        self.advance(1);
        let back = self.acknowledge(end, packet, &acknowledgement(&received)).await;
        let acknowledged = self.send(end, &back).await;
        (received, acknowledged)
    }
}
