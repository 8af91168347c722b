// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {IApplication, OnAcknowledgementPacketCallback, OnTimeoutPacketCallback} from "./interfaces/IApplication.sol";
import {ClientStatus} from "./interfaces/ILightClient.sol";
import {IRouter} from "./interfaces/IRouter.sol";
import {MsgAckPacket, MsgRecvPacket, MsgSendPacket, MsgTimeoutPacket, Packet, Payload} from "./interfaces/Messages.sol";
import {Commitments} from "./libraries/Commitments.sol";
import {Identifiers} from "./libraries/Identifiers.sol";
import {Clients} from "./router/Clients.sol";
import {CommitmentStore} from "./router/CommitmentStore.sol";
import {InitialPort, Ports} from "./router/Ports.sol";

/// @title Router
/// @notice Decides when a packet counts as sent, received, acknowledged or timed out. It must never run an application
/// twice for one packet, never settle a packet on anything but a proof, and holds no value itself.
/// @dev Spec: PROTOCOL section 2; facts "IBC v2 on the wire". Order of checks everywhere: payload count, counterparty,
/// timeout, proof, no-op, callback. Everything is written before an application is called (T-46).
contract Router is Clients, Ports, CommitmentStore, Multicall {
    /// @dev Both sides refuse more, so that no packet blocks its sender's funds for longer.
    uint256 private constant TIMEOUT_SECONDS_MAX = 24 hours;

    /// @dev Bound: hashed and copied by everybody who handles the packet.
    uint256 private constant VALUE_LENGTH_MAX = 262_144;

    /// @param governance_ A timelock: it may migrate clients and choose identifiers, nothing else.
    /// @param ports The ports that exist from the start, so that a deployment needs no privileged moment.
    constructor(address governance_, InitialPort[] memory ports) Clients(governance_) Ports(ports) {}

    /// @inheritdoc IRouter
    function addIBCApp(string calldata portId, address app) external onlyGovernance {
        _addChosenPort(portId, app);
    }

    /// @inheritdoc IRouter
    function sendPacket(MsgSendPacket calldata message) external returns (uint64 sequence) {
        Payload calldata payload = message.payload;
        _checkPayload(payload);
        Identifiers.checkPort(payload.destPort);
        _checkPortOwner(payload.sourcePort);
        Client storage client = _pairedClient(message.sourceClient);
        _checkTimeoutAhead(message.timeoutTimestamp);
        ClientStatus status = _status(client);
        require(status == ClientStatus.Active, ClientNotActive(message.sourceClient, status));

        sequence = ++client.sequenceSent;
        Packet memory packet = Packet({
            sequence: sequence,
            sourceClient: message.sourceClient,
            destClient: client.counterparty.clientId,
            timeoutTimestamp: message.timeoutTimestamp,
            payloads: new Payload[](1)
        });
        packet.payloads[0] = payload;
        bytes32 commitment = Commitments.packet(packet.destClient, message.timeoutTimestamp, payload);
        _writeCommitment(message.sourceClient, sequence, commitment);
        emit SendPacket(message.sourceClient, sequence, packet);
    }

    /// @inheritdoc IRouter
    function recvPacket(MsgRecvPacket calldata message) external nonReentrant {
        Packet calldata packet = message.packet;
        _checkPacket(packet);
        Client storage client = _pairedClient(packet.destClient, packet.sourceClient);
        require(block.timestamp < packet.timeoutTimestamp, PacketTimedOut(packet.timeoutTimestamp, block.timestamp));
        _proveStored(
            client,
            message.proofCommitment,
            message.proofHeight,
            Commitments.commitmentPath(packet.sourceClient, packet.sequence),
            Commitments.packet(packet)
        );
        // Somebody else may have been faster: that is no error.
        if (!_writeReceipt(packet)) return _noop();

        bytes[] memory answers = new bytes[](1);
        answers[0] = _deliver(packet);
        _writeAcknowledgement(packet, answers[0]);
        emit WriteAcknowledgement(packet.destClient, packet.sequence, packet, answers);
    }

    /// @inheritdoc IRouter
    function ackPacket(MsgAckPacket calldata message) external nonReentrant {
        Packet calldata packet = message.packet;
        _checkPacket(packet);
        require(message.acknowledgement.length != 0, EmptyAcknowledgement());
        _proveStored(
            _pairedClient(packet.sourceClient, packet.destClient),
            message.proofAcked,
            message.proofHeight,
            Commitments.acknowledgementPath(packet.destClient, packet.sequence),
            Commitments.acknowledgement(message.acknowledgement)
        );
        if (!_deleteCommitment(packet)) return _noop();

        OnAcknowledgementPacketCallback memory callback = OnAcknowledgementPacketCallback({
            sourceClient: packet.sourceClient,
            destinationClient: packet.destClient,
            sequence: packet.sequence,
            payload: packet.payloads[0],
            acknowledgement: message.acknowledgement,
            relayer: msg.sender
        });
        IApplication(_application(packet.payloads[0].sourcePort).app).onAcknowledgementPacket(callback);
        emit AckPacket(packet.sourceClient, packet.sequence, packet, message.acknowledgement);
    }

    /// @inheritdoc IRouter
    function timeoutPacket(MsgTimeoutPacket calldata message) external nonReentrant {
        Packet calldata packet = message.packet;
        _checkPacket(packet);
        uint256 provenAt = _proveAbsent(
            _pairedClient(packet.sourceClient, packet.destClient),
            message.proofTimeout,
            message.proofHeight,
            Commitments.receiptPath(packet.destClient, packet.sequence)
        );
        require(provenAt >= packet.timeoutTimestamp, TimeoutNotReached(packet.timeoutTimestamp, provenAt));
        if (!_deleteCommitment(packet)) return _noop();

        OnTimeoutPacketCallback memory callback = OnTimeoutPacketCallback({
            sourceClient: packet.sourceClient,
            destinationClient: packet.destClient,
            sequence: packet.sequence,
            payload: packet.payloads[0],
            relayer: msg.sender
        });
        IApplication(_application(packet.payloads[0].sourcePort).app).onTimeoutPacket(callback);
        emit TimeoutPacket(packet.sourceClient, packet.sequence, packet);
    }

    /// @inheritdoc IRouter
    function multicall(bytes[] calldata calls) public override(IRouter, Multicall) returns (bytes[] memory) {
        return super.multicall(calls);
    }

    /// @inheritdoc IRouter
    function getCommitment(bytes32 hashedPath) external view returns (bytes32) {
        return _commitment(hashedPath);
    }

    /// @inheritdoc IRouter
    function isPacketReceived(Packet calldata packet) external view returns (bool) {
        return _isReceived(packet);
    }

    /// @inheritdoc IRouter
    function isPacketReceiveSuccessful(Packet calldata packet) external view returns (bool) {
        return _isReceived(packet) && !_isRefused(packet);
    }

    /// @inheritdoc IRouter
    function getNextSequenceSend(string calldata clientId) external view returns (uint64) {
        return _knownClient(clientId).sequenceSent + 1;
    }

    function _noop() private {
        emit Noop();
    }

    function _checkPortOwner(string calldata portId) private view {
        address owner = _application(portId).app;
        require(msg.sender == owner, NotPortOwner(portId, owner, msg.sender));
    }

    function _checkTimeoutAhead(uint256 timeoutTimestamp) private view {
        require(block.timestamp < timeoutTimestamp, PacketTimedOut(timeoutTimestamp, block.timestamp));
        uint256 most = block.timestamp + TIMEOUT_SECONDS_MAX;
        require(timeoutTimestamp <= most, TimeoutTooFar(timeoutTimestamp, most));
    }

    function _checkPacket(Packet calldata packet) private pure {
        require(packet.payloads.length == 1, InvalidPayloadCount(packet.payloads.length, 1));
        require(packet.sequence != 0, InvalidSequence(packet.sequence));
        require(packet.timeoutTimestamp != 0, ZeroTimeout());
        _checkPayload(packet.payloads[0]);
    }

    function _checkPayload(Payload calldata payload) private pure {
        uint256 version = bytes(payload.version).length;
        uint256 encoding = bytes(payload.encoding).length;
        uint256 value = payload.value.length;
        bool valid = version != 0 && encoding != 0 && value != 0 && value <= VALUE_LENGTH_MAX;
        require(valid, InvalidPayload(version, encoding, value));
    }
}
