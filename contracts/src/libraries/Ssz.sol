// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Ssz
/// @notice The few SSZ roots and branches that a light client needs, over bytes in memory.
/// @dev Functions take `ptr`, the memory address of the first byte to read; the caller has checked that everything a
/// function reads lies inside its message. Integers of SSZ are little-endian.
///
/// Why no call of the SHA-256 precompile is checked for success: it takes 60 gas and 12 a word and fails only when less
/// than 84 can be passed on. Then at most 1 gas was held back, so that the next instruction ends the whole call; no
/// root is ever computed from a hash that was not.
/// Twin of `merkle::ssz`; the plain Solidity twin is in test/clients/plain.
library Ssz {
    /// Root of a subtree of two zero leaves.
    bytes32 private constant ZERO_PAIR = 0xf5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b;

    /// High and low part of p, the modulus of the base field of BLS12-381.
    uint256 private constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    /// High and low part of (p - 1) / 2: a y above it is the larger root.
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;

    /// @notice SHA-256 of two nodes.
    function hashPair(bytes32 left, bytes32 right) internal view returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            node := mload(0x00)
        }
    }

    /// @notice The little-endian integer in the eight bytes at `ptr`.
    function readUint64(uint256 ptr) internal pure returns (uint256) {
        uint256 word;
        assembly ("memory-safe") {
            word := shr(192, mload(ptr))
        }
        word = ((word & 0xff00ff00ff00ff00) >> 8) | ((word & 0x00ff00ff00ff00ff) << 8);
        word = ((word & 0xffff0000ffff0000) >> 16) | ((word & 0x0000ffff0000ffff) << 16);
        return (word >> 32) | ((word & 0xffffffff) << 32);
    }

    /// @notice `readUint64` of two places at once.
    function readTwoUint64(uint256 first, uint256 second) internal pure returns (uint256, uint256) {
        uint256 word;
        assembly ("memory-safe") {
            word := or(shl(64, shr(192, mload(first))), shr(192, mload(second)))
        }
        word = ((word & 0xff00ff00ff00ff00ff00ff00ff00ff00) >> 8) | ((word & 0x00ff00ff00ff00ff00ff00ff00ff00ff) << 8);
        word = ((word & 0xffff0000ffff0000ffff0000ffff0000) >> 16) | ((word & 0x0000ffff0000ffff0000ffff0000ffff) << 16);
        word = ((word >> 32) & 0xffffffff00000000ffffffff) | ((word & 0xffffffff00000000ffffffff) << 32);
        return (word >> 64, uint64(word));
    }

    /// @notice Root of the beacon block header at `ptr`: slot 8, proposer 8, parent root 32, state root 32, body root
    /// 32.
    function headerRoot(uint256 ptr) internal view returns (bytes32 root) {
        assembly ("memory-safe") {
            let high := mload(0x40)
            let low := add(high, 0x20)
            // Slot and proposer: eight bytes each, padded on the right.
            mstore(0x00, shl(192, shr(192, mload(ptr))))
            mstore(0x20, shl(192, shr(192, mload(add(ptr, 8)))))
            pop(staticcall(gas(), 2, 0x00, 0x40, high, 0x20))
            // Parent and state root stand side by side in the header.
            pop(staticcall(gas(), 2, add(ptr, 16), 0x40, low, 0x20))
            pop(staticcall(gas(), 2, high, 0x40, high, 0x20))
            // The fifth field and three zero leaves.
            mstore(0x00, mload(add(ptr, 80)))
            mstore(0x20, 0)
            pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            mstore(0x20, ZERO_PAIR)
            pop(staticcall(gas(), 2, 0x00, 0x40, low, 0x20))
            pop(staticcall(gas(), 2, high, 0x40, 0x00, 0x20))
            root := mload(0x00)
        }
    }

    /// @notice The root to which `leaf` at `generalizedIndex` climbs along the siblings at `ptr`, 32 bytes each, from
    /// the leaf upwards. The index fixes their number, so that a branch has one length only.
    function branchRoot(bytes32 leaf, uint256 generalizedIndex, uint256 ptr) internal view returns (bytes32 root) {
        assembly ("memory-safe") {
            // The two scratch words hold the pair to hash; a node goes right when its index is odd.
            let place := and(shl(5, generalizedIndex), 0x20)
            mstore(place, leaf)
            for {} gt(generalizedIndex, 1) {} {
                mstore(xor(place, 0x20), mload(ptr))
                ptr := add(ptr, 0x20)
                generalizedIndex := shr(1, generalizedIndex)
                place := and(shl(5, generalizedIndex), 0x20)
                pop(staticcall(gas(), 2, 0x00, 0x40, place, 0x20))
            }
            root := mload(place)
        }
    }

    /// @notice The leaf of a BLS public key in a tree of keys: SHA-256 of its compressed form, padded to two words.
    /// Zero if it has no compressed form: a coordinate is not below the modulus, or both are zero.
    /// @dev `ptr` points to the affine point x ‖ y, 48 bytes each. The leaf binds x and the sign of y; that (x, y) is
    /// on the curve is for the caller to check, and makes y unique.
    function keyLeaf(uint256 ptr) internal view returns (bytes32 leaf) {
        assembly ("memory-safe") {
            let xHigh := shr(128, mload(ptr))
            let xLow := mload(add(ptr, 16))
            let yHigh := shr(128, mload(add(ptr, 48)))
            let yLow := mload(add(ptr, 64))
            // Nearly all coordinates are told from the modulus, and from zero, by their high parts.
            let sure := and(and(lt(xHigh, P_HIGH), lt(yHigh, P_HIGH)), gt(or(xHigh, yHigh), 0))
            if iszero(sure) {
                sure := or(lt(xHigh, P_HIGH), and(eq(xHigh, P_HIGH), lt(xLow, P_LOW)))
                sure := and(sure, or(lt(yHigh, P_HIGH), and(eq(yHigh, P_HIGH), lt(yLow, P_LOW))))
                sure := and(sure, gt(or(or(xHigh, xLow), or(yHigh, yLow)), 0))
            }
            if sure {
                let large := or(gt(yHigh, HALF_HIGH), and(eq(yHigh, HALF_HIGH), gt(yLow, HALF_LOW)))
                // Flags of the compressed form, on the first of 48 bytes: 0x80 compressed, 0x20 larger y.
                mstore(0x00, or(mload(ptr), shl(253, or(4, large))))
                mstore(0x20, shl(128, xLow))
                pop(staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
                leaf := mload(0x00)
            }
        }
    }

    /// @notice Domain of sync-committee signatures under a fork version.
    /// Spec: compute_domain with DOMAIN_SYNC_COMMITTEE = 0x07000000.
    function syncCommitteeDomain(bytes4 forkVersion, bytes32 genesisValidatorsRoot) internal view returns (bytes32) {
        bytes32 forkDataRoot = hashPair(bytes32(forkVersion), genesisValidatorsRoot);
        return bytes32(uint256(0x07) << 248) | (forkDataRoot >> 32);
    }
}
