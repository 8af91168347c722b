// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "../interfaces/IApplication.sol";
import {CallLimit, ICall} from "../interfaces/ICall.sol";
import {Limit, LimitKind, Verdict} from "../interfaces/ILimits.sol";
import {Bucket, Limits} from "../libraries/Limits.sol";

/// @title CallLimits
/// @notice Decides whether a client may make one more call. It must never let a window see more than capacity + rate x
/// length of them, and never lets a deliverer turn "not now" into "refused".
/// @dev The bucket is that of transfers, in calls. A call that fails is undone together with what it took.
abstract contract CallLimits is ICall {
    /// @dev Limit and bucket of one client; they share a slot.
    /// Bound: `level` is at most capacity x 86,400, below 2^49.
    struct Meter {
        LimitKind kind;
        uint32 capacity;
        uint32 perDay;
        uint64 level;
        uint64 updatedAt;
    }

    /// @dev Keyed by keccak256 of the client id.
    mapping(bytes32 clientKey => Meter meter) private _meters;

    /// @inheritdoc ICall
    function getCallLimit(string calldata clientId) external view returns (CallLimit memory) {
        return _limitOf(_meters[keccak256(bytes(clientId))]);
    }

    /// @inheritdoc ICall
    function availableCalls(string calldata clientId) external view returns (uint256) {
        Meter memory meter = _meters[keccak256(bytes(clientId))];
        if (meter.kind == LimitKind.Unlimited) return type(uint256).max;
        Bucket memory bucket = _bucketOf(meter);
        Limits.refill(bucket, _wide(_limitOf(meter)), block.timestamp);
        return Limits.available(bucket);
    }

    /// @dev Counts one call. Over the limit the delivery reverts: an error acknowledgement would let whoever delivers
    /// choose which calls fail, by choosing the moment.
    function _countCall(string calldata clientId) internal {
        Meter storage stored = _meters[keccak256(bytes(clientId))];
        Meter memory meter = stored;
        require(meter.kind != LimitKind.Absent, CallLimitAbsent(clientId));
        if (meter.kind == LimitKind.Unlimited) return;

        Limit memory limit = _wide(_limitOf(meter));
        Bucket memory bucket = _bucketOf(meter);
        Limits.refill(bucket, limit, block.timestamp);
        if (Limits.take(bucket, limit, 1) != Verdict.Pay) {
            bytes memory reason =
                abi.encodeWithSelector(CallLimitReached.selector, clientId, meter.capacity, meter.perDay);
            revert IApplication.DeliverLater(reason);
        }
        (stored.level, stored.updatedAt) = (uint64(bucket.level), uint64(bucket.updatedAt));
    }

    function _lowerCallLimit(string calldata clientId, CallLimit calldata limit) internal {
        CallLimit memory present = _limitOf(_meters[keccak256(bytes(clientId))]);
        require(Limits.isLowering(_wide(present), _wide(limit)), NotALowering(present, limit));
        _setCallLimit(clientId, limit);
    }

    function _setCallLimit(string calldata clientId, CallLimit calldata limit) internal {
        bool limited = limit.kind == LimitKind.Limited;
        bool valid = limited == (limit.capacity != 0) && limited == (limit.perDay != 0);
        require(valid, InvalidCallLimit(limit));
        Meter storage stored = _meters[keccak256(bytes(clientId))];
        Meter memory meter = stored;
        Bucket memory bucket =
            Limits.reconfigure(_bucketOf(meter), _wide(_limitOf(meter)), _wide(limit), block.timestamp);
        (stored.kind, stored.capacity, stored.perDay) = (limit.kind, limit.capacity, limit.perDay);
        (stored.level, stored.updatedAt) = (uint64(bucket.level), uint64(bucket.updatedAt));
        emit CallLimitSet(clientId, limit);
    }

    function _limitOf(Meter memory meter) private pure returns (CallLimit memory) {
        return CallLimit(meter.kind, meter.capacity, meter.perDay);
    }

    function _bucketOf(Meter memory meter) private pure returns (Bucket memory) {
        return Bucket(meter.level, 0, meter.updatedAt);
    }

    function _wide(CallLimit memory limit) private pure returns (Limit memory) {
        return Limit(limit.kind, limit.capacity, limit.perDay, 0);
    }
}
