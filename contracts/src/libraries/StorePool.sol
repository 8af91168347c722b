// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ics23Tree} from "./Ics23Tree.sol";
import {Raw} from "./Raw.sol";
import {StoreNode} from "./StoreNode.sol";

/// @title StorePool
/// @notice Decides what one pool shows to be under many keys in a store of a Cosmos chain, given the app hash in a
/// header.
/// @dev Entries and nodes are read from left to right, each node behind its children, and put together on a stack of
/// bounded size. It must never take for absence what could not be read, nor take two entries for neighbours between
/// which another may lie. What it reads behind the end of the pool is refused at the end: it goes forward only.
/// Addresses are those of bytes in calldata, those of the stack and of places in memory.
/// Spec: docs/formats/store-pool.md. Twin of `merkle::ics23::pool`; the plain twin, which makes single proofs of it, is
/// in test/clients/plain.
library StorePool {
    /// What is read so far.
    /// @param at Where the next node begins.
    /// @param next Where in memory the place of the next key is.
    /// @param behind Where their list ends.
    /// @param base Where the stack begins.
    /// @param top Where its next entry goes.
    /// @param lastAt Where the last key stands that was answered or shown.
    /// @param lastSize How many bytes it has.
    /// @param wasNeighbour Whether it is that of a neighbour.
    /// @param gap `GAP` if the last key was answered by nothing, and no entry came since; else 0.
    /// @param needsGap Whether the last entry is a neighbour without a gap before it, so that one has to follow.
    struct Walk {
        uint256 at;
        uint256 next;
        uint256 behind;
        uint256 base;
        uint256 top;
        uint256 lastAt;
        uint256 lastSize;
        bool wasNeighbour;
        uint256 gap;
        bool needsGap;
    }

    /// What is said of a present value that is no commitment: nothing has this hash.
    uint256 private constant NO_COMMITMENT = type(uint256).max;

    /// Kinds of nodes, as the high half of their first byte says.
    uint256 private constant ENTRY = 0;
    uint256 private constant ENTRY_OTHERWISE = 1;
    uint256 private constant NEIGHBOUR = 2;
    uint256 private constant NOTHING = 3;
    uint256 private constant JOINED = 4;
    uint256 private constant LEFT = 5;
    uint256 private constant RIGHT = 6;

    /// The longest pool, and most steps from the store to the app hash.
    uint256 private constant POOL_MAX = 1 << 20;
    uint256 private constant STORE_STEPS_MAX = 16;
    /// Most nodes that wait for a parent. The height of an inner node, which has one byte, is below it.
    uint256 private constant WAITING_MAX = 64;

    /// What is known of a node that waits, beside its hash: no entry of the tree is below it before its first one in
    /// the pool; none is behind its last one; something is absent before its first one; from bit 8 on its height.
    uint256 private constant KEEPS_LEFT = 1;
    uint256 private constant KEEPS_RIGHT = 2;
    uint256 private constant GAP = 4;
    uint256 private constant HEIGHT_SHIFT = 8;

    /// In the place of a key: how many bytes it has, and whether it is the key before it once more.
    uint256 private constant SIZE_SHIFT = 128;
    uint256 private constant SAME = 1 << 255;

    /// SHA-256 of nothing: the value of no entry.
    bytes32 private constant HASH_OF_NOTHING = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice What is under each of `keys`: its 32 bytes, the word of ones if it is another value, 0 if nothing is.
    /// @param store The store's name.
    /// @param keys In ascending order; the same one may come several times.
    function prove(bytes32 appHash, bytes memory store, bytes[] calldata keys, bytes calldata pool)
        internal
        view
        returns (bytes32[] memory values)
    {
        require(appHash != 0 && pool.length <= POOL_MAX, Ics23Tree.BadProof());
        uint256 end;
        Walk memory walk;
        (walk.at, end) = _rangeOf(pool);
        values = _placesOf(keys, walk);
        uint256 way = walk.at;
        uint256 steps = Raw.byteAt(way);
        unchecked {
            walk.at = way + 3 + 0x20 * steps;
            walk.base = Raw.reserve(0x40 * WAITING_MAX);
            walk.top = walk.base;
            while (walk.at < end) {
                uint256 kind = Raw.byteAt(walk.at) >> 4;
                if (kind >= LEFT) _climb(walk, end);
                else if (kind == JOINED) _join(walk);
                else if (kind == NOTHING) _nothing(walk);
                else _entry(walk, kind);
            }
        }
        require(walk.at == end, Ics23Tree.BadProof());
        bytes32 root = StoreNode.storeLeaf(store, _rootOf(walk));
        require(_climbStores(root, way, steps) == appHash, Ics23Tree.BadProof());
    }

    /// Where keys stand and how many bytes they have. They ascend.
    function _placesOf(bytes[] calldata keys, Walk memory walk) private pure returns (bytes32[] memory places) {
        uint256 count = keys.length;
        require(count != 0, Ics23Tree.BadProof());
        places = new bytes32[](count);
        uint256 to;
        assembly ("memory-safe") {
            to := add(places, 0x20)
        }
        walk.next = to;
        uint256 lastAt = 0;
        uint256 lastSize = 0;
        for (uint256 i = 0; i < count; ++i) {
            (uint256 at, uint256 end) = _rangeOf(keys[i]);
            unchecked {
                uint256 size = end - at;
                require(size != 0 && size <= Ics23Tree.KEY_MAX, Ics23Tree.BadProof());
                int256 order = Ics23Tree.compare(lastAt, lastSize, at, size);
                require(order <= 0, Ics23Tree.BadProof());
                Raw.put(to, (order == 0 ? SAME : 0) | size << SIZE_SHIFT | at);
                to += 0x20;
                (lastAt, lastSize) = (at, size);
            }
        }
        walk.behind = to;
    }

    /// An entry: that under the next key, or one beside an absent key.
    function _entry(Walk memory walk, uint256 kind) private view {
        uint256 node = walk.at;
        uint256 length = Raw.byteAt(node) & 0xf;
        StoreNode.checkVersion(Raw.wordAt(node + 1), length);
        uint256 gap = walk.gap;
        require(gap != 0 || !walk.needsGap, Ics23Tree.BadProof());
        bytes32 hash;
        unchecked {
            uint256 at = node + 1 + length;
            if (kind == NEIGHBOUR) {
                uint256 size = Raw.numberAt(at, 16);
                require(size != 0 && size <= Ics23Tree.KEY_MAX, Ics23Tree.BadProof());
                require(Ics23Tree.compare(walk.lastAt, walk.lastSize, at + 2, size) < 0, Ics23Tree.BadProof());
                (walk.lastAt, walk.lastSize, walk.wasNeighbour) = (at + 2, size, true);
                bytes32 value = bytes32(Raw.wordAt(at + 2 + size));
                require(value != HASH_OF_NOTHING, Ics23Tree.BadProof());
                hash = StoreNode.entry(node + 1, length, at + 2, size, value);
                walk.at = at + 0x22 + size;
                walk.needsGap = gap == 0;
            } else {
                uint256 size = 0x20;
                uint256 word = Raw.wordAt(at);
                if (kind == ENTRY_OTHERWISE) {
                    size = word >> 240;
                    at += 2;
                    require(size != 0 && (size != 0x20 || Raw.wordAt(at) == 0), Ics23Tree.BadProof());
                    word = NO_COMMITMENT;
                }
                require(word != 0, Ics23Tree.BadProof());
                _answer(walk, word);
                hash = StoreNode.entry(node + 1, length, walk.lastAt, walk.lastSize, StoreNode.valueHash(at, size));
                walk.at = at + size;
                walk.needsGap = false;
            }
            walk.gap = 0;
            uint256 top = walk.top;
            require(top != walk.base + 0x40 * WAITING_MAX, Ics23Tree.BadProof());
            _put(top, hash, KEEPS_LEFT | KEEPS_RIGHT | gap);
            walk.top = top + 0x40;
        }
    }

    /// Nothing is under the next key.
    function _nothing(Walk memory walk) private pure {
        require(Raw.byteAt(walk.at) == NOTHING << 4, Ics23Tree.BadProof());
        _answer(walk, 0);
        walk.gap = GAP;
        walk.needsGap = false;
        unchecked {
            ++walk.at;
        }
    }

    /// Answers the next key, as often as it was asked. It comes behind the neighbour before it.
    function _answer(Walk memory walk, uint256 value) private pure {
        uint256 next = walk.next;
        uint256 behind = walk.behind;
        require(next != behind, Ics23Tree.BadProof());
        uint256 place = Raw.load(next);
        uint256 at = uint128(place);
        // A mark may stand above the size.
        uint256 size = uint64(place >> SIZE_SHIFT);
        if (walk.wasNeighbour) {
            require(Ics23Tree.compare(walk.lastAt, walk.lastSize, at, size) < 0, Ics23Tree.BadProof());
            walk.wasNeighbour = false;
        }
        (walk.lastAt, walk.lastSize) = (at, size);
        unchecked {
            do {
                Raw.put(next, value);
                next += 0x20;
            } while (next != behind && Raw.load(next) >= SAME);
        }
        walk.next = next;
    }

    /// An inner node of which both children wait.
    function _join(Walk memory walk) private view {
        unchecked {
            uint256 top = walk.top;
            require(top >= walk.base + 0x80, Ics23Tree.BadProof());
            uint256 right = Raw.load(top - 0x20);
            uint256 left = Raw.load(top - 0x60);
            uint256 at = walk.at;
            uint256 length = Raw.byteAt(at) & 0xf;
            uint256 numbers = Raw.wordAt(at + 1);
            uint256 height = StoreNode.heightOf(numbers, length);
            require(height > left >> HEIGHT_SHIFT && height > right >> HEIGHT_SHIFT, Ics23Tree.BadProof());
            bool meet = left & KEEPS_RIGHT != 0 && right & KEEPS_LEFT != 0;
            require(meet || right & GAP == 0, Ics23Tree.BadProof());
            bytes32 hash = StoreNode.inner(numbers, length, Raw.load(top - 0x80), Raw.load(top - 0x40));
            _put(top - 0x80, hash, height << HEIGHT_SHIFT | left & (KEEPS_LEFT | GAP) | right & KEEPS_RIGHT);
            walk.top = top - 0x40;
            walk.at = at + 1 + length;
        }
    }

    /// Inner nodes of which the one below waits, as many as follow each other.
    function _climb(Walk memory walk, uint256 end) private view {
        unchecked {
            uint256 top = walk.top;
            require(top != walk.base, Ics23Tree.BadProof());
            uint256 node = Raw.load(top - 0x40);
            uint256 flags = Raw.load(top - 0x20);
            uint256 below = flags >> HEIGHT_SHIFT;
            uint256 at = walk.at;
            do {
                uint256 word = Raw.wordAt(at);
                uint256 kind = word >> 252;
                if (kind < LEFT) break;
                require(kind <= RIGHT, Ics23Tree.BadProof());
                uint256 length = (word >> 248) & 0xf;
                uint256 height = StoreNode.heightOf(word << 8, length);
                require(height > below, Ics23Tree.BadProof());
                below = height;
                at += 1 + length;
                uint256 sibling = Raw.wordAt(at);
                at += 0x20;
                if (kind == LEFT) {
                    flags &= ~KEEPS_RIGHT;
                    node = uint256(StoreNode.inner(word << 8, length, node, sibling));
                } else {
                    flags &= ~KEEPS_LEFT;
                    node = uint256(StoreNode.inner(word << 8, length, sibling, node));
                }
            } while (at < end);
            _put(top - 0x40, bytes32(node), below << HEIGHT_SHIFT | flags & 0xff);
            walk.at = at;
        }
    }

    /// What is left is one node, all keys are answered, and what is absent before and behind all entries is so in the
    /// tree.
    function _rootOf(Walk memory walk) private pure returns (bytes32) {
        unchecked {
            bool whole = walk.next == walk.behind && !walk.needsGap && walk.top == walk.base + 0x40;
            require(whole, Ics23Tree.BadProof());
        }
        uint256 flags = Raw.load(walk.base + 0x20);
        require(flags & GAP == 0 || flags & KEEPS_LEFT != 0, Ics23Tree.BadProof());
        require(walk.gap == 0 || flags & KEEPS_RIGHT != 0, Ics23Tree.BadProof());
        return bytes32(Raw.load(walk.base));
    }

    /// From the leaf of the store to the app hash. The way stands at `at`: how many steps, on which side the child is
    /// at each, the lowest bit first, and the siblings.
    function _climbStores(bytes32 node, uint256 at, uint256 steps) private view returns (bytes32) {
        unchecked {
            uint256 sides = Raw.numberAt(at + 1, 16);
            require(steps <= STORE_STEPS_MAX && sides >> steps == 0, Ics23Tree.BadProof());
            at += 3;
            for (uint256 i = 0; i < steps; ++i) {
                bytes32 sibling = bytes32(Raw.wordAt(at));
                node = (sides >> i) & 1 == 1 ? StoreNode.simple(sibling, node) : StoreNode.simple(node, sibling);
                at += 0x20;
            }
        }
        return node;
    }

    function _put(uint256 to, bytes32 hash, uint256 flags) private pure {
        assembly ("memory-safe") {
            mstore(to, hash)
            mstore(add(to, 0x20), flags)
        }
    }

    /// Where bytes begin and end.
    function _rangeOf(bytes calldata text) private pure returns (uint256 at, uint256 end) {
        assembly ("memory-safe") {
            at := text.offset
            end := add(at, text.length)
        }
    }
}
