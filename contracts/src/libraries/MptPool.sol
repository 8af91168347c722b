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
    /// The pool shows nothing under this root: it is not the one pool for these keys in this trie. The error of light
    /// clients whose storage proof does not fit.
    error StorageProof(bytes32 storageRoot);

    /// What is the same at every node.
    struct Walk {
        /// Behind the last byte of the pool.
        uint256 end;
        /// From the address of a key to that of its value.
        uint256 distance;
        /// What the nodes have to lead to.
        bytes32 root;
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
        require(root != 0 && root != EMPTY_ROOT && keys.length != 0, StorageProof(root));
        for (uint256 i = 1; i < keys.length; ++i) {
            require(keys[i - 1] <= keys[i], StorageProof(root));
        }
        values = new bytes32[](keys.length);
        Walk memory walk;
        uint256 start;
        uint256 from;
        uint256 to;
        walk.root = root;
        assembly ("memory-safe") {
            start := pool.offset
            mstore(walk, add(start, pool.length))
            mstore(add(walk, 0x20), sub(values, keys))
            from := add(keys, 0x20)
            to := add(from, shl(5, mload(keys)))
        }
        (uint256 end, uint256 written) = _node(walk, start, from, to, 0);
        require(end == walk.end && PoolNode.hash(written) == root, StorageProof(root));
    }

    /// The node at `place` and all below it.
    /// @param from Address of the first key that leads there. All that do begin with the same `depth` nibbles.
    /// @param to Address behind the last one.
    /// @param depth Nibbles of them that lie behind.
    /// @return next Address behind the node and all below it.
    /// @return written Where the node is written; see `PoolNode.finish`.
    function _node(Walk memory walk, uint256 place, uint256 from, uint256 to, uint256 depth)
        private
        pure
        returns (uint256 next, uint256 written)
    {
        unchecked {
            _need(walk, place, 1);
            uint256 kind = _byte(place);
            if (kind <= BRANCH + 1) return _branch(walk, place, from, to, depth);
            if (kind <= EXTENSION + 1) return _extension(walk, place, from, to, depth);
            require(kind <= LEAF + 1, StorageProof(walk.root));
            return _leaf(walk, place, from, to, depth);
        }
    }

    function _branch(Walk memory walk, uint256 place, uint256 from, uint256 to, uint256 depth)
        private
        pure
        returns (uint256, uint256)
    {
        // Bound: addresses and depths are small; so in all that follows.
        unchecked {
            // Both masks, the one of embedded children in the upper half.
            uint256 masks;
            (place, masks) = _masks(walk, place, depth);
            uint256 items = PoolNode.begin();
            uint256 end = items;
            uint256 child = 0;
            while (from < to) {
                (uint256 nibble, uint256 next) = _siblings(from, to, depth);
                (place, end) = _copyChildren(walk, place, end, masks, child, nibble);
                if ((masks >> nibble) & 1 == 0) {
                    end = PoolNode.putEmpty(end);
                } else {
                    require((masks >> (16 + nibble)) & 1 == 0, StorageProof(walk.root));
                    (place, end) = _putChild(walk, place, end, from, next, depth + 1);
                }
                (from, child) = (next, nibble + 1);
            }
            (place, end) = _copyChildren(walk, place, end, masks, child, 16);
            return (place, PoolNode.finish(items, PoolNode.putEmpty(end)));
        }
    }

    /// What children a branch has, and which of them stand in it themselves.
    function _masks(Walk memory walk, uint256 place, uint256 depth) private pure returns (uint256, uint256) {
        unchecked {
            bool hasEmbedded = _byte(place) != BRANCH;
            uint256 size = hasEmbedded ? 5 : 3;
            _need(walk, place, size);
            uint256 mask = (_word(place) >> 232) & 0xffff;
            uint256 embedded = hasEmbedded ? (_word(place) >> 216) & 0xffff : 0;
            // At least two children, embedded ones among them, and some of those if it is said so.
            bool valid = mask & (mask - 1) != 0 && embedded & ~mask == 0 && (embedded != 0) == hasEmbedded;
            require(valid && depth < 64, StorageProof(walk.root));
            return (place + size, embedded << 16 | mask);
        }
    }

    /// Copies the references to the children from `child` on and before `stop`, to which no key leads.
    function _copyChildren(Walk memory walk, uint256 place, uint256 end, uint256 masks, uint256 child, uint256 stop)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            if (masks == 0xffff) {
                end = PoolNode.putHashes(end, place, stop - child);
                place += 32 * (stop - child);
                _need(walk, place, 0);
                return (place, end);
            }
            if (masks < 0xffff) {
                (place, end) = PoolNode.putSomeHashes(end, place, masks, child, stop);
                _need(walk, place, 0);
                return (place, end);
            }
            for (; child < stop; ++child) {
                if ((masks >> child) & 1 == 0) end = PoolNode.putEmpty(end);
                else (place, end) = _copyChild(walk, place, end, (masks >> (16 + child)) & 1 != 0);
            }
            return (place, end);
        }
    }

    function _extension(Walk memory walk, uint256 place, uint256 from, uint256 to, uint256 depth)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            _need(walk, place, 2);
            bool hasEmbedded = _byte(place) != EXTENSION;
            uint256 count = _byte(place + 1);
            place += 2;
            require(count != 0 && depth + count < 64, StorageProof(walk.root));
            uint256 size = (count + 1) / 2;
            _need(walk, place, size);
            uint256 path = _word(place) >> (256 - 4 * count);
            // The padding of an odd number of nibbles is zero.
            require(path << (8 * size - 4 * count) == _word(place) >> (256 - 8 * size), StorageProof(walk.root));
            place += size;
            // Keys that part from the path come before those that follow it, or behind them.
            while (from < to && !_follows(from, depth, count, path)) from += 0x20;
            uint256 next = from;
            while (next < to && _follows(next, depth, count, path)) next += 0x20;
            uint256 items = PoolNode.begin();
            uint256 end = PoolNode.putPath(items, path << (256 - 4 * count), count, false);
            if (from == next) {
                (place, end) = _copyChild(walk, place, end, hasEmbedded);
            } else {
                // Below an extension there is a branch.
                require(!hasEmbedded && _byte(place) <= BRANCH + 1, StorageProof(walk.root));
                (place, end) = _putChild(walk, place, end, from, next, depth + count);
            }
            return (place, PoolNode.finish(items, end));
        }
    }

    function _leaf(Walk memory walk, uint256 place, uint256 from, uint256 to, uint256 depth)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            bool isOther = _byte(place) != LEAF;
            uint256 key = isOther ? _word(place + 1) : _key(from);
            place += isOther ? 33 : 1;
            _need(walk, place, 1);
            uint256 size = _byte(place++);
            _need(walk, place, size);
            // An integer of 1 to 32 bytes without leading zeros.
            require(size != 0 && size <= 32 && _byte(place) != 0, StorageProof(walk.root));
            uint256 value = _word(place) >> (256 - 8 * size);
            require(_note(walk, from, to, depth, key, value) == isOther, StorageProof(walk.root));
            uint256 items = PoolNode.begin();
            uint256 end = PoolNode.putPath(items, key << (4 * depth), 64 - depth, true);
            return (place + size, PoolNode.finish(items, PoolNode.putInteger(end, value, size)));
        }
    }

    /// Notes `value` for the keys that are `key`; whether there are others.
    function _note(Walk memory walk, uint256 from, uint256 to, uint256 depth, uint256 key, uint256 value)
        private
        pure
        returns (bool others)
    {
        unchecked {
            uint256 distance = walk.distance;
            for (; from < to; from += 0x20) {
                uint256 difference = _key(from) ^ key;
                // A leaf belongs where it stands: its key begins as all do that lead there.
                require(difference >> (256 - 4 * depth) == 0, StorageProof(walk.root));
                if (difference != 0) {
                    others = true;
                    continue;
                }
                assembly ("memory-safe") {
                    mstore(add(from, distance), value)
                }
            }
        }
    }

    /// Reads the child at `place`, to which a key leads, and puts its reference to `end`.
    function _putChild(Walk memory walk, uint256 place, uint256 end, uint256 from, uint256 to, uint256 depth)
        private
        pure
        returns (uint256 next, uint256)
    {
        uint256 free = PoolNode.mark();
        uint256 written;
        (next, written) = _node(walk, place, from, to, depth);
        end = PoolNode.putReference(end, written);
        PoolNode.release(free);
        return (next, end);
    }

    /// Copies the reference to a child that no key leads to: its hash, or a list below 32 bytes.
    function _copyChild(Walk memory walk, uint256 place, uint256 end, bool isEmbedded)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 size = 32;
            if (isEmbedded) {
                // From two bytes to 31: an empty list is no node, and a longer one would be hashed.
                size = _byte(place) - 0xbf;
                require(size - 2 <= 29, StorageProof(walk.root));
            }
            _need(walk, place, size);
            uint256 word = _word(place);
            return (place + size, isEmbedded ? PoolNode.put(end, word, size) : PoolNode.putHash(end, word));
        }
    }

    /// Whether the nibbles of a key behind `depth` are those of a path.
    function _follows(uint256 key, uint256 depth, uint256 count, uint256 path) private pure returns (bool) {
        unchecked {
            return (_key(key) << (4 * depth)) >> (256 - 4 * count) == path;
        }
    }

    /// The nibble behind `depth` of the first key, and the address of the first key that has another.
    function _siblings(uint256 from, uint256 to, uint256 depth) private pure returns (uint256 nibble, uint256 next) {
        assembly ("memory-safe") {
            let shift := sub(252, shl(2, depth))
            nibble := and(shr(shift, mload(from)), 0xf)
            next := add(from, 0x20)
            for {} lt(next, to) { next := add(next, 0x20) } {
                if xor(and(shr(shift, mload(next)), 0xf), nibble) { break }
            }
        }
    }

    /// `size` bytes of the pool are left at `place`.
    function _need(Walk memory walk, uint256 place, uint256 size) private pure {
        unchecked {
            require(place + size <= walk.end, StorageProof(walk.root));
        }
    }

    function _key(uint256 place) private pure returns (uint256 key) {
        assembly ("memory-safe") {
            key := mload(place)
        }
    }

    function _word(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(place)
        }
    }

    function _byte(uint256 place) private pure returns (uint256) {
        return _word(place) >> 248;
    }
}
