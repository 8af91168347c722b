// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ssz} from "./Ssz.sol";

/// @title SszAbsentees
/// @notice Opens the keys of those who did not sign against the SSZ root of a committee's 512 keys, by one multiproof.
/// @dev Absentees come in the order of their seats, and so do their keys. The siblings come level by level from the
/// leaves, left to right; one is there for every known node whose neighbour is not itself known. Their number follows
/// from the seats, so that a multiproof has one encoding.
/// Spec: docs/formats/beacon.md, "Absentees". Twin of `ethereum::multiproof` and `ethereum::seats`; the plain Solidity
/// twin is in test/clients/plain. Why no hash is checked for success: see `Ssz`.
library SszAbsentees {
    /// Seats of a committee. A smaller committee cannot be expressed.
    uint256 internal constant COMMITTEE_SIZE = 512;
    /// Bytes of a key, x ‖ y.
    uint256 private constant KEY_SIZE = 96;
    /// Levels between a key's leaf and the root.
    uint256 private constant DEPTH = 9;

    /// Low half of every byte, low two bits of every nibble, low bit of every pair.
    uint256 private constant LOW_NIBBLES = 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant LOW_PAIRS = 0x3333333333333333333333333333333333333333333333333333333333333333;
    uint256 private constant LOW_BITS = 0x5555555555555555555555555555555555555555555555555555555555555555;

    /// Byte number `nibble` is the index of its highest set bit.
    uint256 private constant NIBBLE_BITS = 0x0000010102020202030303030303030300000000000000000000000000000000;

    /// @notice Number of set bits in the 64 bytes at `ptr`.
    function countSigners(uint256 ptr) internal pure returns (uint256) {
        uint256 first;
        uint256 second;
        assembly ("memory-safe") {
            first := mload(ptr)
            second := mload(add(ptr, 0x20))
        }
        // Most words are full, and a sum of counts has no carry.
        unchecked {
            return (first == type(uint256).max ? 256 : _countBits(first))
                + (second == type(uint256).max ? 256 : _countBits(second));
        }
    }

    /// @notice The root to which the absentees' keys at `keys` climb.
    /// @param bits Address of the 512 bits; a zero bit is an absentee.
    /// @param count Number of zero bits, at least 1.
    /// @param keys Address of `count` keys; the siblings follow them.
    /// @return top The root; zero if a key has no compressed form.
    /// @return end Address behind the last sibling.
    function root(uint256 bits, uint256 count, uint256 keys) internal view returns (bytes32 top, uint256 end) {
        // Two words a node, its place in its level and its hash; behind the last node one word that is no place.
        uint256 nodes;
        uint256 nodesEnd;
        assembly ("memory-safe") {
            nodes := mload(0x40)
            nodesEnd := add(nodes, shl(6, count))
            mstore(0x40, add(nodesEnd, 0x20))
        }
        _listAbsentees(bits, nodes);
        // Bound: addresses in memory are far below 2^64.
        unchecked {
            for (uint256 node = nodes; node != nodesEnd; node += 0x40) {
                bytes32 leaf = Ssz.keyLeaf(keys);
                if (leaf == 0) return (0, 0);
                assembly ("memory-safe") {
                    mstore(add(node, 0x20), leaf)
                }
                keys += KEY_SIZE;
            }
        }
        return climb(nodes, nodesEnd, keys, DEPTH);
    }

    /// Writes the seat of every zero bit of the 64 bytes at `bits` to every other word from `nodes` on, in rising
    /// order.
    function _listAbsentees(uint256 bits, uint256 nodes) private pure {
        nodes = _listWord(bits, 255, nodes);
        _listWord(bits + 0x20, 511, nodes);
    }

    /// The same for the 32 bytes at `bits`, whose last seat is `last`. Returns the address behind what it wrote.
    function _listWord(uint256 bits, uint256 last, uint256 nodes) private pure returns (uint256) {
        uint256 absent;
        assembly ("memory-safe") {
            absent := not(mload(bits))
        }
        // Within a byte the lowest bit comes first: turned round, seats run from the top bit of the word down.
        absent = ((absent & ~LOW_NIBBLES) >> 4) | ((absent & LOW_NIBBLES) << 4);
        absent = ((absent & ~LOW_PAIRS) >> 2) | ((absent & LOW_PAIRS) << 2);
        absent = ((absent & ~LOW_BITS) >> 1) | ((absent & LOW_BITS) << 1);
        while (absent != 0) {
            uint256 bit = _topBit(absent);
            absent ^= 1 << bit;
            assembly ("memory-safe") {
                mstore(nodes, sub(last, bit))
                nodes := add(nodes, 0x40)
            }
        }
        return nodes;
    }

    /// @notice The root to which known nodes of the lowest level climb, whose places rise and lie inside the tree.
    /// @dev One level after the other is hashed into its parents, in place: a parent is never written behind the node
    /// that is read next.
    /// @param nodes Address of the nodes: two words each, place and hash.
    /// @param nodesEnd Address behind the last node; the word there is overwritten.
    /// @param siblings Address of the siblings.
    /// @param depth Levels between the leaves and the root.
    function climb(uint256 nodes, uint256 nodesEnd, uint256 siblings, uint256 depth)
        internal
        view
        returns (bytes32 top, uint256 end)
    {
        assembly ("memory-safe") {
            for { let level := 0 } lt(level, depth) { level := add(level, 1) } {
                mstore(nodesEnd, not(0))
                let parent := nodes
                for { let node := nodes } lt(node, nodesEnd) {} {
                    let place := mload(node)
                    let side := and(shl(5, place), 0x20)
                    mstore(side, mload(add(node, 0x20)))
                    node := add(node, 0x40)
                    // Places rise, so that only a left node can find its neighbour next in the list.
                    switch eq(mload(node), xor(place, 1))
                    case 1 {
                        mstore(0x20, mload(add(node, 0x20)))
                        node := add(node, 0x40)
                    }
                    default {
                        mstore(xor(side, 0x20), mload(siblings))
                        siblings := add(siblings, 0x20)
                    }
                    mstore(parent, shr(1, place))
                    pop(staticcall(gas(), 2, 0x00, 0x40, add(parent, 0x20), 0x20))
                    parent := add(parent, 0x40)
                }
                nodesEnd := parent
            }
            top := mload(add(nodes, 0x20))
            end := siblings
        }
    }

    /// Number of set bits in a word: sums of pairs, nibbles and bytes; then one multiplication adds all bytes into the
    /// top one, after the sums were widened to sixteen bits so that 256 fits.
    function _countBits(uint256 word) private pure returns (uint256) {
        unchecked {
            word -= (word >> 1) & LOW_BITS;
            word = (word & LOW_PAIRS) + ((word >> 2) & LOW_PAIRS);
            word = (word + (word >> 4)) & LOW_NIBBLES;
            word = (word + (word >> 8)) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
            return (word * 0x0001000100010001000100010001000100010001000100010001000100010001) >> 240;
        }
    }

    /// Index of the highest set bit of a word that is not zero, found by halving.
    function _topBit(uint256 word) private pure returns (uint256 bit) {
        assembly ("memory-safe") {
            bit := shl(7, gt(word, 0xffffffffffffffffffffffffffffffff))
            bit := or(bit, shl(6, gt(shr(bit, word), 0xffffffffffffffff)))
            bit := or(bit, shl(5, gt(shr(bit, word), 0xffffffff)))
            bit := or(bit, shl(4, gt(shr(bit, word), 0xffff)))
            bit := or(bit, shl(3, gt(shr(bit, word), 0xff)))
            bit := or(bit, shl(2, gt(shr(bit, word), 0x0f)))
            // Of the nibble that is left, by a table of sixteen bytes.
            bit := or(bit, byte(shr(bit, word), NIBBLE_BITS))
        }
    }
}
