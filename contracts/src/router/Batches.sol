// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../interfaces/IBatches.sol";
import {IClients} from "../interfaces/IRouter.sol";
import {CounterpartyInfo} from "../interfaces/Messages.sol";
import {BatchBytes} from "../libraries/BatchBytes.sol";
import {BatchFrame} from "../libraries/BatchFrame.sol";
import {PacketBytes} from "../libraries/PacketBytes.sol";
import {BatchRunner} from "./BatchRunner.sol";
import {Deliveries} from "./Deliveries.sol";

/// @title Batches
/// @notice Runs many messages in one call, each as a call of its own, so that a bad one harms no other. It must never
/// run a message that was not proven in this very batch.
/// @dev Spec: docs/formats/batch.md.
abstract contract Batches is Deliveries {
    /// @dev The part of the router's code that takes batches apart and registers clients.
    address private immutable _runner;

    /// @dev Who sent the batch that is running; zero outside of one.
    address private transient _batchRelayer;

    constructor() {
        _runner = address(new BatchRunner(authority));
    }

    /// @inheritdoc IBatches
    function batch(bytes calldata) external nonReentrant {
        _batchRelayer = msg.sender;
        (bool done, bytes memory reason) = _runner.delegatecall(msg.data);
        if (!done) _revertWith(reason);
        _batchRelayer = address(0);
    }

    /// @inheritdoc IClients
    function addClient(CounterpartyInfo calldata, address) external returns (string memory) {
        _answer();
    }

    /// @inheritdoc IClients
    function addClient(string calldata, CounterpartyInfo calldata, address) external returns (string memory) {
        _answer();
    }

    /// @inheritdoc IClients
    function registerCounterparty(string calldata, CounterpartyInfo calldata) external {
        _answer();
    }

    /// @inheritdoc IClients
    function migrateClient(string calldata, CounterpartyInfo calldata, address) external {
        _answer();
    }

    /// @inheritdoc IClients
    function submitMisbehaviour(string calldata, bytes calldata) external {
        _answer();
    }

    /// @inheritdoc IBatches
    function applyMessageInBatch(
        uint256 kind,
        bytes32 commitment,
        bytes32 proven,
        uint256 provenAt,
        uint256 packetLength
    ) external {
        address relayer = _batchRelayer;
        // [T-25] Outside of a batch nothing of this would be proven.
        require(msg.sender == address(this) && relayer != address(0), NotInBatch(msg.sender));
        (bytes memory encoded, uint256 answerAt) = PacketBytes.fromCall(BatchFrame.PACKET_AT, packetLength);
        _checkPacket(encoded);
        if (kind == BatchBytes.RECEIVE) {
            string memory destination = PacketBytes.destinationClient(encoded);
            _checkStillProves(destination);
            _checkRunning(destination, PacketBytes.destinationPort(encoded));
            _checkInTime(encoded);
            _checkProven(commitment, proven);
            return _receive(encoded, relayer);
        }
        string memory source = PacketBytes.sourceClient(encoded);
        _checkStillProves(source);
        _checkClientRunning(source);
        if (kind == BatchBytes.ACKNOWLEDGE) {
            bytes memory answer = msg.data[answerAt:];
            require(answer.length != 0, EmptyAcknowledgement());
            _checkProven(PacketBytes.acknowledgement(answer), proven);
            if (!_end(encoded, commitment)) return;
            _settleExactly(PacketBytes.sourcePort(encoded), PacketBytes.acknowledgeCall(encoded, answer, relayer));
            PacketBytes.logAck(encoded, answer);
        } else {
            _checkProven(0, proven);
            _checkTimedOut(encoded, provenAt);
            if (!_end(encoded, commitment)) return;
            _settleExactly(PacketBytes.sourcePort(encoded), PacketBytes.timeoutCall(encoded, relayer));
            PacketBytes.logTimeout(encoded);
        }
    }

    /// @dev Has the other part of the code answer this call.
    function _answer() private {
        (bool done, bytes memory output) = _runner.delegatecall(msg.data);
        if (!done) _revertWith(output);
        assembly ("memory-safe") {
            return(add(output, 0x20), mload(output))
        }
    }

    function _checkStillProves(string memory clientId) private view {
        _checkMayProve(_knownClient(clientId), clientId);
    }

    function _checkProven(bytes32 demanded, bytes32 proven) private pure {
        require(demanded == proven, ProvenOtherwise(demanded, proven));
    }
}
