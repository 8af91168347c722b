// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Raw} from "./Raw.sol";
import {Varint} from "./Varint.sol";

/// @title Ics23Tree
/// @notice Reads that an entry exists in one of the two trees of a Cosmos chain, and hashes its way to the root.
/// @dev Protobuf in its one encoding, and nodes in their one form: so the fields of a step stand at places that follow
/// from two lengths, and all of them are compared. A node of an IAVL tree begins with height, size and version as
/// signed numbers, of the simple tree with one byte; a leaf of either with a zero byte, which no inner node does, so
/// that neither passes for the other. Addresses are those of bytes in calldata.
///
/// Of the calls of the SHA-256 precompile only that for the value is checked for success: see `Ssz`.
/// Spec: docs/formats/ics23.md, "The two trees". Twin of `merkle::ics23::node` and `merkle::ics23::read`; the plain
/// twin is in test/clients/plain.
library Ics23Tree {
    /// @notice An entry and the way from it to the root.
    /// @param keyAt Where its key stands.
    /// @param keySize How many bytes that has.
    /// @param valueAt Where its value stands.
    /// @param valueSize How many bytes that has.
    /// @param root What the way leads to.
    /// @param steps Where the words of the steps stand in memory, from the leaf upwards: see `isRight` and `isSame`.
    /// @param count How many there are.
    struct Entry {
        uint256 keyAt;
        uint256 keySize;
        uint256 valueAt;
        uint256 valueSize;
        bytes32 root;
        uint256 steps;
        uint256 count;
    }

    /// @notice The bytes are no proof of what is asked.
    error BadProof();

    /// Keys of the fields of a message about an entry: its key, its value, the form of the leaf, the steps.
    uint256 private constant ENTRY_KEY = 0x0a;
    uint256 private constant ENTRY_VALUE = 0x12;
    uint256 private constant ENTRY_LEAF = 0x1a;

    /// The longest key, and the most steps between a leaf and the root of its tree.
    uint256 internal constant KEY_MAX = 1024;
    uint256 private constant DEPTH_MAX = 128;
    /// Most bytes of height, size and version of an inner node.
    uint256 private constant NUMBERS_MAX = 11;

    /// How leaves are hashed as ICS-23 says it: SHA-256 over the key as it is and SHA-256 of the value, lengths as
    /// varints; then the prefix.
    uint256 private constant LEAF_FORM = 0x0801180120012a;
    /// What stands in a step beside the two lengths: it is the field 4, hashed by SHA-256, and has a prefix.
    uint256 private constant STEP_FORM = 0x220008011200;
    uint256 private constant STEP_MASK = 0xff00ffffff00;
    /// The last byte of the prefix of an IAVL node before a child on the left, the key and length of the suffix, and
    /// the suffix's first byte: a hash has 32 bytes.
    uint256 private constant LEFT_FORM = 0x201a2120;
    /// The same of a simple node: its prefix, then the suffix, which has no length in it.
    uint256 private constant SIMPLE_LEFT_FORM = 0x011a20;

    /// Where in the word of a step it says on which side the child is, and how many bytes the step has.
    uint256 private constant RIGHT = 1 << 255;
    uint256 private constant SIZE_SHIFT = 128;

    /// @notice The entry of which the message from `at` to `end` tells.
    /// @param isIavl Whether the tree is that of a store; else the simple tree.
    function read(bool isIavl, uint256 at, uint256 end) internal view returns (Entry memory entry) {
        unchecked {
            (uint256 from, uint256 to) = take(at, end, ENTRY_KEY);
            entry.keyAt = from;
            entry.keySize = to - from;
            require(to - from != 0 && to - from <= KEY_MAX, BadProof());
            (from, to) = take(to, end, ENTRY_VALUE);
            entry.valueAt = from;
            entry.valueSize = to - from;
            require(to != from, BadProof());
            (from, to) = take(to, end, ENTRY_LEAF);
            uint256 steps = Raw.reserve(0x20 * DEPTH_MAX);
            entry.steps = steps;
            bytes32 leaf = _leaf(isIavl, from, to, entry);
            (entry.root, entry.count) = isIavl ? _climbIavl(leaf, to, end, steps) : _climbSimple(leaf, to, end, steps);
        }
    }

    /// @notice Takes what is length-delimited under `key`, a field's number and type in one byte.
    /// @return from Where it begins.
    /// @return to Where it ends.
    function take(uint256 at, uint256 end, uint256 key) internal pure returns (uint256 from, uint256 to) {
        require(begins(at, end, key), BadProof());
        uint256 size;
        unchecked {
            (size, from) = Varint.take(at + 1);
            require(from <= end && size <= end - from, BadProof());
            to = from + size;
        }
    }

    /// @notice Whether a field is the next one.
    function begins(uint256 at, uint256 end, uint256 key) internal pure returns (bool) {
        return at != end && Raw.byteAt(at) == key;
    }

    /// @notice Below, at or above zero: where `size` bytes at `at` come in the order of bytes, beside others.
    function compare(uint256 at, uint256 size, uint256 otherAt, uint256 otherSize) internal pure returns (int256) {
        unchecked {
            uint256 common = size < otherSize ? size : otherSize;
            for (uint256 i = 0; i < common; i += 32) {
                // What stands behind the common part is left out.
                uint256 behind = common - i < 32 ? 8 * (32 - (common - i)) : 0;
                uint256 one = Raw.wordAt(at + i) >> behind;
                uint256 other = Raw.wordAt(otherAt + i) >> behind;
                if (one != other) return one < other ? int256(-1) : int256(1);
            }
        }
        if (size == otherSize) return 0;
        return size < otherSize ? int256(-1) : int256(1);
    }

    /// @notice Whether the child of a step is on the right side of its node.
    function isRight(Entry memory entry, uint256 index) internal pure returns (bool) {
        return _step(entry, index) & RIGHT != 0;
    }

    /// @notice Whether two steps are of the same node and side: all bytes are equal.
    function isSame(Entry memory one, uint256 i, Entry memory other, uint256 j) internal pure returns (bool) {
        return _textOf(_step(one, i)) == _textOf(_step(other, j));
    }

    /// The hash of a leaf whose form stands from `at` to `end`: the prefix, the key behind its length, and the hash of
    /// the value behind its own.
    function _leaf(bool isIavl, uint256 at, uint256 end, Entry memory entry) private view returns (bytes32) {
        unchecked {
            uint256 word = Raw.wordAt(at);
            uint256 size = (word >> 192) & 0xff;
            require(word >> 200 == LEAF_FORM && end == at + 8 + size, BadProof());
            uint256 behind;
            if (isIavl) {
                // Height 0 and size 1, each written as twice itself; then the version.
                require(size > 2 && (word >> 176) & 0xffff == 0x0002, BadProof());
                (, behind) = _number(at + 10);
            } else {
                require(size == 1 && (word >> 184) & 0xff == 0, BadProof());
                behind = end;
            }
            require(behind == end, BadProof());
            return _hashLeaf(at + 8, size, entry);
        }
    }

    function _hashLeaf(uint256 prefix, uint256 size, Entry memory entry) private view returns (bytes32 hash) {
        uint256 key = entry.keySize;
        uint256 keyAt = entry.keyAt;
        uint256 value = entry.valueSize;
        uint256 valueAt = entry.valueAt;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, prefix, size)
            let to := add(free, size)
            switch lt(key, 0x80)
            case 1 {
                mstore8(to, key)
                to := add(to, 1)
            }
            default {
                mstore8(to, or(0x80, and(key, 0x7f)))
                mstore8(add(to, 1), shr(7, key))
                to := add(to, 2)
            }
            calldatacopy(to, keyAt, key)
            to := add(to, key)
            mstore8(to, 0x20)
            to := add(to, 1)
            // A value may be long, so that a hash of it which lacks gas would leave enough to go on without it.
            calldatacopy(to, valueAt, value)
            if iszero(staticcall(gas(), 2, to, value, to, 0x20)) { revert(0, 0) }
            pop(staticcall(gas(), 2, free, sub(add(to, 0x20), free), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    /// Hashes the steps from `at` to `end`, each of which is of a higher node than the one before.
    function _climbIavl(bytes32 node, uint256 at, uint256 end, uint256 steps)
        private
        view
        returns (bytes32, uint256 count)
    {
        uint256 below = 0;
        unchecked {
            while (at != end) {
                (uint256 size, uint256 prefix) = _sizesOf(at, end, count);
                uint256 from = at + 6;
                (uint256 height, uint256 to) = _number(from);
                (, to) = _number(to);
                (, to) = _number(to);
                uint256 numbers = to - from;
                require(height > below && numbers <= NUMBERS_MAX, BadProof());
                below = height;
                // Behind the numbers: the length of the child, before it that and the hash of a sibling on the left.
                bool right = size == prefix + 4;
                if (right) {
                    bool formed = Raw.byteAt(to) == 0x20 && Raw.byteAt(to + 33) == 0x20;
                    require(formed && prefix == numbers + 34, BadProof());
                } else {
                    bool formed = Raw.wordAt(to) >> 224 == LEFT_FORM && size == prefix + 39;
                    require(formed && prefix == numbers + 1, BadProof());
                }
                node = _hashStep(from, prefix, right ? 0 : 33, node);
                _keep(steps + 0x20 * count++, at, size, right);
                at += size + 2;
            }
        }
        return (node, count);
    }

    /// The same in the simple tree.
    function _climbSimple(bytes32 node, uint256 at, uint256 end, uint256 steps)
        private
        view
        returns (bytes32, uint256 count)
    {
        unchecked {
            while (at != end) {
                (uint256 size, uint256 prefix) = _sizesOf(at, end, count);
                uint256 from = at + 6;
                bool right = size == 37;
                if (right) {
                    require(prefix == 33 && Raw.byteAt(from) == 1, BadProof());
                } else {
                    bool formed = Raw.wordAt(from) >> 232 == SIMPLE_LEFT_FORM;
                    require(formed && prefix == 1 && size == 39, BadProof());
                }
                node = _hashStep(from, prefix, right ? 0 : 32, node);
                _keep(steps + 0x20 * count++, at, size, right);
                at += size + 2;
            }
        }
        return (node, count);
    }

    /// How many bytes a step and its prefix have. Both numbers are below 128 in every step that is sound.
    function _sizesOf(uint256 at, uint256 end, uint256 count) private pure returns (uint256 size, uint256 prefix) {
        uint256 head = Raw.wordAt(at) >> 208;
        size = (head >> 32) & 0xff;
        prefix = head & 0xff;
        unchecked {
            require(head & STEP_MASK == STEP_FORM && at + 2 + size <= end && count < DEPTH_MAX, BadProof());
        }
    }

    /// A signed number, written as twice its value; a negative one would be odd, and so is what is no number.
    function _number(uint256 at) private pure returns (uint256 number, uint256 next) {
        (number, next) = Varint.take(at);
        require(number & 1 == 0, BadProof());
        number >>= 1;
    }

    /// The prefix of a step, the child, and its suffix, which stands behind a key and a length.
    function _hashStep(uint256 prefixAt, uint256 prefix, uint256 suffix, bytes32 child)
        private
        view
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, prefixAt, prefix)
            let to := add(free, prefix)
            mstore(to, child)
            calldatacopy(add(to, 0x20), add(add(prefixAt, prefix), 2), suffix)
            pop(staticcall(gas(), 2, free, add(add(prefix, 0x20), suffix), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    function _keep(uint256 to, uint256 at, uint256 size, bool right) private pure {
        assembly ("memory-safe") {
            mstore(to, or(or(shl(255, right), shl(SIZE_SHIFT, size)), at))
        }
    }

    function _step(Entry memory entry, uint256 index) private pure returns (uint256 step) {
        uint256 steps = entry.steps;
        assembly ("memory-safe") {
            step := mload(add(steps, shl(5, index)))
        }
    }

    /// What tells the bytes of a step from others.
    function _textOf(uint256 step) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := and(shr(SIZE_SHIFT, step), 0xff)
            calldatacopy(free, add(and(step, 0xffffffffffffffff), 2), size)
            hash := keccak256(free, size)
        }
    }
}
