// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

import {Governed} from "./guard/Governed.sol";
import {HaltBook} from "./guard/HaltBook.sol";
import {Upgradeable} from "./guard/Upgradeable.sol";
import {IUpgradeable} from "./interfaces/IGoverned.sol";
import {ClientStatus} from "./interfaces/ILightClient.sol";
import {IClients, IRouter} from "./interfaces/IRouter.sol";
import {MsgAckPacket, MsgRecvPacket, MsgSendPacket, MsgTimeoutPacket, Packet, Payload} from "./interfaces/Messages.sol";
import {Calls} from "./libraries/Calls.sol";
import {Commitments} from "./libraries/Commitments.sol";
import {Identifiers} from "./libraries/Identifiers.sol";
import {PacketBytes} from "./libraries/PacketBytes.sol";
import {Batches} from "./router/Batches.sol";
import {Clients} from "./router/Clients.sol";
import {InitialPort, Ports} from "./router/Ports.sol";

/// @title Router
/// @notice Decides when a packet counts as sent, received, acknowledged or timed out. It must never run an application
/// twice for one packet, never settle a packet on anything but a proof, and holds no value itself.
/// @dev Spec: PROTOCOL section 2; facts "IBC v2 on the wire". Order of checks everywhere: payload count, counterparty,
/// timeout, proof, no-op, callback. Everything is written before an application is called (T-46).
contract Router is Batches {
    /// @dev Both sides refuse more, so that no packet blocks its sender's funds for longer.
    uint256 private constant TIMEOUT_SECONDS_MAX = 24 hours;

    /// @param authority_ Who decides who may migrate clients, choose identifiers and replace this code.
    /// @param guardians_ Who may halt and resume; see `HaltBook`.
    /// @param first The port that is used most; without an application there is none.
    constructor(address authority_, address guardians_, InitialPort memory first)
        Governed(authority_)
        HaltBook(guardians_)
        Ports(first)
    {}

    /// @notice Called by the constructor of the proxy, once.
    /// @param ports The ports that exist from the start, so that a deployment needs no privileged moment.
    function initialize(InitialPort[] calldata ports) external initializer {
        _openPorts(ports);
    }

    /// @inheritdoc IRouter
    function addIBCApp(string calldata portId, address app) external restricted {
        _addChosenPort(portId, app);
    }

    /// @inheritdoc IRouter
    function sendPacket(MsgSendPacket calldata message) external returns (uint64 sequence) {
        Payload calldata payload = message.payload;
        _checkPayload(payload);
        Identifiers.checkPort(payload.destPort);
        _checkPortOwner(payload.sourcePort);
        Client storage client = _pairedClient(message.sourceClient);
        _checkRunning(message.sourceClient, payload.sourcePort);
        _checkTimeoutAhead(message.timeoutTimestamp);
        ClientStatus status = _status(client);
        require(status == ClientStatus.Active, ClientNotActive(message.sourceClient, status));

        sequence = ++client.sequenceSent;
        Packet memory packet = Packet({
            sequence: sequence,
            sourceClient: message.sourceClient,
            destClient: _otherEnd(client),
            timeoutTimestamp: message.timeoutTimestamp,
            payloads: new Payload[](1)
        });
        packet.payloads[0] = payload;
        bytes32 commitment = Commitments.packet(packet.destClient, message.timeoutTimestamp, payload);
        _writeCommitment(message.sourceClient, sequence, commitment);
        emit SendPacket(message.sourceClient, sequence, packet);
    }

    /// @inheritdoc IRouter
    function recvPacket(MsgRecvPacket calldata message) external {
        _recvPacket(message);
    }

    /// @dev `recvPacket`, however it was called.
    function _recvPacket(MsgRecvPacket calldata message) private nonReentrant {
        bytes memory encoded = PacketBytes.encode(message.packet);
        _checkPacket(encoded);
        string memory source = PacketBytes.sourceClient(encoded);
        string memory destination = PacketBytes.destinationClient(encoded);
        Client storage client = _pairedClient(destination, source);
        _checkRunning(destination, PacketBytes.destinationPort(encoded));
        _checkInTime(encoded);
        bytes memory path = Commitments.commitmentPath(source, PacketBytes.sequence(encoded));
        _proveStored(client, message.proofCommitment, message.proofHeight, path, PacketBytes.commitment(encoded));
        _receive(encoded, msg.sender);
    }

    /// @inheritdoc IRouter
    function ackPacket(MsgAckPacket calldata message) external nonReentrant {
        bytes memory encoded = PacketBytes.encode(message.packet);
        bytes memory answer = message.acknowledgement;
        _checkPacket(encoded);
        require(answer.length != 0, EmptyAcknowledgement());
        (string memory source, string memory destination) = _ends(encoded);
        Client storage client = _pairedClient(source, destination);
        _checkClientRunning(source);
        bytes memory path = Commitments.acknowledgementPath(destination, PacketBytes.sequence(encoded));
        _proveStored(client, message.proofAcked, message.proofHeight, path, PacketBytes.acknowledgement(answer));
        if (!_end(encoded, PacketBytes.commitment(encoded))) return;

        _settle(PacketBytes.sourcePort(encoded), PacketBytes.acknowledgeCall(encoded, answer, msg.sender));
        PacketBytes.logAck(encoded, answer);
    }

    /// @inheritdoc IRouter
    function timeoutPacket(MsgTimeoutPacket calldata message) external nonReentrant {
        bytes memory encoded = PacketBytes.encode(message.packet);
        _checkPacket(encoded);
        (string memory source, string memory destination) = _ends(encoded);
        Client storage client = _pairedClient(source, destination);
        _checkClientRunning(source);
        bytes memory path = Commitments.receiptPath(destination, PacketBytes.sequence(encoded));
        _checkTimedOut(encoded, _proveAbsent(client, message.proofTimeout, message.proofHeight, path));
        if (!_end(encoded, PacketBytes.commitment(encoded))) return;

        _settle(PacketBytes.sourcePort(encoded), PacketBytes.timeoutCall(encoded, msg.sender));
        PacketBytes.logTimeout(encoded);
    }

    /// @inheritdoc IRouter
    /// @dev The plain twin is OpenZeppelin's `Multicall`, which copies every call and every result once more, and would
    /// go through the proxy once more, too. What deliveries consist of is run without a call and a copy.
    function multicall(bytes[] calldata calls) external returns (bytes[] memory) {
        address code = _implementation;
        uint256 count = calls.length;
        uint256 answer;
        uint256 to;
        // What is returned: the offset of the list, its length, the offsets of the results, the results.
        assembly ("memory-safe") {
            answer := mload(0x40)
            mstore(answer, 0x20)
            mstore(add(answer, 0x20), count)
            to := add(add(answer, 0x40), shl(5, count))
            mstore(0x40, to)
        }
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata input = calls[i];
            (bool ran, uint256 size, uint256 word) = _runHere(input);
            if (!ran) size = _runByCall(code, input, to + 0x20);
            assembly ("memory-safe") {
                let offsets := add(answer, 0x40)
                mstore(add(offsets, shl(5, i)), sub(to, offsets))
                mstore(to, size)
                to := add(to, 0x20)
                if ran { mstore(to, word) }
                to := add(to, and(add(size, 0x1f), not(0x1f)))
                // Nothing that was made above is needed any more.
                mstore(0x40, to)
            }
        }
        assembly ("memory-safe") {
            return(answer, sub(to, answer))
        }
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
        return _isReceived(packet) && _isAccepted(packet);
    }

    /// @inheritdoc IRouter
    function getNextSequenceSend(string calldata clientId) external view returns (uint64) {
        return _knownClient(clientId).sequenceSent + 1;
    }

    /// @inheritdoc IUpgradeable
    function constants() public view override(IUpgradeable, Upgradeable) returns (bytes32) {
        (bytes32 portKey, address app) = _firstPort();
        return keccak256(abi.encode(authority, _guardians, portKey, app));
    }

    /// @dev Runs an update or a receive that has the form which the compiler would write, as its call would. What its
    /// offsets lead to may lie in another of the calls: whoever wrote that wrote this, too.
    /// @return ran False for all others.
    /// @return size Length of the result, and the result.
    function _runHere(bytes calldata input) private returns (bool ran, uint256 size, uint256 word) {
        bytes4 selector = bytes4(input);
        if (selector == IClients.updateClient.selector) {
            (bool fits, string calldata clientId, bytes calldata updateMsg) = Calls.texts(input);
            if (fits) return (true, 0x20, uint256(_updateClient(clientId, updateMsg)));
        } else if (selector == IRouter.recvPacket.selector && Calls.isMessage(input, 0x80)) {
            MsgRecvPacket calldata message;
            assembly ("memory-safe") {
                message := add(input.offset, 0x24)
            }
            _recvPacket(message);
            return (true, 0, 0);
        }
    }

    /// @dev Runs any call of this contract, and puts the result to `to`. Reverts as it does.
    function _runByCall(address code, bytes calldata input, uint256 to) private returns (uint256 size) {
        bytes4 failed = Errors.FailedCall.selector;
        assembly ("memory-safe") {
            calldatacopy(to, input.offset, input.length)
            let success := delegatecall(gas(), code, to, input.length, 0x00, 0x00)
            size := returndatasize()
            if iszero(success) {
                mstore(0x00, failed)
                if iszero(size) { revert(0x00, 0x04) }
                returndatacopy(to, 0, size)
                revert(to, size)
            }
            // Clears what the result leaves of its last word.
            mstore(add(to, and(size, not(0x1f))), 0)
            returndatacopy(to, 0, size)
        }
    }

    function _ends(bytes memory encoded) private pure returns (string memory source, string memory destination) {
        return (PacketBytes.sourceClient(encoded), PacketBytes.destinationClient(encoded));
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

    function _checkPayload(Payload calldata payload) private pure {
        _checkSizes(bytes(payload.version).length, bytes(payload.encoding).length, payload.value.length);
    }
}
