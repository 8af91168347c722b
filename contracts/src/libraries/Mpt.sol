// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MptNode} from "./MptNode.sol";

/// @title Mpt
/// @notice Decides what an Ethereum trie with 32-byte keys holds under a key, given a proof in memory.
/// @dev A proof is the RLP of the nodes from the root to where the key ends, concatenated; nodes of less than 32 bytes
/// stand inside their parents and nowhere else. It is consumed exactly, and every byte of it has one possible value:
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

    /// Where a walk stands.
    struct Walk {
        /// The nibbles of the key that lie ahead, from the top of the word.
        bytes32 rest;
        /// Number of nibbles that lie behind.
        uint256 depth;
        /// Whether the next node must be a branch.
        bool belowExtension;
        /// Address of the child that the key leads to, or of the value.
        uint256 item;
        /// Size of the value.
        uint256 size;
    }

    /// Nibbles of a key.
    uint256 private constant NIBBLES = 64;

    /// @notice Walks from `root` towards `key`.
    /// @param ptr Memory address of the first node.
    /// @param end Memory address behind the last node.
    /// @return verdict What the proof shows.
    /// @return value Address of the value's bytes when it is present.
    /// @return size Number of those bytes, at least 1.
    function lookup(bytes32 root, bytes32 key, uint256 ptr, uint256 end)
        internal
        pure
        returns (uint256 verdict, uint256 value, uint256 size)
    {
        Walk memory walk;
        walk.rest = key;
        // Bound: every step down takes a nibble of the key.
        do {
            (uint256 body, uint256 stop) = MptNode.openList(ptr, end);
            if (stop == 0 || MptNode.hash(ptr, stop) != root) return (INVALID, 0, 0);
            unchecked {
                // Only the root is hashed whatever its size; a smaller node would stand in its parent.
                if (walk.depth != 0 && stop - ptr <= MptNode.INLINE_MAX) return (INVALID, 0, 0);
            }
            ptr = stop;
            verdict = _cross(walk, body, stop);
            if (verdict == DOWN) root = MptNode.word(walk.item + 1);
        } while (verdict == DOWN);
        if (ptr != end) return (INVALID, 0, 0);
        return (verdict, walk.item, walk.size);
    }

    /// Crosses a node and those that stand inside it; `DOWN` means that the key goes on in a child named by hash.
    function _cross(Walk memory walk, uint256 body, uint256 stop) private pure returns (uint256 verdict) {
        while (true) {
            verdict = MptNode.isShort(body, stop) ? _crossShort(walk, body, stop) : _crossBranch(walk, body, stop);
            if (verdict != DOWN) return verdict;
            uint256 kind = MptNode.childKind(walk.item);
            if (kind == MptNode.CHILD_NONE) return ABSENT;
            if (kind == MptNode.CHILD_HASH) return DOWN;
            (body, stop) = MptNode.openList(walk.item, walk.item + MptNode.INLINE_MAX);
        }
    }

    /// Crosses a branch: sixteen children and an empty value, because all keys have one length.
    function _crossBranch(Walk memory walk, uint256 body, uint256 stop) private pure returns (uint256) {
        uint256 child = MptNode.branchChild(body, stop, uint256(walk.rest) >> 252);
        if (child == 0 || walk.depth == NIBBLES) return INVALID;
        unchecked {
            walk.depth += 1;
        }
        walk.rest <<= 4;
        walk.belowExtension = false;
        walk.item = child;
        return DOWN;
    }

    /// Crosses a leaf or an extension.
    function _crossShort(Walk memory walk, uint256 body, uint256 stop) private pure returns (uint256) {
        unchecked {
            (uint256 flags, uint256 count, bytes32 nibbles, uint256 next) = MptNode.readPath(body);
            uint256 depth = walk.depth + count;
            if (flags == MptNode.BAD_PATH || walk.belowExtension || depth > NIBBLES) return INVALID;
            // A shift by 256, for a path without nibbles, leaves nothing to differ.
            bool same = uint256(nibbles ^ walk.rest) >> (256 - 4 * count) == 0;
            if (flags >= MptNode.LEAF) {
                (walk.item, walk.size) = MptNode.readString(next, stop);
                // All keys have one length, and an empty value is not stored.
                if (depth != NIBBLES || walk.size == 0) return INVALID;
                return same ? PRESENT : ABSENT;
            }
            // An extension has a path and a child, and is followed by a branch.
            if (count == 0 || depth == NIBBLES || MptNode.childKind(next) <= MptNode.CHILD_NONE) return INVALID;
            if (!same) return ABSENT;
            walk.rest <<= 4 * count;
            walk.depth = depth;
            walk.belowExtension = true;
            walk.item = next;
            return DOWN;
        }
    }
}
