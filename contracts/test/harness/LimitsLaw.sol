// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, LimitKind, Verdict} from "../../src/interfaces/ILimits.sol";
import {Bucket, Limits, Situation} from "../../src/libraries/Limits.sol";
import {ILimitsLaw} from "./ILimitsLaw.sol";

/// @title LimitsLaw
/// @notice Opens the arithmetic of limits to tests, compiled as it is shipped. It keeps one limit with its bucket and
/// drives them as the transfer application does.
contract LimitsLaw is ILimitsLaw {
    Limit private _limit;
    Bucket private _bucket;

    function set(uint256 time, Limit calldata next) external {
        _set(time, next);
    }

    function lower(uint256 time, Limit calldata next) external returns (bool lowered) {
        lowered = Limits.isLowering(_limit, next);
        if (lowered) _set(time, next);
    }

    function setDefault(Limit calldata next) external {
        _limit = next;
    }

    function take(uint256 time, uint256 amount) external returns (Verdict verdict) {
        Limit memory limit = _limit;
        if (limit.kind == LimitKind.Absent) return Verdict.LimitAbsent;
        if (limit.kind == LimitKind.Unlimited) return Verdict.Pay;
        Bucket memory bucket = _bucket;
        Limits.refill(bucket, limit, time);
        verdict = Limits.take(bucket, limit, amount);
        if (verdict == Verdict.Pay) _bucket = bucket;
    }

    function credit(uint256 time, uint256 inflow) external {
        Limit memory limit = _limit;
        if (limit.kind != LimitKind.Limited) return;
        Bucket memory bucket = _bucket;
        Limits.refill(bucket, limit, time);
        Limits.credit(bucket, limit, inflow);
        _bucket = bucket;
    }

    function available(uint256 time) external view returns (uint256) {
        Limit memory limit = _limit;
        if (limit.kind != LimitKind.Limited) return 0;
        Bucket memory bucket = _bucket;
        Limits.refill(bucket, limit, time);
        return Limits.available(bucket);
    }

    function stored() external view returns (uint256 level, uint256 debt, uint256 updatedAt) {
        return (_bucket.level, _bucket.debt, _bucket.updatedAt);
    }

    function weigh(Situation calldata situation) external pure returns (Verdict) {
        return Limits.weigh(situation);
    }

    function takeQuickly(uint256 level, uint256 updatedAt, Limit calldata limit, uint256 time, uint256 amount)
        external
        pure
        returns (bool paid, uint256 left)
    {
        return Limits.takeQuickly(level, updatedAt, limit.capacity, limit.perDay, time, amount);
    }

    function valueOf(uint256 amount, uint256 price) external pure returns (uint256) {
        return Limits.valueOf(amount, price);
    }

    function usablePrice(uint256 price, uint256 updatedAt, uint256 time, uint256 ageSecondsMax)
        external
        pure
        returns (uint256)
    {
        return Limits.usablePrice(price, updatedAt, time, ageSecondsMax);
    }

    function _set(uint256 time, Limit memory next) private {
        _bucket = Limits.reconfigure(_bucket, _limit, next, time);
        _limit = next;
    }
}
