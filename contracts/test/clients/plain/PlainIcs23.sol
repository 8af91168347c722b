// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, PlainIcs23Reader, Step, Text} from "./PlainIcs23Reader.sol";
import {PlainIcs23Tree} from "./PlainIcs23Tree.sol";

/// @title PlainIcs23
/// @notice `Ics23` over lists of steps in memory. Decides what a proof shows to be under a key in a store of a Cosmos
/// chain, given the app hash in a header. @dev It reverts for whatever is no proof in its one form: it must never take
/// for absence what could not be read.
/// Spec: docs/formats/ics23.md. Twin of `merkle::ics23`.
library PlainIcs23 {
    /// The longest key and the longest proof.
    uint256 private constant KEY_MAX = 1024;
    uint256 private constant PROOF_MAX = 1 << 20;

    /// @notice What is under `key` in `store`.
    /// @param proof `ibc.core.commitment.v1.MerkleProof`: about the key in the store, then about the store's root.
    /// @return value What is there; nothing, without a byte, where nothing is.
    function prove(bytes32 appHash, bytes memory store, bytes memory key, bytes memory proof)
        internal
        view
        returns (Text memory value)
    {
        _check(appHash, PlainIcs23Reader.all(store));
        _check(appHash, PlainIcs23Reader.all(key));
        require(proof.length <= PROOF_MAX, PlainIcs23Reader.BadProof());
        (Text memory ofKey, Text memory ofStore) = PlainIcs23Reader.chain(PlainIcs23Reader.all(proof));
        (bool exists, Text memory absent, Entry[2] memory entries) = PlainIcs23Reader.commitment(ofKey);
        (bool isStore,, Entry[2] memory stores) = PlainIcs23Reader.commitment(ofStore);
        require(isStore, PlainIcs23Reader.BadProof());
        Text memory root = _existing(false, appHash, PlainIcs23Reader.all(store), stores[0]);
        require(root.size == 32, PlainIcs23Reader.BadProof());
        bytes32 storeRoot = PlainIcs23Tree.word(root.ptr);
        return _judge(true, storeRoot, PlainIcs23Reader.all(key), exists, absent, entries);
    }

    /// @notice What is under `key` in one tree.
    /// @param isIavl Whether that is the tree of a store; else the simple tree.
    /// @param proof `cosmos.ics23.v1.CommitmentProof`.
    function proveIn(bool isIavl, bytes32 root, bytes memory key, bytes memory proof)
        internal
        view
        returns (Text memory value)
    {
        Text memory asked = PlainIcs23Reader.all(key);
        _check(root, asked);
        require(proof.length <= PROOF_MAX, PlainIcs23Reader.BadProof());
        (bool exists, Text memory absent, Entry[2] memory entries) =
            PlainIcs23Reader.commitment(PlainIcs23Reader.all(proof));
        return _judge(isIavl, root, asked, exists, absent, entries);
    }

    /// @notice The root that an entry leads to, by a message about its existence.
    function rootOf(bool isIavl, bytes memory message) internal view returns (bytes32) {
        Entry memory entry = PlainIcs23Reader.entry(PlainIcs23Reader.all(message));
        _checkKey(entry.key);
        require(entry.value.size != 0, PlainIcs23Reader.BadProof());
        return PlainIcs23Tree.rootOf(isIavl, entry);
    }

    /// @notice Below, at or above zero: where the first text comes in the order of bytes.
    function compare(Text memory one, Text memory other) internal pure returns (int256) {
        uint256 common = one.size < other.size ? one.size : other.size;
        for (uint256 i = 0; i < common; i += 32) {
            // What stands behind the common part is left out.
            uint256 behind = common - i < 32 ? 8 * (32 - (common - i)) : 0;
            uint256 a = uint256(PlainIcs23Tree.word(one.ptr + i)) >> behind;
            uint256 b = uint256(PlainIcs23Tree.word(other.ptr + i)) >> behind;
            if (a != b) return a < b ? int256(-1) : int256(1);
        }
        if (one.size == other.size) return 0;
        return one.size < other.size ? int256(-1) : int256(1);
    }

    function _judge(
        bool isIavl,
        bytes32 root,
        Text memory key,
        bool exists,
        Text memory absent,
        Entry[2] memory entries
    ) private view returns (Text memory value) {
        if (exists) return _existing(isIavl, root, key, entries[0]);
        require(compare(absent, key) == 0, PlainIcs23Reader.BadProof());
        _checkAbsence(isIavl, root, key, entries[0], entries[1]);
    }

    /// The value of an entry, which is the one asked for.
    function _existing(bool isIavl, bytes32 root, Text memory key, Entry memory entry)
        private
        view
        returns (Text memory)
    {
        require(compare(entry.key, key) == 0, PlainIcs23Reader.BadProof());
        _checkEntry(isIavl, root, entry);
        return entry.value;
    }

    /// Nothing is under the key: the entries on both sides of it are neighbours, or the first or last of the tree.
    function _checkAbsence(bool isIavl, bytes32 root, Text memory key, Entry memory left, Entry memory right)
        private
        view
    {
        bool hasLeft = left.leaf.size != 0;
        bool hasRight = right.leaf.size != 0;
        require(hasLeft || hasRight, PlainIcs23Reader.BadProof());
        if (hasLeft) {
            _checkEntry(isIavl, root, left);
            require(compare(left.key, key) < 0, PlainIcs23Reader.BadProof());
        }
        if (hasRight) {
            _checkEntry(isIavl, root, right);
            require(compare(right.key, key) > 0, PlainIcs23Reader.BadProof());
        }
        if (hasLeft && hasRight) {
            _checkNeighbours(left.path, right.path);
        } else {
            Step[] memory path = hasLeft ? left.path : right.path;
            require(_keepsTo(hasLeft, path, path.length), PlainIcs23Reader.BadProof());
        }
    }

    /// No entry lies between the paths: they part at one node, and from there the left one keeps to the right and the
    /// right one to the left.
    function _checkNeighbours(Step[] memory left, Step[] memory right) private pure {
        uint256 i = left.length;
        uint256 j = right.length;
        bool same = true;
        while (same) {
            require(i != 0 && j != 0, PlainIcs23Reader.BadProof());
            same = _isSame(left[--i], right[--j]);
        }
        bool part = !left[i].isRight && right[j].isRight;
        require(part && _keepsTo(true, left, i) && _keepsTo(false, right, j), PlainIcs23Reader.BadProof());
    }

    /// Whether the first `count` steps of a path are all on one side.
    function _keepsTo(bool isRight, Step[] memory path, uint256 count) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (path[i].isRight != isRight) return false;
        }
        return true;
    }

    function _isSame(Step memory one, Step memory other) private pure returns (bool) {
        return compare(one.prefix, other.prefix) == 0 && compare(one.suffix, other.suffix) == 0;
    }

    /// An entry leads to the root.
    function _checkEntry(bool isIavl, bytes32 root, Entry memory entry) private view {
        _checkKey(entry.key);
        require(entry.value.size != 0, PlainIcs23Reader.BadProof());
        require(PlainIcs23Tree.rootOf(isIavl, entry) == root, PlainIcs23Reader.BadProof());
    }

    function _check(bytes32 root, Text memory key) private pure {
        require(root != 0, PlainIcs23Reader.BadProof());
        _checkKey(key);
    }

    function _checkKey(Text memory key) private pure {
        require(key.size != 0 && key.size <= KEY_MAX, PlainIcs23Reader.BadProof());
    }
}
