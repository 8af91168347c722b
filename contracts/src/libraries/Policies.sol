// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPolicyClient, PolicyLeaf} from "../interfaces/IPolicyClient.sol";

/// @title Policies
/// @notice Decides which trees are policies, and whether one holds when some of its leaves do.
/// @dev A tree is its nodes in prefix order. There is no "not": with a leaf more, whatever held still holds.
/// Spec: docs/formats/policy.md. Twin of `policy::Policy`.
library Policies {
    /// A place in a policy, and how many leaves stand before it.
    struct Cursor {
        uint256 place;
        uint256 leaves;
    }

    uint256 private constant LEAVES_MAX = 8;
    uint256 private constant DEPTH_MAX = 4;
    uint256 private constant DELAY_MAX = 12 hours;

    uint256 private constant VERSION = 1;
    uint256 private constant ALL_OF = 1;
    uint256 private constant ANY_OF = 2;
    uint256 private constant AT_LEAST = 3;
    uint256 private constant LEAF = 4;
    uint256 private constant AFTER = 5;

    /// @notice The leaves of `policy` from left to right. Reverts unless it is a policy.
    function check(bytes memory policy) internal pure returns (PolicyLeaf[] memory leaves) {
        require(policy.length != 0 && uint8(policy[0]) == VERSION, IPolicyClient.Malformed());
        leaves = new PolicyLeaf[](LEAVES_MAX);
        Cursor memory cursor = Cursor(1, 0);
        _check(policy, cursor, 1, leaves);
        require(cursor.place == policy.length, IPolicyClient.Malformed());
        uint256 count = cursor.leaves;
        assembly ("memory-safe") {
            mstore(leaves, count)
        }
    }

    /// @notice Whether a checked policy holds when the leaves in `counted` do: bit n for the n-th from the left.
    function holds(bytes memory policy, uint256 counted) internal pure returns (bool) {
        return _holds(policy, Cursor(1, 0), counted);
    }

    /// Checks the node at the cursor and all below it, and moves on.
    function _check(bytes memory policy, Cursor memory cursor, uint256 depth, PolicyLeaf[] memory leaves) private pure {
        uint256 kind = _read(policy, cursor, 1);
        if (kind == LEAF) return _checkLeaf(policy, cursor, 0, leaves);
        if (kind == AFTER) {
            uint256 delay = _read(policy, cursor, 4);
            // The client's faults are named first, as the law names them.
            return _checkLeaf(policy, cursor, delay == 0 ? type(uint256).max : delay, leaves);
        }
        require(kind == ALL_OF || kind == ANY_OF || kind == AT_LEAST, IPolicyClient.Malformed());
        uint256 needed = kind == AT_LEAST ? _read(policy, cursor, 1) : 1;
        uint256 count = _read(policy, cursor, 1);
        require(depth < DEPTH_MAX, IPolicyClient.BadPolicy(1));
        require(needed != 0 && needed <= count, IPolicyClient.BadPolicy(2));
        for (uint256 i = 0; i < count; ++i) {
            _check(policy, cursor, depth + 1, leaves);
        }
    }

    /// Checks the client at the cursor and notes it.
    function _checkLeaf(bytes memory policy, Cursor memory cursor, uint256 delay, PolicyLeaf[] memory leaves)
        private
        pure
    {
        address client = address(uint160(_read(policy, cursor, 20)));
        require(client != address(0), IPolicyClient.BadPolicy(3));
        uint256 count = cursor.leaves;
        for (uint256 i = 0; i < count; ++i) {
            require(leaves[i].client != client, IPolicyClient.BadPolicy(3));
        }
        require(delay <= DELAY_MAX, IPolicyClient.BadPolicy(4));
        require(count < LEAVES_MAX, IPolicyClient.BadPolicy(5));
        leaves[count] = PolicyLeaf(client, uint32(delay));
        cursor.leaves = count + 1;
    }

    function _holds(bytes memory policy, Cursor memory cursor, uint256 counted) private pure returns (bool) {
        uint256 kind = _read(policy, cursor, 1);
        if (kind == LEAF || kind == AFTER) {
            cursor.place += kind == LEAF ? 20 : 24;
            return (counted >> cursor.leaves++) & 1 == 1;
        }
        uint256 needed = kind == AT_LEAST ? _read(policy, cursor, 1) : 1;
        uint256 count = _read(policy, cursor, 1);
        if (kind == ALL_OF) needed = count;
        uint256 held = 0;
        // Every child takes its leaves, also when the others are enough already.
        for (uint256 i = 0; i < count; ++i) {
            if (_holds(policy, cursor, counted)) ++held;
        }
        return held >= needed;
    }

    /// A number of `size` bytes at the cursor.
    function _read(bytes memory policy, Cursor memory cursor, uint256 size) private pure returns (uint256 value) {
        uint256 place = cursor.place;
        require(place + size <= policy.length, IPolicyClient.Malformed());
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(policy, 0x20), place)))
        }
        cursor.place = place + size;
    }
}
