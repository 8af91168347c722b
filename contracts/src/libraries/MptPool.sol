// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PoolNode} from "./PoolNode.sol";

/// @title MptPool
/// @notice Judges one proof for many storage slots: a pool of trie nodes, each of them once, that leaves out every hash
/// which can be computed from what is there.
/// @dev It decides what the pool shows for each key, and refuses everything else; whether the root may be believed is
/// for the client. All nodes are written anew, so no form but the canonical one can hash to the root.
/// Spec: docs/formats/pool.md. Twin of `merkle::mpt::pool`.
library MptPool {
    /// The pool shows nothing under `root`: it is not the one pool for these keys in this trie.
    error InvalidPool(bytes32 root);

    /// What is the same at every node.
    struct Walk {
        /// Behind the last byte of the pool.
        uint256 end;
        /// From the address of a key to that of its value.
        uint256 distance;
        /// What the nodes have to lead to.
        bytes32 root;
    }

    /// Where a node stands, and where it is written.
    struct Place {
        /// Address of the first key that leads there, and the one behind the last.
        uint256 from;
        uint256 to;
        /// Nibbles of them that lie behind.
        uint256 depth;
        /// Whether the node above is an extension.
        bool belowExtension;
    }

    /// Root of a trie without entries.
    bytes32 private constant EMPTY_ROOT = 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421;

    /// Kinds of nodes. The next number is the same kind with embedded children that no key leads to; for a leaf, one
    /// that is not that of all keys that lead there.
    uint256 private constant BRANCH = 0;
    uint256 private constant EXTENSION = 2;
    uint256 private constant LEAF = 4;

    /// @notice What `pool` shows under `root` for each of `keys`, which ascend: zero is proven absence.
    /// @param keys As the trie uses them, already hashed; the same one may come several times.
    function prove(bytes32 root, bytes32[] memory keys, bytes calldata pool)
        internal
        pure
        returns (bytes32[] memory values)
    {
        require(root != 0 && root != EMPTY_ROOT && keys.length != 0, InvalidPool(root));
        for (uint256 i = 1; i < keys.length; ++i) {
            require(keys[i - 1] <= keys[i], InvalidPool(root));
        }
        values = new bytes32[](keys.length);
        Walk memory walk;
        Place memory place;
        uint256 at;
        walk.root = root;
        assembly ("memory-safe") {
            at := pool.offset
            mstore(walk, add(at, pool.length))
            mstore(add(walk, 0x20), sub(values, keys))
            mstore(place, add(keys, 0x20))
            mstore(add(place, 0x20), add(add(keys, 0x20), shl(5, mload(keys))))
        }
        uint256 written;
        (at, written) = _node(walk, at, place);
        require(at == walk.end && PoolNode.hash(written) == root, InvalidPool(root));
    }

    /// The node at `at` and all below it: the address behind it, and where it is written.
    function _node(Walk memory walk, uint256 at, Place memory place)
        private
        pure
        returns (uint256 next, uint256 written)
    {
        _need(walk, at, 1);
        unchecked {
            uint256 kind = _byte(at);
            bool special = kind & 1 != 0;
            kind &= ~uint256(1);
            require(!place.belowExtension || kind == BRANCH, InvalidPool(walk.root));
            if (kind == BRANCH) return _branch(walk, at + 1, place, special);
            if (kind == EXTENSION) return _extension(walk, at + 1, place, special);
            require(kind == LEAF, InvalidPool(walk.root));
            return _leaf(walk, at + 1, place, special);
        }
    }

    function _branch(Walk memory walk, uint256 at, Place memory place, bool hasEmbedded)
        private
        pure
        returns (uint256, uint256)
    {
        // Bound: addresses and depths are small; so in all that follows.
        unchecked {
            require(place.depth < 64, InvalidPool(walk.root));
            uint256 size = hasEmbedded ? 4 : 2;
            _need(walk, at, size);
            uint256 mask = _word(at) >> 240;
            uint256 embedded = hasEmbedded ? (_word(at) >> 224) & 0xffff : 0;
            // At least two children, embedded ones among them, and some of those if it is said so.
            bool valid = mask & (mask - 1) != 0 && embedded & ~mask == 0 && (embedded != 0) == hasEmbedded;
            require(valid, InvalidPool(walk.root));
            at += size;
            uint256 items = PoolNode.begin();
            uint256 end = items;
            Place memory below;
            below.to = place.from;
            below.depth = place.depth + 1;
            for (uint256 child = 0; child < 16; ++child) {
                below.from = below.to;
                below.to = _follow(below.from, place.to, place.depth, 1, child);
                bool isEmbedded = (embedded >> child) & 1 != 0;
                if ((mask >> child) & 1 == 0) {
                    end = PoolNode.putEmpty(end);
                } else if (below.from == below.to) {
                    (at, end) = _copyChild(walk, at, end, isEmbedded);
                } else {
                    require(!isEmbedded, InvalidPool(walk.root));
                    (at, end) = _putChild(walk, at, end, below);
                }
            }
            return (at, PoolNode.finish(items, PoolNode.putEmpty(end)));
        }
    }

    function _extension(Walk memory walk, uint256 at, Place memory place, bool hasEmbedded)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            _need(walk, at, 1);
            uint256 count = _byte(at++);
            require(count != 0 && place.depth + count < 64, InvalidPool(walk.root));
            uint256 size = (count + 1) / 2;
            _need(walk, at, size);
            uint256 path = _word(at) >> (256 - 4 * count);
            // The padding of an odd number of nibbles is zero.
            require(path << (8 * size - 4 * count) == _word(at) >> (256 - 8 * size), InvalidPool(walk.root));
            at += size;
            Place memory below = Place(place.from, place.to, place.depth + count, true);
            // Keys that part from the path come before those that follow it, or behind them.
            while (
                below.from < place.to && _follow(below.from, below.from + 0x20, place.depth, count, path) == below.from
            ) below.from += 0x20;
            below.to = _follow(below.from, place.to, place.depth, count, path);
            uint256 items = PoolNode.begin();
            uint256 end = PoolNode.putPath(items, path << (256 - 4 * count), count, false);
            if (below.from == below.to) {
                (at, end) = _copyChild(walk, at, end, hasEmbedded);
            } else {
                require(!hasEmbedded, InvalidPool(walk.root));
                (at, end) = _putChild(walk, at, end, below);
            }
            return (at, PoolNode.finish(items, end));
        }
    }

    function _leaf(Walk memory walk, uint256 at, Place memory place, bool isOther)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 key = isOther ? _word(at) : _key(place.from);
            if (isOther) at += 32;
            _need(walk, at, 1);
            uint256 size = _byte(at++);
            _need(walk, at, size);
            // An integer of 1 to 32 bytes without leading zeros.
            require(size != 0 && size <= 32 && _byte(at) != 0, InvalidPool(walk.root));
            uint256 value = _word(at) >> (256 - 8 * size);
            require(_note(walk, place, key, value) == isOther, InvalidPool(walk.root));
            uint256 items = PoolNode.begin();
            uint256 end = PoolNode.putPath(items, key << (4 * place.depth), 64 - place.depth, true);
            return (at + size, PoolNode.finish(items, PoolNode.putInteger(end, value, size)));
        }
    }

    /// Notes `value` for the keys that are `key`; whether there are others.
    function _note(Walk memory walk, Place memory place, uint256 key, uint256 value)
        private
        pure
        returns (bool others)
    {
        unchecked {
            for (uint256 each = place.from; each < place.to; each += 0x20) {
                uint256 difference = _key(each) ^ key;
                // A leaf belongs where it stands: its key begins as all do that lead there.
                require(difference >> (256 - 4 * place.depth) == 0, InvalidPool(walk.root));
                if (difference != 0) {
                    others = true;
                    continue;
                }
                uint256 distance = walk.distance;
                assembly ("memory-safe") {
                    mstore(add(each, distance), value)
                }
            }
        }
    }

    /// Reads the child at `at` and puts its reference to `end`.
    function _putChild(Walk memory walk, uint256 at, uint256 end, Place memory place)
        private
        pure
        returns (uint256 next, uint256)
    {
        uint256 free = PoolNode.mark();
        uint256 written;
        (next, written) = _node(walk, at, place);
        end = PoolNode.putReference(end, written);
        PoolNode.release(free);
        return (next, end);
    }

    /// Copies the reference to a child that no key leads to: its hash, or a list below 32 bytes.
    function _copyChild(Walk memory walk, uint256 at, uint256 end, bool isEmbedded)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 size = 32;
            if (isEmbedded) {
                // From two bytes to 31: an empty list is no node, and a longer one would be hashed.
                size = _byte(at) - 0xbf;
                require(size - 2 <= 29, InvalidPool(walk.root));
            }
            _need(walk, at, size);
            uint256 word = _word(at);
            return (at + size, isEmbedded ? PoolNode.put(end, word, size) : PoolNode.putHash(end, word));
        }
    }

    /// The first key from `from` on, and before `to`, whose `count` nibbles behind `depth` are not `path`.
    function _follow(uint256 from, uint256 to, uint256 depth, uint256 count, uint256 path)
        private
        pure
        returns (uint256)
    {
        unchecked {
            while (from < to && (_key(from) << (4 * depth)) >> (256 - 4 * count) == path) from += 0x20;
            return from;
        }
    }

    /// `size` bytes of the pool are left at `at`.
    function _need(Walk memory walk, uint256 at, uint256 size) private pure {
        unchecked {
            require(at + size <= walk.end, InvalidPool(walk.root));
        }
    }

    function _key(uint256 at) private pure returns (uint256 key) {
        assembly ("memory-safe") {
            key := mload(at)
        }
    }

    function _word(uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(at)
        }
    }

    function _byte(uint256 at) private pure returns (uint256) {
        return _word(at) >> 248;
    }
}
