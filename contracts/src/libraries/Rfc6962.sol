// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Rfc6962
/// @notice The Merkle tree over a list that CometBFT uses for headers and sets: leaves begin with 0, inner nodes with
/// 1, and the left half is the largest power of two below the number of leaves.
/// @dev Pairing neighbours level by level, an odd last one going up as it is, makes that same tree.
/// Why no call of the SHA-256 precompile is checked for success: see `Ssz`.
/// Spec: RFC 6962, 2.1. Twin of `tendermint::tree`.
library Rfc6962 {
    /// @notice The root over hashes of leaves, at least one, which stand at `nodes` in memory and are written over.
    function root(uint256 nodes, uint256 count) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 1)
            for {} gt(count, 1) {} {
                let half := shr(1, count)
                let to := nodes
                for { let from := nodes } half { half := sub(half, 1) } {
                    mcopy(add(free, 1), from, 0x40)
                    pop(staticcall(gas(), 2, free, 0x41, to, 0x20))
                    from := add(from, 0x40)
                    to := add(to, 0x20)
                }
                if and(count, 1) { mstore(to, mload(add(nodes, shl(5, sub(count, 1))))) }
                count := shr(1, add(count, 1))
            }
            hash := mload(nodes)
        }
    }

    /// @notice The hash of the leaf whose `size` bytes stand at `at` in calldata.
    function leaf(uint256 at, uint256 size) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0)
            calldatacopy(add(free, 1), at, size)
            pop(staticcall(gas(), 2, free, add(size, 1), 0x00, 0x20))
            hash := mload(0x00)
        }
    }
}
