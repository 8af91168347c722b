// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ics23Tree} from "./Ics23Tree.sol";

/// @title Ics23
/// @notice Decides what a proof shows to be under a key in a store of a Cosmos chain, given the app hash in a header.
/// @dev It reverts for whatever is no proof in its one form: it must never take for absence what could not be read.
/// Proofs are read where they stand, in calldata; all of them are read to their last byte.
/// Spec: docs/formats/ics23.md. Twin of `merkle::ics23`; the plain twin is in test/clients/plain.
library Ics23 {
    using Ics23Tree for Ics23Tree.Entry;

    /// Keys of fields: one proof in a chain; existence and absence; in an absence the key and the neighbours.
    uint256 private constant PROOF = 0x0a;
    uint256 private constant EXISTS = 0x0a;
    uint256 private constant ABSENT = 0x12;
    uint256 private constant ABSENT_KEY = 0x0a;
    uint256 private constant ABSENT_LEFT = 0x12;
    uint256 private constant ABSENT_RIGHT = 0x1a;

    /// The longest proof.
    uint256 private constant PROOF_MAX = 1 << 20;

    /// @notice What is under `key` in a store.
    /// @param store keccak256 of the store's name.
    /// @param proof `ibc.core.commitment.v1.MerkleProof`: about the key in the store, then about the store's root.
    /// @return value What is there; nothing, without a byte, where nothing is.
    function prove(bytes32 appHash, bytes32 store, bytes calldata key, bytes calldata proof)
        internal
        view
        returns (bytes calldata value)
    {
        _check(appHash, key, proof);
        (uint256 at, uint256 end) = _rangeOf(proof);
        (uint256 from, uint256 to) = Ics23Tree.take(at, end, PROOF);
        (at, to) = (from, to);
        (uint256 storeFrom, uint256 storeTo) = Ics23Tree.take(to, end, PROOF);
        require(storeTo == end, Ics23Tree.BadProof());
        bytes32 root = _storeRoot(appHash, store, storeFrom, storeTo);
        return _judge(true, root, key, at, to);
    }

    /// @notice What is under `key` in one tree.
    /// @param isIavl Whether that is the tree of a store; else the simple tree.
    /// @param proof `cosmos.ics23.v1.CommitmentProof`.
    function proveIn(bool isIavl, bytes32 root, bytes calldata key, bytes calldata proof)
        internal
        view
        returns (bytes calldata value)
    {
        _check(root, key, proof);
        (uint256 at, uint256 end) = _rangeOf(proof);
        return _judge(isIavl, root, key, at, end);
    }

    /// The root of a store: the value under its name in the simple tree.
    function _storeRoot(bytes32 appHash, bytes32 store, uint256 at, uint256 end) private view returns (bytes32) {
        Ics23Tree.Entry memory entry = _existing(false, appHash, at, end);
        require(keccak256(_slice(entry.keyAt, entry.keySize)) == store, Ics23Tree.BadProof());
        require(entry.valueSize == 32, Ics23Tree.BadProof());
        return bytes32(_slice(entry.valueAt, 32));
    }

    function _judge(bool isIavl, bytes32 root, bytes calldata key, uint256 at, uint256 end)
        private
        view
        returns (bytes calldata)
    {
        if (Ics23Tree.begins(at, end, EXISTS)) {
            Ics23Tree.Entry memory entry = _existing(isIavl, root, at, end);
            require(_compare(entry, key) == 0, Ics23Tree.BadProof());
            return _slice(entry.valueAt, entry.valueSize);
        }
        (uint256 from, uint256 to) = Ics23Tree.take(at, end, ABSENT);
        require(to == end, Ics23Tree.BadProof());
        _checkAbsence(isIavl, root, key, from, to);
        return _slice(end, 0);
    }

    /// The entry whose existence a message shows.
    function _existing(bool isIavl, bytes32 root, uint256 at, uint256 end)
        private
        view
        returns (Ics23Tree.Entry memory)
    {
        (uint256 from, uint256 to) = Ics23Tree.take(at, end, EXISTS);
        require(to == end, Ics23Tree.BadProof());
        return _entry(isIavl, root, from, to);
    }

    /// An entry that leads to the root.
    function _entry(bool isIavl, bytes32 root, uint256 at, uint256 end)
        private
        view
        returns (Ics23Tree.Entry memory entry)
    {
        entry = Ics23Tree.read(isIavl, at, end);
        require(entry.root == root, Ics23Tree.BadProof());
    }

    /// Nothing is under the key: the entries on both sides of it are neighbours, or the first or last of the tree.
    function _checkAbsence(bool isIavl, bytes32 root, bytes calldata key, uint256 at, uint256 end) private view {
        (uint256 from, uint256 to) = Ics23Tree.take(at, end, ABSENT_KEY);
        require(keccak256(_slice(from, to - from)) == keccak256(key), Ics23Tree.BadProof());
        Ics23Tree.Entry memory left;
        Ics23Tree.Entry memory right;
        bool hasLeft = Ics23Tree.begins(to, end, ABSENT_LEFT);
        if (hasLeft) {
            (from, to) = Ics23Tree.take(to, end, ABSENT_LEFT);
            left = _entry(isIavl, root, from, to);
            require(_compare(left, key) < 0, Ics23Tree.BadProof());
        }
        bool hasRight = Ics23Tree.begins(to, end, ABSENT_RIGHT);
        if (hasRight) {
            (from, to) = Ics23Tree.take(to, end, ABSENT_RIGHT);
            right = _entry(isIavl, root, from, to);
            require(_compare(right, key) > 0, Ics23Tree.BadProof());
        }
        require(to == end && (hasLeft || hasRight), Ics23Tree.BadProof());
        if (hasLeft && hasRight) {
            _checkNeighbours(left, right);
        } else {
            // The last entry of the tree, or the first.
            bool outermost = hasLeft ? _keepsTo(true, left, left.count) : _keepsTo(false, right, right.count);
            require(outermost, Ics23Tree.BadProof());
        }
    }

    /// No entry lies between the two: their ways part at one node, and from there the left one keeps to the right and
    /// the right one to the left.
    function _checkNeighbours(Ics23Tree.Entry memory left, Ics23Tree.Entry memory right) private pure {
        uint256 i = left.count;
        uint256 j = right.count;
        bool same = true;
        while (same) {
            require(i != 0 && j != 0, Ics23Tree.BadProof());
            same = left.isSame(--i, right, --j);
        }
        bool part = !left.isRight(i) && right.isRight(j);
        require(part && _keepsTo(true, left, i) && _keepsTo(false, right, j), Ics23Tree.BadProof());
    }

    /// Whether the first `count` steps of a way are all on one side.
    function _keepsTo(bool right, Ics23Tree.Entry memory entry, uint256 count) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (entry.isRight(i) != right) return false;
        }
        return true;
    }

    function _check(bytes32 root, bytes calldata key, bytes calldata proof) private pure {
        bool asked = root != 0 && key.length != 0 && key.length <= Ics23Tree.KEY_MAX;
        require(asked && proof.length <= PROOF_MAX, Ics23Tree.BadProof());
    }

    /// Below, at or above zero: where the key of an entry comes in the order of bytes.
    function _compare(Ics23Tree.Entry memory entry, bytes calldata key) private pure returns (int256) {
        (uint256 at, uint256 end) = _rangeOf(key);
        return Ics23Tree.compare(entry.keyAt, entry.keySize, at, end - at);
    }

    /// Where bytes begin and end.
    function _rangeOf(bytes calldata text) private pure returns (uint256 at, uint256 end) {
        assembly ("memory-safe") {
            at := text.offset
            end := add(at, text.length)
        }
    }

    function _slice(uint256 at, uint256 size) private pure returns (bytes calldata text) {
        assembly ("memory-safe") {
            text.offset := at
            text.length := size
        }
    }
}
