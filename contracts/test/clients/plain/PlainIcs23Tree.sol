// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, PlainIcs23Reader, Step, Text} from "./PlainIcs23Reader.sol";

/// @title PlainIcs23Tree
/// @notice The two trees of a Cosmos chain: the one form of their nodes, and what these hash to.
/// @dev A node of an IAVL tree begins with height, size and version as signed numbers, of the simple tree with one
/// byte; a leaf of either with a zero byte, which no inner node does, so that neither passes for the other.
///
/// Of the calls of the SHA-256 precompile only that for the value is checked for success: see `Ssz`.
/// Spec: docs/formats/ics23.md, "The two trees". Twin of `merkle::ics23::node`.
library PlainIcs23Tree {
    /// Most bytes of height, size and version of an inner node.
    uint256 private constant NUMBERS_MAX = 11;
    /// The size of a hash, which in an IAVL tree stands before each child.
    uint256 private constant HASH = 32;

    /// @notice The root to which an entry leads. Says of each step on which side of its node the child is.
    function rootOf(bool isIavl, Entry memory entry) internal view returns (bytes32 root) {
        _checkLeaf(isIavl, entry.leaf);
        uint256 height = 0;
        for (uint256 i = 0; i < entry.path.length; ++i) {
            Step memory step = entry.path[i];
            // A leaf begins so.
            require(step.prefix.size == 0 || byteAt(step.prefix.ptr) != 0, PlainIcs23Reader.BadProof());
            if (isIavl) (step.isRight, height) = _iavlSide(step, height);
            else step.isRight = _simpleSide(step);
        }
        root = _hashLeaf(entry);
        for (uint256 i = 0; i < entry.path.length; ++i) {
            root = _hashStep(entry.path[i], root);
        }
    }

    /// @notice The word at an address.
    function word(uint256 ptr) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(ptr)
        }
    }

    /// @notice The byte at an address.
    function byteAt(uint256 ptr) internal pure returns (uint256) {
        return uint256(word(ptr)) >> 248;
    }

    function _checkLeaf(bool isIavl, Text memory prefix) private pure {
        bool isFormed;
        if (isIavl) {
            Text memory rest = Text(prefix.ptr, prefix.size);
            uint256 height = _takeNumber(rest);
            uint256 size = _takeNumber(rest);
            _takeNumber(rest);
            isFormed = height == 0 && size == 1 && rest.size == 0;
        } else {
            isFormed = prefix.size == 1 && byteAt(prefix.ptr) == 0;
        }
        require(isFormed, PlainIcs23Reader.BadProof());
    }

    /// Where a child of an inner node stands that is of the simple tree.
    function _simpleSide(Step memory step) private pure returns (bool isRight) {
        require(step.prefix.size != 0 && byteAt(step.prefix.ptr) == 1, PlainIcs23Reader.BadProof());
        isRight = step.suffix.size == 0;
        bool isOne = isRight ? step.prefix.size == 1 + HASH : step.prefix.size == 1 && step.suffix.size == HASH;
        require(isOne, PlainIcs23Reader.BadProof());
    }

    /// The same in an IAVL tree, whose nodes are higher than those below.
    function _iavlSide(Step memory step, uint256 below) private pure returns (bool isRight, uint256 height) {
        Text memory rest = Text(step.prefix.ptr, step.prefix.size);
        height = _takeNumber(rest);
        _takeNumber(rest);
        _takeNumber(rest);
        require(step.prefix.size - rest.size <= NUMBERS_MAX && height > below, PlainIcs23Reader.BadProof());

        // What is left: the length of the child, before it that and the hash of a sibling on the left.
        isRight = step.suffix.size == 0;
        require(rest.size == (isRight ? HASH + 2 : 1), PlainIcs23Reader.BadProof());
        require(byteAt(rest.ptr + rest.size - 1) == HASH, PlainIcs23Reader.BadProof());
        if (isRight) require(byteAt(rest.ptr) == HASH, PlainIcs23Reader.BadProof());
        else require(step.suffix.size == HASH + 1 && byteAt(step.suffix.ptr) == HASH, PlainIcs23Reader.BadProof());
    }

    /// A signed number, written as twice its value; a negative one would be odd.
    function _takeNumber(Text memory text) private pure returns (uint256 number) {
        number = PlainIcs23Reader.takeVarint(text);
        require(number & 1 == 0, PlainIcs23Reader.BadProof());
        number >>= 1;
    }

    /// The prefix, the key behind its length, and the hash of the value behind its own. A key has at most 1,024 bytes.
    function _hashLeaf(Entry memory entry) private view returns (bytes32 hash) {
        (Text memory prefix, Text memory key, Text memory value) = (entry.leaf, entry.key, entry.value);
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mload(add(prefix, 0x20))
            mcopy(free, mload(prefix), size)
            let at := add(free, size)
            size := mload(add(key, 0x20))
            switch lt(size, 0x80)
            case 1 {
                mstore8(at, size)
                at := add(at, 1)
            }
            default {
                mstore8(at, or(0x80, and(size, 0x7f)))
                mstore8(add(at, 1), shr(7, size))
                at := add(at, 2)
            }
            mcopy(at, mload(key), size)
            at := add(at, size)
            mstore8(at, 32)
            // A value may be long, so that a hash of it which lacks gas would leave enough to go on without it.
            if iszero(staticcall(gas(), 2, mload(value), mload(add(value, 0x20)), add(at, 1), 0x20)) {
                revert(0, 0)
            }
            pop(staticcall(gas(), 2, free, sub(add(at, 33), free), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    function _hashStep(Step memory step, bytes32 child) private view returns (bytes32 hash) {
        (Text memory prefix, Text memory suffix) = (step.prefix, step.suffix);
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mload(add(prefix, 0x20))
            mcopy(free, mload(prefix), size)
            let at := add(free, size)
            mstore(at, child)
            size := mload(add(suffix, 0x20))
            mcopy(add(at, 0x20), mload(suffix), size)
            pop(staticcall(gas(), 2, free, sub(add(add(at, 0x20), size), free), 0x00, 0x20))
            hash := mload(0x00)
        }
    }
}
