// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../../src/interfaces/IBatches.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Batch, Message, Packing} from "../../support/world/Packing.sol";
import {Chain} from "../../support/world/World.sol";
import {Log} from "../../support/Vm.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @title BatchWorld
/// @notice The router's test world with batches.
abstract contract BatchWorld is RouterWorld {
    uint8 internal constant RECEIVE = 1;
    uint8 internal constant ACKNOWLEDGE = 2;
    uint8 internal constant TIME_OUT = 3;

    /// @dev Enough for a message to a probe.
    uint32 internal constant GAS = 600_000;

    function _of(uint8 kind, Packet memory packet) internal pure returns (Message memory message) {
        (message.kind, message.gasAmount, message.packet) = (kind, GAS, packet);
        if (kind == ACKNOWLEDGE) message.acknowledgement = "fine";
    }

    function _packed(Chain memory chain, Message[] memory messages) internal pure returns (bytes memory) {
        return Packing.pack(Batch(chain.clientId, new bytes[](0), "pool", messages));
    }

    function _packed(Chain memory chain, Message memory message) internal pure returns (bytes memory) {
        Message[] memory messages = new Message[](1);
        messages[0] = message;
        return _packed(chain, messages);
    }

    function _run(Chain memory chain, bytes memory packed) internal {
        vm.recordLogs();
        vm.prank(relayer);
        chain.router.batch(packed);
    }

    /// @dev Runs one message that is skipped.
    /// @return reason Why.
    function _skipped(Chain memory chain, Message memory message) internal returns (bytes memory reason) {
        _run(chain, _packed(chain, message));
        Log[] memory logs = vm.getRecordedLogs();
        (uint256 count, bytes memory found) = _skips(logs);
        vm.assertEq(count, 1, "skips");
        return found;
    }

    /// @dev How many messages were skipped, and why the last one was.
    function _skips(Log[] memory logs) internal pure returns (uint256 count, bytes memory reason) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IBatches.MessageSkipped.selector) continue;
            (,, reason) = abi.decode(logs[i].data, (uint8, uint64, bytes));
            ++count;
        }
    }

    function _count(Log[] memory logs, bytes32 topic) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) ++count;
        }
    }

    /// @dev Sends so many packets from A.
    function _sentMany(uint256 count) internal returns (Packet[] memory packets) {
        packets = new Packet[](count);
        for (uint256 i = 0; i < count; ++i) {
            packets[i] = _sent();
        }
    }

    function _receives(Packet[] memory packets) internal pure returns (Message[] memory messages) {
        messages = new Message[](packets.length);
        for (uint256 i = 0; i < packets.length; ++i) {
            messages[i] = _of(RECEIVE, packets[i]);
        }
    }

    function _commitmentOf(Packet memory packet) internal view returns (bytes32) {
        bytes memory path = _path(packet.sourceClient, 1, packet.sequence);
        return a.router.getCommitment(keccak256(path));
    }

    function _isSettled(Packet memory packet) internal view returns (bool) {
        return _commitmentOf(packet) == 0;
    }
}
