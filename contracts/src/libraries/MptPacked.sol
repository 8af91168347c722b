// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MptNode} from "./MptNode.sol";

/// @title MptPacked
/// @notice Opens a proof whose upper nodes are packed: of each branch of sixteen hashes only the fifteen that the key
/// does not lead to. The sixteenth is the hash of the node below. Of a last leaf, all may be left out but the value.
/// @dev It says what the packed nodes hash to, and where the others begin; whether that is the root, and what the
/// others show, is for `Mpt`. A node that was packed cannot have another form than the one that is written here.
/// Spec: docs/formats/packed.md. Twin of `merkle::mpt::packed`.
library MptPacked {
    /// Bytes of a packed node: fifteen hashes.
    uint256 private constant PACKED_SIZE = 480;
    /// A branch of sixteen hashes: its size, and its header of three bytes.
    uint256 private constant BRANCH_SIZE = 532;
    uint256 private constant BRANCH_HEADER = 0xf90211;
    /// Nibbles of a key: more nodes cannot lie above the last.
    uint256 private constant NIBBLES = 64;
    /// What stands before a value that tells its leaf. No node begins with such a byte.
    uint256 internal constant VALUE = 64;

    /// @notice Number of packed nodes: 0 if the proof is not packed. No node begins with such a byte. What is read in
    /// an empty proof has no meaning: nothing stands behind it.
    function count(uint256 ptr) internal pure returns (uint256 nodes) {
        nodes = MptNode.byteAt(ptr);
        if (nodes >= NIBBLES) nodes = 0;
    }

    /// @notice Hashes the nodes from the lowest packed one up, and writes over them.
    /// @param nodes Number of packed nodes, at least 1.
    /// @return root Hash of the first one, to be compared.
    /// @return below Hash of the first node that is not packed.
    /// @return tail Address of that; 0 if there is none.
    function climb(bytes32 key, uint256 ptr, uint256 end, uint256 nodes)
        internal
        pure
        returns (bytes32 root, bytes32 below, uint256 tail)
    {
        unchecked {
            tail = ptr + 1 + nodes * PACKED_SIZE;
            if (MptNode.byteAt(tail) == VALUE) {
                // Where there is no such leaf, the walk finds that out.
                below = leafHash(key << (4 * nodes), nodes, tail + 1, end);
            } else {
                (, uint256 stop) = MptNode.openList(tail, end);
                // A branch of sixteen hashes would have been packed: there is one packed form.
                if (stop == 0 || uint256(MptNode.word(tail)) >> 232 == BRANCH_HEADER) return (0, 0, 0);
                below = MptNode.hash(tail, stop);
            }
            root = _climb(below, key, tail, nodes);
        }
    }

    /// @notice The hash of the leaf that ends a key: a list of 56 to 255 bytes, which one byte tells, with a path of
    /// two nibbles or more; 0 if it is none with the value from `value` to `end`.
    /// @param ahead What lies ahead of the key, from the top of the word.
    /// @param depth Number of nibbles that lie behind.
    function leafHash(bytes32 ahead, uint256 depth, uint256 value, uint256 end) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Where the proof ended before the value, its size is close to 2^256, and the length is none that fits.
            let size := sub(end, value)
            // The path: its prefix, a byte of flags that holds the first nibble if their number is odd, the rest.
            let whole := shr(1, sub(64, depth))
            let long := gt(size, 55)
            let length := add(add(add(whole, 3), long), size)
            if and(gt(whole, 0), lt(sub(length, 56), 200)) {
                let leaf := mload(0x40)
                let flags := 0x20
                if and(depth, 1) {
                    flags := or(0x30, shr(252, ahead))
                    ahead := shl(4, ahead)
                }
                let head := or(or(shl(16, length), shl(8, add(0x81, whole))), or(flags, 0xf8000000))
                mstore(leaf, shl(224, head))
                mstore(add(leaf, 4), ahead)
                let at := add(add(leaf, 4), whole)
                switch long
                case 1 {
                    mstore(at, shl(240, or(0xb800, size)))
                    at := add(at, 2)
                }
                default {
                    mstore8(at, add(0x80, size))
                    at := add(at, 1)
                }
                mcopy(at, value, size)
                hash := keccak256(leaf, add(length, 2))
            }
        }
    }

    /// @dev The branch that is hashed gets its prefixes once; each hash is written between two of them. The lowest
    /// packed node makes room for its sixteenth hash in the word behind it, the others in nodes that are done.
    /// @param tail Address behind the packed nodes, which are written over.
    function _climb(bytes32 below, bytes32 key, uint256 tail, uint256 nodes) private pure returns (bytes32 root) {
        assembly ("memory-safe") {
            let branch := mload(0x40)
            mstore(branch, shl(232, BRANCH_HEADER))
            mstore8(add(branch, 3), 0xa0)
            mstore8(add(branch, 36), 0xa0)
            mstore8(add(branch, 69), 0xa0)
            mstore8(add(branch, 102), 0xa0)
            mstore8(add(branch, 135), 0xa0)
            mstore8(add(branch, 168), 0xa0)
            mstore8(add(branch, 201), 0xa0)
            mstore8(add(branch, 234), 0xa0)
            mstore8(add(branch, 267), 0xa0)
            mstore8(add(branch, 300), 0xa0)
            mstore8(add(branch, 333), 0xa0)
            mstore8(add(branch, 366), 0xa0)
            mstore8(add(branch, 399), 0xa0)
            mstore8(add(branch, 432), 0xa0)
            mstore8(add(branch, 465), 0xa0)
            mstore8(add(branch, 498), 0xa0)
            mstore8(add(branch, 531), 0x80)
            let kept := mload(tail)
            root := below
            for { let line := tail } nodes { nodes := sub(nodes, 1) } {
                line := sub(line, PACKED_SIZE)
                let before := shl(5, and(shr(sub(256, shl(2, nodes)), key), 0x0f))
                let place := add(line, before)
                mcopy(add(place, 0x20), place, sub(PACKED_SIZE, before))
                mstore(place, root)
                mstore(add(branch, 4), mload(line))
                mstore(add(branch, 37), mload(add(line, 0x20)))
                mstore(add(branch, 70), mload(add(line, 0x40)))
                mstore(add(branch, 103), mload(add(line, 0x60)))
                mstore(add(branch, 136), mload(add(line, 0x80)))
                mstore(add(branch, 169), mload(add(line, 0xa0)))
                mstore(add(branch, 202), mload(add(line, 0xc0)))
                mstore(add(branch, 235), mload(add(line, 0xe0)))
                mstore(add(branch, 268), mload(add(line, 0x100)))
                mstore(add(branch, 301), mload(add(line, 0x120)))
                mstore(add(branch, 334), mload(add(line, 0x140)))
                mstore(add(branch, 367), mload(add(line, 0x160)))
                mstore(add(branch, 400), mload(add(line, 0x180)))
                mstore(add(branch, 433), mload(add(line, 0x1a0)))
                mstore(add(branch, 466), mload(add(line, 0x1c0)))
                mstore(add(branch, 499), mload(add(line, 0x1e0)))
                root := keccak256(branch, BRANCH_SIZE)
            }
            mstore(tail, kept)
        }
    }
}
