// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ics23Tree} from "./Ics23Tree.sol";

/// @title StoreNode
/// @notice Checks the numbers of nodes of a store's tree as a pool tells them, and hashes nodes.
/// @dev Numbers stand in a word from its highest byte on, as they are hashed: signed varints, that is twice the number,
/// seven bits a byte. All their bytes are judged at once: the highest bit of each says whether the number goes on.
/// Why no call of the SHA-256 precompile is checked for success, but for that over a value: see `Ssz` and `Ics23Tree`.
/// Spec: docs/formats/store-pool.md, docs/formats/ics23.md. Twin of `merkle::ics23::pool::read`.
library StoreNode {
    /// Most bytes of the numbers of an entry and of an inner node.
    uint256 private constant VERSION_MAX = 9;
    uint256 private constant NUMBERS_MAX = 11;

    /// The highest bit of each byte, and all others.
    uint256 private constant HIGHEST = 0x8080808080808080808080808080808080808080808080808080808080808080;
    uint256 private constant OTHERS = 0x7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f;
    uint256 private constant FIRST = 1 << 255;

    /// @notice Reverts unless the first `length` bytes are one number.
    function checkVersion(uint256 word, uint256 length) internal pure {
        unchecked {
            (uint256 ends, uint256 last) = _endsOf(word, length);
            require(length <= VERSION_MAX && ends == last && last != 0, Ics23Tree.BadProof());
        }
    }

    /// @notice Reverts unless the first `length` bytes are three numbers, the first of one byte.
    /// @return height That one.
    function heightOf(uint256 word, uint256 length) internal pure returns (uint256 height) {
        unchecked {
            (uint256 ends, uint256 last) = _endsOf(word, length);
            uint256 others = ends ^ last;
            bool three = ends & last != 0 && others & (others - 1) == FIRST;
            require(length <= NUMBERS_MAX && three, Ics23Tree.BadProof());
        }
        return word >> 249;
    }

    /// Reverts unless each number that begins in the first `length` bytes is even and, if it ends there, the shortest.
    /// @return ends The highest bits of the bytes that end a number.
    /// @return last That of the last byte.
    function _endsOf(uint256 word, uint256 length) private pure returns (uint256 ends, uint256 last) {
        unchecked {
            uint256 bits = HIGHEST & ~(type(uint256).max >> 8 * length);
            ends = ~word & bits;
            last = 1 << (263 - 8 * length);
            // A number that goes on and ends in a zero has a shorter form.
            uint256 zeros = ends & ~((word & OTHERS) + OTHERS);
            uint256 idle = zeros & (word & bits) >> 8;
            // The lowest bit of each byte where a number begins.
            uint256 odd = (ends >> 8 | FIRST) & bits & word << 7;
            require(idle | odd == 0, Ics23Tree.BadProof());
        }
    }

    /// @notice SHA-256 of the `size` bytes at `at` in calldata, at most 65,535.
    function valueHash(uint256 at, uint256 size) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, at, size)
            // A value may be long, so that a hash of it which lacks gas would leave enough to go on without it.
            if iszero(staticcall(gas(), 2, free, size, 0x00, 0x20)) { revert(0x00, 0x00) }
            hash := mload(0x00)
        }
    }

    /// @notice The hash of an entry: height 0, size 1, the version of `length` bytes at `version`, the key and the hash
    /// of the value, each behind its length.
    function entry(uint256 version, uint256 length, uint256 key, uint256 size, bytes32 value)
        internal
        view
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, shl(240, 0x0002))
            let to := add(free, 2)
            calldatacopy(to, version, length)
            to := add(to, length)
            switch lt(size, 0x80)
            case 1 {
                mstore8(to, size)
                to := add(to, 1)
            }
            default {
                mstore8(to, or(0x80, and(size, 0x7f)))
                mstore8(add(to, 1), shr(7, size))
                to := add(to, 2)
            }
            calldatacopy(to, key, size)
            to := add(to, size)
            mstore8(to, 0x20)
            mstore(add(to, 1), value)
            pop(staticcall(gas(), 2, free, sub(add(to, 0x21), free), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    /// @notice The hash of an inner node: the first `length` bytes of `numbers`, both children, each behind its length.
    function inner(uint256 numbers, uint256 length, uint256 left, uint256 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, numbers)
            let to := add(free, length)
            mstore8(to, 0x20)
            mstore(add(to, 1), left)
            mstore8(add(to, 0x21), 0x20)
            mstore(add(to, 0x22), right)
            pop(staticcall(gas(), 2, free, add(length, 0x42), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    /// @notice The leaf of a store in the simple tree. Its name has less than 128 bytes.
    function storeLeaf(bytes memory name, bytes32 root) internal view returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), uint8(name.length), name, uint8(0x20), sha256(abi.encode(root))));
    }

    /// @notice The hash of an inner node of the simple tree.
    function simple(bytes32 left, bytes32 right) internal view returns (bytes32) {
        return sha256(abi.encodePacked(uint8(1), bytes32(left), bytes32(right)));
    }
}
