// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The data types that cross the ABI of the router, as the IBC v2 Solidity
// interface spells them. Field order is part of the ABI.
// Spec: facts "IBC v2 on the wire", sections 1 and 2.

/// @notice A height of a counterparty chain.
/// @param revisionNumber The revision of the chain; 0 for beacon chains.
/// @param revisionHeight The block height; for a beacon client the slot of the finalized header.
struct Height {
    uint64 revisionNumber;
    uint64 revisionHeight;
}

/// @notice What one application says to another.
/// @param sourcePort The port of the sending application.
/// @param destPort The port of the receiving application.
/// @param version The version of the application's protocol.
/// @param encoding How `value` is encoded.
/// @param value The application's bytes.
struct Payload {
    string sourcePort;
    string destPort;
    string version;
    string encoding;
    bytes value;
}

/// @notice A packet of IBC v2. Exactly one payload is accepted.
/// @param sequence The number of the packet on its source client, from 1.
/// @param sourceClient The client on the sending chain.
/// @param destClient The client on the receiving chain.
/// @param timeoutTimestamp The moment from which it may no longer be received, in seconds since the Unix epoch.
/// @param payloads The payloads.
struct Packet {
    uint64 sequence;
    string sourceClient;
    string destClient;
    uint64 timeoutTimestamp;
    Payload[] payloads;
}

/// @notice The other end of a client.
/// @param clientId The id of the client on the counterparty chain that tracks this chain.
/// @param merklePrefix The prefix under which the counterparty proves its keys; one empty element for an EVM chain.
struct CounterpartyInfo {
    string clientId;
    bytes[] merklePrefix;
}

/// @notice Asks the router to send a packet.
/// @param sourceClient The client to send over.
/// @param timeoutTimestamp The timeout in seconds since the Unix epoch.
/// @param payload The one payload.
struct MsgSendPacket {
    string sourceClient;
    uint64 timeoutTimestamp;
    Payload payload;
}

/// @notice Delivers a packet.
/// @param packet The packet as the source chain committed to it.
/// @param proofCommitment Proof of the commitment.
/// @param proofHeight The height at which the proof holds.
struct MsgRecvPacket {
    Packet packet;
    bytes proofCommitment;
    Height proofHeight;
}

/// @notice Delivers an acknowledgement.
/// @param packet The packet as this chain sent it.
/// @param acknowledgement The application's acknowledgement.
/// @param proofAcked Proof of the acknowledgement's commitment.
/// @param proofHeight The height at which the proof holds.
struct MsgAckPacket {
    Packet packet;
    bytes acknowledgement;
    bytes proofAcked;
    Height proofHeight;
}

/// @notice Proves that a packet was not received before its timeout.
/// @param packet The packet as this chain sent it.
/// @param proofTimeout Proof that no receipt exists.
/// @param proofHeight The height at which the proof holds.
struct MsgTimeoutPacket {
    Packet packet;
    bytes proofTimeout;
    Height proofHeight;
}
