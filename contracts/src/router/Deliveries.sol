// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Upgradeable} from "../guard/Upgradeable.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Packet} from "../interfaces/Messages.sol";
import {PacketBytes} from "../libraries/PacketBytes.sol";
import {Clients} from "./Clients.sol";
import {CommitmentStore} from "./CommitmentStore.sol";
import {Ports} from "./Ports.sol";
import {RouterHalts} from "./RouterHalts.sol";

/// @title Deliveries
/// @notice What happens to a packet once it is proven, whether it came alone or among others. It must never run an
/// application twice for one packet, and never answer a packet twice.
/// @dev Everything is written before an application is called (T-46). Spec: PROTOCOL section 2.
abstract contract Deliveries is Clients, Ports, CommitmentStore, RouterHalts, Upgradeable {
    /// @dev Bound: hashed and copied by everybody who handles the packet.
    uint256 private constant VALUE_LENGTH_MAX = 262_144;

    /// @inheritdoc IRouter
    function writeAcknowledgement(Packet calldata packet, bytes calldata acknowledgement) external nonReentrant {
        bytes memory encoded = PacketBytes.encode(packet);
        _checkPacket(encoded);
        address app = _application(PacketBytes.destinationPort(encoded)).app;
        require(msg.sender == app, NotPortOwner(PacketBytes.destinationPort(encoded), app, msg.sender));
        uint256 length = acknowledgement.length;
        require(length != 0 && length <= ACKNOWLEDGEMENT_LENGTH_MAX, InvalidAcknowledgement(app, length));

        string memory destination = PacketBytes.destinationClient(encoded);
        _writeLateAcknowledgement(destination, PacketBytes.sequence(encoded), encoded, acknowledgement);
        PacketBytes.logAcknowledgement(encoded, acknowledgement);
    }

    /// @dev Hands a packet to its application, once.
    function _receive(bytes memory encoded, address relayer) internal {
        string memory destination = PacketBytes.destinationClient(encoded);
        uint64 sequence = PacketBytes.sequence(encoded);
        // Somebody else may have been faster: that is no error.
        if (!_writeReceipt(destination, sequence, encoded)) return _noop();

        bytes memory input = PacketBytes.receiveCall(encoded, relayer);
        bytes memory answer = _deliver(PacketBytes.destinationPort(encoded), input);
        // The application will answer by `writeAcknowledgement`.
        if (answer.length == 0) return;
        _writeAcknowledgement(destination, sequence, answer);
        PacketBytes.logAcknowledgement(encoded, answer);
    }

    /// @dev Takes a packet that this chain sent from those that wait for an end.
    /// @param commitment Its commitment.
    /// @return first False when it had ended before.
    function _end(bytes memory encoded, bytes32 commitment) internal returns (bool first) {
        first = _deleteCommitment(PacketBytes.sourceClient(encoded), PacketBytes.sequence(encoded), commitment);
        if (!first) _noop();
    }

    function _lightOf(bytes32 clientKey) internal view override returns (address) {
        return address(_clientAt(clientKey).light);
    }

    /// @dev Reverts unless a packet has the one payload, and all that no packet may lack.
    function _checkPacket(bytes memory encoded) internal pure {
        (uint256 payloads, uint256 version, uint256 encoding, uint256 value) = PacketBytes.sizes(encoded);
        require(payloads == 1, InvalidPayloadCount(payloads, 1));
        uint64 sequence = PacketBytes.sequence(encoded);
        require(sequence != 0, InvalidSequence(sequence));
        require(PacketBytes.timeoutTimestamp(encoded) != 0, ZeroTimeout());
        _checkSizes(version, encoding, value);
    }

    function _checkSizes(uint256 version, uint256 encoding, uint256 value) internal pure {
        bool valid = version != 0 && encoding != 0 && value != 0 && value <= VALUE_LENGTH_MAX;
        require(valid, InvalidPayload(version, encoding, value));
    }

    /// @dev Reverts when a packet can no longer be received.
    function _checkInTime(bytes memory encoded) internal view {
        uint64 timeoutTimestamp = PacketBytes.timeoutTimestamp(encoded);
        require(block.timestamp < timeoutTimestamp, PacketTimedOut(timeoutTimestamp, block.timestamp));
    }

    /// @dev Reverts unless a packet had timed out at the time of a proof.
    function _checkTimedOut(bytes memory encoded, uint256 provenAt) internal pure {
        uint64 timeoutTimestamp = PacketBytes.timeoutTimestamp(encoded);
        require(provenAt >= timeoutTimestamp, TimeoutNotReached(timeoutTimestamp, provenAt));
    }

    function _noop() private {
        emit Noop();
    }
}
