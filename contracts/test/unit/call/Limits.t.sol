// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "../../../src/interfaces/IApplication.sol";
import {CallLimit, ICall} from "../../../src/interfaces/ICall.sol";
import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {LimitKind} from "../../../src/interfaces/ILimits.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Callee} from "../../support/world/Callee.sol";
import {CallWorld} from "./CallWorld.sol";

/// @notice How many calls a client may make.
contract CallLimitsTest is CallWorld {
    function test_absent_limit_refuses() public {
        _setLimit(CallLimit(LimitKind.Absent, 0, 0));
        bytes memory expected = abi.encodeWithSelector(ICall.CallLimitAbsent.selector, b.clientId);
        vm.assertEq(_refusalOf(_adds()), expected);
        vm.assertEq(callB.availableCalls(b.clientId), 0);
        // Nothing is set for a client that nobody spoke of.
        vm.assertEq(callB.availableCalls("client-9"), 0);
    }

    function test_explicitly_no_limit() public {
        _setLimit(CallLimit(LimitKind.Unlimited, 0, 0));
        _deliver(b, _adds());
        vm.assertEq(callB.availableCalls(b.clientId), type(uint256).max);
        vm.assertEq(callee.calls(), 1);
    }

    /// @dev Over the limit a call waits: whoever delivers cannot have it refused by choosing the moment.
    function test_call_over_the_limit_can_be_delivered_later() public {
        _setLimit(CallLimit(LimitKind.Limited, 2, 86_400));
        _deliver(b, _adds());
        _deliver(b, _adds());
        Packet memory packet = _adds();
        vm.expectRevert(_later(2, 86_400));
        b.router.recvPacket(_recv(packet));
        vm.assertFalse(b.router.isPacketReceived(packet));
        vm.warp(block.timestamp + 1);
        _deliver(b, packet);
        vm.assertEq(callee.calls(), 3);
    }

    function test_failed_call_does_not_count() public {
        _setLimit(CallLimit(LimitKind.Limited, 1, 1));
        _refusalOf(_sendCall(address(callee), abi.encodeCall(Callee.refuseSilently, ())));
        _deliver(b, _adds());
        vm.assertEq(callee.calls(), 1);
        vm.assertEq(callB.availableCalls(b.clientId), 0);
    }

    /// @dev I4, in calls: no window sees more than capacity and what came back in it.
    function testFuzz_no_window_sees_more(uint32[24] calldata pauses, uint32 capacity, uint32 perDay) public {
        capacity = uint32(bound(capacity, 1, 5));
        perDay = uint32(bound(perDay, 1, 5000));
        _setLimit(CallLimit(LimitKind.Limited, capacity, perDay));
        uint256 start = block.timestamp;
        uint256 made = 0;
        for (uint256 i = 0; i < pauses.length; ++i) {
            vm.warp(block.timestamp + pauses[i] % 100);
            uint256 available = callB.availableCalls(b.clientId);
            Packet memory packet = _adds();
            try b.router.recvPacket(_recv(packet)) {
                made += 1;
                vm.assertTrue(available != 0);
            } catch {
                vm.assertEq(available, 0);
            }
            vm.assertLe(made, capacity + (block.timestamp - start) * perDay / 1 days, "more than the limit");
        }
        vm.assertEq(callee.calls(), made);
    }

    function test_raising_takes_nothing_back_and_lowering_cuts() public {
        _setLimit(CallLimit(LimitKind.Limited, 4, 1));
        _deliver(b, _adds());
        _setLimit(CallLimit(LimitKind.Limited, 50, 1));
        vm.assertEq(callB.availableCalls(b.clientId), 3);
        vm.prank(GOVERNANCE);
        callB.lowerCallLimit(b.clientId, CallLimit(LimitKind.Limited, 2, 1));
        vm.assertEq(callB.availableCalls(b.clientId), 2);
        vm.assertEq(callB.getCallLimit(b.clientId).capacity, 2);
        vm.assertEq(callB.getCallLimit(b.clientId).perDay, 1);
    }

    function test_says_what_was_set() public {
        CallLimit memory limit = CallLimit(LimitKind.Limited, 4, 1);
        vm.expectEmit(address(callB));
        emit ICall.CallLimitSet(b.clientId, limit);
        _setLimit(limit);
    }

    function test_rejects_NotALowering() public {
        CallLimit memory present = CallLimit(LimitKind.Limited, 100, 86_400);
        CallLimit[4] memory more = [
            CallLimit(LimitKind.Limited, 101, 1),
            CallLimit(LimitKind.Limited, 1, 86_401),
            CallLimit(LimitKind.Unlimited, 0, 0),
            CallLimit(LimitKind.Absent, 0, 0)
        ];
        for (uint256 i = 0; i < more.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICall.NotALowering.selector, present, more[i]));
            vm.prank(GOVERNANCE);
            callB.lowerCallLimit(b.clientId, more[i]);
        }
    }

    function test_rejects_InvalidCallLimit() public {
        CallLimit[4] memory bad = [
            CallLimit(LimitKind.Limited, 0, 1),
            CallLimit(LimitKind.Limited, 1, 0),
            CallLimit(LimitKind.Unlimited, 1, 0),
            CallLimit(LimitKind.Absent, 0, 1)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICall.InvalidCallLimit.selector, bad[i]));
            _setLimit(bad[i]);
        }
    }

    function test_t42_rejects_NotGovernance() public {
        CallLimit memory limit = CallLimit(LimitKind.Limited, 1, 1);
        bytes[3] memory calls = [
            abi.encodeCall(ICall.setCallLimit, (b.clientId, limit)),
            abi.encodeCall(ICall.lowerCallLimit, (b.clientId, limit)),
            abi.encodeCall(ICall.protect, (new address[](1)))
        ];
        bytes memory expected = abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(alice);
            (bool accepted, bytes memory failure) = address(callB).call(calls[i]);
            vm.assertFalse(accepted);
            vm.assertEq(failure, expected);
        }
    }

    function _adds() private returns (Packet memory) {
        return _sendCall(address(callee), abi.encodeCall(Callee.add, (1)));
    }

    function _later(uint256 capacity, uint256 perDay) private view returns (bytes memory) {
        bytes memory reason = abi.encodeWithSelector(ICall.CallLimitReached.selector, b.clientId, capacity, perDay);
        return abi.encodeWithSelector(IApplication.DeliverLater.selector, reason);
    }
}
