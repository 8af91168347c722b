// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Raw
/// @notice Words at addresses, for what reads packed messages without copying them.
/// @dev Nothing here knows where a message or a piece of memory ends: each caller does.
library Raw {
    /// @notice The word at `at` in calldata; zeros behind its end.
    function wordAt(uint256 at) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(at)
        }
    }

    /// @notice The byte at `at` in calldata; zero behind its end.
    function byteAt(uint256 at) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(at))
        }
    }

    /// @notice The number of so many bits at `at` in calldata, the highest byte first.
    function numberAt(uint256 at, uint256 bits) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, bits), calldataload(at))
        }
    }

    /// @notice The word at `ptr` in memory.
    function load(uint256 ptr) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(ptr)
        }
    }

    /// @notice Writes a word to memory that was reserved.
    function put(uint256 ptr, uint256 word) internal pure {
        assembly ("memory-safe") {
            mstore(ptr, word)
        }
    }

    /// @notice `size` bytes of memory that nobody else uses; what is in them is not cleared.
    function reserve(uint256 size) internal pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := mload(0x40)
            mstore(0x40, add(ptr, size))
        }
    }
}
