// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Direction, ILimits, Limit, LimitKind, Verdict} from "../interfaces/ILimits.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {ITransfer} from "../interfaces/ITransfer.sol";
import {Bucket, Limits, Situation} from "../libraries/Limits.sol";

/// @notice What every transfer of an asset reads and writes; one slot.
/// @param level What may leave, in units x 86,400.
/// @param updatedAt The second up to which refill is counted.
/// @param queued How many wait in the queue.
/// @param held How many wait at all.
/// @param flags What else there is to read; see `Lanes`.
struct HotState {
    uint152 level;
    uint40 updatedAt;
    uint16 queued;
    uint16 held;
    uint8 flags;
}

/// @notice One asset in one direction, as it is stored. The fields behind the first two slots are read only if a flag
/// says that they matter.
struct LaneStore {
    HotState hot;
    uint128 capacity;
    uint128 perDay;
    uint128 creditCap;
    uint128 largeSize;
    uint152 debt;
    uint32 largeDelay;
    uint128 valueCapacity;
    uint128 valuePerDay;
    uint152 valueLevel;
    uint40 valueUpdatedAt;
    address priceSource;
    uint32 priceSecondsMax;
    uint64 head;
    uint64 tail;
}

/// @title Lanes
/// @notice Keeps the limits and their buckets, and weighs amounts by them. It must never let an amount leave without
/// taking it from the buckets, and never limit or count a refund.
/// @dev The arithmetic is `Limits`. Spec: PROTOCOL section 4.
abstract contract Lanes {
    // Flags of a lane.
    uint8 internal constant LISTED = 1;
    uint8 internal constant UNLIMITED = 2;
    uint8 internal constant TAKES_CREDIT = 4;
    uint8 internal constant IN_DEBT = 8;
    uint8 internal constant VALUED = 16;
    uint8 internal constant LARGE_WAITS = 32;
    uint8 internal constant CREDITS_OTHER = 64;

    /// @dev What a price source gets; with the largest token gas it fits into the gas of a callback.
    uint256 private constant PRICE_GAS = 100_000;

    mapping(bytes32 asset => LaneStore[2] lanes) private _lanes;
    mapping(bytes32 clientKey => Limit[2] limits) private _defaults;

    function _lane(bytes32 asset, Direction direction) internal view returns (LaneStore storage) {
        return _lanes[asset][uint256(direction)];
    }

    function _default(bytes32 clientKey, Direction direction) internal view returns (Limit storage) {
        return _defaults[clientKey][uint256(direction)];
    }

    /// @dev Everything that the verdict depends on, with both buckets as they are now.
    function _situation(LaneStore storage lane, bytes32 clientKey, Direction direction, address token, uint256 amount)
        internal
        view
        returns (Situation memory situation)
    {
        require(amount <= type(uint128).max, ITransfer.AmountTooLarge(amount, type(uint128).max));
        HotState memory hot = lane.hot;
        situation.amount = amount;
        (situation.queued, situation.held) = (hot.queued, hot.held);
        situation.limit = _limitOf(lane, hot.flags, clientKey, direction);
        if (situation.limit.kind == LimitKind.Limited) {
            situation.bucket = _bucketOf(lane, hot);
            Limits.refill(situation.bucket, situation.limit, block.timestamp);
        }
        if (hot.flags & LARGE_WAITS != 0) situation.largeSize = lane.largeSize;
        if (hot.flags & VALUED != 0) _addValue(lane, token, situation);
    }

    /// @dev The quick way for the lane that most assets have: a limit of its own, and nothing else to look at.
    /// @return paid Whether `weigh` would say `Pay`; false also if there is more to look at.
    /// @return next What `_storeHot` has to store when the amount leaves.
    function _leavesQuickly(LaneStore storage lane, uint256 amount) internal view returns (bool paid, uint256 next) {
        uint256 hot;
        assembly ("memory-safe") {
            hot := sload(lane.slot)
        }
        // The fields of `HotState`, from the lowest bit: level, updatedAt, queued, held, flags.
        if (hot >> 224 != LISTED || uint16(hot >> 192) != 0) return (false, 0);
        uint256 left;
        (paid, left) =
            Limits.takeQuickly(uint152(hot), uint40(hot >> 152), lane.capacity, lane.perDay, block.timestamp, amount);
        next = ((hot >> 192) << 192) | (uint256(uint40(block.timestamp)) << 152) | left;
    }

    function _storeHot(LaneStore storage lane, uint256 next) internal {
        assembly ("memory-safe") {
            sstore(lane.slot, next)
        }
    }

    /// @dev Takes the amount of a situation that was weighed as `Pay` from the buckets.
    function _leave(LaneStore storage lane, Situation memory situation) internal {
        uint256 amount = situation.amount;
        if (situation.limit.kind == LimitKind.Limited) {
            Limits.take(situation.bucket, situation.limit, amount);
            _store(lane, situation.bucket);
        }
        if (situation.value.limit.kind != LimitKind.Absent) {
            uint256 worth = Limits.valueOf(amount, situation.value.price);
            Limits.take(situation.value.bucket, situation.value.limit, worth);
            lane.valueLevel = uint152(situation.value.bucket.level);
            lane.valueUpdatedAt = uint40(situation.value.bucket.updatedAt);
        }
    }

    /// @dev Credits what left in one direction to the other.
    function _creditOther(bytes32 asset, Direction direction, uint256 amount) internal {
        if (_lane(asset, direction).hot.flags & CREDITS_OTHER != 0) {
            _credit(_lane(asset, direction == Direction.Send ? Direction.Receive : Direction.Send), amount);
        }
    }

    /// @dev Undoes `_leave` in the transaction in which it was done: nothing left after all.
    function _stay(LaneStore storage lane, Situation memory situation) internal {
        if (situation.limit.kind == LimitKind.Limited) {
            lane.hot.level += uint152(situation.amount * Limits.DAY_SECONDS);
        }
        if (situation.value.limit.kind != LimitKind.Absent) {
            uint256 worth = Limits.valueOf(situation.amount, situation.value.price);
            lane.valueLevel += uint152(worth * Limits.DAY_SECONDS);
        }
    }

    /// @dev The error for an amount that may not leave.
    function _refuse(Verdict verdict, Situation memory situation, address token) internal pure {
        uint256 most = Limits.available(situation.bucket);
        if (verdict == Verdict.AboveCapacity) most = situation.limit.capacity;
        if (verdict == Verdict.AboveValueCapacity) most = situation.value.limit.capacity;
        if (verdict == Verdict.HeldValueHeadroom) most = Limits.available(situation.value.bucket);
        if (verdict == Verdict.TooManyHeld) most = Limits.HELD_MAX;
        revert ILimits.RefusedByLimit(verdict, token, situation.amount, most);
    }

    /// @dev The limit that counts: the lane's own, or the client's default.
    function _limitOf(LaneStore storage lane, uint8 flags, bytes32 clientKey, Direction direction)
        internal
        view
        returns (Limit memory limit)
    {
        if (flags & LISTED == 0) return _default(clientKey, direction);
        if (flags & UNLIMITED != 0) {
            limit.kind = LimitKind.Unlimited;
            return limit;
        }
        limit.kind = LimitKind.Limited;
        (limit.capacity, limit.perDay) = (lane.capacity, lane.perDay);
        if (flags & TAKES_CREDIT != 0) limit.creditCap = lane.creditCap;
    }

    function _bucketOf(LaneStore storage lane, HotState memory hot) internal view returns (Bucket memory bucket) {
        (bucket.level, bucket.updatedAt) = (hot.level, hot.updatedAt);
        if (hot.flags & IN_DEBT != 0) bucket.debt = lane.debt;
    }

    function _store(LaneStore storage lane, Bucket memory bucket) internal {
        HotState memory hot = lane.hot;
        (hot.level, hot.updatedAt) = (uint152(bucket.level), uint40(bucket.updatedAt));
        if (bucket.debt != 0) {
            lane.debt = uint152(bucket.debt);
            hot.flags |= IN_DEBT;
        } else {
            hot.flags &= ~IN_DEBT;
        }
        lane.hot = hot;
    }

    function _credit(LaneStore storage lane, uint256 inflow) private {
        HotState memory hot = lane.hot;
        Limit memory limit = _limitOf(lane, hot.flags, 0, Direction.Send);
        Bucket memory bucket = _bucketOf(lane, hot);
        Limits.refill(bucket, limit, block.timestamp);
        Limits.credit(bucket, limit, inflow);
        _store(lane, bucket);
    }

    function _addValue(LaneStore storage lane, address token, Situation memory situation) private view {
        Limit memory limit = Limit(LimitKind.Limited, lane.valueCapacity, lane.valuePerDay, 0);
        situation.value.limit = limit;
        situation.value.bucket = Bucket(lane.valueLevel, 0, lane.valueUpdatedAt);
        Limits.refill(situation.value.bucket, limit, block.timestamp);
        situation.value.price = _price(lane, token);
    }

    /// @dev The price that may be relied on; 0 = there is none.
    function _price(LaneStore storage lane, address token) private view returns (uint256) {
        (bool answered, bytes memory answer) =
            lane.priceSource.staticcall{gas: PRICE_GAS}(abi.encodeCall(IPriceSource.priceOf, (token)));
        if (!answered || answer.length != 64) return 0;
        (uint256 price, uint256 updatedAt) = abi.decode(answer, (uint256, uint256));
        return Limits.usablePrice(price, updatedAt, block.timestamp, lane.priceSecondsMax);
    }
}
