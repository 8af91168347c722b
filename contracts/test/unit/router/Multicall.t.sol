// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
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
