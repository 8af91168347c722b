// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainIcs23} from "./PlainIcs23.sol";
import {PlainIcs23Reader, Text} from "./PlainIcs23Reader.sol";

/// @title PlainStorePool
/// @notice `StorePool` as a tree in memory: all nodes are read into a list, and neighbours are found as single proofs
/// find them, by where the ways of two entries to the root part.
/// @dev Says what app hash a pool leads to, or reverts. Spec: docs/formats/store-pool.md.
library PlainStorePool {
    /// A node of the tree. An entry has no children in the list.
    struct Node {
        bytes32 hash;
        uint256 height;
        /// Number of the node above it, and on which side of that it is. The root is its own parent.
        uint256 parent;
        bool isRight;
    }

    /// An entry, its node and whether something is absent directly before it.
    struct Entry {
        uint256 node;
        bool isNeighbour;
        bool hasGapBefore;
        Text key;
    }

    struct Reading {
        Text rest;
        bytes[] keys;
        uint256 answered;
        bytes32[] values;
        Node[] nodes;
        uint256 nodeCount;
        uint256[] waiting;
        uint256 waitingCount;
        Entry[] entries;
        uint256 entryCount;
        bool hasGap;
        Text lastKey;
    }

    /// @notice The app hash of a chain with such a store, and what is under each of `keys`.
    function read(bytes memory store, bytes[] memory keys, bytes memory pool)
        internal
        view
        returns (bytes32 appHash, bytes32[] memory values)
    {
        Reading memory r;
        r.keys = keys;
        _checkKeys(keys);
        r.values = new bytes32[](keys.length);
        r.rest = PlainIcs23Reader.all(pool);
        r.nodes = new Node[](pool.length);
        r.waiting = new uint256[](pool.length);
        r.entries = new Entry[](pool.length);
        (uint256 steps, uint256 sides, bytes32[] memory siblings) = _storeWay(r.rest);
        while (r.rest.size != 0) {
            _readNode(r);
        }
        require(r.answered == keys.length && r.waitingCount == 1 && pool.length <= 1 << 20, "unanswered or no root");
        _checkGaps(r);
        bytes32 root = r.nodes[r.waiting[0]].hash;
        appHash =
            sha256(abi.encodePacked(uint8(0), uint8(store.length), store, uint8(32), sha256(abi.encodePacked(root))));
        for (uint256 i = 0; i < steps; ++i) {
            appHash = (sides >> i) % 2 == 1
                ? sha256(abi.encodePacked(uint8(1), siblings[i], appHash))
                : sha256(abi.encodePacked(uint8(1), appHash, siblings[i]));
        }
        values = r.values;
    }

    function _checkKeys(bytes[] memory keys) private pure {
        require(keys.length != 0, "no keys");
        for (uint256 i = 0; i < keys.length; ++i) {
            require(keys[i].length != 0 && keys[i].length <= 1024, "key length");
            if (i != 0) require(_order(keys[i - 1], keys[i]) <= 0, "key order");
        }
    }

    function _storeWay(Text memory rest) private pure returns (uint256 steps, uint256 sides, bytes32[] memory list) {
        steps = _number(rest, 1);
        sides = _number(rest, 2);
        require(steps <= 16 && sides < 2 ** steps, "store steps");
        list = new bytes32[](steps);
        for (uint256 i = 0; i < steps; ++i) {
            list[i] = bytes32(_number(rest, 32));
        }
    }

    function _readNode(Reading memory r) private view {
        uint256 head = _number(r.rest, 1);
        uint256 kind = head >> 4;
        bytes memory numbers = _bytes(r.rest, head % 16);
        require(kind <= 6, "kind");
        if (kind == 3) {
            require(numbers.length == 0, "numbers of nothing");
            _answer(r, 0);
            r.hasGap = true;
        } else if (kind < 3) {
            _readEntry(r, kind, numbers);
        } else {
            _readInner(r, kind, numbers);
        }
    }

    function _readEntry(Reading memory r, uint256 kind, bytes memory version) private view {
        uint256[] memory read_ = _numbers(version);
        require(read_.length == 1 && version.length <= 9, "version");
        bytes memory key;
        bytes32 value;
        if (kind == 2) {
            key = _bytes(r.rest, _number(r.rest, 2));
            value = bytes32(_number(r.rest, 32));
            require(key.length != 0 && key.length <= 1024 && value != sha256(""), "neighbour");
            require(PlainIcs23.compare(r.lastKey, PlainIcs23Reader.all(key)) < 0, "entry order");
            r.lastKey = PlainIcs23Reader.all(key);
        } else {
            bytes memory content = _bytes(r.rest, kind == 0 ? 32 : _number(r.rest, 2));
            require(content.length != 0, "empty value");
            bool isWord = content.length == 32 && bytes32(content) != 0;
            require(isWord == (kind == 0), "value form");
            value = sha256(content);
            key = _answer(r, isWord ? bytes32(content) : bytes32(type(uint256).max));
        }
        require(r.waitingCount < 64, "too many wait");
        bytes memory length = key.length < 128
            ? abi.encodePacked(uint8(key.length))
            : abi.encodePacked(uint8(128 + key.length % 128), uint8(key.length / 128));
        bytes32 hash = sha256(bytes.concat(hex"0002", version, length, key, hex"20", value));
        Entry memory entry = Entry(r.nodeCount, kind == 2, r.hasGap, PlainIcs23Reader.all(key));
        r.entries[r.entryCount++] = entry;
        r.hasGap = false;
        _wait(r, Node(hash, 0, 0, false));
    }

    function _readInner(Reading memory r, uint256 kind, bytes memory numbers) private view {
        uint256[] memory read_ = _numbers(numbers);
        require(read_.length == 3 && numbers.length <= 11 && read_[0] < 64, "numbers");
        bytes32[2] memory children;
        uint256 self = r.nodeCount;
        if (kind != 5) children[1] = _child(r, self, true, read_[0]);
        if (kind != 6) children[0] = _child(r, self, false, read_[0]);
        if (kind == 5) children[1] = bytes32(_number(r.rest, 32));
        if (kind == 6) children[0] = bytes32(_number(r.rest, 32));
        bytes32 hash = sha256(bytes.concat(numbers, hex"20", children[0], hex"20", children[1]));
        _wait(r, Node(hash, read_[0], self, false));
    }

    /// Takes the last node that waits.
    function _child(Reading memory r, uint256 parent, bool isRight, uint256 height) private pure returns (bytes32) {
        require(r.waitingCount != 0, "no child");
        Node memory node = r.nodes[r.waiting[--r.waitingCount]];
        require(node.height < height, "height");
        (node.parent, node.isRight) = (parent, isRight);
        return node.hash;
    }

    function _wait(Reading memory r, Node memory node) private pure {
        node.parent = r.nodeCount;
        r.waiting[r.waitingCount++] = r.nodeCount;
        r.nodes[r.nodeCount++] = node;
    }

    /// Answers the next key and all that are the same.
    function _answer(Reading memory r, bytes32 value) private pure returns (bytes memory key) {
        require(r.answered < r.keys.length, "nothing asked");
        key = r.keys[r.answered];
        require(PlainIcs23.compare(r.lastKey, PlainIcs23Reader.all(key)) < 0, "answer order");
        r.lastKey = PlainIcs23Reader.all(key);
        while (r.answered < r.keys.length && _order(r.keys[r.answered], key) == 0) {
            r.values[r.answered++] = value;
        }
    }

    /// Where something is absent, the entries on both sides are neighbours, or at the end of the tree; and a neighbour
    /// has something absent beside it.
    function _checkGaps(Reading memory r) private pure {
        for (uint256 i = 0; i <= r.entryCount; ++i) {
            bool hasGap = i == r.entryCount ? r.hasGap : r.entries[i].hasGapBefore;
            if (!hasGap) {
                bool beside = i != r.entryCount && r.entries[i].isNeighbour;
                bool behind = i + 1 < r.entryCount ? r.entries[i + 1].hasGapBefore : r.hasGap;
                require(!beside || behind, "needless");
                continue;
            }
            bool[] memory left = i == 0 ? new bool[](0) : _sidesOf(r, r.entries[i - 1].node);
            bool[] memory right = i == r.entryCount ? new bool[](0) : _sidesOf(r, r.entries[i].node);
            if (i == 0) {
                require(_keepsTo(right, 0, false), "not first");
            } else if (i == r.entryCount) {
                require(_keepsTo(left, 0, true), "not last");
            } else {
                uint256 parting = 0;
                while (left[parting] == right[parting]) ++parting;
                require(!left[parting] && right[parting], "order of nodes");
                require(_keepsTo(left, parting + 1, true) && _keepsTo(right, parting + 1, false), "parted");
            }
        }
    }

    /// The way to a node from the root downwards: whether each step goes to the right.
    function _sidesOf(Reading memory r, uint256 node) private pure returns (bool[] memory sides) {
        uint256 depth = 0;
        for (uint256 at = node; r.nodes[at].parent != at; at = r.nodes[at].parent) {
            ++depth;
        }
        sides = new bool[](depth);
        for (uint256 at = node; r.nodes[at].parent != at; at = r.nodes[at].parent) {
            sides[--depth] = r.nodes[at].isRight;
        }
    }

    function _keepsTo(bool[] memory sides, uint256 from, bool right) private pure returns (bool) {
        for (uint256 i = from; i < sides.length; ++i) {
            if (sides[i] != right) return false;
        }
        return true;
    }

    /// All numbers in some bytes, halved: they are written twice as large.
    function _numbers(bytes memory text) private pure returns (uint256[] memory numbers) {
        Text memory rest = PlainIcs23Reader.all(text);
        uint256 count = 0;
        uint256[] memory found = new uint256[](text.length);
        while (rest.size != 0) {
            uint256 number = PlainIcs23Reader.takeVarint(rest);
            require(number % 2 == 0, "odd");
            found[count++] = number / 2;
        }
        numbers = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            numbers[i] = found[i];
        }
    }

    function _number(Text memory rest, uint256 size) private pure returns (uint256 value) {
        require(rest.size >= size, "cut");
        uint256 ptr = rest.ptr;
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(ptr))
        }
        rest.ptr += size;
        rest.size -= size;
    }

    function _bytes(Text memory rest, uint256 size) private pure returns (bytes memory text) {
        require(rest.size >= size, "cut");
        text = new bytes(size);
        uint256 ptr = rest.ptr;
        assembly ("memory-safe") {
            mcopy(add(text, 0x20), ptr, size)
        }
        rest.ptr += size;
        rest.size -= size;
    }

    function _order(bytes memory one, bytes memory other) private pure returns (int256) {
        return PlainIcs23.compare(PlainIcs23Reader.all(one), PlainIcs23Reader.all(other));
    }
}
