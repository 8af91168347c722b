// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hold, HoldState} from "../../src/interfaces/IHolds.sol";
import {Direction, Lane, Limit, LimitKind, Verdict} from "../../src/interfaces/ILimits.sol";
import {Chain} from "../support/world/World.sol";
import {BridgeInvariants} from "./Bridge.t.sol";
import {Flow, Sent} from "./BridgeHandler.sol";

/// @notice The same moves with limits on both sides, small enough that many transfers wait: what held before holds
/// still, no window pays more than its limit (I4), and the queue is what the holds say.
contract HoldInvariants is BridgeInvariants {
    uint128 private constant CAPACITY = 300_000;
    uint128 private constant PER_DAY = 1_000_000;
    uint128 private constant CREDIT = 100_000;

    function setUp() public override {
        super.setUp();
        vm.startPrank(GOVERNANCE);
        Limit memory limit = Limit(LimitKind.Limited, CAPACITY, PER_DAY, CREDIT);
        for (uint256 i = 0; i < _handler.TOKENS(); ++i) {
            address home = _handler.tokens(i);
            address voucher = _handler.voucherOf(home);
            a.transfer.setLimit(a.clientId, home, Direction.Receive, limit);
            a.transfer.setHoldPolicy(a.clientId, home, 200_000, 2 hours);
            b.transfer.setLimit(b.clientId, voucher, Direction.Receive, limit);
            b.transfer.setHoldPolicy(b.clientId, voucher, 200_000, 2 hours);
        }
        vm.stopPrank();
    }

    /// @dev I4: in every window, payouts <= capacity + rate x length + min(inflow of the window, credit cap).
    function invariant_i4() public view {
        for (uint256 i = 0; i < _handler.TOKENS(); ++i) {
            _checkWindows(_handler.flowsOf(true, _handler.tokens(i)));
            _checkWindows(_handler.flowsOf(false, _handler.tokens(i)));
        }
    }

    function invariant_queue_is_what_the_holds_say() public view {
        for (uint256 i = 0; i < _handler.TOKENS(); ++i) {
            address home = _handler.tokens(i);
            _checkQueue(a, home, home, true);
            _checkQueue(b, home, _handler.voucherOf(home), false);
        }
    }

    function _checkWindows(Flow[] memory flows) private pure {
        for (uint256 first = 0; first < flows.length; ++first) {
            (uint256 paid, uint256 inflow) = (0, 0);
            for (uint256 last = first; last < flows.length; ++last) {
                paid += flows[last].paid;
                inflow += flows[last].inflow;
                uint256 most = (CAPACITY + (inflow < CREDIT ? inflow : CREDIT)) * 86_400;
                most += PER_DAY * (flows[last].time - flows[first].time);
                vm.assertLe(paid * 86_400, most, "I4: a window paid more than its limit");
            }
        }
    }

    function _checkQueue(Chain storage chain, address home, address token, bool ofA) private view {
        Lane memory lane = chain.transfer.getLane(chain.clientId, token, Direction.Receive);
        uint256 held;
        uint256 count = _handler.sentCount();
        for (uint256 i = 0; i < count; ++i) {
            Sent memory sent = _handler.sentAt(i);
            if (sent.token != home || sent.fromA == ofA) continue;
            Hold memory hold = chain.transfer.getHold(chain.clientId, sent.packet.sequence);
            if (hold.state == HoldState.Waiting) ++held;
            if (hold.state == HoldState.Paid) {
                vm.assertTrue(chain.router.isPacketReceiveSuccessful(sent.packet), "I3: paid, and no answer");
            }
            if (hold.state == HoldState.Refused) {
                vm.assertFalse(chain.router.isPacketReceiveSuccessful(sent.packet), "I3: refused and accepted");
            }
        }
        vm.assertEq(lane.held, held, "held");
        _walk(chain, lane);
    }

    /// @dev From head to tail, each knows its neighbours.
    function _walk(Chain storage chain, Lane memory lane) private view {
        uint64 previous = 0;
        uint64 next = lane.head;
        for (uint256 i = 0; i < lane.queued; ++i) {
            Hold memory hold = chain.transfer.getHold(chain.clientId, next);
            vm.assertTrue(hold.state == HoldState.Waiting, "a hold that has ended is in the queue");
            vm.assertTrue(hold.reason != Verdict.HeldLarge && hold.reason != Verdict.HeldBreach, "wrong lane");
            vm.assertEq(hold.previous, previous, "link");
            (previous, next) = (next, hold.next);
        }
        vm.assertEq(next, 0, "the queue is longer than counted");
        vm.assertEq(lane.tail, previous, "tail");
    }
}
