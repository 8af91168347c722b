// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../../src/interfaces/IBatches.sol";
import {UpdateResult} from "../../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {Batch, Message, Packing} from "../../support/world/Packing.sol";
import {Log} from "../../support/Vm.sol";
import {BatchWorld} from "./BatchWorld.sol";

/// @notice The rules of `batch`, one test a rule.
contract BatchTest is BatchWorld {
    function test_runs_each_kind_in_one_call() public {
        Packet memory answered = _sent();
        _deliver(b, answered);
        Packet memory missed = _sent();
        vm.recordLogs();
        probeB.send(_letterBack());
        Packet memory arrived = _sentPacket();
        vm.warp(missed.timeoutTimestamp);
        Message[] memory messages = new Message[](3);
        messages[0] = _of(RECEIVE, arrived);
        messages[1] = _of(ACKNOWLEDGE, answered);
        messages[2] = _of(TIME_OUT, missed);
        _run(a, _packed(a, messages));
        Log[] memory logs = vm.getRecordedLogs();
        (uint256 skips,) = _skips(logs);
        vm.assertEq(skips, 0, "skips");
        vm.assertTrue(a.router.isPacketReceiveSuccessful(arrived));
        vm.assertTrue(_isSettled(answered) && _isSettled(missed));
        vm.assertEq(probeA.received(), 1);
        vm.assertEq(probeA.acknowledged(), 1);
        vm.assertEq(probeA.timedOut(), 1);
        vm.assertEq(probeA.lastAcknowledgement(), "fine");
    }

    /// @dev What a batch leaves behind and logs is what single calls leave and log.
    function test_logs_and_values_are_those_of_single_calls() public {
        Packet memory answered = _sent();
        Packet memory missed = _sent();
        uint256 before = vm.snapshotState();
        vm.recordLogs();
        vm.startPrank(relayer);
        b.router.recvPacket(_recv(answered));
        a.router.ackPacket(_ack(answered, "fine"));
        vm.warp(missed.timeoutTimestamp);
        a.router.timeoutPacket(_timeout(missed));
        vm.stopPrank();
        bytes32 single = keccak256(abi.encode(vm.getRecordedLogs()));
        bytes32 receipt = b.router.getCommitment(keccak256(_path(b.clientId, 2, 1)));
        bytes32 answer = b.router.getCommitment(keccak256(_path(b.clientId, 3, 1)));

        vm.revertToState(before);
        vm.recordLogs();
        vm.startPrank(relayer);
        b.router.batch(_packed(b, _of(RECEIVE, answered)));
        a.router.batch(_packed(a, _of(ACKNOWLEDGE, answered)));
        vm.warp(missed.timeoutTimestamp);
        a.router.batch(_packed(a, _of(TIME_OUT, missed)));
        vm.stopPrank();
        vm.assertEq(keccak256(abi.encode(vm.getRecordedLogs())), single, "logs");
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 2, 1))), receipt, "receipt");
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 3, 1))), answer, "acknowledgement");
        vm.assertTrue(receipt != 0 && answer != 0 && _isSettled(answered) && _isSettled(missed));
    }

    function test_rejects_MalformedBatch_cut_at_every_byte_and_with_bytes_left_over() public {
        bytes memory packed = _packed(b, _receives(_sentMany(2)));
        for (uint256 size = 0; size < packed.length; ++size) {
            bytes memory cut = new bytes(size);
            for (uint256 i = 0; i < size; ++i) {
                cut[i] = packed[i];
            }
            (bool done, bytes memory reason) = address(b.router).call(abi.encodeCall(IBatches.batch, (cut)));
            vm.assertFalse(done);
            vm.assertEq(bytes32(bytes4(reason)), bytes32(IBatches.MalformedBatch.selector), vm.toString(reason));
        }
        vm.expectRevert(abi.encodeWithSelector(IBatches.MalformedBatch.selector, packed.length));
        b.router.batch(bytes.concat(packed, hex"00"));
        vm.assertEq(probeB.received(), 0);
    }

    function test_rejects_MalformedBatch_for_a_version_that_is_not_1() public {
        bytes memory packed = _packed(b, _of(RECEIVE, _sent()));
        packed[0] = 0x02;
        vm.expectRevert(abi.encodeWithSelector(IBatches.MalformedBatch.selector, 0));
        b.router.batch(packed);
    }

    function test_skips_ProvenOtherwise_for_another_value_and_for_none() public {
        Packet memory packet = _sent();
        Message memory message = _of(RECEIVE, packet);
        bytes32 commitment = _commitmentOf(packet);
        bytes memory path = _path(packet.sourceClient, 1, packet.sequence);
        bytes32[2] memory lies = [bytes32(uint256(1)), bytes32(0)];
        for (uint256 i = 0; i < lies.length; ++i) {
            if (lies[i] == 0) {
                b.client.lie(path, 0);
                b.client.lieAbsent(path);
            } else {
                b.client.lie(path, lies[i]);
            }
            bytes memory expected = abi.encodeWithSelector(IBatches.ProvenOtherwise.selector, commitment, lies[i]);
            vm.assertEq(_skipped(b, message), expected);
            vm.assertFalse(b.router.isPacketReceived(packet));
        }
    }

    function test_skips_ProvenOtherwise_for_a_timeout_of_what_was_received() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        vm.warp(packet.timeoutTimestamp);
        bytes32 receipt = b.router.getCommitment(keccak256(_path(b.clientId, 2, 1)));
        bytes memory expected = abi.encodeWithSelector(IBatches.ProvenOtherwise.selector, bytes32(0), receipt);
        vm.assertEq(_skipped(a, _of(TIME_OUT, packet)), expected);
        vm.assertFalse(_isSettled(packet));
    }

    function test_skips_another_acknowledgement() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        Message memory message = _of(ACKNOWLEDGE, packet);
        message.acknowledgement = "finer";
        bytes memory reason = _skipped(a, message);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IBatches.ProvenOtherwise.selector));
        message.acknowledgement = "";
        vm.assertEq(_skipped(a, message), abi.encodeWithSelector(IRouter.EmptyAcknowledgement.selector));
    }

    /// @dev [T-43] The commitment is over every field by itself.
    function test_t43_skips_a_packet_whose_fields_run_into_each_other() public {
        Packet memory packet = _sent();
        packet.payloads[0].sourcePort = "prob";
        packet.payloads[0].destPort = "eprobe";
        bytes memory reason = _skipped(b, _of(RECEIVE, packet));
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IBatches.ProvenOtherwise.selector));
    }

    function test_timeouts_are_compared_with_the_time_of_the_proof() public {
        Packet memory packet = _sent();
        vm.warp(packet.timeoutTimestamp + 100);
        a.client.setProvenTime(packet.timeoutTimestamp - 1);
        bytes memory expected = abi.encodeWithSelector(
            IRouter.TimeoutNotReached.selector, packet.timeoutTimestamp, packet.timeoutTimestamp - 1
        );
        vm.assertEq(_skipped(a, _of(TIME_OUT, packet)), expected);
        a.client.setProvenTime(packet.timeoutTimestamp);
        _run(a, _packed(a, _of(TIME_OUT, packet)));
        vm.assertTrue(_isSettled(packet));
    }

    function test_skips_PacketTimedOut_by_the_clock_of_this_chain() public {
        Packet memory packet = _sent();
        vm.warp(packet.timeoutTimestamp);
        bytes memory expected =
            abi.encodeWithSelector(IRouter.PacketTimedOut.selector, packet.timeoutTimestamp, packet.timeoutTimestamp);
        vm.assertEq(_skipped(b, _of(RECEIVE, packet)), expected);
    }

    /// @dev [T-44] The same message twice, and again later.
    function test_t44_same_message_again_is_a_noop() public {
        Packet memory packet = _sent();
        Message[] memory messages = new Message[](2);
        (messages[0], messages[1]) = (_of(RECEIVE, packet), _of(RECEIVE, packet));
        for (uint256 i = 1; i < 3; ++i) {
            _run(b, _packed(b, messages));
            Log[] memory logs = vm.getRecordedLogs();
            vm.assertEq(_count(logs, IRouter.Noop.selector), i, "noops");
            vm.assertEq(_count(logs, IRouter.WriteAcknowledgement.selector), 2 - i, "answers");
            vm.assertEq(probeB.received(), 1);
        }
    }

    /// @dev [T-44] An answer counts once, too.
    function test_t44_same_answer_again_is_a_noop() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        Message[] memory messages = new Message[](2);
        (messages[0], messages[1]) = (_of(ACKNOWLEDGE, packet), _of(ACKNOWLEDGE, packet));
        for (uint256 i = 1; i < 3; ++i) {
            _run(a, _packed(a, messages));
            Log[] memory logs = vm.getRecordedLogs();
            vm.assertEq(_count(logs, IRouter.Noop.selector), i, "noops");
            vm.assertEq(_count(logs, IRouter.AckPacket.selector), 2 - i, "answers");
            vm.assertEq(probeA.acknowledged(), 1);
        }
    }

    /// @dev [T-48] A bad one is skipped and said to be, the others go through.
    function test_t48_one_bad_message_harms_no_other() public {
        Packet[] memory packets = _sentMany(5);
        Message[] memory messages = _receives(packets);
        messages[2].packet.payloads[0].value = "forged";
        vm.expectEmit(address(b.router));
        bytes memory reason = abi.encodeWithSelector(
            IBatches.ProvenOtherwise.selector, _commitment(messages[2].packet), _commitmentOf(packets[2])
        );
        emit IBatches.MessageSkipped(2, RECEIVE, packets[2].sequence, reason);
        vm.prank(relayer);
        b.router.batch(_packed(b, messages));
        vm.assertEq(probeB.received(), 4);
    }

    function test_rejects_EmptyProof_and_a_bad_pool_and_an_unknown_client() public {
        Batch memory batch = Batch(b.clientId, new bytes[](0), "", _receives(_sentMany(1)));
        vm.expectRevert(IRouter.EmptyProof.selector);
        b.router.batch(Packing.pack(batch));
        batch.pool = "bad";
        vm.expectRevert();
        b.router.batch(Packing.pack(batch));
        batch.clientId = "client-99";
        vm.expectRevert(abi.encodeWithSelector(IClients.UnknownClient.selector, "client-99"));
        b.router.batch(Packing.pack(batch));
    }

    function test_rejects_ClientGaveNoTime() public {
        b.client.sayNoTime();
        bytes memory packed = _packed(b, _of(RECEIVE, _sent()));
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientGaveNoTime.selector, address(b.client)));
        b.router.batch(packed);
    }

    function test_hands_updates_to_the_client_first() public {
        Batch memory batch = Batch(b.clientId, new bytes[](2), "", new Message[](0));
        (batch.updates[0], batch.updates[1]) = ("one", "two");
        vm.expectEmit(address(b.router));
        emit IClients.ICS02ClientUpdated(b.clientId, UpdateResult.Update);
        b.router.batch(Packing.pack(batch));
        vm.assertEq(b.client.lastUpdate(), "two");
    }

    function test_misbehaviour_ends_the_batch_and_stays() public {
        Batch memory batch = Batch(b.clientId, new bytes[](2), "bad", _receives(_sentMany(1)));
        (batch.updates[0], batch.updates[1]) = ("one", "two");
        b.client.setNextResult(UpdateResult.Misbehaviour);
        b.router.batch(Packing.pack(batch));
        vm.assertEq(b.client.lastUpdate(), "one");
        vm.assertEq(probeB.received(), 0);
    }

    /// @dev [T-25] The entry of a message believes its caller, so it has one caller only.
    function test_t25_rejects_NotInBatch() public {
        Packet memory packet = _sent();
        bytes memory call = _alone(packet);
        address[3] memory callers = [relayer, address(probeB), address(b.client)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            (bool done, bytes memory reason) = address(b.router).call(call);
            vm.assertFalse(done);
            vm.assertEq(reason, abi.encodeWithSelector(IBatches.NotInBatch.selector, callers[i]));
        }
        // The router's own calls of itself are those of a batch only: `multicall` keeps the caller.
        bytes[] memory calls = new bytes[](1);
        calls[0] = call;
        vm.expectRevert(abi.encodeWithSelector(IBatches.NotInBatch.selector, relayer));
        vm.prank(relayer);
        b.router.multicall(calls);
    }

    /// @dev A letter from chain B that is in time when those of A are not.
    function _letterBack() private view returns (MsgSendPacket memory message) {
        message = _letter();
        message.sourceClient = b.clientId;
        message.timeoutTimestamp += HOUR;
    }

    function _commitment(Packet memory packet) private pure returns (bytes32) {
        Payload memory payload = packet.payloads[0];
        bytes memory fields = abi.encodePacked(
            sha256(bytes(payload.sourcePort)),
            sha256(bytes(payload.destPort)),
            sha256(bytes(payload.version)),
            sha256(bytes(payload.encoding)),
            sha256(payload.value)
        );
        bytes32 client = sha256(bytes(packet.destClient));
        bytes32 time = sha256(abi.encodePacked(packet.timeoutTimestamp));
        return sha256(abi.encodePacked(uint8(2), client, time, sha256(abi.encodePacked(sha256(fields)))));
    }

    /// @dev The call that the router makes for a packet, without anything proven.
    function _alone(Packet memory packet) private pure returns (bytes memory) {
        bytes memory encoded = abi.encode(packet);
        return
            abi.encodePacked(abi.encodeCall(IBatches.applyMessageInBatch, (RECEIVE, 0, 0, 0, encoded.length)), encoded);
    }
}
