// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../../src/interfaces/ILightClient.sol";
import {CounterpartyInfo, Packet} from "../../../src/interfaces/Messages.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @notice A light client that believes everything and remembers under which path it was asked.
contract RecordingClient is ILightClient {
    bytes[] public path;

    function updateClient(bytes calldata) external pure returns (UpdateResult) {
        return UpdateResult.NoOp;
    }

    function verifyMembership(MsgVerifyMembership calldata message) external returns (uint256) {
        for (uint256 i = 0; i < message.path.length; ++i) {
            path.push(message.path[i]);
        }
        return block.timestamp;
    }

    function verifyNonMembership(MsgVerifyNonMembership calldata) external view returns (uint256) {
        return block.timestamp;
    }

    function misbehaviour(bytes calldata) external {}

    function getClientState() external pure returns (bytes memory) {
        return "";
    }

    function pathLength() external view returns (uint256) {
        return path.length;
    }
}

/// @notice The full path of a proof: the counterparty's prefix with the key appended to its last element.
contract PrefixTest is RouterWorld {
    function test_key_is_appended_to_the_last_element_of_the_prefix() public {
        _check(_prefix("ibc", ""), "ibc", "");
        _check(_prefix("ibc", "store/"), "ibc", "store/");
        _check(_single("store/"), "", "store/");
        _check(_single(""), "", "");
    }

    function test_migration_forgets_the_old_prefix() public {
        RecordingClient client = new RecordingClient();
        Packet memory packet = _sent();
        vm.startPrank(GOVERNANCE);
        b.router.migrateClient(b.clientId, _end(a.clientId), address(client));
        CounterpartyInfo memory info = CounterpartyInfo(a.clientId, _prefix("ibc", ""));
        b.router.migrateClient(b.clientId, info, address(client));
        vm.stopPrank();
        b.router.recvPacket(_recv(packet));
        vm.assertEq(client.pathLength(), 2);
        vm.assertEq(client.path(0), "ibc");
    }

    function _check(bytes[] memory prefix, bytes memory first, bytes memory last) private {
        RecordingClient client = new RecordingClient();
        Packet memory packet = _sent();
        packet.destClient = b.router.addClient(CounterpartyInfo(a.clientId, prefix), address(client));
        b.router.recvPacket(_recv(packet));
        vm.assertEq(client.pathLength(), prefix.length);
        if (prefix.length == 2) vm.assertEq(client.path(0), first);
        bytes memory key = _path(a.clientId, 1, packet.sequence);
        vm.assertEq(client.path(prefix.length - 1), bytes.concat(last, key));
    }

    function _prefix(bytes memory first, bytes memory second) private pure returns (bytes[] memory prefix) {
        prefix = new bytes[](2);
        (prefix[0], prefix[1]) = (first, second);
    }

    function _single(bytes memory only) private pure returns (bytes[] memory prefix) {
        prefix = new bytes[](1);
        prefix[0] = only;
    }
}
