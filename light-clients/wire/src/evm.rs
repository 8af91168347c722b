//! Constants of the IBC v2 Solidity interface: storage, function selectors, event topics.
//!
//! They are spelled out so that a reader can find them in a block explorer; the tests derive each from its name.

use alloy_primitives::{B256, FixedBytes, U256, b256, keccak256};

/// Storage slot of the mapping of commitments: first field of the ERC-7201 struct `ibc.storage.IBCStore`.
pub const COMMITMENTS_SLOT: B256 = b256!("1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600");

/// Base slot of an ERC-7201 namespace: `keccak256(keccak256(namespace) - 1)` with the last byte cleared.
pub fn erc7201_slot(namespace: &str) -> B256 {
    let id = U256::from_be_bytes(keccak256(namespace).0).wrapping_sub(U256::from(1));
    keccak256(id.to_be_bytes::<32>()) & !B256::with_last_byte(0xff)
}

/// First four bytes of call data.
pub mod selector {
    use super::FixedBytes;

    /// `sendPacket(MsgSendPacket)`.
    pub const SEND_PACKET: FixedBytes<4> = FixedBytes([0x4d, 0x6e, 0x7c, 0xe3]);
    /// `recvPacket(MsgRecvPacket)`.
    pub const RECV_PACKET: FixedBytes<4> = FixedBytes([0x5e, 0xbd, 0x10, 0xca]);
    /// `ackPacket(MsgAckPacket)`.
    pub const ACK_PACKET: FixedBytes<4> = FixedBytes([0x1b, 0xca, 0x01, 0x1a]);
    /// `timeoutPacket(MsgTimeoutPacket)`.
    pub const TIMEOUT_PACKET: FixedBytes<4> = FixedBytes([0xb9, 0x8c, 0x33, 0x0a]);
    /// `updateClient(string,bytes)` of the router.
    pub const UPDATE_CLIENT: FixedBytes<4> = FixedBytes([0x6f, 0xbf, 0x80, 0x79]);
    /// `getCommitment(bytes32)`.
    pub const GET_COMMITMENT: FixedBytes<4> = FixedBytes([0x77, 0x95, 0x82, 0x0c]);
}

/// First topic of event logs. The client id is indexed, so the second topic is its Keccak-256; the third is the
/// sequence.
pub mod topic {
    use super::{B256, b256};

    /// `SendPacket(string indexed, uint256 indexed, Packet)`.
    pub const SEND_PACKET: B256 = b256!("ab3a4458a269be61dfa43faa33aa7b1f5d570716f83ad078bc2ba5dab039abae");
    /// `WriteAcknowledgement(string indexed, uint256 indexed, Packet, bytes[])`.
    pub const WRITE_ACKNOWLEDGEMENT: B256 =
        b256!("76765590e2b799b0506100f8a6610cfecab2c71e8e1f8aa981b099aff0dfdb74");
    /// `AckPacket(string indexed, uint256 indexed, Packet, bytes)`.
    pub const ACK_PACKET: B256 = b256!("f9bab74bcdb634f4d3dd064cc42a13df056598e1c0336905d2f5750fbfb08b7b");
    /// `TimeoutPacket(string indexed, uint256 indexed, Packet)`.
    pub const TIMEOUT_PACKET: B256 =
        b256!("01e5ed58494819ef3f6480dd08e433b7c08ed75c7abdf2c22c6f04b71340a168");
    /// `Noop()`.
    pub const NOOP: B256 = b256!("d08bf58b0e4eec5bfc697a4fdbb6839057fbf4dd06f1b1ce07445c0e5a654caf");
}
