//! What interoperation requires, against published values: commitments, paths, slots, selectors, topics.

mod support;

use alloy_primitives::{B256, b256, hex, keccak256};
use support::{abi_packet, packet, transfer};
use wire::{
    Acknowledgement, COMMITMENTS_SLOT, ClientId, Sequence, UNIVERSAL_ERROR_ACK, commit,
    evm::{erc7201_slot, selector, topic},
    ics20, path,
};

/// ABI types of a payload and of a packet, as signatures spell them.
const PAYLOAD: &str = "(string,string,string,string,bytes)";
const PACKET: &str = "(uint64,string,string,uint64,(string,string,string,string,bytes)[])";
const HEIGHT: &str = "(uint64,uint64)";

fn sequence(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

fn client(id: &str) -> ClientId {
    ClientId::new(id).unwrap()
}

#[test]
fn commits_to_a_json_packet() {
    let json =
        br#"{"denom":"uatom","amount":"1000000","sender":"sender","receiver":"receiver","memo":"memo"}"#;
    assert_eq!(
        commit::packet(&packet("application/json", json)),
        b256!("a096722aa6534040a0efbdae05765132a7b223ad306d6512f3734821bd046505")
    );
}

#[test]
fn commits_to_an_abi_packet() {
    assert_eq!(
        commit::packet(&abi_packet()),
        b256!("d408dca5088b9b375edb3c4df6bae0e18084fc0dbd90fcd0d028506553c81b25")
    );
}

#[test]
fn commits_to_an_abi_packet_for_channel_1() {
    let mut packet = abi_packet();
    packet.destination_client = client("channel-1");
    assert_eq!(
        commit::packet(&packet),
        b256!("b691a1950f6fb0bbbcf4bdb16fe2c4d0aa7ef783eb7803073f475cb8164d9b7a")
    );
}

#[test]
fn commits_to_acknowledgements() {
    let vectors: [(&[u8], B256); 3] = [
        (
            b"some bytes",
            b256!("f03b4667413e56aaf086663267913e525c442b56fa1af4fa3f3dab9f37044c5b"),
        ),
        (
            ics20::ERROR_ACK,
            b256!("e2fb30dfbf7abdeaca82d426534d2b3a9d5444dd2a87fa16d38b77ba1a13ced7"),
        ),
        (
            ics20::SUCCESS_ACK,
            b256!("8460e21f73b53d779e4b3291cd35338e92fae9998735f1a0b7150c074c0731a6"),
        ),
    ];
    for (ack, commitment) in vectors {
        assert_eq!(commit::acknowledgement(ack), commitment);
    }
}

#[test]
fn the_universal_error_is_a_hash_of_its_name() {
    use sha2::{Digest, Sha256};
    assert_eq!(
        Sha256::digest("UNIVERSAL_ERROR_ACKNOWLEDGEMENT")[..],
        UNIVERSAL_ERROR_ACK[..]
    );
    assert_eq!(
        Acknowledgement::error().as_bytes(),
        UNIVERSAL_ERROR_ACK.as_slice()
    );
    assert!(Acknowledgement::error().is_error());
    assert!(!Acknowledgement::success(ics20::SUCCESS_ACK).unwrap().is_error());
}

#[test]
fn paths_are_client_kind_and_sequence() {
    let vectors = [
        (
            path::commitment(&client("channel-0"), sequence(1)),
            "6368616e6e656c2d30010000000000000001",
        ),
        (
            path::receipt(&client("channel-1"), sequence(2)),
            "6368616e6e656c2d31020000000000000002",
        ),
        (
            path::acknowledgement(&client("channel-2"), sequence(3)),
            "6368616e6e656c2d32030000000000000003",
        ),
    ];
    for (path, bytes) in vectors {
        assert_eq!(hex::encode(path.to_bytes()), bytes);
    }
}

#[test]
fn paths_have_a_slot_in_an_evm_router() {
    let path = path::commitment(&client("client-0"), Sequence::FIRST);
    assert_eq!(
        path.evm_key(),
        b256!("3afaf5ccd0f14678af1f261cb9a12a7fd4d3798178b94cb5d9d975d08e1829d8")
    );
    assert_eq!(
        path.evm_slot(COMMITMENTS_SLOT),
        b256!("79a5307f4993e7eb3894d3aafa592f86bb1b605ca1a506e595f1874343b9a987")
    );
}

#[test]
fn receipts_are_the_hash_of_the_encoding() {
    let packet = abi_packet();
    assert_eq!(
        commit::receipt(&packet),
        keccak256(wire::abi::encode_packet(&packet))
    );
}

#[test]
fn the_commitments_slot_is_that_of_its_namespace() {
    assert_eq!(erc7201_slot("ibc.storage.IBCStore"), COMMITMENTS_SLOT);
}

#[test]
fn namespaces_have_the_published_slots() {
    let slots = [
        (
            "ICS26Router",
            b256!("c5779f3c2c21083eefa6d04f6a698bc0d8c10db124ad5e0df6ef394b6d7bf600"),
        ),
        (
            "ICS02Client",
            b256!("515a8336edcaab4ae6524d41223c1782132890f89189ba6632107a7b5a449600"),
        ),
        (
            "ICS20Transfer",
            b256!("823f7a8ea9ae6df0eb03ec5e1682d7a2839417ad8a91774118e6acf2e8d2f800"),
        ),
        (
            "Escrow",
            b256!("537eb9d931756581e7ea6f7811162c646321946650ac0ac6bf83b24932e41600"),
        ),
        (
            "ICS27GMP",
            b256!("e73deb02cd654f25b90ec94b434589ea350a706e2446d278b41c3a86dc8f4500"),
        ),
        (
            "IBCERC20",
            b256!("1dd677b5a02f77610493322b5fdbbfdb607b541c6e6045daab3464e895dea800"),
        ),
    ];
    for (name, slot) in slots {
        assert_eq!(erc7201_slot(&format!("ibc.storage.{name}")), slot, "{name}");
    }
}

#[test]
fn selectors_are_those_of_their_signatures() {
    let signatures = [
        (
            selector::SEND_PACKET,
            format!("sendPacket((string,uint64,{PAYLOAD}))"),
        ),
        (
            selector::RECV_PACKET,
            format!("recvPacket(({PACKET},bytes,{HEIGHT}))"),
        ),
        (
            selector::ACK_PACKET,
            format!("ackPacket(({PACKET},bytes,bytes,{HEIGHT}))"),
        ),
        (
            selector::TIMEOUT_PACKET,
            format!("timeoutPacket(({PACKET},bytes,{HEIGHT}))"),
        ),
        (selector::UPDATE_CLIENT, "updateClient(string,bytes)".into()),
        (selector::GET_COMMITMENT, "getCommitment(bytes32)".into()),
    ];
    for (selector, signature) in signatures {
        assert_eq!(keccak256(&signature)[..4], selector.0, "{signature}");
    }
}

#[test]
fn topics_are_those_of_their_signatures() {
    let signatures = [
        (topic::SEND_PACKET, format!("SendPacket(string,uint256,{PACKET})")),
        (
            topic::WRITE_ACKNOWLEDGEMENT,
            format!("WriteAcknowledgement(string,uint256,{PACKET},bytes[])"),
        ),
        (
            topic::ACK_PACKET,
            format!("AckPacket(string,uint256,{PACKET},bytes)"),
        ),
        (
            topic::TIMEOUT_PACKET,
            format!("TimeoutPacket(string,uint256,{PACKET})"),
        ),
        (topic::NOOP, "Noop()".into()),
    ];
    for (topic, signature) in signatures {
        assert_eq!(keccak256(&signature), topic, "{signature}");
    }
}

#[test]
fn a_transfer_makes_a_payload_that_reads_back() {
    let payload = transfer().to_payload().unwrap();
    assert_eq!(payload, abi_packet().payload);
    assert_eq!(ics20::decode(payload.value.as_bytes()), Ok(transfer()));
}
