// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IBatches
/// @notice Extension of IBC v2: many packets in one call, proven by one proof. The packed bytes, the order of what
/// happens and what is skipped: docs/formats/batch.md.
interface IBatches {
    /// @notice A message of a batch did nothing: the others go on, and it can be sent again.
    /// @param position Its place in the batch, from 0.
    /// @param kind 1 receive, 2 acknowledge, 3 time out.
    /// @param sequence The packet's sequence.
    /// @param reason The error that a single call would have ended with.
    event MessageSkipped(uint256 indexed position, uint8 kind, uint64 sequence, bytes reason);

    /// @notice The byte at `place` begins something that the batch does not have room for, or that may not stand there.
    error MalformedBatch(uint256 place);
    /// @notice The client's contract does not prove many paths at once, does not tell its status, or the other end has
    /// a prefix: send its packets by single calls.
    error BatchUnsupported(string clientId, address client);
    /// @notice A message needs more gas than the batch declares for it. Declare more, or leave the message out.
    error MessageStarved(uint256 position, uint256 gasAmount);
    /// @notice The other chain stores something else than the message demands; 0 is nothing.
    error ProvenOtherwise(bytes32 demanded, bytes32 proven);
    /// @notice The application refused an acknowledgement or a timeout with this reason.
    error CallbackRefused(address app, bytes reason);
    /// @notice Only the router itself may do this, while it runs a batch.
    error NotInBatch(address caller);

    /// @notice Runs a batch.
    /// @param packed See docs/formats/batch.md.
    function batch(bytes calldata packed) external;

    /// @notice Runs one message. The router calls itself; everybody else is refused.
    /// @param kind 1 receive, 2 acknowledge, 3 time out.
    /// @param commitment The packet's commitment.
    /// @param proven What the other chain stores under the path of the message; 0 is nothing.
    /// @param provenAt The time of the state in which it does.
    /// @param packetLength How many bytes the packet has as the ABI encodes it. They stand behind this, and behind
    /// them, to the end of the call, those of the acknowledgement; other kinds have none.
    function applyMessageInBatch(
        uint256 kind,
        bytes32 commitment,
        bytes32 proven,
        uint256 provenAt,
        uint256 packetLength
    ) external;
}
