// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccountIdentifier, GMPPacketData, ICall} from "../../../src/interfaces/ICall.sol";
import {IApplication, OnRecvPacketCallback} from "../../../src/interfaces/IApplication.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Callee} from "../../support/world/Callee.sol";
import {CallWorld} from "./CallWorld.sol";

/// @notice What happens to a call that arrives.
contract CallReceiveTest is CallWorld {
    function test_account_calls_and_the_result_is_the_answer() public {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (40)));
        vm.assertEq(abi.decode(_resultOf(packet), (uint256)), 40);
        vm.assertEq(callee.sum(), 40);
        vm.assertEq(callee.caller(), _accountOf(_senderOf(packet), SALT));
        vm.assertTrue(callee.caller().code.length != 0);
        packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (2)));
        vm.assertEq(abi.decode(_resultOf(packet), (uint256)), 42);
    }

    function test_says_who_called_whom() public {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (1)));
        address account = _accountOf(_senderOf(packet), SALT);
        vm.expectEmit(address(callB));
        emit ICall.AccountCreated(b.clientId, _senderOf(packet), SALT, account);
        vm.expectEmit(address(callB));
        emit ICall.CallMade(b.clientId, packet.sequence, account, address(callee));
        b.router.recvPacket(_recv(packet));
    }

    function test_every_sender_salt_and_client_has_an_account_of_its_own() public view {
        address one = _accountOf("alice", "");
        vm.assertTrue(one != _accountOf("bob", ""));
        vm.assertTrue(one != _accountOf("alice", hex"00"));
        vm.assertTrue(one != _accountOf("alic", "e"));
        vm.assertTrue(one != callA.getOrComputeAccountAddress(_identifier(a.clientId)));
        vm.assertTrue(one != callB.getOrComputeAccountAddress(_identifier("client-9")));
    }

    /// @dev Whatever a contract does, the packet is answered and the lane is free.
    function test_t48_failing_call_is_refused_and_blocks_nothing() public {
        bytes[5] memory inputs = [
            abi.encodeCall(Callee.refuse, ("as told")),
            abi.encodeCall(Callee.refuseSilently, ()),
            abi.encodeCall(Callee.burn, ()),
            abi.encodeCall(Callee.refuseAtLength, (1025)),
            abi.encodeCall(Callee.refuseAtLength, (30_000))
        ];
        for (uint256 i = 0; i < inputs.length; ++i) {
            Packet memory packet = _sendCall(address(callee), inputs[i]);
            bytes memory reason = i == 0 ? abi.encodeWithSelector(Callee.Unwilling.selector, "as told") : bytes("");
            vm.assertEq(_refusalOf(packet), abi.encodeWithSelector(ICall.CallFailed.selector, callee, reason));
            vm.assertTrue(b.router.isPacketReceived(packet));
            // What it did is undone, its account and its place under the limit included.
            vm.assertEq(callee.calls(), 0);
            vm.assertEq(_accountOf(_senderOf(packet), SALT).code.length, 0);
            vm.assertEq(callB.availableCalls(b.clientId), 100);
            _acknowledge(a, packet, _universalError());
        }
    }

    function test_longest_result_and_longest_reason_pass() public {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.say, (32_672)));
        vm.assertEq(_resultOf(packet).length, 32_672);
        packet = _sendCall(address(callee), abi.encodeCall(Callee.say, (0)));
        vm.assertEq(_resultOf(packet).length, 0);
        packet = _sendCall(address(callee), abi.encodeCall(Callee.refuseAtLength, (800)));
        bytes memory expected = abi.encodeWithSelector(ICall.CallFailed.selector, callee, new bytes(800));
        vm.assertEq(_refusalOf(packet).length, expected.length);
    }

    function test_rejects_ResultTooLong() public {
        uint256[3] memory lengths = [uint256(32_673), 100_000, 500_000];
        bytes4 tooLong = bytes4(keccak256("ResultTooLong(uint256,uint256)"));
        for (uint256 i = 0; i < lengths.length; ++i) {
            Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.say, (lengths[i])));
            bytes memory reason = abi.encodeWithSelector(tooLong, lengths[i], 32_672);
            vm.assertEq(_refusalOf(packet), abi.encodeWithSelector(ICall.CallFailed.selector, callee, reason));
        }
    }

    /// @dev The dearest call there is: the longest fields, a new account, the longest result.
    function test_callback_gas_covers_the_dearest_call() public {
        GMPPacketData memory data = _data(address(callee));
        data.sender = string(new bytes(2048));
        data.salt = new bytes(32);
        data.payload = bytes.concat(abi.encodeCall(Callee.say, (32_672)), new bytes(32_700));
        data.memo = string(new bytes(32_768));
        uint256 before = gasleft();
        vm.assertEq(_resultOf(_forgedCall(data)).length, 32_672);
        vm.assertTrue(before > gasleft());
    }

    /// @dev A relayer that brings too little gas gets a revert, never another outcome.
    function testFuzz_gas_never_turns_into_a_refusal(uint256 gasAmount) public {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (1)));
        gasAmount = bound(gasAmount, 100_000, 3_000_000);
        try b.router.recvPacket{gas: gasAmount}(_recv(packet)) {
            vm.assertEq(callee.sum(), 1);
        } catch {
            vm.assertFalse(b.router.isPacketReceived(packet));
        }
    }

    function test_rejects_WrongPort_WrongVersion_WrongEncoding() public {
        bytes4[4] memory errors = [
            ICall.WrongPort.selector,
            ICall.WrongPort.selector,
            ICall.WrongVersion.selector,
            ICall.WrongEncoding.selector
        ];
        for (uint256 i = 0; i < errors.length; ++i) {
            OnRecvPacketCallback memory message = _callback();
            if (i == 0) message.payload.sourcePort = "other";
            if (i == 1) message.payload.destPort = "other";
            if (i == 2) message.payload.version = "other";
            if (i == 3) message.payload.encoding = "other";
            vm.expectRevert(abi.encodeWithSelector(errors[i], "other"));
            vm.prank(address(b.router));
            IApplication(address(callB)).onRecvPacket(message);
        }
    }

    function test_rejects_MalformedCall() public {
        Packet memory packet = _sendCall(address(callee), "");
        packet.payloads[0].value = bytes.concat(packet.payloads[0].value, hex"00");
        _forge(packet);
        uint256 end = packet.payloads[0].value.length - 1;
        vm.assertEq(_refusalOf(packet), abi.encodeWithSelector(ICall.MalformedCall.selector, end));
    }

    function test_rejects_EmptySender() public {
        GMPPacketData memory data = _data(address(callee));
        data.sender = "";
        vm.assertEq(_refusalOf(_forgedCall(data)), abi.encodeWithSelector(ICall.EmptySender.selector));
    }

    function test_rejects_FieldTooLong() public {
        uint256[5] memory most = [uint256(2048), 2048, 32, 32_768, 32_768];
        for (uint256 i = 0; i < most.length; ++i) {
            GMPPacketData memory data = _data(address(callee));
            bytes memory long = new bytes(most[i] + 1);
            if (i == 0) data.sender = string(long);
            if (i == 1) data.receiver = string(long);
            if (i == 2) data.salt = long;
            if (i == 3) data.payload = long;
            if (i == 4) data.memo = string(long);
            bytes memory expected = abi.encodeWithSelector(ICall.FieldTooLong.selector, i, most[i] + 1, most[i]);
            vm.assertEq(_refusalOf(_forgedCall(data)), expected);
        }
    }

    function test_rejects_InvalidReceiver() public {
        string[4] memory receivers = ["", "callee", "0x1234", "5fbdb2315678afecb367f032d93f642f64180aa3"];
        for (uint256 i = 0; i < receivers.length; ++i) {
            GMPPacketData memory data = _data(address(callee));
            data.receiver = receivers[i];
            bytes memory expected = abi.encodeWithSelector(ICall.InvalidReceiver.selector, receivers[i]);
            vm.assertEq(_refusalOf(_forgedCall(data)), expected);
        }
    }

    function _identifier(string memory clientId) private pure returns (AccountIdentifier memory) {
        return AccountIdentifier(clientId, "alice", "");
    }

    function _callback() private returns (OnRecvPacketCallback memory message) {
        Packet memory packet = _sendCall(address(callee), abi.encodeCall(Callee.add, (1)));
        message.sourceClient = packet.sourceClient;
        message.destinationClient = packet.destClient;
        message.sequence = packet.sequence;
        message.payload = packet.payloads[0];
    }
}
