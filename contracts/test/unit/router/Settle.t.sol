// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Probe} from "../../support/world/Probe.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @notice The rules of `ackPacket` and `timeoutPacket`: a packet ends once, by one of the two.
contract SettleTest is RouterWorld {
    function test_acknowledges_once() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        _acknowledge(a, packet, answer);
        vm.assertEq(probeA.lastAcknowledgement(), answer);
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, 1))), 0);
        vm.expectEmit(address(a.router));
        emit IRouter.Noop();
        a.router.ackPacket(_ack(packet, answer));
        vm.assertEq(probeA.acknowledged(), 1);
    }

    function test_times_out_once_and_at_the_very_second() public {
        Packet memory packet = _sent();
        a.client.setProvenTime(packet.timeoutTimestamp);
        _timeOut(a, packet);
        vm.assertEq(probeA.timedOut(), 1);
        vm.expectEmit(address(a.router));
        emit IRouter.Noop();
        a.router.timeoutPacket(_timeout(packet));
        vm.assertEq(probeA.timedOut(), 1);
    }

    function test_timed_out_packet_cannot_be_acknowledged() public {
        Packet memory packet = _sent();
        a.client.setProvenTime(packet.timeoutTimestamp);
        _timeOut(a, packet);
        // Only a counterparty that breaks its own rules can still acknowledge it.
        a.client.lieStored(_path(b.clientId, 3, 1));
        _acknowledge(a, packet, "fine");
        vm.assertEq(probeA.acknowledged(), 0);
    }

    /// @dev A call of an account without code succeeds, and says nothing to nobody.
    function test_rejects_CallbackFailed_when_the_application_lost_its_code() public {
        Packet memory answered = _sent();
        Packet memory late = _sent();
        bytes memory answer = _deliver(b, answered);
        vm.etch(address(probeA), "");
        bytes memory refusal = abi.encodeWithSelector(IRouter.CallbackFailed.selector, address(probeA));
        vm.expectRevert(refusal);
        a.router.ackPacket(_ack(answered, answer));
        a.client.setProvenTime(late.timeoutTimestamp);
        vm.expectRevert(refusal);
        a.router.timeoutPacket(_timeout(late));
    }

    function test_rejects_TimeoutNotReached() public {
        Packet memory packet = _sent();
        a.client.setProvenTime(packet.timeoutTimestamp - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRouter.TimeoutNotReached.selector, packet.timeoutTimestamp, packet.timeoutTimestamp - 1
            )
        );
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_timeout_of_a_delivered_packet() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        vm.warp(packet.timeoutTimestamp);
        vm.expectPartialRevert(MirrorClient.Stored.selector);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_acknowledgement_that_was_not_written() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        vm.expectPartialRevert(MirrorClient.NotStored.selector);
        a.router.ackPacket(_ack(packet, "another"));
    }

    function test_rejects_EmptyAcknowledgement() public {
        Packet memory packet = _sent();
        a.client.lieStored(_path(b.clientId, 3, 1));
        vm.expectRevert(IRouter.EmptyAcknowledgement.selector);
        a.router.ackPacket(_ack(packet, ""));
    }

    function test_rejects_ZeroTimeout() public {
        Packet memory packet = _sent();
        packet.timeoutTimestamp = 0;
        vm.expectRevert(IRouter.ZeroTimeout.selector);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_CommitmentMismatch() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        packet.payloads[0].value = "another";
        vm.expectPartialRevert(IRouter.CommitmentMismatch.selector);
        a.router.ackPacket(_ack(packet, answer));
        packet = _sent();
        packet.timeoutTimestamp -= 1;
        vm.warp(packet.timeoutTimestamp);
        vm.expectPartialRevert(IRouter.CommitmentMismatch.selector);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_WrongCounterparty() public {
        Packet memory packet = _sent();
        packet.destClient = "client-7";
        bytes memory refusal = abi.encodeWithSelector(IRouter.WrongCounterparty.selector, b.clientId, "client-7");
        vm.expectRevert(refusal);
        a.router.ackPacket(_ack(packet, "fine"));
        vm.expectRevert(refusal);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_InvalidPayloadCount_and_InvalidSequence() public {
        Packet memory packet = _sent();
        packet.sequence = 0;
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidSequence.selector, 0));
        a.router.ackPacket(_ack(packet, "fine"));
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidSequence.selector, 0));
        a.router.timeoutPacket(_timeout(packet));
        delete packet.payloads;
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidPayloadCount.selector, 0, 1));
        a.router.ackPacket(_ack(packet, "fine"));
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidPayloadCount.selector, 0, 1));
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_rejects_ClientGaveNoTime() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        a.client.sayNoTime();
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientGaveNoTime.selector, address(a.client)));
        a.router.ackPacket(_ack(packet, answer));
        packet = _sent();
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientGaveNoTime.selector, address(a.client)));
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_frozen_client_settles_nothing() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        a.client.setStatus(ClientStatus.Frozen);
        vm.expectPartialRevert(MirrorClient.NotActive.selector);
        a.router.ackPacket(_ack(packet, answer));
        vm.expectPartialRevert(MirrorClient.NotActive.selector);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_callback_that_reverts_leaves_the_packet_unsettled() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        probeA.setMood(Probe.Mood.RevertWithData);
        vm.expectRevert(abi.encodeWithSelector(Probe.Unwilling.selector, "as told"));
        a.router.ackPacket(_ack(packet, answer));
        vm.assertTrue(a.router.getCommitment(keccak256(_path(a.clientId, 1, 1))) != 0);
        probeA.setMood(Probe.Mood.Answer);
        _acknowledge(a, packet, answer);
        vm.assertEq(probeA.acknowledged(), 1);
    }

    function test_multicall_settles_several_or_none() public {
        Packet memory first = _sent();
        Packet memory second = _sent();
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(IClients.updateClient, (b.clientId, "update"));
        calls[1] = abi.encodeCall(IRouter.recvPacket, (_recv(first)));
        calls[2] = abi.encodeCall(IRouter.recvPacket, (_recv(second)));
        b.router.multicall(calls);
        vm.assertEq(probeB.received(), 2);
        vm.assertEq(b.client.lastUpdate(), "update");

        Packet memory third = _sent();
        Packet memory forged = _sent();
        forged.payloads[0].value = "another";
        calls[1] = abi.encodeCall(IRouter.recvPacket, (_recv(third)));
        calls[2] = abi.encodeCall(IRouter.recvPacket, (_recv(forged)));
        vm.expectPartialRevert(MirrorClient.NotStored.selector);
        b.router.multicall(calls);
        vm.assertEq(probeB.received(), 2);
    }
}
