// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PoolMaker
/// @notice Makes pools by the format's grammar (docs/formats/pool.md), of any shape: what the tries of the vectors do
/// not happen to hold.
/// @dev It does not know what a pool proves, only how one is written.
library PoolMaker {
    struct Making {
        uint256 seed;
        bytes32[] keys;
        bytes pool;
        /// The rule that is broken at the first place where it can be; 0 = none, or it was.
        uint256 fault;
    }

    uint256 internal constant FAULTS = 14;

    /// @notice Some keys in ascending order, with beginnings of any length in common, and a pool for them.
    function make(uint256 seed) internal pure returns (bytes32[] memory keys, bytes memory pool) {
        (keys, pool,) = makeWith(seed, 0);
    }

    /// @notice The same with one rule broken, if the pool came to a place for it.
    /// @param fault Which one, 1 to `FAULTS`.
    function makeWith(uint256 seed, uint256 fault)
        internal
        pure
        returns (bytes32[] memory keys, bytes memory pool, bool broken)
    {
        Making memory making;
        making.seed = seed;
        making.fault = fault;
        making.keys = _keys(making);
        _node(making, 0, making.keys.length, 0, false);
        return (making.keys, making.pool, fault != making.fault);
    }

    /// @dev Whether to break this rule here.
    function _breaks(Making memory making, uint256 fault, bool can) private pure returns (bool) {
        if (!can || making.fault != fault) return false;
        making.fault = 0;
        return true;
    }

    function _keys(Making memory making) private pure returns (bytes32[] memory keys) {
        keys = new bytes32[](1 + _draw(making, 7));
        uint256 base = _draw(making, 2) == 0 ? 0 : _word(making);
        for (uint256 i = 0; i < keys.length; ++i) {
            // Shares so many nibbles with the others, near the beginning or near the end.
            uint256 shared = _draw(making, 3) == 0 ? _draw(making, 65) : _draw(making, 4);
            uint256 mask = type(uint256).max >> (4 * shared);
            bytes32 key = bytes32((base & ~mask) | (_word(making) & mask));
            uint256 place = i;
            for (; place != 0 && keys[place - 1] > key; --place) {
                keys[place] = keys[place - 1];
            }
            keys[place] = key;
        }
    }

    function _node(Making memory making, uint256 from, uint256 to, uint256 depth, bool mustBranch) private pure {
        uint256 kind = _draw(making, 8);
        // Deep down there is room for leaves only.
        if (mustBranch || (depth < 64 && kind < (to - from == 1 ? 2 : 5))) _branch(making, from, to, depth);
        else if (depth < 63 && kind < 6) _extension(making, from, to, depth);
        else _leaf(making, from, to, depth);
    }

    function _branch(Making memory making, uint256 from, uint256 to, uint256 depth) private pure {
        // Behind an extension that goes nowhere.
        if (_breaks(making, 1, true)) making.pool = bytes.concat(making.pool, hex"0200");
        uint256 mask = _draw(making, 3) == 0 ? 0xffff : _draw(making, 0x10000);
        uint256 ledTo = 0;
        for (uint256 i = from; i < to; ++i) {
            ledTo |= 1 << _nibble(making.keys[i], depth);
        }
        // Now and then a key leads to nothing.
        if (_draw(making, 4) != 0) mask |= ledTo;
        while (mask & (mask - (mask == 0 ? 0 : 1)) == 0) mask |= 1 << _draw(making, 16);
        uint256 one = 1 << _nibble(making.keys[from], depth);
        if (_breaks(making, 2, ledTo == one)) mask = one;
        uint256 embedded = _draw(making, 4) == 0 ? mask & ~ledTo & _draw(making, 0x10000) : 0;
        if (_breaks(making, 3, mask & one != 0)) embedded |= one;
        if (_breaks(making, 4, mask != 0xffff)) embedded |= ~mask & 0xffff;
        making.pool = embedded == 0 && !_breaks(making, 5, embedded == 0)
            ? bytes.concat(making.pool, hex"00", bytes2(uint16(mask)))
            : bytes.concat(making.pool, hex"01", bytes2(uint16(mask)), bytes2(uint16(embedded)));
        for (uint256 child = 0; child < 16; ++child) {
            uint256 next = from;
            while (next < to && _nibble(making.keys[next], depth) == child) ++next;
            if ((mask >> child) % 2 == 1) {
                if (from != next) _node(making, from, next, depth + 1, false);
                else _copied(making, (embedded >> child) % 2 == 1);
            }
            from = next;
        }
    }

    function _extension(Making memory making, uint256 from, uint256 to, uint256 depth) private pure {
        uint256 room = 63 - depth;
        uint256 count = 1 + _draw(making, _draw(making, 2) == 0 ? room : (room < 4 ? room : 4));
        // The way of a key, or any.
        uint256 way = uint256(making.keys[from + _draw(making, to - from)]) << (4 * depth);
        if (_draw(making, 4) == 0) way = _word(making);
        way = way >> (256 - 4 * count);
        while (from < to && !_follows(making.keys[from], depth, count, way)) ++from;
        uint256 next = from;
        while (next < to && _follows(making.keys[next], depth, count, way)) ++next;
        bool isEmbedded = _breaks(making, 6, from != next) || (from == next && _draw(making, 2) == 0);
        making.pool = bytes.concat(making.pool, isEmbedded ? bytes1(0x03) : bytes1(0x02), bytes1(uint8(count)));
        for (uint256 i = 0; i < count; i += 2) {
            uint256 padding = _breaks(making, 7, i + 1 == count) ? 1 + _draw(making, 15) : 0;
            uint256 pair = i + 1 == count ? (way % 16) * 16 + padding : (way >> (4 * (count - 2 - i))) % 256;
            making.pool = bytes.concat(making.pool, bytes1(uint8(pair)));
        }
        if (from == next) _copied(making, isEmbedded);
        else if (_breaks(making, 8, true)) _leaf(making, from, next, depth + count);
        else _node(making, from, next, depth + count, true);
    }

    function _leaf(Making memory making, uint256 from, uint256 to, uint256 depth) private pure {
        bytes32 key = making.keys[from + _draw(making, to - from)];
        if (_draw(making, 4) == 0) key ^= bytes32(depth == 64 ? 0 : _word(making) >> (4 * depth));
        // It does not belong where it stands.
        if (_breaks(making, 9, depth != 0)) key ^= bytes32(uint256(1) << 252);
        bool isOther = making.keys[from] != key || making.keys[to - 1] != key;
        uint256 size = 1 + _draw(making, _draw(making, 2) == 0 ? 2 : 32);
        bytes memory value = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            value[i] = bytes1(uint8(i == 0 ? 1 + _draw(making, 255) : _draw(making, 256)));
        }
        if (_breaks(making, 10, true)) value[0] = 0;
        bool other = isOther;
        if (_breaks(making, 11, !isOther)) other = true;
        if (_breaks(making, 12, isOther && key == making.keys[from])) other = false;
        bytes1 kind = _breaks(making, 13, other) ? bytes1(uint8(6 + _draw(making, 250))) : bytes1(0x05);
        bytes memory head = other ? bytes.concat(kind, key) : bytes(hex"04");
        making.pool = bytes.concat(making.pool, head, bytes1(uint8(size)), value);
    }

    /// @dev A child that no key leads to.
    function _copied(Making memory making, bool isEmbedded) private pure {
        if (!isEmbedded) {
            making.pool = bytes.concat(making.pool, bytes32(_word(making)));
            return;
        }
        uint256 size = _breaks(making, 14, true) ? 0 : 1 + _draw(making, 30);
        bytes memory content = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            content[i] = bytes1(uint8(_draw(making, 256)));
        }
        making.pool = bytes.concat(making.pool, bytes1(uint8(0xc0 + size)), content);
    }

    function _follows(bytes32 key, uint256 depth, uint256 count, uint256 way) private pure returns (bool) {
        return (uint256(key) << (4 * depth)) >> (256 - 4 * count) == way;
    }

    function _nibble(bytes32 key, uint256 at) private pure returns (uint256) {
        return (uint256(key) >> (252 - 4 * at)) % 16;
    }

    function _draw(Making memory making, uint256 count) private pure returns (uint256) {
        return _word(making) % count;
    }

    function _word(Making memory making) private pure returns (uint256) {
        making.seed = uint256(keccak256(abi.encode(making.seed)));
        return making.seed;
    }
}
