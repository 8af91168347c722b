// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PoolWalk
/// @notice Goes through the trie nodes of a pool and finds what they show, and the hash of the first.
/// @dev It decides what is a pool for the keys. All nodes are written anew, so no form but the canonical one can hash
/// to what is told. One piece of assembly, because a batch spends much of its gas here, and a call between functions of
/// the language costs as much as copying a hash. Spec: docs/formats/pool.md; Ethereum yellow paper, appendices B and D.
library PoolWalk {
    /// The place of what is refused: far behind all calldata, where only zeros are read, and those are no node.
    uint256 private constant NOWHERE = 0x100000000000000000000000000000000;

    /// Room for a node in memory: sixteen hashes and an empty value, behind a header of three bytes; a word behind them
    /// may be touched.
    uint256 private constant ROOM = 0x240;

    /// Missing children, as many as a branch may have and more.
    uint256 private constant EMPTIES = 0x8080808080808080808080808080808080808080808080808080808080808080;
    /// Byte number `(bit * 0x9af >> 12) & 15` is the number of a bit of sixteen (de Bruijn).
    uint256 private constant BIT_NUMBERS = 0x000102050309060b0f04080a0e070d0c00000000000000000000000000000000;
    /// For the number of bits of sixteen: a copy of them every 15 bits, and every fourth bit of those.
    uint256 private constant COPIES = 0x200040008001;
    uint256 private constant FOURTHS = 0x1111111111111111;

    /// @notice Reads the nodes, writes each of them anew and puts the values in the places of the keys.
    /// @dev In what follows `place` is the address of a node in calldata; `from` and `to` are those of the first key in
    /// memory that leads to it and behind the last one; all of these begin with the same `depth` nibbles. It is written
    /// at `at` in memory that stays free, and what is below it behind that. `next` is the address behind the node and
    /// all below it, `ref` its hash, or the node itself if it has less than 32 bytes, and `size` its length.
    ///
    /// The walk does not look whether the pool goes on: it goes forward only, and what it refuses lies NOWHERE, so it
    /// ends exactly behind the pool only if it never left it.
    /// @return end How many bytes the nodes took.
    /// @return found Hash of the first node.
    function walk(bytes32[] memory keys, bytes calldata pool) internal pure returns (uint256 end, uint256 found) {
        assembly ("memory-safe") {
            function node(place, from, to, depth, at) -> next, ref, size {
                let word := calldataload(place)
                switch shr(249, word)
                case 0 { next, ref, size := branch(place, from, to, depth, at) }
                case 1 { next, ref, size := extension(place, from, to, depth, at) }
                case 2 { next, ref, size := leaf(place, from, to, depth, at) }
                default { next := NOWHERE }
            }

            function branch(place, from, to, depth, at) -> next, ref, size {
                // Both masks, the one of embedded children in the upper half.
                let masks
                next, masks := readMasks(place, depth)
                let end_ := add(at, 3)
                let child := 0
                for {} lt(from, to) {} {
                    let nibble, behind := siblings(from, to, sub(252, shl(2, depth)))
                    next, end_ := copyChildren(next, end_, masks, child, nibble)
                    child := add(nibble, 1)
                    switch and(shr(nibble, masks), 0x10001)
                    case 0 {
                        mstore8(end_, 0x80)
                        end_ := add(end_, 1)
                        fill(from, behind, 0)
                    }
                    case 1 {
                        next, ref, size := node(next, from, behind, add(depth, 1), add(at, ROOM))
                        end_ := putReference(end_, ref, size)
                    }
                    // No key leads to an embedded child.
                    default { next := NOWHERE }
                    from := behind
                }
                next, end_ := copyChildren(next, end_, masks, child, 16)
                mstore8(end_, 0x80)
                ref, size := seal(add(at, 3), add(end_, 1))
            }

            // What children a branch has. At least two, some of them embedded if it is said so, and none behind the end
            // of the keys.
            function readMasks(place, depth) -> next, masks {
                let word := calldataload(place)
                masks := and(shr(232, word), 0xffff)
                next := add(place, 3)
                let wrong := or(iszero(and(masks, sub(masks, 1))), gt(depth, 63))
                if shr(248, word) {
                    let embedded := and(shr(216, word), 0xffff)
                    next := add(place, 5)
                    wrong := or(wrong, or(iszero(embedded), and(embedded, not(masks))))
                    masks := or(masks, shl(16, embedded))
                }
                if wrong { next := NOWHERE }
            }

            // The nibble of the first key, and the address of the first key that has another.
            function siblings(from, to, shift) -> nibble, behind {
                nibble := and(shr(shift, mload(from)), 0xf)
                behind := add(from, 0x20)
                for {} lt(behind, to) { behind := add(behind, 0x20) } {
                    if xor(and(shr(shift, mload(behind)), 0xf), nibble) { break }
                }
            }

            // Copies the references to the children from `child` on and before `until`, to which no key leads.
            function copyChildren(place, to, masks, child, until) -> next, end_ {
                next := place
                end_ := to
                switch gt(masks, 0xfffe)
                case 0 {
                    // Where many are missing, one goes from one to the next; else from place to place.
                    switch lt(mod(and(mul(masks, COPIES), FOURTHS), 15), 7)
                    case 1 { next, end_ := copyFew(next, end_, masks, child, until) }
                    default {
                        let behind := shl(sub(until, child), 1)
                        next, end_ := copyMany(next, end_, or(and(shr(child, masks), sub(behind, 1)), behind))
                    }
                }
                default {
                    switch eq(masks, 0xffff)
                    case 1 { next, end_ := copyAll(next, end_, sub(until, child)) }
                    default { next, end_ := copyMixed(next, end_, masks, child, until) }
                }
            }

            function copyAll(place, to, count) -> next, end_ {
                next := place
                end_ := to
                for {} gt(count, 3) { count := sub(count, 4) } {
                    mstore8(end_, 0xa0)
                    mstore(add(end_, 1), calldataload(next))
                    mstore8(add(end_, 33), 0xa0)
                    mstore(add(end_, 34), calldataload(add(next, 0x20)))
                    mstore8(add(end_, 66), 0xa0)
                    mstore(add(end_, 67), calldataload(add(next, 0x40)))
                    mstore8(add(end_, 99), 0xa0)
                    mstore(add(end_, 100), calldataload(add(next, 0x60)))
                    end_ := add(end_, 132)
                    next := add(next, 0x80)
                }
                for {} count { count := sub(count, 1) } {
                    mstore8(end_, 0xa0)
                    mstore(add(end_, 1), calldataload(next))
                    end_ := add(end_, 33)
                    next := add(next, 0x20)
                }
            }

            // `children` has a bit for each, and one behind the last. At 32 a child's bit is the length of its hash,
            // and with 0x80 the byte before it.
            function copyMany(place, to, children) -> next, end_ {
                next := place
                end_ := to
                for { children := shl(5, children) } gt(children, 63) { children := shr(1, children) } {
                    let present := and(children, 32)
                    mstore8(end_, or(0x80, present))
                    mstore(add(end_, 1), calldataload(next))
                    next := add(next, present)
                    end_ := add(add(end_, 1), present)
                }
            }

            function copyFew(place, to, mask, child, until) -> next, end_ {
                next := place
                end_ := to
                mask := and(mask, sub(shl(until, 1), shl(child, 1)))
                for {} mask {} {
                    let bit := and(mask, sub(0, mask))
                    mask := xor(mask, bit)
                    let found_ := byte(and(shr(12, mul(bit, 0x09af)), 0xf), BIT_NUMBERS)
                    mstore(end_, EMPTIES)
                    end_ := add(end_, sub(found_, child))
                    mstore8(end_, 0xa0)
                    mstore(add(end_, 1), calldataload(next))
                    end_ := add(end_, 33)
                    next := add(next, 0x20)
                    child := add(found_, 1)
                }
                mstore(end_, EMPTIES)
                end_ := add(end_, sub(until, child))
            }

            // Some are embedded: lists of two bytes to 31. An empty list is no node, and a longer one would be hashed.
            function copyMixed(place, to, masks, child, until) -> next, end_ {
                next := place
                end_ := to
                for {} lt(child, until) { child := add(child, 1) } {
                    switch and(shr(child, masks), 0x10001)
                    case 0 {
                        mstore8(end_, 0x80)
                        end_ := add(end_, 1)
                    }
                    case 1 { next, end_ := copyHash(next, end_) }
                    default { next, end_ := copyEmbedded(next, end_) }
                }
            }

            function copyHash(place, to) -> next, end_ {
                mstore8(to, 0xa0)
                mstore(add(to, 1), calldataload(place))
                next := add(place, 0x20)
                end_ := add(to, 33)
            }

            function copyEmbedded(place, to) -> next, end_ {
                let word := calldataload(place)
                let size := sub(shr(248, word), 0xbf)
                next := NOWHERE
                end_ := to
                if lt(sub(size, 2), 30) {
                    mstore(to, word)
                    next := add(place, size)
                    end_ := add(to, size)
                }
            }

            function extension(place, from, to, depth, at) -> next, ref, size {
                let count := byte(0, calldataload(add(place, 1)))
                let path := calldataload(add(place, 2))
                size := shr(1, add(count, 1))
                next := add(add(place, 2), size)
                let hidden := sub(256, shl(2, count))
                // No nibbles, too many of them, or a padding that is not zero.
                let wrong := or(iszero(count), gt(add(depth, count), 63))
                wrong := or(wrong, shl(shl(2, count), and(path, not(shr(shl(3, size), not(0))))))
                if wrong { next := NOWHERE }
                path := shr(hidden, path)
                // Keys that part from the path come before those that follow it, or behind them.
                let first := from
                for {} lt(first, to) { first := add(first, 0x20) } {
                    if eq(shr(hidden, shl(shl(2, depth), mload(first))), path) { break }
                    mstore(first, 0)
                }
                let behind := first
                for {} lt(behind, to) { behind := add(behind, 0x20) } {
                    if xor(shr(hidden, shl(shl(2, depth), mload(behind))), path) { break }
                }
                fill(behind, to, 0)
                let end_ := putPath(add(at, 3), shl(hidden, path), count, 0)
                let kind := byte(0, calldataload(place))
                switch lt(first, behind)
                case 1 {
                    // Below an extension that a key follows there is a branch, written as a node.
                    if or(gt(kind, 2), gt(byte(0, calldataload(next)), 1)) { next := NOWHERE }
                    next, ref, size := node(next, first, behind, add(depth, count), add(at, ROOM))
                    end_ := putReference(end_, ref, size)
                }
                default {
                    switch kind
                    case 2 { next, end_ := copyHash(next, end_) }
                    default { next, end_ := copyEmbedded(next, end_) }
                }
                ref, size := seal(add(at, 3), end_)
            }

            function leaf(place, from, to, depth, at) -> next, ref, size {
                let isOther := sub(byte(0, calldataload(place)), 4)
                next := add(place, 1)
                let key := mload(from)
                if isOther {
                    key := calldataload(next)
                    next := add(place, 33)
                }
                // An integer of 1 to 32 bytes without leading zeros.
                let length := byte(0, calldataload(next))
                let value := calldataload(add(next, 1))
                let wrong := or(gt(sub(length, 1), 31), iszero(byte(0, value)))
                next := add(add(next, 1), length)
                let integer := shr(sub(256, shl(3, length)), value)
                let differences := 0
                for {} lt(from, to) { from := add(from, 0x20) } {
                    let difference := xor(mload(from), key)
                    differences := or(differences, difference)
                    mstore(from, mul(integer, iszero(difference)))
                }
                // A leaf belongs where it stands: its key begins as all do that lead there. And it is not written as
                // another although it is that of all of them.
                wrong := or(wrong, xor(iszero(differences), iszero(isOther)))
                wrong := or(wrong, shr(sub(256, shl(2, depth)), differences))
                if wrong { next := NOWHERE }
                let end_ := putPath(add(at, 3), shl(shl(2, depth), key), sub(64, depth), 0x20)
                // A string within a string; a single byte below 0x80 is its own encoding.
                if gt(integer, 0x7f) {
                    mstore8(end_, add(0x81, length))
                    mstore8(add(end_, 1), add(0x80, length))
                    end_ := add(end_, 2)
                }
                mstore(end_, value)
                ref, size := seal(add(at, 3), add(end_, length))
            }

            // A path of `count` nibbles, from the top of `path`, in the compact form: a first byte with `flag`, and
            // with the first nibble if their number is odd. A single byte is its own encoding.
            function putPath(to, path, count, flag) -> end_ {
                let length := add(shr(1, count), 1)
                if gt(length, 1) {
                    mstore8(to, add(0x80, length))
                    to := add(to, 1)
                }
                end_ := add(to, length)
                if and(count, 1) {
                    flag := or(or(flag, 0x10), shr(252, path))
                    path := shl(4, path)
                }
                mstore8(to, flag)
                mstore(add(to, 1), path)
            }

            // Refers to a node: by its hash, or by itself below 32 bytes.
            function putReference(to, ref, size) -> end_ {
                switch lt(size, 32)
                case 1 {
                    mstore(to, ref)
                    end_ := add(to, size)
                }
                default {
                    mstore8(to, 0xa0)
                    mstore(add(to, 1), ref)
                    end_ := add(to, 33)
                }
            }

            // Puts the header before the items, for which the bytes before them are free.
            function seal(items, end_) -> ref, size {
                size := sub(end_, items)
                let header := add(0xc0, size)
                let start := sub(items, 1)
                if gt(size, 55) {
                    header := or(0xf800, size)
                    start := sub(items, 2)
                    if gt(size, 255) {
                        header := or(0xf90000, size)
                        start := sub(items, 3)
                    }
                }
                mstore(sub(items, 0x20), header)
                size := sub(end_, start)
                switch lt(size, 32)
                case 1 { ref := mload(start) }
                default { ref := keccak256(start, size) }
            }

            function fill(from, to, value) {
                for {} lt(from, to) { from := add(from, 0x20) } { mstore(from, value) }
            }

            let to := add(add(keys, 0x20), shl(5, mload(keys)))
            let size
            // A word is left free before the first node, for its header.
            end, found, size := node(pool.offset, add(keys, 0x20), to, 0, add(mload(0x40), 0x20))
            end := sub(end, pool.offset)
            // The root is a hash in any case.
            if lt(size, 32) {
                mstore(0x00, found)
                found := keccak256(0x00, size)
            }
        }
    }
}
