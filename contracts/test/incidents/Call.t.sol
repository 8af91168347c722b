// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../src/interfaces/IApplication.sol";
import {CallLimit, GMPPacketData, ICall, SendCallMsg} from "../../src/interfaces/ICall.sol";
import {LimitKind} from "../../src/interfaces/ILimits.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {Packet} from "../../src/interfaces/Messages.sol";
import {Callee} from "../support/world/Callee.sol";
import {MirrorClient} from "../../sdk/MirrorClient.sol";
import {CallWorld} from "../unit/call/CallWorld.sol";

/// @notice What past bridges lost by messages that could call.
contract CallIncidentsTest is CallWorld {
    /// @dev Every contract of the bridge, by every way in which a message could reach it: its address is what counts,
    /// not what is called.
    function test_t32_messages_reach_no_contract_of_the_bridge() public {
        _carry(a, b, alice, address(token), 1000, bob);
        address voucher = address(_voucher(b, address(token)));
        _carry(b, a, bob, voucher, 500, alice);
        address[7] memory protected = [
            address(b.router),
            address(b.transfer),
            address(callB),
            authority,
            TIMELOCK,
            address(b.client),
            _escrowWithCode()
        ];
        vm.etch(TIMELOCK, hex"00");
        for (uint256 i = 0; i < protected.length; ++i) {
            _refuses(protected[i], ICall.ProtectedTarget.selector);
            vm.assertTrue(callB.isProtected(protected[i]));
        }
        vm.assertFalse(callB.isProtected(address(callee)));
        // A voucher is money, and accounts may have some.
        vm.assertFalse(callB.isProtected(voucher));
    }

    function test_t32_accounts_do_not_reach_accounts() public {
        _deliver(b, _sendCall(address(callee), abi.encodeCall(Callee.add, (1))));
        _refuses(callee.caller(), ICall.ProtectedTarget.selector);
    }

    /// @dev Nothing at all, the chain's own contracts, and those that a fork may add.
    function test_t32_precompiles_and_nobody_are_no_targets() public {
        vm.etch(address(0xffff), hex"00");
        address[6] memory targets = [address(0), address(1), address(0x11), address(0x100), address(0xffff), alice];
        for (uint256 i = 0; i < targets.length; ++i) {
            _refuses(targets[i], ICall.NotAContract.selector);
        }
        vm.etch(address(0x10000), hex"00");
        vm.assertEq(_resultOf(_sendCall(address(0x10000), "")).length, 0);
    }

    /// @dev A light client counts from the moment it is one, and still after it was replaced.
    function test_t32_light_clients_are_no_targets() public {
        MirrorClient other = new MirrorClient();
        vm.assertFalse(callB.isProtected(address(other)));
        b.router.addClient(_noEnd(), address(other));
        _refuses(address(other), ICall.ProtectedTarget.selector);
        vm.prank(GOVERNANCE);
        b.router.migrateClient("client-1", _end(a.clientId), address(b.client));
        _refuses(address(other), ICall.ProtectedTarget.selector);
    }

    /// @dev Anybody may add any contract as a client; that shuts no contract off that is none by its own word.
    function test_t32_strangers_shut_no_contract_off() public {
        vm.prank(address(0xbad));
        b.router.addClient(_noEnd(), address(callee));
        vm.assertFalse(b.router.isClientContract(address(callee)));
        vm.assertFalse(callB.isProtected(address(callee)));
    }

    /// @dev What comes to the bridge later is protected by governance, for good.
    function test_t32_governance_protects_what_comes_later() public {
        address[] memory targets = new address[](1);
        targets[0] = address(callee);
        vm.expectEmit(address(callB));
        emit ICall.TargetProtected(address(callee));
        vm.prank(GOVERNANCE);
        callB.protect(targets);
        _refuses(address(callee), ICall.ProtectedTarget.selector);
    }

    /// @dev A message that would change who rules, sent straight and through a contract that passes it on.
    function test_t10_messages_change_no_ruler() public {
        bytes memory grant = abi.encodeWithSignature("grantRole(uint64,address,uint32)", 0, alice, 0);
        _refusesCall(authority, grant, ICall.ProtectedTarget.selector);
        CallLimit memory none = CallLimit(LimitKind.Unlimited, 0, 0);
        bytes[3] memory inputs = [
            abi.encodeCall(Callee.forward, (authority, grant)),
            abi.encodeCall(Callee.forward, (address(callB), abi.encodeCall(ICall.setCallLimit, (b.clientId, none)))),
            abi.encodeCall(
                Callee.forward,
                (address(b.router), abi.encodeWithSignature("addIBCApp(string,address)", "evil", address(callee)))
            )
        ];
        for (uint256 i = 0; i < inputs.length; ++i) {
            _refusesCall(address(callee), inputs[i], ICall.CallFailed.selector);
        }
        vm.assertTrue(callB.getCallLimit(b.clientId).kind == LimitKind.Limited);
    }

    /// @dev Every entry point that another contract calls, called by anybody.
    function test_t42_only_the_router_calls_back() public {
        OnRecvPacketCallback memory received;
        OnAcknowledgementPacketCallback memory acknowledged;
        OnTimeoutPacketCallback memory timedOut;
        bytes[3] memory calls = [
            abi.encodeCall(IApplication.onRecvPacket, (received)),
            abi.encodeCall(IApplication.onAcknowledgementPacket, (acknowledged)),
            abi.encodeCall(IApplication.onTimeoutPacket, (timedOut))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(alice);
            (bool accepted, bytes memory failure) = address(callB).call(calls[i]);
            vm.assertFalse(accepted);
            vm.assertEq(failure, abi.encodeWithSelector(ICall.NotRouter.selector, alice, b.router));
        }
    }

    function test_t42_accounts_obey_nobody_else() public {
        _deliver(b, _sendCall(address(callee), abi.encodeCall(Callee.add, (1))));
        address account = callee.caller();
        bytes memory order = abi.encodeWithSignature("execute(address,bytes)", callee, abi.encodeCall(Callee.add, (1)));
        bytes memory expected = abi.encodeWithSignature("NotCall(address,address)", alice, callB);
        vm.prank(alice);
        (bool accepted, bytes memory failure) = account.call(order);
        vm.assertFalse(accepted);
        vm.assertEq(failure, expected);
        vm.assertEq(callee.calls(), 1);
    }

    /// @dev A called contract that forwards: one call more for each packet, however often either is delivered.
    function test_t44_forwarded_calls_are_made_once_each() public {
        Callee other = new Callee();
        SendCallMsg memory onwards = _ask(address(other), abi.encodeCall(Callee.add, (5)));
        onwards.sourceClient = b.clientId;
        vm.prank(GOVERNANCE);
        callA.setCallLimit(a.clientId, CallLimit(LimitKind.Limited, 10, 10));
        bytes memory sendOn =
            abi.encodeCall(Callee.forward, (address(callB), abi.encodeCall(ICall.sendCall, (onwards))));
        Packet memory packet = _sendCall(address(callee), sendOn);

        vm.recordLogs();
        b.router.recvPacket(_recv(packet));
        Packet memory forwarded = _sentPacket();
        vm.assertEq(forwarded.sourceClient, b.clientId);
        vm.assertEq(_senderOf(forwarded), _checksummed(address(callee)));
        for (uint256 i = 0; i < 3; ++i) {
            b.router.recvPacket(_recv(packet));
            _deliver(a, forwarded);
        }
        vm.assertEq(callee.calls(), 1);
        vm.assertEq(other.calls(), 1);
        vm.assertEq(other.sum(), 5);
        vm.assertEq(b.router.getNextSequenceSend(b.clientId), 2);
    }

    /// @dev A called contract that delivers other people's packets, or its own once more.
    function test_t44_calls_do_not_nest() public {
        Packet memory inner = _sendCall(address(callee), abi.encodeCall(Callee.add, (1)));
        bytes memory deliver = abi.encodeCall(IRouter.recvPacket, (_recv(inner)));
        Packet memory outer = _sendCall(address(callee), abi.encodeCall(Callee.forward, (address(b.router), deliver)));
        bytes4 nested = bytes4(keccak256("ReentrancyGuardReentrantCall()"));
        bytes memory expected =
            abi.encodeWithSelector(ICall.CallFailed.selector, callee, abi.encodeWithSelector(nested));
        vm.assertEq(_refusalOf(outer), expected);
        vm.assertFalse(b.router.isPacketReceived(inner));
        _deliver(b, inner);
        vm.assertEq(callee.calls(), 1);
    }

    function _refuses(address target, bytes4 expected) private {
        _refusesCall(target, "", expected);
    }

    function _refusesCall(address target, bytes memory input, bytes4 expected) private {
        bytes memory reason = _refusalOf(_sendCall(target, input));
        if (expected == ICall.CallFailed.selector) vm.assertEq(bytes32(bytes4(reason)), bytes32(expected));
        else vm.assertEq(reason, abi.encodeWithSelector(expected, target));
    }

    /// @dev The escrow of chain B's client, which a token of chain B creates.
    function _escrowWithCode() private returns (address escrow) {
        token.mint(bob, 10);
        _send(b, bob, address(token), 10, alice);
        escrow = _escrow(b);
        vm.assertTrue(escrow.code.length != 0);
    }

    function _checksummed(address who) private returns (string memory) {
        Packet memory packet = _sendCall(who, _ask(address(callee), ""));
        return _senderOf(packet);
    }
}
