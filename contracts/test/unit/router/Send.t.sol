// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @notice The rules of `sendPacket`, one test a rule.
contract SendTest is RouterWorld {
    function test_sends() public {
        Packet memory packet = _sent();
        vm.assertEq(packet.sequence, 1);
        vm.assertEq(packet.sourceClient, a.clientId);
        vm.assertEq(packet.destClient, b.clientId);
        vm.assertEq(packet.timeoutTimestamp, NOW + HOUR);
        vm.assertEq(packet.payloads.length, 1);
        bytes32 stored = a.router.getCommitment(keccak256(_path(a.clientId, 1, 1)));
        vm.assertTrue(stored != 0);
        vm.assertEq(_sent().sequence, 2);
        vm.assertEq(a.router.getNextSequenceSend(a.clientId), 3);
    }

    function test_timeout_may_be_24_hours_ahead_and_no_second_more() public {
        MsgSendPacket memory message = _letter();
        message.timeoutTimestamp = uint64(NOW + 24 hours);
        probeA.send(message);
        message.timeoutTimestamp += 1;
        vm.expectRevert(abi.encodeWithSelector(IRouter.TimeoutTooFar.selector, NOW + 24 hours + 1, NOW + 24 hours));
        probeA.send(message);
    }

    function test_rejects_PacketTimedOut_when_the_timeout_is_now() public {
        MsgSendPacket memory message = _letter();
        message.timeoutTimestamp = uint64(NOW);
        vm.expectRevert(abi.encodeWithSelector(IRouter.PacketTimedOut.selector, NOW, NOW));
        probeA.send(message);
    }

    function test_rejects_InvalidPayload() public {
        for (uint256 field = 0; field < 4; ++field) {
            MsgSendPacket memory message = _letter();
            if (field == 0) message.payload.version = "";
            if (field == 1) message.payload.encoding = "";
            if (field == 2) message.payload.value = "";
            if (field == 3) message.payload.value = new bytes(262_145);
            vm.expectPartialRevert(IRouter.InvalidPayload.selector);
            probeA.send(message);
        }
        MsgSendPacket memory largest = _letter();
        largest.payload.value = new bytes(262_144);
        probeA.send(largest);
    }

    function test_rejects_InvalidIdentifier_of_the_destination_port() public {
        MsgSendPacket memory message = _letter();
        message.payload.destPort = "p";
        vm.expectRevert(abi.encodeWithSelector(IClients.InvalidIdentifier.selector, "p", 2, 128));
        probeA.send(message);
        message.payload.destPort = "transfer/x";
        vm.expectPartialRevert(IClients.InvalidIdentifier.selector);
        probeA.send(message);
    }

    function test_rejects_NotPortOwner() public {
        MsgSendPacket memory message = _letter();
        message.payload.sourcePort = "transfer";
        vm.expectRevert(
            abi.encodeWithSelector(IRouter.NotPortOwner.selector, "transfer", address(a.transfer), address(probeA))
        );
        probeA.send(message);
    }

    function test_rejects_UnknownPort() public {
        MsgSendPacket memory message = _letter();
        message.payload.sourcePort = "nobody";
        vm.expectRevert(abi.encodeWithSelector(IRouter.UnknownPort.selector, "nobody"));
        probeA.send(message);
    }

    function test_rejects_UnknownClient() public {
        MsgSendPacket memory message = _letter();
        message.sourceClient = "client-9";
        vm.expectRevert(abi.encodeWithSelector(IClients.UnknownClient.selector, "client-9"));
        probeA.send(message);
    }

    function test_rejects_CounterpartyMissing() public {
        MsgSendPacket memory message = _letter();
        (, message.sourceClient) = _newClient(a.router, b.router);
        vm.expectRevert(abi.encodeWithSelector(IClients.CounterpartyMissing.selector, message.sourceClient));
        probeA.send(message);
    }

    function test_rejects_ClientNotActive() public {
        MsgSendPacket memory message = _letter();
        ClientStatus[2] memory bad = [ClientStatus.Expired, ClientStatus.Frozen];
        for (uint256 i = 0; i < bad.length; ++i) {
            a.client.setStatus(bad[i]);
            vm.expectRevert(abi.encodeWithSelector(IRouter.ClientNotActive.selector, a.clientId, bad[i]));
            probeA.send(message);
        }
        a.client.setStatus(ClientStatus.Active);
        probeA.send(message);
    }
}
