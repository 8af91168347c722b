// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";
import {HaltBook} from "./HaltBook.sol";

/// @title Haltable
/// @notice Takes the halts of one contract from the guardians contract alone. It never counts signatures or time
/// budgets: that contract did.
/// @dev What inherits says which kinds it keeps.
abstract contract Haltable is IHaltable, HaltBook {
    using Halts for Halts.Book;

    /// @inheritdoc IHaltable
    function setHalt(ScopeKind kind, bytes32 key, uint64 until) external onlyGuardians {
        require(_keeps(kind), ScopeNotKept(kind));
        _setHalt(kind, key, until);
    }

    /// @inheritdoc IHaltable
    function haltedUntil(ScopeKind kind, bytes32 key) external view returns (uint64) {
        return _book().halts[kind][key].until;
    }

    /// @inheritdoc IHaltable
    function haltSerial(ScopeKind kind, bytes32 key) external view returns (uint64) {
        return _book().halts[kind][key].serial;
    }

    /// @inheritdoc IHaltable
    function guardians() external view returns (address) {
        return _guardians;
    }

    function _setHalt(ScopeKind kind, bytes32 key, uint64 until) internal virtual {
        if (until != 0) return _halt(kind, key, until);
        _book().resume(kind, key);
        emit ScopeResumed(kind, key);
    }
}
