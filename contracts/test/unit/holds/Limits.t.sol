// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {Direction, ILimits, Lane, Limit, LimitKind, ValueLimit, Verdict} from "../../../src/interfaces/ILimits.sol";
import {ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {IToken} from "../../support/world/World.sol";
import {HoldsWorld, TestPrice} from "./HoldsWorld.sol";

/// @notice The part of the authority that gives roles.
interface IRoles {
    function grantRole(uint64 role, address account, uint32 delay) external;
    function setTargetFunctionRole(address target, bytes4[] calldata functions, uint64 role) external;
}

/// @notice What a limit lets through, and who may change it.
contract TransferLimitsTest is HoldsWorld {
    function test_absent_limit_is_refused_both_ways() public {
        _noDefault();
        _refusedBy(_atoms(1), Verdict.LimitAbsent, 1, 0);
        vm.startPrank(alice);
        token.approve(address(b.transfer), 5);
        vm.expectRevert(
            abi.encodeWithSelector(ILimits.RefusedByLimit.selector, Verdict.LimitAbsent, address(token), 5, 0)
        );
        b.transfer.sendTransfer(_request(b, address(token), 5));
        vm.stopPrank();
    }

    function test_above_capacity_is_refused_although_it_could_wait() public {
        _limit(atom, Direction.Receive, 1000, 1000);
        _refusedBy(_atoms(1001), Verdict.AboveCapacity, 1001, 1000);
        _paid(_atoms(1000));
        vm.assertEq(IToken(atom).balanceOf(bob), 1000);
    }

    function test_bucket_empties_and_refills() public {
        _limit(atom, Direction.Receive, 1000, 86_400);
        _paid(_atoms(600));
        vm.assertEq(_lane(atom).available, 400);
        _wait(100);
        vm.assertEq(_lane(atom).available, 500);
        _paid(_atoms(500));
        _held(_atoms(1), Verdict.HeldHeadroom);
    }

    function test_in_many_pieces_no_more_than_at_once() public {
        _limit(atom, Direction.Receive, 1000, 0);
        for (uint256 i = 0; i < 10; ++i) {
            _paid(_atoms(100));
        }
        _held(_atoms(100), Verdict.HeldHeadroom);
        vm.assertEq(IToken(atom).balanceOf(bob), 1000);
    }

    function test_sending_is_limited_and_a_refund_is_neither_limited_nor_counted() public {
        _limit(address(token), Direction.Send, 100, 0);
        Packet memory packet = _send(b, alice, address(token), 100, bob);
        _refusedSend(1, 0);
        _limit(address(token), Direction.Receive, 0, 0);
        b.client.lieStored(_path(a.clientId, 3, packet.sequence));
        _acknowledge(b, packet, _universalError());
        vm.assertEq(token.balanceOf(alice), 1_000_000);
        vm.assertEq(_lane(address(token)).available, 0);
        _refusedSend(1, 0);
    }

    function test_small_amount_without_room_is_refused() public {
        _limit(atom, Direction.Receive, 102_400, 0);
        _paid(_atoms(102_400));
        _refusedBy(_atoms(99), Verdict.TooSmallToHold, 99, 0);
        _held(_atoms(100), Verdict.HeldHeadroom);
    }

    function test_credit_of_sends_is_spent_once() public {
        _set(address(token), Direction.Receive, Limit(LimitKind.Limited, 1000, 0, 300));
        // Locks enough for conservation, and the full bucket takes no credit.
        _send(b, alice, address(token), 10_000, bob);
        _paid(_home(address(token), 1000));
        _send(b, alice, address(token), 500, bob);
        vm.assertEq(_lane(address(token)).available, 300);
        vm.assertEq(_lane(address(token)).debt, 300);
        _paid(_home(address(token), 300));
        _send(b, alice, address(token), 500, bob);
        _held(_home(address(token), 1), Verdict.HeldHeadroom);
    }

    function test_default_gives_every_asset_its_own_bucket() public {
        vm.prank(GOVERNANCE);
        b.transfer.setDefaultLimit(b.clientId, Direction.Receive, Limit(LimitKind.Limited, 100, 0, 0));
        vm.assertTrue(_lane(atom).isDefault);
        _paid(_atoms(100));
        _send(b, alice, address(token), 1000, bob);
        _paid(_home(address(token), 100));
        _limit(atom, Direction.Receive, 1000, 86_400);
        vm.assertFalse(_lane(atom).isDefault);
        // A limit of its own begins with what the default left.
        vm.assertEq(_lane(atom).available, 0);
        _wait(50);
        vm.assertEq(_lane(atom).available, 50);
    }

    function test_raising_waits_for_governance_and_lowering_does_not() public {
        address lowerer = account("lowerer");
        _makeLowerer(lowerer);
        _limit(atom, Direction.Receive, 1000, 1000);
        Limit memory lower = Limit(LimitKind.Limited, 400, 1000, 0);
        vm.prank(lowerer);
        b.transfer.lowerLimit(b.clientId, atom, Direction.Receive, lower);
        vm.assertEq(_lane(atom).available, 400);
        _refusedBy(_atoms(401), Verdict.AboveCapacity, 401, 400);

        lower.perDay = 1001;
        vm.prank(lowerer);
        vm.expectRevert(abi.encodeWithSelector(ILimits.NotALowering.selector, atom));
        b.transfer.lowerLimit(b.clientId, atom, Direction.Receive, lower);
        vm.prank(lowerer);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, lowerer, authority));
        b.transfer.setLimit(b.clientId, atom, Direction.Receive, lower);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        b.transfer.lowerLimit(b.clientId, atom, Direction.Receive, lower);
    }

    function test_lowering_an_asset_of_the_default_gives_it_a_limit_of_its_own() public {
        _makeLowerer(relayer);
        Limit memory lower = Limit(LimitKind.Limited, 10, 0, 0);
        vm.startPrank(relayer);
        b.transfer.lowerLimit(b.clientId, atom, Direction.Receive, lower);
        vm.assertEq(_lane(atom).available, 10);
        vm.assertFalse(_lane(atom).isDefault);
        b.transfer.lowerDefaultLimit(b.clientId, Direction.Receive, lower);
        lower.capacity = 11;
        vm.expectRevert(abi.encodeWithSelector(ILimits.NotALowering.selector, address(0)));
        b.transfer.lowerDefaultLimit(b.clientId, Direction.Receive, lower);
        vm.stopPrank();
        _refusedBy(_atoms(11), Verdict.AboveCapacity, 11, 10);
    }

    function test_lowering_a_limit_in_value_is_immediate_and_fills_nothing() public {
        _makeLowerer(relayer);
        _limit(atom, Direction.Receive, 1_000_000, 0);
        TestPrice price = _priced(atom, 100, 86_400);
        price.set(1e15, block.timestamp);
        _paid(_atoms(40_000));
        ValueLimit memory lower = ValueLimit(address(price), 30 minutes, 50, 43_200);
        vm.prank(relayer);
        b.transfer.lowerValueLimit(b.clientId, atom, Direction.Receive, lower);
        // 60 were left, of which the new capacity leaves 50.
        vm.assertEq(_lane(atom).valueAvailable, 50);
        vm.assertEq(abi.encode(_lane(atom).valueLimit), abi.encode(lower));
        _paid(_atoms(50_000));
        vm.prank(relayer);
        b.transfer.lowerValueLimit(b.clientId, atom, Direction.Receive, lower);
        vm.assertEq(_lane(atom).valueAvailable, 0);
        // What time gave by the old rate counts.
        _wait(10);
        lower.perDay = 0;
        vm.prank(relayer);
        b.transfer.lowerValueLimit(b.clientId, atom, Direction.Receive, lower);
        vm.assertEq(_lane(atom).valueAvailable, 5);
        _refusedBy(_atoms(50_001), Verdict.AboveValueCapacity, 50_001, 50);
    }

    function test_rejects_NotALowering_in_value() public {
        _makeLowerer(relayer);
        ValueLimit memory none = ValueLimit(address(0), 0, 0, 0);
        _notLowerInValue(none);
        TestPrice price = _priced(atom, 100, 100);
        ValueLimit memory same = _lane(atom).valueLimit;
        vm.assertEq(same.source, address(price));
        _notLowerInValue(none);
        _notLowerInValue(ValueLimit(alice, same.priceSecondsMax, 100, 100));
        _notLowerInValue(ValueLimit(same.source, same.priceSecondsMax + 1, 100, 100));
        _notLowerInValue(ValueLimit(same.source, same.priceSecondsMax, 101, 100));
        _notLowerInValue(ValueLimit(same.source, same.priceSecondsMax, 100, 101));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        b.transfer.lowerValueLimit(b.clientId, atom, Direction.Receive, same);
    }

    function test_lowering_the_large_size_is_immediate() public {
        _makeLowerer(relayer);
        _limit(atom, Direction.Receive, 1000, 0);
        vm.prank(relayer);
        b.transfer.lowerLargeSize(b.clientId, atom, 900, 1 hours);
        _held(_atoms(900), Verdict.HeldLarge);
        vm.prank(relayer);
        b.transfer.lowerLargeSize(b.clientId, atom, 500, 2 hours);
        _held(_atoms(500), Verdict.HeldLarge);
        vm.assertTrue(_lane(atom).largeSize == 500 && _lane(atom).largeDelay == 2 hours);
        vm.prank(relayer);
        b.transfer.lowerLargeSize(b.clientId, atom, 500, 2 hours);
    }

    function test_rejects_NotALowering_of_the_large_size() public {
        _makeLowerer(relayer);
        _policy(atom, 500, 2 hours);
        uint32[3] memory delays = [uint32(2 hours), 2 hours, 2 hours - 1];
        uint128[3] memory sizes = [uint128(501), 0, 500];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(relayer);
            vm.expectRevert(abi.encodeWithSelector(ILimits.NotALowering.selector, atom));
            b.transfer.lowerLargeSize(b.clientId, atom, sizes[i], delays[i]);
        }
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(ILimits.DelayTooLong.selector, 48 hours + 1, 48 hours));
        b.transfer.lowerLargeSize(b.clientId, atom, 500, 48 hours + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        b.transfer.lowerLargeSize(b.clientId, atom, 1, 2 hours);
    }

    function test_only_governance_sets_anything() public {
        Limit memory limit = Limit(LimitKind.Limited, 1, 1, 1);
        vm.startPrank(alice);
        bytes memory refusal = abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority);
        vm.expectRevert(refusal);
        b.transfer.setLimit(b.clientId, atom, Direction.Receive, limit);
        vm.expectRevert(refusal);
        b.transfer.setDefaultLimit(b.clientId, Direction.Receive, limit);
        vm.expectRevert(refusal);
        b.transfer.lowerDefaultLimit(b.clientId, Direction.Receive, limit);
        vm.expectRevert(refusal);
        b.transfer.setHoldPolicy(b.clientId, atom, 1, 1);
        vm.expectRevert(refusal);
        b.transfer.setPriceSource(b.clientId, atom, Direction.Receive, ValueLimit(alice, 1, 1, 1));
        vm.stopPrank();
    }

    function test_rejects_InvalidLimit() public {
        vm.startPrank(GOVERNANCE);
        vm.expectRevert(abi.encodeWithSelector(ILimits.InvalidLimit.selector, LimitKind.Unlimited));
        b.transfer.setLimit(b.clientId, atom, Direction.Receive, Limit(LimitKind.Unlimited, 1, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(ILimits.InvalidLimit.selector, LimitKind.Absent));
        b.transfer.setLimit(b.clientId, atom, Direction.Receive, Limit(LimitKind.Absent, 0, 1, 0));
        vm.expectRevert(abi.encodeWithSelector(ILimits.InvalidLimit.selector, LimitKind.Limited));
        b.transfer.setDefaultLimit(b.clientId, Direction.Receive, Limit(LimitKind.Limited, 1, 1, 1));
        vm.stopPrank();
    }

    function test_asset_with_no_limit_of_its_own_is_not_held_to_the_default() public {
        vm.prank(GOVERNANCE);
        b.transfer.setDefaultLimit(b.clientId, Direction.Receive, Limit(LimitKind.Limited, 10, 0, 0));
        _refused(_atoms(1000));
        _set(atom, Direction.Receive, Limit(LimitKind.Unlimited, 0, 0, 0));
        _paid(_atoms(1000));
        vm.assertEq(_lane(atom).available, type(uint128).max);
        vm.assertFalse(_lane(atom).isDefault);
    }

    /// @dev More than any book holds has no verdict.
    function test_rejects_AmountTooLarge() public {
        uint256 most = type(uint128).max;
        vm.assertTrue(b.transfer.previewReceive(b.clientId, atom, most) == Verdict.Pay);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.AmountTooLarge.selector, most + 1, most));
        b.transfer.previewReceive(b.clientId, atom, most + 1);
    }

    function test_limit_of_one_client_says_nothing_of_another() public {
        _limit(address(token), Direction.Send, 0, 0);
        _join(b, a);
        _send(b, alice, address(token), 100, bob);
    }

    function test_value_counts_beside_units() public {
        _limit(atom, Direction.Receive, 1_000_000, 0);
        TestPrice price = _priced(atom, 100, 86_400);
        Packet memory waiting = _atoms(5000);
        _held(waiting, Verdict.HeldPrice);
        _cancel(waiting);
        price.set(type(uint256).max, block.timestamp);
        waiting = _atoms(5000);
        _held(waiting, Verdict.HeldPrice);
        _cancel(waiting);
        price.set(1e15, block.timestamp - 1 hours - 1);
        waiting = _atoms(5000);
        _held(waiting, Verdict.HeldPrice);
        _cancel(waiting);
        price.set(1e15, block.timestamp - 1 hours);
        // 1,000 units are worth 1, and a part of it counts as whole.
        _paid(_atoms(59_001));
        vm.assertEq(_lane(atom).valueAvailable, 40);
        _refusedBy(_atoms(100_001), Verdict.AboveValueCapacity, 100_001, 100);
        waiting = _atoms(40_001);
        _held(waiting, Verdict.HeldValueHeadroom);
        _wait(1);
        price.set(1e15, block.timestamp);
        _release(waiting);
        vm.assertEq(_lane(atom).valueAvailable, 0);
        vm.assertEq(_lane(atom).available, 1_000_000 - 59_001 - 40_001);
    }

    function test_raising_a_value_limit_fills_nothing() public {
        _limit(atom, Direction.Receive, 1_000_000, 0);
        TestPrice price = _priced(atom, 100, 86_400);
        price.set(1e15, block.timestamp);
        _paid(_atoms(60_000));
        vm.assertEq(_lane(atom).valueAvailable, 40);
        _wait(10);
        _valued(atom, price, 1000, 86_400 * 5);
        vm.assertEq(_lane(atom).valueAvailable, 50);
        _wait(2);
        vm.assertEq(_lane(atom).valueAvailable, 60);
        // A lower one cuts, and another source, whose values are others, begins anew.
        _valued(atom, price, 20, 0);
        vm.assertEq(_lane(atom).valueAvailable, 20);
        _valued(atom, new TestPrice(), 500, 0);
        vm.assertEq(_lane(atom).valueAvailable, 500);
    }

    function test_preview_says_what_a_delivery_would_meet() public {
        _limit(atom, Direction.Receive, 1000, 0);
        _policy(atom, 900, 1 hours);
        vm.assertEq(uint256(_preview(atom, 1001)), uint256(Verdict.AboveCapacity));
        vm.assertEq(uint256(_preview(atom, 900)), uint256(Verdict.HeldLarge));
        vm.assertEq(uint256(_preview(atom, 899)), uint256(Verdict.Pay));
        _paid(_atoms(500));
        vm.assertEq(uint256(_preview(atom, 501)), uint256(Verdict.HeldHeadroom));
        _held(_atoms(501), Verdict.HeldHeadroom);
        vm.assertEq(uint256(_preview(atom, 2)), uint256(Verdict.HeldQueue));
        vm.assertEq(uint256(_preview(address(token), 1)), uint256(Verdict.HeldBreach));
    }

    function _preview(address what, uint256 amount) private view returns (Verdict) {
        return b.transfer.previewReceive(b.clientId, what, amount);
    }

    function _makeLowerer(address who) private {
        bytes4[] memory functions = new bytes4[](4);
        (functions[0], functions[1]) = (ILimits.lowerLimit.selector, ILimits.lowerDefaultLimit.selector);
        (functions[2], functions[3]) = (ILimits.lowerValueLimit.selector, ILimits.lowerLargeSize.selector);
        vm.startPrank(GOVERNANCE);
        IRoles(authority).setTargetFunctionRole(address(b.transfer), functions, 1);
        IRoles(authority).grantRole(1, who, 0);
        vm.stopPrank();
    }

    function _notLowerInValue(ValueLimit memory limit) private {
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(ILimits.NotALowering.selector, atom));
        b.transfer.lowerValueLimit(b.clientId, atom, Direction.Receive, limit);
    }

    function _refusedBy(Packet memory packet, Verdict verdict, uint256 amount, uint256 most) private {
        bytes memory expected = abi.encodeWithSelector(ILimits.RefusedByLimit.selector, verdict, atom, amount, most);
        vm.assertEq(_refused(packet), expected);
        vm.assertFalse(b.router.isPacketReceiveSuccessful(packet));
    }

    function _refusedSend(uint256 amount, uint256 most) private {
        vm.startPrank(alice);
        token.approve(address(b.transfer), amount);
        Verdict verdict = Verdict.HeldHeadroom;
        bytes memory expected =
            abi.encodeWithSelector(ILimits.RefusedByLimit.selector, verdict, address(token), amount, most);
        vm.expectRevert(expected);
        b.transfer.sendTransfer(_request(b, address(token), amount));
        vm.stopPrank();
    }
}
