// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What is set for one asset in one direction.
enum LimitKind {
    /// Nothing: every amount is refused, unless the client has a default.
    Absent,
    /// At most what the limit says.
    Limited,
    /// Explicitly no limit.
    Unlimited
}

/// @notice A limit. Amounts are in the token's smallest unit.
/// @param kind Whether there is a limit. The other fields are 0 unless it is `Limited`.
/// @param capacity The most that may leave at once, and what a full bucket holds.
/// @param perDay How much the bucket refills in 86,400 seconds.
/// @param creditCap The most refill that inflow may bring forward; 0 = inflow counts for nothing.
struct Limit {
    LimitKind kind;
    uint128 capacity;
    uint128 perDay;
    uint128 creditCap;
}

/// @notice What becomes of an amount. The order of the refusals and of the reasons to wait is that of the law.
enum Verdict {
    /// It may leave now.
    Pay,
    /// Refused: nothing is set for the asset.
    LimitAbsent,
    /// Refused: more than the bucket ever holds.
    AboveCapacity,
    /// Refused: worth more than the bucket of value ever holds.
    AboveValueCapacity,
    /// Refused: there is no room now, and so small an amount never waits.
    TooSmallToHold,
    /// Refused: as many wait as may.
    TooManyHeld,
    /// Waits its time, because it is large.
    HeldLarge,
    /// Waits for those before it.
    HeldQueue,
    /// Waits until the bucket holds enough.
    HeldHeadroom,
    /// Waits until its value is known.
    HeldPrice,
    /// Waits until the bucket of value holds enough.
    HeldValueHeadroom,
    /// Waits because it would break conservation. Never from the limit itself.
    HeldBreach
}

/// @notice Which way value leaves. The numbers are those of the scope of a halt.
enum Direction {
    /// A transfer is sent to the other chain.
    Send,
    /// A transfer from the other chain is paid out.
    Receive
}

/// @notice A limit in value. One source may price all tokens.
/// @param source Who tells the price (`IPriceSource`); zero = there is no limit in value.
/// @param priceSecondsMax The largest age of a price, in seconds.
/// @param capacity The most value that may leave at once.
/// @param perDay How much of it refills in 86,400 seconds.
struct ValueLimit {
    address source;
    uint32 priceSecondsMax;
    uint128 capacity;
    uint128 perDay;
}

/// @notice What is known of one asset in one direction.
/// @param limit The limit that counts: its own, or the client's default.
/// @param isDefault Whether it is the client's default.
/// @param available What may leave now, in units; 2^128 - 1 without a limit, 0 if none is set.
/// @param debt Refill that inflow brought forward and that time has not repaid yet, in units, rounded up.
/// @param valueLimit The limit in value.
/// @param valueAvailable The value that may leave now.
/// @param largeSize The size from which a transfer waits in the delay lane; 0 = none does.
/// @param largeDelay How long it waits there, in seconds.
/// @param queued How many wait in the queue.
/// @param held How many wait at all.
/// @param head The sequence of the first in the queue; 0 = nobody waits there.
/// @param tail The sequence of the last in the queue.
struct Lane {
    Limit limit;
    bool isDefault;
    uint256 available;
    uint256 debt;
    ValueLimit valueLimit;
    uint256 valueAvailable;
    uint128 largeSize;
    uint32 largeDelay;
    uint16 queued;
    uint16 held;
    uint64 head;
    uint64 tail;
}

/// @title ILimits
/// @notice How much may leave over a client, and who may change that. An asset is one token over one client; what is
/// set for one says nothing of any other. Units are the token's smallest.
///
/// Assumptions: governance waits in its timelock before it raises anything. What a refund moves is neither limited nor
/// counted. The promise (I4): payouts in any window <= capacity + perDay x seconds / 86,400 + min(credited in it,
/// creditCap).
interface ILimits {
    // Events.

    /// @notice The limit of an asset in one direction changed; `Absent` = it was taken away.
    event LimitSet(string clientId, address indexed token, Direction direction, Limit limit);
    /// @notice The default for assets without a limit of their own changed.
    event DefaultLimitSet(string clientId, Direction direction, Limit limit);
    /// @notice The limit in value changed.
    event ValueLimitSet(string clientId, address indexed token, Direction direction, ValueLimit limit);
    /// @notice What counts as large, and how long it waits, changed.
    event HoldPolicySet(string clientId, address indexed token, uint128 largeSize, uint32 largeDelay);

    // Errors.

    /// @notice The limit does not let the amount through. `LimitAbsent`: ask governance to set one. `AboveCapacity`,
    /// `AboveValueCapacity`: send less at once. Any other: wait, or send less.
    /// @param most What it would have let through at best: the capacity or what is available, in units or in value; the
    /// places, for `TooManyHeld`.
    error RefusedByLimit(Verdict verdict, address token, uint256 amount, uint256 most);
    /// @notice A limit that is not `Limited` has no amounts, and a default gives no credit.
    error InvalidLimit(LimitKind kind);
    /// @notice This change allows more in some respect: it must wait in the timelock (`setLimit`).
    error NotALowering(address token);
    /// @notice A large transfer must be releasable before it expires.
    error DelayTooLong(uint256 asked, uint256 most);

    // Functions.

    /// @notice Sets or takes away the limit of an asset in one direction. Governance only.
    function setLimit(string calldata clientId, address token, Direction direction, Limit calldata limit) external;

    /// @notice Sets or takes away the default for assets of a client that have no limit of their own; each then has its
    /// own bucket under it. Governance only. Off at deployment.
    function setDefaultLimit(string calldata clientId, Direction direction, Limit calldata limit) external;

    /// @notice Lowers the limit of an asset, at once. Lowerers of limits only.
    function lowerLimit(string calldata clientId, address token, Direction direction, Limit calldata limit) external;

    /// @notice Lowers the default of a client, at once. Lowerers of limits only.
    function lowerDefaultLimit(string calldata clientId, Direction direction, Limit calldata limit) external;

    /// @notice Lowers the limit in value of an asset, at once: the same source, prices that are no older, no more
    /// capacity and no more a day. What the bucket holds is cut, never filled. Lowerers of limits only.
    function lowerValueLimit(string calldata clientId, address token, Direction direction, ValueLimit calldata limit)
        external;

    /// @notice Lets more transfers wait, and none less long, at once. Lowerers of limits only.
    /// @param largeSize Not 0, and not above the present size if there is one.
    function lowerLargeSize(string calldata clientId, address token, uint128 largeSize, uint32 largeDelay) external;

    /// @notice Sets or takes away the limit in value. Governance only. A bucket of value begins full.
    function setPriceSource(string calldata clientId, address token, Direction direction, ValueLimit calldata limit)
        external;

    /// @notice Sets from which size received transfers wait, and how long. Governance only.
    /// @param largeSize 0 = none waits for its size.
    function setHoldPolicy(string calldata clientId, address token, uint128 largeSize, uint32 largeDelay) external;

    /// @notice What is known of an asset in one direction.
    function getLane(string calldata clientId, address token, Direction direction) external view returns (Lane memory);

    /// @notice What an amount would meet if it arrived now. Reverts with `IHaltable.Halted` where a delivery would.
    /// @param token The token on this chain; a voucher's address is known before it exists (`ibcERC20Contract`).
    function previewReceive(string calldata clientId, address token, uint256 amount) external view returns (Verdict);
}
