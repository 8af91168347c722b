// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PoolNode
/// @notice Writes the RLP of trie nodes, item by item, as a pool leads through them.
/// @dev It decides nothing; what it writes is canonical. Spec: Ethereum yellow paper, appendices B and D. Twin of
/// `merkle::mpt::pool::encode`.
library PoolNode {
    /// Largest node: sixteen hashes and an empty value, behind a header of three bytes. Writing word by word may touch
    /// a word behind it.
    uint256 private constant ROOM = 0x240;

    /// Missing children, as many as a branch may have and more.
    uint256 private constant EMPTIES = 0x8080808080808080808080808080808080808080808080808080808080808080;
    /// Byte number `(bit * 0x9af >> 12) & 15` is the number of a bit of sixteen.
    uint256 private constant BIT_NUMBERS = 0x000102050309060b0f04080a0e070d0c00000000000000000000000000000000;

    /// @notice Room for the items of a node; its header comes before them.
    function begin() internal pure returns (uint256 items) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            items := add(free, 3)
            mstore(0x40, add(free, ROOM))
        }
    }

    /// @notice Where memory is free.
    function mark() internal pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    /// @notice Gives back what was taken since `mark`: nothing of it may be used again.
    function release(uint256 free) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }

    /// @notice Puts the header before the items, which end at `end`.
    /// @return written Address and size of the node, in one word.
    function finish(uint256 items, uint256 end) internal pure returns (uint256 written) {
        assembly ("memory-safe") {
            let size := sub(end, items)
            let start := sub(items, 1)
            switch lt(size, 56)
            case 1 { mstore8(start, add(0xc0, size)) }
            default {
                mstore8(start, size)
                start := sub(items, 2)
                switch lt(size, 256)
                case 1 { mstore8(start, 0xf8) }
                default {
                    mstore8(start, shr(8, size))
                    start := sub(items, 3)
                    mstore8(start, 0xf9)
                }
            }
            written := or(shl(64, start), sub(end, start))
        }
    }

    /// @notice The hash of a node that was written.
    function hash(uint256 written) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := keccak256(shr(64, written), and(written, 0xffffffffffffffff))
        }
    }

    /// @notice Refers to a node that was written: by its hash, or by itself below 32 bytes.
    function putReference(uint256 to, uint256 written) internal pure returns (uint256 end) {
        bytes32 digest = hash(written);
        assembly ("memory-safe") {
            let size := and(written, 0xffffffffffffffff)
            switch lt(size, 32)
            case 1 {
                mcopy(to, shr(64, written), size)
                end := add(to, size)
            }
            default {
                mstore8(to, 0xa0)
                mstore(add(to, 1), digest)
                end := add(to, 33)
            }
        }
    }

    /// @notice A missing child, or the value of a branch.
    function putEmpty(uint256 to) internal pure returns (uint256) {
        assembly ("memory-safe") {
            mstore8(to, 0x80)
        }
        unchecked {
            return to + 1;
        }
    }

    /// @notice The hash of a child.
    function putHash(uint256 to, uint256 digest) internal pure returns (uint256) {
        assembly ("memory-safe") {
            mstore8(to, 0xa0)
        }
        unchecked {
            return put(to + 1, digest, 32);
        }
    }

    /// @notice So many hashes that stand side by side in calldata.
    function putHashes(uint256 to, uint256 place, uint256 count) internal pure returns (uint256 end) {
        assembly ("memory-safe") {
            end := to
            for {} gt(count, 3) { count := sub(count, 4) } {
                mstore8(end, 0xa0)
                mstore(add(end, 1), calldataload(place))
                mstore8(add(end, 33), 0xa0)
                mstore(add(end, 34), calldataload(add(place, 0x20)))
                mstore8(add(end, 66), 0xa0)
                mstore(add(end, 67), calldataload(add(place, 0x40)))
                mstore8(add(end, 99), 0xa0)
                mstore(add(end, 100), calldataload(add(place, 0x60)))
                end := add(end, 132)
                place := add(place, 0x80)
            }
            for {} count { count := sub(count, 1) } {
                mstore8(end, 0xa0)
                mstore(add(end, 1), calldataload(place))
                end := add(end, 33)
                place := add(place, 0x20)
            }
        }
    }

    /// @notice The children from `child` on and before `behind`: a hash from calldata for each that is in the mask, and
    /// nothing for the others.
    /// @return next Address behind the last hash. Whether there were so many bytes is for the caller to see.
    function putSomeHashes(uint256 to, uint256 place, uint256 mask, uint256 child, uint256 behind)
        internal
        pure
        returns (uint256 next, uint256 end)
    {
        assembly ("memory-safe") {
            next := place
            end := to
            mask := and(mask, sub(shl(behind, 1), shl(child, 1)))
            for {} mask {} {
                // The lowest child in the mask: its bit, taken to its number by a table (de Bruijn).
                let bit := and(mask, sub(0, mask))
                mask := xor(mask, bit)
                let found := byte(and(shr(12, mul(bit, 0x09af)), 0xf), BIT_NUMBERS)
                mstore(end, EMPTIES)
                end := add(end, sub(found, child))
                mstore8(end, 0xa0)
                mstore(add(end, 1), calldataload(next))
                end := add(end, 33)
                next := add(next, 0x20)
                child := add(found, 1)
            }
            mstore(end, EMPTIES)
            end := add(end, sub(behind, child))
        }
    }

    /// @notice `size` bytes from the top of `word`, as they are.
    function put(uint256 to, uint256 word, uint256 size) internal pure returns (uint256) {
        assembly ("memory-safe") {
            mstore(to, word)
        }
        unchecked {
            return to + size;
        }
    }

    /// @notice A path of `count` nibbles, from the top of `path`, in the compact form.
    function putPath(uint256 to, uint256 path, uint256 count, bool isLeaf) internal pure returns (uint256) {
        unchecked {
            // At most 33 bytes; a single one is below 0x80 and its own encoding.
            uint256 flag = isLeaf ? 2 : 0;
            uint256 size = count / 2 + 1;
            if (size > 1) to = _putByte(to, 0x80 + size);
            if (count % 2 == 1) return put(to, ((flag | 1) << 252) | (path >> 4), size);
            return put(_putByte(to, flag << 4), path, size - 1);
        }
    }

    /// @notice An integer of `size` bytes without leading zeros, as a string within a string.
    function putInteger(uint256 to, uint256 value, uint256 size) internal pure returns (uint256) {
        unchecked {
            if (value > 0x7f) {
                to = _putByte(to, 0x81 + size);
                to = _putByte(to, 0x80 + size);
            }
            return put(to, value << (256 - 8 * size), size);
        }
    }

    function _putByte(uint256 to, uint256 value) private pure returns (uint256) {
        assembly ("memory-safe") {
            mstore8(to, value)
        }
        unchecked {
            return to + 1;
        }
    }
}
