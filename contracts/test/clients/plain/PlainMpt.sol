// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainSsz} from "./PlainSsz.sol";

/// @title PlainMpt
/// @notice `Mpt` and `MptNode` without assembly: reads every node into a list of items, checks each by its rule, and
/// reverts with the name of the rule.
library PlainMpt {
    /// @dev What stands before a value that tells its leaf.
    bytes1 private constant VALUE = 0x40;

    struct Item {
        bool isList;
        bytes content;
        bytes encoding;
    }

    struct Walk {
        bytes proof;
        bytes nibbles;
        uint256 depth;
        bool needsBranch;
    }

    /// @dev The value under `key`, empty when it is absent. Reverts when the proof is none.
    function lookup(bytes32 root, bytes32 key, bytes memory proof) internal pure returns (bytes memory value) {
        Walk memory walk = Walk(_unpacked(key, proof), _nibbles(bytes.concat(key)), 0, false);
        bytes memory node = _next(walk, root, true);
        bool done = false;
        while (!done) {
            Item memory child;
            (done, value, child) = _step(walk, node);
            if (done) break;
            if (child.isList) node = child.encoding;
            else if (child.content.length == 0) done = true;
            else node = _next(walk, bytes32(child.content), false);
        }
        require(walk.proof.length == 0, "trailing bytes");
    }

    /// @dev The proof with all its nodes, from the lowest packed one up.
    function _unpacked(bytes32 key, bytes memory proof) private pure returns (bytes memory plain) {
        uint256 count = proof.length == 0 ? 0 : uint8(proof[0]);
        if (count == 0 || count > 63) return proof;
        require(proof.length > 1 + 480 * count, "packed nodes are cut");
        bytes memory nibbles = _nibbles(bytes.concat(key));
        plain = _from(proof, 1 + 480 * count);
        if (plain[0] == VALUE) plain = _leaf(nibbles, count, _from(plain, 1));
        require(plain.length < 3 || bytes3(plain) != 0xf90211, "a branch that is not packed");
        for (uint256 level = count; level > 0; --level) {
            (Item memory below,) = _take(plain);
            bytes memory node = hex"f90211";
            uint256 at = 1 + 480 * (level - 1);
            for (uint256 child = 0; child < 16; ++child) {
                bool ours = child == uint8(nibbles[level - 1]);
                bytes32 hash = ours ? keccak256(below.encoding) : bytes32(PlainSsz.cut(proof, at, 32));
                node = bytes.concat(node, hex"a0", hash);
                if (!ours) at += 32;
            }
            plain = bytes.concat(node, hex"80", plain);
        }
    }

    /// @dev The leaf with this value at the end of a key's nibbles, `depth` of which lie above it.
    function _leaf(bytes memory nibbles, uint256 depth, bytes memory value) private pure returns (bytes memory) {
        require(depth < 63, "no path to tell");
        bool odd = depth % 2 == 1;
        bytes memory path = bytes.concat(bytes1(odd ? 0x30 | uint8(nibbles[depth]) : 0x20));
        for (uint256 i = odd ? depth + 1 : depth; i < 64; i += 2) {
            path = bytes.concat(path, bytes1(uint8(nibbles[i]) * 16 + uint8(nibbles[i + 1])));
        }
        require(value.length <= 255, "a leaf of another size");
        bytes memory size = bytes.concat(bytes1(uint8(value.length)));
        bytes memory head = value.length > 55 ? bytes.concat(hex"b8", size) : bytes.concat(size[0] | 0x80);
        bytes memory items = bytes.concat(bytes1(0x80 + uint8(path.length)), path, head, value);
        require(items.length >= 56 && items.length <= 255, "a leaf of another size");
        return bytes.concat(hex"f8", bytes1(uint8(items.length)), items);
    }

    function storedWord(bytes memory value) internal pure returns (uint256) {
        (Item memory item, bytes memory rest) = _take(value);
        require(rest.length == 0 && !item.isList && item.content.length != 0, "no integer");
        _checkInteger(item.content, 32);
        return uint256(bytes32(item.content)) >> (256 - 8 * item.content.length);
    }

    function storageRoot(bytes memory value) internal pure returns (bytes32) {
        (Item memory list, bytes memory rest) = _take(value);
        require(rest.length == 0 && list.isList, "no account");
        Item[] memory fields = _items(list.content);
        require(fields.length == 4, "account fields");
        for (uint256 i = 0; i < 4; ++i) {
            require(!fields[i].isList, "account field");
        }
        _checkInteger(fields[0].content, 8);
        _checkInteger(fields[1].content, 32);
        require(fields[2].content.length == 32 && fields[3].content.length == 32, "account hash");
        require(bytes32(fields[2].content) != 0, "zero root");
        return bytes32(fields[2].content);
    }

    /// @dev What a node says: done with a value or without, or the child to go on with.
    function _step(Walk memory walk, bytes memory node)
        private
        pure
        returns (bool done, bytes memory value, Item memory child)
    {
        (Item memory list,) = _take(node);
        require(list.isList, "node is no list");
        Item[] memory items = _items(list.content);
        if (items.length == 17) return (false, "", _branch(walk, items));
        require(items.length == 2 && !walk.needsBranch, "node shape");
        (bytes memory path, bool isLeaf) = _path(items[0]);
        uint256 depth = walk.depth + path.length;
        require(depth <= 64, "path too long");
        bool same = _agrees(walk, path);
        if (isLeaf) {
            require(depth == 64 && !items[1].isList && items[1].content.length != 0, "leaf");
            return (true, same ? items[1].content : bytes(""), child);
        }
        require(path.length != 0 && depth < 64, "extension");
        _checkChild(items[1]);
        require(items[1].content.length != 0, "extension without child");
        if (!same) return (true, "", child);
        (walk.depth, walk.needsBranch) = (depth, true);
        return (false, "", items[1]);
    }

    function _branch(Walk memory walk, Item[] memory items) private pure returns (Item memory child) {
        for (uint256 i = 0; i < 16; ++i) {
            _checkChild(items[i]);
        }
        require(!items[16].isList && items[16].content.length == 0, "branch value");
        require(walk.depth < 64, "branch below a key");
        child = items[uint8(walk.nibbles[walk.depth])];
        (walk.depth, walk.needsBranch) = (walk.depth + 1, false);
    }

    function _checkChild(Item memory child) private pure {
        uint256 size = child.content.length;
        if (child.isList) require(size != 0 && child.encoding.length < 32, "embedded child");
        else require(size == 0 || size == 32, "child");
    }

    function _agrees(Walk memory walk, bytes memory path) private pure returns (bool) {
        for (uint256 i = 0; i < path.length; ++i) {
            if (walk.nibbles[walk.depth + i] != path[i]) return false;
        }
        return true;
    }

    /// @dev Takes the node with this hash off the proof.
    function _next(Walk memory walk, bytes32 hash, bool isRoot) private pure returns (bytes memory) {
        if (walk.proof.length != 0 && walk.proof[0] == VALUE) {
            walk.proof = _leaf(walk.nibbles, walk.depth, _from(walk.proof, 1));
        }
        (Item memory item, bytes memory rest) = _take(walk.proof);
        require(keccak256(item.encoding) == hash, "node hash");
        require(isRoot || item.encoding.length >= 32, "short node");
        walk.proof = rest;
        return item.encoding;
    }

    /// @dev A path from its hex-prefix form.
    function _path(Item memory item) private pure returns (bytes memory path, bool isLeaf) {
        require(!item.isList && item.content.length != 0, "path");
        bytes memory nibbles = _nibbles(item.content);
        uint8 flags = uint8(nibbles[0]);
        require(flags < 4, "path flags");
        bool odd = flags % 2 == 1;
        require(odd || nibbles[1] == 0, "path padding");
        return (_from(nibbles, odd ? 1 : 2), flags >= 2);
    }

    function _nibbles(bytes memory text) private pure returns (bytes memory nibbles) {
        nibbles = new bytes(2 * text.length);
        for (uint256 i = 0; i < text.length; ++i) {
            nibbles[2 * i] = bytes1(uint8(text[i]) >> 4);
            nibbles[2 * i + 1] = bytes1(uint8(text[i]) & 0x0f);
        }
    }

    function _checkInteger(bytes memory content, uint256 sizeMax) private pure {
        require(content.length <= sizeMax, "integer too long");
        require(content.length == 0 || content[0] != 0, "leading zero");
    }

    function _items(bytes memory content) private pure returns (Item[] memory items) {
        uint256 count = 0;
        for (bytes memory rest = content; rest.length != 0; ++count) {
            (, rest) = _take(rest);
        }
        items = new Item[](count);
        for (uint256 i = 0; i < count; ++i) {
            (items[i], content) = _take(content);
        }
    }

    /// @dev Takes the first RLP item off `text`; only the shortest form is one. Lists end at 65,535 bytes, strings at
    /// 255.
    function _take(bytes memory text) private pure returns (Item memory item, bytes memory rest) {
        require(text.length != 0, "truncated");
        uint256 prefix = uint8(text[0]);
        uint256 size = 0;
        uint256 head = 1;
        item.isList = prefix >= 0xc0;
        if (prefix < 0x80) {
            (head, size) = (0, 1);
        } else {
            size = prefix - (item.isList ? 0xc0 : 0x80);
            if (size > 55) {
                uint256 digits = size - 55;
                // No node has 65,536 bytes and no value 256.
                require(digits <= (item.isList ? 2 : 1), "too large");
                require(text.length > digits, "truncated");
                size = uint256(bytes32(PlainSsz.cut(text, 1, digits))) >> (256 - 8 * digits);
                require(size > 55 && (digits == 1 || size > 255), "long form");
                head = 1 + digits;
            }
        }
        require(text.length >= head + size, "truncated");
        item.content = PlainSsz.cut(text, head, size);
        item.encoding = PlainSsz.cut(text, 0, head + size);
        require(head == 0 || item.isList || size != 1 || uint8(item.content[0]) >= 0x80, "long form");
        rest = _from(text, head + size);
    }

    function _from(bytes memory text, uint256 start) private pure returns (bytes memory) {
        return PlainSsz.cut(text, start, text.length - start);
    }
}
