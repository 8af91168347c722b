// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBatches} from "../../../src/interfaces/IBatches.sol";
import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Message} from "../../support/world/Packing.sol";
import {Probe} from "../../support/world/Probe.sol";
import {Log} from "../../support/Vm.sol";
import {BatchWorld} from "./BatchWorld.sol";

/// @notice What hostile applications, clients and relayers can do to a batch: nothing to the others' messages.
contract BatchSafetyTest is BatchWorld {
    Probe private _hostile;

    function setUp() public override {
        super.setUp();
        _hostile = new Probe(b.router, 300_000);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("hostile", address(_hostile));
    }

    function test_t48_application_that_reverts_with_data_is_answered_by_the_universal_error() public {
        Packet[] memory packets = _threeOneHostile();
        _hostile.setMood(Probe.Mood.RevertWithData);
        _run(b, _packed(b, _receives(packets)));
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(_count(logs, IBatches.MessageSkipped.selector), 0, "skips");
        vm.assertEq(_count(logs, IRouter.WriteAcknowledgement.selector), 3, "answers");
        vm.assertTrue(b.router.isPacketReceived(packets[1]) && !b.router.isPacketReceiveSuccessful(packets[1]));
    }

    function test_t48_application_that_reverts_without_data_or_burns_its_gas_is_skipped() public {
        Probe.Mood[2] memory moods = [Probe.Mood.RevertSilently, Probe.Mood.BurnGas];
        for (uint256 i = 0; i < moods.length; ++i) {
            Packet[] memory packets = _threeOneHostile();
            _hostile.setMood(moods[i]);
            _run(b, _packed(b, _receives(packets)));
            (uint256 skips, bytes memory reason) = _skips(vm.getRecordedLogs());
            vm.assertEq(skips, 1);
            vm.assertEq(reason, abi.encodeWithSelector(IRouter.CallbackFailed.selector, address(_hostile)));
            vm.assertFalse(b.router.isPacketReceived(packets[1]));
            vm.assertTrue(b.router.isPacketReceived(packets[0]) && b.router.isPacketReceived(packets[2]));
        }
    }

    /// @dev What an application answers must not look like a lack of gas, either.
    function test_t48_application_that_answers_garbage_is_skipped() public {
        Garbage garbage = new Garbage();
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("garbage", address(garbage));
        bytes[4] memory answers =
            [bytes(""), hex"0102", abi.encode(uint256(0x40), uint256(0)), abi.encode(uint256(0x20), type(uint256).max)];
        for (uint256 i = 0; i < answers.length; ++i) {
            garbage.setAnswer(answers[i]);
            bytes memory reason = _skipped(b, _of(RECEIVE, _sentTo("garbage")));
            vm.assertEq(bytes32(bytes4(reason)), bytes32(IRouter.InvalidAcknowledgement.selector));
        }
    }

    /// @dev An application that says little in a relayer's rehearsal, and on the chain burns its gas before it answers
    /// at length. The message has what a relayer declares for it, and not a unit more.
    function test_t48_longest_answer_after_burnt_gas_harms_nobody() public {
        address long = address(new LongAnswer());
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("long", long);
        Packet[] memory packets = new Packet[](3);
        (packets[0], packets[1], packets[2]) = (_sent(), _sentTo("long"), _sent());
        Message[] memory messages = _receives(packets);
        uint256 value = packets[1].payloads[0].value.length;
        uint256 callback = b.router.getCallbackGas("long");
        messages[1].gasAmount = uint32(150_000 + 40 * value + 330_000 + (callback * 64 + 62) / 63);
        _run(b, _packed(b, messages));
        vm.assertEq(_count(vm.getRecordedLogs(), IBatches.MessageSkipped.selector), 0, "skips");
        for (uint256 i = 0; i < packets.length; ++i) {
            vm.assertTrue(b.router.isPacketReceived(packets[i]));
        }
    }

    function test_t48_hostile_sender_cannot_block_acknowledgements_and_timeouts() public {
        bytes[3] memory reasons = [
            abi.encodeWithSelector(
                IBatches.CallbackRefused.selector,
                address(probeA),
                abi.encodeWithSelector(Probe.Unwilling.selector, "as told")
            ),
            abi.encodeWithSelector(IRouter.CallbackFailed.selector, address(probeA)),
            abi.encodeWithSelector(IRouter.CallbackFailed.selector, address(probeA))
        ];
        Probe.Mood[3] memory moods = [Probe.Mood.RevertWithData, Probe.Mood.RevertSilently, Probe.Mood.BurnGas];
        Packet memory answered = _sent();
        _deliver(b, answered);
        Packet memory missed = _sent();
        vm.warp(missed.timeoutTimestamp);
        for (uint256 i = 0; i < moods.length; ++i) {
            probeA.setMood(moods[i]);
            vm.assertEq(_skipped(a, _of(ACKNOWLEDGE, answered)), reasons[i]);
            vm.assertEq(_skipped(a, _of(TIME_OUT, missed)), reasons[i]);
            vm.assertFalse(_isSettled(answered) || _isSettled(missed));
        }
    }

    /// @dev Whatever gas a relayer gives: everything happens, or nothing.
    function testFuzz_lack_of_gas_never_becomes_a_skip(uint256 gasGiven, uint32[3] memory declared) public {
        Message[] memory messages = _receives(_threeOneHostile());
        for (uint256 i = 0; i < messages.length; ++i) {
            messages[i].gasAmount = uint32(bound(declared[i], 0, 700_000));
        }
        bytes memory call = abi.encodeCall(IBatches.batch, (_packed(b, messages)));
        vm.recordLogs();
        (bool done, bytes memory reason) = address(b.router).call{gas: bound(gasGiven, 30_000, 2_500_000)}(call);
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(_count(logs, IBatches.MessageSkipped.selector), 0, "skips");
        vm.assertEq(probeB.received() + _hostile.received(), done ? 3 : 0);
        if (done || reason.length == 0) return;
        bytes4 selector = bytes4(reason);
        vm.assertTrue(selector == IRouter.NotEnoughGas.selector || selector == IBatches.MessageStarved.selector);
    }

    function test_t48_lack_of_gas_never_becomes_a_skip_on_the_way_up() public {
        bytes memory call = abi.encodeCall(IBatches.batch, (_packed(b, _receives(_threeOneHostile()))));
        bool done;
        for (uint256 gasGiven = 100_000; !done; gasGiven += 7001) {
            vm.recordLogs();
            (done,) = address(b.router).call{gas: gasGiven}(call);
            vm.assertEq(_count(vm.getRecordedLogs(), IBatches.MessageSkipped.selector), 0, "skips");
        }
        vm.assertEq(probeB.received(), 2);
        vm.assertEq(_hostile.received(), 1);
    }

    function test_rejects_MessageStarved_when_too_little_is_declared() public {
        Message[] memory messages = _receives(_threeOneHostile());
        messages[1].gasAmount = 330_000;
        bytes memory packed = _packed(b, messages);
        vm.expectRevert(abi.encodeWithSelector(IBatches.MessageStarved.selector, 1, 330_000));
        b.router.batch(packed);
        messages[1].gasAmount = 20_000;
        packed = _packed(b, messages);
        vm.expectRevert(abi.encodeWithSelector(IBatches.MessageStarved.selector, 1, 20_000));
        b.router.batch(packed);
    }

    /// @dev [T-44], [T-46] An application cannot run a batch, nor anything else that delivers, in a batch.
    function test_t44_nothing_is_delivered_within_a_batch() public {
        Packet memory other = _sent();
        bytes[6] memory calls = [
            abi.encodeCall(IBatches.batch, (_packed(b, _of(RECEIVE, other)))),
            abi.encodeCall(IRouter.recvPacket, (_recv(other))),
            abi.encodeCall(IRouter.ackPacket, (_ack(other, "fine"))),
            abi.encodeCall(IRouter.writeAcknowledgement, (other, "fine")),
            abi.encodeCall(IClients.updateClient, (b.clientId, "update")),
            abi.encodeCall(IClients.submitMisbehaviour, (b.clientId, "evidence"))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _hostile.setCall(calls[i]);
            _run(b, _packed(b, _of(RECEIVE, _sentTo("hostile"))));
            vm.assertFalse(_hostile.callSucceeded());
            bytes4 refused = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            vm.assertEq(bytes32(bytes4(_hostile.callOutput())), bytes32(refused));
        }
        vm.assertFalse(b.router.isPacketReceived(other));
    }

    function test_t25_application_cannot_enter_a_running_batch() public {
        bytes memory packet = abi.encode(_sent());
        _hostile.setCall(
            abi.encodePacked(abi.encodeCall(IBatches.applyMessageInBatch, (RECEIVE, 0, 0, 0, packet.length)), packet)
        );
        _run(b, _packed(b, _of(RECEIVE, _sentTo("hostile"))));
        vm.assertFalse(_hostile.callSucceeded());
        bytes memory expected = abi.encodeWithSelector(IBatches.NotInBatch.selector, address(_hostile));
        vm.assertEq(_hostile.callOutput(), expected);
    }

    /// @dev Evidence that comes to light in the middle of a batch counts from the next message on.
    function test_status_is_read_again_for_each_message() public {
        Freezer freezer = new Freezer(b.client);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("freezer", address(freezer));
        Packet[] memory packets = _threeOneHostile();
        packets[1] = _sentTo("freezer");
        _run(b, _packed(b, _receives(packets)));
        (uint256 skips, bytes memory reason) = _skips(vm.getRecordedLogs());
        vm.assertEq(skips, 1);
        bytes memory expected =
            abi.encodeWithSelector(IRouter.ClientNotActive.selector, b.clientId, ClientStatus.Frozen);
        vm.assertEq(reason, expected);
        vm.assertTrue(b.router.isPacketReceived(packets[1]) && !b.router.isPacketReceived(packets[2]));
    }

    function test_rejects_BatchUnsupported_when_the_client_does_not_declare_it() public {
        Packet memory packet = _sent();
        for (uint256 i = 0; i < 2; ++i) {
            Single single = new Single(b.client, i == 0);
            vm.prank(GOVERNANCE);
            b.router.migrateClient(b.clientId, _end(a.clientId), address(single));
            bytes memory packed = _packed(b, _of(RECEIVE, packet));
            vm.expectRevert(abi.encodeWithSelector(IBatches.BatchUnsupported.selector, b.clientId, address(single)));
            b.router.batch(packed);
        }
    }

    /// @dev What takes batches apart does it in the router's place only.
    function test_rejects_NotInBatch_when_the_runner_is_called_itself() public {
        address runner = _create("BatchRunner.sol:BatchRunner", abi.encode(authority));
        bytes memory packed = _packed(b, _of(RECEIVE, _sent()));
        vm.expectRevert(abi.encodeWithSelector(IBatches.NotInBatch.selector, address(this)));
        IBatches(runner).batch(packed);
    }

    function _threeOneHostile() private returns (Packet[] memory packets) {
        packets = new Packet[](3);
        packets[0] = _sent();
        packets[1] = _sentTo("hostile");
        packets[2] = _sent();
    }

    function _sentTo(string memory port) private returns (Packet memory) {
        MsgSendPacket memory message = _letter();
        message.payload.destPort = port;
        vm.recordLogs();
        probeA.send(message);
        return _sentPacket();
    }
}

/// @notice An application that answers with bytes that are no answer.
contract Garbage {
    bytes private _answer;

    function setAnswer(bytes calldata answer) external {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            return(add(answer, 32), mload(answer))
        }
    }
}

/// @notice An application that has its client frozen when a packet arrives.
contract Freezer {
    MirrorClient private immutable _client;

    constructor(MirrorClient client) {
        _client = client;
    }

    fallback() external {
        _client.misbehaviour("evidence");
        bytes memory answer = abi.encode(bytes("frozen"));
        assembly ("memory-safe") {
            return(add(answer, 32), mload(answer))
        }
    }
}

/// @notice A client that passes everything on, and lacks one of the two extensions that batches need.
contract Single {
    MirrorClient private immutable _client;
    bool private immutable _hasStatus;

    constructor(MirrorClient client, bool hasStatus) {
        (_client, _hasStatus) = (client, hasStatus);
    }

    fallback() external {
        bytes4 missing = _hasStatus ? _client.supportsInterface.selector : _client.status.selector;
        require(msg.sig != missing);
        (bool done, bytes memory output) = address(_client).call(msg.data);
        require(done);
        assembly ("memory-safe") {
            return(add(output, 32), mload(output))
        }
    }
}

/// @dev Burns nearly all that it gets, and answers with as many bytes as an answer may have.
contract LongAnswer {
    fallback() external {
        assembly ("memory-safe") {
            for {} gt(gas(), 12000) {} {}
            mstore(0, 0x20)
            mstore(0x20, 32768)
            return(0, 0x8040)
        }
    }
}
