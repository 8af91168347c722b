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

    /// Memory behind the free pointer: sixteen references side by side, a node as it is written, what a branch refers
    /// to when one key leads on, and then what each node that is not finished needs. Before a node lies room for its
    /// header, and a word behind it may be touched.
    uint256 private constant LINE = 0x20;
    uint256 private constant NODE = 0x260;
    uint256 private constant STAGE = 0x4c0;
    uint256 private constant OPEN = 0x6c0;
    /// Room for the sixteen children of a branch.
    uint256 private constant ROOM = 0x200;

    /// A branch of sixteen hashes: how long it is, and its header.
    uint256 private constant FULL = 532;
    uint256 private constant FULL_HEADER = 0xf90211;
    /// Missing children, as many as a branch may have and more.
    uint256 private constant EMPTIES = 0x8080808080808080808080808080808080808080808080808080808080808080;
    /// Byte number `bit mod 19` is the number of a bit of seventeen: 2 generates all remainders of 19 but zero.
    uint256 private constant BIT_NUMBERS = 0x0000010d02100e060308000c0f05070b040a0900000000000000000000000000;
    /// For the number of bits of sixteen: a copy of them every 16 bits, and every fifth bit of those.
    uint256 private constant COPIES = 0x10001000100010001;
    uint256 private constant FIFTHS = 0x8421084210842108421;

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
                switch eq(add(from, 0x20), to)
                case 1 { next, ref, size := alone(place, from, depth, at) }
                default { next, ref, size := any(place, from, to, depth, at) }
            }

            function any(place, from, to, depth, at) -> next, ref, size {
                switch shr(249, calldataload(place))
                case 0 { next, ref, size := branch(place, from, to, depth, at) }
                case 1 { next, ref, size := extension(place, from, to, depth, at) }
                case 2 { next, ref, size := leaf(place, from, to, depth) }
                default { next := NOWHERE }
            }

            // The branches below which one key leads on are gone down to their end, and written on the way back. For
            // each of them memory holds its place and the length of what stands before the child.
            function alone(place, from, depth, at) -> next, ref, size {
                let level := at
                let own := 0x20
                next := place
                {
                    let path := shl(shl(2, depth), mload(from))
                    let mask := shr(232, calldataload(next))
                    // Only branches without embedded children begin with a zero. They have two children at least.
                    for {} lt(sub(and(mask, sub(mask, 1)), 1), 0xffff) {} {
                        let bit := shl(shr(252, path), 1)
                        let before := shl(5, ones(and(mask, sub(bit, 1))))
                        mstore(level, next)
                        mstore(add(level, 0x20), before)
                        level := add(level, 0x40)
                        next := add(add(next, 3), before)
                        depth := add(depth, 1)
                        if iszero(and(bit, mask)) {
                            own := 0
                            break
                        }
                        path := shl(4, path)
                        mask := shr(232, calldataload(next))
                    }
                }
                // None of them lies behind the end of the key.
                if gt(depth, 64) { next := NOWHERE }
                switch own
                case 0 { mstore(from, 0) }
                default { next, ref, size := single(next, from, depth, level) }
                for {} gt(level, at) {} {
                    level := sub(level, 0x40)
                    next, ref, size := close(next, ref, size, mload(level), mload(add(level, 0x20)), own)
                    own := 0x20
                }
            }

            // What is no branch without embedded children, and one key leads there.
            function single(place, from, depth, at) -> next, ref, size {
                let kind := shr(248, calldataload(place))
                switch kind
                case 0 { next := NOWHERE }
                default {
                    switch and(eq(kind, 4), lt(sub(depth, 1), 61))
                    case 1 { next, ref, size := ownLeaf(place, from, depth) }
                    default { next, ref, size := any(place, from, add(from, 0x20), depth, at) }
                }
            }

            // As `leaf`, for the only key that leads there, with a path of 3 nibbles to 63: it is 2 bytes or more, and
            // 32 at most.
            function ownLeaf(place, from, depth) -> next, ref, size {
                let length := byte(1, calldataload(place))
                let value := calldataload(add(place, 2))
                next := add(add(place, 2), length)
                if or(gt(sub(length, 1), 31), iszero(byte(0, value))) { next := NOWHERE }
                // The compact form: the flag, with or without the first nibble.
                let path := shl(shl(2, depth), mload(from))
                let odd := and(depth, 1)
                path := or(shr(sub(8, shl(2, odd)), path), shl(252, or(2, odd)))
                let bytes_ := sub(33, shr(1, add(depth, 1)))
                let items := add(mload(0x40), NODE)
                mstore8(items, add(0x80, bytes_))
                mstore(add(items, 1), path)
                path := shr(sub(256, shl(3, length)), value)
                mstore(from, path)
                ref, size := sealLeaf(items, add(add(items, 1), bytes_), path, value, length)
            }

            // Ends a leaf: a string within a string; a single byte below 0x80 is its own encoding.
            function sealLeaf(items, end_, integer, value, length) -> ref, size {
                if gt(integer, 0x7f) {
                    mstore8(end_, add(0x81, length))
                    mstore8(add(end_, 1), add(0x80, length))
                    end_ := add(end_, 2)
                }
                mstore(end_, value)
                ref, size := seal(items, add(end_, length))
            }

            // Writes the branch at `place`. `next_` is behind what is below its one child that a key leads to, `before`
            // the length of what stands before that child, and `own` the room for its reference: none, if it is
            // missing.
            function close(next_, ref_, size_, place, before, own) -> next, ref, size {
                let masks := shr(232, calldataload(place))
                let stage_ := add(mload(0x40), STAGE)
                calldatacopy(stage_, add(place, 3), before)
                let to := add(stage_, before)
                mstore(to, ref_)
                let all := shl(5, ones(masks))
                let rest := sub(sub(all, before), own)
                calldatacopy(add(to, own), next_, rest)
                next := add(next_, rest)
                switch gt(size_, 31)
                case 0 {
                    if own { masks := or(masks, shl(16, nth(masks, before))) }
                    ref, size := sealBranch(stage_, masks)
                }
                default { ref, size := sealHashes(stage_, masks, all) }
            }

            // The bit behind so many others, of which each counts 32.
            function nth(mask, before) -> bit {
                for {} before { before := sub(before, 0x20) } { mask := and(mask, sub(mask, 1)) }
                bit := and(mask, sub(0, mask))
            }

            function branch(place, from, to, depth, at) -> next, ref, size {
                // Both masks, the one of embedded children in the upper half.
                let masks
                next, masks := readMasks(place, depth)
                let slot_ := at
                let child := 0
                for {} lt(from, to) {} {
                    let nibble, behind := siblings(from, to, sub(252, shl(2, depth)))
                    next, slot_ := stage(next, slot_, masks, child, nibble)
                    child := add(nibble, 1)
                    switch and(shr(nibble, masks), 0x10001)
                    case 0 { fill(from, behind, 0) }
                    case 1 {
                        next, ref, size := node(next, from, behind, add(depth, 1), add(at, ROOM))
                        mstore(slot_, ref)
                        slot_ := add(slot_, 0x20)
                        if lt(size, 32) { masks := or(masks, shl(add(nibble, 16), 1)) }
                    }
                    // No key leads to an embedded child.
                    default { next := NOWHERE }
                    from := behind
                }
                next, slot_ := stage(next, slot_, masks, child, 16)
                ref, size := sealBranch(at, masks)
            }

            // What children a branch has. At least two, some of them embedded if it is said so, and none behind the end
            // of the keys.
            function readMasks(place, depth) -> next, masks {
                let word := calldataload(place)
                masks := and(shr(232, word), 0xffff)
                next := add(place, 3)
                let wrong := or(iszero(and(masks, sub(masks, 1))), gt(depth, 63))
                if shr(248, word) {
                    let lists := and(shr(216, word), 0xffff)
                    next := add(place, 5)
                    wrong := or(wrong, or(iszero(lists), and(lists, not(masks))))
                    masks := or(masks, shl(16, lists))
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

            // How many of sixteen bits are set.
            function ones(mask) -> count {
                count := mod(and(mul(mask, COPIES), FIFTHS), 31)
            }

            // Brings to memory what a branch refers to from `child` on and before `until`, to which no key leads: a
            // word each.
            function stage(place, to, masks, child, until) -> next, end_ {
                next := place
                end_ := to
                switch gt(masks, 0xffff)
                case 0 {
                    let length := shl(5, ones(and(masks, sub(shl(until, 1), shl(child, 1)))))
                    calldatacopy(end_, next, length)
                    next := add(next, length)
                    end_ := add(end_, length)
                }
                default {
                    for {} lt(child, until) { child := add(child, 1) } {
                        let kind := and(shr(child, masks), 0x10001)
                        if kind {
                            let word := calldataload(next)
                            switch kind
                            case 1 { next := add(next, 0x20) }
                            default { next, word := embedded(next, word) }
                            mstore(end_, word)
                            end_ := add(end_, 0x20)
                        }
                    }
                }
            }

            // Lists of two bytes to 31. An empty list is no node, and a longer one would be hashed.
            function embedded(place, word) -> next, list {
                let size := sub(shr(248, word), 0xbf)
                list := word
                next := add(place, size)
                if gt(sub(size, 2), 29) {
                    next := NOWHERE
                    list := shl(248, 0xc1)
                }
            }

            // Writes a branch of staged references.
            function sealBranch(from, masks) -> ref, size {
                switch gt(masks, 0xffff)
                case 0 { ref, size := sealHashes(from, masks, shl(5, ones(masks))) }
                default { ref, size := sealMixed(from, masks) }
            }

            // Writes a branch of hashes, which have `all` bytes.
            function sealHashes(from, mask, all) -> ref, size {
                let line := add(mload(0x40), LINE)
                switch mask
                case 0xffff {
                    spread(from, line)
                    size := FULL
                    ref := keccak256(sub(line, 3), FULL)
                }
                default {
                    let items := add(line, sub(NODE, LINE))
                    switch gt(all, 0x80)
                    case 0 { few(from, items, mask) }
                    default {
                        spread(from, line)
                        many(line, items, mask)
                    }
                    size := add(all, 17)
                    // There are two at least, so it is longer than what a header of one byte is for.
                    switch gt(size, 255)
                    case 0 {
                        mstore(sub(items, 0x20), or(0xf800, size))
                        ref := keccak256(sub(items, 2), add(size, 2))
                    }
                    default {
                        mstore(sub(items, 0x20), or(0xf90000, size))
                        ref := keccak256(sub(items, 3), add(size, 3))
                    }
                }
            }

            // Puts words where a branch of sixteen hashes has them. Between them stands what makes hashes of them.
            function spread(from, line) {
                mstore(add(line, 1), mload(from))
                mstore(add(line, 34), mload(add(from, 0x20)))
                mstore(add(line, 67), mload(add(from, 0x40)))
                mstore(add(line, 100), mload(add(from, 0x60)))
                mstore(add(line, 133), mload(add(from, 0x80)))
                mstore(add(line, 166), mload(add(from, 0xa0)))
                mstore(add(line, 199), mload(add(from, 0xc0)))
                mstore(add(line, 232), mload(add(from, 0xe0)))
                mstore(add(line, 265), mload(add(from, 0x100)))
                mstore(add(line, 298), mload(add(from, 0x120)))
                mstore(add(line, 331), mload(add(from, 0x140)))
                mstore(add(line, 364), mload(add(from, 0x160)))
                mstore(add(line, 397), mload(add(from, 0x180)))
                mstore(add(line, 430), mload(add(from, 0x1a0)))
                mstore(add(line, 463), mload(add(from, 0x1c0)))
                mstore(add(line, 496), mload(add(from, 0x1e0)))
            }

            // Copies hash by hash, and says between them which children are missing.
            function few(from, to, mask) {
                mstore(to, EMPTIES)
                for {} mask {} {
                    let bit := and(mask, sub(0, mask))
                    mask := xor(mask, bit)
                    let place := add(to, byte(mod(bit, 19), BIT_NUMBERS))
                    mstore8(place, 0xa0)
                    mstore(add(place, 1), mload(from))
                    mstore(add(place, 33), EMPTIES)
                    from := add(from, 0x20)
                    to := add(to, 0x20)
                }
            }

            // Copies runs of hashes, and says between them which children are missing.
            function many(line, to, mask) {
                for {} mask {} {
                    let count := byte(mod(and(mask, sub(0, mask)), 19), BIT_NUMBERS)
                    mstore(to, EMPTIES)
                    to := add(to, count)
                    mask := shr(count, mask)
                    count := byte(mod(and(not(mask), add(mask, 1)), 19), BIT_NUMBERS)
                    mask := shr(count, mask)
                    count := mul(count, 33)
                    mcopy(to, line, count)
                    to := add(to, count)
                    line := add(line, count)
                }
                mstore(to, EMPTIES)
            }

            // Some children are embedded, and begin with their length.
            function sealMixed(from, masks) -> ref, size {
                let items := add(mload(0x40), NODE)
                let end_ := items
                for { let child := 0 } lt(child, 16) { child := add(child, 1) } {
                    switch and(shr(child, masks), 0x10001)
                    case 0 {
                        mstore8(end_, 0x80)
                        end_ := add(end_, 1)
                    }
                    case 1 {
                        end_ := putReference(end_, mload(from), 32)
                        from := add(from, 0x20)
                    }
                    default {
                        end_ := putReference(end_, mload(from), sub(byte(0, mload(from)), 0xbf))
                        from := add(from, 0x20)
                    }
                }
                mstore8(end_, 0x80)
                ref, size := seal(items, add(end_, 1))
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
                let kind := byte(0, calldataload(place))
                switch lt(first, behind)
                case 1 {
                    // Below an extension that a key follows there is a branch, written as a node.
                    if or(gt(kind, 2), gt(byte(0, calldataload(next)), 1)) { next := NOWHERE }
                    next, ref, size := node(next, first, behind, add(depth, count), at)
                }
                default {
                    ref := calldataload(next)
                    switch kind
                    case 2 {
                        next := add(next, 0x20)
                        size := 32
                    }
                    default {
                        next, ref := embedded(next, ref)
                        size := sub(byte(0, ref), 0xbf)
                    }
                }
                // Only now: what lies below is written in the same place.
                let items := add(mload(0x40), NODE)
                let end_ := putPath(items, shl(hidden, path), count, 0)
                ref, size := seal(items, putReference(end_, ref, size))
            }

            function leaf(place, from, to, depth) -> next, ref, size {
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
                let items := add(mload(0x40), NODE)
                let end_ := putPath(items, shl(shl(2, depth), key), sub(64, depth), 0x20)
                ref, size := sealLeaf(items, end_, integer, value, length)
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
            let line := add(mload(0x40), LINE)
            mstore(sub(line, 0x20), FULL_HEADER)
            for { let i := 0 } lt(i, 16) { i := add(i, 1) } { mstore8(add(line, mul(i, 33)), 0xa0) }
            mstore8(add(line, sub(FULL, 4)), 0x80)
            end, found, size := node(pool.offset, add(keys, 0x20), to, 0, add(mload(0x40), OPEN))
            end := sub(end, pool.offset)
            // The root is a hash in any case.
            if lt(size, 32) {
                mstore(0x00, found)
                found := keccak256(0x00, size)
            }
        }
    }
}
