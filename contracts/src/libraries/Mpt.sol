// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MptNode} from "./MptNode.sol";
import {MptPacked} from "./MptPacked.sol";

/// @title Mpt
/// @notice Decides what an Ethereum trie with 32-byte keys holds under a key, given a proof in memory.
/// @dev A proof is the RLP of the nodes from the root to where the key ends, concatenated, or packed (`MptPacked`);
/// nodes of less than 32 bytes stand inside their parents and nowhere else. It is consumed exactly, and every byte of
/// it has
/// one possible value:
/// sizes, strings and paths must be in their shortest form. What is not that is `Invalid`, never `Absent`; so is a
/// proof under the root of an empty trie.
///
/// It must never take a proof as one of absence because something could not be read.
/// Twin of `merkle::mpt`; the plain Solidity twin is in test/clients/plain.
library Mpt {
    /// What a proof shows: nothing, because it is not a proof under this root; that the trie holds nothing under the
    /// key; that it holds a value. Numbers and not an enum, because those are checked at every use.
    uint256 internal constant INVALID = 0;
    uint256 internal constant ABSENT = 1;
    uint256 internal constant PRESENT = 2;
    /// What a single node may show besides: the key goes on in a child.
    uint256 private constant DOWN = 3;

    /// Nibbles of a key.
    uint256 private constant NIBBLES = 64;

    /// @notice Walks from `root` towards `key`.
    /// @dev On the way `root` is the hash of the next node, `key` what lies ahead of it, `depth` the number of nibbles
    /// that lie behind, `ptr` the first byte not consumed. `value` is the next node: at `ptr`, or inside its parent.
    /// @param ptr Memory address of the first node.
    /// @param end Memory address behind the last node.
    /// @return verdict What the proof shows.
    /// @return value Address of the value's bytes; means something only when it is present.
    /// @return size Number of those bytes, at least 1.
    function lookup(bytes32 root, bytes32 key, uint256 ptr, uint256 end)
        internal
        pure
        returns (uint256 verdict, uint256 value, uint256 size)
    {
        uint256 depth = MptPacked.count(ptr);
        if (depth != 0) {
            (root, key, ptr) = _openPacked(root, key, ptr, end, depth);
            if (ptr == 0) return (INVALID, 0, 0);
        }
        value = ptr;
        bool belowExtension = false;
        // Bound: every round takes a nibble of the key. Addresses in memory and their sums are far below 2^64.
        unchecked {
            do {
                bool inlined = value != ptr;
                if (!inlined && MptNode.byteAt(ptr) == MptPacked.VALUE) {
                    bytes32 leaf = MptPacked.leafHash(key, depth, ptr + 1, end);
                    if (belowExtension || leaf == 0 || leaf != root) return (INVALID, 0, 0);
                    return (PRESENT, ptr + 1, end - ptr - 1);
                }
                (uint256 body, uint256 stop) = MptNode.openList(value, inlined ? value + MptNode.INLINE_MAX : end);
                if (stop == 0) return (INVALID, 0, 0);
                if (!inlined) {
                    // Only the root is hashed whatever its size; a smaller node would stand in its parent.
                    bool small = depth != 0 && stop - ptr <= MptNode.INLINE_MAX;
                    if (small || MptNode.hash(ptr, stop) != root) return (INVALID, 0, 0);
                    ptr = stop;
                }
                uint256 count = 1;
                uint256 second = MptNode.secondOfTwo(body, stop);
                if (second == 0) {
                    value = depth == NIBBLES ? 0 : MptNode.branchChild(body, stop, uint256(key) >> 252);
                    verdict = value == 0 ? INVALID : DOWN;
                } else {
                    if (belowExtension) return (INVALID, 0, 0);
                    (verdict, count, value, size) = _crossShort(key, depth, body, second, stop);
                }
                belowExtension = second != 0;
                if (verdict == DOWN) {
                    (verdict, root, value) = _descend(root, value, ptr);
                    depth += count;
                    key <<= 4 * count;
                }
            } while (verdict == DOWN);
        }
        if (ptr != end) verdict = INVALID;
    }

    /// Crosses packed nodes.
    /// @return Hash of the node below them.
    /// @return What then lies ahead of the key.
    /// @return Address of that node; 0 if they are not packed nodes under `root`.
    function _openPacked(bytes32 root, bytes32 key, uint256 ptr, uint256 end, uint256 nodes)
        private
        pure
        returns (bytes32, bytes32, uint256)
    {
        (bytes32 found, bytes32 below, uint256 tail) = MptPacked.climb(key, ptr, end, nodes);
        return (below, key << (4 * nodes), found == root ? tail : 0);
    }

    /// Follows a reference to a child.
    function _descend(bytes32 root, uint256 child, uint256 ptr) private pure returns (uint256, bytes32, uint256) {
        uint256 kind = MptNode.childKind(child);
        if (kind == MptNode.CHILD_NONE) return (ABSENT, root, child);
        if (kind == MptNode.CHILD_INLINE) return (DOWN, root, child);
        unchecked {
            return (DOWN, MptNode.word(child + 1), ptr);
        }
    }

    /// Crosses a leaf or an extension: path at `body`, value or child at `second`.
    /// @return verdict What it shows.
    /// @return count Number of nibbles in its path.
    /// @return item Address of the value, or of the child.
    /// @return size Size of the value.
    function _crossShort(bytes32 key, uint256 depth, uint256 body, uint256 second, uint256 stop)
        private
        pure
        returns (uint256 verdict, uint256 count, uint256 item, uint256 size)
    {
        unchecked {
            uint256 flags;
            bytes32 nibbles;
            (flags, count, nibbles) = MptNode.readPath(body, second);
            depth += count;
            if (flags == MptNode.BAD_PATH || depth > NIBBLES) return (INVALID, 0, 0, 0);
            // A shift by 256, for a path without nibbles, leaves nothing to differ.
            bool same = uint256(nibbles ^ key) >> (256 - 4 * count) == 0;
            if (flags >= MptNode.LEAF) {
                (item, size) = MptNode.readString(second, stop);
                // All keys have one length, and an empty value is not stored.
                if (depth == NIBBLES && size != 0) verdict = same ? PRESENT : ABSENT;
            } else {
                // An extension has a path and a child, and the key goes on below.
                item = second;
                bool whole = count != 0 && depth != NIBBLES && MptNode.childKind(second) > MptNode.CHILD_NONE;
                if (whole) verdict = same ? DOWN : ABSENT;
            }
        }
    }
}
