// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IClientHalts} from "../interfaces/IHaltable.sol";
import {Direction, ILimits, Lane, Limit, LimitKind, ValueLimit, Verdict} from "../interfaces/ILimits.sol";
import {HomeBook} from "../interfaces/ITransfer.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Bucket, Limits, Situation} from "../libraries/Limits.sol";
import {HotState, LaneStore} from "./Lanes.sol";
import {Parts, TransferState} from "./TransferState.sol";

/// @title LimitDesk
/// @notice Changes limits for those whom the authority names, and tells what is set. A change must never give anything
/// by itself: raising fills no bucket, lowering cuts it at once. Two have no bucket to keep: a default, by which a lane
/// counts from its last transfer on, whenever that was, and a price source that takes the place of another.
/// @dev Code only: `TransferDesk` runs it in the name of `Transfer`, by delegatecall. Called by itself it has an empty
/// state. Who may do what is the authority's table: docs/governance.md.
contract LimitDesk is ILimits, TransferState {
    /// @dev A day less than holds last, so that somebody finds time to release.
    uint32 private constant LARGE_DELAY_MAX = 48 hours;

    constructor(Parts memory parts) TransferState(parts) {}

    /// @inheritdoc ILimits
    function setLimit(string calldata clientId, address token, Direction direction, Limit calldata limit)
        external
        restricted
    {
        _setLimit(clientId, token, direction, limit);
    }

    /// @inheritdoc ILimits
    function setDefaultLimit(string calldata clientId, Direction direction, Limit calldata limit) external restricted {
        _setDefault(clientId, direction, limit);
    }

    /// @inheritdoc ILimits
    function lowerLimit(string calldata clientId, address token, Direction direction, Limit calldata limit)
        external
        restricted
    {
        bytes32 clientKey = keccak256(bytes(clientId));
        LaneStore storage lane = _lane(_assetKey(clientKey, token), direction);
        Limit memory current = _limitOf(lane, lane.hot.flags, clientKey, direction);
        require(Limits.isLowering(current, limit), NotALowering(token));
        _setLimit(clientId, token, direction, limit);
    }

    /// @inheritdoc ILimits
    function lowerDefaultLimit(string calldata clientId, Direction direction, Limit calldata limit)
        external
        restricted
    {
        require(Limits.isLowering(_default(keccak256(bytes(clientId)), direction), limit), NotALowering(address(0)));
        _setDefault(clientId, direction, limit);
    }

    /// @inheritdoc ILimits
    function setPriceSource(string calldata clientId, address token, Direction direction, ValueLimit calldata limit)
        external
        restricted
    {
        LaneStore storage lane = _lane(_assetKey(keccak256(bytes(clientId)), token), direction);
        if (limit.source == lane.priceSource) {
            _settleValue(lane, limit);
        } else {
            // Values by another source are other values: the bucket begins anew. One that was never touched is full.
            (lane.valueLevel, lane.valueUpdatedAt) = (0, 0);
            lane.priceSource = limit.source;
        }
        _setFlag(lane, VALUED, limit.source != address(0));
        _setValueLimit(clientId, token, direction, lane, limit);
    }

    /// @inheritdoc ILimits
    function lowerValueLimit(string calldata clientId, address token, Direction direction, ValueLimit calldata limit)
        external
        restricted
    {
        LaneStore storage lane = _lane(_assetKey(keccak256(bytes(clientId)), token), direction);
        bool stays = limit.source == lane.priceSource && limit.source != address(0);
        bool lower = limit.priceSecondsMax <= lane.priceSecondsMax
            && Limits.isLowering(_plain(lane.valueCapacity, lane.valuePerDay), _plain(limit.capacity, limit.perDay));
        require(stays && lower, NotALowering(token));
        _settleValue(lane, limit);
        _setValueLimit(clientId, token, direction, lane, limit);
    }

    /// @inheritdoc ILimits
    function setHoldPolicy(string calldata clientId, address token, uint128 largeSize, uint32 largeDelay)
        external
        restricted
    {
        LaneStore storage lane = _lane(_assetKey(keccak256(bytes(clientId)), token), Direction.Receive);
        _setHoldPolicy(clientId, token, lane, largeSize, largeDelay);
    }

    /// @inheritdoc ILimits
    function lowerLargeSize(string calldata clientId, address token, uint128 largeSize, uint32 largeDelay)
        external
        restricted
    {
        LaneStore storage lane = _lane(_assetKey(keccak256(bytes(clientId)), token), Direction.Receive);
        uint128 most = lane.hot.flags & LARGE_WAITS == 0 ? type(uint128).max : lane.largeSize;
        bool lower = largeSize != 0 && largeSize <= most && largeDelay >= lane.largeDelay;
        require(lower, NotALowering(token));
        _setHoldPolicy(clientId, token, lane, largeSize, largeDelay);
    }

    /// @inheritdoc ILimits
    function getLane(string calldata clientId, address token, Direction direction)
        external
        view
        returns (Lane memory view_)
    {
        bytes32 clientKey = keccak256(bytes(clientId));
        LaneStore storage lane = _lane(_assetKey(clientKey, token), direction);
        HotState memory hot = lane.hot;
        Situation memory situation = _situation(lane, clientKey, direction, token, 0);
        view_.limit = situation.limit;
        view_.isDefault = hot.flags & LISTED == 0;
        view_.available =
            situation.limit.kind == LimitKind.Unlimited ? type(uint128).max : Limits.available(situation.bucket);
        view_.debt = (situation.bucket.debt + Limits.DAY_SECONDS - 1) / Limits.DAY_SECONDS;
        view_.valueLimit = ValueLimit(lane.priceSource, lane.priceSecondsMax, lane.valueCapacity, lane.valuePerDay);
        view_.valueAvailable = Limits.available(situation.value.bucket);
        (view_.largeSize, view_.largeDelay) = (lane.largeSize, lane.largeDelay);
        (view_.queued, view_.held) = (hot.queued, hot.held);
        (view_.head, view_.tail) = (lane.head, lane.tail);
    }

    /// @inheritdoc ILimits
    function previewReceive(string calldata clientId, address token, uint256 amount) external view returns (Verdict) {
        bytes32 clientKey = keccak256(bytes(clientId));
        bytes32 asset = _assetKey(clientKey, token);
        IClientHalts(address(_router)).checkRunning(clientKey, keccak256(bytes(Ics20.PORT)));
        _checkScopes(clientKey, asset, token, Direction.Receive);
        LaneStore storage lane = _lane(asset, Direction.Receive);
        Verdict verdict = Limits.weigh(_situation(lane, clientKey, Direction.Receive, token, amount));
        // What has no code is a voucher that its first payment will create.
        bool home = token.code.length != 0 && !_cameBy(token, clientKey);
        HomeBook memory book = _homeBook(asset);
        bool breach = verdict == Verdict.Pay && home && amount > book.locked - book.released;
        return breach ? Verdict.HeldBreach : verdict;
    }

    /// @notice What is compared before this code is trusted.
    function constants() external view returns (bytes32) {
        return _constants();
    }

    function _setLimit(string calldata clientId, address token, Direction direction, Limit calldata limit) private {
        _check(limit);
        bytes32 clientKey = keccak256(bytes(clientId));
        bytes32 asset = _assetKey(clientKey, token);
        LaneStore storage lane = _lane(asset, direction);
        HotState memory hot = lane.hot;
        Limit memory old = _limitOf(lane, hot.flags, clientKey, direction);
        Bucket memory bucket = Limits.reconfigure(_bucketOf(lane, hot), old, limit, block.timestamp);
        _store(lane, bucket);

        (lane.capacity, lane.perDay, lane.creditCap) = (limit.capacity, limit.perDay, limit.creditCap);
        _setFlag(lane, LISTED, limit.kind != LimitKind.Absent);
        _setFlag(lane, UNLIMITED, limit.kind == LimitKind.Unlimited);
        _setFlag(lane, TAKES_CREDIT, limit.creditCap != 0);
        Direction other = direction == Direction.Send ? Direction.Receive : Direction.Send;
        _setFlag(_lane(asset, other), CREDITS_OTHER, limit.creditCap != 0);
        emit LimitSet(clientId, token, direction, limit);
    }

    /// @dev Counts the time that passed by the value limit that held, before `limit` takes its place.
    function _settleValue(LaneStore storage lane, ValueLimit calldata limit) private {
        Bucket memory bucket = Bucket(lane.valueLevel, 0, lane.valueUpdatedAt);
        Limit memory current = _plain(lane.valueCapacity, lane.valuePerDay);
        bucket = Limits.reconfigure(bucket, current, _plain(limit.capacity, limit.perDay), block.timestamp);
        (lane.valueLevel, lane.valueUpdatedAt) = (uint152(bucket.level), uint40(bucket.updatedAt));
    }

    function _setValueLimit(
        string calldata clientId,
        address token,
        Direction direction,
        LaneStore storage lane,
        ValueLimit calldata limit
    ) private {
        lane.priceSecondsMax = limit.priceSecondsMax;
        (lane.valueCapacity, lane.valuePerDay) = (limit.capacity, limit.perDay);
        emit ValueLimitSet(clientId, token, direction, limit);
    }

    function _setHoldPolicy(
        string calldata clientId,
        address token,
        LaneStore storage lane,
        uint128 largeSize,
        uint32 largeDelay
    ) private {
        require(largeDelay <= LARGE_DELAY_MAX, DelayTooLong(largeDelay, LARGE_DELAY_MAX));
        (lane.largeSize, lane.largeDelay) = (largeSize, largeDelay);
        _setFlag(lane, LARGE_WAITS, largeSize != 0);
        emit HoldPolicySet(clientId, token, largeSize, largeDelay);
    }

    function _setDefault(string calldata clientId, Direction direction, Limit calldata limit) private {
        _check(limit);
        require(limit.creditCap == 0, InvalidLimit(limit.kind));
        Limit storage stored = _default(keccak256(bytes(clientId)), direction);
        (stored.kind, stored.capacity, stored.perDay) = (limit.kind, limit.capacity, limit.perDay);
        emit DefaultLimitSet(clientId, direction, limit);
    }

    function _setFlag(LaneStore storage lane, uint8 flag, bool on) private {
        uint8 flags = lane.hot.flags;
        lane.hot.flags = on ? flags | flag : flags & ~flag;
    }

    function _plain(uint128 capacity, uint128 perDay) private pure returns (Limit memory) {
        return Limit(LimitKind.Limited, capacity, perDay, 0);
    }

    function _check(Limit calldata limit) private pure {
        bool plain = limit.capacity == 0 && limit.perDay == 0 && limit.creditCap == 0;
        require(limit.kind == LimitKind.Limited || plain, InvalidLimit(limit.kind));
    }
}
