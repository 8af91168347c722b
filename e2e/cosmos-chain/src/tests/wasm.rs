//! Packets between this chain and an EVM chain, whose beacon chain is followed by the client of 08-wasm. The beacon chain is
//! drawn by the test equipment of the law: its tries are those of alloy-trie.

use alloy_primitives::B256;
use chain_cosmos::Any;
use ethereum::codec::{encode_bootstrap, encode_evidence, encode_update};
use ethereum::testing::{Draft, World, any_network, filler};
use ethereum::{Epoch, Evidence, Fork, ForkSchedule, Layout, Times, Update};
use tendermint_client::testing::ibc::Height;
use wasm_client::{Genesis, Message, NextSet};
use wire::{ClientId, Seconds, Sequence, path};

use super::net::{Net, RICH, STAKE, any, config, key, said};
use super::relay::packet;
use crate::ChainConfig;
use crate::ibc::commitment;
use crate::ibc::messages::{
    Acknowledgement, MsgAcknowledgement, MsgCreateClient, MsgRecvPacket, MsgRegisterCounterparty, MsgTimeout,
    MsgUpdateClient, Packet, Payload,
};
use crate::ibc::wasm::{ClientState, Data};
use crate::transfer::messages::MsgTransfer;

const EPOCH: u64 = 8;
/// Slot of the bootstrap.
const START: u64 = 64;
/// Slot of the state that the client learns.
const LEARNED: u64 = START + EPOCH;
const CODE: [u8; 32] = [7; 32];
/// The client of this chain over there, and of the other one here.
const THERE: &str = "client-0";
const HERE: &str = "08-wasm-0";
const ABI: &str = "application/x-solidity-abi";

/// Blocks of the embedded chain and slots of this one come at the same times.
fn world() -> World {
    let forks = ForkSchedule::new([Fork {
        epoch: Epoch(0),
        version: [5, 0, 0, 1],
        layout: Layout::Electra,
    }]);
    let times = Times {
        genesis: Seconds(1_700_000_000),
        seconds_per_slot: 6,
        slots_per_epoch: EPOCH,
        epochs_per_period: 32,
    };
    World::new(any_network(times, filler("genesis validators", &[]), 512, forks.unwrap()).unwrap())
}

/// A chain at the time when the beacon chain's `START` is final.
async fn chain() -> Net {
    let config = ChainConfig {
        wasm_codes: vec![CODE],
        ..config("host-1")
    };
    let net = Net::with(config).await;
    net.chain.advance(START + 4 * EPOCH - net.chain.height());
    net
}

fn height(slot: u64) -> Option<Height> {
    Some(Height {
        revision_number: 0,
        revision_height: slot,
    })
}

fn new_client(net: &Net, world: &World, checksum: [u8; 32]) -> Any {
    let genesis = Genesis {
        config: world.config(),
        guardians: NextSet {
            small: 0,
            large: 0,
            guardians: Vec::new(),
        },
    };
    let state = ClientState {
        data: genesis.to_bytes(),
        checksum: checksum.to_vec(),
        latest_height: height(1),
    };
    let consensus = Data {
        data: encode_bootstrap(&world.bootstrap(START)),
    };
    let message = MsgCreateClient {
        client_state: Some(any("/ibc.lightclients.wasm.v1.ClientState", &state)),
        consensus_state: Some(any("/ibc.lightclients.wasm.v1.ConsensusState", &consensus)),
        signer: net.address(),
    };
    any("/ibc.core.client.v1.MsgCreateClient", &message)
}

fn update(net: &Net, message: &Message) -> Any {
    let shown = Data {
        data: message.to_bytes(),
    };
    let message = MsgUpdateClient {
        client_id: HERE.into(),
        client_message: Some(any("/ibc.lightclients.wasm.v1.ClientMessage", &shown)),
        signer: net.address(),
    };
    any("/ibc.core.client.v1.MsgUpdateClient", &message)
}

/// The update that teaches the state of `LEARNED`.
fn learn(net: &Net, world: &World) -> Any {
    let draft = Draft::new(LEARNED, LEARNED + 2 * EPOCH);
    update(net, &Message::Update(encode_update(&world.update(&draft))))
}

/// A chain with a client of `world` that is paired.
async fn paired(world: &World) -> Net {
    let net = chain().await;
    let made = net.send(&[new_client(&net, world, CODE)]).await;
    assert_eq!(said(&made.events, "create_client", "client_id"), HERE);
    assert_eq!(
        said(&made.events, "create_client", "consensus_height"),
        format!("0-{START}")
    );
    let register = MsgRegisterCounterparty {
        client_id: HERE.into(),
        counterparty_merkle_prefix: vec![Vec::new()],
        counterparty_client_id: THERE.into(),
        signer: net.address(),
    };
    net.send(&[any("/ibc.core.client.v2.MsgRegisterCounterparty", &register)])
        .await;
    net
}

/// The slot of the router's storage for a path.
fn slot(path: &path::Path) -> B256 {
    path.evm_slot(wire::COMMITMENTS_SLOT)
}

fn there() -> ClientId {
    ClientId::new(THERE).unwrap()
}

/// Tokens of the other chain for somebody here.
fn sent_there(net: &Net) -> Packet {
    let data = crate::transfer::Data {
        denom: "0x00000000000000000000000000000000000000aa".into(),
        amount: "1234".into(),
        sender: "0x00000000000000000000000000000000000000bb".into(),
        receiver: key(2).address().into(),
        memo: String::new(),
    };
    Packet {
        sequence: 1,
        source_client: THERE.into(),
        destination_client: HERE.into(),
        timeout_timestamp: 1_700_000_000 + 6 * net.chain.height() + 3_600,
        payloads: vec![Payload {
            source_port: "transfer".into(),
            destination_port: "transfer".into(),
            version: "ics20-1".into(),
            encoding: ABI.into(),
            value: data.encode(ABI).unwrap(),
        }],
    }
}

fn with(world: &World, slot: B256, value: &[u8]) -> World {
    let value = B256::from_slice(value);
    world.changed(|world| {
        world.storage.insert(slot, value);
    })
}

#[tokio::test]
async fn a_packet_of_an_evm_chain_is_received_by_its_proof() {
    let plain = world();
    let net = paired(&plain).await;
    let packet = sent_there(&net);
    let at = slot(&path::commitment(&there(), Sequence::FIRST));
    let world = with(&plain, at, &commitment::of_packet(&packet));
    let receive = |packet: &Packet, proof: Vec<u8>, slot: u64| {
        let message = MsgRecvPacket {
            packet: Some(packet.clone()),
            proof_commitment: proof,
            proof_height: height(slot),
            signer: net.address(),
        };
        any("/ibc.core.channel.v2.MsgRecvPacket", &message)
    };
    let proof = world.storage_proof(at).bytes();
    let learn = learn(&net, &world);
    let mut other = packet.clone();
    other.payloads[0].value.push(0);
    for (message, log) in [
        (receive(&other, proof.clone(), LEARNED), "ValueMismatch"),
        (
            receive(&packet, plain.storage_proof(at).bytes(), LEARNED),
            "StorageProof",
        ),
        (receive(&packet, proof.clone(), LEARNED + 1), "invalid height"),
        (receive(&packet, proof.clone(), START), "StorageProof"),
    ] {
        let (_, said) = net.refused(&[learn.clone(), message]).await;
        assert!(said.contains(log), "{log}: {said}");
    }
    let landed = net.send(&[learn, receive(&packet, proof, LEARNED)]).await;
    let learned = format!("0-{LEARNED}");
    assert_eq!(
        said(&landed.events, "update_client", "consensus_heights"),
        learned
    );
    let trace = format!("transfer/{HERE}/0x00000000000000000000000000000000000000aa");
    let hash = hex::encode_upper(<sha2::Sha256 as sha2::Digest>::digest(trace));
    assert_eq!(net.balance(key(2).address(), &format!("ibc/{hash}")).await, 1_234);
}

/// Sends tokens to the other chain.
async fn send_there(net: &Net, timeout: u64) -> Packet {
    let message = MsgTransfer {
        source_port: "transfer".into(),
        source_channel: HERE.into(),
        token: Some(super::net::coin(STAKE, 500)),
        sender: net.address(),
        receiver: "0x00000000000000000000000000000000000000bb".into(),
        timeout_timestamp: timeout,
        encoding: ABI.into(),
        ..MsgTransfer::default()
    };
    let landed = net
        .send(&[any("/ibc.applications.transfer.v1.MsgTransfer", &message)])
        .await;
    packet(&landed, "send_packet")
}

#[tokio::test]
async fn an_acknowledgement_of_an_evm_chain_settles() {
    let plain = world();
    let net = paired(&plain).await;
    let timeout = 1_700_000_000 + 6 * net.chain.height() + 3_600;
    let sent = send_there(&net, timeout).await;
    let ack = Acknowledgement {
        app_acknowledgements: vec![commitment::error_acknowledgement()],
    };
    let at = slot(&path::acknowledgement(&there(), Sequence::FIRST));
    let world = with(&plain, at, &commitment::of_acknowledgement(&ack));
    let message = MsgAcknowledgement {
        packet: Some(sent),
        acknowledgement: Some(ack),
        proof_acked: world.storage_proof(at).bytes(),
        proof_height: height(LEARNED),
        signer: net.address(),
    };
    assert_eq!(net.balance(&net.address(), STAKE).await, RICH - 500);
    let messages = [
        learn(&net, &world),
        any("/ibc.core.channel.v2.MsgAcknowledgement", &message),
    ];
    net.send(&messages).await;
    assert_eq!(net.balance(&net.address(), STAKE).await, RICH);
}

#[tokio::test]
async fn what_an_evm_chain_did_not_receive_comes_back() {
    let world = world();
    let net = paired(&world).await;
    // The state that is shown is later than this block, so a timeout between them has passed there.
    let learned = net.chain.height() + 2 * EPOCH;
    let learned = learned - learned % EPOCH;
    let timeout = 1_700_000_000 + 6 * learned - 1;
    let sent = send_there(&net, timeout).await;
    let at = slot(&path::receipt(&there(), Sequence::FIRST));
    let message = |slot| {
        let message = MsgTimeout {
            packet: Some(sent.clone()),
            proof_unreceived: world.storage_proof(at).bytes(),
            proof_height: height(slot),
            signer: net.address(),
        };
        any("/ibc.core.channel.v2.MsgTimeout", &message)
    };
    let (_, said) = net.refused(&[learn(&net, &world), message(LEARNED)]).await;
    assert!(said.contains("timeout not reached"), "{said}");
    net.chain.advance(4 * EPOCH);
    let draft = Draft::new(learned, learned + 2 * EPOCH);
    let update = update(&net, &Message::Update(encode_update(&world.update(&draft))));
    net.send(&[update, message(learned)]).await;
    assert_eq!(net.balance(&net.address(), STAKE).await, RICH);
}

/// Evidence shows no accounts.
fn bare(update: Update) -> Update {
    Update {
        account_proof: Vec::new(),
        ..update
    }
}

#[tokio::test]
async fn only_codes_that_governance_let_in_are_clients() {
    let world = world();
    let net = chain().await;
    let (_, said) = net.refused(&[new_client(&net, &world, [8; 32])]).await;
    assert!(
        said.contains("has not been previously stored: invalid checksum"),
        "{said}"
    );
    let mut late = world.clone();
    late.salt = 9;
    let net = paired(&world).await;
    // Two blocks finalized for one slot: whoever shows them freezes the client.
    let draft = Draft::new(LEARNED, LEARNED + 2 * EPOCH);
    let evidence = Evidence {
        first: bare(world.update(&draft)),
        second: bare(late.update(&draft)),
    };
    let message = Message::Evidence(encode_evidence(&evidence).unwrap());
    let landed = net.send(&[update(&net, &message)]).await;
    assert!(
        landed
            .events
            .iter()
            .any(|event| event.kind == "client_misbehaviour")
    );
    let (_, said) = net.refused(&[learn(&net, &world)]).await;
    assert!(
        said.contains("cannot update client (08-wasm-0) with status Frozen"),
        "{said}"
    );
}
