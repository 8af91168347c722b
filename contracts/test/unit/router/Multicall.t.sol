// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {UpdateResult} from "../../../src/interfaces/ILightClient.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {World} from "../../support/world/World.sol";

/// @notice Several calls in one, and texts of every length in the place of the other end's id.
contract MulticallTest is World {
    /// @notice A call failed without a reason; OpenZeppelin's name for it.
    error FailedCall();

    function test_results_are_those_of_the_calls() public {
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(IClients.getNextClientSeq, ());
        calls[1] = abi.encodeCall(IClients.getCounterparty, (a.clientId));
        calls[2] = abi.encodeCall(IRouter.multicall, (new bytes[](2)));
        calls[3] = abi.encodeCall(IClients.getClient, (a.clientId));
        bytes[] memory inner = new bytes[](2);
        inner[0] = calls[1];
        inner[1] = calls[0];
        calls[2] = abi.encodeCall(IRouter.multicall, (inner));
        bytes[] memory results = a.router.multicall(calls);
        vm.assertEq(results.length, calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory result) = address(a.router).call(calls[i]);
            vm.assertTrue(success);
            vm.assertEq(results[i], result);
        }
        vm.assertEq(a.router.multicall(new bytes[](0)).length, 0);
    }

    /// @dev These are run without a call of their own, or by one if they have another form: the same comes of both.
    function test_update_and_receive_are_those_of_the_calls() public {
        Packet memory packet = _packetFrom(a.clientId, b.clientId);
        bytes memory strict = abi.encodeCall(IClients.updateClient, (b.clientId, "update"));
        // The texts stand the other way round.
        bytes memory other = abi.encodePacked(
            IClients.updateClient.selector, abi.encode(0x80, 0x40, 6, bytes32("change"), 8, bytes32(bytes(b.clientId)))
        );
        bytes[] memory calls = new bytes[](4);
        (calls[0], calls[1]) = (strict, abi.encodeCall(IClients.getClient, (b.clientId)));
        (calls[2], calls[3]) = (other, strict);
        vm.assertEq(bytes(b.clientId).length, 8);
        b.client.setNextResult(UpdateResult.NoOp);
        bytes[] memory results = b.router.multicall(calls);
        vm.assertEq(results[0], abi.encode(UpdateResult.NoOp));
        vm.assertEq(results[1], abi.encode(b.client));
        vm.assertEq(results[2], results[0]);
        vm.assertEq(results[3], results[0]);
        vm.assertEq(b.client.lastUpdate(), "update");

        calls = new bytes[](2);
        (calls[0], calls[1]) = (strict, abi.encodeCall(IRouter.recvPacket, (_recv(packet))));
        vm.expectPartialRevert(MirrorClient.NotStored.selector);
        b.router.multicall(calls);
        b.client.lieStored(abi.encodePacked(a.clientId, uint8(1), packet.sequence));
        results = b.router.multicall(calls);
        vm.assertEq(results[1].length, 0);
        vm.assertTrue(b.router.isPacketReceived(packet));
        // Each is guarded, and ends: one after the other passes.
        vm.assertEq(b.router.multicall(calls).length, 2);
        calls[1] = abi.encodeCall(IRouter.multicall, (calls));
        vm.assertEq(b.router.multicall(calls).length, 2);
    }

    /// @dev What is cut or leads nowhere is refused as the call itself refuses it.
    function test_malformed_update_or_receive_is_refused() public {
        bytes[] memory calls = new bytes[](1);
        bytes[2] memory good = [
            abi.encodeCall(IClients.updateClient, (b.clientId, "update")),
            abi.encodeCall(IRouter.recvPacket, (_recv(_packetFrom(a.clientId, b.clientId))))
        ];
        for (uint256 which = 0; which < 2; ++which) {
            for (uint256 length = 0; length < 0x84; length += 4) {
                calls[0] = new bytes(length);
                for (uint256 i = 0; i < length; ++i) {
                    calls[0][i] = good[which][i];
                }
                (bool done,) = address(b.router).call(abi.encodeCall(IRouter.multicall, (calls)));
                vm.assertFalse(done);
            }
            for (uint256 at = 4; at < 0x64; at += 16) {
                calls[0] = bytes.concat(good[which]);
                calls[0][at] = bytes1(uint8(calls[0][at]) ^ 0x80);
                (bool done,) = address(b.router).call(abi.encodeCall(IRouter.multicall, (calls)));
                (bool plain,) = address(b.router).call(calls[0]);
                vm.assertTrue(done == plain);
            }
        }
    }

    function test_reason_of_a_call_is_that_of_all() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IClients.getNextClientSeq, ());
        calls[1] = abi.encodeCall(IClients.getClient, ("client-99"));
        vm.expectRevert(abi.encodeWithSelector(IClients.UnknownClient.selector, "client-99"));
        a.router.multicall(calls);
        calls[1] = "no such function";
        vm.expectRevert(FailedCall.selector);
        a.router.multicall(calls);
    }

    function test_other_end_is_told_apart_whatever_its_length() public {
        for (uint256 length = 8; length <= 64; ++length) {
            bytes memory name = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                name[i] = bytes1(uint8(97 + (i % 26)));
            }
            string memory id = b.router.addClient(_end(string(name)), address(b.client));
            Packet memory packet = _packetFrom(string(name), id);
            vm.expectPartialRevert(MirrorClient.NotStored.selector);
            b.router.recvPacket(_recv(packet));

            bytes memory other = bytes.concat(name);
            other[length - 1] = "0";
            packet.sourceClient = string(other);
            vm.expectRevert(abi.encodeWithSelector(IRouter.WrongCounterparty.selector, string(name), string(other)));
            b.router.recvPacket(_recv(packet));
            packet.sourceClient = string.concat(string(name), "0");
            vm.expectPartialRevert(IRouter.WrongCounterparty.selector);
            b.router.recvPacket(_recv(packet));
        }
    }

    function _packetFrom(string memory source, string memory destination) private view returns (Packet memory packet) {
        packet = Packet(1, source, destination, uint64(block.timestamp) + 60, new Payload[](1));
        packet.payloads[0] = Payload("transfer", "transfer", "ics20-1", "application/x-solidity-abi", "value");
    }
}
