// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, LimitKind, Verdict} from "../src/interfaces/ILimits.sol";
import {Bucket, Limits, Situation} from "../src/libraries/Limits.sol";
import {Prover} from "./Prover.sol";

/// @title LimitsSpec
/// @notice What leaves in any window is bounded (I4), of `src/libraries/Limits.sol`.
/// @dev The bound follows from four steps, each proven here for every bucket: time raises level - debt by at most
/// rate x seconds, a credit not at all, a payout lowers it by exactly what is paid, and 0 <= level <= capacity,
/// 0 <= debt <= credit cap. Added up over a window: payouts <= capacity + rate x seconds / 86,400 + credit.
contract LimitsSpec is Prover {
    /// @dev No bucket is fuller: a capacity has 128 bits, a day's seconds 17.
    uint256 private constant LEVEL_MAX = 1 << 145;

    /// @notice However long a bucket waits, it holds no more than its capacity.
    function check_level_never_exceeds_capacity(Bucket memory bucket, Limit memory limit, uint64 time) external pure {
        if (!_isBucket(bucket)) return;
        Limits.refill(bucket, limit, time);
        assert(bucket.level <= uint256(limit.capacity) * 86_400);
    }

    /// @notice Time gives rate x seconds and no more, as level or as repaid debt.
    function check_refill_gives_no_more_than_the_rate(Bucket memory bucket, Limit memory limit, uint64 time)
        external
        pure
    {
        if (!_isBucket(bucket) || bucket.updatedAt == 0) return;
        (uint256 level, uint256 debt, uint256 updatedAt) = (bucket.level, bucket.debt, bucket.updatedAt);
        Limits.refill(bucket, limit, time);
        uint256 gained = time > updatedAt ? (time - updatedAt) * uint256(limit.perDay) : 0;
        // level - debt, moved to the other side so that nothing can be negative.
        assert(bucket.level + debt <= level + bucket.debt + gained);
        assert(bucket.debt <= debt && bucket.updatedAt >= updatedAt);
    }

    /// @notice Time gives exactly rate x seconds as long as there is room: nothing is rounded away.
    function check_refill_is_exact(Bucket memory bucket, Limit memory limit, uint64 time) external pure {
        if (!_isBucket(bucket) || bucket.updatedAt == 0 || time < bucket.updatedAt) return;
        (uint256 level, uint256 debt, uint256 updatedAt) = (bucket.level, bucket.debt, bucket.updatedAt);
        Limits.refill(bucket, limit, time);
        uint256 gained = time > updatedAt ? (time - updatedAt) * uint256(limit.perDay) : 0;
        if (bucket.level < uint256(limit.capacity) * 86_400) {
            assert(bucket.level + debt == level + bucket.debt + gained);
        }
    }

    /// @notice What is paid is there, and is taken away to the last unit; what is not paid changes nothing.
    function check_a_payout_never_exceeds_what_is_available(Bucket memory bucket, Limit memory limit, uint128 amount)
        external
        pure
    {
        if (!_isBucket(bucket)) return;
        (uint256 level, uint256 debt) = (bucket.level, bucket.debt);
        Verdict verdict = Limits.take(bucket, limit, amount);
        bool paid = verdict == Verdict.Pay;
        assert(!paid || (uint256(amount) * 86_400 <= level && amount <= limit.capacity));
        assert(bucket.level == (paid ? level - uint256(amount) * 86_400 : level) && bucket.debt == debt);
    }

    /// @notice Inflow never lifts a bucket above its capacity, nor the debt above the credit cap, and it raises both
    /// alike: it brings refill forward and gives nothing.
    function check_credit_gives_nothing(Bucket memory bucket, Limit memory limit, uint128 inflow) external pure {
        if (!_isBucket(bucket)) return;
        (uint256 level, uint256 debt) = (bucket.level, bucket.debt);
        Limits.credit(bucket, limit, inflow);
        assert(bucket.level >= level && bucket.level - level == bucket.debt - debt);
        assert(bucket.level - level <= uint256(inflow) * 86_400);
        // Credit is given only where there is room under both.
        if (bucket.level != level) {
            assert(bucket.level <= uint256(limit.capacity) * 86_400);
            assert(bucket.debt <= uint256(limit.creditCap) * 86_400);
        }
    }

    /// @notice A change of a limit never fills a bucket: it holds what time gave by the old limit, or less, and no more
    /// than it may by the new one. How much time gives is proven above.
    function check_a_change_of_limit_gives_nothing(
        Bucket memory bucket,
        Limit memory old,
        Limit memory next,
        uint64 time
    ) external pure {
        if (!_isBucket(bucket) || old.kind != LimitKind.Limited || next.kind != LimitKind.Limited) {
            return;
        }
        Bucket memory refilled = Bucket(bucket.level, bucket.debt, bucket.updatedAt);
        Limits.refill(refilled, old, time);
        Bucket memory changed = Limits.reconfigure(bucket, old, next, time);
        assert(changed.level <= refilled.level && changed.debt == refilled.debt);
        assert(changed.updatedAt == refilled.updatedAt);
        assert(changed.level <= uint256(next.capacity) * 86_400);
    }

    /// @notice What needs no timelock raises nothing.
    function check_a_lowering_raises_nothing(Limit memory old, Limit memory next) external pure {
        if (!Limits.isLowering(old, next)) return;
        assert(next.kind == LimitKind.Limited && old.kind != LimitKind.Absent);
        if (old.kind == LimitKind.Unlimited) return;
        assert(next.capacity <= old.capacity && next.perDay <= old.perDay && next.creditCap <= old.creditCap);
    }

    /// @notice An absent limit pays nothing, and a limit nothing that is above its capacity or not available.
    function check_nothing_is_paid_without_headroom(Situation memory situation) external pure {
        if (Limits.weigh(situation) != Verdict.Pay) return;
        assert(situation.limit.kind != LimitKind.Absent);
        if (situation.limit.kind == LimitKind.Unlimited) return;
        assert(situation.amount <= situation.limit.capacity);
        assert(situation.amount <= Limits.available(situation.bucket));
    }

    function _isBucket(Bucket memory bucket) private pure returns (bool) {
        return bucket.level < LEVEL_MAX && bucket.debt < LEVEL_MAX && bucket.updatedAt <= type(uint64).max;
    }
}
