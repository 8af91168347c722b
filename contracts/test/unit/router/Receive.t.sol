// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnRecvPacketCallback} from "../../../src/interfaces/IApplication.sol";
import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgRecvPacket, MsgSendPacket, Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Probe} from "../../support/world/Probe.sol";
import {Log} from "../../support/Vm.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @notice The rules of `recvPacket`, one test a rule.
contract ReceiveTest is RouterWorld {
    function test_receives_once() public {
        Packet memory packet = _sent();
        vm.assertFalse(b.router.isPacketReceived(packet));
        vm.assertEq(_deliver(b, packet), "fine");
        vm.assertTrue(b.router.isPacketReceiveSuccessful(packet));
        vm.assertEq(
            b.router.getCommitment(keccak256(_path(b.clientId, 2, 1))), keccak256(abi.encode(packet)), "receipt"
        );
        bytes32 answer = sha256(abi.encodePacked(uint8(2), sha256("fine")));
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 3, 1))), answer, "acknowledgement");

        vm.expectEmit(address(b.router));
        emit IRouter.Noop();
        vm.prank(relayer);
        b.router.recvPacket(_recv(packet));
        vm.assertEq(probeB.received(), 1);
    }

    function test_rejects_InvalidPayloadCount() public {
        Packet memory packet = _sent();
        Payload memory payload = packet.payloads[0];
        for (uint256 count = 0; count <= 2; count += 2) {
            packet.payloads = new Payload[](count);
            for (uint256 i = 0; i < count; ++i) {
                packet.payloads[i] = payload;
            }
            vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidPayloadCount.selector, count, 1));
            b.router.recvPacket(_recv(packet));
        }
    }

    function test_rejects_InvalidSequence() public {
        Packet memory packet = _sent();
        packet.sequence = 0;
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidSequence.selector, 0));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_ZeroTimeout() public {
        Packet memory packet = _sent();
        packet.timeoutTimestamp = 0;
        vm.expectRevert(IRouter.ZeroTimeout.selector);
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_InvalidPayload() public {
        Packet memory packet = _sent();
        packet.payloads[0].value = "";
        vm.expectPartialRevert(IRouter.InvalidPayload.selector);
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_WrongCounterparty() public {
        Packet memory packet = _sent();
        packet.sourceClient = "client-7";
        vm.expectRevert(abi.encodeWithSelector(IRouter.WrongCounterparty.selector, a.clientId, "client-7"));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_UnknownClient_and_CounterpartyMissing() public {
        Packet memory packet = _sent();
        packet.destClient = "client-9";
        vm.expectRevert(abi.encodeWithSelector(IClients.UnknownClient.selector, "client-9"));
        b.router.recvPacket(_recv(packet));
        (, packet.destClient) = _newClient(b.router, a.router);
        vm.expectRevert(abi.encodeWithSelector(IClients.CounterpartyMissing.selector, packet.destClient));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_PacketTimedOut_from_the_timeout_on() public {
        Packet memory packet = _sent();
        vm.warp(packet.timeoutTimestamp);
        vm.expectRevert(
            abi.encodeWithSelector(IRouter.PacketTimedOut.selector, packet.timeoutTimestamp, packet.timeoutTimestamp)
        );
        b.router.recvPacket(_recv(packet));
        vm.warp(packet.timeoutTimestamp - 1);
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_what_the_client_rejects() public {
        Packet memory packet = _sent();
        MsgRecvPacket memory message = _recv(packet);
        message.proofCommitment = "bad";
        vm.expectRevert(MirrorClient.BadProof.selector);
        b.router.recvPacket(message);
        b.client.setStatus(ClientStatus.Frozen);
        vm.expectRevert(abi.encodeWithSelector(MirrorClient.NotActive.selector, ClientStatus.Frozen));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_ClientGaveNoTime() public {
        Packet memory packet = _sent();
        b.client.sayNoTime();
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientGaveNoTime.selector, address(b.client)));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_ReceiptMismatch_when_the_other_chain_contradicts_itself() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        bytes32 stored = keccak256(abi.encode(packet));
        packet.payloads[0].value = "another";
        b.client.lieStored(_path(a.clientId, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(IRouter.ReceiptMismatch.selector, stored, keccak256(abi.encode(packet))));
        b.router.recvPacket(_recv(packet));
    }

    function test_rejects_UnknownPort_so_that_the_packet_can_only_time_out() public {
        Packet memory packet = _sentTo("nowhere");
        vm.expectRevert(abi.encodeWithSelector(IRouter.UnknownPort.selector, "nowhere"));
        b.router.recvPacket(_recv(packet));
        vm.assertFalse(b.router.isPacketReceived(packet));
    }

    function test_revert_with_data_is_answered_by_the_universal_error() public {
        Packet memory packet = _sent();
        probeB.setMood(Probe.Mood.RevertWithData);
        vm.expectEmit(address(b.router));
        emit IRouter.IBCAppRecvPacketCallbackError(abi.encodeWithSelector(Probe.Unwilling.selector, "as told"));
        vm.prank(relayer);
        b.router.recvPacket(_recv(packet));
        vm.assertTrue(b.router.isPacketReceived(packet));
        vm.assertFalse(b.router.isPacketReceiveSuccessful(packet));
        vm.assertEq(probeB.received(), 0);
        bytes32 refusal = 0xe2fb30dfbf7abdeaca82d426534d2b3a9d5444dd2a87fa16d38b77ba1a13ced7;
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 3, 1))), refusal, "acknowledgement");
    }

    function test_rejects_CallbackFailed_when_the_application_reverts_without_data() public {
        Packet memory packet = _sent();
        Probe.Mood[2] memory moods = [Probe.Mood.RevertSilently, Probe.Mood.BurnGas];
        for (uint256 i = 0; i < moods.length; ++i) {
            probeB.setMood(moods[i]);
            vm.expectRevert(abi.encodeWithSelector(IRouter.CallbackFailed.selector, address(probeB)));
            b.router.recvPacket(_recv(packet));
            vm.assertFalse(b.router.isPacketReceived(packet));
        }
    }

    function test_rejects_InvalidAcknowledgement() public {
        Packet memory packet = _sent();
        bytes[2] memory bad = [bytes(""), _universalError()];
        for (uint256 i = 0; i < bad.length; ++i) {
            probeB.setAnswer(bad[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IRouter.InvalidAcknowledgement.selector, address(probeB), bad[i].length)
            );
            b.router.recvPacket(_recv(packet));
            vm.assertFalse(b.router.isPacketReceived(packet));
        }
    }

    /// @dev An offset without anything it could lead to.
    function test_rejects_InvalidAcknowledgement_that_ends_before_its_length() public {
        address app = address(new ShortAnswer());
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("short", app);
        Packet memory packet = _sentTo("short");
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidAcknowledgement.selector, app, 0));
        b.router.recvPacket(_recv(packet));
    }

    function test_acknowledgement_may_have_32768_bytes_and_no_more() public {
        Probe wordy = new Probe(b.router, 8_000_000);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("wordy", address(wordy));
        Packet memory packet = _sentTo("wordy");
        wordy.setAnswer(new bytes(32_769));
        vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidAcknowledgement.selector, address(wordy), 32_769));
        b.router.recvPacket(_recv(packet));
        wordy.setAnswer(new bytes(32_768));
        vm.assertEq(_deliver(b, packet).length, 32_768);
    }

    function test_forwards_exactly_the_registered_gas() public {
        _deliver(b, _sent());
        uint256 seen = probeB.gasSeen();
        vm.assertTrue(seen < 300_000 && seen > 290_000);
    }

    function test_rejects_NotEnoughGas_whatever_the_relayer_gives() public {
        Packet memory packet = _sent();
        bytes memory call = abi.encodeCall(IRouter.recvPacket, (_recv(packet)));
        bool delivered;
        // Every amount of gas leads to a delivery or to a revert, never to an error acknowledgement.
        for (uint256 gasGiven = 50_000; gasGiven <= 700_000; gasGiven += 10_000) {
            vm.assertFalse(delivered);
            (delivered,) = address(b.router).call{gas: gasGiven}(call);
            if (delivered) break;
        }
        vm.assertTrue(b.router.isPacketReceiveSuccessful(packet));
    }

    function test_rejects_NotEnoughGas_with_both_values() public {
        Packet memory packet = _sent();
        bytes memory call = abi.encodeCall(IRouter.recvPacket, (_recv(packet)));
        (bool delivered, bytes memory output) = address(b.router).call{gas: 300_000}(call);
        vm.assertFalse(delivered);
        vm.assertEq(bytes32(bytes4(output)), bytes32(IRouter.NotEnoughGas.selector));
    }

    function test_logs_at_most_1024_bytes_of_a_reason() public {
        Packet memory packet = _sent();
        LongReason app = new LongReason();
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("long", address(app));
        packet = _sentTo("long");
        vm.recordLogs();
        b.router.recvPacket(_recv(packet));
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs[0].topics[0], IRouter.IBCAppRecvPacketCallbackError.selector);
        vm.assertEq(abi.decode(logs[0].data, (bytes)).length, 1024);
    }

    function _sentTo(string memory port) private returns (Packet memory) {
        vm.recordLogs();
        MsgSendPacket memory message = _letter();
        message.payload.destPort = port;
        probeA.send(message);
        return _sentPacket();
    }

    function _replaceProbe(uint64 gasAmount) private returns (Probe probe) {
        probe = new Probe(b.router, gasAmount);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("probe2", address(probe));
    }
}

/// @notice An application that answers with a word.
contract ShortAnswer {
    function onRecvPacket(OnRecvPacketCallback calldata) external pure returns (uint256) {
        return 0x20;
    }
}

/// @notice An application whose refusals are long.
contract LongReason {
    fallback() external {
        assembly {
            revert(0, 5000)
        }
    }
}
