// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Domain} from "../libraries/Domain.sol";
import {ScopeKind} from "./IHaltable.sol";
import {Packet} from "./Messages.sol";

/// @notice One scope, as guardians sign it. The key of its halt is computed from it, so that nobody can charge one path
/// for halting another. A word that the kind does not need is zero.
/// @param kind What is halted.
/// @param path keccak256(clientId), for Client, Asset and Direction.
/// @param item ClientContract and Asset, Token: an address as a word. Direction: 0 = send, 1 = receive. Application:
/// keccak256(portId).
struct Scope {
    ScopeKind kind;
    bytes32 path;
    bytes32 item;
}

/// @notice Signatures over a statement.
/// @param nonce Any number that this set has not used; unordered.
/// @param expiry The last second at which they count; at most 24 hours ahead.
/// @param signatures 65 or 64 bytes each (see `Signatures`), in ascending order of the signers.
struct Approval {
    uint64 nonce;
    uint64 expiry;
    bytes[] signatures;
}

/// @notice A resume that waits.
/// @param set The set that approved it.
/// @param serial The number of the halt that it takes off.
/// @param readyAt From when on anybody may execute it; 0 if none waits.
struct Resume {
    uint64 set;
    uint64 serial;
    uint64 readyAt;
}

/// @title IGuardians
/// @notice Counts the signatures of guardians and halts what they agree on. Anybody may submit what they signed.
///
/// The small quorum halts a client, a light client's contract, an asset or a direction, for at most 24 hours in any 7
/// days for each path and contract (and 72 hours for all contracts together), and cancels held transfers. The large
/// quorum, a majority, halts anything for at most 30 days at a time, and resumes: a resume waits an hour, and a halt in
/// between cancels it. Nobody here can move funds, raise a limit or change code. The set changes by governance alone.
///
/// Assumptions: fewer keys than a quorum are stolen; governance can replace the set before a thief's next 24 hours.
/// See docs/guardians.md.
interface IGuardians {
    // Events.

    /// @notice Guardians halted a scope.
    /// @param until When the halt ends by itself.
    /// @param confirmed Whether the large quorum did it, outside the budget.
    event HaltApproved(
        ScopeKind indexed kind, bytes32 indexed path, bytes32 item, uint64 until, bool confirmed, address[] signers
    );
    /// @notice The small quorum used up halting time.
    /// @param charged What counts now, this halt included, in seconds.
    /// @param most The most.
    event BudgetCharged(bytes32 indexed account, uint64 charged, uint64 most);
    /// @notice A resume was approved and waits.
    event ResumeScheduled(
        ScopeKind indexed kind, bytes32 indexed path, bytes32 item, uint64 serial, uint64 readyAt, address[] signers
    );
    /// @notice A resume was executed.
    event ResumeExecuted(ScopeKind indexed kind, bytes32 indexed path, bytes32 item, uint64 serial);
    /// @notice Guardians cancelled a held transfer: it is refunded at its source.
    event HoldCancelApproved(bytes32 indexed path, uint64 indexed sequence, bytes32 packetHash, address[] signers);
    /// @notice Governance replaced the set, or this is the first.
    event GuardiansRotated(uint64 indexed set, address[] guardians, uint256 small, uint256 large);

    // Errors.

    /// @notice A contract that guardians act on cannot be zero.
    error NoTarget(address router, address transfer);
    /// @notice A set has at most 32 guardians.
    error TooManyGuardians(uint256 count, uint256 most);
    /// @notice One guardian alone could act.
    error SmallQuorum(uint256 small, uint256 least);
    /// @notice The large quorum must be a majority, larger than the small one, and not larger than the set.
    error LargeQuorum(uint256 large, uint256 small, uint256 count);
    /// @notice Guardians are listed in ascending order, each once, none zero.
    error GuardianOrder(address previous, address next);
    /// @notice A word of the scope is missing, or has no meaning for its kind.
    error InvalidScope(ScopeKind kind, bytes32 path, bytes32 item);
    /// @notice The router knows no client under this key: give keccak256 of a client id of this chain.
    error UnknownPath(bytes32 path);
    /// @notice A halt is too short or too long for its kind; in seconds.
    error WrongDuration(uint64 duration, uint64 least, uint64 most);
    /// @notice The scope is halted for at least as long already.
    error NothingAdded(uint64 until, uint64 current);
    /// @notice The small quorum has used up its halting time: the large quorum confirms. In seconds.
    error OverBudget(bytes32 account, uint64 charged, uint64 asked, uint64 most);
    /// @notice The signatures are too old: sign again.
    error Expired(uint64 expiry, uint256 blockTimestamp);
    /// @notice The signatures could be kept for later: sign with an earlier expiry.
    error ExpiryTooFar(uint64 expiry, uint256 most);
    /// @notice These signatures, or others with their nonce, were used: sign with a new one.
    error NonceUsed(uint64 nonce);
    /// @notice The quorum is not reached.
    error NotEnoughSigners(uint256 signers, uint256 needed);
    /// @notice There are more signatures than guardians.
    error TooManySigners(uint256 signers, uint256 most);
    /// @notice No guardian of this set signed this, for this chain and contract.
    error NotAGuardian(address signer);
    /// @notice Signatures come in ascending order of the signers, each once.
    error SignerOrder(address previous, address next);
    /// @notice There is nothing to resume.
    error NotHalted(uint64 until, uint256 blockTimestamp);
    /// @notice A newer halt came after the one that the guardians looked at.
    error HaltedAgain(uint64 signed, uint64 newest);
    /// @notice No resume of this scope waits.
    error NoResume(bytes32 key);
    /// @notice The set that approved the resume was replaced.
    error ResumeOfOtherSet(uint64 scheduled, uint64 current);
    /// @notice The resume has to wait.
    error ResumeTooEarly(uint64 readyAt, uint256 blockTimestamp);

    // Functions.

    /// @notice Halts a scope for 1 to 24 hours. Small quorum for Client, ClientContract, Asset and Direction, within
    /// its budget; large quorum for the others.
    /// @param duration In seconds, from now.
    function halt(Scope calldata scope, uint64 duration, Approval calldata approval) external;

    /// @notice Halts a scope for 1 hour to 30 days. Large quorum.
    /// @param duration In seconds, from now.
    function confirm(Scope calldata scope, uint64 duration, Approval calldata approval) external;

    /// @notice Schedules a resume, which waits an hour. Large quorum.
    /// @param serial The number of the halt that is taken off: `IHaltable.haltSerial`.
    function scheduleResume(Scope calldata scope, uint64 serial, Approval calldata approval) external;

    /// @notice Executes a resume that waited. Anybody may.
    function executeResume(Scope calldata scope) external;

    /// @notice Cancels a held transfer, under every halt. Small quorum.
    function cancelHold(Packet calldata packet, Approval calldata approval) external;

    /// @notice Replaces the set. Governance only, which waits its timelock. What the old set signed counts no longer.
    /// @param guardians In ascending order.
    function rotate(address[] calldata guardians, uint256 small, uint256 large) external;

    /// @notice What the guardians halt: the router and the transfer application.
    function targets() external view returns (address router, address transfer);

    /// @notice The present set.
    function guardianSet() external view returns (uint64 set, address[] memory guardians, uint256 small, uint256 large);

    /// @notice Whether a nonce was used by a set.
    function isNonceUsed(uint64 set, uint64 nonce) external view returns (bool);

    /// @notice The halting time of an account that counts now, in seconds: of a path (keccak256 of the client id), of a
    /// contract (its address as a word), or of all contracts together (0).
    function charged(bytes32 account) external view returns (uint64);

    /// @notice The resume of a scope that waits.
    function resumeOf(Scope calldata scope) external view returns (Resume memory);

    /// @notice What the present set signs.
    /// @param last The duration of a halt, or the number of the halt that a resume takes off; 0 for a cancel, whose
    /// scope has kind None, the destination's path, and the packet's receipt as item.
    function digestOf(Domain.Kind kind, Scope calldata scope, uint64 last, uint64 nonce, uint64 expiry)
        external
        view
        returns (bytes32);
}
