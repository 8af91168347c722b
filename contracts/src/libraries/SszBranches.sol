// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title SszBranches
/// @notice `Ssz.branchRoot` at the generalized indices that every update opens, with the loop written out.
/// @dev Each level hashes the pair in the two scratch words into the place where the next level needs it: the left word
/// when the next bit of the index is 0, the right word when it is 1. The tests hold every function against
/// `Ssz.branchRoot`. Why no hash is checked for success: see `Ssz`.
library SszBranches {
    /// @notice `Ssz.branchRoot` at index 802 (binary 1100100010): nine siblings.
    function execution(bytes32 leaf, uint256 ptr) internal view returns (bytes32 root) {
        assembly ("memory-safe") {
            mstore(0x00, leaf)
            mstore(0x20, mload(ptr))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x20, 0x20))
            mstore(0x00, mload(add(ptr, 0x20)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x40)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x60)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x80)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x20, 0x20))
            mstore(0x00, mload(add(ptr, 0xa0)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0xc0)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0xe0)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x20, 0x20))
            mstore(0x00, mload(add(ptr, 0x100)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            root := mload(0x00)
        }
    }

    /// @notice `Ssz.branchRoot` at index 105 (binary 1101001) with six siblings, or, one level deeper, at index 169
    /// (binary 10101001): the lower six bits agree, and the seventh level of the deeper one has its node on the left.
    function finality(bytes32 leaf, uint256 ptr, bool deeper) internal view returns (bytes32 root) {
        assembly ("memory-safe") {
            mstore(0x20, leaf)
            mstore(0x00, mload(ptr))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x20)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x40)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x20, 0x20))
            mstore(0x00, mload(add(ptr, 0x60)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, mload(add(ptr, 0x80)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x20, 0x20))
            mstore(0x00, mload(add(ptr, 0xa0)))
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            if deeper {
                mstore(0x20, mload(add(ptr, 0xc0)))
                pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            }
            root := mload(0x00)
        }
    }
}
