// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GMPAcknowledgement, GMPPacketData, ICall, ICallSender, SendCallMsg} from "../../../src/interfaces/ICall.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Callee, Caller} from "../../support/world/Callee.sol";
import {Log} from "../../support/Vm.sol";
import {CallWorld} from "./CallWorld.sol";

/// @notice How a call is asked for, and how its sender hears of its end.
contract CallSettleTest is CallWorld {
    Caller private _caller;

    function setUp() public override {
        super.setUp();
        _caller = new Caller(callA);
    }

    function test_packet_says_what_was_asked_for() public {
        SendCallMsg memory message = _ask(address(callee), hex"0102");
        message.memo = "note";
        Packet memory packet = _sendCall(0x5FbDB2315678afecb367f032d93F642f64180aa3, message);
        vm.assertEq(packet.payloads[0].sourcePort, "gmpport");
        vm.assertEq(packet.payloads[0].destPort, "gmpport");
        vm.assertEq(packet.payloads[0].version, "ics27-2");
        vm.assertEq(packet.payloads[0].encoding, "application/x-solidity-abi");
        vm.assertEq(packet.timeoutTimestamp, block.timestamp + HOUR);
        GMPPacketData memory data = abi.decode(packet.payloads[0].value, (GMPPacketData));
        vm.assertEq(data.sender, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
        vm.assertEq(data.receiver, _hex(address(callee)));
        vm.assertEq(data.salt, SALT);
        vm.assertEq(data.payload, hex"0102");
        vm.assertEq(data.memo, "note");
    }

    function test_call_to_a_chain_that_needs_no_receiver() public {
        SendCallMsg memory message = _ask(address(callee), hex"01");
        message.receiver = "";
        vm.assertEq(abi.decode(_sendCall(alice, message).payloads[0].value, (GMPPacketData)).receiver, "");
    }

    function test_rejects_FieldTooLong() public {
        SendCallMsg memory message = _ask(address(callee), "");
        message.salt = new bytes(33);
        vm.expectRevert(abi.encodeWithSelector(ICall.FieldTooLong.selector, 2, 33, 32));
        callA.sendCall(message);
    }

    function test_sender_hears_of_success() public {
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        bytes memory given = _deliver(b, packet);
        vm.recordLogs();
        _acknowledge(a, packet, given);
        _noCallbackFailed();
        vm.assertTrue(_caller.succeeded());
        vm.assertEq(_caller.answered(), 1);
        GMPAcknowledgement memory answer = abi.decode(_caller.answer(), (GMPAcknowledgement));
        vm.assertEq(abi.decode(answer.result, (uint256)), 3);
    }

    function test_sender_hears_of_failure() public {
        Packet memory packet = _callerSends(abi.encodeCall(Callee.refuseSilently, ()));
        _acknowledge(a, packet, _deliver(b, packet));
        vm.assertFalse(_caller.succeeded());
        vm.assertEq(_caller.answered(), 1);
    }

    function test_sender_hears_of_timeout() public {
        Packet memory packet = _callerSends("");
        vm.warp(packet.timeoutTimestamp);
        vm.recordLogs();
        _timeOut(a, packet);
        _noCallbackFailed();
        vm.assertEq(_caller.timedOut(), 1);
        vm.assertEq(_caller.answered(), 0);
    }

    function test_sender_that_does_not_listen_is_left_alone() public {
        _caller.setListens(false);
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        _acknowledge(a, packet, _deliver(b, packet));
        vm.assertEq(_caller.answered(), 0);
        // So is one without code.
        packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (3)));
        _acknowledge(a, packet, _deliver(b, packet));
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence))), bytes32(0));
    }

    /// @dev The same when nobody delivered: the packet is settled, and no event tells of a callback that failed.
    function test_sender_that_does_not_listen_is_left_alone_at_a_timeout() public {
        _caller.setListens(false);
        Packet memory packet = _callerSends("");
        Packet memory plain = _sendCall(address(callee), abi.encodeCall(Callee.add, (3)));
        vm.warp(packet.timeoutTimestamp);
        vm.recordLogs();
        _timeOut(a, packet);
        _timeOut(a, plain);
        vm.assertEq(_caller.timedOut(), 0);
        _noCallbackFailed();
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, plain.sequence))), bytes32(0));
    }

    /// @dev Only a sender that could listen costs the gas of a callback.
    function test_sender_without_code_needs_no_gas_for_a_callback() public {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (3)));
        bytes memory answer = _deliver(b, packet);
        a.router.ackPacket{gas: 500_000}(_ack(packet, answer));
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence))), bytes32(0));
    }

    /// @dev A sender cannot keep its packets unsettled, and an event tells of it.
    function test_t48_sender_that_fails_blocks_nothing() public {
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        bytes memory answer = _deliver(b, packet);
        _caller.setUnwilling(true);
        vm.expectEmit(address(callA));
        emit ICall.SenderCallbackFailed(a.clientId, packet.sequence, address(_caller));
        _acknowledge(a, packet, answer);
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence))), bytes32(0));

        packet = _callerSends("");
        vm.warp(packet.timeoutTimestamp);
        vm.expectEmit(address(callA));
        emit ICall.SenderCallbackFailed(a.clientId, packet.sequence, address(_caller));
        _timeOut(a, packet);
    }

    /// @dev The deliverer of an answer cannot have the sender miss it by bringing too little gas.
    function testFuzz_gas_never_loses_a_callback(uint256 gasAmount) public {
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        bytes memory answer = _deliver(b, packet);
        gasAmount = bound(gasAmount, 100_000, 2_500_000);
        try a.router.ackPacket{gas: gasAmount}(_ack(packet, answer)) {
            vm.assertEq(_caller.answered(), 1);
            vm.assertTrue(_caller.gasSeen() > 990_000);
        } catch {
            vm.assertEq(_caller.answered(), 0);
        }
    }

    /// @dev However large what it is told: writing that down costs gas, too.
    function testFuzz_gas_never_loses_a_callback_about_much(uint256 size, uint256 gasAmount) public {
        Packet memory packet = _callerSends(new bytes(bound(size, 10_000, 32_768)));
        bytes memory answer = _deliver(b, packet);
        gasAmount = bound(gasAmount, 1_000_000, 4_000_000);
        try a.router.ackPacket{gas: gasAmount}(_ack(packet, answer)) {
            vm.assertEq(_caller.answered(), 1);
            vm.assertTrue(_caller.gasSeen() > 990_000);
        } catch {
            vm.assertEq(_caller.answered(), 0);
        }
    }

    /// @dev Nor by bringing so little that the sender cannot even say whether it listens.
    function test_gas_never_makes_a_sender_seem_deaf() public {
        _caller.setGasWanted(25_000);
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        bytes memory answer = _deliver(b, packet);
        for (uint256 gasAmount = 60_000; gasAmount < 400_000; gasAmount += 1000) {
            (bool settled,) =
                address(a.router).call{gas: gasAmount}(abi.encodeCall(IRouter.ackPacket, (_ack(packet, answer))));
            vm.assertFalse(settled);
        }
        _acknowledge(a, packet, answer);
        vm.assertEq(_caller.answered(), 1);
    }

    function test_rejects_NotEnoughGas() public {
        Packet memory packet = _callerSends(abi.encodeCall(Callee.add, (3)));
        bytes memory answer = _deliver(b, packet);
        vm.expectPartialRevert(ICall.NotEnoughGas.selector);
        a.router.ackPacket{gas: 1_000_000}(_ack(packet, answer));
        vm.warp(packet.timeoutTimestamp);
    }

    function test_interface_is_that_of_other_implementations() public pure {
        bytes4 ack = bytes4(
            keccak256("onAckPacket(bool,(string,string,uint64,(string,string,string,string,bytes),bytes,address))")
        );
        bytes4 late =
            bytes4(keccak256("onTimeoutPacket((string,string,uint64,(string,string,string,string,bytes),address))"));
        vm.assertEq(bytes32(type(ICallSender).interfaceId), bytes32(ack ^ late));
    }

    function _noCallbackFailed() private {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            vm.assertTrue(logs[i].topics[0] != ICall.SenderCallbackFailed.selector, "a callback was tried");
        }
    }

    function _callerSends(bytes memory input) private returns (Packet memory) {
        vm.recordLogs();
        _caller.send(_ask(address(callee), input));
        return _sentPacket();
    }
}
