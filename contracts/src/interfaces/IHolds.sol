// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Verdict} from "./ILimits.sol";
import {Packet} from "./Messages.sol";

/// @notice Where a held transfer is. Each ends once.
enum HoldState {
    /// Never held.
    None,
    /// Neither paid nor refused yet.
    Waiting,
    /// Paid to its receiver, and acknowledged.
    Paid,
    /// Answered by an error: its source refunds it.
    Refused
}

/// @notice Why a held transfer was refused.
enum HoldEnd {
    /// The guardians cancelled it.
    Cancelled,
    /// It waited too long.
    Expired,
    /// The token refused the payment.
    TokenRefused
}

/// @notice One held transfer; a word.
/// @param state Where it is.
/// @param reason Why it waits.
/// @param heldAt Since when, in seconds.
/// @param dueAt From when it may be released, in seconds.
/// @param previous The sequence of the one before it in the queue; 0 = it is the first, or in no queue.
/// @param next The sequence of the one behind it in the queue; 0 = it is the last, or in no queue.
struct Hold {
    HoldState state;
    Verdict reason;
    uint40 heldAt;
    uint40 dueAt;
    uint64 previous;
    uint64 next;
}

/// @title IHolds
/// @notice Transfers that were received and wait. A held transfer is paid to its receiver or refunded at its source,
/// exactly once; nobody can redirect it. Anybody may release what is due and may expire what waited too long; only the
/// guardians may cancel.
///
/// Assumptions: a client's packets have one sequence, so client and sequence name a transfer. The queue of an asset is
/// in order of arrival; large transfers, and those that would have broken conservation, wait beside it.
interface IHolds {
    // Events. `clientKey` is keccak256 of the client id on this chain.

    /// @notice A transfer was received and waits.
    event TransferHeld(
        bytes32 indexed clientKey,
        uint64 indexed sequence,
        address indexed token,
        address receiver,
        uint256 amount,
        Verdict reason,
        uint64 dueAt
    );
    /// @notice A held transfer was paid.
    event HoldReleased(bytes32 indexed clientKey, uint64 indexed sequence);
    /// @notice A held transfer was refused; its source refunds it.
    event HoldRefused(bytes32 indexed clientKey, uint64 indexed sequence, HoldEnd why);
    /// @notice A payment or refund would have broken conservation: the asset is halted until the guardians resume it.
    event ConservationBreached(bytes32 indexed asset, address indexed token, uint256 available, uint256 asked);

    // Errors.

    /// @notice No such transfer waits: it was never held, is another packet, or has ended.
    error NotHeld(bytes32 clientKey, uint64 sequence, HoldState state);
    /// @notice Others came first.
    error NotFirst(uint64 first, uint64 sequence);
    /// @notice It is not time yet.
    error NotDue(uint256 dueAt, uint256 time);

    // Functions.

    /// @notice Pays a held transfer, if halts, limit and conservation allow it now. Anybody may. If the token refuses
    /// although it had its gas, the transfer is refused. If it would break conservation, it keeps waiting and the asset
    /// is halted.
    function releaseHold(Packet calldata packet) external;

    /// @notice Refuses a held transfer, so that it is refunded at its source. Guardians contract only. Works under
    /// every halt.
    function cancelHold(Packet calldata packet) external;

    /// @notice Refuses a transfer that was held for longer than `HOLD_SECONDS_MAX`. Anybody may. Works under every
    /// halt.
    function expireHold(Packet calldata packet) external;

    /// @notice A held transfer.
    /// @param clientId The client on this chain.
    function getHold(string calldata clientId, uint64 sequence) external view returns (Hold memory);

    /// @notice After how long a hold may be expired, in seconds.
    function HOLD_SECONDS_MAX() external view returns (uint40);
}
