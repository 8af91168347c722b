// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainSsz} from "./PlainSsz.sol";

/// @title PlainPool
/// @notice The reader of pools without assembly, written after docs/formats/pool.md and not after the library: every
/// node is put together from whole strings, and every rule has its name.
/// @dev When a rule is broken that leaves a meaning to the rest, it notes the rule and reads on. So it knows which root
/// a reader would come to that overlooks the rule, and the tests can offer that root.
library PlainPool {
    struct Reading {
        bytes pool;
        bytes32[] keys;
        /// How many bytes are consumed.
        uint256 at;
        /// The hash of the first node.
        bytes32 root;
        /// What the pool shows for each key.
        bytes32[] values;
        /// The first rule that is broken; empty if none is.
        string broken;
    }

    /// @notice Reads a pool to its end, whatever its root should be. Reverts where no meaning is left.
    function read(bytes32[] memory keys, bytes memory pool) internal pure returns (Reading memory reading) {
        require(keys.length != 0, "no leaves");
        for (uint256 i = 1; i < keys.length; ++i) {
            require(keys[i - 1] <= keys[i], "key order");
        }
        reading.pool = pool;
        reading.keys = keys;
        reading.values = new bytes32[](keys.length);
        reading.root = keccak256(_node(reading, 0, keys.length, 0, false));
        _check(reading, reading.at == pool.length, "trailing bytes");
    }

    /// @dev The encoding of the next node, to which the keys `from..to` lead behind `depth` nibbles.
    function _node(Reading memory reading, uint256 from, uint256 to, uint256 depth, bool belowExtension)
        private
        pure
        returns (bytes memory)
    {
        uint256 kind = _number(reading, 1);
        _check(reading, !belowExtension || kind <= 1, "extension child");
        _check(reading, kind <= 5, "pool kind");
        if (kind <= 1) return _branch(reading, from, to, depth, kind == 1);
        if (kind <= 3) return _extension(reading, from, to, depth, kind == 3);
        return _leaf(reading, from, to, depth, kind != 4);
    }

    function _branch(Reading memory reading, uint256 from, uint256 to, uint256 depth, bool hasEmbedded)
        private
        pure
        returns (bytes memory)
    {
        require(depth < 64, "path length");
        uint256 mask = _number(reading, 2);
        uint256 embedded = hasEmbedded ? _number(reading, 2) : 0;
        _check(reading, !hasEmbedded || embedded != 0, "pool mask");
        uint256 children = 0;
        bytes memory items;
        for (uint256 child = 0; child < 16; ++child) {
            bool isThere = (mask >> child) % 2 == 1;
            bool isEmbedded = (embedded >> child) % 2 == 1;
            _check(reading, isThere || !isEmbedded, "pool mask");
            uint256 next = from;
            while (next < to && _nibble(reading.keys[next], depth) == child) ++next;
            if (isThere) {
                ++children;
                items = bytes.concat(items, _child(reading, from, next, depth + 1, isEmbedded, false));
            } else {
                items = bytes.concat(items, hex"80");
            }
            from = next;
        }
        _check(reading, children >= 2, "pool mask");
        return _list(bytes.concat(items, hex"80"));
    }

    function _extension(Reading memory reading, uint256 from, uint256 to, uint256 depth, bool hasEmbedded)
        private
        pure
        returns (bytes memory)
    {
        uint256 count = _number(reading, 1);
        _check(reading, count != 0, "pool path");
        require(depth + count < 64, "path length");
        bytes memory path = _nibbles(_take(reading, (count + 1) / 2));
        if (count % 2 == 1) _check(reading, path[count] == 0, "pool path");
        path = PlainSsz.cut(path, 0, count);
        while (from < to && !_follows(reading.keys[from], depth, path)) ++from;
        uint256 next = from;
        while (next < to && _follows(reading.keys[next], depth, path)) ++next;
        bytes memory child = _child(reading, from, next, depth + count, hasEmbedded, true);
        return _list(bytes.concat(_string(_compact(0, path)), child));
    }

    /// @dev What a node holds in the place of a child: read as a node if keys lead there, copied otherwise.
    function _child(
        Reading memory reading,
        uint256 from,
        uint256 to,
        uint256 depth,
        bool isEmbedded,
        bool belowExtension
    ) private pure returns (bytes memory) {
        if (from != to) {
            _check(reading, !isEmbedded, "embedded child is led to");
            bytes memory node = _node(reading, from, to, depth, belowExtension);
            return node.length < 32 ? node : _string(bytes.concat(keccak256(node)));
        }
        if (!isEmbedded) return _string(_take(reading, 32));
        uint256 prefix = reading.at < reading.pool.length ? uint8(reading.pool[reading.at]) : 0;
        // A list whose content and header are below 32 bytes.
        require(prefix >= 0xc0 && prefix - 0xc0 < 31, "child reference");
        _check(reading, prefix != 0xc0, "child reference");
        return _take(reading, 1 + prefix - 0xc0);
    }

    function _leaf(Reading memory reading, uint256 from, uint256 to, uint256 depth, bool isOther)
        private
        pure
        returns (bytes memory)
    {
        bytes32 key = isOther ? bytes32(_take(reading, 32)) : reading.keys[from];
        uint256 size = _number(reading, 1);
        require(size <= 32, "integer");
        bytes memory value = _take(reading, size);
        _check(reading, size != 0, "zero slot");
        _check(reading, size == 0 || value[0] != 0, "integer");
        bool others = false;
        for (uint256 i = from; i < to; ++i) {
            for (uint256 at = 0; at < depth; ++at) {
                _check(reading, _nibble(key, at) == _nibble(reading.keys[i], at), "pool leaf");
            }
            if (reading.keys[i] != key) others = true;
            else reading.values[i] = bytes32(value) >> (256 - 8 * size);
        }
        _check(reading, others == isOther, "pool leaf");
        bytes memory path = PlainSsz.cut(_nibbles(bytes.concat(key)), depth, 64 - depth);
        return _list(bytes.concat(_string(_compact(2, path)), _string(_string(value))));
    }

    /// @dev Notes the first rule that is broken.
    function _check(Reading memory reading, bool holds, string memory rule) private pure {
        if (!holds && bytes(reading.broken).length == 0) reading.broken = rule;
    }

    /// @dev The next bytes. What is missing is zero, as calldata is behind its end.
    function _take(Reading memory reading, uint256 size) private pure returns (bytes memory taken) {
        taken = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            if (reading.at + i < reading.pool.length) taken[i] = reading.pool[reading.at + i];
            else _check(reading, false, "pool truncated");
        }
        reading.at += size;
    }

    function _number(Reading memory reading, uint256 size) private pure returns (uint256) {
        return uint256(bytes32(_take(reading, size))) >> (256 - 8 * size);
    }

    function _follows(bytes32 key, uint256 depth, bytes memory path) private pure returns (bool) {
        for (uint256 i = 0; i < path.length; ++i) {
            if (_nibble(key, depth + i) != uint8(path[i])) return false;
        }
        return true;
    }

    function _nibble(bytes32 key, uint256 at) private pure returns (uint256) {
        return (uint256(key) >> (252 - 4 * at)) % 16;
    }

    function _nibbles(bytes memory text) private pure returns (bytes memory nibbles) {
        nibbles = new bytes(2 * text.length);
        for (uint256 i = 0; i < text.length; ++i) {
            nibbles[2 * i] = bytes1(uint8(text[i]) / 16);
            nibbles[2 * i + 1] = bytes1(uint8(text[i]) % 16);
        }
    }

    /// @dev Nibbles in the compact form: the flag (0 extension, 2 leaf) plus whether their number is odd, a zero if it
    /// is even, the nibbles; two a byte.
    function _compact(uint8 flag, bytes memory nibbles) private pure returns (bytes memory packed) {
        bool odd = nibbles.length % 2 == 1;
        bytes memory all = odd ? bytes.concat(bytes1(flag + 1), nibbles) : bytes.concat(bytes1(flag), hex"00", nibbles);
        packed = new bytes(all.length / 2);
        for (uint256 i = 0; i < packed.length; ++i) {
            packed[i] = bytes1(16 * uint8(all[2 * i]) + uint8(all[2 * i + 1]));
        }
    }

    /// @dev A string of at most 55 bytes.
    function _string(bytes memory content) private pure returns (bytes memory) {
        if (content.length == 1 && uint8(content[0]) < 0x80) return content;
        return bytes.concat(bytes1(uint8(0x80 + content.length)), content);
    }

    function _list(bytes memory items) private pure returns (bytes memory) {
        uint256 size = items.length;
        if (size <= 55) return bytes.concat(bytes1(uint8(0xc0 + size)), items);
        if (size <= 255) return bytes.concat(hex"f8", bytes1(uint8(size)), items);
        return bytes.concat(hex"f9", bytes2(uint16(size)), items);
    }
}
