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
