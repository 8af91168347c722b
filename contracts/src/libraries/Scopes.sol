// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardians, Scope} from "../interfaces/IGuardians.sol";
import {ScopeKind} from "../interfaces/IHaltable.sol";
import {HaltBudget} from "./HaltBudget.sol";

/// @title Scopes
/// @notice Decides which scopes there are, which key a halt is stored under, and whose halting time it uses up.
/// @dev Twin of `guardian/core`, module `scope`.
library Scopes {
    /// @notice An account and the most halting time that it has, in seconds.
    struct Payer {
        bytes32 account;
        uint64 most;
    }

    /// @notice Reverts unless every word of the scope has a meaning, or is zero.
    function check(Scope calldata scope) internal pure {
        ScopeKind kind = scope.kind;
        bool hasPath = scope.path != 0;
        bool fits;
        if (kind == ScopeKind.Client) fits = hasPath && scope.item == 0;
        else if (kind == ScopeKind.Asset) fits = hasPath && _isAddress(scope.item);
        else if (kind == ScopeKind.Direction) fits = hasPath && uint256(scope.item) <= 1;
        else if (kind == ScopeKind.ClientContract || kind == ScopeKind.Token) fits = !hasPath && _isAddress(scope.item);
        else if (kind == ScopeKind.Application) fits = !hasPath && scope.item != 0;
        else if (kind == ScopeKind.All) fits = !hasPath && scope.item == 0;
        require(fits, IGuardians.InvalidScope(kind, scope.path, scope.item));
    }

    /// @notice The key that its halt is stored under.
    function key(Scope calldata scope) internal pure returns (bytes32) {
        ScopeKind kind = scope.kind;
        if (kind == ScopeKind.Client) return scope.path;
        if (kind == ScopeKind.Asset || kind == ScopeKind.Direction) {
            return keccak256(abi.encode(scope.path, scope.item));
        }
        return scope.item;
    }

    /// @notice Whether it takes the large quorum to halt a scope of this kind at all.
    function isWide(ScopeKind kind) internal pure returns (bool) {
        return kind == ScopeKind.Application || kind == ScopeKind.All || kind == ScopeKind.Token;
    }

    /// @notice Whether the transfer application keeps halts of this kind; the router keeps the others.
    function isOfTransfer(ScopeKind kind) internal pure returns (bool) {
        return kind == ScopeKind.Asset || kind == ScopeKind.Direction || kind == ScopeKind.Token;
    }

    /// @notice Whose halting time the small quorum uses up. A halt of a client is one of its contract, and a policy
    /// made of many contracts stops with each of them: hence the account of all contracts together.
    /// @param light The contract behind the path.
    function payers(Scope calldata scope, address light) internal pure returns (Payer[] memory list) {
        ScopeKind kind = scope.kind;
        if (isWide(kind)) return list;
        Payer memory path = Payer(scope.path, HaltBudget.SECONDS_MAX);
        Payer memory whole = Payer(HaltBudget.WHOLE, HaltBudget.WHOLE_SECONDS_MAX);
        if (kind == ScopeKind.ClientContract) {
            list = new Payer[](2);
            (list[0], list[1]) = (Payer(scope.item, HaltBudget.SECONDS_MAX), whole);
            return list;
        }
        bool isClient = kind == ScopeKind.Client;
        list = new Payer[](isClient ? 3 : 2);
        (list[0], list[1]) = (path, Payer(bytes32(uint256(uint160(light))), HaltBudget.SECONDS_MAX));
        if (isClient) list[2] = whole;
    }

    function _isAddress(bytes32 word) private pure returns (bool) {
        return word != 0 && uint256(word) <= type(uint160).max;
    }
}
