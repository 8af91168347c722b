// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hold, HoldState} from "../interfaces/IHolds.sol";
import {Verdict} from "../interfaces/ILimits.sol";
import {HotState, LaneStore} from "./Lanes.sol";

/// @title Holds
/// @notice Remembers which transfers wait, and in which order. A transfer ends once: its word says so before anything
/// is paid or answered.
/// @dev Links are sequences, which one client gives out once, so a hold is one word and leaves the middle of the queue
/// as cheaply as its ends. It decides nothing about payment. Spec: PROTOCOL section 4 "Hold".
abstract contract Holds {
    /// @dev Keyed by keccak256(client key, sequence).
    mapping(bytes32 holdKey => Hold hold) private _holds;

    function _hold(bytes32 clientKey, uint64 sequence) internal view returns (Hold storage) {
        return _holds[keccak256(abi.encode(clientKey, sequence))];
    }

    /// @dev Lets a transfer wait.
    /// @return dueAt From when it may be released.
    function _beginHold(LaneStore storage lane, bytes32 clientKey, uint64 sequence, Verdict reason)
        internal
        returns (uint40 dueAt)
    {
        dueAt = uint40(block.timestamp);
        if (reason == Verdict.HeldLarge) dueAt += lane.largeDelay;
        Hold memory hold = Hold(HoldState.Waiting, reason, uint40(block.timestamp), dueAt, 0, 0);
        HotState memory hot = lane.hot;
        ++hot.held;
        if (_inQueue(reason)) {
            uint64 last = lane.tail;
            hold.previous = last;
            if (last == 0) lane.head = sequence;
            else _hold(clientKey, last).next = sequence;
            lane.tail = sequence;
            ++hot.queued;
        }
        lane.hot = hot;
        _holds[keccak256(abi.encode(clientKey, sequence))] = hold;
    }

    /// @dev Ends a hold.
    function _endHold(LaneStore storage lane, bytes32 clientKey, uint64 sequence, HoldState state) internal {
        Hold storage hold = _hold(clientKey, sequence);
        _unlink(lane, clientKey, hold);
        --lane.hot.held;
        hold.state = state;
    }

    /// @dev Takes a transfer out of the queue, because it would break conservation.
    function _setAside(LaneStore storage lane, bytes32 clientKey, uint64 sequence) internal {
        Hold storage hold = _hold(clientKey, sequence);
        _unlink(lane, clientKey, hold);
        hold.reason = Verdict.HeldBreach;
    }

    /// @dev Large transfers wait for their time and breaches for governance: neither may stop those behind them.
    function _inQueue(Verdict reason) internal pure returns (bool) {
        return reason != Verdict.HeldLarge && reason != Verdict.HeldBreach;
    }

    function _unlink(LaneStore storage lane, bytes32 clientKey, Hold storage hold) private {
        (uint64 previous, uint64 next) = (hold.previous, hold.next);
        if (!_inQueue(hold.reason)) return;
        if (previous == 0) lane.head = next;
        else _hold(clientKey, previous).next = next;
        if (next == 0) lane.tail = previous;
        else _hold(clientKey, next).previous = previous;
        (hold.previous, hold.next) = (0, 0);
        --lane.hot.queued;
    }
}
