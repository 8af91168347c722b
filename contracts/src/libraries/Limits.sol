// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, LimitKind, Verdict} from "../interfaces/ILimits.sol";

/// @notice How full one bucket is.
/// @param level What may leave, in units x 86,400. Bound: below 2^145.
/// @param debt Refill that inflow brought forward, in units x 86,400. Bound: as `level`.
/// @param updatedAt The second up to which refill is counted; 0 for a bucket that was never touched, which is full.
struct Bucket {
    uint256 level;
    uint256 debt;
    uint256 updatedAt;
}

/// @notice The limit in value, at one moment.
/// @param limit The limit in units of value; absent = there is none. Inflow is not credited in value.
/// @param bucket Its bucket, refilled.
/// @param price The price that may be relied on; 0 = there is none.
struct ValueSituation {
    Limit limit;
    Bucket bucket;
    uint256 price;
}

/// @notice Everything that a verdict depends on, at one moment.
/// @param amount What is to leave. Bound: below 2^128.
/// @param limit The asset's limit.
/// @param bucket Its bucket, refilled.
/// @param value The limit in value.
/// @param largeSize The size from which a transfer waits in the delay lane; 0 = none does.
/// @param queued How many wait in the queue.
/// @param held How many wait at all.
struct Situation {
    uint256 amount;
    Limit limit;
    Bucket bucket;
    ValueSituation value;
    uint256 largeSize;
    uint256 queued;
    uint256 held;
}

/// @title Limits
/// @notice Decides whether an amount is paid, waits or is refused, and what a payout, an inflow, a second or a decision
/// of governance does to a bucket. It must never let the payouts of any window exceed capacity + rate x length + credit
/// of that window, whatever its length and however they are cut up (I4).
/// @dev Twin of the law crate `guardian/limits`, equal to the last bit on light-clients/vectors/limits. The level is
/// kept in units x 86,400, so that nothing is rounded away. Credit raises level and debt alike and later refill repays
/// the debt first: level - debt grows by nothing but time. Spec: PROTOCOL section 4; docs/limits.md.
library Limits {
    uint256 internal constant DAY_SECONDS = 86_400;
    /// @dev The most transfers that wait for one asset.
    uint256 internal constant HELD_MAX = 1024;
    /// @dev An amount below this part of the capacity never waits: else the places would be filled cheaply.
    uint256 private constant SMALL_PARTS = 1024;
    /// @dev A price is for this many of a token's smallest units.
    uint256 private constant PRICED_UNITS = 1e18;

    /// @notice A full bucket without debt.
    function full(Limit memory limit, uint256 time) internal pure returns (Bucket memory) {
        return Bucket(limit.capacity * DAY_SECONDS, 0, time);
    }

    /// @notice Brings a bucket to `time`: refilled, and never fuller than its capacity. A clock that goes back refills
    /// nothing.
    function refill(Bucket memory bucket, Limit memory limit, uint256 time) internal pure {
        uint256 most = limit.capacity * DAY_SECONDS;
        if (bucket.updatedAt == 0) {
            (bucket.level, bucket.debt, bucket.updatedAt) = (most, 0, time);
            return;
        }
        if (time <= bucket.updatedAt) return _cut(bucket, most);
        uint256 gained = (time - bucket.updatedAt) * limit.perDay;
        bucket.updatedAt = time;
        uint256 debt = bucket.debt;
        if (debt != 0) {
            uint256 repaid = gained < debt ? gained : debt;
            bucket.debt = debt - repaid;
            gained -= repaid;
        }
        bucket.level += gained;
        _cut(bucket, most);
    }

    /// @notice Whole units that may leave, rounded down.
    function available(Bucket memory bucket) internal pure returns (uint256) {
        return bucket.level / DAY_SECONDS;
    }

    /// @notice Lets `amount` leave a refilled bucket.
    /// @return verdict `Pay`, or `AboveCapacity` or `HeldHeadroom`; then the bucket is as it was.
    function take(Bucket memory bucket, Limit memory limit, uint256 amount) internal pure returns (Verdict verdict) {
        if (amount > limit.capacity) return Verdict.AboveCapacity;
        uint256 scaled = amount * DAY_SECONDS;
        if (scaled > bucket.level) return Verdict.HeldHeadroom;
        bucket.level -= scaled;
        return Verdict.Pay;
    }

    /// @notice `refill` and `take` of a bucket without debt, in one step and without memory.
    /// @return paid Whether the amount was there.
    /// @return left The level then; meaningless if it was not.
    function takeQuickly(
        uint256 level,
        uint256 updatedAt,
        uint256 capacity,
        uint256 perDay,
        uint256 time,
        uint256 amount
    ) internal pure returns (bool paid, uint256 left) {
        if (amount > capacity) return (false, 0);
        // Bound: amounts below 2^128, times and a day's seconds below 2^64.
        unchecked {
            uint256 most = capacity * DAY_SECONDS;
            if (time > updatedAt) level += (time - updatedAt) * perDay;
            if (level > most || updatedAt == 0) level = most;
            uint256 scaled = amount * DAY_SECONDS;
            return (scaled <= level, level - scaled);
        }
    }

    /// @notice Credits `inflow` of the other direction to a refilled bucket. What exceeds the credit cap or the
    /// capacity is not credited, and is forgotten. Bound: `inflow` is below 2^128.
    function credit(Bucket memory bucket, Limit memory limit, uint256 inflow) internal pure {
        // The debt may lie above a cap that was lowered since.
        uint256 allowed = _minus(limit.creditCap * DAY_SECONDS, bucket.debt);
        uint256 room = _minus(limit.capacity * DAY_SECONDS, bucket.level);
        uint256 credited = inflow * DAY_SECONDS;
        if (credited > allowed) credited = allowed;
        if (credited > room) credited = room;
        bucket.level += credited;
        bucket.debt += credited;
    }

    /// @notice What governance's change of a limit at `time` does to its bucket. Time that passed counts by the old
    /// rate. Lowering cuts the level, raising leaves it, and debt stays. A limit where none was begins full.
    function reconfigure(Bucket memory bucket, Limit memory old, Limit memory next, uint256 time)
        internal
        pure
        returns (Bucket memory)
    {
        if (next.kind != LimitKind.Limited) return Bucket(0, 0, 0);
        if (old.kind != LimitKind.Limited) return full(next, time);
        refill(bucket, old, time);
        _cut(bucket, next.capacity * DAY_SECONDS);
        return bucket;
    }

    /// @notice Whether `next` allows no more than `old` in any respect. Such a change needs no timelock. Taking a limit
    /// away is no lowering, although an absent limit refuses everything: a default may stand behind it.
    function isLowering(Limit memory old, Limit memory next) internal pure returns (bool) {
        if (next.kind != LimitKind.Limited || old.kind == LimitKind.Absent) return false;
        if (old.kind == LimitKind.Unlimited) return true;
        return next.capacity <= old.capacity && next.perDay <= old.perDay && next.creditCap <= old.creditCap;
    }

    /// @notice The value of an amount, rounded up: many small amounts are never worth less than their sum.
    /// Bound: both are below 2^128.
    function valueOf(uint256 amount, uint256 price) internal pure returns (uint256) {
        return (amount * price + PRICED_UNITS - 1) / PRICED_UNITS;
    }

    /// @notice The price, if one may rely on it: below 2^128, not from the future, and at most `ageSecondsMax` old.
    /// @return 0 if not.
    function usablePrice(uint256 price, uint256 updatedAt, uint256 time, uint256 ageSecondsMax)
        internal
        pure
        returns (uint256)
    {
        bool usable = price <= type(uint128).max && updatedAt <= time && time - updatedAt <= ageSecondsMax;
        return usable ? price : 0;
    }

    /// @notice What an amount meets. The first rule that applies is the one that is told. Halts come before it and
    /// conservation after it.
    function weigh(Situation memory situation) internal pure returns (Verdict) {
        uint256 amount = situation.amount;
        bool limited = situation.limit.kind == LimitKind.Limited;
        uint256 capacity = situation.limit.capacity;
        if (situation.limit.kind == LimitKind.Absent) return Verdict.LimitAbsent;
        if (limited && amount > capacity) return Verdict.AboveCapacity;
        if (_isAboveValueCapacity(situation.value, amount)) return Verdict.AboveValueCapacity;

        bool small = limited && amount * SMALL_PARTS < capacity;
        Verdict reason = _reasonToWait(situation, small);
        if (reason == Verdict.Pay) return Verdict.Pay;
        if (small) return Verdict.TooSmallToHold;
        return situation.held < HELD_MAX ? reason : Verdict.TooManyHeld;
    }

    /// @dev A small amount waits neither for its size nor behind others, so it looks at the buckets only.
    function _reasonToWait(Situation memory situation, bool small) private pure returns (Verdict) {
        uint256 amount = situation.amount;
        if (!small) {
            if (situation.largeSize != 0 && amount >= situation.largeSize) return Verdict.HeldLarge;
            if (situation.queued != 0) return Verdict.HeldQueue;
        }
        if (situation.limit.kind == LimitKind.Limited && amount > available(situation.bucket)) {
            return Verdict.HeldHeadroom;
        }
        ValueSituation memory value = situation.value;
        if (value.limit.kind == LimitKind.Absent) return Verdict.Pay;
        if (value.price == 0) return Verdict.HeldPrice;
        if (valueOf(amount, value.price) > available(value.bucket)) return Verdict.HeldValueHeadroom;
        return Verdict.Pay;
    }

    function _isAboveValueCapacity(ValueSituation memory value, uint256 amount) private pure returns (bool) {
        if (value.limit.kind == LimitKind.Absent || value.price == 0) return false;
        return valueOf(amount, value.price) > value.limit.capacity;
    }

    function _cut(Bucket memory bucket, uint256 most) private pure {
        if (bucket.level > most) bucket.level = most;
    }

    function _minus(uint256 from, uint256 amount) private pure returns (uint256) {
        return from > amount ? from - amount : 0;
    }
}
