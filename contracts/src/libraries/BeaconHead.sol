// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fork} from "../interfaces/IBeaconClient.sol";

/// What a beacon client reads at every call and changes at nearly every update, in one word: newest slot (64 bits),
/// newest committee's period (64), then the last fork of the schedule, which nearly every update needs: first slot
/// (64), version (32) and layout (8); number of forks (8); frozen (1).
type Head is uint256;

using BeaconHead for Head global;

/// @title BeaconHead
/// @notice Reads and changes a `Head`. It decides nothing.
library BeaconHead {
    uint256 private constant PERIOD = 64;
    uint256 private constant FORK_SLOT = 128;
    uint256 private constant FORK_VERSION = 192;
    uint256 private constant FORK_LAYOUT = 224;
    uint256 private constant FORK_COUNT = 232;
    uint256 private constant FROZEN = 240;

    /// @notice Slot of the newest trusted state.
    function newestSlot(Head head) internal pure returns (uint256) {
        return uint64(Head.unwrap(head));
    }

    /// @notice Period of the newest committee.
    function newestPeriod(Head head) internal pure returns (uint256) {
        return uint64(Head.unwrap(head) >> PERIOD);
    }

    /// @notice First slot of the last fork; the largest number if that is beyond 64 bits.
    function forkSlot(Head head) internal pure returns (uint256) {
        return uint64(Head.unwrap(head) >> FORK_SLOT);
    }

    /// @notice Version of the last fork.
    function forkVersion(Head head) internal pure returns (bytes4) {
        return bytes4(uint32(Head.unwrap(head) >> FORK_VERSION));
    }

    /// @notice Layout of the last fork, as the number of its `ForkLayout`.
    function forkLayout(Head head) internal pure returns (uint256) {
        return uint8(Head.unwrap(head) >> FORK_LAYOUT);
    }

    /// @notice Number of forks in the schedule.
    function forkCount(Head head) internal pure returns (uint256) {
        return uint8(Head.unwrap(head) >> FORK_COUNT);
    }

    /// @notice Whether misbehaviour was proven.
    function isFrozen(Head head) internal pure returns (bool) {
        return Head.unwrap(head) >> FROZEN != 0;
    }

    /// @notice The same with another newest slot.
    function withSlot(Head head, uint256 slot) internal pure returns (Head) {
        return Head.wrap((Head.unwrap(head) & ~uint256(type(uint64).max)) | slot);
    }

    /// @notice The same with another newest period.
    function withPeriod(Head head, uint256 period) internal pure returns (Head) {
        uint256 others = Head.unwrap(head) & ~(uint256(type(uint64).max) << PERIOD);
        return Head.wrap(others | (period << PERIOD));
    }

    /// @notice The same with one more fork, whose first slot is `slot`; frozen if it was.
    function withFork(Head head, Fork memory fork, uint64 slot) internal pure returns (Head) {
        uint256 others = Head.unwrap(head) & (type(uint128).max | (1 << FROZEN));
        uint256 count = forkCount(head) + 1;
        uint256 last = (uint256(slot) << FORK_SLOT) | (uint256(uint32(fork.version)) << FORK_VERSION)
            | (uint256(fork.treeLayout) << FORK_LAYOUT);
        return Head.wrap(others | last | (count << FORK_COUNT));
    }

    /// @notice The same, frozen for good.
    function frozen(Head head) internal pure returns (Head) {
        return Head.wrap(Head.unwrap(head) | (1 << FROZEN));
    }
}
